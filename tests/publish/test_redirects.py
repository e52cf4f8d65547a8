"""The forms of redirects, read by the servers that they are for."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.publish.visit import ask
from pipeline.render.redirects import Redirect, as_caddy, as_nginx
from tests.publish.conftest import Serve, free_port, needs, wait_for

WAYS = {
    "/old": "/posts/a/",
    "/2016/old.html": "/posts/a/#b",
    "/feed.xml": "/feeds/all.atom.xml",
    "/a.b_c~d-e": "https://example.org/a?b=c;d&e=%20#f",
    "/strange": "https://example.org/$host/{path}/\"'\\",
}
SAFE = str.maketrans({"$": "%24", "{": "%7B", "}": "%7D", '"': "%22", "\\": "%5C"})
REDIRECTS = [Redirect(source, to, "", 0) for source, to in WAYS.items()]
CADDY = """
{{
    admin off
    auto_https off
}}
http://127.0.0.1:{port} {{
    import {folder}/_redirects.caddy*
}}
"""


@pytest.fixture
def caddy(tmp_path: Path) -> Iterator[str]:
    program, port = needs("caddy"), free_port()
    (tmp_path / "_redirects.caddy").write_text(as_caddy(REDIRECTS, "/blog"), "utf-8")
    (tmp_path / "Caddyfile").write_text(CADDY.format(port=port, folder=tmp_path), "utf-8")
    command = [program, "run", "--config", str(tmp_path / "Caddyfile"), "--adapter", "caddyfile"]
    home = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": ""}
    with subprocess.Popen(command, env=home, stderr=subprocess.DEVNULL) as server:
        wait_for(port, server)
        yield f"http://127.0.0.1:{port}"
        server.terminate()


def leads_to(url: str) -> None:
    """Ask for every old address below the folder /blog."""
    for redirect in REDIRECTS:
        for source in redirect.sources:
            answer = ask(f"{url}/blog{source}")
            to = redirect.to
            wanted = f"/blog{to}" if to.startswith("/") else to.translate(SAFE)
            assert (answer.status, answer.location.removeprefix(url)) == (301, wanted), source
    assert ask(f"{url}/old").location == ""


def test_nginx(tmp_path: Path, nginx: Serve) -> None:
    (tmp_path / "_redirects.nginx").write_text(as_nginx(REDIRECTS, "/blog"), "utf-8")
    leads_to(nginx(tmp_path, f"include {tmp_path}/_redirects.ngin[x];"))


def test_caddy(caddy: str) -> None:
    leads_to(caddy)
