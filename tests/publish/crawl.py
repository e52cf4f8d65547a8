"""Visitors who are on the site while it is published, and the sites that they visit.

A visit loads the home page, what it loads (stylesheet, picture), its posts and their stylesheet,
and the feed. It is broken when any of it is missing or cut off.
"""

import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from re import findall
from types import TracebackType
from urllib.parse import urljoin

from pipeline.publish.release import Manifest, Release, make_release

ENDS = {".html": b"</html>\n", ".xml": b"</feed>\n", ".css": b"}\n"}
TIMEOUT = 10.0  # seconds
# On the home page; a visit reads some of them.
LISTED = 10


def fetch(url: str) -> bytes:
    """Return what is at an address. Raises OSError and HTTPException."""
    with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
        return bytes(answer.read())


def visit(url: str) -> str:
    """Load what a visitor of the site at `url` (with its slash) loads; return what is broken."""
    asked = url
    try:
        home = fetch(url).decode()
        assert home.endswith("</html>\n"), "cut off"
        parts = findall(r'(?:href|src)="([^"]+)"', home)
        assert parts, "empty"
        for part in parts:
            asked = urljoin(url, part)
            data = fetch(asked)
            end = ENDS.get(Path(part).suffix, b"</html>\n" if part.endswith("/") else b"")
            assert data and data.endswith(end), "cut off"
            for style in findall(rb'<link rel="stylesheet" href="([^"]+)"', data):
                asked = urljoin(asked, style.decode())
                assert fetch(asked).endswith(b"}\n"), "cut off"
    except (OSError, HTTPException, AssertionError) as error:
        return f"{asked}: {error}"
    return ""


class Crawler:
    """Visits the site at `url` again and again, in a thread, as long as the `with` lasts."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.visits = 0
        self.broken: list[str] = []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._end.is_set():
            self.visit()

    def visit(self) -> None:
        """Make one visit, here and now."""
        broken = visit(self.url)
        self.visits += 1
        self.broken += [broken] * bool(broken)

    def __enter__(self) -> "Crawler":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._end.set()
        self._thread.join()


def write_site(folder: Path, version: int, posts: int = 300) -> Path:
    """Write a site and return its folder; each version has a stylesheet and a picture of its own.

    Every page is another with every version, but for the posts of odd numbers.
    """
    style, picture = f"theme/style.{version:08x}.css", f"media/picture-{version}.svg"
    head = '<!doctype html>\n<link rel="stylesheet" href="{0}' + style + '">\n'
    page = head + "<h1>{1}</h1>\n" + "<p>words</p>\n" * 50 + "</html>\n"
    names = [f"posts/{number:04}/" for number in range(posts)]
    links = "".join(f'<a href="{name}">post</a>\n' for name in names[-LISTED:])
    more = f'<img src="{picture}">\n<a href="feed.xml">feed</a>\n{links}'
    files = {
        style: "p { color: teal }\n" * 20,
        picture: f"<svg><title>{version}</title></svg>\n",
        "index.html": page.format("", f"version {version}").replace("<p>", f"{more}<p>", 1),
        "404.html": page.format("/", "not here"),
        "feed.xml": f"<feed>{version}{'<entry/>' * 1000}</feed>\n",
    }
    for number, name in enumerate(names):
        title = "always" if number % 2 and number < posts - LISTED else f"version {version}"
        styled = page if title != "always" else page.replace(head, "<!doctype html>\n")
        files[f"{name}index.html"] = styled.format("../../", title)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return folder


def site_release(
    folder: Path, version: int, before: Manifest | None = None, posts: int = 300
) -> Release:
    """Write a site (see `write_site`) and return it as a release."""
    return make_release(write_site(folder, version, posts), before)


@contextmanager
def visited(url: str) -> Iterator[Crawler]:
    """Have visitors on the site; when it is over, none of their visits may have been broken."""
    with Crawler(url) as crawler:
        yield crawler
    crawler.visit()
    assert not crawler.broken, f"{len(crawler.broken)}/{crawler.visits}: {crawler.broken[:3]}"
