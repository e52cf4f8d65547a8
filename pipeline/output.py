"""The output folder: a build goes into a folder beside it and takes its place when it is complete.

A build that fails or is killed leaves the last good output as it was.
"""

import filecmp
import os
import re
import shutil
import time
from collections.abc import Collection
from pathlib import Path

from pipeline.problems import Problem, ProblemsFound

# How a folder that an earlier build made is known
GENERATOR = b'<meta name="generator" content="Pelican'
MARKER = ".pipeline-build"
LEFT_OVER_AFTER = 3600  # seconds
OLD = ".old"


def staging_folder(live: Path) -> Path:
    """Return where the build goes that will become `live`: beside it, so that a rename will do."""
    return live.parent / f".{live.name}.{os.getpid()}"


def clear_staging(new: Path, live: Path, keep: Collection[str] = ()) -> None:
    """Remove what this process or a killed build left in the staging folders.

    A build that was killed between its two renames has left the last good output, or what it was
    to keep of it (`keep`): that is put back.
    """
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


def swap(new: Path, live: Path, keep: Collection[str] = ()) -> None:
    """Put `new` in the place of `live`.

    Files whose bytes are the same keep their modification time, so that a web server's ETag and
    Last-Modified change only with the content. `keep` names entries of `live` to carry over
    (Pelican's OUTPUT_RETENTION).
    """
    for path in new.rglob("*"):
        before = live / path.relative_to(new)
        if path.is_file() and before.is_file() and filecmp.cmp(path, before, shallow=False):
            stat = before.stat()
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    if not live.exists():
        new.rename(live)
        return
    old = new.with_name(new.name + OLD)
    shutil.rmtree(old, ignore_errors=True)
    live.rename(old)
    new.rename(live)
    carry_over(old, live, keep)
    shutil.rmtree(old)


def write(path: Path, data: str | bytes) -> None:
    """Write a file of the build; text as UTF-8 with line feeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
