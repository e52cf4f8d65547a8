"""The text of a page, block by block, as somebody reads it."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from justhtml import Element, Node, Text

from pipeline.check.elements import INSTEAD, TELLING, ancestors, clues
from pipeline.check.site import Page, Site, attribute
from pipeline.check.vocabulary import BLOCKS, listed

# What is shown and not said; one sign stands for it.
SHOWN = listed(
    "audio canvas code embed iframe img input kbd math object picture pre samp script select style "
    "svg template textarea var video"
)
BETWEEN = BLOCKS | listed(
    "body caption dd dt figcaption legend li summary tbody td tfoot th thead tr"
)
# Lists of headings and other pages have the words of these.
NOT_READ = SHOWN | {"nav"}
MARKS = ("doc-noteref", "doc-backlink")


class Block(NamedTuple):
    """A paragraph, item, cell or heading: its words, and the language that it is in."""

    page: Page
    element: Element
    text: str
    language: str

    @property
    def english(self) -> bool:
        """Whether the rules of English are its rules."""
        return self.language.lower().startswith("en")

    def place(self, start: int, end: int) -> tuple[str, int]:
        """Return the source and line of a part of the text."""
        parts = clues(self.text, start, end)
        path, line = self.page.place(*(part for part in parts if len(part) >= TELLING))
        own = self.page.source
        if not line and own:
            line = next((at for part in parts if (at := own.find(part))), 0)
        return path, line


@lru_cache(maxsize=1)
def texts(site: Site) -> tuple[Block, ...]:
    """Return every block of what the author wrote, page by page."""
    return tuple(block for page in site.pages for block in blocks(page))


def blocks(page: Page) -> tuple[Block, ...]:
    """Return the blocks of a page that an author wrote, in their order."""
    return tuple(_blocks(page)) if page.source else ()


def _blocks(page: Page) -> Iterator[Block]:
    for element in page.elements:
        if element.name not in BETWEEN or element.name == "pre":
            continue
        around = [element, *ancestors(element)]
        if not any(other.name == "main" for other in around):
            continue
        if any(other.name in NOT_READ for other in around):
            continue
        text = "".join(_words(element))
        if text.strip():
            language = next((v for other in around if (v := attribute(other, "lang"))), "")
            yield Block(page, element, text, language)


def _words(element: Node) -> Iterator[str]:
    for child in element.children or ():
        if isinstance(child, Text):
            yield child.data or ""
        elif not isinstance(child, Element) or child.name in BETWEEN:
            yield "\n"
        elif child.name in SHOWN:
            yield INSTEAD
        elif child.name == "br":
            yield "\n"
        elif attribute(child, "role") not in MARKS:
            yield from _words(child)
