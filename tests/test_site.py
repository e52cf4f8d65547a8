"""The built real site: it passes the gate, and what is so on this site alone."""

import re
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import feedparser
import html5lib
import pytest

from pipeline.build import Built
from pipeline.check.gate import prove
from pipeline.check.site import open_site
from pipeline.render.feeds import TYPES

BASE = "https://ben.bolte.cc/"
KINDS = {
    "home": "index.html",
    "post": "posts/2024-03-01-why-kscale-wins/index.html",
    "posts": "posts/index.html",
    "page": "about/index.html",
    "edition": "about/2024/index.html",
    "quotes": "quotes/index.html",
    "tags": "tags/index.html",
    "tag": "tags/robotics/index.html",
    "lost": "404.html",
}
MEMO = "tag:ben.bolte.cc,2024-03-01:why-kscale-wins"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Element]:
    """Every page, parsed by a real HTML5 parser that must find no error."""
    found = {}
    for path in sorted(site.rglob("*.html")):
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        found[path.relative_to(site).as_posix()] = parser.parse(path.read_bytes())
        assert parser.errors == [], path
    return found


def is_way(page: Element) -> bool:
    """Return whether a page does nothing but lead on from an old address."""
    return page.find("head/meta[@http-equiv='refresh']") is not None


def attributes(page: Element, name: str) -> list[str]:
    return [element.attrib[name] for element in page.iter() if name in element.attrib]


def test_the_real_site_passes_the_gate(built: Built) -> None:
    # A page that is due for its author's look makes no change to the code wrong.
    assert [str(p) for p in prove(open_site(built)) if p.check != "review"] == []


def test_every_kind_of_page_is_there(pages: dict[str, Element]) -> None:
    assert set(KINDS.values()) <= set(pages)


def test_each_page_begins_with_a_way_to_its_text(pages: dict[str, Element]) -> None:
    for name, page in pages.items():
        body = page.find("body")
        assert body is not None
        # Of the page at any address, "#main" would lead to the home page (its <base>).
        skip = [] if name == KINDS["lost"] else ["a"]
        assert [child.tag for child in body] == [*skip, "header", "main", "footer"], name
        assert not skip or body[0].get("href") == "#main"


def test_each_page_names_the_feeds(pages: dict[str, Element]) -> None:
    assert not any(is_way(pages[name]) for name in KINDS.values())
    for name, page in pages.items():
        if is_way(page):
            continue
        types = [link.get("type") for link in page.iterfind("head/link[@rel='alternate']")]
        assert types[:3] == list(TYPES.values()), name
        own = re.match("tags/.+/", name) or name == KINDS["quotes"]
        # A page that comes later may have quotes, and so their feed.
        counts = (6,) if own else (3,) if name in KINDS.values() else (3, 6)
        assert len(types) in counts, name


def test_a_page_is_one_request(pages: dict[str, Element]) -> None:
    """And one for each picture: a text's first at once, the others when the reader comes near."""
    for name, page in pages.items():
        assert not [e.tag for e in page.iter() if e.tag in ("iframe", "object")], name
        images = list(page.iter("img"))
        assert all(image.get("width") and image.get("height") for image in images), name
        at_once = [image for image in images if image.get("loading") != "lazy"]
        assert at_once in ([], images[:1]), name
        assert all(image.get("fetchpriority") == "high" for image in at_once), name
        links = {link.get("rel") for link in page.iter("link")}
        assert links <= {"canonical", "icon", "alternate"}, name
        assert not any("url(" in (style.text or "") for style in page.iter("style"))


def test_pages_work_from_any_folder_of_any_host(site: Path) -> None:
    """But for the addresses that must be absolute: the canonical one and the lost reader's."""
    for path in site.rglob("*.html"):
        text = re.sub(r'<(?:link rel="canonical"|base) [^>]*>', "", path.read_text("utf-8"))
        assert not re.search(r'(?:href|src)="(?:/|https://ben\.bolte\.cc)', text), path


def test_the_menu_has_the_pages_and_not_the_edition(pages: dict[str, Element]) -> None:
    menu = pages[KINDS["home"]].find(".//nav[@class='site-menu']")
    assert menu is not None
    led = {link.text: (link.get("href") or "").removeprefix("./") for link in menu.iter("a")}
    wanted = {"Posts": "posts/", "About": "about/", "Quotes": "quotes/"}
    assert next(iter(led)) == "Posts"
    assert led | wanted == led
    assert "about/2024/" not in led.values()
    about = [link.get("href") for link in pages[KINDS["page"]].iter("a")]
    assert "../about/2024/" in about  # under "Earlier editions"


FEEDS = ["feeds/all", "feeds/tags/ai", "feeds/tags/robotics", "feeds/tags/startups"]


@pytest.mark.parametrize("kind", ["atom", "rss"])
@pytest.mark.parametrize("name", FEEDS)
def test_the_memo_is_in_the_feeds_whole(
    site: Path, pages: dict[str, Element], name: str, kind: str
) -> None:
    feed = feedparser.parse((site / f"{name}.{kind}.xml").read_bytes())
    assert not feed.bozo
    [entry] = [entry for entry in feed.entries if entry.id == MEMO]
    assert entry.link == BASE + "posts/2024-03-01-why-kscale-wins/"
    [content] = [content.value for content in entry.content if "html" in content.type]
    assert "So, pretty cool stuff." in content
    assert content.count('<sup id="fnref:') == content.count('<li id="fn:') == 5
    links = re.findall(r'(?:href|src)="([^"]*)"', content)
    assert all(link.startswith(("http://", "https://")) for link in links)
    ids = attributes(pages[KINDS["post"]], "id")
    assert all(urlsplit(li).fragment in ids for li in links if "ben.bolte.cc" in li and "#" in li)


def test_a_page_is_small(site: Path) -> None:
    """The memo, whole with its styles and its figure, is less than one picture elsewhere."""
    assert (site / KINDS["post"]).stat().st_size < 75_000
