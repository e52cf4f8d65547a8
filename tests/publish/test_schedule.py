"""Posts that wait for their date, and `invoke status`."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.build import load_settings
from pipeline.feeds.feed_diff import KnownEntry
from pipeline.model import Post
from pipeline.publish.release import Manifest
from pipeline.publish.schedule import Source, is_due, show, unpublished
from pipeline.publish.targets.base import StoredRelease, make_target
from pipeline.publish.targets.directory import CURRENT, Directory
from pipeline.settings import Settings
from tests.publish.blog import PAGE, Blog, post

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def public(tmp_path: Path) -> Path:
    return tmp_path / "public"


@pytest.fixture
def blog(tmp_path: Path, public: Path, monkeypatch: pytest.MonkeyPatch) -> Blog:
    monkeypatch.chdir(tmp_path)
    return Blog(tmp_path / "blog", {"kind": "directory", "path": str(public)})


def moment(**distance: int) -> str:
    """Return a time in relation to now, in UTC."""
    return (datetime.now(UTC) + timedelta(**distance)).strftime("%Y-%m-%d %H:%M")


@pytest.mark.slow
def test_publish_due_waits_for_the_date(blog: Blog, public: Path, capsys: Capture) -> None:
    later, earlier = moment(days=2), moment(minutes=-1)
    blog.write({"posts/d.md": post("d", date=later)})
    blog.publish_due()
    assert capsys.readouterr().out == "Nothing is due: no release yet\n"
    blog.publish()
    assert not (public / CURRENT / "posts/d").exists()
    capsys.readouterr()
    # An edit alone is not due, and a faulty draft is nobody's problem.
    blog.write(
        {
            "posts/b/index.md": post("b", "Other words."),
            "posts/e.md": post("e", head="Status: draft\nTgas: x\n"),
        }
    )
    blog.publish_due()
    assert capsys.readouterr().out == f"Nothing is due; next: Post d ({later})\n"
    # Its date comes: the same as if it had been dated earlier, by the clock of the release.
    blog.write({"posts/d.md": post("d", date=earlier)})
    blog.publish_due()
    shown = capsys.readouterr().out
    assert shown.startswith(f"Due: Post d ({earlier})\n")
    assert "  new          /posts/d/\n" in shown
    assert (public / CURRENT / "posts/d/index.html").exists()
    # Not again with the next edit, and not after a rollback.
    blog.write({"posts/b/index.md": post("b", "Half a sente")})
    blog.publish_due()
    assert capsys.readouterr().out == "Nothing is due\n"
    blog.rollback()
    capsys.readouterr()
    blog.publish_due()
    assert capsys.readouterr().out == "Nothing is due\n"


ENTRY = KnownEntry("A", "u", "d")


@pytest.mark.parametrize(
    ("date", "due"),
    [
        (datetime(2026, 5, 1, 10, 0), False),
        (datetime(2026, 5, 1, 11, 30), True),  # between a build and its deployment
        (datetime(2026, 5, 1, 12, 30), True),
    ],
)
def test_is_due_since_the_last_release(date: datetime, due: bool) -> None:
    last = StoredRelease("1", datetime(2026, 5, 1, 12, 0, tzinfo=UTC), live=True)
    utc = Settings("publishconf.py", timezone="UTC")
    source = Source("a.md", Post("A", date=date, id="tag:a"))
    live = Manifest({}, {}, {"tag:b": ENTRY})
    assert is_due(source, utc, last, live) is due
    east = Settings("publishconf.py", timezone="Pacific/Kiritimati")  # 14 hours ahead
    shifted = Source("a.md", Post("A", date=date + timedelta(hours=14), id="tag:a"))
    assert is_due(shifted, east, last, live) is due
    assert not is_due(source, utc, last, Manifest({}, {}, {"tag:a": ENTRY}))
    # An earlier release is live: the author has gone back.
    assert is_due(source, utc, replace(last, live=False), live) is (date.hour >= 12)


@pytest.mark.slow
def test_status_lists_what_waits(blog: Blog, capsys: Capture) -> None:
    later = moment(days=100)
    page = PAGE.format(title="C", head="Review: 2026-01-01\n", text="The text.")
    blog.write(
        {
            "posts/d.md": post("d", date=later),
            "posts/e.md": post("e", head="Status: draft\n").replace("Tags: robots", "Tags: x, y"),
            "pages/c.md": page,
        }
    )
    waiting = [
        "draft      blog/content/posts/e.md  1 problem",
        f"scheduled  blog/content/posts/d.md  {later} UTC",
        "problem    blog/content/posts/e.md:4: ",
        "review     blog/content/pages/c.md  due on 2026-01-01",
    ]
    blog.status()
    lines = capsys.readouterr().out.splitlines()
    assert [line[: len(start)] for line, start in zip(lines, waiting, strict=False)] == waiting
    (blog.content / "pages/c.md").unlink()
    blog.publish()
    capsys.readouterr()
    blog.status()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5, lines
    assert lines[3].startswith("live       ")
    assert lines[4] == "to publish nothing"
    blog.write({"posts/b/index.md": post("b", "Other words."), "posts/f.md": post("f")})
    (blog.content / "links.json").write_text('{"https://x.org/": {"failed": "2026-01-02"}}')
    blog.status()
    out = capsys.readouterr().out
    assert "dead link  https://x.org/  since 2026-01-02\n" in out
    assert "to publish 1 page new, " in out
    assert "to readers 1 new entry, 1 updated, 0 sent again\n" in out


def test_show_fits_rows_into_a_terminal(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("new", f"/posts/{n}/{'x' * 90}/", "a note") for n in range(7)]
    show([*rows, ("next", "./invoke publish", "")])
    assert capsys.readouterr().out.splitlines()[6] == f"new        /posts/6/{'x' * 90}/  a note"
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    show([*rows, ("next", "./invoke publish", "")])
    out = capsys.readouterr().out
    lines = [line.rstrip() for line in out.splitlines()]
    assert "\x1b" not in out and max(map(len, lines)) <= 80
    assert [line[:5] for line in lines] == ["new  ", "     ", "     ", "     ", "     ", "next "]
    assert lines[4].strip() == "and 3 more"


@pytest.mark.slow
@pytest.mark.parametrize(("follows", "gone"), [(True, False), (False, True)])
def test_unpublished_counts_as_gone_what_the_host_cannot_redirect(
    blog: Blog, monkeypatch: pytest.MonkeyPatch, follows: bool, gone: bool
) -> None:
    blog.write({"redirects.toml": '"/old/data.csv" = "https://blog.example/data.csv"\n'})
    settings = load_settings(blog.settings)
    target = make_target(settings)
    monkeypatch.setattr(Directory, "follows_redirects", follows)
    live = Manifest({}, {"/old/data.csv": ""}, {})
    rows = [*unpublished(blog.settings, target, live, settings)]
    assert (("gone", "/old/data.csv", "") in rows) is gone


def test_status_unreachable_target_hides_nothing(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    blog = Blog(tmp_path / "blog", {"kind": "git", "remote": "http://127.0.0.1:1/a.git"})
    blog.write({"posts/e.md": post("e", head="Status: draft\n")})
    blog.status()
    draft, live = capsys.readouterr().out.splitlines()
    assert draft == "draft      blog/content/posts/e.md"
    assert live.startswith("live       unknown  http://127.0.0.1:1/a.git: ")


def test_status_unreadable_post_is_listed(blog: Blog, capsys: Capture) -> None:
    (blog.content / "posts/e.md").write_bytes(b"Title: caf\xe9\n")
    blog.status()
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("problem    blog/content/posts/e.md:1: ") for line in lines)
    assert lines[-2] == "to publish unknown  the site has 1 problem"
