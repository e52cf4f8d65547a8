"""A folder on this machine: what a web server here serves.

`releases/<time>-<id>/` are the releases, and `current` is a link to the live one, replaced by a
rename, which is atomic (POSIX rename). A release is complete before it is linked. Where no link
can be made (Windows without its developer mode), `current` is a copy, exchanged by two renames.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.problems import ProblemsFound
from pipeline.publish.release import MANIFEST, Manifest, Release
from pipeline.publish.targets.base import (
    KEEP,
    NAME,
    StoredRelease,
    Target,
    already_running,
    failure,
    lock_owner,
    new_name,
    translate_errors,
)

CURRENT = "current"


@dataclass(frozen=True)
class Directory(Target):
    """`path` is the folder, `url` where its `current` is served ("": nowhere)."""

    path: str = "public"
    url: str = ""

    @property
    def location(self) -> str:
        """The URL, or the folder that a web server should serve."""
        return self.url or f"{self.path}/{CURRENT}"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold a lock file in the folder; its owner is in a file beside it."""
        owner = self.root / ".lock-owner"
        with translate_errors(self.path):
            self.releases.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.root / ".lock", blocking=False)
            try:
                lock.acquire()
            except Timeout:
                running = owner.read_text("utf-8").strip() if owner.exists() else ""
                raise already_running(self.path, running) from None
            owner.write_text(f"{lock_owner()}\n", "utf-8")
        try:
            yield
        finally:
            owner.unlink(missing_ok=True)
            lock.release()

    def current(self) -> Manifest | None:
        """Return the manifest of the release that is linked."""
        with translate_errors(self.path):
            folder = self.live_folder()
            return read_manifest(folder) if folder else None

    def deploy(self, release: Release) -> int:
        """Copy what is new, hard-link what is not, and link the release."""
        with translate_errors(self.path):
            # What killed publishers left; we hold the lock, so nobody uses it.
            for link in self.root.glob(f".{CURRENT}.*"):
                remove(link)
            for folder in self.releases.glob(".*"):
                shutil.rmtree(folder, ignore_errors=True)
            live = self.live_folder()
            if live and read_manifest(live).id == release.manifest.id and is_complete(live):
                return 0
            name = new_name(release)
            new = self.releases / f".{name}"
            try:
                new.mkdir()
                for path, digest in {**release.manifest.files, MANIFEST: ""}.items():
                    same = live is not None and has_bytes(live / path, digest)
                    source = live if live and same else release.folder
                    link_or_copy(source / path, new / path, link=same)
                if live:
                    retain_assets(release.retained(read_manifest(live)), live, new)
                for folder in (new, *(p for p in new.rglob("*") if p.is_dir())):
                    folder.chmod(0o755)  # also if the author's umask is narrow
                self.link(new.rename(self.releases / name))
            finally:
                shutil.rmtree(new, ignore_errors=True)
            self.prune()
        return 0

    def list_releases(self) -> list[StoredRelease]:
        """Return the releases in the folder, newest first."""
        with translate_errors(self.path):
            live = self.linked()
            return [StoredRelease.named(f.name, f == live) for f in self.folders()]

    def activate(self, release: StoredRelease) -> None:
        """Link the folder of a release; the assets of the live release stay with it."""
        with translate_errors(self.path):
            folder = self.releases / release.name
            if not is_complete(folder):
                message = f"release {release.id} has been modified and is no longer complete"
                raise failure(self.path, message, "see invoke releases", "unknown-release")
            live = self.linked()
            if live and live != folder:
                with suppress(ProblemsFound, OSError):  # a broken one has nothing to retain
                    missing = Release(folder, read_manifest(folder)).retained(read_manifest(live))
                    retain_assets(missing, live, folder)
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
        """Return the folders of the complete releases, newest first."""
        found = self.releases.iterdir() if self.releases.exists() else ()
        return sorted((f for f in found if NAME.fullmatch(f.name)), reverse=True)

    def linked(self) -> Path | None:
        """Return the folder that `current` leads to, complete or not; None without one."""
        link = self.root / CURRENT
        if link.is_symlink():
            return self.root / link.readlink()
        if (link / MANIFEST).is_file():  # a copy
            live = read_manifest(link).id
            return next((f for f in self.folders() if f.name.endswith(f"-{live}")), None)
        if link.exists():
            message = f"{CURRENT} exists but was not created by publish"
            raise failure(str(link), message, "move it away, or choose another path", "foreign")
        return None

    def live_folder(self) -> Path | None:
        """Return the folder of the live release. Raises ProblemsFound if the link is broken."""
        folder = self.linked()
        if folder and (folder.parent != self.releases or not (folder / MANIFEST).is_file()):
            message = f"{CURRENT} does not lead to a release: {folder.name}"
            hint = "activate one: invoke releases, invoke rollback"
            raise failure(str(self.root / CURRENT), message, hint, "broken-release")
        return folder

    def link(self, folder: Path) -> None:
        """Make `current` lead to a release, atomically."""
        new = self.root / f".{CURRENT}.{os.getpid()}"
        remove(new)
        try:
            new.symlink_to(folder.relative_to(self.root), target_is_directory=True)
            new.replace(self.root / CURRENT)
        except OSError:
            remove(new)
            self.exchange(folder, new)

    def exchange(self, folder: Path, new: Path) -> None:
        """Make `current` a copy of a release, whose files are the same where links can be made."""
        for path in (p for p in folder.rglob("*") if p.is_file()):
            link_or_copy(path, new / path.relative_to(folder))
        live, old = self.root / CURRENT, new.with_name(f"{new.name}.old")
        if live.exists():
            live.rename(old)
        new.rename(live)
        remove(old)

    def prune(self) -> None:
        """Remove all but the last releases and the live one."""
        live = self.live_folder()
        for folder in self.folders()[KEEP:]:
            if folder != live:
                hidden = folder.rename(folder.with_name(f".{folder.name}"))
                shutil.rmtree(hidden, ignore_errors=True)


def remove(path: Path) -> None:
    """Remove a link, or a folder with all that is in it; neither need be there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def link_or_copy(source: Path, place: Path, link: bool = True) -> None:
    """Put a file at its place in a release, as a hard link if it can be one.

    So the time of a file that stays is kept, and with it the ETag that a web server makes of it.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    if link:
        with suppress(OSError):  # another file system, or one without hard links
            place.hardlink_to(source)
            return
    shutil.copyfile(source, place)
    place.chmod(0o644)


def retain_assets(paths: Iterable[str], live: Path, into: Path) -> None:
    """Link files of the live release into another, which does not have them."""
    for path in paths:
        if (live / path).exists() and not (into / path).exists():
            link_or_copy(live / path, into / path)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a release's folder. Raises ProblemsFound and OSError."""
    path = folder / MANIFEST
    return Manifest.read(path.read_bytes(), str(path))


def is_complete(folder: Path) -> bool:
    """Return whether a folder has every file as its manifest says.

    One that was edited by hand may share its files with others.
    """
    with suppress(ProblemsFound, OSError):
        files = read_manifest(folder).files
        return all(has_bytes(folder / path, digest) for path, digest in files.items())
    return False


def has_bytes(path: Path, digest: str) -> bool:
    """Return whether there is a file whose bytes have that SHA-256."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest
