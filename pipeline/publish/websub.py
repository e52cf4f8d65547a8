"""WebSub (w3.org/TR/websub, 5 and 7): hubs are notified when feeds have changed.

The specification leaves open how; all hubs take a form with `hub.mode=publish` and the topic as
`hub.url`, as in PubSubHubbub 0.4.
"""

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from pipeline.feeds.feed_reader import read_feed
from pipeline.http_client import HttpClient
from pipeline.problems import Problem

THREADS = 8
CLIENT = HttpClient(timeout=5, busy=(408, 425, 429, *range(500, 600)), retry_errors=True)


class Ping(NamedTuple):
    """A notification: the URL of a hub, and that of a feed."""

    hub: str
    topic: str


def send_pings(pending: Path, client: HttpClient = CLIENT) -> list[Problem]:
    """Send the queued pings. Failed ones stay in the file `pending` until the next release.

    Returns a problem for each hub that failed; raises nothing, since the release is live already.
    """

    def send(ping: Ping) -> str:
        form = {"hub.mode": "publish", "hub.url": ping.topic}
        response = client.request(ping.hub, "POST", form=form)
        return "" if response.ok else response.reason

    pings = read_queue(pending)
    with ThreadPoolExecutor(THREADS) as threads:
        reasons = zip(pings, threads.map(send, pings), strict=True)
        failed = {ping: reason for ping, reason in reasons if reason}
    write_queue(pending, failed)
    by_hub = {ping.hub: reason for ping, reason in failed.items()}
    hint = "it is notified again at the next publish"
    return [
        Problem("websub-hub", hub, 0, f"hub not notified: {reason}", hint)
        for hub, reason in sorted(by_hub.items())
    ]


def queue_pings(hubs: Iterable[str], topics: Iterable[str], pending: Path) -> list[Ping]:
    """Write down which hubs to notify of which topics, before the release; return all of them.

    So the next run sends what this one cannot. Pings of earlier releases stay in the file
    `pending`, except for hubs that are no longer configured.
    """
    hubs, topics = set(hubs), set(topics)
    earlier = {ping for ping in read_queue(pending) if ping.hub in hubs}
    pings = sorted(earlier | {Ping(hub, topic) for hub in hubs for topic in topics})
    write_queue(pending, pings)
    return pings


def read_queue(pending: Path) -> list[Ping]:
    """Return the queued pings; a file that is missing or damaged has none."""
    try:
        return [Ping(hub, topic) for hub, topic in json.loads(pending.read_text("utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def write_queue(pending: Path, pings: Iterable[Ping]) -> None:
    """Write the queue; an empty one has no file."""
    if found := sorted(pings):
        pending.parent.mkdir(parents=True, exist_ok=True)
        pending.write_text(f"{json.dumps(found, indent=1)}\n", "utf-8")
    else:
        pending.unlink(missing_ok=True)


def topics_in(folder: Path, changed: Iterable[str]) -> list[str]:
    """Return the URLs of the feeds among the changed files of a built folder.

    Archives are no topics, since nobody subscribes to them; the copy of a feed at an earlier
    address has the topic of that feed.
    """
    files = (folder / path for path in changed if path.endswith((".xml", ".json")))
    topics = {read_feed(file.read_bytes(), file.name).topic for file in files if file.is_file()}
    return sorted(topics - {""})
