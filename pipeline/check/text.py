"""What Markdown lets pass and no author means: markup that stays text, blocks that run together."""

import re
from collections.abc import Iterator

from pipeline.check.elements import clues
from pipeline.check.prose import passages, place_in
from pipeline.check.site import Site, Source
from pipeline.problems import Problem
from pipeline.read.front_matter import split

EMPTY_LINE = "put an empty line before it"
LEFT_OVER = (
    (
        re.compile(r"!?\[[^\[\]\n]*\]\([^)\s]|\] \((?=https?://|/|\.\./)"),
        "a link is [words](address)",
    ),
    (
        re.compile(r"(?<!\w)!?\[(?!\d+\]\[\d+\])[^\[\]\n]+\]\[[^\[\]\n]*\]"),
        "define it: [name]: address",
    ),
    (re.compile(r"(?<![\w*])\*\*(?=[^\s*])|(?<=[^\s*])\*\*(?![\w*])"), "close it beside a letter"),
    (re.compile(r"~~(?=\S)"), "write <del>…</del>"),
    (re.compile(r"\{:\s?[^}\n]*\}?|\{[.#][a-z][\w-]*[^}\n]*\}"), "put it right behind its element"),
    (re.compile(r"`+"), "close the code, with as many"),
    (
        re.compile(r"&(?:nbsp|amp|lt|gt|quot|[mn]dash|hellip|#\d{2,5}|#x[0-9a-f]{2,4});"),
        "write the character",
    ),
    (re.compile(r"\{%.*?%\}|\{\{.+?\}\}"), "Markdown here has no templates: write what they give"),
    (re.compile(r"(?<!\S):[a-z][a-z0-9_+-]+:(?![\w:])"), "write the sign itself"),
    (re.compile(r"^\[[ xX]\] "), "Markdown here has no boxes to tick: write ☐ or ☑"),
)
ITEM = re.compile(r"( *)(?:([-*+])|(\d+)[.)])\s+\S")
TABLE = re.compile(r"\s?\|?(?:\s*:?[-—–]{2,}:?\s*\|)+(?:\s*:?[-—–]{2,}:?\s*)?\|?\s*")
FENCE = re.compile(r"\s*(```|~~~)")
CONTAINED = 4  # spaces that put a line into the list item above it


def left_over_markup(site: Site) -> Iterator[Problem]:
    """No sign of Markdown is left in what a reader sees: `**`, `](`, `{: …}`, a backtick, `&nbsp;`.

    Where Markdown does not know what was meant, it leaves the signs and says nothing. Look for a
    space too many or too few, a missing bracket, a link's name without its address. Signs that are
    meant stand in code, or behind a backslash.
    """
    for passage in passages(site):
        source = passage.page.source if passage.page else None
        for pattern, fix in LEFT_OVER if source else ():
            if hit := pattern.search(passage.text):
                must = "must have no Markdown left in what is read"
                problem = passage.problem(site, hit, must, repr(hit[0].strip()), fix)
                if source and not escaped(source, problem, hit[0]):
                    yield problem


def escaped(source: Source, problem: Problem, found: str) -> bool:
    """Return whether the line of a problem has what was found behind a backslash."""
    lines = source.text.splitlines()
    known = problem.path == source.path and 0 < problem.line <= len(lines)
    return f"\\{found[0]}" in (lines[problem.line - 1] if known else source.text)


def blocks_run_together(site: Site) -> Iterator[Problem]:
    """A list and a table have an empty line before them.

    Without it they are part of the paragraph above, and readers see hyphens and bars in a row. Put
    an empty line between. There is nothing to excuse.
    """
    for passage in passages(site):
        lines = passage.text.split("\n")
        if not passage.page or not passage.page.source or len(lines) == 1:
            continue
        for number, line in enumerate(lines[1:], 1):
            if TABLE.fullmatch(line):
                what, begin = "a table", lines[number - 1]
            elif runs_on(lines[number - 1 :]):
                what, begin = "a list", line
            else:
                continue
            start = sum(len(line) + 1 for line in lines[: number - (begin is not line)])
            parts = clues(passage.text, start, start + len(begin))
            path, at = place_in(site, passage.file, *parts)
            must = f"{what} must have an empty line before it"
            yield Problem(path, at, must, repr(begin.strip()[:40]), EMPTY_LINE)
            break


def runs_on(lines: list[str]) -> bool:
    """Return whether a list begins in the second of the lines, which are one paragraph."""
    items = [ITEM.match(line) for line in lines[:3]]
    if items[0] or not items[1] or len(items[1][1]) > 1:
        return False
    if items[1][3] not in (None, "1"):
        return False
    another = len(items) > 2 and items[2] and bool(items[2][2]) == bool(items[1][2])
    return bool(another) or lines[0].rstrip().endswith(":")


def nested_lists(site: Site) -> Iterator[Problem]:
    """A list inside of a list is indented by four spaces.

    With two or three, as other dialects have it, Python-Markdown puts it on the level of the list
    around it, or leaves its hyphens in the text. There is nothing to excuse.
    """
    published = {source for source, path in site.outputs if path}
    for source in site.sources:
        if source.path in published:
            yield from flattened(source)


def flattened(source: Source) -> Iterator[Problem]:
    """Yield a problem for each item that stands between two levels."""
    above, closing, said = -1, "", False
    for number, line in enumerate(split(source.text)[1].split("\n"), 1):
        fence = FENCE.match(line)
        if closing or fence:
            closing = ("" if fence and fence[1] == closing else closing) if closing else fence[1]  # type: ignore[index]
            continue
        item = ITEM.match(line)
        if item:
            indent = len(item[1])
            if above >= 0 and above + 1 < indent < above + CONTAINED:
                must = "a list in a list must be indented by four spaces"
                found = f"{indent - above}: {line.strip()[:40]!r}"
                if not said:  # once a list
                    yield Problem(source.path, number, must, found)
                said = True
            else:
                above, said = indent, False
        elif line.strip() and not line.startswith(" "):
            above, said = -1, False


CHECKS = (left_over_markup, blocks_run_together, nested_lists)
