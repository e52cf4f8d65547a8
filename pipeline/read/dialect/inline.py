"""Formulas and link cards."""

import re
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement

from latex2mathml.converter import convert
from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor

from pipeline.read.dialect.tree import Fault, find

FORMULA = r"\\\((?P<inline>.+?)\\\)|\$\$(?P<block>.+?)\$\$"
CARD = "card"


class Formulas(InlineProcessor):
    r"""Turns LaTeX in \(…\) and $$…$$ into MathML, which browsers show without a script."""

    def __init__(self, md: Markdown, faults: list[Fault]) -> None:
        super().__init__(FORMULA, md)
        # Not .*? of Python-Markdown's own: a formula may go over several lines.
        self.compiled_re = re.compile(FORMULA, re.DOTALL)
        self.faults = faults

    def handleMatch(  # type: ignore[override]  # noqa: N802 (Python-Markdown's name)
        self, match: re.Match[str], data: str
    ) -> tuple[str, int, int]:
        """Return the formula's place in the store of finished HTML."""
        source = " ".join((match["inline"] or match["block"]).split())
        html = self.mathml(source, "inline" if match["inline"] else "block")
        return self.md.htmlStash.store(html), match.start(), match.end()

    def mathml(self, source: str, display: str) -> str:
        """Return the MathML; what the library lets pass unread is a fault."""
        unknown = re.search(r">(\\\w+)<", mathml := convert(source, display=display))
        if unknown or source.count("{") != source.count("}"):
            found = unknown[1] if unknown else "braces that do not match"
            self.faults.append(Fault(re.escape(source), "a formula must be LaTeX", found))
        return mathml


class Cards(Treeprocessor):
    """Makes a card of a paragraph that is one link with the class "card".

    Nothing is loaded from where it leads before the reader goes there; the host is named.
    """

    def run(self, root: Element) -> None:
        """Change the tree in place."""
        for parent, place, paragraph in list(find(root, ("p",))):
            link = paragraph[0] if len(paragraph) == 1 else None
            if link is None or link.get("class") != CARD or (paragraph.text or "").strip():
                continue
            figure = Element("figure", {"class": CARD})
            del link.attrib["class"]
            host = SubElement(link, "span", {"class": "host"})
            host.text = urlsplit(link.get("href", "")).hostname or ""
            figure.append(link)
            figure.tail, link.tail = paragraph.tail, None
            parent[place] = figure
