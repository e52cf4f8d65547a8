"""Places to publish to: targets on this machine, with the URLs where visitors find them."""

import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipeline.publish.publish import choose
from pipeline.publish.release import Release
from pipeline.publish.targets.base import Target, make_target
from pipeline.settings import Settings
from tests.publish.servers import Sshd, nginx_server, sshd

Serve = Callable[..., str]
BRANCH = "gh-pages"


@dataclass(frozen=True)
class Place:
    """A target's options with its kind, and its URL with a slash at the end."""

    options: Mapping[str, Any]
    url: str

    def target(self) -> Target:
        """Return the target as a machine that knows nothing of it would."""
        settings = Settings("publishconf.py", publish_targets={"it": self.options})
        return make_target(settings, "it")

    def publish(self, release: Release) -> int:
        """Deploy a release; return how many bytes were sent."""
        target = self.target()
        with target.lock():
            target.current()
            return target.deploy(release)

    def ids(self) -> list[tuple[str, bool]]:
        """Return the ids of the releases, newest first, and which is live."""
        return [(stored.id, stored.live) for stored in self.target().list_releases()]


def activate(target: Target, id: str) -> None:
    """Go back to the release of that id."""
    target.activate(choose(target.list_releases(), id))


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Serve]:
    """A function that serves a folder, with further configuration, and returns the URL."""
    with ExitStack() as servers:
        numbers = iter(range(100))

        def serve(root: Path, more: str = "") -> str:
            run = tmp_path / f"nginx-{next(numbers)}"
            return servers.enter_context(nginx_server(run, root, more))

        yield serve


@pytest.fixture(scope="session")
def ssh_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def ssh_options(ssh_server: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A folder on a server, with a space and a quotation mark in its name."""
    monkeypatch.setenv("PATH", f"{ssh_server.bin}:{os.environ['PATH']}")
    return {"kind": "ssh", "host": "blog", "path": str(tmp_path / "Ben's site")}


@pytest.fixture
def ssh_place(ssh_options: Mapping[str, Any], tmp_path: Path, nginx: Serve) -> Place:
    url = nginx(tmp_path / "root")
    (tmp_path / "root").symlink_to(Path(ssh_options["path"], "current"))
    return Place(ssh_options, f"{url}/")


@pytest.fixture
def directory_place(tmp_path: Path, nginx: Serve) -> Place:
    path = tmp_path / "public"
    return Place({"kind": "directory", "path": str(path)}, f"{nginx(path / 'current')}/")


def git(folder: Path, *command: str) -> str:
    """Run git as somebody and return what it prints."""
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    done = subprocess.run(["git", *who, *command], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode().strip()


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A repository to push to."""
    path = tmp_path / "bare.git"
    git(tmp_path, "init", "-q", "--bare", str(path))
    return path


@pytest.fixture
def work(tmp_path: Path, bare: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with a commit, a staged change, and an unstaged one; it is the current folder."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    folder = tmp_path / "work"
    git(tmp_path, "clone", "-q", str(bare), str(folder))
    (folder / "a").write_text("1")
    git(folder, "add", "a")
    git(folder, "commit", "-qm", "Begin")
    git(folder, "branch", BRANCH)
    (folder / "a").write_text("2")
    git(folder, "add", "a")
    (folder / "a").write_text("3")
    (folder / ".gitattributes").write_text("* text eol=crlf\n")
    monkeypatch.chdir(folder)
    return folder


def serving(bare: Path) -> type[BaseHTTPRequestHandler]:
    """Return a handler that serves what the branch has at this moment."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.lstrip("/") + ("index.html" if self.path.endswith("/") else "")
            command = ["git", "cat-file", "blob", f"{BRANCH}:{path}"]
            done = subprocess.run(command, cwd=bare, capture_output=True, check=False)
            self.send_response(404 if done.returncode else 200)
            self.send_header("Content-Length", str(len(done.stdout)))
            self.end_headers()
            self.wfile.write(done.stdout)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@pytest.fixture
def git_place(bare: Path, work: Path) -> Iterator[Place]:
    with ThreadingHTTPServer(("127.0.0.1", 0), serving(bare)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/"
        yield Place({"kind": "git", "remote": str(bare)}, url)
        server.shutdown()
        thread.join()
