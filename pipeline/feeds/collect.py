"""The feeds of a site: of all posts, of each tag, and of the quotes."""

import json
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from html import escape
from operator import itemgetter
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from feedgenerator import get_tag_uri

from pipeline.feeds.entry_html import to_feed_html
from pipeline.html import plain, rewrite_urls, strip_marks
from pipeline.memo import Memo, digest_of
from pipeline.model import FEED_TYPES, Content, Entry, Feed, ShownQuote, Site
from pipeline.settings import Settings

SHORT = 180  # characters of a quote that another page can show
QUOTE_FIELDS = (
    "attribution", "author", "work", "year", "confidence", "note", "lang", "cite", "added",
)  # fmt: skip


def collect_feeds(site: Site, settings: Settings, memo: Memo | None) -> tuple[Feed, ...]:
    """Return the feeds whose settings have a path, each with its entries, newest first.

    `site` has posts, pages, drafts, tags and quotes; its feeds are not looked at. The first feed is
    that of all posts, if there is one. A quote in two documents is one entry. Without a memo there
    are no entries, only their number.
    """
    name = settings.sitename
    drafts = [draft for draft in site.drafts if draft.is_post] if settings.feed_drafts else []
    posts = sorted((*site.posts, *drafts), key=_date_of, reverse=True)
    entries = [_post_entry(post, settings, memo) if memo else None for post in posts]
    feeds = [_feed(settings, "feed_all", "all", name, settings.sitesubtitle, "", entries)]
    by_tag: dict[str, list[Entry | None]] = {}
    for post, entry in zip(posts, entries, strict=True):
        for slug in {tag.slug for tag in post.tags}:
            by_tag.setdefault(slug, []).append(entry)
    for tag, _ in site.tags:
        of_tag = (f"tags/{tag.slug}", f"{name}: {tag.name}", tag.description, tag.url)
        feeds.append(_feed(settings, "tag_feed", *of_tag, by_tag.get(tag.slug, ()), tag.slug))
    if site.quotes and any(getattr(settings, f"quotes_feed_{form}") for form in FEED_TYPES):
        by_url = {content.url: content for content in (*site.pages, *site.posts)}
        shown = [(quote, by_url[quote.url.partition("#")[0]]) for quote in site.quotes]
        quotes: dict[str, tuple[ShownQuote, Content]] = {}
        for quote, content in shown:
            key = quote.quote.id if settings.feed_id else quote.url
            quotes.setdefault(key, (quote, content))
        dated = [(_quote_date(*quote, settings), *quote) for quote in quotes.values()]
        newest = sorted(dated, key=itemgetter(0), reverse=True)
        first = shown[0][1]
        of_quotes = ("quotes", f"{name}: quotes", plain(first.document.summary or ""), first.url)
        made = [_quote_entry(day, q, settings, memo) if memo else None for day, q, _ in newest]
        feeds.append(_feed(settings, "quotes_feed", *of_quotes, made))
    return tuple(feed for feed in feeds if feed.paths)


def _feed(
    settings: Settings,
    kind: str,
    name: str,
    title: str,
    description: str,
    home: str,
    entries: Collection[Entry | None],
    slug: str = "",
) -> Feed:
    """Return a feed in the formats that are on; `kind` is that of the settings' names."""
    id = f"{settings.feed_id}/{name}" if settings.feed_id else settings.site + home
    given = ((form, getattr(settings, f"{kind}_{form}")) for form in FEED_TYPES)
    paths = tuple((form, path.format(slug=slug)) for form, path in given if path)
    made = tuple(entry for entry in entries if entry)
    return Feed(id, title, description, home, paths, made, 0 if made else len(entries))


def _post_entry(post: Content, settings: Settings, memo: Memo) -> Entry:
    """Return the entry of a post. Without an id it has the one that Pelican makes of its URL."""
    url, document = settings.site + post.url, post.document
    lang = None if post.lang == settings.default_lang else post.lang
    entry = Entry(
        id=getattr(document.front_matter, "id", None) or get_tag_uri(url, post.date),
        url=url,
        title=plain(document.title),
        summary=plain(document.summary or ""),
        html=memo.later(to_feed_html, post.html, url, lang),
        author=post.author,
        published=_date_of(post),
        updated=post.modified,
        tags=tuple(tag.name for tag in post.tags),
        lang=lang,
    )
    return replace(entry, digest=digest_of(entry))


def _quote_entry(day: datetime, shown: ShownQuote, settings: Settings, memo: Memo) -> Entry:
    """Return the entry of a quote, by the day it was added; its id stays when its page moves."""
    quote, given = shown.quote, {"lang": shown.quote.lang, "cite": shown.quote.cite}
    attributes = "".join(f' {key}="{escape(value)}"' for key, value in given.items() if value)
    attribution = f"<p>— {escape(quote.attribution)}</p>"
    html = f"<blockquote{attributes}>{shown.html}</blockquote>\n{attribution}"
    url = settings.site + shown.url
    entry = Entry(
        id=f"{settings.feed_id}/quotes/{quote.id}" if settings.feed_id else get_tag_uri(url, day),
        url=url,
        title=quote.attribution.partition("; ")[0],
        summary=quote.text,
        html=memo.later(to_feed_html, html, settings.site),
        author=quote.author,
        published=_own_time(day, quote.id),
    )
    return replace(entry, digest=digest_of(entry))


def _own_time(day: datetime, name: str) -> datetime:
    """Return a moment early on a day: entries of one day have different ones, for life."""
    return day + timedelta(seconds=int.from_bytes(sha256(name.encode()).digest()[:4]) % 21_600)


def _quote_date(shown: ShownQuote, content: Content, settings: Settings) -> datetime:
    if shown.quote.added:
        day = datetime.fromisoformat(shown.quote.added)
        return day if day.tzinfo else day.replace(tzinfo=ZoneInfo(settings.timezone))
    return _date_of(content)


def _date_of(content: Content) -> datetime:
    assert content.date, content.document.path
    return content.date


def quotes_json(quotes: Iterable[ShownQuote], site: str) -> str:
    """Return the quotes as JSON; `site` is the site's address with a slash at its end."""
    data = [
        {
            "id": shown.quote.id,
            "url": site + shown.url,
            "text": shown.quote.text,
            "html": rewrite_urls(strip_marks(shown.html), lambda _, url: urljoin(site, url)),
            **{name: getattr(shown.quote, name) for name in QUOTE_FIELDS},
        }
        for shown in quotes
    ]
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def pick_quote(quotes: Iterable[ShownQuote], seed: str) -> ShownQuote | None:
    """Return a short quote whose source is verified; the same one for the same seed."""
    verified = [shown for shown in quotes if shown.quote.confidence == "verified"]
    short = [shown for shown in verified if len(shown.quote.text) <= SHORT]
    number = int.from_bytes(sha256(seed.encode()).digest())
    return short[number % len(short)] if short else None
