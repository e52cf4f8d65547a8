"""What every remote target does, against real servers: sshd and rsync, and two S3 stores."""

import time
from pathlib import Path

import pytest

from pipeline.problems import ProblemsFound
from pipeline.publish.release import MANIFEST, Manifest, Release, make_release
from tests.conftest import contents
from tests.publish.crawl import fetch, site_release, write_site
from tests.publish.kills import kill_at_random
from tests.publish.places import Place

POSTS = 12


KINDS = {"ssh": "blog", "swift": "swift_place", "rclone": "rclone_place"}


@pytest.fixture(params=KINDS.values(), ids=list(KINDS))
def place(request: pytest.FixtureRequest) -> Place:
    made: Place = request.getfixturevalue(request.param)
    return made


@pytest.fixture(params=["blog", "rclone_place"], ids=["ssh", "rclone"])
def quick(request: pytest.FixtureRequest) -> Place:
    """Those of the servers that take little time, for what does not depend on the server."""
    made: Place = request.getfixturevalue(request.param)
    return made


def releases(folder: Path, place: Place, count: int = 2, posts: int = POSTS) -> list[Release]:
    """Publish versions 1, 2 … and return them."""
    made: list[Release] = []
    for version in range(1, count + 1):
        before = made[-1].manifest if made else None
        made.append(site_release(folder / str(version), version, before, posts))
        place.put(made[-1])
    return made


def test_a_release_is_what_visitors_get(tmp_path: Path, place: Place) -> None:
    assert place.live() is None and place.ids() == []
    [release] = releases(tmp_path, place, 1)
    assert place.shows(release)
    assert place.live() == release.manifest
    assert place.ids() == [(release.manifest.id, True)]


def test_the_same_again_sends_nothing(tmp_path: Path, quick: Place) -> None:
    [release] = releases(tmp_path, quick, 1)
    before = quick.target().kept()
    assert quick.put(release) == 0
    assert quick.put(site_release(tmp_path / "again", 1, quick.live(), POSTS)) == 0
    assert quick.target().kept() == before


def test_an_edited_page_is_all_that_is_sent(tmp_path: Path, place: Place) -> None:
    [release] = releases(tmp_path, place, 1)
    folder = write_site(tmp_path / "edited", 1, POSTS)
    page = folder / "posts/0003/index.html"
    page.write_text(page.read_text().replace("<p>", "<p>new ", 1) + "<!-- -->\n</html>\n")
    edited = make_release(folder, place.live())
    overhead = 100 * POSTS if place.options["kind"] == "ssh" else 0
    sent = place.put(edited)
    assert 0 < sent <= page.stat().st_size + overhead + len(edited.manifest.data)
    assert sent < sum(map(len, contents(release.folder).values())) / 4
    assert place.shows(edited)


def test_rollback(tmp_path: Path, place: Place) -> None:
    """Back from a machine that has published nothing, with visitors on the site."""
    first, second, third = releases(tmp_path, place, 3)
    with place.visited():
        target = place.target()
        with target.lock():
            target.live()
            target.switch(second.manifest.id)
    assert place.shows(second)
    assert place.ids() == [
        (third.manifest.id, False),
        (second.manifest.id, True),
        (first.manifest.id, False),
    ]
    # A visitor who has a page of the release before still finds what it loads.
    assert fetch(f"{place.url}theme/style.00000003.css")
    with pytest.raises(ProblemsFound, match="must have the release: nonsense"), target.lock():
        target.switch("nonsense")
    place.put(third)
    assert place.shows(third)


def test_the_last_releases_assets_stay_for_one_more(tmp_path: Path, quick: Place) -> None:
    releases(tmp_path, quick, 2)
    assert fetch(f"{quick.url}theme/style.00000001.css")
    quick.put(site_release(tmp_path / "3", 3, quick.live(), POSTS))
    assert fetch(f"{quick.url}theme/style.00000002.css")
    with pytest.raises(OSError, match="404"):
        fetch(f"{quick.url}theme/style.00000001.css")


def test_what_is_gone_is_deleted(tmp_path: Path, quick: Place) -> None:
    releases(tmp_path, quick, 1)
    fewer = site_release(tmp_path / "fewer", 2, quick.live(), POSTS - 1)
    quick.put(fewer)
    assert quick.shows(fewer)
    with pytest.raises(OSError, match="404"):
        fetch(f"{quick.url}posts/{POSTS - 1:04}/")


def test_from_a_second_machine(tmp_path: Path, quick: Place) -> None:
    """What the first one knew is at the target: nothing but what differs is sent."""
    releases(tmp_path, quick, 1)
    known = quick.live()
    second = site_release(tmp_path / "elsewhere", 2, known, POSTS)
    quick.put(second)
    assert quick.shows(second)


def test_what_is_damaged_is_mended(tmp_path: Path, quick: Place) -> None:
    [release] = releases(tmp_path, quick, 1)
    if quick.options["kind"] == "ssh":
        folder = Path(quick.options["path"], "current")
        (folder / "feed.xml").unlink()
    else:
        quick.target().store.delete(["feed.xml"])  # type: ignore[attr-defined]
    quick.put(release)
    assert quick.shows(release)


def test_visitors_meanwhile(tmp_path: Path, place: Place) -> None:
    first = site_release(tmp_path / "1", 1, posts=POSTS)
    place.put(first)
    with place.visited() as crawler:
        for version in (2, 3):
            place.put(site_release(tmp_path / str(version), version, place.live(), POSTS))
            seen = crawler.visits
            while place.steady and crawler.visits < seen + 2:
                time.sleep(0.01)
    assert place.shows(Release(tmp_path / "3", first.manifest))


def test_killed_at_any_moment(tmp_path: Path, place: Place) -> None:
    first, second = releases(tmp_path, place, 2, posts=6)

    def after() -> None:
        crawler.visit()
        live = Manifest.read(fetch(place.url + MANIFEST), "it")
        assert live in (first.manifest, second.manifest)

    with place.visited() as crawler:
        kill_at_random(place.options, (first, second), after)
    assert not crawler.broken
    place.put(first)
    place.put(second)
    assert place.shows(second)


def test_two_at_once(tmp_path: Path, place: Place) -> None:
    """The second is refused with a sentence; the first one's release is whole."""
    first, second = (site_release(tmp_path / str(v), v, posts=POSTS) for v in (1, 2))
    place.put(first)
    one, other = place.target(), place.target()
    if place.options["kind"] == "ssh":
        with one.lock(), pytest.raises(ProblemsFound, match="is at it"), other.lock():
            raise AssertionError("not reached")
        return
    one.live()
    other.live()
    with one.locked(), pytest.raises(ProblemsFound, match="is at it"):  # type: ignore[attr-defined]
        other.put(second)
    one.put(second)
    with pytest.raises(ProblemsFound, match="another release is live"):
        other.put(site_release(tmp_path / "3", 3, posts=POSTS))
    assert place.shows(second)
