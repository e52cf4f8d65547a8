"""What the authors wrote: its style, its punctuation, and Markdown that stayed Markdown."""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from pipeline.check.checked_site import CheckedSite, FileCheck, found, place_in, single_spaced
from pipeline.content.code_blocks import code_lines
from pipeline.content.reader import read_toml
from pipeline.html import TEXT_ATTRIBUTES
from pipeline.model import Passage
from pipeline.problems import Problem, ProblemsFound, shorten

AROUND = 24  # characters on either side of what was found that a message shows
# Words that no sentence has twice in a row, as "that that", "had had", "is is", "in in" may be.
ONCE = (
    "a an and are as at be but by could for from his if its my of or our should than the their "
    "this to was we were when which with would your"
)
# A space and then a line break come from <br>: a line of verse may begin as the last one ended.
# Two spaces may have an image between them.
DOUBLED = re.compile(rf"\b({ONCE.replace(' ', '|')})(?:[ \t]|\r?\n[ \t]*)\1\b(?!&)", re.IGNORECASE)
VAGUE = (
    "here", "click here", "this", "link", "this link", "more", "read more", "click", "there",
    "this page", "this post", "this article",
)  # fmt: skip
URL = re.compile(r"(?:https?://|www\.)\S+")
READABLE_URL = 60  # characters
ALL_CAPS = (100, 0.9)  # letters, and the share of them that are capitals
PAIRS = (("(", ")"), ("[", "]"), ("{", "}"), ("“", "”"))
# Characters of a pair that are right alone: in emoticons, labels of a list, half-open intervals.
SINGLE = re.compile(
    r"[:;=]['’]?-?[()\[\]{}]|(?:^|(?<=[\s(]))\(?(?:[a-zA-Z]|\d{1,2}|[ivxIVX]{1,5})\)(?=\s)"
    r"|[\[(][^\s()\[\]]+, ?[^\s()\[\]]+[\])]"
)
INCHES = re.compile(r"(?<=\d)[\"”’′″']+")
# What is left of Markdown, also of other dialects than ours, and what to write instead
STRAY = tuple(
    (re.compile(pattern), hint)
    for pattern, hint in (
        (
            r"!?\[[^\[\]\n]*\]\([^)\s]|\] \((?=https?://|/|\.\./|[\w-]+\.[a-z]{2,4}\))",
            "a link is [words](address)",
        ),
        (r"\([^()\n]+\)\[(?:https?://|\.{0,2}/)[^\]\n]*\]", "a link is [words](address)"),
        (r"\[\[[^\[\]\n]+\]\]", "a link is [words](address)"),
        (
            r"(?<!\w)(?<!\[)!?\[(?!\d+\]\[\d+\])[^\[\]\n]+\]\[[^\[\]\n]*\]",
            "define it: [name]: address",
        ),
        (
            r"(?<![\w*])\*\*(?=[^\s*])|(?<=[^\s*])\*\*(?![\w*])|\*\* [^\W\d_]{3,}[^*\n]* \*\*",
            "write **strong**, without spaces inside",
        ),
        (r"~~(?=\S)", "write <del>…</del>"),
        (r"(?<![=\w])==(?=[^\s=])[^=\n]+(?<=\S)==(?![=\w])", "write <mark>…</mark>"),
        (r"\{:\s?[^}\n]*\}?|\{[.#][a-z][\w-]*[^}\n]*\}", "put it directly after its element"),
        (r"\{\+\+|\+\+\}|\{(?:--|[–—])|(?:--|[–—])\}|\{>>|<<\}", "remove the editor's mark"),
        (r"`+", "close the code with as many backticks"),
        (
            r"&(?:nbsp|amp|lt|gt|quot|[mn]dash|hellip|#\d{2,5}|#x[0-9a-f]{2,4});",
            "write the character",
        ),
        (r"\{%.*?%\}|\{\{.+?\}\}", "texts have no template tags: write the result"),
        (r"(?<!\S):[a-z][a-z0-9_+-]+:(?![\w:])", "write the character"),
        (r"^\[[ xX]\] ", "write ☐ or ☑"),
        (
            r"^\[!\w+\][+-]?(?:\s|$)|^(?:!!!|\?\?\?\+?|:::|===) ?[a-z\"“]|^\.\. [a-z-]+::",
            "write a blockquote",
        ),
        (
            r"(?<![\w$\\])\$(?:[A-Za-z]|(?=[^\s$])[^$\n]*[\\^_{}=][^$\n]*(?<=\S))\$(?![\w$])"
            r"|\\(?:begin|end|cite|emph|frac|item|label|ref|section|sqrt|textbf|textit|url)\{",
            r"write a formula as \(…\)",
        ),
        (r"(?<=[A-Za-z])~\w{1,4}~(?!~)", "write <sub>…</sub>"),
        (r"(?<=[\w)])\^(?:[\w+−-]{1,4}\^|\{)", "write <sup>…</sup> or a formula"),
        (r"%%[^%\n]+%%|\{==|==\}|\|\|[^|\s][^|\n]*[^|\s]\|\|", "remove the mark"),
        (r"\^\[[^\]\n]+\]", "write [^1], and the note below: [^1]: …"),
        (r"\[-?@[A-Za-z][\w:.-]*(?:[;,][^\]\n]*)?\]", "write a footnote"),
        (r"\[/?(?:b|i|u|s|url|img|quote|code|color|size)(?:=[^\]\n]*)?\]", "write Markdown"),
        (r"(?:['‘’]{3}|[“”][‘’]|[‘’][“”])(?=\w)[^'‘’“”\n]+(?:'{3}|’{3}|’”|”’)", "write **strong**"),
        (r"^={2,6} \S.* ={2,6}$|^h[1-6]\. \S|^#\+[a-zA-Z_]+", "a heading is ## words"),
        (r"[”\"]:https?://\S", "a link is [words](address)"),
        (r"(?<![\w/])(?:image|link|include|video)::?\S+\[|^\[source\b[^\]]*\]$", "write Markdown"),
        (r"(?<![\w:]):(?:ref|doc|code|math|func|class|term|sub|sup):", "write Markdown"),
        (r"\{(?:code|noformat|panel|quote)(?::[^}\n]*)?\}", "write Markdown"),
        (r"\{ ?(?:width|height|align|class|style|target)\s*=[^}\n]*\}", "write {: width=… }"),
        (r"^\|[^|\n]+\|[^\n]*\|$", "a table needs a rule below its first row: |---|---|"),
        (r"(?<=[^\W\d_] )\*(?!nix\b)(?=[^\W\d_])[^*\n]*$", "close the emphasis: *words*"),
        (r"(?<=[^\W\d_] )_(?=[^\W\d_])[^_\n]* [^_\n]*$", "close the emphasis: *words*"),
        (
            r"(?<![\w*])\*(?=[^\s*])[^*\n]+(?<=[^\s*])\*(?![\w*])",
            "it is plain text: write the words",
        ),
        (r"\*\*\*(?=\w)|(?<=\w)\*\*\*(?!\w)", "write ***words***"),
        (r"</?(?:b|i|em|strong|p|br|div|span|a|img)\b[^<>\n]*>", "write the element itself"),
    )
)
# English, and words that may be after "a" though they begin with a vowel
AFTER_A = (
    "one|once|and|are|into|over|only|also|even|ever|each|after|among|along|across|above|"
    "against|about|around|although|instead|inside|outside|onto|again|already|always|almost|alone|"
    "away|aside|ahead|apart|often|actually|is|in|on|or|of|as|at|equals|implies|exists"
)
SLIPS = tuple(
    (re.compile(pattern), hint)
    for pattern, hint in (
        (r"(?<=[\w)”’])\.\.(?=\s|$)", "write one full stop, or …"),
        (r"(?<=\w),[,.;](?![.\d])|(?<=\w);[,.;](?=\s|$)", "write one of both"),
        (r"(?<![\w./@-])[a-z]{2,}[.?](?=[A-Z][a-z]* [a-z])", "put a space after it"),
        (r"\b(?:could|should|would|must|might) of\b(?! course)", "write have"),
        (r"(?<=[a-z,] )i (?=(?:am|was|saw|think|thought|have|had|do|did|will|would|could|can|know"
         r"|mean|like|want|use|used|believe|guess|see|need|don’t|can’t)\b)"
         r"|(?<=[a-z,] )i’(?:m|ve|ll)",
         "write I"),
        (rf"(?:\ba|^A|(?<=[.!?] )A) (?=[aeio][a-z]{{2,}})(?!eu|oui|(?:{AFTER_A})\b)", "write an"),
        (r"\b[Aa]n (?=[bcdgjkpqtvwz][a-z]{2,})", "write a"),
    )
)  # fmt: skip
ITEM = re.compile(r"( *)(?:([-*+])|(\d{1,2})[.)])\s+\S")  # no year
RULE = r"\s*:?(?:-{2,}|[—–]+-?):?\s*"  # also with typographic dashes
TABLE = re.compile(rf"\s?\|?(?:{RULE}\|)+(?:{RULE})?\|?\s*")
INDENT = 4  # spaces that put a line into the list item above it


def repeated_word(site: CheckedSite) -> Iterator[Problem]:
    """No word is typed twice in a row, such as "the the", also across a line break."""
    for passage in filter(_is_english, site.authored):
        for match in DOUBLED.finditer(passage.text):
            # "Vitamin A a day" is right.
            if not (match[0][0].isupper() and match[1].lower() == "a"):
                place = place_in(passage, match.start())
                yield found(place, f"repeated word: {single_spaced(match[0])!r}", "remove one")


def typing_slips(site: CheckedSite) -> Iterator[Problem]:
    """No sentence has a slip that no word shows: "could of", "a apple", two commas."""
    for passage in filter(_is_english, site.authored):
        for pattern, hint in SLIPS:
            for match in pattern.finditer(passage.text):
                end = passage.text.find(" ", match.end() + 1)
                words = passage.text[match.start() : end if end > 0 else None]
                message = f"typing slip: {shorten(words, 30)!r}"
                yield found(place_in(passage, match.start()), message, hint)


def link_text(site: CheckedSite) -> Iterator[Problem]:
    """The text of a link says where it leads: not "here", a long URL or another URL."""
    languages = {c.document.path: c.lang for c in site.contents.values()}
    for link in site.links:
        address, words = link.address, link.address.text
        if address.tag != "a" or address.path not in languages or not address.line:
            continue
        english = languages[address.path].lower().startswith("en")
        if english and words.strip(" .:…→").casefold() in VAGUE:
            hint = "link the words that name the target"
            yield found(link.place, f"vague link text: {words!r}", hint)
        elif URL.fullmatch(words) and _bare(words) != _bare(address.value):
            hint = f"it leads to {shorten(address.value)}"
            yield found(link.place, f"link text is another URL: {shorten(words)}", hint)
        elif URL.fullmatch(words) and len(words) > READABLE_URL:
            yield found(link.place, f"link text is a long URL: {shorten(words)}", "link words")


def all_caps(site: CheckedSite) -> Iterator[Problem]:
    """No paragraph is all in capital letters."""
    minimum, share = ALL_CAPS
    for passage in site.authored:
        letters = [letter for letter in passage.text if letter.isalpha()]
        capitals = sum(letter.isupper() for letter in letters)
        if len(letters) >= minimum and capitals > share * len(letters):
            message = f"paragraph in capital letters: {shorten(passage.text, 2 * AROUND)}"
            yield found((passage.path, passage.line), message)


def proper_names(site: CheckedSite) -> Iterator[Problem]:
    """Names are spelled as in `names.toml`."""
    path = Path(site.settings.path, site.settings.names_file)
    try:
        table, lines = read_toml(path) if site.settings.names_file else ({}, {})
    except ProblemsFound as error:
        yield from error.problems
        return
    correct: dict[str, str] = {}
    for name, spellings in table.items():
        if isinstance(spellings, list) and all(isinstance(wrong, str) for wrong in spellings):
            correct |= dict.fromkeys(spellings, name)
        else:
            hint = f'{name} = ["wrong spelling"]'
            yield found((str(path), lines.get(name, 0)), f"not a list of spellings: {name}", hint)
    wrong = "|".join(map(re.escape, sorted(correct, key=len, reverse=True)))
    pattern = re.compile(rf"(?<![\w./@-])(?:{wrong})(?![\w@/-]|\.\w)")
    for passage in site.authored if correct else ():
        for match in pattern.finditer(passage.text):
            place = place_in(passage, match.start())
            yield found(place, f"misspelled name: {match[0]}", f"write {correct[match[0]]}")


def unbalanced_brackets(site: CheckedSite) -> Iterator[Problem]:
    """Every bracket and quotation mark that opens in a paragraph closes in it, and the reverse."""
    english = filter(_is_english, site.authored)
    for _, group in groupby(english, key=lambda passage: passage.path):
        # Attributes last: an image is not a neighbor of the paragraphs around it.
        passages = sorted(group, key=lambda passage: passage.kind in TEXT_ATTRIBUTES)
        signs = [unbalanced(passage.text) for passage in passages]
        for number, (passage, (sign, offset)) in enumerate(zip(passages, signs, strict=True)):
            if not sign:
                continue
            # A quotation of several paragraphs opens each of them; brackets may be around several.
            opening, closing = next(pair for pair in PAIRS if sign in pair)
            following = passages[number + 1].text if number + 1 < len(passages) else ""
            if sign == closing:
                continued = number > 0 and signs[number - 1][0] == opening
            elif not (continued := following.startswith("“")):
                continued = bool(following) and signs[number + 1][0] == closing
            if not continued:
                words = _excerpt(passage.text, offset, offset + 1)
                yield found(place_in(passage, offset), f"unbalanced {sign} in {words!r}")


def unbalanced(text: str) -> tuple[str, int]:
    """Return the last bracket or quotation mark without a partner and its offset ("", -1: none).

    It has none with the emoticons, labels and inches in the text, and none without them.
    """
    if re.search(r"\]\(|`|\{[%{]", text):  # what is left of Markdown is for stray-markdown
        return "", -1
    sign, offset = _last_lone(_blank(INCHES, _blank(SINGLE, text)))
    return (sign, offset) if sign and sign == _last_lone(text)[0] else ("", -1)


def _last_lone(text: str) -> tuple[str, int]:
    lone: list[int] = []
    for opening, closing in PAIRS:
        opened: list[int] = []
        for match in re.finditer(f"[{re.escape(opening + closing)}]", text):
            if match[0] == opening:
                opened.append(match.start())
            elif opened:
                opened.pop()
            else:
                lone.append(match.start())
        lone += opened
    return (text[max(lone)], max(lone)) if lone else ("", -1)


def straight_quotes(site: CheckedSite) -> Iterator[Problem]:
    """Quotation marks and apostrophes are typographic."""
    for passage in site.authored:
        match = re.search("[\"']", _blank(INCHES, passage.text))
        if match and passage.kind not in (*TEXT_ATTRIBUTES, "tag"):
            message = f"straight {match[0]} in {_excerpt(passage.text, *match.span())}"
            yield found(place_in(passage, match.start()), message, "type “ ” ‘ ’")


def space_before_punctuation(site: CheckedSite) -> Iterator[Problem]:
    """No space comes before a comma, full stop, semicolon, question or exclamation mark."""
    for passage in filter(_is_english, site.authored):
        for match in re.finditer(r"(?<=\w)(?<!\ba)(?<!\bthe) +[,;.?!](?=\s|$)", passage.text):
            message = f"space before punctuation: {_excerpt(passage.text, *match.span())!r}"
            yield found(place_in(passage, match.start()), message, "remove it")


def stray_markdown(site: CheckedSite) -> Iterator[Problem]:
    """No Markdown syntax is left in what readers see: `**`, `](`, `{: …}`, a backtick, `&nbsp;`."""
    sources = {c.document.path: c.document.text.splitlines() for c in site.contents.values()}
    for passage in site.authored:
        for pattern, hint in STRAY:
            for match in pattern.finditer(passage.text):
                path, line = place_in(passage, match.start())
                lines = sources.get(path, [])
                source = lines[line - 1] if 0 < line <= len(lines) else ""
                if f"\\{match[0].strip()[0]}" not in source:
                    message = f"Markdown left in the text: {shorten(match[0])!r}"
                    yield found((path, line), message, hint)
                    break


def missing_blank_line(site: CheckedSite) -> Iterator[Problem]:
    """A list or a table has a blank line before it."""
    for passage in site.authored:
        lines = passage.text.split("\n")
        for number in range(1, len(lines)):
            if TABLE.fullmatch(lines[number]):
                kind, first = "table", number - 1
            elif _begins_list(lines[number - 1 : number + 2]):
                kind, first = "list", number
            else:
                continue
            place = (passage.path, passage.line + first if passage.line else 0)
            message = f"no blank line before a {kind}: {shorten(lines[first], 40)!r}"
            yield found(place, message, "add a blank line before it")
            break


def _begins_list(lines: list[str]) -> bool:
    """Return whether a list begins in the second of up to three lines of one paragraph."""
    above, item, below = map(ITEM.match, [*lines, ""][:3])
    if above or not item or len(item[1]) > 1 or item[3] not in (None, "1"):
        return False
    another = below and bool(below[2]) == bool(item[2])
    return bool(another) or lines[0].rstrip().endswith(":")


def nested_lists(site: CheckedSite) -> Iterator[Problem]:
    """A list in a list is indented by four spaces."""
    for document in {c.document.path: c.document for c in site.contents.values()}.values():
        text = document.text.replace("\r\n", "\n")
        code = code_lines(text)
        outer, reported = -1, False  # the indent of the item above; once a list
        for number, line in enumerate(text.split("\n"), 1):
            if number in code or not line.strip():
                continue
            item = ITEM.match(line)
            indent = len(item[1]) if item else 0
            if item and outer >= 0 and outer + 1 < indent < outer + INDENT:
                if not reported:
                    message = f"nested list indented by {indent - outer}: {shorten(line, 40)!r}"
                    yield found((document.path, number), message, "indent it by four spaces")
                reported = True
            elif item:
                outer, reported = indent, False
            elif not line.startswith(" "):
                outer, reported = -1, False


def _is_english(passage: Passage) -> bool:
    return passage.lang.lower().startswith("en")


def _bare(url: str) -> str:
    """Return a URL without what does not matter to a reader."""
    return re.sub(r"^https?://(?:www\.)?|^www\.|/$", "", url)


def _blank(pattern: re.Pattern[str], text: str) -> str:
    """Return a text of the same length with spaces for what a pattern matches."""
    return pattern.sub(lambda match: " " * len(match[0]), text)


def _excerpt(text: str, start: int, end: int) -> str:
    """Return a part of a text with a few words around it, in one line."""
    return single_spaced(text[max(start - AROUND, 0) : end + AROUND])


FILE_CHECKS: tuple[FileCheck, ...] = (
    repeated_word, typing_slips, link_text, all_caps, proper_names, unbalanced_brackets,
    straight_quotes,
    space_before_punctuation, stray_markdown, missing_blank_line, nested_lists,
)  # fmt: skip
