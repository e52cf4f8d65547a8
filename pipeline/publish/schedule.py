"""What waits: drafts, posts whose date has not come, changes that are not published yet."""

import os
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from pipeline.build import build, errors_located
from pipeline.check.runner import check_texts
from pipeline.check.spelling import read_words
from pipeline.content.front_matter import parse
from pipeline.content.reader import decode, read_ledger, read_tags, rules_of
from pipeline.content.sources import text_files
from pipeline.feeds.feed_diff import compare_entries
from pipeline.model import Page, Post
from pipeline.problems import Problem, ProblemsFound, relative
from pipeline.publish.publish import (
    TIME,
    PublishOptions,
    echo,
    open_target,
    prepare_release,
    publish,
    work_folder,
)
from pipeline.publish.release import Manifest, counted, diff_releases
from pipeline.publish.targets.base import StoredRelease, Target
from pipeline.settings import Settings

# A post may have come due between the build of a release and its deployment.
OVERLAP = timedelta(hours=1)
DRAFT, PUBLISHED = "draft", "published"
MINUTE = "%Y-%m-%d %H:%M"
SHOWN = 4  # rows of a kind on a terminal
Row = tuple[str, str, str]  # of what kind, which one, and a note


@dataclass(frozen=True)
class Source:
    """A post or page: its file, its front matter and what is wrong with that."""

    path: str
    front_matter: Post | Page
    problems: tuple[Problem, ...] = ()

    @property
    def date(self) -> datetime:
        """The date of a post (naive, in TIMEZONE); long ago if it has none."""
        return self.front_matter.date or datetime.min


def read_sources(settings: Settings, kind: type[Post] | type[Page]) -> list[Source]:
    """Return all posts or pages, oldest first. Problems in them are in the result.

    Raises ProblemsFound if the list of tags has some.
    """
    rules = rules_of(settings, read_tags(settings))
    found = []
    for path in (path for path, own in text_files(settings) if own is kind):
        try:
            parsed = parse(decode(path.read_bytes(), str(path)), kind, str(path), rules)
            found.append(Source(str(path), parsed.front_matter, parsed.problems))
        except ProblemsFound as error:
            found.append(Source(str(path), kind(title=path.name), tuple(error.problems)))
    return sorted(found, key=lambda source: (source.date, source.path))


def now_in(settings: Settings) -> datetime:
    """Return the time, naive, in TIMEZONE."""
    return datetime.now(ZoneInfo(settings.timezone)).replace(tzinfo=None)


def publish_due(settings_file: str, target_name: str, options: PublishOptions) -> None:
    """Publish if the date of a post has come since the last release; else say when the next is.

    Raises what `publish` does.
    """
    target, settings = open_target(settings_file, target_name)
    last = max(target.list_releases(), key=lambda one: one.published, default=None)
    live = target.current()
    with errors_located(settings_file):
        posts = [p for p in read_sources(settings, Post) if p.front_matter.status != DRAFT]
        now = now_in(settings)
    past = [post for post in posts if post.date <= now]
    due = [post for post in past if last and is_due(post, settings, last, live)]
    for post in due:
        echo(f"Due: {post.front_matter.title} ({post.date:{MINUTE}})")
    if due:
        publish(settings_file, target_name, options)
        return
    later = [post for post in posts if post.date > now]
    following = f"; next: {later[0].front_matter.title} ({later[0].date:{MINUTE}})" if later else ""
    echo(f"Nothing is due{following}" if last else "Nothing is due: no release yet")
    for problem in (problem for post in posts for problem in post.problems):
        echo(f"problem    {problem}")


def is_due(post: Source, settings: Settings, last: StoredRelease, live: Manifest | None) -> bool:
    """Return whether a post's date came after the newest release, or shortly before it.

    One that came shortly before may have missed that release; then the live one does not have it.
    If an earlier release is live, the author has gone back, and nothing was missed.
    """
    entry = getattr(post.front_matter, "id", None)
    if post.front_matter.date is None or (live and entry in live.entries):
        return False
    date = post.date.replace(tzinfo=ZoneInfo(settings.timezone))
    missed = last.live and post.front_matter.status == PUBLISHED and date > last.published - OVERLAP
    return date > last.published or missed


def status(settings_file: str, target_name: str = "") -> None:
    """Print what waits, and what differs from the live release. Raises ProblemsFound."""
    target, settings = open_target(settings_file, target_name)
    with errors_located(settings_file):
        rows = [*waiting(settings)]
    try:
        live = target.current()
        published = [one.published for one in target.list_releases() if one.live]
        when = published[0] if published else datetime.now(UTC)
        rows += [("live", live.id, f"published {when.strftime(TIME)}")] if live else []
    except ProblemsFound as error:
        show([*rows, ("live", "unknown", str(error))])
        return
    try:
        rows += unpublished(settings_file, target, live, settings)
    except ProblemsFound as error:
        count = counted(len(error.problems), "problem")
        rows += [("to publish", "unknown", f"the site has {count}"), ("next", "./invoke check", "")]
    show(rows)


def show(rows: Sequence[Row]) -> None:
    """Print rows: for a terminal in columns, a few of each kind; else all, a line each."""
    bare = bool(os.environ.get("NO_COLOR"))  # where rich keeps bold type
    console = Console(highlight=False, color_system=None if bare else "auto")
    if not console.is_terminal:
        for label, what, note in rows:
            echo(f"{label:<10} {what}  {note}".rstrip())
        return
    table = Table.grid(Column(style="bold"), Column(overflow="ellipsis"), padding=(0, 2))
    for label, group in groupby(rows, key=lambda row: row[0]):
        found = [*group]
        for number, (_, what, note) in enumerate(found[:SHOWN]):
            whole = label == "problem"
            line = Text.assemble(what, (f"  {note}" if note else "", "dim"), no_wrap=not whole)
            table.add_row("" if number else label, line)
        if more := len(found[SHOWN:]):
            table.add_row("", Text(f"and {more} more", "dim"))
    console.print(table)


def waiting(settings: Settings) -> Iterator[Row]:
    """Yield a row for each draft, scheduled post, problem, page due for review, and dead link."""
    now = now_in(settings)
    problems = check_texts(settings)
    for post in read_sources(settings, Post):
        path, own = relative(post.path), [p for p in problems if p.path == relative(post.path)]
        if post.front_matter.status == DRAFT:
            yield "draft", path, counted(len(own), "problem") if own else ""
        elif post.date > now:
            yield "scheduled", path, f"{post.date:{MINUTE}} {settings.timezone}"
    yield from (("problem", str(problem), "") for problem in problems)
    for page in read_sources(settings, Page):
        review = getattr(page.front_matter, "review", None)
        if review and review.date() <= now.date():
            yield "review", relative(page.path), f"due on {review.date()}"
    for url, link in read_ledger(settings).items():
        if since := link.get("failed"):
            yield "dead link", url, f"since {since}"
    words = relative(str(Path(settings.path, settings.words_file)))
    for word, line in read_words(settings).unanswered.items():
        yield "spelling", word, f"unanswered in {words}:{line}"


def unpublished(
    settings_file: str, target: Target, live: Manifest | None, settings: Settings
) -> Iterator[Row]:
    """Build the site, without checks, and yield what of it visitors and readers have not."""
    with errors_located(settings_file), work_folder(settings) as folder:
        with redirect_stdout(StringIO()):
            built = build(settings_file, ["--output", str(folder / "output")])
        release = prepare_release(target, built, live)
        found = diff_releases(release, live, target.follows_redirects)
    parts = {"new": found.new, "changed": found.changed, "gone": found.gone}
    pages = [f"{counted(len(a), 'page')} {what}" for what, a in parts.items() if a]
    if not found.files and not pages:
        yield "to publish", "nothing", ""
        return
    yield "to publish", ", ".join(pages) or counted(found.files, "file"), ""
    yield from ((what, address, "") for what, addresses in parts.items() for address in addresses)
    entries = compare_entries(live.entries if live else {}, release.manifest.entries)
    yield from (("to readers", line, "") for line in str(entries).splitlines())
    yield "next", "./invoke publish", ""
