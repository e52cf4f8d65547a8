"""A folder that something else deploys: what is live is what visitors get."""

import shutil
from pathlib import Path

import pytest

from pipeline.problems import ProblemsFound
from pipeline.publish.publish import PublishFailed, post_deploy
from pipeline.publish.release import MANIFEST
from pipeline.publish.targets.hosted import ArtifactFolder
from tests.publish.blog import Blog, post
from tests.publish.conftest import Serve
from tests.publish.crawl import contents, site_release
from tests.publish.servers import free_port


def code(error: pytest.ExceptionInfo[ProblemsFound]) -> str:
    [problem] = error.value.problems
    return problem.code


@pytest.mark.servers
def test_publish_then_post_deploy(
    tmp_path: Path,
    nginx: Serve,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, served = tmp_path / "_site", tmp_path / "served"
    blog = Blog(tmp_path / "blog", {"kind": "artifact", "url": nginx(served), "path": str(made)})
    blog.publish()
    assert f" in {made}" in capsys.readouterr().out
    assert (made / ".nojekyll").exists()
    with pytest.raises(ProblemsFound) as error:
        blog.rollback()
    assert code(error) == "no-rollback"
    shutil.copytree(made, served)  # what the workflow does
    post_deploy(blog.settings)
    shutil.rmtree(made)
    blog.publish()
    assert capsys.readouterr().out.endswith("Nothing to publish\n")
    assert not made.exists()
    blog.publish_due()
    assert "Nothing is due" in capsys.readouterr().out
    # Another release, which the host does not show.
    blog.write({"posts/b/index.md": post("b", "Other words.")})
    blog.publish()
    assert "  changed      /posts/b/\n" in capsys.readouterr().out
    monkeypatch.setattr(ArtifactFolder, "propagation_timeout", 0.0)
    with pytest.raises(PublishFailed) as error:
        post_deploy(blog.settings)
    assert code(error) == "release-not-live"


def test_post_deploy_other_kind_is_refused(tmp_path: Path) -> None:
    blog = Blog(tmp_path / "blog", {"kind": "directory", "path": str(tmp_path / "public")})
    with pytest.raises(ProblemsFound) as error:
        post_deploy(blog.settings)
    assert code(error) == "wrong-kind"


def test_deploy_replaces_what_another_run_left(tmp_path: Path) -> None:
    target = ArtifactFolder("https://example.org", str(tmp_path / "_site"))
    for left in ("_site/a", "_site.new/b"):
        (tmp_path / left).mkdir(parents=True)
    (tmp_path / "_site" / MANIFEST).write_text("{}")
    release = site_release(tmp_path / "1", 1, posts=2)
    target.deploy(release)
    assert contents(tmp_path / "_site") == contents(release.folder)
    assert target.built_release().manifest == release.manifest
    assert not (tmp_path / "_site.new").exists()


def test_deploy_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    own = tmp_path / "content"
    own.mkdir()
    (own / "thesis.txt").write_text("three years")
    with pytest.raises(ProblemsFound) as error:
        ArtifactFolder("https://example.org", str(own)).deploy(site_release(tmp_path / "built", 3))
    assert code(error) == "foreign"
    assert (own / "thesis.txt").read_text() == "three years"


@pytest.mark.servers
def test_current_is_what_the_host_shows(tmp_path: Path, nginx: Serve) -> None:
    served = tmp_path / "served"
    target = ArtifactFolder(nginx(served), str(tmp_path / "_site"))
    assert target.current() is None and target.list_releases() == []
    with pytest.raises(ProblemsFound) as error:
        target.built_release()
    assert code(error) == "not-built"
    release = site_release(served, 1, posts=2)
    assert target.current() == release.manifest
    assert [(one.id, one.live) for one in target.list_releases()] == [(release.manifest.id, True)]


@pytest.mark.servers
def test_current_of_another_site_is_none(tmp_path: Path, nginx: Serve) -> None:
    """Some hosts send their home page for every address."""
    (tmp_path / "served").mkdir()
    (tmp_path / "served/index.html").write_text("<!doctype html>\n<title>Soon</title>")
    url = nginx(tmp_path / "served", "try_files $uri /index.html;")
    assert ArtifactFolder(url).current() is None


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "nowhere.invalid"])
def test_current_silent_host_is_a_problem_with_a_hint(host: str) -> None:
    with pytest.raises(ProblemsFound) as error:
        ArtifactFolder(f"http://{host.format(port=free_port())}").current()
    assert code(error) == "live-release-unknown"
    assert "--first" in error.value.problems[0].hint
