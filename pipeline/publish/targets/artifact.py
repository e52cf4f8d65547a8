"""A folder that something else deploys, such as the workflow of GitHub Pages.

What is live is read from the host, as visitors get it. Only the host can go back: it runs an
earlier deployment again.
"""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from pipeline.publish.release import MANIFEST, Manifest, Release
from pipeline.publish.targets.base import Target, failure, fetch_manifest, translate_errors


@dataclass
class Artifact(Target):
    """`url` is where visitors find the site, `path` the folder that is made."""

    url: str
    path: str = "_site"
    deployed_externally: ClassVar[bool] = True
    propagation_timeout: ClassVar[float] = 600.0
    follows_redirects: bool = field(default=False, init=False)
    rollback_hint: ClassVar[str] = "run the workflow of that release again"

    @property
    def location(self) -> str:
        """The folder."""
        return self.path

    def prepare(self, folder: Path) -> None:
        """Keep GitHub Pages from running Jekyll, which leaves out what begins with `_`."""
        (folder / ".nojekyll").touch()

    def current(self) -> Manifest | None:
        """Return the manifest that the host shows; None if it shows another site."""
        return fetch_manifest(self.url)[0]

    def deploy(self, release: Release) -> None:
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

    def built_release(self) -> Release:
        """Return the release in the folder. Raises ProblemsFound if there is none."""
        path = Path(self.path, MANIFEST)
        if not path.is_file():
            hint = "run invoke publish first"
            raise failure(str(path), "nothing has been built here", hint, "not-built")
        return Release(Path(self.path), Manifest.read(path.read_bytes(), str(path)))
