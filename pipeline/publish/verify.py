"""The smoke test: the site as visitors get it is compared with the release that was deployed."""

import hashlib
import time
from collections.abc import Iterator
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
    end = time.monotonic() + propagation_timeout
    while (response := get(client, f"{url}/{MANIFEST}")).data != release.manifest.data:
        if time.monotonic() + PAUSE > end:
            found = "another release" if response.ok else response.reason
            message = f"the release is not live: {found}"
            return [Problem("release-not-live", f"{url}/{MANIFEST}", 0, message)]
        time.sleep(PAUSE)
    return [
        *wrong_files(release, url, newest, client),
        *missing_error_page(release, url, client),
        *wrong_redirect(release, url, client),
    ]


def get(client: HttpClient, url: str) -> Response:
    """Return what a host sends for a URL, past its caches where they allow it."""
    return client.request(url, headers={"Cache-Control": "no-cache"}, follow=False)


def wrong_files(release: Release, url: str, newest: str, client: HttpClient) -> Iterator[Problem]:
    """Yield a problem for each of the main files that comes with other bytes."""
    for path in main_files(release, newest):
        response = get(client, f"{url}{address_of(path)}")
        if not response.ok or digest(response) != release.manifest.files[path]:
            found = "other content" if response.ok else response.reason
            message = f"the file is not as it was deployed: {found}"
            yield Problem("file-differs", f"{url}{address_of(path)}", 0, message)


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


def missing_error_page(release: Release, url: str, client: HttpClient) -> Iterator[Problem]:
    """Yield a problem if the host does not answer an unknown address with 404."""
    unknown = f"{url}/no-such-page-{release.manifest.id}/"
    if (response := get(client, unknown)).status != 404:
        message = f"expected status 404 for a page that does not exist, found {response.reason}"
        yield Problem("no-404", unknown, 0, message, "configure 404.html as the error page")


def wrong_redirect(release: Release, url: str, client: HttpClient) -> Iterator[Problem]:
    """Yield a problem if the first redirect of the site leads elsewhere.

    The host may redirect itself, or send the page or the copied file that is at the old address.
    """
    redirects = {a: to for a, to in release.manifest.addresses.items() if to.startswith("/")}
    for address in sorted(redirects)[:1]:
        response = get(client, url + address)
        if urlsplit(response.location).path == urlsplit(f"{url}{address}/").path:
            response = get(client, f"{url}{address}/")  # the folder that has the page
        leads = urlsplit(response.location).path == urlsplit(url + redirects[address]).path
        bare = address.strip("/")
        pages = {release.manifest.files.get(path) for path in (bare, f"{bare}/index.html")}
        if not leads and digest(response) not in pages:
            found = response.location or response.reason
            message = f"expected a redirect to {redirects[address]}, found {found}"
            yield Problem("redirect-differs", url + address, 0, message)


def newest_post(release: Release, article_url: str) -> str:
    """Return the address of the newest post, the last by its name; `article_url`: ARTICLE_URL."""
    start = f"/{article_url.partition('{')[0]}"
    live = [address for address, state in release.manifest.addresses.items() if state == LIVE]
    return max((a for a in live if a.startswith(start) and a != start), default="")
