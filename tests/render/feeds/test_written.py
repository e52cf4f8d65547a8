"""The feeds of a tiny site, read as a feed reader would, and what stands around them."""

import json

import feedparser
import pytest
from pelican import signals

from pelicanconf import FEED_ALIASES
from tests.conftest import PAGE, POST, TinySite, png

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
    assert 'href="https://example.org/blog/posts/a/#fn:2024-a-index:1"' in content
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


def test_entries_are_known_by_the_posts_ids_in_every_format(tiny: TinySite) -> None:
    tiny.write({"posts/a.md": POST.replace("Tags", "Id: tag:x.org,2020:one\nTags")})
    tiny.build()
    assert "<id>tag:x.org,2020:one</id>" in tiny.page("feeds/all.atom.xml")
    assert ">tag:x.org,2020:one</guid>" in tiny.page("feeds/all.rss.xml")
    [item] = json.loads(tiny.page("feeds/all.json"))["items"]
    assert item["id"] == "tag:x.org,2020:one"


def test_what_does_not_fit_is_in_archives(tiny: TinySite) -> None:
    days = [f"2024-0{month}-01" for month in (1, 2, 3, 4)]
    posts = {f"posts/{day}-p.md": POST.replace("2024-05-06", day) for day in days}
    tiny.write(posts)
    tiny.build("-e", "FEED_MAX_ITEMS=2")
    assert [e.id[-12:] for e in entries(tiny, "feeds/all.atom.xml")] == [
        "2024-04-01-p",
        "2024-03-01-p",
    ]
    assert [e.id[-12:] for e in entries(tiny, "feeds/all/1.atom.xml")] == [
        "2024-02-01-p",
        "2024-01-01-p",
    ]
    before = tiny.page("feeds/all/1.atom.xml")
    tiny.write({"posts/2024-05-01-p.md": POST.replace("2024-05-06", "2024-05-01")})
    tiny.build("-e", "FEED_MAX_ITEMS=2")
    after = tiny.page("feeds/all/1.atom.xml")
    link = '<link href="http://127.0.0.1:8000/feeds/all/2.atom.xml" rel="next-archive"/>'
    assert after.replace(link, "") == before


def test_a_feed_in_which_nothing_changed_has_the_same_bytes(tiny: TinySite) -> None:
    tiny.write({"posts/a.md": POST, "posts/b.md": POST.replace("robotics", "AI")})
    tiny.build()
    before = tiny.page("feeds/tags/ai.atom.xml")
    tiny.write({"posts/a.md": POST.replace("A post", "Another title")})
    tiny.build()
    assert tiny.page("feeds/tags/ai.atom.xml") == before
    assert "Another title" in tiny.page("feeds/all.atom.xml")


def test_older_addresses_lead_to_the_feeds(tiny: TinySite) -> None:
    tiny.write({"posts/a.md": POST})
    tiny.build()
    for alias, path in FEED_ALIASES.items():
        if alias.endswith("/"):
            page = tiny.page(f"{alias}index.html")
            assert f'<meta http-equiv="refresh" content="0; url=../{path}">' in page
            assert f'href="../{path}">http://127.0.0.1:8000/{path}</a>' in page
        else:
            assert tiny.page(alias) == tiny.page(path)


def test_an_older_address_of_no_feed_is_a_problem(tiny: TinySite) -> None:
    tiny.write({"posts/a.md": POST})
    [line] = tiny.problems("-e", 'FEED_ALIASES={"feed.xml": "feeds/al.atom.xml"}')
    assert line.endswith("FEED_ALIASES must lead to feeds of the site: feeds/al.atom.xml")


@pytest.mark.parametrize("hubs", ['"https://hub.test/"', '["hub.test"]', "[1]"])
def test_hubs_that_are_no_addresses(tiny: TinySite, hubs: str) -> None:
    tiny.write({"posts/a.md": POST})
    [line] = tiny.problems("-e", f"WEBSUB_HUBS={hubs}")
    assert "WEBSUB_HUBS must be a list of addresses" in line


def test_a_page_lists_all_feeds_and_every_page_leads_to_it(tiny: TinySite) -> None:
    tiny.write({"posts/a.md": POST, "pages/b.md": PAGE})
    tiny.build()
    page = tiny.page("feeds/index.html")
    for name in ("all", "tags/robotics"):
        for kind in ("atom.xml", "rss.xml", "json"):
            assert f'href="../feeds/{name}.{kind}"' in page
    assert 'href="../feeds/feeds.opml"' in page
    for path in tiny.output.rglob("*.html"):
        assert 'feeds/">' in path.read_text("utf-8"), path


def test_a_page_names_a_webmention_endpoint_where_there_is_one(tiny: TinySite) -> None:
    tiny.write({"posts/a.md": POST})
    tiny.build()
    assert "webmention" not in tiny.page("index.html")
    tiny.build("-e", 'WEBMENTION_ENDPOINT="https://mentions.example/x"')
    assert '<link rel="webmention" href="https://mentions.example/x">' in tiny.page("index.html")


def test_drafts_are_in_the_preview_of_the_feed_alone(tiny: TinySite) -> None:
    tiny.write({"posts/a.md": POST.replace("Tags", "Status: draft\nTags")})
    tiny.build("-e", "FEED_DRAFTS=true")
    assert [entry.title for entry in entries(tiny, FEEDS[0])] == ["A post"]


def test_the_stylesheet_of_feeds_is_one_of_xml(tiny: TinySite) -> None:
    tiny.write({"posts/a.md": POST})
    tiny.build()
    css = tiny.page("feeds/feed.css")
    assert css.startswith("@namespace ")  # behind any rule it would mean nothing
    assert "--surface:" in css


def test_other_plugins_are_asked(tiny: TinySite) -> None:
    """Pelican's signals around a feed are sent as its own writer sends them."""
    written: list[str] = []

    def hear(path: str, context: object, feed: object) -> None:
        written.append(path)

    signals.feed_written.connect(hear)
    try:
        tiny.write({"posts/a.md": POST})
        tiny.build()
    finally:
        signals.feed_written.disconnect(hear)
    assert any(path.endswith("feeds/all.json") for path in written)
