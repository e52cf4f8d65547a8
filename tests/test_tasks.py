"""The tasks, typed as an author types them."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from invoke.context import Context
from invoke.exceptions import Exit

import tasks
from pipeline.problems import Problem, ProblemsFound
from tests.conftest import Run, contents, post

TODAY = date.today()


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["chekc"], "'check'"),
        (["serve", "--prot", "1"], "'--port'"),
        (["serve", "8001"], "--help"),
        (["new", "two", "words"], "quotation marks"),
    ],
)
def test_unknown_task_or_option_gets_a_hint(
    arguments: list[str], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="1"):
        tasks.main(["invoke", *arguments])
    (line,) = capsys.readouterr().err.splitlines()
    assert hint in line


def test_no_task_lists_the_tasks(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        tasks.main(["invoke"])
    listed = {line.split()[0] for line in capsys.readouterr().out.splitlines() if line.strip()}
    wanted = "build rebuild clean regenerate serve preview check check-links feed feed-diff publish"
    wanted += " post-deploy rollback releases status new test lint lock install"
    assert {*wanted.split()} <= listed


def test_help_after_a_task_explains_the_task(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        tasks.main(["invoke", "new", "--help"])
    assert "--title" in capsys.readouterr().out


def raising(error: BaseException, **options: Any) -> Any:
    """Return a task that raises."""

    @tasks.command(**options)
    def body(c: Context, format: str = "text") -> None:
        raise error

    return body


@pytest.mark.parametrize(
    ("options", "count", "last"),
    [
        ({}, 1, "1 problem; nothing was changed"),
        ({"outcome": ""}, 2, "2 problems"),
        ({"outcome": ""}, 1, "a.md:1: wrong [code]"),
    ],
)
def test_command_with_problems_prints_them_and_the_outcome(
    options: dict[str, str], count: int, last: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tasks.ROOT)
    problems = [Problem("code", "a.md", line, "wrong") for line in range(1, count + 1)]
    with pytest.raises(Exit) as ended:
        raising(ProblemsFound(problems), **options)(Context())
    lines = str(ended.value.message).splitlines()
    assert (lines[0], lines[-1], ended.value.code) == ("a.md:1: wrong [code]", last, 1)


def test_command_with_problems_and_json_prints_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tasks.ROOT)
    error = ProblemsFound([Problem("code", "a.md", 1, "wrong")])
    with pytest.raises(Exit):
        raising(error)(Context(), format="json")
    assert json.loads(capsys.readouterr().out)[0]["code"] == "code"


def test_command_interrupted_ends_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tasks.ROOT)
    with pytest.raises(Exit) as ended:
        raising(KeyboardInterrupt())(Context())
    assert (ended.value.message, ended.value.code) == ("interrupted; nothing was changed", 130)


def test_serve_port_that_is_no_number_is_one_line(run: Run) -> None:
    result = run("serve", "--port", "80x")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("--port: ")
    assert result.stderr.count("\n") == 1


def test_listing_tasks_imports_neither_pelican_nor_the_pipeline() -> None:
    code = (
        "import sys, tasks; print([m for m in sys.modules if m.startswith(('pel', 'pipeline.'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tasks.ROOT, capture_output=True)
    assert done.stdout.decode().strip() == "['pipeline.problems']"


@pytest.mark.slow
def test_new_build_preview_clean(project: Path, run: Run) -> None:
    path = f"content/posts/{TODAY}-why-bens-2nd-robot-isnt-k-scale/index.md"
    result = run("new", "Why Ben's 2nd robot isn't K-Scale", cwd=project / "content")
    assert (result.stdout.strip(), result.returncode) == (f"{path}", 0), result.stderr
    assert f"tag:blog.example,{TODAY}:why-bens" in (project / path).read_text("utf-8")

    assert run("build").returncode == 0
    page = project / "output" / path.removeprefix("content/").replace(".md", ".html")
    assert ">Why Ben’s 2nd robot isn’t K-Scale</h1>" in page.read_text("utf-8")
    assert run("preview").returncode == 0
    assert not page.exists()
    assert run("feed", "--text").stdout.startswith("Why Ben’s 2nd robot")
    (project / ".output.1").mkdir()
    assert run("clean").returncode == 0
    assert not (project / "output").exists()
    assert not (project / ".output.1").exists()


@pytest.mark.slow
def test_rebuild_forgets_the_memo_and_writes_the_same(project: Path, run: Run) -> None:
    assert run("build").returncode == 0
    before = contents(project / "output")
    (project / "output/stray.html").write_text("x")
    (project / ".cache/websub.json").write_text("[]")
    assert run("rebuild").returncode == 0
    assert contents(project / "output") == before
    assert (project / ".cache/websub.json").exists()


@pytest.mark.slow
def test_arguments_after_two_hyphens_go_to_pelican(project: Path, run: Run) -> None:
    assert run("build", "--", "-o", "elsewhere", "--verbose").returncode == 0
    assert (project / "elsewhere/index.html").exists()
    assert not (project / "output").exists()
    assert run("build", "--", "--no-such-option").returncode == 2


@pytest.mark.slow
def test_check_reports_fixes_and_leaves_no_output(project: Path, run: Run) -> None:
    result = run("check")
    assert (result.returncode, result.stderr) == (0, ""), result.stderr
    source = project / "content/posts/a.md"
    source.write_text(post("a", "See [this](nowhere.md).", "tags: ROBOTS\n"), "utf-8")
    result = run("check", "--fix", "--format", "json")
    assert [(p["path"], p["line"]) for p in json.loads(result.stdout)] == [
        ("content/posts/a.md", 7)
    ]
    assert "\nTags: robots\n" in source.read_text("utf-8")
    result = run("check", "--format", "github", cwd=project / "content/posts")
    assert result.stdout.startswith("::error file=content/posts/a.md,line=7,")
    assert not (project / "output").exists()


@pytest.mark.slow
def test_feed_diff_counts_entries_and_refuses_changed_ids(project: Path, run: Run) -> None:
    run("preview")
    source = project / "content/posts/a.md"
    text = source.read_text("utf-8")
    source.write_text(text.replace("The text.", "Another text."), "utf-8")
    result = run("feed-diff", "--since", "output")
    assert result.returncode == 0, result.stderr
    assert "0 new entries, 1 updated, 0 sent again" in result.stdout
    source.write_text(text.replace(",2024:a\n", ",2024:other\n"), "utf-8")
    assert "feed-id-changed" in run("feed-diff", "--since", "output").stderr
    assert run("feed-diff", "--since", "output", "--resend").returncode == 0
    assert run("feed-diff", "--since", "nowhere").returncode == 1


@pytest.mark.slow
def test_feed_that_does_not_exist_gets_a_hint(run: Run) -> None:
    result = run("feed", "--path", "feeds/al.atom.xml")
    assert result.returncode == 1
    assert "feeds/all.atom.xml" in result.stderr.splitlines()[0]


@pytest.mark.slow
def test_output_without_unicode_replaces_what_it_lacks(run: Run) -> None:
    (result,) = [run("feed", "--text", env={**os.environ, "PYTHONIOENCODING": "ascii"})]
    assert result.returncode == 0, result.stderr


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")
def test_build_interrupted_leaves_no_folder(project: Path) -> None:
    """The signal comes as soon as the staging folder is there."""
    extension = project / "slow.py"
    extension.write_text(
        "import time\nfrom pelican import signals\n\n\ndef register():\n"
        "    signals.page_writer_finalized.connect(wait)\n\n\n"
        "def wait(generator, writer):\n    time.sleep(30)\n"
    )
    with (project / "pelicanconf.py").open("a") as settings:
        settings.write("PLUGINS = [*PLUGINS, 'slow']\nPLUGIN_PATHS = [str(HERE)]\n")
    command = [sys.executable, str(project / "tasks.py"), "build"]
    with subprocess.Popen(command, cwd=project, stderr=subprocess.PIPE, text=True) as process:
        end = time.monotonic() + 20
        while not [*project.glob(".output.*")] and time.monotonic() < end:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        err = process.communicate(timeout=20)[1]
    assert (process.returncode, err.strip()) == (130, "interrupted; nothing was changed")
    assert not [*project.glob(".output.*"), *project.glob("output")]
