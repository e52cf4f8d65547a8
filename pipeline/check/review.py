"""Pages that say until when they are good."""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from pipeline.check.site import Site, Source
from pipeline.problems import Problem, line_of
from pipeline.read.front_matter import Page, parse


def review(site: Site) -> Iterator[Problem]:
    """A page's author has looked at it again by the day that it names (`Review`).

    A page that says what is so today (a job, a list of tools) goes wrong without anybody touching
    it. Read it, mend it, then set `As_of` to today and `Review` to the day of your next look. There
    is nothing to excuse: another day is the excuse.
    """
    folders = tuple(f"{site.settings['PATH']}/{name}/" for name in site.settings["PAGE_PATHS"])
    pages = [source for source in site.sources if source.path.startswith(folders)]
    yield from pages_due(pages, date.today())


def pages_due(pages: Iterable[Source], today: date) -> Iterator[Problem]:
    """Yield a problem for each page whose Review has come."""
    for source in pages:
        page, _ = parse(source.text, Page, source.path, ())
        if page.review and page.review.date() <= today:
            line = line_of(source.text, re.compile("^review:", re.MULTILINE | re.IGNORECASE))
            day = page.review.date().isoformat()
            fix = "look at it, then set As_of to today and Review to when you will again"
            yield Problem(source.path, line, "must be looked at again", f"due on {day}", fix)


CHECKS = (review,)
