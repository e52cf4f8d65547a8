"""What one can do with the blog: `invoke --list`. Doors only; the work is in pipeline/.

Extra words after `--` go to the tool behind the task: `invoke build -- --verbose`,
`invoke test -- -k feeds`.
"""

import os
import shlex
import shutil
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task
from pelican.settings import read_settings

from pipeline import scaffold
from pipeline import serve as preview_server
from pipeline.build import build as build_site
from pipeline.build import problems_located
from pipeline.check import gate, mend, outside
from pipeline.problems import FORMS, ProblemsFound
from pipeline.publish import back, schedule, steps
from pipeline.publish import feeds as published
from pipeline.publish.delivery import compare
from pipeline.publish.delivery import problems as delivery_problems
from pipeline.render.feeds import preview as reader
from pipeline.render.output import refuse_foreign

# Invoke finds this file from any folder below; the tasks mean the project's.
os.chdir(Path(__file__).parent)
SETTINGS = "pelicanconf.py"
PRODUCTION_SETTINGS = "publishconf.py"
EXTRAS = ("dev", "browser", "s3", "servers")


def extra() -> list[str]:
    """Return the words after `--`, as the shell has parted them."""
    return sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []


@contextmanager
def problems_said(form: str = "text", then: str = "nothing was changed") -> Iterator[None]:
    """End the task with one line a problem, in one of the forms of problems.FORMS."""
    if form not in FORMS:
        raise Exit(f"--format must be one of {', '.join(FORMS)}: {form}")
    try:
        yield
        if form == "json":
            print(FORMS[form]([]))
    except ProblemsFound as error:
        if form != "text":
            print(FORMS[form](error.problems))
            raise Exit(code=1) from None
        count = len(error.problems)
        end = "the release is live" if isinstance(error, steps.Released) else then
        total = f"{count} problem{'s' if count > 1 else ''}; {end}"
        raise Exit(f"{error}\n{total}") from None
    except BrokenPipeError:
        # Who read it, as `head` does, has enough; what is left to say goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise Exit(code=1) from None


@task
def build(c: Context) -> None:
    """Build the site into output/, with drafts."""
    with problems_said():
        build_site(SETTINGS, extra())


@task
def rebuild(c: Context) -> None:
    """Build the site anew, from nothing: its pictures too."""
    shutil.rmtree(".cache", ignore_errors=True)
    with problems_said():
        build_site(SETTINGS, ["--delete-output-directory", *extra()])


@task
def regenerate(c: Context) -> None:
    """Build on every change, without serving."""
    preview_server.rebuild_forever(SETTINGS, extra())


@task(
    help={
        "port": "the port on this machine (8000)",
        "open": "open the page in the browser (yes where there is one)",
    }
)
def serve(c: Context, port: int = 8000, open: bool = True) -> None:
    """Build, serve on this machine alone, and reload the browser on every change."""
    with problems_said():
        preview_server.serve(SETTINGS, extra(), port=port, open_browser=open)


@task
def preview(c: Context) -> None:
    """Build the site into output/ as it will be published: without drafts."""
    with problems_said():
        build_site(PRODUCTION_SETTINGS, extra())


@task(
    help={
        "format": "text, json or github (annotations of a workflow)",
        "explain": "print what a check wants, why, how to mend or excuse it; no name: all of them",
        "fix": "mend the front matter before: its order and spelling, tags, a missing id",
        "browser": "look at the pages in a browser as well (invoke browser installs it)",
    },
    optional=["explain"],
)
def check(
    c: Context, format: str = "text", explain: str = "", fix: bool = False, browser: bool = False
) -> None:
    """Prove the site as it will be published, without touching output/."""
    if explain:
        with problems_said():
            # The flag alone is True.
            print(gate.explain(explain if isinstance(explain, str) else gate.ALL))
        return
    mended = []
    if fix:
        with problems_said(format):
            mended = mend.mend_site(PRODUCTION_SETTINGS, extra())
    for line in mended if format == "text" else ():
        print(f"mended {line}")
    then = "what is named above was mended" if mended else "nothing was changed"
    with problems_said(format, then), TemporaryDirectory() as folder:
        gate.gate(PRODUCTION_SETTINGS, Path(folder), extra(), browser)
        if format == "text":
            print("Nothing is wrong" + (", in a browser too" if browser else ""))


@task(help={"archive": "where the Wayback Machine's availability API is"})
def links(c: Context, archive: str = outside.ARCHIVE) -> None:
    """Ask other hosts whether the links to them still lead somewhere; keep content/links.json."""
    then = "what is known is in content/links.json"
    with problems_said(then=then), TemporaryDirectory() as folder:
        for note in outside.check_outside(PRODUCTION_SETTINGS, Path(folder), extra(), archive):
            print(note)


TO = "a target of PUBLISH_TARGETS (PUBLISH_TARGET)"


@task(
    help={
        "to": TO,
        "dry-run": "say what would change, and end",
        "allow-deletes": "let addresses vanish that were published",
        "resend": "let feeds send entries again that readers have",
        "due": "publish only when a scheduled post has come due: for cron",
    }
)
def publish(
    c: Context,
    to: str = "",
    dry_run: bool = False,
    allow_deletes: bool = False,
    resend: bool = False,
    due: bool = False,
) -> None:
    """Prove the site, say what changes, release it, and look at it from outside."""
    wishes = steps.Wishes(dry_run, allow_deletes, resend)
    with problems_said():
        if due:
            schedule.publish_due(PRODUCTION_SETTINGS, to, wishes)
        else:
            steps.publish(PRODUCTION_SETTINGS, to, wishes, extra())


@task(help={"to": TO})
def announce(c: Context, to: str = "") -> None:
    """Look at a release that something else has deployed, and tell the hubs."""
    with problems_said():
        steps.announce(PRODUCTION_SETTINGS, to)


@task(help={"to": TO, "to-release": "its id, or the beginning of it (the one before)"})
def rollback(c: Context, to: str = "", to_release: str = "") -> None:
    """Show visitors an earlier release again."""
    with problems_said():
        back.rollback(PRODUCTION_SETTINGS, to, to_release)


@task(help={"to": TO})
def releases(c: Context, to: str = "") -> None:
    """List the releases that one can go back to."""
    with problems_said():
        back.releases(PRODUCTION_SETTINGS, to)


@task(help={"to": TO})
def status(c: Context, to: str = "") -> None:
    """List drafts, scheduled posts, pages due for review, and what is not published yet."""
    with problems_said():
        schedule.status(PRODUCTION_SETTINGS, to)


@task
def clean(c: Context) -> None:
    """Remove output/ and what killed builds left beside it."""
    with problems_said():
        refuse_foreign(Path("output"))
    for folder in [Path("output"), *Path().glob(".output.*")]:
        shutil.rmtree(folder, ignore_errors=True)


@task(help={"title": "the title, in quotation marks"})
def new(c: Context, title: str) -> None:
    """Begin a post: a folder of its own below content/posts/, as a draft."""
    if title.startswith("-"):
        raise Exit(f"the title must not begin with a hyphen: {title} (help is: invoke --help new)")
    with problems_said(), problems_located(SETTINGS):
        namespace = read_settings(SETTINGS)["FEED_ID"]
        print(scaffold.new_post(Path("content"), title, date.today(), namespace))


@task(
    help={
        "path": "a feed's file in the site (feeds/all.atom.xml), in Atom",
        "text": "print it to the terminal",
        "open": "open the page in the browser (yes where there is one)",
    }
)
def feed(c: Context, path: str = "", text: bool = False, open: bool = True) -> None:
    """Show the feed as a strict reader program does, drafts too."""
    folder = Path(".cache/feed")
    with problems_said():
        built = build_site(SETTINGS, ["--output", str(folder / "site"), "-e", "FEED_DRAFTS=true"])
        path, site = path or built.settings["FEED_ALL_ATOM"], f"{built.settings['SITEURL']}/"
        shown = reader.read_file(built.folder / path)
    if text:
        print(reader.as_text(shown))
        return
    page = folder / "index.html"
    page.write_text(reader.as_page(shown, f"{site}{path}", site, "site/"), "utf-8")
    print(page)
    if open and preview_server.has_browser():
        webbrowser.open(page.resolve().as_uri())


@task(
    help={
        "since": "the site as it was published: a folder, or its address",
        "again": "send many old entries again: it is meant",
    }
)
def deliveries(c: Context, since: str, again: bool = False) -> None:
    """Say what subscribers will get that they have not had yet, and what they would get again."""
    with problems_said(), TemporaryDirectory() as folder:
        built = build_site(PRODUCTION_SETTINGS, ["--output", f"{folder}/output"])
        before = published.of(since, built.settings)
        delivery = compare(before, published.of_folder(built.folder))
        print(delivery)
        most = built.settings["FEED_MOST_AGAIN"]
        if found := [] if again else list(delivery_problems(delivery, most)):
            raise ProblemsFound(found)


@task
def test(c: Context) -> None:
    """Run every test, on every core."""
    command = [sys.executable, "-m", "pytest", "--numprocesses=auto", *extra()]
    c.run(shlex.join(command), pty=sys.stdout.isatty())


@task
def lint(c: Context) -> None:
    """Check style, formatting and types of everything written in Python."""
    for command in ("ruff check .", "ruff format --check .", "mypy"):
        c.run(f"{shlex.quote(sys.executable)} -m {command}")


@task
def lock(c: Context) -> None:
    """Write requirements*.txt anew from pyproject.toml, with hashes and without addresses."""
    uv = shutil.which("uv")
    if not uv:
        raise Exit("must have uv, which resolves for all systems at once: pipx install uv")
    for name in ("", *EXTRAS):
        extra = f"--extra {name}" if name else ""
        c.run(
            f"{shlex.quote(uv)} pip compile --quiet --universal --upgrade --generate-hashes "
            "--no-annotate --no-emit-index-url --no-emit-find-links "
            f"--custom-compile-command 'invoke lock' {extra} "
            f"--output-file requirements{name and '-' + name}.txt pyproject.toml"
        )


@task
def browser(c: Context) -> None:
    """Install what the browser tests need."""
    install(c, "browser")


@task
def s3(c: Context) -> None:
    """Install what publishing into a bucket needs."""
    install(c, "s3")


@task
def servers(c: Context) -> None:
    """Install what the tests of publishing publish to."""
    install(c, "servers")


def install(c: Context, extra: str) -> None:
    """Install what is locked for an extra."""
    uv = shutil.which("uv")
    pip = f"{shlex.quote(uv)} pip" if uv else f"{shlex.quote(sys.executable)} -m pip"
    c.run(f"{pip} install --quiet --require-hashes -r requirements-{extra}.txt")
