import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from threading import Timer
from typing import Any

import pytest

from pipeline import memo as module
from pipeline.memo import Memo, digest_of

calls: list[object] = []


def double(number: int, by: int = 2) -> int:
    calls.append(number)
    if number < 0:
        raise ValueError(number)
    return number * by


@dataclass(frozen=True)
class Plain:
    a: str
    b: object = None


@dataclass(frozen=True)
class Digested:
    digest: str
    rest: object = field(default=None)


@pytest.fixture(autouse=True)
def no_calls() -> None:
    calls.clear()


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"b", "a", "c"}, {"c", "b", "a"}),
        (frozenset("abc"), frozenset("cba")),
        (("ab", "ab"), ("".join(["a", "b"]), "ab")),
        (Plain("a", ("b",)), Plain("a", ["b"])),
        (Digested("x", 1), Digested("x", 2)),
        (Path("a/b"), PurePosixPath("a/b")),
        ("\udcff", "\udcff"),
    ],
)
def test_digest_of_equal_values_is_the_same(one: object, same: object) -> None:
    assert digest_of(one) == digest_of(same)


DIFFERENT: list[Any] = [
    *("", "a", b"a", 1, True, 1.0, None, "1", (), ("a",), {"a"}, {"a": 1}, {"a": "1"}),
    *(("ab", "c"), ("a", "bc"), (("a",), "b"), ("a", ("b",)), Plain("a"), Plain("a", "b")),
    *(Digested("a"), Digested("b"), datetime(2024, 1, 1), date(2024, 1, 1), int, str, double),
]  # fmt: skip


def test_digest_of_different_values_differs() -> None:
    assert len({digest_of(value) for value in DIFFERENT}) == len(DIFFERENT)


def test_digest_of_is_the_same_in_every_process() -> None:
    code = "from pipeline.memo import digest_of; print(digest_of({'b', 'a', 'c'}, {'x': {1, 2}}))"
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]


def test_digest_of_something_without_a_canonical_form_is_refused() -> None:
    with pytest.raises(TypeError):
        digest_of(object())


def test_memo_calls_once_for_the_same_inputs_in_later_runs(tmp_path: Path) -> None:
    for _ in range(2):
        memo = Memo(tmp_path / "new/memo.db")
        assert [memo(double, 2), memo(double, 2), memo(double, 2, by=3)] == [4, 4, 6]
        memo.close()
    assert calls == [2, 2]


def test_memo_without_a_file_is_of_this_run() -> None:
    memo = Memo()
    assert [memo(double, 2), memo(double, 2)] == [4, 4]
    assert calls == [2]
    memo.close()


def test_memo_keeps_no_error() -> None:
    memo = Memo()
    for _ in range(2):
        with pytest.raises(ValueError, match="-1"):
            memo(double, -1)
    assert calls == [-1, -1]


def test_memo_key_depends_on_the_salt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("1", "2", "2"):
        monkeypatch.setattr(module, "salt", lambda version=version: version)
        memo = Memo(tmp_path / "memo.db")
        memo(double, 1)
        memo.close()
    assert calls == [1, 1]


def test_memo_bytes_are_kept_under_keys(tmp_path: Path) -> None:
    memo = Memo(tmp_path / "memo.db")
    memo.put("a", b"1")
    assert ("a" in memo, "b" in memo, memo.get("a"), memo.get("b")) == (True, False, b"1", None)
    memo.close()
    memo = Memo(tmp_path / "memo.db")
    assert ("a" in memo, memo.get("a")) == (True, b"1")
    memo.close()


def test_memo_writes_when_much_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "UNWRITTEN_BYTES", 10)
    memo = Memo(tmp_path / "memo.db")
    memo.put("a", b"x" * 11)
    other = Memo(tmp_path / "memo.db")
    assert "a" in other
    memo.close()
    other.close()


@pytest.mark.parametrize("data", [b"no database" * 500, b"", b"SQLite format 3\0" + b"x" * 5000])
def test_memo_file_that_is_broken_is_made_again(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "memo.db"
    file.write_bytes(data)
    for _ in range(2):
        memo = Memo(file)
        assert memo(double, 2) == 4
        memo.close()
    assert calls == [2]


def test_memo_page_that_is_broken_is_noticed_and_made_again(tmp_path: Path) -> None:
    file = tmp_path / "memo.db"
    memo = Memo(file)
    for n in range(300):
        memo.put(f"key {n}", b"x" * 3000)
    memo.close()
    with file.open("r+b") as open_file:
        open_file.seek(8192)
        open_file.write(b"\xff" * (file.stat().st_size - 8192))
    memo = Memo(file)
    found = [memo.get(f"key {n}") for n in range(300)]
    assert set(found) <= {None, b"x" * 3000}
    assert memo(double, 2) == 4
    memo.close()
    memo = Memo(file)
    assert memo(double, 2) == 4
    assert calls == [2]
    memo.close()


def test_memo_without_a_place_to_write_works_for_the_run(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    memo = Memo(tmp_path / "cache/memo.db")
    assert [memo(double, 2), memo(double, 2)] == [4, 4]
    assert calls == [2]
    memo.close()


def test_memo_too_large_evicts_what_was_unused_for_longest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "memo.db"
    memo = Memo(file)
    for n in range(10):
        memo.put(str(n), b"x" * 10_000)
    memo.close()
    monkeypatch.setattr(module, "MAX_BYTES", 60_000)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 2 * module.DAY)
    memo = Memo(file)
    assert "0" in memo
    memo.close()
    memo = Memo(file)
    assert [n for n in range(10) if str(n) in memo] == [0, 8, 9]
    memo.close()


def test_memo_of_a_file_that_another_build_is_making_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "memo.db"
    other = sqlite3.connect(file, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    timer = Timer(0.1, other.rollback)
    timer.start()
    memo = Memo(file)
    memo.put("a", b"1")
    memo.close()
    timer.join()
    other.close()
    assert Memo(file).get("a") == b"1"


WRITER = """
import sys
from pathlib import Path
from pipeline.memo import Memo
name, file = sys.argv[1:]
while True:
    memo = Memo(Path(file))
    for n in range(200):
        memo.put(f"{name} {n}", name.encode() * 2000)
    memo.close()
    print(flush=True)
"""


def test_memo_of_two_killed_writers_has_no_torn_value(tmp_path: Path) -> None:
    file = tmp_path / "memo.db"
    command = [sys.executable, "-c", WRITER]
    writers = [
        subprocess.Popen([*command, name, str(file)], stdout=subprocess.PIPE) for name in "ab"
    ]
    for writer in writers:
        assert writer.stdout
        writer.stdout.readline()
    time.sleep(0.05)
    for writer in writers:
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
    with sqlite3.connect(file) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()
    memo = Memo(file)
    for name in "ab":
        assert memo.get(f"{name} 199") == name.encode() * 2000
    memo.close()
