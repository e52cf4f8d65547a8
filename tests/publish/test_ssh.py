"""A server by ssh: what only it has, and what can be wrong. sshd, rsync and nginx are real."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.problems import ProblemsFound
from pipeline.publish import shell
from pipeline.publish.directory import KEEP
from pipeline.publish.ssh import Ssh
from tests.conftest import contents
from tests.publish.crawl import site_release
from tests.publish.places import Place
from tests.publish.servers import Sshd, script

POSTS = 6


@pytest.fixture
def target(blog: Place) -> Ssh:
    """The server, with a release."""
    made = blog.target()
    assert isinstance(made, Ssh)
    return made


def publish(target: Ssh, folder: Path, version: int = 1, posts: int = POSTS) -> None:
    """Publish a version of the site."""
    with target.lock():
        target.put(site_release(folder / str(version), version, target.live(), posts))


def problem(target: Ssh, folder: Path, version: int = 2) -> str:
    """Return the one sentence with which a publish ends; nothing may have changed."""
    with pytest.raises(ProblemsFound) as error:
        publish(target, folder, version)
    [found] = error.value.problems
    assert "\n" not in str(found)
    return str(found)


@contextmanager
def unchanged(target: Ssh, tmp_path: Path) -> Iterator[None]:
    """Have a release live before, and the same after; then the next publish goes through."""
    publish(target, tmp_path)
    current = Path(target.path, "current")
    before = contents(current)
    yield
    assert contents(current) == before
    publish(target, tmp_path, 9)
    assert contents(current) != before
    left = [path for path in Path(target.path).rglob(".*") if path.name != ".well-known"]
    assert left == []


def test_what_stays_is_the_same_file(tmp_path: Path, target: Ssh) -> None:
    """So a web server's ETag of it stays too."""
    publish(target, tmp_path, 1, posts=16)
    page = Path(target.path, "current/posts/0001/index.html")
    before = page.stat()
    publish(target, tmp_path, 2, posts=16)
    assert (page.stat().st_ino, page.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert page.stat().st_nlink == 2
    changed = Path(target.path, "current/index.html")
    assert changed.stat().st_nlink == 1


def test_the_earlier_release_stays_as_it_was(tmp_path: Path, target: Ssh) -> None:
    publish(target, tmp_path, 1)
    folder = Path(target.path, "current").resolve()
    before = contents(folder)
    publish(target, tmp_path, 2)
    assert contents(folder) == before


def test_readable_whatever_the_umask(tmp_path: Path, target: Ssh) -> None:
    release = site_release(tmp_path / "1", 1, None, POSTS)
    for path in release.folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    with target.lock():
        target.put(release)
    for path in Path(target.path, "current").resolve().rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path


def test_the_last_five_are_kept(tmp_path: Path, target: Ssh) -> None:
    for version in range(KEEP + 2):
        publish(target, tmp_path, version, posts=1)
    assert len(target.kept()) == KEEP == len(list(Path(target.path, "releases").iterdir()))


def test_a_path_from_the_home_folder(tmp_path: Path, target: Ssh, ssh_server: Sshd) -> None:
    """The path is the server's, from where ssh leads to."""
    home = Path(subprocess.check_output(["ssh", "blog", "pwd"], text=True).strip())
    from_home = Ssh("blog", os.path.relpath(target.path, home))
    publish(from_home, tmp_path)
    publish(from_home, tmp_path, 2)
    assert target.live() == from_home.live() is not None
    assert len(from_home.kept()) == 2


def test_a_mv_without_options_is_helped_by_perl(
    tmp_path: Path, target: Ssh, ssh_server: Sshd
) -> None:
    """As on systems whose mv knows neither -T nor -h."""
    tools = tmp_path / "tools"
    tools.mkdir()
    real = shutil.which("mv")
    script(tools / "mv", f'case "$1" in -*) exit 64;; esac\nexec {real} "$@"')
    with on_the_server(ssh_server, f"PATH={tools}:$PATH"):
        publish(target, tmp_path)
        with unchanged(target, tmp_path):
            script(tools / "perl", "exit 1")
            assert "no way to replace a link in one step" in problem(target, tmp_path)
            (tools / "perl").unlink()


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
    script(server.bin / "ssh", line)
    try:
        yield
    finally:
        (server.bin / "ssh").write_text(real)


def test_a_wrong_key(tmp_path: Path, target: Ssh, ssh_server: Sshd) -> None:
    with unchanged(target, tmp_path):
        (ssh_server.folder / "author").rename(ssh_server.folder / "kept")
        try:
            said = problem(target, tmp_path)
        finally:
            (ssh_server.folder / "kept").rename(ssh_server.folder / "author")
        assert "Permission denied (publickey). (add your key: ssh-add here" in said


def test_another_server_in_its_place(tmp_path: Path, target: Ssh, ssh_server: Sshd) -> None:
    known = ssh_server.folder / "known_hosts"
    right = known.read_text()
    with unchanged(target, tmp_path):
        known.write_text(
            right.partition(" ")[0] + " " + (ssh_server.folder / "author.pub").read_text()
        )
        try:
            said = problem(target, tmp_path)
        finally:
            known.write_text(right)
        assert "Host key verification failed. (log in once by hand, and look at its key)" in said


@pytest.mark.usefixtures("blog")
def test_an_unknown_host(tmp_path: Path) -> None:
    said = problem(Ssh("nowhere.invalid", "site"), tmp_path)
    assert said.startswith("nowhere.invalid: must be a server that takes a release: ssh: Could not")
    assert "(mend the host in publishconf.py, or the network)" in said


@pytest.mark.usefixtures("blog")
def test_nobody_at_the_port(tmp_path: Path) -> None:
    said = problem(Ssh("127.0.0.1", "site", port=1), tmp_path)
    assert "Connection refused (see whether it is up)" in said


@pytest.mark.usefixtures("blog")
def test_a_host_that_never_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "CONNECT", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        target = Ssh("127.0.0.1", "site", port=server.getsockname()[1])
        assert "(see whether it is up)" in problem(target, tmp_path)


def test_a_server_that_stops_answering(
    tmp_path: Path, target: Ssh, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process is stopped while the lock is held, so that it is silent and not gone."""
    with unchanged(target, tmp_path):
        release = site_release(tmp_path / "2", 2, target.live(), POSTS)
        with monkeypatch.context() as patience, target.lock():
            patience.setattr(shell, "LONGEST", 1)
            held = Path(target.path, ".lock").readlink()
            holder = int(str(held).split()[0])
            os.kill(holder, signal.SIGSTOP)
            with pytest.raises(ProblemsFound, match=r"stopped answering \(see whether it is up\)"):
                target.put(release)
            os.kill(holder, signal.SIGCONT)


def test_no_rsync_there(tmp_path: Path, target: Ssh, ssh_server: Sshd) -> None:
    with unchanged(target, tmp_path):
        with on_the_server(ssh_server, "rsync() { echo sh: rsync: not found >&2; return 127; }"):
            said = problem(target, tmp_path)
        assert "rsync: not found (install rsync there)" in said


def test_no_ssh_here(tmp_path: Path, target: Ssh, monkeypatch: pytest.MonkeyPatch) -> None:
    with unchanged(target, tmp_path):
        with monkeypatch.context() as here:
            here.setenv("PATH", str(tmp_path))
            said = problem(target, tmp_path)
        assert said == "blog: must have the program ssh: not installed (install ssh)"


def test_a_full_disk(tmp_path: Path, target: Ssh, ssh_server: Sshd) -> None:
    """By a limit on the size of a file, which ends a write midway as a full disk does."""
    with unchanged(target, tmp_path):
        with on_the_server(ssh_server, "trap '' XFSZ; ulimit -f 2"):
            said = problem(target, tmp_path)
        assert "(make room there)" in said


def test_a_folder_that_cannot_be_written(tmp_path: Path, target: Ssh) -> None:
    assert "no folder that can be written to (mend" in problem(Ssh("blog", "/proc/x"), tmp_path)


def test_a_current_of_somebody_else(tmp_path: Path, target: Ssh) -> None:
    Path(target.path, "current").mkdir(parents=True)
    assert "current there is no link, move it away" in problem(target, tmp_path)
    assert Path(target.path, "current").is_dir()


def test_a_link_that_leads_nowhere(tmp_path: Path, target: Ssh) -> None:
    publish(target, tmp_path)
    current = Path(target.path, "current")
    current.unlink()
    current.symlink_to("releases/lost")
    assert "current there leads to no release" in problem(target, tmp_path)


def test_a_lock_that_a_dead_server_left(tmp_path: Path, target: Ssh) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    with unchanged(target, tmp_path):
        Path(target.path, ".lock").symlink_to(f"{gone.pid} ben@laptop (process 1)")


def test_a_lock_that_is_lost_on_the_way(tmp_path: Path, target: Ssh) -> None:
    with unchanged(target, tmp_path):
        release = site_release(tmp_path / "2", 2, target.live(), POSTS)
        with target.lock():
            Path(target.path, ".lock").unlink()
            with pytest.raises(ProblemsFound, match="the lock was lost on the way"):
                target.put(release)


def test_interrupted(tmp_path: Path, target: Ssh) -> None:
    """A publisher that is interrupted lets go of the lock, and leaves nothing."""
    with unchanged(target, tmp_path), pytest.raises(KeyboardInterrupt), target.lock():
        raise KeyboardInterrupt
