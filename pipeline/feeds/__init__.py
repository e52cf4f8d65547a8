"""Feeds: collected from the site, written in three formats, read, compared and previewed."""

from pipeline.feeds.collect import collect_feeds, pick_quote, quotes_json
from pipeline.feeds.entry_html import to_feed_html
from pipeline.feeds.feed_reader import ReadEntry, ReadFeed, read_feed
from pipeline.feeds.writers import Publisher, bare, feed_files, feed_paths, make_publisher

__all__ = [
    "Publisher", "ReadEntry", "ReadFeed", "bare", "collect_feeds", "feed_files", "feed_paths",
    "make_publisher", "pick_quote", "quotes_json", "read_feed", "to_feed_html",
]  # fmt: skip
