from datetime import date
from pathlib import Path

import pytest

from pipeline.content.reader import read_document, rules_of
from pipeline.content.scaffold import new_page, new_post, new_quote
from pipeline.model import Post
from pipeline.problems import ProblemsFound
from pipeline.settings import Settings
from tests.site.pelicanconf import MARKDOWN

DAY = date(2024, 3, 1)


def settings_in(folder: Path, feed_id: str = "tag:x.org,2020:feeds") -> Settings:
    path = str(folder / "content")
    return Settings(
        "conf.py",
        path=path,
        article_paths=("posts",),
        page_paths=("pages",),
        feed_id=feed_id,
        strict_content=True,
    )


@pytest.mark.parametrize(
    ("title", "folder"),
    [
        ("A title", "2024-03-01-a-title"),
        ("  Ça va?  C++ & co ", "2024-03-01-ca-va-c-co"),
        ("机器人", "2024-03-01-ji-qi-ren"),
        ("../../x", "2024-03-01-x"),
        ("x" * 300, f"2024-03-01-{'x' * 80}"),
    ],
)
def test_new_post_is_a_readable_draft(tmp_path: Path, title: str, folder: str) -> None:
    settings = settings_in(tmp_path)
    path = new_post(settings, title, DAY)
    assert path == tmp_path / "content/posts" / folder / "index.md"
    read = read_document(path.read_bytes(), Post, "x", "x", rules_of(settings, {}), MARKDOWN)
    assert isinstance(read.front_matter, Post)
    assert (read.front_matter.title, read.front_matter.status) == (" ".join(title.split()), "draft")
    assert read.front_matter.id == f"tag:x.org,2024-03-01:{folder[11:]}"


def test_new_post_without_feed_id_has_no_id(tmp_path: Path) -> None:
    assert "Id:" not in new_post(settings_in(tmp_path, ""), "A", DAY).read_text("utf-8")


@pytest.mark.parametrize("title", ["", "  ", "🤖🤖", "---"])
def test_new_post_without_a_latin_letter_is_refused(tmp_path: Path, title: str) -> None:
    with pytest.raises(ProblemsFound) as caught:
        new_post(settings_in(tmp_path), title, DAY)
    assert [problem.code for problem in caught.value.problems] == ["new-post"]
    assert not list(tmp_path.rglob("*"))


def test_new_post_leaves_an_existing_folder_alone(tmp_path: Path) -> None:
    path = new_post(settings_in(tmp_path), "A", DAY)
    path.write_text("Mine", "utf-8")
    with pytest.raises(ProblemsFound) as caught:
        new_post(settings_in(tmp_path), "A!", DAY)
    assert [problem.path for problem in caught.value.problems] == [str(path.parent)]
    assert path.read_text("utf-8") == "Mine"


def test_new_page_is_a_draft_named_by_its_title(tmp_path: Path) -> None:
    path = new_page(settings_in(tmp_path), "What I use")
    assert path == tmp_path / "content/pages/what-i-use.md"
    assert path.read_text("utf-8").startswith("Title: What I use\nStatus: draft\n")
    with pytest.raises(ProblemsFound):
        new_page(settings_in(tmp_path), "What I use")


def test_new_quote_is_added_to_the_page_of_quotes(tmp_path: Path) -> None:
    settings, page = settings_in(tmp_path), tmp_path / "content/pages/quotes.md"
    page.parent.mkdir(parents=True)
    with pytest.raises(ProblemsFound):
        new_quote(settings, "Words.", "Ada", DAY)
    page.write_text("Title: Quotes\n\n> A.\n>\n> — Bob\n\n\n", "utf-8")
    assert new_quote(settings, "Words.", "Ada, *Notes*", DAY) == page
    added = "\n\n> Words.\n>\n> — Ada, *Notes*\n> {: added=2024-03-01 }\n"
    assert page.read_text("utf-8") == f"Title: Quotes\n\n> A.\n>\n> — Bob{added}"
