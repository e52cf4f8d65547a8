"""A shell on a server, by the author's ssh: one connection for all that is asked of it."""

import secrets
import subprocess
from shlex import join
from threading import Timer

from pipeline.publish import commands
from pipeline.publish.target import failure

MUST = "must be a server that takes a release"
AGAIN = "nothing has changed there; run it again"
CONNECT, SILENT = 10, 15  # seconds: until a server answers, and until it is taken for dead
LONGEST = 300  # seconds that one call may take
REMEDIES = {
    "is at it": "wait until it is done",
    "Permission denied \\(": "add your key: ssh-add here, ssh-copy-id there",
    "Host key verification failed": "log in once by hand, and look at its key",
    "Could not resolve": "mend the host in publishconf.py, or the network",
    "rsync: (command )?not found": "install rsync there",
    "No space left|[Qq]uota|File too large": "make room there",
    "Read-only file system|Permission denied|no folder that": "mend the path or its rights",
    "Connection|not responding|No route|unreachable|timed out": "see whether it is up",
}


def ssh(port: int = 0) -> list[str]:
    """Return the ssh command without the host: it asks nothing, and gives a dead server up."""
    alive = [f"-oServerAliveInterval={SILENT // 3}", "-oServerAliveCountMax=3"]
    own = ["-p", str(port)] if port else []
    return ["ssh", "-T", "-oBatchMode=yes", f"-oConnectTimeout={CONNECT}", *alive, *own]


class Shell:
    """A POSIX shell on `host` that has read a script. It ends with this process, or with `close`.

    Making one raises ProblemsFound when there is no ssh.
    """

    def __init__(self, host: str, port: int, script: bytes) -> None:
        self.host = host
        self.mark = secrets.token_hex(16)
        self.process = commands.start([*ssh(port), "--", host, "sh"], host)
        self.script = script

    def ask(self, *call: str) -> bytes:
        """Call a function of the script and return what it prints.

        Raises ProblemsFound when it fails, or the server does not answer; the shell is closed then.
        """
        assert self.process.stdin and self.process.stdout
        silence = Timer(LONGEST if not self.script else CONNECT + SILENT, self.process.kill)
        silence.start()
        line = f"{{ {join(call)}; }} </dev/null; printf '\\n%s\\n' {self.mark}\n"
        try:
            self.process.stdin.write(self.script + line.encode())
            self.process.stdin.flush()
            self.script = b""
            return self.answer()
        except BrokenPipeError:
            raise self.failed() from None
        finally:
            silence.cancel()

    def answer(self) -> bytes:
        """Return what is printed until the mark."""
        assert self.process.stdout
        said = b""
        end = f"\n{self.mark}\n".encode()
        while not said.endswith(end):
            line = self.process.stdout.readline()
            if not line:
                raise self.failed()
            said += line
        return said.removesuffix(end)

    def failed(self) -> Exception:
        """Return why the shell has ended."""
        assert self.process.stderr
        said = self.process.stderr.read()
        code = self.process.wait()
        if code < 0:
            return failure(self.host, MUST, "it stopped answering", "see whether it is up")
        found, fix = commands.explain(said, code, REMEDIES)
        return failure(self.host, MUST, found, fix or AGAIN)

    def close(self) -> None:
        """End the shell and wait until it is gone, with what it held."""
        try:
            self.process.communicate(timeout=SILENT)
        except (subprocess.TimeoutExpired, ValueError):
            commands.end(self.process)
