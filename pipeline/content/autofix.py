"""Safe fixes of a source: order and spelling of front matter, case of tags, a missing id.

`invoke check --fix`. Every byte of the text below the front matter stays as it is.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from pathlib import Path

from pipeline.content.front_matter import KEY, similar_key
from pipeline.content.reader import read_tags
from pipeline.content.sources import text_files
from pipeline.content.tag_uri import mint
from pipeline.model import Page, Post
from pipeline.problems import relative
from pipeline.settings import Settings

# The order of front matter; docs/writing.md says so.
ORDER = (
    "title", "menu", "date", "id", "modified", "as_of", "review", "edition", "tags", "slug",
    "aliases", "lang", "status", "save_as", "template", "summary",
)  # fmt: skip
NAME = re.compile(r"[^\s,](?:[^,\r\n]*[^\s,])?")
LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")

# One entry of the front matter: its key as written, and its lines with their ends
Entry = tuple[str, list[str]]


def fix_site(settings: Settings) -> list[str]:
    """Fix every source of a site; return a line for each that was changed."""
    tags = read_tags(settings) or {}
    return [
        f"{relative(str(path))}: {', '.join(lines)}"
        for path, kind in text_files(settings)
        if (lines := fix_file(path, kind, tags, settings.feed_id))
    ]


def fix_file(
    path: Path, kind: type[Post] | type[Page], tags: Collection[str], namespace: str
) -> list[str]:
    """Fix one source and return what was changed; a post without an id gets one in `namespace`."""
    try:
        before = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return []  # reading reports it
    after = fix(before, kind, tags, new_id(path, before, namespace) if kind is Post else {})
    if after == before:
        return []
    write_text(path, after)
    old, new = before.splitlines(), after.splitlines()
    return [line for line in new if line not in old] or ["the order of the front matter"]


def write_text(path: Path, text: str) -> None:
    """Write a source. A full disk must not lose it: it is written beside it and then renamed."""
    beside = path.with_name(f"{path.name}~")
    beside.write_bytes(text.encode("utf-8"))
    beside.replace(path)


def fix(
    text: str,
    kind: type[Post] | type[Page],
    tags: Collection[str] = (),
    missing: Mapping[str, str] | None = None,
) -> str:
    """Return a source with its front matter in order: keys spelled and sorted, tags in their case.

    `tags` are the known names, `missing` the values of keys that are added where they are absent.
    What is no front matter is returned unchanged, and fixing twice changes nothing more.
    """
    mark = "\ufeff" * text.startswith("\ufeff")
    lines = LINE.findall(text.removeprefix(mark))
    end = next((n for n, line in enumerate(lines) if not line.strip()), len(lines))
    known = [item.name for item in fields(kind) if item.name != "extra"]
    entries = read_entries(lines[:end])
    if not entries or end == len(lines):
        return text
    given = [key.lower() for key, _ in entries]
    entries = [(spell(key, given, known), of_key) for key, of_key in entries]
    named = {key.lower() for key, _ in entries}
    ending = lines[0][len(lines[0].rstrip("\r\n")) :]
    for key, value in (missing or {}).items():
        if key in known and key not in named:
            entries.append((key.capitalize(), [f"{key}: {value}{ending}"]))
    entries.sort(key=lambda entry: rank(entry[0]))
    head = [line for entry in entries for line in write(entry, tags)]
    return mark + "".join([*head, *lines[end:]])


def read_entries(head: list[str]) -> list[Entry]:
    """Return the entries of front matter; none where it is not one, or has a key twice."""
    entries: list[Entry] = []
    for line in head:
        if match := KEY.match(line.rstrip("\r\n")):
            entries.append((match[1], [line]))
        elif entries and line[:1].isspace():
            entries[-1][1].append(line)
        else:
            return []
    names = {key.lower() for key, _ in entries}
    return entries if len(names) == len(entries) else []


def spell(key: str, given: Collection[str], known: Collection[str]) -> str:
    """Return a key as it is spelled: the only known one that is similar, unless it is there."""
    name = key.lower().replace("-", "_")
    near = name if name in known else similar_key(name, known)
    taken = near in given and near != key.lower()
    return near.capitalize() if near and not taken else key


def rank(key: str) -> int:
    """Return the position of a key; an unknown one is after all others."""
    return ORDER.index(key.lower()) if key.lower() in ORDER else len(ORDER)


def write(entry: Entry, tags: Collection[str]) -> Iterator[str]:
    """Yield the lines of an entry, with its key spelled and its tags in their case."""
    key, (first, *more) = entry
    in_case = {tag.casefold(): tag for tag in tags} if key == "Tags" else {}
    values = [first[first.index(":") + 1 :], *more]
    values = [NAME.sub(lambda n: in_case.get(n[0].casefold(), n[0]), value) for value in values]
    yield f"{key}:{values[0]}"
    yield from values[1:]


def new_id(path: Path, text: str, namespace: str) -> dict[str, str]:
    """Return the id of a post without one, as `invoke new` would give it; none without a date."""
    head = text.removeprefix("\ufeff").replace("\r\n", "\n").partition("\n\n")[0]
    entries = {key.lower(): lines for key, lines in read_entries(LINE.findall(head))}
    match = re.search(r"\d{4}-\d{2}-\d{2}", "".join(entries.get("date", ())))
    slug = path.parent.name if path.name == "index.md" else path.stem
    try:
        day = datetime.strptime(match[0], "%Y-%m-%d") if match else None
    except ValueError:
        return {}
    return {"id": mint(namespace, day, slug)} if day and namespace else {}
