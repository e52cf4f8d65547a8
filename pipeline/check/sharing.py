"""What the pages say about themselves to those who share, list and answer them."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any
from urllib.parse import unquote

from justhtml import Element
from PIL import Image

from pipeline.check.heads import (
    TEMPLATE,
    classes,
    data_of,
    has_offset,
    is_post,
    posting,
    properties,
    texts,
)  # fmt: skip
from pipeline.check.site import Page, Site
from pipeline.problems import Problem

OPEN_GRAPH = (
    "og:type", "og:title", "og:description", "og:url", "og:site_name", "og:image",
    "og:image:type", "og:image:width", "og:image:height", "og:image:alt", "twitter:card",
)  # fmt: skip
ARTICLE = ("article:published_time", "article:modified_time", "article:author")
POSTING = (
    "@id", "url", "mainEntityOfPage", "headline", "description", "image", "datePublished",
    "dateModified", "author", "publisher", "inLanguage", "wordCount", "keywords", "isPartOf",
)  # fmt: skip
SCRIPT = "application/ld+json"  # where the theme writes it
PERSON = ("name", "url", "sameAs")
CARD = (1200, 630)


def open_graph(site: Site) -> Iterator[Problem]:
    """A page says what a shared link shows (Open Graph), with a picture that is there and right.

    Without it a shared link is a bare address. The picture must be a file of the site, of the size
    that is named, 1200 to 630, with words for who does not see it; posts have their dates and
    author too. The pipeline draws the pictures and the theme writes the lines
    (partials/metadata.html). There is nothing to excuse.
    """
    for page in texts(site):
        if page.path == "404.html":
            continue
        said = properties(page)
        wanted = (*OPEN_GRAPH, *(ARTICLE if is_post(page, site) else ()))
        if missing := [name for name in wanted if not said.get(name)]:
            must = "must have every property that a shared link is shown by"
            yield page.problem(must, f"no {', '.join(missing)}", parts=(TEMPLATE,))
        if "og:image" in said:
            yield from picture(site, page, said)


def picture(site: Site, page: Page, said: dict[str, str]) -> Iterator[Problem]:
    """Yield what is wrong with the picture that a page names."""
    address = said["og:image"]
    path = unquote(address.removeprefix(f"{site.url}/"))
    if not address.startswith(f"{site.url}/") or path not in site.files:
        must = "og:image must be the absolute address of a picture of the site"
        yield page.problem(must, address, parts=(TEMPLATE,))
        return
    with Image.open(BytesIO(site.read(path))) as image:
        size, kind = image.size, Image.MIME.get(image.format or "", "")
    named = (said.get("og:image:width"), said.get("og:image:height"), said.get("og:image:type"))
    if named != (str(size[0]), str(size[1]), kind) or size != CARD:
        must = "og:image must be 1200 to 630 pixels, as its size and type say"
        yield page.problem(must, f"{size[0]} to {size[1]}, {kind}", parts=(TEMPLATE,))


def structured_data(site: Site) -> Iterator[Problem]:
    """A page says in JSON-LD what it is, and a post all that search engines ask of one.

    BlogPosting has every field that schema.org and Google's "Article" recommend: author with
    address and profiles, publisher, picture, both dates with their offsets, words, keywords,
    language. The pipeline writes it (render/metadata/json_ld.py); what is missing is missing in
    the front matter or the settings. There is nothing to excuse.
    """
    for page in texts(site):
        if page.path == "404.html":
            continue
        if not data_of(page):
            yield page.problem("must have structured data (JSON-LD)", "none", parts=(SCRIPT,))
        elif is_post(page, site):
            for must, found in unsaid(posting(page)):
                yield page.problem(must, found, parts=(SCRIPT,))


def unsaid(thing: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a BlogPosting must say, and what it says instead."""
    missing = [name for name in POSTING if thing.get(name) in (None, "")]
    yield from ((f"BlogPosting must have {name}", "none") for name in missing)
    author = thing.get("author") or {}
    missing = [name for name in PERSON if not author.get(name)]
    yield from ((f"a BlogPosting's author must have {name}", "none") for name in missing)
    for name in ("datePublished", "dateModified"):
        if not has_offset(str(thing.get(name, ""))):
            yield f"{name} must be a date and time with an offset", str(thing.get(name))


def microformats(site: Site) -> Iterator[Problem]:
    """A post is an h-entry with name, text, address, date and author.

    That is how readers of the open web, mentions and replies know who wrote what. The theme marks
    it by classes (article.html); a class that a change of the theme lost is put back there. There
    is nothing to excuse.
    """
    for page in texts(site):
        if not is_post(page, site):
            continue
        entry = next((e for e in page.named("article") if "h-entry" in classes(e)), None)
        if entry is None:
            yield page.problem("a post must be an h-entry", "none", parts=('class="post',))
            continue
        there = {name for element in inside(entry) for name in classes(element)}
        for name in ("p-name", "e-content", "u-url", "dt-published", "p-author"):
            if name not in there:
                yield page.problem(f"an h-entry must have {name}", "none", parts=('class="post',))


def inside(element: Element) -> Iterable[Element]:
    """Yield the elements in an element, and itself."""
    yield element
    for child in element.children or ():
        if isinstance(child, Element):
            yield from inside(child)


CHECKS = (open_graph, structured_data, microformats)
