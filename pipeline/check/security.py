"""Security and privacy: pages load nothing from other hosts, run nothing, and have a policy."""

import re
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers.expat import ExpatError, ParserCreate

from pipeline import headers
from pipeline.check.checked_site import CheckedSite, FileCheck, Outline, PageCheck, SiteCheck, found
from pipeline.check.stylesheets import sheets_of
from pipeline.headers import HEADERS_FILE
from pipeline.html import URL_ATTRIBUTES, PageTree, address_of, attribute, css_urls
from pipeline.model import Address, Reference
from pipeline.problems import Problem, shorten

# The relations of <link> whose target a browser requests by itself
LOADING_RELATIONS = {
    "stylesheet", "icon", "apple-touch-icon", "manifest", "preload", "prefetch", "preconnect",
    "dns-prefetch", "modulepreload", "prerender", "mask-icon",
}  # fmt: skip
# The types of <script> that a browser runs (HTML, 4.12.1)
RUNNING_TYPE = re.compile(
    r"(?:module|importmap|speculationrules|(?:text|application)/(?:x-)?\w*script)?"
)
CSP = "Content-Security-Policy"
REQUIRED_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "",
    "Permissions-Policy": "",
    "Cross-Origin-Opener-Policy": "same-origin",
}
REQUIRED_DIRECTIVES = (
    "default-src", "script-src", "style-src", "base-uri", "form-action", "frame-ancestors",
)  # fmt: skip
UNSAFE_SOURCE = re.compile(r"unsafe|\*|https?:|data:|,")
RULE_LINE = re.compile(r"/[^\s*]*\*?[^\s*]*|\s+[\w-]+: \S.*|")


def third_party_requests(site: CheckedSite) -> Iterator[Problem]:
    """No page, stylesheet or SVG image loads anything from another host, encrypted or not."""
    own = urlsplit(site.url).netloc.lower()
    for path, url, place in (*_page_requests(site), *_file_requests(site)):
        base = site.facts[path].base if path in site.facts else ""
        try:
            base = urljoin(site.url + address_of(path), base)
            # Browsers take a backslash for a slash.
            host = urlsplit(urljoin(base, url.strip().replace("\\", "/"))).netloc.lower()
        except ValueError:
            continue
        if host not in ("", own):
            message = f"request to another host, {host}: {shorten(url)}"
            yield found(place, message, "put the file beside the text")


# The file that has a URL, the URL, and its place
Request = tuple[str, str, tuple[str, int]]


def _page_requests(site: CheckedSite) -> Iterator[Request]:
    """Yield each URL that a browser loads by itself for a page; of a foreign theme in texts."""
    pages = site.facts if site.settings.page_views else {}
    addresses = [(path, address) for path, facts in pages.items() for address in facts.addresses]
    for path, content in site.contents.items() if not site.settings.page_views else ():
        for r in content.document.body:
            if isinstance(r, Reference):
                place = (content.document.path, r.line)
                addresses.append((path, Address(r.tag, r.attribute, r.value, "", (), *place)))
    yield from ((path, a.value, (a.path, a.line)) for path, a in addresses if _is_loaded(a))
    urls = []
    for path, facts in pages.items():
        for style in (*facts.styles, *facts.style_attributes):
            for url, line in css_urls(style.text):
                place = (style.path, style.line and style.line + line - 1)
                urls.append((path, url, place))
    if urls:
        sheets = {
            url: (path, line)
            for path, sheet in sheets_of(site)
            for url, line in css_urls(sheet.text)
        }
        yield from ((path, url, sheets.get(url, place)) for path, url, place in urls)


def _file_requests(site: CheckedSite) -> Iterator[Request]:
    """Yield each URL that a stylesheet or SVG image loads; of a foreign theme in copied files."""
    for path, artifact in sorted(site.artifacts.items()):
        if not site.settings.page_views and not artifact.source:
            continue
        file, styles = site.place(path)[0], []
        if path.endswith(".css"):
            styles.append((site.read(path).decode("utf-8", "replace"), 1))
        for tag, attributes, line, element in _svg_elements(site, path):
            styles.append(("".join(element.itertext()) if tag == "style" else "", line))
            for name, value in attributes:
                if name in ("href", "src") and tag != "a":
                    yield path, value, (file, line)
                elif "(" in value:
                    styles.append((value, line))
        for css, line in styles:
            yield from ((path, url, (file, line + at - 1)) for url, at in css_urls(css))


def _is_loaded(address: Address) -> bool:
    """Return whether a browser requests an address of a page without a click, or sends a form."""
    if address.tag == "link":
        return bool(LOADING_RELATIONS.intersection(address.rel))
    if address.attribute in ("href", "xlink:href"):
        return address.tag not in ("a", "area")
    return address.attribute not in ("cite", "content")


# Name and attributes, without namespaces, line, and element
SvgElement = tuple[str, list[tuple[str, str]], int, Element]


def _svg_elements(site: CheckedSite, path: str) -> list[SvgElement]:
    """Return the elements of an SVG image, up to where it is no XML; of another file, none."""
    found_elements: list[SvgElement] = []
    builder, parser = TreeBuilder(), ParserCreate(namespace_separator="}")

    def start(tag: str, attributes: dict[str, str]) -> None:
        names = [name.rpartition("}")[2].lower() for name in (tag, *attributes)]
        pairs = list(zip(names[1:], attributes.values(), strict=True))
        element = builder.start(tag, attributes)
        found_elements.append((names[0], pairs, parser.CurrentLineNumber, element))

    parser.StartElementHandler, parser.EndElementHandler = start, builder.end
    parser.CharacterDataHandler = builder.data
    with suppress(ExpatError):
        parser.Parse(site.read(path) if path.endswith(".svg") else b"", True)
    return found_elements


def scripts(page: PageTree) -> Iterator[Problem]:
    """No page runs anything: no script, no event handler."""
    for element in page.elements:
        names = [name for name in element.attrs if name not in URL_ATTRIBUTES]
        for message in _script_messages(
            element.tag, [(name, attribute(element, name)) for name in names]
        ):
            yield found(page.place(element), message, "remove it")


def svg_scripts(site: CheckedSite) -> Iterator[Problem]:
    """No SVG image runs anything: no script, no event handler, no `javascript:` link."""
    for path in sorted(site.artifacts):
        for tag, attributes, line, _ in _svg_elements(site, path):
            place = (site.place(path)[0], line)
            yield from (
                found(place, message, "remove it") for message in _script_messages(tag, attributes)
            )


def _script_messages(tag: str, attributes: list[tuple[str, str]]) -> Iterator[str]:
    """Yield a message for each thing that a browser would run in an element."""
    if tag == "script" and RUNNING_TYPE.fullmatch(dict(attributes).get("type", "").strip().lower()):
        yield "<script> runs in the page"
    for name, value in attributes:
        if name.startswith("on"):
            yield f"event handler {name}"
        elif re.sub(r"[\x00-\x20]+", "", value).lower().startswith("javascript:"):
            yield f"{name} runs a script: {shorten(value)}"


def _sent_headers(
    site: CheckedSite,
) -> Iterator[tuple[str, Outline, dict[str, str], dict[str, str]]]:
    """Yield each page with the headers that are sent with it, and its policy's directives.

    Nothing where SECURITY_HEADERS is off or the file is missing.
    """
    rules = headers.read_headers(_headers_text(site))
    for path, page in site.outlines.items() if rules else ():
        sent = headers.headers_for(address_of(path), rules)
        parts = (part.strip().partition(" ") for part in sent.get(CSP, "").split(";"))
        yield path, page, sent, {name: value.strip() for name, _, value in parts if name}


def _headers_text(site: CheckedSite) -> str:
    if not site.settings.security_headers or HEADERS_FILE not in site.artifacts:
        return ""
    return site.read(HEADERS_FILE).decode("utf-8", "replace")


def csp_hashes(site: CheckedSite) -> Iterator[Problem]:
    """The Content-Security-Policy allows every style in a page by its hash."""
    for path, page, _, policy in _sent_headers(site):
        if not page.inline and not {*page.styles} - {*policy.get("style-src", "").split()}:
            continue
        facts = site.facts[path]
        for style in facts.styles:
            if headers.style_hash(style.text) not in policy.get("style-src", "").split():
                message = f"style without a hash in {HEADERS_FILE}: {shorten(style.text)}"
                yield found((style.path, style.line), message)
        for style in facts.style_attributes:
            message = f"style attribute, which the policy blocks: {shorten(style.text)}"
            yield found((style.path, style.line), message, "use a class")


def csp(site: CheckedSite) -> Iterator[Problem]:
    """Each page is sent with a strict Content-Security-Policy and the other security headers."""
    place = site.place(HEADERS_FILE)
    different = {str(sent): (sent, policy) for _, _, sent, policy in _sent_headers(site)}
    for sent, policy in different.values():
        for name in REQUIRED_DIRECTIVES:
            if name not in policy:
                yield found(place, f"{CSP} without {name}")
        for name, value in policy.items():
            if UNSAFE_SOURCE.search(value) or not value:
                hint = "name only what is the site's own"
                yield found(place, f"{CSP} too loose: {name} {value}", hint)
        for name, value in REQUIRED_HEADERS.items():
            if not sent.get(name) or (value and sent[name] != value):
                was = f"sent as {sent[name]}" if sent.get(name) else "not sent"
                yield found(place, f"header {name} {was}", value and f"send {value}")


def headers_file(site: CheckedSite) -> Iterator[Problem]:
    """`_headers` is within the limits of Netlify and Cloudflare Pages."""
    path, text = site.place(HEADERS_FILE)[0], _headers_text(site)
    count = len(headers.read_headers(text))
    if site.settings.security_headers and not 0 < count <= headers.MAX_RULES:
        yield found((path, 0), f"{count} rules, allowed are 1 to {headers.MAX_RULES}")
    for number, line in enumerate(text.splitlines() if count else (), 1):
        if len(line) > headers.MAX_LINE:
            hint = "move the styles of texts into the theme's stylesheets"
            message = f"line of {len(line)} characters, allowed are {headers.MAX_LINE}"
            yield found((path, number), message, hint)
        elif not RULE_LINE.fullmatch(line):
            yield found((path, number), f"neither a path with one * nor a header: {shorten(line)}")


PAGE_CHECKS: tuple[PageCheck, ...] = (scripts,)
FILE_CHECKS: tuple[FileCheck, ...] = (third_party_requests, svg_scripts)
SITE_CHECKS: tuple[SiteCheck, ...] = (csp_hashes, csp, headers_file)
