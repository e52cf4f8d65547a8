"""From a source's bytes to its front matter and HTML.

`read` is a pure function of its arguments. `MarkdownReader` is the edge where Pelican calls it.
"""

import re
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from markupsafe import Markup, escape
from pelican.contents import Tag
from pelican.readers import BaseReader
from pelican.settings import DEFAULT_CONFIG

from pipeline.problems import Problem, ProblemsFound, line_of
from pipeline.read.dialect import convert
from pipeline.read.front_matter import Page, Post, parse
from pipeline.read.ids import anchor
from pipeline.read.typography import improve

TAGS_FILE = "tags.toml"
FIRST_HEADING = re.compile(r"^(?:#\s|.+\n=+$)", re.MULTILINE)
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Heading(NamedTuple):
    """A heading's id and its words, as HTML."""

    id: str
    words: Markup


@dataclass(frozen=True)
class Document:
    """One source, read: `text` as it stands in the file, `html` of its body, its main headings."""

    path: str
    front_matter: Post | Page
    text: str
    html: str
    contents: list[Heading]


def decode(data: bytes, path: str) -> str:
    """Return the text of a source. Raises ProblemsFound where it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        found = f"byte 0x{data[error.start]:02x}"
        raise ProblemsFound([Problem(path, line, "must be UTF-8", found)]) from None


def read(
    data: bytes,
    kind: type[Post] | type[Page],
    path: str,
    tags: Collection[str],
    markdown: dict[str, Any],
) -> Document:
    """Return the document. Raises ProblemsFound.

    `path` is the file that problems name, `tags` the known names, `markdown` what Python-Markdown
    is to be made with.
    """
    text = decode(data, path)
    if control := CONTROL.search(text):
        line = line_of(text, control[0])
        must, found = "must have no control characters", f"U+{ord(control[0]):04X}"
        raise ProblemsFound([Problem(path, line, must, found, "remove it")])
    front_matter, body = parse(text, kind, path, tags)
    # A page has no id: its notes stand in no feed.
    notes = anchor(getattr(front_matter, "id", None) or "")
    converted = convert(body, markdown, notes)
    html = improve(converted.html)
    problems = list(text_problems(html, body, path))
    for fault in converted.faults:
        line = line_of(body, re.compile(fault.pattern, re.MULTILINE))
        problems.append(Problem(path, line, fault.must, fault.found, fault.fix))
    if problems:
        raise ProblemsFound(problems)
    contents = [Heading(name, Markup(improve(words))) for name, words in converted.contents]
    return Document(path, front_matter, text, html, contents)


def text_problems(html: str, body: str, path: str) -> Iterator[Problem]:
    """Yield what is wrong with a text: `html` is what became of the Markdown `body`."""
    html = re.sub("<!--.*?-->", "", html, flags=re.DOTALL)
    if "<h1" in html:
        must = "a heading must begin with ## (the title is the page's only first heading)"
        yield Problem(path, line_of(body, FIRST_HEADING), must, "a heading with one #")
    for source in re.findall(r'<img\b[^>]*\ssrc="([^"]*)"', html):
        if re.match(r"https?://", source):
            must, fix = "an image must be a file of yours", "put it beside the text"
            yield Problem(path, line_of(body, unescape(source)), must, source, fix)
        elif re.search(r"\.(?:mp4|m4v|mov|webm|ogv|mp3|m4a|pdf)$", source, re.IGNORECASE):
            must = "an image must be a picture"
            fix = f'<video src="{source}" controls></video>'
            yield Problem(path, line_of(body, unescape(source)), must, source, fix)
    for image in re.findall(r"<img\b[^>]*>", html):
        source = re.search(r'src="([^"]*)"', image)
        says = re.search(r'alt="[^"]', image)
        decorative = re.search(r'class="(?:[^"]*\s)?decorative[\s"]', image)
        if not source or bool(says) != bool(decorative):
            continue
        line = line_of(body, unescape(source[1]))
        if says:
            must, found = "a decorative image must say nothing", "text between the brackets"
            yield Problem(path, line, must, found, f"![]({source[1]}){{: .decorative}}")
        else:
            must, found = "an image must say what it shows", "no text between the brackets"
            yield Problem(path, line, must, found, f"![…]({source[1]})")


def read_tags(path: FilePath) -> dict[str, str]:
    """Return the vocabulary, each tag with its description, from a TOML file.

    No file is no tags. Raises ProblemsFound.
    """
    if not path.exists():
        return {}
    try:
        text = path.read_bytes().decode("utf-8")
        tags = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        line = re.search(r"line (\d+)", str(error))
        number = int(line[1]) if line else 0
        raise ProblemsFound([Problem(str(path), number, "must be TOML", str(error))]) from None
    problems = [
        Problem(
            str(path),
            line_of(text, name),
            f"tag {name!r} must have a sentence that describes it",
            repr(value),
        )
        for name, value in tags.items()
        if not isinstance(value, str) or not value
    ]
    pages: dict[str, str] = {}
    for name in tags:
        first = pages.setdefault(Tag(name, DEFAULT_CONFIG).slug, name)
        if first != name:
            must = f"tag {name!r} must have an address of its own"
            problems.append(
                Problem(str(path), line_of(text, name), must, f"it is that of {first!r}")
            )
    if problems:
        raise ProblemsFound(problems)
    return tags


def as_html(text: str) -> Markup:
    """Return plain text as HTML with typographic characters."""
    return Markup(improve(str(escape(text)).replace("&#39;", "'").replace("&#34;", '"')))


class MarkdownReader(BaseReader):  # type: ignore[misc]
    """Reads posts and pages for Pelican."""

    file_extensions = ("md",)

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        self.tags = read_tags(FilePath(settings["PATH"], TAGS_FILE))

    def read(self, source_path: str) -> tuple[str, dict[str, Any]]:
        """Return the HTML and the metadata as Pelican names them. Raises ProblemsFound."""
        kind = Page if self.is_page(source_path) else Post
        data = FilePath(source_path).read_bytes()
        document = read(data, kind, source_path, self.tags, self.settings["MARKDOWN"])
        return document.html, self.metadata(document)

    def is_page(self, source_path: str) -> bool:
        """Return whether the source lies in one of the folders for pages."""
        folder = FilePath(self.settings["PATH"])
        return any(
            FilePath(source_path).is_relative_to(folder / name)
            for name in self.settings["PAGE_PATHS"]
        )

    def path_slug(self, source_path: str) -> str:
        """Return the slug that Pelican reads from a source's path."""
        relative = FilePath(source_path).relative_to(self.settings["PATH"]).as_posix()
        match = re.match(self.settings["PATH_METADATA"], relative)
        return match["slug"] if match else ""

    def metadata(self, document: Document) -> dict[str, Any]:
        """Return the front matter as Pelican wants it: titles as HTML, tags as its objects."""
        given = {k: v for k, v in vars(document.front_matter).items() if v is not None}
        for name in ("title", "summary", "menu", "edition"):
            if name in given:
                given[name] = as_html(given[name])
        if "tags" in given:
            given["tags"] = [Tag(name, self.settings) for name in given["tags"]]
        if "slug" in given:  # the last part of what the path says
            folder = self.path_slug(document.path).rpartition("/")[0]
            given["slug"] = f"{folder}/{given['slug']}".lstrip("/")
        if "save_as" in given:
            given["url"] = given["save_as"].removesuffix("index.html")
        return {**given, "document": document}
