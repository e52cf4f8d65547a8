"""Checks of feeds: what reader programs get, without the theme and away from the site."""

import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from urllib.parse import urldefrag, urljoin

from justhtml import Element, JustHTML, Node

from pipeline.check.addresses import addresses, place_of
from pipeline.check.feed_files import ABSOLUTE, FeedFile, Item
from pipeline.check.site import Page, Site, attribute
from pipeline.problems import Problem
from pipeline.read.ids import is_tag_uri
from pipeline.render.feeds.content import DROPPED

# What no reader shows, or what acts
UNFIT = (
    "script", "style", "link", "meta", "base", "iframe", "object", "embed", "form", "input",
    "button", "select", "textarea", "video", "audio", "svg", "math", "template", "canvas",
)  # fmt: skip
WITH_ADDRESS = ("href", "src", "cite", "poster", "srcset", "data", "action")
KEPT = ("id", "href", "src", "cite", "alt", "title", "width", "height", "lang", "dir", "datetime")
KEPT_TOO = ("colspan", "rowspan", "value", "start", "reversed", "type")
# What is on the page alone: the table below a figure, drawings, formulas, and what stands below a
# text, which a box that nobody closed takes into it
ON_PAGE = ("details", "svg", "math", "video", "audio", "iframe", "footer", "nav", *DROPPED)
NOTE = re.compile(r"fn(?:ref\d*)?:")
LINK = re.compile(r"(?:prev|next)-archive|current")


def feed_formats(site: Site) -> Iterator[Problem]:
    """Every feed is valid Atom (RFC 4287), RSS 2.0 or JSON Feed 1.1.

    Reader programs forgive little, and differently: a feed that is not valid is empty in one and
    right in another. The pipeline writes them (render/feeds/), so what is wrong is a mistake there,
    or in a plugin that changes them. There is nothing to excuse.
    """
    for feed in site.feeds:
        for must, found in dict.fromkeys(feed.flaws):
            yield Problem(f"/{feed.path}", 0, must, found)


def entry_ids(site: Site) -> Iterator[Problem]:
    """Every entry has an id that is its own for life, the same in all feeds.

    Readers know an entry by it: with another one it is shown as new, and with another entry's it is
    never shown. It is the `Id` of the post's front matter, a tag URI, which nothing changes; two
    posts must not share one. There is nothing to excuse.
    """
    homes: dict[str, str] = {}
    for feed in site.feeds:
        for id, count in Counter(item.id for item in feed.items).items():
            if count > 1:
                yield Problem(f"/{feed.path}", 0, "an id must be one entry's", f"{id} is {count}")
        for item in feed.items:
            first = homes.setdefault(item.id, item.url)
            if not is_tag_uri(item.id):
                must, fix = "an entry's id must be a tag URI", "a line Id: tag:…"
                yield problem(site, item, must, item.id or "none", fix, ("Id:",))
            elif first != item.url:
                must = "an id must be one entry's in all feeds"
                yield problem(site, item, must, f"{item.id} is that of {first} too", "", ("Id:",))


def feed_links(site: Site) -> Iterator[Problem]:
    """What a feed leads to is there: itself, its archives, its hubs, the posts.

    A reader follows `self` when a feed moves, and the archives for what is older than the newest
    entries. Every file of a feed says its own address, or, at an older one, is a copy of the feed
    there; each archive has the way back. There is nothing to excuse.
    """
    for feed in site.feeds:
        links = feed.links or {}
        for rel, address in links.items():
            place = place_of(site.url, address) if ABSOLUTE.fullmatch(address) else None
            inside = rel == "self" or LINK.fullmatch(rel)
            if inside and (not place or place.file not in site.files):
                yield Problem(f"/{feed.path}", 0, f"{rel} must lead to a feed of the site", address)
            elif rel == "self" and place and not own(site, feed, place.file):
                must = "self must be the feed's own address, or that of the feed it is a copy of"
                yield Problem(f"/{feed.path}", 0, must, address)
        for item in feed.items:
            place = place_of(site.url, item.url) if ABSOLUTE.fullmatch(item.url) else None
            if not place or place.file not in site.page_at:
                must = "an entry must lead to its page, by an absolute address"
                yield Problem(f"/{feed.path}", 0, must, item.url or "none")


def own(site: Site, feed: FeedFile, path: str) -> bool:
    """Return whether a file is that of a feed, an archive of it in JSON, or a copy of the feed."""
    is_json = feed.path.endswith(".json")
    archive = is_json and feed.path.startswith(path.removesuffix(".json") + "/")
    return path == feed.path or archive or site.read(path) == site.read(feed.path)


def entry_addresses(site: Site) -> Iterator[Problem]:
    """Every address in an entry is absolute, leads somewhere, and lands where it says.

    An entry is read far from its page: what is relative there leads nowhere, or to another site.
    Links to notes land twice, in the entry and on the page, and no two entries of a feed have one
    id, because some readers show many entries on one page. Mend the link in the text; the rest is
    made by render/feeds/content.py. There is nothing to excuse.
    """
    # The same text stands in many feeds, and is parsed once.
    ids: dict[str, list[str]] = {}
    for item in texts_of(site):
        elements = list(parsed(item.html))
        ids[item.html] = [attribute(e, "id") for e in elements if attribute(e, "id")]
        for address in (attribute(e, name) for e in elements for name in WITH_ADDRESS):
            if address:
                yield from astray(site, item, address, ids[item.html])
    for feed in site.feeds:
        seen = Counter(id for item in feed.items for id in ids[item.html])
        for id, count in seen.items():
            if count > 1:
                must = "an id must be one thing's in all entries of a feed"
                yield Problem(f"/{feed.path}", 0, must, f"{id} is {count}")


def astray(site: Site, item: Item, address: str, ids: list[str]) -> Iterator[Problem]:
    """Yield what is wrong with one address in an entry, which has these ids."""
    if not ABSOLUTE.fullmatch(address.replace(" ", "%20")):
        yield problem(site, item, "an address in a feed must be absolute", address, "", (address,))
        return
    place = place_of(site.url, address)
    if not place:
        return
    page, fragment = site.page_at.get(place.file), place.fragment
    if place.file not in site.files and not on_page(site, item, address):
        must = "an address in a feed must lead to a file of the site"
        yield problem(site, item, must, address, "", (place.file.rpartition("/")[2],))
    elif fragment and page and fragment not in page.ids and not on_page(site, item, address):
        must = "a link in a feed must land on its page"
        yield problem(site, item, must, address, "", (fragment,))
    elif NOTE.match(fragment) and urldefrag(address)[0] == item.url and fragment not in ids:
        must = "a link to a note must land in its entry too"
        yield problem(site, item, must, address, "", (fragment,))


def on_page(site: Site, item: Item, address: str) -> bool:
    """Return whether the entry's page has the address too: then it is for the checks of links."""
    place = place_of(site.url, item.url)
    page = site.page_at.get(place.file) if place else None
    found = addresses(page) if page else ()
    return any(urljoin(item.url, one.value.strip()) == address.strip() for one in found)


def entry_content(site: Site) -> Iterator[Problem]:
    """An entry has nothing that acts, and nothing that means something on the site alone.

    Readers take out scripts, styles, forms, frames and what else they do not know, each in another
    way, and what is left is read without the theme. What an entry may have is in
    render/feeds/content.py. Write it as Markdown; there is nothing to excuse.
    """
    for item in texts_of(site):
        for element in parsed(item.html):
            if element.name in UNFIT:
                must = "an entry must have nothing that acts or is not shown"
                yield problem(site, item, must, f"<{element.name}>", "", (f"<{element.name}",))
            for name in element.attrs or {}:
                if name not in (*KEPT, *KEPT_TOO):
                    must = "an entry must have no attribute that means nothing in a reader"
                    yield problem(site, item, must, f"{name} of <{element.name}>")


def entry_text(site: Site) -> Iterator[Problem]:
    """An entry has every word of its page's text, in its order.

    Most subscribers read in their reader alone: what is missing there is missing for them. Of a
    figure it has the picture and the caption, of a formula the source, of a video a link. There is
    nothing to excuse.
    """
    for item in texts_of(site):
        place = place_of(site.url, item.url) if ABSOLUTE.fullmatch(item.url) else None
        page = site.page_at.get(place.file) if place else None
        # A page that is no good HTML is what that check says it is.
        if page and place and not place.fragment and not page.document.errors:
            entry = JustHTML(item.html, fragment=True, sanitize=False).root
            if missing := lost(text_on(page), words(entry)):
                must = "an entry must have every word of its page"
                yield problem(site, item, must, f"{missing!r} is missing", "", (missing,))


def texts_of(site: Site) -> list[Item]:
    """Return the entries of all feeds, each text of each address once."""
    items = (item for feed in site.feeds for item in feed.items)
    return list({(item.url, item.html): item for item in items}.values())


def lost(wanted: list[str], given: list[str]) -> str:
    """Return the first words of a text that another one has not, or an empty text."""
    if wanted == given:
        return ""
    matcher = SequenceMatcher(None, wanted, given, autojunk=False)
    for tag, start, end, _, _ in matcher.get_opcodes():
        if tag in ("delete", "replace"):
            return " ".join(wanted[start : min(end, start + 6)])
    return ""


def text_on(page: Page) -> list[str]:
    """Return the words of a post on its page."""
    for element in page.named("div"):
        if "prose" in attribute(element, "class").split():
            return words(element)
    return []


def words(node: Node) -> list[str]:
    """Return the words in a node, without what stands on pages alone."""
    return re.findall(r"\w+", "".join(texts(node)))


def texts(node: Node, between: str = " ") -> Iterator[str]:
    """Yield the texts in a node, without what stands on pages alone.

    Elements part words, but for those that colour the code on a page: `1.2em` is one.
    """
    for child in node.children or ():
        if child.name == "#text":
            yield str(child.data or "")
        elif child.name not in ON_PAGE and attribute(child, "class") != "linenos":
            yield between
            yield from texts(child, "" if child.name == "pre" else between)
            yield between


def parsed(html: str) -> Iterator[Element]:
    """Yield the elements of an entry."""
    waiting: list[Node] = [JustHTML(html, fragment=True, sanitize=False).root]
    while waiting:
        node = waiting.pop()
        children = [child for child in node.children or () if isinstance(child, Node)]
        yield from (child for child in children if isinstance(child, Element))
        waiting += children


def problem(
    site: Site, item: Item, must: str, found: str, fix: str = "", parts: tuple[str, ...] = ()
) -> Problem:
    """Return a problem of an entry, in the source of its page."""
    place = place_of(site.url, item.url) if ABSOLUTE.fullmatch(item.url) else None
    page = site.page_at.get(place.file) if place else None
    if page and page.source:
        lines = (page.source.find(part) for part in parts)
        line = next(filter(None, lines), page.source.find("Title:"))
        return Problem(page.source.path, line, must, f"{found} in the feeds", fix)
    return Problem(item.url, 0, must, found, fix)


CHECKS = (feed_formats, entry_ids, feed_links, entry_addresses, entry_content, entry_text)
