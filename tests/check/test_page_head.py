"""What pages say of themselves in their heads, in the sitemap and in robots.txt."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline.check import page_head
from pipeline.check.checked_site import CheckedSite
from pipeline.html import PageTree
from pipeline.memo import known
from pipeline.model import Content, Document, Head, Metadata, PageView, Tag
from tests.check.site import SOURCE, TEMPLATES, URL, content_of, document_of, places, site_of

PAGE, HOME = "posts/a/index.html", "index.html"
HEAD, SCRIPT = f"{TEMPLATES}/head.html:1", f"{TEMPLATES}/head.html:9"
DAY = "2024-05-06T00:00:00+00:00"
IMAGE = {"@type": "ImageObject", "url": f"{URL}/card.png"}
PERSON = {"name": "Ben", "url": URL, "sameAs": ["https://x.com/ben"]}
POSTING: dict[str, Any] = {
    "@type": "BlogPosting", "@id": f"{URL}/posts/a/", "url": f"{URL}/posts/a/",
    "mainEntityOfPage": {"@id": "x"}, "headline": "A post", "description": "What it says.",
    "image": IMAGE, "datePublished": DAY, "dateModified": DAY, "inLanguage": "en", "wordCount": 9,
    "author": PERSON, "publisher": {"@id": "x"}, "keywords": [], "isPartOf": {"@type": "Blog"},
}  # fmt: skip
OPEN_GRAPH = {
    "og:type": "article", "og:title": "A post", "og:description": "What it says.",
    "og:url": f"{URL}/posts/a/", "og:site_name": "Site", "og:image": f"{URL}/card.png",
    "og:image:width": "1200", "og:image:height": "630",
    "og:image:alt": "A post", "twitter:card": "summary_large_image",
    "article:published_time": DAY,
}  # fmt: skip
TIME = '<time class="dt-published" datetime="2024-05-06">6 May</time>'
BODY = (
    '<article class="h-entry" data-src-line="article.html:1"><h1 class="p-name">A post</h1>'
    f'{TIME}<data class="u-url"></data><a class="p-author" href="/">Ben</a>'
    '<div class="e-content"><p data-src-line="9">Words.</p></div></article>'
)


def post_html(old: str = "", new: str = "", **changes: Any) -> str:
    """Return the page of a post in good order, with one part of its HTML replaced."""
    data = {"@context": "https://schema.org", "@graph": [{**POSTING, **changes}]}
    metas = "".join(
        f'<meta property="{name}" content="{value}" data-src-line="head.html:8">'
        for name, value in OPEN_GRAPH.items()
    )
    html = (
        '<!doctype html><html lang="en" data-src-line="base.html:1"><head>'
        '<title data-src-line="head.html:1">A post · Site</title>'
        '<meta name="description" content="What it says." data-src-line="head.html:2">'
        f'<link rel="canonical" href="{URL}/posts/a/" data-src-line="head.html:3">{metas}'
        f'<script type="application/ld+json" data-src-line="head.html:9">{json.dumps(data)}'
        f"</script></head><body><main>{BODY}</main></body></html>"
    )
    assert old in html
    return html.replace(old, new, 1)


def of_page(html: str) -> list[str]:
    """Return the places of what the checks of single pages find."""
    page = PageTree(PAGE, html, SOURCE, TEMPLATES)
    return [place for check in page_head.PAGE_CHECKS for place in places(check(page))]


def post(document: Document | None = None, **changes: Any) -> Content:
    lines = {"title": 1, "date": 2, "summary": 3, "modified": 4}
    content = content_of(document or document_of(lines=lines, summary="What it says."), PAGE)
    return replace(content, **{"date": datetime(2024, 5, 6, tzinfo=UTC), **changes})


def card(size: tuple[int, int] = (1200, 630)) -> bytes:
    data = BytesIO()
    Image.new("P", size).save(data, "PNG")
    return data.getvalue()


def site_with_post(old: str = "", new: str = "", image: bytes | None = None) -> CheckedSite:
    files = {"card.png": image or card()}
    return site_of({PAGE: post_html(old, new)}, files, {"social_card": "c.png"}, {PAGE: post()})


def head(title: str, summary: str, robots: str = "") -> str:
    mark = 'data-src-line="head.html:1"'
    return (
        f'<html data-src-line="base.html:1"><head {mark}><title {mark}>{title}</title>'
        f'<meta name="description" content="{summary}"><meta name="robots" content="{robots}">'
    )


def view(path: str, url: str, **changes: Any) -> PageView:
    metadata = Metadata("list", f"{URL}/{url}", "T", "D", "en")
    empty = known(Head("T", "D", "", "", (), (), ""))
    return PageView("archives.html", path, url, ".", metadata, empty, **changes)


def with_settings(site: CheckedSite, folder: Path, text: str, **changes: Any) -> CheckedSite:
    """Return a site whose settings are in a file with the text."""
    (folder / "conf.py").write_text(text)
    settings = replace(site.settings, file=str(folder / "conf.py"), **changes)
    return replace(site, settings=settings)


OF_SITE = (
    page_head.site_url, page_head.titles, page_head.descriptions, page_head.canonical,
    page_head.open_graph, page_head.future_dates,
)  # fmt: skip


def test_all_checks_accept_a_post_in_good_order() -> None:
    assert [p for check in OF_SITE for p in check(site_with_post())] + of_page(post_html()) == []


def test_checks_ignore_redirects_and_copied_html_files() -> None:
    pages = {"old/index.html": '<meta http-equiv="refresh" content="0">', "google.html": "code"}
    site = site_of(pages, settings={"social_card": "card.png"})
    copied = replace(site.artifacts["google.html"], source="content/extra/google.html")
    site = replace(site, artifacts={**site.artifacts, "google.html": copied})
    assert [p for check in OF_SITE for p in check(site)] == []
    assert [place for html in pages.values() for place in of_page(html)] == []


@pytest.mark.parametrize(
    ("url", "found"),
    [("http://127.0.0.1:8000", 1), ("http://localhost", 1), ("", 1), ("https://example.org", 0)],
)
def test_site_url_is_one_problem_at_its_setting(url: str, found: int, tmp_path: Path) -> None:
    site = site_of({PAGE: post_html()}, settings={"siteurl": url})
    text = f'A = 1\nSITEURL = "{url}"\n'
    site = with_settings(site, tmp_path, text, sitemap_save_as="sitemap.xml")
    if not url:
        others = (page_head.canonical, page_head.sitemap, page_head.robots)
        assert [p for check in others for p in check(site)] == []
    assert places(page_head.site_url(site)) == found * [f"{tmp_path}/conf.py:2"]


@pytest.mark.parametrize(("domain", "problems"), [("example.org\n", 0), ("other.example", 1)])
def test_site_url_is_that_of_the_domain_in_cname(domain: str, problems: int) -> None:
    site = site_of({PAGE: post_html()}, files={"CNAME": domain})
    assert len([*page_head.site_url(site)]) == problems


def test_titles_empty_repeated_and_long() -> None:
    pages = {
        HOME: head("Posts", "Of all posts"),
        PAGE: head("Posts", "Another one here"),
        "b/index.html": head("", "What b says"),
        "c/index.html": head("Posts", "Hidden", robots="noindex"),
        "d/index.html": head("T" * 151, "What d says"),
    }
    site = site_of(pages, sources={PAGE: post()})
    assert places(page_head.titles(site)) == [HEAD, HEAD, f"{SOURCE}:1"]


def test_titles_of_tags_belong_to_the_settings(tmp_path: Path) -> None:
    pages = {f"tags/{n}/index.html": head("Posts", f"On the subject of {n}") for n in "ab"}
    tags = {path: view(path, path[:-10], tag=Tag("A", "a", "", "")) for path in pages}
    site = with_settings(site_of(pages, views=tags), tmp_path, "A = 1\nLISTING_PAGES = {}\n")
    assert places(page_head.titles(site)) == [f"{tmp_path}/conf.py:2"]


@pytest.mark.parametrize(
    ("summary", "found"),
    [
        ("What it says.", []),
        ("What a post says. " * 12, [f"{SOURCE}:3"]),
        ("Words.", [f"{SOURCE}:3"]),
        ("机器人的故事", []),
        ("ロボットの話", []),
        ("เรื่องของหุ่นยนต์", []),
        ("", [HEAD]),
    ],
)
def test_descriptions_have_a_length(summary: str, found: list[str]) -> None:
    site = site_of({PAGE: head("Title", summary.strip())}, sources={PAGE: post()})
    assert places(page_head.descriptions(site)) == found


def test_descriptions_missing_in_the_front_matter_belong_to_it() -> None:
    sources = {PAGE: document_of(lines={"title": 1})}
    site = site_of({PAGE: head("T", "")}, sources=sources)
    assert places(page_head.descriptions(site)) == [f"{SOURCE}:1"]


def test_descriptions_of_tags_belong_to_the_list_of_tags(tmp_path: Path) -> None:
    (tmp_path / "tags.toml").write_text('\nA = "x"\n')
    path = "tags/a/index.html"
    views = {path: view(path, "tags/a/", tag=Tag("A", "a", "tags/a/", path))}
    site = site_of({path: head("T", "Word")}, settings={"path": str(tmp_path)}, views=views)
    assert places(page_head.descriptions(site)) == [f"{tmp_path}/tags.toml:2"]


def test_canonical_wrong_for_all_pages_is_one_problem_at_the_setting(tmp_path: Path) -> None:
    paths = [f"post/{n}/index.html" for n in "abc"]
    sources = {path: post(output=path) for path in paths}
    views = {p: view(p, p.replace("post/", "posts/")[:-10], content=sources[p]) for p in paths}
    site = site_of(dict.fromkeys(paths, post_html()), sources=sources, views=views)
    site = with_settings(site, tmp_path, 'ARTICLE_SAVE_AS = "post/{slug}/index.html"\n')
    assert places(set(page_head.canonical(site))) == [f"{tmp_path}/conf.py:1"]


@pytest.mark.parametrize(
    ("check", "old", "new", "line"),
    [
        (page_head.canonical, 'rel="canonical"', 'rel="canon"', 1),
        (page_head.canonical, f'canonical" href="{URL}/posts/a/', f'canonical" href="{URL}/b/', 3),
        (page_head.canonical, f'canonical" href="{URL}/', 'canonical" href="/', 3),
        (page_head.canonical, "<title", '<meta name="robots" content="noindex"><title', 3),
        (page_head.open_graph, '"og:image"', '"og:picture"', 1),
        (page_head.open_graph, '"og:type" content="article"', '"og:type" content="website"', 1),
        (page_head.open_graph, '"twitter:card"', '"twitter:cart"', 1),
        (page_head.open_graph, "article:published_time", "article:time", 1),
        (page_head.open_graph, f'_time" content="{DAY}', '_time" content="2026-11-21', 1),
        (page_head.open_graph, f'og:image" content="{URL}', 'og:image" content="', 8),
        (page_head.open_graph, f'og:image" content="{URL}', 'og:image" content="https://x.net', 8),
        (page_head.open_graph, "card.png", "none.png", 8),
        (page_head.open_graph, 'height" content="630"', 'height" content="600"', 8),
    ],
)
def test_site_checks_find_what_is_missing_or_wrong(
    check: Any, old: str, new: str, line: int
) -> None:
    assert places(check(site_with_post(old, new))) == [f"{TEMPLATES}/head.html:{line}"]


def test_descriptions_that_repeat_the_title_are_found() -> None:
    site = site_with_post('content="What it says."', 'content="A post"')
    assert places(page_head.descriptions(site)) == [f"{SOURCE}:3"]


@pytest.mark.parametrize("data", [card((600, 315)), b"no image"])
def test_open_graph_finds_a_wrong_image(data: bytes) -> None:
    found = places(page_head.open_graph(site_with_post(image=data)))
    assert found == [f"{TEMPLATES}/head.html:8"]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('type="application/ld+json"', 'type="x"', "head.html:1"),
        ('"@graph"', "@graph", "head.html:9"),
        ('"BlogPosting"', '"Thing"', "head.html:9"),
        ('"image"', '"images"', "head.html:9"),
        (f'"datePublished": "{DAY}"', '"datePublished": "2024-05-06T00:00:00"', "head.html:9"),
        ("h-entry", "entry", "article.html:1"),
        ("p-author", "author", "article.html:1"),
        ("dt-published", "published", "article.html:1"),
        ('og:title" content="A post"', 'og:title" content="B"', "head.html:9"),
        (">A post</h1>", ">A past</h1>", "article.html:1"),
        (
            '<title data-src-line="head.html:1">A post',
            '<title data-src-line="a.html:7">B',
            "a.html:7",
        ),
        ('"description": "What it', '"description": "That it', "head.html:9"),
        (f'og:url" content="{URL}/posts/a/', f'og:url" content="{URL}/b/', "head.html:9"),
        (f'"datePublished": "{DAY[:10]}', '"datePublished": "2024-05-07', "head.html:9"),
        ('datetime="2024-05-06"', 'datetime="2024-05-07"', "article.html:1"),
        (f'"url": "{URL}/card', f'"url": "{URL}/other', "head.html:9"),
    ],
)
def test_page_checks_find_what_is_missing_or_differs(old: str, new: str, place: str) -> None:
    assert f"{TEMPLATES}/{place}" in of_page(post_html(old, new))


@pytest.mark.parametrize("data", ['["a", 1]', '"text"', "5", '{"@graph": "x"}', '[{"@type": 1}]'])
def test_page_checks_accept_structured_data_of_any_form(data: str) -> None:
    script = f'<script type="application/ld+json" data-src-line="x.html:3">{data}</script>'
    assert of_page(head("T", "D") + script) == []


def test_page_checks_accept_lists_of_one_value() -> None:
    values: Any = {"@type": ["BlogPosting"], "author": [PERSON], "image": [IMAGE]}
    assert of_page(post_html(**values)) == []


NS = "http://www.sitemaps.org/schemas/sitemap/0.9"


def site_with_map(old: str = "", new: str = "", **of_post: Any) -> CheckedSite:
    urls = [f"<url><loc>{URL}{at}</loc><lastmod>{DAY}</lastmod></url>" for at in ("/", "/posts/a/")]
    text = f'<?xml version="1.0"?>\n<urlset xmlns="{NS}">{"".join(urls)}\n</urlset>'
    assert old in text
    pages = {HOME: head("T", "D"), PAGE: head("A", "B"), "404.html": head("", "", "noindex")}
    files = {"sitemap.xml": text.replace(old, new, 1)}
    views = {HOME: view(HOME, "", posts=(post(**of_post),))}
    settings = {"sitemap_save_as": "sitemap.xml"}
    return site_of(pages, files, settings, {PAGE: post(**of_post)}, views=views)


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ("", "", 0),
        ("sitemap/0.9", "sitemap/0.8", 1),
        ("</urlset>", f"<url><loc>{URL}/404.html</loc></url></urlset>", 1),
        ("</urlset>", f"<url><loc>{URL}/c/</loc></url></urlset>", 1),
        ("</urlset>", f"<url><loc>{URL}/</loc><lastmod>{DAY}</lastmod></url></urlset>", 1),
        (f"<url><loc>{URL}/</loc><lastmod>{DAY}</lastmod></url>", "", 1),
        ("/posts/a/</loc><lastmod>2024", "/posts/a/</loc><lastmod>2026", 1),
        ("/</loc><lastmod>2024", "/</loc><lastmod>2026", 1),
        (f"/posts/a/</loc><lastmod>{DAY}</lastmod>", "/posts/a/</loc>", 1),
        ("00+00:00", "00", 1),
    ],
)
def test_sitemap_has_every_listed_page_with_its_date(old: str, new: str, count: int) -> None:
    assert places(page_head.sitemap(site_with_map(old, new))) == count * ["/sitemap.xml"]


def test_sitemap_changed_broken_or_missing() -> None:
    site = site_with_map(modified=datetime(2025, 1, 2, tzinfo=UTC))
    assert places(page_head.sitemap(site)) == 2 * ["/sitemap.xml"]
    assert places(page_head.sitemap(site_with_map("</urlset>", "</lock>"))) == ["/sitemap.xml:3"]
    files = {path: a for path, a in site.artifacts.items() if path != "sitemap.xml"}
    assert places(page_head.sitemap(replace(site, artifacts=files))) == ["/sitemap.xml"]


LINE = f"Sitemap: {URL}/sitemap.xml\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"User-agent: *\nAllow: /\n{LINE}", []),
        ("User-agent: *\n", ["/robots.txt:1"]),
        (f"User-agent: *\n{LINE.replace('example', 'other')}", ["/robots.txt:2"]),
        ("Sitemap: /sitemap.xml\n", ["/robots.txt:1"]),
        (f"User-agent: *\nDisallow: /\n{LINE}", ["/robots.txt:2"]),
        (None, ["content/extra/robots.txt"]),
    ],
)
def test_robots_names_the_sitemap_and_blocks_nothing(text: str | None, found: list[str]) -> None:
    files = {} if text is None else {"robots.txt": text}
    site = site_of({HOME: head("T", "D")}, files, {"sitemap_save_as": "sitemap.xml"})
    assert places(page_head.robots(site)) == found


def test_future_dates_that_nobody_can_mean() -> None:
    late = datetime(2162, 1, 1, tzinfo=UTC)
    meant = document_of("content/posts/2162-01-01-a.md", lines={"date": 2})
    contents = (post(), post(modified=late), post(date=late), post(document=meant, date=late))
    site = site_of(contents=contents)
    assert places(page_head.future_dates(site)) == [f"{SOURCE}:4", f"{SOURCE}:2"]
