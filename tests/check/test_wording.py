"""Slips of the pen; and what is none."""

from pathlib import Path

import pytest

from pipeline.check.blocks import blocks
from pipeline.check.site import Page, Source
from pipeline.check.wording import DOUBLED, read_names
from pipeline.problems import ProblemsFound
from tests.check import test_signs as signs
from tests.check.faults import Fault, P, prove_tiny, text
from tests.check.test_signs import slip
from tests.conftest import ROOT, TinySite

NAMES = {"names.toml": 'GitHub = ["Github"]\nPyTorch = ["Pytorch"]\n'}
FAULTS = {
    "doubled-words": {
        "in a line": slip("It is the the same."),
        "over the end of a line": slip("More of it is of\nof the same."),
        "one of them emphasised": slip("It is the *the* same thing."),
        "in a link": slip("It has a [a memo](https://elsewhere.net/a)."),
        "in a note": Fault(f"{P}:9", text("Words.[^a]\n\n[^a]: It is the the same.")),
        "in a cell": Fault(f"{P}:11", text("Words.\n\n|A|B|\n|-|-|\n|This this|b|")),
    },
    "link-words": {
        "here": slip("The memo is [here](https://elsewhere.net/a)."),
        "this": slip("Read [this](https://elsewhere.net/a)."),
        "a long address": slip(
            "<https://elsewhere.net/a-long-way/to-somewhere/that-nobody/will-read>"
        ),
        "another address": slip("[https://elsewhere.net/a](https://another.net/b)"),
    },
    "capitals": {"a paragraph": slip("THIS IS ALL IN CAPITALS AND LONG. " * 5)},
    "names-spelt": {
        "in a text": slip("It is on Github, all of it.", **NAMES),
        "in a heading": slip("## With Pytorch", **NAMES),
    },
}


@pytest.mark.parametrize(
    "words",
    [
        "I know that that is so, and had had it.",
        "What it is is this: logged in in May.",
        "Vitamin A a day.",
        "And so on and so forth, the theme.",
        "The “the” is a word.",
    ],
)
def test_words_that_are_doubled_by_right(words: str) -> None:
    found = DOUBLED.search(words)
    assert not found or found[0] == "A a"


def test_what_is_no_slip(tiny: TinySite) -> None:
    words = """
`the the` and `(` in code, \\(f(x]\\) in a formula.

“A quotation of two paragraphs begins each of them with a mark.

“And the last one closes it.”

(A bracket around two paragraphs.

It is closed here.)

He is 6'2" tall; the '90s; `"straight"` is for code.

<https://elsewhere.net/short>, and [elsewhere.net](https://elsewhere.net/).

NASA, IBM AND OTHERS. github.com/Github, www.Github.io

Nous nous voyons la la ; n’est-ce pas ?
{: lang=fr }

| The end of the
| the verse.
"""
    problems = prove_tiny(tiny, Fault("", {**text(words.strip()), **NAMES}))
    assert [problem for problem in problems if problem.check in {*FAULTS, *signs.FAULTS}] == []


def test_an_excuse_stands_above_the_slip(tiny: TinySite) -> None:
    excuse = "<!-- excuse doubled-words: she says it so -->\n"
    assert prove_tiny(tiny, slip(f"{excuse}It is the the same.")) == []


def test_the_words_of_a_block_are_those_that_are_read() -> None:
    html = (
        '<html lang="en"><main><p>a <b>b</b><code>c</code><br>d</p>'
        '<ul lang="de"><li>e<p>f</p></li></ul></main><p>g</p>'
    )
    found = blocks(Page("x", Source("x.md", ""), (), html))
    assert [block.text.split() for block in found] == [["a", "b\ufffc", "d"], ["e"], ["f"]]
    assert [block.english for block in found] == [True, False, False]


@pytest.mark.parametrize(
    ("toml", "line"),
    [("a = [\n", "names.toml: must be TOML"), ('A = "a"\n', "names.toml:1: A must have a list")],
)
def test_a_list_of_names_that_is_wrong(tmp_path: Path, toml: str, line: str) -> None:
    path = tmp_path / "names.toml"
    path.write_text(toml)
    with pytest.raises(ProblemsFound, match=line):
        read_names(path)


def test_the_list_of_names() -> None:
    names = read_names(ROOT / "content/names.toml")
    assert names["Github"] == "GitHub"
    assert not set(names) & set(names.values())
