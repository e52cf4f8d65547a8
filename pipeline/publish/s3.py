"""A bucket that is a website: AWS, R2, or any store with S3's interface.

A store has no switch. So the bytes of a release are sent first, by their hash, to where no visitor
looks (`.releases/files/`), and then copied into place inside the store, in an order that breaks no
visit: what pages load, new pages, changed pages, what machines read, the manifest; deletes last.
An earlier release is put back by the same copies. `.releases/<time>-<id>.json` are the manifests,
and `.releases/pending` names those whose copying was begun: after a kill, whatever differs between
them and the live one is copied again.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from pipeline.publish.bucket import Bucket
from pipeline.publish.bucket_lock import Lock, locked
from pipeline.publish.directory import KEEP, TIME
from pipeline.publish.headers import cache_control, content_type
from pipeline.publish.progress import at_once
from pipeline.publish.release import ASSETS, GONE, LIVE, MANIFEST, Manifest, Release, address_of
from pipeline.publish.target import Kept, failure

OWN = ".releases/"
FILES = f"{OWN}files/"
PENDING = f"{OWN}pending"
HOME = "index.html"


@dataclass
class S3:
    """`bucket` is its name, `url` where visitors find it.

    `endpoint` and `region` are the store's ("": those of AWS and of its settings), `profile` one of
    ~/.aws/config. `website`: the store shows it as a website itself, and follows
    `x-amz-website-redirect-location`. `sent` is how many bytes the last `put` sent.
    """

    bucket: str
    url: str = ""
    endpoint: str = ""
    region: str = ""
    profile: str = ""
    website: bool = False
    sent: int = field(default=0, init=False)
    _live: Manifest | None = field(default=None, init=False)

    def prepare(self, folder: Path) -> None:
        """Change nothing: a redirect's page is its fallback, and carries the header."""

    def lock(self) -> AbstractContextManager[None]:
        """Lock nothing: `put` and `switch` do, once they know that there is something to do."""
        return nullcontext()

    @cached_property
    def store(self) -> Bucket:
        """The bucket."""
        return Bucket(self.bucket, self.endpoint, self.region, self.profile)

    def live(self) -> Manifest | None:
        """Return the manifest that visitors could read."""
        found = self.store.read(MANIFEST)
        place = f"{self.store.place}/{MANIFEST}"
        self._live = Manifest.read(found.data, place) if found else None
        return self._live

    def put(self, release: Release) -> None:
        """Send the bytes that the store has not, and copy what differs into place."""
        self.sent = 0
        if self.is_shown(release):
            return
        with self.locked() as lock:
            there = self.store.sizes()
            self.send(release, there, lock)
            name = self.name(release.manifest.id)
            self.store.write(f"{OWN}{name}.json", release.manifest.data)
            self.show(name, release.manifest, there, lock)
            self.prune()

    def name(self, id: str) -> str:
        """Return the name of a release: that of its last try, where it did not come to its end."""
        new = f"{datetime.now(UTC).strftime(TIME)}-{id}"
        return next((name for name in self.pending() if name.endswith(f"-{id}")), new)

    def kept(self) -> list[Kept]:
        """Return the releases whose bytes are in the store, the newest first."""
        live = self.live()
        kept: list[Kept] = []
        for name in names(self.store.sizes()):
            time, _, id = name.partition("-")
            shown = bool(live and live.id == id and not any(k.live for k in kept))
            kept.append(Kept(id, datetime.strptime(time, TIME).replace(tzinfo=UTC), shown))
        return kept

    def switch(self, release: str) -> None:
        """Copy an earlier release into place, in the same order."""
        with self.locked() as lock:
            there = self.store.sizes()
            name = next((name for name in names(there) if name.endswith(f"-{release}")), "")
            if not name:
                must = "must have the release"
                raise failure(self.store.place, must, release, "see invoke releases")
            self.show(name, self.manifest(name), there, lock)

    @contextmanager
    def locked(self) -> Iterator[Lock]:
        """Hold the lock. Raises ProblemsFound when another has published since `live`."""
        with locked(self.store) as lock:
            seen = self._live
            now = self.live()
            if seen and seen != now:
                must = "must be as it was when this began"
                raise failure(self.store.place, must, "another release is live", "run it again")
            yield lock

    def manifest(self, name: str) -> Manifest:
        """Return the manifest of a release that is kept."""
        found = self.store.read(f"{OWN}{name}.json")
        return Manifest.read(found.data if found else b"", f"{self.store.place}/{OWN}{name}.json")

    def pending(self) -> list[str]:
        """Return the names of the releases whose copying was begun and not finished."""
        found = self.store.read(PENDING)
        return [str(name) for name in json.loads(found.data)] if found else []

    def is_shown(self, release: Release) -> bool:
        """Return whether a release is live, whole, and nothing was left by a killed publisher."""
        live = self._live
        if not live or live.id != release.manifest.id:
            return False
        there = self.store.sizes()
        sizes = {path: (release.folder / path).stat().st_size for path in live.files}
        return PENDING not in there and all(there.get(path) == s for path, s in sizes.items())

    def send(self, release: Release, there: Mapping[str, int], lock: Lock) -> None:
        """Send the files whose bytes are not in the store."""
        paths = {sha: release.folder / path for path, sha in release.manifest.files.items()}
        new = [s for s, path in paths.items() if there.get(f"{FILES}{s}") != path.stat().st_size]

        def send(sha: str) -> None:
            self.store.write(f"{FILES}{sha}", paths[sha].read_bytes())

        at_once(send, new, "sending", lock.beat)
        self.sent = sum(paths[sha].stat().st_size for sha in new)

    def show(self, name: str, manifest: Manifest, there: Mapping[str, int], lock: Lock) -> None:
        """Copy into place what is not there or another's; delete what no visitor needs any more."""
        begun = self.pending()
        known = {kept: self.manifest(kept) for kept in names(there)}
        before = [*([self._live] if self._live else []), *(known[n] for n in begun if n in known)]
        self.store.write(PENDING, json.dumps(sorted({*begun, name})).encode())

        def copy(path: str) -> None:
            source = f"{FILES}{manifest.files[path]}"
            self.store.copy(source, path, self.headers(path, manifest))

        for group in groups(manifest, before, there):
            lock.check()
            at_once(copy, group, "showing", lock.beat)
        more = {"ContentType": content_type(MANIFEST), "CacheControl": cache_control(MANIFEST)}
        self.store.write(MANIFEST, manifest.data, **more)
        self.store.delete(obsolete(manifest, before, known.values(), there))
        self.store.delete([PENDING])
        self._live = manifest

    def headers(self, path: str, manifest: Manifest) -> dict[str, str]:
        """Return what the store says with a file."""
        headers = {"ContentType": content_type(path), "CacheControl": cache_control(path)}
        to = manifest.addresses.get(address_of(path), LIVE)
        if self.website and to not in (LIVE, GONE):
            headers["WebsiteRedirectLocation"] = quote(to, safe="/:?#[]@!$&'()*+,;=%~")
        return headers

    def prune(self) -> None:
        """Delete all but the last releases, and the bytes that none of those has."""
        there = self.store.sizes()
        kept = names(there)[:KEEP]
        needed = {f"{FILES}{sha}" for name in kept for sha in self.manifest(name).files.values()}
        old = [f"{OWN}{name}.json" for name in names(there)[KEEP:]]
        unused = [key for key in there if key.startswith(FILES) and key not in needed]
        self.store.delete([*old, *unused])


def names(keys: Iterable[str]) -> list[str]:
    """Return the names of the releases whose manifests are among the keys, the newest first."""
    own = (key for key in keys if key.startswith(OWN) and key.endswith(".json"))
    return sorted((key.removeprefix(OWN).removesuffix(".json") for key in own), reverse=True)


def groups(now: Manifest, before: Sequence[Manifest], there: Mapping[str, int]) -> list[list[str]]:
    """Return the paths to copy, in groups to be copied one after the other.

    `before` are the manifests of all that may be live, `there` the sizes of what the store has: a
    file stays when it is there, with the size of its bytes, and all of them have the same.
    """

    def stays(path: str, sha: str) -> bool:
        same = bool(before) and all(manifest.files.get(path) == sha for manifest in before)
        return same and path in there and there[path] == there.get(f"{FILES}{sha}")

    todo = [path for path, sha in now.files.items() if not stays(path, sha)]
    assets = [path for path in todo if ASSETS.fullmatch(path)]
    pages = [path for path in todo if path.endswith(".html") and path != HOME]
    new = [path for path in pages if path not in there]
    changed = [path for path in pages if path in there]
    return [assets, new, changed, [path for path in todo if path not in {*assets, *pages}]]


def obsolete(
    now: Manifest,
    before: Iterable[Manifest],
    known: Iterable[Manifest],
    there: Iterable[str],
) -> list[str]:
    """Return the paths to delete: what a release had, this one has not, and no page loads.

    What no release had is the author's own, and stays.
    """
    before = list(before)
    had = {path for manifest in [*known, *before] for path in manifest.files}
    loaded = {path for m in before for path in m.files if ASSETS.fullmatch(path)}
    return sorted((had & set(there)) - set(now.files) - loaded)
