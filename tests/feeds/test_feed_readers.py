"""Real feed readers subscribe over loopback: they show every entry, and none a second time.

newsboat reads Atom and RSS (the version of Debian 12 knows no JSON Feed); the library `reader`
(reader.readthedocs.io) reads all three formats.
"""

import importlib
import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.feeds import Publisher, feed_files
from pipeline.memo import Memo, known
from pipeline.model import ATOM, JSON, RSS, Feed
from tests.feeds.values import FEEDS, PATHS, entry, feed, settings_of, text_of
from tests.loopback import folder_answers, serving
from tests.publish.servers import needs

pytestmark = pytest.mark.servers


class Newsboat:
    """newsboat on the command line, with its database, subscribed to one feed."""

    def __init__(self, folder: Path, url: str) -> None:
        needs("newsboat")
        folder.mkdir()
        self.folder = folder
        (folder / "urls").write_text(f"{url}\n")
        (folder / "config").touch()

    def run(self, *arguments: str) -> str:
        files = ("-u", "urls", "-C", "config", "-c", "cache.db", "-d", "log", "-l", "3")
        command = ["newsboat", "-q", *files, *arguments]
        env = {**os.environ, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        return subprocess.run(
            command,
            cwd=self.folder,
            env=env,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout

    def select(self, query: str) -> list[tuple[str, ...]]:
        base = sqlite3.connect(self.folder / "cache.db")
        found = base.execute(query).fetchall()
        base.close()
        return found

    def update(self) -> None:
        self.run("-x", "reload")
        assert "USERERROR" not in (self.folder / "log").read_text("utf-8")

    def entries(self) -> dict[str, str]:
        rows = self.select("SELECT title, content FROM rss_item WHERE deleted = 0")
        return {title: content for title, content in rows}  # noqa: C416 (of tuples)

    def unread(self) -> int:
        return int(self.run("-x", "print-unread").split()[0])

    def read_all(self) -> None:
        ids = "".join(f"{row[0]}\n" for row in self.select("SELECT guid FROM rss_item"))
        (self.folder / "read").write_text(ids)
        self.run("-I", "read")
        assert self.unread() == 0


class Library:
    """The library `reader`, subscribed to one feed."""

    def __init__(self, folder: Path, url: str) -> None:
        if sys.version_info < (3, 12):
            # Its last release for Python 3.11 looks for a dependency by its former name.
            sys.modules.setdefault("sgmllib", importlib.import_module("feedparser_sgmllib"))
        from reader import make_reader

        self.reader = make_reader(f"{folder}.sqlite")
        self.reader.add_feed(url)

    def update(self) -> None:
        [found] = self.reader.get_feeds()
        self.reader.update_feed(found)
        [found] = self.reader.get_feeds()
        assert found.last_exception is None

    def entries(self) -> dict[str, str]:
        return {e.title or "": e.get_content().value for e in self.reader.get_entries()}  # type: ignore[union-attr]

    def unread(self) -> int:
        return self.reader.get_entry_counts(read=False).total or 0

    def read_all(self) -> None:
        for found in self.reader.get_entries():
            self.reader.mark_entry_as_read(found)


CASES = [(Newsboat, ATOM), (Newsboat, RSS), (Library, ATOM), (Library, RSS), (Library, JSON)]


def write(folder: Path, made: Feed, url: str) -> None:
    publisher = Publisher(url, "en", "Ann")
    for path, text in feed_files([made], settings_of(**FEEDS), publisher, Memo()):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text_of(text), "utf-8")


@pytest.mark.parametrize(("make", "form"), CASES)
def test_nothing_is_unread_again(
    tmp_path: Path, make: type[Newsboat] | type[Library], form: str
) -> None:
    site, made = tmp_path / "site", feed(*map(entry, (3, 2, 1)))
    write(site, made, "https://example.org/")
    with serving(folder_answers(site)) as host:
        reader = make(tmp_path / "reader", f"{host.url}/{dict(PATHS)[form]}")
        reader.update()
        assert sorted(reader.entries()) == ["Entry 1", "Entry 2", "Entry 3"]
        assert all("<em>b</em>" in text for text in reader.entries().values())
        assert reader.unread() == 3
        reader.read_all()
        # Another host, another scheme of addresses, and other words
        moved = [replace(e, url=f"https://moved.example/{e.title}.html") for e in made.entries]
        changed = replace(moved[0], title="Another title", html=known("<p>Other</p>"))
        for entries in (moved, [changed, *moved[1:]]):
            write(site, replace(made, entries=tuple(entries)), "https://moved.example/b/")
            reader.update()
            assert (reader.unread(), len(reader.entries())) == (0, 3)
        assert "Another title" in reader.entries()
        new = (entry(4), *entries)
        write(site, replace(made, entries=new), "https://moved.example/b/")
        reader.update()
        assert reader.unread() == 1
