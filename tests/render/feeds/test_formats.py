"""One document in three formats, read by what reads them."""

import json
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import fromstring

import feedparser
import pytest

from pipeline.render.feeds import (
    ATOM,
    JSON,
    RSS,
    TYPES,
    Document,
    Entry,
    Feed,
    Publisher,
    as_opml,
    generator,
)

PATHS = {ATOM: "feeds/all.atom.xml", RSS: "feeds/all.rss.xml", JSON: "feeds/all.json"}
ENTRY = Entry(
    id="tag:example.org,2024-05-06:a",
    url="https://example.org/posts/a/",
    title="A & <b>",
    summary="If a < b & c.",
    html="<p>A &amp; <em>b</em></p>",
    author="Ben",
    published=datetime(2024, 5, 6, 7, 8, tzinfo=UTC),
    updated=datetime(2024, 6, 1, tzinfo=UTC),
    tags=("AI", "C & D"),
    lang="fr",
)
FEED = Feed("tag:example.org,2024:f/all", "The <feed>", "What & why", "x/", PATHS, (ENTRY,))
PUBLISHER = Publisher(
    "https://example.org/",
    "en",
    "Ann",
    icon="favicon.svg",
    logo="feed.png",
    stylesheet="feeds/feed.css",
    tags="tags/",
    hubs=("https://hub.example/",),
)


def written(form: str, **links: str) -> str:
    others = {rel.replace("_", "-"): path for rel, path in links.items()}
    document = Document(FEED, (ENTRY,), {"self": PATHS[form], **others})
    return str(generator(document, form, PUBLISHER).writeString("utf-8"))


@pytest.mark.parametrize("form", [ATOM, RSS])
def test_xml(form: str) -> None:
    found = feedparser.parse(written(form, prev_archive="feeds/all/1.xml"))
    assert not found.bozo
    feed, [entry] = found.feed, found.entries
    assert (feed.title, feed.link, feed.language) == ("The <feed>", "https://example.org/x/", "en")
    links = {link.rel: link.href for link in feed.links}
    assert links["self"] == f"https://example.org/{PATHS[form]}"
    assert links["hub"] == "https://hub.example/"
    assert links["prev-archive"] == "https://example.org/feeds/all/1.xml"
    assert (entry.id, entry.link, entry.title) == (ENTRY.id, ENTRY.url, "A &amp; &lt;b>") or (
        entry.title == "A & <b>"
    )
    assert not entry.get("guidislink")
    assert entry.author == "Ben"
    assert entry.published_parsed[:5] == (2024, 5, 6, 7, 8)
    assert entry.updated_parsed[:3] == (2024, 6, 1)
    assert [(tag.term, tag.scheme) for tag in entry.tags] == [
        ("AI", "https://example.org/tags/"),
        ("C & D", "https://example.org/tags/"),
    ]
    assert ENTRY.html in [content.value for content in entry.content]
    assert "b & c" in entry.summary.replace("&amp;", "&")


def test_atom_has_an_id_an_icon_and_the_language_of_the_entry() -> None:
    text = written(ATOM)
    root = fromstring(text)
    space = "{http://www.w3.org/2005/Atom}"
    assert root.findtext(f"{space}id") == FEED.id
    assert root.findtext(f"{space}icon") == "https://example.org/favicon.svg"
    assert root.findtext(f"{space}logo") == "https://example.org/feed.png"
    assert root.findtext(f"{space}updated") == "2024-06-01T00:00:00+00:00"
    [entry] = root.iter(f"{space}entry")
    assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"
    assert entry.findtext(f"{space}summary") == ENTRY.summary


def test_rss_has_a_picture_and_ids_that_are_no_links() -> None:
    text = written(RSS)
    channel = fromstring(text).find("channel")
    assert channel is not None
    assert channel.findtext("image/url") == "https://example.org/feed.png"
    assert channel.findtext("image/link") == channel.findtext("link")
    guid = channel.find("item/guid")
    assert guid is not None and guid.attrib == {"isPermaLink": "false"}
    assert channel.findtext("item/description") == "If a &lt; b &amp; c."


@pytest.mark.parametrize("form", [ATOM, RSS])
def test_a_browser_finds_the_stylesheet_and_an_archive_says_that_it_is_one(form: str) -> None:
    start = '<?xml version="1.0" encoding="utf-8"?>\n<?xml-stylesheet href="'
    assert written(form).startswith(f'{start}https://example.org/feeds/feed.css" type="text/css"?>')
    archived = "{http://purl.org/syndication/history/1.0}archive"
    root = fromstring(written(form, current="feeds/all.xml"))
    assert len(list(root.iter(archived))) == 1
    assert not list(fromstring(written(form)).iter(archived))


def test_json() -> None:
    data: dict[str, Any] = json.loads(written(JSON, prev_archive="feeds/all/1.json"))
    [item] = data.pop("items")
    assert data == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "The <feed>",
        "home_page_url": "https://example.org/x/",
        "feed_url": "https://example.org/feeds/all.json",
        "description": "What & why",
        "icon": "https://example.org/feed.png",
        "favicon": "https://example.org/favicon.svg",
        "language": "en",
        "next_url": "https://example.org/feeds/all/1.json",
        "authors": [{"name": "Ann", "url": "https://example.org/"}],
        "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
    }
    assert item == {
        "id": ENTRY.id,
        "url": ENTRY.url,
        "title": ENTRY.title,
        "summary": ENTRY.summary,
        "content_html": ENTRY.html,
        "date_published": "2024-05-06T07:08:00+00:00",
        "date_modified": "2024-06-01T00:00:00+00:00",
        "authors": [{"name": "Ben"}],
        "tags": ["AI", "C & D"],
        "language": "fr",
    }


def test_the_list_of_all() -> None:
    root = fromstring(as_opml([FEED], "The & site", "https://example.org/", "Ann"))
    assert root.get("version") == "2.0"
    assert root.findtext("head/title") == "The & site"
    [outline] = root.iter("outline")
    assert outline.get("xmlUrl") == "https://example.org/feeds/all.atom.xml"
    assert outline.get("htmlUrl") == "https://example.org/x/"
    assert outline.get("text") == "The <feed>"


def test_every_format_has_a_type() -> None:
    assert list(TYPES) == list(PATHS)
