"""Footnotes: references in the text, and the notes at its end.

There is one note for a screen, a reader view, a feed and paper: an item of a list. The stylesheet
puts it beside its reference where there is room. Elsewhere it is a popover, which a button over the
reference opens where the reader is. So the browser gives Esc, a click outside, Android's Back and
the way of the Tab key, with no entry in the history and no script. The link under the button is for
what has no popovers, and for notes in the margin.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions.footnotes import NBSP_PLACEHOLDER, FootnoteExtension
from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER_RE

from pipeline.content.code_blocks import code_lines
from pipeline.problems import Problem

CODE = "footnote"
REFERENCE = re.compile(r"\[\^([^\]\n]+)\](?!:)")
DEFINITION = re.compile(r"^ {0,3}\[\^([^\]\n]+)\]:")
LABEL = re.compile(r"[\w.-]+")
POPOVER = re.compile(r'(<div id="note:\d+") popover=""')
NOTE_ID = re.compile(r"^(#?fn(?:ref\d*)?:)")


class Footnotes(Treeprocessor):
    """Gives notes and references their roles (Digital Publishing WAI-ARIA 1.1) and a heading.

    `namespace` is put into the ids of notes, for texts that share a page or a feed.
    """

    def __init__(self, md: Markdown, namespace: str) -> None:
        super().__init__(md)
        self.namespace = namespace
        self.unused: list[str] = []

    def run(self, root: Element) -> None:
        """Change the tree in place; fills `unused` with the labels of notes without reference."""
        for section in root.iter("div"):
            if section.get("class") == "footnote":
                for note in section.iter("li"):
                    self._end_code(note)
                self._section(section)
        buttons: list[tuple[Element, Element]] = []
        references = [link for link in root.iter("a") if link.get("class") == "footnote-ref"]
        for reference in references:
            reference.set("role", "doc-noteref")
            button = Element("button", {"data-note": reference.text or "", "hidden": ""})
            button.set("popovertarget", f"note:{reference.text}")
            button.set("aria-label", f"Note {reference.text}")
            button.set("aria-describedby", reference.get("href", "").removeprefix("#"))
            buttons.append((reference, button))
        parents = {child: parent for parent in root.iter() for child in parent}
        for reference, button in buttons:
            parents[reference].append(button)
        used = {reference.get("href") for reference in references}
        names = [note.get("id", "") for note in root.iter("li")]
        self.unused = [
            name.removeprefix("fn:")
            for name in names
            if name.startswith("fn:") and f"#{name}" not in used
        ]
        for element in root.iter() if self.namespace else ():
            for name, value in element.items():
                if name in ("id", "href", "aria-describedby"):
                    element.set(name, NOTE_ID.sub(rf"\g<1>{self.namespace}:", value))

    def _end_code(self, note: Element) -> None:
        """Put the link back to the text below the fenced code that a note ends in."""
        last = note[-1] if len(note) else note
        match = HTML_PLACEHOLDER_RE.fullmatch((last.text or "").replace(NBSP_PLACEHOLDER, ""))
        if match and str(self.md.htmlStash.rawHtmlBlocks[int(match[1])]).startswith("<div"):
            code = Element("p")
            code.text, last.text = match[0], None
            note.insert(len(note) - 1, code)

    def _section(self, section: Element) -> None:
        section.tag = "section"
        section.attrib = {"class": "notes", "role": "doc-endnotes", "aria-label": "Footnotes"}
        heading = Element("h2")
        heading.text = "Footnotes"
        section[0] = heading  # Python-Markdown has a rule there
        for number, note in enumerate(section[1], 1):
            popover = Element("div", {"id": f"note:{number}", "popover": ""})
            popover[:], note[:] = note[:], [popover]
            # Inside the paragraph: a reader view makes a paragraph of a <div> with nothing else.
            first = next((block for block in popover[:1] if block.tag == "p"), popover)
            close = {"hidden": "", "popovertarget": f"note:{number}", "aria-label": "Close"}
            button = Element("button", close)
            button.tail, first.text = first.text, None
            first.insert(0, button)
        for link in section.iter("a"):
            if link.get("class") == "footnote-backref":
                link.set("role", "doc-backlink")
                link.set("aria-label", link.attrib.pop("title"))


def without_popovers(html: str) -> str:
    """Return HTML with its notes as a list and no more, for themes that know no popovers."""
    return POPOVER.sub(r"\1", html)


def footnote_problems(
    body: str, path: str, notes: FootnoteExtension, footnotes: Footnotes
) -> Iterator[Problem]:
    """Yield what is wrong with the notes and references that a text defines."""
    code = code_lines(body)
    lines = [(n, line) for n, line in enumerate(body.split("\n"), 1) if n not in code]
    seen: set[str] = set()
    for number, line in lines:
        match = DEFINITION.match(line)
        if not match:
            continue
        label = match[1]
        if label in seen:
            yield Problem(CODE, path, number, f"duplicate footnote: [^{label}]", "rename one")
        elif not notes.footnotes.get(label, "x").strip():
            yield Problem(CODE, path, number, f"empty footnote: [^{label}]")
        elif label in footnotes.unused:
            message = f"footnote without a reference in the text: [^{label}]"
            yield Problem(CODE, path, number, message)
        if not LABEL.fullmatch(label):
            message = f"invalid footnote label: [^{label}]"
            yield Problem(CODE, path, number, message, "letters, digits, points and hyphens")
        seen.add(label)


def undefined_footnotes(
    text: str, line: int, path: str, notes: FootnoteExtension
) -> Iterator[Problem]:
    """Yield a problem for each reference that stayed in a text of the page as it was typed."""
    for match in REFERENCE.finditer(text):
        if match[1] not in notes.footnotes:
            at = line + text[: match.start()].count("\n") if line else 0
            message = f"undefined footnote: [^{match[1]}]"
            yield Problem(CODE, path, at, message, f"add a line [^{match[1]}]: …")
