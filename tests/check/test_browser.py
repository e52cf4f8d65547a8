"""What only a browser shows, on small sites; the real site is looked at in tests/site."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from os import environ
from typing import Any

import pytest

from pipeline.check.browser import one_of_each_kind, run_in_browser, start
from pipeline.check.runner import run_one
from pipeline.problems import ProblemsFound
from tests.check.site import TEMPLATES, site_of

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


MARKED = '<p data-src-line="9">Words.</p>'
POLICY = "style-src-elem 'unsafe-inline'; style-src-attr 'none'"
HEADERS = f"/posts/styled/*\n  Content-Security-Policy: {POLICY}\n"
# By the name of a page: what it has in it, its style, the problem in it, and where that is
FAULTS = {
    "good": (MARKED, "", "", 0),
    "pale": (MARKED, "p { color: #ccc; background: #fff }", "axe", 9),
    "dark": (
        MARKED, "@media (prefers-color-scheme: dark) { p { color: #555; background: #000 } }",
        "axe", 9,
    ),
    "list": ('<div data-src-line="9" role="list">No items.</div>', "", "axe", 9),
    "lost": ('<p data-src-line="9"><img src="b.png" alt="No"></p>', "", "console-errors", 0),
    "styled": ('<p data-src-line="9" style="color: red">a</p>', "", "console-errors", 9),
    "wide": ('<p data-src-line="9" class="w">a</p>', ".w{width:500px}", "no-horizontal-scroll", 9),
    "added": (
        "<script>document.querySelector('main').append('More')</script>", "", "no-js", 0
    ),
    "printed": ("", "@media print { nav { display: block !important } }", "print-styles", 6),
}  # fmt: skip


@pytest.mark.browser
def test_browser_finds_each_fault_at_its_place(browser: Any) -> None:
    """One site for all, since opening tabs takes seconds."""
    pages, sources = {}, {}
    for name, (main, style, _, _) in FAULTS.items():
        # Elements of a kind of its own: it is looked at in all ways.
        html = HTML.replace("{main}", f"<div class={name}></div>\n{main}")
        pages[f"posts/{name}/index.html"] = html.replace("{style}", STYLE + style)
        sources[f"posts/{name}/index.html"] = f"content/posts/{name}/index.md"
    site = site_of(pages, {"_headers": HEADERS}, sources=sources)
    site = replace(site, settings=replace(site.settings, theme="theme"))
    found = {(p.code, p.path, p.line) for p in run_in_browser(site, browser, run_one)}
    template = f"{TEMPLATES}/base.html"
    assert found == {
        (code, template if code == "print-styles" else f"content/posts/{name}/index.md", line)
        for name, (_, _, code, line) in FAULTS.items()
        if code
    }


def test_one_of_each_kind_has_every_kind_once() -> None:
    kinds = {"a": {"p", "b"}, "b": {"p"}, "c": {"i"}, "d": {"b", "i"}}
    assert list(one_of_each_kind(kinds)) == ["a", "c"]
