"""What the author's Markdown knows beyond Python-Markdown: the whole dialect, as one extension.

| written                                    | becomes                                       |
|--------------------------------------------|-----------------------------------------------|
| `\\| a line` (Pandoc's line blocks)         | verse: a paragraph with its line breaks kept   |
| a blockquote that ends in `— Who, *What*`  | a figure with a caption; the next one is apart |
| `## A heading`                             | a heading that links to itself                 |
| a table                                    | a table that scrolls in a frame of its own     |
| a code block                               | one that the keyboard can scroll               |
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor

ATTRIBUTION = "— "
HEADINGS = ("h2", "h3", "h4", "h5", "h6")


class Verse(BlockProcessor):
    """Lines that all begin with a bar; an empty line parts the stanzas."""

    def test(self, parent: Element, block: str) -> bool:
        """Return whether every line of the block is a line of verse."""
        return all(re.match(r"\|( |$)", line) for line in block.strip("\n").split("\n"))

    def run(self, parent: Element, blocks: list[str]) -> None:
        """Turn the block into a paragraph."""
        lines = blocks.pop(0).strip("\n").split("\n")
        stanza = SubElement(parent, "p", {"class": "verse"})
        # Two spaces at a line's end are Markdown's own line break.
        stanza.text = "  \n".join(line[1:].strip() for line in lines)


class Quotes(Treeprocessor):
    """Parts a blockquote behind each attribution and makes figures of the parts.

    Markdown reads blockquotes with an empty line between them as one.
    """

    def run(self, root: Element) -> None:
        """Change the tree in place."""
        for parent, place, quote in list(find(root, ("blockquote",))):
            figures = [self.figure(part) for part in parted(quote)]
            if figures != [quote]:
                parent[place : place + 1] = figures

    @staticmethod
    def figure(quote: Element) -> Element:
        """Return the blockquote, in a figure when it ends in an attribution."""
        if len(quote) == 0 or not is_attribution(quote[-1]):
            return quote
        figure = Element("figure", {"class": "quote"})
        caption = quote[-1]
        quote.remove(caption)
        caption.tag = "figcaption"
        figure.extend([quote, caption])
        return figure


def is_attribution(element: Element) -> bool:
    """Return whether the element is a line that says whose words stand above it."""
    return element.tag == "p" and (element.text or "").startswith(ATTRIBUTION)


def parted(quote: Element) -> list[Element]:
    """Return the blockquote in pieces, each of which ends in its attribution."""
    ends = [n for n, child in enumerate(quote) if is_attribution(child)]
    if not ends:
        return [quote]
    parts, start = [], 0
    for end in [*ends, len(quote) - 1]:
        if start <= end:
            part = Element("blockquote")
            part.extend(quote[start : end + 1])
            parts.append(part)
        start = end + 1
    return parts


class Headings(Treeprocessor):
    """Makes headings links to themselves.

    The id stands on the link, because reader views (Mozilla's Readability) drop a heading whose own
    id contains a word such as "media" or "related".
    """

    def run(self, root: Element) -> None:
        """Change the tree in place."""
        for heading in root.iter():
            if heading.tag not in HEADINGS or heading.find(".//a") is not None:
                continue
            name = heading.attrib.pop("id")
            link = Element("a", {"class": "heading-link", "id": name, "href": f"#{name}"})
            link.text, heading.text = heading.text, None
            link.extend(heading)
            heading[:] = [link]


class Tables(Treeprocessor):
    """Puts each table into a frame that scrolls, takes the keyboard, and has a name."""

    def run(self, root: Element) -> None:
        """Change the tree in place."""
        for parent, place, table in list(find(root, ("table",))):
            headings = [child for child in parent[:place] if child.tag in HEADINGS]
            label = "".join(headings[-1].itertext()) if headings else "Table"
            frame = Element(
                "div",
                {"class": "scroll", "role": "region", "tabindex": "0", "aria-label": label},
            )
            frame.append(table)
            parent[place] = frame


class CodeBlocks(Postprocessor):
    """Lets the keyboard scroll a code block."""

    def run(self, text: str) -> str:
        """Return the HTML with every `pre` focusable."""
        return re.sub(r"<pre(?=[ >])", '<pre tabindex="0"', text)


def find(root: Element, tags: tuple[str, ...]) -> Iterator[tuple[Element, int, Element]]:
    """Yield the elements with one of the tags, each with its parent and place, last ones first."""
    for parent in root.iter():
        for place in range(len(parent) - 1, -1, -1):
            if parent[place].tag in tags:
                yield parent, place, parent[place]


class Dialect(Extension):
    """All of the above."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (Python-Markdown's name)
        """Register each part; the numbers are places among Python-Markdown's own."""
        md.parser.blockprocessors.register(Verse(md.parser), "verse", 71)  # behind tables (75)
        # Behind inline patterns (20) and the contents list (5), which gives headings their ids.
        md.treeprocessors.register(Quotes(md), "quotes", 4.3)
        md.treeprocessors.register(Tables(md), "tables_in_frames", 4.2)
        md.treeprocessors.register(Headings(md), "headings", 4.1)
        md.postprocessors.register(CodeBlocks(md), "code_blocks", 1)
