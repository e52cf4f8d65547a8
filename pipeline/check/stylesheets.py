"""Checks of the theme's stylesheets: syntax, variables, and contrast in both color schemes.

The grammar is that of CSS Syntax 3 and CSS Nesting 1 (tinycss2); contrast is that of WCAG 2.2:
1.4.3 (text, 4.5 to 1) and 1.4.11 (what is not text, 3 to 1).
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import tinycss2
from tinycss2.ast import AtRule, Declaration, Node, ParseError, QualifiedRule

from pipeline.check.checked_site import CheckedSite, SiteCheck, found
from pipeline.problems import Problem, did_you_mean

SCHEMES = ("light", "dark")
TEXT, GRAPHICS = 4.5, 3.0
# Properties that color text, and those that color what is seen without being text
TEXT_PROPERTIES = ("color", "fill")
LINE_PROPERTIES = ("outline", "outline-color", "stroke", "text-decoration-color")
BACKGROUNDS = ("background", "background-color")
ANY_COLOR = re.compile(r"#|light-dark|\b(?:rgb|hsl|oklch|oklab|lab|lch|color)a?\(")
COLOR = re.compile("#[0-9a-f]{6}", re.IGNORECASE)
COMPARABLE = re.compile(rf"{COLOR.pattern}|light-dark\({COLOR.pattern}, ?{COLOR.pattern}\)", re.I)
SKIP = {"skip_comments": True, "skip_whitespace": True}
VARIABLE = re.compile(r"var\(\s*--([\w-]+)\s*(,?)")


class Rule(NamedTuple):
    """A rule: its unfolded selector and its declarations (name, value, line)."""

    selector: str
    declarations: tuple[tuple[str, str, int], ...]


def parse_rules(css: str) -> tuple[list[Rule], list[tuple[int, str]]]:
    """Return the rules of a stylesheet, nested ones unfolded, and its errors (line, message)."""
    rules: list[Rule] = []
    errors: list[tuple[int, str]] = []

    def walk(nodes: Sequence[Node], selector: str) -> None:
        declared = []
        for node in nodes:
            if isinstance(node, Declaration):
                value = " ".join(tinycss2.serialize(node.value).split())
                declared.append((node.name, value, node.source_line))
            elif isinstance(node, ParseError):
                errors.append((node.source_line, node.message))
            elif isinstance(node, QualifiedRule):
                inner = " ".join(tinycss2.serialize(node.prelude).split())
                walk(contents(node), _unfold(selector, inner))
            elif isinstance(node, AtRule) and node.content is not None:
                walk(contents(node), selector)
        if declared:
            rules.append(Rule(selector, tuple(declared)))

    def contents(node: QualifiedRule | AtRule) -> list[Node]:
        return list(tinycss2.parse_blocks_contents(node.content, **SKIP))

    walk(tinycss2.parse_stylesheet(css, **SKIP), "")
    return rules, errors


def _unfold(outer: str, inner: str) -> str:
    """Return the selector of a rule that is nested in another one."""
    if not outer:
        return inner
    outer, own = (
        f":is({selector})" if "," in re.sub(r"\([^()]*\)", "", selector) else selector
        for selector in (outer, inner)
    )
    return inner.replace("&", outer) if "&" in inner else f"{outer} {own}"


def sheets_of(site: CheckedSite) -> Iterator[tuple[str, str]]:
    """Yield path and text of each stylesheet of the theme."""
    for path in sorted(Path(site.settings.theme, "static", "css").glob("*.css")):
        yield str(path), path.read_text("utf-8", "replace")


def valid_css(site: CheckedSite) -> Iterator[Problem]:
    """The theme's stylesheets can be parsed, and every variable in them is defined."""
    sheets = {path: (text, *parse_rules(text)) for path, text in sheets_of(site)}
    templates = [p for p in Path(site.settings.theme, "templates").rglob("*") if p.is_file()]
    texts = {style.text for facts in site.facts.values() for style in facts.styles}
    texts.update(path.read_text("utf-8", "replace") for path in templates)
    defined = {name for text in texts for name in re.findall(r"--([\w-]+)\s*:", text)}
    declared = [d for _, rules, _ in sheets.values() for rule in rules for d in rule.declarations]
    defined.update(name[2:] for name, _, _ in declared if name.startswith("--"))
    for path, (text, rules, errors) in sheets.items():
        for line, message in errors:
            yield found((path, line), f"CSS syntax: {message}")
        if text.count("{") != text.count("}") or text.count("/*") != text.count("*/"):
            last = text.count("\n") + 1
            yield found((path, last), "a brace or a comment is not closed, or closed twice")
        values = [(value, line) for rule in rules for _, value, line in rule.declarations]
        for value, line in values:
            for name, default in VARIABLE.findall(value):
                if name not in defined and not default:
                    hint = did_you_mean(name, sorted(defined))
                    yield found((path, line), f"undefined variable --{name}", hint)


class Color(NamedTuple):
    """What colors something: the variable or literal, its values (light, dark), where it is."""

    label: str
    values: tuple[str, ...]
    place: tuple[str, int]


def contrast(site: CheckedSite) -> Iterator[Problem]:
    """Each text color has a contrast of at least 4.5 to 1 with each background, light and dark."""
    declared = [
        (name, value, (path, line))
        for path, text in sheets_of(site)
        for rule in parse_rules(text)[0]
        for name, value, line in rule.declarations
    ]
    colors: dict[str, Color] = {}
    for name, value, place in declared:
        if name.startswith("--") and COMPARABLE.fullmatch(value):
            colors[name[2:]] = _color(name, value, place)
        elif name.startswith("--") and ANY_COLOR.search(value):
            message = f"contrast cannot be computed: {name}: {value}"
            yield found(place, message, "write light-dark(#rrggbb, #rrggbb)")

    def used(*properties: str) -> dict[str, Color]:
        """Return the colors that are used for properties, as variables or literally."""
        values = [(value, place) for name, value, place in declared if name in properties]
        literal = {v: _color(v, v, place) for v, place in values if COMPARABLE.match(v)}
        names = {name for value, _ in values for name, _ in VARIABLE.findall(value)}
        return literal | {name: colors[name] for name in sorted(names & colors.keys())}

    backgrounds = used(*BACKGROUNDS)
    borders = used(*{name for name, _, _ in declared if name.startswith("border")})
    texts, lines = used(*TEXT_PROPERTIES), used(*LINE_PROPERTIES)
    fronts = [(c, TEXT) for name, c in texts.items() if name not in backgrounds]
    skipped = {*texts, *backgrounds, *borders}
    fronts += [(color, GRAPHICS) for name, color in lines.items() if name not in skipped]
    for color, enough in fronts if backgrounds else ():
        ratio, other, scheme = min(
            (contrast_ratio(color.values[n], background.values[n]), background.label, scheme)
            for background in backgrounds.values()
            for n, scheme in enumerate(SCHEMES)
        )
        if ratio < enough:
            message = f"contrast of {color.label} on {other}, {scheme}: {ratio:.2f}"
            yield found(color.place, message, f"at least {enough:g}")


def _color(label: str, value: str, place: tuple[str, int]) -> Color:
    values = COLOR.findall(value)
    return Color(label, (values[0], values[-1]), place)


def contrast_ratio(one: str, other: str) -> float:
    """Return the contrast of two colors, #rrggbb: 1 (none) to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    """Return the relative luminance of #rrggbb: 0 (black) to 1 (white)."""
    channels = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


SITE_CHECKS: tuple[SiteCheck, ...] = (valid_css, contrast)
