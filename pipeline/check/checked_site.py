"""The built site as its checks see it: facts of each page, addresses, words, files, feeds.

A check is a function whose name, with hyphens, is its code; `checks.md` describes each. A module of
checks exports `PAGE_CHECKS`, `FILE_CHECKS` and `SITE_CHECKS`.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path, PurePosixPath
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree

from pipeline.content.reader import read_toml
from pipeline.feeds.feed_reader import ReadFeed, read_feed
from pipeline.headers import style_hash
from pipeline.html import PageTree, address_of, parse_part, plain, texts
from pipeline.memo import Memo, Result, digest_of
from pipeline.model import Address, Artifact, Content, Facts, Measures, Passage, Site
from pipeline.problems import Problem, ProblemsFound, relative
from pipeline.redirects import copied_files
from pipeline.settings import Settings

# A page check gets all that it needs from the page: its results are kept by the page's HTML.
PageCheck = Callable[[PageTree], Iterable[Problem]]
# A file check gets a site of one file, a page or another, with the text that it was made from. A
# site check compares files: it works on outlines, and reads facts of pages only for what is wrong.
FileCheck = Callable[["CheckedSite"], Iterable[Problem]]
SiteCheck = FileCheck
T = TypeVar("T")
Find = Callable[[str], Iterable[re.Match[str]]]
LONG = 200  # characters of a value whose words are kept
# Hosts that are another machine for everybody
LOCAL_HOST = re.compile(r"localhost|(?:.*\.)?local(?:host)?|127(?:\.\d+){3}|0\.0\.0\.0|::1")
# Names of variables that CSS defines
VARIABLES = re.compile(r"--([\w-]+)\s*:")
XML_ATTRIBUTES = ("xmlUrl", "htmlUrl", "url")
# Files whose words are read as words, not as source code
XML_FILES = (".xml", ".opml", ".svg")
PROSE_FILES = (*XML_FILES, ".json", ".webmanifest", ".txt", ".md", ".csv", ".tsv", ".vtt", ".srt")


def found(place: tuple[str, int], message: str, hint: str = "", words: str = "") -> Problem:
    """Return a problem at (path, line); the runner sets its code to the name of the check."""
    return Problem("", *place, message, hint, words)


def place_in(passage: Passage, offset: int) -> tuple[str, int]:
    """Return the file and line of a character of a passage's text."""
    line = passage.line and passage.line + passage.text.count("\n", 0, offset)
    return passage.path, line


class SiteAddress(NamedTuple):
    """Where on the site an address leads.

    `path` is the path from the site's root, decoded, without the first slash. `exact` is false when
    the address names the site by another scheme or host than its own.
    """

    path: str
    fragment: str
    exact: bool

    @property
    def file(self) -> str:
        """The file that a host sends for it."""
        return f"{self.path}index.html" if not self.path or self.path.endswith("/") else self.path


@dataclass(frozen=True)
class Link:
    """An address in a page; `target` is None when it leads elsewhere or is no URL."""

    page: str
    address: Address
    target: SiteAddress | None

    @property
    def place(self) -> tuple[str, int]:
        """The file and line that have the address."""
        return self.address.path, self.address.line


@dataclass(frozen=True)
class Outline:
    """What site checks need of every page: the facts that compare quickly.

    `targets` are where on the site its addresses lead, `reached` the files that its `<a>` lead to,
    `canonical` its canonical URLs, `styles` the hashes of its styles, `variables` the names that
    they define. `inline`: it has style attributes; `quotes`: an address names words of a page.
    """

    title: str
    refresh: bool
    metas: Mapping[str, str]
    ids: frozenset[str]
    place: tuple[str, int]
    head: tuple[str, int]
    measures: Measures
    targets: frozenset[SiteAddress]
    reached: frozenset[str]
    canonical: tuple[str, ...]
    styles: tuple[str, ...]
    variables: frozenset[str]
    inline: bool
    quotes: bool


class Lazy(Mapping[str, T], Generic[T]):
    """Values that are made each time that they are asked for."""

    def __init__(self, makers: Mapping[str, Callable[[], T]]) -> None:
        self.makers = makers

    def __getitem__(self, key: str) -> T:
        """Return a value. Raises KeyError."""
        return self.makers[key]()

    def __contains__(self, key: object) -> bool:
        """Return whether there is such a value, without making it."""
        return key in self.makers

    def __iter__(self) -> Iterator[str]:
        """Yield the keys."""
        return iter(self.makers)

    def __len__(self) -> int:
        """Return the number of values."""
        return len(self.makers)


@dataclass(frozen=True, eq=False)
class CheckedSite:
    """A built site, or one file of it.

    `artifacts` are all written files and `facts` those of each page, both by their path below the
    site's root; `read` returns the bytes of a file. As an input of the memo `digest` stands for it.
    """

    settings: Settings
    site: Site
    artifacts: Mapping[str, Artifact]
    facts: Mapping[str, Facts]
    read: Callable[[str], bytes]
    memo: Memo = field(default_factory=Memo)
    outlines: Mapping[str, Outline] = field(default_factory=dict)
    digest: str | None = None

    def data(self, name: str) -> Result[bytes]:
        """Return the bytes of a file as an input of the memo."""
        return Result(self.artifacts[name].digest, partial(self.read, name))

    @cached_property
    def parts(self) -> Mapping[str, "CheckedSite"]:
        """Each file as a site of its own, with the text that it was made from.

        "" is what authors write beside texts: the descriptions of tags.
        """
        settings = replace(self.settings, markdown={}, publish_targets={})
        lists = [Path(settings.path, name) for name in (settings.tags_file, settings.names_file)]
        given = [path.read_bytes() if path.is_file() else b"" for path in lists]
        sheets = [path.read_bytes() for path in self.sheets]
        common = digest_of(settings, Path.cwd(), given[1], sheets)
        nothing = Site((), (), (), (), (), ())
        parts = {}
        for path in sorted(self.artifacts, key=lambda path: (path not in self.facts, path)):
            artifact, content = self.artifacts[path], self.contents.get(path)
            digest = digest_of(
                common, path, artifact.digest, artifact.html, artifact.source, content
            )
            facts = {path: partial(self.facts.__getitem__, path)} if path in self.facts else {}
            parts[path] = replace(
                self,
                settings=replace(settings, tags_file=""),
                site=replace(nothing, contents=(content,)) if content else nothing,
                artifacts={path: artifact},
                facts=Lazy(facts),
                outlines={},
                digest=digest,
            )
        lists_only = replace(nothing, tags=self.site.tags)
        digest = digest_of(common, self.site.tags, given)
        part = replace(self, settings=settings, site=lists_only, artifacts={}, facts={})
        return parts | {"": replace(part, outlines={}, digest=digest)}

    def only(self, paths: Collection[str]) -> "CheckedSite":
        """Return the site with these files alone, and all texts."""
        artifacts = {path: self.artifacts[path] for path in paths if path in self.artifacts}
        facts = {p: partial(self.facts.__getitem__, p) for p in artifacts if p in self.facts}
        return replace(self, artifacts=artifacts, facts=Lazy(facts), outlines={})

    @cached_property
    def sheets(self) -> list[Path]:
        """The stylesheets of the theme."""
        return sorted(Path(self.settings.theme, "static", "css").glob("*.css"))

    @property
    def url(self) -> str:
        """The site's address without a slash at its end; one to resolve links by if it has none."""
        return self.settings.siteurl.rstrip("/") or "http://localhost"

    @cached_property
    def contents(self) -> Mapping[str, Content]:
        """The published posts and pages by their file."""
        return {content.output: content for content in self.site.contents if content.output}

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Every address of every page, resolved once."""
        return tuple(link for path in self.facts for link in self.links_of(path))

    def links_to(self, targets: Collection[SiteAddress]) -> Iterator[Link]:
        """Yield the links that lead to one of these addresses."""
        for path, outline in self.outlines.items() if targets else ():
            if not outline.targets.isdisjoint(targets):
                yield from (link for link in self.links_of(path) if link.target in targets)

    def links_of(self, path: str) -> Iterator[Link]:
        """Yield every address of a page, resolved."""
        base = self.base(path)
        for address in self.facts[path].addresses:
            yield Link(path, address, self._resolved(base, address.value))

    @cached_property
    def targets(self) -> frozenset[SiteAddress]:
        """All addresses of the site that pages lead to."""
        return frozenset().union(*(outline.targets for outline in self.outlines.values()))

    @cached_property
    def feeds(self) -> Mapping[str, ReadFeed]:
        """Every feed of the site by its file, without copies at earlier addresses."""
        aliases = self.settings.feed_aliases
        paths = {path for feed in self.site.feeds for _, path in feed.paths}
        folders = tuple({f"{path.rpartition('/')[0]}/" for path in paths if "/" in path})
        feeds = {}
        for path in sorted(self.artifacts):
            in_folder = bool(folders) and path.startswith(folders)
            original = self.artifacts.get(aliases.get(path, ""))
            if original and original.digest == self.artifacts[path].digest:
                continue
            if path in paths or original or (in_folder and path.endswith((".xml", ".json"))):
                feeds[path] = self.memo(outline_feed, self.data(path), path)
        return feeds

    @cached_property
    def text_files(self) -> Mapping[str, str]:
        """The text of every file but pages and copies that is UTF-8 text, by its path."""
        found, copies = {}, dict(copied_files(self.site.redirects))
        for path in sorted(self.artifacts.keys() - self.facts.keys() - copies.keys()):
            data = self.read(path)
            if b"\0" not in data[:1024]:
                try:
                    found[path] = data.decode("utf-8")
                except UnicodeDecodeError:
                    continue
        return found

    @cached_property
    def file_texts(self) -> Mapping[str, str]:
        """The whole text of every text file; of a page its HTML, and then what it shows."""
        pages = {}
        for name, facts in self.facts.items():
            # Highlighted code has elements within its words.
            shown = (passage.text for passage in (*facts.passages, *facts.code))
            pages[name] = "\n".join((self.read(name).decode("utf-8", "replace"), *shown))
        return {**pages, **self.text_files}

    @cached_property
    def names(self) -> Collection[str]:
        """The names of `names.toml`; none where it cannot be read, which proper-names reports."""
        try:
            return read_toml(Path(self.settings.path, self.settings.names_file))[0].keys()
        except ProblemsFound:
            return ()

    @cached_property
    def sources(self) -> Mapping[str, str]:
        """The text of every source by its file: texts, lists of tags and names, copied files."""
        found = {c.document.path: c.document.text for c in self.contents.values()}
        for name in (self.settings.tags_file, self.settings.names_file):
            path = Path(self.settings.path, name)
            if name and path.is_file():
                found[str(path)] = path.read_text("utf-8", "replace")
        copied = ((self.artifacts[name].source, text) for name, text in self.text_files.items())
        # What the settings name as a source is written by the pipeline.
        folder = f"{relative(self.settings.path)}/"
        return found | {source: text for source, text in copied if source.startswith(folder)}

    @cached_property
    def authored(self) -> tuple[Passage, ...]:
        """What the authors wrote and published: texts, then titles, summaries, tags."""
        documents = [(content.document, content.lang) for content in self.contents.values()]
        paths = {document.path for document, _ in documents}
        every = (passage for facts in self.facts.values() for passage in facts.passages)
        passages = [passage for passage in every if passage.path in paths and passage.line]
        for document, lang in documents:
            for key, html in (("title", document.title), ("summary", document.summary)):
                place = (document.path, document.lines.get(key, 0))
                passages.append(Passage(plain(html or ""), *place, key, lang))
        tags = Path(self.settings.path, self.settings.tags_file)
        lines = read_toml(tags)[1] if self.settings.tags_file else {}
        for tag, _ in self.site.tags:
            place = (str(tags), lines.get(tag.name, 0))
            passages.append(Passage(tag.description, *place, "tag", self.settings.default_lang))
        return tuple(dict.fromkeys(passages))

    @cached_property
    def elsewhere(self) -> tuple[tuple[str, Passage], ...]:
        """The other words: each file with what the theme, a feed or data adds to the texts."""
        return tuple(self._elsewhere())

    def _elsewhere(self, find: Find | None = None) -> Iterator[tuple[str, Passage]]:
        """Yield the words of `elsewhere`, or those of them in which `find` finds something."""
        seen: set[str] = set()
        of_pages = ((name, p) for name, facts in self.facts.items() for p in facts.passages)
        found = ((n, p) for n, p in of_pages if not find or matches_in(find, p.text))
        of_files = ((n, p) for n in self.text_files for p in self._words_in_file(n, find))
        for name, passage in (*found, *of_files):
            words = single_spaced(passage.text)
            if words and words not in seen and words not in self._authored_words:
                seen.add(words)
                yield name, passage

    @cached_property
    def _authored_words(self) -> set[str]:
        return {single_spaced(passage.text) for passage in self.authored}

    def _words_in_file(self, name: str, find: Find | None) -> Iterator[Passage]:
        """Yield the words in a file that is no page: values of XML and JSON, or lines."""
        copied, path = bool(self.artifacts[name].source), self.place(name)[0]
        for value, line in self._values.get(name, ()):
            for words in found_in(self.memo, find, value) if find else words_in(value):
                yield Passage(words, path, line if copied else 0)

    @cached_property
    def _values(self) -> Mapping[str, Sequence[tuple[str, int]]]:
        """The values of each text file with their lines; the source of a post is on its page."""
        source = f"/{self.settings.post_source or ' '}"
        return {
            name: values_of(name, text, lines=bool(self.artifacts[name].source))
            for name, text in self.text_files.items()
            if not name.endswith(source)
        }

    def search(self, find: Find) -> Iterator[tuple[Passage, re.Match[str]]]:
        """Yield what `find`, a function of a module, finds in any words of the site.

        What an author's passage has is not found again where the theme or a feed repeats its words.
        """
        known: dict[str, list[str]] = {}
        for passage in self.authored:
            for match in find(passage.text):
                yield passage, match
                known.setdefault(match[0], []).append(single_spaced(passage.text))
        for _, passage in self._elsewhere(find):
            for match in find(passage.text):
                words = single_spaced(passage.text)
                if not any(own in words or words in own for own in known.get(match[0], ())):
                    yield passage, match

    def locate(self, name: str, words: str) -> tuple[str, int]:
        """Return the source and line of words that a file has."""
        if facts := self.facts.get(name):
            passages = (*facts.passages, *facts.code)
            own = (p for p in passages if p.line and p.path == facts.place[0])
            for passage in (*own, *self.authored, *passages):
                if (offset := passage.text.find(words)) >= 0:
                    path, line = place_in(passage, offset)
                    below = self.sources.get(path, "").split("\n")[line : line + 1]
                    fenced = passage.kind == "pre" and any(words in text for text in below)
                    return path, line + fenced  # the line of the fence is that of the code
            links = (a for a in facts.addresses if words in a.value)
            return next(((a.path, a.line) for a in links), self.place(name))
        before, at, _ = self.text_files.get(name, "").partition(words)
        copied = at and self.artifacts[name].source
        return self.place(name)[0], before.count("\n") + 1 if copied else 0

    def resolve(self, page: str, value: str) -> SiteAddress | None:
        """Return where on the site an address on a page leads; None: elsewhere, or nowhere."""
        return self._resolved(self.base(page), value)

    def base(self, page: str) -> str:
        """Return what addresses on a page are relative to; "http://[" where that is no URL."""
        facts = self.facts.get(page)
        try:
            return urljoin(self.url + address_of(page), facts.base if facts else "")
        except ValueError:
            return "http://["

    def _resolved(self, base: str, value: str) -> SiteAddress | None:
        try:
            return target_of(self.url, urljoin(base, value.strip()))
        except ValueError:
            return None

    def place(self, path: str) -> tuple[str, int]:
        """Return what problems of a file as a whole name: its source, or its address."""
        artifact = self.artifacts.get(path)
        return (artifact.source if artifact else "") or address_of(path), 0

    def is_reachable(self, target: SiteAddress) -> bool:
        """Return whether a host can answer an address, possibly by adding a slash."""
        return target.file in self.artifacts or f"{target.path}/index.html" in self.artifacts

    def machine_addresses(self) -> Iterator[tuple[str, str, SiteAddress]]:
        """Yield (file, URL, target) for each URL of the site in sitemaps and OPML files."""
        for path in sorted(self.artifacts):
            if path.endswith(".opml") or re.search(r"(?:^|/)sitemap[^/]*\.xml$", path):
                for url in _urls_in_xml(self.read(path)):
                    if target := target_of(self.settings.siteurl, url):
                        yield path, url, target


def outline_of(path: str, site: CheckedSite) -> Outline:
    """Return what site checks need of a page."""
    facts = site.facts[path]
    links = [link for link in site.links if link.page == path]
    styles = [style.text for style in facts.styles]
    return Outline(
        title=facts.title,
        refresh=facts.refresh,
        metas=facts.metas,
        ids=frozenset(facts.ids),
        place=facts.place,
        head=facts.head,
        measures=facts.measures,
        targets=frozenset(link.target for link in links if link.target),
        reached=frozenset(x.target.file for x in links if x.target and x.address.tag == "a"),
        canonical=tuple(
            a.value for a in facts.addresses if a.tag == "link" and "canonical" in a.rel
        ),
        styles=tuple(map(style_hash, styles)),
        variables=frozenset(name for text in styles for name in VARIABLES.findall(text)),
        inline=bool(facts.style_attributes),
        quotes=any(":~:" in address.value for address in facts.addresses),
    )


def outline_feed(data: Callable[[], bytes], path: str) -> ReadFeed:
    """Return a feed with the digests of the HTML of entries in its place."""
    feed = read_feed(data(), path)
    entries = (replace(e, html=digest_of(e.html), summary="", title="") for e in feed.entries)
    return replace(feed, entries=tuple(entries))


def words_in(value: str) -> tuple[str, ...]:
    """Return the words in a value of XML or JSON, which may be HTML."""
    return tuple(text for _, text, _ in texts(parse_part(value))) if "<" in value else (value,)


def words_with(find: Find, value: str) -> tuple[str, ...]:
    """Return the words in a value in which `find` finds something."""
    return tuple(words for words in words_in(value) if matches_in(find, words))


@lru_cache(10_000)  # the pages of a site share words
def matches_in(find: Find, text: str) -> bool:
    """Return whether `find` finds something in a text."""
    return any(True for _ in find(text))


@lru_cache(10_000)  # and feeds their entries
def found_in(memo: Memo, find: Find, value: str) -> tuple[str, ...]:
    """Return what `words_with` does, of a long value from the memo."""
    return memo(words_with, find, value) if len(value) > LONG else words_with(find, value)


def values_of(name: str, text: str, lines: bool) -> Sequence[tuple[str, int]]:
    """Return the values of XML or JSON, or the lines, of a file that has words, with their lines.

    Without `lines` those of XML are all on line 1, which is faster.
    """
    suffix = PurePosixPath(name).suffix
    if suffix not in PROSE_FILES:
        return ()
    try:
        if suffix in XML_FILES:
            return list(_xml_values(text, lines))
        if suffix in (".json", ".webmanifest"):
            return [(value, 0) for value in _json_values(json.loads(text))]
    except (ElementTree.ParseError, ValueError):
        pass  # the lines, then
    return [(line, number) for number, line in enumerate(text.splitlines(), 1)]


def target_of(site_url: str, url: str) -> SiteAddress | None:
    """Return where on the site at `site_url` an absolute URL leads; None: elsewhere, or no URL.

    A host with and without `www.` is one site.
    """
    try:
        own, given = urlsplit(site_url), urlsplit(url)
    except ValueError:
        return None
    hosts = [split.netloc.lower().removeprefix("www.") for split in (own, given)]
    inside = f"{given.path}/".startswith(f"{own.path.rstrip('/')}/")
    if given.scheme not in ("http", "https") or hosts[0] != hosts[1] or not inside:
        return None
    path = unquote(given.path[len(own.path.rstrip("/")) :]).removeprefix("/")
    exact = (own.scheme, own.netloc) == (given.scheme, given.netloc)
    return SiteAddress(path, unquote(given.fragment).partition(":~:")[0], exact)


def is_local(url: str) -> bool:
    """Return whether a URL names the machine of whoever opens it."""
    try:
        return bool(LOCAL_HOST.fullmatch(urlsplit(url).hostname or ""))
    except ValueError:
        return False


def single_spaced(text: str) -> str:
    """Return a text with white space as single spaces."""
    return " ".join(text.split())


def _urls_in_xml(data: bytes) -> Iterator[str]:
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError:
        return
    for element in root.iter():
        if element.tag.endswith("}loc") and element.text:
            yield element.text.strip()
        yield from (element.attrib[name] for name in XML_ATTRIBUTES if name in element.attrib)


def _xml_values(text: str, lines: bool) -> Iterator[tuple[str, int]]:
    """Yield each text and attribute of XML with the line on which its element ends."""
    parser: ElementTree.XMLPullParser[ElementTree.Element] = ElementTree.XMLPullParser(["end"])
    for line, part in enumerate(text.splitlines(keepends=True) if lines else [text], 1):
        parser.feed(part)
        for element in (item for event in parser.read_events() for item in event[1:]):
            if isinstance(element, ElementTree.Element):
                values = (element.text, *element.attrib.values())
                yield from ((value, line) for value in values if value and value.strip())
    parser.close()


def _json_values(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _json_values(item)
