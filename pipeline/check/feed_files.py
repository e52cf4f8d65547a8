"""The feeds of a built site as the checks see them, and what their formats ask for.

Atom: RFC 4287, 4.1 and 4.2. RSS 2.0: rssboard.org/rss-specification and its profile. JSON Feed 1.1:
jsonfeed.org/version/1.1.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
ONE, MAYBE, ANY = (1, 1), (0, 1), (0, 1000)
Counts = Mapping[str, tuple[int, int]]
# How often each element may stand in a feed and in an entry
ATOM_FEED: Counts = {
    **dict.fromkeys(("id", "title", "updated"), ONE),
    **dict.fromkeys(("subtitle", "icon", "logo", "rights", "generator"), MAYBE),
    **dict.fromkeys(("link", "author", "contributor", "category", "entry"), ANY),
}
ATOM_ENTRY: Counts = {
    **dict.fromkeys(("id", "title", "updated", "content"), ONE),
    **dict.fromkeys(("published", "summary", "rights", "source"), MAYBE),
    **dict.fromkeys(("link", "author", "contributor", "category"), ANY),
}
RSS_CHANNEL: Counts = {
    **dict.fromkeys(("title", "link", "description"), ONE),
    **dict.fromkeys(("language", "lastBuildDate", "pubDate", "copyright", "ttl", "image"), MAYBE),
    **dict.fromkeys(("category", "item"), ANY),
}
RSS_ITEM: Counts = {
    **dict.fromkeys(("title", "link", "guid", CONTENT), ONE),
    **dict.fromkeys(("description", "pubDate", "author", "comments", "enclosure"), MAYBE),
    "category": ANY,
}
JSON_FEED: Mapping[str, type] = {
    **dict.fromkeys(("version", "title", "home_page_url", "feed_url", "description"), str),
    **dict.fromkeys(("user_comment", "next_url", "icon", "favicon", "language"), str),
    **dict.fromkeys(("authors", "hubs", "items"), list),
    "expired": bool,
}
JSON_ITEM: Mapping[str, type] = {
    **dict.fromkeys(("id", "url", "external_url", "title", "content_html", "content_text"), str),
    **dict.fromkeys(("summary", "image", "banner_image", "language"), str),
    **dict.fromkeys(("date_published", "date_modified"), str),
    **dict.fromkeys(("authors", "tags", "attachments"), list),
}
# RFC 3339, 5.6, with an offset
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE)


@dataclass(frozen=True)
class Item:
    """One entry: what readers know it by, where it leads, what they show."""

    id: str
    url: str
    title: str
    html: str


@dataclass(frozen=True)
class FeedFile:
    """One file of a feed. `flaws` are what must be so, and what was found.

    `links` are the addresses that it leads to, by their relations.
    """

    path: str
    items: tuple[Item, ...] = ()
    links: Mapping[str, str] | None = None
    flaws: tuple[tuple[str, str], ...] = ()


def feed_files(
    files: Iterable[str], settings: Mapping[str, Any], read: Callable[[str], bytes]
) -> Iterator[FeedFile]:
    """Yield every feed among the files of a site.

    One at an older address is yielded where it is not the copy of another, which it must be.
    """
    folder = f"{str(settings['FEED_ALL_ATOM']).rpartition('/')[0]}/"
    aliases = settings["FEED_ALIASES"]
    for path in sorted(files):
        if path in aliases and aliases[path] in files:
            if read(path) != read(aliases[path]):
                yield read_feed(path, read(path))
        elif path.endswith((".xml", ".json")) and path.startswith(folder):
            yield read_feed(path, read(path))


def read_feed(path: str, data: bytes) -> FeedFile:
    """Return what a feed says, and what is wrong with it."""
    try:
        if path.endswith(".json"):
            return from_json(path, json.loads(data))
        root = fromstring(data)
    except (ParseError, ValueError) as error:
        kind = "JSON" if path.endswith(".json") else "XML"
        return FeedFile(path, flaws=((f"must be {kind}", str(error)),))
    return from_atom(path, root) if root.tag == f"{ATOM}feed" else from_rss(path, root)


def from_atom(path: str, root: Element) -> FeedFile:
    """Return an Atom feed."""
    entries = root.findall(f"{ATOM}entry")
    items = tuple(
        Item(
            entry.findtext(f"{ATOM}id") or "",
            relations(entry).get("alternate", ""),
            entry.findtext(f"{ATOM}title") or "",
            entry.findtext(f"{ATOM}content") or "",
        )
        for entry in entries
    )
    flaws = [*counted(root, ATOM_FEED, ATOM), *moments(root)]
    if root.find(f"{ATOM}author") is None:
        flaws += [("a feed must have an author", "none")]
    for entry in entries:
        flaws += [*counted(entry, ATOM_ENTRY, ATOM), *moments(entry)]
        for content in entry.findall(f"{ATOM}content"):
            if content.get("type") != "html":
                flaws.append(("content must be of type html", str(content.get("type"))))
        flaws += [
            ("a category must have a term", "none")
            for category in entry.findall(f"{ATOM}category")
            if not category.get("term")
        ]
    return FeedFile(path, items, relations(root), tuple(flaws))


def from_rss(path: str, root: Element) -> FeedFile:
    """Return an RSS feed."""
    channel = root.find("channel")
    if root.tag != "rss" or root.get("version") != "2.0" or channel is None:
        return FeedFile(path, flaws=(("must be Atom, RSS 2.0 or JSON Feed", root.tag),))
    found = channel.findall("item")
    items = tuple(
        Item(
            item.findtext("guid") or "",
            item.findtext("link") or "",
            item.findtext("title") or "",
            item.findtext(CONTENT) or "",
        )
        for item in found
    )
    flaws = [*counted(channel, RSS_CHANNEL), *rss_dates(channel)]
    for item in found:
        flaws += [*counted(item, RSS_ITEM), *rss_dates(item)]
        flaws += [
            ('a guid that is no address must say isPermaLink="false"', guid.text or "none")
            for guid in item.findall("guid")
            if guid.get("isPermaLink") != "false"
        ]
        if item.find(CREATOR) is None:
            flaws.append(("an item must have its dc:creator", "none"))
    return FeedFile(path, items, relations(channel), tuple(flaws))


def from_json(path: str, data: Any) -> FeedFile:
    """Return a JSON feed."""
    if not isinstance(data, dict) or data.get("version") != "https://jsonfeed.org/version/1.1":
        return FeedFile(path, flaws=(("must be JSON Feed 1.1", "another version"),))
    found = [item for item in data.get("items", ()) if isinstance(item, dict)]
    items = tuple(
        Item(*(str(item.get(key, "")) for key in ("id", "url", "title", "content_html")))
        for item in found
    )
    flaws = [*typed(data, JSON_FEED, ("title", "items", "feed_url", "home_page_url"))]
    for item in found:
        flaws += typed(item, JSON_ITEM, ("id", "url", "content_html", "date_published"))
        flaws += [
            ("a date must be one of RFC 3339", str(item[key]))
            for key in ("date_published", "date_modified")
            if key in item and not MOMENT.fullmatch(str(item[key]))
        ]
    links = {"self": data.get("feed_url", "")}
    if "next_url" in data:
        links["prev-archive"] = data["next_url"]
    return FeedFile(path, items, links, tuple(flaws))


def relations(element: Element) -> dict[str, str]:
    """Return the addresses of an element's Atom links by their relations."""
    links = element.findall(f"{ATOM}link")
    return {link.get("rel", "alternate"): link.get("href", "") for link in links}


def counted(element: Element, allowed: Counts, space: str = "") -> Iterator[tuple[str, str]]:
    """Yield what is too often, missing or unknown among the elements in one of a feed."""
    names = [child.tag.removeprefix(space) for child in element]
    for name, (fewest, most) in allowed.items():
        if not fewest <= names.count(name) <= most:
            wanted = "once" if fewest else "at most once"
            yield f"must have {name.rpartition('}')[2]} {wanted}", f"{names.count(name)} times"
    for name in names:
        if not name.startswith("{") and name not in allowed:
            yield "must have elements of its format alone", name
    if not all(element.findtext(f"{space}{name}", "x").strip() for name in ("id", "title")):
        yield "must have an id and a title that say something", "an empty one"


def moments(element: Element) -> Iterator[tuple[str, str]]:
    """Yield the dates of an Atom element that are none."""
    for name in ("updated", "published"):
        for date in element.findall(f"{ATOM}{name}"):
            if not MOMENT.fullmatch(date.text or ""):
                yield "a date must be one of RFC 3339", date.text or "none"


def rss_dates(element: Element) -> Iterator[tuple[str, str]]:
    """Yield the dates of an RSS element that are none of RFC 822 with four digits a year."""
    for name in ("pubDate", "lastBuildDate"):
        for date in element.findall(name):
            try:
                parsedate_to_datetime(date.text or "")
            except ValueError:
                yield "a date must be one of RFC 822", date.text or "none"


def typed(
    data: Mapping[str, Any], known: Mapping[str, type], needed: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Yield the keys of a JSON object that are missing, unknown or of another type."""
    for key in needed:
        if not data.get(key) and (key not in data or key == "id"):
            yield f"must have {key}", "none"
    for key, value in data.items():
        if not key.startswith("_") and not isinstance(value, known.get(key, type(None))):
            yield "must have keys of JSON Feed alone, each of its type", f"{key}: {value!r:.60}"
