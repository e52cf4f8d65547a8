"""Deploying in a process of its own that is killed at any moment."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.publish.release import Release

ROOT = Path(__file__).parents[2]
KILLS = 20
# A process that imports once, and forks one for each line, a release's folder, to deploy it.
DEPLOYER = """
import json, os, sys
from pathlib import Path
from pipeline.publish.release import MANIFEST, Manifest, Release
from pipeline.publish.targets.base import make_target
from pipeline.settings import Settings

options = json.loads(sys.argv[1])
target = make_target(Settings("publishconf.py", publish_targets={"it": options}), "it")
# boto3 takes its time for a client: once, and before there is a connection.
getattr(getattr(target, "bucket", None), "client", None)
for line in sys.stdin:
    folder = Path(line.rstrip("\\n"))
    child = os.fork()
    if not child:
        os.setsid()
        manifest = Manifest.read((folder / MANIFEST).read_bytes(), "it")
        with target.lock():
            target.current()
            target.deploy(Release(folder, manifest))
        os._exit(0)
    print(child, flush=True)
    sys.stdin.readline()  # until then its number is its own
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
Deploy = Callable[[Release, float | None], int]


@contextmanager
def deployer(options: Mapping[str, Any]) -> Iterator[Deploy]:
    """Give a function that deploys a release and returns the exit code.

    With a number of seconds it is killed after them: the code is -9, or 0 if it was faster.
    """
    command = [sys.executable, "-c", DEPLOYER, json.dumps(options)]
    pipe = subprocess.PIPE
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=env) as process:
        assert process.stdin and process.stdout
        stdin, stdout = process.stdin, process.stdout

        def deploy(release: Release, kill_after: float | None = None) -> int:
            stdin.write(f"{release.folder}\n")
            stdin.flush()
            child = int(stdout.readline())
            if kill_after is not None:
                time.sleep(kill_after)
                os.kill(child, signal.SIGKILL)
            stdin.write("\n")
            stdin.flush()
            return int(stdout.readline())

        yield deploy
        stdin.close()


def kill_at_random(
    options: Mapping[str, Any],
    releases: tuple[Release, Release],
    after: Callable[[], None],
    kills: int = KILLS,
) -> None:
    """Deploy two releases in turn, each killed on its way, until `kills` of them were.

    The moments are spread at random over the time that a whole deploy takes, the same each time.
    `after` is called after each.
    """
    chance = random.Random(2026)
    with deployer(options) as deploy:
        assert deploy(releases[1], None) == 0  # the first waits for the imports
        start = time.monotonic()
        assert deploy(releases[0], None) == 0
        whole = time.monotonic() - start
        killed = turn = 0
        while killed < kills:
            turn += 1
            assert turn < 10 * kills, "a deploy ends before it can be killed"
            killed += deploy(releases[turn % 2], chance.uniform(0, whole)) == -signal.SIGKILL
            after()
