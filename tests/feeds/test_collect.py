import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from pipeline.feeds import collect_feeds, pick_quote, quotes_json
from pipeline.memo import Memo
from pipeline.model import Feed, Site
from tests.feeds.values import AI, DAY, FEEDS, page, post, quote, settings_of, site_of

TAG_FEEDS = {"tag_feed_atom": "feeds/tags/{slug}.atom.xml"}
QUOTES = {"quotes_feed_json": "feeds/quotes.json", "feed_id": "tag:example.org,2024:f"}


def collect(site: Site, **settings: Any) -> tuple[Feed, ...]:
    return collect_feeds(site, settings_of(**settings), Memo())


def test_entry_has_plain_text_and_absolute_urls() -> None:
    html = '<p data-src-line="3"><a href="../b/">b</a> <img src="c.png" alt=""></p>'
    given = {"title": "HW3 &amp; <em>K</em>", "summary": "a&nbsp;b", "id": "tag:x,2020:1"}
    one = post(html=html, tags=(AI,), lang="fr", modified=DAY, **given)
    [feed] = collect(site_of(posts=(one,)), **FEEDS)
    [entry] = feed.entries
    assert (entry.id, entry.title, entry.summary) == ("tag:x,2020:1", "HW3 & K", "a b")
    assert entry.html() == (
        '<div lang="fr"><p><a href="https://example.org/blog/posts/b/">b</a> '
        '<img src="https://example.org/blog/posts/a/c.png" alt=""></p></div>'
    )
    assert (entry.url, entry.tags, entry.lang) == (
        "https://example.org/blog/posts/a/",
        ("AI",),
        "fr",
    )
    assert (entry.published, entry.updated) == (DAY, DAY)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, []),
        ({"feed_all_atom": "a"}, [("A Blog", {"atom": "a"})]),
        ({"feed_all_rss": "a"}, [("A Blog", {"rss": "a"})]),
        (
            {"feed_all_json": "", "tag_feed_json": "{slug}.json"},
            [("A Blog: AI", {"json": "ai.json"})],
        ),
        (QUOTES, [("A Blog: quotes", {"json": "feeds/quotes.json"})]),
    ],
)
def test_feeds_are_on_by_their_settings(settings: Any, expected: Any) -> None:
    one = post(tags=(AI,))
    site = site_of(posts=(one,), pages=(page(),), tags=((AI, (one,)),), quotes=(quote(),))
    assert [(feed.title, dict(feed.paths)) for feed in collect(site, **settings)] == expected


def test_ids_without_feed_id_are_those_of_pelican() -> None:
    one = post(tags=(AI,))
    everything, tag = collect(site_of(posts=(one,), tags=((AI, (one,)),)), **FEEDS, **TAG_FEEDS)
    assert everything.id == "https://example.org/blog/"
    assert tag.id == "https://example.org/blog/tags/ai/"
    assert everything.entries[0].id == "tag:example.org,2024-05-06:/blog/posts/a/"


def test_drafts_are_in_feeds_where_the_settings_say_so() -> None:
    late = datetime(2025, 1, 1, tzinfo=UTC)
    drafts = (post("d", date=late, status="draft"), page("p", status="draft", date=None))
    site = site_of(posts=(post(),), drafts=drafts)
    assert [entry.title for entry in collect(site, **FEEDS)[0].entries] == ["A"]
    assert [e.title for e in collect(site, **FEEDS, feed_drafts=True)[0].entries] == ["D", "A"]


def test_tag_feed_has_the_posts_of_the_tag() -> None:
    one, other = post(tags=(AI,)), post("b")
    _, tag = collect(site_of(posts=(one, other), tags=((AI, (one,)),)), **FEEDS, **TAG_FEEDS)
    assert (tag.home, tag.description, len(tag.entries)) == ("tags/ai/", "Models.", 1)


def test_quotes_are_entries_by_the_date_they_were_added() -> None:
    later = quote("r", added="2024-06-01", lang="la", cite="https://c.d/")
    site = site_of(pages=(page(summary="Some &amp; quotes"),), quotes=(quote(), later, quote()))
    [feed] = collect(site, **QUOTES)
    assert (feed.home, feed.description) == ("b/", "Some & quotes")
    new, old = feed.entries
    assert (new.id, new.url) == (
        "tag:example.org,2024:f/quotes/quote-r",
        "https://example.org/blog/b/#quote-r",
    )
    assert new.published.date() == date(2024, 6, 1) and old.published.date() == DAY.date()
    assert (old.title, old.summary, old.author) == ("Lao Tzu, *Tao*", "Be.", "Lao Tzu")
    assert new.html() == (
        '<blockquote cite="https://c.d/" lang="la"><p><a href="https://example.org/blog/posts/a/">'
        "Be.</a></p></blockquote>\n<p>— Lao Tzu, *Tao*; free</p>"
    )


def test_quotes_json_has_absolute_urls_and_no_marks() -> None:
    [data] = json.loads(quotes_json([quote()], "https://x.y/"))
    assert data["html"] == '<p><a href="https://x.y/posts/a/">Be.</a></p>'
    assert data["url"] == "https://x.y/b/#quote-q"
    assert list(data)[:4] == ["id", "url", "text", "html"] and list(data)[-1] == "added"


def test_pick_quote_is_verified_short_and_the_same_for_a_seed() -> None:
    quotes = [quote("a"), quote("b"), quote("c", confidence="disputed"), quote("d", text="x" * 200)]
    assert {pick_quote(quotes, str(seed)) for seed in range(50)} == set(quotes[:2])
    assert pick_quote(quotes, "x") == pick_quote(quotes, "x")
    assert pick_quote([], "x") is None
