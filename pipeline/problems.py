"""Problems: what is wrong, where, and how to fix it. Collected during a run and raised once."""

import json
import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    `code` is a stable kebab-case word, the same in `--explain`, suppressions and JSON. `path` is
    the file that the author must change, `line` counts from 1 (0: the file as a whole). `message`
    says what is wrong and what was found, `hint` how to fix it (may be empty). `words` are those
    that it was found in: files that repeat them have the same problem, not another one.
    """

    code: str
    path: str
    line: int
    message: str
    hint: str = ""
    words: str = field(default="", repr=False, compare=False)

    def __str__(self) -> str:
        """Return `path:line: message (hint) [code]` in one line."""
        place = relative(self.path) + (f":{self.line}" if self.line else "")
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}: {' '.join(f'{self.message}{hint}'.split())} [{self.code}]"


class ProblemsFound(Exception):
    """Carries all problems of a run, sorted by path and line; its text has one line for each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        found = set(problems)
        self.problems = sorted(found, key=lambda p: (p.path, p.line, p.code, p.message))
        super().__init__(as_text(self.problems))


def raise_if_any(problems: Iterable[Problem]) -> None:
    """Raise ProblemsFound unless there are none."""
    if found := list(problems):
        raise ProblemsFound(found)


def as_text(problems: Iterable[Problem]) -> str:
    """Return one line for each problem."""
    return "\n".join(map(str, problems))


def as_json(problems: Iterable[Problem]) -> str:
    """Return a JSON array of objects with the fields of `Problem`."""
    found = [
        {
            "code": p.code,
            "path": relative(p.path),
            "line": p.line,
            "message": p.message,
            "hint": p.hint,
        }
        for p in problems
    ]
    return json.dumps(found, indent=2, ensure_ascii=False)


def as_annotations(problems: Iterable[Problem]) -> str:
    """Return GitHub workflow commands, which annotate the source lines of a pull request.

    https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
    """

    def escape(text: str, more: str = "") -> str:
        for character in "%\r\n" + more:
            text = text.replace(character, f"%{ord(character):02X}")
        return text

    lines = []
    for p in problems:
        place = {"file": relative(p.path), "line": p.line or 1, "title": p.code}
        where = ",".join(f"{key}={escape(str(value), ':,')}" for key, value in place.items())
        hint = f" ({p.hint})" if p.hint else ""
        lines.append(f"::error {where}::{escape(p.message + hint)}")
    return "\n".join(lines)


# What `--format` accepts
FORMATS = {"text": as_text, "json": as_json, "github": as_annotations}


def relative(path: str) -> str:
    """Return `path` relative to the current folder if it is below it; URLs stay unchanged."""
    if "://" in path:
        return path
    short = os.path.relpath(path) if path else "the site"
    return path if short.startswith("..") else Path(short).as_posix()


def did_you_mean(word: str, known: Collection[str], quote: str = "'") -> str:
    """Return "did you mean 'x'?" with the known word most like `word`, or an empty string."""
    words = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), words, n=1, cutoff=0.6)
    return f"did you mean {quote}{words[found[0]]}{quote}?" if found else ""


def shorten(text: str, length: int = 60) -> str:
    """Return a text in one line for a message, cut to `length` characters."""
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[: length - 1]}…"
