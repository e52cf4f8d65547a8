"""Checks in a real browser, of what only a layout shows.

Needs Playwright, axe-core and a Chromium. The pages are answered from memory
with their `data-src-line`, so that each element knows its source; nothing leaves the machine.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import resources
from itertools import product
from mimetypes import guess_type
from typing import Any

from pipeline.check.checked_site import CheckedSite, found, target_of
from pipeline.headers import Rules, headers_for, read_headers
from pipeline.html import MARK, PageTree, address_of
from pipeline.problems import Problem, ProblemsFound, shorten

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge")
# Where macOS and Windows have them; on Windows below a folder of the environment
APPLICATIONS = [
    f"/Applications/{name}.app/Contents/MacOS/{name}"
    for name in ("Google Chrome", "Chromium", "Microsoft Edge")
]
WINDOWS_FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
WINDOWS_PROGRAMS = ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")
FLAGS = (
    "--disable-gpu", "--disable-quic", "--disable-sync", "--no-first-run",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
SCHEMES = ("light", "dark")
NARROW, WIDE, HEIGHT = 320, 1280, 800  # CSS pixels; 320 is WCAG 2.2's 1.4.10
FIRST = (SCHEMES[0], NARROW)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE_OPTIONS = {
    "runOnly": {"type": "tag", "values": RULES}, "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"], "elementRef": True,
}  # fmt: skip
# JavaScript: the mark of an element, the words that are shown, what kinds of elements there are
MARK_OF = f'e => e?.closest("[{MARK}]")?.getAttribute("{MARK}") ?? ""'
WORDS = "e => e.innerText.replace(/\\s+/g, ' ').trim()"
KINDS = """() => [...new Set([...document.querySelectorAll("*")].map(
    e => [e.localName, e.getAttribute("class"), e.getAttribute("role")].join(" ")))]"""
# The first words and the mark of what is too wide, deepest last, and does not scroll in itself
TOO_WIDE = f"""() => {{
    const root = document.documentElement, wide = root.clientWidth;
    if (root.scrollWidth <= wide) return null;
    const scrolls = e => e && e !== root
        && (/auto|scroll|hidden|clip/.test(getComputedStyle(e).overflowX)
            || scrolls(e.parentElement));
    const found = [...document.body.querySelectorAll("*")].filter(
        e => e.getBoundingClientRect().right > wide + 0.5 && !scrolls(e.parentElement));
    const last = found.at(-1) ?? document.body;
    return [last.localName, ({MARK_OF})(last)];
}}"""
AXE = f"""options => axe.run(document, options).then(result => result.violations.flatMap(
    rule => rule.nodes.map(node => [rule.id, rule.help,
        [...node.any, ...node.all, ...node.none][0]?.message ?? "", ({MARK_OF})(node.element)])))"""


@dataclass(frozen=True)
class Tab:
    """A page in a tab of the browser.

    `tab` is Playwright's page, `mode` says scheme and width, `console` has the messages with their
    lines in the page (from 0), `plain` the words that the page shows without scripts.
    """

    page: PageTree
    tab: Any
    mode: str
    console: tuple[tuple[str, int], ...] = ()
    plain: str = ""

    def problem(self, mark: str, message: str) -> Problem:
        """Return a problem at the place that a mark names."""
        return found(self.page.place_of(mark), message, self.mode)


def axe(tab: Tab) -> Iterator[Problem]:
    """axe-core finds nothing: names, contrast, targets of 24 pixels, as they are laid out."""
    tab.tab.evaluate((resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
    for rule, summary, reason, mark in tab.tab.evaluate(AXE, AXE_OPTIONS):
        yield tab.problem(mark, f"{summary}: {shorten(reason, 120)} [{rule}]")


def console_errors(tab: Tab) -> Iterator[Problem]:
    """The browser's console stays empty."""
    lines = tab.page.html.split("\n")
    for text, line in tab.console:
        before = "\n".join(lines[: line + 1]).rpartition(f'{MARK}="')[2] if line > 0 else ""
        yield tab.problem(before.partition('"')[0], f"console: {shorten(text, 200)}")


def no_horizontal_scroll(tab: Tab) -> Iterator[Problem]:
    """A page is not wider than the screen, down to 320 pixels."""
    if wide := tab.tab.evaluate(TOO_WIDE):
        yield tab.problem(wide[1], f"wider than the screen: <{wide[0]}>")


def no_js(tab: Tab) -> Iterator[Problem]:
    """A page shows the same words with JavaScript disabled."""
    shown = tab.tab.locator("body").evaluate(WORDS)
    if not tab.plain or shown != tab.plain:
        message = "content missing with JavaScript disabled"
        yield tab.problem("", f"{message}: {len(tab.plain)} characters, with it {len(shown)}")


def print_styles(tab: Tab) -> Iterator[Problem]:
    """A printed page has the text and no navigation."""
    tab.tab.emulate_media(media="print")
    for nav in tab.tab.locator("nav").all():
        if nav.is_visible():
            yield tab.problem(nav.evaluate(MARK_OF), "navigation on the printed page")
    if not tab.tab.locator("main").evaluate(WORDS):
        yield tab.problem("", "no text on the printed page")
    tab.tab.emulate_media(media="screen")


BrowserCheck = Callable[[Tab], Iterable[Problem]]
BROWSER_CHECKS: tuple[BrowserCheck, ...] = (
    axe, console_errors, no_horizontal_scroll, no_js, print_styles,
)  # fmt: skip
# Runs a check so that what it raises is a problem as well (`runner.run_one`)
RunOne = Callable[[BrowserCheck, Tab, str], list[Problem]]


def run_in_browser(site: CheckedSite, browser: Any, run_one: RunOne) -> list[Problem]:
    """Return what is wrong with a site in a browser (Playwright's).

    Every page is looked at narrow and without scripts, one of each kind in all ways. What is the
    same in several ways is one problem.
    """
    problems: dict[tuple[str, str, int, str], Problem] = {}

    def run(checks: Iterable[BrowserCheck], tab: Tab) -> None:
        for check in checks:
            for p in run_one(check, tab, tab.page.address):
                problems.setdefault((p.code, p.path, p.line, p.message), p)

    plain: dict[str, str] = {}
    kinds: dict[str, set[str]] = {}
    paths = [path for path, page in site.outlines.items() if not page.refresh]
    paths.sort(key=lambda path: (-site.outlines[path].measures.elements, path))
    with _tabs(site, browser, *FIRST, scripts=False) as open_tab:
        for path in paths:
            tab = open_tab(path)
            run((console_errors, no_horizontal_scroll), tab)
            plain[path] = tab.tab.locator("body").evaluate(WORDS)
            kinds[path] = set(tab.tab.evaluate(KINDS))
    chosen = list(one_of_each_kind(kinds))
    for scheme, width in product(SCHEMES, (NARROW, WIDE)):
        with _tabs(site, browser, scheme, width) as open_tab:
            for path in chosen:
                tab = replace(open_tab(path), plain=plain[path])
                once = (no_js, print_styles) if (scheme, width) == FIRST else ()
                run((console_errors, no_horizontal_scroll, axe, *once), tab)
    return list(problems.values())


def one_of_each_kind(kinds: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield pages that have between them every kind of element of all pages."""
    seen: set[str] = set()
    for path, own in kinds.items():
        if own - seen:
            seen |= own
            yield path


def find_browser() -> str | None:
    """Return the program of a Chromium, Chrome or Edge; None: Playwright may have its own."""
    roots = [os.environ[name] for name in WINDOWS_FOLDERS if name in os.environ]
    windows = [f"{root}/{program}" for root in roots for program in WINDOWS_PROGRAMS]
    return next(filter(None, map(shutil.which, [*PROGRAMS, *APPLICATIONS, *windows])), None)


@contextmanager
def _tabs(
    site: CheckedSite, browser: Any, scheme: str, width: int, scripts: bool = True
) -> Iterator[Callable[[str], Tab]]:
    """Give a function that opens a page of the site, as its host sends it."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        color_scheme=scheme,
        java_script_enabled=scripts,
        service_workers="block",
    )
    rules = read_headers(site.text_files.get("_headers", ""))
    context.route("**/*", lambda route: _answer(site, route, rules))
    tab = context.new_page()
    console: list[tuple[str, int]] = []
    tab.on("console", lambda said: console.append((said.text, said.location["lineNumber"])))
    tab.on("pageerror", lambda error: console.append((str(error), 0)))
    mode = f"in {scheme} at {width} px" + " without scripts" * (not scripts)
    templates = f"{site.settings.theme}/templates"

    def open_tab(path: str) -> Tab:
        console.clear()
        tab.goto(site.url + address_of(path), wait_until="load")
        artifact = site.artifacts[path]
        page = PageTree(path, artifact.html() if artifact.html else "", artifact.source, templates)
        return Tab(page, tab, mode, tuple(console))

    try:
        yield open_tab
    finally:
        context.close()


def _answer(site: CheckedSite, route: Any, rules: Rules) -> None:
    """Answer a request as a static host does; one to another host is refused."""
    target = target_of(site.url, route.request.url)
    if not target or not target.exact:
        route.abort()
        return
    status, path = (200, target.file) if target.file in site.artifacts else (404, "404.html")
    headers = {"Content-Type": guess_type(path)[0] or "text/plain"}
    headers |= headers_for(f"/{target.path}", rules)
    html = site.artifacts[path].html if path in site.artifacts else str
    body = html().encode() if html else site.read(path)
    route.fulfill(status=status, headers=headers, body=body)


@contextmanager
def start() -> Iterator[Any]:
    """Give a browser (Playwright's). Raises ProblemsFound when there is none that starts."""
    try:
        import axe_playwright_python  # noqa: F401 (has the file of axe-core)
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        raise _no_browser(f"no module {error.name}") from None
    with sync_playwright() as playwright:
        program = find_browser()
        # As root (in a container of CI) Chromium runs without its sandbox or not at all.
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        flags = [*FLAGS, *(["--no-sandbox"] if root else [])]
        try:
            browser = playwright.chromium.launch(executable_path=program, args=flags)
        except Error as error:
            raise _no_browser(str(error).partition("\n")[0]) from None
        try:
            yield browser
        finally:
            browser.close()


def _no_browser(reason: str) -> ProblemsFound:
    message = f"needs Playwright and Chromium: {reason}"
    hint = "./invoke check --browser installs it; Chromium comes with your system's packages"
    return ProblemsFound([Problem("browser", "--browser", 0, message, hint)])
