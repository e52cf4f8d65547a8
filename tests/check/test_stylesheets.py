"""Contrast and syntax of the theme's stylesheets."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.check.stylesheets import (
    contrast,
    contrast_ratio,
    focus_outline,
    parse_rules,
    plain_links,
    valid_css,
)
from pipeline.problems import Problem
from tests.check.site import html_of, site_of

GOOD = """:root {
  --paper: light-dark(#fcfaf6, #181715);
  --ink: light-dark(#25221d, #dcd7cd);
  --quiet: light-dark(#655e53, #a59d90);
  --ring: light-dark(#a04812, #e59a63);
}
body { background: var(--paper); color: var(--ink); a { color: var(--quiet) } }
:focus { outline: 3px solid var(--ring); border: var(--own) solid var(--edge, #dddddd) }
"""


def problems(tmp_path: Path, css: str) -> list[Problem]:
    file = tmp_path / "static" / "css" / "a.css"
    file.parent.mkdir(parents=True)
    file.write_text(css, "utf-8")
    page = html_of("a", head="<style>p { --own: 1 }</style>")
    site = site_of({"a.html": page}, settings={"theme": str(tmp_path)})
    found = [*valid_css(site), *contrast(site)]
    assert {p.path for p in found} <= {str(file)}
    return found


def test_stylesheets_of_good_theme_find_nothing(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "part"),
    [
        ("#655e53", "#8f897f", 4, "--quiet on --paper, light"),
        ("#a59d90", "#706a60", 4, "--quiet on --paper, dark"),
        ("light-dark(#655e53, #a59d90)", "oklch(50% 0.1 200)", 4, "oklch"),
        ("#a04812", "#c0a080", 5, "--ring on --paper, light"),
        ("color: var(--quiet)", "color: #999999", 7, "#999999 on --paper, light"),
        ("color: var(--quiet)", "color: #999", 7, "#999999 on --paper, light"),
        ("color: var(--quiet)", "color: silver", 7, "#c0c0c0 on --paper, light"),
        ("var(--quiet)", "var(--quite)", 7, "--quite"),
        ("color: var(--ink);", "color;", 7, "syntax"),
        ("a { color: var(--quiet) } }", "a { color: var(--quiet) }", 7, "brace"),
    ],
)
def test_stylesheet_fault_is_found_at_its_line(
    old: str, new: str, line: int, part: str, tmp_path: Path
) -> None:
    assert old in GOOD
    found = problems(tmp_path, GOOD.replace(old, new))
    assert [(p.line, part in p.message) for p in found] == [(line, True)]


def test_contrast_ratio_is_that_of_wcag() -> None:
    assert contrast_ratio("#000000", "#ffffff") == pytest.approx(21)
    assert contrast_ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_parse_rules_unfolds_nested_rules() -> None:
    css = ".a, .b { x: 1; > p { y: 2 } &:hover { z: 3 } @media print { u: 4; :is(i, b) { v: 5 } } }"
    rules, errors = parse_rules(f"/* {{ }} */{css} c {{ content: '}}' }}")
    assert errors == ()
    assert sorted((r.selector, [d[:2] for d in r.declarations]) for r in rules) == [
        (".a, .b", [("u", "4")]),
        (".a, .b", [("x", "1")]),
        (":is(.a, .b) :is(i, b)", [("v", "5")]),
        (":is(.a, .b) > p", [("y", "2")]),
        (":is(.a, .b):hover", [("z", "3")]),
        ("c", [("content", '"}"')]),
    ]


@pytest.mark.parametrize(
    ("css", "code"),
    [
        ("a { colr: red }", "valid_css"),
        ("a { color: reed }", "valid_css"),
        ("a { color: #ab }", "valid_css"),
        ("a { color: #abcdeg }", "valid_css"),
        ("a { margin: 10 }", "valid_css"),
        ("a { margin: 10xp }", "valid_css"),
        ("a { display: blok }", "valid_css"),
        ("a { text-align: centre }", "valid_css"),
        ("a { color: red !importent }", "valid_css"),
        ("a { width: calc(1px + 2fx) }", "valid_css"),
        ("a { color: var(--lost) }", "valid_css"),
        ("a { backgroud-color: red }", "valid_css"),
        ("..a { color: red }", "valid_css"),
        ("a, , b { color: red }", "valid_css"),
        ("a:hovr { color: red }", "valid_css"),
        ("a::befor { color: red }", "valid_css"),
        ("@meida print { a { color: red } }", "valid_css"),
        ("@media (max-widht: 40rem) { a { color: red } }", "valid_css"),
        ("@media (prefers-color-sheme: dark) { a { color: red } }", "valid_css"),
        ("a { color: red;", "valid_css"),
        ("a:focus { outline: none }", "focus_outline"),
        ("button { outline: 0 }", "focus_outline"),
        ("* { outline-width: 0 }", "focus_outline"),
        ("main a { text-decoration: none }", "plain_links"),
        ("a { text-decoration-line: none }", "plain_links"),
    ],
)
def test_stylesheet_of_a_slip_has_its_line(tmp_path: Path, css: str, code: str) -> None:
    assert [(p.line, p.code) for p in slips(tmp_path, f"\n{css}\n")] == [(2, code)]


@pytest.mark.parametrize(
    "css",
    [
        "a { margin: 0 auto; line-height: 1.5; flex: 1; z-index: 3; grid-column: 1 / 3 }",
        "a { font: 1rem/1.5 serif; transition: color .2s; width: 100dvh; gap: 1cqi }",
        "a { color: color-mix(in oklab, red 10%, blue); background: url(a.svg#b) }",
        "a { white-space: pre-wrap; display: flow-root; text-wrap: balance; zoom: 2 }",
        "a { -webkit-text-size-adjust: none; view-transition-name: a; anchor-name: --a }",
        "a { color: CanvasText; fill: currentColor; stroke: context-stroke }",
        "a { --own: 10; --x: #q; width: calc(2 * 3px); margin: -1px; opacity: .5; order: 2 }",
        "@media (min-width: 40rem) { a { color: red } } @layer x { b { color: blue } }",
        "a:focus-visible { outline: 2px solid } :focus:not(:focus-visible) { outline: none }",
        "input:focus { outline: none; border-color: red }",
        "[tabindex='-1']:focus { outline: none } a.card { text-decoration: none }",
        "nav a { text-decoration: none } a { text-decoration: none; border-bottom: 1px solid }",
        "@media (400px <= width <= 70em) and (prefers-contrast: more), not print { a { gap: 0 } }",
        "@media (-webkit-min-device-pixel-ratio: 2), (resolution >= 1.5dppx) { a { gap: 0 } }",
        "a:has(> img):not(:is(h1, .b\\:c))::before, a[href$='.x, ,'] { gap: 0 }",
        "a::-webkit-scrollbar, a:nth-child(2n + 1 of .y) { gap: 0 } @import url(x.css);",
        "@container (width > 20rem) { a { gap: 0 } } @starting-style { a { gap: 0 } }",
        "@media print { a { color: black } }",
        "@font-face { font-family: x; src: url(a.woff2); font-display: swap }",
        "@property --x { syntax: '<color>'; inherits: true; initial-value: red }",
        "@page { size: a4; margin: 2cm } li::marker { content: 'x'; color: red }",
    ],
)
def test_stylesheet_of_good_css_finds_nothing(tmp_path: Path, css: str) -> None:
    assert slips(tmp_path, css) == []


def slips(tmp_path: Path, css: str) -> list[Problem]:
    """Return what the checks but contrast find in a stylesheet; codes are names of functions."""
    file = tmp_path / "static" / "css" / "a.css"
    file.parent.mkdir(parents=True)
    file.write_text(css, "utf-8")
    site = site_of(settings={"theme": str(tmp_path)})
    checks = (valid_css, focus_outline, plain_links)
    return [replace(p, code=check.__name__) for check in checks for p in check(site)]
