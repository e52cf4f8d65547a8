"""A page of the built site in a browser: started, shown the site, asked for nothing else."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from mimetypes import guess_type
from typing import Any
from urllib.parse import unquote, urlsplit

from pipeline.check import policy
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
HEIGHT = 800  # CSS pixels


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
