"""Links to sources become links to what is made of them.

An author writes the path of a file, as an editor completes it (`../other-post/index.md#heading`),
or Pelican's `{filename}` and `{static}`. What such a link leads to must be there.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from posixpath import join, normpath, relpath
from urllib.parse import unquote, urlsplit

from pipeline.problems import Problem
from pipeline.read.front_matter import nearest
from pipeline.render.addresses import rewrite

INDICATED = re.compile(r"[{|](\w+)[}|](.*)", re.DOTALL)
TO_FILES = ("filename", "static")
TO_OTHERS = ("index", "tag")  # Pelican's own
# Attributes that load what they name
LOADING = ("src", "srcset", "poster", "data")


@dataclass(frozen=True)
class Target:
    """What a source becomes: its address ("": not published) and the ids in it."""

    url: str
    published: bool = True
    ids: frozenset[str] = frozenset()


@dataclass
class Links:
    """The links of one text: where they lead, and which do not."""

    source: str
    text: str
    url: str
    targets: Mapping[str, Target]
    addresses: frozenset[str] = frozenset()
    to: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def resolve(self, html: str) -> str:
        """Return the HTML with the addresses of the files that links name.

        Fills `to` with the paths that are linked, and `problems`.
        """
        return rewrite(html, self.change)

    def change(self, attribute: str, value: str) -> str:
        """Return the address for one value; one that names no source stays as it is."""
        link = INDICATED.match(value)
        if link and link[1] not in TO_FILES:
            if link[1] not in TO_OTHERS:
                fix = nearest(link[1], TO_FILES + TO_OTHERS) or "write the file's path"
                self.say(value, "must be a link that is known", f"{{{link[1]}}}", fix)
            return value
        address = link[2] if link else value
        url = urlsplit(address)
        if url.scheme or url.netloc or not (url.path or url.fragment):
            return value
        path = self.path(url.path)
        if not link and not self.names_a_file(attribute, url.path, path):
            return value
        return self.found(value, path, address)

    def path(self, written: str) -> str:
        """Return the path, relative to the content folder, that a link names."""
        if not written:
            return self.source
        folder = "" if written.startswith("/") else str(PurePosixPath(self.source).parent)
        return normpath(join(folder, unquote(written).lstrip("/")))

    def names_a_file(self, attribute: str, written: str, path: str) -> bool:
        """Return whether a link without an indicator is to a source, and not to an address."""
        if path in self.targets:
            return True
        if written.startswith("/"):
            return False
        address = normpath(join(self.url, written))
        has_suffix = bool(PurePosixPath(written).suffix)
        return attribute in LOADING or (has_suffix and address not in self.addresses)

    def found(self, value: str, path: str, address: str) -> str:
        """Return the address of the file at a path, relative to this text's own."""
        target = self.targets.get(path)
        if target is None:
            folder = PurePosixPath(self.source).parent
            names = [relpath(name, folder) for name in self.targets if name != self.source]
            fix = nearest(urlsplit(address).path, names)
            self.say(value, "must link to a file that is there", value, fix)
            return value
        if not target.published:
            self.say(value, "must link to what is published", f"{value}, a draft")
            return value
        self.to.add(path)
        url = urlsplit(address)
        if url.fragment and target.ids and unquote(url.fragment) not in target.ids:
            fix = nearest(url.fragment, target.ids)
            self.say(value, "must link to a heading that is there", f"#{url.fragment}", fix)
        return url._replace(path=self.relative(target.url) if url.path else "").geturl()

    def relative(self, url: str) -> str:
        """Return an address relative to this text's own."""
        here = self.url if self.url.endswith("/") else str(PurePosixPath(self.url).parent)
        way = relpath(url or ".", here or ".")
        return f"{way}/" if url.endswith("/") or not url else way

    def say(self, value: str, must: str, found: str, fix: str = "") -> None:
        """Note a problem where the text has the value."""
        place = max(self.text.find(value), 0)
        line = self.text[:place].count("\n") + 1
        self.problems.append(Problem(self.source, line, must, found, fix))


def mark_outside(html: str) -> str:
    """Return the HTML with `rel="external"` on the links that leave the site."""
    return re.sub(r'<a (?=[^>]*href="https?://)(?![^>]*\brel=)', '<a rel="external" ', html)


def backlinks(edges: Mapping[str, set[str]], listed: Callable[[str], bool]) -> dict[str, list[str]]:
    """Return for each path the listed sources that link to it, in order; not itself."""
    found: dict[str, list[str]] = {}
    for source, to in sorted(edges.items()):
        for path in to - {source}:
            if listed(source):
                found.setdefault(path, []).append(source)
    return found


def ids_of(html: str) -> Iterator[str]:
    """Yield the ids in HTML."""
    yield from re.findall(r'\bid="([^"]*)"', html)
