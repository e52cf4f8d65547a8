"""The dialect, by example: tests/dialect/*.md has each source with its HTML or its problems.

A block of `html` is compared without the white space between tags; a block of `problems` has one
line a problem, the number of the source's line first.
"""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

import pelicanconf
from pipeline.problems import ProblemsFound
from pipeline.read.front_matter import Page
from pipeline.read.reader import read
from tests.conftest import ROOT

EXAMPLE = re.compile(
    r"^## (?P<name>.+?)\n+````markdown\n(?P<source>.*?)\n````\n+"
    r"````(?P<kind>html|problems)\n(?P<result>.*?)\n````$",
    re.MULTILINE | re.DOTALL,
)
FRONT_MATTER = "Title: A\nSummary: B\n\n"


class Example(NamedTuple):
    """A source and what becomes of it."""

    source: str
    kind: str
    result: str


def examples() -> dict[str, Example]:
    found = {}
    for path in sorted((ROOT / "tests/dialect").glob("*.md")):
        for match in EXAMPLE.finditer(path.read_text("utf-8")):
            found[f"{path.stem}: {match['name']}"] = Example(
                match["source"], match["kind"], match["result"]
            )
    return found


EXAMPLES = examples()


def convert(source: str) -> tuple[str, str]:
    """Return ("html", …) or ("problems", …) for the text of a page."""
    try:
        data = (FRONT_MATTER + source).encode()
        document = read(data, Page, "x.md", (), pelicanconf.MARKDOWN)
    except ProblemsFound as error:
        skipped = FRONT_MATTER.count("\n")
        lines = [str(problem).removeprefix("x.md:") for problem in error.problems]
        numbered = [line.partition(":") for line in lines]
        return "problems", "\n".join(f"{int(n) - skipped}:{rest}" for n, _, rest in numbered)
    return "html", document.html


def folded(html: str) -> str:
    return re.sub(r">\s+<", "><", html).strip()


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example(name: str) -> None:
    example = EXAMPLES[name]
    kind, result = convert(example.source)
    assert kind == example.kind, result
    assert folded(result) == folded(example.result)


def test_every_element_has_a_wrong_use_or_cannot_be_wrong() -> None:
    files = {path.stem for path in (ROOT / "tests/dialect").glob("*.md")}
    wrong = {name.split(":")[0] for name, example in EXAMPLES.items() if example.kind == "problems"}
    assert files - wrong == {"excuses", "verse"}


def test_what_is_described_is_what_is_tested() -> None:
    """Each example of Markdown in docs/writing.md is one of the examples here."""
    text = Path(ROOT / "docs/writing.md").read_text("utf-8")
    sources = {example.source for example in EXAMPLES.values()}
    blocks = re.findall(r"^(```+)markdown\n(.*?)\n\1$", text, re.MULTILINE | re.DOTALL)
    # Figures and pictures are tested by what makes them.
    described = [source for _, source in blocks if not source.startswith("![")]
    assert len(described) >= len({name.split(":")[0] for name in EXAMPLES})
    for source in described:
        assert source in sources, source


def test_what_pelicans_defaults_had_is_there() -> None:
    """MARKDOWN replaces Pelican's defaults, which once cost tables and footnotes."""
    assert "<dl>" in convert("a\n: b")[1]
    assert "<abbr" in convert("HTML\n\n*[HTML]: x")[1]
    assert 'id="x"' in convert("a\n{: #x}")[1]
