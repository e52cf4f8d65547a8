"""The feed as a strict reader shows it."""

import pytest

from pipeline.problems import ProblemsFound
from pipeline.render.feeds import preview
from tests.conftest import POST, TinySite, png


@pytest.fixture
def shown(tiny: TinySite) -> list[preview.Shown]:
    text = f"{POST}\n![A robot](a.png)\n\nA claim.[^1]\n\n[^1]: The note.\n"
    tiny.write({"posts/a/index.md": text, "posts/a/a.png": png()})
    tiny.build()
    return preview.read_file(tiny.output / "feeds/all.atom.xml")


def test_each_entry_is_shown_in_three_ways(shown: list[preview.Shown]) -> None:
    [entry] = shown
    assert entry.title == "A post"
    assert "<p>The text.</p>" in entry.strict
    assert '<img src="http://127.0.0.1:8000/posts/a/a.png" alt="A robot"' in entry.strict
    assert "<figure" not in entry.strict
    assert "The note." in entry.text and "<p>" not in entry.text
    assert entry.raw.startswith("<entry>") and "&lt;p&gt;The text." in entry.raw


def test_the_page_runs_nothing_and_has_its_pictures_at_hand(shown: list[preview.Shown]) -> None:
    page = preview.as_page(shown, "http://127.0.0.1:8000/x", "http://127.0.0.1:8000/", "site/")
    assert 'src="site/posts/a/a.png"' in page
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert "&lt;entry&gt;" in page


def test_a_strict_reader_takes_out_what_acts() -> None:
    bad = '<p onclick="x()">A</p><script>b</script><a href="javascript:x()">c</a><video src="v">'
    entry = preview.Shown("id", "T", "S", bad, "")
    assert entry.strict == "<p>A</p><a>c</a>"


def test_for_a_terminal(shown: list[preview.Shown]) -> None:
    text = preview.as_text(shown)
    assert text.startswith("A post\n======\n")
    assert "The text." in text


def test_what_is_no_feed(tiny: TinySite) -> None:
    with pytest.raises(ProblemsFound, match="must be an Atom feed of the site"):
        preview.read_file(tiny.folder / "no.xml")
