"""Whether the same sources give the same bytes."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pipeline.problems import Problem

BUILD = "import sys; from pipeline.build import build; build(sys.argv[1], sys.argv[2:])"


@contextmanager
def second_build(
    settings: str, output: Path, arguments: Sequence[str]
) -> Iterator[Callable[[], Path]]:
    """Build once more beside what the caller does; give a function that waits for the folder.

    The other process has another order of hashes, another time zone and another language.
    """
    command = [sys.executable, "-c", BUILD, settings, *arguments, "--output", str(output)]
    different = {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8"}
    process = subprocess.Popen(
        command,
        env={**os.environ, **different},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def wait() -> Path:
        process.wait()
        return output

    try:
        yield wait
    finally:
        process.kill()
        process.wait()


def same_bytes(first: Path, second: Path) -> Iterator[Problem]:
    """Two builds of the same sources give the same files with the same bytes.

    Otherwise every publish would send pages that have not changed, caches and feed readers would
    take them for new, and nobody could say what a release holds. Look for a time, a random number
    or an order by chance in the template or stage that makes the file. There is no excuse from
    this one.
    """
    if not second.is_dir():
        yield Problem("", 0, "must build a second time", "the other process ended without a site")
        return
    names = {
        path.relative_to(folder).as_posix()
        for folder in (first, second)
        for path in folder.rglob("*")
        if path.is_file()
    }
    for name in sorted(names):
        here, there = first / name, second / name
        if not there.is_file() or not here.is_file():
            found = "only one of the two has it"
        elif here.read_bytes() != there.read_bytes():
            found = f"they differ from byte {_difference(here.read_bytes(), there.read_bytes())} on"
        else:
            continue
        yield Problem(f"/{name}", 0, "two builds must give the same bytes", found)


def _difference(one: bytes, other: bytes) -> int:
    shorter = min(len(one), len(other))
    return next((n for n in range(shorter) if one[n] != other[n]), shorter)
