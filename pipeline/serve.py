"""The preview: builds on every change, serves on this machine only, reloads the browser.

The site is built in this process, where the memo makes it fast, into a folder of its own. If the
code or the settings change, the process replaces itself by a new one (exec), and the browser
connects again. A failed build leaves the last good site, with the problems on top of its pages.
When nothing changes for a while another process checks the whole site.
"""

import errno
import hashlib
import json
import mimetypes
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout, suppress
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from watchfiles import watch

from pipeline.problems import Problem, ProblemsFound, as_text

HOST = "127.0.0.1"
EVENTS = "/.preview/events"
NOTES = "/.preview/notes"
HEARTBEAT = 15  # seconds
IDLE = 1  # seconds without a change after which the whole site is checked
NICE = ("nice",) if shutil.which("nice") else ()
LOOK_EVERY = 300  # milliseconds
WORDS = (".html", ".xml", ".json")  # files that no page of the site loads
RESTARTED = "PIPELINE_SERVE_RESTARTED"
SCRIPT = """<script>
(() => {
  const served = %s;
  const show = (id, text, color) => {
    document.querySelector(`#${id}`)?.remove();
    if (!text) return;
    const box = document.createElement("pre");
    box.id = id;
    box.role = "alert";
    box.style.cssText = "position:fixed;inset:auto 0 0 0;margin:0;padding:1em;max-height:50vh;" +
      `overflow:auto;white-space:pre-wrap;background:${color};color:#fff;z-index:9`;
    for (const line of text.split("\\n")) {
      const [start, path, number] = line.match(/^(\\S+\\.\\w+)(?::(\\d+))?(?=: )/) || [""];
      const link = document.createElement("a");
      link.textContent = start;
      link.style.color = "inherit";
      if (start && served.editor) {
        const file = encodeURI(path[0] === "/" ? path : `${served.root}/${path}`);
        link.href = served.editor.replace("{path}", file).replace("{line}", number || 1);
      }
      box.append(link, `${line.slice(start.length)}\\n`);
    }
    document.body.append(box);
  };
  new EventSource("%s").onmessage = async (event) => {
    const now = JSON.parse(event.data);
    if (now.version !== served.version) {
      // Another page may have changed, not this one.
      const page = await fetch(location.href, { method: "HEAD" });
      if (page.headers.get("ETag") !== served.etag || now.files !== served.files) location.reload();
    }
    show("preview-problems", now.problems && now.problems + "\\n\\nThis is the last good page.",
      "#5c1010");
    const notes = await fetch("%s" + location.pathname);
    const found = new Set(`${await notes.text()}\\n${now.checked}`.split("\\n").filter(Boolean));
    show("preview-notes", now.problems ? "" : [...found].join("\\n"), "#6b4700");
  };
})();
</script>
"""


class FullCheck:
    """Another process that checks the whole site when nothing has changed for a while.

    `command` prints the problems as JSON; `show` gets them.
    """

    def __init__(self, command: Sequence[str], show: Callable[[list[Problem]], None]) -> None:
        self.command, self.show = command, show
        self.lock = threading.Lock()
        self.timer = threading.Timer(IDLE, self.run)
        self.process: subprocess.Popen[str] | None = None

    def restart(self) -> None:
        """Begin to wait again."""
        self.stop()
        if self.command:
            self.timer = threading.Timer(IDLE, self.run)
            self.timer.daemon = True
            self.timer.start()

    def stop(self) -> None:
        """End the process, or the wait for it."""
        with self.lock:
            self.timer.cancel()
            self.timer = threading.Timer(IDLE, self.run)
            process, self.process = self.process, None
            if process and process.poll() is None:
                if os.name == "posix":
                    os.killpg(process.pid, signal.SIGINT)  # and the processes that read texts
                else:
                    process.terminate()

    def run(self) -> None:
        """Check the site, if that was not stopped meanwhile."""
        with self.lock:
            if threading.current_thread() is not self.timer:
                return
            options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
            options |= {"text": True, "encoding": "utf-8", "start_new_session": True}
            process = self.process = subprocess.Popen([*NICE, *self.command], **options)
        found = process.communicate()[0]
        if process is self.process:
            with suppress(ValueError):  # no JSON: the check could not be run
                self.show([Problem(**each) for each in json.loads(found)])


class Preview:
    """What is served: a folder, the version of the site in it, and the newest build's problems.

    `arguments` are further ones of the `pelican` command, `before_build` is called by each build,
    `check` is the command that checks the whole site (none: it is not checked).
    """

    def __init__(
        self,
        settings_file: str,
        arguments: Sequence[str] = (),
        before_build: Callable[[], None] = lambda: None,
        check: Sequence[str] = (),
    ) -> None:
        self.settings_file = settings_file
        self.arguments = list(arguments)
        self.before_build = before_build
        self.folder = Path()
        self.last: Any = None  # the run of the last build (site_writer.Build)
        self.version = ""
        self.files = ""  # the version of all files but pages
        self.problems = ""
        self.checked = ""  # what the check of the whole site has found
        self.full_check = FullCheck(check, self.show_checked)
        self.printed: dict[str, str] = {}  # notes by the file of their page
        self.changed = threading.Condition()
        self.building = threading.Lock()

    def update(self, changed: Sequence[str] = ()) -> None:
        """Build, print the result, and notify the browsers if the site or its problems differ."""
        start, version, problems = time.perf_counter(), self.version, ""
        self.full_check.stop()
        self.checked = ""
        try:
            from pipeline.build import build  # here, so that broken code is shown as a problem
            from pipeline.incremental import first_page
            from pipeline.memo import digest_of

            self.before_build()
            if self.last and first_page(self.last, changed):
                # The page under the author's eyes, before the rest
                self.notify(f"{self.version}+", "")
            with self.building, redirect_stdout(StringIO()):
                built = build(self.settings_file, self.arguments, self.last)
            self.folder, self.last = built.folder, built.run
            digests = {path: file.digest for path, file in built.artifacts.items()}
            version = digest_of(digests)
            self.files = digest_of(
                {path: digest for path, digest in digests.items() if not path.endswith(WORDS)}
            )
        except ProblemsFound as error:
            problems = str(error)
        except Exception:
            problems = traceback.format_exc()
        shown = [path for path in changed if os.path.exists(path)]  # noqa: PTH110 (not the editor's)
        names = f" ({', '.join(shown[:3])}{', …' if len(shown) > 3 else ''})" if shown else ""
        done = "failed" if problems else f"built in {time.perf_counter() - start:.2f} s"
        print(f"{time.strftime('%H:%M:%S')} {done}{names}", flush=True)
        if problems:
            print(problems, file=sys.stderr, flush=True)
        self.notify(version, problems)
        if not problems:
            self.full_check.restart()

    def notify(self, version: str, problems: str) -> None:
        """Tell the browsers what is served now."""
        with self.changed:
            self.version, self.problems = version, problems
            self.changed.notify_all()

    def notes(self, address: str) -> str:
        """Return what the checks find in the text of a page, and print it when it is new."""
        output = f"{address}index.html" if address.endswith("/") else address
        with self.building:  # which uses the memo
            site = self.last and self.last.site
            contents = {content.output: content for content in site.contents} if site else {}
            if not (content := contents.get(output.lstrip("/"))) or self.problems:
                return ""
            from pipeline.check.runner import inspect_content

            html = self.last.html[content.output]()
            found = inspect_content(content.output, html, content, self.last.settings)
        text = as_text(found)
        self.print_new(output, text)
        return text

    def print_new(self, key: str, text: str) -> None:
        """Print the lines that are not printed already, for another page or the whole site."""
        known = {line for each in self.printed.values() for line in each.split("\n")}
        self.printed[key] = text
        if new := [line for line in text.split("\n") if line and line not in known]:
            print("\n".join(new), file=sys.stderr, flush=True)

    def show_checked(self, found: list[Problem]) -> None:
        """Show what the check of the whole site has found."""
        self.checked = as_text(found)
        self.print_new("", self.checked)
        self.notify(self.version, self.problems)

    @property
    def state(self) -> dict[str, str]:
        """What the browsers are told when it changes."""
        return {"version": self.version, "problems": self.problems, "checked": self.checked}

    @property
    def editor(self) -> str:
        """The URL that opens a file in the editor, with `{path}` and `{line}`."""
        return str(self.last.settings.editor_url) if self.last else ""

    def read(self, path: Path) -> bytes | None:
        """Return a file; looks again for one that is missing while a build swaps the folders."""
        for _ in range(2):
            try:
                return path.read_bytes()
            except (OSError, ValueError):
                with self.building:
                    pass
        return None


class Handler(SimpleHTTPRequestHandler):
    """Answers the browser."""

    protocol_version = "HTTP/1.1"

    def __init__(self, preview: Preview, *arguments: object) -> None:
        self.preview = preview
        super().__init__(*arguments, directory=str(preview.folder))  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Send a file, a redirect to the folder of a page, the page for unknown URLs, or events."""
        url = urlsplit(self.path)
        if url.path == EVENTS:
            self.send_events()
            return
        if url.path.startswith(NOTES):
            notes = self.preview.notes(unquote(url.path.removeprefix(NOTES)))
            self.send(HTTPStatus.OK, notes.encode(), kind="text/plain; charset=utf-8")
            return
        file = Path(self.translate_path(self.path))  # never above the folder
        if url.path.endswith("/"):
            file /= "index.html"
        elif os.path.isfile(file / "index.html"):  # noqa: PTH113 (any URL is accepted)
            self.send(HTTPStatus.MOVED_PERMANENTLY, b"", f"{url.path}/?{url.query}".rstrip("?"))
            return
        body, status = self.preview.read(file), HTTPStatus.OK
        if body is None:
            file, status = self.preview.folder / "404.html", HTTPStatus.NOT_FOUND
            body = self.preview.read(file) or b"<body>Nothing here (yet).</body>"
        kind, etag = mimetypes.guess_type(file.name)[0] or "application/octet-stream", ""
        if kind == "text/html":
            etag = f'"{hashlib.sha256(body).hexdigest()}"'
            preview = self.preview
            served = {"version": preview.version, "files": preview.files, "etag": etag}
            served |= {"editor": preview.editor, "root": Path.cwd().as_posix()}
            script = SCRIPT % (json.dumps(served), EVENTS, NOTES)
            body = body.replace(b"</body>", script.encode() + b"</body>")
        self.send(status, body, kind=kind + "; charset=utf-8" * kind.startswith("text/"), etag=etag)

    do_HEAD = do_GET  # noqa: N815

    def send(
        self, status: HTTPStatus, body: bytes, location: str = "", kind: str = "", etag: str = ""
    ) -> None:
        """Send one response."""
        self.send_response(status)
        headers = {"Location": location, "Content-Type": kind, "Cache-Control": "no-store"}
        headers |= {"ETag": etag}
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_events(self) -> None:
        """Send version and problems now and whenever they change (server-sent events, WHATWG)."""
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        preview, sent = self.preview, None
        try:
            while self.command == "GET":
                with preview.changed:
                    if preview.state == sent:
                        preview.changed.wait(HEARTBEAT)
                    state = preview.state
                # Outside of the lock: the browser may be slow. A comment shows whether it is there.
                data = json.dumps({**state, "files": preview.files})
                self.wfile.write(b":\n\n" if state == sent else f"data: {data}\n\n".encode())
                self.wfile.flush()
                sent = state
        except OSError:
            pass  # the browser has left

    def log_message(self, *_arguments: object) -> None:
        """Print nothing: the builds are what matters on this terminal."""


def changes(settings_file: str, content: Sequence[str]) -> Iterator[tuple[set[str], bool]]:
    """Yield the paths that have changed, and whether code or settings are among them.

    First yields no path, when it watches: whatever changes from then on is yielded. Folders are
    watched; for files beside the settings their state is compared, because an editor that replaces
    a file ends a watch on it.
    """
    code, root = Path(__file__).resolve().parent, Path(settings_file).resolve().parent
    known = states(root)
    folders = {Path(name).resolve() for name in (str(code), *content) if Path(name).is_dir()}
    options = {"debounce": 20, "step": 5, "rust_timeout": LOOK_EVERY, "yield_on_timeout": True}
    first = True
    for found in watch(*folders, **options):  # type: ignore[arg-type]
        paths, now = {path for _, path in found}, states(root)
        settings = {path for path in {*known, *now} if known.get(path) != now.get(path)}
        known = now
        if first or paths or settings:
            restarts = bool(settings) or any(Path(path).is_relative_to(code) for path in paths)
            yield {os.path.relpath(path) for path in paths | settings}, restarts
        first = False


def states(folder: Path) -> dict[str, tuple[int, int]]:
    """Return what changes with each Python file in a folder."""
    files = {path: path.stat() for path in folder.glob("*.py") if path.is_file()}
    return {str(path): (stat.st_mtime_ns, stat.st_size) for path, stat in files.items()}


def regenerate(preview: Preview) -> None:
    """Build now and on every change, until Ctrl-C."""
    stream = changes(preview.settings_file, source_folders(preview))
    next(stream)  # what is saved while the first build runs is seen
    preview.update()
    for paths, restarts in stream:
        if restarts and os.name == "posix":
            print(f"{time.strftime('%H:%M:%S')} restarting ({', '.join(sorted(paths)[:3])})")
            sys.stdout.flush()
            # Python takes a module for unchanged that was saved twice in a second in one size.
            preview.full_check.stop()
            environment = {**os.environ, RESTARTED: "1", "PYTHONDONTWRITEBYTECODE": "1"}
            os.execve(sys.executable, sys.orig_argv, environment)
        preview.update(sorted(paths))


def source_folders(preview: Preview) -> list[str]:
    """Return the folders of content and theme; none while the settings are wrong."""
    try:
        from pipeline.build import load_settings

        settings = load_settings(preview.settings_file, preview.arguments)
    except Exception:  # the first build shows it, and the next change of the settings restarts
        return []
    return [settings.path, settings.theme]


def serve(preview: Preview, port: str, open_browser: bool) -> None:
    """Serve the site on this machine, and build it on every change, until Ctrl-C.

    Raises ProblemsFound when the port is not a number or not free.
    """
    if not (port.isdecimal() and int(port) < 1 << 16):
        raise ProblemsFound([Problem("port", "--port", 0, f"not a port: {port!r}", "0 to 65535")])
    try:
        server = ThreadingHTTPServer((HOST, int(port)), partial(Handler, preview))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        reason = os.strerror(error.errno).lower()
        hint = f"choose another: --port {int(port) + 1}"
        raise ProblemsFound([Problem("port", "--port", 0, f"{port}: {reason}", hint)]) from None
    # Not where other tasks build. URLs that are absolute (in feeds, on the 404 page) lead here too.
    preview.folder = Path(f".cache/serve-{server.server_port}").resolve()
    url = f"http://{HOST}:{server.server_port}"
    own = ["--output", str(preview.folder), "--extra-settings", f'SITEURL="{url}"']
    preview.arguments = [*own, *preview.arguments]
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"Serving {url}/ (Ctrl-C ends it)", flush=True)
    open_in_browser(f"{url}/" if open_browser and RESTARTED not in os.environ else "")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        regenerate(preview)
    except KeyboardInterrupt:
        print("\nStopped")
    finally:
        preview.full_check.stop()


def open_in_browser(url: str) -> None:
    """Open a URL if somebody sits at a screen here; a browser in the terminal would block it."""
    screen = os.name == "nt" or sys.platform == "darwin"
    screen = screen or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if url and screen and sys.stdout.isatty():
        webbrowser.open(url)
