"""Hubs are told, over loopback: a hub of the test's own."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from pipeline.publish.websub import Patience, ping, topics_in
from tests.conftest import POST, TinySite

ATOM, JSON = "https://example.org/feeds/all.atom.xml", "https://example.org/feeds/all.json"
QUICK = Patience(answer=2, tries=3, again=0.01)


class Hub:
    """A hub that gives the answers that it is told to, then 202."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.answers: list[int] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                form = parse_qs(self.rfile.read(length).decode())
                hub.told.append((form["hub.mode"][0], form["hub.url"][0]))
                self.send_response(hub.answers.pop(0) if hub.answers else 202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub()
    yield hub
    hub.stop()


@pytest.fixture
def pending(tmp_path: Path) -> Path:
    return tmp_path / "cache/websub.json"


def test_a_hub_is_told_of_each_topic_once(hub: Hub, pending: Path) -> None:
    assert ping([hub.url, hub.url], [ATOM, JSON, ATOM], pending, QUICK) == []
    assert sorted(hub.told) == [("publish", ATOM), ("publish", JSON)]
    assert not pending.exists()


def test_without_hubs_nothing_happens(pending: Path) -> None:
    assert ping([], [ATOM], pending, QUICK) == []


def test_a_busy_hub_is_asked_again(hub: Hub, pending: Path) -> None:
    hub.answers = [503, 429]
    assert ping([hub.url], [ATOM], pending, QUICK) == []
    assert len(hub.told) == 3


def test_a_hub_that_refuses_is_not_asked_again_and_again(hub: Hub, pending: Path) -> None:
    hub.answers = [400]
    [problem] = ping([hub.url], [ATOM], pending, QUICK)
    assert str(problem) == (
        f"the site: a hub of WEBSUB_HUBS must answer: {hub.url}: 400 Bad Request "
        "(it is told again at the next publish)"
    )
    assert len(hub.told) == 1


def test_what_a_hub_missed_it_is_told_the_next_time(hub: Hub, pending: Path) -> None:
    hub.answers = [500] * 3
    assert len(ping([hub.url], [ATOM], pending, QUICK)) == 1
    assert pending.exists()
    hub.told.clear()
    assert ping([hub.url], [JSON], pending, QUICK) == []
    assert sorted(hub.told) == [("publish", ATOM), ("publish", JSON)]
    assert not pending.exists()


def test_a_hub_that_is_down_delays_no_other(hub: Hub, pending: Path) -> None:
    dead = Hub()
    dead.stop()
    [problem] = ping([dead.url, hub.url, "no address"], [ATOM], pending, QUICK)[:1]
    assert dead.url in str(problem)
    assert hub.told == [("publish", ATOM)]
    # A hub that is no longer configured is told nothing more.
    assert ping([hub.url], [], pending, QUICK) == []
    assert not pending.exists()


def test_a_broken_memory_is_no_memory(hub: Hub, pending: Path) -> None:
    pending.parent.mkdir()
    pending.write_text("{")
    assert ping([hub.url], [ATOM], pending, QUICK) == []


def test_what_is_no_feed_is_no_topic(tmp_path: Path) -> None:
    files = {"a.json": b"{ not JSON", "b.xml": b"<html", "c.json": b"{\xff}", "d.json": b"{}"}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    assert topics_in(tmp_path, files) == []


def test_topics_are_the_feeds_that_one_subscribes_to(tiny: TinySite) -> None:
    posts = {f"posts/{name}.md": POST for name in "abc"}
    tiny.write(posts)
    tiny.build("-e", "FEED_MAX_ITEMS=1", 'WEBSUB_HUBS=["https://hub.example/"]')
    changed = [path.relative_to(tiny.output).as_posix() for path in tiny.output.rglob("*.*")]
    assert "feeds/all/2.atom.xml" in changed
    site = "http://127.0.0.1:8000/feeds"
    names = [f"{site}/{name}" for name in ("all", "tags/robotics")]
    expected = [f"{name}.{kind}" for name in names for kind in ("atom.xml", "json", "rss.xml")]
    assert topics_in(tiny.output, changed) == sorted(expected)
    for kind in ("atom.xml", "rss.xml", "json"):
        assert "https://hub.example/" in tiny.page(f"feeds/all.{kind}")
