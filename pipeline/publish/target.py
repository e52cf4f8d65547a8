"""Where releases go: what every target can do, and the one that publishconf.py names."""

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from pipeline.problems import Problem, ProblemsFound
from pipeline.publish.release import Manifest, Release
from pipeline.read.front_matter import nearest

SETTINGS = "publishconf.py"
ADDRESS = re.compile(r"https?://[^/]")
# The kinds, each with its class; a module is imported when its kind is asked for.
KINDS = {
    "directory": "pipeline.publish.directory.Directory",
    "git": "pipeline.publish.git.Git",
    "artifact": "pipeline.publish.artifact.Artifact",
    "ssh": "pipeline.publish.ssh.Ssh",
    "s3": "pipeline.publish.s3.S3",
    "netlify": "pipeline.publish.netlify.Netlify",
    "cloudflare": "pipeline.publish.cloudflare.Cloudflare",
}


@dataclass(frozen=True)
class Kept:
    """A release that a target can go back to: `when` it was put there (aware, UTC)."""

    id: str
    when: datetime
    live: bool


class Target(Protocol):
    """A place that shows one release to visitors, and can go back to an earlier one.

    A target is a dataclass; its fields are the options that publishconf.py may give, strings,
    numbers or booleans, and `kind` is no field. Making one asks nothing of the network. Every
    method raises ProblemsFound, made by `failure`, with one clear sentence, and leaves visitors
    what they had: killed at any moment too. What a killed run left is swept by the next `put`.

    A class may have `settles`, the seconds that its host may take to show a release, and `later`,
    true where visitors get a release only when something else has deployed it.
    """

    @property
    def url(self) -> str:
        """Where visitors find it, without a slash at the end ("": nothing can be fetched)."""
        ...

    def prepare(self, folder: Path) -> None:
        """Give a built folder what this kind of host needs, and take away what it must not have.

        Called once, before the manifest is made. What it does depends on the folder alone, so that
        the same build gives the same release.
        """
        ...

    def lock(self) -> AbstractContextManager[None]:
        """Keep others from publishing: held from before `live` until `put` or `switch` is done.

        The lock of a killed publisher does not stay for good. A target whose `put` notices that the
        live release is not the one that `live` saw, and then refuses, may give a `nullcontext()`.
        """
        ...

    def live(self) -> Manifest | None:
        """Return the manifest of the release that visitors see, or None when there is none yet."""
        ...

    def put(self, release: Release) -> None:
        """Send a release and show it to visitors: one switch, or an order that never breaks.

        Sends what is not there yet. Where the release is live already, nothing is changed.
        """
        ...

    def kept(self) -> list[Kept]:
        """Return the releases that one can go back to, the newest first."""
        ...

    def switch(self, release: str) -> None:
        """Show an earlier release, of `kept`, by its id: one switch."""
        ...


def make_target(settings: Mapping[str, Any], name: str = "") -> Target:
    """Return the target of that name in PUBLISH_TARGETS ("": the one that PUBLISH_TARGET names).

    `settings` are Pelican's. Raises ProblemsFound when what stands there makes no target.
    """
    targets = settings.get("PUBLISH_TARGETS", {})
    name = name or settings.get("PUBLISH_TARGET", "")
    if not isinstance(targets, Mapping):
        must, fix = "PUBLISH_TARGETS must be a table of targets by their names", '{"git": {…}}'
        raise ProblemsFound([Problem(SETTINGS, 0, must, repr(targets), fix)])
    if not isinstance(name, str) or name not in targets:
        must = f"must be a target of PUBLISH_TARGETS in {SETTINGS}"
        known = "one of " + ", ".join(targets) if targets else "add one"
        fix = nearest(str(name), targets) or known
        raise ProblemsFound([Problem("--to", 0, must, repr(name), fix)])
    if not isinstance(targets[name], Mapping):
        raise setting_problem(name, "must be a table with a kind", repr(targets[name]))
    options = dict(targets[name])
    kind = options.pop("kind", "")
    if kind not in KINDS:
        fix = nearest(str(kind), KINDS) or "one of " + ", ".join(KINDS)
        raise setting_problem(name, "kind must be one that is known", repr(kind), fix)
    module, _, made = KINDS[kind].rpartition(".")
    made_by = getattr(import_module(module), made)
    refuse_options(name, made_by, options)
    target: Target = made_by(**options)
    return target


def refuse_options(name: str, kind: Any, options: Mapping[str, Any]) -> None:
    """Raise ProblemsFound when the options of a target are not those that its kind has."""
    known = {field.name: field for field in fields(kind) if field.init}
    for option, value in options.items():
        if option not in known:
            fix = nearest(option, known) or "one of " + ", ".join(known)
            raise setting_problem(name, "must have options of its kind", repr(option), fix)
        if type(value).__name__ != str(getattr(known[option].type, "__name__", "")):
            wanted = getattr(known[option].type, "__name__", "")
            raise setting_problem(name, f"{option} must be of type {wanted}", repr(value))
    if options.get("url") and not ADDRESS.match(options["url"]):
        raise setting_problem(name, "url must be an address", repr(options["url"]), "https://…")
    for option, field in known.items():
        if field.default is MISSING and option not in options:
            raise setting_problem(name, f"must have the option {option}", "none")


def setting_problem(name: str, must: str, found: str, fix: str = "") -> ProblemsFound:
    """Return what is wrong with a target in the settings, to be raised."""
    return ProblemsFound([Problem(SETTINGS, 0, f"the target {name!r}: {must}", found, fix)])


def failure(place: str, must: str, found: str, fix: str = "") -> ProblemsFound:
    """Return what a host did not do, to be raised: `place: must: found (fix)`.

    `place` is the host or folder, without credentials, such as "blog.example.org".
    """
    return ProblemsFound([Problem(place, 0, must, found, fix)])
