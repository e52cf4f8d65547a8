import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.http_client import HttpClient
from pipeline.publish import post_deploy as module
from pipeline.publish.post_deploy import main_files, newest_post, verify
from pipeline.publish.release import Release, make_release
from tests.loopback import Host, folder_answers, serving

LINKS = (
    '<link rel="alternate" href="feed.xml"><link rel=stylesheet href=a.css><img src="b.svg">'
    '<!-- <img src="posts/2025-b/c.svg"> --><a href="old/">x</a>'
)
FILES = {
    "index.html": f"<title>Home</title>{LINKS}",
    "posts/2024-a/index.html": "<title>A</title>",
    "posts/2025-b/index.html": '<title>B</title><img src="c.svg">',
    "posts/2025-b/c.svg": "<svg/>",
    "404.html": "<title>Not found</title>",
    "feed.xml": "<feed/>",
    "a.css": "p {}",
    "b.svg": "<svg/>",
    "old/index.html": "<title>Moved</title>",
    "_redirects": "/old /posts/2024-a/ 301\n/old/ /posts/2024-a/ 301\n",
}
NEWEST = "/posts/2025-b/"


@pytest.fixture
def release(tmp_path: Path) -> Release:
    for path, text in FILES.items():
        (tmp_path / "site" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / path).write_text(text, "utf-8")
    return make_release(tmp_path / "site", None)


@pytest.fixture
def host(release: Release) -> Iterator[Host]:
    with serving(folder_answers(release.folder)) as host:
        yield host


def found(release: Release, url: str, timeout: float = 0) -> list[tuple[str, str]]:
    problems = verify(release, url, NEWEST, timeout, HttpClient(timeout=0.3, backoff=0))
    return [(problem.code, problem.path.removeprefix(url)) for problem in problems]


def test_newest_post_is_the_last_by_name(release: Release) -> None:
    assert newest_post(release, "posts/{slug}/") == NEWEST
    assert newest_post(release, "notes/{slug}/") == ""


def test_main_files_are_home_newest_post_what_they_load_and_feeds(release: Release) -> None:
    assert main_files(release, NEWEST) == [
        "index.html",
        "posts/2025-b/index.html",
        "feed.xml",
        "a.css",
        "b.svg",
        "posts/2025-b/c.svg",
    ]


def test_verify_host_with_redirect_pages_has_no_problem(release: Release, host: Host) -> None:
    assert found(release, host.url) == []


@pytest.mark.parametrize("to", ["/posts/2024-a/", "https://example.org/posts/2024-a/"])
def test_verify_host_that_redirects_itself_has_no_problem(
    release: Release, host: Host, to: str
) -> None:
    host.set("/old", 301, Location=to)
    assert found(release, host.url) == []


def test_verify_copy_at_an_earlier_address_has_no_problem(release: Release, host: Host) -> None:
    (release.folder / "atom.xml").write_text("<feed/>")
    (release.folder / "_redirects").write_text("/atom.xml /feed.xml 301\n")
    assert found(make_release(release.folder, None), host.url) == []


Break = Callable[[Host, Release], None]


@pytest.mark.parametrize(
    ("path", "status", "location", "code"),
    [
        ("/no-such-page-{id}/", 200, "", "no-404"),
        ("/feed.xml", 403, "", "file-differs"),
        ("/b.svg", 301, "/", "file-differs"),
        ("/", 200, "", "file-differs"),
        ("/posts/2025-b/c.svg", 0, "", "file-differs"),
        ("/old", 301, "/", "redirect-differs"),
        ("/old", 404, "", "redirect-differs"),
        ("/release.json", 500, "", "release-not-live"),
        ("/release.json", 200, "", "release-not-live"),
    ],
)
def test_verify_wrong_answer_is_one_problem(
    release: Release, host: Host, path: str, status: int, location: str, code: str
) -> None:
    path = path.format(id=release.manifest.id)
    host.set(path, status or 600, b"other", **({"Location": location} if location else {}))
    assert found(release, host.url) == [(code, path)]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "ben.bolte.cc"])
def test_verify_host_that_cannot_be_reached_is_one_problem(release: Release, url: str) -> None:
    assert found(release, url) == [("release-not-live", "/release.json")]


def test_verify_silent_host_is_one_problem(release: Release) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert found(release, url) == [("release-not-live", "/release.json")]


def test_verify_waits_for_a_slow_host(
    release: Release, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.set("/release.json", 200, b"the last one")
    monkeypatch.setattr(module, "PAUSE", 0.01)
    monkeypatch.setattr("time.sleep", lambda _seconds: host.answers.clear())
    assert found(release, host.url, timeout=10) == []
    assert host.requests.count("GET /release.json") == 2
