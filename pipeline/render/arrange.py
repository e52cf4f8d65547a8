"""Sorting, grouping and picking, so that templates choose nothing."""

import math
import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

WORDS_A_MINUTE = 230
# What is as long as this has a list of its contents.
LONG_MINUTES = 5
LONG_HEADINGS = 3
NOTES_A_STEP = 8


class MenuItem(NamedTuple):
    """One entry of the site's menu: `path` is the output file that it leads to."""

    label: str
    url: str
    path: str


class Year(NamedTuple):
    """The posts of one year, newest first."""

    year: int
    posts: list[Any]


def newest_first(posts: Iterable[Any]) -> list[Any]:
    """Return the posts, newest first; those of one moment in the order of their slugs."""
    return sorted(posts, key=lambda post: (-post.date.timestamp(), post.slug))


def by_year(posts: Iterable[Any]) -> list[Year]:
    """Return the posts, newest first, under their years."""
    years = groupby(newest_first(posts), key=lambda post: post.date.year)
    return [Year(year, list(group)) for year, group in years]


def minutes(html: str) -> int:
    """Return how long a reader needs for the text, in minutes, at least one."""
    return max(1, math.ceil(words(html) / WORDS_A_MINUTE))


def words(html: str) -> int:
    """Return how many words a text has."""
    return len(re.sub(r"<[^>]+>", " ", html).split())


def neighbours(posts: Sequence[Any]) -> Iterable[tuple[Any, Any | None, Any | None]]:
    """Yield each post with the one before and the one after it in time; posts: newest first."""
    for n, post in enumerate(posts):
        older = posts[n + 1] if n + 1 < len(posts) else None
        yield post, older, posts[n - 1] if n else None


def contents(headings: Sequence[Any], minutes: int) -> Sequence[Any]:
    """Return the headings that a list of contents shows: none for a short text."""
    return headings if len(headings) >= LONG_HEADINGS and minutes >= LONG_MINUTES else []


def notes(html: str) -> list[range]:
    """Return the numbers of the notes in a text, from 1, in steps.

    The rules of a step are the same on every page, so that a Content-Security-Policy which names
    all styles of a site is short.
    """
    count = len(re.findall('<li id="fn:', html))
    return [range(first, first + NOTES_A_STEP) for first in range(1, count + 1, NOTES_A_STEP)]


def editions(pages: Iterable[Any]) -> Iterable[tuple[Any, list[Any]]]:
    """Yield each page that has earlier editions below its address with them, the latest first.

    An edition gets its page as `current`.
    """
    pages = list(pages)
    by_slug = {page.slug: page for page in pages}
    found: dict[str, list[Any]] = {}
    for page in sorted(pages, key=lambda page: page.slug, reverse=True):
        parent = page.slug.rpartition("/")[0]
        if getattr(page, "edition", None) and parent in by_slug:
            page.current = by_slug[parent]
            found.setdefault(parent, []).append(page)
    for slug, earlier in found.items():
        yield by_slug[slug], earlier
