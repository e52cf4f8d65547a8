"""Builds that begin where the last one ended, without Pelican.

After a build the memo has the state of its inputs and what was read. While no input has changed
there is nothing to build. If nothing but the bodies of texts has changed, all that Pelican has
computed (addresses, order, tags) still holds: those texts are read again, and the site is assembled
from there. Everything else is a job for Pelican.
"""

import io
import os
import pickle
import shutil
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.memo import Memo, code_version, digest_of
from pipeline.output import (
    Staging,
    clear_staging,
    is_intact,
    known_files,
    refuse_foreign,
    staging_folder,
    walk,
)
from pipeline.problems import Problem, ProblemsFound

if TYPE_CHECKING:
    from pipeline.model import Document
    from pipeline.settings import Settings
    from pipeline.site_writer import Build, Read

CACHE = ".cache/memo.db"  # beside the settings file; with another CACHE_PATH Pelican builds always
# Variables of the environment that differ from one terminal to another
TERMINAL = ("_", "COLUMNS", "LINES", "OLDPWD", "PWD", "SHLVL", "TERM", "TERM_PROGRAM", "WINDOWID")

# Modification time in nanoseconds and size in bytes of each file, by its path
Inputs = Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class State:
    """What a build was made from. `until` is when a scheduled post makes another site of it."""

    settings: "Settings"
    live: Path
    inputs: Inputs
    until: float


def state_key(settings_file: str, arguments: Sequence[str]) -> str:
    """Return where the memo has the state of the builds with these settings and arguments."""
    environment = sorted(pair for pair in os.environ.items() if pair[0] not in TERMINAL)
    place = (Path(settings_file).resolve(), Path.cwd())
    return digest_of("state", code_version(), place, arguments, environment)


def scan(settings: "Settings", settings_file: str) -> Inputs:
    """Return the status of every file that a build may depend on, whichever was read."""
    found = {}
    for folder in (settings.path, settings.theme, str(Path(__file__).parent)):
        for name, stat in walk(Path(folder), links=True) if Path(folder).is_dir() else ():
            parts = name.split("/")
            if folder == settings.path and any(map(settings.ignored.match, parts)):
                continue
            if "__pycache__" not in parts:
                found[f"{folder}/{name}"] = (stat.st_mtime_ns, stat.st_size)
    installed = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    others = [*Path(settings_file).resolve().parent.glob("*.py"), *map(Path, installed)]
    for path in others:
        if path.exists():
            found[str(path)] = (path.stat().st_mtime_ns, path.stat().st_size)
    return found


def open_memo(settings_file: str) -> Memo | None:
    """Return the memo beside a settings file, if there is one."""
    file = Path(settings_file).resolve().parent / CACHE
    return Memo(file) if file.is_file() else None


def load_state(settings_file: str, key: str) -> tuple[Memo, State] | None:
    """Return the memo and the state of the last successful build, if there was one."""
    memo = open_memo(settings_file)
    found = memo.get(key) if memo else None
    return (memo, pickle.loads(found)) if memo and found else None


def is_current(settings_file: str, arguments: Sequence[str] = ()) -> bool:
    """Return whether a build would make what the last one with these arguments has made."""
    key = state_key(settings_file, arguments)
    if not (found := load_state(settings_file, key)):
        return False
    memo, state = found
    return (
        time.time() < state.until
        and scan(state.settings, state.settings.file) == state.inputs
        and is_intact(state.live, known_files(memo, state.live, key))
    )


def check_arguments(arguments: Sequence[str]) -> list[str]:
    """Return the arguments of the build that `invoke check` looks at, in a folder of its own."""
    return [*arguments, "--output", ".cache/check"]


def last_problems(settings_file: str, arguments: Sequence[str] = ()) -> list[Problem] | None:
    """Return what the last check found; None if it would find something else now."""
    own = check_arguments(arguments)
    memo = open_memo(settings_file)
    found = memo.get(digest_of("problems", state_key(settings_file, own))) if memo else None
    if not found or not is_current(settings_file, own):
        return None
    day, problems = pickle.loads(found)
    return list(problems) if day == date.today() else None


def save_problems(build: "Build", problems: list[Problem]) -> None:
    """Keep what a check has found, for today: some checks look at the date."""
    build.memo.put(digest_of("problems", build.state_key), pickle.dumps((date.today(), problems)))
    build.memo.close()


def save_state(build: "Build", inputs: Inputs) -> None:
    """Keep what a build was made from and what was read, for the next one."""
    assert build.read
    memo, contents, now = build.memo, build.read.site.contents, time.time()
    dates = [content.date.timestamp() for content in contents if content.date]
    until = min((date for date in dates if date > now), default=float("inf"))
    build.state = State(build.settings, build.staging.live, inputs, until)
    memo.put(build.state_key, pickle.dumps(build.state))
    memo.put(digest_of(build.state_key, "read"), dump(build.read, build.keys))


def rebuild(
    settings_file: str, arguments: Sequence[str] = (), last: "Build | None" = None
) -> "Build | None":
    """Build again what has changed since the last build with these arguments.

    `last` is that build, if it was in this process. Returns None where that is not enough, because
    something else than the bodies of texts has changed, or something is wrong with them: then
    Pelican must build, and says what it is.
    """
    key = state_key(settings_file, arguments)
    if last and last.state and last.state_key == key:
        memo, state = last.memo, last.state
    elif found := load_state(settings_file, key):
        memo, state = found
    else:
        return None
    inputs = scan(state.settings, state.settings.file)
    changed = {path for path, _ in {*inputs.items()} ^ {*state.inputs.items()}}
    known = known_files(memo, state.live, key)
    if time.time() >= state.until or not _are_texts(changed, inputs, state.settings) or not known:
        return None
    from pipeline.site_writer import Build, assemble_site, finish, write

    folder = staging_folder(state.live)
    build = Build(state.settings, memo, Staging(folder, state.live, known), key)
    try:
        if last and last.memo is memo:
            build.read, build.keys = last.read, {**last.keys}
        elif stored := memo.get(digest_of(key, "read")):
            build.read = load(stored, memo, build.keys)
        if not _read_again(build, changed):
            return None
        clear_staging(folder, state.live, state.settings.output_retention)
        refuse_foreign(state.live)
        assert build.read
        if assemble_site(build, build.read) or not _take_copies(build):
            return None
        write(build)
        finish(build)
        save_state(build, inputs)
    except (ProblemsFound, LookupError):
        return None
    finally:
        memo.close()
        shutil.rmtree(folder, ignore_errors=True)
    return build


def _are_texts(changed: Collection[str], inputs: Inputs, settings: "Settings") -> bool:
    return all(path in inputs and path.startswith(f"{settings.path}/") for path in changed)


def first_page(last: "Build", changed: Collection[str]) -> bool:
    """Write the page of a changed text into the live folder at once, before the site is built.

    Returns whether it was written: if one text has changed, that is published and faultless.
    """
    from pipeline.site_writer import Build, write_page

    paths = {str(Path(path).resolve()) for path in changed}
    build = Build(last.settings, last.memo, last.staging, keys={**last.keys}, read=last.read)
    try:
        if len(paths) != 1 or not _read_again(build, paths):
            return False
        name = next(iter(paths)).removeprefix(f"{last.settings.path}/")
        assert build.read
        content = next(c for c in build.read.site.contents if c.document.name == name)
        return write_page(last, content)
    except (ProblemsFound, LookupError, OSError):
        return False


def _read_again(build: "Build", changed: Collection[str]) -> bool:
    """Read the changed texts; return whether they have the same front matter as before."""
    from pipeline.assemble import with_contents
    from pipeline.content.reader import read_document
    from pipeline.model import Page, Post

    read, settings = build.read, build.settings
    if not read:
        return False
    contents = {content.document.name: content for content in read.site.contents}
    for path in changed:
        name = path.removeprefix(f"{settings.path}/")
        if name not in contents:
            return False
        old = contents[name].document
        kind = Post if isinstance(old.front_matter, Post) else Page
        data = Path(path).read_bytes()
        result = build.memo.later(
            read_document, data, kind, old.path, name, read.rules, settings.markdown
        )
        new = result()
        if new.front_matter != old.front_matter:
            return False
        build.keys[name] = result.digest
        contents[name] = replace(contents[name], document=new)
    site = with_contents(read.site, contents)
    listings = tuple(
        replace(each, posts=tuple(contents[post.document.name] for post in each.posts))
        for each in read.listings
    )
    build.read = replace(read, site=site, listings=listings)
    return True


def _take_copies(build: "Build") -> bool:
    """Take the files that Pelican has copied; return whether they are all there."""
    assert build.site and build.read
    published = {asset.output for asset in build.site.assets if not asset.image}
    others = {asset.output for asset in build.read.site.assets} - published
    copies = {name: file for name, file in build.staging.known.items() if not file.key}
    taken = {n for n, file in copies.items() if n not in others and build.staging.take(n, file)}
    return published <= taken and copies.keys() - others == taken


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, kind: Any, keys: Mapping[str, str]) -> None:
        super().__init__(file, protocol=5)
        self.kind = kind
        self.keys = keys

    def persistent_id(self, value: Any) -> Any:
        return (value.name, self.keys[value.name]) if type(value) is self.kind else None


def dump(read: "Read", keys: Mapping[str, str]) -> bytes:
    """Return what was read as bytes, with the keys of documents in their places."""
    from pipeline.model import Document

    file = io.BytesIO()
    _Pickler(file, Document, keys).dump(read)
    return file.getvalue()


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, memo: Memo) -> None:
        super().__init__(file)
        self.store = memo
        self.keys: dict[str, str] = {}
        self.documents: dict[str, Document] = {}

    def persistent_load(self, pid: Any) -> "Document":
        name, key = pid
        if name not in self.documents:
            self.keys[name] = key
            self.documents[name] = self.store.read(key)
        return self.documents[name]


def load(data: bytes, memo: Memo, keys: dict[str, str]) -> "Read":
    """Return what was read from bytes; fill in the keys. Raises LookupError for a lost document."""
    unpickler = _Unpickler(io.BytesIO(data), memo)
    read: Read = unpickler.load()
    keys.update(unpickler.keys)
    return read
