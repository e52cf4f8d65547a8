"""HTML that browsers would have to mend, and what they would take for something else."""

from tests.check.faults import Fault, prove_tiny, text
from tests.check.test_tags import html
from tests.conftest import TinySite

FAULTS = {
    "known-words": {
        "an obsolete element": html("<center>Words in the middle.</center>"),
        "a misspelt element": html("<p>Some <stong>bold</stong> words.</p>"),
        "an obsolete attribute": html('<p align="right">Words of it.</p>'),
        "a misspelt attribute": html('<p><time datetmie="2024">then</time></p>'),
        "a state that ARIA has not": html('<p aria-labeled="x">Words of it.</p>'),
        "a role that ARIA has not": html('<p role="buton">Words of it.</p>'),
    },
    "content-models": {
        "an item outside a list": html("<div><li>An item of none.</li></div>"),
        "words' box in a line": html("<div><span><div>A box.</div></span></div>"),
        "a list in a list": html("<ul><li>One thing.</li><ul><li>Two things.</li></ul></ul>"),
        "a paragraph in a list of definitions": html("<dl><dt>Term</dt><p>Words of it.</p></dl>"),
        "a button in a link": html('<p><a href="/">to <button>the start</button></a></p>'),
        "a caption without a figure": html("<figcaption>A caption of none.</figcaption>"),
    },
    "unique-ids": {
        "an id of the theme's": html('<p id="main">Words of it.</p>'),
        "an id of two words": html('<p id="two words">Words of it.</p>'),
        "an id of nothing": html('<p id="">Words of it.</p>'),
    },
    "references": {
        "a name that is nowhere": html('<p aria-describedby="nowhere">Words of it.</p>'),
        "a cell's head that is nowhere": html(
            '<table><tr><th id="h">a</th></tr><tr><td headers="g">Words of it.</td></tr></table>'
        ),
    },
}


def test_the_strange_attributes_of_an_element_are_one_problem(tiny: TinySite) -> None:
    [problem] = prove_tiny(tiny, Fault("", text("Words.\n\n<p scr=a heigth=b>x</p>\n")))
    assert problem.found == "scr, heigth"
