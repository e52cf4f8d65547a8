"""Slips of the pen in words that a program can tell for certain; in published texts alone."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from justhtml import Element

from pipeline.check.blocks import BETWEEN, texts
from pipeline.check.elements import AROUND, ancestors, hints
from pipeline.check.site import Site, attribute, words_of
from pipeline.problems import Problem, ProblemsFound, line_of

NAMES_FILE = "names.toml"
# Words that no sentence has twice in a row, as "that that", "had had", "is is", "in in" may be.
ONCE = (
    "a an and are as at be but by could for from his if its my of or our should than the their "
    "this to was we were when which with would your"
)
DOUBLED = re.compile(rf"\b({ONCE.replace(' ', '|')})[ \t\r\n]+\1\b", re.IGNORECASE)
NOTHING_SAID = frozenset(
    (
        "here", "click here", "this", "link", "this link", "more", "read more", "click", "there",
        "this page", "this post", "this article",
    )
)  # fmt: skip
ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
READABLE = 60
CAPITALS = 100  # letters
CAPITAL_SHARE = 0.9


def doubled_words(site: Site) -> Iterator[Problem]:
    """No word stands twice where the second is a slip: “the the”, also over the end of a line.

    The eye reads over it and the ear does not. Only words that English never doubles are looked
    for, in texts in English. Take one away; a poem may be excused above the stanza.
    """
    for block in texts(site):
        for match in DOUBLED.finditer(block.text) if block.english else ():
            # "The the" is one, "vitamin A a day" and the end of a line of verse are none.
            verse = "\n" in match[0] and "verse" in attribute(block.element, "class")
            if (match[0][0].isupper() and match[1].lower() == "a") or verse:
                continue
            place = block.place(*match.span())
            yield Problem(*place, "a word must stand once", repr(" ".join(match[0].split())))


def link_words(site: Site) -> Iterator[Problem]:
    """The words of a link say what it leads to: not “here”, not a long address, not another one.

    Who hears a page goes from link to link and hears nothing else; who looks over it sees the
    underlined words first (WCAG 2.4.4). Link the words that name the thing. An address of up to 60
    signs may stand for itself, and an address of any length in code.
    """
    for block in texts(site):
        for link in block.element.query("a"):
            if not isinstance(link, Element) or nearest_block(link) is not block.element:
                continue
            words, address = words_of(link), attribute(link, "href")
            if words.strip(" .:…→").casefold() in NOTHING_SAID and block.english:
                must = "a link must say what it leads to"
            elif ADDRESS.fullmatch(words) and (
                len(words) > READABLE or bare(words) != bare(address)
            ):
                must = "a link must be words, or a short address that is its own"
            else:
                continue
            typed = (f"[{words}]", f"<{words}>", *hints(block.page, link, "href"))
            yield block.page.problem(must, repr(words), parts=typed)


def bare(address: str) -> str:
    """Return an address without what does not matter to a reader."""
    return re.sub(r"^https?://(?:www\.)?|^www\.|/$", "", address)


def nearest_block(element: Element) -> Element | None:
    """Return the block that an element stands in."""
    return next((other for other in ancestors(element) if other.name in BETWEEN), None)


def capitals(site: Site) -> Iterator[Problem]:
    """No paragraph is all in capitals.

    They are slower to read, and some voices spell them. Write it in small letters; what must be
    strong is `**strong**`. Words in capitals are free, and so is a paragraph of less than 100.
    """
    for block in texts(site):
        letters = [letter for letter in block.text if letter.isalpha()]
        large = sum(letter.isupper() for letter in letters)
        if len(letters) >= CAPITALS and large > CAPITAL_SHARE * len(letters):
            place = block.place(0, AROUND)
            words = " ".join(block.text.split())[: 2 * AROUND]
            yield Problem(*place, "a paragraph must not be all in capitals", f"{words}…")


def names_spelt(site: Site) -> Iterator[Problem]:
    """Names are spelt as their owners spell them, by the list in `content/names.toml`.

    Each line has the right name and the wrong ones that are looked for: `GitHub = ["Github"]`.
    Small and capital letters count; code and addresses are not looked at. Add what you care about,
    and take out what you see otherwise. In the words of others, excuse it above the paragraph.
    """
    path = Path(site.settings["PATH"], NAMES_FILE)
    known = read_names(path)
    if not known:
        return
    pattern = re.compile(rf"(?<![\w./@-])(?:{'|'.join(map(re.escape, known))})(?![\w@/-]|\.\w)")
    for block in texts(site):
        for match in pattern.finditer(block.text):
            must = "a name must be spelt as in names.toml"
            yield Problem(*block.place(*match.span()), must, match[0], known[match[0]])


@cache
def read_names(path: Path) -> Mapping[str, str]:
    """Return {wrong: right}; no file is none. Raises ProblemsFound when it is not such a list."""
    if not path.is_file():
        return {}
    text = path.read_text("utf-8")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        number = int(line[1]) if line else 0
        raise ProblemsFound([Problem(str(path), number, "must be TOML", str(error))]) from None
    wrong: dict[str, str] = {}
    for right, forms in table.items():
        if not isinstance(forms, list) or not all(isinstance(form, str) for form in forms):
            must = f"{right} must have a list of wrong forms"
            raise ProblemsFound([Problem(str(path), line_of(text, right), must, repr(forms))])
        wrong |= dict.fromkeys(forms, right)
    return wrong


CHECKS = (doubled_words, link_words, capitals, names_spelt)
