"""How much a page asks of who reads it.

The numbers stand in pyproject.toml, [tool.blog.budgets].
"""

import gzip
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from justhtml import Element

from pipeline.check.elements import ancestors, hints
from pipeline.check.site import Page, Site, attribute
from pipeline.problems import Problem

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
KILO = 1000
# What the column is wide on a screen of two dots a point (render/pictures/html.py)
WIDE = 1360
LOADED = {"script": "src", "iframe": "src", "embed": "src", "object": "data", "audio": "src"}
# Links that fetch what they lead to; icons are the browser's own affair.
FETCHING = ("stylesheet", "preload", "modulepreload", "manifest")
FEEDS = (".atom.xml", ".rss.xml", "feed.json", "feed.xml")


@cache
def budgets(project: Path = PROJECT) -> Mapping[str, int]:
    """Return the numbers, by their names in the table."""
    return dict(tomllib.loads(project.read_text("utf-8"))["tool"]["blog"]["budgets"])


def page_weight(site: Site) -> Iterator[Problem]:
    """A page's HTML, styles included, is small when it is sent: `page-kilobytes`, compressed.

    It is the one thing that a reader waits for, maybe on a train. A text beyond it is a book: make
    two posts of it, or put long data into a file that the text links to. The number is in
    `pyproject.toml`; the excuse stands before the first word of the text.
    """
    for page in site.pages:
        weight = len(gzip.compress(page.html.encode(), 9))
        yield from over("page-kilobytes", "a page must weigh", weight / KILO, page.place())


def requests(site: Site) -> Iterator[Problem]:
    """A page asks for little: `requests-at-once`, and `requests` with what comes on the way down.

    Each is a wait, and work for a phone. The pipeline fetches pictures when the reader comes near;
    one with `loading="eager"` comes at once. The numbers are in `pyproject.toml`; the excuse stands
    before the first word of the text.
    """
    for page in site.pages:
        asked = list(fetched(page))
        at_once = [element for element in asked if attribute(element, "loading") != "lazy"]
        yield from over("requests", "a page must ask for", 1 + len(asked), page.place())
        must = "a page must at once ask for"
        yield from over("requests-at-once", must, 1 + len(at_once), page.place())


def fetched(page: Page) -> Iterator[Element]:
    """Yield each element for which a browser fetches something."""
    for element in page.elements:
        rel = attribute(element, "rel").split()
        source = attribute(element, LOADED.get(element.name, "src"))
        loads = element.name in (*LOADED, "img", "video") and source
        if loads or (element.name == "link" and not set(rel).isdisjoint(FETCHING)):
            yield element


def picture_weight(site: Site) -> Iterator[Problem]:
    """A picture is light, as it is sent to a sharp wide screen, and so are a page's pictures.

    `picture-kilobytes` each, `pictures-kilobytes` in all. What the pipeline makes of a photograph
    is; what is over is mostly a GIF that moves (make a video of it), a drawing with a photograph in
    it, or a screenshot of a whole desk (cut it). The numbers are in `pyproject.toml`; the excuse
    stands above the picture, that for all of them before the first word.
    """
    for page in site.pages:
        total = 0.0
        for image in page.named("img"):
            weight = _size(site, page, chosen(image)) / KILO
            total += weight
            place = page.place(f"![{attribute(image, 'alt')}]", *hints(page, image, "src"))
            yield from over("picture-kilobytes", "a picture must weigh", weight, place)
        must = "a page's pictures must weigh"
        yield from over("pictures-kilobytes", must, total, page.place())


def chosen(image: Element) -> str:
    """Return the address that a browser takes of an image's: the best format, wide enough."""
    around = next(ancestors(image), None)
    sources = around.query("source") if around and around.name == "picture" else []
    sets = [attribute(e, "srcset") for e in (*sources, image) if isinstance(e, Element)]
    candidates = re.findall(r"(\S+)\s+(\d+)w", next(filter(None, sets), ""))
    if not candidates:
        return attribute(image, "src")
    by_width = sorted((int(width), address) for address, width in candidates)
    return str(next((a for width, a in by_width if width >= WIDE), by_width[-1][1]))


def _size(site: Site, page: Page, address: str) -> int:
    if address.startswith("data:"):
        return len(address)
    base = next((attribute(e, "href") for e in page.named("base")), "")
    path = unquote(urlsplit(urljoin(urljoin(page.address, base), address)).path).lstrip("/")
    return (site.folder / path).stat().st_size if path in site.files else 0


def dom_size(site: Site) -> Iterator[Problem]:
    """A page has at most `elements` elements, at most `depth` of them in each other.

    A phone lays out each of them again at every turn of the screen. What is over is a table with
    hundreds of rows, mostly: link to its file, or to a page of its own. The numbers are in
    `pyproject.toml`; the excuse stands before the first word of the text.
    """
    for page in site.pages:
        yield from over("elements", "a page must have", len(page.elements), page.place())
        deep = [sum(1 for _ in ancestors(e)) + 1 for e in page.elements]
        must = "elements in each other must be"
        yield from over("depth", must, max(deep, default=0), page.place())


def feed_weight(site: Site) -> Iterator[Problem]:
    """A feed is small when it is sent: `feed-kilobytes`, compressed.

    Readers' programs fetch it whole every hour, and some drop what is larger than they like. Let
    `FEED_MAX_ITEMS` in `pelicanconf.py` be smaller: what was once in the feed stays with readers.
    There is no excuse but another number in `pyproject.toml`.
    """
    for path in sorted(path for path in site.files if path.endswith(FEEDS)):
        weight = len(gzip.compress(site.read(path), 9))
        yield from over("feed-kilobytes", "a feed must weigh", weight / KILO, (f"/{path}", 0))


def over(name: str, must: str, found: float, place: tuple[str, int]) -> Iterator[Problem]:
    """Yield a problem when a number is over its budget."""
    limit = budgets()[name]
    if found > limit:
        unit = " kB" if name.endswith("-kilobytes") else ""
        what = f"{must} at most {limit}{unit} ({name})"
        yield Problem(*place, what, f"{found:.0f}{unit}" if found > 1 else f"{found:.1f}{unit}")


CHECKS = (page_weight, requests, picture_weight, dom_size, feed_weight)
