"""A branch of a git repository, as GitHub Pages, Codeberg and others serve one.

With git's plumbing alone: a tree is written from the built files and what the host keeps there, and
pushed as one commit on top of the branch. The index, the work tree and the local branches are never
touched; objects go into the project's own repository.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.problems import ProblemsFound
from pipeline.publish.programs import Failure, redact, run
from pipeline.publish.release import ASSETS, MANIFEST, Manifest, Release
from pipeline.publish.targets.base import StoredRelease, Target, failure

# If the bytes of a file would depend on the machine, and if a hook would run
PLAIN = ("core.autocrlf=false", "core.attributesFile=/dev/null", "core.hooksPath=/dev/null")
# What a host or its owner puts into the branch: kept if a release has none of its own.
HOST_FILES = re.compile(r"CNAME|\.nojekyll|\.well-known/.*|\.domains")
RELEASED = "Release "  # begins the subject of a commit; the release's id follows
KEEP = 20  # releases that are listed; the branch keeps them all
HINTS = {
    "[Cc]ould not resolve": "check the remote in PUBLISH_TARGETS, and the network",
    "stale info|fetch first": "another release was published meanwhile; run publish again",
    "Permission denied|Authentication failed|could not read": "check your credentials",
}
NOBODY = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "publish"), ("EMAIL", "publish@localhost"))
}
# A line of `git ls-tree`
LINE = re.compile(r"\d+ blob (?P<name>\w+)\t(?P<path>.*)", re.DOTALL)


@dataclass
class Git(Target):
    """`remote` is a URL or a remote's name, `branch` what the host serves, `url` where it does."""

    remote: str = "origin"
    branch: str = "gh-pages"
    url: str = ""
    # The commit at the branch's tip that `current` saw; "": there is no branch
    tip: str | None = field(default=None, init=False)
    propagation_timeout = 600.0
    follows_redirects = False

    @property
    def location(self) -> str:
        """The URL, or the branch."""
        return self.url or f"{self.place} {self.branch}"

    def prepare(self, folder: Path) -> None:
        """Keep GitHub Pages from running Jekyll, which leaves out what begins with `_`."""
        (folder / ".nojekyll").touch()

    def current(self) -> Manifest | None:
        """Return the manifest at the branch's tip, which is remembered for the push."""
        message = "cannot reach the repository"
        refs = self.git("ls-remote", self.remote, f"refs/heads/{self.branch}", message=message)
        self.tip = refs.decode().partition("\t")[0]
        if self.tip:
            quiet = ("--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=")
            self.git("fetch", *quiet, self.remote, self.tip, message=message)
        return self.manifest_at_tip()

    def deploy(self, release: Release) -> int:
        """Push the release as one commit, unless the branch has its files already."""
        live = self.current() if self.tip is None else self.manifest_at_tip()
        files = self.files(self.tip)
        same = live is not None and live.id == release.manifest.id
        retained = {*release.retained(live), *(files if same else ())}
        kept = {
            path: name
            for path, name in files.items()
            if HOST_FILES.fullmatch(path) or (path in retained and ASSETS.fullmatch(path))
        }
        paths = [*release.manifest.files, MANIFEST]
        lines = "\n".join(str((release.folder / path).absolute()) for path in paths)
        made = self.git("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=lines.encode())
        built = dict(zip(paths, made.decode().split(), strict=True))
        self.push({**kept, **built}, f"{RELEASED}{release.manifest.id}")
        return 0

    def list_releases(self) -> list[StoredRelease]:
        """Return the releases in the branch's history, newest first; names are their commits."""
        live = self.current()
        if not self.tip or not live:
            return []
        form = ("--first-parent", f"--grep=^{RELEASED}", "--format=%H %ct %s")
        lines = self.git("log", f"--max-count={KEEP}", *form, self.tip).decode().splitlines()
        found: dict[str, StoredRelease] = {}
        for commit, seconds, *subject in (line.split() for line in lines):
            id, published = subject[-1], datetime.fromtimestamp(int(seconds), UTC)
            found.setdefault(id, StoredRelease(id, published, id == live.id, commit))
        return list(found.values())

    def activate(self, release: StoredRelease) -> None:
        """Push an earlier release's tree as a new commit, with what the host keeps there now."""
        if self.tip is None:
            self.current()
        now, then = self.files(self.tip), self.files(release.name)
        own = Manifest.read(self.git("cat-file", "blob", then[MANIFEST]), self.place).files
        host = {p: name for p, name in now.items() if HOST_FILES.fullmatch(p) and p not in own}
        # What pages of the live release load stays, as when publishing.
        assets = {path: name for path, name in now.items() if ASSETS.fullmatch(path)}
        self.push({**assets, **then, **host}, f"Back to release {release.id}")

    @property
    def place(self) -> str:
        """The remote as it is shown."""
        return redact(self.remote)

    def git(
        self,
        *command: str,
        message: str = "git failed in the project's repository",
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
    ) -> bytes:
        """Run git and return its output. Raises ProblemsFound."""
        options = [word for option in PLAIN for word in ("-c", option)]
        on_failure = Failure(self.place, message, hints=HINTS)
        return run(("git", *options, *command), on_failure, stdin=stdin, env=env)

    def files(self, commit: str | None) -> dict[str, str]:
        """Return the paths in a commit, each with its blob's name; none without a commit."""
        if not commit:
            return {}
        lines = self.git("ls-tree", "-r", "-z", commit).decode().split("\0")
        return {m["path"]: m["name"] for line in lines if (m := LINE.fullmatch(line))}

    def push(self, files: Mapping[str, str], subject: str) -> None:
        """Push files as a commit on top of the tip; nothing if the tip has them.

        Raises ProblemsFound if the branch has moved since `current`.
        """
        lines = "".join(f"100644 {name}\t{path}\0" for path, name in sorted(files.items()))
        with TemporaryDirectory() as folder:  # the project's index is not touched
            env = {"GIT_INDEX_FILE": f"{folder}/index"}
            self.git("update-index", "-z", "--index-info", stdin=lines.encode(), env=env)
            tree = self.git("write-tree", env=env).decode().strip()
        if self.tip and self.git("rev-parse", f"{self.tip}^{{tree}}").decode().strip() == tree:
            return
        parents = ["-p", self.tip] if self.tip else []
        made = self.git("commit-tree", *parents, "-m", subject, tree, env=self.identity())
        commit, ref = made.decode().strip(), f"refs/heads/{self.branch}"
        lease, self.tip = f"--force-with-lease={ref}:{self.tip}", None
        message = f"cannot push to {self.branch}"
        self.git("push", "--quiet", lease, self.remote, f"{commit}:{ref}", message=message)
        self.tip = commit

    def manifest_at_tip(self) -> Manifest | None:
        """Return the manifest at the tip. Raises ProblemsFound if the branch is something else."""
        files = self.files(self.tip)
        if MANIFEST in files:
            return Manifest.read(self.git("cat-file", "blob", files[MANIFEST]), self.place)
        if foreign := [path for path in files if not HOST_FILES.fullmatch(path)]:
            message = f"the branch {self.branch} has {len(foreign)} files that are no release"
            raise failure(self.place, message, "choose another branch, or delete it", "foreign")
        return None

    def identity(self) -> Mapping[str, str]:
        """Return who commits, for git's environment; empty if the author has configured it."""
        with suppress(ProblemsFound):
            self.git("var", "GIT_COMMITTER_IDENT")
            return {}
        return NOBODY
