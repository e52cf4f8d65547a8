"""What the fault tables of the checks are made of: one fault, and the line that it must get."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from pipeline.check.gate import prove
from pipeline.check.site import Site, open_site
from pipeline.problems import Problem, relative
from tests.conftest import PAGE, POST, ROOT, TinySite

GOOD: Mapping[str, str | bytes] = {
    "posts/a/index.md": POST,
    "tags.toml": 'robotics = "Robots of all kinds."\nAI = "Models of all kinds."\n',
    "pages/b.md": PAGE.replace("What it says.", "What the page says."),
    "pages/404.md": PAGE.replace("Summary", "Status: hidden\nSave_as: 404.html\nSummary", 1),
    "extra/robots.txt": "User-agent: *\n\nSitemap: https://ben.bolte.cc/sitemap.xml\n",
    "extra/favicon.ico": (ROOT / "content/extra/favicon.ico").read_bytes(),
    "extra/favicon.svg": (ROOT / "content/extra/favicon.svg").read_bytes(),
}
P = "content/posts/a/index.md"


class Fault(NamedTuple):
    """One thing wrong, on top of GOOD.

    `place` is the path and line that its one problem must name. The fault is in the sources
    (`files`, below the content folder), in the theme (`theme`: a file below theme/, what stands
    there, what shall) or done to the built folder (`built`).
    """

    place: str
    files: Mapping[str, str | bytes] = {}
    theme: tuple[str, str, str] | None = None
    built: Callable[[Path], object] | None = None
    settings: tuple[str, ...] = ()  # as after pelican's --extra-settings


def text(words: str) -> dict[str, str | bytes]:
    """Return the files of a post with another text."""
    return {"posts/a/index.md": POST.replace("The text.", words)}


def at(path: str, part: str) -> str:
    """Return `path:line` of the first line of a file of the project that has a part."""
    before, found, _ = (ROOT / path).read_text("utf-8").partition(part)
    assert found, f"{path} has no {part!r}"
    return f"{path}:{before.count(chr(10)) + 1}"


def edit(name: str, old: str, new: str) -> Callable[[Path], object]:
    """Return what writes something else into a file of the built folder."""

    def change(folder: Path) -> None:
        before = (folder / name).read_text("utf-8")
        assert old in before, f"{name} has no {old!r}"
        (folder / name).write_text(before.replace(old, new), "utf-8")

    return change


def prove_tiny(tiny: TinySite, fault: Fault) -> list[Problem]:
    """Build a tiny site with the fault as it will be published, and return what the gate says."""
    return prove(build_tiny(tiny, fault))


def build_tiny(tiny: TinySite, fault: Fault) -> Site:
    """Build a tiny site with the fault as it will be published."""
    tiny.write({**GOOD, **fault.files})
    arguments = ["--extra-settings", *fault.settings] if fault.settings else []
    if fault.theme:
        name, old, new = fault.theme
        theme = Path(shutil.copytree(ROOT / "theme", tiny.folder / "theme"))
        template = theme / name
        before = template.read_text("utf-8")
        assert old in before, f"{name} has no {old!r}"
        template.write_text(before.replace(old, new), "utf-8")
        arguments += ["--theme-path", str(theme)]
    built = tiny.build(*arguments, settings="publishconf.py")
    if fault.built:
        fault.built(built.folder)
    return open_site(built)


def places(tiny: TinySite, problems: list[Problem], check: str) -> list[str]:
    """Return `path:line` of what a check found, relative to the tiny site's folder."""
    found = [p for p in problems if p.check == check]
    short = [(p.path.replace(f"{tiny.folder}/", ""), p.line) for p in found]
    return [relative(path) + (f":{line}" if line else "") for path, line in short]
