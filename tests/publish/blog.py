"""A blog of three posts, with settings of its own, that passes all checks."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.publish.publish import PublishOptions, publish, rollback
from pipeline.publish.schedule import publish_due, status

SITE = Path(__file__).parents[1] / "site"
SETTINGS = """\
from runpy import run_path
values = run_path({settings!r})
globals().update({{name: value for name, value in values.items() if name.isupper()}})
PATH, OUTPUT_PATH, CACHE_PATH = {path!r}, {output!r}, {cache!r}
AUTHOR_PAGE = QUOTES_FEED_ATOM = QUOTES_FEED_RSS = QUOTES_FEED_JSON = QUOTES_JSON = ""
FEED_ALIASES = {{}}
TIMEZONE = "UTC"
DEFAULT_PAGINATION = 10
PUBLISH_TARGETS = {targets!r}
PUBLISH_TARGET = "it"
"""
PAGE = "Title: {title}\nSummary: What {title} is about.\n{head}\n{text}\n"


def post(name: str, text: str = "The text.", head: str = "", date: str = "2024-05-06") -> str:
    """Return the source of a post with the title "Post {name}"."""
    id = f"Id: tag:blog.example,2024:{name}\n"
    head = f"Date: {date}\nTags: robots\n{id}{head}"
    return PAGE.format(title=f"Post {name}", head=head, text=text)


class Blog:
    """A blog in a folder, with one target, "it"."""

    def __init__(self, folder: Path, target: Mapping[str, Any], **more: object) -> None:
        self.content, self.cache = folder / "content", folder / "cache"
        self.settings = str(folder / "publishconf.py")
        shutil.copytree(SITE / "content/extra", self.content / "extra")
        lost = PAGE.format(
            title="Not found", head="Status: hidden\nSave_as: 404.html\n", text="No."
        )
        self.write({"pages/404.md": lost, "tags.toml": 'robots = "Robots of all kinds."\n'})
        self.write({f"posts/{name}/index.md": post(name) for name in "abc"})
        text = SETTINGS.format(
            settings=str(SITE / "publishconf.py"),
            path=str(self.content),
            output=str(folder / "output"),
            cache=str(self.cache),
            targets={"it": dict(target)},
        )
        text += "".join(f"{name} = {value!r}\n" for name, value in more.items())
        Path(self.settings).write_text(text, "utf-8")

    def write(self, files: Mapping[str, str]) -> None:
        """Write sources; the paths are relative to the content folder."""
        for name, text in files.items():
            path = self.content / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")

    def publish(self, **options: bool) -> None:
        """Publish. Raises ProblemsFound."""
        publish(self.settings, "", PublishOptions(**options))

    def publish_due(self) -> None:
        """Publish what is due. Raises ProblemsFound."""
        publish_due(self.settings, "", PublishOptions())

    def rollback(self, release: str = "") -> None:
        """Go back. Raises ProblemsFound."""
        rollback(self.settings, "", release)

    def status(self) -> None:
        """Print the status."""
        status(self.settings)
