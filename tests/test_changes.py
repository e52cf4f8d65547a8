"""What changed in the words of posts."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.content import changes
from pipeline.content.changes import as_text, changes_of, diff, read_versions, with_live
from pipeline.model import Content, Document, Post, Version
from pipeline.problems import ProblemsFound
from tests.conftest import TinySite, post

FIRST, SECOND = datetime(2024, 5, 6, tzinfo=UTC), datetime(2024, 12, 1, tzinfo=UTC)


def content(text: str, modified: datetime | None = None, note: str | None = None) -> Content:
    own = Post("A", id="tag:a", change=note)
    note_mark = '<sup><a class="footnote-ref">1</a></sup>'
    document = Document("a.md", "a.md", "", own, {}, "", (f"<p>{text}", note_mark, "</p>"), "A")
    return Content(
        document, "a", "posts/a/", "posts/a/index.html", "published", "en", "Ada", True,
        FIRST, modified,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("It costs $40. An end.", "It costs $50. An end.", ["It costs [-$40.-] {+$50.+}"]),
        ("It costs 40.", "It costs 40. Not more.", ["{+Not more.+}"]),
        ("One. Two.", "Two.", ["[-One.-]"]),
        ('A "good" one -- yes...', "A “good” one – yes…", []),
        ("Yes, it is; really", "Yes; it is, really!", []),
        ("It fell by -5.", "It fell by 5.", ["It fell by [--5.-] {+5.+}"]),
        ("All of it.", "Quite another thing.", ["[-All of it.-] {+Quite another thing.+}"]),
    ],
)
def test_diff_shows_words_and_no_typography(old: str, new: str, shown: list[str]) -> None:
    texts = (changes.version_of(content(text)).text for text in (old, new))
    assert [as_text(passage) for passage in diff(*texts)] == shown


def test_changes_have_the_dates_and_sentences_of_their_versions() -> None:
    first = changes.version_of(content("It costs 40."))
    second = changes.version_of(content("It costs 50.", SECOND, "the price"))
    now = content("It costs 60.", SECOND, "the price")
    found = changes_of(now, [first, second])
    assert [(change.date, change.note) for change in found] == [(None, ""), (SECOND, "the price")]
    assert found[1].passages == ((("", "It costs"), ("del", "40."), ("ins", "50.")),)
    assert changes_of(content("It costs 40", SECOND), [first]) == ()


def test_live_version_is_kept_once_and_only_if_words_differ() -> None:
    live = changes.version_of(content("It costs 40."))
    kept = with_live({}, {"tag:a": live}, [content("It costs 50.")])
    assert kept == {"tag:a": [live]}
    told = replace(live, text=("It costs 45.",), note="the price")  # on the same day
    assert with_live(kept, {"tag:a": told}, [content("It costs 60.")]) == {"tag:a": [live, told]}
    assert changes_of(content("It costs 60."), [live, told])[1].note == "the price"
    other = replace(live, text=("It costs 45.",))
    assert with_live(kept, {"tag:a": other}, [content("It costs 60.")]) == kept
    assert with_live({}, {"tag:a": live}, [content("It costs 40")]) == {}


@pytest.mark.parametrize("text", ["[]", '{"a": [{}]}', '{"a": [{"date": "x"}]}'])
def test_versions_that_are_none_are_a_problem(tmp_path: Path, text: str) -> None:
    (tmp_path / "changes.json").write_text(text)
    with pytest.raises(ProblemsFound) as caught:
        read_versions(tmp_path / "changes.json")
    assert caught.value.problems[0].code == "changes-file"


def test_page_of_changes_is_linked_and_not_indexed(tiny: TinySite) -> None:
    version = Version("2024-05-06T00:00:00+00:00", "", ("It costs 40 & more.",))
    text = changes.as_json({"tag:blog.example,2024:a": [version]})
    assert read_versions(tiny.content / "none.json") == {}
    assert json.loads(text)["tag:blog.example,2024:a"][0]["text"] == ["It costs 40 & more."]
    head = "Modified: 2024-12-01, the <price>\n"
    tiny.write({"posts/a.md": post("a", "It costs 50 & more.", head), "changes.json": text})
    tiny.build()
    assert '<a href="../../posts/a/changes/">changed</a> <time' in tiny.page("posts/a/index.html")
    page = tiny.page("posts/a/changes/index.html")
    assert "It costs <del>40</del> <ins>50</ins> &amp; more." in page
    assert "<p>the &lt;price&gt;</p>" in page
    assert 'rel="canonical" href="https' not in page or "posts/a/changes/" not in tiny.page(
        "sitemap.xml"
    )
    first = tiny.page("posts/a/changes/index.html")
    tiny.build()
    assert tiny.page("posts/a/changes/index.html") == first
