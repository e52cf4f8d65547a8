"""An author's exceptions to checks, written in the text beside what they excuse.

    <!-- excuse doubled-words: the poem repeats itself -->

A line of its own: for the block that follows it; before the first word of a text, for all of it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from markdown.preprocessors import Preprocessor

from pipeline.read.front_matter import split

EXCUSE = re.compile(r"[\s>]*<!--\s*excuse\s+(?P<check>[\w-]*)\s*:?\s*(?P<reason>.*?)\s*-->\s*")


class Excuse(NamedTuple):
    """Where one stands (from 1), the check and the reason, and the lines that it is for."""

    line: int
    check: str
    reason: str
    lines: range


class Excuses(Preprocessor):
    """Takes them out of what is published."""

    def run(self, lines: list[str]) -> list[str]:
        """Return the lines without them."""
        return [line for line in lines if not EXCUSE.fullmatch(line)]


def find_excuses(text: str) -> Iterator[Excuse]:
    """Yield each excuse of a source's text."""
    _, body = split(text)
    lines = body.split("\n")
    for index, line in enumerate(lines):
        match = EXCUSE.fullmatch(line)
        if not match:
            continue
        before = [other for other in lines[:index] if not EXCUSE.fullmatch(other)]
        after = [n for n in range(index, len(lines)) if lines[n].strip()]
        words = [n for n in after if not EXCUSE.fullmatch(lines[n])]
        begin = words[0] if words else index
        end = next((n for n in range(begin, len(lines)) if not lines[n].strip()), len(lines))
        covered = (
            range(len(lines) + 1) if not "".join(before).strip() else range(index + 1, end + 1)
        )
        yield Excuse(index + 1, match["check"], match["reason"], covered)
