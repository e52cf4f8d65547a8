"""Moving posts and pages, and aliases of those that were renamed by hand."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.authoring.markdown_links import rewrite_links
from pipeline.authoring.move import move, restore_aliases
from pipeline.problems import ProblemsFound
from pipeline.settings import Settings
from tests.conftest import contents, post
from tests.publish.blog import Blog


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    files = {
        "posts/a/index.md": post("a", "See [b](../b.md#x) and [the data](x.csv), `[b](../b.md)`."),
        "posts/a/x.csv": "a,b\n",
        "posts/b.md": post("b", "See [a](a/index.md), [data](a/x.csv), ![i](a/), [p](/posts/a/)."),
        "posts/c/index.md": post("c", "None.", "Status: draft\n"),
        "pages/about.md": "Title: About\nAliases: /me/\n\n[a]: ../posts/a/index.md\n",
    }
    for name, text in files.items():
        path = tmp_path / "content" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return settings_in(tmp_path)


def settings_in(folder: Path, **more: str) -> Settings:
    return Settings(
        "conf.py",
        path=str(folder / "content"),
        article_paths=("posts",),
        page_paths=("pages",),
        path_metadata=r"(?:posts|pages)/(?P<slug>.+?)(?:/index)?\.md$",
        article_url="posts/{slug}/",
        page_url="{slug}/",
        strict_content=True,
    )


def text(settings: Settings, name: str) -> str:
    return Path(settings.path, name).read_text("utf-8")


def test_move_writes_the_alias_and_fixes_links(settings: Settings) -> None:
    lines = list(move(settings, "a", "new-name"))
    assert len(lines) == 5
    moved = text(settings, "posts/new-name/index.md")
    assert "\nId: tag:blog.example,2024:a\nAliases: /posts/a/, /posts/a/x.csv\n" in moved
    assert "See [b](../b.md#x) and [the data](x.csv), `[b](../b.md)`." in moved
    links = "[a](new-name/index.md), [data](new-name/x.csv), ![i](new-name/), [p](/posts/new-name/)"
    assert links in text(settings, "posts/b.md")
    assert "[a]: ../posts/new-name/index.md\n" in text(settings, "pages/about.md")
    assert not Path(settings.path, "posts/a").exists()


def test_move_back_removes_the_alias(settings: Settings) -> None:
    list(move(settings, "about", "me"))
    assert "Aliases: /about/\n" in text(settings, "pages/me.md")
    assert "[a]: ../posts/a/index.md\n" in text(settings, "pages/me.md")


def test_move_into_another_folder_changes_its_own_links(settings: Settings) -> None:
    list(move(settings, "posts/a/index.md", "posts/old/a"))
    assert "See [b](../../b.md#x)" in text(settings, "posts/old/a/index.md")


def test_move_takes_paths_as_a_shell_completes_them(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(settings.path).parent)
    list(move(settings, "content/posts/a/", "content/posts/new/"))
    list(move(settings, "content/posts/b.md", "content/posts/c2.md"))
    assert "[a](new/index.md)" in text(settings, "posts/c2.md")


def test_move_of_a_draft_needs_no_alias(settings: Settings) -> None:
    list(move(settings, "c", "d"))
    assert "Aliases" not in text(settings, "posts/d/index.md")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("aa", "d"),
        ("a", "b c"),
        ("a", "c"),
        ("a", "pages/a"),
        ("a", "../a"),
        ("b", "b.c"),
        ("tags.toml", "x"),
    ],
)
def test_move_that_cannot_be_is_refused_and_changes_nothing(
    settings: Settings, old: str, new: str
) -> None:
    before = contents(Path(settings.path))
    with pytest.raises(ProblemsFound) as caught:
        list(move(settings, old, new))
    assert [problem.code for problem in caught.value.problems] == ["move"]
    assert contents(Path(settings.path)) == before


@pytest.mark.slow
def test_post_renamed_by_hand_gets_the_alias_of_its_live_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    blog = Blog(tmp_path / "blog", {"kind": "directory", "path": str(tmp_path / "public")})
    blog.write({"posts/a/x.csv": "a,b\n", "posts/a/index.md": post("a", "See [x](x.csv).")})
    assert list(restore_aliases(blog.settings)) == []
    blog.publish()
    (blog.content / "posts/a").rename(blog.content / "posts/z")
    (line,) = restore_aliases(blog.settings)
    assert line == "blog/content/posts/z/index.md: Aliases: /posts/a/, /posts/a/x.csv"
    blog.publish()
    assert list(restore_aliases(blog.settings)) == []


TEXTS: Mapping[str, str] = {
    "[a](x) ![b](<x> 't')": "[a](y) ![b](<y> 't')",
    "`[a](x)` [a](x)": "`[a](x)` [a](y)",
    "```text\n[a](x)\n```": "```text\n[a](x)\n```",
    "[^1]: x": "[^1]: x",
    '<img src="x">': '<img src="y">',
}


@pytest.mark.parametrize("old", TEXTS)
def test_rewrite_links_leaves_code_and_notes_alone(old: str) -> None:
    assert rewrite_links(old, lambda url: "y" if url == "x" else url) == TEXTS[old]
