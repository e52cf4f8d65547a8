"""Whether the tags of a page are in order, as they are written."""

import re
from collections import Counter
from collections.abc import Iterator
from html.entities import html5
from html.parser import HTMLParser

from pipeline.check import vocabulary as words
from pipeline.check.elements import SHORTEST
from pipeline.check.site import Page, Site
from pipeline.problems import Problem

NO_NAME = "[\"'<=]"
FOREIGN = ("svg", "math")


class Tags(HTMLParser):
    """Follows the tags as they are written; `faults` are (offset, what must be so, what was found).

    The parser that builds the tree mends in silence most of what a browser mends.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.faults: list[tuple[int, str, str]] = []
        self.open: list[tuple[str, int]] = []
        self.early: Counter[str] = Counter()  # what was closed by another's end, and is to end yet
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
        if tag not in names and self.early[tag]:
            self.early[tag] -= 1
            return
        if tag not in names:
            self.faults.append((self.place, "an end tag must close something", f"</{tag}>"))
            return
        while (last := self.open.pop())[0] != tag:
            if last[0] not in words.END_OPTIONAL:
                must, found = "elements must be closed in order", f"</{tag}> before </{last[0]}>"
                self.faults.append((last[1], must, found))
                self.early[last[0]] += 1

    def handle_entityref(self, name: str) -> None:
        """Look at a sign that is written by its name."""
        end = self.place + len(name) + 1
        if self.html[end : end + 1] == ";" and f"{name};" not in html5:
            self.faults.append((self.place, "a sign must have a name of HTML", f"&{name};"))

    def _look_at_attributes(self, tag: str, names: list[str]) -> None:
        for name, count in Counter(names).items():
            if count > 1:
                found = f"{name} {count} times in <{tag}>"
                self.faults.append((self.place, "an attribute must stand once", found))
            if re.search(NO_NAME, name):
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
                (
                    _offset(page, error.line or 1, error.column or 1),
                    "must be valid HTML",
                    str(error.message),
                )
                for error in page.document.errors
            ]
        for offset, must, found in faults:
            yield page.problem(must, found, parts=around(page, offset))


def around(page: Page, offset: int) -> tuple[str, ...]:
    """Return what stands at an offset, to be looked for in a source: the longest part first."""
    line = page.html[offset : offset + 300].partition("\n")[0]
    before = page.html[:offset].rpartition("\n")[2]
    plain = re.sub("<[^>]*>", " ", line)
    behind = re.sub("<[^>]*>", " ", before)[-40:]
    name = re.match(r"<(\w+)", line)
    typed = unclosed(page.source.text, name[1]) if page.source and name else ""
    tag = line.partition(">")[0] + ">" * (">" in line)
    parts = (typed, before + line, line, line[:60], line[:30], tag, plain[:60], behind, plain[:25])
    return tuple(part for part in parts if len(part.strip()) >= SHORTEST)


def unclosed(text: str, name: str) -> str:
    """Return the rest of the line from the last tag of a name that a text opens and not closes.

    An end tag of the theme may close what a text has left open.
    """
    opened: list[str] = []
    for tag in re.finditer(rf"<(/?){name}\b.*", text):
        if not tag[1]:
            opened.append(tag[0])
        elif opened:
            opened.pop()
    return opened[-1] if opened else ""


def _offset(page: Page, line: int, column: int) -> int:
    before = page.html.split("\n")[: line - 1]
    return max(sum(len(text) + 1 for text in before) + column - 1 - 30, 0)


CHECKS = (valid_html,)
