"""`invoke publish`: build, check, show what changes, deploy, verify, notify. Going back."""

import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout, suppress
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.build import Built, build, errors_located, load_settings
from pipeline.check.runner import check
from pipeline.content import changes
from pipeline.content.autofix import write_text
from pipeline.content.sources import expired
from pipeline.feeds.feed_diff import compare_entries, diff_problems, entries_in
from pipeline.incremental import check_arguments
from pipeline.output import MARKER
from pipeline.problems import Problem, ProblemsFound, raise_if_any, relative
from pipeline.publish.post_deploy import (
    newest_post,
    queue_pings,
    read_queue,
    send_pings,
    topics_in,
    verify,
)
from pipeline.publish.release import (
    LIVE,
    Manifest,
    Release,
    diff_lines,
    diff_releases,
    make_release,
    shortened,
    sources_by_id,
    vanished_anchors,
    vanishing,
    word_lines,
)
from pipeline.publish.targets.base import (
    StoredRelease,
    Target,
    failure,
    make_target,
    translate_errors,
)
from pipeline.publish.targets.hosted import ArtifactFolder
from pipeline.settings import Settings

STALE = 3600  # seconds after which a work folder is that of a killed process
TIME = "%Y-%m-%d %H:%M UTC"


@dataclass(frozen=True)
class PublishOptions:
    """What the author allows.

    `dry_run` ends after the changes are shown, `allow_deletes` lets addresses vanish, `resend` lets
    readers get entries again, `first` takes a target whose live release cannot be read for empty,
    `rollback_on_failure` activates the previous release if the new one is not what visitors get.
    """

    dry_run: bool = False
    allow_deletes: bool = False
    resend: bool = False
    first: bool = False
    rollback_on_failure: bool = False


class PublishFailed(ProblemsFound):
    """Problems that end a publish after something was changed; `outcome` says what is live."""

    def __init__(self, problems: Iterable[Problem], outcome: str) -> None:
        super().__init__(problems)
        self.outcome = outcome


def echo(line: str, end: str = "\n") -> None:
    """Print a line at once. If the reader of the output has gone, the release goes on.

    What the encoding of the output lacks becomes "?".
    """
    encoding = sys.stdout.encoding or "utf-8"
    line = line.encode(encoding, "replace").decode(encoding)
    with suppress(BrokenPipeError):
        sys.stdout.write(f"{line}{end}")
        sys.stdout.flush()


@contextmanager
def step(label: str) -> Iterator[None]:
    """Print what is done now, and how long it took in the end."""
    echo(label, " ... ")
    start = time.monotonic()
    try:
        yield
    finally:
        echo(f"{time.monotonic() - start:.1f} s")


def open_target(settings_file: str, target_name: str) -> tuple[Target, Settings]:
    """Return the target of that name ("": the default one) and the settings.

    Raises ProblemsFound.
    """
    settings = load_settings(settings_file)
    return make_target(settings, target_name), settings


def publish(
    settings_file: str, target_name: str, options: PublishOptions, arguments: Sequence[str] = ()
) -> None:
    """Build and check the site, show what a release would change, and deploy it.

    `settings_file` are the production settings, `target_name` is one of PUBLISH_TARGETS ("": the
    default), `arguments` are further ones of the `pelican` command. Raises ProblemsFound while
    nothing has been changed, and PublishFailed afterwards; a KeyboardInterrupt says what is live.
    """
    target, settings = open_target(settings_file, target_name)
    for path in () if options.dry_run else expired(settings, date.today()):
        shutil.rmtree(path)
        echo(f"Removed {relative(str(path))}: its last day has passed")
    outcome = "nothing was changed"
    try:
        with nullcontext() if options.dry_run else target.lock():
            live = None
            unless_first = suppress(ProblemsFound) if options.first else nullcontext()
            with step("Reading the live release"), unless_first:
                live = target.current()
            with work_folder(settings) as folder:
                quiet = redirect_stdout(StringIO())  # without Pelican's summary
                with step("Building and checking the site"), errors_located(settings_file), quiet:
                    built = check(settings_file, folder, arguments)
                if live and not (options.dry_run or target.deployed_externally):
                    kept = keep_versions(built, live)
                    again = f"Keeping what readers had of {', '.join(kept)}, building again"
                    with step(again) if kept else nullcontext(), quiet:
                        built = check(settings_file, folder, arguments) if kept else built
                release = prepare_release(target, built, live)
                made = Publication(target, settings, options, release, live)
                made.show_changes_or_refuse(built)
                if not options.dry_run:
                    outcome = "see invoke status for what is live"
                    made.deploy()
    except KeyboardInterrupt:
        raise KeyboardInterrupt(outcome) from None


@contextmanager
def work_folder(settings: Settings) -> Iterator[Path]:
    """Give an empty folder, removed at the end; those of killed processes are removed first."""
    cache = Path(settings.cache_path)
    with translate_errors(str(cache)):
        cache.mkdir(parents=True, exist_ok=True)
        for folder in cache.glob(".publish.*"):
            if time.time() - folder.stat().st_mtime > STALE:
                shutil.rmtree(folder, ignore_errors=True)
        prefix = f".publish.{os.getpid()}."
        made = TemporaryDirectory(prefix=prefix, dir=cache, ignore_cleanup_errors=True)
    with made as name:
        yield Path(name)


def keep_versions(built: Built, live: Manifest) -> list[str]:
    """Add the live versions of posts whose words are changed to CHANGES_FILE; return the posts.

    Raises ProblemsFound.
    """
    settings = built.settings
    if not settings.page_views or not settings.changes_file:
        return []
    path = Path(settings.path, settings.changes_file)
    before = changes.read_versions(path)
    after = changes.with_live(before, live.texts, built.site.contents)
    if after != before:
        write_text(path, changes.as_json(after))
    sources = sources_by_id(built.site.contents)
    return [relative(sources[id]) for id in after if after[id] != before.get(id)]


def keep_live_versions(settings_file: str) -> Iterator[str]:
    """Keep the live versions as `publish` does; yield a line for each. Raises ProblemsFound."""
    target, settings = open_target(settings_file, "")
    live = target.current()
    if live and live.texts:
        with redirect_stdout(StringIO()):
            built = build(settings_file, check_arguments(()))
        file = relative(f"{settings.path}/{settings.changes_file}")
        yield from (f"{file}: what readers have of {path}" for path in keep_versions(built, live))


def prepare_release(target: Target, built: Built, live: Manifest | None) -> Release:
    """Return a built site as the release that a target takes."""
    folder = built.folder
    (folder / MARKER).unlink(missing_ok=True)
    target.prepare(folder)
    return make_release(folder, live, entries_in(folder), built.site.contents)


@dataclass(frozen=True)
class Publication:
    """A release on its way to a target; `live` is the manifest that visitors have until then."""

    target: Target
    settings: Settings
    options: PublishOptions
    release: Release
    live: Manifest | None = None

    @property
    def same(self) -> bool:
        """Whether the release is live already."""
        return self.live is not None and self.live.id == self.release.manifest.id

    def show_changes_or_refuse(self, built: Built) -> None:
        """Print what changes. Raises ProblemsFound for what the author has not allowed."""
        release, live, options = self.release, self.live, self.options
        echo(f"Release {release.manifest.id}, {f'after {live.id}' if live else 'the first'}")
        entries = compare_entries(live.entries if live else {}, release.manifest.entries)
        diff = diff_releases(release, live, self.target.follows_redirects)
        if not self.same:
            readers = shortened("to readers", str(entries).splitlines())
            words = word_lines(release.manifest, live, built)
            for line in [*diff_lines(diff), *words, *readers]:
                echo(line)
        refused = [] if options.allow_deletes else [*vanishing(diff, release, live, built)]
        if not options.allow_deletes:
            refused += vanished_anchors(release.manifest, live, built)
        refused += [] if options.resend else [*diff_problems(entries, self.settings)]
        raise_if_any(refused)

    def deploy(self) -> None:
        """Deploy the release, verify it and notify the hubs. Raises ProblemsFound."""
        target, id = self.target, self.release.manifest.id
        if not target.deployed_externally:
            self.queue_pings(self.release.changed(self.live))
        if not (self.same and target.deployed_externally):
            with step("Verifying the files" if self.same else "Deploying"):
                sent = target.deploy(self.release)
            if sent:
                echo(f"  {sent:,} bytes sent")
        if not target.deployed_externally:
            self.verify_and_notify()
        if self.same:
            echo("Nothing to publish")
        elif target.deployed_externally:
            echo(f"Built {id} in {target.location}; deploy it, then: post-deploy")
        else:
            echo(f"Published {id} to {target.location}")

    @property
    def pings(self) -> Path:
        """The file with the queue of pings: what a run cannot send any more, the next one does."""
        return Path(self.settings.cache_path, "websub.json")

    def queue_pings(self, changed: Iterable[str]) -> None:
        """Queue a ping of each hub for each feed among the changed files."""
        topics = topics_in(self.release.folder, changed)
        queue_pings(self.settings.websub_hubs, topics, self.pings)

    def verify_and_notify(self) -> None:
        """Verify what visitors get, then send the queued pings. Raises PublishFailed."""
        target, outcome = self.target, "the release is live"
        problems: list[Problem] = []
        if target.url:
            with step(f"Verifying {target.url}"):
                newest = newest_post(self.release, self.settings.article_url)
                problems = verify(self.release, target.url, newest, target.propagation_timeout)
            if problems and self.live and not self.same and not target.rollback_hint:
                outcome += "; to go back: invoke rollback"
                if self.options.rollback_on_failure:
                    try:
                        target.activate(choose(target.list_releases(), self.live.id))
                        outcome = f"rolled back to {self.live.id}"
                    except ProblemsFound as error:
                        problems += error.problems
        if not problems and read_queue(self.pings):
            with step("Notifying the hubs"):
                problems = send_pings(self.pings)
        if problems:
            raise PublishFailed(problems, outcome)


def post_deploy(settings_file: str, target_name: str = "") -> None:
    """Verify a release that something else has deployed, and send the pings.

    Raises PublishFailed if visitors do not get it.
    """
    target, settings = open_target(settings_file, target_name)
    if not isinstance(target, ArtifactFolder):
        kind = type(target).__name__.lower()
        message = f"a target of kind {kind} needs no post-deploy"
        raise failure("--to", message, "publish does it all", "wrong-kind")
    made = Publication(target, settings, PublishOptions(), target.built_release())
    made.queue_pings(made.release.manifest.files)
    made.verify_and_notify()


# --- Going back


def rollback(settings_file: str, target_name: str = "", release: str = "") -> None:
    """Activate an earlier release: that of an id or its beginning, or the one before the live one.

    Raises ProblemsFound.
    """
    target, _ = open_target(settings_file, target_name)
    with target.lock():
        if target.rollback_hint:
            message = f"only the host can roll back to {release or 'an earlier release'}"
            raise failure(target.url, message, target.rollback_hint, "no-rollback")
        chosen = choose(target.list_releases(), release)
        before = None
        with suppress(ProblemsFound):  # also from a release that is broken
            before = target.current()
        echo(f"Activating {chosen.id}, published {chosen.published.strftime(TIME)}")
        target.activate(chosen)
        after = target.current()
    known = after.addresses if after else {}
    for address, state in sorted(before.addresses.items() if before else ()):
        if state == LIVE != known.get(address):
            echo(f"  gone         {address}")
    echo(f"{chosen.id} is live")


def choose(stored: list[StoredRelease], release: str = "") -> StoredRelease:
    """Return the release of an id or its beginning, else the one before the live one.

    `stored` has the newest first. Raises ProblemsFound if there is none.
    """
    if release:
        # Of an id that is there twice, the newest.
        found = {one.id: one for one in reversed(stored) if one.id.startswith(release)}
        if len(found) == 1:
            return next(iter(found.values()))
        known = f"one of {', '.join(one.id for one in stored)}" if stored else "there are none"
        message = f"{'more than one' if found else 'no'} release {release}"
        raise failure("--to-release", message, known, "unknown-release")
    live = next((place for place, one in enumerate(stored) if one.live), -1)
    shown = stored[live].id if live >= 0 else ""
    # The same release may be there twice: published again after a rollback.
    if earlier := next((one for one in stored[live + 1 :] if one.id != shown), None):
        return earlier
    raise failure("rollback", "no earlier release to go back to", code="no-earlier-release")


def releases(settings_file: str, target_name: str = "") -> None:
    """Print the releases that a target keeps, newest first. Raises ProblemsFound."""
    target, _ = open_target(settings_file, target_name)
    for one in target.list_releases():
        echo(f"{one.id}  {one.published.strftime(TIME)}" + ("  live" if one.live else ""))
