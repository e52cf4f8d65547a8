"""Real servers on this machine's loopback, started by a test and ended with it."""

import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

NGINX = """
daemon off; worker_processes 1; pid {run}/pid; error_log {run}/error.log; {user}
events {{ worker_connections 128; }}
http {{
    include /etc/nginx/mime.types; access_log off;
    client_body_temp_path {run}/body; proxy_temp_path {run}/proxy; fastcgi_temp_path {run}/fcgi;
    uwsgi_temp_path {run}/uwsgi; scgi_temp_path {run}/scgi;
    server {{
        listen 127.0.0.1:{port}; root {root}; error_page 404 /404.html;
        {more}
    }}
}}
"""
Serve = Callable[..., str]


def needs(program: str) -> str:
    """Return a program's path; where it is not there, skip, or fail where servers are required."""
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        reason = f"{program} is not installed"
        if os.environ.get("BLOG_SERVERS") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def free_port() -> int:
    """Return a port of this machine that nobody uses, and that none is given who calls another."""
    while True:
        port = random.SystemRandom().randrange(10_000, 30_000)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Return when a server answers on a port."""
    for _ in range(500):
        assert process.poll() is None, "the server has ended"
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise AssertionError("the server does not answer")


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Serve]:
    """A function that serves a folder, with more of a server's configuration, at an address."""
    program = needs("nginx")
    servers: list[subprocess.Popen[bytes]] = []

    def serve(root: Path, more: str = "") -> str:
        run, port = tmp_path / f"nginx-{len(servers)}", free_port()
        run.mkdir()
        user = "user root;" if os.getuid() == 0 else ""
        text = NGINX.format(run=run, port=port, root=root, user=user, more=more)
        (run / "nginx.conf").write_text(text, "utf-8")
        command = [program, "-c", str(run / "nginx.conf"), "-e", str(run / "error.log")]
        servers.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        wait_for(port, servers[-1])
        return f"http://127.0.0.1:{port}"

    yield serve
    for server in servers:
        server.send_signal(signal.SIGTERM)
        server.wait(10)
