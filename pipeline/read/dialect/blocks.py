"""Verse, headings, tables and code: the blocks that are shown in a way of their own."""

import re
from collections.abc import Iterator
from itertools import pairwise
from xml.etree.ElementTree import Element, SubElement

from markdown.blockprocessors import BlockProcessor
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor

from pipeline.read.dialect.tree import Fault, find

SEPARATOR = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?")
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


class Headings(Treeprocessor):
    """Makes headings links to themselves.

    The id stands on the link, because reader views (Mozilla's Readability) drop a heading whose own
    id contains a word such as "media" or "related".
    """

    def run(self, root: Element) -> None:
        """Change the tree in place."""
        for heading in root.iter():
            if heading.tag not in HEADINGS:
                continue
            name = heading.attrib.pop("id")
            own = heading.find(".//a")
            if own is not None and own.get("class") == "footnote-ref":
                own = Element("a")  # a note's mark has a place of its own
                own.tail, heading.text = heading.text, None
                heading.insert(0, own)
            if own is not None:
                own.set("id", name)
                continue
            link = Element("a", {"class": "heading-link", "id": name, "href": f"#{name}"})
            link.text, heading.text = heading.text, None
            link.extend(heading)
            heading[:] = [link]


class Tables(Treeprocessor):
    """Puts each table into a frame that scrolls, takes the keyboard, and has a name."""

    def run(self, root: Element) -> None:
        """Change the tree in place."""
        for parent, place, table in list(find(root, ("table",))):
            for cell in table.iter():
                # A Content-Security-Policy without "unsafe" lets no style attribute through.
                if style := cell.attrib.pop("style", ""):
                    cell.set("class", style.removeprefix("text-align: ").rstrip(";"))
            headings = [child for child in parent[:place] if child.tag in HEADINGS]
            frame = Element("div", {"class": "frame", "role": "region", "tabindex": "0"})
            if headings:
                frame.set("aria-labelledby", headings[-1].get("id", ""))
            else:
                frame.set("aria-label", "Table")
            frame.append(table)
            parent[place] = frame


class CodeBlocks(Postprocessor):
    """Lets the keyboard scroll a code block, and its numbers be no table to those who hear it."""

    def run(self, text: str) -> str:
        """Return the HTML with every `pre` focusable."""
        numbered = '<table class="highlighttable"'
        text = text.replace(numbered, f'{numbered} role="presentation"')
        return re.sub(r"(?<!linenodiv\">)<pre(?=[ >])", '<pre tabindex="0"', text)


def lost_cells(body: str) -> Iterator[Fault]:
    """Yield a fault for each row of a table with more cells than its head: the rest is dropped."""
    lines, columns = body.split("\n"), 0
    for before, line in pairwise(lines):
        if SEPARATOR.fullmatch(line.strip()) and "|" in before:
            columns = cells_of(before)
        elif "|" not in line:
            columns = 0
        elif columns and cells_of(line) > columns:
            found = f"{cells_of(line)} cells in {line.strip()[:40]!r}"
            must = f"a row must have at most the {columns} cells of the table's head"
            yield Fault(f"^{re.escape(line)}$", must, found, r"a bar in a cell is written \|")


def cells_of(line: str) -> int:
    """Return how many cells a line of a table has."""
    plain = re.sub(r"`[^`]*`|\\\|", "", line).strip()
    return len(plain.removeprefix("|").removesuffix("|").split("|"))
