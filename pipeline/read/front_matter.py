"""The lines of `Key: value` on top of a source, as typed values.

Pelican's own form: one key a line up to the first empty line; an indented line goes on with the
value above it. Nothing is guessed and nothing dropped: what is not known is a problem.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from difflib import get_close_matches
from typing import Any, TypeVar

from pipeline.problems import Problem, ProblemsFound
from pipeline.read.ids import is_tag_uri

KEY = re.compile(r"([A-Za-z][\w-]*):(?:\s+|$)(.*)")
# No host takes another character literally in all the forms of redirects (render/redirects.py).
ADDRESS = re.compile(r"(/[A-Za-z0-9._~-]+)+/?")
ADDRESS_MUST = "must be such as /old/ or /2016/old.html: letters, digits and . _ ~ - behind slashes"
STATUSES = ("published", "draft", "hidden")


class Flaw(ValueError):
    """What one value must be, and the fix where one is known."""

    def __init__(self, must: str, fix: str = "", found: str | None = None) -> None:
        super().__init__(must)
        self.must, self.fix, self.found = must, fix, found


def nearest(word: str, known: Collection[str]) -> str:
    """Return "did you mean …?" with the known word most like `word`, or an empty text."""
    words = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), words, n=1, cutoff=0.6)
    return f"did you mean {words[found[0]]!r}?" if found else ""


def read_text(value: str, _tags: Collection[str]) -> str:
    """Return the value, which must not be empty."""
    if not value:
        raise Flaw("must not be empty")
    return value


def read_date(value: str, _tags: Collection[str]) -> datetime:
    """Return a naive date and time, midnight where none is given."""
    for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M"):
        try:
            return datetime.strptime(value, form)
        except ValueError:
            continue
    raise Flaw("must be a date such as 2024-03-01 or 2024-03-01 09:30")


def read_status(value: str, _tags: Collection[str]) -> str:
    """Return one of Pelican's statuses, in lower case."""
    if value.lower() not in STATUSES:
        raise Flaw("must be one of " + ", ".join(STATUSES), nearest(value, STATUSES))
    return value.lower()


def read_tags(value: str, tags: Collection[str]) -> tuple[str, ...]:
    """Return the names, each of which must be in the vocabulary and given once."""
    names = tuple(name.strip() for name in value.split(","))
    for name in names:
        if not name:
            raise Flaw("must have a name before and behind each comma")
        if name not in tags:
            fix = nearest(name, tags) or "add it there with a sentence that describes it"
            raise Flaw("must name tags of content/tags.toml", fix, found=name)
        if names.count(name) > 1:
            raise Flaw("must name each tag once", found=name)
    return names


def read_slug(value: str, _tags: Collection[str]) -> str:
    """Return an address' last part: small letters, digits and single hyphens."""
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", value):
        raise Flaw("must be small letters, digits and single hyphens")
    return value


def read_lang(value: str, _tags: Collection[str]) -> str:
    """Return a language tag (BCP 47, RFC 5646), the short forms of it."""
    if not re.fullmatch(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", value):
        raise Flaw("must be a language tag such as en or pt-BR")
    return value


def read_id(value: str, _tags: Collection[str]) -> str:
    """Return a tag URI (RFC 4151)."""
    if not is_tag_uri(value):
        raise Flaw("must be a tag URI such as tag:example.org,2024-03-01:a-title")
    return value


def read_output(value: str, _tags: Collection[str]) -> str:
    """Return the path of an output file, relative to the site's root."""
    if value.startswith("/") or ".." in value.split("/") or not value.endswith(".html"):
        raise Flaw("must be the path of an .html file below the site's root")
    return value


def read_aliases(value: str, _tags: Collection[str]) -> tuple[str, ...]:
    """Return old addresses, from the site's root, each given once."""
    names = tuple(name.strip() for name in value.split(","))
    for name in names:
        if not ADDRESS.fullmatch(name):
            raise Flaw(f"{ADDRESS_MUST}, with commas between them", found=name)
        if names.count(name) > 1:
            raise Flaw("must name each address once", found=name)
    return names


def key(read: Callable[[str, Collection[str]], Any], **default: Any) -> Any:
    """Return a dataclass field whose text is read by `read`; required without a default."""
    return field(metadata={"read": read}, **default)


@dataclass(frozen=True)
class Source:
    """What posts and pages have in common; `aliases` are the addresses that it had before."""

    title: str = key(read_text)
    summary: str = key(read_text)
    slug: str | None = key(read_slug, default=None)
    status: str = key(read_status, default="published")
    lang: str | None = key(read_lang, default=None)
    modified: datetime | None = key(read_date, default=None)
    aliases: tuple[str, ...] = key(read_aliases, default=())


@dataclass(frozen=True)
class Post(Source):
    """The front matter of a post.

    `id` is what feed readers know it by. It is required (`check.sources.lost_ids`), and never
    changes.
    """

    date: datetime = key(read_date, kw_only=True)
    id: str | None = key(read_id, default=None)
    tags: tuple[str, ...] = key(read_tags, default=())


@dataclass(frozen=True)
class Page(Source):
    """The front matter of a page.

    `menu` is its name in the menu (default: the title), `edition` the time that an earlier edition
    is from, `as_of` the day on which all in it was true and `review` the one by which its author
    will look at it again; `date` the one by which its quotes were there, but for those that say
    otherwise; `save_as` and `template` are Pelican's.
    """

    date: datetime | None = key(read_date, default=None)
    as_of: datetime | None = key(read_date, default=None)
    review: datetime | None = key(read_date, default=None)
    menu: str | None = key(read_text, default=None)
    edition: str | None = key(read_text, default=None)
    save_as: str | None = key(read_output, default=None)
    template: str | None = key(read_text, default=None)


Kind = TypeVar("Kind", bound=Source)


@dataclass(frozen=True)
class Line:
    """A key's value and where it stands."""

    number: int
    value: str


def split(text: str) -> tuple[list[str], str]:
    """Return the lines before the first empty line, and the text from it on.

    The rest starts with as many line feeds as lines were taken away, so that a line of it has the
    same number as in the file.
    """
    lines = re.split("\r\n|\r|\n", text)
    end = next((n for n, line in enumerate(lines) if not line.strip()), len(lines))
    return lines[:end], "\n" * end + "\n".join(lines[end:])


def read_lines(lines: list[str], path: str) -> tuple[dict[str, Line], list[Problem]]:
    """Return the keys in lower case with their lines, and what is wrong with the form."""
    found: dict[str, Line] = {}
    problems: list[Problem] = []
    name = ""
    for number, text in enumerate(lines, 1):
        match = KEY.match(text)
        if match and match[1].lower() in found:
            must = f"must have each key once, {match[1]} stands on line"
            number_before = found[match[1].lower()].number
            problems.append(Problem(path, number, f"{must} {number_before}", text.strip()))
        elif match:
            name = match[1].lower()
            found[name] = Line(number, match[2].strip())
        elif name and text[:1].isspace():
            found[name] = Line(found[name].number, f"{found[name].value} {text.strip()}".strip())
        else:
            fix = "remove the --- lines" if text.startswith("---") else "end it by an empty line"
            problems.append(
                Problem(path, number, "must be front matter as `Key: value`", repr(text), fix)
            )
            break
    return found, problems


def parse(text: str, kind: type[Kind], path: str, tags: Collection[str]) -> tuple[Kind, str]:
    """Return the front matter of a source and its body.

    `text` is the whole source, `kind` Post or Page, `path` the file that problems name, `tags` the
    known names. The body keeps its line numbers (see `split`). Raises ProblemsFound.
    """
    head, body = split(text)
    if not head:
        must = "must begin with front matter"
        raise ProblemsFound([Problem(path, 1, must, "an empty line", "begin with Title: …")])
    lines, problems = read_lines(head, path)
    if problems:
        raise ProblemsFound(problems)
    values, problems = read_values(lines, kind, path, tags)
    problems += [*missing(lines, kind, path), *contradictions(lines, values, path)]
    if not problems and not body.strip():
        problems.append(Problem(path, 1, "must have a text", "front matter alone"))
    if problems:
        raise ProblemsFound(problems)
    return kind(**values), body


def missing(lines: dict[str, Line], kind: type[Source], path: str) -> Iterator[Problem]:
    """Yield a problem for each required key that is not there."""
    for f in fields(kind):
        if f.default is MISSING and f.name not in lines:
            fix = f"add a line {f.name.capitalize()}: …"
            yield Problem(path, 1, f"must have {f.name.capitalize()}", "none", fix)


def contradictions(lines: dict[str, Line], values: dict[str, Any], path: str) -> Iterator[Problem]:
    """Yield a problem for each value that another one does not allow."""
    for later, earlier in (("modified", "date"), ("review", "as_of")):
        if later in values and earlier in values and values[later] < values[earlier]:
            line = lines[later]
            must = f"{later.capitalize()} must not be before {earlier.capitalize()}"
            yield Problem(path, line.number, must, repr(line.value))
    if "save_as" in values and values.get("status") == "draft":
        must = "a draft must not have Save_as, which Pelican would publish"
        yield Problem(path, lines["save_as"].number, must, repr(lines["save_as"].value))


def read_values(
    lines: dict[str, Line], kind: type[Source], path: str, tags: Collection[str]
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the typed values of the known keys, and what is wrong with any key or value."""
    known = {f.name: f for f in fields(kind)}
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, line in lines.items():
        label = name.capitalize()
        if name not in known:
            must = f"must be a key that a {kind.__name__.lower()} has"
            fix = nearest(name, [n.capitalize() for n in known])
            problems.append(Problem(path, line.number, must, label, fix))
            continue
        try:
            values[name] = known[name].metadata["read"](line.value, tags)
        except Flaw as flaw:
            found = repr(line.value if flaw.found is None else flaw.found)
            problems.append(Problem(path, line.number, f"{label} {flaw.must}", found, flaw.fix))
    return values, problems
