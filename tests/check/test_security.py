"""Requests to other hosts, scripts, and the policy that hosts send."""

import pytest

from pipeline.check import security
from pipeline.check.checked_site import CheckedSite
from pipeline.headers import headers_file
from pipeline.model import Reference
from pipeline.settings import Settings
from tests.check.site import SOURCE, document_of, html_of, page_of, places, site_of

PAGE = "posts/a/index.html"
HOST = "cdn.elsewhere.net/x"
P = 'data-src-line="9"'
HEAD = 'data-src-line="base.html:4"'
SVG = '<svg xmlns="http://www.w3.org/2000/svg"\n width="9" height="9">\n%s</svg>'
ON = {"security_headers": True}
OF_HEADERS = (security.csp, security.csp_hashes, security.headers_file)


def requests(main: str, head: str = "", **settings: object) -> list[str]:
    site = site_of({PAGE: html_of(main, head)}, settings=settings, sources={PAGE: SOURCE})
    return places(security.third_party_requests(site))


@pytest.mark.parametrize("scheme", ["https:", "http:", ""])
@pytest.mark.parametrize(
    "html",
    [
        '<iframe title="x" src="{url}"></iframe>',
        '<img alt="x" src="/a.png" srcset="/a.png 1x,{url} 2x">',
        '<video controls poster="{url}"></video>',
        '<audio controls><source src="{url}"></audio>',
        '<form action="{url}"></form>',
        '<a href="/" ping="{url}">home</a>',
        '<object data="{url}"></object>',
        '<svg><use href="{url}#a"/></svg>',
        "<style>p {{ background: url({url}) }}</style>",
        "<style>@import '{url}';</style>",
        '<p style="background: image-set(&quot;{url}&quot; 1x)">x</p>',
        '<link rel="stylesheet" href="{url}">',
        '<link rel="preconnect" href="{url}">',
    ],
)
def test_third_party_requests_with_any_scheme_are_found(html: str, scheme: str) -> None:
    main = f"<div {P}>{html.format(url=f'{scheme}//{HOST}')}</div>"
    assert requests(main) == [f"{SOURCE}:9"]


@pytest.mark.parametrize(
    "html",
    [
        f'<a href="https://{HOST}">A link</a>',
        f'<blockquote cite="https://{HOST}">A quote</blockquote>',
        '<img alt="x" src="https://example.org/a.png"><img alt="x" src="a.png">',
        '<img alt="x" src="data:image/png;base64,AAAA">',
        f'<link rel="alternate" href="https://{HOST}"><link rel="me" href="https://{HOST}">',
        f'<meta property="og:image" content="https://{HOST}">',
        "<style>@namespace svg url(http://www.w3.org/2000/svg); p { fill: url(#a) }</style>",
        '<iframe title="x" src="http://["></iframe>',
    ],
)
def test_third_party_requests_accepts_what_loads_nothing_from_others(html: str) -> None:
    assert requests(f"<div {P}>{html}</div>") == []


def test_third_party_requests_counts_lines_in_styles_and_copied_files() -> None:
    css = "p {\n  color: red;\n  src: url(https://x.net/f)\n}"
    pages = {PAGE: html_of(f"<style {P}>\n@import 'https://{HOST}';</style>")}
    files = {
        "d.svg": SVG % f'<use href="https://{HOST}#a"/><style>\n@import "//{HOST}";</style>',
        "e.svg": SVG % f'<rect fill="url(https://{HOST}#a)"/><a href="https://{HOST}"/>',
        "broken.svg": "<svg><",
        "x.css": css,
    }
    site = site_of(pages, files, sources={PAGE: SOURCE})
    found = {"/d.svg:3", "/d.svg:4", "/e.svg:3", "/x.css:3", f"{SOURCE}:10"}
    assert {*places(security.third_party_requests(site))} == found


def test_third_party_requests_with_a_foreign_theme_are_those_of_texts() -> None:
    html = f'<html><head><link rel="stylesheet" href="https://{HOST}"></head></html>'
    frame = Reference("iframe", "src", f"https://{HOST}", 7)
    link = Reference("a", "href", f"https://{HOST}", 8)
    sources = {PAGE: document_of(body=(frame, link))}
    site = site_of({PAGE: html}, settings={"page_views": False}, sources=sources)
    assert places(security.third_party_requests(site)) == [f"{SOURCE}:7"]


def test_third_party_requests_follow_base() -> None:
    found = requests(f'<img {P} alt="" src="a.png">', f'<base href="https://{HOST}">')
    assert found == [f"{SOURCE}:9"]


@pytest.mark.parametrize(
    "html",
    [
        f"<script {P}>1</script>",
        f'<script {P} type="module" src="/x.js"></script>',
        f'<p {P} onclick="x()">A</p>',
        f'<svg {P} onload="x()"></svg>',
    ],
)
def test_scripts_are_found(html: str) -> None:
    assert places(security.scripts(page_of(html))) == [f"{SOURCE}:9"]


def test_scripts_accepts_data_and_words() -> None:
    html = '<script type="application/ld+json">{}</script><p>onclick= and javascript:</p>'
    assert places(security.scripts(page_of(html))) == []


@pytest.mark.parametrize(
    "inside",
    [
        "<script>1</script>",
        '<x:script xmlns:x="http://www.w3.org/2000/svg">1</x:script>',
        '<a href=" javascript:x()"/>',
        '<g onclick="x()"/>',
    ],
)
def test_svg_scripts_are_found(inside: str) -> None:
    site = site_of(files={"d.svg": SVG % inside, "text.txt": "<script>"})
    assert places(security.svg_scripts(site)) == ["/d.svg:3"]


def test_svg_scripts_in_entities_are_found() -> None:
    entity = '<!DOCTYPE svg [<!ENTITY x "javascript:">]>\n'
    site = site_of(files={"d.svg": entity + SVG % '<a href="&x;y()"/>'})
    assert places(security.svg_scripts(site)) == ["/d.svg:4"]


def site_with_policy(old: str = "", new: str = "", main: str = "") -> CheckedSite:
    text = headers_file(["p{}"], Settings("", security_headers=True, feed_all_atom="all.xml"))
    assert old in text
    pages = {PAGE: html_of(main, f"<style {HEAD}>p{{}}</style>")}
    return site_of(pages, {"_headers": text.replace(old, new, 1)}, ON, {PAGE: SOURCE})


def of_headers(site: CheckedSite) -> list[str]:
    return list(dict.fromkeys(place for check in OF_HEADERS for place in places(check(site))))


def test_checks_of_headers_accept_what_the_build_writes() -> None:
    assert of_headers(site_with_policy()) == []


def test_checks_of_headers_are_off_without_security_headers() -> None:
    assert of_headers(site_of({PAGE: html_of('<style>p{}</style><p style="x">')})) == []


def test_checks_of_headers_without_the_file_are_one_problem() -> None:
    assert of_headers(site_of({PAGE: html_of("")}, settings=ON)) == ["/_headers"]


@pytest.mark.parametrize(
    ("old", "new", "main", "place"),
    [
        ("", "", f'<p {P} style="color: red">B</p>', f"{SOURCE}:9"),
        ("", "", f"<style {P}>q{{}}</style>", f"{SOURCE}:9"),
        ("sha256", "sha384", "", "theme/templates/base.html:4"),
        ("style-src ", "style-src 'unsafe-inline' ", "", "/_headers"),
        ("img-src 'self'", "img-src 'self' https://example.org", "", "/_headers"),
        ("img-src 'self'", "img-src *", "", "/_headers"),
        ("frame-ancestors 'none'; ", "", "", "/_headers"),
        ("  X-Con", "  Content-Security-Policy: img-src 'self'\n  X-Con", "", "/_headers"),
        ("X-Content-Type-Options", "X-Content-Type", "", "/_headers"),
        ("same-origin", "unsafe-none", "", "/_headers"),
        ("/all.xml", "/*/*.xml", "", "/_headers:9"),
        ("/*\n", "*\n", "", "/_headers:1"),
        ("/*\n", "".join(f"/{n}\n  A: b\n" for n in range(100)) + "/*\n", "", "/_headers"),
        ("sha256-", "sha256-" + 2000 * "x", "", "/_headers:2"),
    ],
)
def test_checks_of_headers_find_what_is_loose_missing_or_ignored(
    old: str, new: str, main: str, place: str
) -> None:
    assert place in of_headers(site_with_policy(old, new, main))
