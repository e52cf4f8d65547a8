"""What only a browser can tell: the site is laid out, and looked at, in a real one.

Needs the `browser` extra (Playwright, axe-core) and a Chromium: `./invoke browser`.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from itertools import product
from mimetypes import guess_type
from typing import Any
from urllib.parse import unquote, urlsplit

from pipeline.check import policy
from pipeline.check.metadata import texts
from pipeline.check.site import Page, Site, attribute
from pipeline.problems import Problem, ProblemsFound

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge")
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
)
SCHEMES = ("light", "dark")
NARROW, WIDE, HEIGHT = 320, 1280, 800  # CSS pixels; 320 is WCAG 2.2's 1.4.10
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


@dataclass(frozen=True)
class View:
    """A page as it stands in a browser's tab; `how` says in which light and width.

    `said` is what the console has said, each with the number of the page's line, from 0;
    `plain` the words that the page shows without scripts; `tab` is Playwright's.
    """

    page: Page
    tab: Any
    how: str
    said: tuple[tuple[str, int], ...] = ()
    plain: str = ""

    def problem(self, must: str, found: str, fix: str, html: str) -> Problem:
        """Return a problem at the place where a piece of the page's HTML comes from."""
        path, line = self.page.place(*pieces(html))
        return Problem(path, line, must, f"{found}, {self.how}", fix)


def pieces(html: str) -> Iterator[str]:
    """Yield what of a piece of HTML may stand in a source, the most telling first."""
    part = Page("", None, (), html).document.query_one("body *")
    if part is not None:
        text = " ".join(part.to_text(separator=" ", strip=True).split())
        yield from (text[:80], text[:25]) if len(text) > len("words") else ()
        values = [attribute(part, name) for name in ("alt", "href", "src", "id")]  # type: ignore[arg-type]
        yield from (value for value in values if len(value) > 1)
    yield html.partition(">")[0]


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


@contextmanager
def tabs(
    site: Site, browser: Any, scheme: str, width: int, scripts: bool = True
) -> Iterator[Callable[[Page], View]]:
    """Give a function that opens a page of the site, as its host sends it.

    The browser asks for the site's own address and is answered from the folder, with what
    `_headers` says; nothing leaves the machine.
    """
    size = {"width": width, "height": HEIGHT}
    context = browser.new_context(
        viewport=size, color_scheme=scheme, java_script_enabled=scripts, service_workers="block"
    )
    context.route("**/*", lambda route: answer(site, route))
    tab = context.new_page()
    said: list[tuple[str, int]] = []
    tab.on("console", lambda message: said.append((message.text, message.location["lineNumber"])))
    tab.on("pageerror", lambda error: said.append((str(error), 0)))
    how = f"in {scheme} at {width} px" + " without scripts" * (not scripts)

    def open_tab(page: Page) -> View:
        said.clear()
        tab.goto(site.url + page.address, wait_until="load")
        return View(page, tab, how, tuple(said))

    try:
        yield open_tab
    finally:
        context.close()


def answer(site: Site, route: Any) -> None:
    """Answer what a browser asks for, as a static host does; what is not the site's is refused."""
    url = route.request.url
    if not url.startswith(f"{site.url}/"):
        route.abort()
        return
    path = unquote(urlsplit(url).path)
    name = f"{path}index.html".lstrip("/") if path.endswith("/") else path.lstrip("/")
    there = name in site.files
    headers = {"Content-Type": guess_type(name if there else "404.html")[0] or "text/plain"}
    for pattern, more in policy.rules(site).items():
        if fnmatchcase(path, pattern):
            headers |= more
    body = site.read(name if there else "404.html")
    route.fulfill(status=200 if there else 404, headers=headers, body=body)


@cache
def axe() -> str:
    """Return axe-core's own source."""
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


@contextmanager
def start() -> Iterator[Any]:
    """Give a browser (Playwright's). Raises ProblemsFound when there is none that starts."""
    try:
        from playwright.sync_api import Error, sync_playwright

        axe()
    except ImportError as error:
        raise missing(f"no {error.name}") from None
    with sync_playwright() as playwright:
        program = next(filter(None, map(shutil.which, PROGRAMS)), None)
        # As root, as in CI's container, Chromium runs without its sandbox or not at all.
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        flags = [*FLAGS, *(["--no-sandbox"] if root else [])]
        try:
            browser = playwright.chromium.launch(executable_path=program, args=flags)
        except Error as error:
            raise missing(str(error).partition("\n")[0]) from None
        try:
            yield browser
        finally:
            browser.close()


def missing(found: str) -> ProblemsFound:
    """Return what is to be said where there is no browser."""
    fix = "./invoke browser, and sudo apt install chromium"
    return ProblemsFound(
        [Problem("--browser", 0, "must have Playwright and a Chromium", found, fix)]
    )
