"""Programs that targets call: without questions, with an end, and silent about credentials."""

import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence

from pipeline.publish.target import failure

TIMEOUT = 300.0  # seconds
# A program that would ask fails instead: nobody may be there to answer.
UNASKED = {
    "GIT_TERMINAL_PROMPT": "0",
    "GCM_INTERACTIVE": "never",
    "SSH_ASKPASS_REQUIRE": "never",
    "LC_ALL": "C.UTF-8",
}
# How a line begins that says why; what follows it only says that.
MEANT = re.compile(
    r"! \[|(remote: )?(fatal|error|rsync error|ssh|rsync): ?|✘ \[error\]|› \w*error: ",
    re.IGNORECASE,
)
COLOURS = re.compile("\x1b\\[[0-9;]*m")


def run(
    command: Sequence[str],
    *,
    place: str,
    must: str,
    fix: str = "",
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    timeout: float = 0,
    remedies: Mapping[str, str] | None = None,
) -> bytes:
    """Run a program and return what it wrote to its standard output.

    `place`, `must` and `fix` are those of the problem when it fails, `remedies` patterns of what it
    may say, each with a better fix; `env` is added to this process's own; `timeout` is in seconds
    (0: TIMEOUT). Raises ProblemsFound with the line that says why. What it started ends with it,
    also when this process is interrupted.
    """
    timeout = timeout or TIMEOUT
    process = start(command, place, env)
    with process:
        try:
            out, err = process.communicate(stdin, timeout)
        except subprocess.TimeoutExpired:
            raise failure(place, must, f"no answer for {timeout:g} s", fix) from None
        finally:
            end(process)
    if process.returncode:
        found, cure = explain(err or out, process.returncode, remedies or {})
        raise failure(place, must, found, cure or fix)
    return out


def start(
    command: Sequence[str], place: str, env: Mapping[str, str] | None = None
) -> "subprocess.Popen[bytes]":
    """Start a program, with pipes. Raises ProblemsFound when it is not there."""
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **UNASKED, **(env or {})},
            start_new_session=os.name == "posix",
        )
    except FileNotFoundError:
        must = f"must have the program {command[0]}"
        raise failure(place, must, "not installed", f"install {command[0]}") from None


def explain(said: bytes, code: int, remedies: Mapping[str, str]) -> tuple[str, str]:
    """Return why a program failed, and what mends it ("": it is not known)."""
    for pattern, fix in remedies.items():
        for line in lines_of(said):
            if re.search(pattern, line):
                return redact(line), fix
    return reason(said, code), ""


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a program that still runs, and all that it started."""
    if process.poll() is None:
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()


def reason(said: bytes, code: int) -> str:
    """Return the line in which a program says why it failed, without credentials."""
    lines = lines_of(said)
    meant = [line for line in lines if MEANT.match(line)]
    return redact((meant or [line for line in lines[::-1] if line] or [f"exit code {code}"])[0])


def lines_of(said: bytes) -> list[str]:
    """Return the lines that a program said, without colours."""
    text = COLOURS.sub("", said.decode("utf-8", "replace"))
    return [" ".join(line.split()) for line in text.splitlines()]


def redact(text: str) -> str:
    """Return the text with the credentials of every URL in it taken out (RFC 3986, 3.2.1)."""
    return re.sub(r"\b([a-z][a-z0-9+.-]*://)[^\s/@]+@", r"\1…@", text, flags=re.IGNORECASE)
