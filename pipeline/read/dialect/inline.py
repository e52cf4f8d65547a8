"""Formulas and link cards."""

import re
from html import escape
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement

from latex2mathml.converter import convert
from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor

from pipeline.read.dialect.tree import Fault, find

# $$ begins or ends a formula where no word is outside and no space inside of it; else it is money.
FORMULA = r"\\\((?P<inline>.+?)\\\)|(?<!\w)\$\$(?P<block>(?! ).+?(?<! ))\$\$(?!\w)"
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
        """Return the MathML; what the library cannot read, or lets pass unread, is a fault."""
        try:
            mathml = str(convert(source, display=display)).replace(' style="true"', "")
            unknown = re.search(r">(\\\w+)<", mathml)
            wrong = unknown[1] if unknown else ""
        except Exception as error:  # the library raises whatever it stumbles over
            mathml, wrong = "", f"{type(error).__name__} {error}".strip()
        if source.count("{") != source.count("}"):
            wrong = "braces that do not match"
        if wrong:
            pattern = r"\s+".join(map(re.escape, source.split()))
            self.faults.append(Fault(pattern, "a formula must be LaTeX", wrong))
        # On its own it scrolls where it is wider than the text: the keyboard must get to it.
        mathml = mathml.replace(' display="block"', ' display="block" tabindex="0"', 1)
        # For what cannot show MathML, as most feed readers.
        return mathml.replace("<math ", f'<math alttext="{escape(source)}" ', 1)


class Cards(Treeprocessor):
    """Makes a card of a paragraph that is one link with the class "card".

    Nothing is loaded from where it leads before the reader goes there; the host is named.
    """

    def __init__(self, md: Markdown, faults: list[Fault]) -> None:
        super().__init__(md)
        self.faults = faults

    def run(self, root: Element) -> None:
        """Change the tree in place."""
        for parent, place, paragraph in list(find(root, ("p",))):
            if len(paragraph) == 1 and is_card(paragraph[0]) and not words_around(paragraph):
                parent[place] = as_card(paragraph)
        for link in root.iter("a"):
            if is_card(link):
                must = "a card must be alone in its paragraph"
                pattern = re.escape(link.get("href", ""))
                self.faults.append(Fault(pattern, must, "words beside it"))


def is_card(link: Element) -> bool:
    """Return whether the element is a link that is meant to be a card."""
    return link.tag == "a" and CARD in link.get("class", "").split()


def words_around(paragraph: Element) -> bool:
    """Return whether a paragraph has words outside of its only element."""
    return bool(((paragraph.text or "") + (paragraph[0].tail or "")).strip())


def as_card(paragraph: Element) -> Element:
    """Return the figure that the paragraph of a card becomes."""
    link = paragraph[0]
    figure = Element("figure", {"class": link.attrib.pop("class")})
    host = SubElement(link, "span", {"class": "host"})
    host.text = urlsplit(link.get("href", "")).hostname or ""
    figure.append(link)
    figure.tail, link.tail = paragraph.tail, None
    return figure
