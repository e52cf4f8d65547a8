"""The gate as a whole: good sites pass, every check can be tripped, excuses, forms, determinism."""

import importlib
import json
from pathlib import Path

import pytest

from pipeline.check.gate import (
    ALL,
    CHECKS,
    LOOKS,
    MODULES,
    OWN,
    condense,
    explain,
    name_of,
    unexcused,
)
from pipeline.check.repeatable import same_bytes
from pipeline.check.site import Source
from pipeline.problems import Problem, ProblemsFound, as_annotations, as_json
from tests.check.faults import Fault, places, prove_tiny
from tests.conftest import Run, TinySite


def test_a_good_site_passes(tiny: TinySite) -> None:
    assert prove_tiny(tiny, Fault("")) == []


def tables() -> dict[str, dict[str, Fault]]:
    """Return every fault of every check's table: {check: {name: fault}}."""
    found = {}
    for module in MODULES:
        name = module.__name__.rpartition(".")[2]
        if name != "review":  # by the day, see test_review.py
            tests = importlib.import_module(f"tests.check.test_{name}")
            found.update(tests.FAULTS)
    return found


def test_a_good_site_in_a_folder_of_its_host_passes(tiny: TinySite) -> None:
    url = "https://ben.github.io/blog"
    robots = f"User-agent: *\n\nSitemap: {url}/sitemap.xml\n"
    fault = Fault("", {"extra/robots.txt": robots}, settings=(f'SITEURL="{url}"',))
    assert prove_tiny(tiny, fault) == []


def test_every_check_has_a_fault_that_trips_it() -> None:
    assert set(tables()) == set(CHECKS) - {"review"}
    assert all(tables().values())


@pytest.mark.parametrize(
    ("check", "name"), [(check, name) for check, faults in tables().items() for name in faults]
)
def test_each_fault_is_found_by_its_check(check: str, name: str, tiny: TinySite) -> None:
    """An author's mistake by that one alone: no second check says the same again."""
    fault = tables()[check][name]
    problems = prove_tiny(tiny, fault)
    assert set(places(tiny, problems, check)) == {fault.place}
    if not fault.theme and not fault.built:
        assert {problem.check for problem in problems} == {check}


@pytest.mark.parametrize("name", [*CHECKS, *LOOKS, *OWN])
def test_every_check_says_what_it_wants_and_why(name: str) -> None:
    assert len(explain(name).split()) > 25, name


def test_all_checks_are_told_in_a_line_each() -> None:
    lines = explain(ALL).splitlines()
    assert [line.split()[0] for line in lines] == [*CHECKS, *LOOKS, *OWN]
    assert all(line.endswith((".", ",")) or len(line) > 60 for line in lines)


def test_a_name_that_no_check_has() -> None:
    with pytest.raises(ProblemsFound, match=r"must name a check: 'reveiw' .did you mean 'review'"):
        explain("reveiw")


TEXT = """\
Title: A
Date: 2024-01-01

First.

<!-- excuse review: the reason -->
Second,
and on.

Third.
"""


def said(text: str, *problems: Problem) -> list[str]:
    return [str(p) for p in unexcused(problems, [Source("a.md", text)])]


def test_what_one_line_of_the_theme_does_to_many_pages_is_said_once() -> None:
    def problems(path: str) -> list[Problem]:
        return [Problem(path, 3, "must", found, check="review") for found in ("x", "y", "z")]

    theme, text = problems("base.html"), problems("a.md")
    said_once = Problem("base.html", 3, "must", "x, and 2 more like it", check="review")
    assert condense([*theme, *theme, *text], [Source("a.md", TEXT)]) == [said_once, *text]


def test_an_excuse_is_for_the_block_below_it() -> None:
    inside, outside = (Problem("a.md", n, "must", "found", check="review") for n in (8, 10))
    assert said(TEXT, inside, outside) == ["a.md:10: must: found [review]"]


def test_an_excuse_is_for_nothing_above_it() -> None:
    text = TEXT.replace("First.\n\n", "First.\n")
    above, below = (Problem("a.md", n, "must", "found", check="review") for n in (4, 6))
    assert said(text, above, below) == ["a.md:4: must: found [review]"]


def test_an_excuse_before_the_first_word_is_for_all_of_the_text() -> None:
    excuse = "<!-- excuse review: the reason -->\n"
    text = TEXT.replace(excuse, "").replace("First.", f"{excuse}\nFirst.")
    problems = [Problem("a.md", n, "must", "found", check="review") for n in (1, 10)]
    assert said(text, *problems) == []


def test_an_excuse_is_not_for_another_check_or_text() -> None:
    other = Problem("a.md", 8, "must", "found", check="links")
    elsewhere = Problem("b.md", 8, "must", "found", check="review")
    unused = "a.md:6: an excuse must be for something that the check finds below it: nothing"
    assert said(TEXT, other, elsewhere) == [f"{unused} (remove it)", str(other), str(elsewhere)]


@pytest.mark.parametrize(
    ("excuse", "line"),
    [
        ("<!-- excuse reveiw: x -->", "an excuse must name a check: 'reveiw'"),
        ("<!-- excuse review -->", "an excuse must have a reason: none"),
    ],
)
def test_an_excuse_that_is_wrong(excuse: str, line: str) -> None:
    text = TEXT.replace("<!-- excuse review: the reason -->", excuse)
    assert line in said(text, Problem("a.md", 8, "must", "found", check="review"))[0]


def test_an_excuse_is_not_published(tiny: TinySite) -> None:
    excuse = "<!-- excuse review: x -->\n"
    body = f"- a\n{excuse}- b\n\n> c\n> {excuse}> d\n> {{: .plain }}\n"
    tiny.write({"posts/a/index.md": f"Title: A\nDate: 2024-01-01\nSummary: B\n\n{body}"})
    tiny.build()
    page = tiny.page("posts/a/index.html")
    assert "excuse" not in page
    assert "<li>a</li>" in page and "<p>c\nd</p>" in page


def test_json_and_annotations() -> None:
    problem = Problem("a,b.md", 3, "must be\nso", "50% not", "mend it", "links")
    assert json.loads(as_json([problem])) == [
        {
            "path": "a,b.md",
            "line": 3,
            "must": "must be\nso",
            "found": "50% not",
            "fix": "mend it",
            "check": "links",
        }
    ]
    line = "::error file=a%2Cb.md,line=3,title=links::must be%0Aso: 50%25 not (mend it)"
    assert as_annotations([problem]) == line


def test_the_names_of_checks_are_those_of_their_functions() -> None:
    assert all(name == name_of(check) for name, check in CHECKS.items())


def test_two_builds_that_differ(tmp_path: Path) -> None:
    for folder, text in (("a", "one"), ("b", "ona")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.txt").write_text("same")
        (tmp_path / folder / "page.txt").write_text(text)
    (tmp_path / "a" / "alone.txt").write_text("")
    found = [str(problem) for problem in same_bytes(tmp_path / "a", tmp_path / "b")]
    assert found == [
        "/alone.txt: two builds must give the same bytes: only one of the two has it",
        "/page.txt: two builds must give the same bytes: they differ from byte 2 on",
    ]


def test_a_site_that_differs_with_every_build_is_found(project: Path, run: Run) -> None:
    settings = project / "pelicanconf.py"
    settings.write_text(settings.read_text("utf-8") + "\nimport os\nSITENAME += str(os.getpid())\n")
    result = run("invoke", "check")
    assert result.returncode == 1
    assert "/index.html: two builds must give the same bytes: they differ" in result.stderr
    assert "[same-bytes]" in result.stderr
    assert not (project / "output").exists()


def test_forms_of_what_is_said(project: Path, run: Run) -> None:
    about = project / "content/pages/about/index.md"
    text = about.read_text("utf-8")
    before, line, after = text.partition("Review: ")
    about.write_text(before + line + "2026-11-20" + after[10:], "utf-8")
    number = before.count("\n") + 1
    result = run("invoke", "check", "--format", "json")
    assert result.returncode == 1
    [problem] = json.loads(result.stdout)
    assert (problem["path"], problem["line"]) == ("content/pages/about/index.md", number)
    assert problem["check"] == "review"
    assert "--format must be one of" in run("invoke", "check", "--format", "xml").stderr
    assert "looked at it again" in run("invoke", "check", "--explain", "review").stdout
