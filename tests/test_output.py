import os
import time
from pathlib import Path

import pytest

from pipeline.output import (
    GENERATOR,
    LEFT_OVER_AFTER,
    MARKER,
    clear_staging,
    refuse_foreign,
    staging_folder,
    swap,
    write,
)
from pipeline.problems import ProblemsFound


def folder(path: Path, **files: str) -> Path:
    for name, text in files.items():
        write(path / name.replace("__", "/"), text)
    return path


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
    write(tmp_path / "file", "x")
    with pytest.raises(ProblemsFound):
        refuse_foreign(tmp_path / "file")
