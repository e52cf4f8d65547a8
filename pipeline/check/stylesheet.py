"""What a stylesheet says, rule by rule: enough of CSS to ask which selectors set what.

The grammar is that of CSS Syntax 3 and CSS Nesting 1.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

PART = re.compile(
    r"""/\*.*?\*/|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{};]|[^{};"'/]+|/""", re.DOTALL
)
STATES = r"::?(?:target|hover|focus|focus-visible|focus-within|active|visited)\b"


class Rule(NamedTuple):
    """One rule: its whole selector, the at-rules around it, and what it declares."""

    selector: str
    conditions: tuple[str, ...]
    declarations: Mapping[str, str]


def rules(css: str) -> Iterator[Rule]:
    """Yield every rule of a stylesheet that declares something; nested ones come unfolded."""
    around: list[str] = []  # the preludes of the open blocks
    declared: list[dict[str, str]] = [{}]
    words = ""
    for match in PART.finditer(css):
        part = match[0]
        if part.startswith("/*"):
            continue
        if part not in "{};":
            words += part
            continue
        if part == "{":
            around.append(" ".join(words.split()))
            declared.append({})
        else:
            name, colon, value = words.partition(":")
            if colon:
                declared[-1][name.strip()] = " ".join(value.split())
            if part == "}" and around:
                yield from _rule(around, declared.pop())
                around.pop()
        words = ""


def _rule(around: list[str], declarations: dict[str, str]) -> Iterator[Rule]:
    conditions = tuple(prelude for prelude in around if prelude.startswith("@"))
    selector = ""
    for prelude in around:
        if not prelude.startswith("@"):
            selector = unfold(selector, prelude)
    if declarations and selector:
        yield Rule(selector, conditions, declarations)


def unfold(outer: str, inner: str) -> str:
    """Return the selector of a rule that is nested in another one's."""
    if not outer:
        return inner
    parents = _as_one(outer)
    return inner.replace("&", parents) if "&" in inner else f"{parents} {_as_one(inner)}"


def _as_one(selector: str) -> str:
    alone = re.sub(r"\([^()]*\)", "", selector)
    return f":is({selector})" if "," in alone else selector


def at_rest(selector: str) -> bool:
    """Return whether a selector is for what a page shows before anybody does anything."""
    return not re.search(STATES, selector)
