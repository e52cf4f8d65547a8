"""HTML: the one place that parses it, and that knows where HTML and CSS have URLs.

Annotated HTML carries in `MARK` where each element comes from: "12" is line 12 of the document,
"base.html:7" line 7 of a template of the theme. `strip_marks` takes it out before writing.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from html import escape

import tinycss2
from turbohtml import Document as Tree
from turbohtml import Element, Node, Text, parse, parse_fragment

from pipeline.model import Address, Facts, Passage

MARK = "data-src-line"
MARKS = re.compile(rf' {MARK}="[^"]*"')
# https://html.spec.whatwg.org/multipage/indices.html#attributes-3, without those for scripts
URL_ATTRIBUTES = (
    "href",
    "src",
    "srcset",
    "imagesrcset",
    "poster",
    "data",
    "cite",
    "action",
    "formaction",
    "ping",
    "xlink:href",
)
SRCSETS = ("srcset", "imagesrcset")
# A URL does not begin or end with a comma, but may have one.
CANDIDATE = re.compile(r"([^\s,](?:\S*[^\s,])?)(?:,+(?=\s|$)|\s+([^,]*)|$)")
# Functions of CSS that load the files which strings in them name
LOADING_FUNCTIONS = ("url", "src", "image", "image-set", "-webkit-image-set", "cross-fade")
# The contents of <meta> that are URLs
URL_METAS = ("og:image", "og:url", "og:image:url", "og:image:secure_url", "twitter:image")
# What shows a thing instead of meaning it; in a passage, `OBJECT_REPLACEMENT` stands for it.
CODE = frozenset("code kbd math pre samp script style svg template var".split())
OBJECT_REPLACEMENT = "\ufffc"
# Elements that do not end a passage
INLINE = frozenset(
    "a abbr b bdi bdo br cite code data del dfn em i img ins kbd mark math q rp rt ruby s samp "
    "small span strong sub sup svg time u var wbr".split()
)
# Attributes with words for a reader
TEXT_ATTRIBUTES = ("alt", "title", "aria-label", "placeholder", "label", "content", "value")


def strip_marks(html: str) -> str:
    """Return annotated HTML as it is written."""
    return MARKS.sub("", html)


def parse_page(html: str) -> Tree:
    """Return the tree of a whole page, with positions, as a browser builds it."""
    return parse(html, source_locations=True)


def parse_part(html: str, locations: bool = False) -> Element:
    """Return an element with the nodes of a fragment."""
    return parse_fragment(html, source_locations=locations)


def elements(root: Node) -> Iterator[Element]:
    """Yield the elements below a node in the order of the page."""
    return root.iter_elements()


def attribute(element: Element, name: str) -> str:
    """Return an attribute's value; one that is absent or has none is empty."""
    value = element.attrs.get(name)
    return " ".join(value) if isinstance(value, list) else value or ""


def classes(element: Element) -> list[str]:
    """Return an element's classes."""
    return attribute(element, "class").split()


def ancestors(element: Node) -> Iterator[Element]:
    """Yield the elements around a node, the nearest first."""
    parent = element.parent
    while isinstance(parent, Element):
        yield parent
        parent = parent.parent


def text_of(node: Node) -> str:
    """Return all text below a node as it stands there."""
    return "".join(child.data for child in node.descendants if isinstance(child, Text))


def words_of(node: Node) -> str:
    """Return the text below a node with white space as single spaces."""
    return " ".join(text_of(node).split())


def plain(html: str) -> str:
    """Return the words of a title or summary, which is HTML."""
    html = str(html)  # not Markup, whose methods are slow
    is_text = "<" not in html and "&" not in html
    return " ".join(html.split()) if is_text else words_of(parse_part(html))


def candidates(srcset: str) -> Iterator[tuple[str, str]]:
    """Yield URL and descriptor of each candidate of a srcset (HTML, 4.8.4.2.1)."""
    for match in CANDIDATE.finditer(srcset):
        yield match[1], (match[2] or "").strip()


def change_urls(attribute_name: str, value: str, change: Callable[[str], str]) -> str:
    """Return an attribute's value with each URL in it changed."""
    if attribute_name not in SRCSETS:
        return change(value)
    parts = (f"{change(url)} {descriptor}".rstrip() for url, descriptor in candidates(value))
    return ", ".join(parts)


def rewrite_urls(html: str, change: Callable[[str, str], str]) -> str:
    """Return a fragment with each URL replaced: `change` gets attribute and URL."""
    if not any(f"{name}=" in html for name in URL_ATTRIBUTES):
        return html
    pieces, end = [], 0
    for element in elements(parse_part(html, locations=True)):
        location = element.source_location
        for name, span in sorted(
            (location.attrs if location else {}).items(), key=lambda item: item[1].start_offset
        ):
            if name in URL_ATTRIBUTES:
                value = change_urls(name, attribute(element, name), lambda url: change(name, url))  # noqa: B023
                pieces += [html[end : span.start_offset], f'{name}="{escape(value)}"']
                end = span.end_offset
    return "".join([*pieces, html[end:]])


class PageTree:
    """A page of the site, parsed once, for everything that is looked up in it.

    `path` is its file in the site, `html` its annotated HTML, `source` the file it was made from
    as problems name it ("": none), `templates` the theme's folder of templates, `content` the part
    of the HTML that comes from the source. `by_id` has the first element with each id.
    """

    def __init__(
        self, path: str, html: str, source: str = "", templates: str = "", content: str = ""
    ) -> None:
        self.path, self.html, self.source, self.templates = path, html, source, templates
        self.content = content
        self.tree = parse_page(html)
        self.elements = tuple(elements(self.tree))
        self.by_name: dict[str, list[Element]] = {}
        self.by_attribute: dict[str, list[Element]] = {}
        self.by_id: dict[str, Element] = {}
        for element in self.elements:
            self.by_name.setdefault(element.tag, []).append(element)
            for name in element.attrs:
                self.by_attribute.setdefault(name, []).append(element)
        for element in self.having("id"):
            self.by_id.setdefault(attribute(element, "id"), element)

    @property
    def address(self) -> str:
        """Where it is on the site, from the root: "/posts/a/"."""
        return address_of(self.path)

    def named(self, *names: str) -> list[Element]:
        """Return the elements of these names: those of the first name, then those of the next."""
        return [element for name in names for element in self.by_name.get(name, ())]

    def having(self, *names: str) -> list[Element]:
        """Return the elements with these attributes: those with the first, then with the next."""
        return [element for name in names for element in self.by_attribute.get(name, ())]

    def place(self, node: Node) -> tuple[str, int]:
        """Return the file and the line that a node comes from: of a text or of a template."""
        around = (node, *ancestors(node))
        marks = (attribute(element, MARK) for element in around if isinstance(element, Element))
        return self.place_of(next(filter(None, marks), ""))

    def place_of(self, mark: str) -> tuple[str, int]:
        """Return the file and the line that a mark names; without one, the page as a whole."""
        template, _, line = mark.rpartition(":")
        if not line.isdecimal():
            return self.source or self.address, 0
        return (f"{self.templates}/{template}" if template else self.source), int(line)

    def is_content(self, node: Node) -> bool:
        """Return whether a node comes from the document, not from the theme."""
        return bool(self.source) and self.place(node)[0] == self.source


def address_of(path: str) -> str:
    """Return the address of a file from the site's root: "a/index.html" is at "/a/"."""
    return "/" + re.sub(r"(^|/)index\.html$", r"\1", path)


def facts_of(page: PageTree) -> Facts:
    """Return what the checks of the whole site need of a page."""
    metas = {
        attribute(meta, "property") or attribute(meta, "name"): attribute(meta, "content")
        for meta in page.named("meta")
    }
    equivalents = [attribute(meta, "http-equiv").lower() for meta in page.named("meta")]
    return Facts(
        title=words_of(page.named("title")[0]) if page.named("title") else "",
        base=next((attribute(e, "href") for e in page.named("base") if "href" in e.attrs), ""),
        refresh="refresh" in equivalents,
        metas=metas,
        addresses=tuple(addresses(page)),
        ids=tuple(attribute(e, "id") for e in page.having("id")),
        passages=tuple(passages(page)),
        styles=tuple(Passage(text_of(e), *page.place(e), e.tag) for e in page.named("style")),
        text=text_of(page.tree),
        place=(page.source or page.address, 0),
        head=next(map(page.place, page.named("title", "head")), (page.address, 0)),
        style_attributes=tuple(
            Passage(attribute(e, "style"), *page.place(e), e.tag) for e in page.having("style")
        ),
        code=tuple(code_passages(page)),
    )


def addresses(page: PageTree) -> Iterator[Address]:
    """Yield every address in a page but that of `<base>`."""
    for element in page.elements:
        if element.tag == "base":
            continue
        given = element.attrs
        names = [name for name in URL_ATTRIBUTES if name in given] if given else []
        if element.tag == "meta":
            meta = attribute(element, "property") or attribute(element, "name")
            names = ["content"] if meta in URL_METAS else names
        if not names:
            continue
        words = words_of(element) or attribute(element, "alt")
        rel = tuple(attribute(element, "rel").lower().split())
        for name in names:
            value = attribute(element, name)
            for url in [u for u, _ in candidates(value)] if name in SRCSETS else [value]:
                yield Address(element.tag, name, url, words, rel, *page.place(element))


def passages(page: PageTree) -> Iterator[Passage]:
    """Yield the text of each block and of each attribute with words."""
    for node, text, kind in texts(page.tree):
        path, line = page.place(node)
        # The line of the first word: a block may begin with an empty line.
        line += text[: len(text) - len(text.lstrip())].count("\n") if line else 0
        around = [node, *ancestors(node)]
        languages = (attribute(e, "lang") for e in around if isinstance(e, Element))
        name = kind or getattr(node, "tag", "")
        yield Passage(text.strip(), path, line, name, next(filter(None, languages), ""))


def code_passages(page: PageTree) -> Iterator[Passage]:
    """Yield the text of each element that passages leave out."""
    for element in page.elements:
        if element.tag in CODE and not any(other.tag in CODE for other in ancestors(element)):
            yield Passage(text_of(element), *page.place(element), element.tag)


def texts(root: Node) -> Iterator[tuple[Node, str, str]]:
    """Yield (block, text, "") of each run of text and (element, value, name) of each attribute."""
    run: list[str] = []
    block: Node = root

    def flush() -> Iterator[tuple[Node, str, str]]:
        text = "".join(run)
        run.clear()
        if text.strip():
            yield block, text, ""

    def walk(node: Node) -> Iterator[tuple[Node, str, str]]:
        nonlocal block
        for child in node.children:
            if isinstance(child, Text):
                run.append(child.data)
            elif isinstance(child, Element):
                for name in TEXT_ATTRIBUTES:
                    if value := attribute(child, name):
                        yield child, value, name
                foreign = child.tag in INLINE and "lang" in child.attrs
                if foreign:  # words in another language are not those around them
                    yield from texts(child)
                if foreign or child.tag in CODE or child.tag == "del":
                    run.append(OBJECT_REPLACEMENT + "\n" * text_of(child).count("\n"))
                    continue
                if child.tag in INLINE:
                    run.append(" " * (child.tag == "br"))
                    yield from walk(child)
                    continue
                yield from flush()
                around, block = block, child
                yield from walk(child)
                yield from flush()
                block = around

    yield from walk(root)
    yield from flush()


@lru_cache(256)  # the pages of a site share their styles
def css_urls(css: str) -> tuple[tuple[str, int], ...]:
    """Return each URL that CSS loads, with its line: `url(…)`, `@import "…"`, `image-set("…")`.

    CSS Syntax 3, by tinycss2
    """

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

    return tuple(walk(tinycss2.parse_component_value_list(css, skip_comments=True), False))
