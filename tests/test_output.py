import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from pipeline.memo import Result, known
from pipeline.output import (
    GENERATOR,
    LEFT_OVER_AFTER,
    MARKER,
    Staging,
    Written,
    clear_staging,
    refuse_foreign,
    staging_folder,
)
from pipeline.problems import ProblemsFound


def folder(path: Path, **files: str) -> Path:
    for name, text in files.items():
        file = path / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return path


def swap(new: Path, live: Path, keep: Sequence[str] = ()) -> None:
    staging = Staging(new, live)
    staging.finish()
    staging.swap(keep)


def build(
    live: Path, files: Mapping[str, object], known: Mapping[str, Written], **how: bool
) -> dict[str, Written]:
    """Return what a build writes that made `live` before."""
    staging = Staging(staging_folder(live), live, known, **how)
    for name, data in files.items():
        staging.write(name, data)  # type: ignore[arg-type]
    written = staging.finish()
    staging.swap()
    return written


def never() -> str:
    raise AssertionError


@pytest.mark.parametrize("copies", [False, True])
def test_staging_takes_what_has_the_same_key_without_computing_it(
    tmp_path: Path, copies: bool
) -> None:
    live = tmp_path / "output"
    first = build(live, {"a/b": known("x"), "c": "y"}, {})
    time = (live / "a/b").stat().st_mtime_ns
    again = build(live, {"a/b": Result(known("x").digest, never), "c": "y"}, first, copies=copies)
    assert again == first and first["a/b"].key == known("x").digest
    assert contents(live) == {"a/b": "x", "c": "y"}
    assert (live / "a/b").stat().st_mtime_ns == time


@pytest.mark.parametrize("change", ["other", "z", None])
def test_staging_writes_again_what_was_changed_or_lost_in_the_output(
    tmp_path: Path, change: str | None
) -> None:
    live = tmp_path / "output"
    first = build(live, {"a": known("x")}, {})
    (live / "a").unlink()
    if change:
        (live / "a").write_text(change)
    again = build(live, {"a": known("x")}, first)
    assert (contents(live), again["a"].digest) == ({"a": "x"}, first["a"].digest)


def test_staging_write_into_a_linked_file_leaves_the_output_alone(tmp_path: Path) -> None:
    live = tmp_path / "output"
    first = build(live, {"a": known("x")}, {})
    staging = Staging(staging_folder(live), live, first)
    staging.write("a", known("x"))
    staging.write("a", "new")
    assert contents(live) == {"a": "x"}
    assert contents(staging.folder) == {"a": "new"}


def test_staging_finish_has_the_files_of_others(tmp_path: Path) -> None:
    live = tmp_path / "output"
    staging = Staging(staging_folder(live), live)
    staging.write("a", known("x"))
    folder(staging.folder, a="changed", d__b="b")
    files = staging.finish()
    assert [(name, file.key) for name, file in files.items()] == [("a", ""), ("d/b", "")]


def contents(path: Path) -> dict[str, str]:
    files = (file for file in path.rglob("*") if file.is_file())
    return {file.relative_to(path).as_posix(): file.read_text("utf-8") for file in files}


def test_swap_replaces_the_folder_and_keeps_times_of_equal_files(tmp_path: Path) -> None:
    live = folder(tmp_path / "output", a="1", gone="1", d__same="1")
    new = folder(staging_folder(live), a="2", new="1", d__same="1")
    for path in live.rglob("*"):
        os.utime(path, (1, 1))
    swap(new, live)
    assert contents(live) == {"a": "2", "new": "1", "d/same": "1"}
    assert (live / "d/same").stat().st_mtime == 1
    assert (live / "a").stat().st_mtime > 1
    assert list(tmp_path.iterdir()) == [live]


def test_swap_makes_a_first_output(tmp_path: Path) -> None:
    live = tmp_path / "output"
    swap(folder(staging_folder(live), a="1"), live, keep=[".git"])
    assert contents(live) == {"a": "1"}


def test_swap_carries_over_what_is_kept_unless_the_build_has_it(tmp_path: Path) -> None:
    live = folder(tmp_path / "output", a="1", **{".git__HEAD": "x", "CNAME": "old"})
    swap(folder(staging_folder(live), a="2", CNAME="new"), live, keep=[".git", "CNAME"])
    assert contents(live) == {"a": "2", ".git/HEAD": "x", "CNAME": "new"}


def test_clear_staging_removes_its_own_and_old_folders_alone(tmp_path: Path) -> None:
    live = folder(tmp_path / "output", a="live")
    new = staging_folder(live)
    names = (".output.1", ".output.2", ".output.3.old", ".outputs.3", ".output.md")
    killed, running, old, *others = (folder(tmp_path / name, a="1") for name in names)
    folder(new, a="1")
    for path in (killed, old):
        os.utime(path, (time.time() - LEFT_OVER_AFTER - 9,) * 2)
    clear_staging(new, live)
    assert set(tmp_path.iterdir()) == {live, running, *others}


def test_clear_staging_puts_back_the_output_of_a_build_killed_between_renames(
    tmp_path: Path,
) -> None:
    live = tmp_path / "output"
    folder(tmp_path / ".output.7.old", a="the last good one")
    clear_staging(staging_folder(live), live)
    assert contents(live) == {"a": "the last good one"}


@pytest.mark.parametrize("age", [0, LEFT_OVER_AFTER + 9])
def test_clear_staging_carries_over_what_a_killed_build_was_to_keep(
    tmp_path: Path, age: int
) -> None:
    live = folder(tmp_path / "output", a="new")
    old = folder(tmp_path / ".output.7.old", a="old", **{".git__HEAD": "x"})
    os.utime(old, (time.time() - age,) * 2)
    clear_staging(staging_folder(live), live, keep=[".git", "CNAME"])
    assert contents(live) == {"a": "new", ".git/HEAD": "x"}


def test_clear_staging_takes_nothing_from_a_running_build(tmp_path: Path) -> None:
    live = folder(tmp_path / "output", a="1")
    running = folder(tmp_path / ".output.7", CNAME="x")
    clear_staging(staging_folder(live), live, keep=["CNAME"])
    assert (contents(live), contents(running)) == ({"a": "1"}, {"CNAME": "x"})


@pytest.mark.parametrize(
    ("files", "refused"),
    [
        ({}, False),
        ({MARKER: ""}, False),
        ({"index.html": GENERATOR.decode() + '">'}, False),
        ({"index.html": "<p>"}, True),
        ({"thesis.tex": ""}, True),
    ],
)
def test_refuse_foreign_refuses_a_folder_that_no_build_made(
    tmp_path: Path, files: dict[str, str], refused: bool
) -> None:
    folder(tmp_path, **files)
    try:
        refuse_foreign(tmp_path)
    except ProblemsFound as error:
        assert refused
        assert [(p.code, p.path) for p in error.problems] == [("output-folder", str(tmp_path))]
    else:
        assert not refused


def test_refuse_foreign_refuses_a_file_and_accepts_nothing(tmp_path: Path) -> None:
    refuse_foreign(tmp_path / "new")
    folder(tmp_path, file="x")
    with pytest.raises(ProblemsFound):
        refuse_foreign(tmp_path / "file")
