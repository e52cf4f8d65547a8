"""Feeds: valid, complete, with ids for life and URLs that lead somewhere."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipeline.check import feed_content as checks
from pipeline.check.checked_site import CheckedSite, SiteCheck
from pipeline.feeds import Publisher, feed_files, to_feed_html
from pipeline.html import parse_part
from pipeline.memo import Memo, known
from pipeline.model import ATOM, JSON, RSS, Entry, Feed
from pipeline.settings import Settings
from tests.check.site import SOURCE, URL, content_of, document_of, html_of, places, site_of
from tests.feeds.values import text_of

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


def entry(path: str, id: str, body: str) -> Entry:
    url = f"{URL}/{path.removesuffix('index.html')}"
    day = datetime(2024, 5, 6, tzinfo=UTC)
    return Entry(id, url, "A post", "What.", known(to_feed_html(body, url)), "Ben", day)


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
    made = feed_files([feed], given, publisher, Memo())
    files = {path: text_of(text) for path, text in made}
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


def found(site: CheckedSite) -> list[str]:
    return [place for check in checks.SITE_CHECKS for place in places(check(site))]


@pytest.mark.parametrize("limit", [None, 1])
def test_feeds_in_good_order_pass(limit: int | None) -> None:
    assert found(site_with_feeds(limit=limit)) == []


def test_feeds_of_other_plugins_are_left_alone() -> None:
    site = site_with_feeds()
    path = "feeds/all-en.atom.xml"
    feeds = {**site.feeds, path: replace(site.feeds[PATHS[ATOM]], path=path, problems=("bad",))}
    site.__dict__["feeds"] = feeds
    assert found(site) == []


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
    assert {*places(checks.feed_valid(site_with_feeds(form, old, new)))} == {f"/{PATHS[form]}"}


def test_feed_valid_says_what_all_feeds_have_once() -> None:
    site = site_with_feeds()
    feeds = {path: replace(feed, problems=("no author",)) for path, feed in site.feeds.items()}
    site.__dict__["feeds"] = feeds
    assert places(checks.feed_valid(site)) == [f"/{PATHS[ATOM]}"]


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
    assert {*places(checks.feed_links(site))} == {f"/{name}"}


@pytest.mark.parametrize(
    ("check", "form", "old", "new", "place"),
    [
        (checks.entry_ids, RSS, f">{ID}<", ">posts/a/<", f"{SOURCE}:5"),
        (checks.entry_ids, JSON, f'"{ID}"', '""', f"{SOURCE}:5"),
        (checks.entry_ids, RSS, f">{ID}-b<", f">{ID}<", "/feeds/all.rss.xml"),
        (checks.entry_ids, RSS, f">{ID}-b<", f">{ID}<", f"{OTHER_SOURCE}:1"),
        (checks.entry_urls, JSON, f"{URL}/b/", "../b/", f"{SOURCE}:1"),
        (checks.entry_urls, JSON, f"{URL}/b/", f"{URL}/c/", f"{SOURCE}:1"),
        (checks.entry_urls, JSON, f"{URL}/b/", f"{URL}/b/#nope", f"{SOURCE}:1"),
        (checks.entry_urls, JSON, 'id=\\"fn:a', 'id=\\"fn:b', f"{SOURCE}:1"),
        (checks.entry_urls, JSON, "<p>The wo", '<p id=\\"fn:a\\">The wo', f"/{PATHS[JSON]}"),
        (checks.entry_html, JSON, "<p>The text", "<script>x</script><p>The text", f"{SOURCE}:1"),
        (checks.entry_html, JSON, "<p>The text", "<p class='x'>The text", f"{SOURCE}:1"),
        (checks.entry_html, JSON, "<p>The text", "<form></form><p>The text", f"{SOURCE}:1"),
        (checks.feed_full_text, JSON, "text of", "", f"{SOURCE}:9"),
        (checks.feed_full_text, JSON, "A note.", "", f"{SOURCE}:15"),
        (checks.feed_full_text, JSON, ".2em", "", f"{SOURCE}:11"),
        (checks.feed_full_text, JSON, "Part", "", f"{SOURCE}:7"),
    ],
)
def test_checks_of_entries_find_what_is_wrong_at_its_line(
    check: SiteCheck, form: str, old: str, new: str, place: str
) -> None:
    assert place in places(check(site_with_feeds(form, old, new)))


def test_entry_urls_that_are_broken_on_the_page_are_for_broken_links() -> None:
    site = site_with_feeds(JSON, f"{URL}/b/", f"{URL}/c/")
    page = site_of({PAGE: html_of(BODY.replace("../../b/", "../../c/"))}).facts[PAGE]
    assert places(checks.entry_urls(replace(site, facts={**site.facts, PAGE: page}))) == []


def words(html: str) -> list[str]:
    return [word for word, _ in checks.words_in(parse_part(html))]


def test_words_in_a_text_and_its_entry_are_the_same() -> None:
    assert words("<pre><b>1</b><i>.2e</i>m</pre><div class='linenos'>1</div><p>a<b>b</b></p>") == [
        *("1", "2em", "a", "b")
    ]
    assert words("<details>no</details><math>x</math><p>yes</p>") == ["yes"]


@pytest.mark.parametrize(
    ("wanted", "given", "lost"),
    [
        ("a b", "a b", None),
        ("a b c", "a c", 1),
        ("a b", "a x b", None),
        ("x a b y", "x ab y", None),
        ("no yes " * 500, "no x yes " * 500, None),
        ("a", "", 0),
    ],
)
def test_first_missing_word(wanted: str, given: str, lost: int | None) -> None:
    assert checks.first_missing(wanted.split(), given.split()) == lost
