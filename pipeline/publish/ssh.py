"""A server of one's own: rsync over ssh into a new release, then one switch of a link.

`releases/<time>-<id>/` are the releases, and `current` is the link that the web server serves. A
release begins as hard links to the live one, and rsync writes a new file for what differs, so that
files which stay keep their times, and readers' caches stay warm. The programs are the author's own
ssh and rsync, with their keys, agent and settings; rsync's options are those that macOS's openrsync
has too. What the server does stands in ssh.sh.
"""

import getpass
import os
import re
import shlex
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pipeline.problems import ProblemsFound
from pipeline.publish import commands
from pipeline.publish.directory import TIME
from pipeline.publish.release import Manifest, Release
from pipeline.publish.shell import AGAIN, MUST, REMEDIES, Shell, ssh
from pipeline.publish.target import Kept, failure

SCRIPT = Path(__file__).with_name("ssh.sh")
NAME = re.compile(r"\d{8}T\d{12}Z-\w+")
SILENT = 60  # seconds after which rsync gives up


@dataclass
class Ssh:
    """`host` is the server as ssh knows it, such as "ben@example.org" or a name of ~/.ssh/config.

    `path` is the folder there, `url` where its `current` is served ("": nowhere), `port` that of
    ssh (0: what ssh's own settings say). `sent` is how many bytes the last `put` sent.
    """

    host: str
    path: str
    url: str = ""
    port: int = 0
    sent: int = field(default=0, init=False)
    _shell: Shell | None = field(default=None, init=False)

    def prepare(self, folder: Path) -> None:
        """Change nothing: a web server serves what is there."""

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold a lock on the server: a shell there that ends with this process."""
        own = f"process {os.getpid()}, since {datetime.now(UTC):%H:%M:%S} UTC"
        with self.shell() as shell:
            shell.ask("hold", self.folder, f"{getpass.getuser()}@{socket.gethostname()} ({own})")
            self._shell = shell
            try:
                yield
            finally:
                self._shell = None

    @contextmanager
    def shell(self) -> Iterator[Shell]:
        """Give a shell on the server: the one that holds the lock, where it is held."""
        if self._shell:
            yield self._shell
            return
        shell = Shell(self.host, self.port, SCRIPT.read_bytes())
        try:
            yield shell
        finally:
            shell.close()

    def ask(self, *call: str) -> bytes:
        """Call a function of ssh.sh on the server and return what it prints."""
        with self.shell() as shell:
            return shell.ask(*call)

    def live(self) -> Manifest | None:
        """Return the manifest of the release that is linked."""
        data = self.ask("show", self.folder)
        return Manifest.read(data, f"{self.host}:{self.path}") if data else None

    def put(self, release: Release) -> None:
        """Begin with the live release's files, send what differs, and link the whole."""
        self.sent = 0
        before = self.live()
        if before and before.id == release.manifest.id and self.is_whole(release.folder):
            return
        name = f"{datetime.now(UTC).strftime(TIME)}-{release.manifest.id}"
        self.ask("begin", name)
        try:
            self.sent = self.send(release.folder, f"releases/.{name}/")
            self.ask("finish", name, *release.carried(before))
        except ProblemsFound:
            with suppress(ProblemsFound):  # the server may be gone: the next release sweeps
                self.ask("drop", name)
            raise

    def kept(self) -> list[Kept]:
        """Return the releases that are there, the newest first."""
        live, *names = self.ask("list", self.folder).decode().splitlines() or [""]
        found = []
        for name in sorted(filter(NAME.fullmatch, names), reverse=True):
            time, _, id = name.partition("-")
            when = datetime.strptime(time, TIME).replace(tzinfo=UTC)
            found.append(Kept(id, when, f"releases/{name}" == live))
        return found

    def switch(self, release: str) -> None:
        """Link the newest folder of that id; what pages of the live one load is kept with it."""
        kept = next((kept for kept in self.kept() if kept.id == release), None)
        if kept is None:
            raise failure(self.host, "must have the release", release, "see invoke releases")
        if kept.live:
            return
        name = f"{kept.when.strftime(TIME)}-{kept.id}"
        to = Release(Path(), Manifest.read(self.ask("read_manifest", name), name))
        self.ask("go_back", name, *to.carried(self.live()))

    @property
    def folder(self) -> str:
        """The folder on the server: as it is, or from the home folder."""
        return self.path.removeprefix("~/")

    def is_whole(self, folder: Path) -> bool:
        """Return whether the live release has all files of a folder as they are there."""
        said = self.rsync(["--dry-run"], folder, "current/")
        sent = re.search(rb"Number of (?:regular )?files transferred: (\d+)", said)
        return not sent or int(sent[1]) == 0

    def send(self, folder: Path, to: str) -> int:
        """Send a folder's files into a folder of the site and return how many bytes went out."""
        sent = re.search(rb"Total bytes sent: ([\d,.]+)", self.rsync(["--delete"], folder, to))
        return int(re.sub(rb"\D", b"", sent[1])) if sent else 0

    def rsync(self, options: list[str], folder: Path, to: str) -> bytes:
        """Compare a folder with one of the site, file by file, and return what rsync said."""
        there = f"cd {shlex.quote(self.folder)} && umask 022 && rsync"
        command = ["rsync", "-rlc", "--stats", f"--timeout={SILENT}", *options]
        command += ["-e", " ".join(ssh(self.port)), "--rsync-path", there]
        command += [f"{folder}/", f"{self.host}:{to}"]
        return commands.run(command, place=self.host, must=MUST, fix=AGAIN, remedies=REMEDIES)
