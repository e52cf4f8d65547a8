"""Colours that some reader could not tell apart."""

import pytest

from pipeline.check.colours import ratio_of, roles
from pipeline.check.stylesheet import rules
from tests.check.faults import Fault

TOKENS = "static/css/tokens.css"


def token(line: int, name: str, was: str, now: str) -> Fault:
    """Return a fault in the value of a token."""
    return Fault(f"theme/{TOKENS}:{line}", theme=(TOKENS, f"--{name}: {was}", f"--{name}: {now}"))


FAULTS = {
    "contrast": {
        "quiet text in light": token(
            11, "text-quiet", "light-dark(#655e53, #a59d90)", "light-dark(#6c6559, #a59d90)"
        ),
        "quiet text in dark": token(
            11, "text-quiet", "light-dark(#655e53, #a59d90)", "light-dark(#655e53, #a39b8e)"
        ),
        "a number in code": token(
            16, "code-number", "light-dark(#1d5a8a, #8fc1ea)", "light-dark(#2b6da3, #8fc1ea)"
        ),
        "a ring around what the keyboard is on": Fault(
            f"theme/{TOKENS}:5",
            theme=(
                TOKENS,
                ":root {",
                ":root { --ring: #88aaff; :focus { outline-color: var(--ring) }",
            ),
        ),
        "a colour that cannot be computed": token(
            16, "code-number", "light-dark(#1d5a8a, #8fc1ea)", "oklch(50% 0.1 200)"
        ),
    },
}


def test_contrast_of_black_on_white() -> None:
    assert ratio_of("#000000", "#ffffff") == pytest.approx(21)
    assert ratio_of("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_who_stands_on_what() -> None:
    css = """
    /* { color: var(--no) } */
    body { background: var(--paper); color: var(--ink);
      a { color: inherit; text-decoration-color: var(--line); border-color: var(--edge) }
      svg { stroke: var(--edge); fill: var(--paper) } }
    @media print { b { content: "}"; color: var(--bold) } }
    """
    found = [set(names) for names in roles(list(rules(css)))]
    assert found == [{"ink", "bold"}, {"line"}, {"paper"}]


def test_rules_that_are_nested() -> None:
    css = ".a, .b { x: 1; > p { y: 2 } &:hover { z: 3 } @media print { u: 4; :is(i, b) { v: 5 } } }"
    assert [(r.selector, r.conditions, dict(r.declarations)) for r in rules(css)] == [
        (":is(.a, .b) > p", (), {"y": "2"}),
        (":is(.a, .b):hover", (), {"z": "3"}),
        (":is(.a, .b) :is(i, b)", ("@media print",), {"v": "5"}),
        (".a, .b", ("@media print",), {"u": "4"}),
        (".a, .b", (), {"x": "1"}),
    ]
