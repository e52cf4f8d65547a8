"""The gate: every check of the built site, and what an author may say to them.

A check is a function that takes the `Site` and yields `Problem`s. Its name is the function's with
hyphens, its docstring is what `invoke check --explain NAME` prints: what it wants, why, how to mend
what it finds, how to excuse it. Each module of checks lists its own in `CHECKS`.
"""

import inspect
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

from pipeline.build import Built, build
from pipeline.check import (
    access,
    browser,
    budgets,
    colours,
    completeness,
    feeds,
    headings,
    indexing,
    keyboard,
    leaks,
    links,
    markup,
    metadata,
    misspelt,
    policy,
    privacy,
    repeatable,
    review,
    sharing,
    signs,
    tags,
    text,
    told,
    view,
    wording,
)
from pipeline.check.site import Site, Source, open_site
from pipeline.problems import Problem, ProblemsFound
from pipeline.read.excuses import find_excuses
from pipeline.read.front_matter import nearest

ALL = "all"  # of --explain
Check = Callable[[Site], Iterable[Problem]]
MODULES = (
    tags,
    markup,
    headings,
    access,
    keyboard,
    colours,
    budgets,
    wording,
    signs,
    links,
    misspelt,
    completeness,
    feeds,
    leaks,
    told,
    text,
    metadata,
    sharing,
    indexing,
    privacy,
    policy,
    review,
)


def name_of(check: Callable[..., Iterable[Problem]]) -> str:
    """Return the name that an author knows a check by."""
    return check.__name__.replace("_", "-")


CHECKS: Mapping[str, Check] = {name_of(c): c for module in MODULES for c in module.CHECKS}
# Those in a browser, and what the gate itself finds
LOOKS: Mapping[str, browser.Look] = {name_of(c): c for c in browser.CHECKS}
OWN: Mapping[str, Callable[..., Iterable[Problem]]] = {
    name_of(repeatable.same_bytes): repeatable.same_bytes,
}


def gate(
    settings: str, folder: Path, arguments: Sequence[str] = (), in_browser: bool = False
) -> Built:
    """Build the site into `folder`, which is empty, and prove it; return what was built.

    `settings` is the path of the settings file, `arguments` are more of the `pelican` command's;
    `in_browser` is to look at the pages in a browser as well. Raises ProblemsFound with all that is
    wrong.
    """
    with ExitStack() as stack:
        tool = stack.enter_context(view.start()) if in_browser else None
        again = stack.enter_context(repeatable.second_build(settings, folder / "again", arguments))
        with redirect_stdout(StringIO()):  # Pelican's count of what it has read
            built = build(settings, [*arguments, "--output", str(folder / "output")])
        problems = prove(open_site(built), tool)
        same = repeatable.same_bytes(built.folder, again())
        problems += [replace(p, check=name_of(repeatable.same_bytes)) for p in same]
    if problems:
        raise ProblemsFound(problems)
    return built


def prove(site: Site, tool: Any = None) -> list[Problem]:
    """Return all that the checks find in a built site, but for what the author has excused.

    `tool` is a browser to look at it in (see view.start), or None.
    """
    found = [replace(p, check=name) for name, check in CHECKS.items() for p in check(site)]
    seen = list(browser.look(site, tool)) if tool else []
    run = {*CHECKS, *(LOOKS if tool else ())}
    return [*unexcused(condense([*found, *seen], site.sources), site.sources, run)]


def condense(problems: Iterable[Problem], sources: Iterable[Source]) -> list[Problem]:
    """Return the problems; what one place outside of the texts does to many pages is one."""
    texts = {source.path for source in sources}
    groups: dict[tuple[str, ...], list[Problem]] = {}
    for p in dict.fromkeys(problems):
        alone = (p.found,) if p.path in texts else ()
        groups.setdefault((p.check, p.path, str(p.line), p.must, *alone), []).append(p)
    firsts = ((min(group), len(group) - 1) for group in groups.values())
    return [
        replace(first, found=f"{first.found}, and {more} more like it") if more else first
        for first, more in firsts
    ]


def unexcused(
    problems: Iterable[Problem], sources: Iterable[Source], run: Collection[str] = CHECKS.keys()
) -> Iterator[Problem]:
    """Yield the problems that no excuse covers, and one for each excuse that is not good.

    `run` are the checks that were run: an excuse for another one may be needed.
    """
    left, known = list(problems), {**CHECKS, **LOOKS}
    for source in sources:
        for excuse in find_excuses(source.text):
            covered = [
                p
                for p in left
                if p.check == excuse.check and p.path == source.path and p.line in excuse.lines
            ]
            if excuse.check not in known:
                must, fix = "an excuse must name a check", nearest(excuse.check, known)
                yield Problem(source.path, excuse.line, must, repr(excuse.check), fix)
            elif not excuse.reason:
                must, fix = "an excuse must have a reason", f"excuse {excuse.check}: why"
                yield Problem(source.path, excuse.line, must, "none", fix)
            elif not covered and excuse.check in run:
                must = "an excuse must be for something that the check finds below it"
                yield Problem(source.path, excuse.line, must, "nothing", "remove it")
            left = [problem for problem in left if problem not in covered]
    yield from left


def explain(name: str) -> str:
    """Return the paragraph of a check, or for "all" a line of each.

    Raises ProblemsFound when there is none of that name.
    """
    known = {**CHECKS, **LOOKS, **OWN}
    told = {check: inspect.cleandoc(known[check].__doc__ or "") for check in known}
    if name == ALL:
        width = max(map(len, told))
        return "\n".join(
            f"{check:{width}}  {words.splitlines()[0]}" for check, words in told.items()
        )
    if name not in known:
        fix = nearest(name, known) or "one of " + ", ".join(sorted(known))
        raise ProblemsFound([Problem("--explain", 0, "must name a check", repr(name), fix)])
    return told[name]
