"""Order and groups, on plain values."""

from datetime import datetime
from types import SimpleNamespace

from pipeline.render.arrange import by_year, minutes, neighbours, newest_first


def post(slug: str, *day: int) -> SimpleNamespace:
    return SimpleNamespace(slug=slug, date=datetime(*day))  # type: ignore[arg-type]


def test_newest_first_and_ties_by_slug() -> None:
    posts = [post("b", 2024, 1, 1), post("c", 2025, 1, 1), post("a", 2024, 1, 1)]
    assert [p.slug for p in newest_first(posts)] == ["c", "a", "b"]
    assert [p.slug for p in newest_first(reversed(posts))] == ["c", "a", "b"]


def test_years() -> None:
    years = by_year([post("a", 2023, 1, 1), post("b", 2025, 1, 1), post("c", 2023, 5, 1)])
    assert [(y.year, [p.slug for p in y.posts]) for y in years] == [
        (2025, ["b"]),
        (2023, ["c", "a"]),
    ]


def test_minutes_count_words_and_not_tags() -> None:
    assert minutes("") == 1
    assert minutes('<p class="a b c">word</p>' * 460) == 2
    assert minutes("word " * 461) == 3


def test_neighbours() -> None:
    assert list(neighbours(["c", "b", "a"])) == [
        ("c", "b", None),
        ("b", "a", "c"),
        ("a", None, "b"),
    ]
