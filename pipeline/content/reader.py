"""From the bytes of a source to a `Document`: read once, with everything that is known of it."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.content.code_blocks import code_lines, fence_problems
from pipeline.content.extract import CONTROL, control_characters, extract
from pipeline.content.footnotes import undefined_footnotes
from pipeline.content.front_matter import Rules, parse
from pipeline.content.markdown import convert
from pipeline.content.suppressions import find_suppressions
from pipeline.content.tag_uri import anchor
from pipeline.content.typography import as_html, smarten
from pipeline.model import Document, Heading, Page, Post
from pipeline.problems import Problem, ProblemsFound, raise_if_any, shorten
from pipeline.settings import Settings

Ledger = dict[str, dict[str, str]]
# "=======" below words may be meant: they become a heading.
CONFLICT = re.compile(r"^(?:(?:<{7}|>{7}|\|{7})(?: .*)?|(?<=\n\n)={7})\r?$", re.MULTILINE)
# Rules of this dialect that other blogs do not follow
STRICT_CODES = ("quote", "heading-level", "image-alt", "external-image", "image-format", "chart")


def read_document(
    data: bytes,
    kind: type[Post] | type[Page],
    path: str,
    name: str,
    rules: Rules,
    markdown: Mapping[str, Any],
) -> Document:
    """Return the document of a source. Raises ProblemsFound with all that is wrong with it.

    `path` is the file as problems name it, `name` its path below the content folder, `rules` what
    its front matter may hold, `markdown` the arguments of Python-Markdown.
    """
    text = decode(data, path)
    raise_if_any(conflicts(text, path))  # alone: the rest may follow from them
    parsed = parse(CONTROL.sub("", text), kind, path, rules)
    given = parsed.front_matter
    # A page has no id: its footnotes are in no feed.
    namespace = anchor(getattr(given, "id", None) or "")
    converted = convert(parsed.body, path, markdown, namespace)
    found = extract(smarten(converted.html), path)
    # Line breaks that Markdown adds beside raw HTML count as the author's.
    last = text.count("\n") + text.count("\r") + 1
    in_text = (replace(problem, line=min(problem.line, last)) for problem in found.problems)
    problems = [*parsed.problems, *converted.problems, *in_text]
    problems += control_characters(text, path, 1)
    problems += fence_problems(parsed.body, path)
    if notes := converted.footnotes:
        problems += (p for text in found.texts for p in undefined_footnotes(*text, path, notes))
    raise_if_any(p for p in problems if rules.keys is not None or p.code not in STRICT_CODES)
    lines = dict(found.ids)
    headings = (Heading(id, smarten(words), lines.get(id, 0)) for id, words in converted.headings)
    return Document(
        path=path,
        name=name,
        digest=hashlib.sha256(data + repr((kind, name, markdown)).encode()).hexdigest(),
        front_matter=given,
        lines=parsed.lines,
        text=text,
        body=found.body,
        title=as_html(given.title),
        summary=optional_html(given.summary),
        menu=optional_html(getattr(given, "menu", None)),
        edition=optional_html(getattr(given, "edition", None)),
        headings=tuple(headings),
        quotes=found.quotes,
        ids=found.ids,
        notes=found.notes,
        words=found.words,
        plain=found.plain,
        styles=found.styles,
        kinds=frozenset(found.kinds),
        suppressions=tuple(find_suppressions(parsed.body)),
    )


def conflicts(text: str, path: str) -> Iterator[Problem]:
    """Yield the markers that a merge in Git has left outside of code."""
    for match in CONFLICT.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if line not in code_lines(text):
            message = f"merge conflict marker: {shorten(match[0], 40)!r}"
            yield Problem("markdown-slips", path, line, message, "resolve the conflict")


def optional_html(text: str | None) -> str | None:
    """Return plain text as HTML, or None for none."""
    return None if text is None else as_html(text)


def decode(data: bytes, path: str) -> str:
    """Return the text of a file. Raises ProblemsFound where it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        found = f"not UTF-8: byte 0x{data[error.start]:02x}"
        raise ProblemsFound([Problem("encoding", path, line, found, "save it as UTF-8")]) from None


def read_toml(path: Path) -> tuple[dict[str, Any], dict[str, int]]:
    """Return a TOML table and the line of each of its top-level keys; a missing file is empty.

    Raises ProblemsFound where it is not TOML.
    """
    if not path.is_file():
        return {}, {}
    text = decode(path.read_bytes(), str(path))
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+)", str(error))
        line = int(place[1]) if place else text.count("\n") + 1
        message = f"not TOML: {error}"
        raise ProblemsFound([Problem("toml", str(path), line, message)]) from None
    lines: dict[str, int] = {}
    for number, line_text in enumerate(text.split("\n"), 1):
        if match := re.match(r"""\s*(?:"([^"]*)"|'([^']*)'|([\w-]+))\s*=""", line_text):
            lines.setdefault(match[1] or match[2] or match[3] or "", number)
    return table, lines


def read_tags(settings: Settings) -> dict[str, str] | None:
    """Return the known tags with their descriptions; None: there is no list, any tag is allowed.

    Raises ProblemsFound.
    """
    path = Path(settings.path, settings.tags_file)
    if not settings.tags_file or not path.is_file():
        return None
    tags, lines = read_toml(path)
    problems, slugs = [], dict[str, str]()
    for name, description in tags.items():
        place = (str(path), lines.get(name, 0))
        if not isinstance(description, str) or not description:
            message = f"tag without a description: {name!r}"
            problems.append(Problem("tags", *place, message, f'{name} = "What it is about."'))
        if "," in name:
            problems.append(Problem("tags", *place, f"tag with a comma: {name!r}"))
        slug = tag_slug(name, settings)
        first = slugs.setdefault(slug, name)
        if first != name:
            message = f"tags {first!r} and {name!r} have the same address: {slug}"
            hint = f"rename one, or begin TAG_REGEX_SUBSTITUTIONS with {(re.escape(name), '…')}"
            problems.append(Problem("tags", *place, message, hint))
    raise_if_any(problems)
    return tags


def read_ledger(settings: Settings) -> Ledger:
    """Return what is known of external links; a missing file is empty. Raises ProblemsFound."""
    path = Path(settings.path, settings.links_file)
    if not path.is_file():
        return {}
    try:
        data = json.loads(path.read_bytes())
        return {str(url): {str(k): str(v) for k, v in entry.items()} for url, entry in data.items()}
    except (ValueError, AttributeError) as error:
        hint = "delete it; the next run of check-links makes a new one"
        problem = Problem("links-ledger", str(path), 0, f"not a ledger of links: {error}", hint)
        raise ProblemsFound([problem]) from None


def tag_slug(name: str, settings: Settings) -> str:
    """Return the slug that Pelican gives a tag."""
    from pelican.contents import Tag as PelicanTag
    from pelican.settings import DEFAULT_CONFIG

    own = settings.tag_regex_substitutions or DEFAULT_CONFIG["SLUG_REGEX_SUBSTITUTIONS"]
    return str(PelicanTag(name, {**DEFAULT_CONFIG, "TAG_REGEX_SUBSTITUTIONS": own}).slug)


def rules_of(settings: Settings, tags: Mapping[str, str] | None) -> Rules:
    """Return what front matter may hold on a site."""
    known = None if tags is None else frozenset(tags)
    keys = settings.extra_keys if settings.strict_content else None
    return Rules(known, keys, settings.required_metadata)
