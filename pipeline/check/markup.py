"""Whether a page is valid HTML: as its tags are written, and as a browser understands it."""

import re
from collections import Counter
from collections.abc import Iterator
from html.entities import html5 as ENTITIES
from html.parser import HTMLParser

from justhtml import Element

from pipeline.check import vocabulary as words
from pipeline.check.site import Page, Site, attribute, hints
from pipeline.problems import Problem
from pipeline.read.front_matter import nearest

FOREIGN = ("svg", "math")
# Attributes whose value is ids of the same page
REFERRING = (
    "for", "form", "headers", "list", "popovertarget", "commandfor", "aria-labelledby",
    "aria-describedby", "aria-controls", "aria-owns", "aria-details", "aria-flowto",
    "aria-activedescendant", "aria-errormessage",
)  # fmt: skip


class Tags(HTMLParser):
    """Follows the tags as they are written; `faults` are (offset, what must be so, what was found).

    The parser that builds the tree mends in silence most of what a browser mends.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.faults: list[tuple[int, str, str]] = []
        self.open: list[tuple[str, int]] = []
        self.html = html
        self.lines = [0, *(match.end() for match in re.finditer("\n", html))]
        self.feed(html)
        self.close()
        for name, offset in self.open:
            if name not in words.END_OPTIONAL:
                self.faults.append((offset, "an element must be closed", f"<{name}> is not"))

    @property
    def place(self) -> int:
        """Where the tag begins that is being read."""
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at a start tag."""
        self._look_at_attributes(tag, [name for name, _ in attrs])
        names = [name for name, _ in self.open]
        if tag in words.NOT_IN_ITSELF and tag in names:
            must, found = f"a <{tag}> must not stand in another", "the first is not closed before"
            self.faults.append((self.place, must, found))
        if tag not in words.VOID:
            self.open.append((tag, self.place))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at a tag that ends in a slash."""
        self._look_at_attributes(tag, [name for name, _ in attrs])
        foreign = any(name in FOREIGN for name, _ in self.open) or tag in FOREIGN
        if tag not in words.VOID and not foreign:
            must, found = "an element must be closed", f"<{tag}/>, which HTML takes for <{tag}>"
            self.faults.append((self.place, must, found))

    def handle_endtag(self, tag: str) -> None:
        """Look at an end tag."""
        names = [name for name, _ in self.open]
        if tag not in names:
            self.faults.append((self.place, "an end tag must close something", f"</{tag}>"))
            return
        while (last := self.open.pop())[0] != tag:
            if last[0] not in words.END_OPTIONAL:
                must, found = "elements must be closed in order", f"</{tag}> before </{last[0]}>"
                self.faults.append((last[1], must, found))

    def handle_entityref(self, name: str) -> None:
        """Look at a sign that is written by its name."""
        end = self.place + len(name) + 1
        if self.html[end : end + 1] == ";" and f"{name};" not in ENTITIES:
            self.faults.append((self.place, "a sign must have a name of HTML", f"&{name};"))

    def _look_at_attributes(self, tag: str, names: list[str]) -> None:
        for name, count in Counter(names).items():
            if count > 1:
                found = f"{name} {count} times in <{tag}>"
                self.faults.append((self.place, "an attribute must stand once", found))
            if re.search("[\"'<=]", name):
                found = f"{name} in <{tag}>"
                self.faults.append((self.place, "an attribute must have a name", found))


def valid_html(site: Site) -> Iterator[Problem]:
    """A page's tags are in order: closed, in each other, each attribute once, signs with a name.

    A browser mends what is not, each in its own way, and so a forgotten `</div>` moves the rest of
    the page into a box. It comes from HTML typed into a text, or from a template. Mend the tag at
    the line that is named. Excuse: only for what you copy and must keep as it is.
    """
    for page in site.pages:
        faults = Tags(page.html).faults
        if not page.html[:15].lower().startswith("<!doctype html>"):
            faults.append((0, "a page must begin with <!doctype html>", page.html[:15]))
        if not faults:
            faults = [
                (_offset(page, error.line or 1, error.column or 1), "must be valid HTML", str(error.message))
                for error in page.document.errors
            ]
        for offset, must, found in faults:
            yield page.problem(must, found, parts=around(page.html, offset))


def around(html: str, offset: int) -> tuple[str, ...]:
    """Return what stands at an offset, to be looked for in a source: the longest part first."""
    line = html[offset : offset + 300].partition("\n")[0]
    before = html[:offset].rpartition("\n")[2]
    plain = re.sub("<[^>]*>", " ", line)
    tag = line.partition(">")[0] + ">" * (">" in line)
    behind = re.sub("<[^>]*>", " ", before)[-40:]
    parts = (before + line, line, line[:60], line[:30], tag, plain[:60], behind, plain[:25])
    return tuple(part for part in parts if len(part.strip()) > 2)  # noqa: PLR2004


def _offset(page: Page, line: int, column: int) -> int:
    before = page.html.split("\n")[: line - 1]
    return max(sum(len(text) + 1 for text in before) + column - 1 - 30, 0)


def known_words(site: Site) -> Iterator[Problem]:
    """Elements, attributes and ARIA states are HTML's own, and not obsolete.

    A browser drops in silence what it does not know: `<img scr=…>` shows no picture, `<center>` is
    kept for pages of 1999. The name that was meant is often in the message. Colours, sizes and
    places belong into the stylesheets. A name with a hyphen (a custom element, `data-…`) is free.
    """
    for page in site.pages:
        for element in page.elements:
            if element.namespace in FOREIGN:
                continue
            name = element.name
            if name not in words.ELEMENTS and "-" not in name:
                must, fix = "an element must be one of HTML", nearest(name, words.ELEMENTS)
                yield page.problem(must, f"<{name}>", fix, hints(page, element))
                continue
            own = words.GLOBAL | words.ATTRIBUTES.get(name, frozenset())
            for given in element.attrs or ():
                if unknown(given, own) and "-" not in name:
                    must, found = f"<{name}> must have attributes of HTML", given
                    fix = nearest(given, words.ARIA if given.startswith("aria-") else own)
                    yield page.problem(must, found, fix, hints(page, element, given))
            for role in set(attribute(element, "role").split()) - words.ROLES:
                if role.startswith(("doc-", "graphics-")):  # of books and of drawings
                    continue
                must, fix = "a role must be one of ARIA", nearest(role, words.ROLES)
                yield page.problem(must, repr(role), fix, hints(page, element, "role"))


def unknown(name: str, own: frozenset[str]) -> bool:
    """Return whether an attribute is neither one of `own` nor of a family."""
    if name.startswith("aria-"):
        return name not in words.ARIA
    return name not in own and not name.startswith(("data-", "on", "xml:", "xmlns:"))


def content_models(site: Site) -> Iterator[Problem]:
    """What stands in what is as HTML has it: items in lists, words in lines, no button in a link.

    A list item outside a list is read as plain text by screen readers, a heading within a `<span>`
    is no heading to some programs, and nobody knows what a click on a button in a link does. Put
    the element where it belongs, at the line that is named.
    """
    for page in site.pages:
        for element in page.elements:
            if element.namespace not in FOREIGN:
                for must, found in misplaced(element):
                    yield page.problem(must, found, parts=hints(page, element))


def misplaced(element: Element) -> Iterator[tuple[str, str]]:
    """Yield what must be so, and what was found, for an element in the wrong place."""
    name, parent = element.name, element.parent
    around = parent.name if isinstance(parent, Element) else ""
    if name in words.PARENTS and around not in words.PARENTS[name]:
        where = " or ".join(f"<{p}>" for p in sorted(words.PARENTS[name]))
        yield f"<{name}> must stand in {where}", f"in <{around}>"
    elif around in words.CHILDREN and name not in words.CHILDREN[around]:
        what = " or ".join(f"<{c}>" for c in sorted(words.CHILDREN[around]) if c != "template")
        yield f"<{around}> must have {what} in it alone", f"<{name}>"
    elif name in words.BLOCKS and (line := _line_around(element)):
        if not (line == "legend" or line == "summary") or name not in words.HEADINGS:
            yield f"<{name}> must not stand in <{line}>, which is for words", "it does"
    if name in words.INTERACTIVE and (name != "a" or "href" in (element.attrs or {})):
        outer = next((a.name for a in ancestors(element) if a.name in ("a", "button")), "")
        if outer:
            yield f"<{name}> must not stand in <{outer}>, which has one click", "it does"


def _line_around(element: Element) -> str:
    """Return the name of what is for words alone and has the element in it, or ""."""
    first = next((a.name for a in ancestors(element) if a.name not in words.TRANSPARENT), "")
    return first if first in words.OF_PHRASES else ""


def ancestors(element: Element) -> Iterator[Element]:
    """Yield what an element stands in, the nearest first."""
    parent = element.parent
    while isinstance(parent, Element):
        yield parent
        parent = parent.parent


def unique_ids(site: Site) -> Iterator[Problem]:
    """An id is one thing's on a page, and no id is empty or has a space in it.

    A link to `#it` leads to the first of two, whatever was meant, and so do the names that screen
    readers take from ids. Headings get ids from their words; two of the same words get numbers, so
    it is an id typed by hand: give the other one another, `{: #another }`.
    """
    for page in site.pages:
        seen = set()
        for element in page.elements:
            if "id" not in (element.attrs or {}):
                continue
            name = attribute(element, "id")
            if not name or re.search(r"\s", name):
                must = "an id must be a word"
                yield page.problem(must, repr(name), parts=hints(page, element))
            elif name in seen:
                must, parts = "an id must be one thing's", (f"#{name}", *hints(page, element))
                yield page.problem(must, f"{name} is two", f"{{: #{name}-2 }}", parts)
            seen.add(name)


def references(site: Site) -> Iterator[Problem]:
    """An attribute that names an id (`aria-labelledby`, `for`, `headers`) names one of the page.

    What it should name or describe stays without a name, and nothing shows it on the screen. Give
    the id to the thing that is meant, or mend the attribute.
    """
    for page in site.pages:
        for element in page.elements:
            for name in REFERRING:
                for lost in set(attribute(element, name).split()) - page.ids:
                    must, found = f"{name} must name an id of the page", repr(lost)
                    parts = (f'{name}="{lost}"', *hints(page, element, name))
                    yield page.problem(must, found, nearest(lost, page.ids), parts)


CHECKS = (valid_html, known_words, content_models, unique_ids, references)
