"""Programs that are run: they ask nobody, end in time, and leak no credentials."""

import sys
import time
from pathlib import Path

import pytest

from pipeline.problems import ProblemsFound
from pipeline.publish.programs import Failure, redact, run

FAILURE = Failure("host", "it failed")


def python(code: str, timeout: float | None = None) -> bytes:
    return run([sys.executable, "-c", code], FAILURE, timeout=timeout)


def test_run_success_returns_output() -> None:
    assert python("print('x')") == b"x\n"
    assert python("import os; print(os.environ['GIT_TERMINAL_PROMPT'])") == b"0\n"
    assert python("import sys; print(sys.stdin.read())") == b"\n"


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
def test_run_failure_has_the_reason(code: str, found: str) -> None:
    with pytest.raises(ProblemsFound) as error:
        python(code)
    [problem] = error.value.problems
    assert (problem.path, problem.message) == ("host", f"it failed: {found}")


def test_run_missing_program_is_a_problem() -> None:
    with pytest.raises(ProblemsFound) as error:
        run(["no-such"], FAILURE)
    assert error.value.problems[0].code == "missing-program"


@pytest.mark.slow
def test_run_timeout_kills_all_processes(tmp_path: Path) -> None:
    child = "import os, time; open('child', 'w').write(str(os.getpid())); time.sleep(60)"
    code = f"import os, subprocess, sys; os.chdir({str(tmp_path)!r}); subprocess.run("
    with pytest.raises(ProblemsFound, match="no answer for 1 s"):
        python(f"{code}[sys.executable, '-c', {child!r}])", timeout=1)
    stat = Path(f"/proc/{(tmp_path / 'child').read_text()}/stat")
    end = time.monotonic() + 5
    while stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < end, "it still runs"
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://token@example.org/a", "https://…@example.org/a"),
        ("at HTTPS://a:b@c/d@e and ssh://git@f", "at HTTPS://…@c/d@e and ssh://…@f"),
        ("git@github.com:me/blog.git", "git@github.com:me/blog.git"),
        ("https://example.org/a@b", "https://example.org/a@b"),
    ],
)
def test_redact_removes_credentials(text: str, shown: str) -> None:
    assert redact(text) == shown


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (b"hint: a\nssh: connect to a: refused\nfatal: Could not read\n", "ssh: connect to a: ref"),
        (b"To a\n ! [rejected] x (stale info)\nerror: failed to push\n", "! [rejected] x (stale "),
        (b"\x1b[31mred\x1b[0m\nlast\n\n", "last"),
    ],
)
def test_failure_picks_the_line_that_says_why(output: bytes, reason: str) -> None:
    [problem] = FAILURE.problem(output).problems
    assert problem.message.startswith(f"it failed: {reason}")
