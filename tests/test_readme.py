"""What README.md and docs/ name is there."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT, Run

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def text_of(page: Path) -> str:
    return page.read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths(page: Path) -> None:
    """Paths in backticks and links lead to files; those of examples are below content/."""
    text = text_of(page)
    named = re.findall(r"`((?:[\w.-]+/)*[\w.-]+(?:/|\.(?:py|md|toml|txt|html)))`", text)
    without_examples = re.sub(r"```markdown.*?```|`[^`\n]+`", "", text, flags=re.DOTALL)
    linked = re.findall(r"\]\(([^)#:]+)\)", without_examples)
    roots = (
        ROOT,
        ROOT / "pipeline",
        ROOT / "content",
        ROOT / "content/pages",
        ROOT / "theme/templates",
    )
    written = {
        "index.md",
        "output/",
        "posts/2024-03-01-why-kscale-wins/",
        "quotes/",
        "about/2024/",
        "motors.csv",
        "content/redirects.toml",
        "404.html",
        "content/posts/2024-03-01-a-note.md",
        "posts/2024-03-01-a-note/",
    }
    for name in {*named, *linked} - written:
        assert any((root / name).exists() for root in (*roots, page.parent)), name
    assert linked or page.name != "README.md"


def test_commands(run: Run) -> None:
    menu = run("invoke", "--list").stdout
    for page in PAGES:
        for task in re.findall(r"^\./invoke (\w+)|`invoke (\w+)", text_of(page), re.MULTILINE):
            assert re.search(rf"^  {''.join(task)} ", menu, re.MULTILINE), task


def test_every_module_is_on_the_map() -> None:
    text = text_of(ROOT / "docs/architecture.md")
    for path in (ROOT / "pipeline").rglob("*.py"):
        name = path.relative_to(ROOT).as_posix()
        package = f"`{path.parent.relative_to(ROOT).as_posix()}/`"
        assert path.name == "__init__.py" or f"`{name}`" in text or package in text, name


def test_every_key_of_the_front_matter_is_described() -> None:
    from dataclasses import fields

    from pipeline.read.front_matter import Page, Post

    text = text_of(ROOT / "docs/writing.md")
    for field in {*fields(Post), *fields(Page)}:
        assert f"`{field.name.capitalize()}`" in text, field.name


def test_the_version_of_python_is_the_same_everywhere() -> None:
    needs = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]["requires-python"]
    assert needs == ">=3.11"
    assert "Python 3.11 or newer" in text_of(ROOT / "README.md")
    assert "MINIMUM = (3, 11)" in text_of(ROOT / "invoke")


def test_the_example_post_is_a_good_one() -> None:
    from pipeline.read.front_matter import Post, parse

    [example] = re.findall(r"```markdown\n(Title: .*?)```", text_of(ROOT / "README.md"), re.DOTALL)
    assert parse(example, Post, "README.md", {"robotics", "AI"})
