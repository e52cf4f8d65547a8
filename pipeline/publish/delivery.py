"""What subscribers will get: the entries of feeds, before and after.

A reader program knows an entry by its id. One with a new id is shown as unread, also when its words
are old; one with a known id and other words or another date of change may be shown as changed.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring

from justhtml import JustHTML

from pipeline.problems import Problem

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


@dataclass(frozen=True)
class Entry:
    """An entry as a reader program compares it.

    `digest` is one of its title and words, and behind a colon the time of its last change. Neither
    markup nor addresses are in it, so that a site that moves changes none.
    """

    title: str
    url: str
    digest: str

    @property
    def words(self) -> str:
        """The part of the digest that is of the title and words."""
        return self.digest.partition(":")[0]


@dataclass(frozen=True)
class Again:
    """An entry that readers show once more: it had another id."""

    entry: Entry
    id: str
    before: str


@dataclass(frozen=True)
class Delivery:
    """What readers will show: entries that are new, changed, shown again, and no longer there."""

    new: tuple[Entry, ...] = ()
    updated: tuple[Entry, ...] = ()
    again: tuple[Again, ...] = ()
    gone: tuple[Entry, ...] = ()

    def __str__(self) -> str:
        """Return the counts and a line for each entry with its title."""
        return "\n".join([self.counts, *self.lines()])

    @property
    def counts(self) -> str:
        """In one line: `1 new entry, 0 updated, 0 sent again`."""
        entries = "entry" if len(self.new) == 1 else "entries"
        counts = f"{len(self.new)} new {entries}, {len(self.updated)} updated"
        total = f"{counts}, {len(self.again)} sent again"
        return total + (f", {len(self.gone)} gone" if self.gone else "")

    def lines(self) -> Iterator[str]:
        """Yield a line for each entry."""
        again = tuple(one.entry for one in self.again)
        parts = {"new": self.new, "updated": self.updated, "again": again, "gone": self.gone}
        for name, entries in parts.items():
            for entry in entries:
                yield f"  {name:8}{entry.title}"


def compare(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> Delivery:
    """Return what those will get who had `before`; both are entries by their ids."""
    lost = {id: entry for id, entry in before.items() if id not in after}
    by_url = {entry.url: id for id, entry in lost.items()}
    by_words = {entry.words: id for id, entry in lost.items()}
    had = {entry.url: id for id, entry in before.items()}
    new, again = [], []
    for id, entry in after.items():
        if id in before:
            # The id of another: what a post gets that was copied, or that changed ids with one.
            other = had.get(entry.url, id)
            if other != id and entry.words != before[id].words:
                again.append(Again(entry, id, other))
            continue
        was = by_url.get(entry.url) or by_words.get(entry.words)
        if was:
            again.append(Again(entry, id, was))
        else:
            new.append(entry)
    back, anew = {one.before for one in again}, {one.id for one in again}
    updated = {id: e for id, e in after.items() if before.get(id, e).digest != e.digest}
    return Delivery(
        new=tuple(new),
        updated=tuple(entry for id, entry in updated.items() if id not in anew),
        again=tuple(again),
        gone=tuple(entry for id, entry in lost.items() if id not in back),
    )


def problems(delivery: Delivery, most: int) -> Iterator[Problem]:
    """Yield what is wrong with a delivery: ids that changed, and more than `most` shown again."""
    for one in delivery.again:
        must = f"an entry must keep its id, or readers show it again: {one.entry.title}"
        yield Problem("", 0, must, one.id, f"it was {one.before}")
    count = len(delivery.updated) + len(delivery.again)
    if count > most:
        must = f"no more than {most} old entries must be sent again at once"
        yield Problem("", 0, must, str(count), "see the list; --again where it is meant")


def entries(data: bytes) -> dict[str, Entry]:
    """Return the entries of an Atom, RSS or JSON feed by their ids; none of what is no feed."""
    if data.lstrip().startswith(b"{"):
        return dict(from_json(json.loads(data)))
    try:
        root = fromstring(data)
    except ParseError:
        return {}
    return dict(from_atom(root) if root.tag == f"{ATOM}feed" else from_rss(root))


def from_atom(root: Element) -> Iterator[tuple[str, Entry]]:
    """Yield each entry of an Atom feed with its id."""
    for entry in root.iter(f"{ATOM}entry"):
        links = (e for e in entry.iter(f"{ATOM}link") if e.get("rel", "alternate") == "alternate")
        url = next((link.get("href", "") for link in links), "")
        yield (
            entry.findtext(f"{ATOM}id", ""),
            made(
                entry.findtext(f"{ATOM}title", ""),
                url,
                entry.findtext(f"{ATOM}content") or entry.findtext(f"{ATOM}summary") or "",
                entry.findtext(f"{ATOM}updated", ""),
            ),
        )


def from_rss(root: Element) -> Iterator[tuple[str, Entry]]:
    """Yield each item of an RSS feed with its id."""
    for item in root.iter("item"):
        url = item.findtext("link", "")
        yield (
            item.findtext("guid") or url,
            made(
                item.findtext("title", ""),
                url,
                item.findtext(CONTENT) or item.findtext("description") or "",
                item.findtext(f"{ATOM}updated") or item.findtext("pubDate") or "",
            ),
        )


def from_json(data: Mapping[str, Any]) -> Iterator[tuple[str, Entry]]:
    """Yield each item of a JSON feed with its id."""
    for item in data.get("items", ()):
        yield (
            str(item["id"]),
            made(
                item.get("title", ""),
                item.get("url", ""),
                item.get("content_html") or item.get("content_text", ""),
                item.get("date_modified") or item.get("date_published", ""),
            ),
        )


def made(title: str, url: str, html: str, changed: str) -> Entry:
    """Return an entry."""
    text = JustHTML(html, fragment=True, sanitize=False).root.to_text(separator=" ", strip=False)
    words = " ".join(f"{title} {text}".split())
    return Entry(title, url, f"{hashlib.sha256(words.encode()).hexdigest()[:32]}:{changed}")
