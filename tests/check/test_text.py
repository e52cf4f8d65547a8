"""Markup that stays text, blocks that run together; and what only looks so."""

import pytest

from tests.check.faults import Fault, P, prove_tiny, text
from tests.conftest import POST, TinySite


def words(sentence: str, line: int = 9) -> Fault:
    """Return a fault in the third line of a text, the ninth of its file."""
    return Fault(f"{P}:{line}", text(f"Words.\n\n{sentence}"))


FAULTS = {
    "left-over-markup": {
        "a space in a link": words("See [the memo] (https://bolte.cc/memo)."),
        "a link that is not closed": words("See [the memo](https://bolte.cc/memo today."),
        "a name without an address": words("See [the memo][memo] today."),
        "a name that is its own": words("See [the memo][] today."),
        "bold with a space": words("It is **very **good."),
        "bold that is not closed": words("It is **very good."),
        "struck": words("It is ~~very~~ good."),
        "attributes in a line": words("It is good {: .very } today."),
        "attributes in another form": words("It is good {.very} today."),
        "code that is not closed": words("It is `very good."),
        "a template's tag": words("It is {% include version.html %} good."),
        "a template's value": words("It is {{ site.version }} good."),
        "a sign by its name": words("It is good! :sweat_smile:"),
        "a name of code without an address": words("See [`find`][find-filter] today."),
        "a character in a summary": Fault(
            f"{P}:3",
            {"posts/a/index.md": POST.replace("What it says.", "What – a rule &mdash; it says.")},
        ),
        "a box": words("- [ ] Buy milk"),
        "a character twice": words("It is&amp;nbsp;good."),
        "in a title": Fault(
            f"{P}:1", {"posts/a/index.md": POST.replace("A post", "A **bold** post")}
        ),
        "in a table": words("| a | b |\n|---|---|\n| x | [y] (https://bolte.cc) |", 11),
    },
    "blocks-run-together": {
        "a list": words("These:\n- one\n- two", 10),
        "a list of one": words("These:\n* one", 10),
        "a list of code": words("These:\n- the `one` is first\n- two", 10),
        "a numbered list": words("These are they\n1. one\n2. two", 10),
        "a table": words("These:\n| a | b |\n|---|---|\n| 1 | 2 |", 10),
    },
    "nested-lists": {
        "two spaces": words("- one\n  - two", 10),
        "four of one list": words("- one\n  - two\n  - three\n  - four\n  - five", 10),
        "three spaces below a number": words("1. one\n   - two\n2. three", 10),
    },
}
HARMLESS = [
    "2**3 is 8, ** is power, and f**k that. `**` and `](` are code.",
    r"\*\*Not bold\*\* and \[x\](y) are meant.",
    "See [1][2] and a[0][1], f(x)[y].",
    "He said -\n- and stopped.",
    "In the year\n2024. It was good.",
    "He wrote it in\n2023. She read it in\n2024. Nobody else did.",
    "- one\n - two\n  - three",
    "- one\n    - two\n        - three\n\n- four",
    " - one\n - two\n\nText\n\n1. a\n2. b",
    "```text\n- one\n  - two\n**x\n[a] (b)\n```",
    "| a |\n|---|\n| b |\n\n| A line of verse\n| - and a dash",
    "- one\n  and on\n\n    more of it\n- two",
    "Sets {a, b}, {1: 2} and \\(\\{x : x > 0\\}\\); AT&T, R&D.",
    "    indented code\n      - one\n\nText (see https://bolte.cc/x) [sic] (as it was).",
    "A footnote.[^1]\n\n[^1]: - with a hyphen.",
    '<div markdown="1">\n\n**bold**\n\n- one\n\n</div>',
    "At 10:30: a break; a ratio of 4:3:2, /:year/:month/, Note: x:y: z, std::vector: none.",
    "Approximately ~5, ~~ 6, 2 ~ 3.",
    "Term\n:   Definition\n\n*[HTML]: Hypertext",
]


@pytest.mark.parametrize("sentence", HARMLESS)
def test_what_looks_wrong_and_is_right(sentence: str, tiny: TinySite) -> None:
    assert prove_tiny(tiny, Fault("", text(sentence))) == []
