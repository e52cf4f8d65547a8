"""A blog of three posts, with settings of its own, that passes the gate."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.publish import back, schedule, steps
from pipeline.publish.steps import Wishes
from tests.check.faults import GOOD
from tests.conftest import POST, ROOT, TinySite

SETTINGS = """\
import sys
sys.path.append({root!r})
from publishconf import *

PATH = {path!r}
OUTPUT_PATH = {output!r}
CACHE_PATH = {cache!r}
PLUGIN_PATHS = [{root!r}]
THEME = {theme!r}
PUBLISH_TARGETS = {targets!r}
PUBLISH_TARGET = "it"
"""


def post(title: str, text: str = "The text.", head: str = "", date: str = "2024-05-06") -> str:
    """Return a post's source."""
    source = POST.replace("A post", title).replace("What it says.", f"What {title} says.")
    source = source.replace("2024-05-06", date).replace("The text.", text)
    return source.replace("Title:", f"{head}Title:")


class Blog(TinySite):
    """A blog in a folder, with one target, "it"."""

    def __init__(self, folder: Path, target: Mapping[str, Any], **more: object) -> None:
        folder.mkdir(exist_ok=True)
        super().__init__(folder)
        posts = {f"posts/{name}/index.md": post(f"Post {name}") for name in ("b", "c")}
        self.write({**GOOD, **posts})
        self.settings = str(folder / "settings.py")
        text = SETTINGS.format(
            root=str(ROOT),
            path=str(folder / "content"),
            output=str(folder / "output"),
            cache=str(folder / "cache"),
            theme=str(ROOT / "theme"),
            targets={"it": dict(target)},
        )
        text += "".join(f"{name} = {value!r}\n" for name, value in more.items())
        Path(self.settings).write_text(text, "utf-8")

    def publish(
        self, *, dry_run: bool = False, allow_deletes: bool = False, resend: bool = False
    ) -> None:
        """Publish. Raises ProblemsFound."""
        steps.publish(self.settings, "", Wishes(dry_run, allow_deletes, resend))

    def publish_due(self) -> None:
        """Publish what is due. Raises ProblemsFound."""
        schedule.publish_due(self.settings, "", Wishes())

    def rollback(self, release: str = "") -> None:
        """Go back. Raises ProblemsFound."""
        back.rollback(self.settings, "", release)

    def remove(self, name: str) -> None:
        """Remove a source."""
        (self.folder / "content" / name).unlink()
        (self.folder / "content" / name).parent.rmdir()
