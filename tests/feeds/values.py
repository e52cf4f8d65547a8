"""Small sites as model values, for the tests of feeds, metadata, redirects and headers."""

from datetime import UTC, datetime
from typing import Any

from pipeline import model
from pipeline.feeds import Publisher
from pipeline.feeds.writers import document_text, documents
from pipeline.memo import Result, known
from pipeline.model import ATOM, JSON, RSS, Content, Document, Entry, Feed, Page, Post, Site
from pipeline.settings import Settings

DAY = datetime(2024, 5, 6, 7, 8, tzinfo=UTC)
PATHS = ((ATOM, "feeds/all.atom.xml"), (RSS, "feeds/all.rss.xml"), (JSON, "feeds/all.json"))
FEEDS = {f"feed_all_{form}": path for form, path in PATHS}
AI = model.Tag("AI", "ai", "tags/ai/", "tags/ai/index.html", "Models.")
FIELDS = ("contents", "posts", "pages", "drafts", "assets", "tags")


def settings_of(**given: Any) -> Settings:
    """Return settings of a small site."""
    named = {"siteurl": "https://example.org/blog", "sitename": "A Blog", "author": "Ann"}
    return Settings("settings.py", **{**named, "sitesubtitle": "Words.", **given})


def post(name: str = "a", **given: Any) -> Content:
    """Return a published post; `title`, `summary` and `id` go to its document."""
    title, summary = given.pop("title", name.upper()), given.pop("summary", "What it says.")
    front: Post | Page = given.pop("front_matter", None) or Post(title, id=given.pop("id", None))
    path, edition = f"posts/{name}.md", given.pop("edition", None)
    document = Document(
        f"content/{path}", path, name, front, {"aliases": 4}, "", (), title, summary,
        edition=edition, words=2,
    )  # fmt: skip
    fields: dict[str, Any] = {"url": f"posts/{name}/", "output": f"posts/{name}/index.html"}
    fields |= {"slug": name, "status": "published", "lang": "en", "author": "Ann"}
    fields |= {"is_post": True, "date": DAY}
    return Content(document, **{**fields, "html": '<p data-src-line="7">Text.</p>', **given})


def page(name: str = "b", **given: Any) -> Content:
    """Return a published page."""
    fields = {"url": f"{name}/", "output": f"{name}/index.html", "is_post": False}
    front = given.pop("front_matter", Page("A page"))
    return post(name, **{**fields, "front_matter": front, "title": "A page", **given})


def quote(name: str = "q", **given: Any) -> model.ShownQuote:
    """Return a quote of the page `b`."""
    values = {"text": "Be.", "attribution": "Lao Tzu, *Tao*; free", "author": "Lao Tzu"}
    values |= {"work": "Tao", "confidence": "verified", "note": "free"}
    nothing = dict.fromkeys(("year", "lang", "cite", "added"))
    made = model.Quote(f"quote-{name}", 3, body=(), **{**nothing, **values, **given})
    html = '<p data-src-line="3"><a href="posts/a/">Be.</a></p>'
    return model.ShownQuote(made, f"b/#quote-{name}", html)


def site_of(**given: Any) -> Site:
    """Return a site with these contents, and nothing else."""
    return Site(**{**dict.fromkeys(FIELDS, ()), **given})


def entry(number: int = 1, **given: Any) -> Entry:
    """Return an entry of a feed."""
    fields = {"id": f"tag:example.org,2024:{number}", "url": f"https://example.org/{number}"}
    fields |= {"title": f"Entry {number}", "summary": "", "author": "Ben"}
    html = known(given.pop("html", "<p>A &amp; <em>b</em></p>"))
    return Entry(**{**fields, "html": html, "published": DAY, **given})


def feed(*entries: Entry) -> Feed:
    """Return a feed in all formats."""
    return Feed("tag:example.org,2024:f/all", "The <feed>", "What & why", "x/", PATHS, entries)


def feed_text(form: str, made: Feed, url: str = "https://example.org/") -> str:
    """Return the first document of a feed with two entries in each."""
    return document_text(next(documents(made, form, 2)), Publisher(url, "en", "Ann"))


def text_of(data: str | Result[str]) -> str:
    """Return the text of a file that is given as itself or as a result."""
    return data() if isinstance(data, Result) else data
