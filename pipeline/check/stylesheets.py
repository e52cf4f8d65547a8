"""Checks of the theme's stylesheets: syntax, variables, and contrast in both color schemes.

The grammar is that of CSS Syntax 3 and CSS Nesting 1 (tinycss2); contrast is that of WCAG 2.2:
1.4.3 (text, 4.5 to 1) and 1.4.11 (what is not text, 3 to 1).
"""

import re
from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import tinycss2
from pygments.lexers import css
from tinycss2.ast import AtRule, Declaration, Node, ParseError, QualifiedRule
from tinycss2.color3 import RGBA, parse_color

from pipeline.check.checked_site import VARIABLES, CheckedSite, SiteCheck, found
from pipeline.problems import Problem, did_you_mean, shorten

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
PROPERTIES = frozenset(css._css_properties)
MISSPELLED = 0.85  # how like a known property: one that is like none may be newer
SLIP = 0.8  # how like a known name a misspelled one is
UNITS = frozenset(css._all_units) | frozenset(
    "cap cqb cqh cqi cqmax cqmin cqw dvb dvh dvi dvmax dvmin dvw fr hz ic khz lh lvb lvh lvi lvw "
    "q rcap rch rex ric rlh svb svh svi svw vb vi x".split()
)
WIDE = frozenset("inherit initial unset revert revert-layer none auto".split())
COLORS = WIDE.union(
    css._color_keywords,
    "currentcolor transparent accentcolor accentcolortext activetext buttonborder buttonface "
    "buttontext canvas canvastext field fieldtext graytext highlight highlighttext linktext mark "
    "marktext selecteditem selecteditemtext visitedtext context-fill context-stroke".split(),
)
COLOR_PROPERTIES = (
    "accent-color", "background-color", "border-color", "caret-color", "color", "fill",
    "outline-color", "stroke", "text-decoration-color",
)  # fmt: skip
KEYWORDS = WIDE.union(
    css._keyword_values,
    "baseline balance break-spaces clip column-reverse contents end first flow-root full-width "
    "grid inline-flex inline-grid last list-item match-parent nowrap pre pre-line pre-wrap pretty "
    "row-reverse ruby safe self-end self-start space-around space-between space-evenly stable "
    "start sticky stretch table table-caption table-cell table-row unsafe wrap "
    "wrap-reverse".split(),
)
KEYWORD_PROPERTIES = (
    "align-content", "align-items", "box-sizing", "clear", "display", "flex-direction",
    "flex-wrap", "float", "font-style", "justify-content", "overflow", "overflow-x", "overflow-y",
    "position", "text-align", "text-transform", "visibility", "white-space",
)  # fmt: skip
LENGTHS = re.compile(
    r"(?:margin|padding|inset)(?:-.+)?|(?:(?:min|max)-)?(?:width|height|inline-size|block-size)"
    r"|top|right|bottom|left|(?:row-|column-)?gap|font-size|letter-spacing|word-spacing|text-indent"
    r"|border(?:-.+)?-(?:width|radius)|border-radius|outline-(?:width|offset)|text-underline-offset"
)
# Names of CSS whose slips are found: at-rules, what media queries ask, pseudo-classes and -elements
AT_RULES = frozenset(
    "charset container counter-style font-face font-feature-values font-palette-values import "
    "keyframes layer media namespace page position-try property scope starting-style supports "
    "view-transition".split()
)
MEDIA = frozenset(
    "and any-hover any-pointer aspect-ratio coarse color color-gamut color-index custom dark "
    "device-height device-width display-mode dynamic-range fine forced-colors fullscreen grid "
    "height high hover inverted-colors landscape less light min-content monochrome more "
    "no-preference none not only or orientation overflow-block overflow-inline pointer portrait "
    "prefers-color-scheme prefers-contrast prefers-reduced-data prefers-reduced-motion "
    "prefers-reduced-transparency print reduce resolution screen scripting standalone standard "
    "update width".split()
)
PSEUDO = frozenset(
    "active after any-link autofill backdrop before checked cue default defined details-content "
    "dir disabled empty enabled file-selector-button first first-child first-letter first-line "
    "first-of-type focus focus-visible focus-within fullscreen has highlight host host-context "
    "hover in-range indeterminate invalid is lang last-child last-of-type left link marker modal "
    "not nth-child nth-last-child nth-last-of-type nth-of-type only-child only-of-type open "
    "optional out-of-range part picture-in-picture placeholder placeholder-shown popover-open "
    "read-only read-write required right root scope selection slotted state target target-text "
    "user-invalid user-valid valid view-transition visited where".split()
)
INVALID_SELECTOR = re.compile(r"[.#](?![\w\\-])|,\s*(?:,|$)|^\s*,")
BRACES = re.compile(r"/\*.*?(?:\*/|$)|\"[^\"\n]*\"|'[^'\n]*'|[{}]", re.DOTALL)
HEX_COLOR = re.compile("[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8}", re.IGNORECASE)
# What shows the focus, what shows nothing, and what has no focus that a reader must see
SIGN = re.compile("box-shadow|border|background|outline|text-decoration|filter|transform")
NOTHING = re.compile(r"(?:none|0(?:px)?|transparent)\b")
UNFOCUSED = re.compile(r":not\(:focus|\[tabindex=[\"']?-1|:target|^(?:main|h[1-6]|body)\b")
ANY_LINK = re.compile(r"(?:(?:main|article|p|body|section|li) )?a(?::link|:any-link|:visited)?")
VARIABLE = re.compile(r"var\(\s*--([\w-]+)\s*(,?)")


class Rule(NamedTuple):
    """A rule: its unfolded selector, its declarations (name, value, line), what media it is for."""

    selector: str
    declarations: tuple[tuple[str, str, int], ...]
    media: str = ""


class Sheet(NamedTuple):
    """A stylesheet of the theme: its rules, and its errors with their lines and hints."""

    text: str
    rules: tuple[Rule, ...]
    errors: tuple[tuple[int, str, str], ...]


@lru_cache(64)  # pages share styles
def parse_rules(css: str) -> tuple[tuple[Rule, ...], tuple[tuple[int, str], ...]]:
    """Return the rules of a stylesheet, nested ones unfolded, and its errors (line, message)."""
    rules: list[Rule] = []
    errors: list[tuple[int, str]] = []

    def walk(nodes: Sequence[Node], selector: str, media: str = "") -> None:
        declared = []
        for node in nodes:
            if isinstance(node, Declaration):
                value = " ".join(tinycss2.serialize(node.value).split())
                declared.append((node.name, value, node.source_line))
            elif isinstance(node, ParseError):
                errors.append((node.source_line, node.message))
            elif isinstance(node, QualifiedRule):
                inner = " ".join(tinycss2.serialize(node.prelude).split())
                errors.extend((node.source_line, text) for text in selector_problems(inner))
                walk(contents(node), _unfold(selector, inner), media)
            elif isinstance(node, AtRule):
                errors.extend((node.source_line, text) for text in at_rule_problems(node))
                for_media = tinycss2.serialize(node.prelude) if node.at_keyword == "media" else ""
                walk(contents(node) if node.content else [], selector, media + for_media)
        if declared:
            rules.append(Rule(selector, tuple(declared), media))

    def contents(node: QualifiedRule | AtRule) -> list[Node]:
        return list(tinycss2.parse_blocks_contents(node.content, **SKIP))

    walk(tinycss2.parse_stylesheet(css, **SKIP), "")
    return tuple(rules), tuple(errors)


def misspelled(name: str, known: Collection[str]) -> str:
    """Return "unknown … (did you mean …?)" for a name that is like a known one ("": it is none)."""
    plain = re.sub(r"^-(?:webkit|moz|ms|o)-", "", name.lower())
    close = [] if plain in known else get_close_matches(plain, sorted(known), n=1, cutoff=SLIP)
    return f"unknown name {name} (did you mean {close[0]}?)" if close and plain == name else ""


def selector_problems(selector: str) -> Iterator[str]:
    """Yield what is wrong with a selector, so that browsers ignore its rule."""
    plain = re.sub(r"\"[^\"]*\"|'[^']*'|\\.", "x", selector)
    if INVALID_SELECTOR.search(plain):
        yield f"invalid selector: {shorten(selector, 40)}"
    for name in re.findall(r"(?<!\\)::?([a-zA-Z-]+)", plain):
        if message := misspelled(name, PSEUDO):
            yield message


def at_rule_problems(node: AtRule) -> Iterator[str]:
    """Yield what is wrong with the name of an at-rule, and with what a media query asks."""
    if message := misspelled(node.at_keyword, AT_RULES):
        yield message
    if node.at_keyword == "media":
        for name in re.findall(r"(?<![\w-])[a-zA-Z][\w-]*", tinycss2.serialize(node.prelude)):
            plain = re.sub(r"^(?:min|max)-", "", name)
            if message := misspelled(plain, MEDIA | UNITS):
                yield message


def unbalanced(css: str) -> int:
    """Return the line of a brace that is not closed, or closes nothing (0: there is none).

    It is the one whose partner stands further left, where that can be seen.
    """
    opened: list[tuple[int, int]] = []  # line and indent
    likely = 0
    for match in BRACES.finditer(css):
        line, start = css.count("\n", 0, match.start()) + 1, css.rfind("\n", 0, match.start()) + 1
        indent = len(css[start:]) - len(css[start:].lstrip(" \t"))
        if match[0] == "{":
            opened.append((line, indent))
        elif match[0] == "}" and not opened:
            return line
        elif match[0] == "}":
            begin, before = opened.pop()
            likely = likely or (begin if indent < before and begin < line else 0)
        elif match[0].startswith("/*") and not match[0].endswith("*/"):
            return line
    return (likely or opened[-1][0]) if opened else 0


def _unfold(outer: str, inner: str) -> str:
    """Return the selector of a rule that is nested in another one."""
    if not outer:
        return inner
    outer, own = (
        f":is({selector})" if "," in re.sub(r"\([^()]*\)", "", selector) else selector
        for selector in (outer, inner)
    )
    return inner.replace("&", outer) if "&" in inner else f"{outer} {own}"


def sheets_of(site: CheckedSite) -> Iterator[tuple[str, Sheet]]:
    """Yield path and content of each stylesheet of the theme."""
    for path in site.sheets:
        yield str(path), site.memo(read_sheet, path.read_text("utf-8", "replace"))


def read_sheet(text: str) -> Sheet:
    """Return what a stylesheet has, without what depends on others: variables."""
    rules, found = parse_rules(text)
    errors = [(line, f"CSS syntax: {message}", "") for line, message in found]
    if line := unbalanced(text):
        errors.append((line, "a brace or a comment is not closed, or closed twice", ""))
    for name, value, line in [d for rule in rules for d in rule.declarations]:
        errors += [(line, *problem) for problem in declaration_problems(name, value)]
    return Sheet(text, rules, tuple(errors))


def valid_css(site: CheckedSite) -> Iterator[Problem]:
    """The theme's stylesheets can be parsed; properties, units, colors and variables are known."""
    sheets = dict(sheets_of(site))
    templates = [p for p in Path(site.settings.theme, "templates").rglob("*") if p.is_file()]
    texts = {path.read_text("utf-8", "replace") for path in templates}
    defined = {name for text in texts for name in VARIABLES.findall(text)}
    defined.update(*(outline.variables for outline in site.outlines.values()))
    declared = [d for sheet in sheets.values() for rule in sheet.rules for d in rule.declarations]
    defined.update(name[2:] for name, _, _ in declared if name.startswith("--"))
    for path, sheet in sheets.items():
        for line, message, hint in sheet.errors:
            yield found((path, line), message, hint)
        for _, value, line in [d for rule in sheet.rules for d in rule.declarations]:
            for name, default in VARIABLE.findall(value):
                if name not in defined and not default:
                    hint = did_you_mean(name, sorted(defined))
                    yield found((path, line), f"undefined variable --{name}", hint)


def declaration_problems(name: str, value: str) -> Iterator[tuple[str, str]]:
    """Yield what a browser would ignore in a declaration: property, unit, color or keyword."""
    if name.startswith("--"):
        return
    plain = re.sub(r"^-(?:webkit|moz|ms|o)-", "", name)
    if plain not in PROPERTIES:
        close = get_close_matches(plain, sorted(PROPERTIES), n=1, cutoff=MISSPELLED)
        if close:
            yield f"unknown property {name}", f"did you mean {close[0]}?"
    tokens = tinycss2.parse_component_value_list(value, skip_comments=True)
    idents = [token.lower_value for token in tokens if token.type == "ident"]
    known = COLORS if name in COLOR_PROPERTIES else KEYWORDS if name in KEYWORD_PROPERTIES else ()
    for ident in idents if known else ():
        if ident not in known and (hint := did_you_mean(ident, sorted(known))):
            yield f"unknown value of {name}: {ident}", hint
    for token in [*tokens, *(t for f in tokens for t in getattr(f, "arguments", ()))]:
        if token.type == "dimension" and token.lower_unit not in UNITS:
            yield (
                f"unknown unit: {token.serialize()}",
                did_you_mean(token.lower_unit, sorted(UNITS)),
            )
        elif token.type == "hash" and not HEX_COLOR.fullmatch(token.value):
            yield f"not a color: #{token.value}", "of 3, 4, 6 or 8 hexadecimal digits"
        elif token.type == "number" and token in tokens and token.value and LENGTHS.fullmatch(name):
            yield f"length without a unit: {name}: {value}", f"such as {token.serialize()}px"
        elif token == "!":
            yield f"neither a value nor !important: {value}", "write !important"


def focus_outline(site: CheckedSite) -> Iterator[Problem]:
    """No rule removes the outline of what has the focus without another sign of it."""
    for path, sheet in sheets_of(site):
        for rule in sheet.rules:
            signs = any(SIGN.match(n) and not NOTHING.match(v) for n, v, _ in rule.declarations)
            for name, value, line in rule.declarations:
                removed = name.startswith("outline") and NOTHING.match(value)
                if removed and not signs and not UNFOCUSED.search(rule.selector):
                    message = f"{name}: {value} hides the focus of {shorten(rule.selector, 40)}"
                    yield found((path, line), message, "keep the outline, or style :focus-visible")


def plain_links(site: CheckedSite) -> Iterator[Problem]:
    """Links in a text are told from its words by more than their color."""
    for path, sheet in sheets_of(site):
        for rule in sheet.rules:
            lines = [
                line
                for n, v, line in rule.declarations
                if n in ("text-decoration", "text-decoration-line") and v == "none"
            ]
            others = any(n.startswith(("border-b", "background")) for n, _, _ in rule.declarations)
            if lines and not others and ANY_LINK.fullmatch(rule.selector):
                message = f"links look like words: {rule.selector}"
                yield found((path, lines[0]), message, "keep the line, or add a border")


class Color(NamedTuple):
    """What colors something: the variable or literal, its values (light, dark), where it is."""

    label: str
    values: tuple[str, ...]
    place: tuple[str, int]


def contrast(site: CheckedSite) -> Iterator[Problem]:
    """Each text color has a contrast of at least 4.5 to 1 with each background, light and dark."""
    declared = [
        (name, _as_hex(value) if name in TEXT_PROPERTIES else value, (path, line))
        for path, sheet in sheets_of(site)
        for rule in sheet.rules
        if "print" not in rule.media
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


def _as_hex(value: str) -> str:
    """Return a color that a stylesheet names as #rrggbb; any other value stays as it is."""
    color = parse_color(value)
    if isinstance(color, RGBA) and color.alpha == 1:
        return "#" + "".join(f"{round(channel * 255):02x}" for channel in color[:3])
    return value


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


SITE_CHECKS: tuple[SiteCheck, ...] = (valid_css, contrast, focus_outline, plain_links)
