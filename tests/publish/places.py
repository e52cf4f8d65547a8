"""Where the tests publish to: a target, and what its visitors get."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import pytest

from pipeline.publish.bucket import Bucket
from pipeline.publish.release import Manifest, Release
from pipeline.publish.target import Target, make_target
from tests.conftest import contents
from tests.publish.crawl import Crawler, fetch
from tests.publish.servers import Store

PAUSE = 0.2  # seconds


class Calm(Crawler):
    """Visitors who leave the machine some time for what they look at."""

    def visit(self) -> None:
        """Make one visit, here and now."""
        super().visit()
        time.sleep(PAUSE)


@dataclass(frozen=True)
class Place:
    """A target's options with its kind, and where visitors find it, with a slash at the end."""

    options: Mapping[str, Any]
    url: str
    # Whether it puts a file in another's place in one step. rclone's server does not: measured, a
    # quarter of all reads failed while one object was put again and again. Nobody visits it.
    steady: bool = True

    def target(self) -> Target:
        """Return the target as a machine that knows nothing of it would."""
        return make_target({"PUBLISH_TARGETS": {"it": self.options}}, "it")

    def put(self, release: Release) -> int:
        """Publish, and return how many bytes were sent."""
        target = self.target()
        with target.lock():
            target.live()
            target.put(release)
        return int(target.sent)  # type: ignore[attr-defined]

    def live(self) -> Manifest | None:
        return self.target().live()

    def ids(self) -> list[tuple[str, bool]]:
        return [(kept.id, kept.live) for kept in self.target().kept()]

    @contextmanager
    def visited(self) -> Iterator[Crawler]:
        """Have visitors on the site, and none of their visits broken."""
        crawler = Calm(self.url)
        with crawler if self.steady else nullcontext():
            yield crawler
        crawler.visit()
        assert not crawler.broken

    def shows(self, release: Release) -> bool:
        """Return whether visitors get every file of a release as it was built."""
        files = contents(release.folder)
        return {path: fetch(self.url + path) for path in files} == files


BUCKETS = iter(range(1000))


def bucket(store: Store, monkeypatch: pytest.MonkeyPatch, **more: str) -> dict[str, Any]:
    """Make a bucket and return a target's options; the credentials are where AWS has them."""
    credentials(store, monkeypatch)
    name = f"blog{next(BUCKETS)}"
    client = Bucket(name, store.endpoint).client
    client.create_bucket(Bucket=name)
    if more:
        client.put_bucket_acl(Bucket=name, **more)
    return {"kind": "s3", "bucket": name, "endpoint": store.endpoint}


def credentials(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the variables that the AWS tools read."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", store.key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", store.secret)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
