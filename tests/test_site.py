"""The built real site, walked once: what must hold for every page."""

import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree.ElementTree import Element

import feedparser
import html5lib
import pytest

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


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Element]:
    """Every page, parsed by a real HTML5 parser that must find no error."""
    found = {}
    for path in sorted(site.rglob("*.html")):
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        found[path.relative_to(site).as_posix()] = parser.parse(path.read_bytes())
        assert parser.errors == [], path
    return found


def attributes(page: Element, name: str) -> list[str]:
    return [element.attrib[name] for element in page.iter() if name in element.attrib]


def test_every_kind_of_page_is_there(pages: dict[str, Element]) -> None:
    assert set(KINDS.values()) <= set(pages)


def test_each_page_has_one_first_heading_a_language_and_its_landmarks(
    pages: dict[str, Element],
) -> None:
    for name, page in pages.items():
        assert page.get("lang") == "en", name
        for tag in ("h1", "main", "title"):
            assert len(list(page.iter(tag))) == 1, (name, tag)
        body = page.find("body")
        assert body is not None
        tags = [child.tag for child in body]
        # Of the page at any address, "#main" would lead to the home page (its <base>).
        skip = [] if name == KINDS["lost"] else ["a"]
        assert tags == [*skip, "header", "main", "footer"], name
        assert not skip or body[0].get("href") == "#main"


def test_no_heading_level_is_skipped(pages: dict[str, Element]) -> None:
    for name, page in pages.items():
        levels = [int(e.tag[1]) for e in page.iter() if re.fullmatch("h[1-6]", str(e.tag))]
        assert all(b - a <= 1 for a, b in pairwise(levels)), name


def test_ids_are_unique(pages: dict[str, Element]) -> None:
    for name, page in pages.items():
        ids = attributes(page, "id")
        assert len(ids) == len(set(ids)), name


def test_titles_and_descriptions_are_unique(pages: dict[str, Element]) -> None:
    titles = [page.findtext("head/title") for page in pages.values()]
    assert len(titles) == len(set(titles))
    found = [page.find("head/meta[@name='description']") for page in pages.values()]
    descriptions = [meta.get("content") for meta in found if meta is not None]
    assert len(descriptions) == len(pages) == len(set(descriptions))
    assert all(40 < len(d or "") < 200 for d in descriptions), descriptions


def test_each_page_has_its_own_address_or_is_kept_from_search_engines(
    pages: dict[str, Element],
) -> None:
    for name, page in pages.items():
        canonical = page.find("head/link[@rel='canonical']")
        robots = page.find("head/meta[@name='robots']")
        if name in (KINDS["edition"], KINDS["lost"]):
            assert canonical is None
            assert robots is not None and robots.get("content") == "noindex"
        else:
            assert robots is None
            assert canonical is not None
            assert canonical.get("href") == BASE + name.removesuffix("index.html")


def test_each_page_names_the_feeds(pages: dict[str, Element]) -> None:
    for name, page in pages.items():
        types = [link.get("type") for link in page.iterfind("head/link[@rel='alternate']")]
        assert types[:2] == ["application/atom+xml", "application/rss+xml"], name
        own = 2 if re.match("tags/.+/", name) else name == KINDS["quotes"]
        assert len(types) == 2 + own


def test_a_page_is_one_request_without_scripts(pages: dict[str, Element]) -> None:
    """And one for each picture, when the reader comes near."""
    for name, page in pages.items():
        loaded = {e.tag for e in page.iter() if e.tag in ("iframe", "video", "object")}
        assert not loaded, name
        types = {script.get("type") for script in page.iter("script")}
        assert types <= {"application/ld+json"}, name  # which is data
        for image in page.iter("img"):
            assert image.get("loading") == "lazy" and image.get("width") and image.get("alt")
            assert "://" not in image.attrib["src"]
        links = {link.get("rel") for link in page.iter("link")}
        assert links <= {"canonical", "icon", "alternate"}, name
        assert not any("url(" in (style.text or "") for style in page.iter("style"))


def test_every_inside_link_leads_somewhere(site: Path, pages: dict[str, Element]) -> None:
    for name, page in pages.items():
        base = page.find("head/base")
        here = base.attrib["href"] if base is not None else urljoin(BASE, name)
        for link in attributes(page, "href") + attributes(page, "src"):
            url = urlsplit(urljoin(here, link))
            if url.hostname != "ben.bolte.cc":
                assert url.scheme in ("http", "https"), (name, link)
                continue
            path = unquote(url.path).lstrip("/")
            target = f"{path}index.html" if path.endswith("/") or not path else path
            assert (site / target).is_file(), (name, link)
            if url.fragment:
                assert unquote(url.fragment) in attributes(pages[target], "id"), (name, link)


def test_pages_work_from_any_folder_of_any_host(site: Path) -> None:
    """But for the addresses that must be absolute: the canonical one and the lost reader's."""
    for path in site.rglob("*.html"):
        text = re.sub(r'<(?:link rel="canonical"|base) [^>]*>', "", path.read_text("utf-8"))
        assert not re.search(r'(?:href|src)="(?:/|https://ben\.bolte\.cc)', text), path


def test_the_menu_has_the_pages_and_not_the_edition(pages: dict[str, Element]) -> None:
    menu = pages[KINDS["home"]].find(".//nav[@class='site-menu']")
    assert menu is not None
    assert [link.text for link in menu.iter("a")] == ["Posts", "About", "Quotes"]
    about = [link.get("href") for link in pages[KINDS["page"]].iter("a")]
    assert "../about/2024/" in about  # under "Earlier editions"


def test_nothing_of_the_workshop_is_left(site: Path) -> None:
    for path in site.rglob("*"):
        if path.suffix in (".html", ".xml"):
            text = path.read_text("utf-8")
            assert not re.search(r"\{(?:filename|static|index)\}|localhost|127\.0\.0\.1", text), (
                path
            )
            assert "<!--" not in text, path


FEEDS = ["feeds/all", "feeds/tags/ai", "feeds/tags/robotics", "feeds/tags/startups"]


@pytest.mark.parametrize("kind", ["atom", "rss"])
@pytest.mark.parametrize("name", FEEDS)
def test_the_memo_is_in_the_feeds_whole(
    site: Path, pages: dict[str, Element], name: str, kind: str
) -> None:
    feed = feedparser.parse((site / f"{name}.{kind}.xml").read_bytes())
    assert not feed.bozo
    [entry] = feed.entries
    assert entry.link == BASE + "posts/2024-03-01-why-kscale-wins/"
    content = entry.content[0].value if "content" in entry else entry.summary
    assert "So, pretty cool stuff." in content
    assert content.count('class="footnote-ref"') == 5
    links = re.findall(r'(?:href|src)="([^"]*)"', content)
    assert all(link.startswith(("http://", "https://")) for link in links)
    ids = attributes(pages[KINDS["post"]], "id")
    assert all(urlsplit(li).fragment in ids for li in links if "ben.bolte.cc" in li and "#" in li)


def test_a_page_is_small(site: Path) -> None:
    """The memo, whole with its styles and its figure, is less than one picture elsewhere."""
    assert (site / KINDS["post"]).stat().st_size < 75_000
