"""Work on many things at once, and how far it has come."""

import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed

WORKERS = 16
WIDTH = 30  # characters


def at_once(
    work: Callable[[str], object],
    things: Iterable[str],
    label: str,
    beat: Callable[[], None] = lambda: None,
) -> None:
    """Do the work for each thing, several at once, and show how far it has come on a terminal.

    The first that fails ends it: those that have not begun are left. `beat` is called after each,
    in this thread.
    """
    todo = list(things)
    with ThreadPoolExecutor(WORKERS) as threads:
        try:
            running = [threads.submit(work, thing) for thing in todo]
            for count, done in enumerate(as_completed(running), 1):
                done.result()
                show(label, count, len(todo))
                beat()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)


def show(label: str, count: int, total: int) -> None:
    """Draw a bar on the error output, where that is a terminal."""
    if not sys.stderr.isatty():
        return
    bar = "#" * (WIDTH * count // total)
    end = "\n" if count == total else ""
    sys.stderr.write(f"\r{label} [{bar:<{WIDTH}}] {count}/{total}{end}")
    sys.stderr.flush()
