"""A memo of results: a function with the same version and inputs is not computed twice.

One SQLite file, safe against two builds at once and against kills. A key is the digest of the
function's name, the canonical form of the inputs and a salt: the digest of the package's own source
and the versions of Python and of the libraries that affect the output.
"""

import hashlib
import pickle
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from functools import cache
from inspect import isroutine
from pathlib import Path, PurePath
from typing import Any, Generic, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")

LIBRARIES = (
    "pelican", "markdown", "typogrify", "pygments", "pillow", "latex2mathml", "turbohtml", "jinja2",
    "resvg-py", "feedgenerator", "chunspell", "tinycss2", "font-source-serif-pro", "brotli",
)  # fmt: skip
MAX_BYTES = 1_000_000_000
UNWRITTEN_BYTES = 32_000_000
DAY = 86_400  # seconds


def canonical(value: Any) -> list[bytes]:
    """Return the parts of a form that equal values share, whatever made them.

    A value with a string attribute `digest` is represented by it. Raises TypeError for a value that
    has no such form.
    """
    parts: list[bytes] = []
    _add(value, parts.append)
    return parts


def _add(value: Any, add: Callable[[bytes], None]) -> None:
    # The most frequent types are first.
    kind = type(value)
    if kind is str:
        text = value.encode("utf-8", "surrogatepass")
        add(b"s%d:" % len(text))
        add(text)
    elif kind is tuple or kind is list:
        add(b"(%d:" % len(value))
        for item in value:
            _add(item, add)
    elif kind in SIMPLE:
        add(b"%a;" % value)
    elif isinstance(digest := getattr(value, "digest", None), str):
        add(f"#{kind.__name__}:{digest};".encode())
    elif kind in _FIELDS or (is_dataclass(value) and kind is not type):
        add(f"<{kind.__name__}".encode())
        if (names := _FIELDS.get(kind)) is None:
            names = _FIELDS[kind] = tuple(item.name for item in fields(kind))
        for name in names:
            _add(getattr(value, name), add)
    else:
        start, rest = _rare(value)
        add(start)
        if rest is not None:
            _add(rest, add)


def _rare(value: Any) -> tuple[bytes, Any]:
    """Return a mark of the value's type and what is to follow in canonical form (None: nothing)."""
    if isinstance(value, date):
        return f"{type(value).__name__}({value!s})".encode(), None
    if isinstance(value, type) or (isroutine(value) and "<locals>" not in value.__qualname__):
        return f"{value.__module__}.{value.__qualname__};".encode(), None
    if isinstance(value, bytes):
        return b"b%d:" % len(value) + value, None
    if isinstance(value, str | PurePath):
        return b"", str(value)
    if isinstance(value, Mapping):
        return b"m", sorted(value.items(), key=repr)
    if isinstance(value, set | frozenset):
        return b"{", sorted(value, key=repr)
    if isinstance(value, tuple | list):  # of a subclass
        return b"", tuple(value)
    raise TypeError(f"cannot be part of a memo key: {type(value).__name__}")


SIMPLE = frozenset((type(None), bool, int, float))
# The names of the fields of each dataclass that has been met
_FIELDS: dict[type, tuple[str, ...]] = {}


def digest_of(*values: Any) -> str:
    """Return the SHA-256 of values in their canonical form, in hex digits."""
    parts: list[bytes] = []
    for value in values:
        _add(value, parts.append)
    return hashlib.sha256(b"".join(parts)).hexdigest()


@cache
def code_version() -> tuple[tuple[str, int, int], ...]:
    """Return what changes with the classes whose values are kept without a salt; cheap to find."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return tuple((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in files)


@cache
def salt() -> str:
    """Return the digest of everything but the inputs that decides a result."""
    from importlib.metadata import PackageNotFoundError, version  # slow to import

    found = hashlib.sha256(sys.version.encode())
    for path in sorted(Path(__file__).parent.rglob("*")):
        if path.suffix in (".py", ".css", ".html"):
            found.update(path.read_bytes())
    for name in LIBRARIES:
        with suppress(PackageNotFoundError):
            found.update(f"{name} {version(name)}".encode())
    return found.hexdigest()


@dataclass(frozen=True)
class Result(Generic[R]):
    """A result that is computed, or read from the memo, when it is called.

    `digest` is its key: of the function and its inputs. So it can be an input of other functions.
    """

    digest: str
    compute: Callable[[], R] = field(repr=False, compare=False)

    def __call__(self) -> R:
        """Return the result."""
        return self.compute()


def known(value: R) -> Result[R]:
    """Return a result that needs no computing. Raises TypeError for one without canonical form."""
    return Result(digest_of(value), lambda: value)


class Memo:
    """The results of earlier calls, in a file; without a file, of this run alone.

    New results are written at the end (or when there are many) in one transaction, so that two
    builds at once do not wait for each other. A file that cannot be used is deleted and made again:
    it holds nothing that cannot be computed.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self._used: set[str] = set()
        self._new: dict[str, bytes] = {}
        self._unwritten = 0  # bytes
        self._db: sqlite3.Connection | None = None

    # As an input all memos are equal: results depend on the other inputs.
    digest = "memo"

    def __call__(self, function: Callable[P, R], *inputs: P.args, **named: P.kwargs) -> R:
        """Return `function(*inputs)`, from the memo if it is there. What is raised is not kept."""
        return self.later(function, *inputs, **named)()

    def later(self, function: Callable[P, R], *inputs: P.args, **named: P.kwargs) -> "Result[R]":
        """Return the result of `function(*inputs)` without computing or reading it yet."""
        key = digest_of(salt(), function, inputs, named)

        def compute() -> R:
            found = self.get(key)
            if found is not None:
                return cast(R, pickle.loads(found))
            result = function(*inputs, **named)
            self.put(key, pickle.dumps(result, protocol=5))
            return result

        return Result(key, compute)

    def get(self, key: str) -> bytes | None:
        """Return what is kept under a key."""
        if key in self._new:
            return self._new[key]
        row = self._row("SELECT value FROM memo WHERE key = ?", key)
        if row is None:
            return None
        self._used.add(key)
        return cast(bytes, row[0])

    def read(self, key: str) -> Any:
        """Return the value that is kept under a key. Raises LookupError where there is none."""
        if (found := self.get(key)) is None:
            raise LookupError(key)
        return pickle.loads(found)

    def __contains__(self, key: str) -> bool:
        """Return whether something is kept under a key, without reading it."""
        if key in self._new:
            return True
        found = self._row("SELECT 1 FROM memo WHERE key = ?", key)
        if found:
            self._used.add(key)
        return bool(found)

    def put(self, key: str, value: bytes) -> None:
        """Keep bytes under a key."""
        self._new[key] = value
        self._unwritten += len(value)
        if self._unwritten > UNWRITTEN_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what is new, and note what was used today."""
        now, self._unwritten = int(time.time()), 0
        db = self._opened()
        with suppress(sqlite3.Error), db:  # a memo that cannot be written is only slower
            db.executemany(
                "INSERT OR REPLACE INTO memo (key, value, used) VALUES (?, ?, ?)",
                [(key, value, now) for key, value in self._new.items()],
            )
            self._new.clear()
            db.executemany(
                "UPDATE memo SET used = ? WHERE key = ? AND used < ?",
                [(now, key, now - DAY) for key in self._used],
            )

    def close(self) -> None:
        """Write what is new; evict what was not used for longest when the file is too large.

        A memo that is used again is opened again.
        """
        self.flush()
        db = self._opened()
        if self.file and self.file.stat().st_size > MAX_BYTES:
            with suppress(sqlite3.Error), db:
                db.execute(
                    "DELETE FROM memo WHERE id IN (SELECT id FROM (SELECT id, sum(length(value)) "
                    "OVER (ORDER BY used DESC, id DESC) AS total FROM memo) WHERE total > ?)",
                    (MAX_BYTES // 2,),
                )
        if self.file:
            db.close()
            self._db = None

    def _opened(self) -> sqlite3.Connection:
        self._db = self._db or self._open()
        return self._db

    def _row(self, query: str, key: str) -> tuple[Any, ...] | None:
        db = self._opened()
        try:
            return cast("tuple[Any, ...] | None", db.execute(query, (key,)).fetchone())
        except sqlite3.DatabaseError:
            db.close()
            self._db = self._open(broken=True)
            return None

    def _open(self, broken: bool = False) -> sqlite3.Connection:
        try:
            if broken and self.file:
                for path in (self.file, *self.file.parent.glob(f"{self.file.name}-*")):
                    path.unlink(missing_ok=True)
            return connect(self.file)
        except (OSError, sqlite3.OperationalError):  # no place to write: this run's results alone
            self.file = None
            return connect(None)
        except sqlite3.DatabaseError:
            return self._open(broken=True)


def connect(file: Path | None) -> sqlite3.Connection:
    """Return the open database, with its table. Raises sqlite3.DatabaseError."""
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(file or ":memory:", timeout=30, check_same_thread=False)
    with suppress(sqlite3.OperationalError):  # SQLite does not wait here; another build does it
        db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute(
        "CREATE TABLE IF NOT EXISTS memo "
        "(id INTEGER PRIMARY KEY, key TEXT UNIQUE, value BLOB NOT NULL, used INTEGER NOT NULL)"
    )
    db.commit()
    return db
