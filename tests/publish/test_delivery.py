"""What subscribers will get, on plain values and on tiny sites that change."""

from collections.abc import Callable

import pytest

from pipeline.problems import ProblemsFound
from pipeline.publish.delivery import Again, Delivery, Entry, compare, entries, problems
from pipeline.publish.feeds import of_addresses, of_folder
from tests.conftest import POST, TinySite

A, B = Entry("A", "https://x/a/", "1:2024"), Entry("B", "https://x/b/", "2:2024")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": A}, {"a": A}, Delivery()),
        ({"a": A}, {"a": A, "b": B}, Delivery(new=(B,))),
        ({"a": A, "b": B}, {"a": A}, Delivery(gone=(B,))),
        ({"a": B}, {"a": A}, Delivery(updated=(A,))),
        # Another id, and the same words or the same address: the old entry once more
        ({"a": A}, {"b": A}, Delivery(again=(Again(A, "b", "a"),))),
        (
            {"a": Entry("A", "https://y/", "1:2023")},
            {"b": A},
            Delivery(again=(Again(A, "b", "a"),)),
        ),
        (
            {"a": Entry("Z", "https://x/a/", "9:2024")},
            {"b": A},
            Delivery(again=(Again(A, "b", "a"),)),
        ),
        # Two that changed their ids with each other
        (
            {"a": A, "b": B},
            {"a": B, "b": A},
            Delivery(again=(Again(B, "a", "b"), Again(A, "b", "a"))),
        ),
        # What moved to another feed of the same site is still there.
        ({"a": A, "b": B}, {"b": B, "a": A}, Delivery()),
    ],
)
def test_compare(before: dict[str, Entry], after: dict[str, Entry], expected: Delivery) -> None:
    assert compare(before, after) == expected


def test_it_is_said_in_a_line_and_by_title() -> None:
    delivery = Delivery(new=(A,), again=(Again(B, "b", "c"),))
    assert str(delivery).splitlines() == [
        "1 new entry, 0 updated, 1 sent again",
        "  new     A",
        "  again   B",
    ]
    assert str(Delivery(gone=(A,))).startswith("0 new entries, 0 updated, 0 sent again, 1 gone")


def test_a_changed_id_and_a_mass_of_changes_are_problems() -> None:
    assert list(problems(Delivery(new=(A, B), updated=(A, B)), most=2)) == []
    [changed] = problems(Delivery(again=(Again(A, "b", "a"),)), most=2)
    assert str(changed) == (
        "the site: an entry must keep its id, or readers show it again: A: b (it was a)"
    )
    [many] = problems(Delivery(updated=(A, A, B)), most=2)
    assert "no more than 2 old entries must be sent again at once: 3" in str(many)


def test_the_formats_agree(tiny: TinySite) -> None:
    tiny.write({"posts/a.md": POST + '\nMore & "more".[^1]\n\n[^1]: A note.\n'})
    tiny.build()
    names = ("all.atom.xml", "all.rss.xml", "all.json")
    found = [entries((tiny.output / "feeds" / name).read_bytes()) for name in names]
    assert [list(each) for each in found] == [["tag:ben.bolte.cc,2024:a"]] * 3
    assert len({entry.words for each in found for entry in each.values()}) == 1
    assert len({entry.url for each in found for entry in each.values()}) == 1


def test_what_is_no_feed_has_no_entries() -> None:
    assert entries(b"<html>") == {}
    assert entries(b"<urlset/>") == {}
    assert entries(b"{}") == {}


def test_a_page_in_the_place_of_a_feed() -> None:
    with pytest.raises(ProblemsFound, match="must be a feed that can be read"):
        of_addresses(["data:text/html,<!doctype html><p>Hello"])


POSTS = {
    f"posts/2024-01-0{n}-{name}.md": POST.replace("A post", name.upper())
    for n, name in enumerate("abc", 1)
}
P = "posts/2024-01-01-a.md"
CHANGES: dict[str, tuple[tuple[str, ...], Callable[[str], str], str]] = {
    "another host": (('SITEURL="https://moved.example/blog"',), str, "0 new entries, 0 updated"),
    "another scheme of addresses": (
        ('ARTICLE_URL="{slug}.html"', 'ARTICLE_SAVE_AS="{slug}.html"'),
        str,
        "0 new entries, 0 updated",
    ),
    "another title": (
        (),
        lambda text: text.replace("Title: A", "Title: Z"),
        "0 new entries, 1 updated",
    ),
    "another date": (
        (),
        lambda text: text.replace("2024-05-06", "2024-05-01"),
        "0 new entries, 1 updated",
    ),
    "other words": ((), lambda text: text + "\nMore.\n", "0 new entries, 1 updated"),
    "a change that the author names": (
        (),
        lambda text: text.replace("Tags:", "Modified: 2024-06-01\nTags:"),
        "0 new entries, 1 updated",
    ),
    "another slug": (
        (),
        lambda text: text.replace("Tags:", "Slug: zz\nTags:"),
        "0 new entries, 0 updated",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_nothing_is_sent_again(tiny: TinySite, name: str) -> None:
    settings, change, said = CHANGES[name]
    tiny.write(POSTS)
    tiny.build()
    before = of_folder(tiny.output)
    assert len(before) == 3
    tiny.write({P: change((tiny.folder / "content" / P).read_text("utf-8"))})
    tiny.build(*(("-e", *settings) if settings else ()))
    delivery = compare(before, of_folder(tiny.output))
    assert str(delivery).splitlines()[0] == f"{said}, 0 sent again"


def test_an_id_that_changed_is_found(tiny: TinySite) -> None:
    tiny.write(POSTS)
    tiny.build()
    before = of_folder(tiny.output)
    text = (tiny.folder / "content" / P).read_text("utf-8")
    tiny.write({P: text.replace("Id: tag:ben.bolte.cc,2024", "Id: tag:ben.bolte.cc,2025")})
    tiny.build()
    delivery = compare(before, of_folder(tiny.output))
    assert [one.entry.title for one in delivery.again] == ["A"]
    assert "(it was tag:ben.bolte.cc,2024:2024-01-01-a)" in str(next(problems(delivery, 3)))
