"""The addresses in a built site, and where on the site they lead."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree

from justhtml import Element

from pipeline.check.site import Page, Site, attribute, words_of
from pipeline.problems import Problem

# Where an address can stand; `content` only in the metas of SOCIAL.
ATTRIBUTES = (
    "href",
    "src",
    "srcset",
    "imagesrcset",
    "poster",
    "data",
    "cite",
    "action",
    "formaction",
    "xlink:href",
)
SOCIAL = ("og:image", "og:url", "og:image:url", "og:image:secure_url", "twitter:image")
# The hosts that are another machine for everybody
THIS_MACHINE = re.compile(r"localhost|(?:.*\.)?local(?:host)?|127(?:\.\d+){3}|0\.0\.0\.0|::1")
XML_ATTRIBUTES = ("xmlUrl", "htmlUrl", "url")


@dataclass(frozen=True)
class Address:
    """One address on a page, as written there (of a srcset, each), and who has it."""

    page: Page
    element: Element
    attribute: str
    value: str

    @property
    def rel(self) -> list[str]:
        """The relations of a link."""
        return attribute(self.element, "rel").lower().split()

    @property
    def words(self) -> str:
        """What a reader sees of it: its text, or that of its picture."""
        return words_of(self.element) or attribute(self.element, "alt")

    def problem(self, must: str, found: str, fix: str = "") -> Problem:
        """Return a problem at the line where the address stands, or the words of the link."""
        below = re.sub(r"^(?:\.{1,2}/|https?://[^/]*/)+", "/", self.value)
        tag = f'rel="{attribute(self.element, "rel")}"' if self.rel else _meta_name(self.element)
        parts = (self.value, f"[{self.words}](", below, tag)
        for part in parts:
            path, line = self.page.place(part)
            if line:
                return Problem(path, line, must, found, fix)
        return self.page.problem(must, found, fix)


@dataclass(frozen=True)
class Place:
    """Where on the site an address leads: path from its root, without the first slash, decoded.

    `exact` is false when the address names the site by another scheme or host than its own.
    """

    path: str
    fragment: str
    exact: bool

    @property
    def file(self) -> str:
        """The file that a host shows there."""
        return f"{self.path}index.html" if not self.path or self.path.endswith("/") else self.path


def addresses(page: Page) -> Iterator[Address]:
    """Yield every address on a page."""
    for element in page.elements:
        if element.name == "base":
            continue
        for name in ATTRIBUTES:
            if name not in element.attrs:
                continue
            value = attribute(element, name)
            for part in candidates(value) if name.endswith("srcset") else [value]:
                yield Address(page, element, name, part)
        if element.name == "meta" and _meta_name(element) in SOCIAL:
            yield Address(page, element, "content", attribute(element, "content"))


def candidates(srcset: str) -> Iterator[str]:
    """Yield the addresses of a srcset (HTML, 4.8.4.2.1: what separates them is a comma, space)."""
    for candidate in re.split(r",\s+", srcset):
        if words := candidate.split():
            yield words[0]


def machine_addresses(site: Site) -> Iterator[tuple[str, str]]:
    """Yield (file, address) for what sitemaps and OPML lists name."""
    for name in sorted(site.files):
        if name.endswith(".opml") or re.search(r"(?:^|/)sitemap[^/]*\.xml$", name):
            yield from ((name, url) for url in _in_xml(site.read(name)))


def resolve(site: Site, page: Page, value: str) -> Place | None:
    """Return where on the site an address on a page leads; None: elsewhere, or nowhere at all."""
    bases = [attribute(element, "href") for element in page.named("base")]
    base = urljoin(site.url + page.address, bases[0]) if bases else site.url + page.address
    try:
        return place_of(site.url, urljoin(base, value.strip()))
    except ValueError:
        return None


def place_of(site_url: str, address: str) -> Place | None:
    """Return where on the site at `site_url` an absolute address leads; None: elsewhere.

    A host with and without `www.` is one site. Raises ValueError when it is no URL.
    """
    own, url = urlsplit(site_url), urlsplit(address)
    hosts = [(split.netloc or "").lower().removeprefix("www.") for split in (own, url)]
    if url.scheme not in ("http", "https") or hosts[0] != hosts[1]:
        return None
    if not f"{url.path}/".startswith(f"{own.path}/"):
        return None
    path = unquote(url.path[len(own.path) :]).removeprefix("/")
    exact = (own.scheme, own.netloc) == (url.scheme, url.netloc)
    return Place(path, unquote(url.fragment).partition(":~:")[0], exact)


def on_this_machine(address: str) -> bool:
    """Return whether an address names a host that is the machine of whoever asks for it."""
    try:
        return bool(THIS_MACHINE.fullmatch(urlsplit(address).hostname or ""))
    except ValueError:
        return False


def _meta_name(element: Element) -> str:
    return attribute(element, "property") or attribute(element, "name")


def _in_xml(data: bytes) -> Iterator[str]:
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError:
        return
    for element in root.iter():
        if element.tag.endswith("}loc") and element.text:
            yield element.text.strip()
        for name in XML_ATTRIBUTES:
            if name in element.attrib:
                yield element.attrib[name]
