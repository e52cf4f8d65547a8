"""The releases that a target keeps, and the way back to one."""

from collections.abc import Callable

from pipeline.build import problems_located
from pipeline.problems import ProblemsFound
from pipeline.publish.release import LIVE, Manifest
from pipeline.publish.steps import open_target, say
from pipeline.publish.target import Kept, failure

TIME = "%Y-%m-%d %H:%M UTC"


def rollback(settings: str, name: str, release: str = "") -> None:
    """Go back to an earlier release: the one of that id, or the one before the live one."""
    target, _values = open_target(settings, name)
    with problems_located(settings), target.lock():
        chosen = choose(target.kept(), release)
        before = quietly(target.live)
        say(f"Back to {chosen.id}, published {chosen.when.strftime(TIME)}")
        target.switch(chosen.id)
        after = target.live()
    were = before.addresses if before else {}
    known = after.addresses if after else {}
    lost = [a for a, to in sorted(were.items()) if to == LIVE and known.get(a) != LIVE]
    for address in lost:
        say(f"  gone        {address}")
    say(f"{chosen.id} is live")


def quietly(ask: Callable[[], Manifest | None]) -> Manifest | None:
    """Return what is live, or None where that cannot be said: one may go back all the same."""
    try:
        return ask()
    except ProblemsFound:
        return None


def choose(kept: list[Kept], release: str) -> Kept:
    """Return the release to go back to: that of an id, or of its beginning; else the one before.

    `kept` has the newest first. Raises ProblemsFound when there is none.
    """
    if release:
        found = {one.id: one for one in kept if one.id.startswith(release)}
        if len(found) == 1:
            return next(iter(found.values()))
        known = ", ".join(one.id for one in kept) or "there are none"
        raise failure("--to-release", "must be the id of one release", release, known)
    live = next((place for place, one in enumerate(kept) if one.live), -1)
    shown = kept[live].id if live >= 0 else ""
    # The same release may be kept twice: published again after a way back.
    if earlier := next((one for one in kept[live + 1 :] if one.id != shown), None):
        return earlier
    raise failure("rollback", "must have an earlier release to go back to", "none is kept")


def releases(settings: str, name: str) -> None:
    """Say which releases a target keeps, the newest first."""
    target, _values = open_target(settings, name)
    with problems_located(settings):
        kept = target.kept()
    for one in kept:
        say(f"{one.id}  {one.when.strftime(TIME)}" + ("  live" if one.live else ""))
