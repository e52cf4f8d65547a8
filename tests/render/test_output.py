"""The new site takes the old one's place: what stays, what goes, what is refused."""

import os
import time
from pathlib import Path

from pipeline.render.output import LEFT_OVER_AFTER, clear, staging, swap
from tests.conftest import PAGE, TinySite, contents


def folder(path: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    return path


def test_the_new_one_replaces_the_old_one(tmp_path: Path) -> None:
    live = folder(tmp_path / "output", {"a": "1", "gone": "1", "d/same": "1"})
    new = folder(staging(live), {"a": "2", "new": "1", "d/same": "1"})
    for path in live.rglob("*"):
        os.utime(path, (1, 1))
    swap(new, live)
    assert contents(live) == {"a": b"2", "new": b"1", "d/same": b"1"}
    assert (live / "d/same").stat().st_mtime == 1
    assert (live / "a").stat().st_mtime > 1
    assert list(tmp_path.iterdir()) == [live]


def test_what_is_on_the_retention_list_is_carried_over(tmp_path: Path) -> None:
    live = folder(tmp_path / "output", {"a": "1", ".git/HEAD": "x"})
    swap(folder(staging(live), {"a": "2"}), live, keep=[".git"])
    assert contents(live) == {"a": b"2", ".git/HEAD": b"x"}


def test_what_killed_builds_left_is_swept_and_running_ones_are_not(tmp_path: Path) -> None:
    live = folder(tmp_path / "output", {"a": "live"})
    new = staging(live)
    names = (".output.1", ".output.2", ".output.3.old", ".outputs.3", ".output.md")
    first, running, old, *others = (tmp_path / name for name in names)
    for path in (new, first, running, old, *others):
        folder(path, {"a": "1"})
    for path in (first, old):
        os.utime(path, (time.time() - LEFT_OVER_AFTER - 9,) * 2)
    clear(new, live)
    assert {path.name for path in tmp_path.iterdir()} == {
        *(path.name for path in (live, running, *others))
    }


def test_a_build_killed_between_its_renames_has_lost_nothing(tmp_path: Path) -> None:
    live = tmp_path / "output"
    folder(tmp_path / ".output.7.old", {"a": "the last good one"})
    clear(staging(live), live)
    assert contents(live) == {"a": b"the last good one"}


def test_a_renamed_post_leaves_nothing_behind(tiny: TinySite) -> None:
    tiny.write({"pages/b.md": PAGE})
    tiny.build()
    (tiny.folder / "content/pages/b.md").rename(tiny.folder / "content/pages/c.md")
    tiny.build()
    assert not (tiny.output / "b").exists()
    assert (tiny.output / "c/index.html").exists()


def test_a_build_without_a_change_changes_no_modification_time(tiny: TinySite) -> None:
    tiny.write({"pages/b.md": PAGE})
    tiny.build()
    before = {path: path.stat().st_mtime_ns for path in tiny.output.rglob("*.*")}
    tiny.build()
    assert before == {path: path.stat().st_mtime_ns for path in tiny.output.rglob("*.*")}
