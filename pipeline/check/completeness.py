"""Whether everything that is meant to be public is, and nothing else."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path

from pipeline.check.checked_site import CheckedSite, SiteCheck, found
from pipeline.html import plain
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
    published = _Published(site) if hidden else None
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


class _Published:
    """What is searched for traces of unpublished texts, made once for all of them."""

    def __init__(self, site: CheckedSite) -> None:
        self.files = site.file_texts
        passages = [*(("", passage) for passage in site.authored), *site.elsewhere]
        self.passages = [(name, p, f" {_simplify(p.text)} ") for name, p in passages]
        self.texts = "\n".join(map(_words_of, site.contents.values()))
        # The sentences that no author published, and their files, by their first words
        self.sentences: dict[str, dict[str, str]] = {}
        for name, passage in site.elsewhere:
            for sentence in sorted(_sentences_of(passage.text)):
                self.sentences.setdefault(_runs(sentence)[0], {})[sentence] = name
        self.titles = Counter(_simplify(plain(c.document.title)) for c in site.site.contents)
        self.paths = sorted(site.artifacts)
        self.names = {path.rpartition("/")[2] for path in self.paths}
        self.digests = {a.digest: path for path, a in site.artifacts.items() if a.size}
        self.sources = {Path(output.source) for output in site.site.outputs}
        self.links = "\n".join(link.address.value for link in site.links)

    def traces_of(self, content: Content) -> Iterator[_Trace]:
        """Yield each kind of trace of an unpublished text."""
        address = content.url.strip("/")
        below = self.paths[bisect_left(self.paths, f"{address}/") :][:1]
        last = address.rpartition("/")[2]
        name = last if last.count("-") >= TITLE[0] and len(last) >= TITLE[1] else address
        if address and below and below[0].startswith(f"{address}/"):
            yield below[0], "its address", None
        elif name and not name.isalpha():
            yield from self._named(name, "its address")
        yield from self._title(content)
        words = _words_of(content)
        known = (self.sentences.get(begin, {}).items() for begin in _runs(words))
        for sentence, file in chain.from_iterable(known):
            if f" {sentence} " in words and f" {sentence} " not in self.texts:
                yield file, f"the words “{shorten(sentence)}”", None
                break
        if content.document.name.endswith("/index.md"):
            for path in sorted(Path(content.document.path).parent.rglob("*")):
                if path.is_file() and path.suffix != ".md":
                    yield from self._file(path)

    def _title(self, content: Content) -> Iterator[_Trace]:
        title, (words, length) = _simplify(plain(content.document.title)), TITLE
        count = len(title.split())
        # A short title may be a phrase that a published text uses too.
        phrase = count <= words + 1 and f" {title} " in self.texts
        if count < words or len(title) < length or self.titles[title] > 1 or phrase:
            return
        hits = ((name, p) for name, p, text in self.passages if f" {title} " in text)
        yield from ((name, "its title", passage) for name, passage in islice(hits, 1))

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
