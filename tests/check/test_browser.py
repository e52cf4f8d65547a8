"""What only a browser shows, on small sites; the real site is looked at in tests/site."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from os import environ
from typing import Any

import pytest

from pipeline.check.browser import one_of_each_kind, run_in_browser, start
from pipeline.check.checked_site import CheckedSite
from pipeline.check.runner import run_one
from pipeline.problems import Problem, ProblemsFound
from tests.check.site import SOURCE, TEMPLATES, site_of

PAGE = "posts/a/index.html"
STYLE = "main, header { max-width: 30em } @media print { nav { display: none } }"
HTML = """<!doctype html>
<html lang="en" data-src-line="base.html:1"><head><title>A page</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<style>{style}</style></head>
<body><header><nav data-src-line="base.html:6"><a href="/">Site</a></nav></header>
<main data-src-line="base.html:7"><h1>A page</h1>
{main}
</main></body></html>
"""


@pytest.mark.browser  # before the fixture: one Playwright at a time
def test_start_without_browser_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", "/nowhere")
    with pytest.raises(ProblemsFound), start():
        pass


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real browser, or a skip with the reason (BLOG_BROWSER=required: a failure)."""
    with ExitStack() as stack:
        try:
            started = stack.enter_context(start())
        except ProblemsFound as error:
            if environ.get("BLOG_BROWSER") == "required":
                pytest.fail(str(error))
            pytest.skip(str(error))
        yield started


def site(main: str, style: str = "", headers: str = "") -> CheckedSite:
    html = HTML.replace("{main}", main).replace("{style}", STYLE + style)
    files = {"_headers": headers} if headers else {}
    return site_of({PAGE: html}, files, sources={PAGE: SOURCE})


def run(site: CheckedSite, browser: Any) -> list[Problem]:
    with_theme = replace(site, settings=replace(site.settings, theme="theme"))
    return run_in_browser(with_theme, browser, run_one)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("code", "main", "style", "place"),
    [
        ("axe", '<p data-src-line="9">Pale</p>', "p { color: #ccc; background: #fff }", SOURCE),
        (
            "axe", '<p data-src-line="9">Pale in the dark</p>',
            "@media (prefers-color-scheme: dark) { p { color: #555; background: #000 } }", SOURCE,
        ),
        ("axe", '<div data-src-line="9" role="list">No items.</div>', "", SOURCE),
        ("console-errors", '<p data-src-line="9"><img src="b.png" alt="No"></p>', "", ""),
        ("no-horizontal-scroll", '<p data-src-line="9" class="w">a</p>', ".w{width:500px}", SOURCE),
        ("no-js", "<script>document.querySelector('main').append('More')</script>", "", ""),
        ("print-styles", "<p>a</p>", "@media print { nav { display: block !important } }", "6"),
    ],
)  # fmt: skip
def test_browser_finds_fault_at_its_place(
    code: str, main: str, style: str, place: str, browser: Any
) -> None:
    problems = run(site(main, style), browser)
    assert [p.code for p in problems] == [code]
    if place == SOURCE:
        assert (problems[0].path, problems[0].line) == (SOURCE, 9)
    if place == "6":
        assert (problems[0].path, problems[0].line) == (f"{TEMPLATES}/base.html", 6)


@pytest.mark.browser
def test_browser_on_good_page_finds_nothing(browser: Any) -> None:
    assert run(site('<p data-src-line="9">Words.</p>'), browser) == []


@pytest.mark.browser
def test_browser_applies_headers_and_reports_refused_styles_at_their_line(browser: Any) -> None:
    headers = (
        "/*\n  Content-Security-Policy: style-src-elem 'unsafe-inline'; style-src-attr 'none'\n"
    )
    problems = run(site('<p data-src-line="9" style="color: red">a</p>', headers=headers), browser)
    assert {(p.code, p.path, p.line) for p in problems} == {("console-errors", SOURCE, 9)}


def test_one_of_each_kind_has_every_kind_once() -> None:
    kinds = {"a": {"p", "b"}, "b": {"p"}, "c": {"i"}, "d": {"b", "i"}}
    assert list(one_of_each_kind(kinds)) == ["a", "c"]
