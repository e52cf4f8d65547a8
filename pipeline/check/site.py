"""The built site as the checks see it: its files, and its pages parsed once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from pathlib import Path
from typing import Any

from justhtml import Element, JustHTML, Node

from pipeline.build import Built
from pipeline.check.sources import BUILT_IN
from pipeline.problems import Problem

# What typography makes of a plain character
PLAIN = str.maketrans("‘’“”–—\u00a0", "''\"\"-- ")


@dataclass(frozen=True)
class Source:
    """One file that the site is made of: its path, and its text as it stands there."""

    path: str
    text: str

    def find(self, part: str) -> int:
        """Return the number of the line, from 1, that has a part, or 0.

        Quotation marks and dashes may be typographic ones, white space any, words emphasised.
        """
        words = [re.escape(word) for word in unescape(part).translate(PLAIN).split()]
        found = re.search(r"[*_]*[\s>]+[*_]*".join(words), self.plain) if words else None
        return self.plain[: found.start()].count("\n") + 1 if found else 0

    @cached_property
    def plain(self) -> str:
        """The text with plain quotation marks and dashes, and its line feeds."""
        return unescape(re.sub("\r\n?", "\n", self.text)).translate(PLAIN)


@dataclass(frozen=True)
class Page:
    """One HTML page of the site.

    `path` is its file in the site ("posts/a/index.html"), `source` what it is made of (None: a
    list or the like, made by the theme alone), `templates` the theme's and its
    styles, `html` its text.
    """

    path: str
    source: Source | None
    templates: tuple[Source, ...]
    html: str

    @property
    def address(self) -> str:
        """Where it is on the site, from the root: "/posts/a/"."""
        return "/" + re.sub(r"(^|/)index\.html$", r"\1", self.path)

    @cached_property
    def document(self) -> JustHTML:
        """The page as a browser parses it, and the parser's complaints (`errors`)."""
        return JustHTML(self.html, sanitize=False, collect_errors=True, track_node_locations=True)

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """Every element, in the order of the page."""
        return tuple(_elements(self.document.root))

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Element, ...]]:
        """The elements by their names."""
        found: dict[str, list[Element]] = {}
        for element in self.elements:
            found.setdefault(element.name, []).append(element)
        return {name: tuple(elements) for name, elements in found.items()}

    @cached_property
    def text(self) -> str:
        """All its text, code included."""
        return self.document.root.to_text(separator="", strip=False)

    def named(self, *names: str) -> list[Element]:
        """Return the elements of these names: those of the first name, then those of the next."""
        return [element for name in names for element in self.by_name.get(name, ())]

    @cached_property
    def ids(self) -> frozenset[str]:
        """Every id on the page."""
        return frozenset(e.attrs["id"] or "" for e in self.elements if "id" in e.attrs)

    @cached_property
    def robots(self) -> str:
        """What the page says to search engines ("": nothing)."""
        metas = (e for e in self.named("meta") if e.attrs.get("name") == "robots")
        return next((e.attrs.get("content") or "" for e in metas), "")

    def place(self, *parts: str) -> tuple[str, int]:
        """Return the source file and line of the first of the parts that is found in one.

        Parts are looked for in the page's source, then in the theme's templates. Where none is
        found, it is the source as a whole, or the page itself.
        """
        for source in (*([self.source] if self.source else []), *self.templates):
            for part in parts:
                if line := source.find(part):
                    return source.path, line
        return (self.source.path, 0) if self.source else (self.address, 0)

    def problem(self, must: str, found: str, fix: str = "", parts: tuple[str, ...] = ()) -> Problem:
        """Return a problem at the place of the first of the parts that is found in a source."""
        path, line = self.place(*parts)
        return Problem(path, line, must, found, fix)


@dataclass(frozen=True, eq=False)
class Site:
    """A built site.

    `folder` holds it, `settings` are Pelican's, `files` the paths of all its files, `pages` its
    pages in the order of their paths, `sources` the texts, published or not.
    """

    folder: Path
    settings: Mapping[str, Any]
    files: frozenset[str]
    pages: tuple[Page, ...]
    sources: tuple[Source, ...]
    outputs: tuple[tuple[str, str], ...]

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return str(self.settings["SITEURL"])

    def read(self, path: str) -> bytes:
        """Return the bytes of one of its files."""
        return (self.folder / path).read_bytes()

    @cached_property
    def page_at(self) -> Mapping[str, Page]:
        """The pages by the paths of their files."""
        return {page.path: page for page in self.pages}


def open_site(built: Built) -> Site:
    """Return a built site, to be checked."""
    folder = built.folder
    files = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    paths = sorted({output.source for output in built.outputs} - {BUILT_IN})
    texts = {path: read_source(path) for path in paths if path.endswith(".md")}
    made_of = {output.path: texts.get(output.source) for output in built.outputs}
    theme = sorted(Path(built.settings["THEME"]).rglob("*"))
    templates = tuple(read_source(str(p)) for p in theme if p.suffix in (".html", ".svg", ".css"))
    pages = tuple(
        Page(path, made_of.get(path), templates, (folder / path).read_text("utf-8"))
        for path in files
        if path.endswith(".html")
    )
    outputs = tuple((output.source, output.path) for output in built.outputs)
    return Site(folder, built.settings, frozenset(files), pages, tuple(texts.values()), outputs)


def read_source(path: str) -> Source:
    """Return a source file."""
    return Source(path, Path(path).read_text("utf-8-sig"))


def words_of(node: Node) -> str:
    """Return an element's text as it is read: white space as one space."""
    return " ".join(node.to_text(separator="", strip=False).split())


def attribute(element: Element, name: str) -> str:
    """Return an attribute's value; one that is not there or has none is empty."""
    return (element.attrs or {}).get(name) or ""


def _elements(node: Node) -> Iterator[Element]:
    for child in node.children or ():
        if isinstance(child, Element):
            yield child
        if isinstance(child, Node):
            yield from _elements(child)
