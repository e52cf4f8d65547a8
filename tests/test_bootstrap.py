"""`./invoke`: what it installs and when, and what it says if something is missing."""

import ast
import importlib.util
import os
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

import pytest

import tasks
from tests.conftest import ROOT

RUNTIME, DEV = "requirements.txt", "requirements-dev.txt"
LOCKS = (RUNTIME, DEV, "requirements-servers.txt")


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script as a module, for a project in a temporary folder; `steps` has what it would do."""
    script = tmp_path / "invoke"
    script.write_bytes((ROOT / "invoke").read_bytes())
    for name in (RUNTIME, DEV):
        (tmp_path / name).write_text("a==1\n")
    loader = SourceFileLoader("bootstrap", str(script))
    spec = importlib.util.spec_from_loader("bootstrap", loader)
    assert spec
    module: Any = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    module.steps = []

    def make_environment(uv: object) -> None:
        module.steps.append("make")
        Path(module.PYTHON).parent.mkdir(parents=True, exist_ok=True)
        Path(module.PYTHON).unlink(missing_ok=True)
        Path(module.PYTHON).symlink_to(sys.executable)

    monkeypatch.setattr(module, "make_environment", make_environment)
    monkeypatch.setattr(module, "install", lambda lock, uv: module.steps.append(lock))
    return module


def steps(bootstrap: Any, *arguments: str) -> list[str]:
    bootstrap.steps.clear()
    bootstrap.prepare(list(arguments))
    return list(bootstrap.steps)


def run(folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a copy of the script in a folder, where there is no uv."""
    for name in ("invoke", RUNTIME):
        (folder / name).write_bytes((ROOT / name).read_bytes())
    return subprocess.run(
        [sys.executable, str(folder / "invoke")],
        env={"PATH": "/nowhere", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_invoke_can_be_read_by_an_old_python_and_needs_nothing() -> None:
    tree = ast.parse((ROOT / "invoke").read_text("utf-8"), feature_version=(3, 6))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    assert {alias.name for node in imports for alias in node.names} <= sys.stdlib_module_names
    assert os.access(ROOT / "invoke", os.X_OK)


def test_prepare_installs_what_the_task_needs_and_keeps_the_environment(bootstrap: Any) -> None:
    assert steps(bootstrap, "serve") == ["make", RUNTIME]
    assert steps(bootstrap, "serve") == []
    assert steps(bootstrap, "test") == [DEV]
    assert steps(bootstrap, "serve") == steps(bootstrap, "check", "--browser") == []


def test_prepare_installs_a_changed_lock_into_the_same_environment(
    bootstrap: Any, tmp_path: Path
) -> None:
    steps(bootstrap)
    (tmp_path / RUNTIME).write_text("a==2\n")
    assert steps(bootstrap) == [RUNTIME]
    steps(bootstrap, "lint")
    (tmp_path / DEV).write_text("a==2\n")
    assert steps(bootstrap) == [DEV]


def test_prepare_makes_an_environment_that_was_moved_or_lost_its_python_again(
    bootstrap: Any,
) -> None:
    steps(bootstrap)
    bootstrap.VENV += "-moved"
    assert steps(bootstrap) == ["make", RUNTIME]
    Path(bootstrap.PYTHON).unlink()
    assert steps(bootstrap) == ["make", RUNTIME]


def test_prepare_after_a_failed_installation_installs_again(
    bootstrap: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "install", lambda lock, uv: bootstrap.fail_to_install())
    with pytest.raises(SystemExit):
        bootstrap.prepare([])
    monkeypatch.undo()
    monkeypatch.setattr(bootstrap, "install", lambda lock, uv: bootstrap.steps.append(lock))
    assert steps(bootstrap) == [RUNTIME]


def test_suitable_python_without_a_new_one_ends(
    bootstrap: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "MINIMUM", (3, 99))
    with pytest.raises(SystemExit, match=r"3\.99"):
        bootstrap.suitable_python()


def test_invoke_without_venv_module_names_the_package(tmp_path: Path) -> None:
    """As on Debian with python3 alone: there is no ensurepip."""
    (tmp_path / "ensurepip.py").write_text("raise ImportError")
    result = run(tmp_path, PYTHONPATH=str(tmp_path))
    assert result.returncode == 1
    assert "apt install python3-venv" in result.stderr.splitlines()[-1]


@pytest.mark.slow
def test_invoke_without_network_ends_with_one_line_and_tries_again(tmp_path: Path) -> None:
    """In an environment that an earlier try has left: making one takes seconds."""
    venv, packages = tmp_path / ".venv", tmp_path / "packages"
    packages.mkdir()
    (packages / "pip").symlink_to(Path(pytest.importorskip("pip").__file__).parent)
    (venv / "bin").mkdir(parents=True)
    python = venv / "bin/python"
    python.symlink_to(os.path.realpath(sys.executable))
    (venv / "installed").write_text(f"{venv}|{os.path.realpath(python)}\n\n")
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0"}
    nowhere |= {"PYTHONPATH": str(packages), "PIP_CONFIG_FILE": os.devnull}
    result = run(tmp_path, PIP_NO_CACHE_DIR="1", **nowhere)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("invoke: ")
    assert "cannot install" in result.stderr
    assert "Traceback" not in result.stderr
    assert (venv / "installed").read_text().endswith("\n\n")


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    found = (line.split(" ")[0].split("==") for line in lines if "==" in line and line[0] != "#")
    return {package: version for package, version in found}  # noqa: C416


@pytest.mark.parametrize("name", LOCKS)
def test_lock_has_hashes_and_no_urls(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert len(pins(name)) > 10
    assert text.count("--hash=sha256:") >= len(pins(name))
    assert "://" not in text


@pytest.mark.parametrize("name", LOCKS[1:])
def test_locks_have_the_versions_of_the_runtime(name: str) -> None:
    assert pins(RUNTIME).items() <= pins(name).items()


def test_servers_lock_has_what_the_extras_need() -> None:
    assert {*tasks.EXTRAS["s3"], *tasks.EXTRAS["import"]} <= {*pins("requirements-servers.txt")}


def test_runtime_lock_has_no_tools() -> None:
    assert not {"pytest", "mypy", "ruff", "playwright", "boto3", "justhtml"} & {*pins(RUNTIME)}
