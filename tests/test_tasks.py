"""The tasks, typed as the author types them."""

from datetime import date
from pathlib import Path

from tests.conftest import Run, contents


def test_the_menu(run: Run) -> None:
    result = run("invoke", "--list")
    assert result.returncode == 0
    menu = {line.split()[0] for line in result.stdout.splitlines()[2:] if line.startswith("  ")}
    wanted = "build rebuild regenerate serve preview clean new test lint lock"
    assert set(wanted.split()) <= menu


def test_new_build_and_clean(project: Path, run: Run) -> None:
    result = run("invoke", "new", "Why Ben's 2nd robot isn't K-Scale")
    path = f"content/posts/{date.today()}-why-bens-2nd-robot-isnt-k-scale/index.md"
    assert (result.stdout.strip(), result.returncode) == (path, 0)
    assert run("invoke", "build").returncode == 0
    page = project / "output" / path.removeprefix("content/").replace(".md", ".html")
    assert ">Why Ben’s 2nd robot isn’t K-Scale</h1>" in page.read_text("utf-8")
    assert run("invoke", "preview").returncode == 0
    assert not page.exists()
    (project / ".output.1").mkdir()
    assert run("invoke", "clean").returncode == 0
    assert not (project / "output").exists()
    assert not (project / ".output.1").exists()


def test_new_refuses_what_is_there_and_what_is_nothing(project: Path, run: Run) -> None:
    assert run("invoke", "new", "A title").returncode == 0
    before = contents(project / "content")
    again = run("invoke", "new", "a TITLE!")
    assert again.returncode == 1
    assert again.stderr.splitlines()[0] == (
        f"content/posts/{date.today()}-a-title: must be the folder of a new post: it exists "
        "(choose another title, or edit that one)"
    )
    assert run("invoke", "new", "?!").returncode == 1
    assert contents(project / "content") == before


def test_rebuild_is_build(project: Path, run: Run) -> None:
    run("invoke", "build")
    before = contents(project / "output")
    (project / "output/stray.html").write_text("x")
    assert run("invoke", "rebuild").returncode == 0
    assert contents(project / "output") == before


def test_words_after_two_hyphens_go_to_pelican(project: Path, run: Run) -> None:
    assert run("invoke", "build", "--", "-o", "elsewhere", "--verbose").returncode == 0
    assert (project / "elsewhere/index.html").exists()
    assert not (project / "output").exists()
    assert run("invoke", "build", "--", "--no-such-option").returncode == 2


def test_check_proves_the_site_elsewhere_and_reminds(project: Path, run: Run) -> None:
    about = project / "content/pages/about/index.md"
    text = about.read_text("utf-8")
    review = next(line for line in text.splitlines() if line.startswith("Review: "))
    about.write_text(text.replace(review, "Review: 2999-01-01"), "utf-8")
    result = run("invoke", "check")
    assert result.returncode == 0, result.stderr
    assert not (project / "output").exists()
    line = text[: text.index(review)].count("\n") + 1
    about.write_text(text.replace(review, "Review: 2026-11-20"), "utf-8")
    result = run("invoke", "check")
    assert result.returncode == 1
    assert result.stderr.splitlines()[0] == (
        f"content/pages/about/index.md:{line}: must be looked at again: due on 2026-11-20 "
        "(look at it, then set As_of to today and Review to when you will again) [review]"
    )


def test_a_new_post_has_an_id_for_life(project: Path, run: Run) -> None:
    path = project / run("invoke", "new", "Why Ben's robots").stdout.strip()
    today = date.today()
    assert f"\nId: tag:ben.bolte.cc,{today}:why-bens-robots\n" in path.read_text("utf-8")
    # A draft is shown as its readers will see it.
    result = run("invoke", "feed", "--text")
    assert result.returncode == 0, result.stderr
    assert "Why Ben’s robots\n" in result.stdout
    assert "So, pretty cool stuff." in result.stdout
    result = run("invoke", "feed", "--no-open", "--path", "feeds/quotes.atom.xml")
    assert result.stdout.splitlines()[-1] == ".cache/feed/index.html"
    assert "<blockquote>" in (project / ".cache/feed/index.html").read_text("utf-8")


def test_what_subscribers_will_get(project: Path, run: Run) -> None:
    run("invoke", "preview")
    memo = project / "content/posts/2024-03-01-why-kscale-wins/index.md"
    text = memo.read_text("utf-8")
    memo.write_text(text.replace("pretty cool stuff", "very cool stuff"), "utf-8")
    result = run("invoke", "deliveries", "--since", "output")
    assert result.returncode == 0, result.stderr
    assert "0 new entries, 1 updated, 0 sent again\n  updated Why K-Scale Wins\n" in result.stdout
    memo.write_text(text.replace(":why-kscale-wins\n", ":another\n"), "utf-8")
    result = run("invoke", "deliveries", "--since", "output")
    assert result.returncode == 1
    assert "0 new entries, 0 updated, 1 sent again" in result.stdout
    assert "(it was tag:ben.bolte.cc,2024-03-01:why-kscale-wins)" in result.stderr
    assert run("invoke", "deliveries", "--since", "output", "--again").returncode == 0
    assert run("invoke", "deliveries", "--since", "nowhere").returncode == 1
