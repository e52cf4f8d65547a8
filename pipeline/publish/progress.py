"""What the author sees while a release is made, and work on many files at once."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress

from rich.console import Console
from rich.progress import track

WORKERS = 16


def echo(line: str, end: str = "\n") -> None:
    """Print a line at once. If the reader of the output has gone, the release goes on.

    What the encoding of the output lacks becomes "?".
    """
    encoding = sys.stdout.encoding or "utf-8"
    line = line.encode(encoding, "replace").decode(encoding)
    with suppress(BrokenPipeError):
        sys.stdout.write(f"{line}{end}")
        sys.stdout.flush()


@contextmanager
def step(label: str) -> Iterator[None]:
    """Print what is done now, and how long it took in the end."""
    echo(label, " ... ")
    start = time.monotonic()
    try:
        yield
    finally:
        echo(f"{time.monotonic() - start:.1f} s")


def run_concurrently(
    work: Callable[[str], object],
    items: Iterable[str],
    label: str,
    renew: Callable[[], None] = lambda: None,
) -> None:
    """Call `work` for each item, several at once, with a progress bar on a terminal.

    The first error stops the items that have not begun, and is raised. `renew` is called after
    each item, in this thread.
    """
    todo = list(items)
    console = Console(stderr=True)
    with ThreadPoolExecutor(WORKERS) as threads:
        try:
            running = [threads.submit(work, item) for item in todo]
            finished = as_completed(running)
            hidden = not console.is_terminal
            for done in track(finished, label, len(todo), console=console, disable=hidden):
                done.result()
                renew()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
