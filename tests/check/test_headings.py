"""Headings and parts that somebody would miss."""

from tests.check.faults import Fault, P, prove_tiny, text
from tests.check.test_tags import html, theme
from tests.conftest import TinySite

FAULTS = {
    "headings": {
        "a level that is skipped": Fault(f"{P}:9", text("## Part\n\n#### Part of a part\n")),
        "one of HTML with words that stand before": Fault(
            f"{P}:11", text("## Part one of it\n\nPart two\n\n<h4 class=x>Part two</h4>\n")
        ),
        "a heading without words": html("<h2></h2>"),
        "a second first heading": theme("<h1>A name</h1>"),
    },
    "kept-by-reader-views": {
        "a heading's id": Fault(f"{P}:9", text("Words.\n\n<h2 id=media>What I like</h2>\n")),
        "a paragraph's id": Fault(f"{P}:10", text("Words.\n\nMore words.\n{: #related }\n")),
    },
}


def test_the_level_that_is_wanted_is_said(tiny: TinySite) -> None:
    [problem] = prove_tiny(tiny, Fault("", text("##### Part\n\nWords.\n")))
    assert problem.fix == "##"
