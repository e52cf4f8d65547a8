import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.problems import Problem, ProblemsFound
from pipeline.publish.release import MANIFEST, Manifest, Release, make_release
from pipeline.publish.targets import s3
from pipeline.publish.targets.base import KEEP, lock_owner
from pipeline.publish.targets.s3 import FILES, LOCK, OWN, PENDING, S3, Bucket, Lock
from tests.publish import stores
from tests.publish.conftest import Place, Serve, activate
from tests.publish.crawl import Crawler, fetch, shown, site_release, visited, write_site
from tests.publish.kills import kill_at_random
from tests.publish.stores import Store, make_bucket, use_credentials

POSTS = 6
servers = pytest.mark.servers


@pytest.fixture(scope="session")
def swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with stores.swift(tmp_path_factory.mktemp("swift")) as store:
        yield store


@pytest.fixture(scope="session")
def rclone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with stores.rclone(tmp_path_factory.mktemp("rclone")) as store:
        yield store


@pytest.fixture
def swift_place(swift: Store, nginx: Serve, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A bucket that everybody may read, as a website through nginx."""
    options = make_bucket(swift, monkeypatch, "public-read")
    data = f"{swift.endpoint}/v1/AUTH_test/{options['bucket']}"
    proxy = f"location / {{ rewrite ^(.*)/$ $1/index.html; proxy_pass {data}/; }}"
    return Place(options, f"{nginx(swift.data, proxy)}/")


@pytest.fixture
def place(rclone: Store, nginx: Serve, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A bucket whose folder nginx serves. rclone does not replace files atomically: no visitors."""
    options = make_bucket(rclone, monkeypatch)
    return Place(options, f"{nginx(rclone.data / options['bucket'])}/")


@pytest.fixture(params=["swift", "rclone"])
def any_place(request: pytest.FixtureRequest) -> Place:
    """Both, for what stores answer differently; rclone takes a tenth of the time of Swift."""
    made: Place = request.getfixturevalue("place" if request.param == "rclone" else "swift_place")
    return made


def target_of(place: Place) -> S3:
    """Return the target as another machine would."""
    target = place.target()
    assert isinstance(target, S3)
    return target


def publish(target: S3, folder: Path, version: int = 1, posts: int = POSTS) -> Release:
    """Publish a version of the site."""
    release = site_release(folder / str(version), version, target.current(), posts)
    target.deploy(release)
    return release


def problem(target: S3, folder: Path, version: int = 2) -> Problem:
    """Return the problem with which a publish ends."""
    with pytest.raises(ProblemsFound) as error:
        publish(target, folder, version)
    [found] = error.value.problems
    return found


@contextmanager
def unchanged(place: Place, folder: Path) -> Iterator[None]:
    """Have a release live before, and the same after; then the next publish succeeds."""
    release = publish(target_of(place), folder)
    yield
    again = target_of(place)
    assert again.current() == release.manifest
    assert shown(place.url, release)
    assert shown(place.url, publish(again, folder, 9))
    assert not {PENDING, LOCK} & set(again.store.sizes())


def counted(target: S3) -> Counter[str]:
    """Return a counter of the requests that a target makes from now on."""
    calls: Counter[str] = Counter()
    target.store.client.meta.events.register(
        "before-call.s3", lambda model, **_more: calls.update([model.name])
    )
    return calls


# --- Without a store


def test_copy_groups_are_assets_new_pages_changed_pages_and_the_rest() -> None:
    names = ("index.html", "a.css", "b/index.html", "c/index.html", "feed.xml", "404.html")
    now = Manifest(dict.fromkeys(names, "new"))
    before = Manifest({**dict.fromkeys(names, "old"), "404.html": "new", "gone.html": "old"})
    there = {**dict.fromkeys(names, 1), f"{FILES}new": 1}
    del there["b/index.html"]
    groups = [["a.css"], ["b/index.html"], ["c/index.html"], ["index.html", "feed.xml"]]
    assert s3.copy_groups(now, [before], there) == groups
    # What a killed publisher may have copied is copied again, and what is not complete.
    begun = Manifest({**before.files, "404.html": "other"})
    assert "404.html" in s3.copy_groups(now, [before, begun], there)[2]
    assert "404.html" in s3.copy_groups(now, [before], {**there, "404.html": 2})[2]
    assert "404.html" in s3.copy_groups(now, [], there)[2]


def test_obsolete_is_what_releases_had_and_live_pages_do_not_load() -> None:
    old = Manifest({"a.html": "1", "a.css": "1"})
    live = Manifest({"b.html": "1", "b.css": "1"})
    there = ["a.html", "a.css", "b.html", "b.css", "c.html", "holiday.mp4"]
    obsolete = s3.obsolete(Manifest({"c.html": "1"}), [live], [old, live], there)
    assert obsolete == ["a.css", "a.html", "b.html"]


def test_object_headers_have_type_caching_and_redirect() -> None:
    again, immutable = "public, max-age=0, must-revalidate", "public, max-age=31536000, immutable"
    manifest = Manifest({}, {"/old/": "/new/ü/", "/gone/": "gone", "/": ""})
    expected = {
        "index.html": ("text/html; charset=utf-8", again),
        "theme/style.00000001.css": ("text/css; charset=utf-8", immutable),
        "feeds/all.atom.xml": ("application/atom+xml", again),
        "feeds/tags/a.b.rss.xml": ("application/rss+xml", again),
        "sitemap.xml": ("application/xml", again),
        "release.json": ("application/json", again),
        "a.x.webp": ("image/webp", again),
        "a.01234567.JPG": ("image/jpeg", immutable),
        "m.unknown": ("application/octet-stream", again),
        "CNAME": ("application/octet-stream", again),
    }
    target = S3("blog")
    found = {path: tuple(target.object_headers(path, manifest).values()) for path in expected}
    assert found == expected
    target.website = True
    redirect = target.object_headers("old/index.html", manifest)["WebsiteRedirectLocation"]
    assert redirect == "/new/%C3%BC/"
    for path in ("gone/index.html", "index.html", "other.html"):
        assert "WebsiteRedirectLocation" not in target.object_headers(path, manifest)


def test_bucket_problems_have_no_credentials() -> None:
    bucket = Bucket("blog", "https://user:secret@example.org/")
    assert bucket.place == "example.org/blog"
    [found] = bucket.refused("X", "no https://user:secret@example.org/.\n").problems
    assert found.message == "no https://…@example.org/"


def test_is_dead_unknown_or_running_publisher_is_alive() -> None:
    for owner in ("", "nonsense", "ben@laptop, pid 1", lock_owner()):
        assert not s3.is_dead(owner)


def test_deploy_without_boto3_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    found = problem(S3("blog"), tmp_path)
    assert (found.code, found.path) == ("missing-program", "s3://blog")


NOWHERE = ["http://nowhere.invalid", "http://127.0.0.1:1", "nonsense"]


@pytest.mark.servers  # CI may not skip it
@pytest.mark.parametrize("endpoint", NOWHERE)
def test_deploy_store_that_cannot_be_reached_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    pytest.importorskip("boto3")
    use_credentials(Store("", "key", "secret", tmp_path), monkeypatch)
    monkeypatch.setattr(s3, "TRIES", 1)
    found = problem(S3("blog", endpoint=endpoint), tmp_path)
    assert (found.code, found.path) == ("target-failed", f"{endpoint.split('/')[-1]}/blog")
    assert found.hint or endpoint == "nonsense"


@pytest.mark.servers
def test_deploy_silent_store_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("boto3")
    use_credentials(Store("", "key", "secret", tmp_path), monkeypatch)
    monkeypatch.setattr(s3, "READ_TIMEOUT", 0.2)
    monkeypatch.setattr(s3, "TRIES", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        assert "timeout" in problem(S3("blog", endpoint=url), tmp_path).message


# --- With a store


@servers
def test_deploy_release_is_served_and_listed(tmp_path: Path, any_place: Place) -> None:
    target = target_of(any_place)
    assert target.current() is None and any_place.ids() == []
    release = publish(target, tmp_path)
    assert shown(any_place.url, release)
    assert target_of(any_place).current() == release.manifest
    assert any_place.ids() == [(release.manifest.id, True)]


@servers
def test_deploy_same_release_writes_nothing(tmp_path: Path, place: Place) -> None:
    target = target_of(place)
    release = publish(target, tmp_path)
    calls = counted(target)
    target.current()
    assert target.deploy(release) == 0
    assert calls == {"GetObject": 1, "ListObjectsV2": 1}


@servers
def test_deploy_edited_page_is_all_that_is_sent(tmp_path: Path, place: Place) -> None:
    target = target_of(place)
    publish(target, tmp_path)
    folder = write_site(tmp_path / "edited", 1, POSTS)
    (folder / "posts/0003/index.html").write_text("another</html>\n")
    edited = make_release(folder, target.current())
    calls = counted(target)
    assert target.deploy(edited) == len("another</html>\n")
    # The page; two manifests, the pending names and the lock.
    assert (calls["CopyObject"], calls["PutObject"]) == (1, 5)
    assert shown(place.url, edited)


@servers
def test_deploy_release_has_headers_in_the_store(tmp_path: Path, place: Place) -> None:
    folder = write_site(tmp_path / "site", 1, POSTS)
    (folder / "_redirects").write_text("/old/ /posts/0001/ 301\n")
    (folder / "old").mkdir()
    (folder / "old/index.html").write_text("moved</html>\n")
    options = {key: value for key, value in place.options.items() if key != "kind"}
    target = S3(**options, website=True)
    target.current()
    target.deploy(make_release(folder, None))

    def header(key: str, name: str) -> object:
        return target.store.client.head_object(Bucket=target.bucket, Key=key).get(name)

    assert header("old/index.html", "WebsiteRedirectLocation") == "/posts/0001/"
    assert header("index.html", "WebsiteRedirectLocation") is None
    assert header("index.html", "ContentType") == "text/html; charset=utf-8"
    assert header(MANIFEST, "CacheControl") == "public, max-age=0, must-revalidate"


@servers
def test_deploy_keeps_the_last_releases_and_the_authors_files(tmp_path: Path, place: Place) -> None:
    target = target_of(place)
    target.store.write("holiday.mp4", b"the author's own")
    for version in range(KEEP + 2):
        last = publish(target, tmp_path, version, posts=1)
    assert [stored.live for stored in target.list_releases()] == [True] + [False] * (KEEP - 1)
    there = target.store.sizes()
    assert len(s3.release_names(there)) == KEEP
    digests = {key.removeprefix(FILES) for key in there if key.startswith(FILES)}
    assert set(last.manifest.files.values()) <= digests
    # Each version has five files of its own: page, feed, stylesheet, picture, error page.
    kept = [
        Manifest.read((target.store.read(f"{OWN}{n}.json") or (b"", 0))[0], n)
        for n in s3.release_names(there)
    ]
    assert digests == {digest for manifest in kept for digest in manifest.files.values()}
    assert "holiday.mp4" in there


@servers
def test_activate_earlier_release_is_served_with_assets(tmp_path: Path, place: Place) -> None:
    first, second, third = (publish(target_of(place), tmp_path, version) for version in (1, 2, 3))
    target = target_of(place)
    activate(target, second.manifest.id)
    assert shown(place.url, second)
    live = [(third, False), (second, True), (first, False)]
    assert place.ids() == [(release.manifest.id, is_live) for release, is_live in live]
    # A visitor who has a page of the last release still finds what it loads.
    assert fetch(f"{place.url}theme/style.00000003.css")
    place.publish(third)
    assert shown(place.url, third)


@servers
def test_deploy_retains_assets_for_one_release_and_removes_pages(
    tmp_path: Path, place: Place
) -> None:
    for version in (1, 2):
        publish(target_of(place), tmp_path, version)
    assert fetch(f"{place.url}theme/style.00000001.css")
    fewer = publish(target_of(place), tmp_path, 3, POSTS - 1)
    assert shown(place.url, fewer)
    assert fetch(f"{place.url}theme/style.00000002.css")
    for path in ("theme/style.00000001.css", f"posts/{POSTS - 1:04}/"):
        with pytest.raises(OSError, match="404"):
            fetch(f"{place.url}{path}")


@servers
def test_deploy_damaged_release_is_repaired(tmp_path: Path, place: Place) -> None:
    target = target_of(place)
    release = publish(target, tmp_path)
    target.store.delete(["feed.xml"])
    target.store.write("index.html", b"cut")
    place.publish(release)
    assert shown(place.url, release)


@servers
def test_activate_and_deploy_replace_a_damaged_manifest(tmp_path: Path, place: Place) -> None:
    first, second = (publish(target_of(place), tmp_path, version) for version in (1, 2))
    for action in (S3.activate, S3.deploy):
        target = target_of(place)
        target.store.write(MANIFEST, b"damaged")
        with pytest.raises(ProblemsFound):
            target.current()
        assert [stored.live for stored in target.list_releases()] == [False, False]
        if action == S3.activate:
            activate(target, first.manifest.id)
            assert shown(place.url, first)
        else:
            target.deploy(second)
            assert shown(place.url, second)


@servers
def test_deploy_meanwhile_no_visit_is_broken(tmp_path: Path, swift_place: Place) -> None:
    publish(target_of(swift_place), tmp_path)
    with visited(swift_place.url) as crawler:
        last = publish(target_of(swift_place), tmp_path, 2)
        crawler.wait(2)
    assert shown(swift_place.url, last)


@servers
@pytest.mark.slow
def test_deploy_killed_breaks_no_visit(tmp_path: Path, place: Place) -> None:
    first, second = (publish(target_of(place), tmp_path, version) for version in (1, 2))
    crawler = Crawler(place.url)

    def after() -> None:
        crawler.visit()
        live = Manifest.read(fetch(place.url + MANIFEST), "it")
        assert live in (first.manifest, second.manifest)

    kill_at_random(place.options, (first, second), after, kills=10)
    assert not crawler.broken
    place.publish(first)
    place.publish(second)
    assert shown(place.url, second)


@servers
@pytest.mark.parametrize("stop", [2, 3, 4])
def test_deploy_after_an_interrupted_one_replaces_what_it_copied(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    target = target_of(place)
    first = publish(target, tmp_path)
    checks = iter(range(10))

    def check(_lock: Lock) -> None:
        if next(checks) > stop:
            raise KeyboardInterrupt

    with monkeypatch.context() as interrupted, pytest.raises(KeyboardInterrupt):
        interrupted.setattr(Lock, "check", check)
        interrupted.setattr(target.store, "delete", lambda keys: check(None))  # type: ignore[arg-type]
        publish(target, tmp_path, 2)
    target.store.delete([LOCK])
    again = target_of(place)
    again.current()
    again.deploy(first)
    assert shown(place.url, first)
    assert shown(place.url, publish(again, tmp_path, 3, POSTS - 1))


@servers
def test_deploy_while_another_publishes_is_refused(tmp_path: Path, any_place: Place) -> None:
    publish(target_of(any_place), tmp_path)
    one, other = target_of(any_place), target_of(any_place)
    one.current()
    other.current()
    second = site_release(tmp_path / "2", 2, posts=POSTS)
    with one.locked(), pytest.raises(ProblemsFound) as error:
        other.deploy(second)
    assert error.value.problems[0].code == "publish-running"
    one.deploy(second)
    with pytest.raises(ProblemsFound) as error:
        other.deploy(site_release(tmp_path / "3", 3, posts=POSTS))
    assert error.value.problems[0].code == "publish-conflict"
    assert shown(any_place.url, second)
    assert LOCK not in one.store.sizes()


@servers
def test_deploy_bad_credentials_change_nothing(
    swift_place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, secret = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
    wrong = {"write access": {secret: "very secret"}, "aws configure": {key: "", secret: ""}}
    read_only = {"write access": {key: "other:reader", secret: "reading"}}
    with unchanged(swift_place, tmp_path):
        for hint, env in [*wrong.items(), *read_only.items()]:
            with monkeypatch.context() as patch:
                for name, value in env.items():
                    patch.setenv(name, value)
                found = problem(target_of(swift_place), tmp_path)
            assert found.code == "target-failed" and hint in found.hint
            assert "very secret" not in str(found)


@servers
@pytest.mark.parametrize(
    ("bucket", "profile", "hint"), [("nothere", "", "bucket"), ("blog", "nobody", "list-profiles")]
)
def test_deploy_unknown_bucket_or_profile_is_reported(
    rclone: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    bucket: str,
    profile: str,
    hint: str,
) -> None:
    use_credentials(rclone, monkeypatch)
    found = problem(S3(bucket, endpoint=rclone.endpoint, profile=profile), tmp_path)
    assert found.code == "target-failed" and hint in found.hint


def write_lock(target: S3, owner: str = "ben@laptop, pid 1") -> None:
    """Leave a lock as another publisher would."""
    target.store.write(LOCK, f"{owner}\nx\n".encode())


@servers
def test_lock_of_another_machine_is_respected_until_it_expires(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unchanged(place, tmp_path):
        target = target_of(place)
        write_lock(target)
        found = problem(target, tmp_path)
        assert found.code == "publish-running" and "ben@laptop, pid 1" in found.message
        monkeypatch.setattr(s3, "EXPIRES", -10)


@servers
def test_lock_of_a_killed_process_is_taken(place: Place, tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with unchanged(place, tmp_path):
        write_lock(target_of(place), f"ben@{socket.gethostname()}, pid {gone.pid}")


@servers
def test_lock_that_was_taken_over_stops_the_publisher_and_stays(place: Place) -> None:
    target = target_of(place)
    with target.locked() as lock:
        write_lock(target)
        with pytest.raises(ProblemsFound) as error:
            lock.check()
        assert error.value.problems[0].code == "publish-running"
    assert LOCK in target.store.sizes()
