"""A folder that something else deploys, such as the workflow of GitHub Pages.

What is live is read from the host, as visitors get it. The switch is that of the other, and so is
the way back: it runs an earlier deploy again.
"""

import shutil
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import ClassVar

from pipeline.publish.release import MANIFEST, Manifest, Release
from pipeline.publish.target import Kept, failure
from pipeline.publish.visit import Answer, ask

NOTHING = 404


@dataclass
class Artifact:
    """`url` is where visitors find the site, `path` the folder that is made."""

    url: str
    path: str = "_site"
    # Whether visitors get a release only after `put`: `announce` looks at it then
    later: ClassVar[bool] = True
    settles: ClassVar[float] = 600.0

    def prepare(self, folder: Path) -> None:
        """Keep GitHub Pages from running Jekyll, which leaves out what begins with `_`."""
        (folder / ".nojekyll").touch()

    def lock(self) -> AbstractContextManager[None]:
        """Do nothing: the workflow runs once at a time (its `concurrency`)."""
        return nullcontext()

    def live(self) -> Manifest | None:
        """Return the manifest that the host shows; None where it shows another site."""
        answer = self.ask()
        if answer.status == NOTHING or answer.data.lstrip().startswith(b"<"):
            return None
        return Manifest.read(answer.data, f"{self.url}/{MANIFEST}")

    def put(self, release: Release) -> None:
        """Copy the release into the folder, in the place of what another run has left there.

        Raises ProblemsFound when it holds what no release has put there.
        """
        there = Path(self.path)
        if there.exists() and any(there.iterdir()) and not (there / MANIFEST).is_file():
            must, fix = "must be empty or hold a release", "give another path, or empty it"
            raise failure(self.path, must, "other files", fix)
        new = Path(f"{self.path}.new")
        for folder in (new, Path(self.path)):
            if folder.exists():
                shutil.rmtree(folder)
        shutil.copytree(release.folder, new)
        new.rename(self.path)

    def kept(self) -> list[Kept]:
        """Return what is live; the host keeps the others."""
        answer, live = self.ask(), self.live()
        when = parsedate_to_datetime(answer.modified) if answer.modified else datetime.now(UTC)
        return [Kept(live.id, when, live=True)] if live else []

    def switch(self, release: str) -> None:
        """Refuse: the host does it."""
        fix = "run the workflow of that release again"
        raise failure(self.url, "must be switched back by its host", release, fix)

    def ask(self) -> Answer:
        """Return what the host answers. Raises ProblemsFound when that says nothing."""
        answer = ask(f"{self.url}/{MANIFEST}")
        if answer.status not in (200, NOTHING):
            must = "must say which release is live"
            raise failure(f"{self.url}/{MANIFEST}", must, answer.said)
        return answer

    def built(self) -> Release:
        """Return the release in the folder. Raises ProblemsFound when there is none."""
        path = Path(self.path, MANIFEST)
        if not path.is_file():
            raise failure(str(path), "must be there", "nothing", "run invoke publish first")
        return Release(Path(self.path), Manifest.read(path.read_bytes(), str(path)))
