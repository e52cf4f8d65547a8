"""The author's words: every sentence of his three texts is on the built site exactly once.

tests/texts/ holds the texts as he wrote them, without the structure that the site gives them.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest

TEXTS = Path(__file__).parent / "texts"
PAGES = {
    "about.txt": ["about/index.html", "quotes/index.html"],
    "about-earlier.txt": ["about/2024/index.html"],
    "why-kscale-wins.txt": ["posts/2024-03-01-why-kscale-wins/index.html"],
}
BLOCKS = {"p", "li", "h1", "h2", "h3", "td", "th", "figcaption", "div"}
# Added beside the words, never inside them: footnote marks, ways back, who said a quote
ADDED = {"sup", "figcaption", "th", "style", "title"}
FOOTNOTE_MARKS = (
    "structural,1",
    "software is.2",
    "brushless motors.3",
    "backdrivability.4",
    "overcome.5",
)
TYPOGRAPHY = str.maketrans("’‘“”\u00a0", "''\"\" ")


def sentences(text: str) -> list[str]:
    """Return the sentences, with plain quotes and single spaces."""
    text = " ".join(text.translate(TYPOGRAPHY).split())
    return re.split(r"(?<=[.!?…])[\"')]*\s+(?=[\"'(A-Z])", text) if text else []


def source_sentences(name: str) -> list[str]:
    """Return the sentences of a text, a line or a cell of a table at a time."""
    found = []
    for line in (TEXTS / name).read_text("utf-8").splitlines():
        for mark in FOOTNOTE_MARKS:
            line = line.replace(mark, mark[:-1])
        line = re.sub(r"^\s*[-•] |\s*↩$", "", line)
        for cell in line.strip("| ").split(" | ") if line.startswith("|") else [line]:
            found += sentences(cell)
    return found


def text_of(element: Element) -> Iterator[str]:
    """Yield the author's words below an element; a line break is a line feed."""
    if element.tag in ADDED or "footnote-backref" in element.get("class", ""):
        return
    yield element.text or ""
    for child in element:
        yield "\n" if child.tag == "br" else "".join(text_of(child))
        yield child.tail or ""


def page_sentences(page: Path) -> list[str]:
    """Return the sentences of a page, a block at a time; of verse, also its single lines."""
    document = html5lib.parse(page.read_bytes(), namespaceHTMLElements=False)
    found: list[str] = []
    for nav in document.findall(".//nav"):
        nav.clear()  # leads to words that stand elsewhere
    for block in document.iter():
        inner = any(element.tag in BLOCKS for element in block.iter() if element is not block)
        if inner or block.tag not in BLOCKS - ADDED:
            continue
        text = "".join(text_of(block))
        lines = text.split("\n") if block.get("class") == "verse" else []
        found += {*sentences(text), *(s for line in lines for s in sentences(line))}
    return found


@pytest.mark.parametrize("name", PAGES)
def test_every_sentence_is_there_exactly_once(site: Path, name: str) -> None:
    found = Counter(s for page in PAGES[name] for s in page_sentences(site / page))
    wanted = Counter(source_sentences(name))
    assert len(wanted) > 25
    # Once each, but for the two dates that the author's table has twice.
    assert {s: found[s] for s in wanted if found[s] != wanted[s]} == {}
    assert {s for s in wanted if wanted[s] > 1} <= {"04/2024", "02/2026"}


def test_the_words_of_the_earlier_edition_alone_are_nowhere_else(site: Path) -> None:
    own = set(source_sentences("about-earlier.txt")) - set(source_sentences("about.txt"))
    own = {s for s in own if len(s.split()) > 3}  # a heading may stand anywhere
    assert len(own) > 15
    [edition] = PAGES["about-earlier.txt"]
    for page in site.rglob("*.html"):
        if page != site / edition:
            assert not own & set(page_sentences(page)), page


def test_the_tables_are_tables_and_the_quotes_quotes(site: Path) -> None:
    about = html5lib.parse((site / "about/index.html").read_bytes(), namespaceHTMLElements=False)
    rows = [len(table.findall("./tbody/tr")) for table in about.iter("table")]
    # What the author adds to his tables and quotes makes them longer.
    assert len(rows) >= 3
    assert all(now >= then for now, then in zip(rows, (8, 5, 5), strict=False))
    quotes = html5lib.parse((site / "quotes/index.html").read_bytes(), namespaceHTMLElements=False)
    figures = [figure for figure in quotes.iter("figure") if figure.get("class") == "quote"]
    assert len(figures) == len(list(quotes.iter("blockquote"))) >= 51
    assert len(list(quotes.iter("h2"))) >= 7
    assert max(len(figure.findall("./blockquote/p")) for figure in figures) >= 13
    stanzas = [len(f.findall("./blockquote/p[@class='verse']")) for f in figures]
    assert not Counter([1, 1, 1, 1, 4]) - Counter(stanzas)


def test_the_memo_has_its_five_notes(site: Path) -> None:
    memo = html5lib.parse(
        (site / PAGES["why-kscale-wins.txt"][0]).read_bytes(), namespaceHTMLElements=False
    )
    notes = [li.get("id") for li in memo.iter("li") if li.get("id")]
    marks = [a.get("href") for a in memo.iter("a") if a.get("class") == "footnote-ref"]
    assert notes == [f"fn:2024-03-01-why-kscale-wins:{n}" for n in range(1, 6)]
    assert marks == [f"#{note}" for note in notes]
