"""Programs that targets run: without questions, with a time limit, without leaking credentials."""

import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.problems import ProblemsFound
from pipeline.publish.targets.base import failure

TIMEOUT = 300.0  # seconds
# A program that would ask fails instead: nobody may be there to answer.
NON_INTERACTIVE = {
    "GIT_TERMINAL_PROMPT": "0",
    "GCM_INTERACTIVE": "never",
    "SSH_ASKPASS_REQUIRE": "never",
    "CI": "1",
    "NO_COLOR": "1",
    "LC_ALL": "C.UTF-8",
}
# How a line begins that says why a program failed; the last two are wrangler's and netlify's
REASON = re.compile(
    r"! \[|(remote: )?(fatal|error|rsync error|ssh|rsync): ?|✘ \[error\]|. \w*error: ",
    re.IGNORECASE,
)
COLORS = re.compile("\x1b\\[[0-9;]*m")


@dataclass(frozen=True)
class Failure:
    """What is reported if a program fails; `hints` are patterns of its output, each with a hint."""

    place: str
    message: str
    hint: str = ""
    hints: Mapping[str, str] = field(default_factory=dict)

    def problem(self, output: bytes, code: int = 1) -> ProblemsFound:
        """Return the problem, from what the program printed and its exit code."""
        text = COLORS.sub("", output.decode("utf-8", "replace"))
        lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
        for pattern, hint in self.hints.items():
            if line := next((line for line in lines if re.search(pattern, line)), ""):
                return failure(self.place, f"{self.message}: {redact(line)}", hint)
        reasons = [line for line in lines if REASON.match(line)]
        reason = (reasons or lines[::-1] or [f"exit code {code}"])[0]
        return failure(self.place, f"{self.message}: {redact(reason)}", self.hint)


def run(
    command: Sequence[str],
    on_failure: Failure,
    *,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> bytes:
    """Run a program and return its standard output.

    `env` is added to the environment. `timeout` is in seconds (None: TIMEOUT). Raises ProblemsFound
    with the line that says why. All processes that it started end with it, also when this one is
    interrupted.
    """
    timeout = TIMEOUT if timeout is None else timeout
    with start(command, on_failure.place, env) as process:
        try:
            out, err = process.communicate(stdin, timeout)
        except subprocess.TimeoutExpired:
            raise on_failure.problem(b"no answer for %g s" % timeout) from None
        finally:
            end(process)
    if process.returncode:
        raise on_failure.problem(err or out, process.returncode)
    return out


def start(
    command: Sequence[str], place: str, env: Mapping[str, str] | None = None
) -> "subprocess.Popen[bytes]":
    """Start a program, with pipes. Raises ProblemsFound if it is not installed."""
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **NON_INTERACTIVE, **(env or {})},
            start_new_session=os.name == "posix",
        )
    except FileNotFoundError:
        hint = f"install {command[0]}"
        raise failure(place, f"{command[0]} is not installed", hint, "missing-program") from None


def end(process: "subprocess.Popen[bytes]") -> None:
    """Kill a program that still runs, and all that it started."""
    if process.poll() is None:
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()


def redact(text: str) -> str:
    """Return the text with the credentials of every URL in it removed (RFC 3986, 3.2.1)."""
    return re.sub(r"\b([a-z][a-z0-9+.-]*://)[^\s/@]+@", r"\1…@", text, flags=re.IGNORECASE)
