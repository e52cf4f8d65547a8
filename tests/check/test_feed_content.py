"""Feeds: valid, complete, with ids for life and URLs that lead somewhere."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipeline.check.checked_site import CheckedSite, SiteCheck
from pipeline.check.feed_content import (
    entry_html,
    entry_ids,
    entry_urls,
    feed_full_text,
    feed_links,
    feed_valid,
    first_missing,
    words_in,
)
from pipeline.feeds import Publisher, feed_files, to_feed_html
from pipeline.html import parse_part
from pipeline.memo import Memo
from pipeline.model import ATOM, JSON, RSS, Entry, Feed
from pipeline.settings import Settings
from tests.check.site import SOURCE, URL, content_of, document_of, html_of, places, site_of

PAGE, OTHER = "posts/a/index.html", "b/index.html"
OTHER_SOURCE = "content/pages/b.md"
PATHS = {ATOM: "feeds/all.atom.xml", RSS: "feeds/all.rss.xml", JSON: "feeds/all.json"}
ID = "tag:example.org,2024:a"
NOTE = 'id="fn:a"'
BODY = (
    '<h2 id="x" data-src-line="7">Part</h2>\n<p data-src-line="9">The text of '
    '<a href="../../b/">b</a>.<sup id="fnref:a"><a href="#fn:a">1</a></sup></p>\n'
    '<pre data-src-line="11"><code><span>1</span><span>.2em</span></code></pre>\n'
    f'<section class="notes"><ol><li {NOTE} data-src-line="15">A note. '
    '<a href="#fnref:a">back</a></li></ol></section>'
)
CHECKS: tuple[SiteCheck, ...] = (
    feed_valid, entry_ids, feed_links, entry_urls, entry_html, feed_full_text,
)  # fmt: skip


def entry(path: str, id: str, body: str) -> Entry:
    url = f"{URL}/{path.removesuffix('index.html')}"
    day = datetime(2024, 5, 6, tzinfo=UTC)
    return Entry(id, url, "A post", "What.", to_feed_html(body, url), "Ben", day)


def site_with_feeds(
    form: str = ATOM, old: str = "", new: str = "", limit: int | None = None, name: str = ""
) -> CheckedSite:
    """Return a site of two texts with feeds, with one part of the feed in a format replaced."""
    entries = (entry(PAGE, ID, BODY), entry(OTHER, f"{ID}-b", "<p>The words of b.</p>"))
    feed = Feed(
        "tag:example.org,2024:feeds/all", "Blog", "Of all", "", tuple(PATHS.items()), entries
    )
    publisher = Publisher(f"{URL}/", "en", "Ben")
    given = Settings("", siteurl=URL, feed_max_items=limit, feed_aliases={"feed.xml": PATHS[ATOM]})
    files = dict(feed_files([feed], given, publisher, Memo()))
    name = name or PATHS[form]
    original = files.setdefault(name, files[PATHS[ATOM]])
    assert old in original
    files[name] = original.replace(old, new, 1)
    files.setdefault("feed.xml", files[PATHS[ATOM]])
    document = document_of(lines={"title": 1, "id": 5})
    sources = {
        PAGE: content_of(document, PAGE, html=BODY),
        OTHER: content_of(document_of(OTHER_SOURCE, lines={"title": 1}), OTHER),
    }
    pages = {PAGE: html_of(BODY), OTHER: html_of("<p>The words of b.</p>")}
    settings = {"feed_aliases": given.feed_aliases, "feed_max_items": limit}
    return site_of(pages, files, settings, sources, feeds=(feed,))


def found(checks: Iterable[SiteCheck], site: CheckedSite) -> list[str]:
    return [place for check in checks for place in places(check(site))]


@pytest.mark.parametrize("limit", [None, 1])
def test_feeds_in_good_order_pass(limit: int | None) -> None:
    assert found(CHECKS, site_with_feeds(limit=limit)) == []


@pytest.mark.parametrize(
    ("form", "old", "new"),
    [
        (ATOM, "<feed", "<feed><"),
        (JSON, "version/1.1", "version/2"),
        (ATOM, "T00:00:00+00:00", ""),
        (ATOM, "<title>A post<", "<title><"),
        (RSS, 'isPermaLink="false"', ""),
        (RSS, "Mon, 06 May 2024 00:00:00 +0000", "2024"),
        (JSON, '"content_html"', '"content"'),
    ],
)
def test_feed_valid_finds_what_formats_forbid(form: str, old: str, new: str) -> None:
    assert set(found([feed_valid], site_with_feeds(form, old, new))) == {f"/{PATHS[form]}"}


def test_feed_valid_says_what_all_feeds_have_once() -> None:
    site = site_with_feeds()
    feeds = {path: replace(feed, problems=("no author",)) for path, feed in site.feeds.items()}
    site.__dict__["feeds"] = feeds
    assert len(feeds) == 3
    assert places(feed_valid(site)) == [f"/{PATHS[ATOM]}"]


@pytest.mark.parametrize(
    ("form", "old", "new", "place"),
    [
        (RSS, f">{ID}<", f">{URL}/posts/a/<", f"{SOURCE}:5"),
        (JSON, f'"{ID}"', '""', f"{SOURCE}:5"),
        (RSS, f">{ID}-b<", f">{ID}<", "/feeds/all.rss.xml"),
        (RSS, f">{ID}-b<", f">{ID}<", f"{OTHER_SOURCE}:1"),
    ],
)
def test_entry_ids_are_tag_uris_of_one_entry(form: str, old: str, new: str, place: str) -> None:
    assert place in found([entry_ids], site_with_feeds(form, old, new))


@pytest.mark.parametrize(
    ("name", "old", "new", "limit"),
    [
        (PATHS[ATOM], f'href="{URL}/{PATHS[ATOM]}" rel="self', 'href="" rel="self', None),
        (PATHS[RSS], f'href="{URL}/{PATHS[RSS]}', f'href="{URL}/{PATHS[ATOM]}', None),
        (PATHS[JSON], f"{URL}/{PATHS[JSON]}", f"{URL}/feeds/x.json", None),
        ("feeds/all/1.atom.xml", "/all.atom.xml", "/x.atom.xml", 1),
        (PATHS[JSON], "/all/1.json", "/all/7.json", 1),
        ("feed.xml", "The text", "The old text", None),
        (PATHS[RSS], f"<link>{URL}/posts/a/", f"<link>{URL}/posts/z/", None),
        (PATHS[RSS], f"<link>{URL}/posts/a/", "<link>posts/a/", None),
    ],
)
def test_feed_links_lead_to_files(name: str, old: str, new: str, limit: int | None) -> None:
    site = site_with_feeds(old=old, new=new, limit=limit, name=name)
    assert set(found([feed_links], site)) == {f"/{name}"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"{URL}/b/", "../b/"),
        (f"{URL}/b/", f"{URL}/c/"),
        (f"{URL}/b/", f"{URL}/b/#nope"),
        ('id="fn:a"', 'id="fn:b"'),
    ],
)
def test_entry_urls_lead_somewhere(old: str, new: str) -> None:
    site = site_with_feeds(JSON, old.replace('"', '\\"'), new.replace('"', '\\"'))
    assert found([entry_urls], site) == [f"{SOURCE}:1"]


def test_entry_urls_that_are_broken_on_the_page_are_for_broken_links() -> None:
    site = site_with_feeds()
    page = html_of(BODY.replace("../../b/", "../../c/"))
    other = site_of({PAGE: page}).facts[PAGE]
    site = replace(
        site_with_feeds(JSON, f"{URL}/b/", f"{URL}/c/"), facts={**site.facts, PAGE: other}
    )
    assert found([entry_urls], site) == []


def test_entry_urls_finds_an_id_of_two_entries() -> None:
    site = site_with_feeds(JSON, "<p>The words", '<p id=\\"fn:a\\">The words')
    assert found([entry_urls], site) == [f"/{PATHS[JSON]}"]


@pytest.mark.parametrize("new", ["<script>x</script><p>", "<p class='x'>", "<form></form><p>"])
def test_entry_html_has_what_feed_readers_show(new: str) -> None:
    site = site_with_feeds(JSON, "<p>The text", f"{new}The text")
    assert found([entry_html], site) == [f"{SOURCE}:1"]


@pytest.mark.parametrize(
    ("old", "line"), [("text of", 9), ("A note.", 15), (".2em", 11), ("Part", 7)]
)
def test_feed_full_text_finds_a_lost_word_at_its_line(old: str, line: int) -> None:
    site = site_with_feeds(JSON, old, "")
    assert found([feed_full_text], site) == [f"{SOURCE}:{line}"]


def words(html: str) -> list[str]:
    return [word for word, _ in words_in(parse_part(html))]


def test_words_in_a_text_and_its_entry_are_the_same() -> None:
    assert words("<pre><b>1</b><i>.2e</i>m</pre><div class='linenos'>1</div><p>a<b>b</b></p>") == [
        *("1", "2em", "a", "b")
    ]
    assert words("<details>no</details><math>x</math><p>yes</p>") == ["yes"]


MISSING: list[tuple[list[str], list[str], int | None]] = [
    (["a", "b"], ["a", "b"], None),
    (["a", "b", "c"], ["a", "c"], 1),
    (["a", "b"], ["a", "x", "b"], None),
    (["no", "yes"] * 500, ["no", "x", "yes"] * 500, None),
    (["a"], [], 0),
]


@pytest.mark.parametrize(("wanted", "given", "lost"), MISSING)
def test_first_missing_word(wanted: list[str], given: list[str], lost: int | None) -> None:
    assert first_missing(wanted, given) == lost


def test_checks_of_feeds_leave_other_plugins_feeds_alone() -> None:
    site = site_with_feeds()
    path = "feeds/all-en.atom.xml"
    feeds = {**site.feeds, path: replace(site.feeds[PATHS[ATOM]], path=path, problems=("bad",))}
    site.__dict__["feeds"] = feeds
    assert found(CHECKS, site) == []
