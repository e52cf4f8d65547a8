from pathlib import Path

import pytest

from pipeline.check.spelling import is_word, learn, read_words, spelling, unknown_words
from pipeline.model import Passage
from pipeline.settings import Settings
from tests.check.one_page import found_in
from tests.check.site import SOURCE, document_of, html_of, places, site_of


@pytest.mark.parametrize(
    "word",
    "differentation hwo wil becuase seperate recieve occuring begining untill definately teh "
    "accomodate sence thier wich realy beleive goverment enviroment tommorow neccessary wierd "
    "refered succesful arguement concious embarass existance foriegn independant "
    "occurence persistant posession prefered reccomend rythm suprise truely".split(),
)
def test_is_word_of_a_slip_is_false(word: str) -> None:
    assert not is_word(word)


@pytest.mark.parametrize(
    "word",
    "colour metres travelling recognised analyse behaviour centre grey fulfilment skilful defence "
    "licence dialogue programme neuroscience misattributed smartphones playlist hoverboard app "
    "podcasts tweeting english monday don't it's offline preprocessing underspecified scriptless "
    "favourite catalogue anaemia signalling organisation labelled modelling encyclopaedia".split(),
)
def test_is_word_of_english_is_true(word: str) -> None:
    assert is_word(word)


@pytest.mark.parametrize(
    "text",
    [
        "See example.net/hwo, @hwo, #hwo, hwo.py, hwo@a.net and /hwo/wil.",
        "The K-Scale, Bolte, NATs, iPhone, x264, GPUs of Hwo.",
        "It’s Ben’s, the dogs’ and rock ’n’ roll.",
        "A well-known state-of-the-art thing.",
    ],
)
def test_unknown_words_of_names_and_addresses_are_none(text: str) -> None:
    assert list(unknown_words([Passage(text, "a.md", 3, "p", "en")])) == []


def test_unknown_words_have_their_lines_and_no_other_language() -> None:
    passages = [
        Passage("Fine\nand wil.", "a.md", 3, "p", "en"),
        Passage("Hwo wil", "", 1, "", "de"),
    ]
    assert [(p.text, p.line) for p in unknown_words(passages)] == [("wil", 4)]


def test_spelling_of_words_in_another_language_is_silent() -> None:
    text = 'The <span lang="de">becuase hwo\nwil</span> is\nwrold.\n\n<i lang="en">becuase</i>\n'
    assert found_in(text) == [("spelling", 3), ("spelling", 5)]


def test_spelling_of_a_title_is_read_though_a_script_has_it() -> None:
    document = document_of(title="A becuase", lines={"title": 1})
    page = html_of('<script type="application/ld+json">{"a": "A becuase"}</script><p>It.</p>')
    site = site_of({"a/index.html": page}, sources={"a/index.html": document})
    assert places(spelling(site)) == [f"{SOURCE}:1"]


def test_spelling_of_code_is_silent_and_of_a_text_has_its_line() -> None:
    text = "`wrold` is it.\n\n```text\nwrold\n```\n\nIt is\nbecuase.\n"
    assert found_in(text) == [("spelling", 8)]


def test_learn_adds_words_below_comments_and_questions(tmp_path: Path) -> None:
    settings = Settings("conf.py", path=str(tmp_path))
    (tmp_path / "words.txt").write_text("# Mine\n? hwo\nzebroid\n", "utf-8")
    learn(settings, ["Voxel", "zebroid"])
    assert (tmp_path / "words.txt").read_text("utf-8") == "# Mine\n? hwo\nvoxel\nzebroid\n"
    assert read_words(settings) == (frozenset({"voxel", "zebroid"}), {"hwo": 2})
