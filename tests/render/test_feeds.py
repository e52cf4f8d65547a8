"""Feeds: addresses on plain values, and the feeds of a tiny site, read as a feed reader would."""

import feedparser
import pytest

from pipeline.render.addresses import absolute
from tests.conftest import PAGE, POST, TinySite, png

BASE = "https://example.org/blog/posts/a/"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a href="#fn:1">', '<a href="https://example.org/blog/posts/a/#fn:1">'),
        ('<a class="x" href="../b/">', '<a class="x" href="https://example.org/blog/posts/b/">'),
        ('<img alt="" src="c.png">', '<img alt="" src="https://example.org/blog/posts/a/c.png">'),
        ('<a href="/d">', '<a href="https://example.org/d">'),
        ('<a href="mailto:a@b.c">', '<a href="mailto:a@b.c">'),
        ('<a href="https://x.y/">', '<a href="https://x.y/">'),
        (
            '<video poster="p.png" src="v.mp4">',
            '<video poster="https://example.org/blog/posts/a/p.png" '
            'src="https://example.org/blog/posts/a/v.mp4">',
        ),
        (
            '<source type="image/webp" srcset="c-360.webp 360w, ../b/c.webp 680w">',
            '<source type="image/webp" srcset="https://example.org/blog/posts/a/c-360.webp 360w, '
            'https://example.org/blog/posts/b/c.webp 680w">',
        ),
        ('<p>href="x" a</p>', '<p>href="x" a</p>'),
    ],
)
def test_addresses_are_absolute(html: str, expected: str) -> None:
    assert absolute(html, BASE) == expected


FEEDS = [
    "feeds/all.atom.xml",
    "feeds/all.rss.xml",
    "feeds/tags/ai.atom.xml",
    "feeds/tags/ai.rss.xml",
]


def entries(tiny: TinySite, name: str) -> list[feedparser.FeedParserDict]:
    feed = feedparser.parse(tiny.page(name))
    assert not feed.bozo, feed.get("bozo_exception")
    return list(feed.entries)


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_is_whole(tiny: TinySite, name: str) -> None:
    text = POST.replace("robotics", "AI, robotics").replace("A post", "HW3 & 'K-Scale'")
    tiny.write(
        {
            "posts/a/index.md": text + "\nMore[^1] of [this]({filename}../../pages/b.md).\n\n"
            "![A chart]({static}c.png)\n\n[^1]: Note.\n",
            "posts/a/c.png": png(),
            "pages/b.md": PAGE,
        }
    )
    tiny.build("-e", 'SITEURL="https://example.org/blog"')
    [entry] = entries(tiny, name)
    assert entry.title == "HW3 & ‘K-Scale’"
    assert entry.link == "https://example.org/blog/posts/a/"
    content = entry.content[0].value if "content" in entry else entry.summary
    assert "Note." in content
    assert 'href="https://example.org/blog/posts/a/#fn:1"' in content
    assert 'href="https://example.org/blog/b/"' in content
    assert 'src="https://example.org/blog/posts/a/c.png"' in content
    assert [tag.term for tag in entry.tags] == ["AI", "robotics"]
    assert entry.author == "Ben Bolte"
    assert not entry.get("guidislink", False)


def test_an_id_of_an_rss_entry_is_no_link(tiny: TinySite) -> None:
    tiny.write({"posts/a/index.md": POST})
    tiny.build()
    assert '<guid isPermaLink="false">tag:' in tiny.page("feeds/all.rss.xml")


def test_every_feed_has_an_id_and_a_language_of_its_own(tiny: TinySite) -> None:
    tiny.write({"posts/a/index.md": POST.replace("robotics", "AI")})
    tiny.build()
    feeds = [feedparser.parse(tiny.page(name)).feed for name in FEEDS if "atom" in name]
    assert len({feed.id for feed in feeds}) == len(feeds)
    assert {feed.language for feed in feeds} == {"en"}


def test_a_feed_without_entries_is_the_same_every_time(tiny: TinySite) -> None:
    tiny.write({"pages/b.md": PAGE})
    tiny.build()
    assert entries(tiny, FEEDS[0]) == []
    assert "<updated>1970-01-01T00:00:00+00:00</updated>" in tiny.page(FEEDS[0])


def test_drafts_are_in_no_feed(tiny: TinySite) -> None:
    tiny.write({"posts/a/index.md": POST.replace("Tags", "Status: draft\nTags")})
    tiny.build()
    assert entries(tiny, FEEDS[0]) == []
