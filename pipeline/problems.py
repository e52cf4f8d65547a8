"""What is wrong, said to the author: one line a problem, all of them in one run.

A check yields `Problem`s. The stages collect them and raise `ProblemsFound` once. What Pelican and
the libraries only log is collected too, because Pelican logs a lost post and exits with 0.
"""

import json
import logging
import os
import re
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from pelican.log import LimitFilter


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is not as it must be.

    `path` is the source file, `line` counts from 1 (0: the file as a whole), `must` says what must
    be so, `found` what was found, `fix` what mends it (may be empty), `check` the name of the check
    of the built site that found it (see check/gate.py).
    """

    path: str
    line: int
    must: str
    found: str
    fix: str = ""
    check: str = ""

    def __str__(self) -> str:
        """Return `path:line: what must be so: what was found (the fix) [the check]`."""
        place = relative(self.path) + (f":{self.line}" if self.line else "")
        fix = f" ({self.fix})" if self.fix else ""
        words = " ".join(f"{self.must}: {self.found}{fix}".split())
        return f"{place}: {words}" + (f" [{self.check}]" * bool(self.check))


class ProblemsFound(Exception):
    """Carries every problem of a run; its text is one line a problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__(as_text(self.problems))


def as_text(problems: Iterable[Problem]) -> str:
    """Return one line a problem."""
    return "\n".join(str(problem) for problem in problems)


def as_json(problems: Iterable[Problem]) -> str:
    """Return a JSON list of objects with the fields of `Problem`."""
    found = [{**asdict(p), "path": relative(p.path)} for p in problems]
    return json.dumps(found, indent=2, ensure_ascii=False)


def as_annotations(problems: Iterable[Problem]) -> str:
    """Return one line a problem, as GitHub's workflows show them beside the source.

    The form is that of GitHub's workflow commands.
    """
    return "\n".join(_annotation(problem) for problem in problems)


def _annotation(problem: Problem) -> str:
    fix = f" ({problem.fix})" if problem.fix else ""
    message = _escape(f"{problem.must}: {problem.found}{fix}")
    values = {"file": relative(problem.path), "line": problem.line or 1}
    if problem.check:
        values["title"] = problem.check
    place = ",".join(f"{k}={_escape(str(v), ':,')}" for k, v in values.items())
    return f"::error {place}::{message}"


def _escape(text: str, more: str = "") -> str:
    for sign in "%\r\n" + more:
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text


# What `--format` may be
FORMS = {"text": as_text, "json": as_json, "github": as_annotations}


def relative(path: str) -> str:
    """Return `path` as seen from the current folder where it lies below it; a URL as it is."""
    if "://" in path:
        return path
    short = os.path.relpath(path) if path else "the site"
    return path if short.startswith("..") else Path(short).as_posix()


def line_of(text: str, part: str | re.Pattern[str]) -> int:
    """Return the number of the first line that has a text, or begins a pattern's match; or 1."""
    if isinstance(part, re.Pattern):
        match = part.search(text)
        place = match.start() if match else 0
    else:
        place = max(text.find(part), 0)
    return text[:place].count("\n") + 1


class LoggedProblems(logging.Handler):
    """Turns every logged warning and error into a problem.

    Pelican catches what a reader raises, drops the post and logs a sentence without the reason; the
    exception is still the current one while it logs, so it is found here.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.problems: list[Problem] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Collect the record's problems."""
        error = sys.exc_info()[1]
        if isinstance(error, ProblemsFound):
            self.problems.extend(error.problems)
            return
        path = next((str(arg) for arg in _args(record) if is_file(str(arg))), "")
        message = " ".join(record.getMessage().split())
        found = f"{message} ({type(error).__name__}: {error})" if error else message
        self.problems.append(Problem(path, 0, "must build without a warning", found))

    def begin(self) -> None:
        """Begin a run: forget the last one, and make Pelican say again what it has said before."""
        self.problems.clear()
        # Pelican shows a repeated warning once a process, and five of a kind.
        LimitFilter._raised_messages.clear()
        LimitFilter._group_count.clear()
        self.listen()

    def listen(self) -> None:
        """Collect from now on; to be called as often as one likes."""
        root = logging.getLogger()
        if self not in root.handlers:
            root.addHandler(self)

    def raise_if_any(self, more: Iterable[Problem] = ()) -> None:
        """Raise `ProblemsFound` with what was collected since the last time, and `more`."""
        problems = [*self.problems, *more]
        self.begin()
        if problems:
            raise ProblemsFound(problems)


def say_plainly(record: logging.LogRecord) -> bool:
    """Print problems as they are: a logging filter for the `pelican` command's own logger.

    The command catches whatever ends a run and logs it with a traceback, which means nothing to an
    author.
    """
    error = sys.exc_info()[1]
    if isinstance(error, ProblemsFound) and record.levelno >= logging.WARNING:
        sys.stderr.write(f"{error}\n")
        return False
    return True


def said_by_us(record: logging.LogRecord) -> bool:
    """Leave out what Pelican says of each decorative picture: a logging filter for its readers.

    The reader has a check of its own, which knows what is decorative (read/reader.py).
    """
    return not str(record.msg).startswith("Empty alt attribute")


def is_file(name: str) -> bool:
    """Return whether there is a file of that name; any text is taken."""
    try:
        return Path(name).is_file()
    except (OSError, ValueError):
        return False


def _args(record: logging.LogRecord) -> tuple[object, ...]:
    args = record.args or ()
    return args if isinstance(args, tuple) else tuple(args.values())


# Logging is one for the whole process, and so is this.
logged = LoggedProblems()
