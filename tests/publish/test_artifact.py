"""A folder that something else deploys: what is live is what visitors get."""

import shutil
from pathlib import Path

import pytest

from pipeline.problems import ProblemsFound
from pipeline.publish import steps
from pipeline.publish.artifact import Artifact
from pipeline.publish.release import MANIFEST
from tests.conftest import contents
from tests.publish.blog import Blog, post
from tests.publish.conftest import Serve, free_port
from tests.publish.crawl import site_release


def deploy(made: Path, served: Path) -> None:
    """Do what the workflow does."""
    shutil.rmtree(served, ignore_errors=True)
    shutil.copytree(made, served)


def test_made_deployed_and_announced(
    tmp_path: Path, nginx: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    made, served = tmp_path / "_site", tmp_path / "served"
    target = {"kind": "artifact", "url": nginx(served), "path": str(made)}
    blog = Blog(tmp_path / "blog", target)
    blog.publish()
    assert (made / ".nojekyll").exists()
    with pytest.raises(ProblemsFound, match="must have an earlier release to go back to"):
        blog.rollback()
    deploy(made, served)
    steps.announce(blog.settings, "")
    shutil.rmtree(made)
    blog.publish()
    assert capsys.readouterr().out.endswith("Nothing to publish\n")
    assert not made.exists()
    blog.publish_due()
    assert "Nothing is due" in capsys.readouterr().out
    # Another release, which the host does not show.
    blog.write({"posts/b/index.md": post("Post b", "Other words.")})
    blog.publish()
    assert "  changed     /posts/b/\n" in capsys.readouterr().out
    Artifact.settles, before = 0, Artifact.settles
    try:
        with pytest.raises(steps.Released, match="visitors must get the release that was sent"):
            steps.announce(blog.settings, "")
    finally:
        Artifact.settles = before


def test_what_another_run_left_is_replaced(tmp_path: Path) -> None:
    target = Artifact("https://example.org", str(tmp_path / "_site"))
    for left in ("_site/a", "_site.new/b"):
        (tmp_path / left).mkdir(parents=True)
    (tmp_path / "_site" / MANIFEST).write_text("{}")
    release = site_release(tmp_path / "1", 1, posts=2)
    target.put(release)
    assert contents(tmp_path / "_site") == contents(release.folder)
    assert target.built().manifest == release.manifest
    assert not (tmp_path / "_site.new").exists()


def test_a_folder_of_the_authors_is_never_taken(tmp_path: Path) -> None:
    own = tmp_path / "content"
    own.mkdir()
    (own / "thesis.txt").write_text("three years")
    with pytest.raises(ProblemsFound, match="must be empty or hold a release"):
        Artifact("https://example.org", str(own)).put(site_release(tmp_path / "built", 3))
    assert (own / "thesis.txt").read_text() == "three years"


def test_the_host_does_the_rest(tmp_path: Path, nginx: Serve) -> None:
    served = tmp_path / "served"
    target = Artifact(nginx(served), str(tmp_path / "_site"))
    assert target.live() is None and target.kept() == []
    with pytest.raises(ProblemsFound, match=r"must be there: nothing .run invoke publish first"):
        target.built()
    release = site_release(served, 1, posts=2)
    assert target.live() == release.manifest
    [kept] = target.kept()
    assert (kept.id, kept.live) == (release.manifest.id, True)
    with pytest.raises(ProblemsFound, match="must be switched back by its host"):
        target.switch("x")


def test_a_host_that_says_nothing_is_not_an_empty_one() -> None:
    with pytest.raises(ProblemsFound, match=r"must say which release is live: .*refused"):
        Artifact(f"http://127.0.0.1:{free_port()}").live()


def test_another_site_is_no_release(tmp_path: Path, nginx: Serve) -> None:
    """Some hosts answer whatever is asked with their home page."""
    (tmp_path / "served").mkdir()
    (tmp_path / "served/index.html").write_text("<!doctype html>\n<title>Soon</title>")
    url = nginx(tmp_path / "served", "try_files $uri /index.html;")
    assert Artifact(url).live() is None


def test_other_targets_are_announced_as_they_publish(tmp_path: Path) -> None:
    blog = Blog(tmp_path / "blog", {"kind": "directory", "path": str(tmp_path / "public")})
    with pytest.raises(ProblemsFound, match="must be a target of kind artifact: directory"):
        steps.announce(blog.settings, "")
