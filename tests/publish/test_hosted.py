"""Netlify and Cloudflare Pages.

No network is here, so their programs are stand-ins that write down what they were called with: what
is tested is that, and what we make of `_headers` and `_redirects`. How the hosts' own emulators
read those files was tried by hand (docs/publishing.md).
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.problems import ProblemsFound
from pipeline.publish import cloudflare, hosted
from pipeline.publish.cloudflare import Cloudflare
from pipeline.publish.netlify import Netlify
from pipeline.publish.release import Release, make_release
from tests.publish.conftest import Serve
from tests.publish.crawl import site_release, write_site
from tests.publish.servers import script

POSTS = 4


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[list[str]]]:
    """Stand-ins for both programs; a function that returns the words of each call so far."""
    folder, log = tmp_path / "bin", tmp_path / "calls"
    folder.mkdir()
    for name in ("wrangler", "netlify"):
        script(
            folder / name,
            f"""for word; do printf '%s\\n' "$word"; done >>{log}; echo >>{log}
[ ! -e {folder}/said ] || cat {folder}/said
[ ! -e {folder}/refused ] || {{ cat {folder}/refused >&2; exit 1; }}""",
        )
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return lambda: [call.splitlines() for call in log.read_text().split("\n\n") if call]


@pytest.fixture
def live(tmp_path: Path, nginx: Serve) -> tuple[Path, str]:
    """A folder that visitors see, with its address."""
    folder = tmp_path / "live"
    folder.mkdir()
    return folder, nginx(folder)


def put(target: Cloudflare | Netlify, release: Release) -> None:
    with target.lock():
        target.live()
        target.put(release)


def test_cloudflare(
    tmp_path: Path, live: tuple[Path, str], calls: Callable[[], list[list[str]]]
) -> None:
    folder, url = live
    target = Cloudflare(url, "blog", "production")
    assert target.live() is None
    release = site_release(tmp_path / "1", 1, posts=POSTS)
    put(target, release)
    [call] = calls()
    assert call[:3] == ["pages", "deploy", str(release.folder)]
    assert call[3:7] == ["--project-name", "blog", "--branch", "production"]
    message = f"Release {release.manifest.id}"
    assert call[7:] == ["--commit-message", message, "--commit-dirty=true"]
    (folder / "release.json").write_bytes(release.manifest.data)
    assert target.live() == release.manifest
    put(target, release)
    assert len(calls()) == 1
    for ask in (target.kept, lambda: target.switch("x")):
        with pytest.raises(ProblemsFound, match=r"dash\.cloudflare\.com, Workers & Pages, blog"):
            ask()


def test_netlify(
    tmp_path: Path, live: tuple[Path, str], calls: Callable[[], list[list[str]]]
) -> None:
    folder, url = live
    target = Netlify(url, "0f00")
    release = site_release(tmp_path / "1", 1, posts=POSTS)
    put(target, release)
    message = f"Release {release.manifest.id}"
    [call] = calls()
    assert call[:6] == ["deploy", "--prod", "--no-build", "--json", "--dir", str(release.folder)]
    assert call[6:] == ["--site", "0f00", "--message", message]
    (folder / "release.json").write_bytes(release.manifest.data)
    deploy: dict[str, Any] = {"state": "ready", "created_at": "2026-11-21T10:00:00.000Z"}
    answer = [
        {**deploy, "id": "d4", "title": "Release ffff", "state": "error"},
        {**deploy, "id": "d3", "title": "by hand"},
        {**deploy, "id": "d2", "title": message},
        {**deploy, "id": "d1", "title": "Release abcd"},
    ]
    (tmp_path / "bin/said").write_text(json.dumps(answer))
    assert [(kept.id, kept.live) for kept in target.kept()] == [
        (release.manifest.id, True),
        ("abcd", False),
    ]
    target.switch("abcd")
    assert calls()[-1][:3] == ["api", "restoreSiteDeploy", "--data"]
    assert json.loads(calls()[-1][3]) == {"site_id": "0f00", "deploy_id": "d1"}
    with pytest.raises(ProblemsFound, match="must have the release: ffff"):
        target.switch("ffff")


def test_what_both_hosts_read(tmp_path: Path) -> None:
    """Types of feeds; and no page in the place of a redirect, which Netlify would show instead."""
    folder = write_site(tmp_path / "site", 1, POSTS)
    (folder / "_redirects").write_text(
        "# old\n/old/ /posts/0001/ 301\n/a/b.html / 301\n/x /y 301\n"
    )
    for name in ("old/index.html", "a/b.html"):
        (folder / name).parent.mkdir()
        (folder / name).write_text("moved")
    before = make_release(folder, None).manifest
    for target in (Netlify("", "0f00"), Cloudflare("", "blog")):
        target.prepare(folder)
        assert not (folder / "old").exists() and not (folder / "a").exists()
        assert (folder / "_headers").read_text() == (
            "/*.atom.xml\n  Content-Type: application/atom+xml\n\n"
            "/*.rss.xml\n  Content-Type: application/rss+xml\n"
        )
    after = make_release(folder, None).manifest
    assert set(before.files) - set(after.files) == {"old/index.html", "a/b.html"}
    assert {**before.addresses} == {**after.addresses}


def test_an_authors_own_headers_stay(tmp_path: Path) -> None:
    folder = write_site(tmp_path / "site", 1, POSTS)
    (folder / "_headers").write_text("/*\n  X-Robots-Tag: noai\n")
    hosted.prepare(folder)
    hosted.prepare(folder)
    text = (folder / "_headers").read_text()
    assert text.startswith("/*\n  X-Robots-Tag: noai\n\n/*.atom.xml\n") and text.count("rss") == 2


def refused(folder: Path) -> list[str]:
    with pytest.raises(ProblemsFound) as error:
        Cloudflare("https://example.org", "blog").prepare(folder)
    return str(error.value).splitlines()


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_site(tmp_path / "site", 1, POSTS)
    rules = "".join(f"/{number}/ / 301\n" for number in range(2001))
    (folder / "_redirects").write_text(f"{rules}/{'x' * 1000} / 301\n")
    assert refused(folder) == [
        "_redirects: must have at most 2,000 rules: 2,002",
        "_redirects:2002: a line must have at most 1,000 characters: 1,007",
    ]
    (folder / "_redirects").unlink()
    (folder / "_headers").write_text("/a\n  X: y\n" * 99 + f"/b\n  X: {'y' * 2000}\n")
    assert refused(folder) == [
        "_headers: must have at most 100 rules: 102",
        "_headers:200: a line must have at most 2,000 characters: 2,005",
    ]
    (folder / "_headers").unlink()
    monkeypatch.setattr(cloudflare, "FILES_MOST", 9)
    monkeypatch.setattr(cloudflare, "FILE_LARGEST", 8000)
    (folder / "404.html").unlink()
    assert refused(folder) == [
        "the site: must be at most 9 files with the manifest: 10",
        "404.html: must be there, else every wrong address shows the home page: not there",
        "feed.xml: must have at most 8,000 bytes: 8,015",
    ]


@pytest.mark.parametrize("target", [Cloudflare("", "blog"), Netlify("", "0f00")])
def test_what_can_be_wrong(
    tmp_path: Path,
    live: tuple[Path, str],
    calls: Callable[[], list[list[str]]],
    monkeypatch: pytest.MonkeyPatch,
    target: Cloudflare | Netlify,
) -> None:
    folder, url = live
    release = site_release(tmp_path / "1", 1, posts=POSTS)

    def problem() -> str:
        with pytest.raises(ProblemsFound) as error:
            put(target, release)
        [found] = error.value.problems
        return str(found)

    assert "must have the site's address as url" in problem()
    target.url = "http://127.0.0.1:1"
    assert problem() == (
        "http://127.0.0.1:1/release.json: must be readable: [Errno 111] Connection refused "
        "(see whether the host is up)"
    )
    target.url = url
    program = "wrangler" if isinstance(target, Cloudflare) else "netlify"
    token = f"✘ [ERROR] set a {'CLOUDFLARE_API' if program == 'wrangler' else 'NETLIFY_AUTH'}_TOKEN"
    (tmp_path / "bin/refused").write_text(f"\n\x1b[31m{token}\x1b[0m\n\nLogs were written\n")
    assert problem() == f"{url}: must take the release: {token} ({program} login)"
    (tmp_path / "bin/refused").write_text(" ›   FetchError: getaddrinfo ENOTFOUND api.host.com\n")
    assert "ENOTFOUND api.host.com (see whether the network is up)" in problem()
    (folder / "release.json").write_text("{}")
    assert "must be the manifest of a release" in problem()
    (folder / "release.json").unlink()
    target.live()
    with monkeypatch.context() as here:
        here.setenv("PATH", str(tmp_path))
        assert f"must have the program {program}: not installed (npm install --global" in problem()
    assert not (folder / "release.json").exists()


def test_another_publisher_meanwhile(
    tmp_path: Path, live: tuple[Path, str], calls: Callable[[], list[list[str]]]
) -> None:
    folder, url = live
    first, second = (site_release(tmp_path / str(v), v, posts=POSTS) for v in (1, 2))
    (folder / "release.json").write_bytes(first.manifest.data)
    target = Netlify(url, "0f00")
    target.live()
    (folder / "release.json").write_bytes(second.manifest.data)
    with pytest.raises(ProblemsFound, match="another release is live"):
        target.put(site_release(tmp_path / "3", 3, posts=POSTS))
    assert not (tmp_path / "calls").exists()
