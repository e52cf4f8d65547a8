"""A branch of a git repository, as GitHub Pages, Codeberg and others serve one.

By git's plumbing alone: a tree is written from the built files and what the host keeps there, and
pushed as one commit on top of what is there. The index, the work tree and the local branches are
never touched; objects go into the project's own repository.
"""

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from pipeline.problems import ProblemsFound
from pipeline.publish.commands import redact, run
from pipeline.publish.release import ASSETS, MANIFEST, Manifest, Release
from pipeline.publish.target import Kept, failure

# Where the bytes of a file would depend on the machine, and where a hook would run.
PLAIN = ("core.autocrlf=false", "core.attributesFile=/dev/null", "core.hooksPath=/dev/null")
# What a host or its owner puts into the branch: kept where a release has none of its own.
HOSTS_OWN = re.compile(r"CNAME|\.nojekyll|\.well-known/.*|\.domains")
RELEASED = "Release "  # begins the subject of a commit; the release's id follows
KEEP = 20  # releases that are listed; the branch keeps them all
NOBODY = {"NAME": "publish", "EMAIL": "publish@localhost"}
LINE = re.compile(r"(?P<mode>\d+) (?P<type>\w+) (?P<sha>\w+)\t(?P<path>.*)")


@dataclass
class Git:
    """`remote` is a URL or a remote's name, `branch` what the host serves, `url` where it does."""

    remote: str = "origin"
    branch: str = "gh-pages"
    url: str = ""
    tip: str | None = field(default=None, init=False)
    settles: ClassVar[float] = 600.0

    def prepare(self, folder: Path) -> None:
        """Keep GitHub Pages from running Jekyll, which leaves out what begins with `_`."""
        (folder / ".nojekyll").touch()

    def lock(self) -> AbstractContextManager[None]:
        """Do nothing: the push is refused when the branch is not what `live` saw."""
        return nullcontext()

    def live(self) -> Manifest | None:
        """Return the manifest at the branch's tip, which is remembered for the push."""
        self.tip = self.fetch()
        return self.seen()

    def put(self, release: Release) -> None:
        """Push the release as one commit, unless the branch has its files already."""
        live = self.live() if self.tip is None else self.seen()
        files = self.files(self.tip) if self.tip else {}
        same = live is not None and live.id == release.manifest.id
        gone = {*release.carried(live), *(files if same else ())}
        kept = {
            path: sha
            for path, sha in files.items()
            if HOSTS_OWN.fullmatch(path) or (path in gone and ASSETS.fullmatch(path))
        }
        tree = self.write_tree({**kept, **self.write_files(release)})
        self.push(tree, f"{RELEASED}{release.manifest.id}")

    def kept(self) -> list[Kept]:
        """Return the releases in the branch's history, the newest first."""
        return [kept for kept, _commit in self.history()]

    def switch(self, release: str) -> None:
        """Push an earlier release's tree as a new commit, with what the host keeps there now."""
        commit = next((commit for kept, commit in self.history() if kept.id == release), None)
        if commit is None or not self.tip:
            raise failure(self.place, "must have the release", release, "see invoke releases")
        now, then = self.files(self.tip), self.files(commit)
        own = Manifest.read(self.git("cat-file", "blob", then[MANIFEST]), self.place).files
        hosts = {p: sha for p, sha in now.items() if HOSTS_OWN.fullmatch(p) and p not in own}
        # What pages of the live release load stays, as in a publish.
        assets = {path: sha for path, sha in now.items() if ASSETS.fullmatch(path)}
        self.push(self.write_tree({**assets, **then, **hosts}), f"Back to release {release}")

    @property
    def place(self) -> str:
        """The remote as it is shown."""
        return redact(self.remote)

    def git(
        self,
        *command: str,
        must: str = "",
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
    ) -> bytes:
        """Run git and return what it says. Raises ProblemsFound."""
        options = [word for option in PLAIN for word in ("-c", option)]
        must = must or "git must be able to work in the project's repository"
        return run(["git", *options, *command], place=self.place, must=must, stdin=stdin, env=env)

    def fetch(self) -> str:
        """Fetch the branch and return the commit at its tip, or "" where there is no branch."""
        must = "must be a repository that git can reach"
        said = self.git("ls-remote", self.remote, f"refs/heads/{self.branch}", must=must)
        tip = said.decode().partition("\t")[0]
        if tip:
            quiet = ("--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=")
            self.git("fetch", *quiet, self.remote, tip, must=must)
        return tip

    def files(self, commit: str) -> dict[str, str]:
        """Return the paths in a commit, each with its blob's name."""
        lines = self.git("ls-tree", "-r", "-z", commit).decode().split("\0")
        found = [match for line in lines if (match := LINE.fullmatch(line))]
        return {match["path"]: match["sha"] for match in found if match["type"] == "blob"}

    def write_files(self, release: Release) -> dict[str, str]:
        """Write the release's files as objects; return the paths, each with its blob's name."""
        paths = [*release.manifest.files, MANIFEST]
        names = "\n".join(str((release.folder / path).absolute()) for path in paths)
        said = self.git("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=names.encode())
        return dict(zip(paths, said.decode().split(), strict=True))

    def write_tree(self, files: Mapping[str, str]) -> str:
        """Write a tree and return its name; the project's index is not touched."""
        lines = "".join(f"100644 {sha}\t{path}\0" for path, sha in sorted(files.items()))
        with TemporaryDirectory() as folder:
            env = {"GIT_INDEX_FILE": f"{folder}/index"}
            self.git("update-index", "-z", "--index-info", stdin=lines.encode(), env=env)
            return self.git("write-tree", env=env).decode().strip()

    def push(self, tree: str, subject: str) -> None:
        """Push a tree on top of the tip; nothing when it is the tip's, or when that has moved."""
        if self.tip and self.git("rev-parse", f"{self.tip}^{{tree}}").decode().strip() == tree:
            return
        parents = ["-p", self.tip] if self.tip else []
        made = self.git("commit-tree", *parents, "-m", subject, tree, env=self.identity())
        commit, ref = made.decode().strip(), f"refs/heads/{self.branch}"
        lease = f"--force-with-lease={ref}:{self.tip}"
        try:
            must = "must take the push: nobody else has published in between, and you may push"
            self.git("push", "--quiet", lease, self.remote, f"{commit}:{ref}", must=must)
        finally:
            self.tip = None
        self.tip = commit

    def history(self) -> list[tuple[Kept, str]]:
        """Return the releases of the branch, the newest first, each with its commit."""
        live = self.live()
        if not self.tip or not live:
            return []
        form = ("--first-parent", f"--grep=^{RELEASED}", "--format=%H %ct %s")
        lines = self.git("log", f"--max-count={KEEP}", *form, self.tip).decode().splitlines()
        found: dict[str, tuple[Kept, str]] = {}
        for commit, seconds, *subject in (line.split() for line in lines):
            when = datetime.fromtimestamp(int(seconds), UTC)
            found.setdefault(subject[-1], (Kept(subject[-1], when, subject[-1] == live.id), commit))
        return list(found.values())

    def seen(self) -> Manifest | None:
        """Return the manifest at the tip that `live` saw. Raises ProblemsFound where it is none."""
        if not self.tip:
            return None
        files = self.files(self.tip)
        if MANIFEST in files:
            return Manifest.read(self.git("cat-file", "blob", files[MANIFEST]), self.place)
        if any(not HOSTS_OWN.fullmatch(path) for path in files):
            must = f"the branch {self.branch} must be empty, or hold a release"
            fix = "choose another branch, or delete that one"
            raise failure(self.place, must, f"{len(files)} other files", fix)
        return None

    def identity(self) -> dict[str, str]:
        """Return who commits, for git's environment: the author's own name where it has one."""
        try:
            self.git("var", "GIT_COMMITTER_IDENT")
        except ProblemsFound:
            roles = ("AUTHOR", "COMMITTER")
            return {f"GIT_{role}_{part}": NOBODY[part] for role in roles for part in NOBODY}
        return {}
