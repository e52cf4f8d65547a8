"""Real feed readers subscribe over loopback: they show every entry, and none a second time.

newsboat reads Atom and RSS (the version of Debian 12 knows no JSON Feed); the library `reader`
reads all three formats.
"""

import importlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Protocol

import pytest

from tests.conftest import PAGE, POST, TinySite

FORMS = ("atom.xml", "rss.xml", "json")


class Server:
    """Serves what is in a folder at the time, without any header that a cache could hold on to."""

    def __init__(self, folder: Path) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = folder / self.path.lstrip("/")
                body = path.read_bytes() if path.is_file() else b""
                self.send_response(200 if body else 404)
                is_json = path.suffix == ".json"
                kind = "application/feed+json" if is_json else "application/xml"
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Reader(Protocol):
    """A feed reader that has subscribed to one feed."""

    def update(self) -> None: ...

    def entries(self) -> dict[str, str]:
        """Return the text of each entry by its title."""

    def unread(self) -> int: ...

    def read_all(self) -> None: ...


class Newsboat:
    """newsboat, as one types it; what it keeps is in its database."""

    def __init__(self, folder: Path, url: str) -> None:
        folder.mkdir()
        self.folder = folder
        (folder / "urls").write_text(f"{url}\n")
        (folder / "config").touch()

    def run(self, *arguments: str) -> str:
        files = ("-u", "urls", "-C", "config", "-c", "cache.db", "-d", "log", "-l", "3")
        command = ["newsboat", "-q", *files, *arguments]
        environment = {**os.environ, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        result = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=60
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    def update(self) -> None:
        self.run("-x", "reload")
        assert "USERERROR" not in (self.folder / "log").read_text("utf-8")

    def entries(self) -> dict[str, str]:
        with sqlite3.connect(self.folder / "cache.db") as base:
            found = dict(base.execute("SELECT title, content FROM rss_item WHERE deleted = 0"))
        base.close()
        return found

    def unread(self) -> int:
        return int(self.run("-x", "print-unread").split()[0])

    def read_all(self) -> None:
        base = sqlite3.connect(self.folder / "cache.db")
        ids = [row[0] for row in base.execute("SELECT guid FROM rss_item")]
        base.close()
        (self.folder / "read").write_text("".join(f"{one}\n" for one in ids))
        self.run("-I", "read")
        assert self.unread() == 0


class Library:
    """The library `reader` (reader.readthedocs.io)."""

    def __init__(self, folder: Path, url: str) -> None:
        if sys.version_info < (3, 12):
            # Its last release for Python 3.11 looks for a dependency by the name it had.
            sys.modules.setdefault("sgmllib", importlib.import_module("feedparser_sgmllib"))
        from reader import make_reader

        self.reader = make_reader(f"{folder}.sqlite")
        self.reader.add_feed(url)

    def update(self) -> None:
        [feed] = self.reader.get_feeds()
        self.reader.update_feed(feed)
        [feed] = self.reader.get_feeds()
        assert feed.last_exception is None

    def entries(self) -> dict[str, str]:
        return {e.title or "": e.get_content().value for e in self.reader.get_entries()}  # type: ignore[union-attr]

    def unread(self) -> int:
        return self.reader.get_entry_counts(read=False).total or 0

    def read_all(self) -> None:
        for entry in self.reader.get_entries():
            self.reader.mark_entry_as_read(entry)


@pytest.fixture
def server(tiny: TinySite) -> Iterator[Server]:
    server = Server(tiny.output)
    yield server
    server.stop()


def newsboat(folder: Path, url: str) -> Reader:
    if not shutil.which("newsboat"):
        if os.environ.get("BLOG_SERVERS") == "required":
            pytest.fail("no newsboat")
        pytest.skip("no newsboat: apt-get install newsboat")
    return Newsboat(folder, url)


READERS: dict[str, tuple[Callable[[Path, str], Reader], tuple[str, ...]]] = {
    "newsboat": (newsboat, FORMS[:2]),
    "reader": (Library, FORMS),
}
POSTS = {f"posts/2024-01-0{n}-post.md": POST.replace("A post", f"Post {n}") for n in (1, 2, 3)}
FIRST = "posts/2024-01-01-post.md"
HOST = 'SITEURL="https://moved.example/blog"'
SCHEME = ('ARTICLE_URL="{slug}.html"', 'ARTICLE_SAVE_AS="{slug}.html"')


def subscribe(name: str, folder: Path, feed: str) -> list[Reader]:
    """Return a reader for each format that it knows, which has read the feed once."""
    made, forms = READERS[name]
    readers = [made(folder / f"reader-{form}", f"{feed}.{form}") for form in forms]
    for reader in readers:
        reader.update()
    return readers


@pytest.mark.parametrize("name", READERS)
def test_nothing_is_unread_again(tiny: TinySite, server: Server, name: str) -> None:
    tiny.write(POSTS)
    tiny.build()
    readers = subscribe(name, tiny.folder, f"{server.url}/feeds/all")
    for reader in readers:
        assert sorted(reader.entries()) == ["Post 1", "Post 2", "Post 3"]
        assert all("The text." in text for text in reader.entries().values())
        assert reader.unread() == 3
        reader.read_all()
    text = (tiny.folder / "content" / FIRST).read_text("utf-8")
    changed = text.replace("Post 1", "Another title").replace("2024-05-06", "2024-05-08")
    steps: list[tuple[dict[str, str], tuple[str, ...]]] = [
        ({}, (HOST,)),
        ({}, (HOST, *SCHEME)),
        ({FIRST: changed}, (HOST, *SCHEME)),
    ]
    for files, settings in steps:
        tiny.write(files)
        tiny.build("-e", *settings)
        for reader in readers:
            reader.update()
            assert reader.unread() == 0
            assert len(reader.entries()) == 3
    # A new post comes, and it alone.
    tiny.write({"posts/2024-01-04-post.md": POST.replace("A post", "Post 4")})
    tiny.build("-e", HOST)
    for reader in readers:
        assert "Another title" in reader.entries()
        reader.update()
        assert reader.unread() == 1


@pytest.mark.parametrize("name", READERS)
def test_the_memo_is_whole(site: Path, tmp_path: Path, name: str) -> None:
    """Every word of it, its notes, and its figure as a picture."""
    server = Server(site)
    try:
        readers = subscribe(name, tmp_path, f"{server.url}/feeds/all")
    finally:
        server.stop()
    for reader in readers:
        text = reader.entries()["Why K-Scale Wins"]
        assert "About this document: I wrote this memo" in text
        assert "So, pretty cool stuff." in text
        assert "move quickly now." in text
        assert text.count("#fnref:2024-03-01-why-kscale-wins:") == 5
        assert "/figure-motors.png" in text


@pytest.mark.parametrize("name", READERS)
def test_what_is_new_in_the_quotes_comes_alone(tiny: TinySite, server: Server, name: str) -> None:
    quotes = PAGE.replace("Summary", "Date: 2024-05-06\nSummary") + (
        "\n> The best *fighter* is never angry.\n>\n> — Lao Tzu\n\n"
        "> Per aspera\n> ad astra.\n>\n> — Latin proverb\n> {: lang=la }\n"
    )
    tiny.write({"pages/b.md": quotes})
    tiny.build()
    readers = subscribe(name, tiny.folder, f"{server.url}/feeds/quotes")
    for reader in readers:
        assert sorted(reader.entries()) == ["Lao Tzu", "Latin proverb"]
        reader.read_all()
    new = "\n> Fear is the mind-killer.\n>\n> — Frank Herbert\n> {: added=2024-06-01 }\n"
    tiny.write({"pages/b.md": quotes.replace("\n> Per", f"{new}\n> Per")})
    tiny.build("-e", HOST)
    for reader in readers:
        reader.update()
        assert reader.unread() == 1
