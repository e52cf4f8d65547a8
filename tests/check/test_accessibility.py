"""What keeps somebody from a page, or from a part of it."""

import time

import pytest

from pipeline.check import accessibility
from pipeline.check.accessibility import (
    LANGUAGE_TAG,
    accessible_names,
    headings,
    image_alt,
    landmarks,
    language_tags,
    reader_mode,
    scroll_areas,
    tab_order,
    table_headers,
    zoom,
)
from pipeline.check.checked_site import PageCheck
from pipeline.html import PageTree
from tests.check.site import SOURCE, TEMPLATES, html_of, page_of, places

P = 'data-src-line="9"'
VIEWPORT = '<meta name="viewport" content="width=device-width">'
FAULTS: list[tuple[PageCheck, str]] = [
    (language_tags, f'<p {P} lang="french">Mots.</p>'),
    (language_tags, f'<p {P} lang="fr_FR">Mots.</p>'),
    (accessible_names, f'<p {P}>Words <a href="https://example.org/x"></a>of it.</p>'),
    (accessible_names, f'<p {P}>Words <button type="button"></button>of it.</p>'),
    (accessible_names, f'<p {P}>Words <input type="text">of it.</p>'),
    (accessible_names, f'<p {P}>Words <iframe src="a"></iframe>of it.</p>'),
    (accessible_names, f'<div {P} role="region" tabindex="0">Words.</div>'),
    (image_alt, f'<img {P} src="a.png">'),
    (image_alt, f'<img {P} src="a.png" alt="drawing.svg">'),
    (image_alt, f'<img {P} src="a.png" alt="An image of a robot">'),
    (image_alt, f'<p {P}><svg role="img" viewBox="0 0 4 3"></svg></p>'),
    (table_headers, f"<table {P}><tr><td>One cell.</td></tr></table>"),
    (table_headers, f'<table><tr><th {P} scope="column">A.</th></tr></table>'),
    (landmarks, f"<main {P}>Words.</main>"),
    (landmarks, f'<nav aria-label="Site"></nav><nav {P} aria-label="Site"></nav>'),
    (headings, f"<h2>Part</h2><h4 {P}>Part of it</h4>"),
    (headings, f"<h2 {P}></h2>"),
    (headings, f"<h1 {P}>Another</h1>"),
    (reader_mode, f"<h2 {P} id=media>What I like</h2>"),
    (reader_mode, f"<p {P} id=related>Words.</p>"),
    (scroll_areas, f"<style>.wide {{ overflow-x: auto }}</style><div {P} class=wide>Words.</div>"),
    (scroll_areas, f"<style>a {{ & {{ x: 1 }} }} main {{ .w {{ overflow: scroll }} }}</style>"
                   f"<div {P} class=w>Words.</div>"),
    (tab_order, f'<p><a href="/" {P} tabindex="3">to the start</a></p>'),
    (tab_order, f'<p {P} tabindex="yes">Words.</p>'),
]  # fmt: skip


@pytest.mark.parametrize(("check", "html"), FAULTS)
def test_check_accessibility_finds_one_problem_at_its_line(check: PageCheck, html: str) -> None:
    assert places(check(page_of(html, VIEWPORT))) == [f"{SOURCE}:9"]


VALID = [
    '<p>Words <a href="/x"><img src="a.png" alt="A robot"></a> <a id="x"></a></p>',
    '<p><label>Name <input></label> <label for="f">Name</label> <input id="f" type="text"></p>',
    '<b id="n">Name</b><div role="region" aria-labelledby="n" tabindex="0">Words.</div>',
    '<p aria-hidden="true"><a href="/" tabindex="-1"></a></p>',
    '<svg role="img"><title>a</title></svg>',
    '<table role="presentation"><tr><td>a</table><table><tr><th scope="row">a</table>',
    "<article><header>a</header><footer>b</footer></article><nav>a</nav>",
    "<h2>a</h2><h3>b</h3><h2>c</h2>",
    '<p id="main-comment">a</p><table><tr><th id="footer">a</table>',
    "<style>dialog::backdrop, a:hover { overflow: auto } ::before { overflow: scroll }"
    " .n:target { overflow-y: auto } .f { overflow: auto; }</style>"
    '<div class="f" tabindex="0">a<pre class="f">b</pre></div><p class="f"><a href="/">c</a></p>',
]


@pytest.mark.parametrize("html", VALID)
def test_check_accessible_page_finds_nothing(html: str) -> None:
    page = page_of(html, VIEWPORT)
    assert [p for check in accessibility.PAGE_CHECKS for p in check(page)] == []


@pytest.mark.parametrize("tag", ["en", "de-CH", "zh-Hans-CN", "es-419", "sl-rozaj", "x-own"])
def test_language_tag_valid_matches(tag: str) -> None:
    assert LANGUAGE_TAG.fullmatch(tag)


@pytest.mark.parametrize("tag", ["french", "en_US", "e", "en-", "1a", "de-CH-"])
def test_language_tag_invalid_does_not_match(tag: str) -> None:
    assert not LANGUAGE_TAG.fullmatch(tag)


@pytest.mark.parametrize(
    ("check", "old", "new"),
    [
        (language_tags, '<html lang="en"', "<html"), (landmarks, "<footer>Footer</footer>", ""),
        (landmarks, "<body>", "<body><header></header>"), (headings, "<h1>Title</h1>", ""),
        (zoom, VIEWPORT, '<meta name="viewport" content="user-scalable=no">'),
        (zoom, VIEWPORT, '<meta name="viewport" content="maximum-scale=1.0">'),
        (zoom, VIEWPORT, ""),
    ],
)  # fmt: skip
def test_check_theme_fault_names_the_template(check: PageCheck, old: str, new: str) -> None:
    html = html_of("<p data-src-line='9'>Words.</p>", VIEWPORT).replace(old, new)
    found = places(check(PageTree("a/index.html", html, SOURCE, TEMPLATES)))
    assert found == [f"{TEMPLATES}/base.html:1"]


def test_headings_hint_has_the_expected_level() -> None:
    [problem] = headings(page_of("<h5>Part</h5>"))
    assert problem.hint.startswith("expected ## ")


def test_accessible_names_of_many_links_is_linear() -> None:
    page = page_of("".join(f'<a href="/{n}">Post {n}</a>' for n in range(4000)))
    start = time.process_time()
    assert list(accessible_names(page)) == []
    assert time.process_time() - start < 1
