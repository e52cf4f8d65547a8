"""Where releases go: what every target can do, and the one that the settings name."""

import getpass
import os
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import MISSING, Field, dataclass, fields
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, get_type_hints

from pipeline.http_client import HttpClient
from pipeline.problems import Problem, ProblemsFound, did_you_mean, raise_if_any
from pipeline.publish.release import MANIFEST, Manifest, Release
from pipeline.settings import Settings, described, matches, normalize

# The classes by kind; a module is imported when its kind is used.
KINDS = {
    "directory": "pipeline.publish.targets.directory.Directory",
    "git": "pipeline.publish.targets.git.Git",
    "artifact": "pipeline.publish.targets.artifact.Artifact",
    "ssh": "pipeline.publish.targets.ssh.Ssh",
    "s3": "pipeline.publish.targets.s3.S3",
    "command": "pipeline.publish.targets.command.Command",
}

NOT_FOUND = 404


@dataclass(frozen=True)
class StoredRelease:
    """A release that a target can activate; `published`: when it was deployed (aware, UTC)."""

    id: str
    published: datetime
    live: bool


class Target(ABC):
    """A place that shows one release to visitors and can go back to an earlier one.

    Subclasses are dataclasses; the fields that `__init__` takes are the options of the settings.
    Making one does not use the network. Every method raises ProblemsFound (see `failure`) and then
    visitors keep what they had, also when the process is killed. The next `deploy` removes what a
    killed one left.
    """

    # Seconds that the host may take to show a release
    propagation_timeout: ClassVar[float] = 30.0
    # Visitors get a release only when something else has deployed what `deploy` made
    deployed_externally: ClassVar[bool] = False
    # How an earlier release is activated on a host where `activate` cannot do it
    rollback_hint: ClassVar[str] = "use the rollback of the host, or publish an earlier commit"
    # The host follows `_redirects`
    follows_redirects: bool = True
    # Where visitors find the site, without a slash at the end ("": it cannot be fetched)
    url: str
    # How many bytes the last `deploy` sent (0: unknown)
    sent: int = 0

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
    def deploy(self, release: Release) -> None:
        """Send what is new and switch visitors to the release; repair it if it is live."""

    @property
    def can_activate(self) -> bool:
        """Whether `activate` works; if not, only the host can go back."""
        return type(self).activate is not Target.activate

    def list_releases(self) -> list[StoredRelease]:
        """Return the releases that are known, newest first; by default the live one alone."""
        live, published = fetch_manifest(self.url)
        return [StoredRelease(live.id, published, live=True)] if live else []

    def activate(self, release: str) -> None:
        """Switch visitors to the stored release of that id."""
        message = f"only the host can roll back to {release or 'an earlier release'}"
        raise failure(self.url, message, self.rollback_hint, "no-rollback")


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


def fetch_manifest(url: str) -> tuple[Manifest | None, datetime]:
    """Return the manifest that visitors at `url` get, and when the host says it was published.

    None: there is none, or another site that sends a page for every address. Raises ProblemsFound
    if the host does not answer.
    """
    address = f"{url.rstrip('/')}/{MANIFEST}"
    # The query: no cache on the way has it.
    request = f"{address}?{time.time_ns()}"
    response = HttpClient().request(request, headers={"Cache-Control": "no-cache"})
    modified = response.headers.get("last-modified")
    published = parsedate_to_datetime(modified) if modified else datetime.now(UTC)
    if response.status == NOT_FOUND or (response.ok and response.data.lstrip()[:1] == b"<"):
        return None, published
    if not response.ok:
        message = f"cannot read the live release: {response.reason}"
        hint = "check the url in PUBLISH_TARGETS and its DNS; --first if nothing is published yet"
        raise failure(address, message, hint, "live-release-unknown")
    return Manifest.read(response.data, address), published


def lock_owner() -> str:
    """Return who holds a lock, such as "ben@laptop, pid 4711"."""
    return f"{getpass.getuser()}@{socket.gethostname()}, pid {os.getpid()}"


def already_running(place: str, owner: str) -> ProblemsFound:
    """Return that another publisher holds the lock, to be raised."""
    message = f"another publish is running ({owner or 'unknown'})"
    return failure(place, message, "wait until it has finished", "publish-running")


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
