"""What a feed is, whatever the format: plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

# The formats, in the order in which a reader program takes the first that it knows.
ATOM, RSS, JSON = "atom", "rss", "json"
TYPES = {
    ATOM: "application/atom+xml",
    RSS: "application/rss+xml",
    JSON: "application/feed+json",
}
LABELS = {ATOM: "Atom", RSS: "RSS", JSON: "JSON Feed"}
# A feed without entries has no date of its own, and must say one.
NO_DAY = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    """One entry. `title` and `summary` are plain text, `html` has absolute addresses alone.

    `id` is a tag URI for life, `url` where the entry is now. `published` and `updated` know their
    time zone; `updated` is what the author says, or None. `lang` is None where it is the feed's.
    """

    id: str
    url: str
    title: str
    summary: str
    html: str
    author: str
    published: datetime
    updated: datetime | None = None
    tags: tuple[str, ...] = ()
    lang: str | None = None

    @property
    def day(self) -> datetime:
        """When it changed last, as readers are told."""
        return self.updated or self.published


@dataclass(frozen=True)
class Feed:
    """A feed in all its formats.

    `id` is a tag URI for life. `home` is the address of the page whose feed it is, and `paths` the
    output file for each format, both below the site's own. `entries`: the newest first.
    """

    id: str
    title: str
    description: str
    home: str
    paths: Mapping[str, str]
    entries: tuple[Entry, ...] = ()

    @property
    def links(self) -> list[tuple[str, str, str]]:
        """For templates: each format's label, media type and path."""
        return [(LABELS[form], TYPES[form], path) for form, path in self.paths.items()]


@dataclass(frozen=True)
class Publisher:
    """What all feeds of a site say alike.

    `url` is the site's address and ends in "/"; `icon` (small and square, any format), `logo` (a
    larger PNG) and `stylesheet` are paths below it, or empty; `tags` is the path of the list of
    tags, which makes tags of this site's no other's.
    """

    url: str
    language: str
    author: str
    icon: str = ""
    logo: str = ""
    stylesheet: str = ""
    tags: str = ""
    hubs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """One file of a feed: the newest entries, or an archive (RFC 5005, 4).

    `links` are the paths of the documents that it leads to, by their relations; "self" is its own.
    """

    feed: Feed
    entries: tuple[Entry, ...]
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_archive(self) -> bool:
        """Whether it holds old entries, and not the newest."""
        return "current" in self.links

    @property
    def path(self) -> str:
        """Its output file."""
        return self.links["self"]

    @property
    def day(self) -> datetime:
        """When it changed last: the last day of its entries, whatever the clock says."""
        return max((entry.day for entry in self.entries), default=NO_DAY)
