"""New posts."""

import re
from datetime import date
from pathlib import Path

from pelican.settings import DEFAULT_CONFIG
from pelican.utils import slugify

from pipeline.problems import Problem, ProblemsFound
from pipeline.read.ids import mint

LONGEST = 80
POST = """\
Title: {title}
Date: {date}
Id: {id}
Status: draft
Summary: One or two sentences for the list of posts, search engines and feed readers.

The text begins here.
"""


def new_post(content: Path, title: str, day: date, namespace: str) -> Path:
    """Write the page bundle of a new post and return the path of its text.

    `namespace` is a tag URI with the authority that its id is to have.
    Raises ProblemsFound when the title is empty or the folder exists.
    """
    title = " ".join(title.split())
    slug = slugify(title, regex_subs=DEFAULT_CONFIG["SLUG_REGEX_SUBSTITUTIONS"])
    # Long enough to know the post by; a name of a folder has an end.
    slug = re.sub(r"[^a-z0-9]+", "-", slug)[:LONGEST].strip("-")
    if not slug:
        must = "must have a letter or a digit"
        raise ProblemsFound([Problem("the title", 0, must, repr(title))])
    bundle = content / "posts" / f"{day.isoformat()}-{slug}"
    try:
        bundle.mkdir(parents=True)
    except FileExistsError:
        fix = "choose another title, or edit that one"
        must = "must be the folder of a new post"
        raise ProblemsFound([Problem(str(bundle), 0, must, "it exists", fix)]) from None
    path = bundle / "index.md"
    text = POST.format(title=title, date=day.isoformat(), id=mint(namespace, day, slug))
    path.write_text(text, "utf-8", newline="\n")
    return path
