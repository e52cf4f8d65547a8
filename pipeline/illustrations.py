"""The pictures and figures of posts and pages, from Pelican's objects to files of the output."""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path, PurePosixPath
from posixpath import join, normpath
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from PIL import __version__ as pillow

from pipeline.problems import Problem, ProblemsFound, line_of
from pipeline.render import figures, pictures
from pipeline.render.assets import light_colours
from pipeline.render.links import file_path

Content = Any  # Pelican's Article or Page
Static = Any


class Made(NamedTuple):
    """A picture that was made of a static file."""

    static: Static
    picture: pictures.Picture


def draw_figures(contents: list[Content]) -> Iterator[Problem]:
    """Put figures in the place of images whose sources are data; yield what is wrong with them."""
    for content in contents:
        content.figures = {}
        problems: list[Problem] = []
        content._content = figures.replace_figures(content._content, drawer(content, problems))
        yield from problems


def drawer(content: Content, problems: list[Problem]) -> Callable[[dict[str, str], bool], str]:
    """Return what draws a content's figures; it fills `content.figures` and `problems`."""

    def draw(attributes: dict[str, str], alone: bool) -> str:
        source, alt = attributes.pop("src"), attributes.pop("alt", "")
        line = line_of(content.document.text, f"]({source}")
        if not alone:
            must = "a figure must stand in a paragraph of its own"
            problems.append(Problem(content.source_path, line, must, source))
            return ""
        name = file_path(content.relative_source_path, re.sub(r"^[{|]static[}|]", "", source))
        path = Path(content.settings["PATH"], name)
        if urlsplit(source).scheme or not path.is_file():
            return (
                f'<img src="{source}" alt="{alt}">'  # which the check of the links says is broken
            )
        own = attributes.pop("id", "figure-" + re.sub("[^a-z0-9]+", "-", path.stem.lower()))
        while own in content.figures:
            own += "-again"
        data, given = path.read_bytes(), (content.source_path, line)
        try:
            figure = figures.parse(attributes, alt, data, str(path), *given)
        except ProblemsFound as error:
            problems.extend(error.problems)
            return ""
        content.figures[own] = figure
        return figures.as_html(figure, source, own)

    return draw


def make_pictures(context: dict[str, Any]) -> Iterator[Problem]:
    """Make the pictures of posts and pages; yield what is wrong with them.

    Fills `context["pictures"]`: addresses, with what was made of the file there. The files
    themselves are copied by nobody, because of what a camera writes into them.
    """
    folders = (*context["ARTICLE_PATHS"], *context["PAGE_PATHS"])
    cache = Path(context["CACHE_PATH"], "pictures")
    found = [
        static
        for static in context["staticfiles"]
        if PurePosixPath(static.relative_source_path).parts[0] in folders
        and pictures.is_picture(static.source_path)
    ]

    def make(static: Static) -> Made | ProblemsFound:
        path = Path(static.source_path)
        name = PurePosixPath(static.save_as).name
        try:
            return Made(static, pictures.make(path.read_bytes(), name, str(path), cache))
        except ProblemsFound as error:
            return error

    context["pictures"] = {}
    with ThreadPoolExecutor() as threads:
        for made in threads.map(make, found):
            if isinstance(made, ProblemsFound):
                yield from made.problems
            else:
                context["pictures"][made.static.url] = made


def place_pictures(context: dict[str, Any], contents: list[Content]) -> None:
    """Let browsers choose among a picture's files; take the originals from what is copied."""
    made: dict[str, Made] = context["pictures"]
    for content in contents:

        def find(address: str, url: str = content.url) -> pictures.Found | None:
            place = normpath(join(url, unquote(address)))
            return pictures.Found(made[place].picture, address) if place in made else None

        content._content = pictures.replace_pictures(content._content, find)
    originals = {id(one.static) for one in made.values()}
    context["staticfiles"][:] = [s for s in context["staticfiles"] if id(s) not in originals]


def files(context: dict[str, Any], contents: list[Content]) -> Iterator[tuple[str, str]]:
    """Yield the output path of every file that is made of a picture or figure, with its source."""
    for static, picture in context["pictures"].values():
        for name in picture.files:
            yield str(PurePosixPath(static.save_as).with_name(name)), static.source_path
    for content in contents:
        for name in content.figures if content.save_as else ():
            path = PurePosixPath(content.save_as).with_name(figures.picture_name(name))
            yield str(path), content.source_path


def write(context: dict[str, Any], contents: list[Content], output: Path) -> None:
    """Write the files of pictures and figures; those of the cache are copied."""
    for static, picture in context["pictures"].values():
        folder = (output / static.save_as).parent
        folder.mkdir(parents=True, exist_ok=True)
        for name, kept in picture.files.items():
            shutil.copyfile(kept, folder / name)
    cache = Path(context["CACHE_PATH"], "figures")
    colours = light_colours(Path(context["THEME"], "static", "css"), figures.COLOURS)
    for content in contents:
        for name, figure in content.figures.items() if content.save_as else ():
            kept = cache / f"{key_of(figure, colours)}.png"
            pictures.kept(kept, partial(figures.as_png, figure, colours))
            folder = (output / content.save_as).parent
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(kept, folder / figures.picture_name(name))


def key_of(figure: figures.Figure, colours: dict[str, str]) -> str:
    """Return a name for whatever decides a figure's picture: its data, its look, the code."""
    code = sorted(Path(figures.__file__).parent.glob("*.py"))
    digest = hashlib.sha256(repr((figure, sorted(colours.items()), pillow)).encode())
    for path in code:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]
