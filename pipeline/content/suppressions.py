"""Exceptions from checks, written in a text beside what they are for.

    <!-- ignore repeated-word: the poem repeats itself -->

A line of its own: for the block that follows it; before the first word of a text, for all of it.
"""

import re
from collections.abc import Iterator

from pipeline.content.code_blocks import code_lines
from pipeline.model import Suppression

# In a list it is indented; elsewhere, four spaces make code of it.
SUPPRESSION = re.compile(
    r" {0,7}(?:> {0,3})*<!--\s*ignore\s+(?P<check>[\w-]*)\s*:?\s*(?P<reason>.*?)\s*-->\s*"
)


def find_suppressions(body: str) -> Iterator[Suppression]:
    """Yield the suppressions of a text, without those that are shown in code."""
    lines, code = body.split("\n"), code_lines(body)
    numbers = [
        number
        for number, line in enumerate(lines, 1)
        if number not in code and SUPPRESSION.fullmatch(line)
    ]
    words = [n for n, line in enumerate(lines, 1) if line.strip() and n not in numbers]
    for number in numbers:
        match = SUPPRESSION.fullmatch(lines[number - 1])
        assert match
        covered = (0, len(lines))
        if words and words[0] < number:
            begin = next((n for n in words if n > number), number)
            after = range(begin, len(lines) + 1)
            blank = (n for n in after if n not in code and not lines[n - 1].strip())
            covered = (number, next(blank, len(lines)))
        yield Suppression(number, match["check"], match["reason"], covered)
