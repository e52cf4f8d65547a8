"""A release: the built folder, and its manifest, which goes live with it as `release.json`.

So the next publish learns from the target itself what the last one was, from any machine.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pipeline.problems import Problem, ProblemsFound

MANIFEST = "release.json"
REDIRECTS = "_redirects"
VERSION = 1
ID_LENGTH = 12  # hex digits
LIVE, GONE = "", "gone"
ENTRY = {"title", "url", "digest"}  # what a manifest has of each entry (delivery.Entry)
# A path that leads out of its folder, on any system
OUTSIDE = re.compile(r"^/|^\w:|\\|(^|/)\.\.(/|$)")
# What hosts read and visitors do not ask for: _redirects, _headers, .nojekyll, the error page.
UNADDRESSED = re.compile(r"_[^/]*|\.(?!well-known/)[^/]*(/.*)?|404\.html|release\.json")
# What pages load. A visitor who has a page of the last release still asks for that release's; but
# nobody keeps its address.
ASSETS = re.compile(
    r"(?!_|\.).*\.(css|js|mjs|woff2?|avif|webp|jpe?g|png|gif|svg|ico|mp4|webm|wasm)", re.IGNORECASE
)


@dataclass(frozen=True)
class Manifest:
    """What a release holds, and what became of every address before it.

    `files` are the paths of all files but the manifest's own, each with its SHA-256 in hex digits.
    `addresses` are all that were ever published, from the site's root ("/posts/a/"), each with what
    became of it: "" is live, "/new/" or a whole URL is where it redirects to, "gone" was deleted on
    purpose. `entries` are the feeds' entries by their ids, as `delivery` describes them.
    """

    files: Mapping[str, str]
    addresses: Mapping[str, str] = field(default_factory=dict)
    entries: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @cached_property
    def data(self) -> bytes:
        """The bytes of `release.json`: the same for the same release, always."""
        values = {
            "version": VERSION,
            "files": dict(self.files),
            "addresses": dict(self.addresses),
            "entries": {name: dict(entry) for name, entry in self.entries.items()},
        }
        text = json.dumps(values, ensure_ascii=False, indent=1, sort_keys=True)
        return f"{text}\n".encode()

    @cached_property
    def id(self) -> str:
        """The release's name: the first 12 hex digits of the SHA-256 of `data`."""
        return hashlib.sha256(self.data).hexdigest()[:ID_LENGTH]

    @classmethod
    def read(cls, data: bytes, place: str) -> "Manifest":
        """Return the manifest that `data`, found at `place`, holds. Raises ProblemsFound."""
        try:
            values = json.loads(data)
            if values["version"] != VERSION:
                raise ValueError(f"version {values['version']}")
            if strange := [path for path in values["files"] if OUTSIDE.search(path)]:
                raise ValueError(f"the path {strange[0]}")
            entries = {name: dict(entry) for name, entry in values["entries"].items()}
            if strange := [name for name, entry in entries.items() if set(entry) != ENTRY]:
                raise ValueError(f"the entry {strange[0]}")
            return cls(dict(values["files"]), dict(values["addresses"]), entries)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            must, fix = "must be the manifest of a release", "put an earlier release back"
            raise ProblemsFound([Problem(place, 0, must, str(error), fix)]) from None


@dataclass(frozen=True)
class Release:
    """A folder whose files are those of the manifest, and the manifest as `release.json`."""

    folder: Path
    manifest: Manifest

    def changed(self, before: Manifest | None) -> list[str]:
        """Return the paths of the files that are not in `before` with the same bytes, in order."""
        known = before.files if before else {}
        return [path for path, sha in self.manifest.files.items() if known.get(path) != sha]

    def dropped(self, before: Manifest | None) -> list[str]:
        """Return the paths of the files of `before` that this release has not, in order."""
        return sorted(set(before.files if before else {}) - set(self.manifest.files))

    def carried(self, before: Manifest | None) -> list[str]:
        """Return those of the dropped paths that pages load: they stay one release longer."""
        return [path for path in self.dropped(before) if ASSETS.fullmatch(path)]


def make_release(
    folder: Path, before: Manifest | None, entries: Mapping[str, Mapping[str, Any]] | None = None
) -> Release:
    """Write the manifest of a built folder into it and return the release.

    `before` is the manifest that is live now (None: there is none), `entries` those of the feeds.
    The folder must be as the target wants it (`Target.prepare`) and is not to change from here on.
    """
    (folder / MANIFEST).unlink(missing_ok=True)
    files = dict(hash_files(folder))
    redirects = dict(read_redirects(folder))
    live = {address_of(path): LIVE for path in files if is_addressed(path)}
    past = {name: GONE for name, was in (before.addresses if before else {}).items()}
    manifest = Manifest(files, {**past, **live, **redirects}, entries or {})
    (folder / MANIFEST).write_bytes(manifest.data)
    return Release(folder, manifest)


def hash_files(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the path of each file below a folder, in order, with the SHA-256 of its bytes."""
    paths = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    for name in sorted(paths):
        with paths[name].open("rb") as file:
            yield name, hashlib.file_digest(file, "sha256").hexdigest()


def is_addressed(path: str) -> bool:
    """Return whether a file has an address that somebody may keep."""
    return not UNADDRESSED.fullmatch(path) and not ASSETS.fullmatch(path)


def address_of(path: str) -> str:
    """Return the address of a file from the site's root: "a/index.html" is at "/a/"."""
    return "/" + quote(re.sub(r"(^|/)index\.html$", r"\1", path))


def read_redirects(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield each redirect that a built folder has in `_redirects`: an address, and where to."""
    path = folder / REDIRECTS
    for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
        if line and not line.startswith("#"):
            source, to, *_status = line.split()
            yield source, to
