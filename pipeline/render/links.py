"""Links to sources become links to what is made of them.

An author writes the path of a file, as an editor completes it (`../other-post/index.md#heading`),
or Pelican's `{filename}` and `{static}`. What such a link leads to must be there.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from pathlib import PurePosixPath
from posixpath import join, normpath, relpath
from urllib.parse import quote, unquote, urlsplit

from pipeline.problems import Problem, line_of
from pipeline.read.front_matter import nearest
from pipeline.render.addresses import rewrite

INDICATED = re.compile(r"[{|](\w+)[}|](.*)", re.DOTALL)
TO_FILES = ("filename", "static")
TO_OTHERS = ("index", "tag")  # Pelican's own
# Attributes that load what they name
LOADING = ("src", "srcset", "poster", "data")


@dataclass(frozen=True)
class Target:
    """What a source becomes: its address, and the ids in it (None: they are not known)."""

    url: str
    published: bool = True
    ids: frozenset[str] | None = None


# What a source that cannot be read becomes is said where it stands, not wherever it is linked.
UNREAD = Target("")


@dataclass
class Links:
    """The links of one text: where they lead, and which do not.

    `addresses` are the paths of all output files.
    """

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
        """Return the address for one value; what leads to another site stays as it is."""
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
        path = file_path(self.source, url.path)
        if link or path in self.targets or attribute in LOADING:
            return self.to_file(value, path, address)
        return self.to_address(value, address)

    def to_file(self, value: str, path: str, address: str) -> str:
        """Return the address of the file at a path, relative to this text's own."""
        target = self.targets.get(path)
        if target is None:
            self.say(value, "must link to a file that is there", value, self.similar(address))
            return value
        if not target.published:
            self.say(value, "must link to what is published", f"{value}, a draft")
            return value
        self.to.add(path)
        url = urlsplit(address)
        if url.fragment and target.ids is not None and unquote(url.fragment) not in target.ids:
            fix = nearest(url.fragment, target.ids)
            self.say(value, "must link to a heading that is there", f"#{url.fragment}", fix)
        return url._replace(path=self.relative(target.url) if url.path else "").geturl()

    def to_address(self, value: str, address: str) -> str:
        """Return an address of the site, relative to this text's own; it must be one of a file."""
        url = urlsplit(address)
        folder = "" if url.path.startswith("/") else self.folder
        place = normpath(join(folder, unquote(url.path).lstrip("/")))
        place = "" if place == "." else place
        page = f"{place}/index.html".lstrip("/")
        if url.path.endswith("/") and page in self.addresses:
            return url._replace(path=self.relative(f"{place}/".lstrip("/"))).geturl()
        if place in self.addresses:
            return url._replace(path=self.relative(place)).geturl()
        if page in self.addresses:
            self.say(value, "must end in / as the page's address does", value)
        else:
            must = "must link to a file that is there, or to an address of the site"
            self.say(value, must, value, self.similar(address))
        return value

    def similar(self, address: str) -> str:
        """Return "did you mean …?" with the file most like what a link names."""
        here = PurePosixPath(self.source).parent
        names = [relpath(name, here) for name in self.targets if name != self.source]
        return nearest(urlsplit(address).path, names)

    @property
    def folder(self) -> str:
        """The folder of this text's own address."""
        return self.url if self.url.endswith("/") else str(PurePosixPath(self.url).parent)

    def relative(self, url: str) -> str:
        """Return an address below the site's, relative to this text's own and quoted."""
        way = quote(relpath(url or ".", self.folder or "."))
        return f"{way}/" if url.endswith("/") or not url else way

    def say(self, value: str, must: str, found: str, fix: str = "") -> None:
        """Note a problem where the text has the value."""
        line = line_of(self.text, value)
        self.problems.append(Problem(self.source, line, must, found, fix))


def file_path(source: str, written: str) -> str:
    """Return the path, relative to the content folder, that a link in `source` names."""
    if not written:
        return source
    folder = "" if written.startswith("/") else str(PurePosixPath(source).parent)
    return normpath(join(folder, unquote(written).lstrip("/")))


def mark_outside(html: str, site: str) -> str:
    """Return the HTML with `rel="external"` on the links that leave the site at `site`."""
    elsewhere = rf'href="(?!{re.escape(site)}[/"])https?://'
    return re.sub(rf"<a (?=[^>]*{elsewhere})(?![^>]*\brel=)", '<a rel="external" ', html)


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
    yield from map(unescape, re.findall(r'<[^>]*?\sid="([^"]*)"', html))
