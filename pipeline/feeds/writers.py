"""Feeds as files: Atom (RFC 4287), RSS 2.0, JSON Feed 1.1, archives (RFC 5005, 4) and OPML 2.0.

feedgenerator's classes write them, and what those lack is here: hubs (WebSub), archives, a
stylesheet for browsers, full texts in RSS, the scheme of tags, and JSON.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from typing import Any, TextIO
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from feedgenerator.django.utils.feedgenerator import Stylesheet, rfc3339_date
from feedgenerator.django.utils.xmlutils import SimplerXMLGenerator

from pipeline.memo import Memo, Result
from pipeline.model import ATOM, EPOCH, JSON, RSS, Asset, Entry, Feed
from pipeline.settings import Settings

HISTORY = {"xmlns:fh": "http://purl.org/syndication/history/1.0"}  # RFC 5005
CONTENT = {"xmlns:content": "http://purl.org/rss/1.0/modules/content/"}
# What XML 1.0, 2.2 has no form for
UNWRITABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Publisher:
    """What all feeds of a site have in common.

    `url` is the site's address with a slash at its end; `icon`, `logo` (a PNG) and `stylesheet` are
    paths below it, or empty; `tags` is the path of the list of tags, the scheme of this site's.
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
class FeedDocument:
    """One file of a feed: the newest entries, or an archive (RFC 5005, 4).

    `feed` has no entries. `links` are the paths of related documents by their relations; "self" is
    its own, and only an archive has "current".
    """

    feed: Feed
    format: str
    entries: tuple[Entry, ...]
    links: Mapping[str, str]


def make_publisher(settings: Settings, assets: Iterable[Asset]) -> Publisher:
    """Return what all feeds have in common; icon and logo only where they are published."""
    published = {asset.output for asset in assets}
    icon, logo = (p if p in published else "" for p in (settings.feed_icon, settings.feed_logo))
    return Publisher(
        url=settings.site,
        language=settings.default_lang,
        author=settings.author,
        icon=icon,
        logo=logo,
        stylesheet=settings.feed_stylesheet,
        tags=settings.tags_url,
        hubs=settings.websub_hubs,
    )


def feed_files(
    feeds: Iterable[Feed],
    settings: Settings,
    publisher: Publisher,
    memo: Memo,
    stylesheet: str = "",
    on_generated: Callable[[SyndicationFeed], object] | None = None,
) -> Iterator[tuple[str, str | Result[str]]]:
    """Yield path and text of every feed and archive, of the OPML file and of the stylesheet.

    `on_generated` gets feedgenerator's object of each document and may change it (Pelican's signal
    `feed_generated`); without it documents come from the memo.
    """
    feeds = tuple(feeds)
    for document in _all_documents(feeds, settings):
        if on_generated:
            made = FORMATS[document.format](document, publisher)
            on_generated(made)
            yield document.links["self"], made.writeString("utf-8")
        else:
            yield document.links["self"], memo.later(document_text, document, publisher)
    if feeds and settings.feed_opml:
        yield settings.feed_opml, _opml(feeds, publisher, settings.sitename)
    if feeds and settings.feed_stylesheet and stylesheet:
        yield settings.feed_stylesheet, stylesheet


def feed_paths(feeds: Iterable[Feed], settings: Settings) -> Iterator[str]:
    """Yield the paths of what `feed_files` yields, with a stylesheet where the settings name it."""
    feeds = tuple(feeds)
    yield from (document.links["self"] for document in _all_documents(feeds, settings))
    yield from filter(None, (settings.feed_opml, settings.feed_stylesheet) if feeds else ())


def _all_documents(feeds: Iterable[Feed], settings: Settings) -> Iterator[FeedDocument]:
    for feed in feeds:
        for form, _ in feed.paths:
            yield from documents(feed, form, settings.feed_max_items)


def bare(feed: Feed) -> Feed:
    """Return a feed without its entries, as templates need it."""
    return replace(feed, entries=(), size=0)


def documents(feed: Feed, form: str, limit: int | None) -> Iterator[FeedDocument]:
    """Yield the documents of a feed in one format: that of the newest entries, then the archives.

    `limit` is the number of entries of each (None: all in one). Archives are counted from the
    oldest entry, so that a full one never changes but for the link to the next. The newest entries
    may be in the last archive too: feed readers know them by their ids.
    """
    path, total, head = dict(feed.paths)[form], len(feed.entries) or feed.size, bare(feed)
    folder, _, name = path.rpartition("/")
    stem, _, kind = name.partition(".")
    size = limit or max(total, 1)
    last = max(0, -(-(total - size) // size))
    # feeds/all.atom.xml has feeds/all/1.atom.xml
    archives = {n: f"{folder}/{stem}/{n}.{kind}".lstrip("/") for n in range(1, last + 1)}
    links = {"self": path, "prev-archive": archives.get(last, "")}
    yield FeedDocument(head, form, feed.entries[:size], _given(links))
    for number in range(last, 0, -1):
        links = {"self": archives[number], "current": path}
        links |= {"prev-archive": archives.get(number - 1, "")}
        links |= {"next-archive": archives.get(number + 1, "")}
        end = total - (number - 1) * size
        yield FeedDocument(head, form, feed.entries[end - size : end], _given(links))


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}


def document_text(document: FeedDocument, publisher: Publisher) -> str:
    """Return the text of one document of a feed."""
    text: str = FORMATS[document.format](document, publisher).writeString("utf-8")
    return text


def _xml_safe(text: str) -> str:
    return UNWRITABLE.sub("", text)


class _Writer(SyndicationFeed):  # type: ignore[misc]
    link_name = "link"

    def __init__(self, document: FeedDocument, publisher: Publisher) -> None:
        feed, self.url = document.feed, publisher.url
        self.document, self.publisher = document, publisher
        self.is_archive = "current" in document.links
        style = Stylesheet(self.url + publisher.stylesheet, media=None)
        super().__init__(
            title=_xml_safe(feed.title),
            link=self.url + feed.home,
            description=_xml_safe(feed.description),
            language=publisher.language,
            author_name=publisher.author,
            author_link=self.url,
            feed_url=self.url + document.links["self"],
            feed_guid=feed.id,
            stylesheets=[style] if publisher.stylesheet else [],
        )
        for entry in document.entries:
            self.add_item(
                _xml_safe(entry.title),
                entry.url,
                _xml_safe(entry.summary),
                unique_id=entry.id,
                unique_id_is_permalink=False,
                author_name=_xml_safe(entry.author),
                pubdate=entry.published,
                updateddate=entry.updated,
                categories=tuple(map(_xml_safe, entry.tags)),
                content=_xml_safe(entry.html()),
                lang=entry.lang,
            )

    def latest_post_date(self) -> datetime:
        # feedgenerator says "now" where there are no entries.
        return max((entry.date for entry in self.document.entries), default=EPOCH)

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        related = [(rel, self.url + path) for rel, path in self.document.links.items()]
        for rel, url in [*related[1:], *(("hub", hub) for hub in self.publisher.hubs)]:
            handler.addQuickElement(self.link_name, None, {"rel": rel, "href": url})
        if self.is_archive:
            handler.addQuickElement("fh:archive")


class _Atom(_Writer, Atom1Feed):  # type: ignore[misc]
    """Atom with summaries as text, the scheme of tags, and the language of an entry."""

    def root_attributes(self) -> dict[str, str]:
        return {**super().root_attributes(), **(HISTORY if self.is_archive else {})}

    def write(self, outfile: TextIO, encoding: str) -> None:
        # feedgenerator's own method writes no stylesheets in Atom.
        handler = SimplerXMLGenerator(outfile, encoding, short_empty_elements=True)
        handler.startDocument()
        for stylesheet in self.feed["stylesheets"]:
            handler.processingInstruction("xml-stylesheet", str(stylesheet))
        handler.startElement("feed", self.root_attributes())
        self.add_root_elements(handler)
        self.write_items(handler)
        handler.endElement("feed")

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        for name in ("icon", "logo"):
            if path := getattr(self.publisher, name):
                handler.addQuickElement(name, self.url + path)

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        return {"xml:lang": item["lang"]} if item["lang"] else {}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, {**item, "description": None, "categories": ()})
        if item["description"]:
            handler.addQuickElement("summary", item["description"], {"type": "text"})
        for tag in item["categories"]:
            attributes = {"term": tag, "scheme": self.url + self.publisher.tags}
            handler.addQuickElement("category", "", attributes)


class _Rss(_Writer, Rss201rev2Feed):  # type: ignore[misc]
    """RSS with the full text as `content:encoded` beside the summary."""

    link_name = "atom:link"

    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), **CONTENT, **(HISTORY if self.is_archive else {})}

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        if self.publisher.logo:
            handler.startElement("image", {})
            handler.addQuickElement("url", self.url + self.publisher.logo)
            handler.addQuickElement("title", self.feed["title"])
            handler.addQuickElement("link", self.feed["link"])
            handler.endElement("image")

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        # A description is HTML, so the summary is escaped once more.
        description = escape(item["description"], quote=False) or None
        super().add_item_elements(handler, {**item, "description": description, "categories": ()})
        if item["updateddate"]:
            handler.addQuickElement("atom:updated", rfc3339_date(item["updateddate"]))
        for tag in item["categories"]:
            handler.addQuickElement("category", tag, {"domain": self.url + self.publisher.tags})
        handler.addQuickElement("content:encoded", item["content"])


class _Json(_Writer):
    """JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

    content_type = "application/feed+json; charset=utf-8"

    def write(self, outfile: TextIO, encoding: str) -> None:
        publisher, links = self.publisher, self.document.links
        path = dict(self.document.feed.paths)[JSON]  # of an archive too: the feed is known by it
        data = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.feed["title"],
            "home_page_url": self.feed["link"],
            "feed_url": self.url + path,
            "description": self.feed["description"],
            "icon": publisher.logo and self.url + publisher.logo,
            "favicon": publisher.icon and self.url + publisher.icon,
            "language": self.feed["language"],
            "next_url": "prev-archive" in links and self.url + links["prev-archive"],
            "authors": [{"name": publisher.author, "url": self.url}],
            "hubs": [{"type": "WebSub", "url": hub} for hub in publisher.hubs],
        }
        items = []
        for item in self.items:
            updated = item["updateddate"]
            values = {
                "id": item["unique_id"],
                "url": item["link"],
                "title": item["title"],
                "summary": item["description"],
                "content_html": item["content"],
                "date_published": rfc3339_date(item["pubdate"]),
                "date_modified": rfc3339_date(updated or item["pubdate"]),
                "authors": [{"name": item["author_name"]}],
                "tags": list(item["categories"]),
                "language": item["lang"],
            }
            items.append({k: v for k, v in values.items() if v or k == "content_html"})
        json.dump({**_given(data), "items": items}, outfile, ensure_ascii=False, indent=1)
        outfile.write("\n")


FORMATS: dict[str, type[_Writer]] = {ATOM: _Atom, RSS: _Rss, JSON: _Json}


def _opml(feeds: Iterable[Feed], publisher: Publisher, title: str) -> str:
    """Return the list of all feeds, each in its first format (http://opml.org/spec2.opml)."""
    root = Element("opml", {"version": "2.0"})
    head = SubElement(root, "head")
    SubElement(head, "title").text = _xml_safe(title)
    SubElement(head, "ownerName").text = _xml_safe(publisher.author)
    body = SubElement(root, "body")
    for feed in feeds:
        name = _xml_safe(feed.title)
        urls = {"xmlUrl": publisher.url + feed.paths[0][1], "htmlUrl": publisher.url + feed.home}
        SubElement(body, "outline", {"type": "rss", "text": name, "title": name, **urls})
    indent(root)
    text: bytes = tostring(root, "utf-8", xml_declaration=True)
    return f"{text.decode()}\n"
