"""What Pelican leaves to be done on a feed before it is written."""

from datetime import UTC, datetime
from typing import Any

from feedgenerator import SyndicationFeed

from pipeline.render.addresses import absolute
from pipeline.render.figures import as_pictures


class _Undated:
    """Stands for "the newest entry's date" in a feed without entries.

    feedgenerator says "now", which would change the file with every build.
    """

    def __call__(self) -> datetime:
        return datetime(1970, 1, 1, tzinfo=UTC)


def finish(feed: SyndicationFeed, language: str) -> None:
    """Make the feed valid and its entries whole wherever they are read. Changes it in place.

    The feed's id is its own address (RFC 4287, 4.2.6 wants it unique); an entry's id is no link
    (RSS 2.0's isPermaLink).
    """
    feed.feed["id"] = feed.feed["feed_url"]
    feed.feed["language"] = language
    for item in feed.items:
        finish_item(item)
    if not feed.items:
        feed.latest_post_date = _Undated()


def finish_item(item: dict[str, Any]) -> None:
    """Do one entry's part of `finish`."""
    item["unique_id_is_permalink"] = False
    for part in ("description", "content"):
        if item[part]:
            item[part] = absolute(as_pictures(item[part]), item["link"])
