"""A server reached by ssh: what only it has, and what can be wrong. sshd and rsync are real."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.problems import Problem, ProblemsFound
from pipeline.publish.targets import ssh
from pipeline.publish.targets.base import KEEP
from pipeline.publish.targets.ssh import Ssh
from tests.publish.crawl import contents, site_release
from tests.publish.servers import Sshd, write_script

pytestmark = pytest.mark.servers


@pytest.fixture
def target(ssh_options: Mapping[str, Any]) -> Ssh:
    return Ssh(ssh_options["host"], ssh_options["path"])


def publish(target: Ssh, folder: Path, version: int = 1, posts: int = 6) -> None:
    """Publish a version of the site."""
    with target.lock():
        before = target.current()
        target.deploy(site_release(folder / str(version), version, before, posts))


def problem(target: Ssh, folder: Path, version: int = 2) -> Problem:
    """Return the one problem with which a publish ends."""
    with pytest.raises(ProblemsFound) as error:
        publish(target, folder, version)
    [found] = error.value.problems
    return found


@contextmanager
def unchanged(target: Ssh, tmp_path: Path) -> Iterator[None]:
    """Have a release live before, and the same after; then the next publish succeeds."""
    publish(target, tmp_path)
    current = Path(target.path, "current")
    before = contents(current)
    yield
    assert contents(current) == before
    publish(target, tmp_path, 9)
    assert contents(current) != before
    assert [path.name for path in Path(target.path).rglob(".*")] == [".lock"]


@contextmanager
def on_the_server(server: Sshd, setting: str) -> Iterator[None]:
    """Run everything on the server after a line of shell."""
    real = (server.bin / "ssh").read_text()
    # rsync gives the command in many words: everything after the host is the server's.
    line = f"""for word; do
    shift
    set -- "$@" "$word"
    [ "$word" = blog ] && set -- "$@" '{setting};'
done
exec {server.bin}/plain "$@"
"""
    (server.bin / "plain").write_text(real)
    (server.bin / "plain").chmod(0o755)
    write_script(server.bin / "ssh", line)
    try:
        yield
    finally:
        (server.bin / "ssh").write_text(real)


def test_deploy_unchanged_file_is_the_same_file(tmp_path: Path, target: Ssh) -> None:
    publish(target, tmp_path, 1, posts=16)
    folder = Path(target.path, "current").resolve()
    first, page = contents(folder), Path(target.path, "current/posts/0001/index.html")
    before = page.stat()
    publish(target, tmp_path, 2, posts=16)
    assert (page.stat().st_ino, page.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert Path(target.path, "current/index.html").stat().st_nlink == 1
    assert contents(folder) == first


def test_deploy_damaged_release_is_repaired(tmp_path: Path, target: Ssh) -> None:
    publish(target, tmp_path)
    before = contents(Path(target.path, "current"))
    Path(target.path, "current/feed.xml").unlink()
    publish(target, tmp_path)
    assert contents(Path(target.path, "current")) == before


def test_deploy_narrow_permissions_are_widened(tmp_path: Path, target: Ssh) -> None:
    release = site_release(tmp_path / "1", 1)
    for path in release.folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    with target.lock():
        target.deploy(release)
    for path in Path(target.path, "current").resolve().rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path


def test_deploy_many_keeps_last_ones(tmp_path: Path, target: Ssh) -> None:
    for day in range(10, 18):
        Path(target.path, f"releases/202601{day}T000000000000Z-0123456789ab").mkdir(parents=True)
    publish(target, tmp_path)
    assert len(target.list_releases()) == KEEP == len(list(Path(target.path, "releases").iterdir()))


def test_deploy_path_from_home_folder(tmp_path: Path, target: Ssh) -> None:
    home = subprocess.check_output(["ssh", "blog", "pwd"], text=True).strip()
    from_home = Ssh("blog", f"~/{os.path.relpath(target.path, home)}")
    publish(from_home, tmp_path)
    assert target.current() == from_home.current() is not None


def test_lock_held_names_the_owner(tmp_path: Path, target: Ssh) -> None:
    with unchanged(target, tmp_path), target.lock():
        found = problem(Ssh(target.host, target.path), tmp_path)
        assert found.code == "publish-running"
        assert f"pid {os.getpid()})" in found.message


def test_lock_interrupted_is_released(tmp_path: Path, target: Ssh) -> None:
    with unchanged(target, tmp_path), pytest.raises(KeyboardInterrupt), target.lock():
        raise KeyboardInterrupt


def test_deploy_lost_lock_changes_nothing(tmp_path: Path, target: Ssh) -> None:
    with unchanged(target, tmp_path):
        release = site_release(tmp_path / "2", 2, target.current())
        with pytest.raises(ProblemsFound) as error, target.lock():
            assert target._holder
            target._holder.kill()
            target._holder.wait()
            target.deploy(release)
        assert error.value.problems[0].code == "lock-lost"


@pytest.mark.parametrize(
    ("setting", "hint"),
    [
        ("rsync() { echo sh: rsync: not found >&2; return 127; }", "install rsync"),
        ("PATH={tools}:$PATH", "install flock"),
        ('trap "" XFSZ; ulimit -f 2', "free some space"),
    ],
)
def test_deploy_failure_on_server_changes_nothing(
    tmp_path: Path, target: Ssh, ssh_server: Sshd, setting: str, hint: str
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    write_script(tools / "flock", "echo sh: flock: not found >&2; exit 127")
    setting = setting.replace("{tools}", str(tools))
    with unchanged(target, tmp_path), on_the_server(ssh_server, setting):
        assert hint in problem(target, tmp_path).hint


def test_lock_wrong_key_has_hint(tmp_path: Path, target: Ssh, ssh_server: Sshd) -> None:
    with unchanged(target, tmp_path), ssh_server.new_connections():
        (ssh_server.folder / "author").rename(ssh_server.folder / "kept")
        try:
            assert "ssh-add" in problem(target, tmp_path).hint
        finally:
            (ssh_server.folder / "kept").rename(ssh_server.folder / "author")


def test_lock_other_server_key_has_hint(tmp_path: Path, target: Ssh, ssh_server: Sshd) -> None:
    known = ssh_server.folder / "known_hosts"
    right = known.read_text()
    other = (ssh_server.folder / "author.pub").read_text()
    with unchanged(target, tmp_path), ssh_server.new_connections():
        known.write_text(f"{right.partition(' ')[0]} {other}")
        try:
            assert "compare the server's key" in problem(target, tmp_path).hint
        finally:
            known.write_text(right)


@pytest.mark.usefixtures("ssh_options")
def test_lock_unreachable_host_has_hint(tmp_path: Path) -> None:
    assert "check the host" in problem(Ssh("nowhere.invalid", "site"), tmp_path).hint
    assert "is up" in problem(Ssh("127.0.0.1", "site", port=1), tmp_path).hint
    assert "permissions" in problem(Ssh("blog", "/proc/x"), tmp_path).hint


@pytest.mark.usefixtures("ssh_options")
def test_lock_silent_host_ends_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "CONNECT", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        target = Ssh("127.0.0.1", "site", port=server.getsockname()[1])
        assert "is up" in problem(target, tmp_path).hint


def test_lock_without_ssh_is_one_problem(
    tmp_path: Path, target: Ssh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert problem(target, tmp_path).code == "missing-program"


def test_deploy_foreign_current_is_left_alone(tmp_path: Path, target: Ssh) -> None:
    current = Path(target.path, "current")
    current.mkdir(parents=True)
    assert "not a symlink" in problem(target, tmp_path).message
    shutil.rmtree(current)
    publish(target, tmp_path)
    current.unlink()
    current.symlink_to("releases/lost")
    assert "does not lead to a release" in problem(target, tmp_path).message


def test_lock_publisher_killed_waits_for_its_activation(tmp_path: Path) -> None:
    root, started = tmp_path / "site", tmp_path / "started"
    lock = ssh.script(ssh.LOCK, str(root), "ada")
    (tmp_path / "bin").mkdir()
    find = f'touch "{started}"; sleep 0.5; exec {shutil.which("find")} "$@"'
    write_script(tmp_path / "bin/find", find)
    slow = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    with subprocess.Popen("sh", stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=slow) as killed:
        assert killed.stdin and killed.stdout
        killed.stdin.write(lock)
        killed.stdin.flush()
        assert killed.stdout.readline() == b"locked\n"
        (root / "releases/.new").mkdir()
        killed.stdin.write(ssh.activation(".new", "new"))
        killed.stdin.close()
        while not started.exists():
            time.sleep(0.01)
        subprocess.run("sh", input=lock, check=True)
        assert (root / "current").resolve() == root / "releases/new"


def test_activation_cut_off_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "releases/new").mkdir(parents=True)
    lock, activation = ssh.script(ssh.LOCK, str(tmp_path), "ada"), ssh.activation("new", "new")
    for length in range(0, len(activation) - 2, 9):
        script = lock + activation[:length]
        subprocess.run("sh", input=script, check=False, capture_output=True)
        assert not (tmp_path / "current").is_symlink()
    subprocess.run("sh", input=lock + activation, check=True)
    assert (tmp_path / "current").is_symlink()
