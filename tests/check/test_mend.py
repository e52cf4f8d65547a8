"""What a program mends in a source, and what it leaves alone."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.check.mend import ORDER, mend, mend_site
from pipeline.read.front_matter import Page, Post
from tests.conftest import POST, ROOT, Run, TinySite

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
    ],
)
def test_each_mend(before: str, after: str) -> None:
    end = "\r\n" if "\r" in before else "\n"
    # The last line moves with its end.
    mended = mend(before + end + TEXT, Post, TAGS)
    assert mended == after + end + TEXT
    assert mend(mended, Post, TAGS) == mended


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
def test_what_is_left_alone(text: str) -> None:
    assert mend(text, Post, TAGS) == text


def test_a_mark_of_byte_order_stays_first() -> None:
    assert mend("\ufeffsummary: B\ntitle: A\n\nx", Page) == "\ufeffTitle: A\nSummary: B\n\nx"


def test_a_key_that_is_missing_is_added_in_its_place() -> None:
    text = "Title: A\nSummary: B\n\nx"
    assert mend(text, Page, (), {"menu": "C"}) == "Title: A\nMenu: C\nSummary: B\n\nx"
    assert mend("Title: A\nMenu: D\n\nx", Page, (), {"menu": "C"}) == "Title: A\nMenu: D\n\nx"
    assert mend(text, Post, (), {"menu": "C"}) == text


@given(st.text())
def test_any_text_is_mended_once_and_keeps_its_body(body: str) -> None:
    text = f"tags: ai\ntitle: A\n\n{body}"
    mended = mend(text, Post, TAGS)
    assert mended == f"Title: A\nTags: AI\n\n{body}"
    assert mend(mended, Post, TAGS) == mended
    assert mend(mend(body, Post, TAGS), Post, TAGS) == mend(body, Post, TAGS)


def test_the_order_has_every_key_and_is_described() -> None:
    keys = {field.name for kind in (Post, Page) for field in fields(kind)}
    assert keys <= set(ORDER)
    described = (ROOT / "docs/writing.md").read_text("utf-8")
    order = ", ".join(f"`{key.capitalize()}`" for key in ORDER if key in keys)
    assert order in described


def test_a_site_that_is_mended_passes(tiny: TinySite) -> None:
    wrong = POST.replace("Title", "titel").replace("Tags: robotics", "tags: Robotics")
    tiny.write({"posts/a/index.md": wrong, "extra/x.md": "titel: A\n\nx\n"})
    assert len(tiny.problems()) == 3
    content = str(tiny.folder / "content")
    lines = mend_site(str(ROOT / "pelicanconf.py"), [content])
    said = f"{content}/posts/a/index.md: Title: A post, Tags: robotics"
    assert lines == [said]
    assert tiny.problems() == []
    assert mend_site(str(ROOT / "pelicanconf.py"), [content]) == []
    assert (tiny.folder / "content/extra/x.md").read_text() == "titel: A\n\nx\n"


def test_a_missing_id_is_minted_as_for_a_new_post(tiny: TinySite) -> None:
    lost = "\n".join(line for line in POST.splitlines() if not line.startswith("Id:"))
    path = tiny.folder / "content/posts/2024-05-06-a-note/index.md"
    path.parent.mkdir(parents=True)
    path.write_text(lost + "\n", "utf-8")
    [line] = mend_site(str(ROOT / "pelicanconf.py"), [str(tiny.folder / "content")])
    assert line.endswith(": Id: tag:ben.bolte.cc,2024-05-06:a-note")
    assert tiny.problems() == []
    path.write_text(lost.replace("2024-05-06", "soon"), "utf-8")
    mend_site(str(ROOT / "pelicanconf.py"), [str(tiny.folder / "content")])
    assert "Id:" not in path.read_text("utf-8")
    assert sorted(path.parent.iterdir()) == [path]


def test_the_task_mends_the_real_site(run: Run, project: Path) -> None:
    about = project / "content/pages/about/index.md"
    # The day of the author's next look must not come to this test.
    text = re.sub("(?m)^Review: .*$", "Review: 2999-01-01", about.read_text("utf-8"))
    about.write_text(text.replace("Title: ", "TITEL: "), "utf-8")
    result = run("invoke", "check", "--fix")
    assert result.returncode == 0, result.stderr
    # Other texts may be mended too: the order of keys is no fault.
    assert "mended content/pages/about/index.md: Title: About Me" in result.stdout
    assert about.read_text("utf-8") == mend(text, Page)
