"""`invoke import`: the posts of a Jekyll, Hugo or Eleventy site as posts of this one.

Each becomes a folder with its text and its files; its earlier address becomes an alias, and the id
that feed readers know it by stays. What is converted is read by our own reader, so that the report
names what the next build would. Without `write` nothing is changed.
"""

import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from posixpath import join, normpath
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from pipeline.authoring.old_markdown import Notes, Sources, convert_text
from pipeline.authoring.old_sites import (
    CODE,
    SKIPPED,
    TEXTS,
    OldPost,
    OldSite,
    open_site,
    read_post,
)
from pipeline.authoring.old_sites import problem as refusal
from pipeline.check.page_head import MAX_DESCRIPTION, MIN_WORDS
from pipeline.content.front_matter import ADDRESS
from pipeline.content.reader import read_document, read_tags, rules_of, tag_slug
from pipeline.content.scaffold import slug_of
from pipeline.content.tag_uri import is_entry_id, mint
from pipeline.feeds.feed_reader import read_feed
from pipeline.model import Post
from pipeline.problems import Problem, ProblemsFound, relative
from pipeline.settings import Settings

# The keys that are converted; all others are left, and counted in the report.
CHANGED = ("lastmod", "last_modified_at", "modified", "updated")
TAGS = ("tags", "categories", "category")
SUMMARY = ("description", "excerpt", "summary")
ALIASES = ("redirect_from", "aliases")
KEYS = {
    *(*CHANGED, *TAGS, *SUMMARY, *ALIASES, "title", "date", "draft", "published", "slug", "lang"),
    *("permalink", "url"),
}
SHOWN = 5  # names of texts that are no posts


@dataclass(frozen=True)
class Imported:
    """A post as it will be written: its folder's name, its text, and files to copy by their names.

    `problems` are in the old text, at its lines.
    """

    name: str
    text: str
    files: Mapping[str, Path]
    problems: tuple[Problem, ...]


@dataclass
class Import:
    """A site that is imported: its posts, and what they refer to.

    `ids` are those of the old feed, `tags` the known tags by their slugs, which grow, `names` the
    folders of the posts, `addresses` has every address that a post had.
    """

    site: OldSite
    settings: Settings
    posts: Sequence[OldPost]
    ids: Mapping[Path, str]
    tags: dict[str, str]
    names: dict[Path, str] = field(default_factory=dict)
    addresses: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        taken = Counter[str]()
        for post in self.posts:
            name = f"{post.date:%Y-%m-%d}-{slug_of(post.text('slug') or post.name) or 'post'}"
            taken[name] += 1
            self.names[post.path] = name if taken[name] == 1 else f"{name}-{taken[name]}"
            for address in (post.address, *post.words(*ALIASES)):
                self.addresses[key_of(address)] = post.path

    def convert(self, post: OldPost) -> Imported:
        """Return a post in the form of this site."""
        notes: Notes = []
        files: dict[str, Path] = {}
        sources = Sources(
            kind=self.site.kind,
            variables={"site": self.site.config, "page": post.meta},
            link=partial(self.link, post, files, notes),
            text_link=self.text_link,
            dollars="true" in post.words("math", "mathjax", "katex", "usemathjax"),
        )
        lines = convert_text(post.body, sources, notes)
        head = [*self.front_matter(post, [text for _, text in lines], notes), ""]
        text = "\n".join([*head, *(line for _, line in lines)]).rstrip() + "\n"
        name, path = self.names[post.path], str(post.path)
        found = [Problem(CODE, path, n + post.line if n else 1, *rest) for n, *rest in notes]
        rules = rules_of(self.settings, dict.fromkeys(self.tags.values(), ""))
        try:
            read_document(text.encode(), Post, name, name, rules, self.settings.markdown)
        except ProblemsFound as error:
            for each in error.problems:
                place = each.line - len(head) - 1
                line = lines[place][0] + post.line if 0 <= place < len(lines) else 1
                found.append(replace(each, path=path, line=line))
        return Imported(name, text, files, tuple(found))

    def front_matter(self, post: OldPost, lines: Sequence[str], notes: Notes) -> Iterator[str]:
        """Yield the lines of front matter."""
        name, day = self.names[post.path], f"{post.date:%Y-%m-%d}"
        yield f"Title: {post.text('title') or post.name.replace('-', ' ').capitalize()}"
        when = post.date.astimezone(ZoneInfo(self.settings.timezone))
        yield f"Date: {when:%Y-%m-%d %H:%M}" if post.timed else f"Date: {day}"
        if self.settings.feed_id:
            new = mint(self.settings.feed_id, post.date.date(), name)
            yield f"Id: {self.ids.get(post.path, new)}"
        changed = re.match(r"\d{4}-\d\d-\d\d", post.text(*CHANGED))
        if changed and changed[0] > day:
            yield f"Modified: {changed[0]}"
        given = [tag.strip().replace(",", "") for tag in post.words(*TAGS) if tag.strip()]
        slugs = ((tag_slug(tag, self.settings), tag) for tag in given)
        if tags := dict.fromkeys(self.tags.setdefault(slug, tag) for slug, tag in slugs):
            yield f"Tags: {', '.join(tags)}"
        base = urlsplit(self.settings.siteurl).path.rstrip("/")
        old = [address for address in (post.address, *post.words(*ALIASES)) if address]
        old = [f"/{each.strip('/')}{'/' * each.endswith('/')}".removeprefix(base) for each in old]
        good = dict.fromkeys(filter(ADDRESS.fullmatch, old))
        good.pop(f"/{self.settings.article_url.format(slug=name, date=when)}", None)
        for address in dict.fromkeys(each for each in old if not ADDRESS.fullmatch(each)):
            notes.append((0, f"earlier address that not every host can redirect: {address}", ""))
        if not post.address:
            hint = "give the old feed with --feed, or add `Aliases: /old/` to its text"
            notes.append((0, "the earlier address is not known", hint))
        if good:
            yield f"Aliases: {', '.join(good)}"
        if lang := post.text("lang"):
            yield f"Lang: {lang}"
        if post.draft:
            yield "Status: draft"
        yield f"Summary: {post.text(*SUMMARY) or first_sentences(lines)}"

    def link(self, post: OldPost, files: dict[str, Path], notes: Notes, url: str, line: int) -> str:
        """Return the new address for one in a text; files that it names are added to `files`."""
        parts = urlsplit(url)
        if (parts.scheme or parts.netloc) and parts.netloc != urlsplit(self.site.url).netloc:
            return url
        found = parts.path.removeprefix("../").removesuffix("/index.md")  # by `text_link`
        if not parts.path or "{" in url or found in self.names.values():
            return url
        path = unquote(parts.path)
        place = path if path[0] == "/" else normpath(join(post.address or "/", path))
        below = place.removeprefix(self.site.base)
        end = f"#{parts.fragment}" if parts.fragment else ""
        site = self.site
        roots = (site.folder, *(site.root / name for name in ("", "static", "public", "assets")))
        paths = (below.lstrip("/"), path.lstrip("/"))
        places = [post.path.parent / paths[1], *(root / each for root in roots for each in paths)]
        file = next((place for place in places if place.is_file()), None)
        known = self.addresses.get(key_of(place)) or self.addresses.get(key_of(below))
        known = file.resolve() if file and file.resolve() in self.names else known
        if known:
            return end or url if known == post.path else self.text_at(known, end)
        if not file or file.suffix in TEXTS:
            if not parts.netloc:  # an absolute one leads to the old site, as before
                message = f"link to what is not imported: {url}"
                notes.append((line, message, "write another address"))
            return url
        name = re.sub(r"[^\w.-]+", "-", file.name)
        name = name if files.get(name, file) == file else f"{file.parent.name}-{name}"
        files[name] = file
        return f"{name}{end}"

    def text_at(self, path: Path, end: str) -> str:
        """Return the address of a post in the texts of others."""
        return f"../{self.names[path]}/index.md{end}"

    def text_link(self, name: str) -> str:
        """Return the address of a post by its file's name or path ("": there is none)."""
        name, mark, fragment = name.partition("#")
        wanted = re.sub(r"\.(md|markdown|html)$|/(index\.md)?$", "", name.strip("/"))
        for path in self.names if wanted else ():
            if f"/{path.with_suffix('')}".removesuffix("/index").endswith(f"/{wanted}"):
                return self.text_at(path, f"{mark}{fragment}")
        return ""


def key_of(address: str) -> str:
    """Return what the forms of an address have in common."""
    path = urlsplit(address).path if "://" in address else address
    return re.sub(r"(/?index)?\.html$", "", path).strip("/").casefold()


def first_sentences(lines: Iterable[str]) -> str:
    """Return the first sentences of a text, as plain text, for a summary ("…": it has none)."""
    paragraph: list[str] = []
    for line in lines:
        if paragraph and not line.strip():
            if len(" ".join(paragraph).split()) >= MIN_WORDS:
                break
            paragraph = []  # a greeting
        if paragraph or re.match(r"[\w“\"'*_\[(`]", line):
            paragraph.append(line.strip())
    text = re.sub(r"!?\[([^\]]*)\](\([^)]*\)|\[[^\]]*\])?(\{:.*?\})?", r"\1", " ".join(paragraph))
    text = " ".join(re.sub(r"<[^>]*>|[*`]|\b_|_\b", "", text).split())
    found, *sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z“\"(])", text)
    for sentence in sentences:
        if len(found) + len(sentence) >= MAX_DESCRIPTION:
            break
        found = f"{found} {sentence}"
    long = len(found) > MAX_DESCRIPTION
    return f"{found[: MAX_DESCRIPTION - 1].rsplit(' ', 1)[0]} …" if long else found or "…"


def match_feed(posts: Iterable[OldPost], feed: Path) -> tuple[list[OldPost], dict[Path, str]]:
    """Return the posts, with the address that the old feed gives, and the ids of those in it.

    `feed` is a file, or a folder with files of feeds. An entry is a post's by its address, or by
    its title. Raises ProblemsFound where there is no feed.
    """
    files = feed.rglob("*.*") if feed.is_dir() else [feed]
    data = [
        (f.read_bytes(), f.name) for f in files if f.suffix in (".xml", ".json", ".atom", ".rss")
    ]
    entries = [entry for each in data for entry in read_feed(*each).entries]
    if not entries:
        raise refusal(feed, 0, "no feed with entries", "an Atom, RSS or JSON file")
    known = {entry.title.strip(): entry for entry in entries}
    known |= {key_of(entry.url): entry for entry in entries}
    found: list[OldPost] = []
    ids: dict[Path, str] = {}
    for post in posts:
        if entry := known.get(key_of(post.address)) or known.get(post.text("title")):
            ids |= {post.path: entry.id} if is_entry_id(entry.id) else {}
            post = replace(post, address=urlsplit(entry.url).path or post.address)
        found.append(post)
    return found, ids


def import_site(
    settings: Settings, path: Path, today: date, feed: Path | None = None, write: bool = False
) -> Iterator[str]:
    """Yield the report on an import, and with `write` do it.

    `path` is the root of the old site or a folder in it, `feed` the old feed, as a file or folder.
    Raises ProblemsFound before anything is written.
    """
    site = open_site(path)
    posts, others, problems = [], [], []
    for file in sorted(path.resolve().rglob("*.*")):
        if file.suffix in TEXTS and not SKIPPED & {*file.relative_to(site.root).parts}:
            try:
                post = read_post(site, file, today)
                posts += [post] if post else []
                others += [] if post or file.suffix == ".html" else [file]
            except ProblemsFound as error:
                problems += error.problems
    posts, ids = match_feed(posts, feed) if feed else (posts, {})
    known = read_tags(settings)
    tags = {tag_slug(name, settings): name for name in known or ()}
    job = Import(site, settings, posts, ids, tags)
    done = [job.convert(post) for post in posts]
    target = Path(settings.path, *settings.article_paths[:1])
    for imported in done:
        if (place := target / imported.name).exists():
            problems.append(Problem(CODE, str(place), 0, "exists already, is not imported again"))
    done = [post for post in done if not (target / post.name).exists()]
    new_tags = [] if known is None else [tag for tag in job.tags.values() if tag not in known]
    yield from report(job, done, others, problems, new_tags)
    if write and done:
        write_posts(settings, target, done, new_tags)
        yield f"Wrote {len(done)} posts to {relative(str(target))}/; next: ./invoke check"
    elif done:
        yield "Nothing was written; with --write it is"


def report(
    job: Import,
    done: Sequence[Imported],
    others: Sequence[Path],
    problems: Sequence[Problem],
    new_tags: Sequence[str],
) -> Iterator[str]:
    """Yield the lines of the report; `others` are texts that are no posts."""
    found = ProblemsFound([*problems, *(p for post in done for p in post.problems)]).problems
    total, drafts = len(job.posts), sum(post.draft for post in job.posts)
    asking, files = sum(bool(post.problems) for post in done), sum(len(p.files) for p in done)
    yield f"{job.site.kind} in {relative(str(job.site.root))}: {total} posts, {drafts} are drafts"
    yield f"converted   {len(done)} posts, {asking} of them with questions; {files} files"
    yield f"ids         {len(job.ids)} kept from the old feed, {total - len(job.ids)} new"
    if new_tags:
        yield f"tags        {len(new_tags)} new in {job.settings.tags_file}: {', '.join(new_tags)}"
    if left := Counter(key for post in job.posts for key in post.meta if key not in KEYS):
        yield f"left keys   {', '.join(f'{key} ({n})' for key, n in left.most_common())}"
    if names := [path.relative_to(job.site.root).as_posix() for path in others]:
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        yield f"left texts  {', '.join(names[:SHOWN])}{more}: no posts"
    yield f"needs you   {len(found)} places" if found else "needs you   nothing"
    yield from (f"  {problem}" for problem in found)


def write_posts(
    settings: Settings, target: Path, posts: Iterable[Imported], new_tags: Iterable[str]
) -> None:
    """Write all posts and the new tags; each post is made elsewhere, and then moved as a whole."""
    for folder in (target, Path(settings.cache_path)):
        folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=settings.cache_path) as name:
        for post in posts:
            bundle = Path(name, post.name)
            bundle.mkdir()
            (bundle / "index.md").write_text(post.text, "utf-8", newline="\n")
            for file, source in post.files.items():
                shutil.copyfile(source, bundle / file)
        for bundle in sorted(Path(name).iterdir()):
            shutil.move(bundle, target / bundle.name)
    if lines := [f'"{tag}" = "Posts on {tag}."\n' for tag in new_tags]:
        with Path(settings.path, settings.tags_file).open("a", encoding="utf-8") as tags:
            tags.writelines(lines)
