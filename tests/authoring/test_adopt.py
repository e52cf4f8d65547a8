"""`invoke adopt` on a copy of the project, and the icons."""

import subprocess
from pathlib import Path

import pytest
from PIL import Image

from pipeline.authoring.adopt import assign, draw_icons
from pipeline.settings import Settings
from tests.conftest import Run, contents


def test_assign_replaces_values_and_keeps_comments(tmp_path: Path) -> None:
    file = tmp_path / "conf.py"
    file.write_text('# One\nA = (\n    1,\n)\n# Two\nB: dict[str, str] = {"x": "y"}\nC = 1\n')
    assign(file, {"A": "'it'", "B": "{}"})
    assert file.read_text() == '# One\nA = "it"\n# Two\nB: dict[str, str] = {}\nC = 1\n'


def test_icons_are_drawn_from_the_mark_in_the_accent_color(tmp_path: Path) -> None:
    files = {
        "theme/templates/partials/mark.svg": '<svg class="m" viewBox="0 0 4 4" width="4">'
        '<path d="M0 0h4v4H0z" fill="currentColor"/></svg>',
        "theme/tokens.css": "--accent: light-dark(#a04812, #e59a63);",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    extra = tmp_path / "content/extra"
    extra.mkdir(parents=True)
    list(draw_icons(Settings("c", path=str(tmp_path / "content"), theme=str(tmp_path / "theme"))))
    svg = (extra / "favicon.svg").read_text()
    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><style>')
    with Image.open(extra / "favicon.ico") as icon:
        assert icon.info["sizes"] == {(16, 16), (32, 32), (48, 48)}
    with Image.open(extra / "feed.png") as logo:
        assert (logo.size, logo.getpixel((72, 72))) == ((144, 144), (0xA0, 0x48, 0x12))


@pytest.mark.slow
def test_adopted_blog_passes_all_checks_and_uncommitted_work_is_refused(
    project: Path, run: Run
) -> None:
    (project / "README.md").write_text("# Old\n\nText.\n")
    before = contents(project / "content")
    assert "not all files are in git" in run("adopt", "N", "https://x.example").stderr
    assert contents(project / "content") == before
    (project / ".gitignore").write_text("__pycache__\n.cache\n*.psd\n")
    (project / "content/posts/mill.psd").write_text("Work.")
    identity = ["-c", "user.name=A", "-c", "user.email=a@x.example"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "All"]):
        subprocess.run(["git", *command], cwd=project, check=True)
    assert run("adopt", "N", "x.example").returncode == 1
    result = run("adopt", "Ada's notes", "https://x.example/notes/", "--author", "Ada")
    assert result.returncode == 0, result.stderr
    assert "kept    content/posts/mill.psd: git ignores it" in result.stdout
    assert (project / "content/posts/mill.psd").read_text() == "Work."
    (project / "content/posts/mill.psd").unlink()
    assert (project / "README.md").read_text() == "# Ada's notes\n\nText.\n"
    settings = (project / "pelicanconf.py").read_text()
    assert 'AUTHOR = "Ada"' in settings and 'SITEURL = "https://x.example/notes"' in settings
    result = run("check")
    assert result.returncode == 0, result.stderr
