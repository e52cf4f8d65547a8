"""One publisher at a time in a bucket: an object that says who is at it, renewed on the way."""

import getpass
import json
import os
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.publish.bucket import Bucket
from pipeline.publish.target import failure

KEY = ".releases/lock"
# Seconds: one that was not renewed for so long is a dead publisher's, and how often it is renewed.
EXPIRES, RENEWED = 300, 60
MUST = "must be published to by one at a time"


class Lock:
    """A lock that is held."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        values = {
            "who": getpass.getuser(),
            "machine": socket.gethostname(),
            "process": os.getpid(),
            "token": secrets.token_hex(8),
        }
        self.data = json.dumps(values).encode()
        self.renewed = time.monotonic()

    def take(self) -> None:
        """Take it, also from a dead publisher. Raises ProblemsFound when another has it."""
        found = self.bucket.read(KEY)
        if found and not is_dead(found.data, found.age):
            wait = f"wait {max(EXPIRES - found.age, 0):.0f} s if it was killed"
            raise failure(self.bucket.place, MUST, f"{name_of(found.data)} is at it", wait)
        if found:
            self.bucket.delete([KEY])
        self.bucket.create(KEY, self.data)
        # A store that knows no If-None-Match has let both write.
        self.check()

    def check(self) -> None:
        """Raise ProblemsFound when the lock is another's: he took it at the same time."""
        found = self.bucket.read(KEY)
        if not found or found.data != self.data:
            other = name_of(found.data) if found else "another"
            raise failure(self.bucket.place, MUST, f"{other} is at it", "run it again later")

    def beat(self) -> None:
        """Renew it from time to time."""
        if time.monotonic() - self.renewed > RENEWED:
            self.check()
            self.bucket.write(KEY, self.data)
            self.renewed = time.monotonic()


@contextmanager
def locked(bucket: Bucket) -> Iterator[Lock]:
    """Hold the lock of a bucket. Raises ProblemsFound when another has it."""
    lock = Lock(bucket)
    lock.take()
    try:
        yield lock
    finally:
        bucket.delete([KEY])


def name_of(data: bytes) -> str:
    """Return who wrote a lock."""
    values = read(data)
    return f"{values.get('who')}@{values.get('machine')} (process {values.get('process')})"


def is_dead(data: bytes, age: float) -> bool:
    """Return whether a lock's publisher is gone: silent for long, or ended on this machine."""
    values = read(data)
    if age > EXPIRES:
        return True
    if values.get("machine") != socket.gethostname() or os.name != "posix":
        return False
    try:
        os.kill(int(str(values.get("process"))), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, ValueError):
        pass
    return False


def read(data: bytes) -> dict[str, object]:
    """Return what a lock says; nothing where it is no lock of ours."""
    try:
        values = json.loads(data)
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}
