"""The author's Markdown: Python-Markdown and the dialect, as one extension.

| written                                    | becomes                                        |
|--------------------------------------------|------------------------------------------------|
| `\\| a line` (Pandoc's line blocks)         | verse: a paragraph with its line breaks kept    |
| a blockquote that ends in `— Who, *What*`  | a figure with a caption and an address          |
| `[^1]` and `[^1]: a note`                  | a reference, and a note beside it or at the end |
| `\\(x^2\\)`, `$$x^2$$`                       | MathML                                         |
| a paragraph that is `[…](…){: .card }`     | a card that links to another site               |
| `## A heading`                             | a heading that links to itself                  |
| a table                                    | a table in a frame that scrolls                 |

Charts and images are `![…](…)` in Markdown; `extract` finds them.
"""

import re
from collections.abc import Iterator, Mapping
from html import escape
from itertools import takewhile
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement

from latex2mathml.converter import convert as to_mathml
from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.extensions.footnotes import FootnoteExtension
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER_RE

from pipeline.content.code_blocks import code_lines, find_code
from pipeline.content.footnotes import Footnotes, footnote_problems
from pipeline.content.quotes import Quotes
from pipeline.content.source_lines import SourceLines
from pipeline.content.suppressions import SUPPRESSION
from pipeline.problems import Problem, shorten

# $$ begins or ends a formula where no word is outside and no space inside of it; else it is money.
FORMULA = r"\\\((?P<inline>.+?)\\\)|(?<!\w)\$\$(?P<block>(?! ).+?(?<! ))\$\$(?!\w)"
HEADINGS = ("h2", "h3", "h4", "h5", "h6")
SEPARATOR = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?")
# Hosts of videos, and what readers call them
VIDEOS = {"youtube.com": "YouTube", "youtu.be": "YouTube", "vimeo.com": "Vimeo"}


class Converted(NamedTuple):
    """A converted text: annotated HTML, id and words of each second-level heading, problems."""

    html: str
    headings: tuple[tuple[str, str], ...]
    footnotes: FootnoteExtension | None
    problems: tuple[Problem, ...]


def convert(body: str, path: str, settings: Mapping[str, Any], namespace: str = "") -> Converted:
    """Return the converted text.

    `path` is the file that problems name, `settings` are Python-Markdown's arguments, `namespace`
    becomes a part of the ids of footnotes.
    """
    lines = SourceLines()
    dialect = Dialect(path, lines, namespace)
    # Pelican too uses each extension that is configured.
    configured = settings.get("extension_configs", {})
    extensions = list(dict.fromkeys([*settings.get("extensions", ()), *configured]))
    md = Markdown(**{**settings, "extensions": [*extensions, lines, dialect]})
    html = md.convert(body)
    tokens = [token for token in getattr(md, "toc_tokens", []) if token["level"] == 2]
    problems = [*dialect.problems(), *extra_table_cells(body, path)]
    notes = md.treeprocessors["footnote"].footnotes if "footnote" in md.treeprocessors else None  # type: ignore[attr-defined]
    if notes:
        problems += footnote_problems(body, path, notes, dialect.footnotes)
    headings = tuple((token["id"], token["name"]) for token in tokens)
    return Converted(html, headings, notes, tuple(problems))


class Dialect(Extension):
    """All of the above."""

    def __init__(self, path: str, lines: SourceLines, namespace: str) -> None:
        super().__init__()
        self.path, self.lines, self.namespace = path, lines, namespace

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (Python-Markdown's name)
        """Register each part; the numbers are positions among Python-Markdown's own."""
        lines, path = self.lines, self.path
        self.formulas = Formulas(md)
        self.quotes = Quotes(md, path, lines.line_of, lines.copy)
        self.cards = Cards(md, path, lines)
        self.footnotes = Footnotes(md, self.namespace)
        md.preprocessors.register(RemoveSuppressions(md), "suppressions", 22)
        md.preprocessors.register(NestedFences(md, lines), "nested_fences", 29.5)
        md.parser.blockprocessors.register(Verse(md.parser), "verse", 71)  # after tables (75)
        # After code (190), before escapes such as \( (180)
        md.inlinePatterns.register(self.formulas, "formulas", 185)
        # After inline patterns (20) and the table of contents (5), which gives headings their ids
        md.treeprocessors.register(self.quotes, "quotes", 4.5)
        md.treeprocessors.register(self.cards, "cards", 4.4)
        md.treeprocessors.register(Tables(md, lines), "table_frames", 4.3)
        md.treeprocessors.register(Headings(md), "headings", 4.2)
        md.treeprocessors.register(self.footnotes, "footnotes", 4.1)

    def problems(self) -> list[Problem]:
        """Return what the parts found."""
        formulas = [
            Problem("formula", self.path, self.lines.line_of_stored(placeholder), message)
            for placeholder, message in self.formulas.errors.items()
        ]
        return [*formulas, *self.quotes.problems, *self.cards.problems]


class NestedFences(Preprocessor):
    """Stores fenced code in lists, notes and quotes, as Python-Markdown does at the left edge.

    The number of lines stays, so that each keeps its number.
    """

    def __init__(self, md: Markdown, source: SourceLines) -> None:
        super().__init__(md)
        self.source = source

    def run(self, lines: list[str]) -> list[str]:
        """Return the lines with a placeholder for each block."""
        lines = list(lines)
        fences = (
            find_code("\n".join(lines))[0] if "fenced_code_block" in self.md.preprocessors else []
        )
        for fence in (fence for fence in fences if fence.indent and fence.end):
            first, end = fence.line - 1, fence.end
            prefix = lines[first][: fence.indent]
            inner = re.sub(r"[-*+]|\d+\.", lambda marker: " " * len(marker[0]), prefix)
            code = [_without(line, inner) for line in lines[first:end]]
            code[0], code[-1] = lines[first][fence.indent :], fence.fence
            stored = self.md.preprocessors["fenced_code_block"].run(code)
            placeholder = "".join(stored).strip()
            if not (match := HTML_PLACEHOLDER_RE.fullmatch(placeholder)):
                continue
            self.source.stored[int(match[1])] = fence.line
            if not prefix.strip():  # the content of a list item is indented by fours
                inner = " " * (-(-len(prefix) // 4) * 4 if fence.in_container else 0)
            lines[first:end] = [inner.rstrip()] * (end - first)
            if prefix.strip(" >"):
                lines[first] = prefix + placeholder
            else:  # with an empty line before it
                after_text = first and lines[first - 1].strip(" >")
                lines[first + bool(after_text)] = inner + placeholder
        return lines


def _without(line: str, prefix: str) -> str:
    """Return a line without what it has in common with a prefix."""
    pairs = zip(line, prefix, strict=False)
    return line[sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs)) :]


class RemoveSuppressions(Preprocessor):
    """Takes suppressions out of the text, after fenced code was stored, which may show one."""

    def run(self, lines: list[str]) -> list[str]:
        """Return the lines without suppressions."""
        code = code_lines("\n".join(lines))
        return [
            line
            for number, line in enumerate(lines, 1)
            if number in code or not SUPPRESSION.fullmatch(line)
        ]


class Verse(BlockProcessor):
    """Lines that all begin with a bar; an empty line separates the stanzas."""

    def test(self, parent: Element, block: str) -> bool:
        """Return whether every line of the block is a line of verse."""
        return all(re.match(r"\|( |$)", line) for line in block.strip("\n").split("\n"))

    def run(self, parent: Element, blocks: list[str]) -> None:
        """Turn the block into a paragraph."""
        lines = blocks.pop(0).strip("\n").split("\n")
        stanza = SubElement(parent, "p", {"class": "verse"})
        # Two spaces at a line's end are Markdown's own line break.
        stanza.text = "  \n".join(line[1:].strip() for line in lines)


class Formulas(InlineProcessor):
    r"""Turns LaTeX in \(…\) and $$…$$ into MathML, which browsers show without a script."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(FORMULA, md)
        # Not .*? of Python-Markdown's own: a formula may go over several lines.
        self.compiled_re = re.compile(FORMULA, re.DOTALL)
        self.errors: dict[str, str] = {}  # placeholder → what is wrong

    def handleMatch(  # type: ignore[override]  # noqa: N802 (Python-Markdown's name)
        self, match: re.Match[str], data: str
    ) -> tuple[str, int, int]:
        """Return the formula's placeholder in the store of finished HTML."""
        source = " ".join((match["inline"] or match["block"]).split())
        mathml, error = mathml_of(source, "inline" if match["inline"] else "block")
        placeholder = self.md.htmlStash.store(mathml)
        if error:
            self.errors[placeholder] = f"invalid formula: {error} in {shorten(source)}"
        return placeholder, match.start(), match.end()


def mathml_of(source: str, display: str) -> tuple[str, str]:
    """Return the MathML of LaTeX, and what is wrong with it ("": nothing)."""
    try:
        mathml = str(to_mathml(source, display=display)).replace(' style="true"', "")
        unknown = re.search(r">(\\\w+)<", mathml)
        error = f"unknown command {unknown[1]}" if unknown else ""
    except Exception as raised:  # the library raises whatever it stumbles over
        mathml, error = "", f"{type(raised).__name__} {raised}".strip()
    if re.sub(r"\\[{}]", "", source).count("{") != re.sub(r"\\[{}]", "", source).count("}"):
        error = "unbalanced braces"
    # On its own it scrolls where it is wider than the text: the keyboard must reach it.
    mathml = mathml.replace(' display="block"', ' display="block" tabindex="0"', 1)
    # For what cannot show MathML, as most feed readers
    return mathml.replace("<math ", f'<math alttext="{escape(source)}" ', 1), error


class Cards(Treeprocessor):
    """Makes a card of a paragraph that is one link with the class "card".

    Nothing is loaded from the linked site; it is named, or its host.
    """

    def __init__(self, md: Markdown, path: str, lines: SourceLines) -> None:
        super().__init__(md)
        self.path, self.lines = path, lines
        self.problems: list[Problem] = []

    def run(self, root: Element) -> None:
        """Change the tree in place; fills `problems`."""
        for parent in list(root.iter()):
            for place, paragraph in enumerate(parent):
                alone = paragraph.tag == "p" and len(paragraph) == 1 and is_card(paragraph[0])
                if alone and not ((paragraph.text or "") + (paragraph[0].tail or "")).strip():
                    parent[place] = self._card(paragraph)
        for link in root.iter("a"):
            if is_card(link):
                message = "card with words beside it"
                hint = "put it in a paragraph of its own"
                line = self.lines.line_of(link)
                self.problems.append(Problem("card", self.path, line, message, hint))

    def _card(self, paragraph: Element) -> Element:
        link = paragraph[0]
        figure = Element("figure", {"class": link.attrib.pop("class")})
        host = SubElement(link, "span", {"class": "host"})
        name = (urlsplit(link.get("href", "")).hostname or "").removeprefix("www.")
        host.text = f"Video on {VIDEOS[name]}" if name in VIDEOS else name
        # A space, for readers that show the card as a line of words
        before = link[-2] if len(link) > 1 else None
        if before is None:
            link.text = f"{link.text or ''} "
        else:
            before.tail = f"{before.tail or ''} "
        figure.append(link)
        figure.tail, link.tail = paragraph.tail, None
        self.lines.copy(paragraph, figure)
        return figure


def is_card(element: Element) -> bool:
    """Return whether an element is a link with the class "card"."""
    return element.tag == "a" and "card" in element.get("class", "").split()


class Headings(Treeprocessor):
    """Makes headings links to themselves.

    The id is on the link, because reader views (Mozilla's Readability) drop a heading whose own id
    contains a word such as "media" or "related".
    """

    def run(self, root: Element) -> None:
        """Change the tree in place."""
        for heading in root.iter():
            if heading.tag not in HEADINGS:
                continue
            name = heading.attrib.pop("id", "")
            if not name:  # without the extension `toc`
                continue
            own = heading.find(".//a")
            if own is not None and own.get("class") == "footnote-ref":
                own = Element("a")  # a reference to a note has an id of its own
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

    def __init__(self, md: Markdown, lines: SourceLines) -> None:
        super().__init__(md)
        self.lines = lines

    def run(self, root: Element) -> None:
        """Change the tree in place."""
        found = [(p, table) for p in root.iter() for table in p if table.tag == "table"]
        for parent, table in found:
            for cell in table.iter():
                # A Content-Security-Policy without "unsafe" allows no style attribute.
                if style := cell.attrib.pop("style", ""):
                    cell.set("class", style.removeprefix("text-align: ").rstrip(";"))
            place = list(parent).index(table)
            headings = [child for child in parent[:place] if child.tag in HEADINGS]
            frame = Element("div", {"class": "frame", "role": "region", "tabindex": "0"})
            if headings:
                frame.set("aria-labelledby", headings[-1].get("id", ""))
            else:
                frame.set("aria-label", "Table")
            frame.append(table)
            parent[place] = frame
            self.lines.copy(table, frame)


def extra_table_cells(body: str, path: str) -> Iterator[Problem]:
    """Yield a problem for each row with more cells than its table's head: Markdown drops them."""
    before, columns, code = "", 0, code_lines(body)
    for number, line in enumerate(body.split("\n"), 1):
        if number in code:
            columns = 0
        elif SEPARATOR.fullmatch(line.strip()) and "|" in before:
            columns = count_cells(before)
        elif "|" not in line:
            columns = 0
        elif columns and count_cells(line) > columns:
            message = f"table row with {count_cells(line)} cells, its head has {columns}"
            hint = r"write \| for a bar in a cell"
            yield Problem("table-cells", path, number, message, hint)
        before = line


def count_cells(line: str) -> int:
    """Return how many cells a line of a table has."""
    plain = re.sub(r"`[^`]*`|\\\|", "", line).strip()
    return len(plain.removeprefix("|").removesuffix("|").split("|"))
