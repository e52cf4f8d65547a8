"""Feeds as read: the one parser of Atom, RSS and JSON Feed, and what a strict feed reader shows.

RFC 4287, https://www.rssboard.org/rss-specification, https://www.jsonfeed.org/version/1.1/
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from turbohtml.clean import OnDisallowed, Policy, Sanitizer

from pipeline.html import parse_part, rewrite_urls
from pipeline.model import ATOM, JSON, RSS
from pipeline.problems import Problem, ProblemsFound

NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
}
ATOM_NS = f"{{{NAMESPACES['atom']}}}"
# Elements of a feed and of an entry: those that occur once, at most once, and any number of times
ELEMENTS = {
    ATOM: (
        ("id title updated", "subtitle icon logo rights generator",
         "link author contributor category entry"),
        ("id title updated content", "published summary rights source",
         "link author contributor category"),
    ),
    RSS: (
        ("title link description", "language lastBuildDate pubDate copyright ttl image",
         "category item"),
        (f"title link guid {{{NAMESPACES['content']}}}encoded",
         "description pubDate author comments enclosure", "category"),
    ),
}  # fmt: skip
# Keys of JSON Feed and of its items by their types, and those that are required
JSON_KEYS = (
    {str: "version title home_page_url feed_url description user_comment next_url icon favicon "
          "language", list: "authors hubs items", bool: "expired"},
    {str: "id url external_url title content_html content_text summary image banner_image language "
          "date_published date_modified", list: "authors tags attachments"},
)  # fmt: skip
JSON_REQUIRED = ("title items feed_url home_page_url", "id url content_html date_published")
# Where each format has the fields of `ReadEntry`: the first that is not empty
FIELDS = {
    ATOM: ("atom:id", "", "atom:title", "atom:summary", "atom:content atom:summary",
           "atom:updated"),
    RSS: ("guid link", "link", "title", "description", "content:encoded description",
          "atom:updated pubDate"),
    JSON: ("id", "url", "title", "summary", "content_html content_text",
           "date_modified date_published"),
}  # fmt: skip
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
RAW_ENTRY = re.compile(r"<(entry|item)[ >].*?</\1>", re.DOTALL)
# What the strictest of the known feed readers leave of an entry
SHOWN_TAGS = (
    "a abbr b blockquote br cite code dd del dl dt em h2 h3 h4 h5 h6 hr i img ins kbd li ol p pre "
    "q s samp small strong sub sup table tbody td th thead tr u ul var"
)
SHOWN = {"a": {"href", "title"}, "abbr": {"title"}, "img": {"src", "alt", "width", "height"}}
STRICT = Sanitizer(
    Policy(
        tags=frozenset(SHOWN_TAGS.split()),
        attributes={tag: frozenset(names) for tag, names in SHOWN.items()},
        url_schemes=frozenset({"http", "https", "mailto"}),
        allow_relative_urls=False,
        on_disallowed_tag=OnDisallowed.STRIP,
        remove_with_content=frozenset({"script", "style"}),
    )
)


@dataclass(frozen=True)
class ReadEntry:
    """An entry as it is in a file; `date` is that of its last change, as written there."""

    id: str
    url: str
    title: str
    summary: str
    html: str
    date: str


@dataclass(frozen=True)
class ReadFeed:
    """A file of a feed. `format` is empty when it is no feed.

    `links` are its relations (self, current, prev-archive, next-archive, hub, alternate) with their
    URLs; `problems` what is wrong with its form.
    """

    path: str
    format: str = ""
    entries: tuple[ReadEntry, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()

    def link(self, relation: str) -> str:
        """Return the URL of a relation ("": there is none)."""
        return dict(self.links).get(relation, "")

    @property
    def topic(self) -> str:
        """The URL that subscribers know it by; empty for an archive and for what is no feed."""
        return "" if self.link("current") else self.link("self")


def read_feed(data: bytes, path: str) -> ReadFeed:
    """Return what a file says as a feed, and what is wrong with it. Raises nothing."""
    is_json = data.lstrip().startswith(b"{")
    try:
        if is_json:
            return _read_json(json.loads(data), path)
        root = fromstring(data)
    except (ParseError, ValueError) as error:
        kind = "JSON" if is_json else "XML"
        return ReadFeed(path, problems=(f"invalid {kind}: {error}",))
    channel = root.find("channel")
    if root.tag == f"{ATOM_NS}feed":
        return _read_xml(ATOM, root, root.findall(f"{ATOM_NS}entry"), path)
    if root.tag == "rss" and root.get("version") == "2.0" and channel is not None:
        return _read_xml(RSS, channel, channel.findall("item"), path)
    return ReadFeed(path, problems=(f"not Atom, RSS 2.0 or JSON Feed: <{root.tag}>",))


def _read_xml(form: str, top: Element, items: Sequence[Element], path: str) -> ReadFeed:
    problems = [*_element_problems(form, top, 0)]
    if form == ATOM and top.find("atom:author", NAMESPACES) is None:
        problems.append("no author")
    entries = []
    for item in items:
        problems += _element_problems(form, item, 1)
        entry = _entry(form, partial(item.findtext, namespaces=NAMESPACES))
        if form == ATOM:
            entry = replace(entry, url=dict(_links(item)).get("alternate", ""))
            types = [content.get("type") for content in item.findall("atom:content", NAMESPACES)]
            problems += [f"content of type {kind}, not html" for kind in types if kind != "html"]
            if not all(tag.get("term") for tag in item.findall("atom:category", NAMESPACES)):
                problems.append("category without term")
        else:
            if any(guid.get("isPermaLink") != "false" for guid in item.findall("guid")):
                problems.append('guid without isPermaLink="false"')
            if item.find("dc:creator", NAMESPACES) is None:
                problems.append("item without dc:creator")
        entries.append(entry)
    return ReadFeed(path, form, tuple(entries), _links(top), tuple(problems))


def _read_json(data: Any, path: str) -> ReadFeed:
    if not isinstance(data, dict) or "jsonfeed.org/version/" not in str(data.get("version")):
        return ReadFeed(path, problems=("not JSON Feed: no such version",))
    problems = [*_key_problems(data, 0)]
    if not str(data["version"]).endswith("/1.1"):
        problems.append(f"version is not 1.1: {data['version']}")
    items = data.get("items")
    items = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    for item in items:
        problems += _key_problems(item, 1)
        dates = [str(item[key]) for key in ("date_published", "date_modified") if key in item]
        problems += [f"not a date of RFC 3339: {d}" for d in dates if not RFC_3339.fullmatch(d)]
    entries = tuple(_entry(JSON, item.get) for item in items)
    links = (("self", data.get("feed_url")), ("prev-archive", data.get("next_url")))
    given = tuple((relation, str(url)) for relation, url in links if url)
    return ReadFeed(path, JSON, entries, given, tuple(problems))


def _entry(form: str, get: Callable[[str], object]) -> ReadEntry:
    values = ((get(name) for name in names.split()) for names in FIELDS[form])
    return ReadEntry(*(str(next(filter(None, found), "")) for found in values))


def _links(element: Element) -> tuple[tuple[str, str], ...]:
    links = element.findall(f"{ATOM_NS}link")
    return tuple((link.get("rel", "alternate"), link.get("href", "")) for link in links)


def _element_problems(form: str, element: Element, level: int) -> Iterator[str]:
    """Yield what is missing, repeated, unknown, empty or no date among an element's children."""
    space = ATOM_NS if form == ATOM else ""
    names = [child.tag.removeprefix(space) for child in element]
    once, optional, repeated = (words.split() for words in ELEMENTS[form][level])
    for name in (*once, *optional):
        count = names.count(name)
        if count > 1 or (count == 0 and name in once):
            wanted = "1" if name in once else "at most 1"
            yield f"expected {wanted} {name.rpartition('}')[2]}, found {count}"
    for child, name in zip(element, names, strict=True):
        text = child.text or ""
        if not name.startswith("{") and name not in (*once, *optional, *repeated):
            yield f"unknown element: {name}"
        elif name in ("id", "title") and not text.strip():
            yield f"empty {name}"
        elif name in ("updated", "published") and not RFC_3339.fullmatch(text):
            yield f"not a date of RFC 3339: {text}"
        elif name in ("pubDate", "lastBuildDate"):
            try:
                parsedate_to_datetime(text)
            except ValueError:
                yield f"not a date of RFC 822: {text}"


def _key_problems(data: Mapping[str, Any], level: int) -> Iterator[str]:
    """Yield the keys of a JSON object that are missing, unknown or of another type."""
    for key in JSON_REQUIRED[level].split():
        if key not in data or (key == "id" and not data[key]):
            yield f"no {key}"
    types = {key: kind for kind, keys in JSON_KEYS[level].items() for key in keys.split()}
    for key, value in data.items():
        if not key.startswith("_") and not isinstance(value, types.get(key, type(None))):
            yield f"unknown key, or of another type: {key}: {value!r:.60}"


@dataclass(frozen=True)
class ShownEntry:
    """An entry as a strict feed reader shows it: as HTML and as Markdown; `raw` is in the file."""

    entry: ReadEntry
    html: str
    text: str
    raw: str


def show_feed(path: Path) -> list[ShownEntry]:
    """Return the entries of a feed file. Raises ProblemsFound when it is no feed."""
    data = path.read_bytes()
    feed = read_feed(data, str(path))
    if not feed.format:
        raise ProblemsFound([Problem("feed-preview", str(path), 0, "; ".join(feed.problems))])
    if feed.format == JSON:
        items = json.loads(data)["items"]
        raw = [json.dumps(item, ensure_ascii=False, indent=1) for item in items]
    else:
        raw = [match[0] for match in RAW_ENTRY.finditer(data.decode("utf-8"))]
    shown = []
    for entry, source in zip(feed.entries, raw, strict=True):
        html = STRICT.sanitize(entry.html)
        shown.append(ShownEntry(entry, html, parse_part(html).to_markdown(), source))
    return shown


def as_text(shown: Sequence[ShownEntry]) -> str:
    """Return the entries one after another, for a terminal."""
    return "\n\n".join(
        f"{one.entry.title}\n{'=' * len(one.entry.title)}\n{one.entry.id}\n\n{one.text.strip()}\n"
        for one in shown
    )


def as_page(shown: Sequence[ShownEntry], url: str, site: str, folder: str) -> str:
    """Return a page with each entry as a feed reader shows it, as text, and as in the file.

    `url` is the feed's; images below the address `site` are taken from `folder`, because that site
    is perhaps not served.
    """
    here = Path(__file__).parent
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.from_string((here / "preview.html").read_text("utf-8"))

    def local(attribute: str, url: str) -> str:
        below = attribute == "src" and url.startswith(site)
        return f"{folder}{url.removeprefix(site)}" if below else url

    return template.render(
        shown=[(one, Markup(rewrite_urls(one.html, local))) for one in shown],
        url=url,
        style=Markup((here / "preview.css").read_text("utf-8")),
    )
