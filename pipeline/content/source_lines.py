"""Source lines: which line of its file each element of a converted text comes from.

`## A heading` in line 12 becomes `<h2 data-src-line="12">`.

Blocks of text go through Python-Markdown's parser with the number of each of their lines. A block
processor takes blocks, shortens lines (by indentation, bullets, `>`), and passes them on or puts
them back, whole and in order: their numbers are found by counting within what was taken. Numbers
are kept beside the tree, because other processors look at attributes, and written at the end.

Preprocessors may store fenced code and remove lines; after any other change lines are unknown (0).
It depends on internals of Python-Markdown 3.11: parseChunk and parseBlocks; pop and insert of
blocks; setFootnote; cleandoc, treebuilder and _cache of its HTML parser.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, chain, islice, repeat
from types import SimpleNamespace
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor, ParagraphProcessor
from markdown.extensions import Extension
from markdown.extensions.def_list import DefListProcessor
from markdown.extensions.fenced_code import FencedBlockPreprocessor
from markdown.extensions.md_in_html import HTMLExtractorExtra
from markdown.extensions.tables import TableProcessor
from markdown.util import HTML_PLACEHOLDER_RE, STX

from pipeline.html import MARK

FENCE = FencedBlockPreprocessor.FENCED_BLOCK_RE
DEFINITION = re.compile(r" {0,3}: ")
# Python-Markdown takes a tag whose name ends at a line break for inline HTML: it must stay so.
START_TAG = re.compile(r"<[a-zA-Z][^\s/>]*(?:(?=[ >]|/>)|\s(?=\s))")
CONTAINERS = ("li", "dd", "blockquote")
INLINE = ("a", "img", "code")


class _Mark(str):
    """The attribute's name; the serializer sorts names, and this one comes first."""

    def __lt__(self, other: str) -> bool:
        return True

    def __gt__(self, other: str) -> bool:
        return False


class _Lined(str):
    """Text with the source line of each of its lines."""

    numbers: list[int]


def _lined(text: str, numbers: list[int]) -> _Lined:
    result = _Lined(text)
    result.numbers = numbers
    return result


def _split(text: str, numbers: list[int]) -> Iterator[_Lined]:
    """Yield the blocks of a text, as Python-Markdown splits it."""
    start = 0
    for block in text.split("\n\n"):
        end = start + block.count("\n") + 1
        yield _lined(block, numbers[start:end])
        start = end + 1


def _step(run: Callable[[Any], Any]) -> Any:
    """Return a processor that calls a function."""
    return SimpleNamespace(run=run)


def _mark(html: str, line: int) -> str:
    """Return HTML with its first start tag marked, if it begins with one."""
    match = START_TAG.match(html) if line else None
    return f'{match[0]} {MARK}="{line}"{html[match.end() :]}' if match else html


def _search(
    text: str,
    lines: list[str],
    numbers: list[int],
    start: int,
    span_of: Callable[[str], tuple[int, int] | None] = lambda _: None,
) -> list[int]:
    """Return the numbers of a text that consists of `lines` from `start` on, in order.

    Its lines may be shorter, and empty ones differ. Placeholders stand for the lines of a span.
    """
    result = []
    for part in map(str.strip, text.split("\n")):
        place, span = start, span_of(part)
        if span and span[1] >= start - 1:
            place, start = span
        elif part:
            filled = (n for n in range(start, len(lines)) if lines[n].strip())
            following = list(islice(filled, 2))
            fitting = (n for n in following if lines[n].rstrip().endswith(part))
            place = next(chain(fitting, following), len(lines))
            start = place + 1
        result.append(numbers[place] if place < len(numbers) else 0)
    return result


def _numbers_after(old: list[str], new: list[str]) -> list[int]:
    """Return the number of each new line, after fenced code was stored and lines removed."""
    if old == new:
        return list(range(1, len(new) + 1))
    text, starts = "\n".join(old), [0, *accumulate(len(line) + 1 for line in old)]
    numbers: list[int] = []
    n = 0
    while (at := len(numbers)) < len(new) and n < len(old):
        # A stored block has an empty line before and after it.
        stored = HTML_PLACEHOLDER_RE.fullmatch(new[min(at + 1, len(new) - 1)])
        fence = FENCE.match(text, starts[n]) if stored else None
        if fence:
            last = n + fence[0].count("\n")
            numbers += [n + 1, n + 1, last + 1]
            n = last
        elif old[n] == new[at] and not stored:
            numbers.append(n + 1)
        n += 1
    return numbers if len(numbers) == len(new) else [0] * len(new)


class _Blocks(list[str]):
    """The blocks before a processor; knows the lines of those that it took."""

    def begin(self) -> None:
        """Forget what was taken: the next processor runs."""
        self.taken: list[Any] = []
        self.lines: list[str] = []
        self.numbers: list[int] = []
        self.first = self.cursor = 0

    def pop(self, index: Any = -1) -> str:
        block = super().pop(index)
        self.taken.append(block)
        return block

    def insert(self, index: Any, block: str) -> None:
        known = isinstance(block, _Lined)
        super().insert(index, block if known else _lined(block, self._put_back(block)))

    def rest(self) -> list[int]:
        """Return the numbers of what was neither passed on nor put back."""
        return [*self.numbers, *(n for block in self.taken for n in block.numbers)][self.cursor :]

    def place(self, text: str, first: re.Pattern[str] | None) -> list[int]:
        """Return the numbers of a text that is passed on: the next lines, else the last ones."""
        self._load()
        parts = text.split("\n") if text else []
        start = self.first = self._find(first)
        if not self._fits(start, parts):
            start = len(self.lines) - len(parts)
        if not self._fits(start, parts):
            return self.search(text, first)
        numbers = self.numbers[max(start, self.cursor) : start + len(parts)]
        self.cursor = start + len(parts)
        # A quote below other lines begins with an empty line too many.
        missing = text.count("\n") + 1 - len(numbers)
        return [*(numbers[:1] or self.numbers[-1:]) * missing, *numbers]

    def search(self, text: str, first: re.Pattern[str] | None) -> list[int]:
        """Return the numbers of a text with other empty lines; `first` matches its first line."""
        self._load()
        start = self._find(first)
        self.cursor = start + 1
        return _search(text, self.lines, self.numbers, start)

    def _load(self) -> None:
        for block in self.taken:
            self.lines += block.split("\n")
            self.numbers += block.numbers
        self.taken.clear()

    def _find(self, first: re.Pattern[str] | None) -> int:
        places = range(self.cursor, len(self.lines)) if first else ()
        return next((n for n in places if first and first.match(self.lines[n])), self.cursor)

    def _fits(self, start: int, parts: list[str]) -> bool:
        lines = self.lines[max(start, 0) : start + len(parts)]
        return len(lines) == len(parts) and all(map(str.endswith, lines, parts))

    def _put_back(self, text: str) -> list[int]:
        """Return the numbers of a text: of the last lines that are left, else of the first ones."""
        self._load()
        parts = text.split("\n")
        size, start = len(parts), max(len(self.lines) - len(parts), 0)
        is_first = self.lines[:size] == parts or not self._fits(start, parts)
        if is_first and self.lines[start:] != parts:
            return self.numbers[:size] + [0] * (size - len(self.numbers))
        numbers = self.numbers[start:]
        del self.lines[start:], self.numbers[start:]
        return numbers


class _HtmlParser(HTMLExtractorExtra):
    """Stores raw HTML with its start tags marked, and notes where it begins."""

    def __init__(self, md: Markdown, source: "SourceLines") -> None:
        self.source = source
        super().__init__(md)

    def reset(self) -> None:
        super().reset()
        self.treebuilder = _Builder(self)

    def get_element(self) -> Element:
        element = super().get_element()
        self.treebuilder = _Builder(self)
        return element

    def handle_empty_tag(self, data: Any, is_block: Any) -> None:
        self._begin()
        super().handle_empty_tag(data, is_block)

    def get_starttag_text(self) -> str:
        self._begin()
        text = str(super().get_starttag_text())
        return _mark(text, self.source.numbers[self.lineno - 1]) if self.inraw else text

    def _begin(self) -> None:
        if not self._cache:  # type: ignore[attr-defined]
            self.source.begins[self.md.htmlStash.html_counter] = self.lineno - 1


class _Builder(TreeBuilder):
    """Builds elements with markdown="1", and notes where they begin and end."""

    def __init__(self, parser: _HtmlParser) -> None:
        super().__init__()
        self.parser, self.source = parser, parser.source

    def start(self, tag: Any, attrs: Any) -> Element:
        element = super().start(tag, attrs)
        self.source.spans[element] = (self.parser.lineno - 1, self.parser.lineno - 1)
        return element

    def end(self, tag: Any) -> Element:
        element = super().end(tag)
        start, end = self.source.spans[element][0], self.parser.lineno
        self.source.spans[element] = (start, end - 1)
        self.source.texts[element] = self.source.numbers[start:end]
        self.source.lines[element] = self.source.numbers[start]
        return element


class SourceLines(Extension):
    """Records the source line of every element, and writes it as the last tree processor.

    An instance is for one text. Without `extra`, which comes before it, lines are unknown.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[Element, int] = {}
        self.texts: dict[Element, list[int]] = {}  # of each line of an element's own text
        self.stored: dict[int, int] = {}  # of stored HTML, by its index
        self.text_numbers: list[int] = []  # of each line that the block parser gets
        # Before raw HTML is stored: the number of each line, and places among these lines
        self.numbers: list[int] = []
        self.begins: dict[int, int] = {}  # of stored HTML, by its index
        self.spans: dict[Element, tuple[int, int]] = {}  # of elements with markdown="1"
        self.blocks: _Blocks | None = None

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (Python-Markdown's name)
        """Register the steps; the numbers are positions among Python-Markdown's own."""
        self.md, self.parser = md, md.parser
        md.preprocessors.register(_step(self._begin), "source_lines", 29)  # after white space (30)
        if "markdown_block" in md.parser.blockprocessors:
            md.preprocessors.register(_step(self._store_html), "html_block", 20)  # replaces its own
        md.parser.parseChunk = self._parse_chunk  # type: ignore[method-assign]
        md.parser.parseBlocks = self._parse_blocks  # type: ignore[method-assign]
        md.treeprocessors.register(_step(self._find_inline), "inline_lines", 19.5)  # inline: 20
        md.treeprocessors.register(_step(self._write), "source_lines", -1000)
        if "footnote" in md.treeprocessors:
            notes = md.treeprocessors["footnote"].footnotes  # type: ignore[attr-defined]
            notes.setFootnote = self._with_lines(notes.setFootnote)

    def line_of(self, element: Element) -> int:
        """Return the line of an element, else of what is in it or around it; 0 if unknown."""
        if line := next(filter(None, map(self.lines.get, element.iter())), 0):
            return line
        parents = {child: parent for parent in self.parser.root.iter() for child in parent}
        while element in parents and not self.lines.get(element):
            element = parents[element]
        return self.lines.get(element, 0)

    def line_of_stored(self, placeholder: str) -> int:
        """Return the line of stored HTML; known to tree processors after inline patterns (20)."""
        match = HTML_PLACEHOLDER_RE.fullmatch(placeholder)
        return self.stored.get(int(match[1]), 0) if match else 0

    def copy(self, source: Element, to: Element) -> None:
        """Give an element the line of another."""
        self.lines[to] = self.line_of(source)

    def _begin(self, lines: list[str]) -> list[str]:
        self.original = list(lines)
        self.processors = list(self.parser.blockprocessors)
        self.block_tags = frozenset(self.md.block_level_elements)
        return lines

    def _store_html(self, lines: list[str]) -> list[str]:
        text = "\n".join(lines)
        self.filtered, self.numbers = lines, _numbers_after(self.original, lines)
        for line, number in zip(lines, self.numbers, strict=True):
            if match := HTML_PLACEHOLDER_RE.fullmatch(line):  # fenced code, in raw HTML too
                self.stored[int(match[1])] = number
        parser = _HtmlParser(self.md, self)
        parser.feed(text)
        parser.close()
        result = "".join(parser.cleandoc)
        whole = (0, len(lines))
        self.text_numbers = self.numbers if result == text else self._search(result, whole)
        return result.split("\n")

    def _search(self, text: str, span: tuple[int, int]) -> list[int]:
        start, end = span
        return _search(text, self.filtered[: end + 1], self.numbers, start, self._span)

    def _span(self, text: str) -> tuple[int, int] | None:
        """Return where the HTML begins and ends that was stored for a placeholder."""
        match = HTML_PLACEHOLDER_RE.fullmatch(text)
        html = self.md.htmlStash.rawHtmlBlocks[int(match[1])] if match else ""
        if isinstance(html, Element):
            return self.spans.get(html)
        start = self.begins.get(int(match[1])) if match else None
        return None if start is None else (start, start + html.rstrip("\n").count("\n"))

    def _parse_chunk(self, parent: Element, text: str) -> None:
        self.parser.parseBlocks(parent, list(_split(text, self._numbers_of(text))))

    def _parse_blocks(self, parent: Element, blocks: list[str]) -> None:
        mine = _Blocks(self._located(parent, blocks))
        outer, self.blocks = self.blocks, mine
        while mine:
            for processor in self.processors:
                if processor.test(parent, mine[0]):
                    mine.begin()
                    size, last = len(parent), parent[-1] if len(parent) else parent
                    if processor.run(parent, mine) is not False:
                        self._record(processor, parent, size, last, mine)
                        break
        self.blocks = outer

    def _located(self, parent: Element, blocks: list[str]) -> list[_Lined]:
        if span := self.spans.pop(parent, None):
            text = "\n\n".join(blocks)
            return list(_split(text, self._search(text, span)))
        first = DEFINITION if parent.tag == "dd" and parent not in self.lines else None
        located = [
            block if isinstance(block, _Lined) else _lined(block, self._numbers_of(block, first))
            for block in blocks
        ]
        if parent.tag in CONTAINERS and located:
            self.lines.setdefault(parent, located[0].numbers[0])
        return located

    def _numbers_of(self, text: str, first: re.Pattern[str] | None = None) -> list[int]:
        if isinstance(text, _Lined):
            return text.numbers
        if self.blocks is not None:
            return self.blocks.place(text, first)
        # The whole text; no other comes in while no processor runs.
        numbers, self.text_numbers = self.text_numbers, []
        size = text.count("\n") + 1
        return numbers if len(numbers) == size else [0] * size

    def _record(
        self, processor: BlockProcessor, parent: Element, size: int, last: Element, blocks: _Blocks
    ) -> None:
        """Note the lines of what a processor made; before, `parent` had `size` children."""
        numbers = blocks.rest()
        if isinstance(processor, TableProcessor):
            for row, line in zip(parent[-1].iter("tr"), numbers[:1] + numbers[2:], strict=False):
                self._set(row.iter(), repeat(line))
        elif isinstance(processor, DefListProcessor):
            terms = [each for each in parent[-1] if each.tag == "dt" and each not in self.lines]
            self._set(terms, blocks.numbers[: blocks.first] or self.texts.get(last, []))
        if len(parent) > size and parent[-1] not in self.lines:
            self.lines[parent[-1]] = next(iter(numbers or blocks.numbers), 0)
            self.texts[parent[-1]] = numbers
        elif isinstance(processor, ParagraphProcessor) and len(parent) == size:
            # Text of a list item; after a heading it begins with a line break.
            known = self.texts.get(parent) or numbers[: min(size, 1)]
            self.texts[parent] = known + numbers

    def _set(self, elements: Iterable[Element], numbers: Iterable[int]) -> None:
        for element, line in zip(elements, numbers, strict=False):
            self.lines[element], self.texts[element] = line, [line]

    def _with_lines(self, store: Callable[[str, str], None]) -> Callable[[str, str], None]:
        """Wrap setFootnote: notes are parsed after the text."""

        def store_with_lines(label: str, text: str) -> None:
            if self.blocks is not None:
                first = re.compile(rf" {{0,3}}\[\^{re.escape(label)}\]:")
                text = _lined(text, self.blocks.search(text, first))
            store(label, text)

        return store_with_lines

    def _find_inline(self, root: Element) -> None:
        for element, numbers in self.texts.items():
            if numbers and self._walk(element, numbers, 0) != len(numbers) - 1:
                # A code span, link or formula has lost a line break: use the block's line.
                self._walk(element, numbers[:1], 0)

    def _walk(self, element: Element, numbers: list[int], at: int) -> int:
        """Set the lines of inline elements; return `at` plus the line breaks in the element."""
        at += self._breaks(element.text, numbers, at) + (element.tag == "br")
        for child in element:
            # The text of a list item may have become a paragraph, which has no line.
            moved = child.tag == "p" and child not in self.lines
            if moved or child.tag not in self.block_tags:
                self.lines[child] = numbers[min(at, len(numbers) - 1)]
                at = self._walk(child, numbers, at)
            at += self._breaks(child.tail, numbers, at)
        return at

    def _breaks(self, text: str | None, numbers: list[int], at: int) -> int:
        """Return how many line breaks a text has; set the lines of stored HTML in it."""
        text = text or ""
        breaks = text.count("\n")
        for match in HTML_PLACEHOLDER_RE.finditer(text) if STX in text else ():
            index, place = int(match[1]), at + text.count("\n", 0, match.start())
            self.stored.setdefault(index, numbers[min(place, len(numbers) - 1)])
            breaks += str(self.md.htmlStash.rawHtmlBlocks[index]).count("\n")
        return breaks

    def _is_block(self, text: str) -> bool:
        """Return whether a text is the placeholder of a stored block."""
        match = HTML_PLACEHOLDER_RE.fullmatch(text)
        html = self.md.htmlStash.rawHtmlBlocks[int(match[1])] if match else ""
        is_block = self.md.postprocessors["raw_html"].isblocklevel  # type: ignore[attr-defined]
        return isinstance(html, Element) or bool(is_block(html))

    def _write(self, root: Element) -> None:
        stash = self.md.htmlStash.rawHtmlBlocks
        elements = list(root.iter())[1:]
        elements += [each for html in stash if isinstance(html, Element) for each in html.iter()]
        for element in reversed(elements):
            if len(element) and not self.lines.get(element):
                self.lines[element] = next(filter(None, map(self.lines.get, element)), 0)
        for element in elements:
            shown = element.tag in INLINE or element.tag in self.block_tags
            if element.tag == "p" and not len(element) and self._is_block(element.text or ""):
                shown = False  # Python-Markdown looks for `<p>` around a stored block, and drops it
            if shown and self.lines.get(element):
                element.attrib[_Mark(MARK)] = str(self.lines[element])
        for index, line in self.stored.items():
            html = stash[index]
            if isinstance(html, str) and MARK not in html:
                stash[index] = _mark(html, line)
