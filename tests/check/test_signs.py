"""Signs that stand alone, straight or behind a space; and those that do so by right."""

import pytest

from pipeline.check.signs import unpaired
from tests.check.faults import Fault, P, text
from tests.conftest import POST


def slip(words: str, **more: str) -> Fault:
    """Return a fault in the ninth line of a text."""
    files = text(f"Words before it.\n\n{words}\n\nWords behind it.")
    return Fault(f"{P}:9", {**files, **more})


FAULTS = {
    "unpaired-signs": {
        "a bracket": slip("It is the same (more or less."),
        "a bracket that was not opened": slip("It is the same) more or less."),
        "behind code": slip("It is `x` (more or less."),
        "before code": slip("It is the same, more (`x` or `y`."),
        "in a title": Fault(
            f"{P}:1",
            {
                **text("Words."),
                "posts/a/index.md": POST.replace("A post", "A “post"),
                "posts/c/index.md": POST.replace("A post", "Another").replace("What", "All"),
            },
        ),
        "a quotation": slip("He said: “It is the same."),
        "a quotation that was not opened": slip("He said: it is the same.”"),
    },
    "straight-quotes": {
        "in HTML of the author's own": slip("<div>He said &quot;Yes&quot;.</div>"),
    },
    "spaces-before-signs": {
        "a comma": slip("It is the same , more or less."),
        "a full stop": slip("It is the same ."),
    },
}


@pytest.mark.parametrize(
    "words",
    [
        "a) one, b) two, and (iii) three",
        "Nice (really :) is it",
        "It is on [0, 1) and (0, 1].",
        "A 12” screen, and one of 13”.",
        "“It was good in 1984”",
        "words(s) and ts(x)",
        "(as in step 50) and more",
        "’tis the players’ own",
    ],
)
def test_signs_that_are_alone_by_right(words: str) -> None:
    assert unpaired(words).sign == ""
