"""A folder on this machine: what a web server here serves.

`releases/<time>-<id>/` are the releases, and `current` is a link to the one that visitors see,
replaced by a rename, which is one step (POSIX rename). A release is whole before it is linked.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.problems import ProblemsFound
from pipeline.publish.locks import locked
from pipeline.publish.release import MANIFEST, Manifest, Release
from pipeline.publish.target import Kept, failure

KEEP = 5
TIME = "%Y%m%dT%H%M%S%fZ"
NAME = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{12}")
CURRENT = "current"


@dataclass(frozen=True)
class Directory:
    """`path` is the folder, `url` where its `current` is served ("": nowhere)."""

    path: str = "public"
    url: str = ""

    @property
    def served(self) -> str:
        """What a web server must serve."""
        return f"{self.path}/{CURRENT}"

    def prepare(self, folder: Path) -> None:
        """Change nothing: a web server serves what is there."""

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold a lock file in the folder."""
        with said(self.path):
            self.releases.mkdir(parents=True, exist_ok=True)
        with locked(self.root / ".lock"):
            yield

    def live(self) -> Manifest | None:
        """Return the manifest of the release that is linked."""
        with said(self.path):
            folder = self.live_folder()
            return read(folder) if folder else None

    def put(self, release: Release) -> None:
        """Copy what is new, hard-link what is not, and link the whole."""
        with said(self.path):
            self.sweep()
            live = self.live_folder()
            if live and read(live).id == release.manifest.id and is_whole(live, release.manifest):
                return
            name = f"{datetime.now(UTC).strftime(TIME)}-{release.manifest.id}"
            new = self.releases / f".{name}"
            try:
                fill(new, release, live)
                self.link(new.rename(self.releases / name))
            finally:
                shutil.rmtree(new, ignore_errors=True)
            self.prune()

    def kept(self) -> list[Kept]:
        """Return the releases that are there, the newest first."""
        with said(self.path):
            live = self.linked()
            return [Kept(id_of(f), time_of(f), f == live) for f in self.folders()]

    def switch(self, release: str) -> None:
        """Link the newest folder of that id; what pages of the live one load is kept with it."""
        with said(self.path):
            named = [f for f in self.folders() if id_of(f) == release]
            folder = next(filter(is_good, named), None)
            if folder is None:
                found = f"{release}, which is not whole any more" if named else release
                raise failure(self.path, "must have the release", found, "see invoke releases")
            live = self.linked()
            if live and live != folder:
                with suppress(ProblemsFound, OSError):  # from one that is broken there is nothing
                    carry(Release(folder, read(folder)), live, folder)
            self.link(folder)

    @property
    def root(self) -> Path:
        """The folder itself."""
        return Path(self.path).expanduser().absolute()

    @property
    def releases(self) -> Path:
        """The folder of the releases."""
        return self.root / "releases"

    def folders(self) -> list[Path]:
        """Return the folders of the whole releases, the newest first."""
        found = self.releases.iterdir() if self.releases.exists() else ()
        return sorted((f for f in found if NAME.fullmatch(f.name)), reverse=True)

    def linked(self) -> Path | None:
        """Return the folder that `current` leads to, whole or not; None where there is no link."""
        link = self.root / CURRENT
        if link.is_symlink():
            return self.root / link.readlink()
        if link.exists():
            fix = "choose another path, or move it away"
            raise failure(str(link), "must be a link that publishing has made", "another", fix)
        return None

    def live_folder(self) -> Path | None:
        """Return the folder of the live release. Raises ProblemsFound when it is none."""
        folder = self.linked()
        if folder and (folder.parent != self.releases or not (folder / MANIFEST).is_file()):
            must, fix = "must lead to a release", "go back to one: invoke releases, invoke rollback"
            raise failure(str(self.root / CURRENT), must, folder.name, fix)
        return folder

    def link(self, folder: Path) -> None:
        """Make `current` lead to a release, in one step."""
        new = self.root / f".{CURRENT}.{os.getpid()}"
        new.unlink(missing_ok=True)
        new.symlink_to(folder.relative_to(self.root), target_is_directory=True)
        new.replace(self.root / CURRENT)

    def sweep(self) -> None:
        """Remove what killed publishers left; the lock is ours, so nobody is at it."""
        for link in self.root.glob(f".{CURRENT}.*"):
            link.unlink()
        for folder in self.releases.glob(".*"):
            shutil.rmtree(folder, ignore_errors=True)

    def prune(self) -> None:
        """Remove all but the last releases and the live one."""
        live = self.live_folder()
        for folder in self.folders()[KEEP:]:
            if folder != live:
                hidden = folder.rename(folder.with_name(f".{folder.name}"))
                shutil.rmtree(hidden, ignore_errors=True)


def fill(new: Path, release: Release, live: Path | None) -> None:
    """Make the folder of a release: what the live one has is linked, what is new is copied."""
    new.mkdir()
    for path, sha in {**release.manifest.files, MANIFEST: ""}.items():
        take(path, sha, live, release.folder, new)
    if live:
        carry(release, live, new)
    for folder in (new, *(p for p in new.rglob("*") if p.is_dir())):
        folder.chmod(0o755)  # also where the author's umask is narrow


def take(path: str, sha: str, live: Path | None, built: Path, new: Path) -> None:
    """Put one file into a new release: a hard link where the live one has its bytes.

    So the file's time stays, and with it the ETag that a web server makes of it.
    """
    place = new / path
    place.parent.mkdir(parents=True, exist_ok=True)
    if live and sha and has_bytes(live / path, sha):
        with suppress(OSError):  # another file system, or one without hard links
            place.hardlink_to(live / path)
            return
    shutil.copyfile(built / path, place)
    place.chmod(0o644)


def carry(release: Release, live: Path, into: Path) -> None:
    """Link into a release what pages of the live one load and the release has not."""
    for path in release.carried(read(live)):
        place = into / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists() and (live / path).exists():
            try:
                place.hardlink_to(live / path)
            except OSError:
                shutil.copyfile(live / path, place)


def read(folder: Path) -> Manifest:
    """Return the manifest of a release's folder."""
    path = folder / MANIFEST
    return Manifest.read(path.read_bytes(), str(path))


def is_good(folder: Path) -> bool:
    """Return whether a folder has every file as its own manifest says.

    One that was edited by hand may share its files with others.
    """
    with suppress(ProblemsFound, OSError):
        return is_whole(folder, read(folder))
    return False


def is_whole(folder: Path, manifest: Manifest) -> bool:
    """Return whether a folder has every file as the manifest says."""
    return all(has_bytes(folder / path, sha) for path, sha in manifest.files.items())


def has_bytes(path: Path, sha: str) -> bool:
    """Return whether there is a file whose bytes have that SHA-256."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha


def id_of(folder: Path) -> str:
    """Return the id of the release in a folder."""
    return folder.name.partition("-")[2]


def time_of(folder: Path) -> datetime:
    """Return when the release in a folder was put there."""
    return datetime.strptime(folder.name.partition("-")[0], TIME).replace(tzinfo=UTC)


@contextmanager
def said(path: str) -> Iterator[None]:
    """Say what the file system refuses as a problem of the target."""
    try:
        yield
    except OSError as error:
        must = "must be a folder that can be written to, with room"
        raise failure(str(error.filename or path), must, error.strerror or str(error)) from None
