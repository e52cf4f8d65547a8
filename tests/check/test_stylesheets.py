"""Contrast and syntax of the theme's stylesheets."""

from pathlib import Path

import pytest

from pipeline.check.stylesheets import contrast, contrast_ratio, parse_rules, valid_css
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
        ("var(--quiet)", "var(--quite)", 7, "--quite"),
        ("color: var(--ink);", "color;", 7, "syntax"),
        ("a { color: var(--quiet) } }", "a { color: var(--quiet) }", 9, "brace"),
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
    assert errors == []
    assert sorted((r.selector, [d[:2] for d in r.declarations]) for r in rules) == [
        (".a, .b", [("u", "4")]),
        (".a, .b", [("x", "1")]),
        (":is(.a, .b) :is(i, b)", [("v", "5")]),
        (":is(.a, .b) > p", [("y", "2")]),
        (":is(.a, .b):hover", [("z", "3")]),
        ("c", [("content", '"}"')]),
    ]
