from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from pipeline.content.sources import (
    content_problems,
    file_problems,
    id_problems,
    published_assets,
    repeated_outputs,
    source_files,
)
from pipeline.model import Asset, Content, Output, Post
from pipeline.settings import Settings
from tests.check.site import content_of, document_of
from tests.reading import read

SETTINGS = Settings(
    "conf.py",
    strict_content=True,
    article_paths=("posts",),
    page_paths=("pages",),
    ignore_files=(".*", "*~"),
    feed_id="tag:x.org,2020:feeds",
)


def folder_of(folder: Path, *names: str) -> Settings:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return replace(SETTINGS, path=str(folder))


def post(name: str = "a", day: int = 1, id: str | None = None, **changes: object) -> Content:
    matter = Post("Title", "Summary.", id=id)
    document = document_of(f"content/posts/{name}/index.md", front_matter=matter, lines={"id": 3})
    values = {"date": datetime(2024, 5, day), **changes}
    return content_of(document, f"posts/{name}/index.html", **values)


def test_source_files_are_those_that_are_not_ignored(tmp_path: Path) -> None:
    settings = folder_of(tmp_path, "b.md", ".swap", "x/.git/c", "a.md~", "posts/a.md")
    assert list(map(str, source_files(settings))) == ["b.md", "posts/a.md"]


def test_file_problems_name_each_file_that_nothing_reads(tmp_path: Path) -> None:
    names = (
        "tags.toml",
        "posts/a/index.md",
        "posts/b/c.png",
        "posts/d.markdown",
        "e.txt",
        "pages/f.MD",
    )
    settings = folder_of(tmp_path, *names, "pages/faulty.md")
    (tmp_path / "posts/a/out.md").symlink_to("/etc/hostname")
    known = {"posts/a/index.md", "posts/b/c.png", "posts/a/out.md", "pages/faulty.md"}
    problems = list(file_problems(settings, {"posts/a/index.md"}, known))
    assert {problem.code for problem in problems} == {"source-file"}
    assert sorted(Path(problem.path).relative_to(tmp_path).as_posix() for problem in problems) == [
        "e.txt",
        "pages/f.MD",
        "posts/a/out.md",
        "posts/b",
        "posts/d.markdown",
    ]


def test_content_problems_of_slug_template_and_undated_quotes() -> None:
    quotes = read("> A b.\n>\n> — Who")
    page = content_of(quotes, "x/index.html")
    fancy = post("A B")
    other = replace(
        fancy.document, front_matter=Post("A", template="articel"), lines={"template": 4}
    )
    contents = [page, replace(fancy, slug="A B"), replace(post("c"), document=other)]
    found = list(content_problems(contents, SETTINGS, ["article.html", "base.html"]))
    assert [(p.code, p.path, p.line) for p in found] == [
        ("missing-metadata", quotes.path, 1),
        ("slug", fancy.document.path, 0),
        ("template", other.path, 4),
    ]
    assert found[1].hint.partition(";")[0].endswith(" a-b")
    assert "'article'" in found[2].hint
    assert not list(content_problems([replace(page, date=datetime(2024, 5, 1))], SETTINGS, []))


def test_repeated_outputs_differ_in_case_alone() -> None:
    outputs = [
        Output("x/index.html", "b.md"),
        Output("x/Index.html", "a.md"),
        Output("tags/index.html", "c.md"),
        Output("tags/index.html"),
        Output("", "d.md"),
        Output("", "e.md"),
    ]
    assert [problem.path for problem in repeated_outputs(outputs)] == ["b.md", "c.md"]


def test_id_problems_of_copies_and_of_posts_without_one() -> None:
    posts = [
        post("c", 3, "tag:x.org,2024:a"),
        post("a", 2, "tag:x.org,2024:a"),
        post("2024-05-04-d", 4),
    ]
    found = list(id_problems(posts, SETTINGS))
    assert [(p.code, p.path, p.line) for p in found] == [
        ("duplicate-id", "content/posts/c/index.md", 3),
        ("missing-metadata", "content/posts/2024-05-04-d/index.md", 1),
    ]
    assert found[0].hint.endswith("Id: tag:x.org,2024-05-03:c")
    assert "Id: tag:x.org,2024-05-04:d;" in found[1].hint


def test_id_problems_of_a_feed_id_that_is_none() -> None:
    assert [p.code for p in id_problems([post()], replace(SETTINGS, feed_id="x"))] == ["settings"]
    assert list(id_problems([post()], replace(SETTINGS, feed_id=""))) == []


@pytest.mark.parametrize(
    ("name", "kept", "problems"),
    [
        ("posts/a/b.png", True, 0),
        ("posts/a/deep/b.png", True, 0),
        ("posts/draft/b.png", False, 0),
        ("posts/draft/linked.png", True, 0),
        ("extra/robots.txt", True, 0),
        ("posts/b.png", False, 1),
        ("images/linked.png", True, 0),
        ("images/b.png", False, 0),
    ],
)
def test_published_assets_are_those_of_published_contents(
    name: str, kept: bool, problems: int
) -> None:
    linking = post(links=frozenset({"posts/draft/linked.png", "images/linked.png"}))
    contents = [linking, replace(post("draft"), output="")]
    asset = Asset(f"content/{name}", name, name, name, "")
    assets, found = published_assets([asset], contents, SETTINGS, all_read=True)
    assert (assets == [asset], [p.path for p in found]) == (kept, [asset.path] * problems)
    assert published_assets([asset], contents, SETTINGS, all_read=False)[1] == []
