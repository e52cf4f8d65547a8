"""A branch of a git repository: what only it has, and what can be wrong."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from pipeline.problems import ProblemsFound
from pipeline.publish import programs
from pipeline.publish.release import Release, make_release
from pipeline.publish.targets.git import Git
from tests.publish.conftest import BRANCH, activate, git
from tests.publish.crawl import contents, site_release, write_site

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("work")]


def state(folder: Path) -> tuple[str, ...]:
    """Return all of a clone that publishing does not touch."""
    questions = ("status --porcelain=v2", "ls-files -s", "for-each-ref refs/heads", "config -l")
    left = sorted(path.name for path in (folder / ".git").iterdir())
    return (*(git(folder, *question.split()) for question in questions), *left)


def tree(bare: Path) -> dict[str, bytes]:
    """Return the files of the branch."""
    names = git(bare, "ls-tree", "-r", "--name-only", BRANCH).splitlines()
    shown = [subprocess.check_output(["git", "show", f"{BRANCH}:{n}"], cwd=bare) for n in names]
    return dict(zip(names, shown, strict=True))


def subjects(bare: Path) -> list[str]:
    return git(bare, "log", "--format=%s", BRANCH).splitlines()


def deploy(tmp_path: Path, version: int, target: Git | None = None) -> Release:
    target = target or Git()
    release = site_release(tmp_path / str(version), version, target.current(), posts=2)
    target.deploy(release)
    return release


def test_deploy_is_one_commit_and_leaves_the_clone_alone(
    tmp_path: Path, bare: Path, work: Path
) -> None:
    before = state(work)
    target = Git()
    site = write_site(tmp_path / "1", 1)
    (site / "crlf.txt").write_bytes(b"a\r\nb\n")
    target.prepare(site)
    release = make_release(site, target.current())
    target.deploy(release)
    assert tree(bare) == contents(site)
    assert (site / ".nojekyll").exists()
    assert subjects(bare) == [f"Release {release.manifest.id}"]
    assert state(work) == before


def test_deploy_same_release_is_no_commit(tmp_path: Path, bare: Path) -> None:
    releases = [deploy(tmp_path, version) for version in (1, 2, 2)]
    assert subjects(bare) == [f"Release {release.manifest.id}" for release in releases[1::-1]]


def test_deploy_keeps_the_hosts_files(tmp_path: Path, bare: Path) -> None:
    deploy(tmp_path, 1)
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", "-b", BRANCH, str(bare), str(other))
    (other / ".well-known").mkdir()
    for name in ("CNAME", ".well-known/proof"):
        (other / name).write_text("blog.example.org\n")
    git(other, "add", ".")
    git(other, "commit", "-qm", "Create CNAME")
    git(other, "push", "-q")
    release = deploy(tmp_path, 2)
    assert set(tree(bare)) - set(contents(release.folder)) == {
        *("CNAME", ".well-known/proof"),
        *("theme/style.00000001.css", "media/picture-1.svg"),
    }
    assert subjects(bare)[1] == "Create CNAME"


def test_deploy_after_another_publisher_is_refused(tmp_path: Path, bare: Path) -> None:
    first, second = Git(), Git()
    second.current()
    deploy(tmp_path, 1, first)
    before = tree(bare)
    with pytest.raises(ProblemsFound, match="another release was published meanwhile"):
        second.deploy(site_release(tmp_path / "2", 2, posts=2))
    assert tree(bare) == before


def test_deploy_from_second_clone_continues(tmp_path: Path, bare: Path) -> None:
    deploy(tmp_path, 1)
    git(tmp_path, "clone", "-q", str(bare), "second")
    os.chdir(tmp_path / "second")
    deploy(tmp_path, 2)
    assert len(subjects(bare)) == 2


def test_activate_is_one_commit(tmp_path: Path, bare: Path) -> None:
    ids = [deploy(tmp_path, version).manifest.id for version in (1, 2)]
    target = Git()
    for _ in range(2):
        activate(target, ids[0])
    assert subjects(bare)[0] == f"Back to release {ids[0]}"
    assert len(subjects(bare)) == 3


def test_deploy_foreign_branch_is_left_alone(tmp_path: Path, work: Path) -> None:
    git(work, "push", "-q", "origin", "HEAD:refs/heads/main")
    with pytest.raises(ProblemsFound) as error:
        deploy(tmp_path, 1, Git(branch="main"))
    assert error.value.problems[0].code == "foreign"


def test_deploy_commits_with_the_authors_name(tmp_path: Path, bare: Path, work: Path) -> None:
    deploy(tmp_path, 1)  # without a name, as in CI
    git(work, "config", "user.name", "Ada")
    git(work, "config", "user.email", "ada@example.org")
    deploy(tmp_path, 2)
    assert git(bare, "log", "--format=%an", BRANCH).splitlines() == ["Ada", "publish"]


@pytest.mark.parametrize(
    ("remote", "place"),
    [
        ("nowhere", "nowhere"),
        ("http://ada:secret@127.0.0.1:1/blog.git", "http://…@127.0.0.1:1/blog.git"),
        ("ssh://127.0.0.1:1/blog.git", "ssh://127.0.0.1:1/blog.git"),
    ],
)
def test_current_unreachable_repository_is_one_problem(remote: str, place: str) -> None:
    with pytest.raises(ProblemsFound) as error:
        Git(remote).current()
    [problem] = error.value.problems
    assert problem.path == place
    assert "secret" not in str(error.value)


def test_deploy_refused_push_changes_nothing(tmp_path: Path, bare: Path) -> None:
    deploy(tmp_path, 1)
    before = tree(bare)
    hook = bare / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho 'error: quota exceeded' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(ProblemsFound, match="quota exceeded"):
        deploy(tmp_path, 2)
    assert tree(bare) == before


def test_current_silent_host_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "TIMEOUT", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(ProblemsFound, match=r"no answer for 0\.5 s"):
            Git(f"http://me:secret@127.0.0.1:{port}/a.git").current()
