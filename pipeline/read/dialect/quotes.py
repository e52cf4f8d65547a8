"""Blockquotes with their attributions: whose words they are, and how sure that is."""

import re
from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from pelican.utils import slugify

from pipeline.read.dialect.tree import Fault, find, text_of
from pipeline.read.front_matter import nearest

ATTRIBUTION = "— "
CONFIDENCES = ("verified", "attributed", "disputed", "misattributed")
ATTRIBUTES = ("id", "lang", "cite", "confidence", "added")
# On a blockquote's last line: it has no attribution, and that is meant.
PLAIN = "plain"
WORDS_IN_ID = 5


class Quotes(Treeprocessor):
    """Parts a blockquote behind each attribution and makes figures of the parts.

    Markdown reads blockquotes with an empty line between them as one.
    """

    def __init__(self, md: Markdown, faults: list[Fault]) -> None:
        super().__init__(md)
        self.faults = faults

    def run(self, root: Element) -> None:
        """Change the tree in place."""
        taken: dict[str, Element] = {}
        for parent, _, quote in reversed(list(find(root, ("blockquote",)))):
            figures = [self.figure(part, taken) for part in parted(quote)]
            if figures != [quote]:
                now = list(parent).index(quote)
                parent[now : now + 1] = figures

    def figure(self, quote: Element, taken: dict[str, Element]) -> Element:
        """Return the blockquote, in a figure when it ends in an attribution."""
        if len(quote) == 0 or not is_attribution(quote[-1]):
            self.faults += unattributed(quote)
            return quote
        caption = quote[-1]
        quote.remove(caption)
        if quote.find(".//figure") is not None:
            must, fix = "a quote in a quote must be plain", f"end it by {{: .{PLAIN} }}"
            self.faults.append(Fault(pattern(caption), must, "one with an attribution", fix))
        name = caption.get("id") or name_of(quote)
        if name in taken:
            must = "a quote must have an id of its own"
            fix = "give it one: {: #another-id } below the attribution"
            self.faults.append(Fault(pattern(caption), must, repr(name), fix))
        taken[name] = quote
        self.faults += misused(caption)
        return as_figure(quote, caption, name)


def as_figure(quote: Element, caption: Element, name: str) -> Element:
    """Return the figure of a quote; its dash is the link to it."""
    given = caption.attrib
    confidence = given.get("confidence", CONFIDENCES[0])
    figure = Element("figure", {"class": "quote", "data-confidence": confidence})
    if "added" in given:
        figure.set("data-added", given["added"])
    # The id stands on a link, because reader views (Mozilla's Readability) drop a figure whose own
    # id looks like an advertisement's: "per-aspera-ad-astra" does.
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


def misused(caption: Element) -> Iterator[Fault]:
    """Yield what is wrong with an attribution's attributes."""
    for key in caption.attrib:
        if key not in ATTRIBUTES:
            must = "a quote's attribute must be one of " + ", ".join(ATTRIBUTES)
            yield Fault(pattern(caption), must, repr(key), nearest(key, ATTRIBUTES))
    if "added" in caption.attrib and not is_day(caption.attrib["added"]):
        must = "a quote's added must be a day such as 2024-03-01"
        yield Fault(pattern(caption), must, repr(caption.attrib["added"]))
    confidence = caption.get("confidence", CONFIDENCES[0])
    if confidence not in CONFIDENCES:
        must = "confidence must be one of " + ", ".join(CONFIDENCES)
        fix = nearest(confidence, CONFIDENCES)
        yield Fault(pattern(caption), must, repr(confidence), fix)
    elif confidence != CONFIDENCES[0] and "; " not in text_of(caption):
        must = f"a quote that is {confidence} must say so to readers"
        fix = "add it behind a semicolon: — Who; what is doubtful"
        yield Fault(pattern(caption), must, repr(text_of(caption)), fix)


def is_day(text: str) -> bool:
    """Return whether a text is a day of the calendar as `YYYY-MM-DD`."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def unattributed(quote: Element) -> Iterator[Fault]:
    """Yield a fault when a blockquote neither ends in an attribution nor says that it has none."""
    last = quote[-1] if len(quote) else quote
    if last.get("class") == PLAIN:
        del last.attrib["class"]
        return
    fix = f"end it by a line > {ATTRIBUTION}Who, *Where*, or by > {{: .{PLAIN} }}"
    if f"\n{ATTRIBUTION}" in text_of(last):
        fix = "put an empty > line before its attribution"
    first = " ".join(text_of(quote).split())[:40]
    yield Fault(pattern(quote), "a quote must say whose words it has", repr(first), fix)


def pattern(element: Element) -> str:
    """Return what finds an element's first words in the Markdown that it was."""
    words = re.findall(r"[A-Za-z]+", text_of(element))[:WORDS_IN_ID]
    return r"^[ \t]*>.*" + r"\W(?s:.{0,20}?)".join(words)


def name_of(quote: Element) -> str:
    """Return a quote's id: its first words, so that it stays whatever stands around it."""
    text = re.sub("['’]", "", text_of(quote))
    words = re.sub(r"[^a-z0-9]+", "-", slugify(text)).strip("-").split("-")
    return "-".join(["quote", *words[:WORDS_IN_ID]])


def is_attribution(element: Element) -> bool:
    """Return whether the element is a line that says whose words stand above it."""
    return element.tag == "p" and (element.text or "").startswith(ATTRIBUTION)


def parted(quote: Element) -> list[Element]:
    """Return the blockquote in pieces, each of which ends in its attribution."""
    ends = [n for n, child in enumerate(quote) if is_attribution(child)]
    if not ends:
        return [quote]
    parts, start = [], 0
    for end in [*ends, len(quote) - 1]:
        if start <= end:
            part = Element("blockquote")
            part.extend(quote[start : end + 1])
            parts.append(part)
        start = end + 1
    return parts
