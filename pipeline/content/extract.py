"""From converted HTML to a document's parts: everything that is known of a text, found in one walk.

The HTML is parsed once. What depends on other files (links, images, charts) is cut out of it and
becomes a value in `Document.body`; all else stays as Markdown wrote it.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import urlsplit

from turbohtml import Element, Node, Text

from pipeline.content.typography import as_html
from pipeline.html import MARK, ancestors, attribute, classes, elements, parse_part
from pipeline.model import Body, Chart, Image, Quote, Reference
from pipeline.problems import Problem, shorten

# Attributes whose URLs are resolved; see html.URL_ATTRIBUTES for all.
RESOLVED = frozenset(("href", "src", "srcset", "poster", "data", "cite"))
MEDIA = re.compile(r".*\.(?:mp4|m4v|mov|webm|ogv|mp3|m4a|pdf)", re.IGNORECASE)
FIRST_SCREEN = 600  # characters of text on a phone
YEAR = re.compile(r"\((?:[^()]*\s)?(\d{3,4})\)")
# No text has them, and XML allows none (XML 1.0, 2.2).
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
CODE = ("code", "pre", "script", "style")
# Elements whose images have files of their own
OWN_IMAGES = ("picture", "svg", "template")


Part = str | Reference | Image | Chart


class Context(NamedTuple):
    """What the content of an element is in."""

    line: int = 0  # source line of the nearest element that has one (0: unknown)
    marked: tuple[Element, ...] = ()  # the elements that have one, the nearest first
    in_code: bool = False  # or in a script or style


class Edit(NamedTuple):
    """What takes the place of a part of the HTML."""

    start: int
    end: int
    part: Part


def position(edit: Edit) -> tuple[int, int]:
    """Return the order of an edit: one around another is before it."""
    return edit.start, -edit.end


@dataclass
class Extracted:
    """What was found in a text; see `model.Document`."""

    body: Body = ()
    quotes: tuple[Quote, ...] = ()
    ids: tuple[tuple[str, int], ...] = ()
    texts: list[tuple[str, int]] = field(default_factory=list)  # outside of code, with their lines
    styles: tuple[str, ...] = ()
    notes: int = 0
    words: int = 0
    plain: str = ""
    kinds: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


def extract(html: str, path: str) -> Extracted:
    """Return the parts of a text. `html` is annotated, `path` the file that problems name."""
    return _Extraction(html, path).run()


def is_chart(address: str) -> bool:
    """Return whether an image's address is that of a file with data."""
    return urlsplit(address).path.lower().endswith(".csv")


class _Extraction:
    """One walk over the elements; every method handles one kind of element."""

    def __init__(self, html: str, path: str) -> None:
        self.html, self.path = html, path
        self.root = parse_part(html, locations=True)
        self.found = Extracted()
        self.edits: list[Edit] = []
        self.charts: set[str] = set()
        self.eager = True
        self.breaks: dict[Element, int] = {}  # line breaks so far in an element's text
        self.length = 0  # characters of text so far
        self.pieces: list[str] = []

    def run(self) -> Extracted:
        """Walk over the text and return what was found."""
        handlers = {"img": self.image, "pre": self.code_block, "table": self.table}
        ids: list[tuple[str, int]] = []
        contexts: dict[Node, Context] = {self.root: Context()}
        for node in self.root.descendants:
            around = contexts[node.parent] if node.parent else Context()
            if isinstance(node, Text):
                self.text(node, around)
            if not isinstance(node, Element):
                continue
            mark = attribute(node, MARK)
            line = int(mark) if mark.isdecimal() else around.line
            marked = (node, *around.marked) if mark else around.marked
            contexts[node] = Context(line, marked, around.in_code or node.tag in CODE)
            if "id" in node.attrs:
                ids.append((attribute(node, "id"), line))
                self.found.notes += node.tag == "li" and ids[-1][0].startswith("fn:")
            self.found.kinds.update([node.tag, *classes(node)])
            if handler := handlers.get(node.tag):
                handler(node)
            self.references(node, line)
            values = "".join(attribute(node, name) for name in node.attrs)
            self.found.problems += control_characters(values, self.path, line)
            if node.tag == "h1":
                hint = "begin headings with ##; the title is the page's only <h1>"
                self.report("heading-level", node, "top-level heading in a text", hint)
        self.edits.sort(key=position)
        self.found.body = tuple(self.cut(0, len(self.html)))
        self.found.quotes = tuple(self.quotes())
        self.found.ids = tuple(ids)
        self.found.problems += duplicate_ids(ids, self.path)
        self.found.plain = "".join(self.pieces)
        self.found.words = len(" ".join(self.pieces).split())
        return self.found

    def text(self, node: Text, around: Context) -> None:
        """Collect a text: the words, and those outside of code with their line."""
        line = around.line + (self.breaks.get(around.marked[0], 0) if around.marked else 0)
        if breaks := node.data.count("\n"):
            for element in around.marked:
                self.breaks[element] = self.breaks.get(element, 0) + breaks
        self.found.problems += control_characters(node.data, self.path, line)
        self.pieces.append(node.data)
        self.length += len(node.data)
        if isinstance(node.parent, Element) and node.parent.tag == "style":
            self.found.styles = (*self.found.styles, node.data)
        if not around.in_code:
            self.found.texts.append((node.data, line))

    def line(self, node: Node) -> int:
        """Return the source line of a node's nearest element that has one (0: unknown)."""
        for element in (node, *ancestors(node)):
            if isinstance(element, Element) and attribute(element, MARK).isdecimal():
                return int(attribute(element, MARK))
        return 0

    def report(self, code: str, node: Node, message: str, hint: str = "") -> None:
        """Add a problem at the line of a node."""
        self.found.problems.append(Problem(code, self.path, self.line(node), message, hint))

    def given(self, element: Element) -> dict[str, str]:
        """Return the attributes that the author gave."""
        return {name: attribute(element, name) for name in element.attrs if name != MARK}

    def references(self, element: Element, line: int) -> None:
        """Cut out the addresses of an element at a line."""
        location = None if RESOLVED.isdisjoint(element.attrs) else element.source_location
        if not location or element.tag == "base":
            return
        for name, span in location.attrs.items():
            if name not in RESOLVED or (element.tag == "img" and name in ("src", "srcset")):
                continue
            value = attribute(element, name)
            part = Reference(element.tag, name, value, line)
            self.edits.append(Edit(span.start_offset, span.end_offset, part))
            is_link = element.tag == "a" and name == "href" and "rel" not in element.attrs
            if is_link and location.end_tag and "://" in value:
                end = location.end_tag.start_offset
                self.edits.append(Edit(end, end, Reference("a", "", value, line)))

    def image(self, image: Element) -> None:
        """Cut out an image or a chart, with the paragraph that it is alone in."""
        location, given = image.source_location, self.given(image)
        source = given.pop("src", "")
        if not location or not source or any(a.tag in OWN_IMAGES for a in ancestors(image)):
            self.keep_image(image)
            return
        around = alone_in(image)
        if is_chart(source):
            self.chart(image, given, source, around)
            return
        self.check_image(image, source, given)
        caption = given.pop("title", "") if around else ""
        if around is not None and around.source_location:
            self.figure(around, image, caption)
        line = self.line(image)
        eager = self.eager and self.length < FIRST_SCREEN
        attributes = (*given.items(), (MARK, str(line)))
        tag = location.start_tag
        self.edits.append(
            Edit(tag.start_offset, tag.end_offset, Image(source, attributes, line, eager))
        )
        self.eager = False

    def keep_image(self, image: Element) -> None:
        """Cut out the addresses alone of an image whose files the author has chosen."""
        location = image.source_location
        for name in ("src", "srcset") if location else ():
            if location and name in location.attrs:
                span, value = location.attrs[name], attribute(image, name)
                part = Reference("img", name, value, self.line(image))
                self.edits.append(Edit(span.start_offset, span.end_offset, part))

    def figure(self, paragraph: Element, image: Element, caption: str) -> None:
        """Make a figure of an image's paragraph where it has a caption; drop white space."""
        location = paragraph.source_location
        assert location and location.end_tag
        tag = self.html[location.start_tag.start_offset : location.start_tag.end_offset]
        inside = [node.source_location for node in elements(paragraph)]
        first, last = inside[0], inside[0]
        assert first and last
        end = (last.end_tag or last.start_tag).end_offset
        begin, stop = tag, "</p>"
        if caption.strip():
            begin = f"<figure{tag[len('<p') :]}\n"
            stop = f"\n<figcaption>{as_html(caption)}</figcaption>\n</figure>"
        self.edits += [
            Edit(location.start_tag.start_offset, first.start_tag.start_offset, begin),
            Edit(end, location.end_tag.end_offset, stop),
        ]

    def chart(
        self, image: Element, given: dict[str, str], source: str, around: Element | None
    ) -> None:
        """Cut out a chart with its paragraph."""
        location = around.source_location if around is not None else None
        if not location or not location.end_tag or around is not image.parent:
            hint = "put an empty line before and after it"
            self.report("chart", image, f"chart beside other words: {source}", hint)
            return
        name = given.pop("id", "")
        stem = PurePosixPath(re.sub(r"^[{|]\w+[}|]", "", source)).stem.lower()
        name = name or "figure-" + re.sub("[^a-z0-9]+", "-", stem)
        while name in self.charts:
            name += "-again"
        self.charts.add(name)
        alt = given.pop("alt", "")
        part = Chart(source, alt, tuple(given.items()), name, self.line(image))
        start, end = location.start_tag.start_offset, location.end_tag.end_offset
        self.edits.append(Edit(start, end, part))

    def check_image(self, image: Element, source: str, given: Mapping[str, str]) -> None:
        """Report what is wrong with an image's address and alternative text."""
        decorative = "decorative" in given.get("class", "").split()
        if re.match(r"(?:https?:)?//", source):
            hint = "put the file beside the text"
            self.report("external-image", image, f"image on another site: {shorten(source)}", hint)
        elif MEDIA.fullmatch(source):
            hint = f'<video src="{source}" controls></video>'
            self.report("image-format", image, f"not an image: {shorten(source)}", hint)
        if given.get("alt") and decorative:
            hint = f"![]({source}){{: .decorative}}"
            self.report("image-alt", image, "decorative image with an alternative text", hint)
        elif not given.get("alt") and not decorative:
            hint = f"![…]({source}), or ![]({source}){{: .decorative}}"
            self.report("image-alt", image, f"image without alternative text: {source}", hint)

    def code_block(self, block: Element) -> None:
        """Let the keyboard scroll a code block."""
        parent = block.parent
        numbers = isinstance(parent, Element) and "linenodiv" in classes(parent)
        if block.source_location and not numbers and "tabindex" not in block.attrs:
            at = block.source_location.start_tag.start_offset + len("<pre")
            self.edits.append(Edit(at, at, ' tabindex="0"'))

    def table(self, table: Element) -> None:
        """Keep the table that lays out line numbers from being announced as a table."""
        if table.source_location and "highlighttable" in classes(table):
            at = table.source_location.attrs["class"].end_offset
            self.edits.append(Edit(at, at, ' role="presentation"'))

    def cut(self, start: int, end: int, without: Iterable[Edit] = ()) -> Iterator[Part]:
        """Yield the parts of the HTML between two offsets; the edits are in order."""
        at, text = start, ""
        first = bisect_left(self.edits, start, key=lambda edit: edit.start)
        last = bisect_left(self.edits, end, first, key=lambda edit: edit.start)
        for edit in sorted([*self.edits[first:last], *without], key=position):
            if edit.start < at or edit.end > end:
                continue
            text += self.html[at : edit.start]
            at = edit.end
            if isinstance(edit.part, str):
                text += edit.part
            else:
                yield from filter(None, (text, edit.part))
                text = ""
        text += self.html[at:end]
        if text:
            yield text

    def quotes(self) -> Iterator[Quote]:
        """Yield the quotes of the text."""
        for figure in elements(self.root):
            if figure.tag != "figure" or "data-confidence" not in figure.attrs:
                continue
            anchor, quote, caption = (
                figure.find(name) for name in ("a", "blockquote", "figcaption")
            )
            location = quote.source_location if quote is not None else None
            if anchor is None or quote is None or caption is None or not location:
                continue
            attribution = lines_of(caption, without_permalink=True)
            who, _, note = attribution.partition("; ")
            year = YEAR.search(who)
            yield Quote(
                id=attribute(anchor, "id"),
                line=self.line(anchor),
                body=self.inner(quote),
                text=lines_of(quote),
                attribution=attribution,
                author=re.split(r", | \(", who)[0].removeprefix("Attributed to "),
                work=work_in(caption),
                year=int(year[1]) if year else None,
                confidence=attribute(figure, "data-confidence"),
                note=note or None,
                lang=attribute(quote, "lang") or None,
                cite=attribute(quote, "cite") or None,
                added=attribute(figure, "data-added") or None,
                credit=self.inner(caption),
            )

    def inner(self, element: Element) -> Body:
        """Return the content of an element without references to notes and permalinks."""
        places = [
            place
            for part in elements(element)
            if (is_note_reference(part) or "permalink" in classes(part))
            and (place := part.source_location)
        ]
        marks = tuple(
            Edit(place.start_tag.start_offset, place.end_tag.end_offset, "")
            for place in places
            if place.end_tag
        )
        location = element.source_location
        assert location and location.end_tag
        start, end = location.start_tag.end_offset, location.end_tag.start_offset
        return strip_body(tuple(self.cut(start, end, marks)))


def control_characters(text: str, path: str, line: int) -> Iterator[Problem]:
    """Yield a problem for each line with a control character; `line` is the first."""
    lines = re.split("\r\n|\r|\n", text) if CONTROL.search(text) else ()
    for number, part in enumerate(lines, line):
        if found := CONTROL.search(part):
            message = f"control character U+{ord(found[0]):04X}"
            yield Problem("control-character", path, number, message, "remove it")


def duplicate_ids(ids: list[tuple[str, int]], path: str) -> Iterator[Problem]:
    """Yield a problem for each id that an earlier element has."""
    seen: set[str] = set()
    for name, line in ids:
        if name in seen:
            hint = f"give one another: {{: #{name}-2 }}"
            yield Problem("duplicate-id", path, line, f"duplicate id: {name}", hint)
        seen.add(name)


def alone_in(image: Element) -> Element | None:
    """Return the paragraph that has nothing but an image, which may be a link; or None."""
    inner: Element = image
    parent = image.parent
    if isinstance(parent, Element) and parent.tag == "a" and only_child(parent, image):
        inner, parent = parent, parent.parent
    if isinstance(parent, Element) and parent.tag == "p" and only_child(parent, inner):
        location = parent.source_location
        return parent if location and location.end_tag else None
    return None


def only_child(parent: Element, child: Element) -> bool:
    """Return whether an element has nothing but a child and white space."""
    place = child.source_location
    others = [
        node
        for node in parent.children
        if not (isinstance(node, Element) and node.source_location == place)
    ]
    return all(isinstance(node, Text) and not node.data.strip() for node in others)


def is_note_reference(element: Element) -> bool:
    """Return whether an element is the reference to a footnote."""
    return element.tag == "sup" and attribute(element, "id").startswith("fnref")


def strip_body(body: Body) -> Body:
    """Return a body without white space at its ends."""
    parts = list(body)
    if parts and isinstance(parts[0], str):
        parts[0] = parts[0].lstrip()
    if parts and isinstance(parts[-1], str):
        parts[-1] = parts[-1].rstrip()
    return tuple(part for part in parts if part != "")


def lines_of(node: Element, without_permalink: bool = False) -> str:
    """Return the text of an element; paragraphs and line breaks become lines."""

    def walk(node: Node) -> Iterator[str]:
        for child in node.children:
            if isinstance(child, Text):
                yield child.data
            elif isinstance(child, Element) and not is_note_reference(child):
                yield "\1"
                if without_permalink and "permalink" in classes(child):
                    yield "\0"
                    continue
                yield from walk(child)
                if child.tag in ("br", "p"):
                    yield "\n\0"

    # Only the white space right after a line's end goes with it.
    text = re.sub("\0\\s*|\1", "", "".join(walk(node)))
    return text.replace("\u00a0", " ").strip()


def work_in(caption: Element) -> str | None:
    """Return the work that an attribution names: in emphasis, or in quotation marks."""
    text = ""
    for node in caption.descendants:
        parent = node.parent
        if isinstance(node, Text) and isinstance(parent, Element):
            inside = [a for a in (parent, *ancestors(parent)) if a.tag == "em"]
            text += f"\x01{node.data}\x02" if inside else node.data
    text = text.replace("\x02\x01", "")
    found = re.search("\x01(.+?)\x02|“(.+?)”", text, re.DOTALL)
    if not found:
        return None
    return re.sub("[\x01\x02]", "", found[1] or found[2]).replace("\u00a0", " ").strip()
