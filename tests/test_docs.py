"""Commands in the documentation are tasks and options that exist."""

import re
import shlex
import sys

import pytest
from invoke.collection import Collection
from invoke.parser import Parser

import tasks
from tests.conftest import ROOT

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
