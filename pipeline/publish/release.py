"""A release: the built folder and its manifest, which is deployed with it as `release.json`.

So the next publish learns from the target what the last release was, on any machine, and what of a
new one changes for visitors.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, unquote, urldefrag

from pipeline import html
from pipeline.build import Built
from pipeline.content import changes
from pipeline.content.sources import EXPIRES
from pipeline.feeds.feed_diff import KnownEntry
from pipeline.model import Chart, Content, Version
from pipeline.problems import Problem, ProblemsFound, relative
from pipeline.redirects import REDIRECTS_FILE, read_redirects

MANIFEST = "release.json"
VERSION = 1
ID_LENGTH = 12  # hex digits
LIVE, GONE = "", "gone"
# Beginnings of the ids that no link from elsewhere leads to
UNLINKED = ("fnref", "note:")
SHOWN = 12  # addresses of a kind; the rest is only counted
# A path that leads out of its folder, on any system
OUTSIDE = re.compile(r"^/|^\w:|\\|(^|/)\.\.(/|$)")
# What hosts read and visitors do not ask for, and what expires
UNADDRESSED = re.compile(
    rf"_[^/]*|\.(?!well-known/)[^/]*(/.*)?|404\.html|release\.json|{EXPIRES.pattern}.*"
)
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
    `entries` are the entries of the feeds by id, `anchors` the ids in each text by its address,
    `texts` the words of posts by their ids. `release.json` does not name the files that are shared
    at addresses nobody can guess, since everybody can read it: `shared` stands for them.
    """

    files: Mapping[str, str]
    addresses: Mapping[str, str] = field(default_factory=dict)
    entries: Mapping[str, KnownEntry] = field(default_factory=dict)
    anchors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    texts: Mapping[str, Version] = field(default_factory=dict)
    shared: str = ""

    @cached_property
    def data(self) -> bytes:
        """The bytes of `release.json`, always the same for the same release."""
        values = {
            "version": VERSION,
            "files": {path: sha for path, sha in self.files.items() if not is_shared(path)},
            "addresses": dict(self.addresses),
            "entries": {name: asdict(entry) for name, entry in self.entries.items()},
        }
        if self.anchors:
            values["anchors"] = {address: list(ids) for address, ids in self.anchors.items()}
        if self.texts:
            values["texts"] = {id: asdict(version) for id, version in self.texts.items()}
        if self.shared:
            values["shared"] = self.shared
        text = json.dumps(values, ensure_ascii=False, indent=1, sort_keys=True)
        return f"{text}\n".encode()

    @cached_property
    def id(self) -> str:
        """The release's id: the first 12 hex digits of the SHA-256 of `data`."""
        return sha256(self.data).hexdigest()[:ID_LENGTH]

    @classmethod
    def read(cls, data: bytes, place: str) -> "Manifest":
        """Return the manifest in `data`, which was found at `place`. Raises ProblemsFound."""
        try:
            values = json.loads(data)
            if values["version"] != VERSION:
                raise ValueError(f"version {values['version']}")
            if outside := [path for path in values["files"] if OUTSIDE.search(path)]:
                raise ValueError(f"the path {outside[0]}")
            entries = {name: KnownEntry(**entry) for name, entry in values["entries"].items()}
            anchors = dict(values.get("anchors", {}))  # a release from before there were any
            texts = {id: changes.as_version(each) for id, each in values.get("texts", {}).items()}
            shared = str(values.get("shared", ""))
            files, addresses = dict(values["files"]), dict(values["addresses"])
            return cls(files, addresses, entries, anchors, texts, shared)
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
    folder: Path,
    before: Manifest | None,
    entries: Mapping[str, KnownEntry] | None = None,
    contents: Collection[Content] = (),
) -> Release:
    """Write the manifest of a built folder into it and return the release.

    `before` is the manifest of the live release (None: there is none), `entries` those of the
    feeds, `contents` the posts and pages. The folder is as the target needs it (`Target.prepare`)
    and does not change any more.
    """
    (folder / MANIFEST).unlink(missing_ok=True)
    paths = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    files = {name: sha256(path.read_bytes()).hexdigest() for name, path in sorted(paths.items())}
    table = paths.get(REDIRECTS_FILE)
    redirects = dict(read_redirects(table.read_text("utf-8"))) if table else {}
    kept = (path for path in files if not UNADDRESSED.fullmatch(path))
    live = {address_of(path): LIVE for path in kept if not ASSETS.fullmatch(path)}
    past = {name: GONE for name, state in (before.addresses if before else {}).items()}
    published = {address_of(c.output): anchors_in(c) for c in contents if c.output}
    anchors = {address: ids for address, ids in published.items() if ids}
    addresses = {**past, **live, **redirects}
    texts = changes.published(contents)
    secret = repr([(path, digest) for path, digest in files.items() if is_shared(path)])
    shared = sha256(secret.encode()).hexdigest() if secret != "[]" else ""
    manifest = Manifest(files, addresses, entries or {}, anchors, texts, shared)
    (folder / MANIFEST).write_bytes(manifest.data)
    return Release(folder, manifest)


def is_shared(path: str) -> bool:
    """Return whether a file is one of `invoke share --publish`."""
    return bool(EXPIRES.match(path))


def anchors_in(content: Content) -> list[str]:
    """Return the ids that links may lead to, in order: headings, quotes, notes, figures."""
    document = content.document
    charts = [(part.id, part.line) for part in document.body if isinstance(part, Chart)]
    ids = sorted((*document.ids, *charts), key=lambda pair: pair[1])
    return [name for name, _ in ids if name and not name.startswith(UNLINKED)]


def address_of(path: str) -> str:
    """Return the address of a file from the site's root as a URL has it, quoted."""
    return quote(html.address_of(path))


# --- What a release changes


@dataclass(frozen=True)
class ReleaseDiff:
    """What a release changes.

    `new` and `changed` are addresses of pages. `gone` are addresses that worked and no longer do.
    `redirected`, `copied` and `unredirected` are the addresses that redirect elsewhere since this
    release, each with where to: by the host or a page, by a copy of the file at the old address,
    and not at all, because the host cannot. `files` is how many files are new or changed, `size`
    their bytes.
    """

    new: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]
    redirected: tuple[tuple[str, str], ...]
    copied: tuple[tuple[str, str], ...]
    unredirected: tuple[tuple[str, str], ...]
    files: int
    size: int


def diff_releases(
    release: Release, before: Manifest | None, follows_redirects: bool = True
) -> ReleaseDiff:
    """Return what a release changes; `before` is the live manifest (None: there is none).

    `follows_redirects`: the host reads `_redirects`.
    """
    earlier = before.addresses if before else {}
    now = release.manifest.addresses
    changed = release.changed(before)
    pages = [a for p in changed if p.endswith(".html") and now.get(a := address_of(p)) == LIVE]
    moved: dict[str, list[tuple[str, str]]] = {"host": [], "copy": [], "none": []}
    for address, to in sorted(now.items()):
        if to not in (LIVE, GONE) and to != earlier.get(address):
            way = "host" if follows_redirects else substitute(address, release.manifest)
            moved[way].append((address, to))
    gone = {a for a, state in now.items() if state == GONE != earlier.get(a, GONE)}
    gone |= {address for address, _ in moved["none"] if earlier.get(address) == LIVE}
    return ReleaseDiff(
        new=tuple(address for address in pages if earlier.get(address) != LIVE),
        changed=tuple(address for address in pages if earlier.get(address) == LIVE),
        gone=tuple(sorted(gone)),
        redirected=tuple(moved["host"]),
        copied=tuple(moved["copy"]),
        unredirected=tuple(moved["none"]),
        files=len(changed),
        size=sum((release.folder / path).stat().st_size for path in [*changed, MANIFEST]),
    )


def substitute(address: str, manifest: Manifest) -> str:
    """Return what stands at an old address: a redirect page ("host"), a "copy", or "none"."""
    path = unquote(address).strip("/")
    if path.endswith(".html") and path in manifest.files:
        return "host"
    if f"{path}/index.html".lstrip("/") in manifest.files:
        return "host"
    return "copy" if path in manifest.files else "none"


def diff_lines(diff: ReleaseDiff) -> Iterator[str]:
    """Yield what a release changes, as lines for the author."""
    yield from shortened("new", diff.new)
    yield from shortened("changed", diff.changed)
    yield from shortened("gone", diff.gone)
    yield from shortened("redirected", [f"{old} -> {to}" for old, to in diff.redirected])
    yield from shortened("copied", [f"{old} (now {to})" for old, to in diff.copied])
    lost = [f"{old} -> {to}: this host does not redirect files" for old, to in diff.unredirected]
    yield from shortened("no redirect", lost)
    yield f"  to send      {counted(diff.files, 'file')}, {diff.size:,} bytes"


def sources_by_id(contents: Iterable[Content]) -> dict[str, str]:
    """Return the paths of posts by their ids."""
    posts = (content.document for content in contents if content.is_post)
    return {getattr(post.front_matter, "id", None) or "": post.path for post in posts}


def word_lines(now: Manifest, before: Manifest | None, built: Built) -> Iterator[str]:
    """Yield the words that readers of the live posts will find changed, as lines for the author."""
    sources = sources_by_id(built.site.contents)
    for id, old in (before.texts if before else {}).items():
        new = now.texts.get(id, old)
        if passages := list(changes.diff(old.text, new.text)):
            path = relative(sources[id])
            note = new.note or "no sentence about it (Modified: 2026-12-01, what)"
            note = note if changes.is_told(new, old) else "Modified is as it was"
            yield f"  words        {path}: {note}"
            yield from shortened("", [changes.as_text(passage) for passage in passages])


def shortened(label: str, names: Sequence[str]) -> Iterator[str]:
    """Yield a line for each of the first names, and one that counts the rest."""
    yield from (f"  {label:<11}  {name}" for name in names[:SHOWN])
    if len(names) > SHOWN:
        yield f"  {label:<11}  and {len(names) - SHOWN:,} more"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: "1 file", "2 files"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def vanishing(
    diff: ReleaseDiff, release: Release, before: Manifest | None, built: Built
) -> Iterator[Problem]:
    """Yield a problem for each address that worked and no longer would.

    The hint has the front matter line to add; the place is the post that it belongs to, if the
    feeds tell: an entry has the same id and another URL.
    """
    earlier, now = before.entries if before else {}, release.manifest.entries
    site = built.settings.site
    urls = [(entry.url, now[id].url) for id, entry in earlier.items() if id in now]
    moves = [["/" + urldefrag(url).url.removeprefix(site) for url in pair] for pair in urls]
    sources = {f"/{content.url}": content.document.path for content in built.site.contents}
    unredirected = dict(diff.unredirected)
    for address in diff.gone:
        message = f"published address would vanish: {address}"
        hint = f"add `Aliases: {address}` to the post that replaces it"
        if address in unredirected:
            message += ", since this host does not redirect files"
            hint = "keep the file there"
        if address.endswith(f"/{changes.PAGE}"):
            hint = "take CHANGES_FILE from where it was published"
        new = next((new for old, new in moves if old != new and contains(old, address)), "")
        source = sources.get(new, "")
        if source and address not in unredirected:
            hint = f"add `Aliases: {address}` to it, as invoke check --fix does"
        hint += ", a line to the redirects file, or --allow-deletes"
        yield Problem("vanished-address", source or address, 0, message, hint)


def vanished_anchors(now: Manifest, before: Manifest | None, built: Built) -> Iterator[Problem]:
    """Yield a problem for each id of a published text that links could lead to and that is lost.

    The place is what has a similar new id, else what is after the id that was before the lost one.
    A text that has moved is looked for where its old address redirects to.
    """
    documents = {address_of(c.output): c.document for c in built.site.contents if c.output}
    for address, ids in (before.anchors if before else {}).items():
        place = now.addresses.get(address) or address
        document = documents.get(place)
        if not document:
            continue  # the address is gone, or a copy
        lines, near = dict(document.ids), 0
        new = {name: line for name, line in lines.items() if name not in ids}
        headings = {heading.id for heading in document.headings}
        for name in ids:
            if name in now.anchors.get(place, ()) or name.startswith(UNLINKED):
                near = lines.get(name, near)
                continue
            close = next(iter(get_close_matches(name, new, n=1)), "")
            line = new.pop(close, near)
            kept = f"{{: #{name} }}" if close in headings else f'<span id="{name}"></span>'
            hint = f"write {kept} {'on that line' if line else 'in it'}, or --allow-deletes"
            message = f"published anchor would vanish: {address}#{name}"
            yield Problem("vanished-anchor", document.path, line, message, hint)


def contains(page: str, address: str) -> bool:
    """Return whether an address is that of a page, or of a file beside it."""
    return address == page or (page.endswith("/") and address.startswith(page))
