"""What the parts of the dialect share: finding elements, and saying what is wrong."""

import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree.ElementTree import Element


class Fault(NamedTuple):
    """Something wrong in a text; `pattern` is found where it stands (a regular expression)."""

    pattern: str
    must: str
    found: str
    fix: str = ""


def find(root: Element, tags: tuple[str, ...]) -> Iterator[tuple[Element, int, Element]]:
    """Yield the elements with one of the tags, each with its parent and place, last ones first."""
    for parent in root.iter():
        for place in range(len(parent) - 1, -1, -1):
            if parent[place].tag in tags:
                yield parent, place, parent[place]


def text_of(element: Element) -> str:
    """Return the text below an element, without the marks of notes and of what is stored.

    Python-Markdown keeps finished HTML in a store, behind marks with running numbers.
    """
    if element.tag == "sup" and element.get("id", "").startswith("fnref"):
        return ""
    inside = "".join(text_of(child) + (child.tail or "") for child in element)
    return re.sub("\x02[^\x03]*\x03", "", (element.text or "") + inside)
