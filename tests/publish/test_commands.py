"""Programs that are called: they ask nobody, end in time, and tell no secrets."""

import socket
import sys
import time
from pathlib import Path

import pytest

from pipeline.problems import ProblemsFound
from pipeline.publish import commands
from pipeline.publish.commands import reason, redact, run
from pipeline.publish.git import Git


def python(code: str, **more: float) -> bytes:
    return run([sys.executable, "-c", code], place="host", must="must do it", **more)  # type: ignore[arg-type]


def test_what_a_program_says() -> None:
    assert python("print('x')") == b"x\n"


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import sys; sys.exit(3)", "exit code 3"),
        ("import sys; sys.exit('no room')", "no room"),
        ("print('why'); raise SystemExit(1)", "why"),
        (
            "import sys; sys.exit('fatal: https://me:secret@example.org/: no\\nerror: so')",
            "fatal: https://…@example.org/: no",
        ),
    ],
)
def test_why_a_program_failed(code: str, found: str) -> None:
    with pytest.raises(ProblemsFound) as error:
        python(code)
    assert str(error.value) == f"host: must do it: {found}"


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(ProblemsFound, match=r"host: must have the program no-such: not installed"):
        run(["no-such"], place="host", must="must do it")


def test_a_program_that_does_not_end_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    child = "import os, time; open('child', 'w').write(str(os.getpid())); time.sleep(60)"
    code = f"import os, subprocess, sys; os.chdir({str(tmp_path)!r}); subprocess.run("
    with pytest.raises(ProblemsFound, match=r"must do it: no answer for 1 s"):
        python(f"{code}[sys.executable, '-c', {child!r}])", timeout=1)
    number = int((tmp_path / "child").read_text())
    for _ in range(500):
        if not Path(f"/proc/{number}").exists() or zombie(number):
            return
        time.sleep(0.01)
    raise AssertionError("it still runs")


def zombie(number: int) -> bool:
    return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_nobody_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert python("import os; print(os.environ['GIT_TERMINAL_PROMPT'])") == b"0\n"
    assert python("import sys; print(sys.stdin.read())") == b"\n"


def test_a_host_that_stops_answering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(commands, "TIMEOUT", 0.5)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        with pytest.raises(ProblemsFound) as error:
            Git(f"http://me:secret@127.0.0.1:{port}/a.git").live()
    assert str(error.value) == (
        f"http://…@127.0.0.1:{port}/a.git: must be a repository that git can reach: "
        "no answer for 0.5 s"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://token@example.org/a", "https://…@example.org/a"),
        ("at HTTPS://a:b@c/d@e and ssh://git@f", "at HTTPS://…@c/d@e and ssh://…@f"),
        ("git@github.com:me/blog.git", "git@github.com:me/blog.git"),
        ("https://example.org/a@b", "https://example.org/a@b"),
    ],
)
def test_credentials_are_taken_out(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_the_reason_is_the_line_that_says_it() -> None:
    said = b"hint: a\nssh: connect to host a port 1: Connection refused\nfatal: Could not read\n"
    assert reason(said, 128) == "ssh: connect to host a port 1: Connection refused"
    assert reason(b"To a\n ! [rejected] x -> y (stale info)\nerror: failed to push\n", 1) == (
        "! [rejected] x -> y (stale info)"
    )
