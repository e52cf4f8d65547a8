"""The author's texts: every sentence of his originals is on the built site exactly once.

See README.md in this folder.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest

from pipeline.build import Built, build
from pipeline.check.runner import run_checks

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
TEXTS = HERE / "texts"
MEMO = "posts/2024-03-01-why-kscale-wins/index.html"
PAGES = {
    "about.txt": ["about/index.html", "quotes/index.html"],
    "about-earlier.txt": ["about/2024/index.html"],
    "why-kscale-wins.txt": [MEMO],
}
BLOCKS = {"p", "li", "h1", "h2", "h3", "td", "th", "figcaption", "div"}
# Added beside the words: footnote references, back links, attributions of quotes
ADDED = {"sup", "figcaption", "th", "style", "title"}
REFERENCES = (
    "structural,1",
    "software is.2",
    "brushless motors.3",
    "backdrivability.4",
    "overcome.5",
)
# A hyphen between spaces is set as a dash.
PLAIN = str.maketrans("’‘“”\u00a0–", "''\"\" -")

pytestmark = pytest.mark.skipif(
    not all((PROJECT / "content/posts/2024-03-01-why-kscale-wins").glob("index.md")),
    reason="the author's texts are not here",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("real")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(PROJECT)
        cache = f'CACHE_PATH="{(folder / "cache").as_posix()}"'
        return build("publishconf.py", ["--output", str(folder / "output"), "-e", cache])


def sentences(text: str) -> list[str]:
    """Return the sentences, with plain quotation marks and single spaces."""
    text = " ".join(text.translate(PLAIN).split())
    return re.split(r"(?<=[.!?…])[\"')]*\s+(?=[\"'(A-Z])", text) if text else []


def original_sentences(name: str) -> list[str]:
    """Return the sentences of an original, a line or a cell of a table at a time."""
    found = []
    for line in (TEXTS / name).read_text("utf-8").splitlines():
        for reference in REFERENCES:
            line = line.replace(reference, reference[:-1])
        line = re.sub(r"^\s*[-•] |\s*↩$", "", line)
        for cell in line.strip("| ").split(" | ") if line.startswith("|") else [line]:
            found += sentences(cell)
    return found


def words_of(element: Element) -> Iterator[str]:
    """Yield the author's words below an element; a line break is a line feed."""
    if element.tag in ADDED or "footnote-backref" in element.get("class", ""):
        return
    yield element.text or ""
    for child in element:
        yield "\n" if child.tag == "br" else "".join(words_of(child))
        yield child.tail or ""


def page_sentences(page: Path) -> list[str]:
    """Return the sentences of a page, a block at a time; of verse, also its single lines."""
    document = html5lib.parse(page.read_bytes(), namespaceHTMLElements=False)
    found: list[str] = []
    for nav in document.findall(".//nav"):
        nav.clear()
    for block in document.iter():
        inner = any(element.tag in BLOCKS for element in block.iter() if element is not block)
        if inner or block.tag not in BLOCKS - ADDED:
            continue
        text = "".join(words_of(block))
        lines = text.split("\n") if block.get("class") == "verse" else []
        found += {*sentences(text), *(s for line in lines for s in sentences(line))}
    return found


@pytest.mark.parametrize("name", PAGES)
def test_original_text_is_on_its_pages_once(built: Built, name: str) -> None:
    found = Counter(s for page in PAGES[name] for s in page_sentences(built.folder / page))
    wanted = Counter(original_sentences(name))
    assert len(wanted) > 25
    assert {s: found[s] for s in wanted if found[s] != wanted[s]} == {}
    # The author's table has two dates twice.
    assert {s for s in wanted if wanted[s] > 1} <= {"04/2024", "02/2026"}


def test_earlier_edition_is_on_its_own_page_alone(built: Built) -> None:
    own = set(original_sentences("about-earlier.txt")) - set(original_sentences("about.txt"))
    own = {s for s in own if len(s.split()) > 3}
    [edition] = PAGES["about-earlier.txt"]
    assert len(own) > 15
    for page in built.folder.rglob("*.html"):
        if page != built.folder / edition:
            assert not own & set(page_sentences(page)), page


def test_quotes_page_has_all_quotes(built: Built) -> None:
    page = html5lib.parse(
        (built.folder / "quotes/index.html").read_bytes(), namespaceHTMLElements=False
    )
    figures = [figure for figure in page.iter("figure") if figure.get("class") == "quote"]
    assert len(figures) >= 51


def test_real_site_passes_all_checks(built: Built) -> None:
    # A page that is due for review says nothing about the code.
    assert [str(p) for p in run_checks(built) if p.code != "review-dates"] == []
