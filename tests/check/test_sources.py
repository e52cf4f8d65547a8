"""The checks of sources, on plain values."""

from pathlib import Path

from pipeline.check.sources import (
    Output,
    broken_links,
    repeated_addresses,
    source_links,
    target,
    unexplained,
)


def test_links_are_found_in_attributes_alone() -> None:
    html = (
        '<a href="{filename}a.md#x">{filename}</a><img src="|static|b.png"><code>{static}c</code>'
    )
    assert source_links(html) == ["{filename}a.md#x", "|static|b.png"]


def test_a_target_is_relative_to_its_source_or_to_the_content() -> None:
    assert target("posts/a/index.md", "../b/index.md#x") == "posts/b/index.md"
    assert target("posts/a/index.md", "/pages/c.md") == "pages/c.md"
    assert target("posts/a/index.md", "a%20b.png") == "posts/a/a b.png"


def test_a_link_to_a_draft_is_broken_where_drafts_are_not_published() -> None:
    html = '<a href="{filename}b.md">b</a>'
    known = {"posts/b.md": ""}
    [problem] = broken_links("posts/a.md", "x\n\n[b]({filename}b.md)", html, known)
    assert (problem.line, problem.found) == (3, "{filename}b.md, a draft")
    assert not list(broken_links("posts/a.md", "", html, {"posts/b.md": "posts/b/index.html"}))


def test_addresses_that_differ_in_case_alone_are_one() -> None:
    outputs = [Output("a", "x/Index.html"), Output("b", "x/index.html"), Output("c", "")]
    assert [problem.path for problem in repeated_addresses(outputs)] == ["b"]


def test_each_file_is_read_ignored_or_a_problem(tmp_path: Path) -> None:
    for name in ("a.md", "b.md", ".swap", "x/.git/c", "own.toml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    [problem] = unexplained(tmp_path, [".*"], {"a.md"}, {"own.toml"})
    assert problem.path == str(tmp_path / "b.md")
