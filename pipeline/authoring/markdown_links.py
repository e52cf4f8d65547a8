"""The addresses in a Markdown text: found outside of code, and rewritten in place."""

import re
from collections.abc import Callable

from pipeline.content.code_blocks import code_lines

CODE_SPAN = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
# Addresses: of links and images, of reference definitions, of HTML
ADDRESS = re.compile(
    r"""(?P<before>\]\(\s*<?|^ {0,3}\[[^\]^][^\]]*\]:\s*<?|\b(?:src|href)=["'])"""
    r"""(?P<url>[^\s)>"']+)"""
)


def outside_code(line: str, change: Callable[[str], str]) -> str:
    """Return a line with `change` applied to its parts that are no code spans."""
    pieces, at = [], 0
    for span in CODE_SPAN.finditer(line):
        pieces += [change(line[at : span.start()]), span[0]]
        at = span.end()
    return "".join([*pieces, change(line[at:])])


def rewrite_links(text: str, change: Callable[[str], str]) -> str:
    """Return a text with `change` applied to each address in it."""
    code = code_lines(text)

    def change_all(part: str) -> str:
        return ADDRESS.sub(lambda match: match["before"] + change(match["url"]), part)

    lines = enumerate(text.split("\n"), 1)
    return "\n".join(line if n in code else outside_code(line, change_all) for n, line in lines)
