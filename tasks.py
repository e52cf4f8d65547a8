"""The tasks of `./invoke`: thin wrappers around pipeline/. `./invoke` alone lists them.

Arguments after `--` go to the tool behind a task: `./invoke build -- --verbose` (Pelican),
`./invoke test -- -k feeds` (pytest). What is slow to import is imported inside the tasks.
"""

import signal
import sys

if __name__ == "__main__":  # until a task can say that it was interrupted
    signal.signal(signal.SIGINT, lambda *_: sys.exit("interrupted"))

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout, suppress
from datetime import date
from functools import wraps
from io import StringIO, TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit, ParseError
from invoke.program import Program
from invoke.tasks import Task

from pipeline.problems import (
    FORMATS,
    Problem,
    ProblemsFound,
    did_you_mean,
    raise_if_any,
    relative,
)

if TYPE_CHECKING:
    from pipeline.build import Built

ROOT = Path(__file__).resolve().parent
SETTINGS = "pelicanconf.py"
PRODUCTION = "publishconf.py"
# What each lock has of pyproject.toml's optional dependencies
LOCKS = {"": [], "-dev": ["--extra=dev"], "-servers": ["--extra=servers"]}
# What `install` can install: the packages of each, with all that they need
EXTRAS = {
    "s3": ("boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"),
    "import": ("pyyaml",),
    "servers": (r"[\w.-]+",),
}
TO = "a target of PUBLISH_TARGETS (PUBLISH_TARGET)"
OPEN = "open the page in the browser (yes where there is one)"


def command(
    outcome: str = "nothing was changed", **options: Any
) -> Callable[[Callable[..., None]], "Task[Any]"]:
    """Return a decorator that makes a task: it runs in the project's folder, errors are lines.

    `outcome` ends the line with the number of problems; `options` are those of Invoke's `task`.
    """

    def decorate(body: Callable[..., None]) -> "Task[Any]":
        @wraps(body)
        def run_task(c: Context, **arguments: Any) -> None:
            os.chdir(ROOT)
            # Invoke switches it off, so that each run would compile the pipeline again.
            sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
            with errors_printed(arguments.get("format", "text"), outcome):
                body(c, **arguments)

        return Task(run_task, **options)

    return decorate


@contextmanager
def errors_printed(form: str, outcome: str) -> Iterator[None]:
    """End a task that fails with a line for each problem, in one of `problems.FORMATS`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A pipe of Windows has an encoding of its own.
            known = "PYTHONIOENCODING" in os.environ
            stream.reconfigure(encoding=stream.encoding if known else "utf-8", errors="replace")
    try:
        yield
    except KeyboardInterrupt as error:
        end = error.args[0] if error.args else outcome
        raise Exit("; ".join(filter(None, ["interrupted", end])), 130) from None
    except BrokenPipeError:  # the reader of the output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise Exit(code=1) from None
    except ProblemsFound as error:
        if form != "text":
            print(FORMATS[form](error.problems))
            raise Exit(code=1) from None
        count, end = len(error.problems), getattr(error, "outcome", outcome)
        total = "; ".join([f"{count} problem{'s' if count > 1 else ''}", *filter(None, [end])])
        raise Exit(f"{error}\n{total}" if end or count > 1 else str(error)) from None
    finally:
        if sys.stderr.isatty():  # what progress has left behind the cursor
            print("\x1b[K", end="", file=sys.stderr, flush=True)


def extra() -> list[str]:
    """Return the arguments after `--`."""
    return sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []


def run(*arguments: str | Path) -> int:
    """Run a program and return its exit code."""
    return subprocess.run(arguments, check=False).returncode


def show_progress() -> None:
    """Show what a build does on the terminal, behind the cursor, so that no line is left."""
    if sys.stderr.isatty():
        from pipeline import site_writer

        site_writer.progress = lambda message: print(
            f"\x1b7{message[:70]}\x1b[K\x1b8", end="", file=sys.stderr, flush=True
        )


def build_site(settings_file: str, *arguments: str, quiet: bool = False) -> "Built":
    """Build, with the arguments after `--`; `quiet` drops Pelican's summary."""
    from pipeline import build

    show_progress()
    with redirect_stdout(StringIO()) if quiet else nullcontext():
        return build.build(settings_file, [*arguments, *extra()])


def build_changes(settings_file: str) -> None:
    """Build if anything has changed since the last build."""
    from pipeline.incremental import is_current

    if is_current(settings_file, extra()):
        print("Nothing has changed since the last build")
    else:
        build_site(settings_file)


@command()
def build(c: Context) -> None:
    """Build the site into output/, with drafts."""
    build_changes(SETTINGS)


@command()
def rebuild(c: Context) -> None:
    """Build the site from nothing, with all images."""
    for path in Path(".cache").glob("memo.db*"):
        path.unlink()
    build_site(SETTINGS, "--delete-output-directory")


@command()
def regenerate(c: Context) -> None:
    """Build into output/ on every change, without serving."""
    from pipeline import serve

    serve.regenerate(serve.Preview(SETTINGS, extra(), show_progress))


@command(outcome="", help={"port": "the port on this machine (8000)", "open": OPEN})
def serve(c: Context, port: str = "8000", open: bool = True) -> None:
    """Build, serve on this machine, reload on every change."""
    from pipeline import serve

    check = [sys.executable, str(ROOT / "tasks.py"), "check", "--format", "json"]
    check += ["--", *extra()] if extra() else []
    serve.serve(serve.Preview(SETTINGS, extra(), show_progress, check), port, open_browser=open)


@command()
def preview(c: Context) -> None:
    """Build the production site into output/, without drafts."""
    build_changes(PRODUCTION)


@command()
def clean(c: Context) -> None:
    """Remove output/ and what killed builds left beside it."""
    from pipeline.output import refuse_foreign

    refuse_foreign(Path("output"))
    for folder in [Path("output"), *Path().glob(".output.*")]:
        shutil.rmtree(folder, ignore_errors=True)


@command(
    outcome="",
    help={
        "format": "text, json or github (annotations of a workflow)",
        "explain": "explain a check: what it enforces, why, how to fix or suppress; all: list them",
        "fix": "fix front matter first: order and spelling of keys, tags, missing ids",
        "browser": "look at the pages in Chromium as well",
        "path": "look at one text alone, also a draft, without building the site",
        "drafts": "look at all drafts alone",
    },
    optional=["explain"],
)
def check(
    c: Context,
    format: str = "text",
    explain: str = "",
    fix: bool = False,
    browser: bool = False,
    path: str = "",
    drafts: bool = False,
) -> None:
    """Build the production site in .cache/check, and run all checks."""
    from pipeline.incremental import last_problems

    if format not in FORMATS:
        raise Exit(f"--format: unknown format {format!r} (one of {', '.join(FORMATS)})")
    if explain:
        from pipeline.check import runner

        print(runner.explain(explain if isinstance(explain, str) else runner.ALL))
        return
    quiet = nullcontext() if format == "text" else redirect_stdout(StringIO())
    with quiet, TemporaryDirectory() as folder:
        if fix:
            from pipeline.authoring.move import restore_aliases
            from pipeline.build import load_settings
            from pipeline.content.autofix import fix_site
            from pipeline.publish.publish import keep_live_versions

            for line in fix_site(load_settings(PRODUCTION, extra())):
                print(f"fixed {line}")
            with suppress(ProblemsFound):  # the live release cannot be read
                for line in restore_aliases(PRODUCTION):
                    print(f"fixed {line}")
                for line in keep_live_versions(PRODUCTION):
                    print(f"fixed {line}")
        show_progress()
        try:
            if path or drafts:
                from pipeline.build import load_settings
                from pipeline.check.runner import check_texts

                raise_if_any(check_texts(load_settings(PRODUCTION, extra()), path))
            elif browser:
                from pipeline.check.runner import check

                check(PRODUCTION, Path(folder), extra(), browser=True)
            else:
                if (problems := last_problems(PRODUCTION, extra())) is None:
                    from pipeline.check.runner import check_again

                    problems = check_again(PRODUCTION, extra())
                raise_if_any(problems)
        except ProblemsFound as error:
            asks = fix and sys.stdin.isatty() and format == "text"
            raise_if_any(answer(error.problems) if asks else error.problems)
    print("No problems found" if format == "text" else FORMATS[format]([]))


def answer(problems: Sequence[Problem]) -> list[Problem]:
    """Ask which unknown words are right; return the problems without what was answered."""
    from pipeline.build import load_settings
    from pipeline.check.spelling import asked, learn

    words = sorted({asked(p) for p in problems if p.code == "spelling"})
    right = {word for word in words if input(f"Is {word!r} spelled right? [y/N] ") in ("y", "Y")}
    if right:
        learn(load_settings(PRODUCTION), right)
    return [p for p in problems if p.code != "spelling" or asked(p) not in right]


@command(
    outcome="",
    help={"archive": "ask the Wayback Machine to keep what it has no copy of"},
)
def check_links(c: Context, archive: bool = False) -> None:
    """Request every external link; content/links.json has the results."""
    from pipeline.external_links import check_external_links

    show_progress()
    with TemporaryDirectory() as folder:
        for note in check_external_links(PRODUCTION, Path(folder), extra(), archive):
            print(note)


@command(
    help={
        "path": "a feed's file in the site (feeds/all.atom.xml)",
        "text": "print it to the terminal",
        "open": OPEN,
    }
)
def feed(c: Context, path: str = "", text: bool = False, open: bool = True) -> None:
    """Show a feed as a strict feed reader does, with drafts."""
    from pipeline.feeds.feed_reader import as_page, as_text, show_feed
    from pipeline.serve import open_in_browser

    folder = Path(".cache/feed")
    own = ["--output", str(folder / "site"), "--extra-settings", "FEED_DRAFTS=true"]
    built = build_site(SETTINGS, *own, quiet=True)
    path = path or built.settings.feed_all_atom or ""
    if path not in built.artifacts:
        known = sorted(own for feed in built.site.feeds for _, own in feed.paths)
        hint = did_you_mean(path, known) or f"one of {', '.join(known)}"
        raise ProblemsFound([Problem("feed-preview", path, 0, "no such feed", hint)])
    shown = show_feed(built.folder / path)
    if text:
        print(as_text(shown))
        return
    page, site = folder / "index.html", built.settings.site
    page.write_text(as_page(shown, f"{site}{path}", site, "site/"), "utf-8")
    print(page)
    open_in_browser(page.resolve().as_uri() if open else "")


@command(
    help={
        "since": "the site as it was published: a folder, or its URL",
        "resend": "allow that feed readers show old entries again",
    }
)
def feed_diff(c: Context, since: str, resend: bool = False) -> None:
    """List the entries that subscribers get as new, updated or again."""
    from pipeline.feeds.feed_diff import compare_entries, diff_problems, entries_at, entries_in

    with TemporaryDirectory() as folder:
        built = build_site(PRODUCTION, "--output", f"{folder}/output", quiet=True)
        diff = compare_entries(entries_at(since, built.settings), entries_in(built.folder))
    print(diff)
    raise_if_any(() if resend else diff_problems(diff, built.settings))


@command(
    help={
        "to": TO,
        "dry-run": "show what would change, and end",
        "allow-deletes": "let published addresses vanish",
        "resend": "let feeds send entries again that readers have",
        "first": "take a target whose live release cannot be read for empty",
        "rollback-on-failure": "activate the previous release if the new one is not served",
        "due": "publish only if the date of a scheduled post has come: for cron",
    }
)
def publish(
    c: Context,
    to: str = "",
    dry_run: bool = False,
    allow_deletes: bool = False,
    resend: bool = False,
    first: bool = False,
    rollback_on_failure: bool = False,
    due: bool = False,
) -> None:
    """Check the site, show what changes, deploy and verify it."""
    from pipeline.publish.publish import PublishOptions
    from pipeline.publish.publish import publish as publish_site
    from pipeline.publish.schedule import publish_due

    show_progress()
    options = PublishOptions(dry_run, allow_deletes, resend, first, rollback_on_failure)
    if due:
        publish_due(PRODUCTION, to, options)
    else:
        publish_site(PRODUCTION, to, options, extra())


@command(help={"to": TO})
def post_deploy(c: Context, to: str = "") -> None:
    """Verify a release that something else deployed, notify hubs."""
    from pipeline.publish.publish import post_deploy

    post_deploy(PRODUCTION, to)


@command(help={"to": TO, "to-release": "its id, or the beginning of it (the one before)"})
def rollback(c: Context, to: str = "", to_release: str = "") -> None:
    """Activate an earlier release."""
    from pipeline.publish.publish import rollback

    rollback(PRODUCTION, to, to_release)


@command(help={"to": TO})
def releases(c: Context, to: str = "") -> None:
    """List the releases that a rollback can activate."""
    from pipeline.publish.publish import releases

    releases(PRODUCTION, to)


@command(help={"to": TO})
def status(c: Context, to: str = "") -> None:
    """List drafts, scheduled posts, due reviews, and changes."""
    from pipeline.publish.schedule import status

    show_progress()
    status(PRODUCTION, to)


@command(
    help={
        "title": "the title, or the words of the quote, in quotation marks",
        "page": "a page, in content/pages/",
        "quote": "whose words they are: adds them to the page of quotes",
    }
)
def new(c: Context, title: str, page: bool = False, quote: str = "") -> None:
    """Begin a post: a folder below content/posts/ with a draft; or a page, or a quote."""
    from pipeline.build import load_settings
    from pipeline.content.scaffold import new_page, new_post, new_quote

    if title.startswith("-"):
        raise Exit(f"a title begins with a letter or digit: {title} (help: ./invoke new --help)")
    settings, today = load_settings(SETTINGS), date.today()
    if quote:
        path = new_quote(settings, title, quote, today)
    else:
        path = new_page(settings, title) if page else new_post(settings, title, today)
    print(relative(str(path)))


@command(
    outcome="",
    help={
        "old": "the post or page: its folder, or its folder's name",
        "new": "its new name, or folder",
    },
)
def move(c: Context, old: str, new: str) -> None:
    """Move a post or page: its id stays, links to it and its old address work."""
    from pipeline.authoring.move import move
    from pipeline.build import load_settings

    for line in move(load_settings(PRODUCTION), old, new):
        print(line)


@command(
    outcome="",
    help={
        "name": "of the blog, in quotation marks",
        "url": "where it will be",
        "author": "who writes it (the name of the blog)",
    },
)
def adopt(c: Context, name: str, url: str, author: str = "") -> None:
    """Make it your own blog: without the content and names of this one."""
    from pipeline.authoring.adopt import adopt
    from pipeline.build import load_settings

    for line in adopt(load_settings(SETTINGS), name, url, author, date.today()):
        print(line)


@command()
def icons(c: Context) -> None:
    """Draw the icons of browsers and feeds from the theme's mark.svg."""
    from pipeline.authoring.adopt import draw_icons
    from pipeline.build import load_settings

    print(*draw_icons(load_settings(SETTINGS)))


@command(
    help={
        "post": "a post or page: its folder, or its folder's name",
        "reader": "whom it is for",
        "publish": "under an address that nobody can guess, instead of a file to send",
        "expires": "after so many days the next publish removes it (14)",
    }
)
def share(
    c: Context, post: str, reader: str = "", publish: bool = False, expires: int = 14
) -> None:
    """Write a draft or a post as one file to send, with its images in it."""
    from pipeline.authoring.share import share
    from pipeline.build import load_settings

    path = share(SETTINGS, post, reader, date.today(), max(1, expires) if publish else 0)
    print(f"{path}, {path.stat().st_size:,} bytes")
    if publish:
        url = f"{load_settings(SETTINGS).site}shared/{path.parent.name}/"
        print(f"next: ./invoke publish; then it is at {url}")


@command()
def doctor(c: Context) -> None:
    """Look at what the tasks need on this machine, each with its remedy."""
    from pipeline.authoring.doctor import Examination, examine

    raise Exit(code=int(not all(list(map(Examination.show, examine(PRODUCTION))))))


@command(
    outcome="",
    name="import",
    help={
        "path": "the folder of the old site, or one in it",
        "feed": "its feed, a file or a folder of them: the ids of its entries are kept",
        "write": "write the posts; without it there is only the report",
    },
)
def import_(c: Context, path: str, feed: str = "", write: bool = False) -> None:
    """Import the posts of a Jekyll, Hugo or Eleventy site."""
    from pipeline.authoring.importer import import_site
    from pipeline.build import load_settings

    settings, old_feed = load_settings(PRODUCTION), Path(feed) if feed else None
    for line in import_site(settings, Path(path), date.today(), old_feed, write):
        print(line)


@command(outcome="", help={"all": "the slow ones too"})
def test(c: Context, all: bool = False) -> None:
    """Run the tests on all cores."""
    marks = [] if all else ["-m", "not slow"]
    pytest = [sys.executable, "-m", "pytest", "--numprocesses=auto", *marks]
    raise Exit(code=run(*pytest, *extra()))


@command(outcome="")
def lint(c: Context) -> None:
    """Check style, format, types and imports."""
    tools = (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"])
    failed = [run(sys.executable, "-m", *tool) for tool in tools]
    failed.append(run(Path(sys.executable).with_name("lint-imports")))
    raise Exit(code=int(any(failed)))


@command()
def lock(c: Context) -> None:
    """Write requirements*.txt from pyproject.toml (needs uv)."""
    if not (uv := shutil.which("uv")):
        raise Exit("uv is not installed; it resolves for all systems at once (pipx install uv)")
    compile = [uv, "pip", "compile", "--quiet", "--universal", "--no-annotate", "pyproject.toml"]
    options = ["--generate-hashes", "--no-emit-index-url", "--no-emit-find-links"]
    options += ["--custom-compile-command", "./invoke lock"]
    with TemporaryDirectory() as folder:
        together = Path(folder, "all.txt")  # so that all locks have the same versions
        failed = run(*compile, "--upgrade", "--all-extras", f"--output-file={together}")
        for name, extras in LOCKS.items():
            own = [*extras, f"--constraint={together}", f"--output-file=requirements{name}.txt"]
            failed = failed or run(*compile, *options, "--upgrade", *own)
    raise Exit(code=failed)


@command(
    outcome="",
    help={"what": "s3 (publishing to a bucket), import (PyYAML), or servers (tests of publishing)"},
)
def install(c: Context, what: str) -> None:
    """Install what only some need: `s3`, `import` or `servers`."""
    if what not in EXTRAS:
        raise Exit(f"unknown: {what!r} ({', '.join(EXTRAS)})")
    pip = [sys.executable, "-m", "pip", "install"]
    if uv := shutil.which("uv"):
        pip = [uv, "pip", "install", f"--python={sys.executable}"]
    text = (ROOT / "requirements-servers.txt").read_text("utf-8")
    names = "|".join(EXTRAS[what])
    entries = re.findall(rf"^(?:{names})==.*\n(?: .*\n)*", text, re.MULTILINE)
    with TemporaryDirectory() as folder:
        wanted = Path(folder, "wanted.txt")
        wanted.write_text("".join(entries), "utf-8")
        raise Exit(code=run(*pip, "--quiet", "--require-hashes", f"--requirement={wanted}"))


class Blog(Program):
    """Invoke as a program of these tasks, with hints for what it does not know."""

    def no_tasks_given(self) -> None:
        """List the tasks."""
        self.list_tasks()
        raise Exit

    def parse_tasks(self) -> None:
        """Parse the tasks and their arguments. Raises ParseError."""
        try:
            super().parse_tasks()
        except ParseError as error:
            word = re.search("No idea what '(.*)' is", str(error))
            if not word:
                raise
            known = [*self.parser.contexts]
            for name in {*self.argv} & {*known}:
                known += self.parser.contexts[name].flags
            hint = did_you_mean(word[1], known) or "./invoke lists the tasks, --help TASK explains"
            if "new" in self.argv:
                hint = "put the title in quotation marks"
            raise ParseError(f"unknown task or option: {word[1]} ({hint})") from None


def main(arguments: Sequence[str]) -> None:
    """Run the tasks that the arguments name."""
    name, *rest = arguments
    if len(rest) == 2 and rest[1] in ("--help", "-h"):
        rest.reverse()
    namespace = Collection.from_module(sys.modules[__name__])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    Blog(namespace=namespace, name="invoke", binary="./invoke").run([name, *rest])


if __name__ == "__main__":
    main(sys.argv)
