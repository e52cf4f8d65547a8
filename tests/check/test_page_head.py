"""What pages say of themselves in their heads, in the sitemap and in robots.txt."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline.check.checked_site import CheckedSite
from pipeline.check.page_head import (
    canonical,
    consistent_metadata,
    dates_ahead,
    descriptions,
    microformats,
    open_graph,
    robots,
    site_url,
    sitemap,
    structured_data,
    titles,
)
from pipeline.html import PageTree
from pipeline.model import Content, Head, Metadata, PageView, Tag
from pipeline.problems import Problem
from tests.check.site import (
    SOURCE,
    TEMPLATES,
    URL,
    content_of,
    document_of,
    html_of,
    places,
    site_of,
)

PAGE, HOME = "posts/a/index.html", "index.html"
HEAD, SCRIPT = f"{TEMPLATES}/head.html:1", f"{TEMPLATES}/head.html:9"
DAY = "2024-05-06T00:00:00+00:00"
IMAGE = {"@type": "ImageObject", "url": f"{URL}/card.png"}
POSTING: dict[str, Any] = {
    "@type": "BlogPosting",
    "@id": f"{URL}/posts/a/",
    "url": f"{URL}/posts/a/",
    "mainEntityOfPage": {"@id": "x"},
    "headline": "A post",
    "description": "What it says.",
    "image": IMAGE,
    "datePublished": DAY,
    "dateModified": DAY,
    "inLanguage": "en",
    "wordCount": 9,
    "author": {"name": "Ben", "url": URL, "sameAs": ["https://x.com/ben"]},
    "publisher": {"@id": "x"},
    "keywords": [],
    "isPartOf": {"@type": "Blog"},
}
OPEN_GRAPH = {
    "og:type": "article",
    "og:title": "A post",
    "og:description": "What it says.",
    "og:url": f"{URL}/posts/a/",
    "og:site_name": "Site",
    "og:image": f"{URL}/card.png",
    "og:image:type": "image/png",
    "og:image:width": "1200",
    "og:image:height": "630",
    "og:image:alt": "A post",
    "twitter:card": "summary_large_image",
    "article:published_time": DAY,
    "article:modified_time": DAY,
    "article:author": URL,
}
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


def post_page(old: str = "", new: str = "", **changes: Any) -> PageTree:
    return PageTree(PAGE, post_html(old, new, **changes), SOURCE, TEMPLATES)


def post(**changes: Any) -> Content:
    document = document_of(lines={"title": 1, "date": 2, "summary": 3, "modified": 4})
    document = replace(document, summary="What it says.")
    return content_of(document, PAGE, date=datetime(2024, 5, 6, tzinfo=UTC), **changes)


def card(size: tuple[int, int] = (1200, 630)) -> bytes:
    data = BytesIO()
    Image.new("P", size).save(data, "PNG")
    return data.getvalue()


def site_with_post(old: str = "", new: str = "", **settings: Any) -> CheckedSite:
    files = {"card.png": card()}
    return site_of({PAGE: post_html(old, new)}, files, settings, {PAGE: post()})


def head(title: str, summary: str, robots: str = "") -> str:
    mark = 'data-src-line="head.html:1"'
    extra = f'<meta name="robots" content="{robots}">' if robots else ""
    return (
        f'<html data-src-line="base.html:1"><head {mark}><title {mark}>{title}</title>'
        f'<meta name="description" content="{summary}">{extra}</head></html>'
    )


def view(path: str, url: str, **changes: Any) -> PageView:
    metadata = Metadata("list", f"{URL}/{url}", "T", "D", "en")
    empty = Head("T", "D", "", "", (), (), "")
    return PageView("archives.html", path, url, ".", metadata, empty, **changes)


def test_all_checks_of_a_page_accept_a_post_in_good_order() -> None:
    site = site_with_post(social_card="card.png")
    of_site = [titles, descriptions, canonical, open_graph, site_url]
    of_page = [structured_data, microformats, consistent_metadata]
    problems = [p for check in of_site for p in check(site)]
    assert [*problems, *(p for check in of_page for p in check(post_page()))] == []


def test_checks_ignore_redirects_and_copied_html_files() -> None:
    pages = {"old/index.html": '<meta http-equiv="refresh" content="0">', "google.html": "code"}
    site = site_of(pages, settings={"social_card": "card.png"})
    copied = replace(site.artifacts["google.html"], source="content/extra/google.html")
    site = replace(site, artifacts={**site.artifacts, "google.html": copied})
    checks = [titles, descriptions, canonical, open_graph]
    assert [p for check in checks for p in check(site)] == []
    page = PageTree("google.html", "code", "content/extra/google.html")
    assert [*structured_data(page), *microformats(page), *consistent_metadata(page)] == []


def names(problems: Iterable[Problem]) -> list[str]:
    return [p.message.partition(":")[0] for p in problems]


@pytest.mark.parametrize(
    ("url", "found"),
    [("http://127.0.0.1:8000", 1), ("http://localhost", 1), ("", 1), ("https://example.org", 0)],
)
def test_site_url_is_one_problem_at_its_setting(url: str, found: int, tmp_path: Path) -> None:
    file = tmp_path / "publishconf.py"
    file.write_text(f'A = 1\nSITEURL = "{url}"\n')
    site = site_of({PAGE: post_html()}, {}, {"siteurl": url, "page_views": True})
    site = replace(
        site, settings=replace(site.settings, file=str(file), sitemap_save_as="sitemap.xml")
    )
    if not url:
        assert [*canonical(site), *sitemap(site), *robots(site)] == []
    assert places(site_url(site)) == found * [f"{file}:2"]


def test_titles_empty_repeated_and_long() -> None:
    pages = {
        HOME: head("Posts", "Of all posts"),
        PAGE: head("Posts", "Another one here"),
        "b/index.html": head("", "What b says"),
        "c/index.html": head("Posts", "Hidden", robots="noindex"),
        "d/index.html": head("T" * 151, "What d says"),
    }
    site = site_of(pages, sources={PAGE: post()})
    assert places(titles(site)) == [HEAD, f"{SOURCE}:1", HEAD]


def test_titles_of_tags_belong_to_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "pelicanconf.py"
    file.write_text('SITENAME = "S"\nLISTING_PAGES = {}\n')
    pages = {f"tags/{n}/index.html": head("Posts", f"On the subject of {n}") for n in "ab"}
    tags = {path: view(path, path[:-10], tag=Tag("A", "a", "", "")) for path in pages}
    site = site_of(pages, views=tags)
    site = replace(site, settings=replace(site.settings, file=str(file)))
    assert places(titles(site)) == [f"{file}:2"]


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
    assert places(descriptions(site)) == found


def test_descriptions_missing_in_the_front_matter_belong_to_it() -> None:
    without = content_of(document_of(lines={"title": 1}), PAGE)
    assert places(descriptions(site_of({PAGE: head("T", "")}, sources={PAGE: without}))) == [
        f"{SOURCE}:1"
    ]


def test_descriptions_that_repeat_the_title_are_found() -> None:
    site = site_with_post('content="What it says."', 'content="A post"')
    assert places(descriptions(site))[-1:] == [f"{SOURCE}:3"]


def test_descriptions_of_tags_belong_to_the_list_of_tags(tmp_path: Path) -> None:
    (tmp_path / "tags.toml").write_text('\nA = "x"\n')
    path = "tags/a/index.html"
    views = {path: view(path, "tags/a/", tag=Tag("A", "a", "tags/a/", path))}
    site = site_of({path: head("T", "Word")}, settings={"path": str(tmp_path)}, views=views)
    assert places(descriptions(site)) == [f"{tmp_path}/tags.toml:2"]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('rel="canonical"', 'rel="canon"', HEAD),
        (f'canonical" href="{URL}/posts/a/', f'canonical" href="{URL}/b/', HEAD[:-1] + "3"),
        (f'canonical" href="{URL}/', 'canonical" href="/', HEAD[:-1] + "3"),
        ("<title", '<meta name="robots" content="noindex"><title', HEAD[:-1] + "3"),
    ],
)
def test_canonical_is_the_own_url(old: str, new: str, place: str) -> None:
    assert places(canonical(site_with_post(old, new))) == [place]


def test_canonical_wrong_for_all_pages_is_one_problem_at_the_setting(tmp_path: Path) -> None:
    file = tmp_path / "pelicanconf.py"
    file.write_text('ARTICLE_SAVE_AS = "post/{slug}/index.html"\n')
    paths = [f"post/{n}/index.html" for n in "abc"]
    sources = {path: replace(post(), output=path) for path in paths}
    views = {p: view(p, p.replace("post/", "posts/")[:-10], content=sources[p]) for p in paths}
    site = site_of({p: post_html() for p in paths}, {}, {}, sources, views=views)
    site = replace(site, settings=replace(site.settings, file=str(file)))
    assert set(places(canonical(site))) == {f"{file}:1"}
    assert len(set(canonical(site))) == 1


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('"og:image"', '"og:picture"', 1),
        ('"og:type" content="article"', '"og:type" content="website"', 1),
        ('"twitter:card"', '"twitter:cart"', 1),
        ("article:published_time", "article:time", 1),
        (f'published_time" content="{DAY}', 'published_time" content="2026-11-21', 1),
        (f'og:image" content="{URL}', 'og:image" content="', 8),
        (f'og:image" content="{URL}', 'og:image" content="https://elsewhere.net', 8),
        ("card.png", "none.png", 8),
        ('height" content="630"', 'height" content="600"', 8),
    ],
)
def test_open_graph_finds_what_is_missing_or_wrong(old: str, new: str, line: int) -> None:
    site = site_with_post(old, new, social_card="card.png")
    assert places(open_graph(site)) == [f"{TEMPLATES}/head.html:{line}"]


@pytest.mark.parametrize("data", [card((600, 315)), b"no image"])
def test_open_graph_finds_a_wrong_image(data: bytes) -> None:
    settings = {"social_card": "card.png"}
    site = site_of({PAGE: post_html()}, {"card.png": data}, settings, {PAGE: post()})
    assert places(open_graph(site)) == [f"{TEMPLATES}/head.html:8"]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('type="application/ld+json"', 'type="x"', HEAD),
        ('"@graph"', "@graph", SCRIPT),
        ('"BlogPosting"', '"Thing"', SCRIPT),
        ('"image"', '"images"', SCRIPT),
        ('"sameAs"', '"same"', SCRIPT),
        (f'"datePublished": "{DAY}"', '"datePublished": "2024-05-06T00:00:00"', SCRIPT),
    ],
)
def test_structured_data_finds_what_is_missing(old: str, new: str, place: str) -> None:
    assert places(structured_data(post_page(old, new)))[:1] == [place]


@pytest.mark.parametrize("data", ['["a", 1]', '"text"', "5", '{"@graph": "x"}', '[{"@type": 1}]'])
def test_structured_data_of_any_form_raises_nothing(data: str) -> None:
    script = f'<script type="application/ld+json" data-src-line="x.html:3">{data}</script>'
    page = PageTree(PAGE, html_of("", script), SOURCE, TEMPLATES)
    assert [*structured_data(page), *consistent_metadata(page), *microformats(page)] == []


def test_structured_data_accepts_other_forms_of_the_same() -> None:
    kinds: Any = {"@type": ["BlogPosting"], "author": [POSTING["author"]], "image": [IMAGE]}
    page = post_page(**kinds)
    assert [*structured_data(page), *consistent_metadata(page)] == []


@pytest.mark.parametrize(
    ("old", "new"), [("h-entry", "entry"), ("p-author", "author"), ("dt-published", "published")]
)
def test_microformats_finds_a_lost_class(old: str, new: str) -> None:
    assert places(microformats(post_page(old, new))) == [f"{TEMPLATES}/article.html:1"]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('og:title" content="A post"', 'og:title" content="B"', SCRIPT),
        (">A post</h1>", ">A past</h1>", "article.html:1"),
        ('"description": "What it', '"description": "That it', SCRIPT),
        (f'og:url" content="{URL}/posts/a/', f'og:url" content="{URL}/b/', SCRIPT),
        (f'"datePublished": "{DAY[:10]}', '"datePublished": "2024-05-07', SCRIPT),
        ('datetime="2024-05-06"', 'datetime="2024-05-07"', "article.html:1"),
        (f'"url": "{URL}/card', f'"url": "{URL}/other', SCRIPT),
    ],
)
def test_consistent_metadata_finds_a_difference(old: str, new: str, place: str) -> None:
    assert place in " ".join(places(consistent_metadata(post_page(old, new))))


NS = "http://www.sitemaps.org/schemas/sitemap/0.9"


def site_with_map(old: str = "", new: str = "", **of_post: Any) -> CheckedSite:
    urls = f"<url><loc>{URL}/</loc><lastmod>{DAY}</lastmod></url>" + (
        f"<url><loc>{URL}/posts/a/</loc><lastmod>{DAY}</lastmod></url>"
    )
    text = f'<?xml version="1.0"?>\n<urlset xmlns="{NS}">{urls}\n</urlset>'
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
        ("</urlset>", f"<url><loc>{URL}/</loc></url></urlset>", 2),
        (f"<url><loc>{URL}/</loc><lastmod>{DAY}</lastmod></url>", "", 1),
        ("/posts/a/</loc><lastmod>2024", "/posts/a/</loc><lastmod>2026", 1),
        ("/</loc><lastmod>2024", "/</loc><lastmod>2026", 1),
        (f"/posts/a/</loc><lastmod>{DAY}</lastmod>", "/posts/a/</loc>", 1),
        ("00+00:00", "00", 1),
    ],
)
def test_sitemap_has_every_listed_page_with_its_date(old: str, new: str, count: int) -> None:
    assert places(sitemap(site_with_map(old, new))) == count * ["/sitemap.xml"]


def test_sitemap_knows_changes() -> None:
    changed = site_with_map(modified=datetime(2025, 1, 2, tzinfo=UTC))
    assert len([*sitemap(changed)]) == 2


def test_sitemap_broken_or_missing() -> None:
    assert places(sitemap(site_with_map("</urlset>", "</lock>"))) == ["/sitemap.xml:3"]
    site = site_with_map()
    files = {path: a for path, a in site.artifacts.items() if path != "sitemap.xml"}
    assert places(sitemap(replace(site, artifacts=files))) == ["/sitemap.xml"]


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
    assert places(robots(site)) == found


def test_dates_ahead_of_now() -> None:
    now = datetime(2024, 6, 1, tzinfo=UTC)
    late = datetime(2062, 1, 1, tzinfo=UTC)
    meant = replace(document_of("content/posts/2062-01-01-a.md"), lines={"date": 2})
    contents = [post(), post(modified=late), replace(post(), date=late)]
    contents.append(replace(post(), document=meant, date=late))
    assert places(dates_ahead(contents, now)) == [f"{SOURCE}:4", f"{SOURCE}:2"]
