"""Real servers on loopback, each started for the tests and ended by its process id."""

import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

PATIENCE = 30.0  # seconds


def needs(program: str) -> str:
    """Return a program's path; where it is not there, skip, or fail where servers are required."""
    own = Path(sys.executable).parent
    found = shutil.which(program, path=f"{own}:{os.environ['PATH']}:/usr/sbin:/sbin")
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


@contextmanager
def started(
    command: Sequence[object], log: Path, env: Mapping[str, str] | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
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


@contextmanager
def running(
    command: Sequence[object], port: int, log: Path, env: Mapping[str, str] | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a server until it is no longer needed; it is there once its port answers."""
    with started(command, log, env) as process:
        wait_for(process, port, log)
        yield process


def wait_for(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    """Return once a port answers."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"{process.args!r} did not start:\n{log.read_text()}")


@dataclass(frozen=True)
class Sshd:
    """A running sshd: `bin` has the ssh command that knows it as the host "blog"."""

    folder: Path
    port: int
    bin: Path
    process: "subprocess.Popen[bytes]"


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
Host *
  IdentityFile {folder}/author
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile {folder}/known_hosts
  GlobalKnownHostsFile none
"""


@contextmanager
def sshd(folder: Path) -> Iterator[Sshd]:
    """Run an sshd that lets in one key. The author's settings stand in a file of the folder."""
    server, port = needs("sshd"), free_port()
    needs("rsync")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where it gives its rights up
    for key in ("host", "author"):
        command = [needs("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)]
        subprocess.run(command, check=True)
    (folder / "sshd").write_text(SSHD.format(port=port, folder=folder))
    (folder / "ssh").write_text(SSH.format(port=port, folder=folder))
    key = (folder / "host.pub").read_text()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {key}")
    commands = folder / "bin"
    commands.mkdir()
    script(commands / "ssh", f'exec {needs("ssh")} -F {folder}/ssh "$@"')
    command = [server, "-D", "-e", "-f", str(folder / "sshd")]
    with running(command, port, folder / "sshd.log") as process:
        yield Sshd(folder, port, commands, process)


def script(path: Path, text: str) -> None:
    """Write a program in shell."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@dataclass(frozen=True)
class Store:
    """An S3-compatible server; `data` is the folder where it keeps its buckets."""

    endpoint: str
    key: str
    secret: str
    data: Path


KINDS = ("account", "container", "object")
PROXY = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
swift_dir = {folder}
user = {user}
[pipeline:main]
pipeline = catch_errors cache s3api tempauth copy slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
user_other_reader = reading
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
location = us-east-1
[filter:cache]
use = egg:swift#memcache
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""
STORAGE = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
user = {user}
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""


@contextmanager
def swift(folder: Path) -> Iterator[Store]:
    """Run OpenStack Swift with its S3 interface."""
    import getpass

    values = {"folder": folder, "user": getpass.getuser()}
    (folder / "devices" / "d").mkdir(parents=True)
    (folder / "swift.conf").write_text(
        "[swift-hash]\nswift_hash_path_suffix = a\n[storage-policy:0]\nname = one\ndefault = yes\n"
    )
    ports = {kind: free_port() for kind in (*KINDS, "proxy")}
    for kind, port in ports.items():
        text = (PROXY if kind == "proxy" else STORAGE).format(kind=kind, port=port, **values)
        (folder / f"{kind}-server.conf").write_text(text)
        if kind in KINDS:
            ring(folder / f"{kind}.builder", port)
    env = {"SWIFT_CONF_FILE": str(folder / "swift.conf")}
    with ExitStack() as servers:
        processes = []
        for kind, port in ports.items():
            command = [needs(f"swift-{kind}-server"), folder / f"{kind}-server.conf"]
            log = folder / f"{kind}.log"
            processes.append((servers.enter_context(started(command, log, env)), port, log))
        for process, port, log in processes:
            wait_for(process, port, log)
        yield Store(f"http://127.0.0.1:{port}", "test:tester", "testing", folder)


def ring(builder: Path, port: int) -> None:
    """Say where a kind of Swift's data is: on the one device."""
    device = ["add", f"r1z1-127.0.0.1:{port}/d", "1"]
    for words in (["create", "4", "1", "1"], device, ["rebalance"]):
        command = [needs("swift-ring-builder"), str(builder), *words]
        subprocess.run(command, check=True, capture_output=True)


@contextmanager
def rclone(folder: Path) -> Iterator[Store]:
    """Run rclone's S3 server over a folder."""
    command, port, data = needs("rclone"), free_port(), folder / "data"
    data.mkdir()
    key, secret = "author", "not a real secret"
    serve = ["--addr", f"127.0.0.1:{port}", "--auth-key", f"{key},{secret}"]
    env = {"RCLONE_CONFIG": str(folder / "none")}
    with running([command, "serve", "s3", *serve, data], port, folder / "log", env):
        yield Store(f"http://127.0.0.1:{port}", key, secret, data)
