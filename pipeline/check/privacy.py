"""What a page asks of others, and what runs in it: nothing."""

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import ParseError, fromstring

from justhtml import Element

from pipeline.check.site import Page, Site
from pipeline.problems import Problem, line_of

# What is fetched without the reader's doing; of `<link>` only these relations
LOADING = {
    "a": ("ping",), "audio": ("src",), "body": ("background",), "embed": ("src",),
    "feimage": ("href", "xlink:href"), "form": ("action",), "iframe": ("src",),
    "image": ("href", "xlink:href"), "img": ("src", "srcset"), "input": ("src", "formaction"),
    "object": ("data",), "script": ("src",), "source": ("src", "srcset"), "track": ("src",),
    "use": ("href", "xlink:href"), "video": ("src", "poster"), "button": ("formaction",),
}  # fmt: skip
RELATIONS = {
    "stylesheet", "icon", "apple-touch-icon", "manifest", "preload", "prefetch", "preconnect",
    "dns-prefetch", "modulepreload", "prerender", "mask-icon",
}  # fmt: skip
IN_CSS = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""", re.IGNORECASE)
# What a script's type may be for a browser to run it (HTML, 4.12.1)
RUNS = re.compile(r"(?:module|importmap|speculationrules|(?:text|application)/(?:x-)?\w*script)?")
PROGRAM = "javascript:"
Tag = tuple[str, Mapping[str, str | None]]


def third_parties(site: Site) -> Iterator[Problem]:
    """No page, stylesheet or drawing makes a browser ask another host for anything.

    A picture, font or frame of another host tells it who reads what, and breaks the page on the day
    it goes. Put the file beside the text, or make a card of the link, which loads nothing:
    `[…](https://…){: .card }`. Links that a reader follows are no requests. There is no excuse: the
    policy that hosts send would block it.
    """
    must = "must ask no other host for anything"
    for page in site.pages:
        css = [text_in(style) for style in page.named("style")]
        for value in [*addresses(tags(page)), *(u for text in css for u in in_css(text))]:
            if leaves(site, page.address, value):
                yield page.problem(must, value, "put the file beside the text", (value,))
    for path, found, text in files(site):
        for value in [*addresses(found), *in_css(text)]:
            if leaves(site, f"/{path}", value):
                yield Problem(made_of(site, path), line_of(text, value), must, value)


def scripts(site: Site) -> Iterator[Problem]:
    """Nothing runs: no script, no handler of events, no drawing with either.

    What runs in a page can do all that its reader can, and the pages need none of it. Remove
    `<script>` and attributes such as `onclick` from the text or the theme (an address that begins
    with `javascript:` is refused by misspelt-addresses); data (`type="application/ld+json"`) may
    stay. There is no excuse: the policy that hosts send would block it.
    """
    must = "must run nothing"
    for page in site.pages:
        for what in running(tags(page)):
            if what != PROGRAM:  # which misspelt-addresses says
                yield page.problem(must, what, "remove it", (what,))
    for path, found, text in files(site):
        for what in running(found):
            yield Problem(made_of(site, path), line_of(text, what), must, what, "remove it")


def tags(page: Page) -> Iterator[Tag]:
    """Yield the elements of a page: names and attributes."""
    yield from ((element.name, element.attrs or {}) for element in page.elements)


def files(site: Site) -> Iterator[tuple[str, list[Tag], str]]:
    """Yield the drawings and stylesheets that lie beside the pages: path, elements, text."""
    for path in sorted(site.files):
        if path.endswith((".svg", ".css")):
            text = site.read(path).decode("utf-8", "replace")
            try:
                root = fromstring(text) if path.endswith(".svg") else None
            except ParseError:
                root = None
            every = root.iter() if root is not None else ()
            yield path, [(local(e.tag).lower(), {local(k): v for k, v in e.attrib.items()})
                         for e in every], text  # fmt: skip


def local(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition("}")[2]


def made_of(site: Site, path: str) -> str:
    """Return the source of an output file, or its address."""
    return next((s for s, made in site.outputs if made == path and "/" in s), f"/{path}")


def addresses(found: Iterable[Tag]) -> Iterator[str]:
    """Yield the addresses that a browser asks by itself."""
    for name, attributes in found:
        keys = LOADING.get(name, ())
        if name == "link" and RELATIONS & set((attributes.get("rel") or "").lower().split()):
            keys = ("href",)
        for key in keys:
            value = attributes.get(key) or ""
            yield from (
                (part.split()[0] for part in value.split(",") if part.strip())
                if (key == "srcset")
                else [value]
            )
        yield from in_css(attributes.get("style") or "")


def in_css(css: str) -> Iterator[str]:
    """Yield the addresses in a stylesheet."""
    yield from (found[1] or found[2] for found in IN_CSS.finditer(css))


def leaves(site: Site, here: str, value: str) -> bool:
    """Return whether an address on the page `here` is that of another host.

    What is asked without encryption is said by another check (mixed-content).
    """
    url = urlsplit(urljoin(site.url + here, value.strip()))
    return url.netloc not in ("", urlsplit(site.url).netloc) and url.scheme != "http"


def running(found: Iterable[Tag]) -> Iterator[str]:
    """Yield what a browser would run, as it is written."""
    for name, attributes in found:
        if name == "script" and RUNS.fullmatch((attributes.get("type") or "").strip().lower()):
            yield "<script"
        for key, value in attributes.items():
            if key.lower().startswith("on"):
                yield f"{key}="
            elif re.match(r"[\s\x00-\x1f]*javascript:", value or "", re.IGNORECASE):
                yield PROGRAM


def text_in(element: Element) -> str:
    """Return the text of a style as it stands in the page."""
    return str(element.to_text(separator="", strip=False))


CHECKS = (third_parties, scripts)
