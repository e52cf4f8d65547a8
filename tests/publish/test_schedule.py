"""Posts that wait for their day, and what `invoke status` says of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.problems import ProblemsFound
from pipeline.publish import schedule
from pipeline.publish.directory import CURRENT
from pipeline.publish.release import Manifest
from pipeline.publish.schedule import Waiting, is_due
from pipeline.publish.target import Kept
from tests.publish.blog import Blog, post

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def public(tmp_path: Path) -> Path:
    return tmp_path / "public"


@pytest.fixture
def blog(tmp_path: Path, public: Path) -> Blog:
    return Blog(tmp_path / "blog", {"kind": "directory", "path": str(public)})


def at(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M")


def test_a_post_waits_for_its_time(
    blog: Blog, public: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=2)
    blog.write({"posts/d.md": post("Post d", date=at(later))})
    blog.publish_due()
    assert capsys.readouterr().out == "Nothing is due: no release yet\n"
    assert not (public / CURRENT).exists()
    blog.publish()
    assert not (public / CURRENT / "posts/d").exists()
    capsys.readouterr()
    # An edit alone is not due.
    blog.write({"posts/b/index.md": post("Post b", "Other words.")})
    blog.publish_due()
    assert capsys.readouterr().out == f"Nothing is due; next: Post d ({at(later)})\n"
    # Its time comes: the same as if it had been dated earlier, by the clock of the release.
    earlier = datetime.now(UTC).replace(tzinfo=None) - timedelta(minutes=1)
    blog.write({"posts/d.md": post("Post d", date=at(earlier))})
    blog.publish_due()
    said = capsys.readouterr().out
    assert said.startswith(f"Due: Post d ({at(earlier)})\n")
    assert "  new         /posts/d/\n" in said
    assert (public / CURRENT / "posts/d/index.html").exists()


def test_what_came_due_is_published_once(blog: Blog, public: Path, capsys: Capture) -> None:
    """Not again with the next edit, and not when the author has gone back."""
    blog.publish()
    earlier = datetime.now(UTC).replace(tzinfo=None) - timedelta(minutes=1)
    blog.write({"posts/d.md": post("Post d", date=at(earlier))})
    blog.publish_due()
    capsys.readouterr()
    blog.write({"posts/b/index.md": post("Post b", "Half a sente")})
    blog.publish_due()
    assert capsys.readouterr().out == "Nothing is due\n"
    blog.rollback()
    capsys.readouterr()
    blog.publish_due()
    assert capsys.readouterr().out == "Nothing is due\n"
    assert not (public / CURRENT / "posts/d/index.html").exists()


@pytest.mark.parametrize(
    ("date", "due"),
    [
        (datetime(2026, 5, 1, 10, 0), False),
        (datetime(2026, 5, 1, 11, 30), True),  # between a build and the release's arrival
        (datetime(2026, 5, 1, 12, 30), True),
    ],
)
def test_what_came_due_since_the_last_release(date: datetime, due: bool) -> None:
    last = Kept("1", datetime(2026, 5, 1, 12, 0, tzinfo=UTC), True)
    waiting = Waiting("a.md", "A", date, "published", "tag:example.org,2026:a")
    live = Manifest({}, {}, {"tag:example.org,2026:b": {}})
    assert is_due(waiting, {"TIMEZONE": "UTC"}, last, live) is due
    east = {"TIMEZONE": "Pacific/Kiritimati"}  # 14 hours ahead
    assert is_due(waiting._replace(date=date + timedelta(hours=14)), east, last, live) is due
    assert not is_due(
        waiting, {"TIMEZONE": "UTC"}, last, Manifest({}, {}, {"tag:example.org,2026:a": {}})
    )
    back = replace(last, live=False)
    assert is_due(waiting, {"TIMEZONE": "UTC"}, back, live) is (date.hour >= 12)


def test_what_waits(blog: Blog, public: Path, capsys: Capture) -> None:
    blog.write(
        {
            "posts/d.md": post("Post d", date="2999-01-01 09:30"),
            "posts/e.md": post("Post e", head="Status: draft\n"),
            "pages/c.md": "Title: C\nSummary: What this says.\nReview: 2026-01-01\n\nThe text.\n",
        }
    )
    content = blog.folder / "content"
    waits = [
        f"draft      {content}/posts/e.md",
        f"scheduled  {content}/posts/d.md  2999-01-01 09:30 UTC",
        f"review     {content}/pages/c.md  due on 2026-01-01",
    ]
    schedule.status(blog.settings, "")
    assert capsys.readouterr().out.splitlines()[:3] == waits
    (content / "pages/c.md").unlink()
    blog.publish()
    capsys.readouterr()
    schedule.status(blog.settings, "")
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == waits[:2]
    assert lines[2].startswith("live       ")
    assert lines[3] == "to publish nothing"
    blog.write({"posts/b/index.md": post("Post b", "Other words."), "posts/f.md": post("Post f")})
    schedule.status(blog.settings, "")
    assert "to publish 1 page new, " in capsys.readouterr().out


def test_a_target_that_cannot_be_reached_hides_nothing(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    blog = Blog(tmp_path / "blog", {"kind": "git", "remote": "http://127.0.0.1:1/a.git"})
    blog.write({"posts/e.md": post("Post e", head="Status: draft\n")})
    schedule.status(blog.settings, "")
    draft, live = capsys.readouterr().out.splitlines()
    assert draft.startswith("draft ")
    assert live.startswith("live       not known: http://127.0.0.1:1/a.git: must be a repository")


def test_a_post_that_cannot_be_read(blog: Blog) -> None:
    blog.write({"posts/e.md": "Title: E\n"})
    with pytest.raises(ProblemsFound, match="must have Date"):
        schedule.status(blog.settings, "")
    blog.write({"posts/e.md": b"Title: caf\xe9\n"})
    with pytest.raises(ProblemsFound, match=r"e\.md:1: must be UTF-8"):
        schedule.status(blog.settings, "")
