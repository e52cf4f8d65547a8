"""Feeds: one model, written as Atom, RSS and JSON Feed, with archives and a list of them all.

`content.fit` makes a page's text an entry's, `documents` parts a feed into the newest entries and
the archives, `generator` writes one document in one format.
"""

from pipeline.render.feeds.content import fit
from pipeline.render.feeds.formats import generator
from pipeline.render.feeds.model import ATOM, JSON, RSS, TYPES, Document, Entry, Feed, Publisher
from pipeline.render.feeds.outlines import as_opml
from pipeline.render.feeds.paging import archive_path, archives, documents

__all__ = [
    "ATOM",
    "JSON",
    "RSS",
    "TYPES",
    "Document",
    "Entry",
    "Feed",
    "Publisher",
    "archive_path",
    "archives",
    "as_opml",
    "documents",
    "fit",
    "generator",
]
