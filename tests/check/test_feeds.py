"""Feeds: valid, whole, with ids for life and addresses that lead somewhere."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.check.feed_files import FeedFile, read_feed
from pipeline.check.feeds import lost
from tests.check.faults import Fault, P, edit, places, prove_tiny, text
from tests.conftest import PAGE, POST, TinySite

NOTE = text("A claim[^1] of [b](../../pages/b.md).\n\n[^1]: The note.")
FEED = "feeds/tags/robotics"
ATOM, RSS, JSON = f"{FEED}.atom.xml", f"{FEED}.rss.xml", f"{FEED}.json"
ID = "tag:ben.bolte.cc,2024:a/index"
OWN = "https://ben.bolte.cc"


def put(name: str, data: str) -> Fault:
    return Fault(f"/{name}", built=lambda folder: (folder / name).write_text(data, "utf-8"))


def wrong(name: str, old: str, new: str) -> Fault:
    return Fault(f"/{name}", built=edit(name, old, new))


def item(change: Callable[[dict[str, Any]], object]) -> Fault:
    """Return a fault in the one item of a JSON feed."""

    def built(folder: Path) -> None:
        data = json.loads((folder / JSON).read_text("utf-8"))
        change(data["items"][0])
        (folder / JSON).write_text(json.dumps(data), "utf-8")

    return Fault(f"/{JSON}", built=built)


def two(name: str, old: str, new: str) -> Fault:
    """Return a fault in the feeds of a site with an archive."""
    files = {"posts/c/index.md": POST.replace("A post", "Another").replace("says.", "else says.")}
    return Fault(f"/{name}", files, built=edit(name, old, new), settings=("FEED_MAX_ITEMS=1",))


FAULTS = {
    "feed-formats": {
        "no XML": put(ATOM, "<feed"),
        "another language of XML": put(RSS, "<urlset/>"),
        "no JSON": put(JSON, "{"),
        "another version of JSON Feed": wrong(JSON, "version/1.1", "version/2"),
        "no date in Atom": wrong(ATOM, "updated>", "rights>"),
        "a day without a time": wrong(ATOM, "T00:00:00+00:00", ""),
        "no author": wrong(ATOM, "author>", "contributor>"),
        "two summaries": wrong(ATOM, '<summary type="text">', '<summary/><summary type="text">'),
        "an element that Atom has not": wrong(ATOM, "subtitle>", "description>"),
        "a text of another type": wrong(ATOM, 'content type="html"', 'content type="text"'),
        "a tag without a name": wrong(ATOM, 'term="robotics"', 'term=""'),
        "an empty title": wrong(ATOM, "<title>A post<", "<title><"),
        "an id that says it is an address": wrong(RSS, 'isPermaLink="false"', ""),
        "no creator": wrong(RSS, "dc:creator", "dc:contributor"),
        "a date of another form": wrong(RSS, "Mon, 06 May 2024 00:00:00 +0000", "2024"),
        "no description of the channel": wrong(RSS, "description>", "comments>"),
        "no text in RSS": wrong(RSS, "content:encoded>", "content:items>"),
        "no text in JSON": item(lambda item: item.pop("content_html")),
        "a number for an id": item(lambda item: item.update(id=1)),
        "a key that JSON Feed has not": item(lambda item: item.update(category="x")),
        "a day in JSON": item(lambda item: item.update(date_published="2024-05-06")),
    },
    "entry-ids": {
        "an address": Fault(f"{P}:5", built=edit(ATOM, ID, f"{OWN}/posts/a/")),
        "none": item(lambda item: item.update(id=""))._replace(place=f"{P}:5"),
        "an id of two pages": Fault(
            "content/posts/c/index.md:5",
            {"posts/c/index.md": POST.replace("A post", "Another").replace("says.", "else says.")},
            built=lambda folder: swap(folder / JSON),
        ),
        "one for two": Fault(
            f"/{ATOM}",
            built=lambda folder: twice(folder / ATOM),
        ),
    },
    "feed-links": {
        "no address in self": wrong(ATOM, f'{OWN}/{ATOM}" rel="self', '" rel="self'),
        "another's in self": wrong(RSS, f'{OWN}/{RSS}" rel="self', f'{OWN}/{ATOM}" rel="self'),
        "a file that is not there": wrong(JSON, f"{OWN}/{JSON}", f"{OWN}/feeds/x.json"),
        "an archive that is not there": two("feeds/all/1.atom.xml", "/all.atom.xml", "/x.atom.xml"),
        "an archive of JSON": two(JSON, "/robotics/1.json", "/robotics/7.json"),
        "a copy that is none": wrong("feed.xml", "The text.", "The old text."),
        "an entry that leads nowhere": wrong(RSS, f"<link>{OWN}/posts/a/", f"<link>{OWN}/posts/z/"),
        "an entry without an address": wrong(RSS, f"<link>{OWN}/posts/a/", "<link>posts/a/"),
    },
    "entry-addresses": {
        "a relative one": Fault(f"{P}:1", NOTE, built=edit(ATOM, f"{OWN}/b/", "../b/")),
        "a file that is not there": Fault(
            f"{P}:1", NOTE, built=edit(ATOM, f"{OWN}/b/", f"{OWN}/c/")
        ),
        "a place that is not there": Fault(
            f"{P}:1", NOTE, built=edit(ATOM, f"{OWN}/b/", f"{OWN}/b/#nope")
        ),
        "a note that is not in the entry": Fault(
            f"{P}:1", NOTE, built=edit(ATOM, 'id="fn:', 'id="')
        ),
        "an id twice": Fault(
            f"/{ATOM}", NOTE, built=edit(ATOM, "&lt;p&gt;", '&lt;p id="twice"&gt;')
        ),
    },
    "entry-content": {
        "a script": Fault(
            f"{P}:1", built=edit(ATOM, "&lt;p&gt;", "&lt;script&gt;x&lt;/script&gt;&lt;p&gt;")
        ),
        "a style": Fault(f"{P}:1", built=edit(RSS, "&lt;p&gt;", "&lt;p style=&quot;x&quot;&gt;")),
        "a class": Fault(f"{P}:1", built=edit(JSON, "<p>", "<p class='x'>")),
        "a form": Fault(f"{P}:1", built=edit(JSON, "<p>", "<form></form><p>")),
    },
    "entry-text": {
        "a word is missing": Fault(f"{P}:7", built=edit(ATOM, "The text.", "The.")),
        "a note is missing": Fault(f"{P}:9", NOTE, built=edit(JSON, "The note.", "")),
        "words of the theme": Fault(
            f"{P}:1",
            theme=(
                "templates/article.html",
                "{{ article.content|safe }}",
                "{{ article.content|safe }}<p>More words.</p>",
            ),
        ),
    },
}


def swap(path: Path) -> None:
    """Give the newest entry of a JSON feed another's address."""
    data = json.loads(path.read_text("utf-8"))
    data["items"][0]["url"] = data["items"][1]["url"]
    path.write_text(json.dumps(data), "utf-8")


def twice(path: Path) -> None:
    """Write the one entry of an Atom feed twice."""
    before, entry, after = path.read_text("utf-8").partition("<entry>")
    inside, end, rest = after.partition("</entry>")
    path.write_text(f"{before}{entry}{inside}{end}{entry}{inside}{end}{rest}", "utf-8")


@pytest.mark.parametrize(
    ("check", "name"), [(check, name) for check, faults in FAULTS.items() for name in faults]
)
def test_fault(check: str, name: str, tiny: TinySite) -> None:
    fault = FAULTS[check][name]
    assert set(places(tiny, prove_tiny(tiny, fault), check)) == {fault.place}


RICH = (
    "A claim[^1] of \\(a < b\\) and ==x==.\n\n[^1]: The note, with `code`.\n\n"
    "> Ad astra.\n>\n> — Latin proverb\n> {: lang=la }\n\n"
    '```{.python linenums="1"}\nx = 1\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n'
    "```css\np { margin: 1.2em }\n```\n\n"
    "## What else there is {: #more }\n\nSee [what else there is](#more).\n\n"
    "[A film](https://www.youtube.com/watch?v=ODSJsviD_SU){: .card }\n"
)


def test_what_a_text_can_hold_passes(tiny: TinySite) -> None:
    later = POST.replace("A post", "Another").replace("What it says.", "What else it says.")
    page = PAGE.replace("Summary", "Date: 2024-05-06\nSummary").replace("What it", "What b")
    quotes = "\n> Fear is the mind-killer.\n>\n> — Frank Herbert, *Dune* (1965)\n"
    files = {
        **text(RICH),
        "posts/c/index.md": f"{later}\nToo[^1].\n\n[^1]: And its own.\n",
        "pages/b.md": page.replace("The text.", f"The words of b.\n{quotes}"),
    }
    assert prove_tiny(tiny, Fault("", files, settings=("FEED_MAX_ITEMS=1",))) == []


def test_reading_what_is_no_feed() -> None:
    assert read_feed("a.json", b"[]") == FeedFile(
        "a.json", flaws=(("must be JSON Feed 1.1", "another version"),)
    )


def test_what_is_lost() -> None:
    assert lost(["a", "b"], ["a", "b"]) == ""
    assert lost(["a", "b", "c"], ["a", "c"]) == "b"
    assert lost(["a", "b"], ["a", "x", "b"]) == ""
    assert lost([str(n) for n in range(9)], []) == "0 1 2 3 4 5"
