"""Publishing as the author does it: real builds, all checks, a real web server."""

import io
import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from urllib.request import urlopen

import pytest

from pipeline import http_client
from pipeline.problems import Problem, ProblemsFound
from pipeline.publish import publish as module
from pipeline.publish.publish import Publication, PublishFailed
from pipeline.publish.release import MANIFEST
from pipeline.publish.targets.base import Target
from pipeline.publish.targets.directory import CURRENT, Directory
from tests.publish.blog import Blog, post
from tests.publish.conftest import Serve
from tests.publish.crawl import contents

pytestmark = pytest.mark.slow
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def public(tmp_path: Path) -> Path:
    return tmp_path / "public"


@pytest.fixture
def blog(tmp_path: Path, public: Path) -> Blog:
    """A blog whose target has no URL."""
    return Blog(tmp_path / "blog", {"kind": "directory", "path": str(public)})


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Target, "propagation_timeout", 0.1)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[str]]]:
    """The URL of a hub, and the topics that it was notified of.

    Feeds cannot have the address of this machine: the server is a proxy for the hub.
    """
    topics: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            topics.extend(parse_qs(form)["hub.url"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        yield "http://hub.test/", topics
        http_client.connections.cache_clear()
        server.shutdown()
        thread.join()


def live(public: Path) -> dict[str, bytes]:
    return contents(public / CURRENT)


def codes(error: pytest.ExceptionInfo[ProblemsFound]) -> list[str]:
    return [problem.code for problem in error.value.problems]


@pytest.mark.servers
def test_publish_is_verified_and_notified(
    tmp_path: Path, public: Path, nginx: Serve, hub: tuple[str, list[str]], capsys: Capture
) -> None:
    url = nginx(public / CURRENT)
    target = {"kind": "directory", "path": str(public), "url": url}
    Blog(tmp_path / "blog", target, WEBSUB_HUBS=[hub[0]]).publish()
    shown = capsys.readouterr().out
    assert "  new          /posts/a/\n" in shown
    assert f"Verifying {url} ... " in shown
    assert "https://blog.example/feeds/all.atom.xml" in hub[1]
    # From another machine: nothing is sent, and nobody is notified.
    hub[1].clear()
    before = live(public)
    Blog(tmp_path / "other", target, WEBSUB_HUBS=[hub[0]]).publish()
    assert capsys.readouterr().out.endswith("Nothing to publish\n")
    assert (live(public), hub[1]) == (before, [])


def test_publish_edit_and_rollback(blog: Blog, public: Path, capsys: Capture) -> None:
    blog.publish()
    capsys.readouterr()
    first = live(public)
    blog.write({"posts/b/index.md": post("b", "Other words.")})
    blog.publish()
    shown, edited = capsys.readouterr().out, live(public)
    changed = {path for path, data in edited.items() if first.get(path) != data}
    assert all(b"Other words" in edited[path] for path in changed - {MANIFEST})
    pages = sorted(path for path in changed if path.endswith(".html"))
    assert pages == ["posts/b/changes/index.html", "posts/b/index.html"]
    count, size = len(changed) - 1, sum(len(edited[path]) for path in changed)
    assert "  new          /posts/b/changes/\n  changed      /posts/b/\n" in shown
    assert f"  to send      {count} files, {size:,} bytes\n" in shown
    assert "  to readers   0 new entries, 1 updated, 0 sent again\n" in shown
    assert "  to readers     updated Post b\n" in shown
    blog.rollback()
    assert live(public) == first


@pytest.mark.servers
def test_publish_vanishing_address_is_refused(
    blog: Blog, public: Path, nginx: Serve, capsys: Capture
) -> None:
    blog.publish()
    before = live(public)
    (blog.content / "posts/c/index.md").unlink()
    with pytest.raises(ProblemsFound) as error:
        blog.publish()
    [problem] = error.value.problems
    assert (problem.code, problem.path) == ("vanished-address", "/posts/c/")
    assert "`Aliases: /posts/c/`" in problem.hint
    assert live(public) == before
    blog.write({"posts/b/index.md": post("b", head="Aliases: /posts/c/\n")})
    blog.publish()
    assert "  redirected   /posts/c/ -> /posts/b/\n" in capsys.readouterr().out
    url = nginx(public / CURRENT, f"include {public}/current/_redirects.nginx;")
    for address in ("/posts/c", "/posts/c/"):
        with urlopen(url + address) as response:
            assert response.url == f"{url}/posts/b/"


def test_publish_renamed_post_is_named(blog: Blog) -> None:
    blog.publish()
    (blog.content / "posts/c").rename(blog.content / "posts/d")
    with pytest.raises(ProblemsFound) as error:
        blog.publish()
    [problem] = error.value.problems
    assert problem.path == str(blog.content / "posts/d/index.md")
    assert "`Aliases: /posts/c/` to it" in problem.hint


def test_publish_allowed_deletes_are_remembered(blog: Blog, public: Path, capsys: Capture) -> None:
    blog.publish()
    (blog.content / "posts/c/index.md").unlink()
    blog.publish(allow_deletes=True)
    assert "  gone         /posts/c/\n" in capsys.readouterr().out
    assert json.loads(live(public)[MANIFEST])["addresses"]["/posts/c/"] == "gone"
    blog.publish()
    assert capsys.readouterr().out.endswith("Nothing to publish\n")


def test_publish_dry_run_changes_nothing(blog: Blog, public: Path, capsys: Capture) -> None:
    blog.publish(dry_run=True)
    assert "  new          /posts/a/\n" in capsys.readouterr().out
    assert not public.exists()
    assert not list(blog.cache.glob(".publish.*"))


def test_publish_problem_of_a_check_changes_nothing(blog: Blog, public: Path) -> None:
    blog.publish()
    before = live(public)
    blog.write({"posts/b/index.md": post("b", "[a](../nowhere/index.md)")})
    with pytest.raises(ProblemsFound):
        blog.publish()
    assert live(public) == before


def test_publish_many_resent_entries_are_refused(tmp_path: Path, public: Path) -> None:
    target = {"kind": "directory", "path": str(public)}
    blog = Blog(tmp_path / "blog", target, FEED_MAX_RESENT=1)
    blog.publish()
    before = live(public)
    blog.write({f"posts/{name}/index.md": post(name, "Other words.") for name in "bc"})
    with pytest.raises(ProblemsFound) as error:
        blog.publish()
    assert codes(error) == ["feed-resent"]
    assert live(public) == before
    blog.publish(resend=True)
    assert live(public) != before


@pytest.mark.servers
@pytest.mark.usefixtures("impatient")
def test_publish_unverified_is_notified_by_the_next_run(
    tmp_path: Path, public: Path, nginx: Serve, hub: tuple[str, list[str]]
) -> None:
    target = {"kind": "directory", "path": str(public), "url": nginx(tmp_path / "root")}
    blog = Blog(tmp_path / "blog", target, WEBSUB_HUBS=[hub[0]])
    with pytest.raises(PublishFailed) as error:
        blog.publish()
    assert codes(error) == ["release-not-live"]
    assert error.value.outcome == "the release is live"
    assert live(public)
    assert hub[1] == []
    (tmp_path / "root").symlink_to(public / CURRENT)
    blog.publish()
    assert "https://blog.example/feeds/all.atom.xml" in hub[1]
    count = len(hub[1])
    blog.publish()
    assert len(hub[1]) == count


@pytest.mark.servers
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("rollback", [False, True])
def test_publish_unverified_is_rolled_back_on_demand(
    tmp_path: Path, public: Path, nginx: Serve, rollback: bool
) -> None:
    target = {"kind": "directory", "path": str(public)}
    Blog(tmp_path / "blog", target).publish()
    before = live(public)
    # The web server goes on to serve the first release.
    url = nginx((public / CURRENT).resolve())
    blog = Blog(tmp_path / "again", {**target, "url": url})
    blog.write({"posts/b/index.md": post("b", "Other words.")})
    with pytest.raises(PublishFailed) as error:
        blog.publish(rollback_on_failure=rollback)
    assert codes(error) == ["release-not-live"]
    assert (live(public)[MANIFEST] == before[MANIFEST]) is rollback
    assert ("rolled back" in error.value.outcome) is rollback
    assert ("invoke rollback" in error.value.outcome) is not rollback


def test_publish_failed_rollback_is_reported(
    blog: Blog, public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blog.publish()
    blog.write({"posts/b/index.md": post("b", "Other words.")})
    monkeypatch.setattr(module, "verify", lambda *_: [Problem("no-404", "", 0, "")])

    def fail(*_: object) -> None:
        raise ProblemsFound([Problem("file-error", "", 0, "")])

    monkeypatch.setattr(Directory, "activate", fail)
    monkeypatch.setattr(module, "make_target", lambda *_: Directory(str(public), "http://a.test"))
    with pytest.raises(PublishFailed) as error:
        blog.publish(rollback_on_failure=True)
    assert codes(error) == ["file-error", "no-404"]
    assert error.value.outcome.startswith("the release is live")


def test_publish_closed_stdout_continues(
    blog: Blog, public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in `invoke publish | head -1`."""
    read, write = os.pipe()
    os.close(read)
    closed = os.fdopen(write, "w", buffering=1)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", closed)
        blog.publish()
    with suppress(BrokenPipeError):
        closed.close()
    assert live(public)


def test_publish_ascii_stdout_does_not_crash(
    tmp_path: Path, public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blog = Blog(tmp_path / "blog", {"kind": "directory", "path": str(public)})
    blog.write({"posts/b/index.md": post("b").replace("Post b", "Über “b”")})
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
        blog.publish()
    assert live(public)


def test_publish_interrupted_leaves_nothing(
    blog: Blog, public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> Any:
        raise KeyboardInterrupt

    deploy = (Publication, "verify_and_notify", "see invoke")
    for owner, name, outcome in ((module, "check", "nothing was changed"), deploy):
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt, match=outcome):
            patch.setattr(owner, name, interrupt)
            blog.publish()
        assert not list(blog.cache.glob(".publish.*"))
    blog.publish()  # the lock is free


def test_publish_removes_folders_of_killed_runs(blog: Blog) -> None:
    old, new = blog.cache / ".publish.1.a", blog.cache / ".publish.2.b"
    for folder in (old, new):
        folder.mkdir(parents=True)
    os.utime(old, (1, 1))
    blog.publish(dry_run=True)
    assert not old.exists()
    assert new.exists()


def test_publish_first_takes_unreadable_target_for_empty(
    blog: Blog, public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Directory) -> None:
        raise ProblemsFound([])

    monkeypatch.setattr(Directory, "current", fail)
    with pytest.raises(ProblemsFound):
        blog.publish()
    blog.publish(first=True)
    assert (public / CURRENT / MANIFEST).exists()
