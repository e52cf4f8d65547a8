"""Problems: how they read, and that nothing that is only logged gets lost."""

import logging
from pathlib import Path

import pytest

from pipeline.problems import LoggedProblems, Problem, ProblemsFound


def test_a_problem_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    problem = Problem(str(tmp_path / "content/a.md"), 3, "must be b", "'c'", "write d")
    assert str(problem) == "content/a.md:3: must be b: 'c' (write d)"
    assert str(Problem("a.md", 1, "must be b", "c\n d")) == "a.md:1: must be b: c d"
    assert str(Problem("/elsewhere/a.md", 0, "must be b", "c")) == "/elsewhere/a.md: must be b: c"


def test_all_are_said_once_in_order() -> None:
    one, two = Problem("a", 2, "m", "f"), Problem("a", 10, "m", "f")
    assert ProblemsFound([two, one, one]).problems == [one, two]


def test_what_is_logged_is_a_problem() -> None:
    handler = LoggedProblems()
    logger = logging.Logger("x")
    logger.addHandler(handler)
    logger.info("no problem")
    logger.warning("a post of %s\nis lost", __file__)
    with pytest.raises(ProblemsFound) as caught:
        handler.raise_if_any()
    [problem] = caught.value.problems
    assert problem.path == __file__
    assert problem.found == f"a post of {__file__} is lost"
    handler.raise_if_any()  # said once
    logging.getLogger().removeHandler(handler)


def test_the_reason_that_pelican_does_not_log_is_found() -> None:
    handler = LoggedProblems()
    logger = logging.Logger("x")
    logger.addHandler(handler)
    problem = Problem("a", 1, "m", "f")
    try:
        raise ProblemsFound([problem])
    except ProblemsFound:
        logger.error("Could not process %s", "a")
    assert handler.problems == [problem]
