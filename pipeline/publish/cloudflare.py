"""Cloudflare Pages, by its own program wrangler."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.problems import Problem, ProblemsFound
from pipeline.publish import hosted
from pipeline.publish.hosted import Hosted
from pipeline.publish.release import Release
from pipeline.publish.target import Kept, failure

# https://developers.cloudflare.com/pages/platform/limits/ (the free plan)
FILES_MOST = 20_000
FILE_LARGEST = 25 * 1024 * 1024  # bytes


@dataclass
class Cloudflare(Hosted):
    """`project` is that of Pages, `url` where visitors find it, `branch` its production branch.

    The token is wrangler's own: CLOUDFLARE_API_TOKEN, or `wrangler login`.
    """

    project: str
    branch: str = "main"

    def prepare(self, folder: Path) -> None:
        """Make `_headers` and `_redirects` what Cloudflare reads; see `hosted.prepare`."""
        super().prepare(folder)
        if problems := list(beyond_limits(folder)):
            raise ProblemsFound(problems)

    def deploy(self, release: Release) -> None:
        """Hand the folder to wrangler."""
        self.wrangler(
            *("pages", "deploy", str(release.folder)),
            *("--project-name", self.project, "--branch", self.branch),
            *("--commit-message", f"Release {release.manifest.id}", "--commit-dirty=true"),
        )

    def kept(self) -> list[Kept]:
        """Raise ProblemsFound: wrangler lists deployments, but goes back to none."""
        raise self.only_there()

    def switch(self, release: str) -> None:
        """Raise ProblemsFound that says where it is done."""
        raise self.only_there()

    def only_there(self) -> ProblemsFound:
        """Return what is said in place of going back."""
        where = f"dash.cloudflare.com, Workers & Pages, {self.project}, Deployments, Rollback"
        return failure(self.url, "must go back by itself", "wrangler has no command for it", where)

    def wrangler(self, *arguments: str) -> bytes:
        """Run wrangler."""
        return hosted.client("wrangler", "wrangler", self.url, *arguments)


def beyond_limits(folder: Path) -> Iterator[Problem]:
    """Yield what Cloudflare would refuse, and what it would serve wrongly."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    if len(files) >= FILES_MOST:  # and the manifest
        must = f"must be at most {FILES_MOST:,} files with the manifest"
        yield Problem("", 0, must, f"{len(files) + 1:,}")
    for path in files:
        if (size := path.stat().st_size) > FILE_LARGEST:
            must = f"must have at most {FILE_LARGEST:,} bytes"
            yield Problem(path.relative_to(folder).as_posix(), 0, must, f"{size:,}")
    if not (folder / "404.html").is_file():
        must = "must be there, else every wrong address shows the home page"
        yield Problem("404.html", 0, must, "not there")
