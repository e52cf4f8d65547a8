"""The preview: builds on every change, serves on this machine alone, reloads the browser.

One process serves and watches; another builds. The builder stays warm between builds and is begun
anew when its own code or the settings change, so the server is there whatever goes wrong, and
shows the last good site with what is wrong on top.
"""

import errno
import json
import mimetypes
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
import webbrowser
from collections.abc import Iterator, Sequence
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pelican import parse_arguments
from watchfiles import watch

from pipeline.problems import Problem, ProblemsFound, is_file

HOST = "127.0.0.1"
EVENTS = "/.preview/events"
HIGHEST_PORT = 65535
HEARTBEAT = 15  # seconds
LOOK_EVERY = 300  # milliseconds
CODE = ("pipeline", "pelicanconf.py", "publishconf.py")
SOURCES = ("content", "theme")
SCRIPT = """<script>
(() => {
  const show = (text) => {
    document.querySelector("#preview-problems")?.remove();
    if (!text) return;
    const box = document.createElement("pre");
    box.id = "preview-problems";
    box.role = "alert";
    box.textContent = text;
    box.style.cssText = "position:fixed;inset:auto 0 0 0;margin:0;padding:1em;max-height:50vh;" +
      "overflow:auto;white-space:pre-wrap;background:#5c1010;color:#fff;z-index:9";
    document.body.append(box);
  };
  const served = %s;
  new EventSource("%s").onmessage = (event) => {
    const now = JSON.parse(event.data);
    if (now.version !== served) location.reload();
    else show(now.problems);
  };
})();
</script>
"""


def build_on_demand(pipe: Connection, settings: str, arguments: Sequence[str]) -> None:
    """Build once for every message and answer with what is wrong: the builder's process."""
    # Ctrl-C reaches the whole group; the server ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            pipe.recv()
        except EOFError:  # the server has ended
            return
        try:
            from pipeline.build import build  # here, so that a mistake in the code is answered too

            build(settings, arguments)
            pipe.send("")
        except ProblemsFound as error:
            pipe.send(str(error))
        except Exception:
            pipe.send(traceback.format_exc())


class Builder:
    """Builds in a process of its own."""

    def __init__(self, settings: str, arguments: Sequence[str]) -> None:
        self.arguments = (settings, list(arguments))
        # Python takes a module for unchanged that was saved twice in a second with the same size.
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        self.restart()

    def restart(self) -> None:
        """Begin a new process, with the code and settings as they are now."""
        self.stop()
        spawn = multiprocessing.get_context("spawn")
        self.pipe, theirs = spawn.Pipe()
        self.process = spawn.Process(
            target=build_on_demand, args=(theirs, *self.arguments), daemon=True
        )
        self.process.start()
        theirs.close()

    def stop(self) -> None:
        """End the process, if there is one."""
        if hasattr(self, "process"):
            self.process.terminate()
            self.process.join()

    def build(self) -> str:
        """Build and return what is wrong, one line a problem; empty when nothing is."""
        try:
            self.pipe.send("build")
            return str(self.pipe.recv())
        except (EOFError, OSError):
            # It has ended, most likely because the code cannot be loaded; so what does Python say?
            self.restart()
            load = [sys.executable, "-c", "import pipeline.build"]
            said = subprocess.run(load, capture_output=True, text=True, check=False).stderr
            return said or "pipeline/: must build: the builder ended (save to try again)"


class Site:
    """What is served: a folder, which build it is from, and what is wrong with the newest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.version = ""
        self.problems = ""
        self.changed = threading.Condition()
        self.building = threading.Lock()

    def update(self, builder: Builder) -> None:
        """Build, say how it went in the terminal, and tell the browsers."""
        begun = time.perf_counter()
        with self.building:
            problems = builder.build()
        if problems:
            stays = "The last good site stays." if self.folder.exists() else "There is no site yet."
            print(problems, stays, sep="\n", file=sys.stderr, flush=True)
        else:
            print(f"Built in {time.perf_counter() - begun:.2f} s", flush=True)
        with self.changed:
            self.problems = problems
            if not problems:
                self.version = f"{os.getpid()}-{time.time_ns()}"
            self.changed.notify_all()

    def path(self, address: str) -> Path:
        """Return the path that an address means, which may lead out of the folder."""
        return self.folder / unquote(urlsplit(address).path).lstrip("/")

    def is_folder(self, address: str) -> bool:
        """Return whether an address without a slash at its end is that of a page's folder."""
        return not urlsplit(address).path.endswith("/") and is_file(
            str(self.path(address) / "index.html")
        )

    def read(self, address: str) -> tuple[HTTPStatus, Path, bytes]:
        """Return the file at an address, or the page for addresses that lead nowhere.

        A file that is missing while a build takes the old one's place is looked for again.
        """
        path = self.path(address)
        inside = Path(os.path.normpath(path)).is_relative_to(self.folder)
        if urlsplit(address).path.endswith("/"):
            path /= "index.html"
        for _ in range(2):
            if inside and is_file(str(path)):
                return HTTPStatus.OK, path, path.read_bytes()
            with self.building:
                pass
        missing = self.folder / "404.html"
        body = missing.read_bytes() if missing.is_file() else b"<body>Not found</body>"
        return HTTPStatus.NOT_FOUND, missing, body


class Handler(BaseHTTPRequestHandler):
    """Answers the browser."""

    protocol_version = "HTTP/1.1"

    def __init__(self, site: Site, *arguments: object) -> None:
        self.site = site
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Send a file, or the events."""
        if self.path == EVENTS:
            self.send_events()
        elif self.site.is_folder(self.path):
            url = urlsplit(self.path)
            place = url._replace(path=f"{url.path}/").geturl()
            self.send(HTTPStatus.MOVED_PERMANENTLY, b"", Location=place)
        else:
            status, path, body = self.site.read(self.path)
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            if kind == "text/html":
                script = SCRIPT % (json.dumps(self.site.version), EVENTS)
                body = body.replace(b"</body>", script.encode() + b"</body>")
            if kind.startswith("text/"):
                kind += "; charset=utf-8"
            self.send(status, body, **{"Content-Type": kind})

    do_HEAD = do_GET

    def send(self, status: HTTPStatus, body: bytes, **headers: str) -> None:
        """Send one answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_events(self) -> None:
        """Send what is served now, and again whenever it changes (server-sent events, WHATWG)."""
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        sent = None
        try:
            while self.command == "GET":
                with self.site.changed:
                    state = (self.site.version, self.site.problems)
                    if state == sent:
                        self.site.changed.wait(HEARTBEAT)
                        state = (self.site.version, self.site.problems)
                # Not while others wait for the lock: the browser may be slow.
                data = json.dumps({"version": state[0], "problems": state[1]})
                heartbeat = state == sent  # a comment, which shows whether the browser is there
                self.wfile.write(b":\n\n" if heartbeat else f"data: {data}\n\n".encode())
                self.wfile.flush()
                sent = state
        except OSError:
            pass  # the browser has left

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: what matters in this terminal are the builds."""


def changes() -> Iterator[set[str]]:
    """Yield the paths that have changed, again and again; what changes meanwhile comes next.

    Folders are watched. Files are looked at now and then: an editor that replaces a file ends a
    watch on it.
    """
    folders = [path for path in (*SOURCES, *CODE) if Path(path).is_dir()]
    stamps = {path: stamp(path) for path in CODE if not Path(path).is_dir()}
    options = {"rust_timeout": LOOK_EVERY, "yield_on_timeout": True, "raise_interrupt": False}
    for found in watch(*folders, debounce=100, step=20, **options):  # type: ignore[arg-type]
        paths = {os.path.relpath(path) for _, path in found}
        paths |= {path for path, before in stamps.items() if stamp(path) != before}
        stamps = {path: stamp(path) for path in stamps}
        if paths:
            yield paths


def stamp(path: str) -> tuple[int, int] | None:
    """Return what changes with a file; None when it is not there."""
    try:
        stat = Path(path).stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def rebuild_forever(settings: str, arguments: Sequence[str], site: Site | None = None) -> None:
    """Build now and on every change, until Ctrl-C."""
    site = site or Site(output_of(arguments))
    builder = Builder(settings, arguments)
    try:
        site.update(builder)
        for paths in changes():
            if any(path.startswith(CODE) for path in paths):
                builder.restart()
            site.update(builder)
    finally:
        builder.stop()


def serve(settings: str, arguments: Sequence[str], port: int, open_browser: bool) -> None:
    """Serve the site on this machine, build it on every change, until Ctrl-C.

    Raises ProblemsFound when the port is taken.
    """
    site = Site(output_of(arguments))
    if not 0 <= port <= HIGHEST_PORT:
        raise ProblemsFound([Problem("--port", 0, f"must be at most {HIGHEST_PORT}", str(port))])
    try:
        server = ThreadingHTTPServer((HOST, port), partial(Handler, site))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        fix = f"choose another: invoke serve --port {port + 1}"
        problem = Problem(f"port {port}", 0, "must be free", os.strerror(error.errno), fix)
        raise ProblemsFound([problem]) from None
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://{HOST}:{server.server_port}/"
    print(f"Serving {address} (Ctrl-C ends it)", flush=True)
    if open_browser and has_browser():
        webbrowser.open(address)
    # Addresses that must be absolute (feeds, the page for lost readers) lead to this server too.
    siteurl = ["--extra-settings", f'SITEURL="{address.rstrip("/")}"']
    rebuild_forever(settings, [*siteurl, *arguments], site)


def output_of(arguments: Sequence[str]) -> Path:
    """Return the folder that Pelican is told to build into."""
    return Path(parse_arguments(list(arguments)).output or "output").resolve()


def has_browser() -> bool:
    """Return whether somebody sits at a screen here; a browser in the terminal would block it."""
    screen = os.name == "nt" or sys.platform == "darwin"
    screen = screen or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return screen and sys.stdout.isatty()
