"""Feeds as they are published: in a folder that was built, or live."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen
from xml.etree.ElementTree import ParseError, fromstring

from pipeline.problems import Problem, ProblemsFound
from pipeline.publish.delivery import ATOM, Entry, entries

TIMEOUT = 10  # seconds
ARCHIVES = 1000  # more than these are a circle


def of(place: str, settings: Mapping[str, Any]) -> dict[str, Entry]:
    """Return the entries of all feeds of a site: of a folder, or of an address where one is live.

    `settings` say where a site has its feeds. Raises ProblemsFound.
    """
    if not re.match("https?://", place):
        if not Path(place).is_dir():
            must = "must be the folder of a site, or an address"
            raise ProblemsFound([Problem(place, 0, must, "no folder")])
        return of_folder(Path(place))
    names = ("FEED_ALL_ATOM", "QUOTES_FEED_ATOM")
    return of_addresses(f"{place.rstrip('/')}/{settings[name]}" for name in names)


def of_folder(folder: Path) -> dict[str, Entry]:
    """Return the entries of all feeds in a built site, archives too."""
    found: dict[str, Entry] = {}
    for pattern in ("*.atom.xml", "*.xml"):
        for path in sorted(folder.rglob(pattern)):
            found = entries(path.read_bytes()) | found
        if found:
            break
    return found


def of_addresses(addresses: Iterable[str]) -> dict[str, Entry]:
    """Return the entries of feeds that are live, with those of their archives.

    Raises ProblemsFound when one cannot be read.
    """
    found: dict[str, Entry] = {}
    left, seen = list(addresses), set[str]()
    while left and len(seen) < ARCHIVES:
        address = left.pop()
        seen.add(address)
        data = fetch(address)
        try:
            found = entries(data) | found
            left += [older for older in older_of(data) if older not in seen]
        except (ParseError, ValueError) as error:
            raise unreadable(address, str(error)) from None
    return found


def older_of(data: bytes) -> Iterator[str]:
    """Yield the address of the archive before a document of a feed (RFC 5005, 4)."""
    if data.lstrip().startswith(b"{"):
        address = json.loads(data).get("next_url")
        yield from [address] if address else []
        return
    for link in fromstring(data).iter(f"{ATOM}link"):
        if link.get("rel") == "prev-archive":
            yield link.get("href", "")


def topic_of(data: bytes) -> str:
    """Return the address that a feed says it has; nothing for an archive, or for no feed."""
    try:
        if data.lstrip().startswith(b"{"):
            content = json.loads(data)
            is_feed = "jsonfeed.org" in str(content.get("version"))
            return str(content.get("feed_url", "")) if is_feed else ""
        root = fromstring(data)
    except (ParseError, ValueError):
        return ""
    top = root if root.tag == f"{ATOM}feed" else root.find("channel")
    links = (
        {} if top is None else {e.get("rel"): e.get("href", "") for e in top.findall(f"{ATOM}link")}
    )
    return "" if "current" in links else links.get("self", "")


def fetch(address: str) -> bytes:
    """Return what is at an address. Raises ProblemsFound."""
    try:
        with urlopen(Request(address, headers={"User-Agent": "bens-blog"}), timeout=TIMEOUT) as got:
            return bytes(got.read())
    except (URLError, OSError, ValueError) as error:
        raise unreadable(address, str(getattr(error, "reason", error))) from None


def unreadable(address: str, why: str) -> ProblemsFound:
    """Return what is wrong with a feed that is live, to be raised."""
    return ProblemsFound(
        [Problem(address, 0, "must be a feed that can be read", why, "is it published?")]
    )
