"""The output folder: a build goes into a folder beside it and takes its place when it is complete.

A build that fails or is killed leaves the last good output as it was.
"""
# ruff: noqa: PTH108, PTH116, PTH123
# With thousands of files, Path objects cost more than the calls.

import filecmp
import hashlib
import os
import pickle
import re
import shutil
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import gettempdir
from typing import NamedTuple, cast

from pipeline.memo import Memo, Result, code_version, digest_of
from pipeline.problems import Problem, ProblemsFound

# How a folder that an earlier build made is known
GENERATOR = b'<meta name="generator" content="Pelican'
MARKER = ".pipeline-build"
LEFT_OVER_AFTER = 3600  # seconds
OLD = ".old"
OURS = "ours"


def staging_folder(live: Path) -> Path:
    """Return where the build goes that will become `live`: beside it, so that a rename will do."""
    return live.parent / f".{live.name}.{os.getpid()}"


def clear_staging(new: Path, live: Path, keep: Collection[str] = ()) -> None:
    """Remove what this process or a killed build left in the staging folders.

    A build that was killed between its two renames has left the last good output, or what it was
    to keep of it (`keep`): that is put back.
    """
    with swap_lock(live):
        _clear_staging(new, live, keep)


def swap_lock(live: Path) -> AbstractContextManager[object]:
    """Return the lock for putting a folder in the place of `live`: two builds may run at once."""
    from filelock import FileLock  # slow to import

    name = hashlib.sha256(str(live).encode()).hexdigest()[:16]
    return FileLock(Path(gettempdir(), f"pipeline-{name}.lock"))


def _clear_staging(new: Path, live: Path, keep: Collection[str]) -> None:
    for folder in sorted(new.parent.glob(f".{live.name}.*")):
        if not re.fullmatch(r"\d+(\.old)?", folder.name.removeprefix(f".{live.name}.")):
            continue
        if folder.suffix == OLD and not live.exists():
            folder.rename(live)
            continue
        if folder.suffix == OLD:
            carry_over(folder, live, keep)
        if folder == new or time.time() - folder.stat().st_mtime > LEFT_OVER_AFTER:
            shutil.rmtree(folder)


def carry_over(folder: Path, live: Path, keep: Collection[str]) -> None:
    """Move the entries named by `keep` from a folder into `live`, where they are missing there."""
    for name in keep:
        if (folder / name).exists() and live.is_dir() and not (live / name).exists():
            (folder / name).rename(live / name)


def refuse_foreign(live: Path) -> None:
    """Raise ProblemsFound when `live` holds files that no build of Pelican made."""
    if not live.exists() or (live.is_dir() and not any(live.iterdir())):
        return
    home = live / "index.html"
    if (live / MARKER).is_file() or (home.is_file() and GENERATOR in home.read_bytes()):
        return
    message = "the output folder has files that no build made, and a build would delete them"
    hint = "choose another with --output, or empty it"
    raise ProblemsFound([Problem("output-folder", str(live), 0, message, hint)])


# The content of a file, possibly not computed yet; text is written as UTF-8 with line feeds
Data = str | bytes | Result[str] | Result[bytes]


class Written(NamedTuple):
    """A file of a finished build.

    `key` is the memo's of its content (OURS: it has none, "": others have written the file),
    `digest` the SHA-256 of its bytes, `size` in bytes, `mtime` in nanoseconds.
    """

    key: str
    digest: str
    size: int
    mtime: int


class Staging:
    """The folder of a build, which takes the place of `live` when it is complete.

    `known` are the files of the build that made `live`. A file that has not changed since is linked
    instead of written, so that its modification time stays: a web server's ETag and Last-Modified
    change only with the content. `copies`: copy it, because something may write into it.
    """

    def __init__(
        self,
        folder: Path,
        live: Path,
        known: Mapping[str, Written] | None = None,
        copies: bool = False,
    ) -> None:
        self.folder = folder
        self.live = live
        self.known = known or {}
        self.copies = copies
        self.written: dict[str, Written] = {}
        self._folders: set[str] = set()

    def write(self, name: str, data: Data) -> None:
        """Write a file, or take it from `live` where nothing has changed."""
        known = self.known.get(name)
        key = data.digest if isinstance(data, Result) else OURS
        if known and key != OURS and known.key == key and self.take(name, known):
            return
        value: str | bytes = data() if isinstance(data, Result) else data
        body = value.encode("utf-8") if isinstance(value, str) else value
        digest = hashlib.sha256(body).hexdigest()
        if known and known.digest == digest and self.take(name, known._replace(key=key)):
            return
        path = self._place(name)
        with open(path, "wb") as file:
            file.write(body)
        self.written[name] = Written(key, digest, len(body), os.stat(path).st_mtime_ns)

    def take(self, name: str, known: Written) -> bool:
        """Link a file of `live`; return whether it is there as `known` says."""
        live, path = f"{self.live}/{name}", self._place(name)
        try:
            stat = os.stat(live)
            if (stat.st_size, stat.st_mtime_ns) != (known.size, known.mtime):
                return False
            if self.copies:
                shutil.copy2(live, path)
            else:
                os.link(live, path)
        except FileNotFoundError:
            return False
        except OSError:  # a file system without hard links
            shutil.copy2(live, path)
        self.written[name] = known
        return True

    def finish(self) -> dict[str, Written]:
        """Return every file of the folder by its path, those that others have written included."""
        found = {}
        for name, stat in walk(self.folder):
            file = self.written.get(name)
            if not file or (file.size, file.mtime) != (stat.st_size, stat.st_mtime_ns):
                data = Path(self.folder, name).read_bytes()
                file = Written("", hashlib.sha256(data).hexdigest(), len(data), stat.st_mtime_ns)
            if name not in self.written or name not in self.known:
                file = self._keep_time(name, file)
            found[name] = file
        return dict(sorted(found.items()))

    def swap(self, keep: Collection[str] = ()) -> None:
        """Put the folder in the place of `live`.

        `keep` names entries of `live` to carry over (Pelican's OUTPUT_RETENTION).
        """
        if not self.live.exists():
            self.folder.rename(self.live)
            return
        old = self.folder.with_name(self.folder.name + OLD)
        shutil.rmtree(old, ignore_errors=True)
        with swap_lock(self.live):
            self.live.rename(old)
            self.folder.rename(self.live)
            carry_over(old, self.live, keep)
        shutil.rmtree(old)

    def _place(self, name: str) -> str:
        folder = name.rpartition("/")[0]
        if folder not in self._folders:
            Path(self.folder, folder).mkdir(parents=True, exist_ok=True)
            self._folders.add(folder)
        path = f"{self.folder}/{name}"
        if name in self.written:  # it may be a link to the file of `live`
            os.unlink(path)
        return path

    def _keep_time(self, name: str, file: Written) -> Written:
        """Give a file the modification time that it has in `live`, where its bytes are the same."""
        before, path = self.live / name, self.folder / name
        if before.is_file() and filecmp.cmp(path, before, shallow=False):
            stat = before.stat()
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
            return file._replace(mtime=stat.st_mtime_ns)
        return file


def walk(folder: Path, links: bool = False) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the path below a folder of every file in it, with its status.

    `links`: also in folders that are symbolic links.
    """
    folders = [""]
    while folders:
        inside = folders.pop()
        with os.scandir(folder / inside) as entries:
            for entry in entries:
                name = f"{inside}{entry.name}"
                if entry.is_dir(follow_symlinks=links):
                    folders.append(f"{name}/")
                elif entry.is_file():
                    yield name, entry.stat()


def save_files(memo: Memo, live: Path, files: Mapping[str, Written], maker: str) -> None:
    """Keep the files of a build into a folder; `maker` is the key of its state."""
    memo.put(digest_of("files", live, code_version()), pickle.dumps((maker, files)))


def known_files(memo: Memo, live: Path, maker: str | None = None) -> dict[str, Written]:
    """Return the files of the last build into a folder by their paths.

    There are none if it is not known, or if it was not the build of `maker`.
    """
    found = memo.get(digest_of("files", live, code_version()))
    made_by, files = pickle.loads(found) if found else ("", {})
    return cast("dict[str, Written]", files if maker in (None, made_by) else {})


def is_intact(live: Path, files: Mapping[str, Written]) -> bool:
    """Return whether all files of a build are in its folder as they were written."""
    try:
        for name, file in files.items():
            stat = os.stat(f"{live}/{name}")
            if (stat.st_size, stat.st_mtime_ns) != (file.size, file.mtime):
                return False
    except OSError:
        return False
    return bool(files)
