"""Sites to test on: tiny ones in a temporary folder, and a project."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from PIL import Image
from xdist.scheduler import LoadScopeScheduling

from pipeline.build import Built, build
from pipeline.problems import ProblemsFound

# A shell ignores SIGINT for background jobs, and what the tests start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
# Machines are slow now and then; that fails no test.
hypothesis_settings.register_profile("default", deadline=None)
hypothesis_settings.load_profile("default")

ROOT = Path(__file__).parent.parent
SITE = ROOT / "tests/site"
PAGE = "Title: {title}\nSummary: What it is about.\n{head}\nThe text.\n"
# Files whose fixtures take seconds: Swift, and whole sites
TOGETHER = ("test_s3.py", "test_build.py", "test_texts.py")
TAGS = 'robots = "Robots of all kinds."\nAI = "Models."\n'
# Small sites lack what these settings of the test site name.
SMALL = """
AUTHOR_PAGE = QUOTES_FEED_ATOM = QUOTES_FEED_RSS = QUOTES_FEED_JSON = QUOTES_JSON = ""
FEED_ALIASES = {}
"""


def png(width: int = 3, height: int = 2) -> bytes:
    """Return a small image."""
    file = BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, "PNG")
    return file.getvalue()


def post(name: str, text: str = "The text.", head: str = "", date: str = "2024-05-06") -> str:
    """Return the source of a post with the title "Post {name}"; `head` are more lines."""
    head = f"Date: {date}\nId: tag:blog.example,2024:{name}\n{head}"
    return f"Title: Post {name}\nSummary: What {name} is about.\n{head}\n{text}\n"


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class TinySite:
    """A site of a few files, built by the real Pelican with the test site's settings and theme."""

    def __init__(self, folder: Path) -> None:
        self.content, self.output = folder / "content", folder / "output"
        self.cache = folder / "cache"
        self.settings = folder / "pelicanconf.py"
        self.write({"tags.toml": TAGS})
        self.configure()

    def configure(self, production: bool = False, **settings: object) -> None:
        """Write the settings file: the test site's settings with these changes."""
        base = SITE / ("publishconf.py" if production else "pelicanconf.py")
        paths = {"PATH": self.content, "OUTPUT_PATH": self.output, "CACHE_PATH": self.cache}
        own = {**{name: str(path) for name, path in paths.items()}, **settings}
        lines = ["from runpy import run_path", f"values = run_path({str(base)!r})"]
        lines += ["globals().update({k: v for k, v in values.items() if k.isupper()})", SMALL]
        lines += [f"{name} = {value!r}" for name, value in own.items()]
        self.settings.write_text("\n".join(lines) + "\n", "utf-8")

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write sources; the paths are relative to the content folder."""
        for name, data in files.items():
            path = self.content / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data if isinstance(data, bytes) else data.encode())

    def build(self, *arguments: str) -> Built:
        """Build. Raises ProblemsFound."""
        return build(str(self.settings), arguments)

    def problems(self, *arguments: str) -> list[tuple[str, str, int]]:
        """Build; return code, path (relative to the content folder) and line of each problem."""
        try:
            self.build(*arguments)
        except ProblemsFound as error:
            own = [(p, Path(p.path)) for p in error.problems]
            return [(p.code, os.path.relpath(path, self.content), p.line) for p, path in own]
        return []

    def page(self, name: str) -> str:
        """Return the text of an output file."""
        return (self.output / name).read_text("utf-8")


@pytest.fixture
def tiny(tmp_path: Path) -> TinySite:
    return TinySite(tmp_path)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project with a blog of two posts, which passes all checks."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("tasks.py", "invoke", "pipeline", "theme", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, folder / name)
    for name in ("pelicanconf.py", "publishconf.py"):
        text = (SITE / name).read_text("utf-8").replace("HERE.parents[1]", "HERE")
        (folder / name).write_text(text + SMALL * (name == "pelicanconf.py"), "utf-8")
    content = folder / "content"
    shutil.copytree(SITE / "content/extra", content / "extra")
    lost = PAGE.format(title="Not found", head="Status: hidden\nSave_as: 404.html\n")
    about = PAGE.format(title="About", head="")
    files = {"pages/404.md": lost, "tags.toml": TAGS, "pages/about.md": about}
    files |= {f"posts/{name}.md": post(name, head="Tags: robots\n") for name in "ab"}
    for name, text in files.items():
        (content / name).parent.mkdir(parents=True, exist_ok=True)
        (content / name).write_text(text, "utf-8")
    return folder


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(project: Path) -> Run:
    """A function that runs a task of the project."""

    def run_task(*arguments: str, **more: object) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, str(project / "tasks.py"), *arguments]
        options = {"cwd": project, "capture_output": True, "text": True, **more}
        return subprocess.run(command, check=False, **options)  # type: ignore[call-overload, no-any-return]

    return run_task


class Scheduler(LoadScopeScheduling):  # type: ignore[misc]
    """Runs all tests of some files on one worker, others on whichever is free.

    xdist's own groups (`--dist=loadgroup`) do not work with pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file.endswith(TOGETHER) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduler:
    return Scheduler(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what needs a browser or a server."""
    for item in items:
        if item.get_closest_marker("browser") or item.get_closest_marker("servers"):
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: "pytest.CallInfo[None]"
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make skips failures where BLOG_BROWSER or BLOG_SERVERS is `required`."""
    report = yield
    for marker in ("browser", "servers"):
        required = os.environ.get(f"BLOG_{marker.upper()}") == "required"
        if report.skipped and required and item.get_closest_marker(marker):
            report.outcome = "failed"
            report.longrepr = f"skipped, but BLOG_{marker.upper()}=required: {report.longrepr}"
    return report
