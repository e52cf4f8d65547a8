from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from pipeline.http_client import HttpClient
from pipeline.publish.post_deploy import Ping, queue_pings, send_pings, topics_in
from tests.loopback import Answer, Host, serving

ATOM, JSON = "https://example.org/feeds/all.atom.xml", "https://example.org/feeds/all.json"
CLIENT = HttpClient(timeout=2, busy=(429, 500, 503), retry_errors=True, backoff=0)


class Hub:
    """Answers with the statuses in `failing`, then with 202."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.failing: list[int] = []

    def __call__(self, _method: str, _path: str, body: bytes) -> Answer:
        form = parse_qs(body.decode())
        assert form["hub.mode"] == ["publish"]
        self.received += form["hub.url"]
        return (self.failing.pop(0) if self.failing else 202), {}, b""


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def host(hub: Hub) -> Iterator[Host]:
    with serving(hub) as host:
        yield host


@pytest.fixture
def pending(tmp_path: Path) -> Path:
    return tmp_path / "cache/websub.json"


def send(hubs: list[str], topics: list[str], pending: Path) -> list[tuple[str, str]]:
    queue_pings(hubs, topics, pending)
    return [(problem.code, problem.path) for problem in send_pings(pending, CLIENT)]


def test_send_pings_notifies_each_hub_once_of_each_topic(
    host: Host, hub: Hub, pending: Path
) -> None:
    assert send([host.url, host.url], [ATOM, JSON, ATOM], pending) == []
    assert sorted(hub.received) == [ATOM, JSON]
    assert not pending.exists()


def test_send_pings_without_hubs_sends_nothing(pending: Path) -> None:
    assert queue_pings([], [ATOM], pending) == []
    assert send_pings(pending) == []
    assert not pending.exists()


@pytest.mark.parametrize(("failing", "count", "failed"), [([503, 429], 3, 0), ([400], 1, 1)])
def test_send_pings_retries_a_busy_hub_but_not_one_that_refuses(
    host: Host, hub: Hub, pending: Path, failing: list[int], count: int, failed: int
) -> None:
    hub.failing = failing
    assert send([host.url], [ATOM], pending) == [("websub-hub", host.url)] * failed
    assert len(hub.received) == count


def test_send_pings_sends_what_failed_with_the_next_release(
    host: Host, hub: Hub, pending: Path
) -> None:
    hub.failing = [500] * 3
    assert len(send([host.url], [ATOM], pending)) == 1
    assert pending.exists()
    hub.received.clear()
    assert send([host.url], [JSON], pending) == []
    assert sorted(hub.received) == [ATOM, JSON]


def test_send_pings_hub_that_is_down_blocks_no_other(host: Host, hub: Hub, pending: Path) -> None:
    hubs = ["http://127.0.0.1:1/", "no address", host.url]
    assert send(hubs, [ATOM], pending) == [("websub-hub", url) for url in hubs[:2]]
    assert hub.received == [ATOM]
    # Pings for hubs that are no longer configured are dropped.
    assert queue_pings([host.url], [], pending) == []
    assert not pending.exists()


@pytest.mark.parametrize("text", ["{", "[1]", '["a"]', "{}"])
def test_queue_pings_damaged_queue_is_an_empty_one(pending: Path, text: str) -> None:
    pending.parent.mkdir()
    pending.write_text(text)
    assert queue_pings(["https://hub/"], [ATOM], pending) == [Ping("https://hub/", ATOM)]


def test_topics_in_has_subscribable_feeds_among_the_changed_files(tmp_path: Path) -> None:
    atom = '<feed xmlns="http://www.w3.org/2005/Atom">{}</feed>'
    self_link, current = f'<link rel="self" href="{ATOM}"/>', f'<link rel="current" href="{ATOM}"/>'
    files = {
        "all.atom.xml": atom.format(self_link),
        "atom.xml": atom.format(self_link),
        "archive.atom.xml": atom.format(self_link.replace("all", "2") + current),
        "all.json": f'{{"version": "https://jsonfeed.org/version/1.1", "feed_url": "{JSON}"}}',
        "quotes.json": "[]",
        "broken.json": "{ not JSON",
        "page.xml": "<html",
        "unchanged.json": '{"version": "https://jsonfeed.org/version/1.1", "feed_url": "x"}',
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "latin.json").write_bytes(b"{\xff}")
    changed = (files.keys() - {"unchanged.json"}) | {"latin.json", "gone.xml", "index.html"}
    assert topics_in(tmp_path, changed) == [ATOM, JSON]
