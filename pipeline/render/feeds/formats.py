"""Feeds as Atom (RFC 4287), RSS 2.0 (rssboard.org/rss-specification) and JSON Feed 1.1.

feedgenerator's classes, and what they lack: hubs (WebSub), archives (RFC 5005), a stylesheet for
browsers, full texts in RSS, tags with what they are tags of, and JSON.
"""

import json
from html import escape
from typing import Any, TextIO
from urllib.parse import urljoin

from feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from feedgenerator.django.utils.feedgenerator import Stylesheet, rfc3339_date
from feedgenerator.django.utils.xmlutils import SimplerXMLGenerator

from pipeline.render.feeds.model import ATOM, JSON, RSS, Document, Entry, Publisher

ARCHIVED = "http://purl.org/syndication/history/1.0"  # the namespace of RFC 5005
JSON_VERSION = "https://jsonfeed.org/version/1.1"


class Written(SyndicationFeed):  # type: ignore[misc]
    """What the formats have in common: a document, and who publishes it."""

    def __init__(self, document: Document, publisher: Publisher) -> None:
        feed = document.feed
        super().__init__(
            title=feed.title,
            link=publisher.url + feed.home,
            description=feed.description,
            language=publisher.language,
            author_name=publisher.author,
            author_link=publisher.url,
            feed_url=publisher.url + document.path,
            feed_guid=feed.id,
            stylesheets=[Stylesheet(publisher.url + publisher.stylesheet, media=None)]
            if publisher.stylesheet
            else None,
        )
        self.document, self.publisher = document, publisher
        for entry in document.entries:
            self.add(entry)

    def add(self, entry: Entry) -> None:
        """Add an entry, under feedgenerator's names."""
        self.add_item(
            entry.title,
            entry.url,
            entry.summary,
            unique_id=entry.id,
            unique_id_is_permalink=False,
            author_name=entry.author,
            pubdate=entry.published,
            updateddate=entry.updated,
            categories=entry.tags,
            content=entry.html,
            lang=entry.lang,
        )

    def latest_post_date(self) -> Any:
        """Return the last day of the entries; feedgenerator says "now" for none."""
        return self.document.day

    def address(self, path: str) -> str:
        """Return the address of an output file."""
        return urljoin(self.publisher.url, path)

    def related(self) -> list[tuple[str, str]]:
        """Return the relations to other documents and to hubs, each with its address."""
        others = [(rel, path) for rel, path in self.document.links.items() if rel != "self"]
        hubs = [("hub", hub) for hub in self.publisher.hubs]
        return [*((rel, self.address(path)) for rel, path in others), *hubs]


class AtomFeed(Written, Atom1Feed):  # type: ignore[misc]
    """Atom: summaries as text, tags with their scheme, the language of an entry."""

    def root_attributes(self) -> dict[str, str]:
        """Return the namespaces and the language."""
        own = {"xmlns:fh": ARCHIVED} if self.document.is_archive else {}
        return {**super().root_attributes(), **own}

    def write(self, outfile: TextIO, encoding: str) -> None:
        """Write the document; feedgenerator's own has no stylesheets in Atom."""
        handler = SimplerXMLGenerator(outfile, encoding, short_empty_elements=True)
        handler.startDocument()
        for stylesheet in self.feed["stylesheets"] or []:
            handler.processingInstruction("xml-stylesheet", str(stylesheet))
        handler.startElement("feed", self.root_attributes())
        self.add_root_elements(handler)
        self.write_items(handler)
        handler.endElement("feed")

    def add_root_elements(self, handler: Any) -> None:
        """Write what stands above the entries."""
        super().add_root_elements(handler)
        for rel, address in self.related():
            handler.addQuickElement("link", "", {"rel": rel, "href": address})
        if self.document.is_archive:
            handler.addQuickElement("fh:archive")
        if self.publisher.icon:
            handler.addQuickElement("icon", self.address(self.publisher.icon))
        if self.publisher.logo:
            handler.addQuickElement("logo", self.address(self.publisher.logo))

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        """Return an entry's language, where it is not the feed's."""
        return {"xml:lang": item["lang"]} if item["lang"] else {}

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        """Write one entry."""
        super().add_item_elements(handler, {**item, "description": None, "categories": ()})
        if item["description"]:
            handler.addQuickElement("summary", item["description"], {"type": "text"})
        scheme = self.address(self.publisher.tags)
        for tag in item["categories"]:
            handler.addQuickElement("category", "", {"term": tag, "scheme": scheme})


class RssFeed(Written, Rss201rev2Feed):  # type: ignore[misc]
    """RSS: the full text as `content:encoded`, beside the summary."""

    def rss_attributes(self) -> dict[str, str]:
        """Return the version and the namespaces."""
        own = {"xmlns:fh": ARCHIVED} if self.document.is_archive else {}
        content = "http://purl.org/rss/1.0/modules/content/"
        return {**super().rss_attributes(), "xmlns:content": content, **own}

    def add_root_elements(self, handler: Any) -> None:
        """Write what stands above the entries."""
        super().add_root_elements(handler)
        for rel, address in self.related():
            handler.addQuickElement("atom:link", None, {"rel": rel, "href": address})
        if self.document.is_archive:
            handler.addQuickElement("fh:archive")
        if self.publisher.logo:
            handler.startElement("image", {})
            handler.addQuickElement("url", self.address(self.publisher.logo))
            handler.addQuickElement("title", self.feed["title"])
            handler.addQuickElement("link", self.feed["link"])
            handler.endElement("image")

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        """Write one entry. A description is HTML, so text is escaped once more."""
        description = escape(item["description"], quote=False) or None
        super().add_item_elements(handler, {**item, "description": description, "categories": ()})
        if item["updateddate"]:
            handler.addQuickElement("atom:updated", rfc3339_date(item["updateddate"]))
        for tag in item["categories"]:
            handler.addQuickElement("category", tag, {"domain": self.address(self.publisher.tags)})
        handler.addQuickElement("content:encoded", item["content"])


class JsonFeed(Written):
    """JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

    content_type = "application/feed+json; charset=utf-8"

    def write(self, outfile: TextIO, encoding: str) -> None:
        """Write the document."""
        json.dump(self.data(), outfile, ensure_ascii=False, indent=1)
        outfile.write("\n")

    def data(self) -> dict[str, Any]:
        """Return the feed as JSON has it."""
        publisher, related = self.publisher, dict(self.related())
        data = {
            "version": JSON_VERSION,
            "title": self.feed["title"],
            "home_page_url": self.feed["link"],
            # Of an archive too: it is what the feed is known by.
            "feed_url": self.address(self.document.feed.paths[JSON]),
            "description": self.feed["description"],
            "icon": publisher.logo and self.address(publisher.logo),
            "favicon": publisher.icon and self.address(publisher.icon),
            "language": self.feed["language"],
            "next_url": related.get("prev-archive"),
            "authors": [{"name": publisher.author, "url": publisher.url}],
            "hubs": [{"type": "WebSub", "url": hub} for hub in publisher.hubs],
        }
        given = {key: value for key, value in data.items() if value}
        return {**given, "items": [self.item_data(item) for item in self.items]}

    def item_data(self, item: dict[str, Any]) -> dict[str, Any]:
        """Return an entry as JSON has it."""
        data = {
            "id": item["unique_id"],
            "url": item["link"],
            "title": item["title"],
            "summary": item["description"],
            "content_html": item["content"],
            "date_published": rfc3339_date(item["pubdate"]),
            "date_modified": item["updateddate"] and rfc3339_date(item["updateddate"]),
            "authors": [{"name": item["author_name"]}],
            "tags": list(item["categories"]),
            "language": item["lang"],
        }
        return {key: value for key, value in data.items() if value or key == "content_html"}


CLASSES: dict[str, type[Written]] = {ATOM: AtomFeed, RSS: RssFeed, JSON: JsonFeed}


def generator(document: Document, form: str, publisher: Publisher) -> Written:
    """Return feedgenerator's object for a document; `writeString("utf-8")` writes it."""
    return CLASSES[form](document, publisher)
