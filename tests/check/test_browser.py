"""What only a browser tells: nothing on the real site and on a page of every element; each fault.

The faults are of pages that the other checks let pass.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.build import Built
from pipeline.check import browser as looks
from pipeline.check.browser import FIRST, NARROW, SCHEMES, SEEN, Look, fits, look, named
from pipeline.check.gate import LOOKS, prove, unexcused
from pipeline.check.site import Site, open_site
from pipeline.check.view import tabs
from pipeline.problems import Problem
from tests import gallery
from tests.check.faults import Fault, P, build_tiny, places, text
from tests.conftest import Run, TinySite

pytestmark = pytest.mark.browser


def html(typed: str) -> Fault:
    """Return a fault in HTML that is typed into the ninth line of a text."""
    return Fault(f"{P}:9", text(f"Words before it.\n\n{typed}\n\nWords behind it."))


def css(name: str, old: str, new: str) -> Fault:
    """Return a fault in a stylesheet, of which a browser does not tell the place."""
    return Fault("", theme=(f"static/css/{name}.css", old, new))


def run_script(folder: Path) -> None:
    """Let a script write words into a page, on a host that lets it."""
    (folder / "_headers").unlink()
    page = folder / "posts/a/index.html"
    script = "<script>document.querySelector('main').append('More words.')</script></body>"
    page.write_text(page.read_text("utf-8").replace("</body>", script), "utf-8")


FAULTS: dict[str, dict[str, Fault]] = {
    "accessible": {
        "words that fade": css("base", "p, ul, ol, dl,", ".byline { opacity: 0.5 } p, ul, ol, dl,"),
        "words that fade in the dark": css(
            "base",
            "p, ul, ol, dl,",
            "@media (prefers-color-scheme: dark) { .byline { opacity: 0.5 } } p, ul, ol, dl,",
        ),
        "buttons too small to hit": html(
            '<p><button type="button">a</button><button type="button">b</button></p>'
        ),
        "a role without its parts": html('<div role="list">Words in a list of no items.</div>'),
    },
    "quiet": {"a style that the policy refuses": html('<p style="color: red">Words in red.</p>')},
    "fits": {
        "a wide field": html('<p><input aria-label="A wide field" size="120"></p>'),
        "a sheet that is too wide": css(
            "prose", ".prose {", ".prose { min-inline-size: 30rem; }\n  .prose {"
        ),
    },
    "whole-without-scripts": {"words that a script brings": Fault("", built=run_script)},
    "prints": {"a menu": css("print", ".skip-link, .site-menu,", ".skip-link,")},
}


def test_every_check_in_a_browser_has_a_fault() -> None:
    assert {check.__name__.replace("_", "-") for check in looks.CHECKS} == set(FAULTS)


def see(site: Site, browser: Any, path: str, checks: tuple[Look, ...]) -> Iterator[Problem]:
    """Yield what checks find on one page, narrow, in light and dark."""
    page = site.page_at[path]
    with tabs(site, browser, *FIRST, scripts=False) as open_tab:
        plain = open_tab(page).tab.locator("body").evaluate(SEEN)
    for scheme in SCHEMES:
        with tabs(site, browser, scheme, NARROW) as open_tab:
            yield from named(replace(open_tab(page), plain=plain), checks)


@pytest.mark.parametrize(
    ("check", "name"), [(check, name) for check, faults in FAULTS.items() for name in faults]
)
def test_each_fault_is_seen(check: str, name: str, tiny: TinySite, browser: Any) -> None:
    fault = FAULTS[check][name]
    site = build_tiny(tiny, fault)
    seen = list(see(site, browser, "posts/a/index.html", looks.CHECKS))
    assert {problem.check for problem in seen} == {check}
    if not fault.theme and not fault.built:
        assert set(places(tiny, seen, check)) == {fault.place}


def test_the_real_site_in_a_browser(browser: Any, built: Built) -> None:
    """Every kind of page, in light and dark, narrow and wide, without scripts and on paper."""
    assert list(look(open_site(built), browser)) == []


def test_every_element_in_a_browser(browser: Any, tiny: TinySite) -> None:
    gallery.write(tiny)
    site = open_site(tiny.build(settings="publishconf.py"))
    shown = tuple(page for page in site.pages if page.path == gallery.PATH)
    assert list(look(replace(site, pages=shown), browser)) == []


def test_an_excuse_for_what_a_browser_sees(browser: Any, tiny: TinySite) -> None:
    excuse = "<!-- excuse fits: a field as on the machine -->\n"
    field = '<p><input aria-label="A wide field" size="120"></p>'
    site = build_tiny(tiny, Fault("", text(f"Words.\n\n{excuse}{field}")))
    assert prove(site) == []
    seen = dict.fromkeys(see(site, browser, "posts/a/index.html", (fits,)))
    assert seen
    assert list(unexcused(seen, site.sources, LOOKS)) == []
    unused = "an excuse must be for something that the check finds below it"
    assert [p.must for p in unexcused([], site.sources, LOOKS)] == [unused]


def test_kinds_have_every_element_of_all(tiny: TinySite) -> None:
    files = {f"posts/p{n}/index.md": gallery.post(f"Post {n}", "Words.") for n in range(12)}
    tiny.write({**files, "posts/code/index.md": gallery.post("Code", "Words with `code`.")})
    found = looks.kinds(open_site(tiny.build()).pages)
    paths = [page.path for page in found]
    assert "posts/code/index.html" in paths and len(paths) < 9


def test_no_browser_is_said_with_what_installs_one(project: Path, run: Run) -> None:
    none = {"PATH": "", "PLAYWRIGHT_BROWSERS_PATH": str(project)}
    result = run("invoke", "check", "--browser", env=none)
    assert result.returncode == 1
    assert "--browser: must have Playwright and a Chromium: " in result.stderr
    assert "(./invoke browser, and sudo apt install chromium)" in result.stderr
    assert "Traceback" not in result.stderr
