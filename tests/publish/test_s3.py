"""A bucket: what only it has, and what can be wrong. The stores are real ones on loopback."""

import json
import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.problems import ProblemsFound
from pipeline.publish import bucket, bucket_lock, s3
from pipeline.publish.bucket import Bucket
from pipeline.publish.directory import KEEP
from pipeline.publish.release import Manifest, Release, make_release
from pipeline.publish.s3 import FILES, OWN, PENDING, S3
from tests.publish.crawl import site_release, write_site
from tests.publish.places import Place, credentials
from tests.publish.servers import Store

POSTS = 6


def target_of(place: Place) -> S3:
    """Return the target as another machine would."""
    made = place.target()
    assert isinstance(made, S3)
    return made


def publish(target: S3, folder: Path, version: int = 1, posts: int = POSTS) -> Release:
    """Publish a version of the site."""
    release = site_release(folder / str(version), version, target.live(), posts)
    target.put(release)
    return release


def problem(target: S3, folder: Path, version: int = 2) -> str:
    """Return the one sentence with which a publish ends."""
    with pytest.raises(ProblemsFound) as error:
        publish(target, folder, version)
    [found] = error.value.problems
    assert "\n" not in str(found)
    return str(found)


@contextmanager
def unchanged(place: Place, folder: Path) -> Iterator[None]:
    """Have a release live before, and the same after; then the next publish goes through."""
    target = target_of(place)
    release = publish(target, folder)
    yield
    again = target_of(place)
    assert again.live() == release.manifest
    assert place.shows(release)
    assert place.shows(publish(again, folder, 9))
    assert not {PENDING, bucket_lock.KEY} & set(again.store.sizes())


def counted(target: S3) -> Counter[str]:
    """Return a counter of the requests that a target makes from now on."""
    calls: Counter[str] = Counter()
    target.store.client.meta.events.register(
        "before-call.s3", lambda model, **_more: calls.update([model.name])
    )
    return calls


def test_the_same_again_writes_nothing(rclone_place: Place, tmp_path: Path) -> None:
    target = target_of(rclone_place)
    release = publish(target, tmp_path)
    calls = counted(target)
    target.live()
    target.put(release)
    assert calls == {"GetObject": 1, "ListObjectsV2": 1}


def test_what_is_written_for_one_page(rclone_place: Place, tmp_path: Path) -> None:
    """The page's bytes once; and beside them the two manifests, what is begun, and the lock."""
    target = target_of(rclone_place)
    publish(target, tmp_path)
    folder = write_site(tmp_path / "edited", 1, POSTS)
    (folder / "posts/0003/index.html").write_text("another</html>\n")
    edited = make_release(folder, target.live())
    calls = counted(target)
    target.put(edited)
    assert target.sent == len("another</html>\n")
    assert (calls["CopyObject"], calls["PutObject"]) == (1, 5)
    assert rclone_place.shows(edited)


def test_what_the_store_says_with_a_file(rclone_place: Place, tmp_path: Path) -> None:
    target = target_of(rclone_place)
    folder = write_site(tmp_path / "site", 1, POSTS)
    names = ("feeds/all.atom.xml", "feeds/all.rss.xml", "quotes.json", "a.webp", "m.unknown")
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(name)
    target.live()
    target.put(make_release(folder, None))

    def said(key: str) -> tuple[str, str]:
        head = target.store.client.head_object(Bucket=target.bucket, Key=key)
        return head["ContentType"], head["CacheControl"]

    again, good = "public, max-age=0, must-revalidate", "public, max-age=31536000, immutable"
    assert said("index.html") == ("text/html; charset=utf-8", again)
    assert said("theme/style.00000001.css") == ("text/css; charset=utf-8", good)
    assert said("release.json") == ("application/json", again)
    assert [said(name)[0] for name in names] == [
        "application/atom+xml",
        "application/rss+xml",
        "application/json",
        "image/webp",
        "application/octet-stream",
    ]


def test_redirects_of_a_website(rclone_place: Place, tmp_path: Path) -> None:
    folder = write_site(tmp_path / "site", 1, POSTS)
    (folder / "_redirects").write_text("/old/ /posts/0001/ 301\n")
    (folder / "old").mkdir()
    (folder / "old/index.html").write_text("moved</html>\n")
    target = S3(**{k: v for k, v in rclone_place.options.items() if k != "kind"}, website=True)
    target.live()
    target.put(make_release(folder, None))

    def to(key: str) -> object:
        head = target.store.client.head_object(Bucket=target.bucket, Key=key)
        return head.get("WebsiteRedirectLocation")

    assert to("old/index.html") == "/posts/0001/"
    assert to("index.html") is None


def test_the_order_breaks_no_visit() -> None:
    """What pages load, new pages, changed pages, what points at pages."""
    names = ("index.html", "a.css", "b/index.html", "c/index.html", "feed.xml", "404.html")
    now = Manifest(dict.fromkeys(names, "new"))
    before = Manifest({**dict.fromkeys(names, "old"), "404.html": "new", "gone.html": "old"})
    there = {**dict.fromkeys(names, 1), f"{FILES}new": 1}
    del there["b/index.html"]
    assert s3.groups(now, [before], there) == [
        ["a.css"],
        ["b/index.html"],
        ["c/index.html"],
        ["index.html", "feed.xml"],
    ]
    # What a killed publisher may have shown is shown again.
    begun = Manifest({**before.files, "404.html": "other"})
    assert "404.html" in s3.groups(now, [before, begun], there)[2]
    # What is not there, or is not whole, is shown again.
    assert "404.html" in s3.groups(now, [before], {**there, "404.html": 2})[2]


def test_what_no_release_had_is_nobodys_to_delete() -> None:
    old = Manifest({"a.html": "1", "a.css": "1"})
    live = Manifest({"b.html": "1", "b.css": "1"})
    now = Manifest({"c.html": "1"})
    there = ["a.html", "a.css", "b.html", "b.css", "c.html", "holiday.mp4"]
    assert s3.obsolete(now, [live], [old, live], there) == ["a.css", "a.html", "b.html"]


def test_the_last_five_are_kept(rclone_place: Place, tmp_path: Path) -> None:
    target = target_of(rclone_place)
    target.store.write("holiday.mp4", b"the author's own")
    for version in range(KEEP + 2):
        last = publish(target, tmp_path, version, posts=1)
    assert len(target.kept()) == KEEP
    there = target.store.sizes()
    assert len([key for key in there if key.endswith(".json") and key.startswith(OWN)]) == KEEP
    hashes = {key.removeprefix(FILES) for key in there if key.startswith(FILES)}
    assert set(last.manifest.files.values()) <= hashes
    # Each version has five files of its own: page, post, feed, stylesheet, picture, error page.
    assert len(hashes) == KEEP * 5 + 1
    assert "holiday.mp4" in there


@pytest.mark.parametrize("stop", [2, 3, 4])
def test_stopped_midway_then_something_else(
    swift_place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    """What was begun is taken back by the next release, whatever it is."""
    target = target_of(swift_place)
    first = publish(target, tmp_path)
    checks = iter(range(10))

    def check(_lock: bucket_lock.Lock) -> None:
        if next(checks) > stop:
            raise KeyboardInterrupt

    with monkeypatch.context() as interrupted, pytest.raises(KeyboardInterrupt):
        interrupted.setattr(bucket_lock.Lock, "check", check)
        interrupted.setattr(target.store, "delete", lambda keys: check(None))  # type: ignore[arg-type]
        publish(target, tmp_path, 2)
    target.store.delete([bucket_lock.KEY])
    again = target_of(swift_place)
    again.live()
    again.put(first)
    assert swift_place.shows(first)
    assert swift_place.shows(publish(again, tmp_path, 3, POSTS - 1))


def test_a_wrong_secret(
    swift_place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unchanged(swift_place, tmp_path):
        with monkeypatch.context() as wrong:
            wrong.setenv("AWS_SECRET_ACCESS_KEY", "very secret")
            said = problem(target_of(swift_place), tmp_path)
        assert "SignatureDoesNotMatch" in said and "(a key that may read and write it)" in said
        assert "very secret" not in said


def test_a_key_that_may_only_read(
    swift_place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unchanged(swift_place, tmp_path):
        with monkeypatch.context() as reader:
            reader.setenv("AWS_ACCESS_KEY_ID", "other:reader")
            reader.setenv("AWS_SECRET_ACCESS_KEY", "reading")
            said = problem(target_of(swift_place), tmp_path)
        assert "AccessDenied" in said and "(a key that may read and write it)" in said


def test_no_credentials(
    rclone_place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unchanged(rclone_place, tmp_path):
        with monkeypatch.context() as none:
            none.delenv("AWS_ACCESS_KEY_ID")
            none.delenv("AWS_SECRET_ACCESS_KEY")
            said = problem(target_of(rclone_place), tmp_path)
        assert "Unable to locate credentials (aws configure, or AWS_PROFILE" in said


def test_no_such_profile(rclone: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials(rclone, monkeypatch)
    said = problem(S3("blog", endpoint=rclone.endpoint, profile="nobody"), tmp_path)
    assert "The config profile (nobody) could not be found (one of" in said


def test_no_such_bucket(rclone: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials(rclone, monkeypatch)
    said = problem(S3("nothere", endpoint=rclone.endpoint), tmp_path)
    assert "NoSuchBucket" in said and "(make the bucket, or mend its name" in said


@pytest.mark.parametrize("endpoint", ["http://nowhere.invalid", "http://127.0.0.1:1"])
def test_a_store_that_is_not_there(
    rclone: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    credentials(rclone, monkeypatch)
    said = problem(S3("blog", endpoint=endpoint), tmp_path)
    assert "Could not connect to the endpoint" in said and "(see whether it is up" in said


def test_a_store_that_never_answers(
    rclone: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials(rclone, monkeypatch)
    monkeypatch.setattr(bucket, "READ", 0.2)
    monkeypatch.setattr(bucket, "TRIES", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        said = problem(S3("blog", endpoint=f"http://127.0.0.1:{server.getsockname()[1]}"), tmp_path)
    assert "Read timeout" in said and "(see whether it is up" in said


def test_without_boto3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    assert (
        problem(S3("blog"), tmp_path) == "s3://blog: must have boto3: not installed (./invoke s3)"
    )


def write_lock(target: S3, **more: object) -> None:
    """Leave a lock as another publisher would."""
    values = {"who": "ben", "machine": "laptop", "process": 1, "token": "x", **more}
    target.store.write(bucket_lock.KEY, json.dumps(values).encode())


def test_the_lock_of_another_machine(
    swift_place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unchanged(swift_place, tmp_path):
        target = target_of(swift_place)
        write_lock(target)
        said = problem(target, tmp_path)
        assert (
            "must be published to by one at a time: ben@laptop (process 1) is at it (wait " in said
        )
        # Who has not been heard of for long is dead.
        monkeypatch.setattr(bucket_lock, "EXPIRES", -10)


def test_the_lock_of_a_killed_process(swift_place: Place, tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with unchanged(swift_place, tmp_path):
        write_lock(target_of(swift_place), machine=socket.gethostname(), process=gone.pid)


def test_a_lock_that_is_taken_meanwhile(swift_place: Place, tmp_path: Path) -> None:
    target = target_of(swift_place)
    with bucket_lock.locked(target.store) as lock:
        write_lock(target)
        with pytest.raises(ProblemsFound, match=r"ben@laptop \(process 1\) is at it"):
            lock.check()


def test_a_lock_that_is_none() -> None:
    assert not bucket_lock.is_dead(b"nonsense", 0)
    assert not bucket_lock.is_dead(json.dumps({"machine": socket.gethostname()}).encode(), 0)
    assert not bucket_lock.is_dead(
        json.dumps({"machine": socket.gethostname(), "process": os.getpid()}).encode(), 0
    )


def test_credentials_in_an_endpoint_are_never_said() -> None:
    assert Bucket("blog", "https://user:secret@example.org/").place == "example.org/blog"
    assert bucket.plain("no https://user:secret@example.org/.\n") == "no https://…@example.org/"
