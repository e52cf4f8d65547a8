"""Front matter: the lines of `Key: value` at the top of a source, as typed values.

Pelican's own form: one key per line up to the first empty line; an indented line continues the
value above it. Nothing is guessed: what is unknown is a problem.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from pipeline.content.tag_uri import is_entry_id
from pipeline.memo import digest_of
from pipeline.model import FrontMatter, Page, Post
from pipeline.problems import Problem, did_you_mean, shorten

KEY = re.compile(r"([A-Za-z][\w-]*):(?:\s+|$)(.*)")
LOOSE_KEY = re.compile(r"([A-Za-z][\w-]*):\s*(.*)")
# What every host takes literally in redirects
ADDRESS = re.compile(r"(/[A-Za-z0-9._~-]+)+/?")
ADDRESS_HINT = "such as /old/ or /2016/old.html: letters, digits and . _ ~ - after slashes"
# Languages of two letters (ISO 639-1); of three there are thousands.
LANGUAGES = frozenset(
    (
        "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv "
        "cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr "
        "ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw "
        "ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv "
        "ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq "
        "sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh "
        "yi yo za zh zu "
    ).split()
)
CERTAIN = 0.8  # how similar to a key a word must be, from 0 to 1
# The end of a hint at what `invoke check --fix` does by itself
FIX = "; check --fix does it"
STATUSES = ("published", "draft", "hidden")


@dataclass(frozen=True)
class Rules:
    """What front matter may hold.

    `tags` are the known tags (None: any), `keys` the keys of other plugins (None: any key),
    `required` the keys that every source must have.
    """

    tags: frozenset[str] | None = None
    keys: tuple[str, ...] | None = None
    required: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """What stands for the rules in keys of the memo: every document has them."""
        return digest_of(self.tags, self.keys, self.required)


@dataclass(frozen=True)
class Parsed:
    """Front matter, the line of each key, the body with its line numbers kept, and the problems."""

    front_matter: Post | Page
    lines: Mapping[str, int]
    body: str
    problems: tuple[Problem, ...] = ()


class Invalid(ValueError):
    """A value that cannot be used: what is wrong, and the hint."""

    def __init__(self, message: str, hint: str = "", code: str = "invalid-metadata") -> None:
        super().__init__(message)
        self.message, self.hint, self.code = message, hint, code


def parse(text: str, kind: type[Post] | type[Page], path: str, rules: Rules) -> Parsed:
    """Return the front matter of a source and its body.

    `text` is the whole source, `path` the file that problems name. A body's line has the same
    number as in the file. Problems are returned, not raised: what can be read is in the result.
    """
    head, body = split(text)
    entries, problems = read_entries(head, path, strict=rules.keys is not None)
    values: dict[str, Any] = {}
    extra: list[tuple[str, str]] = []
    known = [item.name for item in fields(kind) if item.name not in ("change", "extra")]
    if "modified" in entries:  # Modified: 2026-12-01, what the author says of the change
        line, value = entries["modified"]
        value, _, note = (part.strip() for part in value.partition(","))
        entries["modified"] = (line, value)
        values["change"] = note or None
    for name, (line, value) in entries.items():
        label = name.capitalize()
        try:
            if name in known:
                values[name] = READERS[name](value, rules)
            elif rules.keys is None or name in [key.lower() for key in rules.keys]:
                extra.append((name, value))
            else:
                hint = did_you_mean(name, [key.capitalize() for key in known])
                hint += FIX if similar_key(name, known) else ""
                raise Invalid("", hint, "unknown-metadata")
        except Invalid as error:
            message = f"{label}: {error.message}"
            if error.code == "unknown-metadata":
                message = f"unknown key of a {kind.__name__.lower()}: {label}"
            problems.append(Problem(error.code, path, line, message, error.hint))
    lines = {name: line for name, (line, _) in entries.items()}
    if head or rules.required:
        problems += missing(lines, kind, path, rules, problems)
    problems += contradictions(lines, values, path)
    if head and not body.strip() and not problems:
        problems.append(Problem("empty-post", path, 1, "no text after the front matter"))
    values.setdefault("title", "")
    return Parsed(kind(**values, extra=tuple(extra)), lines, body, tuple(problems))


def similar_key(name: str, known: Collection[str]) -> str:
    """Return the only known key that is like a name ("": none is, or several)."""
    near = get_close_matches(name, known, n=2, cutoff=CERTAIN)
    return near[0] if len(near) == 1 else ""


def split(text: str) -> tuple[list[str], str]:
    """Return the lines before the first empty line, and the text from it on.

    The text begins with as many line feeds as lines were taken away, so that its lines keep their
    numbers.
    """
    lines = re.split("\r\n|\r|\n", text)
    end = next((n for n, line in enumerate(lines) if not line.strip()), len(lines))
    return lines[:end], "\n" * end + "\n".join(lines[end:])


def read_entries(
    head: list[str], path: str, strict: bool = True
) -> tuple[dict[str, tuple[int, str]], list[Problem]]:
    """Return line and value of each key, in lower case, and what is wrong with the form.

    What Python-Markdown's `meta` accepts too is accepted unless `strict`: `---` lines, `Key:value`.
    """
    found: dict[str, tuple[int, str]] = {}
    problems: list[Problem] = []
    name = ""
    if not head:
        hint = "begin with Title: …"
        return {}, [Problem("front-matter", path, 1, "no front matter on the first line", hint)]
    for number, text in enumerate(head, 1):
        match = (KEY if strict else LOOSE_KEY).match(text)
        if not strict and text.rstrip() in ("---", "..."):
            continue
        if match and match[1].lower() in found:
            message = f"duplicate key {match[1]}, first on line {found[match[1].lower()][0]}"
            problems.append(Problem("front-matter", path, number, message, "remove one"))
        elif match:
            name = match[1].lower()
            found[name] = (number, match[2].strip())
        elif name and text[:1].isspace():
            line, value = found[name]
            found[name] = (line, f"{value} {text.strip()}".strip())
        else:
            hint = "separate the text from the front matter with an empty line"
            if text.startswith(("---", "+++")):
                hint = f"remove the {text[:3]} lines; each line is `Key: value`"
            message = f"not a line of front matter: {shorten(text)!r}"
            problems.append(Problem("front-matter", path, number, message, hint))
            break
    return found, problems


def missing(
    lines: Mapping[str, int],
    kind: type[FrontMatter],
    path: str,
    rules: Rules,
    problems: Collection[Problem],
) -> Iterator[Problem]:
    """Yield a problem for each required key that is absent."""
    if any(problem.code == "front-matter" for problem in problems):
        return  # what follows a broken line was not read
    required = ["title", *(("date",) if kind is Post and rules.keys is not None else ())]
    for name in dict.fromkeys([*required, *(key.lower() for key in rules.required)]):
        if name not in lines and name in (*vars(kind)["__dataclass_fields__"], *(rules.keys or ())):
            label = name.capitalize()
            yield Problem("missing-metadata", path, 1, f"no {label}", f"add a line {label}: …")


def contradictions(
    lines: Mapping[str, int], values: Mapping[str, Any], path: str
) -> Iterator[Problem]:
    """Yield a problem for each value that another one does not allow."""
    for later, earlier in (("modified", "date"), ("review", "as_of")):
        if later in values and earlier in values and is_before(values[later], values[earlier]):
            message = f"{later.capitalize()} is before {earlier.capitalize()}"
            yield Problem("invalid-metadata", path, lines[later], message)
    if "save_as" in values and values.get("status") == "draft":
        message = "a draft with Save_as would be published by Pelican"
        yield Problem("invalid-metadata", path, lines["save_as"], message, "remove one of the two")


def is_before(one: datetime, other: datetime) -> bool:
    """Return whether a time is before another; a zone counts where both have one."""
    if one.tzinfo and other.tzinfo:
        return one < other
    return one.replace(tzinfo=None) < other.replace(tzinfo=None)


def read_text(value: str, _: Rules) -> str:
    """Return a value that is not empty."""
    if not value:
        raise Invalid("empty")
    return value


def read_date(value: str, rules: Rules) -> datetime:
    """Return a naive date and time, midnight where none is given."""
    for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M"):
        try:
            return datetime.strptime(value, form)
        except ValueError:
            continue
    if rules.keys is None:
        from pelican.utils import get_date

        try:  # a site of Pelican's own kind: any date that Pelican reads
            found: datetime = get_date(value)
            return found
        except (ValueError, OverflowError):
            pass
    raise Invalid(f"not a date: {value!r}", "such as 2024-03-01 or 2024-03-01 09:30")


def read_status(value: str, _: Rules) -> str:
    """Return one of Pelican's statuses, in lower case."""
    if value.lower() not in STATUSES:
        hint = did_you_mean(value, STATUSES) or f"one of {', '.join(STATUSES)}"
        raise Invalid(f"unknown status {value!r}", hint)
    return value.lower()


def read_tags(value: str, rules: Rules) -> tuple[str, ...]:
    """Return the names, each known and given once."""
    names = tuple(name.strip() for name in value.split(","))
    if rules.tags is None:
        return tuple(dict.fromkeys(filter(None, names)))
    for name in names:
        if not name:
            raise Invalid("a comma without a tag")
        if name not in rules.tags:
            hint = did_you_mean(name, rules.tags) or "add it to tags.toml with a description"
            hint += FIX if name.casefold() in map(str.casefold, rules.tags) else ""
            unknown = [repr(other) for other in names if other not in rules.tags]
            raise Invalid(f"unknown tag {', '.join(unknown)}", hint, "unknown-tag")
        if names.count(name) > 1:
            raise Invalid(f"duplicate tag {name!r}")
    return names


def read_slug(value: str, rules: Rules) -> str:
    """Return the last part of an address: lower-case letters, digits and single hyphens."""
    if rules.keys is not None and not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", value):
        raise Invalid(f"not a slug: {value!r}", "lower-case letters, digits and single hyphens")
    return value


def is_language(tag: str) -> bool:
    """Return whether the language of a tag is assigned, as far as it has two letters."""
    language = tag.partition("-")[0].lower()
    return len(language) != 2 or language in LANGUAGES


def read_lang(value: str, _: Rules) -> str:
    """Return a language tag (BCP 47, RFC 5646), of the short forms."""
    if not re.fullmatch(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", value):
        raise Invalid(f"not a language tag: {value!r}", "such as en or pt-BR")
    if not is_language(value):
        raise Invalid(f"unknown language: {value!r}", "such as ja for Japanese")
    return value


def read_id(value: str, _: Rules) -> str:
    """Return the id of an entry: a tag URI (RFC 4151), or that of an earlier site."""
    if not is_entry_id(value):
        raise Invalid(
            f"not a tag URI, and no URL: {value!r}", "such as tag:example.org,2024-03-01:a-title"
        )
    return value


def read_output(value: str, _: Rules) -> str:
    """Return the path of an output file, relative to the site's root."""
    if value.startswith("/") or ".." in value.split("/") or not value.endswith(".html"):
        raise Invalid(f"not the path of an .html file below the site's root: {value!r}")
    return value


def read_aliases(value: str, _: Rules) -> tuple[str, ...]:
    """Return earlier addresses, from the site's root, each given once."""
    names = tuple(name.strip() for name in value.split(","))
    for name in names:
        if not ADDRESS.fullmatch(name):
            raise Invalid(f"not an address: {name!r}", ADDRESS_HINT)
        if names.count(name) > 1:
            raise Invalid(f"duplicate address {name!r}")
    return names


READERS: dict[str, Callable[[str, Rules], object]] = {
    "title": read_text,
    "summary": read_text,
    "slug": read_slug,
    "status": read_status,
    "lang": read_lang,
    "modified": read_date,
    "aliases": read_aliases,
    "template": read_text,
    "save_as": read_output,
    "date": read_date,
    "id": read_id,
    "tags": read_tags,
    "as_of": read_date,
    "review": read_date,
    "menu": read_text,
    "edition": read_text,
}
