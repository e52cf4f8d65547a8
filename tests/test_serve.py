"""The preview: a real server with a real watcher, as the browser and the terminal see it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.request import urlopen

import pytest

from pipeline.problems import Problem
from pipeline.serve import FullCheck, changes
from tests.conftest import Run, contents

PATIENCE = 20  # seconds
pytestmark = pytest.mark.slow
POST = "content/posts/a.md"
Event = dict[str, str]


class Served:
    """`./invoke serve` in a project."""

    def __init__(self, project: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.project = project
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, str(project / "tasks.py"), "serve", "--port", str(self.port)]
        pipe: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        self.process = subprocess.Popen(command, cwd=project, text=True, **pipe)
        self.printed: Queue[str] = Queue()
        self.events: Queue[Event] = Queue()
        threading.Thread(target=self.read_terminal, daemon=True).start()

    def read_terminal(self) -> None:
        assert self.process.stdout
        with self.process.stdout:
            for line in self.process.stdout:
                self.printed.put(line.rstrip())

    def read_events(self) -> None:
        """Follow the events as a browser does, which connects again after a restart."""
        while self.process.poll() is None:
            with suppress(OSError), urlopen(f"{self.url}/.preview/events") as stream:
                for line in stream:
                    if line.startswith(b"data: "):
                        self.events.put(json.loads(line[6:]))
            time.sleep(0.1)

    def listen(self) -> Event:
        """Follow the events from now on, and return the first."""
        threading.Thread(target=self.read_events, daemon=True).start()
        return self.events.get(timeout=PATIENCE)

    def event(self, matches: Callable[[Event], object]) -> Event:
        """Return the next event that matches; a save may be seen as two changes."""
        end = time.monotonic() + PATIENCE
        while not matches(event := self.events.get(timeout=max(0.1, end - time.monotonic()))):
            pass
        return event

    def shows(self, pattern: str) -> bool:
        """Wait for the event after which the home page has the pattern."""
        return bool(self.event(lambda _: re.search(pattern, self.get("/")[1])))

    def wait_for(self, pattern: str) -> str:
        """Return the next line on the terminal in which the pattern is found."""
        while not re.search(pattern, line := self.printed.get(timeout=PATIENCE)):
            pass
        return line

    def get(self, path: str, method: str = "GET") -> tuple[int, str, dict[str, str]]:
        """Return status, text and headers of a response."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with closing(connection):
            connection.request(method, path)
            with connection.getresponse() as response:
                text = response.read().decode("utf-8", "replace")
                return response.status, text, dict(response.headers)

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a file by another, as many editors do."""
        path = self.project / name
        text = path.read_text("utf-8")
        assert old in text
        beside = path.with_name(f".{path.name}.new")
        beside.write_text(text.replace(old, new), "utf-8")
        beside.replace(path)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=PATIENCE)


@pytest.fixture
def served(project: Path) -> Iterator[Served]:
    started = Served(project)
    try:
        started.wait_for("^Serving")
        yield started
    finally:
        started.process.kill()
        started.process.wait()


def test_edit_is_shown_and_a_problem_keeps_the_last_good_page(served: Served) -> None:
    served.wait_for(" built in ")
    first = served.listen()
    assert first["version"]
    assert not first["problems"]
    assert f'const served = {{"version": "{first["version"]}"' in served.get("/")[1]

    served.edit(POST, "Title: Post a", "Title: Another title")
    assert served.shows("Another title")
    served.wait_for(rf"built in .*\({POST}\)")

    served.edit(POST, "The text.", "Other words.")
    served.event(lambda _: "Other words." in served.get("/posts/a/")[1])
    served.wait_for(rf"built in .*\({POST}\)")

    served.edit(POST, "Date: 2024-05-06", "Date: yesterday")
    wrong = served.event(lambda event: event["problems"])
    assert wrong["problems"].startswith(f"{POST}:3: ")
    assert served.wait_for(f"^{POST}:3") == wrong["problems"]
    page = served.get("/")[1]
    assert "Another title" in page
    assert f'const served = {{"version": "{wrong["version"]}"' in page

    served.edit(POST, "Date: yesterday", "Date: 2024-05-06")
    right = served.event(lambda event: not event["problems"])
    assert right["version"] == wrong["version"] != first["version"]


def test_edit_during_the_first_build_is_shown(served: Served) -> None:
    served.edit(POST, "Title: Post a", "Title: Saved meanwhile")
    served.listen()
    end = time.monotonic() + PATIENCE
    while "Saved meanwhile" not in served.get("/")[1] and time.monotonic() < end:
        time.sleep(0.1)
    assert "Saved meanwhile" in served.get("/")[1]


def test_save_that_changes_nothing_reloads_nothing(served: Served) -> None:
    served.wait_for(" built in ")
    first = served.listen()
    for name in (POST, "pelicanconf.py"):  # the second one restarts the server
        served.edit(name, "\n", "\n")
        served.wait_for(" built in ")
    served.edit(POST, "The text.", "A new text.")
    assert served.event(lambda event: event["version"] not in ("", first["version"]))


def test_theme_settings_and_code_are_watched(served: Served) -> None:
    served.wait_for(" built in ")
    served.listen()
    served.edit("theme/static/css/tokens.css", "--measure:", "--measured: 1; --measure:")
    assert served.shows("--measured: ?1")
    served.edit("pelicanconf.py", 'SITENAME = "Example Blog"', 'SITENAME = "Sample Blog"')
    assert served.shows("Sample Blog")
    module = "pipeline/pages.py"
    text = (served.project / module).read_text("utf-8")
    served.edit(module, text, f"{text}\n1 = 2\n")
    assert "SyntaxError" in served.event(lambda event: event["problems"])["problems"]
    assert "Sample Blog" in served.get("/")[1]
    served.edit(module, "\n1 = 2\n", "")
    served.event(lambda event: event["version"] and not event["problems"])


def test_broken_settings_at_the_start_are_shown_and_watched(project: Path) -> None:
    conf = project / "pelicanconf.py"
    text = conf.read_text("utf-8")
    conf.write_text(f"{text}\nSITEURL = \n")
    served = Served(project)
    try:
        served.wait_for("^Serving")
        assert served.event(lambda event: event["problems"]) if served.listen() else None
        conf.write_text(text)
        served.event(lambda event: event["version"])
        assert "Post a" in served.get("/")[1]
    finally:
        served.process.kill()
        served.process.wait()


def test_responses(served: Served) -> None:
    served.wait_for(" built in ")
    status, _, headers = served.get("/about?utm=1")
    assert (status, headers["Location"]) == (301, "/about/?utm=1")
    assert served.get("/about/?utm=1")[0] == served.get("/?utm")[0] == 200
    assert served.get("/.preview/events", "HEAD")[:2] == (200, "")
    status, text, headers = served.get("/nowhere/at/all")
    assert (status, headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert f'<base href="http://127.0.0.1:{served.port}/">' in text
    assert served.get("/favicon.svg")[2]["Content-Type"] == "image/svg+xml"
    assert served.get("/about/", "HEAD")[1] == ""
    for path in ("/" + "x" * 5000, "/%00", "/..%2fpelicanconf.py", "/../pelicanconf.py", "/%zz"):
        assert served.get(path)[0] == 404


def test_other_tasks_do_not_change_what_is_served(served: Served, run: Run) -> None:
    served.wait_for(" built in ")
    served.edit(POST, "Summary:", "Status: draft\nSummary:")
    served.wait_for(" built in ")
    (folder,) = (served.project / ".cache").glob("serve-*")
    before = contents(folder)
    assert run("preview").returncode == run("clean").returncode == run("rebuild").returncode == 0
    assert contents(folder) == before
    assert served.get("/posts/a/")[0] == 200


def test_loopback_only_taken_port_and_ctrl_c(served: Served, run: Run) -> None:
    with pytest.raises(OSError):  # another address of this machine
        socket.create_connection(("127.0.0.2", served.port), timeout=2)
    again = run("serve", "--port", str(served.port))
    assert again.returncode == 1
    assert "already in use" in again.stderr
    assert again.stderr.count("\n") == 1
    served.wait_for(" built in ")
    assert served.stop() == 0
    rest = [served.printed.get() for _ in range(served.printed.qsize())]
    assert "Traceback" not in "".join(rest)
    assert not [*served.project.glob(".cache/.serve*"), *served.project.glob("output")]


@pytest.mark.skipif(os.name == "nt", reason="needs inotify or FSEvents")
def test_changes_says_which_need_a_restart(tmp_path: Path) -> None:
    content, conf = tmp_path / "content", tmp_path / "conf.py"
    content.mkdir()
    conf.write_text("")
    stream = changes(str(conf), [str(content)])
    assert next(stream) == (set(), False)
    (content / "a.md").write_text("a")
    assert next(stream) == ({os.path.relpath(content / "a.md")}, False)
    conf.write_text("A = 1")
    assert next(stream) == ({os.path.relpath(conf)}, True)


def test_notes_are_what_the_checks_find_in_the_page_in_view(served: Served) -> None:
    served.wait_for(" built in ")
    assert served.get("/.preview/notes/posts/a/")[1] == ""
    served.edit(POST, "The text.", "The the text.")
    served.wait_for(" built in ")
    assert "repeated-word" in served.get("/.preview/notes/posts/a/")[1]
    assert served.wait_for("repeated-word").startswith(f"{POST}:")


def test_full_check_runs_when_nothing_changes_and_is_shown_once(served: Served) -> None:
    served.wait_for(" built in ")
    served.listen()
    served.edit(POST, "The text.", "The the text.")
    shown = served.event(lambda event: event["checked"])
    assert shown["checked"].startswith(f"{POST}:")
    assert served.wait_for("repeated-word") == shown["checked"]
    assert '"editor": "vscode://' in served.get("/")[1]
    served.edit(POST, "The the text.", "The text.")
    served.event(lambda event: not event["checked"])


def wait_until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)


def test_full_check_shows_problems_and_ends_when_it_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pipeline.serve.IDLE", 0)
    shown: list[list[Problem]] = []
    found = [{"code": "a", "path": "b.md", "line": 1, "message": "c", "hint": ""}]
    full = FullCheck(
        [sys.executable, "-c", f"print({json.dumps(json.dumps(found))})"], shown.append
    )
    full.restart()
    wait_until(lambda: shown)
    assert shown == [[Problem("a", "b.md", 1, "c")]]
    full.command = [sys.executable, "-c", "import time; time.sleep(60)"]
    full.restart()
    wait_until(lambda: full.process)
    process = full.process
    assert process
    full.stop()
    assert process.wait(timeout=PATIENCE) != 0
    assert len(shown) == 1
    full.restart()
    full.stop()
    assert full.process is None
