"""A build goes into a folder of its own, and takes the output's place when it is whole.

So a build that fails, or is killed, leaves the last good output as it was.
"""

import filecmp
import os
import re
import shutil
import time
from collections.abc import Collection
from pathlib import Path

from pipeline.problems import Problem, ProblemsFound

# How a folder is known that an earlier build made (theme/templates/base.html).
GENERATOR = b'<meta name="generator" content="Pelican">'
LEFT_OVER_AFTER = 3600  # seconds
OLD = ".old"


def staging(live: Path) -> Path:
    """Return where the build goes that will become `live`: beside it, so that a rename will do."""
    return live.parent / f".{live.name}.{os.getpid()}"


def clear(new: Path, live: Path) -> None:
    """Remove what this build or a killed one left in the staging folders.

    What was killed between its two renames has left the last good output: it is put back.
    """
    for folder in sorted(new.parent.glob(f".{live.name}.*")):
        if not re.fullmatch(r"\d+(\.old)?", folder.name.removeprefix(f".{live.name}.")):
            continue
        if folder.suffix == OLD and not live.exists():
            folder.rename(live)
        elif folder == new or time.time() - folder.stat().st_mtime > LEFT_OVER_AFTER:
            shutil.rmtree(folder)


def refuse_foreign(live: Path) -> None:
    """Raise ProblemsFound when `live` holds something that no build of ours made."""
    if not live.exists() or (live.is_dir() and not any(live.iterdir())):
        return
    home = live / "index.html"
    if not home.is_file() or GENERATOR not in home.read_bytes():
        must = "must be empty, or the output of an earlier build, which this one would replace"
        fix = "choose another with --output, or empty it"
        raise ProblemsFound([Problem(str(live), 0, must, "other files", fix)])


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
    if live.exists():
        old = new.with_name(new.name + OLD)
        shutil.rmtree(old, ignore_errors=True)
        live.rename(old)
        new.rename(live)
        for name in keep:
            if (old / name).exists() and not (live / name).exists():
                (old / name).rename(live / name)
        shutil.rmtree(old)
    else:
        new.rename(live)


def write(path: Path, text: str) -> None:
    """Write a file of the build."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", newline="\n")
