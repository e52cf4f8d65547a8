"""Code blocks in a source: where they are, and what is wrong with their fences."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from pygments.lexers import get_all_lexers

from pipeline.problems import Problem, did_you_mean, shorten

FENCE = re.compile(r"(```+|~~~+) *([^`]*)$")
# What Python-Markdown's fenced_code takes behind a fence; with anything else it is no code.
INFO = re.compile(r"\{.*\}|(?:\.?[\w#.+-]* *)?(?:hl_lines=(?:\".*?\"|'.*?') *)?")
LANGUAGE = re.compile(r"\{? *\.?([\w#.+-]+)(?![\w=])")
# Quotes and list items, whose first line may be that of a fence
PREFIX = re.compile(r"(?: {0,3}> ?| {0,3}(?:[-*+]|\d+\.) +)*")
CONTAINER = re.compile(r"(?:[-*+]|\d+\.)\s|\[\^.+\]:")
INDENTED = ("    ", "\t")


class Fence(NamedTuple):
    """A fenced code block: the lines of its fences (from 1; `end` is 0 when it is not closed)."""

    line: int
    end: int
    indent: int
    fence: str
    info: str
    in_container: bool

    @property
    def language(self) -> str:
        """The language as the author wrote it, or an empty string."""
        match = LANGUAGE.match(self.info)
        return match[1] if match else ""


@lru_cache(8)  # several checks of one text ask
def find_code(body: str) -> tuple[tuple[Fence, ...], frozenset[int]]:
    """Return the fences of a Markdown text, and the lines in code, from 1, fences included."""
    found: list[Fence] = []
    code: set[int] = set()
    opened: Fence | None = None
    in_container, blank_before = False, True
    for number, line in enumerate(body.split("\n"), 1):
        prefix = PREFIX.match(line)
        text = line[prefix.end() if prefix else 0 :].lstrip(" ")
        indented = line.startswith(INDENTED)
        if opened:
            code.add(number)
            if re.fullmatch(rf"{opened.fence} *", text if opened.indent else line):
                found.append(opened._replace(end=number))
                opened = None
        elif indented and text and not in_container and (blank_before or number - 1 in code):
            code.add(number)
        elif match := FENCE.match(text):
            inside = in_container or bool(prefix and prefix[0].strip())
            opened = Fence(number, 0, len(line) - len(text), match[1], match[2], inside)
            code.add(number)
        elif text and not indented:
            in_container = bool(CONTAINER.match(line.lstrip(" ")))
        blank_before = not line.strip()
    return (*found, *([opened] if opened else ())), frozenset(code)


def code_lines(body: str) -> frozenset[int]:
    """Return the numbers of the lines, from 1, that are in code blocks, their fences included."""
    return find_code(body)[1]


@cache
def languages() -> frozenset[str]:
    """Return the names of all languages that Pygments knows."""
    return frozenset(alias for _, aliases, *_ in get_all_lexers() for alias in aliases)


def fence_problems(body: str, path: str) -> Iterator[Problem]:
    """Yield what is wrong with the fences of a text."""
    for fence in find_code(body)[0]:
        if not INFO.fullmatch(fence.info):
            message = f"unknown words after a code fence: {shorten(fence.info)!r}"
            hint = 'write the language alone, or {.python linenums="1"}'
            yield Problem("code-fence", path, fence.line, message, hint)
        elif not fence.end:
            hint = "close it with the same fence on a line of its own"
            yield Problem("code-fence", path, fence.line, "code fence is never closed", hint)
        if fence.language and fence.language.lower() not in languages():
            hint = did_you_mean(fence.language, languages()) or "write ```text for none"
            message = f"unknown language of a code block: {fence.language!r}"
            yield Problem("code-language", path, fence.line, message, hint)
