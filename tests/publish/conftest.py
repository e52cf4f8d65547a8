"""Real servers on this machine's loopback, started by a test and ended with it."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.publish import servers
from tests.publish.places import Place, bucket
from tests.publish.servers import Sshd, Store
from tests.publish.servers import free_port as free_port
from tests.publish.servers import needs as needs

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


@pytest.fixture(scope="session")
def ssh_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Sshd]:
    with servers.sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture(scope="session")
def swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Store]:
    with servers.swift(tmp_path_factory.mktemp("swift")) as store:
        yield store


@pytest.fixture(scope="session")
def rclone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Store]:
    with servers.rclone(tmp_path_factory.mktemp("rclone")) as store:
        yield store


@pytest.fixture
def blog(ssh_server: Sshd, tmp_path: Path, nginx: Serve, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A folder on a server, with a space and a quotation mark in its name, behind nginx."""
    monkeypatch.setenv("PATH", f"{ssh_server.bin}:{os.environ['PATH']}")
    folder = tmp_path / "Ben's site"
    url = nginx(tmp_path / "root")
    (tmp_path / "root").symlink_to(folder / "current")
    return Place({"kind": "ssh", "host": "blog", "path": str(folder)}, f"{url}/")


@pytest.fixture
def swift_place(swift: Store, nginx: Serve, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A bucket of OpenStack Swift's that everybody may read, as a website through nginx."""
    options = bucket(swift, monkeypatch, ACL="public-read")
    data = f"{swift.endpoint}/v1/AUTH_test/{options['bucket']}"
    proxy = f"location / {{ rewrite ^(.*)/$ $1/index.html; proxy_pass {data}/; }}"
    return Place(options, f"{nginx(swift.data, proxy)}/")


@pytest.fixture
def rclone_place(rclone: Store, nginx: Serve, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A bucket of rclone's, whose folder nginx serves."""
    options = bucket(rclone, monkeypatch)
    return Place(options, f"{nginx(rclone.data / options['bucket'])}/", steady=False)
