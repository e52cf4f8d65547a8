from datetime import datetime

import pytest

from pipeline.content.front_matter import Parsed, Rules, parse
from pipeline.model import Page, Post
from tests.reading import POST, STRICT

LENIENT = Rules()


def parsed(text: str, kind: type[Post] | type[Page] = Post, rules: Rules = STRICT) -> Parsed:
    return parse(text, kind, "x.md", rules)


def problems(text: str, kind: type[Post] | type[Page] = Post) -> list[tuple[int, str]]:
    return [(problem.line, problem.code) for problem in parsed(text, kind).problems]


def test_parse_post_returns_typed_values_and_lines() -> None:
    found = parsed(POST)
    date = datetime(2024, 5, 6)
    assert found.front_matter == Post("A", "B", date=date, tags=("robotics", "AI"))
    assert found.lines == {"title": 1, "date": 2, "summary": 3, "tags": 4}
    assert found.problems == ()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_parse_body_keeps_its_line_numbers(end: str) -> None:
    assert parsed(POST.replace("\n", end)).body.split("\n")[5] == "Text."


def test_parse_keys_in_any_case_and_indented_lines_continue_values() -> None:
    text = POST.replace("Title", "TITLE").replace("Summary: B", "summary: B\n    and more")
    post = parsed(text).front_matter
    assert (post.title, post.summary) == ("A", "B and more")


def test_parse_value_may_have_colons_quotes_and_a_time() -> None:
    page = parsed('Title: "A": b\nSummary: c: d\nDate: 2024-05-06 07:08\n\nText', Page).front_matter
    assert (page.title, page.summary) == ('"A": b', "c: d")
    assert page == Page('"A": b', "c: d", date=datetime(2024, 5, 6, 7, 8))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Title: A\n", "", [(1, "missing-metadata")]),
        ("Date: 2024-05-06\n", "", [(1, "missing-metadata")]),
        ("Summary: B\n", "", [(1, "missing-metadata")]),
        ("Summary: B", "Summary:", [(3, "invalid-metadata")]),
        ("Summary", "Sumary", [(3, "unknown-metadata"), (1, "missing-metadata")]),
        ("2024-05-06", "6 May 2024", [(2, "invalid-metadata")]),
        ("2024-05-06", "2024-02-30", [(2, "invalid-metadata")]),
        ("AI", "ai", [(4, "unknown-tag")]),
        ("AI", "robotics", [(4, "invalid-metadata")]),
        ("AI", "AI,", [(4, "invalid-metadata")]),
        ("\n\n", "\nStatus: drafft\n\n", [(5, "invalid-metadata")]),
        ("\n\n", "\nSlug: A Slug\n\n", [(5, "invalid-metadata")]),
        ("\n\n", "\nLang: English\n\n", [(5, "invalid-metadata")]),
        ("\n\n", "\nId: x\n\n", [(5, "invalid-metadata")]),
        ("\n\n", "\nAliases: old/\n\n", [(5, "invalid-metadata")]),
        ("\n\n", "\nAliases: /a/, /a/\n\n", [(5, "invalid-metadata")]),
        ("\n\n", "\nSave_as: ../x.html\n\n", [(5, "invalid-metadata")]),
        ("\n\n", "\nSave_as: x.html\nStatus: draft\n\n", [(5, "invalid-metadata")]),
        ("\n\n", "\nModified: 2024-05-05\n\n", [(5, "invalid-metadata")]),
        ("\n\n", "\ntitle: C\n\n", [(5, "front-matter")]),
        ("\n\nText.", "\n\n", [(1, "empty-post")]),
        ("Title", "---\nTitle", [(1, "front-matter")]),
        ("\n\nText.", "\nText.", [(5, "front-matter")]),
        ("Title", "\nTitle", [(1, "front-matter")]),
    ],
)
def test_parse_mistake_has_code_and_line(
    old: str, new: str, expected: list[tuple[int, str]]
) -> None:
    assert old in POST
    assert problems(POST.replace(old, new, 1)) == expected


def test_parse_reports_all_problems_at_once() -> None:
    found = problems("Titel: A\nDate: x\nTags: y\n\nText")
    assert sorted(found) == [
        (1, "missing-metadata"),
        (1, "missing-metadata"),
        (1, "unknown-metadata"),
        (2, "invalid-metadata"),
        (3, "unknown-tag"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [("Summary", "Sumary", "Summary"), ("AI", "ai", "AI"), ("B\n", "B\nStatus: drafft\n", "draft")],
)
def test_parse_near_miss_is_suggested(old: str, new: str, word: str) -> None:
    assert f"'{word}'" in parsed(POST.replace(old, new)).problems[0].hint


def test_parse_unknown_tags_are_all_named() -> None:
    [problem] = parsed(POST.replace("AI", "one, AI, two, three")).problems
    assert all(name in problem.message for name in ("'one'", "'two'", "'three'"))


def test_parse_long_line_below_front_matter_is_cut_in_the_message() -> None:
    [problem] = parsed(POST.replace("\n\nText.", "\nText " + "word " * 90)).problems
    assert len(problem.message) < 120


def test_parse_required_key_that_a_kind_does_not_have_is_not_missing() -> None:
    rules = Rules(keys=("mood",), required=("tags", "mood"))
    page = parsed("Title: A\n\nText", Page, rules)
    assert [problem.message.split()[-1] for problem in page.problems] == ["Mood"]


def test_parse_own_key_of_a_plugin_is_kept_as_written() -> None:
    post = parsed(POST.replace("\n\n", "\nMood: Fine\n\n"), rules=Rules(keys=("MOOD",)))
    assert (post.front_matter.extra, post.problems) == ((("mood", "Fine"),), ())


@pytest.mark.parametrize("date", ["6 May 2024", "2024-05-06T10:00:00+02:00", "May 6, 2024 10:00"])
def test_parse_without_strict_content_takes_what_pelican_takes(date: str) -> None:
    text = f"Title: A\nDate: {date}\nModified: 2024-05-07\nTags: x, , x\nSlug: A b\nMood: x\n\n"
    post = parsed(text + "Text", rules=LENIENT)
    assert post.problems == ()
    assert isinstance(post.front_matter, Post)
    assert post.front_matter.date
    assert post.front_matter.date.day == 6
    assert (post.front_matter.tags, post.front_matter.slug) == (("x",), "A b")


def test_parse_number_too_large_for_a_date_is_a_problem() -> None:
    found = parsed(f"Title: A\nDate: {'9' * 30}\n\nText", rules=LENIENT).problems
    assert [(problem.line, problem.code) for problem in found] == [(2, "invalid-metadata")]


def test_parse_lenient_accepts_what_the_meta_extension_accepts() -> None:
    text = "---\nTitle:A\nDate: 2024-05-06\n---\n\nText.\n"
    found = parsed(text, rules=LENIENT)
    assert (found.front_matter.title, found.lines, found.problems) == (
        "A",
        {"title": 2, "date": 3},
        (),
    )
    assert problems(text) == [(1, "front-matter")]
