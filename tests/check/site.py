"""Small checked sites made of HTML strings, without a build."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from pipeline.check.checked_site import CheckedSite, outline_of
from pipeline.check.markup import measure
from pipeline.html import PageTree, facts_of, strip_marks
from pipeline.memo import known
from pipeline.model import Artifact, Content, Document, Output, Page, Post, Site
from pipeline.problems import Problem
from pipeline.settings import Settings

URL = "https://example.org"
SOURCE = "content/posts/a/index.md"
TEMPLATES = "theme/templates"


def page_of(main: str, head: str = "", path: str = "posts/a/index.html") -> PageTree:
    """Return a page in good order around the HTML of `main`, made from SOURCE.

    `main` may carry `data-src-line`; what does not is of line 1 of base.html.
    """
    return PageTree(path, html_of(main, head), SOURCE, TEMPLATES, main)


def html_of(main: str, head: str = "", title: str = "Title") -> str:
    """Return the HTML of a page in good order around the HTML of `main`."""
    return (
        f'<!doctype html>\n<html lang="en" data-src-line="base.html:1"><head><title>{title}</title>'
        f'<meta charset="utf-8">{head}</head><body><header><a href="/">Site</a></header>'
        f"<main><h1>{title}</h1>{main}</main><footer>Footer</footer></body></html>\n"
    )


def document_of(path: str = SOURCE, text: str = "", **changes: Any) -> Document:
    """Return a document with a title and the given fields."""
    matter = Page("Title", "Summary.") if "/pages/" in path else Post("Title", "Summary.")
    plain = Document(path, path.removeprefix("content/"), "", matter, {}, text, (), "Title")
    return replace(plain, **changes)


def content_of(document: Document, output: str, **changes: Any) -> Content:
    """Return a document at its place on the site."""
    url = output.removesuffix("index.html")
    values = {"slug": url.strip("/").rpartition("/")[2], "url": url, "output": output}
    values |= {"status": "published", "lang": "en", "author": "Ben"}
    is_post = isinstance(document.front_matter, Post)
    return Content(document=document, **{**values, "is_post": is_post, **changes})


def site_of(
    pages: Mapping[str, str] | None = None,
    files: Mapping[str, str | bytes] | None = None,
    settings: Mapping[str, Any] | None = None,
    sources: Mapping[str, str | Document | Content] | None = None,
    **of_site: Any,
) -> CheckedSite:
    """Return a site of pages (annotated HTML by path) and other files.

    `sources` says what a file was made from: {"posts/a/index.html": a path, Document or Content}.
    Without an entry, a page is the theme's. `of_site` are more fields of `model.Site`.
    """
    contents = {}
    for output, source in (sources or {}).items():
        source = document_of(source) if isinstance(source, str) else source
        source = content_of(source, output) if isinstance(source, Document) else source
        contents[output] = source
    html = dict(pages or {})
    data = {path: strip_marks(text).encode() for path, text in html.items()}
    data |= {p: d.encode() if isinstance(d, str) else d for p, d in (files or {}).items()}
    paths = {path: contents[path].document.path if path in contents else "" for path in data}
    later = {path: known(text) for path, text in html.items()}
    artifacts = {
        path: Artifact(path, sha256(body).hexdigest(), len(body), paths[path], later.get(path))
        for path, body in data.items()
    }
    trees = [PageTree(path, text, paths[path], TEMPLATES) for path, text in html.items()]
    facts = {tree.path: replace(facts_of(tree), measures=measure(tree)) for tree in trees}
    values = tuple(contents.values())
    parts = {
        "contents": values,
        "posts": tuple(c for c in values if c.is_post and c.status == "published"),
        "pages": tuple(c for c in values if not c.is_post and c.status == "published"),
        "drafts": tuple(c for c in values if c.is_post and c.status == "draft"),
        "outputs": tuple(Output(path, paths[path]) for path in data),
    } | dict.fromkeys(("assets", "tags", "feeds", "redirects", "quotes"), ())
    given = Settings(
        "pelicanconf.py",
        **{"siteurl": URL, "sitename": "Site", "page_views": True, **(settings or {})},
    )
    site = CheckedSite(given, Site(**parts | of_site), artifacts, facts, data.__getitem__)
    return replace(site, outlines={path: outline_of(path, site) for path in facts})


def places(problems: Iterable[Problem]) -> list[str]:
    """Return `path:line` of each problem, or the path alone where there is no line."""
    return [f"{p.path}:{p.line}" if p.line else p.path for p in problems]
