"""The releases that a target keeps, and going back to one of them."""

from contextlib import suppress

from pipeline.problems import ProblemsFound
from pipeline.publish.progress import echo
from pipeline.publish.publish import open_target
from pipeline.publish.release import LIVE
from pipeline.publish.targets.base import StoredRelease, failure

TIME = "%Y-%m-%d %H:%M UTC"


def rollback(settings_file: str, target_name: str = "", release: str = "") -> None:
    """Activate an earlier release: that of an id or its beginning, or the one before the live one.

    Raises ProblemsFound.
    """
    target, _ = open_target(settings_file, target_name)
    with target.lock():
        if not target.can_activate:
            target.activate(release)  # raises, and says who can
        chosen = choose(target.list_releases(), release)
        before = None
        with suppress(ProblemsFound):  # also from a release that is broken
            before = target.current()
        echo(f"Activating {chosen.id}, published {chosen.published.strftime(TIME)}")
        target.activate(chosen.id)
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
        found = {one.id: one for one in stored if one.id.startswith(release)}
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
