"""One document in three formats, read by what reads them; and a feed in several documents."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import fromstring

import feedparser
import pytest
from feedgenerator import SyndicationFeed
from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds import Publisher, feed_files, feed_paths, make_publisher, read_feed
from pipeline.feeds.writers import FeedDocument, document_text, documents
from pipeline.memo import Memo
from pipeline.model import ATOM, JSON, RSS, Asset
from tests.feeds.values import FEEDS, PATHS, entry, feed, settings_of, text_of

SITE = "https://example.org/"
ENTRY = replace(
    entry(title="A & <b>", summary="If a < b & c.", tags=("AI", "C & D"), lang="fr"),
    updated=datetime(2024, 6, 1, tzinfo=UTC),
)
IMAGES = ("favicon.svg", "feed.png")
PUBLISHER = Publisher(
    SITE, "en", "Ann", *IMAGES, "feeds/feed.css", "tags/", hubs=("https://hub.example/",)
)
ATOM_NS = "{http://www.w3.org/2005/Atom}"


def written(form: str, **links: str) -> str:
    others = {rel.replace("_", "-"): path for rel, path in links.items()}
    document = FeedDocument(feed(), form, (ENTRY,), {"self": dict(PATHS)[form], **others})
    return document_text(document, PUBLISHER)


@pytest.mark.parametrize("form", [ATOM, RSS])
def test_xml_is_read_by_feedparser(form: str) -> None:
    found = feedparser.parse(written(form, prev_archive="feeds/all/1.xml"))
    assert not found.bozo
    head, [item] = found.feed, found.entries
    assert (head.title, head.link, head.language) == ("The <feed>", f"{SITE}x/", "en")
    links = {link.rel: link.href for link in head.links}
    assert links["self"] == f"{SITE}{dict(PATHS)[form]}"
    assert (links["hub"], links["prev-archive"]) == (*PUBLISHER.hubs, f"{SITE}feeds/all/1.xml")
    assert (item.id, item.link, item.author) == (ENTRY.id, ENTRY.url, "Ben")
    assert not item.get("guidislink")
    assert item.published_parsed[:5] == (2024, 5, 6, 7, 8)
    assert item.updated_parsed[:3] == (2024, 6, 1)
    tags = [(tag.term, tag.scheme) for tag in item.tags]
    assert tags == [("AI", f"{SITE}tags/"), ("C & D", f"{SITE}tags/")]
    assert ENTRY.html() in [content.value for content in item.content]


def test_atom_has_id_icon_and_language_of_entry() -> None:
    root = fromstring(written(ATOM))
    texts = [root.findtext(f"{ATOM_NS}{name}") for name in ("id", "icon", "logo", "updated")]
    images = [f"{SITE}favicon.svg", f"{SITE}feed.png"]
    assert texts == [feed().id, *images, "2024-06-01T00:00:00+00:00"]
    [item] = root.iter(f"{ATOM_NS}entry")
    assert item.get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"
    assert item.findtext(f"{ATOM_NS}summary") == ENTRY.summary


def test_rss_has_image_and_ids_that_are_no_links() -> None:
    root = fromstring(written(RSS))
    assert root.findtext("channel/image/url") == f"{SITE}feed.png"
    assert root.findtext("channel/image/link") == f"{SITE}x/"
    assert [guid.attrib for guid in root.iter("guid")] == [{"isPermaLink": "false"}]
    assert root.findtext("channel/item/description") == "If a &lt; b &amp; c."


@pytest.mark.parametrize("form", [ATOM, RSS])
def test_xml_names_stylesheet_and_archives_say_that_they_are(form: str) -> None:
    start = '<?xml version="1.0" encoding="utf-8"?>\n<?xml-stylesheet href="'
    assert written(form).startswith(f'{start}{SITE}feeds/feed.css" type="text/css"?>')
    archive = "{http://purl.org/syndication/history/1.0}archive"
    assert len(list(fromstring(written(form, current="feeds/all.xml")).iter(archive))) == 1
    assert not list(fromstring(written(form)).iter(archive))


def test_json_has_every_field() -> None:
    data: dict[str, Any] = json.loads(written(JSON, prev_archive="feeds/all/1.json"))
    [item] = data.pop("items")
    assert data == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "The <feed>",
        "home_page_url": f"{SITE}x/",
        "feed_url": f"{SITE}feeds/all.json",
        "description": "What & why",
        "icon": f"{SITE}feed.png",
        "favicon": f"{SITE}favicon.svg",
        "language": "en",
        "next_url": f"{SITE}feeds/all/1.json",
        "authors": [{"name": "Ann", "url": f"{SITE}"}],
        "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
    }
    assert item == {
        "id": ENTRY.id,
        "url": ENTRY.url,
        "title": ENTRY.title,
        "summary": ENTRY.summary,
        "content_html": ENTRY.html(),
        "date_published": "2024-05-06T07:08:00+00:00",
        "date_modified": "2024-06-01T00:00:00+00:00",
        "authors": [{"name": "Ben"}],
        "tags": ["AI", "C & D"],
        "language": "fr",
    }


@pytest.mark.parametrize("form", [ATOM, RSS, JSON])
def test_control_characters_are_left_out(form: str) -> None:
    bad = entry(title="a\x08b", summary="\x02", html="<p>\x0b\ufffe\x1f</p>", tags=("\x01t",))
    document = FeedDocument(feed(), form, (bad,), {"self": "f"})
    found = read_feed(document_text(document, PUBLISHER).encode(), "f")
    assert found.problems == ()
    assert [(e.title, e.html) for e in found.entries] == [("ab", "<p></p>")]


def test_feed_without_entries_has_a_fixed_date() -> None:
    [document] = documents(feed(), ATOM, 30)
    assert "<updated>1970-01-01T00:00:00+00:00</updated>" in document_text(document, PUBLISHER)


@given(st.integers(0, 50), st.integers(1, 7))
def test_documents_have_every_entry_and_lead_to_each_other(count: int, size: int) -> None:
    newest, *older = documents(feed(*map(entry, range(count, 0, -1))), ATOM, size)
    assert len(newest.entries) == min(count, size)
    assert all(len(document.entries) == size for document in older)
    assert len({one.id for document in [newest, *older] for one in document.entries}) == count
    by_path = {document.links["self"]: document for document in older}
    walked, path = [], newest.links.get("prev-archive")
    while path:
        walked.append(by_path[path])
        path = by_path[path].links.get("prev-archive")
    assert walked == older and "current" not in newest.links
    assert all(document.links["current"] == newest.links["self"] for document in older)


@given(st.integers(0, 40), st.integers(1, 5), st.sampled_from([ATOM, RSS, JSON]))
@pytest.mark.slow
def test_archive_with_a_successor_never_changes(count: int, size: int, form: str) -> None:
    before, after = (
        {
            document.links["self"]: document_text(document, PUBLISHER)
            for document in documents(feed(*map(entry, range(n, 0, -1))), form, size)
        }
        for n in (count, count + 1)
    )
    archives = [path for path in before if path.count("/") > 1]
    closed = sorted(archives, key=lambda path: int(path.split("/")[-1].split(".")[0]))[:-1]
    assert all(before[path] == after[path] for path in closed)
    assert set(before) <= set(after)


def test_feed_files_are_those_of_feed_paths() -> None:
    settings = settings_of(
        **FEEDS, feed_max_items=2, feed_opml="f.opml", feed_stylesheet="feeds/feed.css"
    )
    feeds = [feed(*map(entry, range(3, 0, -1)))]
    files = dict(feed_files(feeds, settings, PUBLISHER, Memo(), "@namespace x;"))
    assert list(files) == list(feed_paths(feeds, settings))
    assert len(files) == 8 and files["feeds/feed.css"] == "@namespace x;"
    [outline] = fromstring(text_of(files["f.opml"])).iter("outline")
    assert outline.get("xmlUrl") == f"{SITE}feeds/all.atom.xml"
    assert outline.get("htmlUrl") == f"{SITE}x/"
    assert outline.get("text") == "The <feed>"
    assert not list(feed_paths([], settings))


def test_feed_files_let_a_plugin_change_documents() -> None:
    def change(made: SyndicationFeed) -> None:
        made.feed["title"] = "Changed"

    files = feed_files([feed()], settings_of(), PUBLISHER, Memo(), on_generated=change)
    assert [(path, "Changed" in text_of(text)) for path, text in files] == [
        (p, True) for _, p in PATHS
    ]


def test_publisher_names_images_only_where_they_are_published() -> None:
    settings = settings_of(feed_icon="favicon.svg", feed_logo="feed.png")
    found = make_publisher(settings, [Asset("p", "n", "feed.png", "feed.png", "d")])
    assert (found.url, found.icon, found.logo) == ("https://example.org/blog/", "", "feed.png")
