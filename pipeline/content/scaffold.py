"""New posts, pages and quotes."""

import re
from datetime import date
from pathlib import Path

from pelican.settings import DEFAULT_CONFIG
from pelican.utils import slugify

from pipeline.content.autofix import write_text
from pipeline.content.sources import text_files
from pipeline.content.tag_uri import mint
from pipeline.model import Page
from pipeline.problems import Problem, ProblemsFound
from pipeline.settings import Settings

MAX_LENGTH = 80  # characters of a folder's name


def slug_of(title: str) -> str:
    """Return a title as the name of a folder; "" where it has no letter that Latin has."""
    slug = slugify(title, regex_subs=DEFAULT_CONFIG["SLUG_REGEX_SUBSTITUTIONS"])
    return re.sub(r"[^a-z0-9]+", "-", slug)[:MAX_LENGTH].strip("-")


def new_post(settings: Settings, title: str, day: date) -> Path:
    """Write the folder of a new post, as a draft, and return the path of its text.

    Raises ProblemsFound when the title has no letter or the folder exists.
    """
    slug = slug_or_refuse(title)
    folder = settings.article_paths[0] if settings.article_paths else ""
    path = Path(settings.path, folder, f"{day.isoformat()}-{slug}", "index.md")
    id = [f"Id: {mint(settings.feed_id, day, slug)}"] if settings.feed_id else []
    return write_new(path, title, [f"Date: {day.isoformat()}", *id])


def new_page(settings: Settings, title: str) -> Path:
    """Write a new page, as a draft, and return its path. Raises ProblemsFound as `new_post`."""
    folder = settings.page_paths[0] if settings.page_paths else ""
    return write_new(Path(settings.path, folder, f"{slug_or_refuse(title)}.md"), title, [])


def slug_or_refuse(title: str) -> str:
    """Return a title as the name of a folder. Raises ProblemsFound where it has no letter."""
    if slug := slug_of(title):
        return slug
    message = f"a title needs a letter or digit of the Latin alphabet: {title!r}"
    hint = "make the folder by hand, named with a date and a short word"
    raise ProblemsFound([Problem("new-post", "", 0, message, hint)])


def write_new(path: Path, title: str, more: list[str]) -> Path:
    """Write a draft, in a folder of its own if its name is index.md; `more` are lines of its own.

    Raises ProblemsFound when it exists.
    """
    place = path.parent if path.name == "index.md" else path
    if place.exists():
        hint = "choose another title, or edit that one"
        raise ProblemsFound([Problem("new-post", str(place), 0, "exists already", hint)])
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        f"Title: {' '.join(title.split())}",
        *more,
        "Status: draft",
        "Summary: One or two sentences for the list of posts, search engines and feed readers.",
        "",
        "The text begins here.",
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8", newline="\n")
    return path


def new_quote(settings: Settings, words: str, attribution: str, day: date) -> Path:
    """Add a quote at the end of the page with the most quotes, and return its path.

    Raises ProblemsFound where no page has one.
    """
    pages = [path for path, kind in text_files(settings) if kind is Page]
    counted = {path: path.read_text("utf-8").count("\n> — ") for path in pages}
    path = max(counted, key=lambda page: counted[page], default=None)
    if not path or not counted[path]:
        hint = "begin one: docs/writing.md, Quotes"
        raise ProblemsFound([Problem("new-post", "", 0, "no page has quotes", hint)])
    quote = f"> {' '.join(words.split())}\n>\n> — {attribution}\n> {{: added={day.isoformat()} }}\n"
    write_text(path, f"{path.read_text('utf-8').rstrip()}\n\n{quote}")
    return path
