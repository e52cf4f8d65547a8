"""`invoke import`: the posts of a Jekyll, Hugo or Eleventy site as posts of this one.

Each becomes a folder with its text and its files; its earlier address becomes an alias, and the id
that feed readers know it by stays. What is converted is read by our own reader, so that the report
names what the next build would. Without `write` nothing is changed.
"""

import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from posixpath import join, normpath
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from pipeline.content.front_matter import ADDRESS
from pipeline.content.reader import read_document, read_tags, rules_of, tag_slug
from pipeline.content.scaffold import slug_of
from pipeline.content.tag_uri import is_entry_id, mint
from pipeline.desk.old_markdown import Notes, Sources, convert_text
from pipeline.desk.old_sites import CODE, OldPost, OldSite, open_site, read_posts
from pipeline.feeds.feed_reader import ReadEntry, read_feed
from pipeline.model import Post
from pipeline.problems import Problem, ProblemsFound, relative
from pipeline.settings import Settings

# The keys that are converted; all others are left, and counted in the report.
KEYS = {
    *("title", "date", "lastmod", "last_modified_at", "modified", "updated", "tags", "categories"),
    *("category", "description", "excerpt", "summary", "draft", "published", "slug", "permalink"),
    *("url", "redirect_from", "aliases", "lang"),
}
SUMMARY_LENGTH = 200


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
    """A site that is imported: what its posts refer to, and what they become."""

    site: OldSite
    settings: Settings
    posts: Sequence[OldPost]
    ids: Mapping[Path, str]
    tags: dict[str, str] = field(default_factory=dict)  # by their slugs
    names: dict[Path, str] = field(default_factory=dict)
    addresses: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        taken = Counter[str]()
        for post in self.posts:
            name = f"{post.date:%Y-%m-%d}-{slug_of(post.text('slug') or post.name) or 'post'}"
            taken[name] += 1
            self.names[post.path] = name if taken[name] == 1 else f"{name}-{taken[name]}"
            for address in (post.address, *post.words("redirect_from", "aliases")):
                self.addresses[key_of(address)] = post.path

    def convert(self, post: OldPost) -> Imported:
        """Return a post in the form of this site."""
        notes, files = Notes(), dict[str, Path]()
        config, meta = self.site.config, post.meta
        sources = Sources(
            kind=self.site.kind,
            variables={"site": config, "page": meta},
            link=partial(self.link, post, files, notes),
            text_link=self.text_link,
            dollars="true"
            in [str(meta.get(k)) for k in ("math", "mathjax", "katex", "usemathjax")],
        )
        lines = convert_text(post.body, sources, notes)
        head = list(self.front_matter(post, [text for _, text in lines], notes))
        text = "\n".join([*head, "", *(line for _, line in lines)]).rstrip() + "\n"
        offset = len(head) + 1

        def old_line(new: int) -> int:
            place = new - offset - 1
            return lines[place][0] + post.line - 1 if 0 <= place < len(lines) else 1

        path = str(post.path)
        found = [
            Problem(CODE, path, n + post.line - 1 if n else 1, *rest) for n, *rest in notes.found
        ]
        rules = rules_of(self.settings, dict.fromkeys(self.tags.values(), ""))
        try:
            name = f"{self.folder}/{self.names[post.path]}/index.md"
            read_document(text.encode(), Post, name, name, rules, self.settings.markdown)
        except ProblemsFound as error:
            found += [
                Problem(p.code, path, old_line(p.line), p.message, p.hint) for p in error.problems
            ]
        return Imported(self.names[post.path], text, files, tuple(found))

    @property
    def folder(self) -> str:
        """The folder of posts, below the content folder."""
        return self.settings.article_paths[0] if self.settings.article_paths else ""

    def front_matter(self, post: OldPost, lines: Sequence[str], notes: Notes) -> Iterator[str]:
        """Yield the lines of front matter."""
        zone = ZoneInfo(self.settings.timezone)
        yield f"Title: {post.text('title') or post.name.replace('-', ' ').capitalize()}"
        when = post.date.astimezone(zone) if post.timed else post.date
        yield f"Date: {when:%Y-%m-%d %H:%M}" if post.timed else f"Date: {when:%Y-%m-%d}"
        if self.settings.feed_id:
            new = mint(self.settings.feed_id, post.date.date(), self.names[post.path])
            yield f"Id: {self.ids.get(post.path, new)}"
        changed = re.match(
            r"\d{4}-\d\d-\d\d", post.text("lastmod", "last_modified_at", "modified", "updated")
        )
        if changed and changed[0] > f"{post.date:%Y-%m-%d}":
            yield f"Modified: {changed[0]}"
        names = [n.strip() for n in post.words("tags", "categories", "category") if n.strip()]
        if tags := dict.fromkeys(
            self.tags.setdefault(tag_slug(n), n.replace(",", "")) for n in names
        ):
            yield f"Tags: {', '.join(tags)}"
        own = f"/{self.folder}/{self.names[post.path]}/".replace("//", "/")
        old = [post.address, *post.words("redirect_from", "aliases")]
        base = urlsplit(self.settings.siteurl).path.rstrip("/")
        aliases = [f"/{a.strip('/')}{'/' * a.endswith('/')}".removeprefix(base) for a in old if a]
        good = [a for a in dict.fromkeys(aliases) if ADDRESS.fullmatch(a) and a != own]
        for address in {*aliases} - {*good, own}:
            notes.add(0, f"earlier address that not every host can redirect: {address}")
        if not post.address:
            hint = "give the old feed with --feed, or add `Aliases: /old/` to its text"
            notes.add(0, "the earlier address is not known", hint)
        if good:
            yield f"Aliases: {', '.join(good)}"
        if lang := post.text("lang"):
            yield f"Lang: {lang}"
        if post.draft:
            yield "Status: draft"
        summary = post.text("description", "excerpt", "summary") or first_sentences(lines)
        yield f"Summary: {summary}" if summary else "Summary: …"
        if not summary:
            notes.add(0, "no summary, and no first sentence to take for it")

    def link(self, post: OldPost, files: dict[str, Path], notes: Notes, url: str, line: int) -> str:
        """Return the new address for one in a text; files that it names are added to `files`."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return url
        if parts.netloc and parts.netloc != urlsplit(self.site.url).netloc:
            return url
        if (parts.scheme and not parts.netloc) or not parts.path or "{" in url:
            return url
        path = unquote(parts.path)
        place = path if path.startswith("/") else normpath(join(post.address or "/", path))
        end = f"#{parts.fragment}" if parts.fragment else ""
        below = place.removeprefix(self.site.base)
        for target in (self.addresses.get(key_of(place)), self.addresses.get(key_of(below))):
            if target:
                return end or url if target == post.path else self.text_at(target, end)
        roots = [folder / below.lstrip("/") for folder in self.site.files]
        file = next((f for f in [post.path.parent / path.lstrip("/"), *roots] if f.is_file()), None)
        if file and file.resolve() in self.names:
            return self.text_at(file.resolve(), end)
        if not file or file.suffix in (".md", ".markdown", ".html"):
            notes.add(line, f"link to what is not imported: {url}", "write another address")
            return url
        name = re.sub(r"[^\w.-]+", "-", file.name)
        if files.get(name, file) != file:
            name = f"{file.parent.name}-{name}"
        files[name] = file
        return f"{name}{end}"

    def text_at(self, path: Path, end: str) -> str:
        """Return the address of a post in the texts of others."""
        return f"../{self.names[path]}/index.md{end}"

    def text_link(self, name: str) -> str:
        """Return the address of a post by its file's name or path ("": there is none)."""
        name, _, fragment = name.partition("#")
        wanted = re.sub(r"\.(md|markdown|html)$|/(index\.md)?$", "", name.strip("/"))
        for path in self.names:
            full = str(path.with_suffix("")).removesuffix("/index")
            if wanted and f"/{full}".endswith(f"/{wanted}"):
                return self.text_at(path, f"#{fragment}" if fragment else "")
        return ""


def key_of(address: str) -> str:
    """Return what the forms of an address have in common."""
    path = urlsplit(address).path if "://" in address else address
    return re.sub(r"(/?index)?\.html$", "", path).strip("/").casefold()


def first_sentences(lines: Iterable[str]) -> str:
    """Return the first sentences of a text, as plain text, for a summary."""
    paragraph: list[str] = []
    for line in lines:
        if paragraph and not line.strip():
            break
        if paragraph or re.match(r"[\w“\"'*_\[(`]", line):
            paragraph.append(line.strip())
    text = re.sub(r"!?\[([^\]]*)\](\([^)]*\)|\[[^\]]*\])?(\{:.*?\})?", r"\1", " ".join(paragraph))
    text = " ".join(re.sub(r"<[^>]*>|[*`]|\b_|_\b", "", text).split())
    sentences, found = re.split(r"(?<=[.!?])\s+(?=[A-Z“\"(])", text), ""
    for sentence in sentences:
        if found and len(found) + len(sentence) > SUMMARY_LENGTH:
            break
        found = f"{found} {sentence}".strip()
    return (
        found
        if len(found) <= 1.5 * SUMMARY_LENGTH
        else f"{found[:SUMMARY_LENGTH].rsplit(' ', 1)[0]} …"
    )


def match_feed(posts: Sequence[OldPost], feed: Path) -> tuple[list[OldPost], dict[Path, str]]:
    """Return the posts, with the address that the old feed gives, and the ids of those in it.

    `feed` is a file, or a folder with files of feeds. An entry is a post's by its address, or by
    its title. Raises ProblemsFound where there is no feed.
    """
    files = (
        sorted(p for p in feed.rglob("*") if p.suffix in (".xml", ".json", ".atom", ".rss"))
        if feed.is_dir()
        else [feed]
    )
    entries: list[ReadEntry] = []
    for file in files:
        if file.is_file():
            entries += read_feed(file.read_bytes(), file.name).entries
    if not entries:
        raise ProblemsFound(
            [Problem(CODE, str(feed), 0, "no feed with entries", "an Atom, RSS or JSON file")]
        )
    by_address = {key_of(entry.url): entry for entry in entries}
    by_title = {title: entry for entry in entries if (title := " ".join(entry.title.split()))}
    found, ids = [], {}
    for post in posts:
        entry = by_address.get(key_of(post.address)) if post.address else None
        if entry := entry or by_title.get(post.text("title")):
            if is_entry_id(entry.id):
                ids[post.path] = entry.id
            post = OldPost(**{**vars(post), "address": urlsplit(entry.url).path or post.address})
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
    posts, others, problems = read_posts(site, path, today)
    posts, ids = match_feed(posts, feed) if feed else (posts, {})
    known = read_tags(settings)
    job = Import(site, settings, posts, ids, {tag_slug(name): name for name in known or ()})
    done = [job.convert(post) for post in posts]
    target = Path(settings.path, job.folder)
    for post in done:
        if (target / post.name).exists():
            problems.append(
                Problem(CODE, str(target / post.name), 0, "exists already, not imported")
            )
    done = [post for post in done if not (target / post.name).exists()]
    new_tags = [] if known is None else [t for t in job.tags.values() if t not in known]
    yield from report(site, job, done, others, problems, new_tags)
    if write and done:
        write_posts(settings, target, done, new_tags)
        yield f"Wrote {len(done)} posts to {relative(str(target))}/; next: ./invoke check"
    elif done:
        yield "Nothing was written; with --write it is"


def report(
    site: OldSite,
    job: Import,
    done: Sequence[Imported],
    others: Sequence[Path],
    problems: Sequence[Problem],
    new_tags: Sequence[str],
) -> Iterator[str]:
    """Yield the lines of the report."""
    files = sum(len(post.files) for post in done)
    drafts = sum(post.draft for post in job.posts)
    clean = sum(not post.problems for post in done)
    found = ProblemsFound([*problems, *(p for post in done for p in post.problems)]).problems
    total, asking = len(job.posts), len(done) - clean
    yield f"{site.kind} in {relative(str(site.root))}: {total} posts, {drafts} of them drafts"
    yield f"converted   {clean} posts without a question, {asking} with some; {files} files"
    yield f"ids         {len(job.ids)} kept from the old feed, {len(job.posts) - len(job.ids)} new"
    if new_tags:
        yield f"tags        {len(new_tags)} new in {job.settings.tags_file}: {', '.join(new_tags)}"
    left = Counter(key for post in job.posts for key in post.meta if key not in KEYS)
    if left:
        yield f"left keys   {', '.join(f'{key} ({n})' for key, n in left.most_common())}"
    if others:
        names = [path.relative_to(site.root).as_posix() for path in others]
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        yield f"left texts  {', '.join(names[:5])}{more}: no posts"
    yield f"needs you   {len(found)} places" if found else "needs you   nothing"
    yield from (f"  {problem}" for problem in found)


def write_posts(
    settings: Settings, target: Path, posts: Iterable[Imported], new_tags: Iterable[str]
) -> None:
    """Write all posts and the new tags; each post is made elsewhere, and then moved as a whole."""
    target.mkdir(parents=True, exist_ok=True)
    Path(settings.cache_path).mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=settings.cache_path) as folder:
        for post in posts:
            bundle = Path(folder, post.name)
            bundle.mkdir()
            (bundle / "index.md").write_text(post.text, "utf-8", newline="\n")
            for name, source in post.files.items():
                shutil.copyfile(source, bundle / name)
        for bundle in sorted(Path(folder).iterdir()):
            shutil.move(bundle, target / bundle.name)
    lines = [f'"{tag}" = "Posts on {tag}."\n' for tag in new_tags]
    if lines:
        with Path(settings.path, settings.tags_file).open("a", encoding="utf-8") as file:
            file.writelines(lines)
