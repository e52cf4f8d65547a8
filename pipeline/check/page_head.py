"""What pages say about themselves to search engines, to sites that share them, and to feed readers.

https://ogp.me, https://schema.org, https://microformats.org/wiki/h-entry, https://www.sitemaps.org
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.robotparser import RobotFileParser
from xml.etree.ElementTree import ParseError, fromstring

from PIL import Image
from turbohtml import Element

from pipeline.check.checked_site import (
    CheckedSite,
    Outline,
    PageCheck,
    SiteCheck,
    found,
    is_local,
    target_of,
)
from pipeline.content.reader import read_toml
from pipeline.html import MARK, PageTree, address_of, attribute, classes, text_of, words_of
from pipeline.metadata.page_metadata import NOT_FOUND_PAGE
from pipeline.metadata.social_card import HEIGHT, WIDTH
from pipeline.problems import Problem, did_you_mean, relative, shorten

MAX_TITLE, MAX_DESCRIPTION, MIN_WORDS = 150, 200, 3
# Scripts without spaces, in which each character counts as a word: Thai to Khmer, Japanese, Chinese
NO_SPACES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{NO_SPACES}]|[^\s{NO_SPACES}]+")
OPEN_GRAPH = (
    "og:type", "og:title", "og:description", "og:url", "og:site_name", "og:image",
    "og:image:width", "og:image:height", "og:image:alt", "twitter:card",
)  # fmt: skip
PUBLISHED = "article:published_time"
POSTING = ("url", "headline", "image", "datePublished", "dateModified", "author")
PERSON = ("name", "url")
# What must be the same, and the places in <meta>, JSON-LD and <time> that have it
META_FIELDS = {
    "og:title": "title", "description": "description", "og:description": "description",
    "og:url": "URL", "og:image": "image", "article:published_time": "date",
}  # fmt: skip
JSON_LD_FIELDS = {
    "headline": "title", "name": "title", "description": "description", "url": "URL",
    "image": "image", "datePublished": "date", "dateModified": "date of change",
}  # fmt: skip
TIME_FIELDS = {"dt-published": "date", "dt-updated": "date of change"}
H_ENTRY = ("p-name", "e-content", "u-url", "dt-published", "p-author")
SITEMAP_NS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
MAX_URLS, MAX_BYTES = 50_000, 50 * 1024 * 1024
SCHEDULED_DAYS = 366  # how far ahead a post is scheduled


def _rendered_pages(site: CheckedSite) -> Mapping[str, Outline]:
    """Return the pages that the theme made for readers: no redirects, no copied HTML files."""
    return {
        path: facts
        for path, facts in site.outlines.items()
        if not facts.refresh and (path in site.contents or not site.artifacts[path].source)
    }


def _is_indexed(facts: Outline) -> bool:
    return "noindex" not in facts.metas.get("robots", "")


def _indexed_pages(site: CheckedSite) -> dict[str, str]:
    """Return the pages that search engines may list by their canonical URLs."""
    pages = [path for path, facts in _rendered_pages(site).items() if _is_indexed(facts)]
    return {site.settings.siteurl + address_of(path): path for path in pages}


# What others write where a domain belongs
RESERVED = re.compile(r"(?:www\.)?(?:example|my-?site|your-?(?:site|domain|name))\.com")


def site_url(site: CheckedSite) -> Iterator[Problem]:
    """SITEURL is the address at which readers find the site."""
    settings, hint = site.settings, 'SITEURL = "https://…"'
    needed = settings.page_views or settings.sitemap_save_as or site.site.feeds
    if is_local(settings.siteurl):
        message = f"the address of your own machine: {settings.siteurl}"
        yield settings.problem("SITEURL", message, hint)
    elif RESERVED.fullmatch(urlsplit(settings.siteurl).hostname or ""):
        yield settings.problem("SITEURL", f"an address of nobody: {settings.siteurl}", hint)
    elif needed and not settings.siteurl:
        yield settings.problem("SITEURL", "not set", hint)
    domain = site.read("CNAME").decode().strip() if "CNAME" in site.artifacts else ""
    if domain and domain != urlsplit(settings.siteurl).hostname:
        yield found(site.place("CNAME"), f"CNAME: not the host of SITEURL: {domain}", hint)


def setting_pages(site: CheckedSite) -> Iterator[Problem]:
    """The pages and files that settings name are on the site."""
    settings, lists = site.settings, site.settings.direct_templates
    names = [f"{name}_url" for name in ("archives", "tags", "feeds") if name in lists]
    for name in ("author_page", "feed_icon", "feed_logo", *names):
        address = str(getattr(settings, name))
        page = f"{address}index.html" if address.endswith("/") else address
        if address and page not in site.artifacts:
            known = sorted(path.removesuffix("index.html") for path in site.artifacts)
            yield settings.problem(
                name, f"not on the site: {address}", did_you_mean(address, known)
            )


def titles(site: CheckedSite) -> Iterator[Problem]:
    """Every page has a title that no other listed page has, of at most 150 characters."""
    texts = {path: facts.title for path, facts in _rendered_pages(site).items()}
    yield from _text_problems(site, "title", "title", MAX_TITLE, texts)


def descriptions(site: CheckedSite) -> Iterator[Problem]:
    """Every page has a description of its own, of three words to 200 characters."""
    pages = _rendered_pages(site)
    texts = {path: facts.metas.get("description", "") for path, facts in pages.items()}
    yield from _text_problems(site, "summary", "description", MAX_DESCRIPTION, texts)
    for path, text in texts.items():
        if text and len(WORD.findall(text)) < MIN_WORDS:
            message = f"description of fewer than {MIN_WORDS} words: {text!r}"
            yield found(_place_of(site, path, "summary"), message)
        elif text and text == pages[path].metas.get("og:title"):
            message = f"description repeats the title: {shorten(text)}"
            yield found(_place_of(site, path, "summary"), message)


def _text_problems(
    site: CheckedSite, key: str, name: str, limit: int, texts: Mapping[str, str]
) -> Iterator[Problem]:
    """Yield a problem for each page whose text is missing, too long or another listed page's.

    `key` is the key of the front matter that has it.
    """
    first: dict[str, str] = {}
    # The lists come first: a text can be changed more easily than they.
    for path, text in sorted(texts.items(), key=lambda page: page[0] in site.contents):
        facts, content = site.outlines[path], site.contents.get(path)
        if not text:
            written = not content or getattr(content.document, key)
            place = facts.head if written else _place_of(site, path, key)
            yield found(place, f"page without a {name}: {address_of(path)}")
        elif _is_indexed(facts) and (other := first.setdefault(text, path)) != path:
            message = f"same {name} as {address_of(other)}: {shorten(text)}"
            yield found(_place_of(site, path, key), message)
        if len(text) > limit:
            message = f"{name} of {len(text)} characters, allowed are {limit}"
            yield found(_place_of(site, path, key), message)


def _place_of(site: CheckedSite, path: str, key: str) -> tuple[str, int]:
    """Return where a page's title or summary is written: text, list of tags, or settings."""
    content, view = site.contents.get(path), site.site.views.get(path)
    if content:
        lines = content.document.lines
        return content.document.path, lines.get(key) or lines.get("title", 0)
    if view and view.tag and key == "summary" and site.settings.tags_file:
        tags = Path(site.settings.path, site.settings.tags_file)
        return str(tags), read_toml(tags)[1].get(view.tag.name, 0)
    return site.settings.place("LISTING_PAGES") if view else site.outlines[path].head


def canonical(site: CheckedSite) -> Iterator[Problem]:
    """A page has its own URL as the canonical one, or, with noindex, none."""
    for path, facts in _rendered_pages(site).items() if site.settings.siteurl else ():
        named, own = facts.canonical, site.settings.siteurl + address_of(path)
        wanted = [unquote(own)] if _is_indexed(facts) else []
        if list(map(unquote, named)) == wanted:
            continue
        addresses = site.facts[path].addresses
        links = [a for a in addresses if a.tag == "link" and "canonical" in a.rel]
        place = (links[0].path, links[0].line) if links else facts.head
        if setting := _url_setting(site, path):
            message = f"{setting}_URL leads elsewhere than to the files that are written"
            yield site.settings.problem(f"{setting}_SAVE_AS", message)
        elif not links:
            message = f"page without a canonical URL: {address_of(path)}"
            yield found(place, message, f"write {own}")
        elif wanted:
            message = f"canonical URL is another page's: {', '.join(named)}"
            yield found(place, message, f"write {own}")
        else:
            message = f"canonical URL on a page with noindex: {named[0]}"
            yield found(place, message, "remove it")


def _url_setting(site: CheckedSite, path: str) -> str:
    """Return the begin of the settings that give a page two different addresses ("": none)."""
    view = site.site.views.get(path)
    if not view or f"/{unquote(view.url)}" == address_of(path):
        return ""
    if view.content:
        kind = "ARTICLE" if view.content.is_post else "PAGE"
        return "" if view.content.document.front_matter.save_as else kind
    return "TAG" if view.tag else view.template.removesuffix(".html").upper()


def open_graph(site: CheckedSite) -> Iterator[Problem]:
    """A page says what a shared link to it shows (Open Graph), with an image that is right."""
    pages = _rendered_pages(site) if site.settings.social_card else {}
    for path, facts in pages.items():
        if path == NOT_FOUND_PAGE:
            continue
        content, metas = site.contents.get(path), facts.metas
        date = content.date if content and content.is_post else None
        missing = [n for n in (*OPEN_GRAPH, *([PUBLISHED] if date else [])) if not metas.get(n)]
        if missing:
            yield found(facts.head, f"Open Graph without {', '.join(missing)}: {address_of(path)}")
        elif date and metas["og:type"] != "article":
            yield found(facts.head, f"og:type of a post is not article: {metas['og:type']}")
        elif date and metas[PUBLISHED][:10] != f"{date:%Y-%m-%d}":
            message = f"{PUBLISHED} is not {date:%Y-%m-%d}: {metas[PUBLISHED]}"
            yield found(facts.head, message)
        if (url := metas.get("og:image")) and (message := _image_problem(site, metas)):
            addresses = site.facts[path].addresses
            named = [a for a in addresses if (a.tag, a.value) == ("meta", url)]
            place = (named[0].path, named[0].line) if named else facts.head
            yield found(place, message, f"name an image of the site, {WIDTH} × {HEIGHT}")


def _image_problem(site: CheckedSite, metas: Mapping[str, str]) -> str:
    """Return what is wrong with the image that a page names ("": nothing)."""
    target = target_of(site.settings.siteurl, metas["og:image"])
    if not target or not target.exact or target.file not in site.artifacts:
        return f"og:image is no image of the site: {shorten(metas['og:image'])}"
    try:
        size = site.memo(image_size, site.data(target.file))
    except (OSError, ValueError, SyntaxError) as error:
        return f"og:image cannot be read: {error}"
    named = [metas.get(f"og:image:{name}") for name in ("width", "height")]
    if named == [*map(str, size)] and size == (WIDTH, HEIGHT):
        return ""
    return f"og:image is {size[0]} × {size[1]}; the page says {named}"


def image_size(data: Callable[[], bytes]) -> tuple[int, int]:
    """Return width and height of an image. Raises OSError, ValueError or SyntaxError."""
    with Image.open(BytesIO(data())) as image:
        return image.size


Thing = tuple[Element, dict[str, Any]]  # in JSON-LD, with the script that describes it


class PageDescription(NamedTuple):
    """What a page of the theme says about itself; `scripts` of JSON-LD have their errors."""

    title: Element
    metas: dict[str, Element]
    scripts: list[tuple[Element, str]]
    things: list[Thing]
    postings: list[Thing]
    is_post: bool


@lru_cache(maxsize=1)
def _describe(page: PageTree) -> PageDescription | None:
    """Return what a page says about itself; None: it is a redirect, or not made by our theme."""
    refreshes = ["refresh" in attribute(m, "http-equiv").lower() for m in page.named("meta")]
    # Only our theme marks its elements with templates: a copied HTML file has none.
    if any(refreshes) or not any(":" in attribute(root, MARK) for root in page.named("html")):
        return None
    scripts: list[tuple[Element, str]] = []
    things: list[Thing] = []
    for script in page.named("script"):
        if attribute(script, "type").strip().lower() != "application/ld+json":
            continue
        try:
            nodes = [n for n in _as_list(json.loads(text_of(script))) if isinstance(n, dict)]
        except ValueError as error:
            scripts.append((script, str(error)))
            continue
        scripts.append((script, ""))
        graphs = [_as_list(node.get("@graph", node)) for node in nodes]
        things += [(script, t) for graph in graphs for t in graph if isinstance(t, dict)]
    metas = {attribute(m, "property") or attribute(m, "name"): m for m in page.named("meta")}
    postings = [(s, thing) for s, thing in things if "BlogPosting" in _as_list(thing.get("@type"))]
    og_type = attribute(metas["og:type"], "content") if "og:type" in metas else ""
    title, is_post = page.named("title", "head")[0], og_type == "article" or bool(postings)
    return PageDescription(title, metas, scripts, things, postings, is_post)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def structured_data(page: PageTree) -> Iterator[Problem]:
    """A post says in JSON-LD all that search engines ask of one."""
    described = _describe(page)
    if not described or page.path == NOT_FOUND_PAGE:
        return
    for script, error in described.scripts:
        if error:
            yield found(page.place(script), f"JSON-LD is no JSON: {error}")
    if not described.is_post:
        return
    if not any(":" in attribute(script, MARK) for script, _ in described.scripts):
        yield found(page.place(described.title), f"post without JSON-LD: {page.address}")
    else:
        script, posting = next(iter(described.postings), (described.scripts[0][0], {}))
        yield from (found(page.place(script), message) for message in _posting_problems(posting))


def _posting_problems(posting: Mapping[str, Any]) -> Iterator[str]:
    if missing := [name for name in POSTING if posting.get(name) in (None, "")]:
        yield f"BlogPosting without {', '.join(missing)}" if posting else "no BlogPosting of a post"
    author = next(iter(_as_list(posting.get("author"))), None)
    if isinstance(author, dict) and (missing := [n for n in PERSON if not author.get(n)]):
        yield f"author of a BlogPosting without {', '.join(missing)}"
    for name in ("datePublished", "dateModified"):
        if posting.get(name) and not _has_offset(str(posting[name])):
            yield f"{name} is no date and time with an offset: {posting[name]}"


def _has_offset(text: str) -> bool:
    """Return whether a text is a date and time with an offset (RFC 3339)."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def microformats(page: PageTree) -> Iterator[Problem]:
    """A post is an h-entry with name, content, URL, date and author."""
    described = _describe(page)
    if not described or not described.is_post:
        return
    articles = page.named("article", "main", "body")
    entry = next((e for e in articles if "h-entry" in classes(e)), None)
    if entry is None:
        yield found(page.place(articles[0]), "post that is no h-entry", 'class="h-entry"')
    elif missing := [name for name in H_ENTRY if not entry.select_one(f".{name}")]:
        yield found(page.place(entry), f"h-entry without {', '.join(missing)}")


def consistent_metadata(page: PageTree) -> Iterator[Problem]:
    """What a page says of itself in several places is the same in all of them."""
    described = _describe(page)
    first: dict[str, tuple[str, str]] = {}
    for name, value, where, element in _stated_values(page, described) if described else ():
        known, elsewhere = first.setdefault(name, (value, where))
        # The day alone is shown to readers.
        if value and value != (known[:10] if element.tag == "time" else known):
            message = f"{name} in {where} is {shorten(value)!r}"
            yield found(page.place(element), message, f"{elsewhere} has {shorten(known)!r}")


def _stated_values(
    page: PageTree, described: PageDescription
) -> Iterator[tuple[str, str, str, Element]]:
    """Yield what a page says of itself: what it is, the value, where, and the element."""
    metas = {key: (attribute(e, "content"), key, e) for key, e in described.metas.items()}
    yield from ((META_FIELDS[key], *metas[key]) for key in META_FIELDS if metas.get(key, [""])[0])
    for script, thing in [pair for pair in described.things if pair[1].get("url")][:1]:
        for key, name in JSON_LD_FIELDS.items():
            value = thing.get(key)
            value = value.get("url") if isinstance(value, dict) else value
            if isinstance(value, str) and value:
                yield name, value, f"JSON-LD, {key},", script
    # A part of another page has that page's URL as the canonical one (`canonical` checks it).
    own = metas["og:url"][0] if "og:url" in metas and not described.is_post else ""
    for link in page.named("link"):
        href = attribute(link, "href")
        if "canonical" in attribute(link, "rel").split() and not own.startswith(href):
            yield "URL", href, "the canonical link", link
    if "og:site_name" in metas and described.title.tag == "title":
        title = words_of(described.title).removesuffix(f" · {metas['og:site_name'][0]}")
        yield "title", title, "<title>", described.title
    for heading in page.named("h1")[:1] if described.is_post else ():
        yield "title", words_of(heading), "<h1>", heading
    for role, name in TIME_FIELDS.items() if described.is_post else ():
        for time in [e for e in page.named("time") if role in classes(e)][:1]:
            yield name, attribute(time, "datetime")[:10], f".{role}", time


def sitemap(site: CheckedSite) -> Iterator[Problem]:
    """The sitemap follows sitemaps.org and has every page that search engines may list."""
    name, place = site.settings.sitemap_save_as, (f"/{site.settings.sitemap_save_as}", 0)
    if not name or not site.settings.siteurl:
        return
    data = site.read(name) if name in site.artifacts else b""
    try:
        root = fromstring(data)
    except ParseError as error:
        line, message = (error.position[0], f"no XML: {error}") if data else (0, "missing")
        yield found((place[0], line), f"sitemap is {message}")
        return
    urls = root.findall(f"{SITEMAP_NS}url")
    if root.tag != f"{SITEMAP_NS}urlset" or len(urls) > MAX_URLS or len(data) > MAX_BYTES:
        yield found(place, f"no urlset of at most {MAX_URLS} URLs and 50 MB: <{root.tag}>")
        return
    pages = _indexed_pages(site)
    addresses = [unquote(url.findtext(f"{SITEMAP_NS}loc", "")) for url in urls]
    for address, count in Counter(addresses).items():
        if address not in pages:
            yield found(place, f"sitemap has no canonical URL of a page: {address}")
        elif count > 1:
            yield found(place, f"twice in the sitemap: {address}")
    for address, url in zip(addresses, urls, strict=True):
        changed = url.findtext(f"{SITEMAP_NS}lastmod", "")
        own = _last_change(site, pages[address]) if address in pages else None
        if changed and not _has_offset(changed):
            yield found(place, f"lastmod is no date and time with an offset: {changed}")
        elif own is not None and own != changed[:10]:
            message = f"lastmod of {address} is {changed or 'missing'}, not {own or 'missing'}"
            yield found(place, message)
    for address in sorted(pages.keys() - {*addresses}):
        yield found(place, f"not in the sitemap: {address}")


def _last_change(site: CheckedSite, path: str) -> str | None:
    """Return the day on which a page changed, of a list the newest ("": none; None: unknown)."""
    content, view = site.contents.get(path), site.site.views.get(path)
    contents = (content,) if content else view.posts if view else ()
    dates = [f"{date:%Y-%m-%d}" for one in contents if (date := one.modified or one.date)]
    return max(dates, default="") if contents else None


def robots(site: CheckedSite) -> Iterator[Problem]:
    """robots.txt names the sitemap by its URL and lets every listed page be read."""
    settings = site.settings
    if not settings.sitemap_save_as or not settings.siteurl or is_local(settings.siteurl):
        return
    wanted = f"{settings.site}{settings.sitemap_save_as}"
    hint = f"write Sitemap: {wanted}"
    if "robots.txt" not in site.artifacts:
        path = str(Path(settings.path, *settings.extra_paths[:1], "robots.txt"))
        yield found((path, 0), "robots.txt is missing", hint)
        return
    path = site.place("robots.txt")[0]
    lines = site.read("robots.txt").decode("utf-8", "replace").splitlines()
    parts = [(n, line.partition(":")) for n, line in enumerate(lines, 1)]
    rules = [(n, name.strip().lower(), value.strip()) for n, (name, _, value) in parts]
    named = [(value, n) for n, name, value in rules if name == "sitemap"]
    if not named:
        yield found((path, 1), "robots.txt without the sitemap", hint)
    for value, line in named:
        if value != wanted:
            file, at = settings.place("SITEURL")
            either = f"{hint}, or fix SITEURL ({relative(file)}:{at})"
            yield found((path, line), f"not the sitemap of SITEURL: {value}", either)
    parser = RobotFileParser()
    parser.parse(lines)
    if blocked := [url for url in _indexed_pages(site) if not parser.can_fetch("*", url)]:
        line = next((n for n, name, value in rules if name == "disallow" and value), 0)
        first = blocked[0].removeprefix(settings.siteurl)
        message = f"robots.txt disallows {len(blocked)} listed pages, such as {first}"
        yield found((path, line), message, "to hide a page: Status: hidden")


def future_dates(site: CheckedSite) -> Iterator[Problem]:
    """`Modified` is not in the future, and `Date` at most a year ahead."""
    now = datetime.now(UTC)
    for content in site.site.contents:
        document, modified, date = content.document, content.modified, content.date
        if modified and modified > now:
            place = (document.path, document.lines.get("modified", 0))
            yield found(place, f"Modified is in the future: {modified:%Y-%m-%d}")
        # A post whose folder or file has the same date is meant to wait.
        late = date and content.is_post and date > now + timedelta(days=SCHEDULED_DAYS)
        if late and f"{date:%Y-%m-%d}" not in document.name:
            place = (document.path, document.lines.get("date", 0))
            yield found(place, f"Date is more than a year ahead: {date:%Y-%m-%d}")


PAGE_CHECKS: tuple[PageCheck, ...] = (structured_data, microformats, consistent_metadata)
SITE_CHECKS: tuple[SiteCheck, ...] = (
    site_url, setting_pages, titles, descriptions, canonical, open_graph, sitemap, robots,
    future_dates,
)  # fmt: skip
