"""What a program can mend in a source: the front matter's order and spelling, tags, a lost id.

`invoke check --fix`. Every byte of the text below the front matter stays as it is.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from pelican import get_config, parse_arguments, read_settings

from pipeline.problems import relative
from pipeline.read.front_matter import KEY, Page, Post
from pipeline.read.ids import mint
from pipeline.read.reader import TAGS_FILE, read_tags

# How the front matter is ordered; docs/writing.md says so.
ORDER = (
    "title",
    "menu",
    "date",
    "id",
    "modified",
    "as_of",
    "review",
    "edition",
    "tags",
    "slug",
    "aliases",
    "lang",
    "status",
    "save_as",
    "template",
    "summary",
)
SURE = 0.8  # how like a key a word must be, from 0 to 1
NAME = re.compile(r"[^\s,](?:[^,\r\n]*[^\s,])?")
LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")

# One entry of the front matter: its key as written, and its lines with their ends
Entry = tuple[str, list[str]]


def mend(
    text: str,
    kind: type[Post] | type[Page],
    tags: Collection[str] = (),
    missing: Mapping[str, str] | None = None,
) -> str:
    """Return a source with its front matter in order: keys spelled and sorted, tags in their case.

    `kind` says which keys there are, `tags` are the known names, `missing` the values of keys that
    are added where they are not there. What is no front matter is returned as it is, and what is
    mended once stays so.
    """
    mark = "\ufeff" * text.startswith("\ufeff")
    lines = LINE.findall(text.removeprefix(mark))
    end = next((n for n, line in enumerate(lines) if not line.strip()), len(lines))
    known = [field.name for field in fields(kind)]
    entries = read_entries(lines[:end])
    if not entries or end == len(lines):
        return text
    given = [key.lower() for key, _ in entries]
    entries = [(spell(key, given, known), of_key) for key, of_key in entries]
    named = {key.lower() for key, _ in entries}
    ending = lines[0][len(lines[0].rstrip("\r\n")) :]
    for key in [key for key in missing or {} if key in known and key not in named]:
        entries.append((key.capitalize(), [f"{key}: {(missing or {})[key]}{ending}"]))
    entries.sort(key=lambda entry: rank(entry[0]))
    head = [line for entry in entries for line in write(entry, tags)]
    return mark + "".join([*head, *lines[end:]])


def read_entries(head: Sequence[str]) -> list[Entry]:
    """Return the entries of a front matter; none where it is not one, or has a key twice."""
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
    """Return a key as it is spelled: the only known one that is much like it, and not there yet."""
    name = key.lower().replace("-", "_")
    near = [name] if name in known else get_close_matches(name, known, n=2, cutoff=SURE)
    taken = len(near) == 1 and near[0] in given and near[0] != key.lower()
    return near[0].capitalize() if len(near) == 1 and not taken else key


def rank(key: str) -> int:
    """Return where a key stands; one that is not known stays behind the others."""
    return ORDER.index(key.lower()) if key.lower() in ORDER else len(ORDER)


def write(entry: Entry, tags: Collection[str]) -> Iterator[str]:
    """Yield the lines of an entry, with its key spelled and its tags in their case."""
    key, (first, *more) = entry
    in_case = {tag.casefold(): tag for tag in tags} if key == "Tags" else {}
    values = [first[first.index(":") + 1 :], *more]
    values = [NAME.sub(lambda n: in_case.get(n[0].casefold(), n[0]), value) for value in values]
    yield f"{key}:{values[0]}"
    yield from values[1:]


def mend_site(settings: str, arguments: Sequence[str] = ()) -> list[str]:
    """Mend every source of a site; return a line for each that was changed.

    `settings` and `arguments` are those of a build. Raises ProblemsFound when the tags cannot be
    read.
    """
    args = parse_arguments(["--settings", settings, *arguments])
    site = read_settings(args.settings, override=get_config(args))
    root = Path(site["PATH"])
    tags = read_tags(root / TAGS_FILE)
    kinds: dict[type[Post] | type[Page], list[str]] = {
        Post: site["ARTICLE_PATHS"],
        Page: site["PAGE_PATHS"],
    }
    return [
        f"{relative(str(path))}: {', '.join(changed)}"
        for kind, names in kinds.items()
        for name in names
        for path in sorted((root / name).rglob("*.md"))
        if (changed := mend_file(path, kind, tags, site["FEED_ID"]))
    ]


def new_id(path: Path, text: str, namespace: str) -> dict[str, str]:
    """Return the id that a post without one gets, as `invoke new` would; none without a date."""
    match = re.search(r"^date:\s*(\d{4}-\d{2}-\d{2})", text, re.MULTILINE | re.IGNORECASE)
    slug = path.parent.name if path.name == "index.md" else path.stem
    try:
        return {"id": mint(namespace, date.fromisoformat(match[1]), slug)} if match else {}
    except ValueError:
        return {}


def mend_file(
    path: Path, kind: type[Post] | type[Page], tags: Collection[str], namespace: str
) -> list[str]:
    """Mend one source; return what was changed. `namespace` is what new ids are minted in."""
    try:
        before = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return []  # the reader says so better
    after = mend(before, kind, tags, new_id(path, before, namespace) if kind is Post else {})
    if after == before:
        return []
    # Beside it and then into its place: a full disk must not take the text.
    beside = path.with_name(f"{path.name}~")
    beside.write_bytes(after.encode("utf-8"))
    beside.replace(path)
    old, new = before.splitlines(), after.splitlines()
    return [line for line in new if line not in old] or ["the order of the front matter"]
