"""What changed in the words of posts: the versions that readers had, and how they differ.

`CHANGES_FILE` has the earlier versions of each post that was changed, by its id. `invoke publish`
adds the one that is live before it goes; the page of changes is made from the file and the post.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from pathlib import Path

from pipeline.html import parse_part, text_of
from pipeline.model import Change, Content, Version, WordDiff
from pipeline.problems import Problem, ProblemsFound

PAGE = "changes/"  # below the address of the post
SENTENCE = re.compile(r"\S.*?(?:[.!?…][”’\")\]]*(?=\s|$)|$)")
SIGNS = str.maketrans("‘’“”–—‑\u00a0", "''\"\"--- ")
EDGES = "\"'(),.:;!?[]…«»"
ALIKE = 0.5  # below it, two sentences are shown as a whole instead of word by word

Versions = Mapping[str, Sequence[Version]]


def version_of(content: Content) -> Version:
    """Return a post as it is now."""
    date = content.modified or content.date
    note = content.document.front_matter.change or ""
    root = parse_part("".join(part for part in content.document.body if isinstance(part, str)))
    for number in root.select("sup:has(.footnote-ref), .footnote-backref"):
        number.extract()
    text = SENTENCE.findall(" ".join(text_of(root).split()))
    return Version(date.isoformat() if date else "", note, tuple(text))


def read_versions(path: Path) -> dict[str, list[Version]]:
    """Return the earlier versions of posts by their ids, oldest first. Raises ProblemsFound."""
    if not path.is_file():
        return {}
    try:
        table = json.loads(path.read_text("utf-8"))
        return {id: [as_version(each) for each in found] for id, found in table.items()}
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        hint = "invoke publish writes it; take it from git again"
        message = f"not a list of versions: {error}"
        raise ProblemsFound([Problem("changes-file", str(path), 0, message, hint)]) from None


def as_version(table: Mapping[str, object]) -> Version:
    """Return a version from JSON. Raises ValueError, TypeError or KeyError."""
    text = table["text"]
    if not isinstance(text, list):
        raise TypeError("text")
    date = datetime.fromisoformat(str(table["date"])).isoformat()
    return Version(date, str(table["note"]), tuple(map(str, text)))


def as_json(versions: Versions) -> str:
    """Return the text of the file, one sentence per line."""
    table = {id: [vars(each) for each in found] for id, found in versions.items()}
    return json.dumps(table, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def with_live(
    versions: Versions, live: Mapping[str, Version], contents: Iterable[Content]
) -> dict[str, list[Version]]:
    """Return the versions with those that are `live`, by id, and whose words are changed now."""
    found = {id: [*each] for id, each in versions.items()}
    for id, now in published(contents).items():
        before, known = live.get(id), found.get(id, [])
        told = [(each.date, each.note) for each in known]
        if before and (before.date, before.note) not in told and any(diff(before.text, now.text)):
            found[id] = [*known, before]
    return found


def published(contents: Iterable[Content]) -> dict[str, Version]:
    """Return the posts that readers get as they are now, by their ids."""
    posts = [c for c in contents if c.is_post and c.output and c.status != "draft"]
    ids = {getattr(post.document.front_matter, "id", None) or "": post for post in posts}
    return {id: version_of(post) for id, post in ids.items() if id}


def changes_of(content: Content, versions: Sequence[Version]) -> tuple[Change, ...]:
    """Return how the words of a post came to what they are, newest first.

    A change of which the author said nothing, neither when nor what, has no date.
    """
    now = version_of(content)
    steps = [(old, new) for old, new in zip(versions, [*versions[1:], now], strict=True)]
    found = []
    for old, new in reversed(steps):
        date = datetime.fromisoformat(new.date) if is_told(new, old) else None
        if passages := tuple(diff(old.text, new.text)):
            found.append(Change(date, new.note if date else "", passages))
    return tuple(found)


def is_told(new: Version, old: Version) -> bool:
    """Return whether the author has said something of a change."""
    return new.date > old.date or (new.note != old.note and bool(new.note))


def page_of_changes(content: Content) -> str:
    """Return the address of the page of a post's changes ("": there are none)."""
    shown = content.changes and content.output.endswith("/index.html")
    return f"{content.url}{PAGE}" if shown else ""


def diff(old: Sequence[str], new: Sequence[str]) -> Iterator[WordDiff]:
    """Yield the sentences that differ, with what was removed and added; not for typography."""
    before, after = ([tuple(map(key, s.split())) for s in text] for text in (old, new))
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        words = " ".join(old[a:b]).split(), " ".join(new[c:d]).split()
        if kind != "equal":
            passage = tuple(_parts(*words))
            if any(change for change, _ in passage):
                yield passage


def _parts(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    """Yield ("", "del" or "ins", words)."""
    matcher = SequenceMatcher(None, [*map(key, old)], [*map(key, new)], autojunk=False)
    codes = matcher.get_opcodes()
    if matcher.ratio() < ALIKE:
        codes = [("replace", 0, len(old), 0, len(new))]
    for kind, a, b, c, d in codes:
        if kind == "equal":
            yield "", " ".join(new[c:d])
            continue
        for change, words in (("del", old[a:b]), ("ins", new[c:d])):
            if any(map(key, words)):
                yield change, " ".join(words)


def key(word: str) -> str:
    """Return what of a word counts: not quotation marks, dashes, and the punctuation around it."""
    bare = word.translate(SIGNS).strip(EDGES)
    return "" if set(bare) <= {"-"} else bare


def as_text(passage: WordDiff) -> str:
    """Return a passage for the terminal, marked as `git diff --word-diff` does."""
    forms = {"": "{}", "del": "[-{}-]", "ins": "{{+{}+}}"}
    return " ".join(forms[change].format(words) for change, words in passage)
