"""Where releases go: what every target can do, and the one that the settings name."""

import getpass
import os
import re
import socket
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import MISSING, Field, dataclass, fields
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

from pipeline.problems import Problem, ProblemsFound, did_you_mean, raise_if_any
from pipeline.publish.release import Manifest, Release
from pipeline.settings import Settings, described, matches, normalize

# The classes by kind; a module is imported when its kind is used.
KINDS = {
    "directory": "pipeline.publish.targets.directory.Directory",
    "git": "pipeline.publish.targets.git.Git",
    "artifact": "pipeline.publish.targets.hosted.ArtifactFolder",
    "ssh": "pipeline.publish.targets.ssh.Ssh",
    "s3": "pipeline.publish.targets.s3.S3",
    "command": "pipeline.publish.targets.hosted.Command",
}
KEEP = 5  # releases that a folder or bucket keeps
TIME = "%Y%m%dT%H%M%S%fZ"
NAME = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{12}")


@dataclass(frozen=True)
class StoredRelease:
    """A release that a target can activate; `published`: when it was deployed (aware, UTC).

    `name` is how the target knows it, such as a folder or a commit.
    """

    id: str
    published: datetime
    live: bool
    name: str = ""

    @classmethod
    def named(cls, name: str, live: bool) -> "StoredRelease":
        """Return the release of a name that `new_name` has made."""
        time, _, release = name.partition("-")
        published = datetime.strptime(time, TIME).replace(tzinfo=UTC)
        return cls(release, published, live, name)


def new_name(release: Release) -> str:
    """Return the name of a release that is deployed now, `<time>-<id>`."""
    return f"{datetime.now(UTC).strftime(TIME)}-{release.manifest.id}"


class Target(ABC):
    """A place that shows one release to visitors.

    Subclasses are dataclasses; the fields that `__init__` takes are the options of the settings.
    Making one does not use the network. Every method raises ProblemsFound (see `failure`) and then
    visitors keep what they had, also when the process is killed. The next `deploy` removes what a
    killed one left.
    """

    # Seconds that the host may take to show a release
    propagation_timeout = 30.0
    # Visitors get a release only when something else has deployed what `deploy` made
    deployed_externally = False
    # How the author goes back where only the host can ("": `activate` does it)
    rollback_hint = ""
    # The host follows `_redirects`
    follows_redirects: bool = True
    # Where visitors find the site, without a slash at the end ("": it cannot be fetched)
    url: str

    @property
    def location(self) -> str:
        """Where the release is, for messages; without credentials."""
        return self.url

    def prepare(self, folder: Path) -> None:
        """Add what the host needs to a built folder, and remove what it does not allow.

        Called once, before the manifest is made; depends on the folder alone.
        """
        return

    def lock(self) -> AbstractContextManager[None]:
        """Keep others from publishing, from before `current` until after `deploy` or `activate`.

        Ends with the process. Not needed where `deploy` raises ProblemsFound if another release
        went live since `current`.
        """
        return nullcontext()

    @abstractmethod
    def current(self) -> Manifest | None:
        """Return the manifest of the live release; None if there is none yet."""

    @abstractmethod
    def deploy(self, release: Release) -> int:
        """Send what is new and switch visitors to the release; repair it if it is live.

        Returns how many bytes were sent (0: unknown).
        """

    @abstractmethod
    def list_releases(self) -> list[StoredRelease]:
        """Return the releases that are known, newest first."""

    def activate(self, release: StoredRelease) -> None:
        """Switch visitors to one of `list_releases`; only without a `rollback_hint`."""
        raise NotImplementedError


def make_target(settings: Settings, name: str = "") -> Target:
    """Return the target of that name in PUBLISH_TARGETS ("": the one that PUBLISH_TARGET names).

    Raises ProblemsFound if there is none, or if its kind or options are wrong.
    """
    targets, asked = settings.publish_targets, name
    name = name or settings.publish_target
    if name not in targets:
        known = f"one of {', '.join(targets)}" if targets else 'PUBLISH_TARGETS = {"name": {…}}'
        hint = did_you_mean(name, targets) or known
        message = f"no target {name!r}" if name else "no target is named"
        if asked:
            raise failure("--to", message, hint, "unknown-target")
        raise ProblemsFound([settings.problem("PUBLISH_TARGET", message, hint, "unknown-target")])
    options = {key: value for key, value in targets[name].items() if key != "kind"}
    kind = targets[name].get("kind", "")
    if kind not in KINDS:
        hint = did_you_mean(str(kind), KINDS) or f"one of {', '.join(KINDS)}"
        message = f"target {name!r}: unknown kind {kind!r}" if kind else f"target {name!r}: no kind"
        raise ProblemsFound([settings.problem("PUBLISH_TARGETS", message, hint, "unknown-target")])
    module, _, class_name = KINDS[kind].rpartition(".")
    target_class = getattr(import_module(module), class_name)
    known_fields = {item.name: item for item in fields(target_class) if item.init}
    hints = get_type_hints(target_class)
    raise_if_any(
        settings.problem("PUBLISH_TARGETS", f"target {name!r}: {message}", hint, "target-option")
        for message, hint in option_problems(options, known_fields, hints)
    )
    target: Target = target_class(
        **{option: normalize(value, hints[option]) for option, value in options.items()}
    )
    return target


def option_problems(
    options: Mapping[str, Any], known: Mapping[str, Field[Any]], hints: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield message and hint of each option that a kind does not have or that is missing."""
    for option, value in options.items():
        if option not in known:
            hint = did_you_mean(option, known) or f"one of {', '.join(known)}"
            yield f"unknown option {option!r}", hint
        elif not matches(normalize(value, hints[option]), hints[option]):
            yield f"{option}: expected {described(hints[option])}, found {value!r}", ""
        elif option == "url" and value and not value.startswith(("http://", "https://")):
            yield f"url: not a URL: {value!r}", "https://…"
    for option, item in known.items():
        if item.default is MISSING and item.default_factory is MISSING and option not in options:
            yield f"the option {option!r} is missing", ""


def failure(place: str, message: str, hint: str = "", code: str = "target-failed") -> ProblemsFound:
    """Return what a host did not do, to be raised; `place` is the host or folder."""
    return ProblemsFound([Problem(code, place, 0, message, hint)])


def lock_owner() -> str:
    """Return who holds a lock, such as "ben@laptop, pid 4711"."""
    return f"{getpass.getuser()}@{socket.gethostname()}, pid {os.getpid()}"


def already_running(
    place: str, owner: str, hint: str = "wait until it has finished"
) -> ProblemsFound:
    """Return that another publisher holds the lock, to be raised."""
    message = f"another publish is running ({owner or 'unknown'})"
    return failure(place, message, hint, "publish-running")


def published_meanwhile(place: str) -> ProblemsFound:
    """Return that another release went live since `current`, to be raised."""
    message = "another release was published meanwhile"
    return failure(place, message, "run publish again", "publish-conflict")


@contextmanager
def translate_errors(place: str) -> Iterator[None]:
    """Turn the OSErrors of the file system into ProblemsFound."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        hint = "check the path, its permissions and the free space"
        message = f"cannot write here: {reason}"
        raise failure(str(error.filename or place), message, hint, "file-error") from None
