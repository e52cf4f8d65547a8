"""Feeds of the pipeline: what feed readers get, without the theme and away from the site."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from difflib import SequenceMatcher
from functools import lru_cache, partial
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin

from turbohtml import Element, Node, Text

from pipeline.check.checked_site import CheckedSite, SiteCheck, found, target_of
from pipeline.content.tag_uri import is_entry_id
from pipeline.feeds.entry_html import DROPPED, FOOTNOTE_ID, GLOBAL, KEPT, URLS
from pipeline.feeds.feed_reader import ReadEntry, ReadFeed, read_feed
from pipeline.feeds.writers import feed_paths
from pipeline.html import MARK, attribute, classes, elements, parse_part, text_of
from pipeline.memo import Result, known
from pipeline.model import Content
from pipeline.problems import Problem, shorten

WORD = re.compile(r"\w+")
ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE)
RELATIONS = ("self", "current", "prev-archive", "next-archive")
# What an entry has in another form: the table of a chart, drawings, formulas, media
OTHER_FORM = frozenset({"details", "svg", "math", "video", "audio", "iframe", *DROPPED})
SHOWN_WORDS = 6
NO_FOOTNOTE = "link to a footnote that the entry lacks"


class Outline(NamedTuple):
    """What the HTML of an entry has: URLs, ids, what feed readers do not show.

    `missing` are the first words of the text that it lacks, with their line.
    """

    urls: tuple[str, ...]
    ids: tuple[str, ...]
    faults: tuple[str, ...]
    missing: tuple[str, int] | None


class Entry(NamedTuple):
    """An entry of a feed; `content` is the post or page that it is of."""

    entry: ReadEntry
    outline: Outline
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
def _entries(site: CheckedSite) -> tuple[Entry, ...]:
    """Return the different entries of all feeds."""
    contents = {site.settings.site + content.url: content for content in site.contents.values()}
    found: dict[tuple[str, str, str], Entry] = {}
    for path, feed in _own_feeds(site).items():
        for number, entry in enumerate(feed.entries):
            if (key := (entry.id, entry.url, entry.html)) in found:
                continue
            url, fragment = urldefrag(entry.url)
            content = contents.get(url)
            html = Result(entry.html, partial(_html_of, site, path, number))
            text = known(content.html) if content and not fragment else None
            found[key] = Entry(entry, site.memo(outline_entry, html, text), content)
    return tuple(found.values())


def _html_of(site: CheckedSite, path: str, number: int) -> str:
    return _whole_feed(site, path).entries[number].html


@lru_cache(maxsize=1)
def _whole_feed(site: CheckedSite, path: str) -> ReadFeed:
    return read_feed(site.read(path), path)


def outline_entry(html: Callable[[], str], text: Callable[[], str] | None) -> Outline:
    """Return what site checks need of an entry; `text` is the HTML of the text that it has."""
    root = parse_part(html())
    nodes, missing = list(elements(root)), None
    if text:
        wanted = list(words_in(parse_part(text())))
        given = [word for word, _ in words_in(root)]
        if (lost := first_missing([word for word, _ in wanted], given)) is not None:
            words = " ".join(word for word, _ in wanted[lost : lost + SHOWN_WORDS])
            missing = words, wanted[lost][1]
    return Outline(
        tuple(attribute(node, name) for node in nodes for name in URLS if name in node.attrs),
        tuple(attribute(node, "id") for node in nodes if attribute(node, "id")),
        tuple(fault for node in nodes if (fault := _fault(node))),
        missing,
    )


def _fault(node: Element) -> str:
    """Return what of an element no feed reader shows ("": it shows all)."""
    if node.tag not in (*KEPT, "div", "span"):
        return f"<{node.tag}> in feeds"
    strange = sorted(set(node.attrs) - {*KEPT.get(node.tag, ()), *GLOBAL, "id"})
    return f"attributes of <{node.tag}> in feeds: {', '.join(strange)}" if strange else ""


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
    for parsed in _entries(site):
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
    pages: dict[str, bool] = {}  # whether a URL leads to one
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
            if entry.url not in pages:
                target = target_of(site.settings.siteurl, entry.url)
                pages[entry.url] = target is not None and target.file in site.outlines
            if not pages[entry.url]:
                yield found(place, f"entry that leads to no page: {entry.url!r}")


def entry_urls(site: CheckedSite) -> Iterator[Problem]:
    """Every URL in an entry is absolute and leads to something that exists."""
    ids: dict[str, tuple[str, ...]] = {}
    for parsed in _entries(site):
        ids[parsed.entry.html] = parsed.outline.ids
        for url in parsed.outline.urls:
            message = _url_problem(site, parsed.entry, url, parsed.outline.ids)
            # What is broken on the page too is for broken-links.
            if message and (message == NO_FOOTNOTE or url not in _on_page(site, parsed)):
                yield found(parsed.place(), f"{message}: {shorten(url)}")
    for path, feed in _own_feeds(site).items():
        for id, count in Counter(id for e in feed.entries for id in ids.get(e.html, ())).items():
            if count > 1:
                yield found((f"/{path}", 0), f"duplicate id in the entries of a feed: {id}")


def _on_page(site: CheckedSite, parsed: Entry) -> set[str]:
    """Return the URLs on the page of an entry."""
    page = site.facts.get(parsed.content.output) if parsed.content else None
    return {urljoin(parsed.entry.url, a.value.strip()) for a in (page.addresses if page else ())}


def _url_problem(site: CheckedSite, entry: ReadEntry, url: str, ids: Collection[str]) -> str:
    """Return what is wrong with a URL in an entry that has these ids ("": nothing)."""
    if not ABSOLUTE.fullmatch(url.replace(" ", "%20")):
        return "relative URL in feeds"
    target = target_of(site.settings.siteurl, url)
    if not target:
        return ""
    if not site.is_reachable(target):
        return "broken link in feeds"
    page, name = site.outlines.get(target.file), target.fragment
    if name and page and name not in page.ids:
        return "no such id on the page, in feeds"
    own = urldefrag(url)[0] == entry.url
    return NO_FOOTNOTE if own and FOOTNOTE_ID.match(name) and name not in ids else ""


def entry_html(site: CheckedSite) -> Iterator[Problem]:
    """An entry has only elements and attributes that feed readers show."""
    for parsed in _entries(site):
        yield from (found(parsed.place(), fault) for fault in parsed.outline.faults)


def feed_full_text(site: CheckedSite) -> Iterator[Problem]:
    """An entry has every word of its text, in order."""
    for parsed in _entries(site):
        if parsed.outline.missing:
            (words, at), (path, line) = parsed.outline.missing, parsed.place()
            yield found((path, at or line), f"missing in feeds: {shorten(words)!r}")


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
    """Return where the first word is that is not among the given ones in order; None: all are.

    Two words may be one there, without an element such as `<wbr>` between them.
    """
    words = iter(given)
    if all(word in words for word in wanted):
        return None
    codes = SequenceMatcher(None, wanted, given, autojunk=False).get_opcodes()
    lost = (a for tag, a, b, c, d in codes if "".join(wanted[a:b]) not in "".join(given[c:d]))
    return next(lost, None)


SITE_CHECKS: tuple[SiteCheck, ...] = (
    feed_valid, entry_ids, feed_links, entry_urls, entry_html, feed_full_text,
)  # fmt: skip
