"""`./invoke`: what a newcomer sees when something is missing, and when it installs again."""

import ast
import importlib.util
import os
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT


@pytest.fixture
def bootstrap(tmp_path: Path) -> Any:
    """The script as a module, for a project in a temporary folder."""
    script = tmp_path / "invoke"
    script.write_bytes((ROOT / "invoke").read_bytes())
    (tmp_path / "requirements-dev.txt").write_text("a==1\n")
    loader = SourceFileLoader("bootstrap", str(script))
    spec = importlib.util.spec_from_loader("bootstrap", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def run(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of the script in a folder, where there is no uv."""
    for name in ("invoke", "requirements-dev.txt"):
        (folder / name).write_bytes((ROOT / name).read_bytes())
    return subprocess.run(
        [sys.executable, str(folder / "invoke"), "--list"],
        env={"PATH": str(Path(sys.executable).parent), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_old_python_can_read_it() -> None:
    ast.parse((ROOT / "invoke").read_text("utf-8"), feature_version=(3, 6))


def test_it_needs_nothing_that_must_be_installed() -> None:
    tree = ast.parse((ROOT / "invoke").read_text("utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    assert {alias.name for node in imports for alias in node.names} <= sys.stdlib_module_names


def test_it_is_executable() -> None:
    assert os.access(ROOT / "invoke", os.X_OK)


def test_no_python_that_is_new_enough(bootstrap: Any) -> None:
    bootstrap.MINIMUM = (3, 99)
    with pytest.raises(SystemExit) as ended:
        bootstrap.suitable_python()
    assert str(ended.value).startswith("invoke: needs Python 3.99 or newer, and this is 3.")


def test_no_venv_module(tmp_path: Path) -> None:
    """As on Debian with python3 alone: there is no ensurepip."""
    (tmp_path / "ensurepip.py").write_text("raise ImportError")
    result = run(tmp_path, PYTHONPATH=str(tmp_path))
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == (
        "invoke: needs Python's venv module. On Debian and Ubuntu: sudo apt install python3-venv"
    )


def test_no_network(tmp_path: Path) -> None:
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0"}
    result = run(tmp_path, PIP_CONFIG_FILE=os.devnull, PIP_NO_CACHE_DIR="1", **nowhere)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("invoke: could not set up .venv (see above).")
    assert "Traceback" not in result.stderr
    assert not (tmp_path / ".venv/installed").exists()


def test_a_changed_lock_or_place_is_installed_again(bootstrap: Any, tmp_path: Path) -> None:
    assert not bootstrap.is_ready()
    python = Path(bootstrap.PYTHON)
    python.parent.mkdir(parents=True)
    python.touch()
    Path(bootstrap.STAMP).write_text(bootstrap.fingerprint())
    assert bootstrap.is_ready()
    (tmp_path / "requirements-dev.txt").write_text("a==2\n")
    assert not bootstrap.is_ready()
    Path(bootstrap.STAMP).write_text(bootstrap.fingerprint())
    python.unlink()
    assert not bootstrap.is_ready()


LOCKS = ("requirements", "requirements-dev", "requirements-browser")


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / f"{name}.txt").read_text("utf-8")
    pins = [line for line in text.splitlines() if "==" in line and not line.startswith("#")]
    assert len(pins) > 10
    assert text.count("--hash=sha256:") >= len(pins)
    assert "://" not in text


def test_the_locks_agree() -> None:
    """What the site is built with is what it is tested with."""
    pins = {}
    for name in LOCKS:
        text = (ROOT / f"{name}.txt").read_text("utf-8")
        lines = [line.split(" ")[0] for line in text.splitlines() if "==" in line]
        pins[name] = dict(line.split("==") for line in lines if not line.startswith("#"))
    site = pins["requirements"]
    for other in LOCKS[1:]:
        assert site.items() <= pins[other].items()
