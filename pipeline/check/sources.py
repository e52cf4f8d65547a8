"""Checks on what was read, before anything is written."""

from collections.abc import Collection, Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

from pipeline.problems import Problem
from pipeline.read.front_matter import nearest


class Output(NamedTuple):
    """One file of the site: `source` is what it is made of, `path` where it goes ("": nowhere)."""

    source: str
    path: str


def unexplained(
    root: Path, ignored: Iterable[str], known: Collection[str], own: Collection[str]
) -> Iterator[Problem]:
    """Yield a problem for each file below `root` that gives no output.

    `ignored` are patterns of file names, `known` the paths that were read or copied, `own` those
    that the pipeline uses itself; the paths are relative to `root`.
    """
    ignored = list(ignored)
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if path.is_dir() or any(fnmatch(part, ig) for part in name.parts for ig in ignored):
            continue
        if name.as_posix() not in known and name.as_posix() not in own:
            fix = "move it below posts/, pages/ or extra/, or add it to IGNORE_FILES"
            must = "must give an output"
            yield Problem(str(path), 0, must, "a file that nothing reads", fix)


def repeated_addresses(outputs: Iterable[Output]) -> Iterator[Problem]:
    """Yield a problem for each output that would take another one's place.

    Names that differ in case alone are the same on the file systems of macOS and Windows.
    """
    taken: dict[str, Output] = {}
    for output in sorted(outputs):
        if not output.path:
            continue
        first = taken.setdefault(output.path.casefold(), output)
        if first is not output:
            address = first.path.removesuffix("index.html") or "the home page"
            found = f"{address} is that of {first.source}"
            fix = "rename the folder or file, or give it a Slug"
            yield Problem(output.source, 1, "must have an address of its own", found, fix)


def unknown_template(path: str, text: str, name: str, known: Collection[str]) -> Iterator[Problem]:
    """Yield a problem when the theme has no template of that name; `text` is the source's."""
    if f"{name}.html" not in known:
        line = line_of(text.lower(), "template:")
        fix = nearest(name, [template.removesuffix(".html") for template in known])
        yield Problem(path, line, "Template must be a template of the theme", repr(name), fix)


def undated_quotes(path: str, html: str, dated: bool) -> Iterator[Problem]:
    """Yield a problem when a page has quotes and no date: their feed needs one."""
    if not dated and 'class="quote"' in html:
        fix = "add a line Modified: …, the day on which a quote was last added"
        yield Problem(path, 1, "a page with quotes must have Modified", "none", fix)


def line_of(text: str, part: str) -> int:
    """Return the number of the first line that contains `part`, or 1."""
    place = max(text.find(part), 0)
    return text[:place].count("\n") + 1
