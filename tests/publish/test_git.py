"""A branch of a real bare repository, served as a host of pages would."""

import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipeline.problems import ProblemsFound
from pipeline.publish.git import Git
from pipeline.publish.release import MANIFEST, make_release
from tests.conftest import contents
from tests.publish.crawl import Crawler, site_release, visited, write_site
from tests.publish.kills import kill_at_random

BRANCH = "gh-pages"
WHO = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")


def git(folder: Path, *command: str) -> str:
    done = subprocess.run(["git", *WHO, *command], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode().strip()


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    path = tmp_path / "bare.git"
    git(tmp_path, "init", "-q", "--bare", str(path))
    return path


@pytest.fixture
def work(tmp_path: Path, bare: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with a commit, a staged change, and one that is not; it is the current folder."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    folder = tmp_path / "work"
    git(tmp_path, "clone", "-q", str(bare), str(folder))
    (folder / "a").write_text("1")
    git(folder, "add", "a")
    git(folder, "commit", "-qm", "Begin")
    git(folder, "branch", BRANCH)
    (folder / "a").write_text("2")
    git(folder, "add", "a")
    (folder / "a").write_text("3")
    (folder / ".gitattributes").write_text("* text eol=crlf\n")
    monkeypatch.chdir(folder)
    return folder


def state(folder: Path) -> tuple[str, ...]:
    """Return all of a clone that publishing must not touch."""
    asked = (
        "status --porcelain=v2",
        "ls-files -s",
        "for-each-ref refs/heads refs/tags",
        "config -l",
    )
    left = sorted(path.name for path in (folder / ".git").iterdir())
    return (*(git(folder, *question.split()) for question in asked), *left)


def tree(bare: Path) -> dict[str, bytes]:
    """Return what the branch has."""
    names = git(bare, "ls-tree", "-r", "--name-only", BRANCH).splitlines()
    shown = [subprocess.check_output(["git", "show", f"{BRANCH}:{n}"], cwd=bare) for n in names]
    return dict(zip(names, shown, strict=True))


def commits(bare: Path) -> list[str]:
    return git(bare, "log", "--format=%s", BRANCH).splitlines()


def served(bare: Path) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Serves what the branch has in this moment."""

        def do_GET(self) -> None:
            path = self.path.lstrip("/") + ("index.html" if self.path.endswith("/") else "")
            command = ["git", "cat-file", "blob", f"{BRANCH}:{path}"]
            done = subprocess.run(command, cwd=bare, capture_output=True, check=False)
            self.send_response(404 if done.returncode else 200)
            self.send_header("Content-Length", str(len(done.stdout)))
            self.end_headers()
            self.wfile.write(done.stdout)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@pytest.fixture
def host(bare: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), served(bare)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_release_is_one_commit(tmp_path: Path, bare: Path, work: Path) -> None:
    before = state(work)
    target = Git()
    assert target.live() is None and target.kept() == []
    site = write_site(tmp_path / "1", 1, posts=20)
    (site / "crlf.txt").write_bytes(b"a\r\nb\n")
    target.prepare(site)
    release = make_release(site, target.live())
    target.put(release)
    assert tree(bare) == contents(site)
    assert (site / ".nojekyll").exists()
    assert commits(bare) == [f"Release {release.manifest.id}"]
    assert Git().live() == release.manifest
    assert state(work) == before


def test_the_same_again_is_no_commit(tmp_path: Path, bare: Path, work: Path) -> None:
    first = site_release(tmp_path / "1", 1, posts=20)
    Git().put(first)
    again = site_release(tmp_path / "again", 1, Git().live(), posts=20)
    Git().put(again)
    second = site_release(tmp_path / "2", 2, Git().live(), posts=20)
    Git().put(second)
    Git().put(second)
    assert commits(bare) == [f"Release {r.manifest.id}" for r in (second, first)]


def test_it_builds_on_what_is_there(tmp_path: Path, bare: Path, work: Path) -> None:
    """The host makes commits of its own: a domain, a proof of ownership."""
    target = Git()
    target.put(site_release(tmp_path / "1", 1, posts=20))
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", "-b", BRANCH, str(bare), str(other))
    (other / ".well-known").mkdir()
    for name in ("CNAME", ".well-known/proof"):
        (other / name).write_text("blog.example.org\n")
    git(other, "add", ".")
    git(other, "commit", "-qm", "Create CNAME")
    git(other, "push", "-q")
    target.live()
    release = site_release(tmp_path / "2", 2, target.live(), posts=20)
    target.put(release)
    carried = {"theme/style.00000001.css", "media/picture-1.svg"}
    kept = {"CNAME", ".well-known/proof"}
    assert set(tree(bare)) - set(contents(release.folder)) == carried | kept
    assert commits(bare)[1] == "Create CNAME"
    third = site_release(tmp_path / "3", 3, target.live(), posts=20)
    target.put(third)
    assert not set(tree(bare)) & carried
    assert kept < set(tree(bare))


def test_another_publisher_in_between(tmp_path: Path, bare: Path, work: Path) -> None:
    first, second = Git(), Git()
    for target in (first, second):
        target.live()
    first.put(site_release(tmp_path / "1", 1, posts=20))
    before = tree(bare)
    with pytest.raises(ProblemsFound, match=r"nobody else has published in between.*stale info"):
        second.put(site_release(tmp_path / "2", 2, posts=20))
    assert tree(bare) == before


def test_from_a_second_clone(tmp_path: Path, bare: Path, work: Path) -> None:
    target = Git()
    target.put(site_release(tmp_path / "1", 1, posts=20))
    git(tmp_path, "clone", "-q", str(bare), "second")
    os.chdir(tmp_path / "second")
    target = Git()
    live = target.live()
    target.put(site_release(tmp_path / "2", 2, live, posts=20))
    assert len(commits(bare)) == 2


def test_rollback(tmp_path: Path, bare: Path, work: Path, host: str) -> None:
    target, releases = Git(), []
    for version in (1, 2, 3):
        releases.append(site_release(tmp_path / str(version), version, target.live(), posts=20))
        target.put(releases[-1])
    ids = [release.manifest.id for release in releases]
    assert [(kept.id, kept.live) for kept in target.kept()] == [
        (ids[2], True),
        (ids[1], False),
        (ids[0], False),
    ]
    with visited(host):
        target.switch(ids[1])
    wanted, now = contents(releases[1].folder), tree(bare)
    assert {path: now[path] for path in wanted} == wanted
    assert commits(bare)[0] == f"Back to release {ids[1]}"
    assert [kept.live for kept in Git().kept()] == [False, True, False]
    target.switch(ids[1])
    assert len(commits(bare)) == 4
    with pytest.raises(ProblemsFound, match="must have the release: nonsense"):
        target.switch("nonsense")


def test_visitors_while_and_after(tmp_path: Path, bare: Path, work: Path, host: str) -> None:
    target = Git()
    target.put(site_release(tmp_path / "1", 1))
    with visited(host):
        for version in (2, 3):
            target.put(site_release(tmp_path / str(version), version, target.live()))
    assert b"version 3" in tree(bare)["index.html"]


def test_killed_at_any_moment(tmp_path: Path, bare: Path, work: Path, host: str) -> None:
    first = site_release(tmp_path / "1", 1, posts=20)
    releases = (first, site_release(tmp_path / "2", 2, first.manifest, posts=20))
    Git().put(releases[1])
    before = state(work)
    whole = {release.manifest.id: release.manifest.files for release in releases}
    crawler = Crawler(host)

    def after() -> None:
        crawler.visit()
        live = Git(str(bare)).live()
        assert live and live.files == whole[live.id]

    kill_at_random({"kind": "git", "remote": str(bare)}, releases, after)
    assert not crawler.broken
    Git().put(releases[0])
    Git().put(releases[1])
    assert state(work) == before
    assert MANIFEST in tree(bare)


def test_a_branch_of_something_else_is_left_alone(tmp_path: Path, bare: Path, work: Path) -> None:
    git(work, "push", "-q", "origin", "HEAD:refs/heads/main")
    with pytest.raises(ProblemsFound, match="the branch main must be empty, or hold a release"):
        Git(branch="main").put(site_release(tmp_path / "1", 1, posts=2))


def test_who_commits(tmp_path: Path, bare: Path, work: Path) -> None:
    """A machine of CI has no name; an author's own is kept."""
    Git().put(site_release(tmp_path / "1", 1, posts=2))
    git(work, "config", "user.name", "Ada")
    git(work, "config", "user.email", "ada@example.org")
    Git().put(site_release(tmp_path / "2", 2, posts=2))
    assert git(bare, "log", "--format=%an", BRANCH).splitlines()[0] == "Ada"


@pytest.mark.parametrize(
    ("remote", "sentence"),
    [
        ("nowhere", "nowhere: must be a repository that git can reach: fatal: "),
        (
            "http://ada:secret@127.0.0.1:1/blog.git",
            "http://…@127.0.0.1:1/blog.git: must be a repository that git can reach: fatal: ",
        ),
        ("ssh://127.0.0.1:1/blog.git", "must be a repository that git can reach: "),
    ],
)
def test_a_repository_that_is_not_there(
    tmp_path: Path, bare: Path, work: Path, remote: str, sentence: str
) -> None:
    with pytest.raises(ProblemsFound) as error:
        Git(remote).put(site_release(tmp_path / "1", 1, posts=2))
    assert sentence in str(error.value)
    assert "secret" not in str(error.value)
    assert len(error.value.problems) == 1


def test_a_push_that_the_host_refuses(tmp_path: Path, bare: Path, work: Path) -> None:
    Git().put(site_release(tmp_path / "1", 1, posts=2))
    before = tree(bare)
    hook = bare / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho 'error: quota exceeded' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(ProblemsFound, match="must take the push"):
        Git().put(site_release(tmp_path / "2", 2, posts=2))
    assert tree(bare) == before
