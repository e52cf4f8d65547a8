"""Commands in the documentation exist, and do what they say without an error."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from invoke.collection import Collection
from invoke.parser import Parser

import tasks
from tests.conftest import ROOT, post

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMANDS = sorted(
    {
        line.partition("./invoke ")[2].partition("#")[0].strip()
        for page in PAGES
        for block in BLOCK.findall(page.read_text("utf-8"))
        for line in block.splitlines()
        if "./invoke " in line
    }
)
# In running text and in tables; `invoke share` alone is no command.
NAMED = {
    command
    for page in PAGES
    for command in re.findall(r"`(?:\./)?invoke ([a-z][^`]*)`", page.read_text("utf-8"))
    if command.split()[0] not in ("adopt", "import", "new", "share")
}
# In this order, each once; and what cannot be run here
ORDER = "doctor build check new status share publish releases move rollback icons import adopt"
LEFT_OUT = {
    "check --browser": "needs a browser",
    "check-links": "needs the network",
    "install": "downloads",
    "lint": "of this project",
    "lock": "downloads",
    "post-deploy": "needs a host",
    "serve": "does not end",
    "test": "of this project",
}
EXAMPLES = {"OLD NEW": "a c", "POST": "b", "--to NAME": "--to directory", "NAME": "headings"}
RUN = """
import shlex, subprocess, sys, tasks
for line in sys.argv.pop().splitlines():
    sys.argv = ["invoke", *shlex.split(line)]
    print("$", line, file=sys.stderr, flush=True)
    if sys.argv[1] == "adopt":
        subprocess.run("git add . && git commit -qm All", shell=True, check=True)
    try:
        tasks.main(sys.argv)
    except SystemExit as end:
        if end.code:
            sys.exit(f"{line}: {end.code}")
"""


@pytest.mark.parametrize("command", COMMANDS)
def test_command_in_the_documentation_can_be_parsed(command: str) -> None:
    parser = Parser(contexts=Collection.from_module(sys.modules["tasks"]).to_contexts())
    words = shlex.split(command)
    words = words[: words.index("--")] if "--" in words else words
    parsed = parser.parse_argv(words)
    assert parsed[-1].name in [word for word in words if not word.startswith("-")]
    assert not parsed[-1].missing_positional_args


def test_documentation_shows_the_tasks() -> None:
    shown = {command.split()[0] for command in COMMANDS}
    assert {"serve", "new", "move", "check", "publish", "rollback", "adopt", "import"} <= shown
    assert tasks.ROOT == ROOT


@pytest.mark.slow
def test_commands_in_the_documentation_run(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = project.parent / "old-blog"
    entry = "<entry><id>tag:old,2016:1</id><title>Hello</title><link href='/hello/'/></entry>"
    feed = f"<feed xmlns='http://www.w3.org/2005/Atom'>{entry}</feed>"
    files = {
        old / "_config.yml": "title: Old\n",
        old / "_posts/2016-05-06-hello.md": "---\ntitle: Hello\n---\nA text.\n",
        old / "_site/feed.xml": feed,
        project / "README.md": "# A blog\n",
        project / ".gitignore": ".cache\noutput\npublic\nshared\n__pycache__\n",
        project / "content/posts/a.md": post("a", "The text.", "Tags: robots\n"),
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"):
        monkeypatch.setenv(name, "Ada")
        monkeypatch.setenv(name.replace("NAME", "EMAIL"), "ada@blog.example")
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    known = {command for command in {*COMMANDS, *NAMED} if command not in LEFT_OUT}
    rest = {command for command in known if command.split()[0] not in LEFT_OUT}
    lines = [c for task in ORDER.split() for c in sorted(rest) if c.split()[0] == task]
    assert rest <= {*lines}
    lines.insert(lines.index("rollback"), "publish")  # so that there is something to go back from
    for old_words, new_words in EXAMPLES.items():
        lines = [re.sub(rf"(?<=\s){old_words}\b", new_words, line) for line in lines]
    command = [sys.executable, "-c", RUN, "\n".join(lines)]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
