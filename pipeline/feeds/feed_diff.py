"""What subscribers get: the entries of a site's feeds, before and after a change.

A feed reader knows an entry by its id. One with a new id is shown as unread, even if its text is
old; one with a known id and another text or date of change may be shown as changed.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.feeds.feed_reader import ReadFeed, read_feed
from pipeline.html import parse_part
from pipeline.http_client import HttpClient
from pipeline.model import FEED_TYPES
from pipeline.problems import Problem, ProblemsFound
from pipeline.settings import Settings

MAX_DOCUMENTS = 1000  # of feeds that are live: more are a loop of archives


@dataclass(frozen=True)
class KnownEntry:
    """An entry as feed readers compare it, and as release manifests store it.

    `digest` is one of title and text, then a colon and the date of the last change. Markup and
    URLs are no part of it, so that a site that moves changes none.
    """

    title: str
    url: str
    digest: str

    @property
    def text_digest(self) -> str:
        """The part of the digest that is of title and text."""
        return self.digest.partition(":")[0]


@dataclass(frozen=True)
class Resent:
    """An entry that feed readers show once more, because it had another id."""

    entry: KnownEntry
    id: str
    former_id: str


@dataclass(frozen=True)
class FeedDiff:
    """What feed readers show: new entries, changed ones, some once more, and which are gone."""

    new: tuple[KnownEntry, ...] = ()
    updated: tuple[KnownEntry, ...] = ()
    resent: tuple[Resent, ...] = ()
    removed: tuple[KnownEntry, ...] = ()

    def __str__(self) -> str:
        """Return a line with the counts, and one for each entry with its title."""
        resent = [one.entry for one in self.resent]
        counts = (
            f"{len(self.new)} new {'entry' if len(self.new) == 1 else 'entries'}, "
            f"{len(self.updated)} updated, {len(resent)} sent again"
        )
        counts += f", {len(self.removed)} removed" if self.removed else ""
        parts = {"new": self.new, "updated": self.updated, "again": resent, "removed": self.removed}
        lines = (f"  {name:8}{entry.title}" for name, found in parts.items() for entry in found)
        return "\n".join([counts, *lines])


def compare_entries(before: Mapping[str, KnownEntry], after: Mapping[str, KnownEntry]) -> FeedDiff:
    """Return what those get who have `before`; both are entries by their ids."""
    lost = {id: entry for id, entry in before.items() if id not in after}
    lost_urls = {entry.url: id for id, entry in lost.items()}
    lost_texts = {entry.text_digest: id for id, entry in lost.items()}
    urls = {entry.url: id for id, entry in before.items()}
    new, resent, updated = [], [], []
    for id, entry in after.items():
        if id not in before:
            if former := lost_urls.get(entry.url) or lost_texts.get(entry.text_digest):
                resent.append(Resent(entry, id, former))
            else:
                new.append(entry)
            continue
        # The id of another entry: that of a copied post, or exchanged between two posts.
        former = urls.get(entry.url, id)
        if former != id and entry.text_digest != before[id].text_digest:
            resent.append(Resent(entry, id, former))
        elif entry.digest != before[id].digest:
            updated.append(entry)
    back = {one.former_id for one in resent}
    removed = (entry for id, entry in lost.items() if id not in back)
    return FeedDiff(tuple(new), tuple(updated), tuple(resent), tuple(removed))


def diff_problems(diff: FeedDiff, settings: Settings) -> Iterator[Problem]:
    """Yield a problem for each changed id, and one when too many entries are sent again."""
    for one in diff.resent:
        message = f"feed readers show an entry again, its id changed: {one.entry.title}"
        hint = f"the id is {one.id}, it was {one.former_id}"
        yield Problem("feed-id-changed", one.entry.url, 0, message, hint)
    count = len(diff.updated) + len(diff.resent)
    if count > settings.feed_max_resent:
        message = f"feeds send {count} old entries again, the limit is {settings.feed_max_resent}"
        yield Problem("feed-resent", *settings.place("FEED_MAX_RESENT"), message, "or use --resend")


def known_entries(feeds: Iterable[ReadFeed]) -> dict[str, KnownEntry]:
    """Return the entries of feeds by their ids; where two have an id, the first."""
    found: dict[str, KnownEntry] = {}
    for entry in (entry for feed in feeds for entry in feed.entries):
        if entry.id not in found:
            words = " ".join([entry.title, *parse_part(entry.html).strings]).split()
            digest = hashlib.sha256(" ".join(words).encode()).hexdigest()[:32]
            found[entry.id] = KnownEntry(entry.title, entry.url, f"{digest}:{entry.date}")
    return found


def entries_at(place: str, settings: Settings) -> dict[str, KnownEntry]:
    """Return the entries of all feeds of a site: of a folder, or of the URL of a live site.

    `settings` say where a live site has its feeds. Raises ProblemsFound.
    """
    if not re.match("https?://", place):
        if not Path(place).is_dir():
            raise ProblemsFound([Problem("feed-diff", place, 0, "not a folder or URL of a site")])
        return entries_in(Path(place))
    left, feeds = [], dict[str, ReadFeed]()
    for kind in ("feed_all", "quotes_feed"):
        paths = filter(None, (getattr(settings, f"{kind}_{form}") for form in FEED_TYPES))
        left += [f"{place.rstrip('/')}/{path}" for path in [*paths][:1]]
    while left and len(feeds) < MAX_DOCUMENTS:
        url = left.pop()
        if url not in feeds:
            feeds[url] = feed = _read_live(url)
            left += filter(None, [feed.link("prev-archive")])
    return known_entries(feeds.values())


def entries_in(folder: Path) -> dict[str, KnownEntry]:
    """Return the entries of all feeds in a built site, with their archives."""
    for pattern in ("*.atom.xml", "*.xml", "*.json"):
        paths = sorted(folder.rglob(pattern))
        if found := known_entries(read_feed(path.read_bytes(), str(path)) for path in paths):
            return found
    return {}


def _read_live(url: str) -> ReadFeed:
    response = HttpClient(timeout=10).request(url)
    feed = read_feed(response.data, url)
    if not response.ok or not feed.format:
        cause = "; ".join(feed.problems) if response.ok else response.reason
        problem = Problem("feed-diff", url, 0, f"not a feed: {cause}", "is the site published?")
        raise ProblemsFound([problem])
    return feed
