"""What each page shows: a `PageView` for every HTML file, so that templates make no decisions."""

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import groupby, takewhile
from urllib.parse import urljoin, urlsplit

from turbohtml import Element

from pipeline.assemble import backlinks, downloads
from pipeline.content.changes import page_of_changes
from pipeline.feeds import bare, pick_quote
from pipeline.html import classes, parse_part, rewrite_urls, strip_marks, text_of
from pipeline.memo import Result, digest_of, known
from pipeline.metadata import (
    author_url,
    changes_metadata,
    content_metadata,
    listing_metadata,
    make_head,
    quote_metadata,
)
from pipeline.model import (
    Chart,
    Chrome,
    Content,
    Document,
    Head,
    Heading,
    Listing,
    MenuItem,
    Metadata,
    PageView,
    Site,
)
from pipeline.redirects import redirect_page, relative_target
from pipeline.settings import Settings
from pipeline.theme import Theme

# A text as long as this has a table of contents.
LONG_MINUTES = 5
LONG_HEADINGS = 3
# There are few different styles, so that a Content-Security-Policy which names all is short.
NOTES_PER_STYLE = 8
# The stylesheets of every page; the first states the order of the layers. Others are for what a
# page has: elements and classes of these names.
SHEETS = ("tokens", "base", "layout", "print")
CHART_KINDS = {"chart", "frame"}
# As many characters of a post stand on the home page.
OPENING = 700


def make_chrome(site: Site, settings: Settings, theme: Theme) -> Chrome:
    """Return what all pages show around their content."""
    author = author_url(settings, site.contents)
    profiles = [url for _, url in settings.social]
    posts = settings.listing_pages.get("archives", ("Posts", ""))[0]
    menu = [MenuItem(posts, settings.archives_url, settings.archives_save_as)]
    for page in site.pages:
        if page.document.edition is None:
            label = page.document.menu or page.document.title
            menu.append(MenuItem(label, page.url, page.output))
    chrome = Chrome(
        url=settings.site,
        name=settings.sitename,
        subtitle=settings.sitesubtitle,
        intro=settings.author_intro,
        email=settings.author_email,
        language=settings.default_lang,
        author=settings.author,
        author_path=author.removeprefix(settings.site),
        author_addresses=tuple(dict.fromkeys([settings.site, author, *profiles])),
        social=settings.social,
        menu=tuple(menu),
        feed=next((bare(feed) for feed in site.feeds if not feed.home), None),
        opml=settings.feed_opml,
        webmention=settings.webmention_endpoint,
        archives_url=settings.archives_url,
        tags_url=settings.tags_url,
        feeds_url=settings.feeds_url,
        styles=theme.styles,
    )
    return replace(chrome, digest=digest_of(chrome))


def make_views(
    site: Site, listings: Iterable[Listing], settings: Settings, theme: Theme
) -> dict[str, PageView]:
    """Return the view of every page of the site, by its file."""
    views = [
        *content_views(site, settings, theme),
        *listing_views(site, listings, settings, theme),
        *quote_views(site, settings, theme),
        *redirect_views(site, settings, theme),
    ]
    return {view.output: view for view in views}


def content_views(site: Site, settings: Settings, theme: Theme) -> Iterator[PageView]:
    """Yield the views of posts and pages."""
    head_of = make_heads(settings, author_url(settings, site.contents))
    linked = backlinks(site.contents)
    neighbors = dict[str, tuple[Content | None, Content | None]]()
    for number, post in enumerate(site.posts):
        older = site.posts[number + 1] if number + 1 < len(site.posts) else None
        neighbors[post.document.name] = (site.posts[number - 1] if number else None, older)
    editions = {page.document.name: (page, old) for page, old in page_editions(site.contents)}
    current = {edition.document.name: page for page, old in editions.values() for edition in old}
    quotes_feed = next((feed for feed in site.feeds if feed.id.endswith("/quotes")), None)
    for content in site.contents:
        if not content.output:
            continue
        document = content.document
        metadata = content_metadata(content, settings)
        newer, older = neighbors.get(document.name, (None, None))
        has_feed = document.quotes and content.status == "published" and not content.is_post
        name = document.front_matter.template or ("article" if content.is_post else "page")
        yield PageView(
            template=f"{name}.html",
            output=content.output,
            url=content.url,
            root=root_of(content.output, settings),
            metadata=metadata,
            head=head_of(metadata),
            sheets=sheets_of(theme, {name, "prose", *kinds_of(content)}),
            content=content,
            headings=document.headings if _is_long(content) else (),
            note_styles=tuple(note_styles(document.notes, theme)),
            groups=tuple(quote_groups(document)),
            downloads=tuple(downloads(content, settings)) if document.name in neighbors else (),
            newer=newer,
            older=older,
            backlinks=linked.get(document.name, ()),
            editions=tuple(editions[document.name][1]) if document.name in editions else (),
            current=current.get(document.name),
            feed=bare(quotes_feed) if quotes_feed and has_feed else None,
        )
        if page := page_of_changes(content):
            output, metadata = f"{page}index.html", changes_metadata(metadata, page, settings)
            yield PageView(
                template="changes.html",
                output=output,
                url=page,
                root=root_of(output, settings),
                metadata=metadata,
                head=head_of(metadata),
                sheets=sheets_of(theme, {"prose"}),
                content=content,
            )


def with_content(view: PageView, content: Content, theme: Theme) -> PageView:
    """Return the view of a post or page with its content changed, its front matter as it was."""
    document, name = content.document, view.template.removesuffix(".html")
    return replace(
        view,
        sheets=sheets_of(theme, {name, "prose", *kinds_of(content)}),
        groups=tuple(quote_groups(document)),
        content=content,
        headings=document.headings if _is_long(content) else (),
        note_styles=tuple(note_styles(document.notes, theme)),
    )


def _is_long(content: Content) -> bool:
    many = len(content.document.headings) >= LONG_HEADINGS
    return content.minutes >= LONG_MINUTES and many


def make_heads(settings: Settings, author: str) -> Callable[[Metadata], Result[Head]]:
    """Return what makes the head of a page when it is rendered; `author` is the author's URL."""
    key = digest_of(replace(settings, markdown={}, publish_targets={}), author)
    return lambda data: Result(digest_of(data, key), partial(make_head, data, settings, author))


def kinds_of(content: Content) -> set[str]:
    """Return the names of the elements and classes of a text."""
    has_chart = any(isinstance(part, Chart) for part in content.document.body)
    edition = content.document.edition is not None
    notice = {"notice"} if edition or content.status == "draft" else set()
    return {*content.document.kinds, *(CHART_KINDS if has_chart else ()), *notice}


def sheets_of(theme: Theme, kinds: Collection[str]) -> tuple[str, ...]:
    """Return the stylesheets of a page with these kinds of elements."""
    wanted = {*SHEETS, *kinds} & theme.styles.keys()
    return tuple(sorted(wanted, key=lambda name: (name != SHEETS[0], name)))


def opening(content: Content) -> tuple[str, str]:
    """Return the first paragraphs of a post and its first chart, for a page at the site's root."""
    blocks = [b for b in parse_part(strip_marks(content.html)).children if isinstance(b, Element)]
    shown: list[Element] = []
    for block in takewhile(lambda block: block.tag == "p", blocks):
        if sum(len(text_of(paragraph)) for paragraph in shown) > OPENING:
            break
        for mark in block.select("sup:has(.footnote-ref)"):
            mark.extract()
        shown.append(block)
    charts = [block for block in blocks if "chart" in classes(block)]

    def from_root(_: str, url: str) -> str:
        there = urlsplit(urljoin(f"//own/{content.url}", url))
        return url if there.netloc != "own" or url.startswith("#") else there.path.lstrip("/")

    text, chart = ("\n".join(b.html for b in found) for found in (shown, charts[:1]))
    return rewrite_urls(text, from_root), rewrite_urls(chart, from_root)


def note_styles(count: int, theme: Theme) -> Iterator[str]:
    """Yield the text of each style element for a number of footnotes."""
    for first in range(1, count + 1, NOTES_PER_STYLE):
        yield theme.note_styles(first, min(first + NOTES_PER_STYLE - 1, count))


def page_editions(contents: Iterable[Content]) -> Iterator[tuple[Content, list[Content]]]:
    """Yield each page that has earlier editions below its address with them, the latest first."""
    pages = [content for content in contents if content.output and not content.is_post]
    by_slug = {page.slug: page for page in pages}
    found: dict[str, list[Content]] = {}
    for page in sorted(pages, key=lambda page: page.slug, reverse=True):
        parent = page.slug.rpartition("/")[0]
        if page.document.edition is not None and parent in by_slug:
            found.setdefault(parent, []).append(page)
    for slug, earlier in found.items():
        yield by_slug[slug], earlier


def listing_views(
    site: Site, listings: Iterable[Listing], settings: Settings, theme: Theme
) -> Iterator[PageView]:
    """Yield the views of the pages that list something."""
    head_of = make_heads(settings, author_url(settings, site.contents))
    feeds = tuple(map(bare, site.feeds))
    by_home = {feed.home: feed for feed in feeds}
    tags = tuple((tag, len(posts)) for tag, posts in site.tags)
    book = (("EPUB", settings.epub),) if settings.epub and site.posts else ()
    quote = pick_quote(site.quotes, "\n".join(post.slug for post in site.posts))
    by_year = groupby(site.posts, key=lambda post: post.date.year if post.date else 0)
    years = tuple((year, tuple(posts)) for year, posts in by_year)
    for listing in listings:
        metadata = listing_metadata(
            listing.template, listing.url, settings, listing.posts, listing.number, listing.tag
        )
        home = listing.template == "index" and listing.number == 1
        alone = listing.posts[0] if home and len(listing.posts) == 1 else None
        kinds = {"listing", "prose", listing.template, *(kinds_of(alone) if alone else ())}
        kinds |= {"quote", "blockquote"} if home and quote else set()
        kinds |= {"notice"} if home and site.drafts else set()
        yield PageView(
            template=f"{listing.template}.html",
            output=listing.output,
            url=listing.url,
            root=root_of(listing.output, settings),
            metadata=metadata,
            head=head_of(metadata),
            sheets=sheets_of(theme, kinds - {"notes"}),
            posts=listing.posts,
            years=years if listing.template == "archives" else (),
            downloads=book if listing.template == "archives" else (),
            number=listing.number,
            pages=listing.pages,
            newer_url=listing.newer_url,
            older_url=listing.older_url,
            tag=listing.tag,
            tags=tags if listing.template == "tags" else (),
            feed=by_home.get(listing.tag.url) if listing.tag else None,
            feeds=feeds if listing.template == "feeds" else (),
            drafts=tuple(d for d in site.drafts if d.output) if home else (),
            quote=quote if home else None,
            opening=opening(alone) if alone else ("", ""),
        )


def quote_views(site: Site, settings: Settings, theme: Theme) -> Iterator[PageView]:
    """Yield the views of the quotes' own pages; for search engines the list has the words."""
    head_of = make_heads(settings, author_url(settings, site.contents))
    for shown in site.quotes:
        if not shown.page:
            continue
        metadata, output = quote_metadata(shown, settings), f"{shown.page}index.html"
        yield PageView(
            template="quote.html",
            output=output,
            url=shown.page,
            root=root_of(output, settings),
            metadata=metadata,
            head=head_of(metadata),
            sheets=sheets_of(theme, {"prose", "quote", "blockquote", "verse"}),
            quote=shown,
        )


def quote_groups(document: Document) -> Iterator[tuple[Heading, int]]:
    """Yield the headings of a list of quotes, each with the number of the quotes below it."""
    ends = [heading.line for heading in document.headings[1:]] + [sys.maxsize]
    for heading, end in zip(document.headings, ends, strict=False):
        if count := sum(heading.line < quote.line < end for quote in document.quotes):
            yield heading, count


def redirect_views(site: Site, settings: Settings, theme: Theme) -> Iterator[PageView]:
    """Yield the views of the pages that lead on, for hosts without redirects."""
    for redirect in site.redirects:
        output = "" if redirect.copied else redirect_page(redirect)
        if not output:
            continue
        inside = redirect.to.startswith("/")
        canonical = settings.site.rstrip("/") + redirect.to if inside else redirect.to
        title = f"Moved · {settings.sitename}"
        metadata = Metadata("list", "", title, "", settings.default_lang, indexed=False)
        yield PageView(
            template="redirect.html",
            output=output,
            url=redirect.source.lstrip("/"),
            root=root_of(output, settings),
            metadata=metadata,
            head=known(Head(title, "", canonical, "noindex", (), (), "")),
            sheets=sheets_of(theme, {"redirect"}),
            to=relative_target(output, redirect.to),
            canonical=canonical,
        )


def root_of(output: str, settings: Settings) -> str:
    """Return the address of the site's root as a page at `output` writes it."""
    if not settings.relative_urls:
        return settings.siteurl
    return "/".join([".."] * output.count("/")) or "."


def styles_of(views: Mapping[str, PageView], chrome: Chrome) -> set[str]:
    """Return the texts of all style elements of the site's pages."""
    found = set[str]()
    for view in views.values():
        found.update(chrome.styles[name] for name in view.sheets)
        found.update(view.note_styles)
        if view.content:
            found.update(view.content.document.styles)
    return found
