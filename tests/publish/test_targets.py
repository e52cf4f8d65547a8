"""What every target does that can go back, against real servers."""

from pathlib import Path

import pytest

from pipeline.publish.release import MANIFEST, Manifest, Release, make_release
from tests.publish.conftest import Place, activate
from tests.publish.crawl import Crawler, fetch, shown, site_release, visited, write_site
from tests.publish.kills import kill_at_random

pytestmark = pytest.mark.servers


@pytest.fixture(params=["directory", "git", "ssh"])
def place(request: pytest.FixtureRequest) -> Place:
    made: Place = request.getfixturevalue(f"{request.param}_place")
    return made


def publish(folder: Path, place: Place, count: int = 2, posts: int = 12) -> list[Release]:
    """Publish versions 1, 2 ... and return them."""
    made: list[Release] = []
    for version in range(1, count + 1):
        before = made[-1].manifest if made else None
        made.append(site_release(folder / str(version), version, before, posts))
        place.publish(made[-1])
    return made


def test_deploy_first_release_is_served(tmp_path: Path, place: Place) -> None:
    assert place.target().current() is None and place.ids() == []
    [release] = publish(tmp_path, place, 1)
    assert shown(place.url, release)
    assert place.target().current() == release.manifest
    assert place.ids() == [(release.manifest.id, True)]


def test_deploy_same_release_changes_nothing(tmp_path: Path, place: Place) -> None:
    publish(tmp_path, place, 1)
    before = place.target().list_releases()
    again = site_release(tmp_path / "again", 1, place.target().current())
    assert place.publish(again) == 0
    assert place.target().list_releases() == before


def test_activate_earlier_release_is_served_with_assets(tmp_path: Path, place: Place) -> None:
    first, second, third = publish(tmp_path, place, 3)
    with visited(place.url):
        target = place.target()
        with target.lock():
            activate(target, second.manifest.id)
    assert shown(place.url, second)
    ids = [release.manifest.id for release in (third, second, first)]
    assert place.ids() == [(ids[0], False), (ids[1], True), (ids[2], False)]
    # A visitor who has a page of the last release still finds what it loads.
    assert fetch(f"{place.url}theme/style.00000003.css")
    place.publish(third)
    assert shown(place.url, third)


def test_deploy_retains_assets_for_one_release(tmp_path: Path, place: Place) -> None:
    publish(tmp_path, place, 2)
    assert fetch(f"{place.url}theme/style.00000001.css")
    place.publish(site_release(tmp_path / "3", 3, place.target().current()))
    assert fetch(f"{place.url}theme/style.00000002.css")
    with pytest.raises(OSError, match="404"):
        fetch(f"{place.url}theme/style.00000001.css")


def test_deploy_removed_page_is_not_served(tmp_path: Path, place: Place) -> None:
    publish(tmp_path, place, 1)
    fewer = site_release(tmp_path / "fewer", 2, place.target().current(), 11)
    place.publish(fewer)
    assert shown(place.url, fewer)
    with pytest.raises(OSError, match="404"):
        fetch(f"{place.url}posts/0011/")


def test_deploy_meanwhile_no_visit_is_broken(tmp_path: Path, place: Place) -> None:
    publish(tmp_path, place, 1, 40)
    with visited(place.url) as crawler:
        for version in (2, 3):
            before = place.target().current()
            place.publish(site_release(tmp_path / str(version), version, before, 40))
            crawler.wait(2)
    assert b"version 3" in fetch(place.url)


@pytest.mark.slow
def test_deploy_killed_leaves_one_release_complete(tmp_path: Path, place: Place) -> None:
    first, second = publish(tmp_path, place, 2)
    crawler = Crawler(place.url)

    def after() -> None:
        crawler.visit()
        live = Manifest.read(fetch(place.url + MANIFEST), "it")
        assert live in (first.manifest, second.manifest)

    kill_at_random(place.options, (first, second), after)
    assert not crawler.broken
    place.publish(first)
    place.publish(second)
    assert shown(place.url, second)


def test_crawler_finds_broken_site(tmp_path: Path, directory_place: Place) -> None:
    publish(tmp_path, directory_place, 1)
    crawler = Crawler(directory_place.url)
    for path in ("posts/0011/index.html", "theme/style.00000001.css", "feed.xml"):
        file = Path(directory_place.options["path"], "current", path)
        data = file.read_bytes()
        file.write_bytes(data[:-9])
        crawler.visit()
        file.unlink()
        crawler.visit()
        file.write_bytes(data)
        assert len(crawler.broken) == 2
        crawler.broken.clear()
    crawler.visit()
    assert not crawler.broken


def test_deploy_only_edited_page_is_sent(tmp_path: Path, ssh_place: Place) -> None:
    publish(tmp_path, ssh_place, 1)
    folder = write_site(tmp_path / "edited", 1)
    page = folder / "posts/0003/index.html"
    page.write_text(page.read_text().replace("<p>", "<p>new ", 1))
    edited = make_release(folder, ssh_place.target().current())
    sent = ssh_place.publish(edited)
    assert 0 < sent <= page.stat().st_size + len(edited.manifest.data) + 1500
    assert shown(ssh_place.url, edited)
