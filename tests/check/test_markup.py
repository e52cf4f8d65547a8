"""Tags, elements, attributes, nesting and ids of a page, and its budgets."""

import random
from dataclasses import replace

import html5lib
import pytest

from pipeline.check import markup
from pipeline.check.checked_site import CheckedSite, PageCheck, SiteCheck
from pipeline.check.markup import (
    TagBalance,
    chosen_source,
    content_models,
    dom_size,
    feed_weight,
    id_references,
    image_weight,
    measure,
    page_weight,
    requests,
    unique_ids,
    valid_elements,
    valid_html,
)
from pipeline.html import PageTree, elements, parse_part
from pipeline.model import Feed
from tests.check.site import SOURCE, html_of, page_of, places, site_of

P = 'data-src-line="9"'
PAGE = "posts/a/index.html"
FILES = {f"posts/a/{n}.gif": random.Random(n).randbytes(480_000) for n in range(8)}
FILES["posts/a/big.gif"] = bytes(501_000)
IMAGES = [f'<img src="{name.rpartition("/")[2]}" loading="lazy">' for name in FILES]
AFTER = '<p data-src-line="12">After it.</p>'
FAULTS: list[tuple[PageCheck, str]] = [
    (valid_html, f"<div {P}><p>It goes on and on.</p>"),
    (valid_html, f"<div {P}>In a box.</div></div>"),
    (valid_html, f"<p {P}>Some <b>bold <i>words</b> here</i>.</p>"),
    (valid_html, f'<p {P}><a href="/">one <a href="/">two</a></a></p>'),
    (valid_html, f'<p {P} class="one" class="two">Words.</p>'),
    (valid_html, f'<p {P} class=a"b title=x>Words.</p>'),
    (valid_html, f"<p {P}>Words <div>in a box</div> of it.</p>"),
    (valid_html, f"<p {P}>Words <b>in <div>a box</div></b></p>"),
    (valid_html, f'<p {P}>Words <span class="x"/>of it.</p>'),
    (valid_html, f"<p {P}>Words&nbps;of it.</p>"),
    (valid_html, '<p data-src-line="8">Words\n</b>of it.</p>'),
    (valid_html, '<p data-src-line="7">Words\nof\n&nbps;it.</p>'),
    (valid_elements, f"<center {P}>Words.</center>"),
    (valid_elements, f"<p>Some <stong {P}>bold</stong> words.</p>"),
    (valid_elements, f'<p {P} align="right">Words.</p>'),
    (valid_elements, f'<p><time {P} datetmie="2024">then</time></p>'),
    (valid_elements, f"<p {P} scr=a heigth=b>Words.</p>"),
    (valid_elements, f'<p {P} aria-labeled="x">Words.</p>'),
    (valid_elements, f'<p {P} role="buton">Words.</p>'),
    (content_models, f"<div {P}><li>An item of no list.</li></div>"),
    (content_models, f"<div><span><div {P}>A box.</div></span></div>"),
    (content_models, f"<ul><li>One.</li><ul {P}><li>Two.</li></ul></ul>"),
    (content_models, f"<dl><dt>Term</dt><p {P}>Words.</p></dl>"),
    (content_models, f'<p {P}><a href="/">to <button>the start</button></a></p>'),
    (content_models, f"<figcaption {P}>A caption.</figcaption>"),
    (unique_ids, f'<p id="a">One</p><p id="a" {P}>Two</p>'),
    (unique_ids, f'<p {P} id="two words">Words.</p>'),
    (unique_ids, f'<p {P} id="">Words.</p>'),
    (id_references, f'<p {P} aria-describedby="nowhere">Words.</p>'),
    (id_references, f'<table {P}><tr><th id="h">a<tr><td headers="g">b</table>'),
]


@pytest.mark.parametrize(("check", "html"), FAULTS)
def test_check_markup_finds_one_problem_at_its_line(check: PageCheck, html: str) -> None:
    assert places(check(page_of(html + AFTER))) == [f"{SOURCE}:9"]


VALID = [
    "<ul><li>a<li>b</ul>",
    "<p>a<p>b",
    "<dl><dt>a<dd>b</dl>",
    "<table><tr><td>a<td>b<tr><td>c</table>",
    "a<br>b<br/>c<hr>d<wbr>e",
    '<svg viewBox="0 0 1 1"><path d="M0 0"/><g><title>a</title></g></svg>',
    "a &amp; b & c &copy; &#8212; &amp;nbps; AT&T; Q&A; x",
    "<style>a > b { } /* </p> */</style>",
    '<p title="a > b">c &lt; d</p>',
    '<math><mrow><mo form="prefix" fence="true">(</mo><mi>x</mi></mrow></math>',
    '<p role="doc-endnotes" aria-label="a" data-x="1">a</p><my-element some="1"></my-element>',
    '<p id="b" aria-describedby="b">a</p><label for="c">a</label> <input id="c">',
    "<details><summary><h2>a</h2></summary><p>b</details>",
    '<object data="a.svg"><p>a</p></object><a href="/"><h2>b</h2><p>c</p></a>',
    '<button type="button"><i>a</i></button><iframe src="a" title="b" loading="lazy"></iframe>',
]


@pytest.mark.parametrize("html", VALID)
def test_check_valid_markup_finds_nothing(html: str) -> None:
    page = page_of(html)
    assert [p for check in markup.PAGE_CHECKS for p in check(page)] == []


BROKEN = [
    "<div>a", "a</div>", "<b>a<i>b</b>c</i>", "<p>a<div>b</div></p>", "<a>a<a>b</a></a>",
    "<ul><li><b>a</li></ul>", "<p><em>a<ul><li>b</ul></em>", "a</p>", "<h2>a<p>b</h2>",
    "<form><form></form></form>", "<span><p>a</span></p>", "<section><div></section>",
]  # fmt: skip


@pytest.mark.parametrize("html", [*BROKEN, *VALID])
def test_tag_balance_agrees_with_html5lib(html: str) -> None:
    """The oracle knows tree construction errors; of references both have their own."""
    html = f"<!doctype html><title>a</title><body>{html}"
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    parser.parse(html)
    errors = [name for _, name, _ in parser.errors if "entity" not in name]
    ignored = ("expected-tag-name", "non-void-element-with-trailing-solidus")
    assert bool(TagBalance(html).faults) == any(name not in ignored for name in errors), errors


def test_valid_html_says_crossed_tags_once() -> None:
    [fault] = TagBalance("<p>Some <b>bold <i>words</b> here</i>.</p>").faults
    assert fault[1] == "<i> is not closed before </b>"


def test_valid_html_without_doctype_names_the_template() -> None:
    html = '<html lang="en" data-src-line="base.html:1"><title>a</title><p>b</html>'
    assert places(valid_html(PageTree("a.html", html, "", "t"))) == ["t/base.html:1"]


def test_valid_html_of_template_names_its_line() -> None:
    page = page_of('<p data-src-line="9">a</p></main><div data-src-line="base.html:7"><main>')
    page.content = '<p data-src-line="9">a</p>'
    assert places(valid_html(page)) == ["theme/templates/base.html:7"]


def test_valid_elements_reports_strange_attributes_of_an_element_once_with_hint() -> None:
    [problem] = valid_elements(page_of(f"<p {P} scr=a heigth=b>Words.</p>"))
    assert "scr, heigth" in problem.message
    assert "src" in problem.hint


def test_unique_ids_of_theme_and_content_names_the_content() -> None:
    page = page_of(f'<p id="main" {P}>a</p><div id="main" data-src-line="base.html:3"></div>')
    assert places(unique_ids(page)) == [f"{SOURCE}:9"]


def site(main: str) -> CheckedSite:
    return site_of({PAGE: html_of(main)}, FILES, sources={PAGE: SOURCE})


@pytest.mark.parametrize(
    ("check", "main", "line"),
    [
        (page_weight, random.Random(7).randbytes(60_000).hex(), ""),
        (requests, '<img src="a" loading="lazy">' * 40, ""),
        (requests, '<img src="a">' * 3, ""),
        (image_weight, '<img data-src-line="9" src="big.gif">', ":9"),
        (image_weight, "".join(IMAGES[:8]), ""),
        (image_weight, f'<img data-src-line="9" src="data:image/gif,{"a" * 600_000}">', ":9"),
        (dom_size, "<i></i>" * 5000, ""),
        (dom_size, "<div>" * 30, ""),
    ],
)
def test_budget_exceeded_is_one_problem(check: SiteCheck, main: str, line: str) -> None:
    assert places(check(site(main))) == [f"{SOURCE}{line}"]


def test_budgets_of_small_page_find_nothing() -> None:
    small = site("".join(IMAGES[:5]) + '<script src="a"></script><link rel="icon" href="b">')
    assert [p for check in markup.SITE_CHECKS for p in check(small)] == []


def test_budget_from_settings_is_the_limit() -> None:
    small = site_of({PAGE: html_of("<p>a</p>")}, settings={"budgets": {"elements": 3}})
    assert len(list(dom_size(small))) == 1
    assert list(page_weight(small)) == []


def test_feed_weight_counts_compressed_bytes() -> None:
    feed = Feed("tag:a,2024:b", "All", "", "", (("atom", "feeds/all.atom.xml"),))
    light, heavy = b" " * 600_000, random.Random(7).randbytes(600_000)
    for data, problems in ((light, []), (heavy, ["/feeds/all.atom.xml"])):
        checked = site_of(files={"feeds/all.atom.xml": data}, feeds=(feed,))
        assert places(feed_weight(checked)) == problems


def test_measure_counts_what_a_browser_does() -> None:
    page = page_of(
        '<img src="a"><img src="b" loading="lazy"><iframe src="c"></iframe>',
        '<link rel="stylesheet" href="d"><link rel="icon" href="e">',
    )
    found = replace(measure(page), compressed=0, elements=0)
    assert (found.requests, found.eager, found.depth) == (5, 4, 4)
    assert [image.value for image in found.images] == ["a", "b"]


@pytest.mark.parametrize(
    ("html", "address"),
    [
        ('<img src="a.png">', "a.png"),
        ('<img src="a.png" srcset="b.png 600w, c.png 1400w, d.png 2000w">', "c.png"),
        ('<img src="a.png" srcset="b.png 300w, c.png 600w">', "c.png"),
        ('<img src="a.png" srcset=" , ,a 1x, b 0w">', "b"),
        ('<picture><source srcset="b 2000w"><img src="a" srcset="c 2000w"></picture>', "b"),
    ],
)
def test_chosen_source_is_that_of_a_wide_screen(html: str, address: str) -> None:
    [image] = [e for e in elements(parse_part(html)) if e.tag == "img"]
    assert chosen_source(image) == address
