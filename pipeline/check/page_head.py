"""What pages say about themselves to search engines, to sites that share them, and to feed readers.

https://ogp.me, https://schema.org, https://microformats.org/wiki/h-entry, https://www.sitemaps.org
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from urllib.robotparser import RobotFileParser
from xml.etree.ElementTree import ParseError, fromstring

from PIL import Image
from turbohtml import Element as PageElement

from pipeline.check.checked_site import (
    CheckedSite,
    PageCheck,
    SiteCheck,
    found,
    is_local,
    target_of,
)
from pipeline.content.reader import read_toml
from pipeline.html import (
    MARK,
    PageTree,
    address_of,
    attribute,
    classes,
    elements,
    text_of,
    words_of,
)
from pipeline.metadata import NOT_FOUND_PAGE
from pipeline.metadata.social_card import HEIGHT, WIDTH
from pipeline.model import Content, Facts, Post
from pipeline.problems import Problem, relative, shorten

MAX_TITLE, MAX_DESCRIPTION, MIN_WORDS = 150, 200, 3
# Scripts without spaces, in which each character counts as a word: Thai to Khmer, Japanese, Chinese
NO_SPACES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{NO_SPACES}]|[^\s{NO_SPACES}]+")
OPEN_GRAPH = (
    "og:type", "og:title", "og:description", "og:url", "og:site_name", "og:image",
    "og:image:type", "og:image:width", "og:image:height", "og:image:alt", "twitter:card",
)  # fmt: skip
ARTICLE = ("article:published_time", "article:modified_time", "article:author")
POSTING = (
    "@id", "url", "mainEntityOfPage", "headline", "description", "image", "datePublished",
    "dateModified", "author", "publisher", "inLanguage", "wordCount", "keywords", "isPartOf",
)  # fmt: skip
PERSON = ("name", "url", "sameAs")
# What must be the same, and the places in Open Graph and JSON-LD that have it
SAID_IN_META = {
    "og:title": "title", "description": "description", "og:description": "description",
    "og:url": "URL", "og:image": "image", "article:published_time": "date",
    "article:modified_time": "date of change",
}  # fmt: skip
SAID_IN_JSON_LD = {
    "headline": "title", "name": "title", "description": "description", "url": "URL",
    "image": "image", "datePublished": "date", "dateModified": "date of change",
}  # fmt: skip
H_ENTRY = ("p-name", "e-content", "u-url", "dt-published", "p-author")
JSON_LD = "application/ld+json"
SITEMAP_NS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
MAX_URLS, MAX_BYTES = 50_000, 50 * 1024 * 1024
ROBOTS = "robots.txt"
SCHEDULED_DAYS = 366  # how far ahead a post is scheduled


def rendered_pages(site: CheckedSite) -> Mapping[str, Facts]:
    """Return the pages that the theme made for readers: no redirects, no copied HTML files."""
    return {
        path: facts
        for path, facts in site.facts.items()
        if not facts.refresh and (path in site.contents or not site.artifacts[path].source)
    }


def is_indexed(facts: Facts) -> bool:
    """Return whether search engines may list a page."""
    return "noindex" not in facts.metas.get("robots", "")


def site_url(site: CheckedSite) -> Iterator[Problem]:
    """SITEURL is the address at which readers find the site.

    Feeds, the sitemap, canonical URLs and social cards are built from it. Set it in the settings
    file that is published, without a slash at its end.
    """
    settings, hint = site.settings, 'SITEURL = "https://…"'
    needed = settings.page_views or settings.sitemap_save_as or site.site.feeds
    if is_local(settings.siteurl):
        message = f"the address of your own machine: {settings.siteurl}"
        yield settings.problem("SITEURL", message, hint)
    elif needed and not settings.siteurl:
        yield settings.problem("SITEURL", "not set", hint)


def titles(site: CheckedSite) -> Iterator[Problem]:
    """Every page has a title that no other listed page has, of at most 150 characters.

    The title is what a search engine, a tab and a bookmark show. Give the post or page another
    `Title`; those of lists are in LISTING_PAGES. Two texts with one title need a distinction in it
    ("Notes, part 2").
    """
    yield from repeated(site, "title", lambda facts: facts.title)
    for path, facts in rendered_pages(site).items():
        if len(facts.title) > MAX_TITLE:
            message = f"title of {len(facts.title)} characters, allowed are {MAX_TITLE}"
            yield found(place_of(site, path, "title"), message)


def descriptions(site: CheckedSite) -> Iterator[Problem]:
    """Every page has a description of its own, of three words to 200 characters.

    Search engines, shared links and lists show it under the title, and cut a longer one. A post or
    page takes it from its `Summary`, a tag from `tags.toml`, a list from LISTING_PAGES: write what
    no other page says. To keep a long one: `<!-- ignore descriptions: reason -->` before the first
    paragraph.
    """
    yield from repeated(site, "summary", lambda facts: facts.metas.get("description", ""))
    for path, facts in rendered_pages(site).items():
        text, message = facts.metas.get("description", ""), ""
        if len(text) > MAX_DESCRIPTION:
            message = f"description of {len(text)} characters, allowed are {MAX_DESCRIPTION}"
        elif text and len(WORD.findall(text)) < MIN_WORDS:
            message = f"description of less than {MIN_WORDS} words: {text!r}"
        elif text and text == facts.metas.get("og:title"):
            message = f"description repeats the title: {shorten(text)}"
        if message:
            yield found(place_of(site, path, "summary"), message)


def repeated(site: CheckedSite, key: str, text_of: Callable[[Facts], str]) -> Iterator[Problem]:
    """Yield a problem for each page without a text, or with the one of another listed page.

    `key` is the key of the front matter that has it.
    """
    name = "description" if key == "summary" else key
    first: dict[str, str] = {}
    # The lists come first: a text can be changed more easily than they.
    pages = sorted(rendered_pages(site).items(), key=lambda page: page[0] in site.contents)
    for path, facts in pages:
        text = text_of(facts)
        if not text:
            content = site.contents.get(path)
            written = getattr(content.document, key) if content else True
            place = facts.head if written else place_of(site, path, key)
            yield found(place, f"page without a {name}: {address_of(path)}")
        elif is_indexed(facts) and (other := first.setdefault(text, path)) != path:
            message = f"same {name} as {address_of(other)}: {shorten(text)}"
            yield found(place_of(site, path, key), message)


def place_of(site: CheckedSite, path: str, key: str) -> tuple[str, int]:
    """Return where a page's title or summary is written: text, list of tags, or settings."""
    content, view = site.contents.get(path), site.site.views.get(path)
    if content:
        lines = content.document.lines
        return content.document.path, lines.get(key) or lines.get("title", 0)
    if view and view.tag and key == "summary" and site.settings.tags_file:
        tags = Path(site.settings.path, site.settings.tags_file)
        return str(tags), read_toml(tags)[1].get(view.tag.name, 0)
    return site.settings.place("LISTING_PAGES") if view else site.facts[path].head


def canonical(site: CheckedSite) -> Iterator[Problem]:
    """A page that search engines may list has its own URL as the canonical one; others have none.

    The same page is often found at several addresses; the canonical one gathers what is said of it.
    Two pages that name one URL hide each other. The theme writes it
    (`partials/metadata.html`) from the settings `…_URL`, which lead where `…_SAVE_AS` writes.
    """
    for path, facts in rendered_pages(site).items() if site.settings.siteurl else ():
        links = [a for a in facts.addresses if a.tag == "link" and "canonical" in a.rel]
        named = [link.value for link in links]
        own = site.settings.siteurl + address_of(path)
        wanted = [own] if is_indexed(facts) else []
        if list(map(unquote, named)) == list(map(unquote, wanted)):
            continue
        if setting := url_setting(site, path):
            message = f"{setting}_URL leads elsewhere than to the files that are written"
            yield site.settings.problem(f"{setting}_SAVE_AS", message)
            continue
        place = (links[0].path, links[0].line) if links else facts.head
        message, hint = f"page without a canonical URL: {address_of(path)}", f"write {own}"
        if links and wanted:
            message = f"canonical URL is another page's: {', '.join(named)}"
        elif links:
            message, hint = f"canonical URL on a page with noindex: {named[0]}", "remove it"
        yield found(place, message, hint)


def url_setting(site: CheckedSite, path: str) -> str:
    """Return the begin of the settings that give a page two different addresses ("": none)."""
    view = site.site.views.get(path)
    if not view or f"/{unquote(view.url)}" == address_of(path):
        return ""
    if view.content:
        written = view.content.document.front_matter.save_as
        return "" if written else "ARTICLE" if view.content.is_post else "PAGE"
    return "TAG" if view.tag else view.template.removesuffix(".html").upper()


def open_graph(site: CheckedSite) -> Iterator[Problem]:
    """A page says what a shared link to it shows (Open Graph), with an image that is right.

    Without it a shared link is a bare URL. The image is a file of the site in the size that is
    named, 1200 × 630, with an alternative text; posts have their dates and author too. The pipeline
    draws the images and the theme writes the elements (`partials/metadata.html`). Without
    SOCIAL_CARD there is nothing to check.
    """
    pages = rendered_pages(site) if site.settings.social_card else {}
    for path, facts in pages.items():
        if path == NOT_FOUND_PAGE:
            continue
        content, metas = site.contents.get(path), facts.metas
        date = content.date if content and content.is_post else None
        missing = [n for n in (*OPEN_GRAPH, *(ARTICLE if date else ())) if not metas.get(n)]
        if missing:
            yield found(facts.head, f"Open Graph without {', '.join(missing)}: {address_of(path)}")
        elif date and metas["og:type"] != "article":
            yield found(facts.head, f"og:type of a post is not article: {metas['og:type']}")
        elif date and metas[ARTICLE[0]][:10] != f"{date:%Y-%m-%d}":
            message = f"{ARTICLE[0]} is not {date:%Y-%m-%d}: {metas[ARTICLE[0]]}"
            yield found(facts.head, message)
        if metas.get("og:image"):
            yield from image_problems(site, facts)


def image_problems(site: CheckedSite, facts: Facts) -> Iterator[Problem]:
    """Yield what is wrong with the image that a page names."""
    url = facts.metas["og:image"]
    places = ((a.path, a.line) for a in facts.addresses if (a.tag, a.value) == ("meta", url))
    place = next(places, facts.head)
    target = target_of(site.settings.siteurl, url)
    if not target or not target.exact or target.file not in site.artifacts:
        yield found(place, f"og:image is no image of the site: {shorten(url)}")
        return
    try:
        with Image.open(BytesIO(site.read(target.file))) as image:
            size, kind = image.size, Image.MIME.get(image.format or "", "")
    except (OSError, ValueError, SyntaxError) as error:
        yield found(place, f"og:image cannot be read: {error}")
        return
    named = [facts.metas.get(f"og:image:{name}") for name in ("width", "height", "type")]
    if named != [*map(str, size), kind] or size != (WIDTH, HEIGHT):
        message = f"og:image is {size[0]} × {size[1]}, {kind}; the page says {named}"
        yield found(place, message, f"{WIDTH} × {HEIGHT}")


# --- Checks of single pages


def head_of(page: PageTree) -> PageElement | None:
    """Return the element that has the place of a page's head; None: there are no metadata.

    Only our theme marks its elements with templates: a copied HTML file has none.
    """
    is_ours = any(":" in attribute(root, MARK) for root in page.named("html"))
    is_redirect = any("refresh" in attribute(m, "http-equiv").lower() for m in page.named("meta"))
    return next(iter(page.named("title", "head")), None) if is_ours and not is_redirect else None


def json_ld_of(page: PageTree) -> Iterator[tuple[PageElement, list[dict[str, Any]], str]]:
    """Yield each JSON-LD script of a page with the things that it describes, and its error."""
    for script in page.named("script"):
        if attribute(script, "type").strip().lower() == JSON_LD:
            try:
                data = json.loads(text_of(script))
            except ValueError as error:
                yield script, [], str(error)
                continue
            nodes = data if isinstance(data, list) else [data]
            graphs = [n.get("@graph", n) if isinstance(n, dict) else () for n in nodes]
            things = [t for g in graphs for t in (g if isinstance(g, list) else [g])]
            yield script, [thing for thing in things if isinstance(thing, dict)], ""


def postings(page: PageTree) -> list[tuple[PageElement, dict[str, Any]]]:
    """Return each BlogPosting in a page's JSON-LD, with its script."""
    things = ((script, thing) for script, things, _ in json_ld_of(page) for thing in things)
    return [(s, t) for s, t in things if "BlogPosting" in (t.get("@type"), *listed(t, "@type"))]


def listed(thing: Mapping[str, Any], key: str) -> list[Any]:
    """Return the values of a property that has several."""
    value = thing.get(key)
    return value if isinstance(value, list) else []


def is_post_page(page: PageTree) -> bool:
    """Return whether a page says that it is a post, in Open Graph or in JSON-LD."""
    metas = page.named("meta")
    kinds = [attribute(m, "content") for m in metas if attribute(m, "property") == "og:type"]
    return "article" in kinds or bool(postings(page))


def structured_data(page: PageTree) -> Iterator[Problem]:
    """A page says in JSON-LD what it is, and a post all that search engines ask of one.

    A post is a BlogPosting with every property that schema.org and Google's "Article" recommend:
    author with URL and profiles, publisher, image, both dates with their offsets, words, keywords,
    language. The pipeline writes it (`pipeline/metadata/`); what is missing is missing in the front
    matter or the settings.
    """
    head = head_of(page)
    if head is None or page.path == NOT_FOUND_PAGE:
        return
    scripts = list(json_ld_of(page))
    for script, _, error in scripts:
        if error:
            yield found(page.place(script), f"JSON-LD is no JSON: {error}")
    if not any(":" in attribute(script, MARK) for script, _, _ in scripts):
        yield found(page.place(head), f"page without JSON-LD: {page.address}")
    elif is_post_page(page):
        script, posting = next(iter(postings(page)), (scripts[0][0], {}))
        for message in posting_problems(posting):
            yield found(page.place(script), message)


def posting_problems(posting: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a BlogPosting lacks."""
    if missing := [name for name in POSTING if posting.get(name) in (None, "")]:
        yield f"BlogPosting without {', '.join(missing)}" if posting else "no BlogPosting of a post"
    author = next(iter(listed(posting, "author")), posting.get("author"))
    if isinstance(author, dict) and (missing := [n for n in PERSON if not author.get(n)]):
        yield f"author of a BlogPosting without {', '.join(missing)}"
    for name in ("datePublished", "dateModified"):
        if posting.get(name) and not has_offset(str(posting[name])):
            yield f"{name} is no date and time with an offset: {posting[name]}"


def has_offset(text: str) -> bool:
    """Return whether a text is a date and time with an offset (RFC 3339)."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def microformats(page: PageTree) -> Iterator[Problem]:
    """A post is an h-entry with name, content, URL, date and author.

    That is how feed readers of the open web and webmentions know who wrote what. The theme marks it
    with classes (`article.html`): put back the one that is lost.
    """
    if head_of(page) is None or not is_post_page(page):
        return
    articles = page.named("article", "main", "body")
    entry = next((e for e in articles if "h-entry" in classes(e)), None)
    if entry is None:
        yield found(page.place(articles[0]), "post that is no h-entry", 'class="h-entry"')
        return
    names = {name for element in (entry, *elements(entry)) for name in classes(element)}
    if missing := [name for name in H_ENTRY if name not in names]:
        yield found(page.place(entry), f"h-entry without {', '.join(missing)}")


def consistent_metadata(page: PageTree) -> Iterator[Problem]:
    """What a page says of itself in several places is the same in all of them.

    Title, description, URL, image and dates are in the head, in Open Graph, in JSON-LD and in the
    microformats of the text, and each has its readers; where they differ, one is wrong. They are
    made of the same metadata (`pipeline/metadata/`), so fix the template that writes another.
    """
    if head_of(page) is None:
        return
    first: dict[str, tuple[str, str]] = {}
    for name, value, where, element in said_on(page):
        known, elsewhere = first.setdefault(name, (value, where))
        # The day alone is shown to readers.
        if value and value != (known[:10] if element.tag == "time" else known):
            message = f"{name} in {where} is {shorten(value)!r}"
            yield found(page.place(element), message, f"{elsewhere} has {shorten(known)!r}")


def said_on(page: PageTree) -> Iterator[tuple[str, str, str, PageElement]]:
    """Yield what a page says of itself: what it is, the value, where, and the element."""
    metas = {attribute(m, "property") or attribute(m, "name"): m for m in page.named("meta")}
    for key, name in SAID_IN_META.items():
        if key in metas and (value := attribute(metas[key], "content")):
            yield name, value, key, metas[key]
    things = ((script, thing) for script, things, _ in json_ld_of(page) for thing in things)
    for script, thing in [one for one in things if one[1].get("url")][:1]:
        for key, name in SAID_IN_JSON_LD.items():
            said = thing.get(key)
            said = said.get("url") if isinstance(said, dict) else said
            if isinstance(said, str) and said:
                yield name, said, f"JSON-LD, {key},", script
    for link in page.named("link"):
        if "canonical" in attribute(link, "rel").split():
            yield "URL", attribute(link, "href"), "the canonical link", link
    if "og:site_name" in metas:
        suffix = f" · {attribute(metas['og:site_name'], 'content')}"
        titles = page.named("title")[:1]
        yield from (("title", words_of(e).removesuffix(suffix), "<title>", e) for e in titles)
    if is_post_page(page):
        yield from (("title", words_of(h), "<h1>", h) for h in page.named("h1")[:1])
        for role, name in (("dt-published", "date"), ("dt-updated", "date of change")):
            for time in [e for e in page.named("time") if role in classes(e)][:1]:
                yield name, attribute(time, "datetime")[:10], f".{role}", time


# --- Search engines


def sitemap(site: CheckedSite) -> Iterator[Problem]:
    """The sitemap follows sitemaps.org and has every page that search engines may list.

    They find new pages by it and read changed ones again, as long as it is true: its URLs are the
    canonical ones, no page with noindex is in it, and each date is the author's own (`Modified`,
    else `Date`; of a list the newest), not a build's. The pipeline writes it
    (`pipeline/metadata/`). Without SITEMAP_SAVE_AS there is nothing to check.
    """
    name, settings = site.settings.sitemap_save_as, site.settings
    if not name or not settings.siteurl:
        return
    place = (f"/{name}", 0)
    if name not in site.artifacts:
        yield found(place, "sitemap is missing")
        return
    data = site.read(name)
    try:
        root = fromstring(data)
    except ParseError as error:
        yield found((place[0], error.position[0]), f"sitemap is no XML: {error}")
        return
    urls = root.findall(f"{SITEMAP_NS}url")
    if root.tag != f"{SITEMAP_NS}urlset" or len(urls) > MAX_URLS or len(data) > MAX_BYTES:
        yield found(place, f"no urlset of at most {MAX_URLS} URLs and 50 MB: <{root.tag}>")
        return
    entries = [
        (unquote(url.findtext(f"{SITEMAP_NS}loc", "")), url.findtext(f"{SITEMAP_NS}lastmod", ""))
        for url in urls
    ]
    pages = {
        settings.siteurl + address_of(path): path
        for path, facts in rendered_pages(site).items()
        if is_indexed(facts)
    }
    counts = Counter(address for address, _ in entries)
    for address, changed in entries:
        own = last_change(site, pages[address]) if address in pages else None
        if address not in pages:
            yield found(place, f"sitemap has no canonical URL of a page: {address}")
        elif counts[address] > 1:
            yield found(place, f"twice in the sitemap: {address}")
        elif changed and not has_offset(changed):
            yield found(place, f"lastmod is no date and time with an offset: {changed}")
        elif own is not None and own != changed[:10]:
            message = f"lastmod of {address} is {changed or 'missing'}, not {own or 'missing'}"
            yield found(place, message)
    for address in sorted(pages.keys() - counts.keys()):
        yield found(place, f"not in the sitemap: {address}")


def last_change(site: CheckedSite, path: str) -> str | None:
    """Return the day on which a page changed, of a list the newest ("": none; None: unknown)."""
    content, view = site.contents.get(path), site.site.views.get(path)
    if not content and not (view and view.posts):
        return None
    contents: Iterable[Content] = [content] if content else view.posts if view else ()
    dates = (one.modified or one.date for one in contents)
    return max((f"{date:%Y-%m-%d}" for date in dates if date), default="")


def robots(site: CheckedSite) -> Iterator[Problem]:
    """robots.txt names the sitemap by its URL and lets every listed page be read.

    A search engine that knows only the host finds the sitemap by that line, with an absolute URL
    (SITEURL and SITEMAP_SAVE_AS). The file is yours (`content/extra/robots.txt`): write the line
    that is shown. To hide a page from search engines, give it `Status: hidden`. Without
    SITEMAP_SAVE_AS there is nothing to check.
    """
    settings = site.settings
    if not settings.sitemap_save_as or not settings.siteurl or is_local(settings.siteurl):
        return
    wanted = f"{settings.site}{settings.sitemap_save_as}"
    hint = f"write Sitemap: {wanted}"
    if ROBOTS not in site.artifacts:
        folder = Path(settings.path, *settings.extra_paths[:1])
        yield found((str(folder / ROBOTS), 0), "robots.txt is missing", hint)
        return
    path = site.place(ROBOTS)[0]
    text = site.read(ROBOTS).decode("utf-8", "replace")
    lines = [(line.partition(":"), n) for n, line in enumerate(text.splitlines(), 1)]
    rules = [(name.strip().lower(), value.strip(), n) for (name, _, value), n in lines]
    named = [(value, n) for name, value, n in rules if name == "sitemap"]
    if not named:
        yield found((path, 1), "robots.txt without the sitemap", hint)
    for value, line in named:
        if value != wanted:
            file, at = settings.place("SITEURL")
            either = f"{hint}, or fix SITEURL ({relative(file)}:{at})"
            yield found((path, line), f"not the sitemap of SITEURL: {value}", either)
    parser = RobotFileParser()
    parser.parse(text.splitlines())
    pages = [address_of(p) for p, facts in rendered_pages(site).items() if is_indexed(facts)]
    if blocked := [a for a in pages if not parser.can_fetch("*", settings.siteurl + a)]:
        line = next((n for name, value, n in rules if name == "disallow" and value), 0)
        message = f"robots.txt disallows {len(blocked)} listed pages, such as {blocked[0]}"
        yield found((path, line), message, "to hide a page: Status: hidden")


def future_dates(site: CheckedSite) -> Iterator[Problem]:
    """`Modified` is not in the future, and `Date` at most a year ahead.

    A slip in the year makes a post wait for decades, or seem changed before it was. Fix the date. A
    post whose folder or file has the same date is meant to wait.
    """
    yield from dates_ahead(site.site.contents, datetime.now(UTC))


def dates_ahead(contents: Iterable[Content], now: datetime) -> Iterator[Problem]:
    """Yield a problem for each date that cannot be meant."""
    for content in contents:
        document = content.document
        if content.modified and content.modified > now:
            place = (document.path, document.lines.get("modified", 0))
            yield found(place, f"Modified is in the future: {content.modified:%Y-%m-%d}")
        date = content.date if isinstance(document.front_matter, Post) else None
        meant = date and f"{date:%Y-%m-%d}" in document.name
        if date and date > now + timedelta(days=SCHEDULED_DAYS) and not meant:
            place = (document.path, document.lines.get("date", 0))
            yield found(place, f"Date is more than a year ahead: {date:%Y-%m-%d}")


PAGE_CHECKS: tuple[PageCheck, ...] = (structured_data, microformats, consistent_metadata)
SITE_CHECKS: tuple[SiteCheck, ...] = (
    site_url,
    titles,
    descriptions,
    canonical,
    open_graph,
    sitemap,
    robots,
    future_dates,
)
