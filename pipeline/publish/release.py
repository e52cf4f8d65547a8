"""A release: the built folder and its manifest, which is deployed with it as `release.json`.

So the next publish learns from the target what the last release was, on any machine.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from pipeline import html
from pipeline.problems import Problem, ProblemsFound
from pipeline.redirects import REDIRECTS_FILE, read_redirects

MANIFEST = "release.json"
VERSION = 1
ID_LENGTH = 12  # hex digits
LIVE, GONE = "", "gone"
ENTRY = {"title", "url", "digest"}  # the keys of each feed entry
# A path that leads out of its folder, on any system
OUTSIDE = re.compile(r"^/|^\w:|\\|(^|/)\.\.(/|$)")
# What hosts read and visitors do not ask for
UNADDRESSED = re.compile(r"_[^/]*|\.(?!well-known/)[^/]*(/.*)?|404\.html|release\.json")
# What pages load. A visitor who has a page of the last release still asks for that release's files,
# but nobody keeps their addresses.
ASSETS = re.compile(
    r"(?!_|\.).*\.(css|js|mjs|woff2?|avif|webp|jpe?g|png|gif|svg|ico|mp4|webm|wasm)", re.IGNORECASE
)


@dataclass(frozen=True)
class Manifest:
    """What a release holds, and what became of every earlier address.

    `files` are the paths of all files but the manifest, each with its SHA-256 in hex digits.
    `addresses` are all that were ever published, from the site's root ("/posts/a/"), each with its
    state: "" is live, "/new/" or a URL is where it redirects to, "gone" was deleted on purpose.
    `entries` are the entries of the feeds by id: title, url and digest.
    """

    files: Mapping[str, str]
    addresses: Mapping[str, str] = field(default_factory=dict)
    entries: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @cached_property
    def data(self) -> bytes:
        """The bytes of `release.json`, always the same for the same release."""
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
        """The release's id: the first 12 hex digits of the SHA-256 of `data`."""
        return hashlib.sha256(self.data).hexdigest()[:ID_LENGTH]

    @classmethod
    def read(cls, data: bytes, place: str) -> "Manifest":
        """Return the manifest in `data`, which was found at `place`. Raises ProblemsFound."""
        try:
            values = json.loads(data)
            if values["version"] != VERSION:
                raise ValueError(f"version {values['version']}")
            if outside := [path for path in values["files"] if OUTSIDE.search(path)]:
                raise ValueError(f"the path {outside[0]}")
            entries = {name: dict(entry) for name, entry in values["entries"].items()}
            if wrong := [name for name, entry in entries.items() if set(entry) != ENTRY]:
                raise ValueError(f"the entry {wrong[0]}")
            return cls(dict(values["files"]), dict(values["addresses"]), entries)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            hint = "activate another release: invoke releases, invoke rollback"
            message = f"not a release manifest: {error}"
            raise ProblemsFound([Problem("bad-manifest", place, 0, message, hint)]) from None


@dataclass(frozen=True)
class Release:
    """A folder whose files are those of the manifest, and the manifest as `release.json`."""

    folder: Path
    manifest: Manifest

    def changed(self, before: Manifest | None) -> list[str]:
        """Return the paths of the files that `before` does not have with the same bytes."""
        known = before.files if before else {}
        return [path for path, digest in self.manifest.files.items() if known.get(path) != digest]

    def removed(self, before: Manifest | None) -> list[str]:
        """Return the paths of the files of `before` that this release does not have, in order."""
        return sorted(set(before.files if before else {}) - set(self.manifest.files))

    def retained(self, before: Manifest | None) -> list[str]:
        """Return the removed paths that pages load: they stay for one more release."""
        return [path for path in self.removed(before) if ASSETS.fullmatch(path)]


def make_release(
    folder: Path, before: Manifest | None, entries: Mapping[str, Mapping[str, str]] | None = None
) -> Release:
    """Write the manifest of a built folder into it and return the release.

    `before` is the manifest of the live release (None: there is none), `entries` those of the
    feeds. The folder is as the target needs it (`Target.prepare`) and does not change any more.
    """
    (folder / MANIFEST).unlink(missing_ok=True)
    files = dict(hash_files(folder))
    path = folder / REDIRECTS_FILE
    redirects = dict(read_redirects(path.read_text("utf-8"))) if path.is_file() else {}
    live = {address_of(path): LIVE for path in files if is_addressed(path)}
    past = {name: GONE for name, state in (before.addresses if before else {}).items()}
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
    """Return the address of a file from the site's root as a URL has it, quoted."""
    return quote(html.address_of(path))
