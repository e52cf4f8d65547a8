"""The runner: facts and problems of pages, isolation of checks, suppressions."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.check import runner
from pipeline.check.accessibility import PAGE_CHECKS as ACCESSIBILITY
from pipeline.check.checked_site import CheckedSite, found
from pipeline.check.markup import PAGE_CHECKS as MARKUP
from pipeline.check.runner import (
    ALL,
    INTERNAL_ERROR,
    MODULES,
    SUPPRESSION,
    THEME_CHECKS,
    all_checks,
    apply_suppressions,
    causes_of,
    check_texts,
    code_of,
    condense,
    explain,
    explanations,
    inspect_page,
    known_codes,
    run_checks,
)
from pipeline.html import PageTree, strip_marks
from pipeline.memo import Memo, known
from pipeline.model import Reference, Suppression
from pipeline.problems import Problem, ProblemsFound
from pipeline.settings import Settings
from tests.check.site import SOURCE, TEMPLATES, content_of, document_of, html_of, site_of
from tests.site.pelicanconf import MARKDOWN

PAGE = "posts/a/index.html"
WARNED = Suppression(6, "headings", "the reason", (7, 8))


def problem(line: int, code: str = "headings", path: str = SOURCE, message: str = "m") -> Problem:
    return Problem(code, path, line, message)


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the runner know the given checks alone."""

    def set_checks(*of_pages: Any, of_site: Any = ()) -> None:
        checks: Any = ({code_of(c): c for c in of_pages}, {}, {code_of(c): c for c in of_site})
        monkeypatch.setattr(runner, "all_checks", lambda: checks)

    return set_checks


def built_of(site: CheckedSite, folder: Path) -> Any:
    """Return what a build of a site would have returned, its files written."""
    for path in site.artifacts:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(site.read(path))
    memo = Memo(folder / "memo.sqlite")
    parts = {"settings": replace(site.settings, theme="theme"), "artifacts": site.artifacts}
    return SimpleNamespace(folder=folder, site=site.site, memo=memo, **parts)


def test_run_checks_returns_problems_of_pages_and_site_with_codes(
    only: Any, tmp_path: Path
) -> None:
    def no_page(page: PageTree) -> Iterator[Problem]:
        yield found(page.place(page.named("p")[0]), "message")

    def no_site(site: CheckedSite) -> Iterator[Problem]:
        yield found(site.place(PAGE), site.facts[PAGE].title)

    only(no_page, of_site=(no_site,))
    site = site_of({PAGE: html_of("<p data-src-line='9'>a</p>")}, sources={PAGE: SOURCE})
    expected = [Problem("no-site", SOURCE, 0, "Title"), Problem("no-page", SOURCE, 9, "message")]
    assert run_checks(built_of(site, tmp_path)) == expected


def test_run_checks_of_a_foreign_theme_has_the_lines_of_texts_alone(tmp_path: Path) -> None:
    link = Reference("a", "href", "{filename}b.md", 8)
    before = '<p data-src-line="7">It is the the same.</p>\n<p data-src-line="8"><a '
    body = (before, link, '>here</a>.</p>\n<div data-src-line="9">Never closed.')
    html = '<p>It is the the same.</p><p><a href="/posts/b/">here</a>.</p><div>Never closed.'
    theme = '<!-- theme --><center>the the</center><a href="/">here</a><i></b>'
    document = document_of(body=body, text="x")
    content = content_of(document, PAGE, html=html, url="posts/b/")
    pages = {PAGE: html_of(html + theme), "index.html": html_of(theme), "posts/b/index.html": "b"}
    pages = {path: strip_marks(page) for path, page in pages.items()}
    site = site_of(pages, settings={"page_views": False}, sources={PAGE: content})
    found = {(p.code, p.path, p.line) for p in run_checks(built_of(site, tmp_path))}
    expected = {("repeated-word", SOURCE, 7), ("link-text", SOURCE, 8), ("valid-html", SOURCE, 9)}
    assert found == expected


def test_run_checks_inspects_an_unchanged_page_once(only: Any, tmp_path: Path) -> None:
    seen = []

    def sees(page: PageTree) -> list[Problem]:
        seen.append(page.path)
        return []

    only(sees)
    site = site_of({"a.html": html_of("a"), "b.html": html_of("b")})
    for _ in range(2):
        assert run_checks(built_of(site, tmp_path)) == []
    assert seen == ["a.html", "b.html"]


def test_run_checks_check_that_raises_leaves_the_others_results(only: Any, tmp_path: Path) -> None:
    def broken(page: PageTree) -> Iterator[Problem]:
        yield found((SOURCE, 1), "before")
        raise ValueError(page.path)

    def broken_site(site: CheckedSite) -> list[Problem]:
        raise KeyError(len(site.facts))

    def works(_: PageTree) -> list[Problem]:
        return [found((SOURCE, 2), "after")]

    only(broken, works, of_site=(broken_site,))
    site = site_of({PAGE: html_of("a")}, sources={PAGE: SOURCE})
    problems = run_checks(built_of(site, tmp_path))
    assert sorted((p.code, p.path, p.line) for p in problems) == [
        ("broken", SOURCE, 1),
        (INTERNAL_ERROR, SOURCE, 0),
        (INTERNAL_ERROR, site.settings.file, 0),
        ("works", SOURCE, 2),
    ]


ODD = [
    '<base href="http://["><a href="http://[::1">a</a><a href="http://x:abc/">b</a>',
    '<img src="" srcset=" , ,a 1w, b xw"><base href><a href="%zz/%">c</a>',
    '<meta http-equiv><meta name="robots"><p id><p lang="!!"><p tabindex="x"><link rel>',
    "<style>a{overflow:auto} b::backdrop{overflow:scroll} x >> y{overflow:auto} @media{a{b:c}}",
    "<table><td><svg><a xlink:href='#x'/><title/></svg><math><mi>x</math></div></p><h9>\0",
    "<template><p id=a></template><p style='background:url(' aria-labelledby=a>&bogus;",
    '<html lang=x data-src-line="9:9:9"><body data-src-line="a:x"><!doctype html></br>',
    "",
]


@pytest.mark.parametrize("html", [*ODD, *map(html_of, ODD)])
def test_inspect_page_of_odd_input_raises_nothing(html: str, only: Any) -> None:
    only(*MARKUP, *ACCESSIBILITY)
    facts = inspect_page(PAGE, known(html), SOURCE, TEMPLATES, html)
    assert facts.place == (SOURCE, 0)
    assert [p for p in facts.problems if p.code == INTERNAL_ERROR] == []
    site = site_of({PAGE: html}, sources={PAGE: SOURCE})
    assert len(site.links) == len(facts.addresses)


def test_condense_counts_what_one_template_line_does_to_many_pages() -> None:
    theme = [problem(3, path="base.html", message=f"broken link: {x}") for x in "xyz"]
    text = [problem(3, message=f"broken link: {x}") for x in "xyz"]
    [first, *rest] = condense([*theme, *theme, *text], [document_of()])
    assert first == replace(theme[0], message="broken link: x, and 2 more like it")
    assert rest == text


def suppressed(*problems: Problem, by: Suppression = WARNED) -> list[Problem]:
    documents = [document_of(suppressions=(by,)), document_of("content/pages/b.md")]
    return list(apply_suppressions(problems, documents, all_checks()[0]))


def test_suppression_covers_its_block_alone() -> None:
    inside, after = problem(8), problem(10)
    assert suppressed(inside, after) == [after]


def test_suppression_covers_no_other_check_or_file_and_is_unused() -> None:
    others = [problem(8, "valid-html"), problem(8, path="content/pages/b.md")]
    unused, *rest = suppressed(*others)
    assert (unused.code, unused.path, unused.line) == (SUPPRESSION, SOURCE, 6)
    assert rest == others


@pytest.mark.parametrize(("check", "reason"), [("headngs", "x"), ("headings", "")])
def test_suppression_unknown_or_without_reason_is_a_problem(check: str, reason: str) -> None:
    wrong = replace(WARNED, check=check, reason=reason)
    assert [p.code for p in suppressed(problem(8), by=wrong) if p.line == 6] == [SUPPRESSION]


def test_suppression_of_a_check_that_was_not_run_is_no_problem() -> None:
    assert suppressed(by=replace(WARNED, check="axe")) == []


PACKAGE = Path(runner.__file__).parents[1]
COMMANDS = {"external_links.py", "scaffold.py", "serve.py"}  # their problems are those of a command
# A code where a problem is created: first or last, by name, or as a constant of the module
CODE_PATTERNS = (
    r'(?:Problem|report)\(\s*"([a-z-]+)"', r'(?:Invalid|problem)\(.*"([a-z]+-[a-z-]+)"\)',
    r'\bcode(?:: str)? ?= ?"([a-z-]+)"', r'^(?:CODE|OPTIONS, DATA) = "([a-z-]+)"',
    r'^OPTIONS, DATA = .*, "([a-z-]+)"',
)  # fmt: skip


def codes_of_building() -> set[str]:
    """Return the codes of problems in the modules that read and build."""
    folders = [PACKAGE / name for name in ("", "content", "charts", "images")]
    files = [file for folder in folders for file in folder.glob("*.py")]
    text = "\n".join(file.read_text("utf-8") for file in files if file.name not in COMMANDS)
    return {code for pattern in CODE_PATTERNS for code in re.findall(pattern, text, re.MULTILINE)}


def test_explanations_are_those_of_all_checks_and_of_building() -> None:
    own = {*known_codes(), INTERNAL_ERROR, SUPPRESSION}
    assert {"broken-link", "chart-data", "unknown-tag"} <= codes_of_building()
    assert sorted(explanations()) == sorted(own | codes_of_building())


@pytest.mark.parametrize("code", explanations())
def test_explain_has_a_sentence_a_short_reason_and_how_to_suppress(code: str) -> None:
    assert len(explanations()[code]) == 4
    sentence, reason, suppress = explain(code).split("\n\n")
    assert sentence.endswith(".") and len(sentence) <= 100
    assert "–" not in reason and reason.count("\n") < 8
    assert f"ignore {code}: " in suppress or "cannot be" in suppress or "Off without" in suppress


def test_explain_all_has_a_line_for_each_section() -> None:
    assert [line.split()[0] for line in explain(ALL).splitlines()] == list(explanations())


def test_explain_unknown_name_suggests_one() -> None:
    with pytest.raises(ProblemsFound) as raised:
        explain("headngs")
    assert "headings" in raised.value.problems[0].hint


def test_all_checks_are_of_every_module() -> None:
    with_checks = {
        file.stem
        for file in (PACKAGE / "check").glob("*.py")
        if re.search("^(?:PAGE|FILE|SITE)_CHECKS", file.read_text("utf-8"), re.MULTILINE)
    }
    assert with_checks == set(MODULES)


def test_theme_checks_are_codes_of_checks() -> None:
    assert set(THEME_CHECKS) <= set(known_codes())


def test_check_texts_looks_at_drafts_or_at_one_text(tmp_path: Path) -> None:
    head = "Title: A\nDate: 2024-05-06\n"
    sources = {"a": f"{head}Status: draft\n\nIt is the the same.\n", "b": f"{head}\nTODO: it\n"}
    for name, text in sources.items():
        (tmp_path / "posts" / name).mkdir(parents=True)
        (tmp_path / "posts" / name / "index.md").write_text(text, "utf-8")
    settings = Settings("conf.py", path=str(tmp_path), article_paths=("posts",), markdown=MARKDOWN)
    assert [(p.line, p.code) for p in check_texts(settings)] == [(5, "repeated-word")]
    one = check_texts(settings, str(tmp_path / "posts/b"))
    assert [(p.line, p.code) for p in one] == [(4, "placeholder-text")]
    with pytest.raises(ProblemsFound):
        check_texts(settings, "posts/c")


def test_causes_of_a_wrong_setting_leave_out_what_follows_from_it() -> None:
    setting = Problem("canonical", "publishconf.py", 3, "wrong")
    follows = Problem("broken-links", "content/a.md", 5, "broken link")
    text = Problem("repeated-word", "content/a.md", 5, "repeated")
    assert causes_of([setting, follows, text]) == [setting, text]
    assert causes_of([follows, text]) == [follows, text]


def test_suppression_covers_the_files_that_its_block_links_to() -> None:
    body = (Reference("a", "href", "a.csv", 9), Reference("a", "href", "b.csv", 20))
    given = (Suppression(8, "secrets", "an example", (8, 10)),)
    document = document_of(body=body, suppressions=given)
    folder = document.path.rpartition("/")[0]
    problems = [Problem("secrets", f"{folder}/{name}.csv", 0, "found") for name in "ab"]
    assert [*apply_suppressions(problems, [document], ["secrets"])] == problems[1:]
