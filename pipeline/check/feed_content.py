"""Feeds of the pipeline: what feed readers get, without the theme and away from the site."""

import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin

from turbohtml import Element, Node, Text

from pipeline.check.checked_site import CheckedSite, SiteCheck, found, target_of
from pipeline.content.tag_uri import is_entry_id
from pipeline.feeds.entry_html import DROPPED, FOOTNOTE_ID, GLOBAL, KEPT, URLS
from pipeline.feeds.feed_reader import ReadEntry, ReadFeed
from pipeline.feeds.writers import feed_paths
from pipeline.html import MARK, attribute, classes, elements, parse_part, text_of
from pipeline.model import Content
from pipeline.problems import Problem, shorten

WORD = re.compile(r"\w+")
ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE)
RELATIONS = ("self", "current", "prev-archive", "next-archive")
# What an entry has in another form: the table of a chart, drawings, formulas, media
OTHER_FORM = frozenset({"details", "svg", "math", "video", "audio", "iframe", *DROPPED})
SHOWN_WORDS = 6
NO_FOOTNOTE = "link to a footnote that the entry lacks"


class Parsed(NamedTuple):
    """An entry with its HTML parsed; `content` is the post or page that it is of."""

    entry: ReadEntry
    root: Element
    content: Content | None

    def place(self, key: str = "title") -> tuple[str, int]:
        """Return the file and line of a key of the front matter, or the entry's URL."""
        if not self.content:
            return self.entry.url, 0
        document = self.content.document
        return document.path, document.lines.get(key) or document.lines.get("title", 0)


@lru_cache(maxsize=1)
def _own_feeds(site: CheckedSite) -> dict[str, ReadFeed]:
    """Return the feeds that the pipeline writes, and files at earlier addresses of them."""
    paths = {*feed_paths(site.site.feeds, site.settings), *site.settings.feed_aliases}
    return {path: feed for path, feed in site.feeds.items() if path in paths}


@lru_cache(maxsize=1)
def _parsed_entries(site: CheckedSite) -> tuple[Parsed, ...]:
    """Return the different entries of all feeds."""
    contents = {site.settings.site + content.url: content for content in site.contents.values()}
    entries = {(e.id, e.url, e.html): e for feed in _own_feeds(site).values() for e in feed.entries}
    return tuple(
        Parsed(entry, parse_part(entry.html), contents.get(urldefrag(entry.url)[0]))
        for entry in entries.values()
    )


def feed_valid(site: CheckedSite) -> Iterator[Problem]:
    """Every feed is valid Atom (RFC 4287), RSS 2.0 or JSON Feed 1.1."""
    paths: dict[str, list[str]] = {}
    for path, feed in _own_feeds(site).items():
        for problem in dict.fromkeys(feed.problems):
            paths.setdefault(problem, []).append(path)
    for problem, (first, *more) in paths.items():
        others = f", also in {len(more)} other feeds" if more else ""
        yield found((f"/{first}", 0), f"{shorten(problem, 90)}{others}")


def entry_ids(site: CheckedSite) -> Iterator[Problem]:
    """Every entry has an id of its own for life, a tag URI, the same in all feeds."""
    for path, feed in _own_feeds(site).items():
        for id, count in Counter(entry.id for entry in feed.entries).items():
            if count > 1:
                yield found((f"/{path}", 0), f"{count} entries have the id {id}")
    urls: dict[str, str] = {}
    for parsed in _parsed_entries(site):
        id, url = parsed.entry.id, parsed.entry.url
        first = urls.setdefault(id, url)
        if not is_entry_id(id):
            yield found(
                parsed.place("id"), f"id in feeds is no tag URI and no URL: {id!r}", "Id: tag:…"
            )
        elif first != url:
            yield found(parsed.place("id"), f"id in feeds is also that of {first}: {id}")


def feed_links(site: CheckedSite) -> Iterator[Problem]:
    """What a feed links to exists: itself, its archives, the pages of its entries."""
    for path, feed in _own_feeds(site).items() if site.settings.siteurl else ():
        place = (f"/{path}", 0)
        for relation, url in feed.links:
            if relation not in RELATIONS:
                continue
            target = target_of(site.settings.siteurl, url)
            named = target.file if target else ""
            # A JSON feed's archive names the feed, a copy at an earlier address its original.
            is_archive = path.startswith(f"{named.removesuffix('.json')}/")
            if named not in site.artifacts:
                yield found(place, f"link {relation} leads to no feed of the site: {url!r}")
            elif relation != "self" or path == named or (is_archive and path.endswith(".json")):
                continue
            elif site.artifacts[path].digest != site.artifacts[named].digest:
                yield found(place, f"link self is another feed's: {url}")
        for entry in feed.entries:
            target = target_of(site.settings.siteurl, entry.url)
            if not target or target.file not in site.facts:
                yield found(place, f"entry that leads to no page: {entry.url!r}")


def entry_urls(site: CheckedSite) -> Iterator[Problem]:
    """Every URL in an entry is absolute and leads to something that exists."""
    ids: dict[str, list[str]] = {}
    for parsed in _parsed_entries(site):
        nodes = list(elements(parsed.root))
        ids[parsed.entry.html] = [attribute(e, "id") for e in nodes if attribute(e, "id")]
        page = site.facts.get(parsed.content.output) if parsed.content else None
        addresses = page.addresses if page else ()
        on_page = {urljoin(parsed.entry.url, address.value.strip()) for address in addresses}
        for url in [attribute(node, name) for node in nodes for name in URLS if name in node.attrs]:
            message = _url_problem(site, parsed.entry, url, ids[parsed.entry.html])
            # What is broken on the page too is for broken-links.
            if message and (url not in on_page or message == NO_FOOTNOTE):
                yield found(parsed.place(), f"{message}: {shorten(url)}")
    for path, feed in _own_feeds(site).items():
        for id, count in Counter(id for e in feed.entries for id in ids.get(e.html, ())).items():
            if count > 1:
                yield found((f"/{path}", 0), f"duplicate id in the entries of a feed: {id}")


def _url_problem(site: CheckedSite, entry: ReadEntry, url: str, ids: list[str]) -> str:
    """Return what is wrong with a URL in an entry that has these ids ("": nothing)."""
    if not ABSOLUTE.fullmatch(url.replace(" ", "%20")):
        return "relative URL in feeds"
    target = target_of(site.settings.siteurl, url)
    if not target:
        return ""
    if not site.is_reachable(target):
        return "broken link in feeds"
    facts, name = site.facts.get(target.file), target.fragment
    if name and facts and name not in facts.ids:
        return "no such id on the page, in feeds"
    own = urldefrag(url)[0] == entry.url
    return NO_FOOTNOTE if own and FOOTNOTE_ID.match(name) and name not in ids else ""


def entry_html(site: CheckedSite) -> Iterator[Problem]:
    """An entry has only elements and attributes that feed readers show."""
    for parsed in _parsed_entries(site):
        for node in elements(parsed.root):
            allowed = {*KEPT.get(node.tag, ()), *GLOBAL, "id"}
            if node.tag not in (*KEPT, "div", "span"):
                yield found(parsed.place(), f"<{node.tag}> in feeds")
            elif strange := sorted(set(node.attrs) - allowed):
                message = f"attributes of <{node.tag}> in feeds: {', '.join(strange)}"
                yield found(parsed.place(), message)


def feed_full_text(site: CheckedSite) -> Iterator[Problem]:
    """An entry has every word of its text, in order."""
    for parsed in _parsed_entries(site):
        if not parsed.content or urldefrag(parsed.entry.url)[1]:
            continue
        wanted = list(words_in(parse_part(parsed.content.html)))
        given = [word for word, _ in words_in(parsed.root)]
        if (lost := first_missing([word for word, _ in wanted], given)) is not None:
            words = " ".join(word for word, _ in wanted[lost : lost + SHOWN_WORDS])
            path, line = parsed.place()
            yield found((path, wanted[lost][1] or line), f"missing in feeds: {shorten(words)!r}")


def words_in(node: Node, line: int = 0) -> Iterator[tuple[str, int]]:
    """Yield the words in a node with their lines, without what an entry has in another form."""
    for child in node.children:
        if isinstance(child, Text):
            yield from ((word, line) for word in WORD.findall(child.data))
        elif isinstance(child, Element) and child.tag not in OTHER_FORM:
            mark = attribute(child, MARK)
            at = int(mark) if mark.isdecimal() else line
            if child.tag == "pre":  # the elements that color code do not separate words
                yield from ((word, at) for word in WORD.findall(text_of(child)))
            elif "linenos" not in classes(child):
                yield from words_in(child, at)


def first_missing(wanted: list[str], given: list[str]) -> int | None:
    """Return where the first word is that is not among the given ones in order; None: all are."""
    words = iter(given)
    if all(word in words for word in wanted):
        return None
    codes = SequenceMatcher(None, wanted, given, autojunk=False).get_opcodes()
    return next(start for tag, start, _, _, _ in codes if tag in ("delete", "replace"))


SITE_CHECKS: tuple[SiteCheck, ...] = (
    feed_valid, entry_ids, feed_links, entry_urls, entry_html, feed_full_text,
)  # fmt: skip
