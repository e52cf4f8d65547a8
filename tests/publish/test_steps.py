"""Publishing as the author does it: real builds, the gate, a real web server."""

import json
import os
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs
from urllib.request import urlopen

import pytest

from pipeline.problems import ProblemsFound
from pipeline.publish import steps
from pipeline.publish.directory import CURRENT
from pipeline.publish.release import MANIFEST
from tests.conftest import contents
from tests.publish.blog import Blog, post
from tests.publish.conftest import Serve

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def public(tmp_path: Path) -> Path:
    return tmp_path / "public"


@pytest.fixture
def blog(tmp_path: Path, public: Path) -> Blog:
    """A blog whose target cannot be looked at from outside."""
    return Blog(tmp_path / "blog", {"kind": "directory", "path": str(public)})


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[str]]]:
    """A hub, and the topics that it was told of.

    Feeds must not name this machine: the server is a proxy, which knows the hub.
    """
    told: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            told.extend(parse_qs(form)["hub.url"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setattr("urllib.request._opener", None)  # it has read the proxies already
        yield "http://hub.test/", told
        server.shutdown()
        thread.join()


def live(public: Path) -> dict[str, bytes]:
    return contents(public / CURRENT)


def test_a_release_is_seen_and_told(
    tmp_path: Path, public: Path, nginx: Serve, hub: tuple[str, list[str]], capsys: Capture
) -> None:
    url = nginx(public / CURRENT)
    target = {"kind": "directory", "path": str(public), "url": url}
    blog = Blog(tmp_path / "blog", target, WEBSUB_HUBS=[hub[0]])
    blog.publish()
    said = capsys.readouterr().out
    assert "  new         /posts/a/\n" in said
    assert re.search(rf"Looks at {url} … \d+\.\d s\n", said)
    assert "https://ben.bolte.cc/feeds/all.atom.xml" in hub[1]
    # From another machine: nothing is to be sent, and nobody is told.
    hub[1].clear()
    before = live(public)
    Blog(tmp_path / "other", target, WEBSUB_HUBS=[hub[0]]).publish()
    assert capsys.readouterr().out.endswith("Nothing to publish\n")
    assert (live(public), hub[1]) == (before, [])


def test_a_reader_that_is_gone_ends_no_release(
    blog: Blog, public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in `invoke publish | head -1`."""
    read, write = os.pipe()
    os.close(read)
    gone = os.fdopen(write, "w", buffering=1)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", gone)
        blog.publish()
    with suppress(BrokenPipeError):
        gone.close()
    assert live(public)


def test_an_edit_and_the_way_back(blog: Blog, public: Path, capsys: Capture) -> None:
    """Only what has the new words is sent, and going back gives the bytes that were."""
    blog.publish()
    capsys.readouterr()
    first = live(public)
    blog.write({"posts/b/index.md": post("Post b", "Other words.")})
    blog.publish()
    said, edited = capsys.readouterr().out, live(public)
    changed = {path for path, data in edited.items() if first.get(path) != data}
    assert all(b"Other words" in edited[path] for path in changed - {MANIFEST})
    assert [path for path in changed if path.endswith(".html")] == ["posts/b/index.html"]
    count, size = len(changed) - 1, sum(len(edited[path]) for path in changed)
    assert f"  changed     /posts/b/\n  to send     {count} files, {size:,} bytes\n" in said
    assert "  to readers  0 new entries, 1 updated, 0 sent again\n" in said
    assert "  to readers  changed: Post b\n" in said
    blog.rollback()
    assert live(public) == first


def test_an_address_that_would_vanish(
    blog: Blog, public: Path, nginx: Serve, capsys: Capture
) -> None:
    blog.publish()
    before = live(public)
    blog.remove("posts/c/index.md")
    with pytest.raises(ProblemsFound) as error:
        blog.publish()
    assert str(error.value) == (
        "/posts/c/: an address that was published must stay, or lead on: nothing would be there "
        "(Aliases: /posts/c/ in the text that it became, a line in content/redirects.toml, or "
        "--allow-deletes)"
    )
    assert live(public) == before
    blog.write({"posts/b/index.md": post("Post b", head="Aliases: /posts/c/\n")})
    blog.publish()
    assert "  redirected  /posts/c/ → /posts/b/\n" in capsys.readouterr().out
    url = nginx(public / CURRENT, f"include {public}/current/_redirects.nginx;")
    for address in ("/posts/c", "/posts/c/"):
        with urlopen(url + address) as answer:
            assert answer.url == f"{url}/posts/b/"
            assert answer.read() == live(public)["posts/b/index.html"]


def test_dry_run(blog: Blog, public: Path, capsys: Capture) -> None:
    blog.publish(dry_run=True)
    assert "  new         /posts/a/\n" in capsys.readouterr().out
    assert not public.exists()
    assert not list((blog.folder / "cache").glob(".publish.*"))


def test_deletes_are_allowed_by_name(blog: Blog, public: Path, capsys: Capture) -> None:
    blog.publish()
    blog.remove("posts/c/index.md")
    blog.publish(allow_deletes=True)
    assert "  gone        /posts/c/\n" in capsys.readouterr().out
    assert json.loads(live(public)[MANIFEST])["addresses"]["/posts/c/"] == "gone"
    blog.publish()
    assert capsys.readouterr().out.endswith("Nothing to publish\n")


def test_what_the_gate_finds_is_not_published(blog: Blog, public: Path) -> None:
    blog.publish()
    before = live(public)
    blog.write({"posts/b/index.md": post("Post b", "![A robot](https://example.org/a.png)")})
    with pytest.raises(ProblemsFound, match="an image must be a file of yours"):
        blog.publish()
    assert live(public) == before


def test_entries_that_readers_would_get_again(tmp_path: Path, public: Path) -> None:
    target = {"kind": "directory", "path": str(public)}
    blog = Blog(tmp_path / "blog", target, FEED_MOST_AGAIN=1)
    blog.publish()
    before = live(public)
    for name in "bc":
        blog.write({f"posts/{name}/index.md": post(f"Post {name}", "Other words.")})
    with pytest.raises(ProblemsFound, match="no more than 1 old entries must be sent again") as it:
        blog.publish()
    assert str(it.value).endswith("; --resend where it is meant)")
    assert live(public) == before
    blog.publish(resend=True)
    assert live(public) != before


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            'PUBLISH_TARGET = "i"',
            "--to: must be a target of PUBLISH_TARGETS in publishconf.py: 'i'",
        ),
        ('PUBLISH_TARGET = "its"', "(did you mean 'it'?)"),
        (
            "PUBLISH_TARGETS = {}",
            "must be a target of PUBLISH_TARGETS in publishconf.py: 'it' (add",
        ),
        (
            'PUBLISH_TARGET = ["it"]',
            "must be a target of PUBLISH_TARGETS in publishconf.py: ['it']",
        ),
        ("PUBLISH_TARGETS = None", "PUBLISH_TARGETS must be a table of targets by their names"),
        ('PUBLISH_TARGETS = ["it"]', "PUBLISH_TARGETS must be a table of targets by their names"),
        (
            'PUBLISH_TARGETS = {"it": {"kind": "directory", "url": "ben.bolte.cc"}}',
            "the target 'it': url must be an address: 'ben.bolte.cc' (https://…)",
        ),
        ('FEED_MOST_AGAIN = "3"', "FEED_MOST_AGAIN must be a number: '3'"),
        ('TIMEZONE = "Mars"', "must be settings that load: No time zone found with key Mars"),
        ('FEED_ID = "feeds"', "FEED_ID must be a tag URI: 'feeds'"),
        ('PUBLISH_TARGETS = {"it": "git"}', "must be a table with a kind: 'git'"),
        ('PUBLISH_TARGETS = {"it": {}}', "publishconf.py: the target 'it': kind must be one"),
        (
            'PUBLISH_TARGETS = {"it": {"kind": "directry"}}',
            "kind must be one that is known: 'directry' (did you mean 'directory'?)",
        ),
        (
            'PUBLISH_TARGETS = {"it": {"kind": "directory", "pth": "a"}}',
            "must have options of its kind: 'pth' (did you mean 'path'?)",
        ),
        (
            'PUBLISH_TARGETS = {"it": {"kind": "directory", "path": 3}}',
            "path must be of type str: 3",
        ),
    ],
)
def test_settings_that_name_no_target(blog: Blog, settings: str, sentence: str) -> None:
    with Path(blog.settings).open("a") as file:
        file.write(f"{settings}\n")
    with pytest.raises(ProblemsFound) as error:
        blog.publish()
    assert sentence in str(error.value)
    assert len(error.value.problems) == 1


def test_a_release_that_visitors_do_not_see(
    tmp_path: Path, public: Path, nginx: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is live, and the author hears that it is not what visitors get."""
    monkeypatch.setattr(steps, "SETTLES", 0.1)
    (tmp_path / "elsewhere").mkdir()
    url = nginx(tmp_path / "elsewhere")
    blog = Blog(tmp_path / "blog", {"kind": "directory", "path": str(public), "url": url})
    with pytest.raises(steps.Released) as error:
        blog.publish()
    assert str(error.value) == (
        f"{url}/release.json: visitors must get the release that was sent: status 404"
    )
    assert (public / CURRENT / "index.html").exists()


def test_what_one_run_could_not_look_at_the_next_one_tells(
    tmp_path: Path,
    public: Path,
    nginx: Serve,
    hub: tuple[str, list[str]],
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(steps, "SETTLES", 0.1)
    target = {"kind": "directory", "path": str(public), "url": nginx(tmp_path / "root")}
    blog = Blog(tmp_path / "blog", target, WEBSUB_HUBS=[hub[0]])
    with pytest.raises(steps.Released):
        blog.publish()
    assert hub[1] == []
    (tmp_path / "root").symlink_to(public / CURRENT)
    blog.publish()
    assert capsys.readouterr().out.endswith("Nothing to publish\n")
    assert "https://ben.bolte.cc/feeds/all.atom.xml" in hub[1]
    told = len(hub[1])
    blog.publish()
    assert len(hub[1]) == told


def test_what_a_killed_publish_left_is_removed(blog: Blog, public: Path) -> None:
    left = blog.folder / "cache/.publish.1"
    shutil.copytree(blog.folder / "content", left)
    os.utime(left, (1, 1))
    blog.publish(dry_run=True)
    assert not left.exists()
