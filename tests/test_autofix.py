from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.content.autofix import ORDER, fix, fix_site
from pipeline.model import Page, Post
from pipeline.settings import Settings
from tests.reading import POST

TAGS = ("robotics", "AI")
TEXT = "\n\nThe text:  \n\ttitle: x\r\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("title: A\nDATE: 2024-01-01", "Title: A\nDate: 2024-01-01"),
        ("Summary: C\nTitle: A\nDate: B", "Title: A\nDate: B\nSummary: C"),
        ("Title: A\nSumary: C\nModifed: B", "Title: A\nModified: B\nSummary: C"),
        ("Title: A\nTags: Robotics, ai", "Title: A\nTags: robotics, AI"),
        ("Title: A\nTags: Robotics,\n  ai,\n  none", "Title: A\nTags: robotics,\n  AI,\n  none"),
        ("Summary: C\n  and on\nTitle:   A", "Title:   A\nSummary: C\n  and on"),
        ("Title: A\r\nsummary: C\r\nDate: B", "Title: A\r\nDate: B\r\nSummary: C"),
        ("Title: A\nMood: x\nSave-as: a.html", "Title: A\nSave_as: a.html\nMood: x"),
    ],
)
def test_fix_orders_and_spells_front_matter(before: str, after: str) -> None:
    end = "\r\n" if "\r" in before else "\n"
    fixed = fix(before + end + TEXT, Post, TAGS)
    assert fixed == after + end + TEXT
    assert fix(fixed, Post, TAGS) == fixed


@pytest.mark.parametrize(
    "text",
    [
        "Title: A\nDate: B\nTags: robotics\nSummary: C\n\nText\n",
        "No front matter.\n\nText\n",
        "---\ntitle: A\n---\n\nText\n",
        "title: A\nTitle: B\n\nText\n",
        "title: A\n",
        "Title: A\nColour: red\nMods: x\n\nText\n",
        "Title: A\nTags: y\nTag: x\n\nText\n",
        "Title: A\nTags: biology, \n\nText\n",
        "",
    ],
)
def test_fix_leaves_what_is_uncertain(text: str) -> None:
    assert fix(text, Post, TAGS) == text


def test_fix_keeps_a_byte_order_mark_first() -> None:
    assert fix("\ufeffsummary: B\ntitle: A\n\nx", Page) == "\ufeffTitle: A\nSummary: B\n\nx"


def test_fix_adds_a_missing_key_in_its_place() -> None:
    text = "Title: A\nSummary: B\n\nx"
    assert fix(text, Page, (), {"menu": "C"}) == "Title: A\nMenu: C\nSummary: B\n\nx"
    assert fix("Title: A\nMenu: D\n\nx", Page, (), {"menu": "C"}) == "Title: A\nMenu: D\n\nx"
    assert fix(text, Post, (), {"menu": "C"}) == text


@given(st.text())
def test_fix_any_text_once_keeps_the_body(body: str) -> None:
    fixed = fix(f"tags: ai\ntitle: A\n\n{body}", Post, TAGS)
    assert fixed == f"Title: A\nTags: AI\n\n{body}"
    assert fix(fix(body, Post, TAGS), Post, TAGS) == fix(body, Post, TAGS)


def test_order_has_every_key() -> None:
    keys = {field.name for kind in (Post, Page) for field in fields(kind)} - {"change", "extra"}
    assert keys == set(ORDER)


def site_in(folder: Path, files: dict[str, str]) -> Settings:
    for name, text in {"tags.toml": 'robotics = "R."\nAI = "A."\n', **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    folders = {"article_paths": ("posts",), "page_paths": ("pages",)}
    return Settings("conf.py", path=str(folder), feed_id="tag:x.org,2020:f", **folders)  # type: ignore[arg-type]


def test_fix_site_changes_posts_and_pages_alone_and_once(tmp_path: Path) -> None:
    wrong = POST.replace("Title", "titel").replace("Tags: robotics", "tags: Robotics")
    files = {
        "posts/2024-05-06-a-b/index.md": wrong,
        "pages/c.md": "titel: A\n\nx",
        "extra/x.md": "titel: A\n\nx",
    }
    settings = site_in(tmp_path, files)
    lines = fix_site(settings)
    assert [line.partition(": ")[0] for line in lines] == [
        str(tmp_path / name) for name in ("pages/c.md", "posts/2024-05-06-a-b/index.md")
    ]
    text = (tmp_path / "posts/2024-05-06-a-b/index.md").read_text("utf-8")
    new = POST.replace("Summary: B\nTags: robotics, AI", "Tags: robotics, AI\nSummary: B")
    assert text == new.replace("06\n", "06\nId: tag:x.org,2024-05-06:a-b\n")
    assert fix_site(settings) == []
    assert (tmp_path / "extra/x.md").read_text("utf-8") == "titel: A\n\nx"
    assert sorted(path.name for path in tmp_path.rglob("*") if "~" in path.name) == []


@pytest.mark.parametrize("date", ["soon", "2024-13-45"])
def test_fix_site_mints_no_id_without_a_date(tmp_path: Path, date: str) -> None:
    settings = site_in(tmp_path, {"posts/a.md": POST.replace("2024-05-06", date)})
    fix_site(settings)
    assert "Id:" not in (tmp_path / "posts/a.md").read_text("utf-8")


def test_fix_site_skips_a_source_that_is_not_utf8(tmp_path: Path) -> None:
    settings = site_in(tmp_path, {})
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/a.md").write_bytes(b"titel: \xe9\n\nx")
    assert fix_site(settings) == []
