"""A bucket that is a website: AWS S3, R2 or any store with S3's interface.

A store cannot switch releases atomically. So the bytes of a release are sent first, by their hash,
to where no visitor looks (`.releases/files/`), and then copied into place inside the store in an
order that breaks no visit: what pages load, new pages, changed pages, what machines read, the
manifest; deletes come last. An earlier release is activated by the same copies.
`.releases/<time>-<id>.json` are the manifests. `.releases/pending` names the releases whose copying
has begun: if a publisher is killed, the next one copies whatever differs between them and the live
one. `.releases/lock` says who publishes.
"""

import base64
import hashlib
import json
import os
import re
import secrets
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cached_property
from mimetypes import MimeTypes
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from rich.console import Console
from rich.progress import track

from pipeline.problems import ProblemsFound
from pipeline.publish.programs import redact
from pipeline.publish.release import (
    ASSETS,
    GONE,
    LIVE,
    MANIFEST,
    Manifest,
    Release,
    address_of,
    is_shared,
)
from pipeline.publish.targets.base import (
    KEEP,
    StoredRelease,
    Target,
    already_running,
    failure,
    lock_owner,
    new_name,
    published_meanwhile,
)

OWN = ".releases/"
FILES = f"{OWN}files/"
PENDING = f"{OWN}pending"
LOCK = f"{OWN}lock"
HOME = "index.html"
WORKERS = 16
CONNECT_TIMEOUT, READ_TIMEOUT = 10, 30  # seconds
TRIES = 3
# What stores answer to If-None-Match
EXISTS = ("PreconditionFailed", "ConditionalRequestConflict", "412", "409")
BATCH = 1000  # keys that one request may delete
# Seconds: a lock that was not renewed for so long is a dead publisher's; how often it is renewed
EXPIRES, RENEWED = 300, 60
# Hints by error code of the store, or exception of boto3
HINTS = {
    "Credentials|credentials|Token|SSO": "aws configure, or AWS_PROFILE; see docs/publishing.md",
    "ProfileNotFound": "aws configure list-profiles",
    "NoSuchBucket": "create the bucket, or correct its name in publishconf.py",
    "SignatureDoesNotMatch|InvalidAccessKeyId|403|AccessDenied": "use a key with write access",
    "Connect|Endpoint|Timeout|HTTPClient": "check the network and the endpoint, then run it again",
    "QuotaExceeded|EntityTooLarge|507": "free some space there",
}
# What Python's own table lacks before 3.14, or has otherwise
MEDIA_TYPES = {
    ".avif": "image/avif",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
    ".atom.xml": "application/atom+xml",
    ".rss.xml": "application/rss+xml",
}
# What `Lock` writes, but for its token
OWNER = re.compile(r".*@(?P<machine>.*), pid (?P<process>\d+)")
# A name with a part of its content's hash never stands for other bytes: style.0123abcd.css.
FINGERPRINTED = re.compile(r".*\.[0-9a-f]{8,}\.\w+")


@dataclass
class S3(Target):
    """`bucket` is its name, `url` where visitors find it.

    `endpoint` and `region` are the store's ("": AWS and its settings), `profile` one of
    ~/.aws/config. `website`: the store serves it as a website itself, and follows
    `x-amz-website-redirect-location`.
    """

    bucket: str
    url: str = ""
    endpoint: str = ""
    region: str = ""
    profile: str = ""
    website: bool = False
    # The page or copy at the old address redirects, where the store does not.
    follows_redirects = False
    _live: Manifest | None = field(default=None, init=False)

    @cached_property
    def store(self) -> "Bucket":
        """The bucket."""
        return Bucket(self.bucket, self.endpoint, self.region, self.profile)

    @property
    def location(self) -> str:
        """The URL, or the bucket."""
        return self.url or self.store.place

    def current(self) -> Manifest | None:
        """Return the manifest that visitors can read."""
        self._live = None
        found = self.store.read(MANIFEST)
        place = f"{self.store.place}/{MANIFEST}"
        self._live = Manifest.read(found[0], place) if found else None
        return self._live

    def readable(self) -> Manifest | None:
        """Return what `current` does; None also if the live manifest is damaged."""
        with suppress(ProblemsFound):
            return self.current()
        return None

    def deploy(self, release: Release) -> int:
        """Send the bytes that the store does not have, and copy what differs into place."""
        manifest = release.manifest
        sizes = {path: (release.folder / path).stat().st_size for path in manifest.files}
        if self._live and self._live.id == manifest.id:
            there = self.store.sizes()
            if PENDING not in there and sizes.items() <= there.items():
                return 0
        with self.locked() as lock:
            there = self.store.sizes()
            paths = {digest: path for path, digest in manifest.files.items()}
            new = [d for d, path in paths.items() if there.get(f"{FILES}{d}") != sizes[path]]

            def send(digest: str) -> None:
                self.store.write(f"{FILES}{digest}", (release.folder / paths[digest]).read_bytes())

            run_concurrently(send, new, "Sending", lock.renew)
            # A release whose last try was not finished keeps its name.
            unfinished = (name for name in self.pending() if name.endswith(f"-{manifest.id}"))
            name = next(unfinished, new_name(release))
            self.store.write(f"{OWN}{name}.json", manifest.data)
            self.show(name, manifest, there, lock)
            self.prune()
        return sum(sizes[paths[digest]] for digest in new)

    def list_releases(self) -> list[StoredRelease]:
        """Return the releases whose bytes are in the store, newest first."""
        live = self.readable()
        current = live.id if live else ""
        releases: list[StoredRelease] = []
        for name in release_names(self.store.sizes()):
            live_one = bool(current) and name.endswith(f"-{current}")
            releases.append(StoredRelease.named(name, live_one))
            current = "" if live_one else current
        return releases

    def activate(self, release: StoredRelease) -> None:
        """Copy a stored release into place, in the same order."""
        with self.locked() as lock:
            self.show(release.name, self.manifest(release.name), self.store.sizes(), lock)

    @contextmanager
    def locked(self) -> "Iterator[Lock]":
        """Hold the lock. Raises ProblemsFound if another release went live since `current`."""
        lock = Lock(self.store)
        lock.acquire()
        try:
            seen, live = self._live, self.readable()
            if seen and seen != live:
                raise published_meanwhile(self.store.place)
            yield lock
        finally:
            lock.release()

    def manifest(self, name: str) -> Manifest:
        """Return the manifest of a stored release."""
        found = self.store.read(f"{OWN}{name}.json")
        return Manifest.read(found[0] if found else b"", f"{self.store.place}/{OWN}{name}.json")

    def pending(self) -> list[str]:
        """Return the names of the releases whose copying has begun and not finished."""
        found = self.store.read(PENDING)
        return [str(name) for name in json.loads(found[0])] if found else []

    def show(self, name: str, manifest: Manifest, there: Mapping[str, int], lock: "Lock") -> None:
        """Copy what is missing or differs into place; delete what no visitor needs any more."""
        begun = self.pending()
        known = {stored: self.manifest(stored) for stored in release_names(there)}
        before = [*([self._live] if self._live else []), *(known[n] for n in begun if n in known)]
        self.store.write(PENDING, json.dumps(sorted({*begun, name})).encode())

        def copy(path: str) -> None:
            source = f"{FILES}{manifest.files[path]}"
            self.store.copy(source, path, self.object_headers(path, manifest))

        for group in copy_groups(manifest, before, there):
            lock.check()
            run_concurrently(copy, group, "Copying into place", lock.renew)
        headers = self.object_headers(MANIFEST, manifest)
        self.store.write(MANIFEST, manifest.data, **headers)
        self.store.delete(obsolete(manifest, before, known.values(), there))
        self.store.delete([PENDING])
        self._live = Manifest.read(manifest.data, MANIFEST)

    def object_headers(self, path: str, manifest: Manifest) -> dict[str, str]:
        """Return what the store sends with a file (RFC 9111, RFC 8246)."""
        suffixes = PurePosixPath(path.lower()).suffixes
        known = MEDIA_TYPES.get("".join(suffixes[-2:])) or MEDIA_TYPES.get("".join(suffixes[-1:]))
        # A table of its own, which no file of the system changes
        guessed = known or MimeTypes().guess_type(path)[0] or "application/octet-stream"
        # Our texts are all UTF-8 (RFC 9110, 8.3).
        guessed += "; charset=utf-8" if guessed.startswith("text/") else ""
        immutable = FINGERPRINTED.fullmatch(path)
        seconds = "31536000, immutable" if immutable else "0, must-revalidate"
        headers = {"ContentType": guessed, "CacheControl": f"public, max-age={seconds}"}
        to = manifest.addresses.get(address_of(path), LIVE)
        if self.website and to not in (LIVE, GONE):
            headers["WebsiteRedirectLocation"] = quote(to, safe="/:?#[]@!$&'()*+,;=%~")
        return headers

    def prune(self) -> None:
        """Delete all but the last releases, and the bytes that none of them has."""
        there = self.store.sizes()
        names = release_names(there)
        digests = (d for name in names[:KEEP] for d in self.manifest(name).files.values())
        needed = {f"{FILES}{digest}" for digest in digests}
        unused = [key for key in there if key.startswith(FILES) and key not in needed]
        self.store.delete([*(f"{OWN}{name}.json" for name in names[KEEP:]), *unused])


def release_names(keys: Iterable[str]) -> list[str]:
    """Return the names of the releases whose manifests are among the keys, newest first."""
    own = (key for key in keys if key.startswith(OWN) and key.endswith(".json"))
    return sorted((key.removeprefix(OWN).removesuffix(".json") for key in own), reverse=True)


def copy_groups(
    now: Manifest, before: Sequence[Manifest], there: Mapping[str, int]
) -> list[list[str]]:
    """Return the paths to copy, in groups to be copied one after the other.

    `before` are the manifests of all that may be live, `there` the sizes of all objects. A file is
    not copied if all of `before` have the same bytes and the object has their size.
    """

    def is_in_place(path: str, digest: str) -> bool:
        same = bool(before) and all(manifest.files.get(path) == digest for manifest in before)
        return same and path in there and there[path] == there.get(f"{FILES}{digest}")

    todo = [path for path, digest in now.files.items() if not is_in_place(path, digest)]
    assets = [path for path in todo if ASSETS.fullmatch(path)]
    pages = [path for path in todo if path.endswith(".html") and path != HOME]
    new = [path for path in pages if path not in there]
    changed = [path for path in pages if path in there]
    return [assets, new, changed, [path for path in todo if path not in {*assets, *pages}]]


def obsolete(
    now: Manifest, before: Iterable[Manifest], known: Iterable[Manifest], there: Iterable[str]
) -> list[str]:
    """Return the paths to delete: what a release had, this one does not have, and no page loads.

    What no release had is the author's own and stays. `known` are all stored manifests.
    """
    before = list(before)
    had = {path for manifest in [*known, *before] for path in manifest.files}
    had |= {path for path in there if is_shared(path)}
    loaded = {path for m in before for path in m.files if ASSETS.fullmatch(path)}
    return sorted((had & set(there)) - set(now.files) - loaded)


@dataclass
class Bucket:
    """Keys and bytes in a store, by boto3. Every method raises ProblemsFound."""

    name: str
    endpoint: str = ""
    region: str = ""
    profile: str = ""

    @property
    def place(self) -> str:
        """The bucket for messages, without credentials."""
        host = re.sub(r"^\w+://([^/@]*@)?", "", self.endpoint).rstrip("/")
        return f"{host}/{self.name}" if host else f"s3://{self.name}"

    @cached_property
    def client(self) -> Any:
        """The client, with credentials from where the AWS tools find them."""
        import boto3
        from botocore.config import Config

        config = Config(
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            retries={"mode": "standard", "total_max_attempts": TRIES},
            max_pool_connections=WORKERS,
            # Stores other than AWS do not know these checksums; all know Content-MD5.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path" if self.endpoint else "auto"},
        )
        session = boto3.Session(profile_name=self.profile or None)
        region = self.region or session.region_name or "us-east-1"
        return session.client(
            "s3", region_name=region, config=config, endpoint_url=self.endpoint or None
        )

    @contextmanager
    def connected(self, *ignored: str) -> Iterator[Any]:
        """Give the client, and turn errors of the store and of boto3 into ProblemsFound.

        `ignored` are codes of errors that only end the `with` block.
        """
        try:
            import boto3  # noqa: F401 (`client` needs it)
            from botocore.exceptions import BotoCoreError, ClientError
        except ImportError:
            hint = "./invoke install s3"
            raise failure(self.place, "boto3 is not installed", hint, "missing-program") from None
        try:
            yield self.client
        except ClientError as error:
            details = error.response["Error"]
            code = str(details.get("Code", ""))
            if code not in ignored:
                raise self.refused(code, f"{code}: {details.get('Message', '')}") from None
        except (BotoCoreError, OSError, ValueError) as error:
            raise self.refused(type(error).__name__, str(error)) from None

    def refused(self, kind: str, text: str) -> ProblemsFound:
        """Return that the store refused something, to be raised; `kind` is a key for HINTS."""
        hint = next((hint for pattern, hint in HINTS.items() if re.search(pattern, kind)), "")
        return failure(self.place, redact(" ".join(text.split()).rstrip(".:")), hint)

    def read(self, key: str) -> tuple[bytes, float] | None:
        """Return an object and its age in seconds by the store's clock; None: there is none."""
        with self.connected("NoSuchKey") as client:
            found = client.get_object(Bucket=self.name, Key=key)
            now = parsedate_to_datetime(found["ResponseMetadata"]["HTTPHeaders"]["date"])
            return found["Body"].read(), (now - found["LastModified"]).total_seconds()
        return None

    def write(self, key: str, data: bytes, **more: Any) -> None:
        """Put an object; the store compares what arrives with its MD5.

        With IfNoneMatch="*" an object that exists stays, unless the store ignores that.
        """
        digest = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        with self.connected(*EXISTS) as client:
            client.put_object(Bucket=self.name, Key=key, Body=data, ContentMD5=digest, **more)

    def copy(self, source: str, key: str, headers: Mapping[str, str]) -> None:
        """Copy an object inside the store, with headers of its own."""
        with self.connected() as client:
            client.copy_object(
                Bucket=self.name,
                Key=key,
                CopySource={"Bucket": self.name, "Key": source},
                MetadataDirective="REPLACE",
                **headers,
            )

    def sizes(self) -> dict[str, int]:
        """Return the size of each object in bytes."""
        with self.connected() as client:
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
            return {o["Key"]: o["Size"] for page in pages for o in page.get("Contents", ())}

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects, whether they exist or not."""
        todo = [{"Key": key} for key in keys]
        for start in range(0, len(todo), BATCH):
            batch = {"Objects": todo[start : start + BATCH], "Quiet": True}
            with self.connected() as client:
                errors = client.delete_objects(Bucket=self.name, Delete=batch).get("Errors", ())
            for error in errors[:1]:
                code = str(error.get("Code"))
                raise self.refused(code, f"{error.get('Key')} was not deleted: {code}")


class Lock:
    """One publisher at a time in a bucket: an object that says who, renewed while it works."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        self.data = f"{lock_owner()}\n{secrets.token_hex(8)}\n".encode()
        self.renewed = time.monotonic()

    def acquire(self) -> None:
        """Take it, also from a dead publisher. Raises ProblemsFound if another one holds it."""
        if found := self.bucket.read(LOCK):
            owner, age = owner_of(found[0]), found[1]
            if age <= EXPIRES and not is_dead(owner):
                hint = f"if it was killed, wait {max(EXPIRES - age, 0):.0f} s"
                raise already_running(self.bucket.place, owner, hint)
            self.bucket.delete([LOCK])
        self.bucket.write(LOCK, self.data, IfNoneMatch="*")
        # A store that ignores If-None-Match has let both write.
        self.check()

    def check(self) -> None:
        """Raise ProblemsFound if the lock is another's, who took it at the same time."""
        found = self.bucket.read(LOCK)
        if not found or found[0] != self.data:
            owner = owner_of(found[0]) if found else ""
            raise already_running(self.bucket.place, owner, "run it again later")

    def renew(self) -> None:
        """Renew it from time to time."""
        if time.monotonic() - self.renewed > RENEWED:
            self.check()
            self.bucket.write(LOCK, self.data)
            self.renewed = time.monotonic()

    def release(self) -> None:
        """Remove it, unless it is another's."""
        found = self.bucket.read(LOCK)
        if found and found[0] == self.data:
            self.bucket.delete([LOCK])


def owner_of(data: bytes) -> str:
    """Return who wrote a lock."""
    return data.decode("utf-8", "replace").partition("\n")[0]


def is_dead(owner: str) -> bool:
    """Return whether a publisher was on this machine and has ended."""
    match = OWNER.fullmatch(owner)
    if not match or match["machine"] != socket.gethostname() or os.name != "posix":
        return False
    try:
        os.kill(int(match["process"]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


def run_concurrently(
    work: Callable[[str], object], items: Iterable[str], label: str, renew: Callable[[], None]
) -> None:
    """Call `work` for each item, several at once, with a progress bar on a terminal.

    The first error stops the items that have not begun, and is raised. `renew` is called after
    each item, in this thread.
    """
    todo = list(items)
    console = Console(stderr=True)
    with ThreadPoolExecutor(WORKERS) as threads:
        try:
            running = [threads.submit(work, item) for item in todo]
            finished = as_completed(running)
            hidden = not console.is_terminal
            for done in track(finished, label, len(todo), console=console, disable=hidden):
                done.result()
                renew()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
