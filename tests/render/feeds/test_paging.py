"""A feed in several documents: nothing is lost, and what is full stays as it is."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from pipeline.render.feeds import ATOM, JSON, RSS, Document, Entry, Feed, Publisher, generator
from pipeline.render.feeds import documents as paged

DAY = datetime(2024, 5, 6, tzinfo=UTC)
PATHS = {ATOM: "feeds/all.atom.xml", RSS: "feeds/all.rss.xml", JSON: "feeds/all.json"}
PUBLISHER = Publisher("https://example.org/", "en", "A")


def documents(count: int, size: int | None, form: str = ATOM) -> list[Document]:
    entries = tuple(
        Entry(f"tag:a,2024:{n}", f"https://example.org/{n}", str(n), "", "<p>x</p>", "A", DAY)
        for n in range(count, 0, -1)
    )
    return list(paged(Feed("tag:a,2024:f", "F", "D", "", PATHS, entries), form, size))


@given(st.integers(0, 50), st.integers(1, 7))
def test_every_entry_is_in_a_document_and_no_document_is_large(count: int, size: int) -> None:
    newest, *older = documents(count, size)
    assert len(newest.entries) == min(count, size)
    assert all(len(document.entries) == size for document in older)
    assert not newest.is_archive and all(document.is_archive for document in older)
    found = {entry.id for document in [newest, *older] for entry in document.entries}
    assert len(found) == count
    # From one to the next one meets them all.
    by_path = {document.path: document for document in older}
    assert len(by_path) == len(older)
    walked, place = [], newest.links.get("prev-archive")
    while place:
        walked.append(by_path[place])
        place = by_path[place].links.get("prev-archive")
    assert walked == older
    assert all(document.links["current"] == newest.path for document in older)


@given(st.integers(0, 40), st.integers(1, 5), st.sampled_from([ATOM, RSS, JSON]))
def test_an_archive_with_a_successor_never_changes(count: int, size: int, form: str) -> None:
    before, after = (
        {
            d.path: generator(d, form, PUBLISHER).writeString("utf-8")
            for d in documents(n, size, form)
        }
        for n in (count, count + 1)
    )
    numbers = sorted(
        int(path.split("/")[-1].split(".")[0]) for path in before if path.count("/") > 1
    )
    closed = {path for path in before if any(f"/{number}." in path for number in numbers[:-1])}
    assert all(before[path] == after[path] for path in closed)
    assert set(before) <= set(after)


def test_without_a_limit_there_is_one_document() -> None:
    [document] = documents(100, None)
    assert len(document.entries) == 100
