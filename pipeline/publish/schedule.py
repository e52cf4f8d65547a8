"""What waits: drafts, posts whose date has not come, changes that are not published yet."""

from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pipeline.build import build, problems_located
from pipeline.check.review import pages_due
from pipeline.check.site import read_source
from pipeline.problems import ProblemsFound
from pipeline.publish.account import account_of, counted
from pipeline.publish.back import TIME
from pipeline.publish.release import Manifest
from pipeline.publish.steps import Wishes, open_target, prepare, publish, say, workplace
from pipeline.publish.target import Kept, Target
from pipeline.read.front_matter import Post, parse
from pipeline.read.reader import TAGS_FILE, decode, read_tags

# A post may have come due between the build of a release and its arrival.
OVERLAP = timedelta(hours=1)
DRAFT, PUBLISHED = "draft", "published"


class Waiting(NamedTuple):
    """A post: its file, its title, its date (naive, in TIMEZONE), its status and its feed id."""

    path: str
    title: str
    date: datetime
    status: str
    id: str | None


def read_posts(values: Mapping[str, Any]) -> Iterator[Waiting]:
    """Yield every post, the oldest first; `values` are Pelican's settings."""
    root = Path(values["PATH"])
    tags = read_tags(root / TAGS_FILE)
    found = []
    for folder in values["ARTICLE_PATHS"]:
        for path in (root / folder).rglob("*.md"):
            post, _body = parse(decode(path.read_bytes(), str(path)), Post, str(path), tags)
            found.append(Waiting(str(path), post.title, post.date, post.status, post.id))
    yield from sorted(found, key=lambda post: (post.date, post.path))


def now_in(values: Mapping[str, Any]) -> datetime:
    """Return the time, naive, in TIMEZONE."""
    return datetime.now(ZoneInfo(values["TIMEZONE"])).replace(tzinfo=None)


def publish_due(settings: str, name: str, wishes: Wishes) -> None:
    """Publish when the date of a post has come since the last release; else say when the next is.

    Raises what `publish` does.
    """
    target, values = open_target(settings, name)
    with problems_located(settings):
        last = max(target.kept(), key=lambda kept: kept.when, default=None)
        live = target.live()
        posts = [post for post in read_posts(values) if post.status != DRAFT]
    now = now_in(values)
    due = [p for p in posts if last and is_due(p, values, last, live) and p.date <= now]
    for post in due:
        say(f"Due: {post.title} ({post.date:%Y-%m-%d %H:%M})")
    if due:
        publish(settings, name, wishes)
    else:
        say(f"Nothing is due{next_one(posts, now)}" if last else "Nothing is due: no release yet")


def is_due(post: Waiting, values: Mapping[str, Any], last: Kept, live: Manifest | None) -> bool:
    """Return whether a post's date came after the newest release, or not long before it.

    What came not long before may have missed that release, and then it is not among the entries of
    what is live. Where an earlier release is live, the author has gone back, and nothing is missed.
    """
    day = post.date.replace(tzinfo=ZoneInfo(values["TIMEZONE"]))
    if live and post.id in live.entries:
        return False
    missed = last.live and post.status == PUBLISHED and day > last.when - OVERLAP
    return day > last.when or missed


def next_one(posts: list[Waiting], now: datetime) -> str:
    """Return when the next post is due, behind a semicolon; nothing where none is."""
    later = [post for post in posts if post.date > now]
    return f"; next: {later[0].title} ({later[0].date:%Y-%m-%d %H:%M})" if later else ""


def status(settings: str, name: str) -> None:
    """Say what waits, and what differs from the live release. Raises ProblemsFound."""
    target, values = open_target(settings, name)
    with problems_located(settings):
        posts, now = list(read_posts(values)), now_in(values)
        folders = [Path(values["PATH"], folder) for folder in values["PAGE_PATHS"]]
        pages = [read_source(str(p)) for f in folders for p in sorted(f.rglob("*.md"))]
    for post in posts:
        if post.status == DRAFT:
            say(f"draft      {post.path}")
        elif post.date > now:
            say(f"scheduled  {post.path}  {post.date:%Y-%m-%d %H:%M} {values['TIMEZONE']}")
    for problem in pages_due(pages, now.date()):
        say(f"review     {problem.path}  {problem.found}")
    try:
        live = target.live()
        when = next((kept.when for kept in target.kept() if kept.live), datetime.now(UTC))
    except ProblemsFound as error:
        say(f"live       not known: {error}")
        return
    if live:
        say(f"live       {live.id}, published {when.strftime(TIME)}")
    say(unpublished(settings, target, live, values))


def unpublished(
    settings: str, target: Target, live: Manifest | None, values: Mapping[str, Any]
) -> str:
    """Build the site, without proof, and return how it differs from what is live."""
    with problems_located(settings), workplace(Path(values["CACHE_PATH"])) as folder:
        with redirect_stdout(StringIO()):
            built = build(settings, ["--output", str(folder / "output")])
        found = account_of(prepare(target, built.folder, live), live)
    parts = {"new": found.new, "changed": found.changed, "gone": found.gone}
    pages = [f"{counted(len(a), 'page')} {what}" for what, a in parts.items() if a]
    changes = ", ".join(pages) or (counted(found.files, "file") if found.files else "nothing")
    return f"to publish {changes}"
