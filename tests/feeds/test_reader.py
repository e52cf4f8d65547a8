from pathlib import Path

import pytest

from pipeline.feeds import Publisher, read_feed
from pipeline.feeds.feed_reader import STRICT, as_page, as_text, show_feed
from pipeline.feeds.writers import document_text, documents
from pipeline.model import ATOM, JSON, RSS
from pipeline.problems import ProblemsFound
from tests.feeds.values import entry, feed, feed_text

FEED = feed(*(entry(number, summary="A < b") for number in (3, 2, 1)))


@pytest.mark.parametrize("form", [ATOM, RSS, JSON])
def test_read_feed_reads_what_is_written(form: str) -> None:
    found = read_feed(feed_text(form, FEED).encode(), "f")
    assert (found.format, found.problems) == (form, ())
    assert found.topic.startswith("https://example.org/feeds/all.")
    assert found.link("prev-archive").startswith("https://example.org/feeds/all/1.")
    one = found.entries[0]
    assert (one.id, one.url) == ("tag:example.org,2024:3", "https://example.org/3")
    assert (one.title, one.html) == ("Entry 3", "<p>A &amp; <em>b</em></p>")
    assert one.summary == ("A &lt; b" if form == RSS else "A < b")


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "invalid XML"),
        (b"\xff<", "invalid XML"),
        (b"<urlset/>", "<urlset>"),
        (b'<rss version="0.9"><channel/></rss>', "<rss>"),
        (b"{", "invalid JSON"),
        (b'{"version": 3}', "not JSON Feed"),
        (b"{\xff}", "invalid JSON"),
    ],
)
def test_read_feed_of_no_feed_says_why(data: bytes, part: str) -> None:
    found = read_feed(data, "f")
    assert (found.format, found.entries, found.topic) == ("", (), "")
    assert part in found.problems[0]


@pytest.mark.parametrize(
    ("form", "old", "new", "part"),
    [
        (ATOM, "<title>Entry 3</title>", "", "expected 1 title, found 0"),
        (ATOM, "<title>Entry 3</title>", "<title> </title>", "empty title"),
        (ATOM, "<published>2024-05-06T07:08:00+00:00<", "<published>6 May<", "6 May"),
        (ATOM, 'type="html">&lt;p', 'type="text">&lt;p', "content of type text"),
        (ATOM, "<author><name>Ann</name><uri>https://example.org/</uri></author>", "", "no author"),
        (ATOM, "<entry>", '<entry><category term=""/>', "category without term"),
        (RSS, 'isPermaLink="false"', "", "isPermaLink"),
        (RSS, "<pubDate>Mon, 06 May", "<pubDate>Some", "Some"),
        (RSS, "dc:creator", "dc:author", "dc:creator"),
        (RSS, "<item>", "<item><x/>", "unknown element: x"),
        (RSS, "</guid>", "</guid><guid/>", "expected 1 guid, found 2"),
        (JSON, '"title": "Entry 3"', '"title": 3', "title: 3"),
        (JSON, "version/1.1", "version/1", "version"),
        (JSON, '"id": "tag:example.org,2024:3"', '"id": ""', "no id"),
        (JSON, "2024-05-06T07:08:00+00:00", "2024", "not a date"),
    ],
)
def test_read_feed_finds_problems(form: str, old: str, new: str, part: str) -> None:
    text = feed_text(form, FEED)
    assert old in text
    found = read_feed(text.replace(old, new, 2 if "dc:" in old else 1).encode(), "f")
    assert found.format == form
    assert any(part in problem for problem in found.problems)


def test_topic_of_an_archive_is_empty() -> None:
    _, archive = documents(FEED, ATOM, 2)
    text = document_text(archive, Publisher("https://example.org/", "en", "Ann"))
    assert read_feed(text.encode(), "f").topic == ""


@pytest.mark.parametrize("form", [ATOM, RSS, JSON])
def test_feed_is_shown_as_html_text_and_source(form: str, tmp_path: Path) -> None:
    html = '<p>The text.</p><figure><img src="https://example.org/a.png" alt="A robot"></figure>'
    made = feed(entry(2, html=html), entry(1, html="<p>Old</p>"))
    path = tmp_path / "feed"
    path.write_text(feed_text(form, made), "utf-8")
    shown = show_feed(path)
    one, other = shown
    assert "<p>The text.</p>" in one.html and "<figure" not in one.html
    assert '<img src="https://example.org/a.png" alt="A robot">' in one.html
    assert "The text." in one.text and "<p>" not in one.text
    assert "The text." in one.raw and "Entry 1" in other.raw and "Entry 2" not in other.raw
    page = as_page(shown, "https://example.org/x", "https://example.org/", "site/")
    assert 'src="site/a.png"' in page and "default-src 'none'" in page and "<script" not in page
    assert as_text(shown).startswith("Entry 2\n=======\ntag:example.org,2024:2\n\nThe text.")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<p onclick="x()">A</p><script>b</script>', "<p>A</p>"),
        ('<video src="v"></video><a href="/r">b</a><a href="javascript:x()">c</a>',
         "<a>b</a><a>c</a>"),
    ],
)  # fmt: skip
def test_strict_reader_removes_what_acts(html: str, expected: str) -> None:
    assert STRICT.sanitize(html) == expected


def test_show_feed_of_no_feed_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "no.xml"
    path.write_bytes(b"<html>")
    with pytest.raises(ProblemsFound) as error:
        show_feed(path)
    assert error.value.problems[0].code == "feed-preview"
