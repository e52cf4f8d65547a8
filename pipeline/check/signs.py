"""Slips of the pen in brackets, quotation marks and spaces; in published texts alone."""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from pipeline.check.blocks import texts
from pipeline.check.elements import AROUND
from pipeline.check.site import Site
from pipeline.problems import Problem

PAIRS = (("(", ")"), ("[", "]"), ("{", "}"), ("“", "”"))
# What has one sign of a pair by right: smileys, labels of a list, half-open intervals.
SINGLE = re.compile(
    r"[:;=]['’]?-?[()\[\]{}]|(?:^|(?<=[\s(]))\(?(?:[a-zA-Z]|\d{1,2}|[ivxIVX]{1,5})\)(?=\s)"
    r"|[\[(][^\s()\[\]]+, ?[^\s()\[\]]+[\])]"
    r"|!?\[[^\[\]\n]*\]\(\S*"  # text.left_over_markup says so
)
INCHES = re.compile(r"(?<=\d)[\"”’′″']+")


def unpaired_signs(site: Site) -> Iterator[Problem]:
    """Brackets and quotation marks of a paragraph are closed, and were opened.

    A quotation over several paragraphs begins each of them with a mark and closes the last. Smileys
    and labels such as `a)` are known. Where a quoted text is so in its source, excuse it above its
    paragraph.
    """
    for _, of_page in groupby(texts(site), key=lambda block: block.page.path):
        found = [block for block in of_page if block.english]
        lone = [unpaired(block.text) for block in found]
        for number, (block, sign) in enumerate(zip(found, lone, strict=True)):
            before = lone[number - 1].sign if number else ""
            following = found[number + 1].text.lstrip() if number + 1 < len(found) else ""
            behind = lone[number + 1].sign if following else ""
            pair = next((pair for pair in PAIRS if sign.sign in pair), None)
            goes_on = pair and sign.sign == pair[0] and (behind == pair[1] or following[:1] == "“")
            if not pair or goes_on or (sign.sign == pair[1] and before == pair[0]):
                continue
            begin = max(sign.place - AROUND, 0)
            words = " ".join(block.text[begin : sign.place + AROUND].split())
            place = block.place(sign.place, sign.place + 1)
            must = "brackets and quotation marks must be in pairs"
            yield Problem(*place, must, f"{sign.sign} alone in {words!r}")


class Lone(NamedTuple):
    """A sign of a pair that stands alone, and where; "" is none."""

    sign: str
    place: int


NONE = Lone("", -1)


def unpaired(text: str) -> Lone:
    """Return the last sign in a text that is opened and not closed, or closed and not opened.

    It must be alone with the smileys, labels and inches in the text, and without them. What
    Markdown has left is another check's.
    """
    if re.search(r"\]\(|`|\{[%{]", text):
        return NONE
    plain = text
    for pattern in (SINGLE, INCHES):
        plain = pattern.sub(lambda match: " " * len(match[0]), plain)
    lone = _last_lone(plain)
    return lone if lone.sign == _last_lone(text).sign else NONE


def _last_lone(text: str) -> Lone:
    found = [NONE]
    for opening, closing in PAIRS:
        opened: list[int] = []
        for place, sign in enumerate(text):
            if sign == opening:
                opened.append(place)
            elif sign == closing and opened:
                opened.pop()
            elif sign == closing:
                found.append(Lone(closing, place))
        found += [Lone(opening, place) for place in opened]
    return max(found, key=lambda lone: lone.place)


def straight_quotes(site: Site) -> Iterator[Problem]:
    """Quotation marks and apostrophes are typographic.

    The pipeline makes them so. One that stayed straight was typed as `&quot;` or within HTML of
    your own: type “ ” ’ there. Straight ones behind a number (feet and inches) are right.
    """
    for block in texts(site):
        plain = INCHES.sub(lambda match: " " * len(match[0]), block.text)
        for match in re.finditer("[\"']", plain):
            begin = max(match.start() - AROUND, 0)
            words = " ".join(block.text[begin : match.end() + AROUND].split())
            place = block.place(*match.span())
            must, fix = "quotation marks must be typographic", "type “ ” ‘ ’ there"
            yield Problem(*place, must, f"{match[0]} in {words}", fix)
            break


def spaces_before_signs(site: Site) -> Iterator[Problem]:
    """No space stands before a comma or a full stop.

    It is a trace of an edit, and lets a line begin with the sign. Take it away. In French there is
    one before some signs: only texts in English are looked at.
    """
    for block in texts(site):
        for match in re.finditer(r"(?<=\w) +[,;.?!](?=\s|$)", block.text) if block.english else ():
            begin = max(match.start() - AROUND, 0)
            words = " ".join(block.text[begin : match.end()].split())
            yield Problem(*block.place(*match.span()), "no space must stand before a sign", words)


CHECKS = (unpaired_signs, straight_quotes, spaces_before_signs)
