"""`invoke doctor`: what the tasks need on this machine, and the remedy for what is missing."""

import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.build import load_settings
from pipeline.check.browser import find_browser
from pipeline.problems import ProblemsFound
from pipeline.publish.publish import echo
from pipeline.publish.targets.base import make_target


@dataclass(frozen=True)
class Examination:
    """One thing that was examined, what was found, and the remedy ("": all is well).

    `needed`: without it a task fails that everybody uses.
    """

    name: str
    found: str
    remedy: str = ""
    needed: bool = True

    def show(self) -> bool:
        """Print it; return whether what is needed is there."""
        mark = "ok" if not self.remedy else "missing" if self.needed else "optional"
        echo(
            f"{mark:<9} {self.name:<9} {self.found}" + (f" ({self.remedy})" if self.remedy else "")
        )
        return not (self.remedy and self.needed)


def examine(settings_file: str) -> Iterator[Examination]:
    """Examine Python and the packages, the programs, the settings, the host and the target."""
    yield Examination("Python", f"{sys.version.split()[0]} in {sys.prefix}")
    if Path("requirements.txt").is_file():
        yield lock("requirements.txt")
    git = shutil.which("git")
    yield Examination("git", git or "not found", "" if git else "install git", needed=False)
    browser = find_browser()
    remedy = "" if browser else "for check --browser install Chrome, Edge or chromium"
    yield Examination("browser", browser or "not found", remedy, needed=False)
    try:
        settings = load_settings(settings_file)
        target = make_target(settings, "")
    except ProblemsFound as error:
        yield Examination("settings", str(error.problems[0]), "correct it")
        return
    yield Examination("settings", f"{settings_file}: {settings.siteurl}")
    host = urlsplit(settings.siteurl).hostname or ""
    try:
        found = socket.getaddrinfo(host, None)[0][4][0]
        yield Examination("DNS", f"{host} is {found}")
    except OSError as error:
        remedy = "set its A, AAAA or CNAME record where the domain is registered"
        yield Examination("DNS", f"{host}: {error.strerror}", remedy, needed=False)
    try:
        live = target.current()
        state = f"release {live.id} is live" if live else "no release yet"
        yield Examination("target", f"{target.location}: {state}")
    except ProblemsFound as error:
        yield Examination("target", str(error.problems[0]), "see docs/publishing.md", needed=False)


def lock(name: str) -> Examination:
    """Return whether the packages of a lock are installed in its versions."""
    wrong = []
    for line in Path(name).read_text("utf-8").splitlines():
        package, _, wanted = line.split(";")[0].strip(" \\").partition("==")
        if wanted and not line[0].isspace() and ";" not in line:
            try:
                wrong += [package] if version(package) != wanted.strip() else []
            except PackageNotFoundError:
                wrong.append(package)
    remedy = "remove .venv, and run any task" if wrong else ""
    return Examination(
        "packages", f"not as in {name}: {', '.join(wrong)}" if wrong else name, remedy
    )
