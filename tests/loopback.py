"""A web server on loopback whose answers the test chooses."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

# A status, headers and a body
Answer = tuple[int, Mapping[str, str], bytes]


class Host(ThreadingHTTPServer):
    """Answers by `answers`, a function for each path without its query; else with `default`.

    A function gets method, path and body. `requests` has "GET /path" of each request, in order.
    """

    daemon_threads = True

    def __init__(self, default: Callable[[str, str, bytes], Answer] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.default = default or (lambda *_: (200, {}, b"x"))
        self.answers: dict[str, Callable[[str, str, bytes], Answer]] = {}
        self.requests: list[str] = []
        self.agents: set[str] = set()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def set(self, path: str, status: int, body: bytes = b"", **headers: str) -> None:
        """Answer always the same for a path; `retry_after` is the header Retry-After."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = lambda *_: (status, named, body)


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Host

    def answer(self) -> None:
        host, path = self.server, self.path.partition("?")[0]
        host.requests.append(f"{self.command} {self.path}")
        host.agents.add(self.headers["User-Agent"])
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, headers, data = host.answers.get(path, host.default)(self.command, self.path, body)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_HEAD = do_POST = answer  # noqa: N815 (the library's names)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def serving(default: Callable[[str, str, bytes], Answer] | None = None) -> Iterator[Host]:
    """Run a host in a thread."""
    host = Host(default)
    thread = threading.Thread(target=host.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield host
    finally:
        host.shutdown()
        thread.join()
        host.server_close()


def folder_answers(folder: Path) -> Callable[[str, str, bytes], Answer]:
    """Return what a static host answers that serves a folder, with 404.html for what is missing."""

    def answer(_method: str, url: str, _body: bytes) -> Answer:
        path = folder / url.partition("?")[0].lstrip("/")
        if path.is_dir() and not url.partition("?")[0].endswith("/"):
            return 301, {"Location": f"{url}/"}, b""
        path = path / "index.html" if path.is_dir() else path
        if path.is_file():
            return 200, {}, path.read_bytes()
        error_page = folder / "404.html"
        return 404, {}, error_page.read_bytes() if error_page.is_file() else b""

    return answer
