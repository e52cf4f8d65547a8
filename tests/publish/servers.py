"""Real servers on loopback, each started for the tests and ended by its process id."""

import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

PATIENCE = 30.0  # seconds
Process = subprocess.Popen[bytes]


def needs(program: str) -> str:
    """Return a program's path; skip the test if it is missing, or fail if servers are required."""
    own = Path(sys.executable).parent
    found = shutil.which(program, path=f"{own}:{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        reason = f"{program} is not installed"
        if os.environ.get("BLOG_SERVERS") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def free_port() -> int:
    """Return an unused port, outside the range that clients get theirs from."""
    while True:
        port = random.SystemRandom().randrange(10_000, 30_000)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


@contextmanager
def started(
    command: Sequence[object], log: Path, env: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """Run a program until it is no longer needed."""
    with log.open("ab") as file:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdout=file,
            stderr=file,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(env or {})},
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(process: Process, port: int, log: Path) -> None:
    """Return once a port answers."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"{process.args!r} did not start:\n{log.read_text()}")


@contextmanager
def running(
    command: Sequence[object], port: int, log: Path, env: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """Run a server until it is no longer needed, from when its port answers."""
    with started(command, log, env) as process:
        wait_for(process, port, log)
        yield process


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


@contextmanager
def nginx_server(run: Path, root: Path, more: str = "") -> Iterator[str]:
    """Serve a folder, with further configuration; give the URL without a slash at the end."""
    program, port = needs("nginx"), free_port()
    run.mkdir()
    user = "user root;" if os.getuid() == 0 else ""
    text = NGINX.format(run=run, port=port, root=root, user=user, more=more)
    (run / "nginx.conf").write_text(text, "utf-8")
    command = [program, "-c", run / "nginx.conf", "-e", run / "error.log"]
    with running(command, port, run / "log"):
        yield f"http://127.0.0.1:{port}"


@dataclass(frozen=True)
class Sshd:
    """A running sshd: `bin` has the ssh command that knows it as the host "blog".

    All commands share one connection, which takes a tenth of the time of one for each.
    """

    folder: Path
    port: int
    bin: Path

    @contextmanager
    def new_connections(self) -> Iterator[None]:
        """Have every command connect by itself."""
        shared = self.folder / "shared"
        shared.rename(self.folder / "hidden")
        try:
            yield
        finally:
            (self.folder / "hidden").rename(shared)


SSHD = """Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile none
AuthorizedKeysFile {folder}/author.pub
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
MaxStartups 100
SetEnv HOME={folder}
"""
SSH = """Host blog
  HostName 127.0.0.1
  Port {port}
  ControlPath {folder}/shared
Host *
  IdentityFile {folder}/author
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile {folder}/known_hosts
  GlobalKnownHostsFile none
"""


@contextmanager
def sshd(folder: Path) -> Iterator[Sshd]:
    """Run an sshd that accepts one key. The author's ssh configuration is in the folder."""
    server, port = needs("sshd"), free_port()
    needs("rsync")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # for its privilege separation
    for key in ("host", "author"):
        command = [needs("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)]
        subprocess.run(command, check=True)
    (folder / "sshd").write_text(SSHD.format(port=port, folder=folder))
    (folder / "ssh").write_text(SSH.format(port=port, folder=folder))
    key = (folder / "host.pub").read_text()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {key}")
    commands = folder / "bin"
    commands.mkdir()
    write_script(commands / "ssh", f'exec {needs("ssh")} -F {folder}/ssh "$@"')
    command = [server, "-D", "-e", "-f", str(folder / "sshd")]
    share = [commands / "ssh", "-N", "-o", "ControlMaster=yes", "blog"]
    with (
        running(command, port, folder / "sshd.log"),
        started(share, folder / "ssh.log") as connection,
    ):
        while not (folder / "shared").exists():
            assert connection.poll() is None, (folder / "ssh.log").read_text()
            time.sleep(0.02)
        yield Sshd(folder, port, commands)


def write_script(path: Path, text: str) -> None:
    """Write a shell script."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
