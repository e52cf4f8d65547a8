"""Sites to test on: tiny ones in a temporary folder, and the real one, built once."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

import pytest
from PIL import Image

from pipeline.build import Built, build
from pipeline.check.view import start as start_browser
from pipeline.problems import ProblemsFound


def png(width: int = 3, height: int = 2) -> bytes:
    """Return a small picture."""
    file = BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, "PNG")
    return file.getvalue()


ROOT = Path(__file__).parent.parent
POST = "Title: A post\nDate: 2024-05-06\nSummary: What it says.\nTags: robotics\n\nThe text.\n"
PAGE = "Title: A page\nSummary: What it says.\n\nThe text.\n"
TAGS = 'robotics = "Robots."\nAI = "Models."\n'


def with_id(name: str, data: str | bytes) -> bytes:
    """Return a source; a post without an Id gets one by its path, below its front matter's keys."""
    data = data if isinstance(data, bytes) else data.encode()
    head, end, body = data.partition(b"\n\n")
    is_post = name.startswith("posts/") and name.endswith(".md")
    if not is_post or not end or b"\nDate:" not in head or b"\nId:" in head:
        return data
    own = name.removeprefix("posts/").removesuffix(".md")
    return b"%s\nId: tag:ben.bolte.cc,2024:%s\n\n%s" % (head, quote(own).encode(), body)


class TinySite:
    """A site of a few files, built by the real Pelican with the real settings and theme."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = folder / "output"
        self.write({"tags.toml": TAGS})

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write sources; the paths are relative to the content folder."""
        for name, data in files.items():
            path = self.folder / "content" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(with_id(name, data))

    def build(self, *arguments: str, settings: str = "pelicanconf.py") -> Built:
        """Build. Raises ProblemsFound."""
        content = str(self.folder / "content")
        own = [content, "-o", str(self.output), "--cache-path", str(self.folder / "cache")]
        return build(str(ROOT / settings), [*own, *arguments])

    def problems(self, *arguments: str, settings: str = "pelicanconf.py") -> list[str]:
        """Build and return one line a problem, the paths relative to the content folder."""
        try:
            self.build(*arguments, settings=settings)
        except ProblemsFound as error:
            content = f"{self.folder / 'content'}/"
            return [line.replace(content, "") for line in str(error).splitlines()]
        return []

    def page(self, name: str) -> str:
        """Return the text of an output file."""
        return (self.output / name).read_text("utf-8")


@pytest.fixture
def tiny(tmp_path: Path) -> TinySite:
    return TinySite(tmp_path)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The real site, as it is published."""
    folder = tmp_path_factory.mktemp("site")
    own = ["-o", str(folder / "output"), "--cache-path", str(folder / "cache")]
    return build(str(ROOT / "publishconf.py"), own)


@pytest.fixture(scope="session")
def site(built: Built) -> Path:
    """The folder of the real site."""
    return built.folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project to break."""
    kept = shutil.ignore_patterns(".*", "output", "public", "_site", "__pycache__")
    return Path(shutil.copytree(ROOT, tmp_path / "project", ignore=kept))


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(project: Path) -> Run:
    """Run a Python module's command in the copy of the project."""

    def in_project(*command: str, **more: object) -> subprocess.CompletedProcess[str]:
        arguments = [sys.executable, "-m", *command]
        options = {"cwd": project, "capture_output": True, "text": True, **more}
        return subprocess.run(arguments, check=False, **options)  # type: ignore[call-overload, no-any-return]

    return in_project


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def without(reason: str) -> NoReturn:
    if os.environ.get("BLOG_BROWSER") == "required":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real browser, or a skip with its reason (BLOG_BROWSER=required: a failure)."""
    with ExitStack() as stack:
        try:
            started = stack.enter_context(start_browser())
        except ProblemsFound as error:
            without(str(error))
        yield started
