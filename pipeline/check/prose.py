"""The words of a built site, as readers and their programs read them: pages, feeds, data."""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from xml.etree import ElementTree

from justhtml import Element, JustHTML, Node, Text

from pipeline.check.elements import INSTEAD, clues
from pipeline.check.site import Page, Site
from pipeline.problems import Problem

# What shows a thing instead of meaning it
CODE = frozenset(
    {"code", "kbd", "math", "pre", "samp", "script", "style", "svg", "template", "var"}
)
INLINE = frozenset(
    re.findall(
        r"\w+",
        "a abbr b bdi bdo br cite code data del dfn em i img ins kbd mark math q s samp small span "
        "strong sub sup svg time u var wbr",
    )
)
# Attributes with words for a reader, and with addresses
WORDED = ("alt", "title", "aria-label", "placeholder", "label", "content", "value")
WITH_ADDRESS = ("href", "src", "action", "cite", "poster")


class Passage(NamedTuple):
    """A run of words on a page (None: of a file that is none), without the code in it."""

    file: str
    page: Page | None
    text: str

    def problem(self, site: Site, hit: re.Match[str], must: str, found: str, fix: str) -> Problem:
        """Return a problem at the source of what a pattern has found in `text`."""
        long = max(re.findall(r"\w{4,}", hit[0]), key=len, default="")
        path, line = place_in(site, self.file, *clues(self.text, *hit.span()), long)
        return Problem(path, line, must, found, fix)


@lru_cache(maxsize=1)
def passages(site: Site) -> tuple[Passage, ...]:
    """Return all words of a site, block by block, value by value; those of feeds that pages have
    too once.
    """
    of_pages = [Passage(p.path, p, text) for p in site.pages for text in prose(p.document.root)]
    files = [(name, text) for name, text in text_files(site) if not name.endswith(".html")]
    of_files = {
        words: Passage(name, None, words) for name, text in files for words in words_in(name, text)
    }
    on_pages = {passage.text for passage in of_pages}
    return (*of_pages, *(p for words, p in of_files.items() if words not in on_pages))


def text_files(site: Site) -> Iterator[tuple[str, str]]:
    """Yield every file of the site that is text, with its text.

    That of a page is its HTML and what this shows, as colours stand between the letters of code.
    """
    pages = site.page_at
    for name in sorted(site.files):
        if name in pages:
            yield name, f"{pages[name].html}\n{pages[name].text}"
            continue
        data = site.read(name)
        if b"\0" not in data[:1024]:
            try:
                yield name, data.decode("utf-8")
            except UnicodeDecodeError:
                continue


def words_in(name: str, text: str) -> Iterator[str]:
    """Yield the words in a file that is no page: the values of XML and JSON, or the lines."""
    values: Iterator[str]
    try:
        if name.endswith(".json"):
            values = _json_values(json.loads(text))
        elif name.endswith((".xml", ".opml", ".svg")):
            values = _xml_values(ElementTree.fromstring(text.encode()))
        else:
            values = iter(text.splitlines())
    except (ElementTree.ParseError, ValueError):
        values = iter(text.splitlines())
    for value in values:
        yield from _fragment(value) if "<" in value else [value]


def prose(root: Node) -> Iterator[str]:
    """Yield the text of each block, with the line feeds in it, and of each worded attribute."""
    run: list[str] = []
    for kind, text in _events(root):
        if kind == "text":
            run.append(text)
        elif kind == "value":
            yield text
        else:
            if words := "".join(run).strip():
                yield words
            run = []
    if words := "".join(run).strip():
        yield words


def place_in(site: Site, file: str, *parts: str) -> tuple[str, int]:
    """Return the source and line of the first of the parts that stands in one.

    Looks in what the file was made of, then in all that is published, then in the theme.
    """
    origin = next((source for source, path in site.outputs if path == file), "")
    published = {source for source, path in site.outputs if path}
    sources = [source for source in site.sources if source.path == origin]
    sources += [s for s in site.sources if s.path in published and s.path != origin]
    if site.pages:
        sources += site.pages[0].templates
    for part in parts:
        for source in sources:
            if line := source.find(part):
                return source.path, line
    is_copy = PurePosixPath(origin).suffix not in ("", ".md")
    return _in_copy(site, file, parts, origin) if is_copy else (address_of(site, file), 0)


def address_of(site: Site, file: str) -> str:
    """Return the place of a file that is found in no source: the page's own, or its address."""
    page = site.page_at.get(file)
    return page.source.path if page and page.source else f"/{file}"


def _in_copy(site: Site, file: str, parts: tuple[str, ...], origin: str) -> tuple[str, int]:
    text = site.read(file).decode("utf-8", "replace")
    place = next((text.find(part) for part in parts if part in text), -1)
    return origin, text[:place].count("\n") + 1 if place >= 0 else 0


def _events(node: Node) -> Iterator[tuple[str, str]]:
    """Yield ("text", words), ("value", that of an attribute), ("block", "") where one ends."""
    for child in node.children or ():
        if isinstance(child, Text):
            yield "text", child.data or ""
        elif isinstance(child, Element):
            yield from _values(child)
            if child.name in CODE:
                yield "text", INSTEAD
                continue
            block = child.name not in INLINE
            if block:
                yield "block", ""
            yield from _events(child)
            if block:
                yield "block", ""


def _values(element: Element) -> Iterator[tuple[str, str]]:
    for name in WORDED:
        if value := element.attrs.get(name):
            yield "value", value


@lru_cache(maxsize=4096)
def _fragment(html: str) -> tuple[str, ...]:
    return tuple(prose(JustHTML(html, sanitize=False, fragment=True).root))


def _json_values(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _json_values(item)


def _xml_values(root: ElementTree.Element) -> Iterator[str]:
    for element in root.iter():
        yield from (text for text in (element.text, element.tail) if text and text.strip())
        yield from element.attrib.values()
