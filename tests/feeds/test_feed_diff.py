import hashlib
from pathlib import Path

import pytest

from pipeline.feeds import Publisher, read_feed
from pipeline.feeds.feed_diff import (
    FeedDiff,
    KnownEntry,
    Resent,
    compare_entries,
    diff_problems,
    entries_at,
    known_entries,
)  # fmt: skip
from pipeline.feeds.writers import document_text, documents
from pipeline.model import ATOM, JSON, RSS, Feed
from pipeline.problems import ProblemsFound
from tests.feeds.values import entry, feed, feed_text, settings_of
from tests.loopback import folder_answers, serving

A, B = KnownEntry("A", "https://x/a/", "1:2024"), KnownEntry("B", "https://x/b/", "2:2024")
A_AGAIN = FeedDiff(resent=(Resent(A, "b", "a"),))
EXCHANGED = FeedDiff(resent=(Resent(B, "a", "b"), Resent(A, "b", "a")))
THREE = feed(*map(entry, (3, 2, 1)))


def write(
    folder: Path, made: Feed, url: str = "https://example.org/", forms: tuple[str, ...] = (ATOM,)
) -> None:
    for document in (document for form in forms for document in documents(made, form, 2)):
        path = folder / document.links["self"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(document_text(document, Publisher(url, "en", "Ann")), "utf-8")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": A}, {"a": A}, FeedDiff()),
        ({"a": A}, {"a": A, "b": B}, FeedDiff(new=(B,))),
        ({"a": A, "b": B}, {"a": A}, FeedDiff(removed=(B,))),
        ({"a": B}, {"a": A}, FeedDiff(updated=(A,))),
        # Another id, and the same text or URL: the old entry once more
        ({"a": A}, {"b": A}, A_AGAIN),
        ({"a": KnownEntry("A", "https://y/", "1:2023")}, {"b": A}, A_AGAIN),
        ({"a": KnownEntry("Z", "https://x/a/", "9:2024")}, {"b": A}, A_AGAIN),
        ({"a": A, "b": B}, {"a": B, "b": A}, EXCHANGED),
    ],
)
def test_compare_entries(
    before: dict[str, KnownEntry], after: dict[str, KnownEntry], expected: FeedDiff
) -> None:
    assert compare_entries(before, after) == expected


def test_diff_as_text_has_counts_and_titles() -> None:
    diff = FeedDiff(new=(A,), resent=(Resent(B, "b", "c"),))
    lines = ["1 new entry, 0 updated, 1 sent again", "  new     A", "  again   B"]
    assert str(diff).splitlines() == lines
    gone = ["0 new entries, 0 updated, 0 sent again, 1 removed", "  removed A"]
    assert str(FeedDiff(removed=(A,))).splitlines() == gone


def test_diff_problems_are_changed_ids_and_many_changes() -> None:
    settings = settings_of(feed_max_resent=2)
    assert not list(diff_problems(FeedDiff(new=(A, B), updated=(A, B)), settings))
    [changed] = diff_problems(A_AGAIN, settings)
    assert (changed.code, changed.path) == ("feed-id-changed", A.url)
    [many] = diff_problems(FeedDiff(updated=(A, A, B)), settings)
    assert many.code == "feed-resent"


def test_known_entries_have_the_digest_that_manifests_store() -> None:
    """A change of it would show all readers all entries as changed."""
    made = feed(entry(html="<p>One <em>two</em>\n three<!-- x --></p><p>four</p>"))
    digest = hashlib.sha256(b"Entry 1 One two three four").hexdigest()[:32]
    for form in (ATOM, RSS, JSON):
        [(id, known)] = known_entries([read_feed(feed_text(form, made).encode(), "f")]).items()
        assert (id, known.title) == (made.entries[0].id, "Entry 1")
        assert (known.url, known.text_digest) == ("https://example.org/1", digest)
        assert form == RSS or known.digest == f"{digest}:2024-05-06T07:08:00+00:00"


@pytest.mark.parametrize("forms", [(ATOM, RSS), (RSS,), (JSON,)])
def test_entries_in_a_folder_are_those_of_feeds_and_archives(
    tmp_path: Path, forms: tuple[str, ...]
) -> None:
    write(tmp_path, THREE, forms=forms)
    assert len(entries_at(str(tmp_path), settings_of())) == 3


def test_a_site_that_moves_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path / "a", feed(entry()))
    write(tmp_path / "b", feed(entry(url="https://moved.example/1")), "https://moved.example/")
    before, after = (entries_at(str(tmp_path / name), settings_of()) for name in "ab")
    assert compare_entries(before, after) == FeedDiff()


def test_entries_of_a_live_site_follow_archives(tmp_path: Path) -> None:
    with serving(folder_answers(tmp_path)) as host:
        settings = settings_of(feed_all_atom="feeds/all.atom.xml")
        with pytest.raises(ProblemsFound) as error:
            entries_at(host.url, settings)
        assert error.value.problems[0].path == f"{host.url}/feeds/all.atom.xml"
        write(tmp_path, THREE, f"{host.url}/")
        assert len(entries_at(f"{host.url}/", settings)) == 3


@pytest.mark.parametrize("place", ["nowhere", "http://127.0.0.1:9/"])
def test_entries_of_no_site_are_a_problem(place: str) -> None:
    with pytest.raises(ProblemsFound) as error:
        entries_at(place, settings_of(feed_all_atom="a.xml"))
    assert error.value.problems[0].code == "feed-diff"
