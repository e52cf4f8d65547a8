"""Hubs that are told when feeds have changed (WebSub, w3.org/TR/websub, 5 and 7).

The specification leaves open how a hub is told; all take a form with `hub.mode=publish` and the
topic as `hub.url`, as PubSubHubbub 0.4 had it.
"""

import json
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from pipeline.problems import Problem
from pipeline.publish.feeds import topic_of

TOGETHER = 8
BUSY = (408, 425, 429)


class Ping(NamedTuple):
    """That a hub is to be told of a topic: the address of a feed."""

    hub: str
    topic: str


class Patience(NamedTuple):
    """How long a hub is waited for: seconds for an answer, tries, seconds before the second try.

    Each further try waits twice as long.
    """

    answer: float = 5
    tries: int = 3
    again: float = 1


PATIENCE = Patience()


def ping(
    hubs: Iterable[str], topics: Iterable[str], pending: Path, patience: Patience = PATIENCE
) -> list[Problem]:
    """Tell each hub of each topic, and of what it could not be told the last time.

    `pending` is the file that remembers until the next time what a hub was not told. Returns a
    problem for each hub that did not answer; raises nothing, for the release is live already.
    """
    pings = due(hubs, topics, pending)
    with ThreadPoolExecutor(TOGETHER) as threads:
        answers = threads.map(lambda one: tell(one, patience), pings)
        failed = {one: answer for one, answer in zip(pings, answers, strict=True) if answer}
    remember(pending, failed)
    must, fix = "a hub of WEBSUB_HUBS must answer", "it is told again at the next publish"
    by_hub: Mapping[str, str] = {one.hub: answer for one, answer in reversed(failed.items())}
    return [Problem("", 0, must, f"{hub}: {why}", fix) for hub, why in sorted(by_hub.items())]


def due(hubs: Iterable[str], topics: Iterable[str], pending: Path) -> list[Ping]:
    """Return what the hubs are to be told: of the topics, and what they were not told before."""
    hubs, topics = set(hubs), set(topics)
    old = {one for one in recall(pending) if one.hub in hubs}
    return sorted(old | {Ping(hub, topic) for hub in hubs for topic in topics})


def expect(hubs: Iterable[str], topics: Iterable[str], pending: Path) -> None:
    """Write down what the hubs are to be told: by the next run, where this one ends before."""
    remember(pending, due(hubs, topics, pending))


def tell(one: Ping, patience: Patience) -> str:
    """Tell a hub of a topic; return why not, or an empty text."""
    answer = ""
    for number in range(patience.tries):
        if number:
            time.sleep(patience.again * 2 ** (number - 1))
        answer, final = send(one, patience.answer)
        if not answer or final:
            break
    return answer


def send(one: Ping, timeout: float) -> tuple[str, bool]:
    """Send one form; return what went wrong, if anything, and whether it will again."""
    form = urlencode({"hub.mode": "publish", "hub.url": one.topic}).encode()
    try:
        request = Request(one.hub, form, {"User-Agent": "bens-blog"})
        with urlopen(request, timeout=timeout):
            return "", True
    except HTTPError as error:
        error.close()
        return f"{error.code} {error.reason}", error.code not in BUSY and error.code < 500
    except (URLError, OSError, ValueError) as error:
        return str(getattr(error, "reason", error)), isinstance(error, ValueError)


def recall(pending: Path) -> list[Ping]:
    """Return what hubs were not told; nothing from a file that cannot be read."""
    try:
        return [Ping(hub, topic) for hub, topic in json.loads(pending.read_text("utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def remember(pending: Path, failed: Iterable[Ping]) -> None:
    """Write down what hubs were not told; without anything there is no file."""
    left = sorted(failed)
    if not left:
        pending.unlink(missing_ok=True)
        return
    pending.parent.mkdir(parents=True, exist_ok=True)
    pending.write_text(json.dumps(left, indent=1) + "\n", "utf-8")


def topics_in(folder: Path, changed: Iterable[str]) -> list[str]:
    """Return the addresses of the feeds among the files of a site that have changed.

    `changed` are paths in `folder`. Archives are no topics, for nobody subscribes to them, and a
    feed at an older address is the one at its own.
    """
    feeds = (folder / path for path in changed if path.endswith((".xml", ".json")))
    found = (topic_of(path.read_bytes()) for path in feeds if path.is_file())
    return sorted({address for address in found if address})
