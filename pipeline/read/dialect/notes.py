"""Footnotes: marks in the text, and the notes at its end.

The stylesheet puts the notes beside their marks where there is room (theme/static/css/notes.css),
so that there is one note for a screen, a reader view, a feed and paper.
"""

import re
from collections.abc import Iterator
from html import unescape
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions.footnotes import FootnoteExtension
from markdown.treeprocessors import Treeprocessor

from pipeline.read.dialect.tree import Fault

MARK = re.compile(r"\[\^([^\]\n]+)\](?!:)")
NOTE = re.compile(r"^\[\^([^\]\n]+)\]:", re.MULTILINE)
LABEL = r"[\w.-]+"
NOTE_ID = re.compile(r"^(#?fn(?:ref\d*)?:)")


class Notes(Treeprocessor):
    """Gives notes and marks their roles (Digital Publishing WAI-ARIA 1.1) and a heading."""

    def __init__(self, md: Markdown, own: str, faults: list[Fault]) -> None:
        super().__init__(md)
        self.own = own
        self.faults = faults

    def run(self, root: Element) -> None:
        """Change the tree in place."""
        for section in root.iter("div"):
            if section.get("class") == "footnote":
                self.section(section)
        marks = [link for link in root.iter("a") if link.get("class") == "footnote-ref"]
        for mark in marks:
            mark.set("role", "doc-noteref")
            mark.set("aria-label", f"Note {mark.text}")
        for place in root.iter("sup"):
            if place.get("id", "").startswith("fnref:"):  # a note's first mark
                place[0].set("data-note", place[0].text or "")
        used = {mark.get("href") for mark in marks}
        for note in root.iter("li"):
            name = note.get("id", "")
            if name.startswith("fn:") and f"#{name}" not in used:
                label = name.removeprefix("fn:")
                must = "a note must have its mark in the text"
                found = f"[^{label}] is nowhere"
                self.faults.append(Fault(rf"^\[\^{re.escape(label)}\]:", must, found))
        self.rename(root)

    def rename(self, root: Element) -> None:
        """Put the text's own part into the ids of notes and marks, and into the links to them."""
        for element in root.iter() if self.own else ():
            for name, value in element.items():
                if name in ("id", "href"):
                    element.set(name, NOTE_ID.sub(rf"\g<1>{self.own}:", value))

    def section(self, section: Element) -> None:
        """Make a section with a heading of Python-Markdown's division."""
        section.tag = "section"
        section.attrib = {"class": "notes", "role": "doc-endnotes", "aria-label": "Footnotes"}
        heading = Element("h2")
        heading.text = "Footnotes"
        section[0] = heading  # a rule, in Python-Markdown's
        for link in section.iter("a"):
            if link.get("class") == "footnote-backref":
                link.set("role", "doc-backlink")
                link.set("aria-label", link.attrib.pop("title"))


def lost_marks(body: str, html: str, notes: FootnoteExtension) -> Iterator[Fault]:
    """Yield a fault for each mark without a note: it stands in the HTML as it was typed."""
    labels = NOTE.findall(body)
    for label in labels:
        place = rf"^\[\^{re.escape(label)}\]:"
        if labels.count(label) > 1:
            yield Fault(place, "a note must be written once", f"[^{label}]: is there twice")
        elif not notes.footnotes.get(label, "x").strip():
            yield Fault(place, "a note must have a text", f"[^{label}]: has none")
        if not re.fullmatch(LABEL, label):
            must = "a note's label must be letters, digits, points and hyphens"
            yield Fault(place, must, f"[^{label}]")
    text = unescape(re.sub(r"(?s)<(code|pre)\b.*?</\1>", "", html))
    for label in dict.fromkeys(MARK.findall(text)):
        if label not in notes.footnotes and f"[^{label}]" in body:
            must, fix = "a mark must have its note", f"add a line [^{label}]: …"
            yield Fault(rf"\[\^{re.escape(label)}\](?!:)", must, f"[^{label}] has none", fix)
