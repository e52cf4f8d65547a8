"""What only a browser can tell: the site is laid out, and looked at, in a real one.

Needs the `browser` extra (Playwright, axe-core) and a Chromium: `./invoke browser`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from pipeline.check.heads import texts
from pipeline.check.site import Page, Site, attribute
from pipeline.check.view import View, axe, tabs
from pipeline.problems import Problem

SCHEMES = ("light", "dark")
NARROW, WIDE = 320, 1280  # CSS pixels; 320 is WCAG 2.2's 1.4.10
FIRST = (SCHEMES[0], NARROW)
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# Returns the beginning of what is too wide, deepest last, and does not scroll in itself.
TOO_WIDE = """() => {
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= wide) return null;
    const scrolls = e => e && e !== document.documentElement
        && (/auto|scroll|hidden|clip/.test(getComputedStyle(e).overflowX)
            || scrolls(e.parentElement));
    const found = [...document.body.querySelectorAll("*")].filter(
        e => e.getBoundingClientRect().right > wide + 0.5 && !scrolls(e.parentElement));
    return (found.at(-1) ?? document.body).outerHTML.slice(0, 300);
}"""
SEEN = "e => e.innerText.replace(/\\s+/g, ' ').trim()"


def accessible(view: View) -> Iterator[Problem]:
    """Axe-core finds nothing: names, contrast, targets of 24 pixels, as they are laid out.

    It computes what the browser shows, in light and dark, on a phone and on a desk, by the rules of
    WCAG 2.2 A and AA and its own best practice. The message ends in the name of the rule: its page
    is https://dequeuniversity.com/rules/axe/ and the name. Excuse it above the block.
    """
    view.tab.evaluate(axe())
    options = {
        "runOnly": {"type": "tag", "values": list(RULES)},
        "rules": {"target-size": {"enabled": True}},
        "resultTypes": ["violations"],
    }
    result = view.tab.evaluate("options => axe.run(document, options)", options)
    for violation in result["violations"]:
        for node in violation["nodes"]:
            why = [check["message"] for kind in ("any", "all", "none") for check in node[kind]]
            found = " ".join((*why[:1], f"({violation['id']})"))
            must = violation["help"].rstrip(".").replace("`", "")
            yield view.problem(f"axe-core: {must}", found, "", node["html"])


def quiet(view: View) -> Iterator[Problem]:
    """The browser's console says nothing.

    What it says is that something was not found, was refused by the Content-Security-Policy, or was
    not understood. Read the message: it names the address or the line of the built page.
    """
    lines = view.page.html.split("\n")
    for words, line in view.said:
        html = lines[line] if 0 < line < len(lines) else ""
        yield view.problem("the console must say nothing", " ".join(words.split())[:200], "", html)


def fits(view: View) -> Iterator[Problem]:
    """A page is no wider than the screen, down to 320 pixels.

    Otherwise the reader of a phone moves every line from side to side (WCAG 2.2, 1.4.10). It is
    mostly a long word or address, or HTML of your own with a width: let it scroll in a frame of its
    own, or break. What is named is the last that stands out.
    """
    if html := view.tab.evaluate(TOO_WIDE):
        yield view.problem("a page must be no wider than the screen", html[:60], "", html)


def whole_without_scripts(view: View) -> Iterator[Problem]:
    """With scripts off a page shows the same words.

    Some readers have none, all have none until it has come, and search engines read without.
    Whatever a script shows must be in the page before. There is no excuse.
    """
    shown = view.tab.locator("body").evaluate(SEEN)
    if not view.plain or shown != view.plain:
        found = f"{len(view.plain)} letters, {len(shown)} with them"
        yield view.problem("a page must be whole without scripts", found, "", "<script")


def prints(view: View) -> Iterator[Problem]:
    """On paper stands the text, and no navigation.

    A menu on paper leads nowhere, and takes the place of the first lines. Hide in `print.css` what
    is for the screen alone; the text must stay. It is the theme's, so there is no excuse.
    """
    view.tab.emulate_media(media="print")
    for nav in view.tab.locator("nav").all():
        if nav.is_visible():
            html = nav.evaluate("e => e.outerHTML")
            yield view.problem("print must have no navigation", html[:60], "print.css", html)
    if not view.tab.locator("main").evaluate(SEEN):
        yield view.problem("print must have the text", "no words", "print.css", "<main")
    view.tab.emulate_media(media="screen")


Look = Callable[[View], Iterable[Problem]]
CHECKS: tuple[Look, ...] = (accessible, quiet, fits, whole_without_scripts, prints)


def look(site: Site, browser: Any) -> Iterator[Problem]:
    """Yield what is wrong with the site in a browser (Playwright's).

    Every page is laid out narrow and without scripts; one of every kind is looked at in all ways.
    """
    plain, pages = {}, texts(site)  # what only leads on is gone before it can be looked at
    with tabs(site, browser, "light", NARROW, scripts=False) as open_tab:
        for page in pages:
            view = open_tab(page)
            yield from named(view, (quiet, fits))
            plain[page.path] = view.tab.locator("body").evaluate(SEEN)
    found = kinds(pages)
    for scheme, width in product(SCHEMES, (NARROW, WIDE)):
        with tabs(site, browser, scheme, width) as open_tab:
            for page in found:
                view = replace(open_tab(page), plain=plain[page.path])
                once = (whole_without_scripts, prints) if (scheme, width) == FIRST else ()
                yield from named(view, (quiet, fits, accessible, *once))


def named(view: View, checks: Iterable[Look]) -> Iterator[Problem]:
    """Yield what checks find in a view, with their names."""
    for check in checks:
        name = check.__name__.replace("_", "-")
        yield from (replace(problem, check=name) for problem in check(view))


def kinds(pages: Iterable[Page]) -> list[Page]:
    """Return pages that have between them every element, class and role of all."""
    seen: set[tuple[str, str, str]] = set()
    found = []
    for page in sorted(pages, key=lambda page: (-len(page.elements), page.path)):
        own = {(e.name, attribute(e, "class"), attribute(e, "role")) for e in page.elements}
        if own - seen:
            found.append(page)
            seen |= own
    return found
