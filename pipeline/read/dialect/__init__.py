"""What the author's Markdown knows beyond Python-Markdown: the whole dialect, as one extension.

| written                                    | becomes                                        |
|--------------------------------------------|------------------------------------------------|
| `\\| a line` (Pandoc's line blocks)         | verse: a paragraph with its line breaks kept    |
| a blockquote that ends in `— Who, *What*`  | a figure with a caption and an address          |
| `[^1]` and `[^1]: a note`                  | a mark, and a note beside it or at the end      |
| `\\(x^2\\)`, `$$x^2$$`                       | MathML                                         |
| a paragraph that is `[…](…){: .card }`     | a card that leads elsewhere                     |
| `## A heading`                             | a heading that links to itself                  |
| a table                                    | a table that scrolls in a frame of its own      |
| a code block                               | one that the keyboard can scroll                |

Figures from data and pictures are images in Markdown; render/ makes them.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from markdown import Markdown
from markdown.extensions import Extension
from pygments.lexers import get_all_lexers

from pipeline.read.dialect.blocks import CodeBlocks, Headings, Tables, Verse, lost_cells
from pipeline.read.dialect.inline import Cards, Formulas
from pipeline.read.dialect.notes import Notes, lost_marks
from pipeline.read.dialect.quotes import Quotes
from pipeline.read.dialect.tree import Fault
from pipeline.read.excuses import Excuses
from pipeline.read.front_matter import nearest

FENCE = re.compile(r"(```+|~~~+)[ ]*\{?[ ]*\.?([\w#.+-]+)?[^`]*$")
CONTAINED = 4  # spaces that put a line into the list item or note above it


class Text(NamedTuple):
    """A text, converted: `contents` are its second-level headings, each an id and its words."""

    html: str
    contents: list[tuple[str, str]]
    faults: list[Fault]


class Dialect(Extension):
    """All of the above; what is wrong in a text is in `faults`.

    `notes` is a part of the ids of notes, for texts that may share a page.
    """

    def __init__(self, notes: str) -> None:
        super().__init__()
        self.notes = notes
        self.faults: list[Fault] = []

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (Python-Markdown's name)
        """Register each part; the numbers are places among Python-Markdown's own."""
        md.parser.blockprocessors.register(Verse(md.parser), "verse", 71)  # behind tables (75)
        # Behind code (190), before escapes such as \( (180).
        md.inlinePatterns.register(Formulas(md, self.faults), "formulas", 185)
        # Behind inline patterns (20) and the contents list (5), which gives headings their ids.
        md.treeprocessors.register(Quotes(md, self.faults), "quotes", 4.5)
        md.treeprocessors.register(Cards(md, self.faults), "cards", 4.4)
        md.treeprocessors.register(Tables(md), "tables_in_frames", 4.3)
        # Behind the code between fences, which may show one.
        md.preprocessors.register(Excuses(md), "excuses", 22)
        md.treeprocessors.register(Headings(md), "headings", 4.2)
        md.treeprocessors.register(Notes(md, self.notes, self.faults), "notes", 4.1)
        md.postprocessors.register(CodeBlocks(md), "code_blocks", 1)


def convert(body: str, settings: dict[str, Any], notes: str = "") -> Text:
    """Return the converted text.

    `settings` is what Python-Markdown is to be made with, `notes` a part of the ids of notes.
    """
    dialect = Dialect(notes)
    md = Markdown(**{**settings, "extensions": [*settings.get("extensions", []), dialect]})
    html = md.convert(body)
    tokens = getattr(md, "toc_tokens", [])
    contents = [(token["id"], token["name"]) for token in tokens if token["level"] == 2]
    faults = [*dialect.faults, *unknown_languages(body), *misplaced_fences(body), *lost_cells(body)]
    if "footnote" in md.treeprocessors:
        faults += lost_marks(body, html, md.treeprocessors["footnote"].footnotes)  # type: ignore[attr-defined]
    return Text(html, contents, faults)


class Fence(NamedTuple):
    """The first line of a code block between fences: what it is, and how far it is indented."""

    line: str
    indent: int
    language: str
    in_container: bool


def fences(body: str) -> Iterator[Fence]:
    """Yield the fences that open a code block, and none of what stands inside of one.

    The last one has the indent -1 when a block is not closed.
    """
    closing, in_container = "", False
    for line in body.split("\n"):
        text = line.lstrip(" ")
        indent, match = len(line) - len(text), FENCE.match(text)
        if closing:
            closing = "" if re.match(closing, text) else closing
        elif match:
            closing = rf"{match[1][0]}{{{len(match[1])},}}\s*$"
            yield Fence(line, indent, match[2] or "", in_container)
        elif text and indent < CONTAINED:
            in_container = bool(re.match(r"(?:[-*+]|\d+\.)\s|\[\^.+\]:", text))
    if closing:
        yield Fence("", -1, "", in_container)


def misplaced_fences(body: str) -> Iterator[Fault]:
    """Yield a fault for each fence that Python-Markdown does not know: indented, as in a list."""
    for fence in fences(body):
        if fence.indent > 0 and (fence.in_container or fence.indent < CONTAINED):
            must = "a fence must begin at the beginning of its line"
            fix = "in a list or note, indent the code by four more spaces and leave the fences out"
            yield Fault(f"^{re.escape(fence.line)}$", must, repr(fence.line.strip()), fix)


def unknown_languages(body: str) -> Iterator[Fault]:
    """Yield a fault for each code block in a language that Pygments does not know."""
    named = {
        fence.language: fence.line for fence in fences(body) if fence.language and not fence.indent
    }
    known = {alias for _, aliases, *_ in get_all_lexers() for alias in aliases} if named else set()
    for name, line in named.items():
        if name.lower() not in known:
            must = "a code block must be in a language that Pygments knows"
            fix = nearest(name, known) or "write ```text for none"
            yield Fault(f"^{re.escape(line)}$", must, repr(name), fix)
