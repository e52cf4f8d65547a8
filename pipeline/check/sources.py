"""Checks on what was read, before anything is written."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from fnmatch import fnmatch
from html import unescape
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from posixpath import join, normpath, relpath
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from pipeline.problems import Problem
from pipeline.read.front_matter import nearest

# {filename}, {static} and Pelican's older |filename| in an attribute's value
SOURCE_LINK = re.compile(r"[{|](\w+)[}|](.*)")
TO_FILES = ("filename", "static")
OTHERS = ("index", "tag")


class Output(NamedTuple):
    """One file of the site: `source` is what it is made of, `path` where it goes ("": nowhere)."""

    source: str
    path: str


def unexplained(
    root: Path, ignored: Iterable[str], known: Collection[str], own: Collection[str]
) -> Iterator[Problem]:
    """Yield a problem for each file below `root` that gives no output.

    `ignored` are patterns of file names, `known` the paths that were read or copied, `own` those
    that the pipeline uses itself; the paths are relative to `root`.
    """
    ignored = list(ignored)
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if path.is_dir() or any(fnmatch(part, ig) for part in name.parts for ig in ignored):
            continue
        if name.as_posix() not in known and name.as_posix() not in own:
            fix = "move it below posts/, pages/ or extra/, or add it to IGNORE_FILES"
            must = "must give an output"
            yield Problem(str(path), 0, must, "a file that nothing reads", fix)


def repeated_addresses(outputs: Iterable[Output]) -> Iterator[Problem]:
    """Yield a problem for each output that would take another one's place.

    Names that differ in case alone are the same on the file systems of macOS and Windows.
    """
    taken: dict[str, Output] = {}
    for output in sorted(outputs):
        if not output.path:
            continue
        first = taken.setdefault(output.path.casefold(), output)
        if first is not output:
            address = first.path.removesuffix("index.html") or "the home page"
            found = f"{address} is that of {first.source}"
            fix = "rename the folder or file, or give it a Slug"
            yield Problem(output.source, 1, "must have an address of its own", found, fix)


class _Links(HTMLParser):
    """Collects the values of all attributes that look like links to sources."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for _, value in attrs if value and SOURCE_LINK.match(value)]


def source_links(html: str) -> list[str]:
    """Return the attribute values that name sources, such as `{filename}../a/index.md#part`."""
    links = _Links()
    links.feed(html)
    links.close()
    return links.found


def broken_links(source: str, text: str, html: str, known: Mapping[str, str]) -> Iterator[Problem]:
    """Yield a problem for each link to a source that is not there or not published.

    `source` is the file's path relative to the content folder and `text` what it holds; `known`
    maps the paths of all sources to those of their outputs ("": not published).
    """
    for link in source_links(html):
        match = SOURCE_LINK.match(link)
        assert match
        kind, line = match[1], line_of(text, link)
        if kind not in TO_FILES + OTHERS:
            fix = nearest(kind, TO_FILES + OTHERS) or "write {filename} or {static}"
            yield Problem(source, line, "must be a link that is known", f"{{{kind}}}", fix)
        elif kind in TO_FILES:
            path = target(source, match[2])
            if path not in known:
                folder = PurePosixPath(source).parent
                fix = nearest(match[2], [relpath(name, folder) for name in known if name != source])
                yield Problem(source, line, "must link to a file that is there", link, fix)
            elif not known[path]:
                yield Problem(source, line, "must link to what is published", f"{link}, a draft")


def target(source: str, link: str) -> str:
    """Return the path, relative to the content folder, that a link in `source` names."""
    path = unquote(unescape(urlsplit(link).path))
    folder = "" if path.startswith("/") else str(PurePosixPath(source).parent)
    return normpath(join(folder, path.lstrip("/")))


def unknown_template(path: str, text: str, name: str, known: Collection[str]) -> Iterator[Problem]:
    """Yield a problem when the theme has no template of that name; `text` is the source's."""
    if f"{name}.html" not in known:
        line = line_of(text.lower(), "template:")
        fix = nearest(name, [template.removesuffix(".html") for template in known])
        yield Problem(path, line, "Template must be a template of the theme", repr(name), fix)


def line_of(text: str, part: str) -> int:
    """Return the number of the first line that contains `part`, or 1."""
    place = max(text.find(part), 0)
    return text[:place].count("\n") + 1
