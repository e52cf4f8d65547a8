"""What the checks ask of an element: what is around it, what it is called, where it comes from."""

import re
from collections.abc import Iterator
from html import unescape

from justhtml import Element

from pipeline.check.site import Page, attribute, words_of

# As many characters stand in one place of a source, as a rule.
TELLING = 12
SHORTEST = 3
ENOUGH = 8  # of what stands beside it, where it cannot be found itself
BEGIN = 80  # characters of an element's HTML by which it is found
AROUND = 24  # and of a text on either side of what was found in it
INSTEAD = "\ufffc"  # stands in a text where code or a picture was


def hints(page: Page, element: Element, attribute_name: str = "") -> tuple[str, ...]:
    """Return what of an element may stand in a source, the most telling part first.

    `attribute_name` is of the attribute that matters, if one does.
    """
    begin = element.origin_offset or 0
    raw = page.html[begin : page.html.find(">", begin) + 1] if element.origin_offset else ""
    if not any(ancestor.name == "main" for ancestor in ancestors(element)):
        # The theme's: its words may stand in the text by chance.
        return tuple(raw[:length] for length in (len(raw), 40, 20, 10))
    values = [attribute(element, name) for name in (attribute_name, "alt", "href", "src", "id")]
    texts = [" ".join(text.split()) for text in element.to_text("\n", strip=True).split("\n")]
    own = sorted((text for text in texts if len(text) >= TELLING), key=len, reverse=True)
    begun = page.html[begin : begin + BEGIN].rpartition(">")[0] if raw else ""
    telling = [begun, *([raw] if page.html.count(raw) == 1 else []), words_of(element), *own]
    telling = [text for text in (*telling, *values) if len(text) >= TELLING]
    parts = [*telling, *values, *texts, raw, raw[:20]]
    return tuple(part for part in parts if len(part) >= SHORTEST)


def clues(text: str, start: int, end: int) -> tuple[str, ...]:
    """Return what of a text may stand in a source around `start` to `end`, the best first.

    Not the code there, whose signs are others in the source, nor what is lines before `start`: the
    line that is found is that of the first word.
    """
    before = re.split(rf"[{INSTEAD}\n]", text[:start])[-1]
    behind = text[end:].partition(INSTEAD)[0]
    left, right = before[-AROUND:], behind[:AROUND]
    if len(before) > AROUND:
        left = re.sub(r"^\S+(?=\s)", "", left)
    if len(behind) > AROUND:
        right = re.sub(r"(?<=\s)\S+$", "", right)
    part = max(text[start:end].split(INSTEAD), key=len)
    alone = [words for words in (left, right) if len(words.strip()) >= ENOUGH]
    pieces = [left + part + right, left + part, part + right]
    if INSTEAD in text[start:end]:
        pieces = []
    pieces += sorted((*alone, part), key=len, reverse=True)
    of_line = text[:start].rpartition("\n")[2] + INSTEAD + text[end:].partition("\n")[0]
    pieces.append(max(of_line.split(INSTEAD), key=len))
    stripped = (" ".join(piece.split()) for piece in pieces)
    return tuple(piece for piece in stripped if len(unescape(piece)) >= SHORTEST)


def ancestors(element: Element) -> Iterator[Element]:
    """Yield what an element stands in, the nearest first."""
    parent = element.parent
    while isinstance(parent, Element):
        yield parent
        parent = parent.parent


def name_of(page: Page, element: Element, words: bool = True) -> str:
    """Return what an element is called, by its attributes or by the `words` in it."""
    ids = attribute(element, "aria-labelledby").split()
    labels = [words_of(other) for other in page.elements if attribute(other, "id") in ids if ids]
    given = [*labels, attribute(element, "aria-label"), attribute(element, "title")]
    if words:
        given += [words_of(element)]
        given += [
            attribute(part, "alt") or attribute(part, "aria-label")
            for part in element.query("img, svg")
            if isinstance(part, Element)
        ]
    return " ".join(text.strip() for text in given if text.strip())
