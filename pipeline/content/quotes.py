"""Blockquotes with their attributions: whose words they are, and how sure that is."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from pipeline.problems import Problem, did_you_mean

CODE = "quote"
ATTRIBUTION = "— "
CONFIDENCES = ("verified", "attributed", "disputed", "misattributed")
ATTRIBUTES = ("id", "lang", "cite", "confidence", "added")
# On a blockquote's last line: it has no attribution on purpose.
PLAIN = "plain"
WORDS_IN_ID = 5


class Quotes(Treeprocessor):
    """Splits a blockquote after each attribution and makes figures of the parts.

    Markdown reads blockquotes with an empty line between them as one. `lines` has the source line
    of an element, `copy_line` gives an element the line of another.
    """

    def __init__(
        self,
        md: Markdown,
        path: str,
        lines: Callable[[Element], int],
        copy_line: Callable[[Element, Element], None],
    ) -> None:
        super().__init__(md)
        self.path, self.line_of, self.copy_line = path, lines, copy_line
        self.problems: list[Problem] = []

    def run(self, root: Element) -> None:
        """Change the tree in place; fills `problems`."""
        found = [(parent, child) for parent in root.iter() for child in reversed(parent)]
        for parent, quote in reversed(found):
            if quote.tag == "blockquote":
                figures = [self._figure(part) for part in self._split(quote)]
                if figures != [quote]:
                    place = list(parent).index(quote)
                    parent[place : place + 1] = figures

    def _split(self, quote: Element) -> list[Element]:
        ends = [n for n, child in enumerate(quote, 1) if is_attribution(child) or is_plain(child)]
        if ends in ([], [len(quote)]) and not (ends and is_attribution(quote[-1])):
            return [quote]
        parts = []
        for start, end in pairwise(dict.fromkeys([0, *ends, len(quote)])):
            part = Element("blockquote")
            part.extend(quote[start:end])
            self.copy_line(part[0], part)
            parts.append(part)
        return parts

    def _report(self, element: Element, message: str, hint: str = "") -> None:
        line = self.line_of(element)
        self.problems.append(Problem(CODE, self.path, line, message, hint))

    def _figure(self, quote: Element) -> Element:
        if len(quote) == 0 or not is_attribution(quote[-1]):
            self._check_unattributed(quote)
            return quote
        caption = quote[-1]
        quote.remove(caption)
        if quote.find(".//figure") is not None:
            hint = f"end the inner one with {{: .{PLAIN} }}"
            self._report(caption, "attributed quote inside a quote", hint)
        name = caption.get("id") or id_of(quote)
        for message, hint in attribute_problems(caption):
            self._report(caption, message, hint)
        figure = as_figure(quote, caption, name)
        self.copy_line(quote, figure)
        self.copy_line(caption, figure[-1])
        return figure

    def _check_unattributed(self, quote: Element) -> None:
        last = quote[-1] if len(quote) else quote
        if is_plain(last):
            if (last.text or "").startswith("{:"):
                quote.remove(last)
            for element in last.iter():
                if element.get("class") == PLAIN:
                    del element.attrib["class"]
            return
        hint = f"end it with a line > {ATTRIBUTION}Who, *Where*, or with > {{: .{PLAIN} }}"
        if f"\n{ATTRIBUTION}" in text_of(last):
            hint = "put an empty > line before its attribution"
        if match := re.match(r"\[!(\w+)\]", text_of(last).strip()):
            hint = f"callouts are not known here: begin with **{match[1].capitalize()}:** and no >"
        self._report(quote, "quote without attribution", hint)


def as_figure(quote: Element, caption: Element, name: str) -> Element:
    """Return the figure of a quote; its dash is the link to it."""
    given = caption.attrib
    confidence = given.get("confidence", CONFIDENCES[0])
    figure = Element("figure", {"class": "quote", "data-confidence": confidence})
    if "added" in given:
        figure.set("data-added", given["added"])
    # The id is on a link, because reader views (Mozilla's Readability) drop a figure whose own id
    # looks like an advertisement's: "per-aspera-ad-astra" does.
    figure.append(Element("a", {"id": name}))
    for key in ("lang", "cite"):
        if key in given:
            quote.set(key, given[key])
    link = Element("a", {"class": "permalink", "href": f"#{name}", "title": "Link to this quote"})
    link.text, link.tail = "—", (caption.text or "").removeprefix("—")
    inside = Element("figcaption")
    inside.append(link)
    inside.extend(caption)
    figure.extend([quote, inside])
    return figure


def attribute_problems(caption: Element) -> Iterator[tuple[str, str]]:
    """Yield message and hint for each problem with an attribution's attributes."""
    for key in caption.attrib:
        if key not in ATTRIBUTES:
            hint = did_you_mean(key, ATTRIBUTES) or f"one of {', '.join(ATTRIBUTES)}"
            yield f"unknown attribute of a quote: {key}", hint
    added = caption.get("added", "")
    if added and not is_day(added):
        yield f"added is not a date: {added!r}", "such as 2024-03-01"
    confidence = caption.get("confidence", CONFIDENCES[0])
    if confidence not in CONFIDENCES:
        hint = did_you_mean(confidence, CONFIDENCES) or f"one of {', '.join(CONFIDENCES)}"
        yield f"unknown confidence: {confidence!r}", hint
    elif confidence != CONFIDENCES[0] and "; " not in text_of(caption):
        hint = "add the doubt after a semicolon: — Who; what is doubtful"
        yield f"{confidence} quote whose attribution does not say so", hint


def is_day(text: str) -> bool:
    """Return whether a text is a date as `YYYY-MM-DD`."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def id_of(quote: Element) -> str:
    """Return a quote's id: its first words, so that it stays whatever is around it."""
    text = re.sub("['’]", "", text_of(quote))
    from pelican.utils import slugify

    words = re.sub(r"[^a-z0-9]+", "-", slugify(text)).strip("-").split("-")
    return "-".join(["quote", *words[:WORDS_IN_ID]])


def is_attribution(element: Element) -> bool:
    """Return whether an element is a line that says whose words are above it."""
    return element.tag == "p" and (element.text or "").startswith(ATTRIBUTION)


def is_plain(element: Element) -> bool:
    """Return whether an element ends a quote that has no attribution on purpose.

    Python-Markdown gives the class to the last item of a list, and leaves the line below a table
    or code as it is typed.
    """
    last = element[-1] if element.tag in ("ul", "ol") and len(element) else element
    typed = element.tag == "p" and re.fullmatch(rf"{{:\s*\.{PLAIN}\s*}}", element.text or "")
    return last.get("class") == PLAIN or bool(typed)


def text_of(element: Element) -> str:
    """Return the text below an element, without references to notes and without stored HTML.

    Python-Markdown keeps finished HTML in a store, behind placeholders with running numbers.
    """
    if element.tag == "sup" and element.get("id", "").startswith("fnref"):
        return ""
    inside = "".join(text_of(child) + (child.tail or "") for child in element)
    return re.sub("\x02[^\x03]*\x03", "", (element.text or "") + inside)
