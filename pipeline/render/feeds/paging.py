"""A feed in several documents, so that it stays small and loses nothing (RFC 5005, 4).

Archives are counted from the oldest entry, so that what is in one stays in it: a full archive gains
nothing but, once, the link to the one after it. The document that readers subscribe to has the
newest entries, some of which may be in the last archive too; readers tell by the ids.
"""

from collections.abc import Iterator

from pipeline.render.feeds.model import Document, Feed


def documents(feed: Feed, form: str, most: int | None) -> Iterator[Document]:
    """Yield the documents of a feed in one format: the newest entries, then the archives.

    `most` is how many entries a document has (None: all).
    """
    path, total = feed.paths[form], len(feed.entries)
    size = most or max(total, 1)
    last = archives(total, size)
    older = {"prev-archive": archive_path(path, last)} if last else {}
    yield Document(feed, feed.entries[:size], {"self": path, **older})
    for number in range(last, 0, -1):
        links = {"self": archive_path(path, number), "current": path}
        if number > 1:
            links["prev-archive"] = archive_path(path, number - 1)
        if number < last:
            links["next-archive"] = archive_path(path, number + 1)
        end = total - (number - 1) * size
        yield Document(feed, feed.entries[end - size : end], links)


def archives(total: int, size: int) -> int:
    """Return how many full archives hold all that is not among the newest entries."""
    return max(0, -(-(total - size) // size))


def archive_path(path: str, number: int) -> str:
    """Return where an archive is: feeds/all.atom.xml has feeds/all/1.atom.xml."""
    folder, _, name = path.rpartition("/")
    stem, _, kind = name.partition(".")
    return f"{folder}/{stem}/{number}.{kind}".lstrip("/")
