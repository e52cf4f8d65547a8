"""Any host with a client program that deploys a folder: Netlify, Cloudflare Pages and others.

A deploy is atomic there. The client knows its credentials, and the host reads `_headers` and
`_redirects`.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.problems import Problem, raise_if_any
from pipeline.publish.commands import run
from pipeline.publish.release import MANIFEST, Manifest, Release
from pipeline.publish.targets.base import Target, failure, fetch_manifest
from pipeline.redirects import REDIRECTS_FILE, read_redirects

TIMEOUT = 900.0  # seconds for a deploy
HINTS = {
    "TOKEN|[Nn]ot logged in|Unauthorized|Authentication": "log in with the client of the host",
    "ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|Unable to resolve": "check the network",
}


@dataclass
class Command(Target):
    """`command` is the client with its arguments, `url` where visitors find the site.

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
        live = fetch_manifest(self.url)[0]
        self._seen = live.id if live else ""
        return live

    def deploy(self, release: Release) -> None:
        """Run the client, unless the release is live."""
        if self._seen is not None:  # else the live release cannot be read
            seen, live = self._seen, self.current()
            if self._seen != seen:
                message = "another release was published meanwhile"
                raise failure(self.url, message, "run publish again", "publish-conflict")
            if live and live.id == release.manifest.id:
                return
        values = {"{folder}": str(release.folder), "{release}": release.manifest.id}
        words = list(self.command)
        for name, value in values.items():
            words = [word.replace(name, value) for word in words]
        words[0] = shutil.which(words[0]) or words[0]
        run(words, place=self.url, message="the client failed", timeout=TIMEOUT, hints=HINTS)
