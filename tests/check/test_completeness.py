from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.check.checked_site import CheckedSite
from pipeline.check.completeness import drafts, outputs, reviews_due
from pipeline.model import Output, Page
from tests.check.site import SOURCE, content_of, document_of, html_of, places, site_of

A = "posts/a/index.html"
D = "content/posts/2024-06-07-robots-dream/index.md"
SENTENCE = "Nobody has yet asked what a robot would dream of."
SUMMARY = "A summary that nobody should read before its day has come."
DRAFT = document_of(
    D,
    title="Do robots dream of sheep",
    summary=SUMMARY,
    plain=f"The first words. {SENTENCE}\nAnd more.",
    lines={"title": 1, "status": 3},
)


def site_with_draft(
    main: str = "",
    plain: str = "",
    files: Mapping[str, str | bytes] | None = None,
    **changes: Any,
) -> CheckedSite:
    """Return a site with a published post and an unpublished draft."""
    post = document_of(plain=plain, title="A post on robots", lines={"title": 1})
    pages = {A: html_of(main, title="A post on robots")}
    site = site_of(pages, files, sources={A: post})
    values = {"url": "posts/robots-dream-sheep/", "status": "draft", **changes}
    contents = (*site.site.contents, content_of(values.pop("document", DRAFT), "", **values))
    return replace(site, site=replace(site.site, contents=contents))


def test_outputs_reports_what_was_not_written() -> None:
    site = site_of({A: html_of("")}, sources={A: SOURCE})
    wanted = (*site.site.outputs, Output("a.txt", "content/extra/a.txt"), Output("feed.xml"))
    site = replace(site, site=replace(site.site, outputs=wanted))
    assert places(outputs(site)) == ["content/extra/a.txt", "/feed.xml"]


@pytest.mark.parametrize(("strict", "expected"), [(True, ["/left.txt"]), (False, [])])
def test_outputs_reports_unknown_files_if_strict(strict: bool, expected: list[str]) -> None:
    site = site_of({}, {"left.txt": "x"}, {"strict_content": strict}, outputs=())
    assert places(outputs(site)) == expected


@pytest.mark.parametrize(
    ("changes", "line"),
    [({"status": "draft"}, 3), ({"date": datetime(2999, 1, 1, tzinfo=UTC)}, 2)],
)
def test_drafts_reports_a_page_of_an_unpublished_text(changes: dict[str, Any], line: int) -> None:
    document = document_of(lines={"date": 2, "status": 3})
    site = site_of({A: html_of("")}, sources={A: content_of(document, A, **changes)})
    assert places(drafts(site)) == [f"{SOURCE}:{line}"]


@pytest.mark.parametrize(
    "leaked",
    [
        "<b>Do robots dream of sheep</b>", f"<p>{SENTENCE}</p>", f"<p>{SUMMARY}</p>",
        "<p>robots-dream-sheep</p>",
    ],
)  # fmt: skip
def test_drafts_reports_what_the_theme_shows(leaked: str) -> None:
    html = f'<div data-src-line="list.html:4">{leaked}</div>'
    assert places(drafts(site_with_draft(html))) == [f"{D}:1"]


def test_drafts_in_a_feed_names_the_draft() -> None:
    site = site_with_draft(files={"feed.xml": f"<a><b>{SENTENCE}</b></a>"})
    [problem] = drafts(site)
    assert (problem.path, problem.line) == (D, 1)
    assert "/feed.xml" in problem.message


def test_drafts_in_a_published_text_names_its_line() -> None:
    html = '<p data-src-line="9">In <em>Do robots dream of sheep</em> I say more.</p>'
    assert places(drafts(site_with_draft(html))) == [f"{SOURCE}:9"]


def test_drafts_reports_files_at_its_address() -> None:
    site = site_with_draft(files={"posts/robots-dream-sheep/a.csv": "1,2"})
    assert places(drafts(site)) == [f"{D}:1"]


def test_drafts_that_share_words_with_published_texts_are_silent() -> None:
    html = f'<p data-src-line="9">{SENTENCE}</p><p data-src-line="list.html:4">{SENTENCE}</p>'
    site = site_with_draft(html, plain=f"Words. {SENTENCE}")
    assert list(drafts(site)) == []


def test_drafts_that_a_link_names_are_left_to_broken_links() -> None:
    html = '<p data-src-line="9"><a href="/posts/robots-dream-sheep/">It</a></p>'
    assert list(drafts(site_with_draft(html))) == []


def test_drafts_reports_files_of_their_bundle(tmp_path: Path) -> None:
    data = b"motor,torque\nof the secret robot,17\n"
    (tmp_path / "secret-motor.csv").write_bytes(data)
    (tmp_path / "robot.png").write_bytes(b"png")
    path = str(tmp_path / "index.md")
    document = replace(DRAFT, path=path, name="posts/d/index.md")
    copied = site_with_draft(files={"x.csv": data}, document=document)
    assert places(drafts(copied)) == [f"{path}:1"]
    html = '<p data-src-line="list.html:4">secret-motor.csv</p>'
    assert places(drafts(site_with_draft(html, document=document))) == [f"{path}:1"]
    other = site_with_draft(files={"posts/a/robot.png": b"other"}, document=document)
    assert list(drafts(other)) == []


@pytest.mark.parametrize(("today", "lines"), [(date(2026, 6, 30), []), (date(2026, 7, 1), [4])])
def test_reviews_due_from_their_day_on(today: date, lines: list[int]) -> None:
    page = Page("A", review=datetime(2026, 7, 1, tzinfo=UTC))
    due = document_of("content/pages/a.md", front_matter=page, lines={"review": 4})
    contents = (content_of(due, "a/index.html"), content_of(document_of(), A))
    assert [problem.line for problem in reviews_due(contents, today)] == lines
