"""Pages that say until when they are good: which of them their author must look at again."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pipeline.problems import Problem, line_of
from pipeline.read.front_matter import Page, parse


def pages_due(folder: Path, today: date) -> Iterator[Problem]:
    """Yield a problem for each page below `folder` whose Review has come.

    Raises ProblemsFound when a page cannot be read.
    """
    for path in sorted(folder.rglob("*.md")):
        text = path.read_text("utf-8-sig")
        page, _ = parse(text, Page, str(path), ())
        if page.review and page.review.date() <= today:
            line = line_of(text, re.compile("^review:", re.MULTILINE | re.IGNORECASE))
            day = page.review.date().isoformat()
            fix = "look at it, then set As_of to today and Review to when you will again"
            yield Problem(str(path), line, "must be looked at again", f"due on {day}", fix)
