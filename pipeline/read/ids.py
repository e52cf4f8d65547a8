"""Ids for life: the tag URI (RFC 4151) that feed readers know a post by, whatever else changes."""

import re
from datetime import date

from pipeline.problems import Problem, ProblemsFound

DATE = r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?"
DATED = re.compile(rf"^{DATE}-(?=.)")
NAME = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
SPECIFIC = r"(?:[\w.~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})+"
TAG_URI = re.compile(
    rf"tag:(?P<authority>(?:[\w.-]+@)?{NAME}(?:\.{NAME})*),(?P<own>{DATE}:{SPECIFIC})", re.ASCII
)


def is_tag_uri(text: str) -> bool:
    """Return whether a text is a tag URI as RFC 4151, 2.1 has them, with words of its own."""
    return bool(TAG_URI.fullmatch(text))


def mint(namespace: str, day: date, slug: str) -> str:
    """Return a new id for what began on a day.

    `namespace` is any tag URI: the new id has its authority, which may be a host that the site has
    left long ago. `slug` is a post's, of letters, digits, hyphens and slashes: its last part says
    what the post is called, and the day need not be said twice. Raises ProblemsFound.
    """
    match = TAG_URI.fullmatch(namespace)
    if not match:
        must, fix = "FEED_ID must be a tag URI", "such as tag:example.org,2026:feeds"
        raise ProblemsFound([Problem("pelicanconf.py", 0, must, repr(namespace), fix)])
    name = DATED.sub("", slug.rpartition("/")[2])
    return f"tag:{match['authority']},{day:%Y-%m-%d}:{name}"


def anchor(identity: str) -> str:
    """Return a tag URI as a part of HTML ids: what follows its authority, in letters and hyphens.

    Notes in a feed of many posts are told apart by it.
    """
    match = TAG_URI.fullmatch(identity)
    return re.sub(r"\W+", "-", match["own"], flags=re.ASCII).strip("-") if match else ""
