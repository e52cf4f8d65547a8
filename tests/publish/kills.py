"""Publishing in a process of its own, to be killed at any moment."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pipeline.publish.release import Release
from tests.conftest import ROOT

KILLS = 20
# A process that imports once, and forks one for each line, a release's folder, to put it there.
PUTTER = """
import json, os, sys
from pathlib import Path
from pipeline.publish.release import MANIFEST, Manifest, Release
from pipeline.publish.target import make_target

target = make_target({"PUBLISH_TARGETS": {"it": json.loads(sys.argv[1])}}, "it")
# boto3 takes its time for a client: once, and before a connection is there.
getattr(getattr(target, "store", None), "client", None)
for line in sys.stdin:
    folder = Path(line.rstrip("\\n"))
    child = os.fork()
    if not child:
        os.setsid()
        manifest = Manifest.read((folder / MANIFEST).read_bytes(), "it")
        with target.lock():
            target.live()
            target.put(Release(folder, manifest))
        os._exit(0)
    print(child, flush=True)
    sys.stdin.readline()  # until then its number is its own
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Putter:
    """Puts releases on a target whose options, with its kind, are given."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        command = [sys.executable, "-c", PUTTER, json.dumps(options)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT)

    def put(self, release: Release, kill_after: float | None = None) -> int:
        """Put a release; return how it ended: 0, or -9 when it was killed after some seconds."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{release.folder}\n")
        self.process.stdin.flush()
        child = int(self.process.stdout.readline())
        if kill_after is not None:
            time.sleep(kill_after)
            os.kill(child, signal.SIGKILL)
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def putter(options: Mapping[str, Any]) -> Iterator[Putter]:
    """Give a `Putter` and end it."""
    made = Putter(options)
    with made.process:
        yield made
        assert made.process.stdin
        made.process.stdin.close()


def kill_at_random(
    options: Mapping[str, Any],
    releases: tuple[Release, Release],
    after: Callable[[], None],
    kills: int = KILLS,
) -> None:
    """Put two releases in turn, each killed on its way, until `kills` of them were.

    The moments are spread over the time that a whole put takes, at random, and the same each time.
    `after` is called after each.
    """
    chance = random.Random(2026)
    with putter(options) as it:
        assert it.put(releases[1]) == 0  # the first waits for the imports
        began = time.monotonic()
        assert it.put(releases[0]) == 0
        whole = time.monotonic() - began
        killed = turn = 0
        while killed < kills:
            turn += 1
            assert turn < 10 * kills, "a put ends before it can be killed"
            killed += it.put(releases[turn % 2], chance.uniform(0, whole)) == -signal.SIGKILL
            after()
