"""Security and privacy: pages load nothing from other hosts, run nothing, and have a policy."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers.expat import ExpatError, ParserCreate

import tinycss2

from pipeline.check.checked_site import CheckedSite, PageCheck, SiteCheck, found
from pipeline.check.stylesheets import sheets_of
from pipeline.headers import (
    HEADERS_FILE,
    MAX_LINE,
    MAX_RULES,
    headers_for,
    read_headers,
    style_hash,
)
from pipeline.html import URL_ATTRIBUTES, PageTree, address_of, attribute
from pipeline.model import Address, Reference
from pipeline.problems import Problem, shorten

# The relations of <link> whose target a browser requests by itself
LOADING_RELATIONS = {
    "stylesheet", "icon", "apple-touch-icon", "manifest", "preload", "prefetch", "preconnect",
    "dns-prefetch", "modulepreload", "prerender", "mask-icon",
}  # fmt: skip
# Functions of CSS whose strings are URLs that are loaded
LOADING_FUNCTIONS = ("url", "src", "image", "image-set", "-webkit-image-set", "cross-fade")
# The types of <script> that a browser runs (HTML, 4.12.1)
RUNNING_TYPE = re.compile(
    r"(?:module|importmap|speculationrules|(?:text|application)/(?:x-)?\w*script)?"
)
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
    for path, url, place in _requests(site):
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


def _requests(site: CheckedSite) -> Iterator[tuple[str, str, tuple[str, int]]]:
    """Yield each URL that a browser loads by itself: the file that has it, the URL, its place."""
    pages, texts = site.facts.items(), site.contents.items()
    if not site.settings.page_views:  # The pages are a foreign theme's: only texts are checked.
        pages = {}.items()
        addresses = [
            (path, Address(p.tag, p.attribute, p.value, "", (), content.document.path, p.line))
            for path, content in texts
            for p in content.document.body
            if isinstance(p, Reference)
        ]
    else:
        addresses = [(path, address) for path, facts in pages for address in facts.addresses]
    yield from ((path, a.value, (a.path, a.line)) for path, a in addresses if _is_loaded(a))
    sheets = {url: (path, line) for path, css in sheets_of(site) for url, line in css_urls(css)}
    for path, facts in pages:
        for style in (*facts.styles, *facts.style_attributes):
            for url, line in css_urls(style.text):
                place = (style.path, style.line and style.line + line - 1)
                yield path, url, sheets.get(url, place)
    for path, artifact in sorted(site.artifacts.items()):
        urls: Iterable[tuple[str, int]] = ()
        if not site.settings.page_views and not artifact.source:
            continue
        if path.endswith(".css"):
            urls = css_urls(site.read(path).decode("utf-8", "replace"))
        elif path.endswith(".svg"):
            urls = _svg_urls(site.read(path))
        yield from ((path, url, (site.place(path)[0], line)) for url, line in urls)


def _is_loaded(address: Address) -> bool:
    """Return whether a browser requests an address of a page without a click, or sends a form."""
    if address.tag == "link":
        return bool(LOADING_RELATIONS.intersection(address.rel))
    if address.attribute in ("href", "xlink:href"):
        return address.tag not in ("a", "area")
    return address.attribute not in ("cite", "content")


def css_urls(css: str) -> Iterator[tuple[str, int]]:
    """Yield each URL that CSS loads, with its line: `url(…)`, `@import "…"`, `image-set("…")`."""

    def walk(nodes: Iterable[tinycss2.ast.Node], strings: bool) -> Iterator[tuple[str, int]]:
        rule = ""  # the at-rule whose prelude is being read
        for node in nodes:
            if node.type == "at-keyword":
                rule = node.lower_value
            elif node == ";":
                rule = ""
            elif rule == "namespace":
                continue  # a name, which nothing loads
            elif node.type == "url" or (node.type == "string" and (strings or rule == "import")):
                yield node.value, node.source_line
            elif node.type == "function":
                yield from walk(node.arguments, strings or node.lower_name in LOADING_FUNCTIONS)
            elif hasattr(node, "content"):
                yield from walk(node.content, strings)
                rule = ""

    yield from walk(tinycss2.parse_component_value_list(css, skip_comments=True), False)


def _svg_elements(data: bytes) -> list[tuple[Element, int]]:
    """Return each element of an SVG image with its line, up to where it is no XML."""
    builder, found_elements = TreeBuilder(), []
    parser = ParserCreate(namespace_separator="}")

    def start(name: str, attributes: dict[str, str]) -> None:
        found_elements.append((builder.start(name, attributes), parser.CurrentLineNumber))

    parser.StartElementHandler, parser.EndElementHandler = start, builder.end
    parser.CharacterDataHandler = builder.data
    with suppress(ExpatError):
        parser.Parse(data, True)
    return found_elements


def _svg_urls(data: bytes) -> Iterator[tuple[str, int]]:
    """Yield each URL that an SVG image loads, with its line."""
    for element, line in _svg_elements(data):
        tag = _local_name(element.tag)
        css = "".join(element.itertext()) if tag == "style" else ""
        yield from ((url, line + offset - 1) for url, offset in css_urls(css))
        for name, value in element.attrib.items():
            if _local_name(name) in ("href", "src") and tag != "a":
                yield value, line
            elif "(" in value:
                yield from ((url, line) for url, _ in css_urls(value))


def _local_name(name: str) -> str:
    return name.rpartition("}")[2].lower()


def scripts(page: PageTree) -> Iterator[Problem]:
    """No page runs anything: no script, no event handler."""
    for element in page.elements:
        names = [name for name in element.attrs if name not in URL_ATTRIBUTES]
        for message in _running(element.tag, {name: attribute(element, name) for name in names}):
            yield found(page.place(element), message, "remove it")


def svg_scripts(site: CheckedSite) -> Iterator[Problem]:
    """No SVG image runs anything: no script, no event handler, no `javascript:` link."""
    for path in sorted(path for path in site.artifacts if path.endswith(".svg")):
        for element, line in _svg_elements(site.read(path)):
            for message in _running(_local_name(element.tag), element.attrib):
                yield found((site.place(path)[0], line), message, "remove it")


def _running(tag: str, attributes: Mapping[str, str]) -> Iterator[str]:
    """Yield a message for each thing that a browser would run in an element."""
    if tag == "script" and RUNNING_TYPE.fullmatch(attributes.get("type", "").strip().lower()):
        yield "<script> runs in the page"
    for name, value in attributes.items():
        name = _local_name(name)
        if name.startswith("on"):
            yield f"event handler {name}"
        elif re.sub(r"[\x00-\x20]+", "", value).lower().startswith("javascript:"):
            yield f"{name} runs a script: {shorten(value)}"


def _header_rules(site: CheckedSite) -> dict[str, dict[str, str]]:
    """Return what `_headers` says; nothing where SECURITY_HEADERS is off or the file is missing."""
    if not site.settings.security_headers or HEADERS_FILE not in site.artifacts:
        return {}
    return read_headers(site.read(HEADERS_FILE).decode("utf-8", "replace"))


def _policy(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the directives of the Content-Security-Policy by their names."""
    policy = headers.get("Content-Security-Policy", "")
    parts = (part.strip().partition(" ") for part in policy.split(";") if part.strip())
    return {name: value.strip() for name, _, value in parts}


def csp_hashes(site: CheckedSite) -> Iterator[Problem]:
    """The Content-Security-Policy allows every style in a page by its hash."""
    rules = _header_rules(site)
    for path, facts in site.facts.items() if rules else ():
        allowed = _policy(headers_for(address_of(path), rules)).get("style-src", "").split()
        for style in facts.styles:
            if style_hash(style.text) not in allowed:
                message = f"style without a hash in {HEADERS_FILE}: {shorten(style.text)}"
                yield found((style.path, style.line), message)
        for style in facts.style_attributes:
            message = f"style attribute, which the policy blocks: {shorten(style.text)}"
            yield found((style.path, style.line), message, "use a class")


def csp(site: CheckedSite) -> Iterator[Problem]:
    """Each page is sent with a strict Content-Security-Policy and the other security headers."""
    rules, place = _header_rules(site), site.place(HEADERS_FILE)
    for path in site.facts if rules else ():
        sent = headers_for(address_of(path), rules)
        policy = _policy(sent)
        for name in REQUIRED_DIRECTIVES:
            if name not in policy:
                yield found(place, f"Content-Security-Policy without {name}")
        for name, value in policy.items():
            if UNSAFE_SOURCE.search(value) or not value:
                hint = "name only what is the site's own"
                yield found(place, f"Content-Security-Policy too loose: {name} {value}", hint)
        for name, value in REQUIRED_HEADERS.items():
            if not sent.get(name) or (value and sent[name] != value):
                was = f"sent as {sent[name]}" if sent.get(name) else "not sent"
                yield found(place, f"header {name} {was}", value and f"send {value}")


def headers_file(site: CheckedSite) -> Iterator[Problem]:
    """`_headers` keeps the limits of Netlify and Cloudflare Pages."""
    if not site.settings.security_headers:
        return
    path, count = site.place(HEADERS_FILE)[0], len(_header_rules(site))
    if not 0 < count <= MAX_RULES:
        yield found((path, 0), f"{count} rules, allowed are 1 to {MAX_RULES}")
    text = site.read(HEADERS_FILE).decode("utf-8", "replace") if count else ""
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > MAX_LINE:
            hint = "move the styles of texts into the theme's stylesheets"
            message = f"line of {len(line)} characters, allowed are {MAX_LINE}"
            yield found((path, number), message, hint)
        elif not RULE_LINE.fullmatch(line):
            yield found((path, number), f"neither a path with one * nor a header: {shorten(line)}")


PAGE_CHECKS: tuple[PageCheck, ...] = (scripts,)
SITE_CHECKS: tuple[SiteCheck, ...] = (
    third_party_requests, svg_scripts, csp_hashes, csp, headers_file,
)  # fmt: skip
