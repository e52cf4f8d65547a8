"""After a deployment: what visitors get is verified, and hubs are notified.

WebSub (w3.org/TR/websub, 5 and 7) leaves open how; all hubs take a form with `hub.mode=publish` and
the topic as `hub.url`, as in PubSubHubbub 0.4.
"""

import hashlib
import json
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from pipeline.feeds.feed_reader import read_feed
from pipeline.html import attribute, parse_page
from pipeline.http_client import HttpClient, Response
from pipeline.problems import Problem
from pipeline.publish.release import ASSETS, LIVE, MANIFEST, Release, address_of

PAUSE = 2.0  # seconds between two requests while the host still shows the last release
THREADS = 8
VISITOR = HttpClient()
PINGER = HttpClient(timeout=5, busy=(408, 425, 429, *range(500, 600)), retry_errors=True)


def verify(
    release: Release,
    url: str,
    newest: str,
    propagation_timeout: float,
    client: HttpClient = VISITOR,
) -> list[Problem]:
    """Return a problem for each thing that visitors at `url` do not get as it was deployed.

    `newest` is the address of the newest post ("": there is none), `propagation_timeout` the
    seconds that the host may take to show a release.
    """
    url = url.rstrip("/")

    def get(address: str) -> Response:
        """Return what the host sends, past its caches where they allow it."""
        return client.request(url + address, headers={"Cache-Control": "no-cache"}, follow=False)

    def found(code: str, address: str, message: str, hint: str = "") -> Problem:
        return Problem(code, url + address, 0, message, hint)

    end = time.monotonic() + propagation_timeout
    while (response := get(f"/{MANIFEST}")).data != release.manifest.data:
        if time.monotonic() + PAUSE > end:
            reason = "another release" if response.ok else response.reason
            message = f"the release is not live: {reason}"
            return [found("release-not-live", f"/{MANIFEST}", message)]
        time.sleep(PAUSE)
    problems = []
    for path in main_files(release, newest):
        response = get(address_of(path))
        if not response.ok or digest(response) != release.manifest.files[path]:
            reason = "other content" if response.ok else response.reason
            message = f"the file is not as it was deployed: {reason}"
            problems.append(found("file-differs", address_of(path), message))
    unknown = f"/no-such-page-{release.manifest.id}/"
    if (response := get(unknown)).status != 404:
        message = f"expected status 404 for a page that does not exist, found {response.reason}"
        problems.append(found("no-404", unknown, message, "configure 404.html as the error page"))
    redirects = {a: to for a, to in release.manifest.addresses.items() if to.startswith("/")}
    for address in sorted(redirects)[:1]:
        # The host may redirect itself, or send the page or copied file that is at the old address.
        response = get(address)
        if urlsplit(response.location).path == urlsplit(f"{url}{address}/").path:
            response = get(f"{address}/")  # the folder that has the page
        leads = urlsplit(response.location).path == urlsplit(url + redirects[address]).path
        bare = address.strip("/")
        pages = {release.manifest.files.get(path) for path in (bare, f"{bare}/index.html")}
        if not leads and digest(response) not in pages:
            reason = response.location or response.reason
            message = f"expected a redirect to {redirects[address]}, found {reason}"
            problems.append(found("redirect-differs", address, message))
    return problems


def digest(response: Response) -> str:
    """Return the SHA-256 of a body."""
    return hashlib.sha256(response.data).hexdigest()


def main_files(release: Release, newest: str) -> list[str]:
    """Return the paths of home, the newest post, what both load, and the feeds that they name."""
    files = release.manifest.files
    pages = [f"{page}index.html".lstrip("/") for page in ("/", newest) if page]
    found = [path for path in pages if path in files]
    for page in tuple(found):
        tree = parse_page((release.folder / page).read_text("utf-8"))
        for element in tree.iter_elements():
            if element.tag not in ("link", "img", "source", "script"):
                continue
            address = attribute(element, "href") or attribute(element, "src")
            path = urlsplit(urljoin(f"/{page}", address)).path.lstrip("/")
            is_feed = "alternate" in attribute(element, "rel").split()
            if path in files and (is_feed or ASSETS.fullmatch(path)):
                found.append(path)
    return list(dict.fromkeys(found))


def newest_post(release: Release, article_url: str) -> str:
    """Return the address of the newest post, the last by its name; `article_url`: ARTICLE_URL."""
    start = f"/{article_url.partition('{')[0]}"
    live = [address for address, state in release.manifest.addresses.items() if state == LIVE]
    return max((a for a in live if a.startswith(start) and a != start), default="")


# --- WebSub


class Ping(NamedTuple):
    """A notification: the URL of a hub, and that of a feed."""

    hub: str
    topic: str


def send_pings(pending: Path, client: HttpClient = PINGER) -> list[Problem]:
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
