"""The quotes of the site as data: found in the pages, written as JSON and as entries of a feed."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from html import escape, unescape
from urllib.parse import urljoin

from pipeline.render.addresses import absolute, rewrite
from pipeline.render.feeds import Entry, fit

FIGURE = re.compile(
    r'<figure class="quote" (?:data-added="(?P<added>[^"]+)" )?'
    r'data-confidence="(?P<confidence>\w+)"><a id="(?P<id>[^"]+)"></a>\s*'
    r"<blockquote(?P<given>[^>]*)>(?P<html>.*?)</blockquote>\s*"
    r"<figcaption>(?P<caption>.*?)</figcaption>",
    re.DOTALL,
)
WORK = re.compile(r"<em>(.+?)</em>|“(.+?)”")
YEAR = re.compile(r"\((?:[^()]*\s)?(\d{3,4})\)")
SHORT = 180  # characters that fit on the home page without making it a page of quotes


@dataclass(frozen=True)
class Quote:
    """One quote: its words, whose they are, and how sure that is.

    `url` and the addresses in `html` are relative to the site's own; `added` is a day, as ISO 8601
    has it, or None for one that was there from the beginning.
    """

    id: str
    url: str
    text: str
    html: str
    attribution: str
    author: str
    work: str | None
    year: int | None
    confidence: str
    note: str | None
    lang: str | None
    cite: str | None
    added: str | None


def find_quotes(html: str, page: str) -> Iterator[Quote]:
    """Yield the quotes in a page's HTML; `page` is the page's own address, below the site's."""
    for match in FIGURE.finditer(html):
        caption = re.sub(r'<a class="permalink".*?</a>\s*', "", match["caption"])
        attribution = plain(caption)
        who, _, note = attribution.partition("; ")
        work, year = WORK.search(caption), YEAR.search(who)
        given = dict(re.findall(r'(\w+)="([^"]*)"', match["given"]))
        yield Quote(
            id=match["id"],
            url=f"{page}#{match['id']}",
            text=plain(match["html"]),
            html=at_home(match["html"].strip(), page),
            attribution=attribution,
            author=re.split(r", | \(", who)[0].removeprefix("Attributed to "),
            work=plain(work[1] or work[2]) if work else None,
            year=int(year[1]) if year else None,
            confidence=match["confidence"],
            note=note or None,
            lang=given.get("lang"),
            cite=unescape(given["cite"]) if "cite" in given else None,
            added=match["added"],
        )


def at_home(html: str, page: str) -> str:
    """Return a quote's HTML as it can stand on the home page: without marks of notes."""
    html = re.sub(r'<sup id="fnref.*?</sup>', "", html)
    home = "https://home.invalid/"
    return rewrite(html, lambda _, url: urljoin(f"{home}{page}", url).removeprefix(home) or "./")


def plain(html: str) -> str:
    """Return the text of HTML; paragraphs and broken lines become lines."""
    text = re.sub(r'<sup id="fnref.*?</sup>', "", html)  # the marks of notes
    text = re.sub(r"<br\s*/?>\s*|</p>\s*", "\n", text)
    return unescape(re.sub(r"<[^>]+>", "", text)).replace("\u00a0", " ").strip()


def as_json(quotes: Sequence[Quote], site: str) -> str:
    """Return the quotes as JSON (RFC 8259), their addresses below `site`'s."""
    data = [
        {**asdict(quote), "url": site + quote.url, "html": absolute(quote.html, site)}
        for quote in quotes
    ]
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def as_entry(quote: Quote, space: str, site: str, day: datetime) -> Entry:
    """Return a quote as an entry of a feed.

    Its id is its own in the tag URI `space`, wherever the page with it is. `site` is the site's
    address, `day` when the quote was added.
    """
    given = {"lang": quote.lang, "cite": quote.cite}
    attributes = "".join(f' {key}="{escape(value)}"' for key, value in given.items() if value)
    title = quote.attribution.partition("; ")[0]
    html = (
        f"<blockquote{attributes}>{quote.html}</blockquote>\n<p>— {escape(quote.attribution)}</p>"
    )
    return Entry(
        id=f"{space}/{quote.id}",
        url=site + quote.url,
        title=title,
        summary=quote.text,
        html=fit(html, site),
        author=quote.author,
        published=day,
    )


def pick(quotes: Iterable[Quote], seed: str) -> Quote | None:
    """Return a short quote that is sure; the same one as long as the seed is the same."""
    short = [q for q in quotes if q.confidence == "verified" and len(q.text) <= SHORT]
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest())
    return short[number % len(short)] if short else None
