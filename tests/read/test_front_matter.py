"""Front matter: what is taken, and the line that each mistake gets."""

from datetime import datetime

import pytest

from pipeline.problems import ProblemsFound
from pipeline.read.front_matter import Page, Post, parse

GOOD = "Title: A\nDate: 2024-05-06\nSummary: B\nTags: robotics, AI\n\nText.\n"


def problems(text: str, kind: type[Post] | type[Page] = Post) -> list[str]:
    with pytest.raises(ProblemsFound) as caught:
        parse(text, kind, "x.md", {"robotics", "AI"})
    return str(caught.value).splitlines()


def test_a_post_is_typed() -> None:
    post, body = parse(GOOD, Post, "x.md", {"robotics", "AI"})
    assert post == Post("A", "B", date=datetime(2024, 5, 6), tags=("robotics", "AI"))
    assert body.split() == ["Text."]


def test_a_line_of_the_body_keeps_its_number() -> None:
    _, body = parse(GOOD, Post, "x.md", {"robotics", "AI"})
    assert body.splitlines()[5] == GOOD.splitlines()[5] == "Text."


def test_keys_come_in_any_case_and_values_go_on_when_indented() -> None:
    text = GOOD.replace("Title", "TITLE").replace("Summary: B", "summary: B\n    and more")
    post, _ = parse(text, Post, "x.md", {"robotics", "AI"})
    assert (post.title, post.summary) == ("A", "B and more")


def test_a_time_of_day() -> None:
    post, _ = parse(GOOD.replace("05-06", "05-06 07:08"), Post, "x.md", {"robotics", "AI"})
    assert post.date == datetime(2024, 5, 6, 7, 8)


def test_a_value_may_hold_colons_and_quotes() -> None:
    page, _ = parse('Title: "A": b\nSummary: c: d\n\nText', Page, "x.md", ())
    assert (page.title, page.summary) == ('"A": b', "c: d")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("Title: A\n", "", "x.md:1: must have Title: none (add a line Title: …)"),
        ("Date: 2024-05-06\n", "", "x.md:1: must have Date: none (add a line Date: …)"),
        ("Summary: B\n", "", "x.md:1: must have Summary: none (add a line Summary: …)"),
        ("Summary: B", "Summary:", "x.md:3: Summary must not be empty: ''"),
        (
            "Summary",
            "Sumary",
            "x.md:1: must have Summary: none (add a line Summary: …)\n"
            "x.md:3: must be a key that a post has: Sumary (did you mean 'Summary'?)",
        ),
        (
            "2024-05-06",
            "6 May 2024",
            "x.md:2: Date must be a date such as 2024-03-01 or 2024-03-01 09:30: '6 May 2024'",
        ),
        (
            "2024-05-06",
            "2024-02-30",
            "x.md:2: Date must be a date such as 2024-03-01 or 2024-03-01 09:30: '2024-02-30'",
        ),
        (
            "AI",
            "ai",
            "x.md:4: Tags must name tags of content/tags.toml: 'ai' (did you mean 'AI'?)",
        ),
        (
            "AI",
            "cooking",
            "x.md:4: Tags must name tags of content/tags.toml: 'cooking' "
            "(add it there with a sentence that describes it)",
        ),
        ("AI", "robotics", "x.md:4: Tags must name each tag once: 'robotics'"),
        (
            "\n\n",
            "\nStatus: drafft\n\n",
            "x.md:5: Status must be one of published, draft, hidden: 'drafft' "
            "(did you mean 'draft'?)",
        ),
        (
            "\n\n",
            "\nSlug: A Slug\n\n",
            "x.md:5: Slug must be small letters, digits and single hyphens: 'A Slug'",
        ),
        (
            "\n\n",
            "\nLang: English\n\n",
            "x.md:5: Lang must be a language tag such as en or pt-BR: 'English'",
        ),
        (
            "\n\n",
            "\nModified: 2024-05-05\n\n",
            "x.md:5: Modified must not be before Date: '2024-05-05'",
        ),
        (
            "\n\n",
            "\ntitle: C\n\n",
            "x.md:5: must have each key once, title stands on line 1: title: C",
        ),
        ("\n\nText.", "\n\n", "x.md:1: must have a text: front matter alone"),
    ],
)
def test_each_mistake_has_its_line(old: str, new: str, line: str) -> None:
    assert old in GOOD
    assert problems(GOOD.replace(old, new, 1)) == line.splitlines()


def test_no_front_matter() -> None:
    must = "x.md:1: must begin with front matter: an empty line (begin with Title: …)"
    assert problems("\n" + GOOD) == [must]


def test_fences_of_other_generators() -> None:
    first, *_ = problems("---\n" + GOOD)
    assert first == ("x.md:1: must be front matter as `Key: value`: '---' (remove the --- lines)")


def test_text_without_an_empty_line_before_it() -> None:
    found = problems("Title: A\nSummary: B\nThe text.\n", Page)
    assert found == [
        "x.md:3: must be front matter as `Key: value`: 'The text.' (end it by an empty line)"
    ]


def test_all_problems_at_once() -> None:
    assert len(problems("Titel: A\nDate: x\nTags: y\n\nText")) == 5


def test_a_pages_output_stays_below_the_site() -> None:
    found = problems("Title: A\nSummary: B\nSave_as: ../x.html\n\nText", Page)
    assert found == [
        "x.md:3: Save_as must be the path of an .html file below the site's root: '../x.html'"
    ]
