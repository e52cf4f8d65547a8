"""Pages that are due: on the day, not before, and with the line."""

from datetime import date
from pathlib import Path

from pipeline.check.due import pages_due

PAGE = "Title: A\nSummary: B\nAs_of: 2026-01-01\nReview: 2026-07-01\n\nText.\n"


def test_a_page_is_due_from_its_day_on(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(PAGE)
    (tmp_path / "b.md").write_text("Title: A\nSummary: B\n\nText.\n")
    assert list(pages_due(tmp_path, date(2026, 6, 30))) == []
    [problem] = pages_due(tmp_path, date(2026, 7, 1))
    assert (problem.path, problem.line) == (str(tmp_path / "a.md"), 4)
    assert problem.found == "due on 2026-07-01"
