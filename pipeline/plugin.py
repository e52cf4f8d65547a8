"""The edge to Pelican: its signals and their arguments, its reader, writer and log.

Pelican reads files, computes addresses and copies static files. Everything else is done on the
model: `assemble_site` makes a `Site` of what Pelican read, `write_site` writes it.
"""

import gc
import hashlib
import logging
import os
import pickle
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path, PurePosixPath
from typing import Any

from markdown import Markdown
from pelican import Pelican, signals
from pelican.contents import Article, Category
from pelican.contents import Tag as PelicanTag
from pelican.log import LimitFilter
from pelican.paginator import Paginator
from pelican.readers import BaseReader
from pelican.settings import DEFAULT_CONFIG
from pelican.writers import Writer

from pipeline import assemble, incremental, output, site_writer
from pipeline.content.footnotes import without_popovers
from pipeline.content.front_matter import Rules, parse
from pipeline.content.reader import decode, read_document, read_tags, rules_of
from pipeline.content.sources import text_files
from pipeline.content.typography import as_html
from pipeline.html import strip_marks
from pipeline.memo import Memo
from pipeline.model import Asset, Content, Document, Listing, Page, Post, Site, Tag
from pipeline.problems import Problem, ProblemsFound, raise_if_any, relative
from pipeline.settings import Settings, read_settings
from pipeline.site_writer import Build, Read

Object = Any  # Pelican's objects have no types.
# The arguments of `read_document`
Reading = tuple[bytes, type[Post] | type[Page], str, str, Rules, Mapping[str, Any]]
# So many sources take longer to read than processes to start.
READ_AHEAD = 150
GC_THRESHOLD = 10_000  # new objects; with more a check holds the trees of many pages


# The settings file of the run, if it is not Pelican's default; set by build.build.
settings_path: str | None = None
# Where the memo keeps the state of this build ("": nowhere); set by build.build.
state_key = ""
_build: Build | None = None


def current() -> Build:
    """Return the build that is running, or ran last."""
    assert _build
    return _build


# --- Pelican's log


class LoggedProblems(logging.Handler):
    """Turns logged errors (and warnings, where content is strict) into problems.

    Pelican catches what a reader raises, drops the post and logs a sentence without the reason; the
    exception is still the current one while it logs, so it is found here.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.problems: list[Problem] = []
        self.strict = True

    def emit(self, record: logging.LogRecord) -> None:
        """Collect the record's problems."""
        error = sys.exc_info()[1]
        if isinstance(error, ProblemsFound):
            self.problems.extend(error.problems)
            return
        if record.levelno < logging.ERROR and not self.strict:
            return
        args = record.args if isinstance(record.args, tuple) else (record.args,)
        path = next((str(arg) for arg in args if is_file(str(arg))), "")
        message = " ".join(record.getMessage().split())
        if record.msg.startswith("Cannot load plugin"):
            message, hint = f"PLUGINS: no such plugin: {args[0]}", "install it, or remove it"
            self.problems.append(Problem("settings", "", 0, message, hint))
            return
        reason = f" ({type(error).__name__}: {error})" if error else ""
        self.problems.append(Problem("pelican-warning", path, 0, f"Pelican: {message}{reason}"))

    def begin(self) -> None:
        """Forget the last run, and make Pelican log again what it has logged before."""
        self.problems.clear()
        # Pelican shows a repeated warning once in a process, and five of a kind.
        LimitFilter._raised_messages.clear()
        LimitFilter._group_count.clear()

    def raise_if_any(self, more: Iterable[Problem] = ()) -> None:
        """Raise ProblemsFound with what was logged since the last time, and `more`."""
        found = [*self.problems, *more]
        self.begin()
        raise_if_any(found)


# Logging is one for the whole process, and so is this.
logged = LoggedProblems()


def watch_log() -> None:
    """Collect what Pelican logs; print problems without the traceback that Pelican adds."""
    root = logging.getLogger()
    if logged not in root.handlers:
        root.addHandler(logged)
    logging.getLogger("pelican").addFilter(print_problems)
    logging.getLogger("pelican.readers").addFilter(is_not_about_alt)


def print_problems(record: logging.LogRecord) -> bool:
    """Print ProblemsFound as it is: a filter for the logger of the `pelican` command."""
    error = sys.exc_info()[1]
    if isinstance(error, ProblemsFound) and record.levelno >= logging.WARNING:
        sys.stderr.write(f"{error}\n")
        return False
    return True


def is_not_about_alt(record: logging.LogRecord) -> bool:
    """Drop Pelican's warning about empty alternative texts: reading checks them."""
    return not str(record.msg).startswith("Empty alt attribute")


def is_file(name: str) -> bool:
    """Return whether there is a file of that name; any text is accepted."""
    try:
        return Path(name).is_file()
    except (OSError, ValueError):
        return False


# --- Begin


def settings_file() -> str:
    """Return the path of the settings file: of the build, of `pelican -s`, or Pelican's default."""
    if settings_path:
        return settings_path
    args = sys.argv[1:]
    for option in ("-s", "--settings"):
        if option in args[:-1]:
            return args[args.index(option) + 1]
    return "pelicanconf.py"


def begin(pelican: Pelican) -> None:
    """Validate the settings and send the build to a folder beside the output."""
    settings = read_settings(pelican.settings, relative(settings_file()), DEFAULT_CONFIG)
    logged.strict = settings.strict_content
    live = Path(pelican.settings["OUTPUT_PATH"]).resolve()
    folder = output.staging_folder(live)
    pelican.output_path = str(folder)
    run = pelican.run

    def run_and_finish() -> None:
        # A run has its own state: `pelican -r` runs one object again and again.
        global _build
        memo = Memo(Path(settings.cache_path, "memo.db"))
        # Plugins write at `finalized` into files that are there, so those must be no links.
        copies = bool(signals.finalized.receivers)
        known = output.known_files(memo, live)
        _build = Build(settings, memo, output.Staging(folder, live, known, copies), state_key)
        inputs = incremental.scan(settings, settings.file)
        try:
            run()
            finish(pelican)  # after the signal `finalized`, at which other plugins write files too
            if state_key and _build.read and is_predictable(pelican) and not _build.skipped:
                incremental.save_state(_build, inputs)
        finally:
            memo.close()  # also what a failed build has computed
            shutil.rmtree(folder, ignore_errors=True)

    pelican.run = run_and_finish


def is_predictable(pelican: Pelican) -> bool:
    """Return whether the front matter alone decides what Pelican computes of a source."""
    return len(pelican.plugins) == 1 and pelican.settings.get("DEFAULT_DATE") != "fs"


def clear_folder(generator: Object) -> None:
    """Begin with an empty folder."""
    build = current()
    staging = build.staging
    output.clear_staging(staging.folder, staging.live, build.settings.output_retention)
    output.refuse_foreign(staging.live)


# --- Reading


def read_ahead(generator: Object) -> None:
    """Read what the memo does not have in several processes, where that is worth their start."""
    build, settings = current(), current().settings
    rules = rules_of(settings, read_tags(settings))
    missing: dict[str, Reading] = {}
    for path, _ in text_files(settings):
        reading = reading_of(str(path), rules, settings)
        with suppress(TypeError):  # MARKDOWN has an extension that is an object
            result = build.memo.later(read_document, *reading)
            if result.digest not in build.memo:
                missing[result.digest] = reading
    if len(missing) < READ_AHEAD or (os.cpu_count() or 1) == 1:
        return
    # Where processes cannot be started (a script without `__main__`), all is read in this one.
    stopped = suppress(BrokenProcessPool, OSError)
    spawn = ProcessPoolExecutor(
        mp_context=get_context("spawn"), initializer=gc.set_threshold, initargs=(GC_THRESHOLD,)
    )
    with stopped, spawn as pool:
        done = pool.map(read_or_none, missing.values(), chunksize=16)
        for key, document in zip(missing, done, strict=True):
            if document:
                build.memo.put(key, pickle.dumps(document, protocol=5))


def read_or_none(reading: Reading) -> Document | None:
    """Return the document of a source; None if it has problems, which are found again."""
    try:
        return read_document(*reading)
    except ProblemsFound:
        return None


def reading_of(source_path: str, rules: Rules, settings: Settings) -> Reading:
    """Return the arguments of `read_document` for a source."""
    path = Path(source_path)
    name = path.relative_to(settings.path).as_posix()
    kind = Page if name.startswith(tuple(f"{f}/" for f in settings.page_paths)) else Post
    data, shown = path.read_bytes(), relative(source_path)
    return data, kind, shown, name, rules, settings.markdown


class MarkdownReader(BaseReader):  # type: ignore[misc]
    """Reads posts and pages for Pelican; the document itself goes to the build."""

    file_extensions = ("md", "markdown", "mkd", "mdown")

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        own = current().settings
        try:
            Markdown(**own.markdown)
        except Exception as error:  # whatever an extension raises
            raise ProblemsFound([own.problem("MARKDOWN", str(error))]) from None
        self.tags = read_tags(own)
        self.rules = rules_of(own, self.tags)

    def read(self, source_path: str) -> tuple[str, dict[str, Any]]:
        """Return the HTML and the metadata as Pelican names them. Raises ProblemsFound."""
        build = current()
        reading = reading_of(source_path, self.rules, build.settings)
        try:
            document = read(reading, build)
        except ProblemsFound as error:
            if not leaves_out(*reading[:3], self.rules, self.settings):
                raise
            build.skipped[source_path] = len(error.problems)
            return "", {"title": Path(source_path).stem, "status": "skip"}
        build.documents[source_path] = document
        html = without_popovers(strip_marks(assemble.unresolved(document.body)))
        return html, self.pelican_metadata(document)

    def pelican_metadata(self, document: Document) -> dict[str, Any]:
        """Return the front matter as Pelican wants it: titles as HTML, tags as its objects."""
        given = {
            key: value
            for key, value in vars(document.front_matter).items()
            if value is not None and value != () and key != "extra"
        }
        for key in ("title", "summary", "menu", "edition"):
            if key in given:
                given[key] = as_html(given[key])
        if "tags" in given:
            given["tags"] = [PelicanTag(name, self.settings) for name in given["tags"]]
        if "slug" in given:  # the last part of what the path says
            folder = self.path_slug(document.name).rpartition("/")[0]
            given["slug"] = f"{folder}/{given['slug']}".lstrip("/")
        if "save_as" in given:
            given["url"] = given["save_as"].removesuffix("index.html")
        extra = document.front_matter.extra
        return {**{key: self.process_metadata(key, value) for key, value in extra}, **given}

    def path_slug(self, name: str) -> str:
        """Return the slug that Pelican reads from a source's path."""
        match = re.match(self.settings["PATH_METADATA"], name)
        return match["slug"] if match and "slug" in match.groupdict() else ""


def read(reading: Reading, build: Build) -> Document:
    """Return a document, from the memo if it is there."""
    try:
        found = build.memo.later(read_document, *reading)
    except TypeError:  # MARKDOWN has an extension that is an object
        return read_document(*reading)
    build.keys[reading[3]] = found.digest
    return found()


def leaves_out(
    data: bytes, kind: type[Post] | type[Page], path: str, rules: Rules, settings: Mapping[str, Any]
) -> bool:
    """Return whether a source is a draft that is written nowhere, so that its faults wait."""
    try:
        status = parse(decode(data, path), kind, path, rules).front_matter.status
    except ProblemsFound:
        return False
    return status == "draft" and not settings["DRAFT_SAVE_AS"]


def use_reader(readers: Object) -> None:
    """Read Markdown with our reader; strict content has no other format."""
    own = dict.fromkeys(MarkdownReader.file_extensions, MarkdownReader)
    if current().settings.strict_content:
        readers.reader_classes = {"static": BaseReader, "md": MarkdownReader}
    else:
        readers.reader_classes = {**readers.reader_classes, **own}


def order_posts(generator: Object) -> None:
    """Put the posts in an order that does not depend on the file system."""
    generator.articles = newest_first(generator.articles)
    # Where categories are off, Pelican asks a draft for its own all the same.
    for draft in generator.drafts:
        if not hasattr(draft, "category"):
            draft.category = Category("draft", generator.settings)


def newest_first(posts: Iterable[Object]) -> list[Object]:
    """Return the posts, newest first; those of one moment in the order of their slugs."""
    return sorted(posts, key=lambda post: (-post.date.timestamp(), post.slug))


def forget_missing_files(generator: Object) -> None:
    """Copy no file that is linked and does not exist: the check of links reports it."""
    links = generator.context["static_links"]
    links -= {link for link in links if not Path(generator.path, link).is_file()}


# --- From Pelican's objects to the model


def assemble_site(generators: Iterable[Object]) -> None:
    """Make the site of everything that was read. Raises ProblemsFound with all that is wrong."""
    build, generator = current(), next(iter(generators))
    settings, context = build.settings, generator.context
    contents = {
        obj: as_content(obj, build.documents[obj.source_path], settings)
        for obj in context["generated_content"].values()
        if obj and obj.source_path in build.documents
    }
    # Pelican takes a source that was skipped for a static file.
    statics = [s for s in context["staticfiles"] if s.source_path not in build.skipped]
    context["staticfiles"][:] = statics
    assets = [as_asset(static) for static in statics]
    tags = read_tags(settings)
    site = as_site(context, contents, assets, tags or {})
    if not settings.page_views:
        # A theme that Pelican renders: feeds and redirects are ours, the rest is Pelican's.
        html = {c.document.name: str(o.get_content(settings.siteurl)) for o, c in contents.items()}
        logged.raise_if_any(site_writer.assemble_feeds(build, site, html))
        return
    build.read = Read(
        site=site,
        listings=tuple(make_listings(context, site, settings)),
        texts=frozenset(context["generated_content"]),
        files=frozenset(context["static_content"]),
        skipped=frozenset(Path(p).relative_to(settings.path).as_posix() for p in build.skipped),
        jinja=context["JINJA_ENVIRONMENT"],
        rules=rules_of(settings, tags),
    )
    logged.raise_if_any(site_writer.assemble_site(build, build.read))
    # Pelican copies what is published and has no files of our own making.
    assert build.site
    copied = {asset.output for asset in build.site.assets if not asset.image}
    context["staticfiles"][:] = [s for s in statics if s.save_as in copied]


def as_content(obj: Object, document: Document, settings: Settings) -> Content:
    """Return a post or page of Pelican as a content, without its HTML."""
    return Content(
        document=document,
        slug=obj.slug,
        url=obj.url,
        output=obj.save_as,
        status=obj.status,
        lang=obj.lang,
        author=str(getattr(obj, "author", settings.author)),
        is_post=isinstance(obj, Article),
        date=as_datetime(getattr(obj, "date", None)),
        modified=as_datetime(getattr(obj, "modified", None)),
        tags=tuple(as_tag(tag, {}) for tag in getattr(obj, "tags", ())),
    )


def as_datetime(day: datetime | None) -> datetime | None:
    """Return a date without Pelican's own class, which a stored site would need Pelican for."""
    return day and datetime(*day.timetuple()[:6], day.microsecond, day.tzinfo)


def as_tag(tag: Object, descriptions: Mapping[str, str]) -> Tag:
    """Return a tag of Pelican."""
    return Tag(tag.name, tag.slug, tag.url, tag.save_as, descriptions.get(tag.name, ""))


def as_asset(static: Object) -> Asset:
    """Return a static file of Pelican."""
    digest = hashlib.sha256(Path(static.source_path).read_bytes()).hexdigest()
    name = PurePosixPath(static.relative_source_path).as_posix()
    return Asset(relative(static.source_path), name, static.url, static.save_as, digest)


def as_site(
    context: Mapping[str, Object],
    contents: Mapping[Object, Content],
    assets: list[Asset],
    descriptions: Mapping[str, str],
) -> Site:
    """Return the site as Pelican has it, in Pelican's order; feeds and views come later."""
    tags = sorted(context["tags"], key=lambda pair: str(pair[0].name).casefold())
    listed = {tag.slug: as_tag(tag, descriptions) for tag, _ in tags}
    found = {
        obj: replace(
            content,
            tags=tuple(listed.get(tag.slug, tag) for tag in content.tags),
            listed_tags=tuple(listed[tag.slug] for tag in content.tags if tag.slug in listed),
        )
        for obj, content in contents.items()
    }

    def those(objects: Iterable[Object]) -> tuple[Content, ...]:
        return tuple(found[obj] for obj in objects if obj in found)

    return Site(
        contents=tuple(found.values()),
        posts=those(context["articles"]),
        pages=those(context["pages"]),
        drafts=those([*context.get("drafts", ()), *context.get("draft_pages", ())]),
        assets=tuple(assets),
        tags=tuple((listed[tag.slug], those(posts)) for tag, posts in tags),
    )


def make_listings(
    context: Mapping[str, Object], site: Site, settings: Settings
) -> Iterator[Listing]:
    """Yield the pages that list posts, and the theme's other pages, with Pelican's pagination."""
    given: list[tuple[str, str, str, Sequence[Content], Tag | None]] = []
    for name in settings.direct_templates:
        save_as = context.get(f"{name.upper()}_SAVE_AS", f"{name}.html")
        url = context.get(f"{name.upper()}_URL", save_as)
        shown = site.posts if name in ("index", "archives", "tags") else ()
        given.append((name, save_as, url, shown, None))
    given += [("tag", tag.output, tag.url, posts, tag) for tag, posts in site.tags]
    for name, save_as, url, posts, tag in given:
        size = settings.default_pagination if name in settings.paginated_templates else 0
        paginator = Paginator(save_as, url, posts, context, int(size) or len(posts) or 1)
        found = [paginator.page(number) for number in paginator.page_range]
        for before, page, after in zip([None, *found], found, [*found[1:], None], strict=False):
            yield Listing(
                template=name,
                url=page.url,
                output=page.save_as,
                posts=tuple(page.object_list),
                number=page.number,
                pages=len(found),
                newer_url=before.url if before else None,
                older_url=after.url if after else None,
                tag=tag,
            )


# --- Writing


class SiteWriter(Writer):  # type: ignore[misc]
    """Pelican's writer, which leaves to us what we write ourselves."""

    def write_file(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Write a page of a foreign theme or of another plugin."""
        site = current().site
        # `template_name` is given for lists, whose pages have other names.
        if not site or not site.views or not (name in site.views or kwargs.get("template_name")):
            super().write_file(name, *args, **kwargs)

    def write_feed(
        self, elements: Object, context: Object, path: str | None = None, *args: Any, **kwargs: Any
    ) -> Object:
        """Write a feed that is not one of the model's."""
        site = current().site
        if site and any(path == own for feed in site.feeds for _, own in feed.paths):
            return None
        return super().write_feed(elements, context, path, *args, **kwargs)


def use_writer(_pelican: Pelican) -> type[Writer]:
    """Return the class that writes Pelican's files."""
    return SiteWriter


def write_site(generator: Object, writer: Writer) -> None:
    """Write everything that is made from the model."""
    # Plugins may change feeds; without one that listens, they come from the memo.
    listeners = signals.feed_generated.receivers
    on_feed = (lambda feed: signals.feed_generated.send({}, feed=feed)) if listeners else None
    site_writer.write(current(), on_feed)


def finish(pelican: Pelican) -> None:
    """Raise what was logged while writing; otherwise the site takes its place."""
    logged.raise_if_any()
    build = current()
    site_writer.finish(build)
    for path, count in build.skipped.items():
        sys.stderr.write(f"{relative(path)}: skipped draft with {count} problems\n")
