"""The site as visitors get it, compared with what was sent."""

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from http.client import HTTPException, HTTPMessage
from typing import IO, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from pipeline.problems import Problem
from pipeline.publish.release import ASSETS, LIVE, MANIFEST, Release, address_of

TIMEOUT = 20.0  # seconds for one answer
PAUSE = 2.0  # seconds before a host that still shows the last release is asked again
WRONG = "/no-such-page-{id}/"
MOVED = (301, 302, 307, 308)


class Answer(NamedTuple):
    """What came back: the status (0: nothing), the bytes, where it leads on to, its date."""

    status: int
    data: bytes
    location: str = ""
    error: str = ""
    modified: str = ""

    @property
    def sha(self) -> str:
        """The SHA-256 of the bytes."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def said(self) -> str:
        """What came, for the author."""
        return self.error or (f"status {self.status}" if self.status != 200 else "other bytes")


class _Stay(HTTPRedirectHandler):
    """Follows no redirect."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Return no request."""


def ask(url: str) -> Answer:
    """Return what a host answers at a URL, past its caches where they allow it."""
    try:
        request = Request(url, headers={"Cache-Control": "no-cache", "User-Agent": "publish"})
        with build_opener(_Stay).open(request, timeout=TIMEOUT) as answer:
            modified = answer.headers.get("Last-Modified", "")
            return Answer(answer.status, answer.read(), modified=modified)
    except HTTPError as error:
        with error:
            return Answer(error.code, b"", error.headers.get("Location", ""))
    except URLError as error:
        return Answer(0, b"", error=str(error.reason))
    except (OSError, HTTPException, ValueError) as error:
        return Answer(0, b"", error=str(error) or type(error).__name__)


def look(
    release: Release, url: str, newest: str, settles: float, get: Callable[[str], Answer] = ask
) -> list[Problem]:
    """Return what visitors at `url` do not get as it was sent.

    `newest` is the address of the newest post ("": there is none), `settles` the seconds that the
    host may take to show a release.
    """
    end = time.monotonic() + settles
    while True:
        answer = get(f"{url}/{MANIFEST}")
        if answer.data == release.manifest.data or time.monotonic() + PAUSE > end:
            break
        time.sleep(PAUSE)
    if answer.data != release.manifest.data:
        must = "visitors must get the release that was sent"
        return [Problem(f"{url}/{MANIFEST}", 0, must, answer.said)]
    return [*wrong_files(release, url, newest, get), *wrong_ways(release, url, get)]


def wrong_files(
    release: Release, url: str, newest: str, get: Callable[[str], Answer]
) -> Iterator[Problem]:
    """Yield a problem for each of the site's main files that comes with other bytes."""
    for path in main_files(release, newest):
        answer = get(f"{url}{address_of(path)}")
        if answer.sha != release.manifest.files[path]:
            must = "must come as it was sent"
            yield Problem(f"{url}{address_of(path)}", 0, must, answer.said)


def main_files(release: Release, newest: str) -> list[str]:
    """Return the paths of home, the newest post, what both load, and the feeds that home names."""
    paths = [f"{page}index.html".lstrip("/") for page in ("/", newest) if page]
    found = [path for path in paths if path in release.manifest.files]
    for path in tuple(found):
        html = (release.folder / path).read_text("utf-8")
        for tag in re.findall(r"<(?:link|img|source|script)\b[^>]*>", html):
            for address in re.findall(r'\b(?:href|src)="([^"]+)"', tag):
                name = urlsplit(urljoin(f"/{path}", address)).path.lstrip("/")
                is_feed = 'rel="alternate"' in tag
                if name in release.manifest.files and (is_feed or ASSETS.fullmatch(name)):
                    found.append(name)
    return list(dict.fromkeys(found))


def wrong_ways(release: Release, url: str, get: Callable[[str], Answer]) -> Iterator[Problem]:
    """Yield a problem when a wrong address is not one, or when a redirect leads elsewhere."""
    wrong = url + WRONG.format(id=release.manifest.id)
    if (answer := get(wrong)).status != 404:
        must, fix = "a wrong address must be answered with 404", "tell the host of 404.html"
        yield Problem(wrong, 0, must, answer.said, fix)
    moved = {a: to for a, to in release.manifest.addresses.items() if to.startswith("/")}
    for address in sorted(moved)[:1]:
        answer = get(url + address)
        bare = address.strip("/")
        pages = {release.manifest.files.get(path) for path in (bare, f"{bare}/index.html")}
        leads = urlsplit(answer.location).path == urlsplit(url + moved[address]).path
        inside = urlsplit(answer.location).path == urlsplit(f"{url}{address}/").path
        if inside and answer.status in MOVED:  # to the folder, where the page is that leads on
            answer = get(f"{url}{address}/")
        if not (leads and answer.status in MOVED) and answer.sha not in pages:
            must = f"an old address must lead to {moved[address]}"
            yield Problem(url + address, 0, must, answer.location or answer.said)


def newest_post(release: Release, url: str) -> str:
    """Return the address of the newest post: the last by its name; `url` is ARTICLE_URL's form."""
    head = "/" + url.partition("{")[0]
    live = [a for a, became in release.manifest.addresses.items() if became == LIVE]
    return max((a for a in live if a.startswith(head) and a != head), default="")
