"""The quotes as data: what is read from a page, the JSON, the feed, the one for the home page."""

import json
import re
from pathlib import Path

import feedparser
import pytest

from pipeline.render.quotes import Quote, find_quotes, pick
from tests.conftest import PAGE, POST, ROOT, TinySite
from tests.test_texts import TYPOGRAPHY

QUOTES = PAGE.replace("Summary", "Date: 2024-05-06\nSummary") + (
    "\n> The best *fighter*[^1] is never angry.\n>\n"
    "> — Lao Tzu, *Tao Te Ching*, 68; a free rendering & no more\n> {: confidence=attributed }\n\n"
    "> | Per aspera\n> | ad astra.\n>\n> — Latin proverb\n"
    "> {: lang=la cite=https://example.org/ }\n\n"
    "> A.\n>\n> — Paul Graham, “Taste for Makers” (2002)\n\n[^1]: Note.\n"
)


@pytest.fixture
def found(tiny: TinySite) -> list[Quote]:
    tiny.write({"pages/b.md": QUOTES})
    tiny.build()
    return list(find_quotes(tiny.page("b/index.html"), "b/"))


def test_what_is_read(found: list[Quote]) -> None:
    one, two, three = found
    assert one.text == "The best fighter is never angry."
    assert (one.author, one.work, one.year) == ("Lao Tzu", "Tao Te Ching", None)
    assert (one.confidence, one.note) == ("attributed", "a free rendering & no more")
    assert one.url == "b/#quote-the-best-fighter-is-never"
    assert two.text == "Per aspera\nad astra."
    assert (two.lang, two.cite, two.confidence) == ("la", "https://example.org/", "verified")
    assert (three.author, three.work, three.year) == ("Paul Graham", "Taste for Makers", 2002)


def test_the_json_and_the_feed(tiny: TinySite, found: list[Quote]) -> None:
    data = json.loads(tiny.page("quotes.json"))
    assert [quote["text"] for quote in data] == [quote.text for quote in found]
    assert data[0]["url"] == f"http://127.0.0.1:8000/{found[0].url}"
    feed = feedparser.parse(tiny.page("feeds/quotes.atom.xml"))
    assert not feed.bozo
    assert [entry.link for entry in feed.entries] == [quote["url"] for quote in data]
    assert len({entry.id for entry in feed.entries}) == 3
    assert "Per aspera" in feed.entries[1].content[0].value
    assert feed.feed.updated == "2024-05-06T00:00:00+00:00"


def test_a_quote_can_stand_away_from_its_page(tiny: TinySite) -> None:
    """On the home page, in the feed and in the data: addresses lead, and no note is missing."""
    quote = "> See [a](../posts/a/index.md).[^1]\n>\n> — A <b & c>, `a<b`\n\n[^1]: Note.\n"
    dated = PAGE.replace("Summary", "Date: 2024-05-06\nSummary")
    tiny.write({"pages/b.md": f"{dated}\n{quote}", "posts/a/index.md": POST})
    tiny.build()
    home = tiny.page("index.html").partition("<blockquote")[2].partition("</blockquote>")[0]
    assert 'href="posts/a/"' in home
    [data] = json.loads(tiny.page("quotes.json"))
    assert 'href="http://127.0.0.1:8000/posts/a/"' in data["html"]
    [entry] = feedparser.parse(tiny.page("feeds/quotes.atom.xml")).entries
    content = entry.content[0].value
    assert 'href="http://127.0.0.1:8000/posts/a/"' in content
    assert "a&lt;b" in content
    for text in (home, data["html"], content):
        assert "fnref" not in text


def test_a_page_with_quotes_is_dated(tiny: TinySite) -> None:
    tiny.write({"pages/b.md": QUOTES.replace("Date: 2024-05-06\n", "")})
    assert tiny.problems() == [
        "pages/b.md:1: a page with quotes must have Date: none "
        "(add a line Date: …, the day on which its quotes were first published)"
    ]


def test_the_home_page_has_a_sure_and_short_one(tiny: TinySite, found: list[Quote]) -> None:
    home = tiny.page("index.html")
    assert home.count("<blockquote") == 1
    assert "fighter" not in home
    picked = {pick(found, str(seed)) for seed in range(50)}
    assert picked == set(found[1:])
    assert pick(found, "x") == pick(found, "x")
    assert pick([], "x") is None


def test_a_site_without_quotes_has_no_files_of_them(tiny: TinySite) -> None:
    tiny.write({"pages/b.md": PAGE})
    tiny.build()
    assert not (tiny.output / "quotes.json").exists()
    assert not (tiny.output / "feeds/quotes.atom.xml").exists()


def plain(text: str) -> str:
    """Return a text without its spaces, with plain quotes."""
    return "".join(text.translate(TYPOGRAPHY).split())


def test_the_authors_51(site: Path) -> None:
    every = json.loads((site / "quotes.json").read_text("utf-8"))
    assert len(every) == len({quote["url"] for quote in every})
    words = plain((ROOT / "tests/texts/about.txt").read_text("utf-8"))
    data = [quote for quote in every if plain(quote["text"]) in words]
    assert all("/quotes/#" in quote["url"] for quote in data)
    assert len({quote["id"] for quote in data}) == len(data) == 51
    counts = {c: sum(q["confidence"] == c for q in data) for c in {q["confidence"] for q in data}}
    assert counts == {"verified": 30, "attributed": 12, "disputed": 6, "misattributed": 3}
    assert all(q["note"] for q in data if q["confidence"] != "verified")
    assert [q["lang"] for q in data if q["lang"]] == ["la"]
    poem = next(q for q in data if q["work"] == "Invictus")
    assert re.search("gods may be\nFor my unconquerable", poem["text"])


def test_a_quote_that_comes_later_changes_no_other(tiny: TinySite) -> None:
    """Else every reader of the feed would be shown all of them again."""
    tiny.write({"pages/b.md": QUOTES})
    tiny.build()
    before = feedparser.parse(tiny.page("feeds/quotes.atom.xml")).entries
    later = "\n> Fear.\n>\n> — Frank Herbert\n> {: added=2024-06-01 }\n\n[^1]: Note."
    changed = QUOTES.replace("Date: 2024-05-06", "Date: 2024-05-06\nModified: 2024-06-01")
    tiny.write({"pages/b.md": changed.replace("\n[^1]: Note.", later)})
    tiny.build()
    new, *after = feedparser.parse(tiny.page("feeds/quotes.atom.xml")).entries
    assert (new.author, new.updated) == ("Frank Herbert", "2024-06-01T00:00:00+00:00")
    assert [(e.id, e.updated) for e in after] == [(e.id, e.updated) for e in before]
