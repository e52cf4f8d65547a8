"""A folder that a web server serves: what only it has, and what can be wrong."""

import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from pipeline.problems import ProblemsFound
from pipeline.publish.release import MANIFEST, Manifest, Release, make_release
from pipeline.publish.targets.base import KEEP
from pipeline.publish.targets.directory import CURRENT, Directory
from tests.publish.conftest import Serve, activate
from tests.publish.crawl import contents, site_release, write_site


@pytest.fixture
def target(tmp_path: Path) -> Directory:
    return Directory(str(tmp_path / "public"))


def deploy(target: Directory, release: Release) -> None:
    with target.lock():
        target.deploy(release)


def code(error: pytest.ExceptionInfo[ProblemsFound]) -> str:
    [problem] = error.value.problems
    return problem.code


def test_deploy_same_release_touches_no_file(tmp_path: Path, target: Directory) -> None:
    deploy(target, site_release(tmp_path / "1", 1))

    def state() -> dict[Path, tuple[int, int]]:
        paths = (path for path in target.root.rglob("*") if not path.name.startswith(".lock"))
        return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in paths}

    before = state()
    deploy(target, site_release(tmp_path / "again", 1, target.current()))
    assert state() == before


def test_deploy_damaged_release_is_repaired(tmp_path: Path, target: Directory) -> None:
    release = site_release(tmp_path / "1", 1)
    deploy(target, release)
    (target.root / CURRENT / "index.html").unlink()
    (target.root / CURRENT / "feed.xml").write_text("x")
    deploy(target, release)
    assert contents(target.root / CURRENT) == contents(release.folder)


@pytest.mark.servers
def test_deploy_unchanged_file_keeps_etag(tmp_path: Path, target: Directory, nginx: Serve) -> None:
    url = nginx(target.root / CURRENT)
    deploy(target, site_release(tmp_path / "1", 1, posts=20))

    def etag(path: str) -> str:
        with urlopen(f"{url}/{path}") as response:
            return str(response.headers["ETag"])

    before = etag("posts/0001/"), etag("")
    os.utime(target.root / CURRENT / "index.html", (1, 1))
    time.sleep(1.1)  # nginx's ETag has seconds
    deploy(target, site_release(tmp_path / "2", 2, target.current(), posts=20))
    assert etag("posts/0001/") == before[0]
    assert etag("") != before[1]


def test_activate_link_is_never_missing(tmp_path: Path, target: Directory) -> None:
    releases = [site_release(tmp_path / str(version), version, posts=1) for version in (1, 2)]
    for release in releases:
        deploy(target, release)
    stored = target.list_releases()
    home, end, missing = target.root / CURRENT / "index.html", threading.Event(), []

    def watch() -> None:
        while not end.is_set():
            missing.extend([1] * (not home.exists()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    for number in range(100):
        target.activate(stored[number % 2])
    end.set()
    watcher.join()
    assert not missing


def test_activate_broken_link_is_replaced(tmp_path: Path, target: Directory) -> None:
    release = site_release(tmp_path / "1", 1)
    deploy(target, release)
    (target.root / CURRENT).unlink()
    (target.root / CURRENT).symlink_to("releases/lost")
    with pytest.raises(ProblemsFound) as error:
        target.current()
    assert code(error) == "broken-release"
    activate(target, release.manifest.id)
    assert contents(target.root / CURRENT) == contents(release.folder)


def test_activate_edited_release_is_refused(tmp_path: Path, target: Directory) -> None:
    first = site_release(tmp_path / "1", 1)
    for release in (first, site_release(tmp_path / "2", 2, first.manifest)):
        deploy(target, release)
    live = contents(target.root / CURRENT)
    (target.folders()[-1] / "index.html").write_text("by hand")
    with pytest.raises(ProblemsFound) as error:
        activate(target, first.manifest.id)
    assert code(error) == "unknown-release"
    assert contents(target.root / CURRENT) == live


def test_deploy_many_keeps_last_ones(tmp_path: Path, target: Directory) -> None:
    for version in range(KEEP + 2):
        deploy(target, site_release(tmp_path / str(version), version, target.current(), posts=2))
    assert len(target.list_releases()) == KEEP == len(list(target.releases.iterdir()))


def test_lock_held_names_the_owner(tmp_path: Path, target: Directory) -> None:
    holder = (
        "import sys\nfrom pipeline.publish.targets.directory import Directory\n"
        "with Directory(sys.argv[1]).lock():\n    print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", holder, target.path]
    pipe = subprocess.PIPE
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, env=env) as process:
        assert process.stdout and process.stdout.readline() == b"held\n"
        with pytest.raises(ProblemsFound) as error, target.lock():
            raise AssertionError("not reached")
        assert code(error) == "publish-running"
        assert f"pid {process.pid})" in str(error.value)
        process.kill()
    with target.lock():
        pass


def test_deploy_foreign_current_is_left_alone(tmp_path: Path, target: Directory) -> None:
    release = site_release(tmp_path / "1", 1, posts=2)
    (target.root / CURRENT).mkdir(parents=True)
    with pytest.raises(ProblemsFound) as error:
        deploy(target, release)
    assert code(error) == "foreign"
    (target.root / CURRENT).rmdir()
    (target.root / CURRENT).symlink_to(tmp_path)
    with pytest.raises(ProblemsFound) as error:
        deploy(target, release)
    assert code(error) == "broken-release"


def test_deploy_full_disk_leaves_nothing(tmp_path: Path, target: Directory) -> None:
    first = site_release(tmp_path / "1", 1)
    deploy(target, first)
    (write_site(tmp_path / "2", 2) / "large").write_bytes(bytes(100_000))
    second = make_release(tmp_path / "2", target.current())
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(ProblemsFound) as error:
            deploy(target, second)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert code(error) == "file-error"
    assert contents(target.root / CURRENT) == contents(first.folder)
    assert [stored.id for stored in target.list_releases()] == [first.manifest.id]
    assert not list(target.releases.glob(".*"))


def test_deploy_interrupted_leaves_nothing(
    tmp_path: Path, target: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("shutil.copyfile", interrupt)
    with pytest.raises(KeyboardInterrupt):
        deploy(target, site_release(tmp_path / "1", 1))
    assert target.current() is None
    assert not list(target.releases.iterdir())


def test_deploy_manifest_with_outside_path_is_refused(tmp_path: Path, target: Directory) -> None:
    deploy(target, site_release(tmp_path / "1", 1, posts=2))
    (target.root / CURRENT / MANIFEST).write_bytes(Manifest({"../../evil.css": "00"}).data)
    with pytest.raises(ProblemsFound) as error:
        deploy(target, site_release(tmp_path / "2", 2, posts=2))
    assert code(error) == "bad-manifest"


def test_deploy_where_no_links_can_be_made_exchanges_a_copy(
    tmp_path: Path, target: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("a required privilege is not held by the client")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    live = target.root / CURRENT
    first = site_release(tmp_path / "1", 1)
    deploy(target, first)
    assert target.current() == first.manifest
    second = site_release(tmp_path / "2", 2, target.current())
    deploy(target, second)
    assert not live.is_symlink()
    assert target.current() == second.manifest
    assert {*contents(second.folder)} <= {*contents(live)}
    assert [one.live for one in target.list_releases()] == [True, False]
    target.activate(target.list_releases()[1])
    assert target.current() == first.manifest
    assert [*target.root.glob(f".{CURRENT}*")] == []
