"""What the gate costs: `invoke check` beside the build alone, as a ratio on this machine.

    .venv/bin/python -m benchmarks.check            the real site, and 100 and 1,000 posts
    .venv/bin/python -m benchmarks.check 300        another number of posts

Each command runs three times in a copy of the project, by turns; the median counts. The first
build of each site, which makes its pictures, is not counted.
"""

import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.corpus import write_corpus

ROOT = Path(__file__).parent.parent
ROUNDS = 3


def measure(project: Path, *command: str) -> float:
    """Return the seconds that an invoke task takes. Raises CalledProcessError where it fails."""
    begin = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "invoke", *command],
        cwd=project,
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    return time.perf_counter() - begin


def compare(project: Path) -> tuple[float, float]:
    """Return the median seconds of the production build alone, and of the gate."""
    measure(project, "preview")
    rounds = [(measure(project, "preview"), measure(project, "check")) for _ in range(ROUNDS)]
    build, check = zip(*rounds, strict=True)
    return statistics.median(build), statistics.median(check)


def main(counts: list[int]) -> None:
    """Print a line a site."""
    print(f"{'site':>12} {'build':>8} {'check':>8} {'ratio':>6}")
    for count in counts:
        with TemporaryDirectory() as folder:
            kept = shutil.ignore_patterns(".*", "output", "__pycache__")
            project = Path(shutil.copytree(ROOT, Path(folder, "project"), ignore=kept))
            if count:
                for name in ("posts", "pages"):
                    shutil.rmtree(project / "content" / name)
                write_corpus(project / "content", count)
            build, check = compare(project)
            name = f"{count} posts" if count else "the real one"
            print(f"{name:>12} {build:>7.1f}s {check:>7.1f}s {check / build:>6.2f}", flush=True)


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [0, 100, 1000])
