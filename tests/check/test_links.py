from dataclasses import replace

import pytest

from pipeline.check.checked_site import SiteCheck
from pipeline.check.links import (
    broken_links,
    internal_redirects,
    malformed,
    malformed_urls,
    missing_fragments,
    orphans,
)
from pipeline.model import Address
from pipeline.problems import Problem
from tests.check.site import SOURCE, URL, content_of, document_of, html_of, places, site_of

A, B = "posts/a/index.html", "b/index.html"
BODY = '<p data-src-line="9">{}</p>'
OTHER = html_of('<h2 id="words" data-src-line="3">Words</h2>')
SITEMAP = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n<url><loc>{}</loc></url>'
OPML = '<opml><body><outline xmlUrl="{}"/></body></opml>'


def problems(
    check: SiteCheck, html: str, head: str = "", files: dict[str, str] | None = None
) -> list[Problem]:
    """Return what a check finds on a site with a post, a page "b" and the home page."""
    pages = {A: html_of(html, head), B: OTHER, "index.html": html_of('<a href="/b/">b</a>')}
    files = {"favicon.svg": "<svg/>", **(files or {})}
    return list(check(site_of(pages, files, sources={A: SOURCE})))


@pytest.mark.parametrize(
    "link",
    [
        f'<a href="{URL}/nope/">x</a>', '<a href="//example.org/nope/">x</a>',
        '<a href="../../c/">x</a>', f'<a href="{URL}/B/">x</a>',
        f'<video src="{URL}/x.mp4"></video>',
        '<img alt="" src="/favicon.svg" srcset="/a,b.svg 1x, /favicon.svg 2x">',
    ],
)  # fmt: skip
def test_broken_links_of_a_missing_target_has_its_line(link: str) -> None:
    assert places(problems(broken_links, BODY.format(link))) == [f"{SOURCE}:9"]


@pytest.mark.parametrize(
    "head",
    [
        '<link rel="alternate" href="/feeds/x.xml" data-src-line="head.html:4">',
        f'<link rel="canonical" href="{URL}/gone/" data-src-line="head.html:4">',
        f'<meta property="og:image" content="{URL}/card.png" data-src-line="head.html:4">',
    ],
)
def test_broken_links_in_the_head_names_the_template(head: str) -> None:
    found = problems(broken_links, "", head)
    assert places(found) == ["theme/templates/head.html:4"]


@pytest.mark.parametrize(
    ("path", "hint"),
    [("/B/", "upper and lower case differ: /b/"), ("/posts/aa/", "did you mean /posts/a/?")],
)
def test_broken_links_hints_at_a_similar_address(path: str, hint: str) -> None:
    [problem] = problems(broken_links, BODY.format(f'<a href="{path}">x</a>'))
    assert problem.hint == hint


def test_broken_links_to_a_draft_names_it() -> None:
    draft = content_of(document_of("content/posts/d.md"), "", url="posts/d/", status="draft")
    pages = {A: html_of(BODY.format('<a href="/posts/d/">x</a>')), "index.html": OTHER}
    site = site_of(pages, sources={A: SOURCE})
    site = replace(site, site=replace(site.site, contents=(*site.site.contents, draft)))
    [problem] = broken_links(site)
    assert (problem.line, problem.hint) == (9, "it is the draft content/posts/d.md")


@pytest.mark.parametrize(
    ("name", "text"), [("sitemap-2.xml", SITEMAP + "</urlset>"), ("mine.opml", OPML)]
)
def test_links_in_machine_files_are_checked(name: str, text: str) -> None:
    assert places(problems(broken_links, "", files={name: text.format(f"{URL}/no/")})) == [
        f"/{name}"
    ]
    redirect = problems(internal_redirects, "", files={name: text.format(f"{URL}/b")})
    assert places(redirect) == [f"/{name}"]


def test_links_in_a_copied_sitemap_have_its_line() -> None:
    path = "content/extra/sitemap.xml"
    files = {"sitemap.xml": SITEMAP.format(f"{URL}/no/") + "</urlset>"}
    site = site_of({}, files)
    artifacts = {"sitemap.xml": replace(site.artifacts["sitemap.xml"], source=path)}
    assert places(broken_links(replace(site, artifacts=artifacts))) == [f"{path}:2"]


def test_missing_fragments_reports_unknown_ids() -> None:
    html = BODY.format('<a href="/b/#wordz">x</a>, <a href="#nope">x</a>')
    on_b, here = problems(missing_fragments, html)
    assert (on_b.line, on_b.hint) == (9, "did you mean #words?")
    assert "/b/" in on_b.message
    assert "/posts/a/" not in here.message


@pytest.mark.parametrize(
    "url", [f"{URL}/b", "/b/index.html", "http://example.org/b/", "https://www.example.org/b/"]
)
def test_internal_redirects_suggests_the_direct_url(url: str) -> None:
    [problem] = problems(internal_redirects, BODY.format(f'<a href="{url}#words">x</a>'))
    assert places([problem]) == [f"{SOURCE}:9"]
    assert problem.hint == f"write {URL}/b/#words"


def test_orphans_reports_pages_without_a_link_to_them() -> None:
    refresh = '<meta http-equiv="refresh" content="0; url=b/">'
    pages = {
        "index.html": html_of('<a href="/b/">b</a>'),
        B: html_of('<a href="../">home</a>'),
        A: html_of('<a href="/b/">b</a>'),
        "404.html": html_of(""),
        "hidden/index.html": html_of("", '<meta name="robots" content="noindex">'),
        "old.html": html_of("", refresh),
    }
    document = document_of(lines={"title": 2})
    assert places(orphans(site_of(pages, sources={A: document}))) == [f"{SOURCE}:2"]


@pytest.mark.parametrize(
    "url",
    [
        "", "{filename}/pages/b.md", "%7Bstatic%7D/a.png", "htp://bolte.cc", "https//bolte.cc",
        "www.bolte.cc", "mailto:ben", "https://bolte.cc/a b", "adress:bolte", "file:///etc/hosts",
        "https://boltecc/", "https:///a", "https://[::1/", "javascript:alert(1)",
        "https://bolte.cc/100%",
    ],
)  # fmt: skip
def test_malformed_urls_has_the_line_and_no_second_problem(url: str) -> None:
    html = BODY.format(f'<a href="{url}">x</a>')
    assert places(problems(malformed_urls, html)) == [f"{SOURCE}:9"]
    assert problems(broken_links, html) == []


@pytest.mark.parametrize(
    "url",
    [
        f"{URL}/b/?x=1", "tel:+1555", "mailto:ben@bolte.cc?subject=a%20b",
        "https://bolte.cc/a|b,c;d=(e)", "https://bolte.cc/#:~:text=x", "https://[2001:db8::1]/",
        "https://müller.cc/ü%20", "http://localhost:8000/", "data:image/svg+xml,<svg a='b c'>",
        "irc://irc.libera.chat/#jekyll", "ircs:irc.libera.chat", "magnet:?xt=urn:btih:1",
        "matrix:r/room:host.net", "news:comp.text", "ssh://git@host/a",
        "feed:https://elsewhere.net/a.xml", "obsidian://open", "web+mastodon://share",
    ],
)  # fmt: skip
def test_malformed_of_a_valid_url_is_none(url: str) -> None:
    assert malformed(Address("a", "href", url, "x", (), SOURCE, 9)) is None


def test_malformed_of_an_empty_form_action_is_none() -> None:
    assert malformed(Address("form", "action", "", "", (), SOURCE, 9)) is None


@pytest.mark.parametrize(
    ("fragment", "count"),
    [
        ("#:~:text=small%20world", 0),
        ("#:~:text=It%20is,world", 0),
        ("#:~:text=a-,SMALL,-world", 0),
        ("#here:~:text=small", 0),
        ("#:~:text=big%20world", 1),
        ("#:~:text=small,planet", 1),
    ],
)
def test_missing_fragments_looks_for_the_words_of_a_text_fragment(
    fragment: str, count: int
) -> None:
    pages = {
        "posts/a/index.html": html_of(f'<p data-src-line="9"><a href="/b/{fragment}">x</a></p>'),
        "b/index.html": html_of('<p id="here">It is a small\n world.</p>'),
    }
    site = site_of(pages, sources={"posts/a/index.html": SOURCE})
    assert places(missing_fragments(site)) == [f"{SOURCE}:9"] * count
