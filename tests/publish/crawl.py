"""Sites to publish, and visitors who are on them meanwhile.

A visit loads the home page, what it loads (stylesheet, picture), its posts and their stylesheet,
and the feed. It is broken if any of it is missing or cut off.
"""

import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from re import findall
from urllib.parse import quote, urljoin

from pipeline.publish.release import Manifest, Release, make_release

ENDS = {".html": b"</html>\n", ".xml": b"</feed>\n", ".css": b"}\n"}
TIMEOUT = 10.0  # seconds
LISTED = 10  # posts on the home page; a visit reads them
PAUSE = 0.05  # seconds between two visits


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of each file below a folder by its path."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def fetch(url: str) -> bytes:
    """Return what is at a URL. Raises OSError and HTTPException."""
    with urllib.request.urlopen(url, timeout=TIMEOUT) as response:
        return bytes(response.read())


def shown(url: str, release: Release) -> bool:
    """Return whether visitors get every file of a release as it was built."""
    files = contents(release.folder)
    return {path: fetch(url + quote(path)) for path in files} == files


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
    """Visits the site at `url`, once or until told to stop."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.visits = 0
        self.broken: list[str] = []
        self.end = threading.Event()

    def visit(self) -> None:
        """Make one visit."""
        broken = visit(self.url)
        self.visits += 1
        self.broken += [broken] * bool(broken)

    def run(self) -> None:
        """Make visits until `end` is set."""
        while not self.end.wait(PAUSE):
            self.visit()

    def wait(self, visits: int) -> None:
        """Return after some more visits."""
        until = self.visits + visits
        while self.visits < until:
            time.sleep(0.01)


@contextmanager
def visited(url: str) -> Iterator[Crawler]:
    """Have visitors on the site; none of their visits may be broken."""
    crawler = Crawler(url)
    thread = threading.Thread(target=crawler.run, daemon=True)
    thread.start()
    try:
        yield crawler
    finally:
        crawler.end.set()
        thread.join()
    crawler.visit()
    assert not crawler.broken, f"{len(crawler.broken)}/{crawler.visits}: {crawler.broken[:3]}"


def write_site(folder: Path, version: int, posts: int = 12) -> Path:
    """Write a site and return its folder; each version has its own stylesheet and picture.

    Every page differs from version to version, except for the posts of odd numbers that home does
    not list.
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
        same = number % 2 and number < posts - LISTED
        text = page.format("../../", "always" if same else f"version {version}")
        if same:
            text = f"<!doctype html>\n{text.split('>', 2)[2].lstrip()}"
        files[f"{name}index.html"] = text
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return folder


def site_release(
    folder: Path, version: int, before: Manifest | None = None, posts: int = 12
) -> Release:
    """Write a site (see `write_site`) and return it as a release."""
    return make_release(write_site(folder, version, posts), before)
