"""Real S3 stores on loopback: OpenStack Swift, which checks signatures and rights, and rclone."""

import getpass
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from pipeline.publish.targets.s3 import Bucket
from tests.publish.servers import free_port, needs, running, started, wait_for


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
# One process for all rings: importing Swift takes most of the time.
RINGS = """
import sys
from swift.common.ring import RingBuilder
for path, port in map(str.split, sys.argv[1:]):
    builder = RingBuilder(4, 1, 1)
    place = {"region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port), "device": "d"}
    builder.add_dev({"weight": 1, **place})
    builder.rebalance()
    builder.get_ring().save(path)
"""


@contextmanager
def swift(folder: Path) -> Iterator[Store]:
    """Run OpenStack Swift with its S3 interface."""
    values = {"folder": folder, "user": getpass.getuser()}
    (folder / "devices" / "d").mkdir(parents=True)
    (folder / "swift.conf").write_text(
        "[swift-hash]\nswift_hash_path_suffix = a\n[storage-policy:0]\nname = one\ndefault = yes\n"
    )
    ports = {kind: free_port() for kind in (*KINDS, "proxy")}
    for kind, port in ports.items():
        text = (PROXY if kind == "proxy" else STORAGE).format(kind=kind, port=port, **values)
        (folder / f"{kind}-server.conf").write_text(text)
    needs("swift-ring-builder")
    rings = [f"{folder}/{kind}.ring.gz {ports[kind]}" for kind in KINDS]
    subprocess.run([sys.executable, "-c", RINGS, *rings], check=True, capture_output=True)
    env = {"SWIFT_CONF_FILE": str(folder / "swift.conf")}
    with ExitStack() as servers:
        processes = []
        for kind, port in ports.items():
            command = [needs(f"swift-{kind}-server"), f"{folder}/{kind}-server.conf"]
            log = folder / f"{kind}.log"
            processes.append((servers.enter_context(started(command, log, env)), port, log))
        for process, port, log in processes:
            wait_for(process, port, log)
        yield Store(f"http://127.0.0.1:{ports['proxy']}", "test:tester", "testing", folder)


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


NUMBERS = count()


def make_bucket(store: Store, monkeypatch: pytest.MonkeyPatch, acl: str = "") -> Mapping[str, Any]:
    """Make a bucket and return a target's options; set the credentials."""
    use_credentials(store, monkeypatch)
    name = f"blog{next(NUMBERS)}"
    client = Bucket(name, store.endpoint).client
    client.create_bucket(Bucket=name)
    if acl:
        client.put_bucket_acl(Bucket=name, ACL=acl)
    return {"kind": "s3", "bucket": name, "endpoint": store.endpoint}


def use_credentials(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the variables that the AWS tools read."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", store.key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", store.secret)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
