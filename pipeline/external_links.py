"""External links: which are dead, when they last worked, and where an archived copy is.

Not a part of a build: `invoke check-links`. What is known is kept in a ledger, LINKS_FILE, which
the build reads: a dead link leads to its archived copy.
"""

import json
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import quote, urldefrag, urlsplit

from pipeline import site_writer
from pipeline.assemble import archived_copies
from pipeline.check.checked_site import CheckedSite, Link
from pipeline.content.reader import Ledger, read_ledger
from pipeline.html import PageTree, facts_of
from pipeline.http_client import AGENT, BUSY, HttpClient, Response
from pipeline.problems import Problem, ProblemsFound

ARCHIVE = "https://archive.org"
MAX_ARCHIVE_BYTES = 100_000
HOSTS = 16  # that are asked at once, each for one URL at a time
SAVE_TIMEOUT = 180  # seconds; a copy is made while the request waits
PAUSE = 1.0  # seconds between two requests to one host
# The host is up but does not talk to programs or strangers; some use statuses of their own.
REFUSED = (401, 403, 405, 406, 429, 451, *range(600, 1000))
Places = Mapping[str, tuple[str, int]]


def check_external_links(
    settings_file: str, folder: Path, arguments: Sequence[str] = (), save: bool = False
) -> list[Problem]:
    """Build the site into `folder`, request every external link, and update the ledger.

    `save`: the Wayback Machine is asked to keep what it has no copy of. Returns the links that have
    moved, and the dead ones with a copy. Raises ProblemsFound with the other dead ones, or if the
    build fails or there is no network.
    """
    from pipeline.build import build

    built = build(settings_file, [*arguments, "--output", str(folder / "output")])
    templates = f"{built.settings.theme}/templates"
    facts = {
        path: facts_of(PageTree(path, html(), file.source, templates))
        for path, file in built.artifacts.items()
        if (html := file.html)
    }
    pages = {path: built.artifacts[path] for path in facts}
    site = CheckedSite(built.settings, built.site, pages, facts, lambda _path: b"")
    agent = f"Mozilla/5.0 (compatible; {AGENT}; +{site.settings.site})"
    return check_links(site, HttpClient(agent), ARCHIVE, date.today(), save)


def check_links(
    site: CheckedSite, client: HttpClient, archive: str, today: date, save: bool = False
) -> list[Problem]:
    """Do what `check_external_links` does, for a site that is built."""
    path = Path(site.settings.path, site.settings.links_file)
    ledger = read_ledger(site.settings)
    places = external_links(site, ledger)
    responses = probe_all(places, client)
    offline = places and not any(response.status for response in responses.values())
    if offline and not client.request(archive, "HEAD").status:
        message = f"no network: none of {len(places)} external links answered"
        raise ProblemsFound([Problem("no-network", "", 0, message)])
    ledger = update_ledger(ledger, responses, today)
    find_copies(ledger, client, archive)
    if save:
        save_copies(ledger, client, archive)
    # Sorted, so that its changes can be reviewed
    text = json.dumps(ledger, indent=1, sort_keys=True, ensure_ascii=False)
    path.write_text(f"{text}\n", "utf-8", newline="\n")
    moved = [
        Problem("moved-link", *places[url], f"{url} has moved to {response.url}", "update the link")
        for url, response in sorted(responses.items())
        if response.ok and response.moved_permanently
    ]
    dead = list(dead_links(places, responses, ledger))
    if any(not ledger[url].get("archived") for url, _ in dead):
        raise ProblemsFound([*(problem for _, problem in dead), *moved])
    return [*(problem for _, problem in dead), *moved]


def external_links(site: CheckedSite, ledger: Ledger) -> dict[str, tuple[str, int]]:
    """Return every URL on the pages that leads to another host, with its first place.

    Where a page leads to an archived copy it is the URL that the author wrote.
    """
    places: dict[str, tuple[str, int]] = {}
    written = {copy: url for url, copy in archived_copies(ledger).items()}
    for link in site.links:
        url = urldefrag(link.address.value.strip()).url
        url = written.get(url, url)
        if url.startswith(("http://", "https://")) and not link.target and url not in places:
            places[url] = place_of(url, link, site)
    return places


def place_of(url: str, link: Link, site: CheckedSite) -> tuple[str, int]:
    """Return where the author wrote a URL: in a text, or in the setting that a template shows."""
    if link.place[0] != site.facts[link.page].place[0]:
        for name, value in vars(site.settings).items():
            if repr(url) in repr(value):
                return site.settings.place(name)
    return link.place


def probe(url: str, client: HttpClient) -> Response:
    """Return what is at a URL, without its body."""
    response = client.request(url, "HEAD")
    if response.status >= 400 and response.status not in BUSY:  # some hosts do not support HEAD
        response = client.request(url, max_bytes=0)
    return response


def probe_all(urls: Iterable[str], client: HttpClient) -> dict[str, Response]:
    """Return the responses: many hosts at once, one request at a time to each."""
    by_host: dict[str, list[str]] = {}
    for url in sorted(urls):
        by_host.setdefault(urlsplit(url).netloc, []).append(url)

    def probe_host(urls: list[str]) -> list[tuple[str, Response]]:
        responses = []
        for number, url in enumerate(urls):
            time.sleep(PAUSE if number else 0)
            site_writer.progress(f"requesting {url}")
            responses.append((url, probe(url, client)))
        return responses

    with ThreadPoolExecutor(HOSTS) as pool:
        return dict(pair for pairs in pool.map(probe_host, by_host.values()) for pair in pairs)


def update_ledger(
    before: Mapping[str, Mapping[str, str]], responses: Mapping[str, Response], today: date
) -> Ledger:
    """Return the ledger with today's responses.

    `good` is the last good day, `failed` the first bad one since then, and `dead` the day from
    which on it counts: what may be temporary (a time-out, an error of the host) counts from its
    second day. A host that refuses to talk to programs changes nothing.
    """
    ledger: Ledger = {}
    for url, response in responses.items():
        entry = dict(before.get(url, {}))
        if response.ok:
            entry = {k: v for k, v in entry.items() if k not in ("failed", "dead")}
            entry["good"] = today.isoformat()
        elif response.status not in REFUSED:
            since = entry.setdefault("failed", today.isoformat())
            if (response.final and response.status < 500) or since < today.isoformat():
                entry.setdefault("dead", today.isoformat())
        ledger[url] = entry
    return ledger


def find_copies(ledger: Ledger, client: HttpClient, archive: str) -> None:
    """Add the archived copy of each URL to the ledger ("": there is none).

    The archive is asked once for each URL, and again if it is dead without a known copy.
    """
    for url, entry in sorted(ledger.items()):
        if entry.get("archived") or ("archived" in entry and "failed" not in entry):
            continue
        query = f"{archive}/wayback/available?url={quote(url, safe='')}"
        response = client.request(query, max_bytes=MAX_ARCHIVE_BYTES)
        if not response.ok:
            return  # the archive is down: the next run asks again
        entry["archived"] = copy_in(response.data)
        time.sleep(PAUSE)


def save_copies(ledger: Ledger, client: HttpClient, archive: str) -> None:
    """Ask the Wayback Machine to keep each URL that works and has no copy ("Save Page Now").

    With the keys of an account in the environment it takes more of them in a minute. A copy that is
    not ready at once is found by the next run.
    """
    keys = [os.environ.get(name, "") for name in ("IA_ACCESS_KEY_ID", "IA_SECRET_ACCESS_KEY")]
    headers = {"Authorization": f"LOW {':'.join(keys)}"} if all(keys) else {}
    host = archive.replace("//archive.org", "//web.archive.org")
    patient = replace(client, timeout=SAVE_TIMEOUT)
    for url, entry in sorted(ledger.items()):
        if entry.get("archived") or "failed" in entry:
            continue
        response = patient.request(f"{host}/save/{url}", headers=headers, max_bytes=0)
        if response.status in BUSY or not response.status:
            return  # the next run asks again
        place = response.headers.get("content-location", urlsplit(response.url).path)
        if response.ok and re.match(r"/web/\d{14}/", place):
            entry["archived"] = f"{host}{place}"
        elif response.ok:
            entry.pop("archived", None)
        time.sleep(PAUSE)


def copy_in(data: bytes) -> str:
    """Return the URL of a copy from a response of the availability API; "": there is none.

    https://archive.org/help/wayback_api.php
    """
    try:
        closest = json.loads(data)["archived_snapshots"].get("closest", {})
    except (ValueError, KeyError, AttributeError, TypeError):
        return ""
    url = str(closest.get("url", "")) if closest.get("available") else ""
    return url.replace("http://web.archive.org/", "https://web.archive.org/", 1)


def dead_links(
    places: Places, responses: Mapping[str, Response], ledger: Ledger
) -> Iterator[tuple[str, Problem]]:
    """Yield each URL that is dead with its problem."""
    for url, response in sorted(responses.items()):
        entry = ledger[url]
        if "dead" not in entry or response.status in REFUSED:
            continue
        known = f"{response.reason} since {entry['failed']}"
        known += f", last good {entry['good']}" if "good" in entry else ""
        copy = entry.get("archived")
        hint = f"the site links to its copy {copy}" if copy else "replace or remove it"
        yield url, Problem("dead-link", *places[url], f"dead link: {url} ({known})", hint)
