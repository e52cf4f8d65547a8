"""A server reached by ssh: rsync into a new release, then one rename of a link.

`releases/<time>-<id>/` are the releases, and `current` is the link that the web server serves.
Files that stay are hard links to those of the live release (`rsync --link-dest`), so that they keep
their times, and readers' caches stay valid. The programs are the author's own ssh and rsync, with
their keys, agent and configuration; rsync's options are those that macOS's openrsync has too. The
server needs a POSIX sh, rsync, flock and a mv that knows -T (GNU, busybox).
"""

import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer

from pipeline.problems import ProblemsFound
from pipeline.publish.programs import Failure, end, run, start
from pipeline.publish.release import Manifest, Release
from pipeline.publish.targets.base import (
    KEEP,
    NAME,
    StoredRelease,
    Target,
    already_running,
    failure,
    lock_owner,
    new_name,
)

CONNECT, SILENT = 10, 15  # seconds: until a server answers, and until it is taken for dead
HINT = "visitors see what they saw before; run it again"
HINTS = {
    "(Permission denied|No more authentication methods).*\\(": "add your key: ssh-add, ssh-copy-id",
    "Host key verification failed": "log in once with ssh and compare the server's key",
    "Could not resolve": "check the host in PUBLISH_TARGETS, and the network",
    "rsync: (command )?not found": "install rsync there",
    "flock: (command )?not found": "install flock (util-linux) there",
    "No space left|[Qq]uota|File too large": "free some space there",
    "Read-only file system|Permission denied|cannot create": "check the path and its permissions",
    "Connection|not responding|No route|unreachable|timed out": "check that the server is up",
}

# What the server runs. The first argument is the folder.
PRELUDE = """
set -eu
umask 022
fail() { printf 'error: %s\\n' "$1" >&2; exit 3; }
"""
# FOLDER OWNER: hold the lock as long as this shell lives, which then waits for ACTIVATE.
# A publisher that was just killed is gone in a moment.
LOCK = """
mkdir -p "$1/releases" && cd "$1" && [ -w . ] || fail "cannot create files in $1"
[ -L current ] || [ ! -e current ] || fail "current exists but is not a symlink created by publish"
exec 9<>.lock
tries=0
until flock -n 9; do
    [ $? = 1 ] || fail "flock does not work here"
    [ $((tries += 1)) -lt 20 ] || fail "locked by $(cat .lock)"
    sleep 0.1
done
echo "$2" >.lock
rm -rf releases/.[!.]* .current.new || :  # a killed rsync may still write there
echo locked
"""
SHOW = """
cd "$1" 2>/dev/null && [ -L current ] || exit 0
cat current/release.json || fail "current does not lead to a release"
"""
# What `current` leads to, then the name of each release
LIST = """
cd "$1" 2>/dev/null && [ -d releases ] || exit 0
readlink current || echo
ls releases
"""
READ = 'cat "$1/releases/$2/release.json"'
DISCARD = 'rm -rf "$1/releases/.$2"'
# NEW NAME [FILE]...: link the release, with those files of the live one. The shell that holds the
# lock runs it, so that nobody else publishes meanwhile, also if this process is killed; in braces,
# so that it runs only if all of it has arrived.
ACTIVATE = """
new=releases/$1 name=$2
shift 2
for file; do
    [ -f "current/$file" ] && [ ! -e "$new/$file" ] || continue
    mkdir -p "$new/$(dirname "$file")"
    ln "current/$file" "$new/$file" 2>/dev/null || cp -p "current/$file" "$new/$file"
done
find "$new" \\( -type d ! -perm -555 -o -type f ! -perm -444 \\) -exec chmod a+rX {} +
[ "$new" = "releases/$name" ] || mv "$new" "releases/$name"
ln -sfn "releases/$name" .current.new
mv -T .current.new current
ls releases | sort -r | tail -n +KEEP | while read -r old; do
    [ "$old" = "$name" ] || { mv "releases/$old" "releases/.$old" && rm -rf "releases/.$old"; }
done
echo active
""".replace("KEEP", str(KEEP + 1))


@dataclass
class Ssh(Target):
    """`host` is the server as ssh knows it, such as "ben@example.org" or a name of ~/.ssh/config.

    `path` is the folder there, `url` where its `current` is served ("": nowhere), `port` that of
    ssh (0: what ssh's configuration says).
    """

    host: str
    path: str
    url: str = ""
    port: int = 0
    _holder: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    @property
    def location(self) -> str:
        """The URL, or the folder that the web server should serve."""
        return self.url or f"{self.host}:{self.path}/current"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold a lock on the server by a shell there that ends with this process."""
        with start([*self.ssh(), "--", self.host, "sh"], self.host) as holder:
            assert holder.stdin and holder.stdout
            patience = Timer(CONNECT + SILENT, holder.kill)
            patience.start()
            try:
                with suppress(BrokenPipeError):
                    holder.stdin.write(script(LOCK, self.folder, lock_owner()))
                    holder.stdin.flush()
                if holder.stdout.readline() != b"locked\n":
                    raise self.failed(holder)
                patience.cancel()
                self._holder = holder
                yield
                with suppress(subprocess.TimeoutExpired, BrokenPipeError):
                    holder.communicate(timeout=SILENT)
            finally:
                patience.cancel()
                self._holder = None
                end(holder)

    def current(self) -> Manifest | None:
        """Return the manifest of the release that is linked."""
        data = self.remote(SHOW)
        return Manifest.read(data, f"{self.host}:{self.path}") if data else None

    def deploy(self, release: Release) -> int:
        """Send what the live release does not have, and link the release."""
        live = self.current()
        if live and live.id == release.manifest.id:
            stats = self.rsync(["--dry-run"], release.folder, "current/")
            if re.search(rb"files transferred: 0\b", stats):
                return 0
        name = new_name(release)
        options = ["--link-dest=../../current/"] if live else []
        try:
            stats = self.rsync(options, release.folder, f"releases/.{name}/")
            self.switch(f".{name}", name, release.retained(live))
        except ProblemsFound:
            with suppress(ProblemsFound):  # the server may be down: the next publisher removes it
                self.remote(DISCARD, name)
            raise
        sent = re.search(rb"Total bytes sent: ([\d,.]+)", stats)
        return int(re.sub(rb"\D", b"", sent[1])) if sent else 0

    def list_releases(self) -> list[StoredRelease]:
        """Return the releases on the server, newest first."""
        live, *names = self.remote(LIST).decode().splitlines() or [""]
        found = sorted(filter(NAME.fullmatch, names), reverse=True)
        return [StoredRelease.named(name, live == f"releases/{name}") for name in found]

    def activate(self, release: StoredRelease) -> None:
        """Link the folder of a release; the assets of the live release stay with it."""
        if not release.live:
            manifest = Manifest.read(self.remote(READ, release.name), release.name)
            retained = Release(Path(), manifest).retained(self.current())
            self.switch(release.name, release.name, retained)

    @property
    def on_failure(self) -> Failure:
        """What is reported if ssh or rsync fails."""
        return Failure(self.host, "publishing over ssh failed", HINT, HINTS)

    @property
    def folder(self) -> str:
        """The folder on the server: absolute, or from the home folder."""
        return self.path.removeprefix("~/")

    def ssh(self) -> list[str]:
        """Return the ssh command without the host: it asks nothing and has a time limit."""
        alive = [f"-oServerAliveInterval={SILENT // 3}", "-oServerAliveCountMax=3"]
        port = ["-p", str(self.port)] if self.port else []
        return ["ssh", "-T", "-oBatchMode=yes", f"-oConnectTimeout={CONNECT}", *alive, *port]

    def remote(self, body: str, *arguments: str) -> bytes:
        """Run a script on the server, in its folder, and return its output."""
        command = [*self.ssh(), "--", self.host, "sh"]
        return run(command, self.on_failure, stdin=script(body, self.folder, *arguments))

    def switch(self, new: str, name: str, retained: list[str]) -> None:
        """Make `current` lead to a release. Raises ProblemsFound if the lock is lost."""
        holder = self._holder
        if holder is None or holder.poll() is not None:
            raise failure(self.host, "the lock was lost", HINT, "lock-lost")
        assert holder.stdin and holder.stdout
        with suppress(BrokenPipeError):
            holder.stdin.write(activation(new, name, *retained))
            holder.stdin.flush()
        if holder.stdout.readline() != b"active\n":
            raise self.failed(holder)

    def failed(self, holder: "subprocess.Popen[bytes]") -> ProblemsFound:
        """Return why the shell that holds the lock has ended."""
        error = holder.communicate()[1]
        if found := re.search(rb"locked by (.*)", error):
            return already_running(self.host, found[1].decode("utf-8", "replace"))
        return self.on_failure.problem(
            error if holder.returncode > 0 else b"error: connection timed out"
        )

    def rsync(self, options: list[str], folder: Path, to: str) -> bytes:
        """Send a folder into one on the server, compared by content, and return the statistics."""
        there = f"cd {shlex.quote(self.folder)} && umask 022 && rsync"
        command = ["rsync", "-rlc", "--stats", f"--timeout={SILENT * 4}", *options]
        command += ["-e", " ".join(self.ssh()), "--rsync-path", there]
        command += [f"{folder}/", f"{self.host}:{to}"]
        return run(command, self.on_failure)


def script(body: str, *arguments: str) -> bytes:
    """Return the input of a shell that runs a script with arguments."""
    return f"set -- {shlex.join(arguments)}\n{PRELUDE}{body}".encode()


def activation(*arguments: str) -> bytes:
    """Return what the shell that holds the lock reads to activate a release."""
    return f"{{ set -- {shlex.join(arguments)}\n{ACTIVATE}}}\n".encode()
