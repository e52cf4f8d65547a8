"""Which release is activated, and what is printed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.problems import ProblemsFound
from pipeline.publish.publish import choose, releases
from pipeline.publish.release import Release
from pipeline.publish.targets.base import StoredRelease
from pipeline.publish.targets.directory import CURRENT, Directory
from tests.publish.blog import Blog
from tests.publish.crawl import contents, site_release

DAY = datetime(2026, 5, 1, tzinfo=UTC)


def stored(*names: str) -> list[StoredRelease]:
    return [StoredRelease(name.strip("*"), DAY, name.endswith("*")) for name in names]


@pytest.mark.parametrize(
    ("names", "asked", "chosen"),
    [
        (("c*", "b", "a"), "", "b"),
        (("c", "b*", "a"), "", "a"),
        (("c", "b", "a"), "", "c"),  # none of them is live
        (("b*", "b", "a"), "", "a"),  # published again after a rollback
        (("c*", "b", "a"), "a", "a"),
        (("caa*", "cab", "b"), "cab", "cab"),
        (("cab*", "b"), "ca", "cab"),
    ],
)
def test_choose_release(names: tuple[str, ...], asked: str, chosen: str) -> None:
    assert choose(stored(*names), asked).id == chosen


@pytest.mark.parametrize(
    ("names", "asked", "code", "hint"),
    [
        ((), "", "no-earlier-release", ""),
        (("a*",), "", "no-earlier-release", ""),
        (("b", "a*"), "", "no-earlier-release", ""),
        (("a*",), "x", "unknown-release", "one of a"),
        (("ca*", "cb"), "c", "unknown-release", "one of ca, cb"),
        ((), "c", "unknown-release", "there are none"),
    ],
)
def test_choose_nothing_is_a_problem(
    names: tuple[str, ...], asked: str, code: str, hint: str
) -> None:
    with pytest.raises(ProblemsFound) as error:
        choose(stored(*names), asked)
    [problem] = error.value.problems
    assert (problem.code, problem.hint) == (code, hint)


@pytest.fixture
def published(tmp_path: Path) -> tuple[Blog, Path, list[Release]]:
    """A blog, the folder of its target, and two releases there."""
    target = Directory(str(tmp_path / "public"))
    made = [site_release(tmp_path / "1", 1, posts=2)]
    made.append(site_release(tmp_path / "2", 2, made[0].manifest, posts=3))
    for release in made:
        with target.lock():
            target.deploy(release)
    blog = Blog(tmp_path / "blog", {"kind": "directory", "path": target.path})
    return blog, target.root, made


def test_rollback_prints_what_changes(
    published: tuple[Blog, Path, list[Release]], capsys: pytest.CaptureFixture[str]
) -> None:
    blog, folder, made = published
    first, second = (release.manifest.id for release in made)
    releases(blog.settings)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [second, first]
    assert [line.endswith("  live") for line in lines] == [True, False]
    blog.rollback()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"Activating {first}, published 20")
    assert lines[1:] == ["  gone         /posts/0002/", f"{first} is live"]
    blog.rollback(second)
    assert b"version 2" in contents(folder / CURRENT)["index.html"]


def test_rollback_from_broken_release(published: tuple[Blog, Path, list[Release]]) -> None:
    blog, folder, made = published
    (folder / CURRENT / "release.json").write_text("{")
    blog.rollback()
    files, wanted = contents(folder / CURRENT), contents(made[0].folder)
    assert {path: files[path] for path in wanted} == wanted
