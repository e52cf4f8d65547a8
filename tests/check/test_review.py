"""Pages that are due: on the day, not before, and with the line."""

from datetime import date

from pipeline.check.review import pages_due
from pipeline.check.site import Source

PAGE = "Title: A\nSummary: B\nAs_of: 2026-01-01\nReview: 2026-07-01\n\nText.\n"


def test_a_page_is_due_from_its_day_on() -> None:
    pages = [Source("a.md", PAGE), Source("b.md", "Title: A\nSummary: B\n\nText.\n")]
    assert list(pages_due(pages, date(2026, 6, 30))) == []
    [problem] = pages_due(pages, date(2026, 7, 1))
    assert (problem.path, problem.line) == ("a.md", 4)
    assert problem.found == "due on 2026-07-01"
