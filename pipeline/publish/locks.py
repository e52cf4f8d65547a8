"""One at a time: a file that is locked as long as its process lives."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pipeline.publish.target import failure


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file; raise ProblemsFound when another process on this machine has it.

    The system takes it from a process that ends, however it ends. The file stays.
    """
    with path.open("a+", encoding="ascii") as file:
        try:
            take(file)
        except OSError:
            file.seek(0)
            found = f"process {file.read().strip() or 'unknown'} is at it"
            raise failure(str(path), "must be published to by one at a time", found) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def take(file: IO[str]) -> None:
    """Lock an open file without waiting. Raises OSError when another has it."""
    if os.name == "posix":
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:
        import msvcrt

        # A byte far behind the text, which others may read.
        file.seek(1 << 20)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
