"""`invoke publish`, step by step."""

import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from shutil import rmtree
from typing import Any

from pelican.settings import read_settings

from pipeline.build import problems_located
from pipeline.check.gate import gate
from pipeline.problems import Problem, ProblemsFound
from pipeline.publish import account, delivery, feeds, visit, websub
from pipeline.publish.artifact import Artifact
from pipeline.publish.release import Manifest, Release, make_release
from pipeline.publish.target import SETTINGS, Target, failure, make_target
from pipeline.render import output

SETTLES = 30.0  # seconds that a host may take to show what it was sent, where its target says none
RESENT = 3  # entries that a release may send readers again, where the settings say nothing


class Released(ProblemsFound):
    """What was found when the release was live already."""


@dataclass(frozen=True)
class Wishes:
    """What the author allows: `dry_run` ends with the account, `allow_deletes` lets addresses
    vanish, `resend` lets readers get entries again.
    """

    dry_run: bool = False
    allow_deletes: bool = False
    resend: bool = False


def say(line: str, end: str = "\n") -> None:
    """Write a line for the author. A reader that is gone, as `head` may be, ends no release."""
    with suppress(BrokenPipeError):
        sys.stdout.write(f"{line}{end}")
        sys.stdout.flush()


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what is done while it is, and how long it took."""
    say(what, " … ")
    began = time.monotonic()
    try:
        yield
    finally:
        say(f"{time.monotonic() - began:.1f} s")


def open_target(settings: str, name: str) -> tuple[Target, Mapping[str, Any]]:
    """Return the target of that name, and Pelican's settings of that file."""
    with problems_located(settings):
        values = read_settings(settings)
    return make_target(values, name), values


def publish(settings: str, name: str, wishes: Wishes, arguments: Iterable[str] = ()) -> None:
    """Build the site, prove it, say what a release would change, and release it.

    `settings` is the production settings' path, `name` a target's ("": the default one),
    `arguments` are more of the `pelican` command's. Raises ProblemsFound while nothing is changed,
    and `Released` when the release is live and something about it is not right.
    """
    target, values = open_target(settings, name)
    most = values.get("FEED_MOST_AGAIN", RESENT)
    if not isinstance(most, int):
        raise failure(SETTINGS, "FEED_MOST_AGAIN must be a number", repr(most))
    with problems_located(settings), nullcontext() if wishes.dry_run else target.lock():
        with step("Asks the target what is live"):
            live = target.live()
        with workplace(Path(values["CACHE_PATH"])) as folder:
            with step("Builds the site and proves it"):
                built = gate(settings, folder, [*arguments])
            release = prepare(target, built.folder, live)
            sent = delivery.compare(entries_of(live), entries_of(release.manifest))
            say_account(release, live, sent)
            problems = [*refusals(release, live, sent, wishes, most)]
            if problems:
                raise ProblemsFound(problems)
            if not wishes.dry_run:
                put(target, release, live, values)


def prepare(target: Target, folder: Path, live: Manifest | None) -> Release:
    """Return a built folder as the release that a target takes."""
    target.prepare(folder)
    entries = {name: asdict(entry) for name, entry in feeds.of_folder(folder).items()}
    return make_release(folder, live, entries)


def entries_of(manifest: Manifest | None) -> dict[str, delivery.Entry]:
    """Return the feeds' entries that a manifest has."""
    found = manifest.entries if manifest else {}
    return {name: delivery.Entry(**entry) for name, entry in found.items()}


def say_account(release: Release, live: Manifest | None, sent: delivery.Delivery) -> None:
    """Say what a release changes."""
    say(f"Release {release.manifest.id}" + (f", after {live.id}" if live else ", the first"))
    if live and live.id == release.manifest.id:
        return
    for line in account.account_lines(account.account_of(release, live), sent):
        say(line)


def refusals(
    release: Release, live: Manifest | None, sent: delivery.Delivery, wishes: Wishes, most: int
) -> Iterator[Problem]:
    """Yield what the author must allow by name."""
    if not wishes.allow_deletes:
        yield from account.vanishing(account.account_of(release, live))
    if not wishes.resend:
        for problem in delivery.problems(sent, most):
            fix = f"{problem.fix.partition(';')[0]}; --resend where it is meant"
            yield replace(problem, path=problem.path or "feeds", fix=fix)


def put(target: Target, release: Release, live: Manifest | None, values: Mapping[str, Any]) -> None:
    """Send a release, look at it from outside, and tell the hubs. Raises ProblemsFound."""
    later = getattr(target, "later", False)
    same = live is not None and live.id == release.manifest.id
    if not later:
        expect_pings(release, release.changed(live), values)
    if not (same and later):
        with step("Sees that all of it is there" if same else "Sends it"):
            target.put(release)
        if sent := getattr(target, "sent", 0):
            say(f"  {sent:,} bytes went out")
    if not later:
        see_and_tell(target, release, values)
    where = getattr(target, "url", "") or getattr(target, "served", "")
    published = f"Published {release.manifest.id}" + (f" to {where}" if where else "")
    say("Nothing to publish" if same else published)


def expect_pings(release: Release, changed: Iterable[str], values: Mapping[str, Any]) -> None:
    """Write down that the hubs are to be told of those of the changed files that are feeds.

    Done before the release goes out: what this run cannot tell them any more, the next one does.
    """
    topics = websub.topics_in(release.folder, changed)
    websub.expect(values.get("WEBSUB_HUBS", ()), topics, pending_in(values))


def pending_in(values: Mapping[str, Any]) -> Path:
    """Return the file that remembers what hubs are to be told."""
    return Path(values["CACHE_PATH"], "websub.json")


def see_and_tell(target: Target, release: Release, values: Mapping[str, Any]) -> None:
    """Look at a release as visitors get it, then tell the hubs what they are to be told.

    Raises `Released`.
    """
    if target.url:
        with step(f"Looks at {target.url}"):
            check_outside(target, release, values["ARTICLE_URL"])
    hubs, pending = values.get("WEBSUB_HUBS", ()), pending_in(values)
    if websub.due(hubs, (), pending):
        with step("Tells the hubs"):
            if problems := websub.ping(hubs, (), pending):
                raise Released(problems)


def announce(settings: str, name: str) -> None:
    """Do what is left to do when something else has deployed the folder of a target.

    Raises `Released` when visitors do not get it.
    """
    target, values = open_target(settings, name)
    if not isinstance(target, Artifact):
        found = type(target).__name__.lower()
        raise failure("--to", "must be a target of kind artifact", found, "the others do it all")
    release = target.built()
    expect_pings(release, release.manifest.files, values)
    see_and_tell(target, release, values)


def check_outside(target: Target, release: Release, posts: str) -> None:
    """Raise `Released` when visitors do not get what was sent."""
    settles = getattr(target, "settles", SETTLES)
    newest = visit.newest_post(release, posts)
    if problems := visit.look(release, target.url.rstrip("/"), newest, settles):
        raise Released(problems)


@contextmanager
def workplace(cache: Path) -> Iterator[Path]:
    """Give an empty folder, removed at the end; a later run removes that of a killed process."""
    folder = cache / f".publish.{os.getpid()}"
    cache.mkdir(parents=True, exist_ok=True)
    output.clear(folder, cache / "publish")
    folder.mkdir()
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)
