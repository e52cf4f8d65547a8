"""The smoke test: the site as visitors get it is compared with the release that was deployed."""

import hashlib
import time
from urllib.parse import urljoin, urlsplit

from pipeline.html import attribute, parse_page
from pipeline.http_client import HttpClient, Response
from pipeline.problems import Problem
from pipeline.publish.release import ASSETS, LIVE, MANIFEST, Release, address_of

PAUSE = 2.0  # seconds between two requests while the host still shows the last release
CLIENT = HttpClient()


def verify(
    release: Release,
    url: str,
    newest: str,
    propagation_timeout: float,
    client: HttpClient = CLIENT,
) -> list[Problem]:
    """Return a problem for each thing that visitors at `url` do not get as it was deployed.

    `newest` is the address of the newest post ("": there is none), `propagation_timeout` the
    seconds that the host may take to show a release.
    """
    url = url.rstrip("/")

    def get(address: str) -> Response:
        """Return what the host sends, past its caches where they allow it."""
        return client.request(url + address, headers={"Cache-Control": "no-cache"}, follow=False)

    def found(code: str, address: str, message: str, hint: str = "") -> Problem:
        return Problem(code, url + address, 0, message, hint)

    end = time.monotonic() + propagation_timeout
    while (response := get(f"/{MANIFEST}")).data != release.manifest.data:
        if time.monotonic() + PAUSE > end:
            reason = "another release" if response.ok else response.reason
            message = f"the release is not live: {reason}"
            return [found("release-not-live", f"/{MANIFEST}", message)]
        time.sleep(PAUSE)
    problems = []
    for path in main_files(release, newest):
        response = get(address_of(path))
        if not response.ok or digest(response) != release.manifest.files[path]:
            reason = "other content" if response.ok else response.reason
            message = f"the file is not as it was deployed: {reason}"
            problems.append(found("file-differs", address_of(path), message))
    unknown = f"/no-such-page-{release.manifest.id}/"
    if (response := get(unknown)).status != 404:
        message = f"expected status 404 for a page that does not exist, found {response.reason}"
        problems.append(found("no-404", unknown, message, "configure 404.html as the error page"))
    redirects = {a: to for a, to in release.manifest.addresses.items() if to.startswith("/")}
    for address in sorted(redirects)[:1]:
        # The host may redirect itself, or send the page or copied file that is at the old address.
        response = get(address)
        if urlsplit(response.location).path == urlsplit(f"{url}{address}/").path:
            response = get(f"{address}/")  # the folder that has the page
        leads = urlsplit(response.location).path == urlsplit(url + redirects[address]).path
        bare = address.strip("/")
        pages = {release.manifest.files.get(path) for path in (bare, f"{bare}/index.html")}
        if not leads and digest(response) not in pages:
            reason = response.location or response.reason
            message = f"expected a redirect to {redirects[address]}, found {reason}"
            problems.append(found("redirect-differs", address, message))
    return problems


def digest(response: Response) -> str:
    """Return the SHA-256 of a body."""
    return hashlib.sha256(response.data).hexdigest()


def main_files(release: Release, newest: str) -> list[str]:
    """Return the paths of home, the newest post, what both load, and the feeds that they name."""
    files = release.manifest.files
    pages = [f"{page}index.html".lstrip("/") for page in ("/", newest) if page]
    found = [path for path in pages if path in files]
    for page in tuple(found):
        tree = parse_page((release.folder / page).read_text("utf-8"))
        for element in tree.iter_elements():
            if element.tag not in ("link", "img", "source", "script"):
                continue
            address = attribute(element, "href") or attribute(element, "src")
            path = urlsplit(urljoin(f"/{page}", address)).path.lstrip("/")
            is_feed = "alternate" in attribute(element, "rel").split()
            if path in files and (is_feed or ASSETS.fullmatch(path)):
                found.append(path)
    return list(dict.fromkeys(found))


def newest_post(release: Release, article_url: str) -> str:
    """Return the address of the newest post, the last by its name; `article_url`: ARTICLE_URL."""
    start = f"/{article_url.partition('{')[0]}"
    live = [address for address, state in release.manifest.addresses.items() if state == LIVE]
    return max((a for a in live if a.startswith(start) and a != start), default="")
