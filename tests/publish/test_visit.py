"""What visitors get, compared with what was sent: a real web server, told rightly and wrongly."""

import socket
from pathlib import Path

import pytest

from pipeline.publish import visit
from pipeline.publish.release import Release, make_release
from pipeline.publish.visit import look, main_files, newest_post
from tests.publish.conftest import Serve, free_port

LINKS = (
    '<link rel="alternate" href="feed.xml"><link rel="stylesheet" href="a.css"><img src="b.svg">'
)
FILES = {
    "index.html": f"<title>Home</title>{LINKS}",
    "posts/2024-a/index.html": "<title>A</title>",
    "posts/2025-b/index.html": '<title>B</title><img src="c.svg">',
    "posts/2025-b/c.svg": "<svg/>",
    "404.html": "<title>Lost</title>",
    "feed.xml": "<feed/>",
    "a.css": "p {}",
    "b.svg": "<svg/>",
    "old/index.html": "<title>Moved</title>",
    "_redirects": "/old /posts/2024-a/ 301\n/old/ /posts/2024-a/ 301\n",
    "_redirects.nginx": 'location = /old { return 301 "/posts/2024-a/"; }\n',
}


@pytest.fixture
def release(tmp_path: Path) -> Release:
    for path, text in FILES.items():
        (tmp_path / "site" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / path).write_text(text, "utf-8")
    return make_release(tmp_path / "site", None)


def found(release: Release, url: str, settles: float = 0) -> list[str]:
    problems = look(release, url, newest_post(release, "posts/{slug}/"), settles)
    return [str(problem).replace(url, "") for problem in problems]


def test_what_is_looked_at(release: Release) -> None:
    newest = newest_post(release, "posts/{slug}/")
    assert newest == "/posts/2025-b/"
    assert main_files(release, newest) == [
        "index.html",
        "posts/2025-b/index.html",
        "feed.xml",
        "a.css",
        "b.svg",
        "posts/2025-b/c.svg",
    ]


@pytest.mark.parametrize("more", ["", "include {folder}/_redirects.nginx;", "autoindex on;"])
def test_a_host_that_does_as_it_was_told(release: Release, nginx: Serve, more: str) -> None:
    """With redirects of its own, or with the pages that lead on."""
    assert found(release, nginx(release.folder, more.format(folder=release.folder))) == []


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (
            "try_files $uri $uri/ /index.html;",
            "/no-such-page-{id}/: a wrong address must be answered with 404: other bytes "
            "(tell the host of 404.html)",
        ),
        ("location = /feed.xml {{ deny all; }}", "/feed.xml: must come as it was sent: status 403"),
        ("location = /b.svg {{ return 301 /; }}", "/b.svg: must come as it was sent: status 301"),
        (
            "location = /old {{ return 301 /; }}",
            "/old: an old address must lead to /posts/2024-a/: ",
        ),
        (
            "location ^~ /old {{ return 404; }}",
            "/old: an old address must lead to /posts/2024-a/: ",
        ),
        (
            "location = / {{ add_header A b; return 200 '<p>Soon'; }}",
            "/: must come as it was sent: other bytes",
        ),
        ("location = /release.json {{ return 500; }}", "/release.json: visitors must get the"),
    ],
)
def test_a_host_that_was_told_otherwise(
    release: Release, nginx: Serve, more: str, problem: str
) -> None:
    url = nginx(release.folder, more.format())
    [line] = found(release, url)
    wanted = problem.format(id=release.manifest.id)
    assert line.startswith(wanted)


def test_a_copy_at_an_old_address(release: Release, nginx: Serve) -> None:
    """Feeds stand at their old addresses too."""
    (release.folder / "atom.xml").write_text("<feed/>")
    (release.folder / "_redirects").write_text("/atom.xml /feed.xml 301\n")
    assert found(make_release(release.folder, None), nginx(release.folder)) == []


def test_a_host_that_is_not_there(release: Release) -> None:
    [line] = found(release, f"http://127.0.0.1:{free_port()}")
    assert line.endswith("must get the release that was sent: [Errno 111] Connection refused")


def test_an_address_that_is_none(release: Release) -> None:
    [line] = found(release, "ben.bolte.cc")
    assert "visitors must get the release that was sent: unknown url type" in line


def test_a_host_that_does_not_answer(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visit, "TIMEOUT", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        [line] = found(release, f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert line.endswith("visitors must get the release that was sent: timed out")


def test_a_host_that_needs_its_time(
    release: Release, nginx: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = nginx(release.folder)
    (release.folder / "release.json").rename(release.folder / "later")

    def rest(_seconds: float) -> None:
        (release.folder / "later").rename(release.folder / "release.json")

    monkeypatch.setattr("time.sleep", rest)
    assert found(release, url, settles=10) == []
