"""Sorting, grouping and picking, so that templates choose nothing."""

import math
import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

WORDS_A_MINUTE = 230


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
    words = len(re.sub(r"<[^>]+>", " ", html).split())
    return max(1, math.ceil(words / WORDS_A_MINUTE))


def neighbours(posts: Sequence[Any]) -> Iterable[tuple[Any, Any | None, Any | None]]:
    """Yield each post with the one before and the one after it in time; posts: newest first."""
    for n, post in enumerate(posts):
        older = posts[n + 1] if n + 1 < len(posts) else None
        yield post, older, posts[n - 1] if n else None
