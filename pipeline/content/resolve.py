"""Links to sources become links to what is made of them.

An author writes the path of a file, as an editor completes it (`../other-post/index.md#heading`),
or Pelican's `{filename}` and `{static}`. What a link leads to must exist.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import PurePosixPath
from posixpath import join, normpath, relpath
from urllib.parse import quote, unquote, urldefrag, urlsplit

from pipeline.html import change_urls
from pipeline.model import Reference
from pipeline.problems import Problem, did_you_mean

CODE = "broken-link"
INDICATED = re.compile(r"[{|](\w+)[}|](.*)", re.DOTALL)
TO_FILES = ("filename", "static", "attach")
KINDS = (*TO_FILES, "tag", "index")
# What follows the words of a link that leads to an archived copy
ARCHIVED = ' <span class="archived">(archived copy)</span>'
# Attributes that load what they name
LOADING = ("src", "srcset", "poster", "data")


@dataclass(frozen=True)
class LinkTarget:
    """What a source becomes: its address, and the ids in it (None: they are not known)."""

    url: str
    published: bool = True
    ids: frozenset[str] | None = None


# A source that could not be read: that is reported where it is, not wherever it is linked.
UNREAD = LinkTarget("")
# A draft that was left out because of its faults
SKIPPED = LinkTarget("", published=False)


@dataclass
class Resolver:
    """Resolves the addresses of one document.

    `name` is the document's path below the content folder, `path` the file that problems name,
    `url` its own address. `targets` are all sources by their names, `outputs` the paths of all
    files of the site, `site` the site's address. `away`: the document's words are shown on another
    page, at `url`. `copies` are archived copies of dead pages of other sites. Fills `links` with
    the names of what is linked, and `problems`.
    """

    name: str
    path: str
    url: str
    targets: Mapping[str, LinkTarget]
    outputs: frozenset[str]
    site: str
    away: bool = False
    copies: Mapping[str, str] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def attribute(self, reference: Reference) -> str:
        """Return the attribute of a reference with its address resolved."""

        copy = self.copies.get(urldefrag(reference.value).url, "") if self.copies else ""
        if not reference.attribute:
            return ARCHIVED if copy else ""

        def change(url: str) -> str:
            fragment = urldefrag(url).fragment
            found = f"{copy}#{fragment}" if fragment else copy
            return found if copy else self.address(reference.attribute, url, reference.line)

        value = change_urls(reference.attribute, reference.value, change)
        return f'{reference.attribute}="{escape(value)}"'

    def address(self, attribute: str, value: str, line: int) -> str:
        """Return the address for one value; what leads to another site stays as it is."""
        link = INDICATED.match(value)
        if link and link[1] not in TO_FILES:
            target = self.targets.get(f"{{{link[1]}}}{link[2].casefold()}")
            if target is None:
                hint = did_you_mean(link[1], KINDS) if link[1] not in KINDS else ""
                self.report(line, f"broken link: {value}", hint or "write the page's address")
                return value
            return self.relative(target.url)
        address = link[2] if link else value
        try:
            url = urlsplit(address)
        except ValueError:
            self.report(line, f"not a URL: {address}")
            return value
        if url.scheme or url.netloc or not (url.path or url.fragment):
            return value
        name = source_name(self.name, url.path)
        if link or name in self.targets or attribute in LOADING:
            return self.file_address(value, name, address, line)
        return self.site_address(value, address, line)

    def file_address(self, value: str, name: str, address: str, line: int) -> str:
        """Return the address of the file with a name, relative to this document's own."""
        target = self.targets.get(name)
        if target is None:
            self.report(line, f"broken link: {value} does not exist", self.similar(address))
            return value
        if not target.published:
            self.report(line, f"link to a draft: {value}")
            return value
        self.links.add(name)
        url = urlsplit(address)
        fragment = url.fragment.partition(":~:")[0]  # without a text fragment
        if fragment and target.ids is not None and unquote(fragment) not in target.ids:
            hint = did_you_mean(fragment, target.ids) or (
                "ids there: " + ", ".join(sorted(target.ids)[:5]) if target.ids else ""
            )
            self.report(line, f"broken link: no id {fragment!r} in {name}", hint)
        path = self.relative(target.url) if url.path or self.away else ""
        return url._replace(path=path).geturl()

    def site_address(self, value: str, address: str, line: int) -> str:
        """Return an address of the site, relative to this document's own."""
        url = urlsplit(address)
        folder = "" if url.path.startswith("/") else self.folder
        place = normpath(join(folder, unquote(url.path).lstrip("/")))
        place = "" if place == "." else place
        page = f"{place}/index.html".lstrip("/")
        if url.path.endswith("/") and page in self.outputs:
            return url._replace(path=self.relative(f"{place}/".lstrip("/"))).geturl()
        if place in self.outputs:
            return url._replace(path=self.relative(place)).geturl()
        if page in self.outputs:
            self.report(line, f"link without the slash at its end: {value}", f"write {value}/")
        else:
            self.report(line, f"broken link: {value} does not exist", self.similar(address))
        return value

    def similar(self, address: str) -> str:
        """Return "did you mean …?" with the file most like the one that a link names."""
        here = PurePosixPath(self.name).parent
        names = [relpath(name, here) for name in self.targets if name[0] != "{"]
        return did_you_mean(urlsplit(address).path, names)

    @property
    def folder(self) -> str:
        """The folder of this document's own address."""
        return self.url if self.url.endswith("/") else str(PurePosixPath(self.url).parent)

    def relative(self, url: str) -> str:
        """Return an address below the site's, relative to this document's own and quoted."""
        way = quote(relpath(url or ".", self.folder or "."))
        return f"{way}/" if url.endswith("/") or not url else way

    def report(self, line: int, message: str, hint: str = "") -> None:
        """Add a problem at a line of the document."""
        self.problems.append(Problem(CODE, self.path, line, message, hint))


def source_name(name: str, written: str) -> str:
    """Return the path below the content folder that a link in the document `name` means."""
    if not written:
        return name
    folder = "" if written.startswith("/") else str(PurePosixPath(name).parent)
    return normpath(join(folder, unquote(written).lstrip("/")))
