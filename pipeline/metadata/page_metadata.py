"""What each page says about itself: its metadata, `<head>` and JSON-LD, and the sitemap.

https://ogp.me, https://schema.org, https://www.sitemaps.org/protocol.html
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath
from textwrap import shorten
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from pipeline.html import plain
from pipeline.metadata.social_card import HEIGHT, WIDTH
from pipeline.model import Card, Content, Head, Metadata, Quote, ShownQuote, Tag
from pipeline.problems import Problem
from pipeline.settings import Settings

NOT_FOUND_PAGE = "404.html"
OG_TYPES = {"post": "article", "profile": "profile"}


def author_url(settings: Settings, contents: Iterable[Content]) -> str:
    """Return the URL of the page about the author, or of the home page if there is none."""
    known = any(_is_profile(content, settings) for content in contents)
    return settings.site + (settings.author_page if known else "")


def _is_profile(content: Content, settings: Settings) -> bool:
    return bool(content.output and settings.author_page) and content.url == settings.author_page


def content_metadata(content: Content, settings: Settings) -> Metadata:
    """Return the metadata of a post or page."""
    document, is_post = content.document, content.is_post
    found = content.output != NOT_FOUND_PAGE
    title = _content_title(content)
    card = card_path(content.output, settings.social_card) if found and content.output else ""
    return Metadata(
        kind="post" if is_post else "profile" if _is_profile(content, settings) else "page",
        url=settings.site + content.url if found else "",
        title=title,
        description=plain(document.summary or ""),
        language=content.lang,
        indexed=content.status == "published" and not document.edition,
        card=_card(card, title, settings),
        published=content.date if is_post else None,
        modified=content.modified or content.date,
    )


def listing_metadata(
    template: str,
    url: str,
    settings: Settings,
    posts: Sequence[Content] = (),
    number: int = 1,
    tag: Tag | None = None,
) -> Metadata:
    """Return the metadata of a page of the theme: of one of DIRECT_TEMPLATES, or of a tag.

    `posts` are those on the page with this `number`, counted from 1. A list was modified when one
    of its posts was.
    """
    words = {"tag": tag.name if tag else "", "description": tag.description if tag else ""}
    texts = settings.listing_pages.get(template, (template, ""))
    title, description = (text.format(**words) for text in texts)
    home = template == "index" and number == 1
    if number > 1:
        title, description = f"{title}, page {number}", f"{description} (page {number})"
    return Metadata(
        kind="home" if home else "list",
        url=settings.site + url,
        title=settings.sitename if home else title,
        description=description,
        language=settings.default_lang,
        card=_card(settings.social_card, settings.sitename, settings),
        modified=max((date for p in posts if (date := p.modified or p.date)), default=None),
    )


def listing_problems(settings: Settings) -> Iterator[Problem]:
    """Yield a problem for each of DIRECT_TEMPLATES that LISTING_PAGES does not describe."""
    for name in settings.direct_templates if settings.listing_pages else ():
        if name not in settings.listing_pages:
            hint = f'"{name}": ("title", "description")'
            yield settings.problem("LISTING_PAGES", f"no {name!r}, which is a page", hint)


def _content_title(content: Content) -> str:
    """Return the title as plain text, with the time of an earlier edition."""
    title, edition = plain(content.document.title), content.document.edition
    return f"{title} ({plain(edition)})" if edition else title


def _full_title(title: str, name: str) -> str:
    return title if title == name else f"{title} · {name}"


def _card(path: str, title: str, settings: Settings) -> Card | None:
    alt = _full_title(title, settings.sitename)
    return Card(settings.site + path, WIDTH, HEIGHT, alt) if path else None


def card_path(output: str, name: str) -> str:
    """Return the file of a page's card, beside the page; `name` is SOCIAL_CARD ("": no cards)."""
    path = PurePosixPath(output)
    beside = name if path.name == "index.html" else f"{path.stem}-{name}"
    return str(path.with_name(beside)) if name else ""


def quote_metadata(shown: ShownQuote, settings: Settings) -> Metadata:
    """Return the metadata of the page of one quote, which is no page for search engines."""
    quote = shown.quote
    title = f"“{shorten(quote.text, 60, placeholder='…')}”"
    return Metadata(
        kind="page",
        url=settings.site + shown.page,
        title=title,
        description=f"{shorten(quote.text, 120, placeholder='…')} — {quote.attribution}",
        language=quote.lang or settings.default_lang,
        indexed=False,
        canonical=settings.site + shown.url.partition("#")[0],
        card=_card(card_path(f"{shown.page}index.html", settings.social_card), title, settings),
    )


def changes_metadata(post: Metadata, address: str, settings: Settings) -> Metadata:
    """Return the metadata of the page of a post's changes, which is no page for search engines."""
    title, text = f"Changes to {post.title}", f"How the words of {post.title} came to what they are"
    url = settings.site + address
    return replace(
        post, kind="page", url=url, title=title, description=text, indexed=False, canonical=post.url
    )


def quote_page(content: Content, quote: Quote, settings: Settings) -> str:
    """Return the address of a quote's own page; none without QUOTE_PAGES."""
    return f"{content.url}{quote.id}/" if settings.quote_pages and content.output else ""


def card_texts(
    contents: Iterable[Content], settings: Settings
) -> Iterator[tuple[str, str, str, str]]:
    """Yield file, title, foot and source ("": none) of each social card; none without SOCIAL_CARD.

    The site's own card is the first. 404 pages have none.
    """
    if not settings.social_card:
        return
    yield settings.social_card, settings.sitename, settings.author, ""
    for content in contents:
        if content.output and content.output != NOT_FOUND_PAGE:
            path = card_path(content.output, settings.social_card)
            foot = [settings.sitename, *([settings.author] if content.is_post else [])]
            if content.is_post and content.date:
                foot.append(f"{content.date.day} {content.date:%B %Y}")
            yield path, _content_title(content), " · ".join(foot), content.document.path
        for quote in content.document.quotes if content.status == "published" else ():
            if page := quote_page(content, quote, settings):
                path = card_path(f"{page}index.html", settings.social_card)
                yield path, quote.text, f"— {quote.attribution}", content.document.path


def make_head(metadata: Metadata, settings: Settings, author_url: str) -> Head:
    """Return what a page's `<head>` says; `author_url` is that of the page about the author."""
    card = [("twitter:card", "summary_large_image")] if metadata.card else []
    return Head(
        title=_full_title(metadata.title, settings.sitename),
        description=metadata.description,
        canonical=metadata.canonical or (metadata.url if metadata.indexed else ""),
        robots="" if metadata.indexed or metadata.canonical else "noindex",
        names=(("author", settings.author), *card),
        properties=tuple(_open_graph(metadata, settings)),
        json_ld=_json_ld(metadata, settings, author_url),
    )


def _open_graph(metadata: Metadata, settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield properties and contents of Open Graph that are shown, for a page with a social card."""
    if not (card := metadata.card):
        return
    yield "og:type", OG_TYPES.get(metadata.kind, "website")
    yield "og:title", metadata.title
    yield "og:description", metadata.description
    yield "og:url", metadata.url
    yield "og:site_name", settings.sitename
    yield "og:image", card.url
    yield "og:image:width", str(card.width)
    yield "og:image:height", str(card.height)
    yield "og:image:alt", card.alt
    if metadata.kind == "post" and metadata.published:
        yield "article:published_time", metadata.published.isoformat()


def _json_ld(metadata: Metadata, settings: Settings, author_url: str) -> str:
    """Return the text of `<script type="application/ld+json">`, or nothing.

    It is for what search engines show: a post (Google's Article), the page about the author
    (ProfilePage), and the site's name (WebSite).
    """
    author: dict[str, object] = {"@type": "Person", "name": settings.author, "url": author_url}
    thing: dict[str, object] = {"url": metadata.url}
    if metadata.kind == "home":
        thing |= {"@type": "WebSite", "name": settings.sitename}
    elif metadata.kind == "profile":
        author["sameAs"] = [address for _, address in settings.social]
        thing |= {"@type": "ProfilePage", "mainEntity": author, "dateModified": metadata.modified}
    elif metadata.kind == "post":
        thing |= {
            "@type": "BlogPosting",
            "headline": metadata.title,
            "image": metadata.card and metadata.card.url,
            "datePublished": metadata.published,
            "dateModified": metadata.modified or metadata.published,
            "author": author,
        }
    else:
        return ""
    data = {"@context": "https://schema.org", **thing}
    form = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=datetime.isoformat)
    return form.encode(data).replace("<", "\\u003c")  # No title can end the element.


def sitemap(pages: Iterable[Metadata]) -> str:
    """Return the sitemap of the pages that search engines may list."""
    root = Element("urlset", {"xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9"})
    for page in sorted(pages, key=lambda page: page.url):
        if page.indexed and page.url:
            url = SubElement(root, "url")
            SubElement(url, "loc").text = page.url
            if changed := page.modified or page.published:
                SubElement(url, "lastmod").text = changed.isoformat()
    indent(root, "")
    text = tostring(root, "unicode", xml_declaration=False)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'
