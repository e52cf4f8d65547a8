"""Whether all that the stylesheets colour can be read, by day and by night.

Contrast is that of WCAG 2.2: 1.4.3 (text, 4.5 to 1), 1.4.11 (what is no text, 3 to 1).
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pipeline.check.site import Site, Source, read_source
from pipeline.check.stylesheet import Rule, rules
from pipeline.problems import Problem

TEXT, DRAWN = 4.5, 3.0
SCHEMES = ("light", "dark")
# What has text in its colour, what is seen without being text, what is only beside something.
OF_TEXT = ("color", "fill")
OF_LINES = ("outline", "outline-color", "stroke", "text-decoration-color")
OF_BACKGROUNDS = ("background", "background-color")
ANY_COLOUR = re.compile(r"#|light-dark|\b(?:rgb|hsl|oklch|oklab|lab|lch|color)a?\(")
COLOUR = re.compile("#[0-9a-f]{6}", re.IGNORECASE)


class Roles(NamedTuple):
    """The names of the tokens that colour text, lines, and what both stand on."""

    text: frozenset[str]
    drawn: frozenset[str]
    backgrounds: frozenset[str]


def contrast(site: Site) -> Iterator[Problem]:
    """Each colour of text stands out from each background, in light and dark, at least 4.5 to 1.

    And what is drawn (lines of a figure, the ring around what the keyboard is on) 3 to 1. The pairs
    are all that the theme's tokens can make: anything may come to stand in a notice. Borders are
    not counted, as nothing depends on them. Change the token that is named; `--text` on `--surface`
    tells how much there is to have. There is no excuse: some reader could not read it.
    """
    folder = Path(site.settings["THEME"], "static", "css")
    sheets = [read_source(str(path)) for path in sorted(folder.glob("*.css"))]
    found = [rule for sheet in sheets for rule in rules(sheet.text)]
    colours: dict[str, tuple[str, ...]] = {}
    for name, value in tokens(found).items():
        colours[name] = tuple(COLOUR.findall(value))
        if ANY_COLOUR.search(value) and not readable(value):
            must, fix = "a colour must be light-dark(#rrggbb, #rrggbb)", "so that it can be checked"
            yield _problem(sheets, name, must, value, fix)
    yield from pairs(sheets, {n: c for n, c in colours.items() if c}, roles(found))


def readable(value: str) -> bool:
    """Return whether a token's value is one colour, or one for each scheme."""
    one = COLOUR.pattern
    return bool(re.fullmatch(rf"{one}|light-dark\({one}, ?{one}\)", value, re.IGNORECASE))


def tokens(found: list[Rule]) -> dict[str, str]:
    """Return what the stylesheets call their values: {"text": "light-dark(…)"}."""
    declared = [pair for rule in found for pair in rule.declarations.items()]
    return {name.removeprefix("--"): value for name, value in declared if name.startswith("--")}


def roles(found: list[Rule]) -> Roles:
    """Return which tokens the rules use for what."""
    used: dict[str, set[str]] = {}
    for rule in found:
        for name, value in rule.declarations.items():
            kind = "border" if name.startswith("border") else name
            used.setdefault(kind, set()).update(re.findall(r"var\(--([\w-]+)", value))
    backgrounds = frozenset().union(*(used.get(name, set()) for name in OF_BACKGROUNDS))
    text = frozenset().union(*(used.get(name, set()) for name in OF_TEXT)) - backgrounds
    drawn = frozenset().union(*(used.get(name, set()) for name in OF_LINES))
    return Roles(text, drawn - text - backgrounds - used.get("border", set()), backgrounds)


def pairs(
    sheets: list[Source], colours: Mapping[str, tuple[str, ...]], roles: Roles
) -> Iterator[Problem]:
    """Yield a problem for each front that has too little contrast: its worst pair."""
    backs = sorted(roles.backgrounds & colours.keys())
    fronts = [(name, TEXT, "text") for name in sorted(roles.text & colours.keys())]
    fronts += [(name, DRAWN, "what is drawn") for name in sorted(roles.drawn & colours.keys())]
    for front, enough, what in fronts if backs else ():
        worst, back, scheme = min(
            (ratio_of(_in(colours[front], number), _in(colours[back], number)), back, scheme)
            for back in backs
            for number, scheme in enumerate(SCHEMES)
        )
        if worst < enough:
            must = f"{what} must stand out {enough:g} to 1 from each background"
            found = f"--{front} on --{back}, {scheme}: {worst:.2f}"
            yield _problem(sheets, front, must, found)


def _in(colours: tuple[str, ...], number: int) -> str:
    return colours[min(number, len(colours) - 1)]


def ratio_of(one: str, other: str) -> float:
    """Return the contrast of two colours, #rrggbb: 1 (none) to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb: 0 (black) to 1 (white)."""
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _problem(sheets: list[Source], token: str, must: str, found: str, fix: str = "") -> Problem:
    for sheet in sheets:
        if line := sheet.find(f"--{token}:"):
            return Problem(sheet.path, line, must, found, fix)
    return Problem("", 0, must, found, fix)


CHECKS = (contrast,)
