"""Which release is gone back to, and what is said of it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.problems import ProblemsFound
from pipeline.publish import back
from pipeline.publish.back import choose
from pipeline.publish.directory import CURRENT, Directory
from pipeline.publish.target import Kept
from tests.conftest import contents
from tests.publish.blog import Blog
from tests.publish.crawl import site_release

DAY = datetime(2026, 5, 1, tzinfo=UTC)


def kept(*names: str) -> list[Kept]:
    return [Kept(name.strip("*"), DAY, name.endswith("*")) for name in names]


@pytest.mark.parametrize(
    ("releases", "asked", "chosen"),
    [
        (("c*", "b", "a"), "", "b"),
        (("c", "b*", "a"), "", "a"),
        (("c", "b", "a"), "", "c"),  # what is live is none of them
        (("b*", "b", "a"), "", "a"),  # published again after a way back
        (("c*", "b", "a"), "a", "a"),
        (("caa*", "cab", "b"), "cab", "cab"),
        (("cab*", "b"), "ca", "cab"),
    ],
)
def test_which(releases: tuple[str, ...], asked: str, chosen: str) -> None:
    assert choose(kept(*releases), asked).id == chosen


@pytest.mark.parametrize(
    ("releases", "asked", "sentence"),
    [
        ((), "", "rollback: must have an earlier release to go back to: none is kept"),
        (("a*",), "", "rollback: must have an earlier release to go back to: none is kept"),
        (("b", "a*"), "", "rollback: must have an earlier release to go back to: none is kept"),
        (("a*",), "x", "--to-release: must be the id of one release: x (a)"),
        (("ca*", "cb"), "c", "--to-release: must be the id of one release: c (ca, cb)"),
        ((), "c", "--to-release: must be the id of one release: c (there are none)"),
    ],
)
def test_none(releases: tuple[str, ...], asked: str, sentence: str) -> None:
    with pytest.raises(ProblemsFound) as error:
        choose(kept(*releases), asked)
    assert str(error.value) == sentence


def test_back_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = Directory(str(tmp_path / "public"))
    releases = [site_release(tmp_path / "1", 1, posts=2)]
    releases.append(site_release(tmp_path / "2", 2, releases[0].manifest, posts=3))
    for release in releases:
        with target.lock():
            target.put(release)
    blog = Blog(tmp_path / "blog", {"kind": "directory", "path": target.path})
    back.releases(blog.settings, "")
    ids = [release.manifest.id for release in releases]
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ids[::-1]
    assert [line.endswith("  live") for line in lines] == [True, False]
    blog.rollback()
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"Back to {ids[0]}, published 20")
    assert said[1:] == ["  gone        /posts/0002/", f"{ids[0]} is live"]
    blog.rollback(ids[1])
    assert b"version 2" in contents(target.root / CURRENT)["index.html"]


def test_no_way_back_to_a_release_that_was_edited_by_hand(tmp_path: Path) -> None:
    target = Directory(str(tmp_path / "public"))
    first = site_release(tmp_path / "1", 1, posts=2)
    for release in (first, site_release(tmp_path / "2", 2, first.manifest, posts=2)):
        with target.lock():
            target.put(release)
    live = contents(target.root / CURRENT)
    (target.folders()[-1] / "index.html").write_text("by hand")
    with pytest.raises(ProblemsFound, match=r"the release: .*, which is not whole"):
        Blog(tmp_path / "blog", {"kind": "directory", "path": target.path}).rollback()
    assert contents(target.root / CURRENT) == live


def test_back_from_a_release_that_is_broken(tmp_path: Path) -> None:
    target = Directory(str(tmp_path / "public"))
    first = site_release(tmp_path / "1", 1, posts=2)
    for release in (first, site_release(tmp_path / "2", 2, first.manifest, posts=2)):
        with target.lock():
            target.put(release)
    (target.root / CURRENT / "release.json").write_text("{")
    Blog(tmp_path / "blog", {"kind": "directory", "path": target.path}).rollback()
    files = contents(target.root / CURRENT)
    wanted = contents(first.folder)
    assert {path: files[path] for path in wanted} == wanted
