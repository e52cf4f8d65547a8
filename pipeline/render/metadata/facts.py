"""The facts of a page, gathered once, and the elements of its head that repeat them."""

import locale
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from re import sub
from typing import NamedTuple
from urllib.parse import urlsplit

LARGE = "summary_large_image"
X = ("x.com", "twitter.com")


class Site(NamedTuple):
    """What all pages share: `url` ends in "/", `author_url` is where the author is described."""

    name: str
    url: str
    description: str
    language: str
    author: str
    author_url: str
    profiles: tuple[str, ...] = ()


class Card(NamedTuple):
    """The picture that stands for a page where its address is shared; `url` is absolute."""

    url: str
    width: int
    height: int
    alt: str
    type: str = "image/png"


class Step(NamedTuple):
    """A page above a page."""

    name: str
    url: str


class Facts(NamedTuple):
    """One page. `title` and `description` are plain text.

    `kind` is home, list, post, page or profile (the page about the author); `url` is absolute, and
    empty for a page that is shown at any address, which has no card either; `indexed` says whether
    search engines may list it; `published` and `modified` have their offsets; `above` are the
    pages above it; `listed` the addresses of the posts that a list has.
    """

    kind: str
    url: str
    title: str
    description: str
    language: str
    indexed: bool = True
    card: Card | None = None
    published: datetime | None = None
    modified: datetime | None = None
    reviewed: datetime | None = None
    tags: tuple[str, ...] = ()
    words: int = 0
    above: tuple[Step, ...] = ()
    listed: tuple[str, ...] = ()


class Head(NamedTuple):
    """What the template of a page's head puts down.

    `names` and `properties` are those of `<meta>` with their contents; `json_ld` is empty where
    there is none.
    """

    title: str
    description: str
    canonical: str
    robots: str
    names: list[tuple[str, str]]
    properties: list[tuple[str, str]]
    json_ld: str


def plain(html: str) -> str:
    """Return a title or summary, which is HTML, as plain text."""
    return " ".join(unescape(sub(r"<[^>]+>", "", html)).split())


def full_title(facts: Facts, site: Site) -> str:
    """Return the title of the browser's window."""
    return facts.title if facts.title == site.name else f"{facts.title} · {site.name}"


def open_graph(facts: Facts, site: Site) -> Iterator[tuple[str, str]]:
    """Yield properties and contents (the Open Graph protocol, ogp.me), for a page with a card."""
    if not facts.card:
        return
    article = facts.kind == "post"
    yield "og:type", "article" if article else "profile" if facts.kind == "profile" else "website"
    yield "og:title", facts.title
    yield "og:description", facts.description
    yield "og:url", facts.url
    yield "og:site_name", site.name
    if place := territory(facts.language):
        yield "og:locale", place
    yield "og:image", facts.card.url
    yield "og:image:type", facts.card.type
    yield "og:image:width", str(facts.card.width)
    yield "og:image:height", str(facts.card.height)
    yield "og:image:alt", facts.card.alt
    if article and facts.published:
        yield "article:published_time", facts.published.isoformat()
        yield "article:modified_time", (facts.modified or facts.published).isoformat()
        yield "article:author", site.author_url
        yield from (("article:tag", tag) for tag in facts.tags)


def names(facts: Facts, site: Site) -> Iterator[tuple[str, str]]:
    """Yield the names and contents of other `<meta>`: the author, and X's own where it differs."""
    yield "author", site.author
    if facts.card:
        yield "twitter:card", LARGE
        yield "twitter:image:alt", facts.card.alt
        yield from (("twitter:creator", name) for name in map(x_name, site.profiles) if name)


def x_name(profile: str) -> str:
    """Return the `@name` that a profile's address at X is for, or nothing."""
    url = urlsplit(profile)
    host = (url.hostname or "").removeprefix("www.")
    return f"@{url.path.strip('/')}" if host in X else ""


def territory(language: str) -> str:
    """Return a language tag as Open Graph wants it: `en` is en_US; empty where none is usual."""
    usual = locale.normalize(language.replace("-", "_")).partition(".")[0]
    return usual if "_" in usual else ""
