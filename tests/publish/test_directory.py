"""A folder that a real web server shows."""

import os
import threading
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from pipeline.problems import ProblemsFound
from pipeline.publish.directory import CURRENT, KEEP, Directory
from pipeline.publish.release import MANIFEST, Manifest, Release, make_release
from tests.conftest import contents
from tests.publish.conftest import Serve
from tests.publish.crawl import Crawler, site_release, visited, write_site
from tests.publish.kills import kill_at_random


def put(target: Directory, release: Release) -> None:
    with target.lock():
        target.put(release)


@pytest.fixture
def target(tmp_path: Path) -> Directory:
    return Directory(str(tmp_path / "public"))


def live_files(target: Directory) -> dict[str, bytes]:
    return contents(target.root / CURRENT)


def test_a_release_is_the_folder_that_was_built(tmp_path: Path, target: Directory) -> None:
    assert target.live() is None and target.kept() == []
    release = site_release(tmp_path / "1", 1, posts=20)
    put(target, release)
    assert live_files(target) == contents(release.folder)
    assert target.live() == release.manifest
    [kept] = target.kept()
    assert (kept.id, kept.live) == (release.manifest.id, True)


def test_the_same_again_changes_nothing(tmp_path: Path, target: Directory) -> None:
    put(target, site_release(tmp_path / "1", 1, posts=20))

    def files() -> dict[Path, tuple[int, int]]:
        found = (path for path in target.root.rglob("*") if path.name != ".lock")
        return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in found}

    before = files()
    put(target, site_release(tmp_path / "again", 1, target.live(), posts=20))
    assert files() == before


def test_what_is_damaged_is_mended(tmp_path: Path, target: Directory) -> None:
    release = site_release(tmp_path / "1", 1, posts=20)
    put(target, release)
    (target.root / CURRENT / "index.html").unlink()
    (target.root / CURRENT / "feed.xml").write_text("x")
    put(target, release)
    assert live_files(target) == contents(release.folder)


def test_files_with_the_same_bytes_are_the_same_files(
    tmp_path: Path, target: Directory, nginx: Serve
) -> None:
    url = nginx(target.root / CURRENT)
    put(target, site_release(tmp_path / "1", 1, posts=40))

    def tag(path: str) -> str:
        with urlopen(f"{url}/{path}") as answer:
            return str(answer.headers["ETag"])

    paths = [f"posts/{number:04}/" for number in range(1, 30, 2)]
    before = [tag(path) for path in [*paths, ""]]
    os.utime(target.root / CURRENT / "index.html", (1, 1))
    time.sleep(1.1)  # an ETag of nginx has seconds
    put(target, site_release(tmp_path / "2", 2, target.live(), posts=40))
    after = [tag(path) for path in [*paths, ""]]
    assert after[:-1] == before[:-1]
    assert after[-1] != before[-1]


def test_visitors_while_and_after(tmp_path: Path, target: Directory, nginx: Serve) -> None:
    url = f"{nginx(target.root / CURRENT)}/"
    put(target, site_release(tmp_path / "1", 1))
    with visited(url) as crawler:
        for version in (2, 3, 4):
            put(target, site_release(tmp_path / str(version), version, target.live()))
            seen = crawler.visits
            while crawler.visits < seen + 3:
                time.sleep(0.01)
    assert b"version 4" in (target.root / CURRENT / "index.html").read_bytes()


def test_killed_at_any_moment(tmp_path: Path, target: Directory, nginx: Serve) -> None:
    first = site_release(tmp_path / "1", 1, posts=60)
    releases = (first, site_release(tmp_path / "2", 2, first.manifest, posts=60))
    put(target, releases[1])
    whole = {release.manifest.id: contents(release.folder) for release in releases}
    crawler = Crawler(f"{nginx(target.root / CURRENT)}/")

    def after() -> None:
        crawler.visit()
        live = target.live()
        assert live
        files = live_files(target)
        assert {path: files[path] for path in whole[live.id]} == whole[live.id]

    kill_at_random({"kind": "directory", "path": target.path}, releases, after)
    assert not crawler.broken
    with target.lock():
        target.switch(target.kept()[-1].id)
    after()
    put(target, releases[0])
    put(target, releases[1])
    left = {path.name for path in target.root.rglob(".*")}
    assert left == {".lock"}


def test_the_link_is_never_missing(tmp_path: Path, target: Directory) -> None:
    releases = [site_release(tmp_path / str(version), version, posts=1) for version in (1, 2)]
    for release in releases:
        put(target, release)
    home, end, missing = target.root / CURRENT / "index.html", threading.Event(), []

    def watch() -> None:
        while not end.is_set():
            missing.extend([1] * (not home.exists()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    for number in range(300):
        target.switch(releases[number % 2].manifest.id)
    end.set()
    watcher.join()
    assert not missing


def test_rollback(tmp_path: Path, target: Directory, nginx: Serve) -> None:
    url = f"{nginx(target.root / CURRENT)}/"
    releases = []
    for version in (1, 2, 3):
        releases.append(site_release(tmp_path / str(version), version, target.live(), posts=20))
        put(target, releases[-1])
    assert [kept.live for kept in target.kept()] == [True, False, False]
    with visited(url), target.lock():
        target.switch(releases[1].manifest.id)
    files = live_files(target)
    wanted = contents(releases[1].folder)
    assert {path: files[path] for path in wanted} == wanted
    # A visitor who has a page of the release before still finds what it loads.
    assert set(files) - set(wanted) == {
        *(f"theme/style.{version:08x}.css" for version in (1, 3)),
        *(f"media/picture-{version}.svg" for version in (1, 3)),
    }
    assert [kept.live for kept in target.kept()] == [False, True, False]
    with pytest.raises(ProblemsFound, match="must have the release: nonsense"):
        target.switch("nonsense")


def test_rollback_from_a_link_that_leads_nowhere(tmp_path: Path, target: Directory) -> None:
    release = site_release(tmp_path / "1", 1, posts=20)
    put(target, release)
    (target.root / CURRENT).unlink()
    (target.root / CURRENT).symlink_to("releases/lost")
    with pytest.raises(ProblemsFound, match="current: must lead to a release: lost"):
        target.live()
    target.switch(release.manifest.id)
    assert live_files(target) == contents(release.folder)


def test_the_last_five_are_kept(tmp_path: Path, target: Directory) -> None:
    for version in range(KEEP + 2):
        put(target, site_release(tmp_path / str(version), version, target.live(), posts=2))
    assert len(target.kept()) == KEEP == len(list(target.releases.iterdir()))


def test_one_at_a_time(tmp_path: Path, target: Directory) -> None:
    with target.lock():
        with pytest.raises(ProblemsFound) as error, target.lock():
            raise AssertionError("not reached")
        found = f"must be published to by one at a time: process {os.getpid()} is at it"
        assert found in str(error.value)
    with target.lock():
        pass


def test_others_files_are_left_alone(tmp_path: Path, target: Directory) -> None:
    release = site_release(tmp_path / "1", 1, posts=2)
    target.root.mkdir()
    (target.root / CURRENT).mkdir()
    with pytest.raises(ProblemsFound, match="must be a link that publishing has made"):
        put(target, release)
    (target.root / CURRENT).rmdir()
    (target.root / CURRENT).symlink_to(tmp_path)
    with pytest.raises(ProblemsFound, match="must lead to a release"):
        put(target, release)


def test_a_full_disk(tmp_path: Path, target: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    first = site_release(tmp_path / "1", 1, posts=20)
    put(target, first)
    second = site_release(tmp_path / "2", 2, target.live(), posts=20)
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    (second.folder / "large").write_bytes(bytes(100_000))
    second = make_release(second.folder, target.live())
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(ProblemsFound, match="must be a folder that can be written to"):
            put(target, second)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert live_files(target) == contents(first.folder)
    assert [kept.id for kept in target.kept()] == [first.manifest.id]
    assert not list(target.releases.glob(".*")), "the disk stays full"


def test_a_manifest_that_leads_out_is_refused(tmp_path: Path, target: Directory) -> None:
    put(target, site_release(tmp_path / "1", 1, posts=2))
    evil = Manifest({"../../evil.css": "00"})
    (target.root / CURRENT / MANIFEST).write_bytes(evil.data)
    with pytest.raises(ProblemsFound, match="must be the manifest of a release: the path"):
        put(target, make_release(write_site(tmp_path / "2", 2, 2), None))


def test_visitors_are_counted(tmp_path: Path, target: Directory, nginx: Serve) -> None:
    """The visitors see what is broken: they would else prove nothing."""
    crawler = Crawler(f"{nginx(target.root / CURRENT)}/")
    put(target, site_release(tmp_path / "1", 1, posts=20))
    for path in ("posts/0019/index.html", "theme/style.00000001.css", "feed.xml"):
        crawler.visit()
        assert not crawler.broken
        file = target.root / CURRENT / path
        data = file.read_bytes()
        file.write_bytes(data[:-9])
        crawler.visit()
        file.unlink()
        crawler.visit()
        file.write_bytes(data)
        assert len(crawler.broken) == 2
        crawler.broken.clear()
    assert threading.active_count() == 1
