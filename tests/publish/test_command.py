import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.problems import ProblemsFound
from pipeline.publish.release import Release, make_release
from pipeline.publish.targets.hosted import Command
from tests.loopback import Host, folder_answers, serving

# Writes its arguments down, and does what the file "client" in the current folder says.
CLIENT = """
import pathlib, sys
with open("calls", "a") as file:
    print(*sys.argv[1:], file=file)
text = pathlib.Path("error").read_text() if pathlib.Path("error").exists() else ""
sys.exit(text or 0)
"""
WORDS = (sys.executable, "-c", CLIENT, "deploy", "{folder}", "--message=Release {release}", "{x}")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that visitors see; the current folder is the one above it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "live").mkdir()
    return tmp_path / "live"


@pytest.fixture
def host(folder: Path) -> Iterator[Host]:
    with serving(folder_answers(folder)) as host:
        yield host


@pytest.fixture
def calls(tmp_path: Path) -> Callable[[], list[str]]:
    file = tmp_path / "calls"
    return lambda: file.read_text().splitlines() if file.exists() else []


def site(folder: Path, **files: str) -> Path:
    """Write a site; a name's "__" stands for "/", its "_html" for ".html"."""
    for name, text in {"index_html": "home", "404_html": "not found", **files}.items():
        path = folder / name.replace("__", "/").replace("_html", ".html")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def release_of(folder: Path, **files: str) -> Release:
    return make_release(site(folder, **files), None)


def codes(action: Callable[[], object]) -> list[tuple[str, str, int]]:
    with pytest.raises(ProblemsFound) as error:
        action()
    return [(problem.code, problem.path, problem.line) for problem in error.value.problems]


def test_deploy_runs_the_client_unless_the_release_is_live(
    tmp_path: Path, folder: Path, host: Host, calls: Callable[[], list[str]]
) -> None:
    target = Command(WORDS, host.url)
    release = release_of(tmp_path / "1")
    assert target.current() is None
    target.deploy(release)
    expected = f"deploy {release.folder} --message=Release {release.manifest.id} {{x}}"
    assert calls() == [expected]
    (folder / "release.json").write_bytes(release.manifest.data)
    assert target.current() == release.manifest
    target.deploy(release)
    assert calls() == [expected]


def test_deploy_after_another_publisher_is_refused(
    tmp_path: Path, folder: Path, host: Host, calls: Callable[[], list[str]]
) -> None:
    target, first = Command(WORDS, host.url), release_of(tmp_path / "1")
    second = release_of(tmp_path / "2", index_html="second")
    target.current()
    (folder / "release.json").write_bytes(first.manifest.data)
    assert codes(lambda: target.deploy(second)) == [("publish-conflict", host.url, 0)]
    assert calls() == []


@pytest.mark.parametrize("error", ["✘ [ERROR] set a HOST_TOKEN", "getaddrinfo ENOTFOUND", "boom"])
def test_deploy_client_that_fails_is_reported_with_its_reason(
    tmp_path: Path, host: Host, error: str
) -> None:
    (tmp_path / "error").write_text(f"first\n\x1b[31m{error}\x1b[0m\n", "utf-8")
    with pytest.raises(ProblemsFound) as raised:
        Command(WORDS, host.url).deploy(release_of(tmp_path / "1"))
    [problem] = raised.value.problems
    assert problem.message.endswith(error)
    assert bool(problem.hint) == (error != "boom")


def test_deploy_client_that_is_not_installed_is_reported(tmp_path: Path, host: Host) -> None:
    target = Command(("no-such-client", "{folder}"), host.url)
    problem = ("missing-program", host.url, 0)
    assert codes(lambda: target.deploy(release_of(tmp_path / "1"))) == [problem]


def test_current_unreadable_release_is_reported(folder: Path, host: Host) -> None:
    (folder / "release.json").write_text("{}")
    place = f"{host.url}/release.json"
    assert codes(Command(WORDS, host.url).current) == [("bad-manifest", place, 0)]
    host.set("/release.json", 500)
    problem = ("live-release-unknown", place, 0)
    assert codes(Command(WORDS, f"{host.url}/").current) == [problem]


def test_deploy_without_a_readable_live_release_runs_the_client(
    tmp_path: Path, folder: Path, host: Host, calls: Callable[[], list[str]]
) -> None:
    (folder / "release.json").write_text("{}")
    Command(WORDS, host.url).deploy(release_of(tmp_path / "1"))
    assert len(calls()) == 1


def test_list_releases_has_only_the_live_release(tmp_path: Path, folder: Path, host: Host) -> None:
    target = Command(WORDS, host.url)
    assert target.list_releases() == []
    release = release_of(tmp_path / "1")
    (folder / "release.json").write_bytes(release.manifest.data)
    assert [(stored.id, stored.live) for stored in target.list_releases()] == [
        (release.manifest.id, True)
    ]
    assert target.rollback_hint


@pytest.mark.parametrize("follows_redirects", [True, False])
def test_prepare_removes_pages_that_stand_in_for_redirects(
    tmp_path: Path, follows_redirects: bool
) -> None:
    rules = "# old\n/old/ /posts/ 301\n/a/b.html / 301\n/x /y 301\n/atom.xml /feed.xml 301\n"
    files = {"old__index_html": "moved", "a__b_html": "moved", "atom.xml": "<feed/>"}
    folder = site(tmp_path / "site", _redirects=rules, **files)
    before = make_release(folder, None).manifest
    Command(WORDS, "", follows_redirects=follows_redirects).prepare(folder)
    after = make_release(folder, None).manifest
    removed = {"old/index.html", "a/b.html"} if follows_redirects else set()
    assert set(before.files) - set(after.files) == removed
    assert before.addresses == after.addresses


def test_prepare_files_beyond_the_limits_are_refused(tmp_path: Path) -> None:
    folder = site(tmp_path / "site", big_html="x" * 100)
    Command(WORDS, "u", max_files=4, max_file_bytes=100).prepare(folder)
    Command(WORDS, "u", max_files=0, max_file_bytes=0).prepare(folder)
    (folder / "404.html").rename(folder / "lost.html")
    target = Command(WORDS, "u", max_files=3, max_file_bytes=99)
    assert codes(lambda: target.prepare(folder)) == [
        ("no-error-page", "404.html", 0),
        ("host-limit", "big.html", 0),
        ("host-limit", "u", 0),
    ]
