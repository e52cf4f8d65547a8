"""Hosts that keep their releases to themselves: what is live is what visitors get.

A deploy is atomic there, and only the host can go back.
"""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from pipeline.http_client import HttpClient
from pipeline.problems import Problem, raise_if_any
from pipeline.publish.programs import Failure, run
from pipeline.publish.release import MANIFEST, Manifest, Release
from pipeline.publish.targets.base import (
    StoredRelease,
    Target,
    failure,
    published_meanwhile,
    translate_errors,
)
from pipeline.redirects import REDIRECTS_FILE, read_redirects

TIMEOUT = 900.0  # seconds for a deploy
HINTS = {
    "TOKEN|[Nn]ot logged in|Unauthorized|Authentication": "log in with the client of the host",
    "ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|Unable to resolve": "check the network",
}


class HostedTarget(Target):
    """A host that can only be asked for what is live."""

    rollback_hint = "use the rollback of the host, or publish an earlier commit"

    def current(self) -> Manifest | None:
        """Return the manifest that visitors get; None if they get another site."""
        return fetch_manifest(self.url)[0]

    def list_releases(self) -> list[StoredRelease]:
        """Return the live release."""
        live, published = fetch_manifest(self.url)
        return [StoredRelease(live.id, published, live=True)] if live else []


@dataclass
class Command(HostedTarget):
    """A client program that deploys a folder, for Netlify, Cloudflare Pages and others.

    `command` is the client with its arguments, `url` where visitors find the site. The client knows
    its credentials, and the host reads `_headers` and `_redirects`.

    In the arguments, `{folder}` is the built folder and `{release}` the id of the release.
    `max_files` and `max_file_bytes` are limits of the host (0: none; the defaults are those of
    Cloudflare Pages). `follows_redirects`: the host reads `_redirects`, so the pages that redirect
    in its place are removed, because some hosts prefer a page.
    """

    command: tuple[str, ...]
    url: str
    max_files: int = 20_000
    max_file_bytes: int = 25 * 1024 * 1024
    follows_redirects: bool = True
    _seen: str | None = field(default=None, init=False)

    def prepare(self, folder: Path) -> None:
        """Check the limits of the host, and remove the pages that stand in for redirects."""
        raise_if_any(self.limit_problems(folder))
        path = folder / REDIRECTS_FILE
        text = path.read_text("utf-8") if self.follows_redirects and path.is_file() else ""
        for source, _to in read_redirects(text):
            page = folder / f"{source.lstrip('/')}{'index.html' if source.endswith('/') else ''}"
            if page.is_file() and page.suffix == ".html":
                page.unlink()

    def limit_problems(self, folder: Path) -> Iterator[Problem]:
        """Yield a problem for each thing that the host would refuse, ignore or serve wrongly."""
        files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
        if self.max_files and len(files) + 1 > self.max_files:
            message = f"{len(files) + 1:,} files with {MANIFEST}; the host takes {self.max_files:,}"
            yield Problem("host-limit", self.url, 0, message)
        for name, path in files.items():
            if self.max_file_bytes and (size := path.stat().st_size) > self.max_file_bytes:
                message = f"the file has {size:,} bytes; the host takes {self.max_file_bytes:,}"
                yield Problem("host-limit", name, 0, message)
        if "404.html" not in files:
            message = "no error page; hosts would show the home page at every wrong address"
            yield Problem("no-error-page", "404.html", 0, message, "add 404.html")

    def current(self) -> Manifest | None:
        """Return the manifest that visitors get."""
        live = super().current()
        self._seen = live.id if live else ""
        return live

    def deploy(self, release: Release) -> int:
        """Run the client, unless the release is live."""
        if self._seen is not None:  # else the live release cannot be read
            seen, live = self._seen, self.current()
            if self._seen != seen:
                raise published_meanwhile(self.url)
            if live and live.id == release.manifest.id:
                return 0
        words = [word.replace("{folder}", str(release.folder)) for word in self.command]
        words = [word.replace("{release}", release.manifest.id) for word in words]
        words[0] = shutil.which(words[0]) or words[0]
        run(words, Failure(self.url, "the client failed", hints=HINTS), timeout=TIMEOUT)
        return 0


@dataclass
class ArtifactFolder(HostedTarget):
    """A folder that something else deploys, such as the workflow of GitHub Pages.

    `url` is where visitors find the site, `path` the folder that is made.
    """

    url: str
    path: str = "_site"
    deployed_externally = True
    propagation_timeout = 600.0
    follows_redirects = False
    rollback_hint = "run the workflow of that release again"

    @property
    def location(self) -> str:
        """The folder."""
        return self.path

    def prepare(self, folder: Path) -> None:
        """Keep GitHub Pages from running Jekyll, which leaves out what begins with `_`."""
        (folder / ".nojekyll").touch()

    def deploy(self, release: Release) -> int:
        """Copy the release into the folder, in place of what another run has left there.

        Raises ProblemsFound if it holds anything but a release.
        """
        folder, new = Path(self.path), Path(f"{self.path}.new")
        with translate_errors(self.path):
            if folder.exists() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
                hint = "choose another path, or empty it"
                raise failure(self.path, "the folder has files of something else", hint, "foreign")
            shutil.rmtree(new, ignore_errors=True)
            shutil.copytree(release.folder, new)
            if folder.exists():
                shutil.rmtree(folder)
            new.rename(folder)
        return 0

    def built_release(self) -> Release:
        """Return the release in the folder. Raises ProblemsFound if there is none."""
        path = Path(self.path, MANIFEST)
        if not path.is_file():
            hint = "run invoke publish first"
            raise failure(str(path), "nothing has been built here", hint, "not-built")
        return Release(Path(self.path), Manifest.read(path.read_bytes(), str(path)))


def fetch_manifest(url: str) -> tuple[Manifest | None, datetime]:
    """Return the manifest that visitors at `url` get, and when the host says it was published.

    None: there is none, or another site that sends a page for every address. Raises ProblemsFound
    if the host does not answer.
    """
    address = f"{url.rstrip('/')}/{MANIFEST}"
    # The query: no cache on the way has it.
    request = f"{address}?{time.time_ns()}"
    response = HttpClient().request(request, headers={"Cache-Control": "no-cache"})
    modified = response.headers.get("last-modified")
    published = parsedate_to_datetime(modified) if modified else datetime.now(UTC)
    if response.status == 404 or (response.ok and response.data.lstrip()[:1] == b"<"):
        return None, published
    if not response.ok:
        message = f"cannot read the live release: {response.reason}"
        hint = "check the url in PUBLISH_TARGETS and its DNS; --first if nothing is published yet"
        raise failure(address, message, hint, "live-release-unknown")
    return Manifest.read(response.data, address), published
