"""New posts."""

import re
from datetime import date
from pathlib import Path

from pelican.settings import DEFAULT_CONFIG
from pelican.utils import slugify

from pipeline.content.tag_uri import mint
from pipeline.problems import Problem, ProblemsFound
from pipeline.settings import Settings

MAX_LENGTH = 80  # characters of a folder's name


def slug_of(title: str) -> str:
    """Return a title as the name of a folder; "" where it has no letter that Latin has."""
    slug = slugify(title, regex_subs=DEFAULT_CONFIG["SLUG_REGEX_SUBSTITUTIONS"])
    return re.sub(r"[^a-z0-9]+", "-", slug)[:MAX_LENGTH].strip("-")


def new_post(settings: Settings, title: str, day: date) -> Path:
    """Write the folder of a new post, as a draft, and return the path of its text.

    Raises ProblemsFound when the title is empty or the folder exists.
    """
    title = " ".join(title.split())
    slug = slug_of(title)
    if not slug:
        message = f"a title needs a letter or digit of the Latin alphabet: {title!r}"
        hint = "make the folder by hand, named with a date and a short word"
        raise ProblemsFound([Problem("new-post", "", 0, message, hint)])
    folder = settings.article_paths[0] if settings.article_paths else ""
    bundle = Path(settings.path, folder, f"{day.isoformat()}-{slug}")
    try:
        bundle.mkdir(parents=True)
    except FileExistsError:
        hint = "choose another title, or edit that post"
        message = "the folder of this post exists already"
        raise ProblemsFound([Problem("new-post", str(bundle), 0, message, hint)]) from None
    lines = [f"Title: {title}", f"Date: {day.isoformat()}"]
    if settings.feed_id:
        lines.append(f"Id: {mint(settings.feed_id, day, slug)}")
    lines += [
        "Status: draft",
        "Summary: One or two sentences for the list of posts, search engines and feed readers.",
        "",
        "The text begins here.",
    ]
    path = bundle / "index.md"
    path.write_text("\n".join(lines) + "\n", "utf-8", newline="\n")
    return path
