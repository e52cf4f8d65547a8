"""Publishing a post whose words have changed."""

from pathlib import Path

import pytest

from tests.publish.blog import Blog, post

PAGE = "public/current/posts/b/changes/index.html"


@pytest.mark.slow
def test_publish_keeps_what_readers_had_and_shows_the_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    blog = Blog(tmp_path / "blog", {"kind": "directory", "path": str(tmp_path / "public")})
    blog.write({"posts/b/index.md": post("b", "It costs 40 - well.")})
    blog.publish()
    blog.write({"posts/b/index.md": post("b", "It costs 40, well.")})
    blog.publish()
    assert "words" not in capsys.readouterr().out
    assert not (blog.content / "changes.json").exists()
    changed = post("b", "It costs 50, well.", "Modified: 2024-12-01, the price\n")
    blog.write({"posts/b/index.md": changed})
    blog.publish(dry_run=True)
    shown = "b/index.md: the price\n               It costs [-40,-] {+50,+} well.\n"
    assert shown in capsys.readouterr().out
    assert not (blog.content / "changes.json").exists()
    blog.publish()
    assert shown in capsys.readouterr().out
    assert "<del>40,</del> <ins>50,</ins>" in (tmp_path / PAGE).read_text("utf-8")
    kept = (blog.content / "changes.json").read_text("utf-8")
    blog.publish()
    assert "Nothing to publish" in capsys.readouterr().out
    assert (blog.content / "changes.json").read_text("utf-8") == kept
