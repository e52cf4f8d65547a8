"""The preview, as a real server with a real watcher: what the browser and the terminal get."""

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue

import pytest

PATIENCE = 20  # seconds
POST = "content/posts/2024-03-01-why-kscale-wins/index.md"


class Preview:
    """`invoke serve` in a copy of the project."""

    def __init__(self, project: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.project = project
        self.address = f"http://127.0.0.1:{self.port}/"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "invoke", "serve", "--port", str(self.port)],
            cwd=project,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said: Queue[str] = Queue()
        self.events: Queue[dict[str, str]] = Queue()
        threading.Thread(target=self.read_terminal, daemon=True).start()

    def read_terminal(self) -> None:
        assert self.process.stdout
        with self.process.stdout:
            for line in self.process.stdout:
                self.said.put(line.rstrip())

    def read_events(self) -> None:
        with urllib.request.urlopen(f"{self.address}.preview/events") as stream:
            for line in stream:
                if line.startswith(b"data: "):
                    self.events.put(json.loads(line[6:]))

    def listen(self) -> dict[str, str]:
        """Follow the events from now on, and return what is now."""
        threading.Thread(target=self.read_events, daemon=True).start()
        return self.events.get(timeout=PATIENCE)

    def event(self, is_it: Callable[[dict[str, str]], bool]) -> dict[str, str]:
        """Return the next event that is the one; a save may be seen as two changes."""
        end = time.monotonic() + PATIENCE
        while not is_it(event := self.events.get(timeout=max(0.1, end - time.monotonic()))):
            pass
        return event

    def shows(self, pattern: str) -> bool:
        """Wait until the home page has the pattern, at the latest after the events run out."""
        self.event(lambda _event: bool(re.search(pattern, self.get("")[2])))
        return True

    def wait_for(self, pattern: str) -> str:
        """Return the next line in the terminal in which the pattern is found."""
        while not re.search(pattern, line := self.said.get(timeout=PATIENCE)):
            pass
        return line

    def get(self, path: str) -> tuple[int, str, str]:
        """Return the status, the type and the text at a path."""
        try:
            with urllib.request.urlopen(self.address + path) as answer:
                return answer.status, answer.headers["Content-Type"], answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers["Content-Type"], error.read().decode()

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.project / name
        text = path.read_text("utf-8")
        assert old in text
        new_file = path.with_name(f".{path.name}.new")  # as many editors do
        new_file.write_text(text.replace(old, new), "utf-8")
        new_file.replace(path)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=PATIENCE)


@pytest.fixture
def preview(project: Path) -> Iterator[Preview]:
    started = Preview(project)
    try:
        started.wait_for("^Built")
        yield started
    finally:
        started.process.kill()
        started.process.wait()


def test_an_edit_is_seen_and_a_mistake_keeps_the_last_good_page(preview: Preview) -> None:
    first = preview.listen()
    assert first["version"] and not first["problems"]
    assert f'const served = "{first["version"]}"' in preview.get("")[2]

    preview.edit(POST, "Title: Why K-Scale Wins", "Title: Why It Wins")
    assert preview.shows("Why It Wins")

    preview.edit(POST, "Date: 2024-03-01", "Date: yesterday")
    wrong = preview.event(lambda event: bool(event["problems"]))
    assert wrong["problems"].startswith(f"{POST}:2: Date must be a date")
    assert preview.wait_for("Date must be") == wrong["problems"]
    page = preview.get("")[2]
    assert "Why It Wins" in page
    assert f'const served = "{wrong["version"]}"' in page

    preview.edit(POST, "Date: yesterday", "Date: 2024-03-01")
    right = preview.event(lambda event: not event["problems"])
    assert right["version"] not in (first["version"], wrong["version"])


def test_theme_settings_and_pipeline_are_watched(preview: Preview) -> None:
    preview.listen()
    preview.edit("theme/static/css/tokens.css", "--measure: 34rem", "--measure: 35rem")
    assert preview.shows("--measure: 35rem")
    for before, after in (("Bolte", "B."), ("B.", "C."), ("C.", "D.")):
        preview.edit("pelicanconf.py", f'AUTHOR = "Ben {before}"', f'AUTHOR = "Ben {after}"')
        assert preview.shows(f">Ben {re.escape(after)}</h1>")
    module = "pipeline/render/arrange.py"
    preview.edit(module, "WORDS_A_MINUTE = 230", "WORDS_A_MINUTE = 1")
    assert preview.shows(r"\d{4} min read")
    preview.edit(module, "WORDS_A_MINUTE = 1", "WORDS_A_MINUTE = ")
    assert "SyntaxError" in preview.event(lambda event: bool(event["problems"]))["problems"]
    assert re.search(r"\d{4} min read", preview.get("")[2])
    preview.edit(module, "WORDS_A_MINUTE = ", "WORDS_A_MINUTE = 230")
    preview.event(lambda event: not event["problems"])


def test_addresses(preview: Preview) -> None:
    assert preview.get("about")[0] == 200  # by way of a redirect to about/
    assert preview.get("?utm=1")[0] == preview.get("about/?utm=1")[0] == 200
    assert preview.get("x" * 5000)[0] == 404
    head = urllib.request.Request(f"{preview.address}.preview/events", method="HEAD")
    with urllib.request.urlopen(head, timeout=PATIENCE) as answer:
        assert answer.read() == b""
    status, kind, text = preview.get("nowhere/at/all")
    assert (status, kind) == (404, "text/html; charset=utf-8")
    assert f'<base href="{preview.address}">' in text
    assert preview.get("feeds/all.atom.xml")[1].startswith(("application/", "text/xml"))
    assert preview.get("favicon.svg")[1] == "image/svg+xml"
    assert preview.get("..%2fpelicanconf.py")[0] == 404
    assert preview.get("../pelicanconf.py")[0] == 404


def test_it_listens_on_this_machine_alone_and_ends_quietly(preview: Preview) -> None:
    with pytest.raises(OSError):  # another address of this machine
        socket.create_connection(("127.0.0.2", preview.port), timeout=2)
    again = subprocess.run(
        [sys.executable, "-m", "invoke", "serve", "--port", str(preview.port)],
        cwd=preview.project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 1
    assert again.stderr.startswith(f"port {preview.port}: must be free: Address already in use")
    assert preview.stop() == 0
    while not preview.said.empty():
        assert "Traceback" not in preview.said.get()
