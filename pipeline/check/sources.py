"""Checks on what was read, before anything is written."""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from pelican.utils import slugify

from pipeline.problems import Problem, line_of, relative
from pipeline.read.front_matter import nearest
from pipeline.read.ids import mint
from pipeline.render.quotes import FIGURE

# What Markdown and its relatives are called
TEXTS = (".md", ".markdown", ".mdown", ".mkd", ".mdx", ".rst")
WORD = "[a-z0-9]+(?:-[a-z0-9]+)*"
POSTS = "posts"
BUNDLED = 2  # a folder and a bundle's name stand before the name of a file in a bundle
SLUG = f"{WORD}(?:/{WORD})*"
ID_LINE = re.compile(r"^id:", re.MULTILINE | re.IGNORECASE)


BUILT_IN = "the site's own"
# What is known of links to elsewhere (check/outside.py), below the content folder
LEDGER = "links.json"


class Output(NamedTuple):
    """One file of the site: `source` is what it is made of, `path` where it goes ("": nowhere)."""

    source: str
    path: str


DATED = re.compile(r"^\d{4}-\d{2}-\d{2}-(?=.)")
ID_LINE = re.compile(r"^id:", re.MULTILINE | re.IGNORECASE)


def files_below(root: Path, ignored: Iterable[str]) -> list[PurePosixPath]:
    """Return the files below `root`, relative to it, but for those that match a pattern."""
    ignored = list(ignored)
    names = [PurePosixPath(p.relative_to(root).as_posix()) for p in root.rglob("*") if p.is_file()]
    return sorted(n for n in names if not any(fnmatch(p, i) for p in n.parts for i in ignored))


def unexplained(
    root: Path, files: Iterable[PurePosixPath], known: Collection[str], own: Collection[str]
) -> Iterator[Problem]:
    """Yield a problem for each of the files below `root` that gives no output.

    `known` are the paths that were read or copied, `own` those that the pipeline uses itself.
    """
    for name in files:
        if str(name) not in known and str(name) not in own:
            fix = "move it below posts/, pages/ or extra/, or add it to IGNORE_FILES"
            must = "must give an output"
            yield Problem(str(root / name), 0, must, "a file that nothing reads", fix)


def leading_out(root: Path, files: Iterable[PurePosixPath]) -> Iterator[Problem]:
    """Yield a problem for each file that is a link to something outside of `root`."""
    inside = root.resolve()
    for name in files:
        to = (root / name).resolve()
        if not to.is_relative_to(inside):
            must, fix = "must lie below the content folder", "copy the file"
            yield Problem(str(root / name), 0, must, f"a link to {to}", fix)


def lost_texts(
    root: Path, files: Collection[PurePosixPath], folders: Collection[str], read: Collection[str]
) -> Iterator[Problem]:
    """Yield a problem for each text that would be copied instead of read, or that is not there.

    `folders` are those of posts and pages, `read` the paths of what was read.
    """
    for name in files:
        if name.parts[0] in folders and name.suffix.lower() in TEXTS and str(name) not in read:
            must, fix = "the name of a text must end in .md", f"name it {name.stem}.md"
            yield Problem(str(root / name), 0, must, name.suffix, fix)
    bundles = {name.parts[1] for name in map(PurePosixPath, read) if len(name.parts) > BUNDLED}
    posts = {n.parts[1] for n in files if n.parts[0] == POSTS and len(n.parts) > BUNDLED}
    for folder in sorted(posts - bundles):
        must, fix = "a post's folder must have its index.md", "put the text there"
        yield Problem(str(root / POSTS / folder), 0, must, "none", f"{fix}, or use extra/")


def unfit_slug(path: str, slug: str) -> Iterator[Problem]:
    """Yield a problem when an address is not one that every host and reader gets right."""
    if not re.fullmatch(SLUG, slug):
        must = "the name of a post's folder or page's file must be small letters, digits, hyphens"
        simple = re.sub(r"[^a-z0-9/]+", "-", slugify(slug)).strip("-")
        yield Problem(path, 0, must, repr(slug), f"name it {simple}")


def repeated_addresses(outputs: Iterable[Output]) -> Iterator[Problem]:
    """Yield a problem for each output that would take another one's place.

    Names that differ in case alone are the same on the file systems of macOS and Windows.
    """
    taken: dict[str, Output] = {}
    for output in sorted(outputs, key=lambda output: (output.source != BUILT_IN, output)):
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
        line = line_of(text, re.compile("^template:", re.MULTILINE | re.IGNORECASE))
        fix = nearest(name, [template.removesuffix(".html") for template in known])
        yield Problem(path, line, "Template must be a template of the theme", repr(name), fix)


def undated_quotes(path: str, html: str, dated: bool) -> Iterator[Problem]:
    """Yield a problem when a page has quotes and no date: their feed needs one that stays."""
    if not dated and FIGURE.search(html):
        fix = "add a line Date: …, the day on which its quotes were first published"
        yield Problem(path, 1, "a page with quotes must have Date", "none", fix)


class Known(NamedTuple):
    """What feed readers know one post by, and what a new id is made of."""

    path: str
    text: str
    id: str | None
    day: date
    slug: str


def unfit_ids(posts: Iterable[Known], namespace: str) -> Iterator[Problem]:
    """Yield a problem for each post without an id, and for each whose id is another post's.

    `namespace` is a tag URI with the authority that new ids have. Of the posts that share an id
    the eldest keeps it.
    """
    taken: dict[str, str] = {}
    for post in sorted(posts, key=lambda post: (post.day, post.path)):
        new = f"Id: {mint(namespace, post.day, post.slug)}"
        if post.id is None:
            yield Problem(post.path, 1, "must have Id", "none", f"add a line {new}")
        elif first := taken.get(post.id):
            line = line_of(post.text, ID_LINE)
            must = "Id must be this post's alone, for feed readers know it by that"
            fix = f"if this is the copy, write {new}"
            yield Problem(post.path, line, must, f"{post.id} is that of {relative(first)}", fix)
        else:
            taken[post.id] = post.path
