"""Whether everything that is meant to be public is, and nothing else."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cached_property
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from pipeline.check.checked_site import CheckedSite, SiteCheck, found
from pipeline.html import plain
from pipeline.memo import known
from pipeline.model import Content, Page, Passage
from pipeline.problems import Problem, relative, shorten

# A sentence, a title and an address that are recognizable: words, characters
SENTENCE = (6, 40)
TITLE = (2, 10)
FILE_NAME = 6  # characters of a file name that only one file has
# What typography makes of a plain character
PLAIN = str.maketrans("‘’“”–—\u00a0", "''\"\"-- ")


def outputs(site: CheckedSite) -> Iterator[Problem]:
    """Every source became a file of the site; with STRICT_CONTENT every file has a source."""
    known = {output.path: output.source for output in site.site.outputs}
    for path, source in known.items():
        if path not in site.artifacts:
            yield found((source or f"/{path}", 0), f"not written: /{path}", "build again")
    for path in sorted(site.artifacts.keys() - known.keys()):
        if site.settings.strict_content:
            yield found((f"/{path}", 0), f"file without a source: /{path}", "remove what writes it")


def drafts(site: CheckedSite) -> Iterator[Problem]:
    """Nothing of a draft or a scheduled post is on the site."""
    now = datetime.now(UTC)
    for content in site.contents.values():
        future = content.is_post and content.date and content.date > now
        if content.status == "draft" or future:
            key = "status" if content.status == "draft" else "date"
            place = (content.document.path, content.document.lines.get(key, 0))
            hint = 'DRAFT_SAVE_AS = "" and WITH_FUTURE_DATES = False'
            yield found(place, f"unpublished text has the page /{content.output}", hint)
    hidden = [content for content in site.site.contents if not content.output]
    published = _Published(site, hidden) if hidden else None
    traces = ((c.document, trace) for c in hidden if published for trace in published.traces_of(c))
    for document, (file, what, passage) in traces:
        if passage and not file:
            message = f"unpublished {relative(document.path)} is mentioned: {what}"
            yield found((passage.path, passage.line), message)
        else:
            place = (document.path, document.lines.get("title", 1))
            message = f"unpublished text is in /{file}: {what}"
            yield found(place, message, "fix what writes it there")


# The file that has a trace ("": an author's text), what it is, and where
_Trace = tuple[str, str, Passage | None]


class _Needles(NamedTuple):
    """What a file that has a trace of an unpublished text has: a name, a title, a sentence."""

    names: tuple[str, ...]
    titles: tuple[str, ...]
    words: tuple[str, ...]


def _needles_of(hidden: Iterable[Content]) -> _Needles:
    names, titles, words = set[str](), set[str](), set[str]()
    for content in hidden:
        names |= {_name_of(content), *(path.name for path in _files_of(content))}
        titles.add(f" {_simplify(plain(content.document.title))} ")
        words.add(_words_of(content))
    return _Needles(*(tuple(sorted(found - {"", "  "})) for found in (names, titles, words)))


def mentions(part: CheckedSite, needles: Callable[[], _Needles]) -> bool:
    """Return whether a file may have a trace of an unpublished text."""
    names, titles, words = needles()
    if any(name in text for text in part.file_texts.values() for name in names):
        return True
    others = [passage.text for _, passage in part.elsewhere]
    texts = [f" {_simplify(text)} " for text in (*(p.text for p in part.authored), *others)]
    sentences = {f" {sentence} " for text in others for sentence in _sentences_of(text)}
    return any(title in text for text in texts for title in titles) or any(
        sentence in known for known in words for sentence in sentences
    )


class _Published:
    """What is searched for traces of unpublished texts, made once for all of them."""

    def __init__(self, site: CheckedSite, hidden: Iterable[Content]) -> None:
        needles = known(_needles_of(hidden))
        near = [
            path for path, part in site.parts.items() if site.memo(mentions, replace(part), needles)
        ]
        self.contents, self.memo = site.contents.values(), site.memo
        self.titles = Counter(_simplify(plain(c.document.title)) for c in site.site.contents)
        self.paths = sorted(site.artifacts)
        self.names = {path.rpartition("/")[2] for path in self.paths}
        self.digests = {a.digest: path for path, a in site.artifacts.items() if a.size}
        self.sources = {Path(output.source) for output in site.site.outputs}
        site = site.only(near)
        self.files = site.file_texts
        passages = [*(("", passage) for passage in site.authored), *site.elsewhere]
        self.passages = [(name, p, f" {_simplify(p.text)} ") for name, p in passages]
        # The sentences that no author published, and their files, by their first words
        self.sentences: dict[str, dict[str, str]] = {}
        for name, passage in site.elsewhere:
            for sentence in sorted(_sentences_of(passage.text)):
                self.sentences.setdefault(_runs(sentence)[0], {})[sentence] = name
        self.links = "\n".join(link.address.value for link in site.links)

    @cached_property
    def texts(self) -> str:
        """All that authors published."""
        return "\n".join(self.memo(_words_of, content) for content in self.contents)

    def traces_of(self, content: Content) -> Iterator[_Trace]:
        """Yield each kind of trace of an unpublished text."""
        address = content.url.strip("/")
        below = self.paths[bisect_left(self.paths, f"{address}/") :][:1]
        name = _name_of(content)
        if address and below and below[0].startswith(f"{address}/"):
            yield below[0], "its address", None
        elif name:
            yield from self._named(name, "its address")
        yield from self._title(content)
        words = _words_of(content)
        begins = _runs(words) if self.sentences else ()
        same = (self.sentences.get(begin, {}).items() for begin in begins)
        for sentence, file in chain.from_iterable(same):
            if f" {sentence} " in words and f" {sentence} " not in self.texts:
                yield file, f"the words “{shorten(sentence)}”", None
                break
        for path in _files_of(content):
            yield from self._file(path)

    def _title(self, content: Content) -> Iterator[_Trace]:
        title, (words, length) = _simplify(plain(content.document.title)), TITLE
        count = len(title.split())
        if count < words or len(title) < length or self.titles[title] > 1:
            return
        for name, passage, text in self.passages:
            if f" {title} " in text:
                # A short title may be a phrase that a published text uses too.
                if count > words + 1 or f" {title} " not in self.texts:
                    yield name, "its title", passage
                return

    def _file(self, path: Path) -> Iterator[_Trace]:
        copy = self.digests.get(sha256(path.read_bytes()).hexdigest())
        if copy and path not in self.sources:
            yield copy, f"its file {path.name}", None
        elif len(path.name) >= FILE_NAME and path.name not in self.names:
            yield from self._named(path.name, f"its file {path.name}")

    def _named(self, name: str, what: str) -> Iterator[_Trace]:
        """Yield the first file that has a name; links to it are broken links."""
        named = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
        if not (name in self.links and named.search(self.links)):
            files = (file for file, text in self.files.items() if name in text)
            hits = (file for file in files if named.search(self.files[file]))
            yield from ((file, what, None) for file in islice(hits, 1))


def _name_of(content: Content) -> str:
    """Return what of the address of a text only that text has ("": nothing)."""
    address = content.url.strip("/")
    last = address.rpartition("/")[2]
    name = last if last.count("-") >= TITLE[0] and len(last) >= TITLE[1] else address
    return "" if name.isalpha() else name


def _files_of(content: Content) -> list[Path]:
    """Return the files beside a text in its folder."""
    if not content.document.name.endswith("/index.md"):
        return []
    paths = sorted(Path(content.document.path).parent.rglob("*"))
    return [path for path in paths if path.is_file() and path.suffix != ".md"]


def _words_of(content: Content) -> str:
    """Return the simplified words of a text, its title and summary, between spaces."""
    document = content.document
    head = plain(f"{document.title}\n{document.summary or ''}")
    return f" {_simplify(head)} {_simplify(document.plain)} "


def _sentences_of(text: str) -> set[str]:
    """Return the recognizable sentences of a text, simplified."""
    words, length = SENTENCE
    sentences = map(_simplify, re.split(r"[.!?…]+[\s\"'”’)]+|\n", text))
    return {s for s in sentences if len(s) >= length and s.count(" ") >= words - 1}


def _runs(text: str) -> list[str]:
    """Return each run of as many words as a recognizable sentence has at least."""
    words, length = text.split(), SENTENCE[0]
    return [" ".join(words[n : n + length]) for n in range(len(words) - length + 1)]


def _simplify(text: str) -> str:
    """Return the words of a text in lower case, with single spaces."""
    return " ".join(re.findall(r"\w+", text.translate(PLAIN).casefold()))


def review_dates(site: CheckedSite) -> Iterator[Problem]:
    """A page was reviewed by the day that it names (`Review`)."""
    yield from reviews_due(site.site.contents, date.today())


def reviews_due(contents: tuple[Content, ...], today: date) -> Iterator[Problem]:
    """Yield a problem for each page whose review date has come."""
    for content in contents:
        document, matter = content.document, content.document.front_matter
        if isinstance(matter, Page) and matter.review and matter.review.date() <= today:
            message = f"review was due on {matter.review.date().isoformat()}"
            hint = "review it, then set As_of to today and Review to the next date"
            yield found((document.path, document.lines.get("review", 0)), message, hint)


SITE_CHECKS: tuple[SiteCheck, ...] = (outputs, drafts, review_dates)
