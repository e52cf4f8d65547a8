"""What the hosts that take a whole folder have in common: Netlify and Cloudflare Pages.

A deploy is one switch there, and is sent by the host's own program, which knows its credentials.
"""

import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from time import time_ns
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from pipeline.problems import Problem, ProblemsFound
from pipeline.publish import commands
from pipeline.publish.headers import NAME as HEADERS
from pipeline.publish.headers import headers_file
from pipeline.publish.release import MANIFEST, REDIRECTS, Manifest, Release, read_redirects
from pipeline.publish.target import failure

TIMEOUT = 20.0  # seconds, for the manifest
DEPLOY = 900.0  # seconds
MISSING = 404
MUST = "must take the release"
REDIRECTS_MOST, REDIRECT_LONGEST = 2000, 1000
HEADERS_MOST, HEADER_LONGEST = 100, 2000


@dataclass
class Hosted(ABC):
    """A target whose deploys are one switch already; `url` is where visitors find the site."""

    url: str
    _seen: str = field(default="", init=False)

    @abstractmethod
    def deploy(self, release: Release) -> None:
        """Hand the folder to the host's own program."""

    def prepare(self, folder: Path) -> None:
        """Make `_headers` and `_redirects` what the hosts read."""
        prepare(folder)

    def lock(self) -> AbstractContextManager[None]:
        """Lock nothing: `put` refuses when another release went live since `live`."""
        return nullcontext()

    def live(self) -> Manifest | None:
        """Return the manifest that visitors get."""
        manifest = read_live(self.url)
        self._seen = manifest.id if manifest else ""
        return manifest

    def put(self, release: Release) -> None:
        """Deploy the folder, unless it is live."""
        live = refuse_another(self.url, self._seen)
        if not live or live.id != release.manifest.id:
            self.deploy(release)


def prepare(folder: Path) -> None:
    """Give a built folder `_headers`, and take the pages away that stand in for redirects.

    The hosts follow `_redirects` themselves; Netlify does so only where there is no file. Raises
    ProblemsFound where a file is beyond what the hosts read.
    """
    path = folder / HEADERS
    own = path.read_text("utf-8") if path.is_file() else ""
    if headers_file() not in own:
        path.write_text(f"{own.rstrip()}\n\n{headers_file()}".lstrip(), "utf-8")
    if problems := list(beyond_limits(folder)):
        raise ProblemsFound(problems)
    for source, _to in read_redirects(folder):
        page = folder / source.lstrip("/")
        page = page / "index.html" if source.endswith("/") else page
        if page.is_file() and page.suffix == ".html":
            page.unlink()
            remove_empty(page.parent, folder)


def remove_empty(folder: Path, root: Path) -> None:
    """Remove a folder and those above it, as far as they are empty."""
    while folder != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def beyond_limits(folder: Path) -> Iterator[Problem]:
    """Yield what of `_redirects` and `_headers` the hosts would leave out without a word."""
    for name, most, longest in (
        (REDIRECTS, REDIRECTS_MOST, REDIRECT_LONGEST),
        (HEADERS, HEADERS_MOST, HEADER_LONGEST),
    ):
        path = folder / name
        lines = path.read_text("utf-8").splitlines() if path.is_file() else []
        rules = [line for line in lines if line and line[0] not in " \t#"]
        if len(rules) > most:
            yield Problem(name, 0, f"must have at most {most:,} rules", f"{len(rules):,}")
        for number, line in enumerate(lines, 1):
            if len(line) > longest:
                must = f"a line must have at most {longest:,} characters"
                yield Problem(name, number, must, f"{len(line):,}")


def read_live(url: str) -> Manifest | None:
    """Return the manifest of the live release, as visitors get it; None where there is none."""
    address = f"{url}/{MANIFEST}"
    if not url.startswith(("http://", "https://")):
        raise failure(url or "publishconf.py", "must have the site's address as url", repr(url))
    # The question mark: no cache on the way has it.
    request = Request(f"{address}?{time_ns()}", headers={"Cache-Control": "no-cache"})
    try:
        with urlopen(request, timeout=TIMEOUT) as answer:
            return Manifest.read(answer.read(), address)
    except HTTPError as error:
        error.close()
        if error.code == MISSING:
            return None
        raise failure(address, "must be readable", f"{error.code} {error.reason}") from None
    except (OSError, HTTPException) as error:
        found = str(getattr(error, "reason", "") or error or type(error).__name__)
        raise failure(address, "must be readable", found, "see whether the host is up") from None


def refuse_another(url: str, seen: str) -> Manifest | None:
    """Return the live manifest. Raises ProblemsFound when it is not the one of that id any more."""
    live = read_live(url)
    if seen and (live.id if live else "") != seen:
        must = "must be as it was when this began"
        raise failure(url, must, "another release is live", "run it again")
    return live


def client(name: str, package: str, place: str, *arguments: str) -> bytes:
    """Run a host's own program and return what it printed. Raises ProblemsFound."""
    found = shutil.which(name)
    if not found:
        fix = f"npm install --global {package}"
        raise failure(place, f"must have the program {name}", "not installed", fix)
    # CI: it asks nothing.
    env = {"CI": "1", "NO_COLOR": "1"}
    remedies = {
        "API_TOKEN|AUTH_TOKEN|[Nn]ot logged in|Unauthorized|Authentication": f"{name} login",
        "ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|Unable to resolve": "see whether the network is up",
    }
    return commands.run(
        [found, *arguments], place=place, must=MUST, env=env, timeout=DEPLOY, remedies=remedies
    )
