"""Runs all checks on a built site, and applies the author's suppressions."""

import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import cache, lru_cache, partial
from importlib import import_module, resources
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any, TypeVar

from pipeline import site_writer
from pipeline.assemble import scheduled_posts, scheduled_problems, unresolved
from pipeline.check import browser as browser_checks
from pipeline.check.checked_site import (
    CheckedSite,
    FileCheck,
    Lazy,
    Outline,
    PageCheck,
    SiteCheck,
    outline_of,
)
from pipeline.check.markup import measure
from pipeline.check.spelling import without_known
from pipeline.content.extract import CONTROL
from pipeline.content.front_matter import parse
from pipeline.content.reader import decode, read_document, read_tags, rules_of
from pipeline.content.resolve import source_name
from pipeline.html import PageTree, facts_of, plain
from pipeline.incremental import check_arguments, save_problems
from pipeline.memo import known
from pipeline.model import Artifact, Content, Document, Facts, Page, Post, Reference, Site
from pipeline.problems import (
    Problem,
    ProblemsFound,
    did_you_mean,
    raise_if_any,
    relative,
    shorten,
)
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.build import Built

T = TypeVar("T")
MODULES = (
    "accessibility", "completeness", "feed_content", "leaks", "links", "markup", "page_head",
    "prose", "security", "source_text", "spelling", "stylesheets",
)  # fmt: skip
ALL = "all"  # for --explain
INTERNAL_ERROR = "internal-error"
SUPPRESSION = "suppression"
# Checks of the theme: off where Pelican renders a theme that does not know the contract
THEME_CHECKS = (
    "canonical", "consistent-metadata", "contrast", "descriptions", "dom-size", "focus-outline",
    "headings", "plain-links",
    "html-comments", "landmarks", "language-tags", "microformats", "open-graph", "orphans",
    "page-weight", "reader-mode", "requests", "robots", "scripts", "scroll-areas", "sitemap",
    "structured-data", "tab-order", "titles", "valid-css", "zoom",
)  # fmt: skip
# What finds a wrong address in the settings files
ADDRESS_CHECKS = ("canonical", "site-url", "setting-pages")
CONTENT_PAGE = """\
<!doctype html><html lang="{lang}"><head><title>{title}</title></head>
<body><main>{html}</main></body></html>"""


def code_of(check: Callable[..., Iterable[Problem]]) -> str:
    """Return the name that authors know a check by."""
    return check.__name__.replace("_", "-")


@cache
def all_checks() -> tuple[
    Mapping[str, PageCheck], Mapping[str, FileCheck], Mapping[str, SiteCheck]
]:
    """Return the checks of all modules by their codes: of pages, of files, of the site."""
    modules = [import_module(f"pipeline.check.{name}") for name in MODULES]
    of_pages, of_files, of_site = (
        {code_of(check): check for module in modules for check in getattr(module, kind, ())}
        for kind in ("PAGE_CHECKS", "FILE_CHECKS", "SITE_CHECKS")
    )
    return of_pages, of_files, of_site


def known_codes() -> tuple[str, ...]:
    """Return the codes of all checks, those in a browser included."""
    of_pages, of_files, of_site = all_checks()
    return (*of_pages, *of_files, *of_site, *map(code_of, browser_checks.BROWSER_CHECKS))


def check(
    settings_file: str, folder: Path, arguments: Sequence[str] = (), browser: bool = False
) -> "Built":
    """Build the site into an empty folder, check it, and return what was built.

    `arguments` are more arguments of `pelican`; `browser` adds the checks in a browser. Raises
    ProblemsFound with all that is wrong.
    """
    from pipeline.build import build

    with ExitStack() as stack:
        started = stack.enter_context(browser_checks.start()) if browser else None
        built = build(settings_file, [*arguments, "--output", str(folder / "output")])
        raise_if_any(run_checks(built, started))
    return built


def check_again(settings_file: str, arguments: Sequence[str] = ()) -> list[Problem]:
    """Return what all checks find in the site, built into a folder that is kept.

    `incremental.last_problems` has them until something changes. Raises ProblemsFound for what the
    build finds.
    """
    from pipeline.build import build

    built = build(settings_file, check_arguments(arguments))
    problems = run_checks(built)
    save_problems(built.run, problems)
    return problems


def run_checks(built: "Built", browser: Any = None) -> list[Problem]:
    """Return what all checks find in a built site, without what the author has suppressed.

    `browser` is one to look at the pages with (see `browser.start`), or None.
    """
    off = () if built.settings.page_views else THEME_CHECKS
    if off:
        sys.stderr.write(f"{len(off)} checks of the theme are off (docs/theme.md)\n")
    with closing(built.memo):
        site, problems = _inspect_files(built)
        of_pages, of_files, of_site = all_checks()
        for code, site_check in of_site.items():
            if code not in off:
                problems += run_one(site_check, site, built.settings.file)
    problems = without_known(problems, built.settings)
    problems += scheduled_problems(built.site, built.settings)
    for content in scheduled_posts(built.site.contents):
        problems += inspect_document(content.document, built.settings, content.html)
    problems = causes_of([problem for problem in problems if problem.code not in off])
    run = {*of_pages, *of_files, *of_site} - {*off}
    if browser:
        problems += browser_checks.run_in_browser(site, browser, run_one)
        run |= set(map(code_of, browser_checks.BROWSER_CHECKS))
    documents = [content.document for content in site.contents.values()]
    return [*apply_suppressions(condense(problems, documents), documents, run)]


def causes_of(problems: list[Problem]) -> list[Problem]:
    """Return the problems without what a wrong setting does to every page.

    An address of the settings that is wrong breaks links, canonical URLs, feeds and sitemaps.
    """
    causes = [p for p in problems if p.code in ADDRESS_CHECKS and p.path.endswith(".py")]
    written = [p for p in problems if not p.path.startswith("/") and not p.path.endswith(".py")]
    own = (p for p in written if p.code in all_checks()[1])
    return [*causes, *own] if causes else problems


def _inspect_files(built: "Built") -> tuple[CheckedSite, list[Problem]]:
    """Return the site and what the checks of pages and files find; of a foreign theme in texts."""
    settings, memo, folder = built.settings, built.memo, built.folder
    templates = f"{settings.theme}/templates"
    contents = {c.output: c for c in built.site.contents if c.output}

    @lru_cache(8)  # all facts together take much memory
    def inspect(path: str) -> Facts:
        page, content = built.artifacts[path], contents.get(path)
        html = content.html if content else ""
        assert page.html
        facts = memo(inspect_page, path, page.html, page.source, templates, html)
        if settings.page_views or not content:
            return facts if settings.page_views else replace(facts, problems=())
        # The text alone, with its lines, not what the theme wrote around it
        title = plain(content.document.title)
        html = unresolved(content.document.body)
        alone = known(CONTENT_PAGE.format(lang=content.lang, title=title, html=html))
        return _with_lines(facts, memo(inspect_page, path, alone, page.source, templates, html))

    pages = sorted(path for path, artifact in built.artifacts.items() if artifact.html)
    facts = Lazy({path: partial(inspect, path) for path in pages})
    site = CheckedSite(
        settings, built.site, built.artifacts, facts, lambda p: Path(folder, p).read_bytes(), memo
    )
    outlines: dict[str, Outline] = {}
    problems, repeatable = list[Problem](), list[Problem]()
    for path, part in site.parts.items():
        site_writer.progress(f"checking {path}")
        # A copy, so that what it has read is not kept
        outline, found = memo(inspect_file, replace(part), path)
        if outline:
            outlines[path] = outline
        texts = {content.document.path for content in part.contents.values()}
        for p in found:
            kept = not p.words or not path or (p.path in texts and p.line)
            (problems if kept else repeatable).append(p)
    site_writer.progress("")
    problems += without_repeats(problems, repeatable)
    return replace(site, outlines=outlines), problems


def without_repeats(texts: Iterable[Problem], files: Iterable[Problem]) -> list[Problem]:
    """Return what is wrong with words of files that neither texts nor other files have."""
    known: dict[tuple[str, str], list[str]] = {}
    for p in texts:
        known.setdefault((p.code, p.message), []).append(p.words)
    new = {(p.code, p.message, p.words): p for p in reversed([*files])}
    return [
        p
        for (*key, words), p in new.items()
        if not any(w and (w in words or words in w) for w in known.get((key[0], key[1]), ()))
    ]


def inspect_file(part: CheckedSite, path: str) -> tuple[Outline | None, tuple[Problem, ...]]:
    """Return the outline of a page and what the checks of pages and files find in a file."""
    of_files = all_checks()[1].values()
    found = tuple(p for check in of_files for p in run_one(check, part, part.place(path)[0]))
    if not (facts := part.facts.get(path)):
        return None, found
    return outline_of(path, part), (*facts.problems, *found)


def _with_lines(page: Facts, text: Facts) -> Facts:
    """Return the facts of a foreign theme's page with the words and lines of the text in it."""
    lines = {(a.tag, a.attribute, a.text, a.value): a.line for a in reversed(text.addresses)}
    # What Pelican resolves ({filename}…) is known by its words.
    lines |= {(*key[:3], ""): line for key, line in lines.items() if key[3][:1] in ("{", "|")}
    addresses = []
    for a in page.addresses:
        key = a.tag, a.attribute, a.text
        line = lines.get((*key, a.value)) or lines.get((*key, ""), a.line)
        addresses.append(replace(a, line=line))
    passages, code = (*text.passages, *page.passages), (*text.code, *page.code)
    facts = replace(page, addresses=tuple(addresses), passages=passages, code=code)
    return replace(facts, problems=text.problems)


def inspect_page(
    path: str, html: Callable[[], str], source: str, templates: str, content: str
) -> Facts:
    """Return the facts of a page with what the page checks find in it: the one parse of a page."""
    page = PageTree(path, html(), source, templates, content)
    facts = replace(facts_of(page), measures=measure(page))
    place = source or page.address
    checks = all_checks()[0].values()
    found = tuple(problem for check in checks for problem in run_one(check, page, place))
    if any(p.code == "valid-html" and p.path == source for p in found):
        # What the template writes is in the element that the text has left open.
        found = tuple(p for p in found if p.path == source)
    return replace(facts, problems=found)


def inspect_content(path: str, html: str, content: Content, settings: Settings) -> list[Problem]:
    """Return what is wrong with one page alone, from its annotated HTML: no whole site is needed.

    Suppressions count; what other pages must be known for (links, redirects) is left out.
    """
    document = content.document
    templates = f"{settings.theme}/templates"
    facts = inspect_page(path, known(html), document.path, templates, content.html)
    artifact = Artifact(path, "", 0, document.path)
    site = CheckedSite(
        settings,
        Site((content,), (), (), (), (), ()),
        {path: artifact},
        {path: facts},
        lambda _: html.encode(),
    )
    of_pages, of_files, _ = all_checks()
    off = () if settings.page_views else THEME_CHECKS
    problems = [problem for problem in facts.problems if problem.code not in off]
    for check in of_files.values():
        problems += run_one(check, site, document.path)
    problems = without_known(problems, settings)
    run = {*of_pages, *of_files} - {*off}
    return [*apply_suppressions(condense(problems, [document]), [document], run)]


def inspect_document(document: Document, settings: Settings, html: str) -> list[Problem]:
    """Return what is wrong with a text that has no page yet, from its annotated HTML."""
    matter = document.front_matter
    content = Content(
        document=document,
        slug="",
        url="",
        output="index.html",
        status=matter.status,
        lang=matter.lang or settings.default_lang,
        author=settings.author,
        is_post=isinstance(matter, Post),
        html=html,
    )
    page = CONTENT_PAGE.format(lang=content.lang, title=plain(document.title), html=html)
    found = inspect_content(content.output, page, content, settings)
    return [problem for problem in found if problem.path == document.path and problem.line]


def check_texts(settings: Settings, path: str = "") -> list[Problem]:
    """Return what is wrong with one text, or with all drafts, without building a site.

    Links to other files are left to the build. Raises ProblemsFound where there is no such text.
    """
    rules, problems, known = rules_of(settings, read_tags(settings)), list[Problem](), []
    wanted = (Path(path).resolve(), Path(path, "index.md").resolve())
    for kind, folders in ((Post, settings.article_paths), (Page, settings.page_paths)):
        for file in (f for name in folders for f in Path(settings.path, name).rglob("*.md")):
            shown, name = relative(str(file)), file.relative_to(settings.path).as_posix()
            known.append(shown)
            if path and file.resolve() not in wanted:
                continue
            data = file.read_bytes()
            try:
                given = parse(CONTROL.sub("", decode(data, shown)), kind, shown, rules).front_matter
                if path or given.status == "draft":
                    document = read_document(data, kind, shown, name, rules, settings.markdown)
                    problems += inspect_document(document, settings, unresolved(document.body))
            except ProblemsFound as error:
                problems += error.problems
            if path:
                return problems
    if path:
        raise ProblemsFound([Problem("check", path, 0, "no such text", did_you_mean(path, known))])
    return problems


def run_one(check: Callable[[T], Iterable[Problem]], subject: T, path: str) -> list[Problem]:
    """Return what a check finds; when it raises, that is one more problem, at `path`."""
    problems = []
    try:
        for problem in check(subject):
            problems.append(replace(problem, code=code_of(check)))  # noqa: PERF401 (kept if it raises)
    except Exception as error:  # whatever is wrong in one check, the others' results count
        message = f"check {code_of(check)} failed: {type(error).__name__}: {shorten(str(error))}"
        problems.append(Problem(INTERNAL_ERROR, path, 0, message, "please report this bug"))
    return problems


def condense(problems: Iterable[Problem], documents: Iterable[Document]) -> list[Problem]:
    """Return the problems; what one line of the theme does to many pages is one of them."""
    texts = {document.path for document in documents}
    groups: dict[tuple[str, ...], list[Problem]] = {}
    for p in sorted(set(problems), key=lambda p: (p.path, p.line, p.code, p.message)):
        shared = p.line and p.path not in texts
        kind = p.message.partition(":")[0] if shared else f"{p.message}\n{p.hint}"
        groups.setdefault((p.code, p.path, str(p.line), kind), []).append(p)
    return [
        replace(first, message=f"{first.message}, and {len(more)} more like it") if more else first
        for first, *more in groups.values()
    ]


def apply_suppressions(
    problems: Collection[Problem], documents: Iterable[Document], run: Collection[str]
) -> Iterator[Problem]:
    """Yield the problems that are not suppressed, and one for each suppression that is wrong.

    `run` are the checks that were run: a suppression of another one may be needed.
    """
    known = sorted({*run, *known_codes()})
    by_check: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        by_check.setdefault((problem.path, problem.code), []).append(problem)
    suppressed: set[Problem] = set()
    for document, s in ((d, s) for d in documents for s in d.suppressions):
        (first, last), path = s.lines, document.path
        covered = {p for p in by_check.get((path, s.check), ()) if first <= p.line <= last}
        for file in files_of(document, first, last):
            covered |= set(by_check.get((file, s.check), ()))
        suppressed |= covered
        message, hint = "", ""
        if s.check not in known:
            message, hint = f"unknown check {s.check!r}", did_you_mean(s.check, known)
        elif not s.reason:
            message, hint = "suppression without a reason", f"ignore {s.check}: why"
        elif not covered and s.check in run:
            message, hint = f"unused suppression: {s.check} finds nothing here", "remove it"
        if message:
            yield Problem(SUPPRESSION, path, s.line, message, hint)
    yield from (problem for problem in problems if problem not in suppressed)


def files_of(document: Document, first: int, last: int) -> set[str]:
    """Return the files that lines of a document link to; with line 0, all of its folder."""
    if first == 0 and document.name.endswith("/index.md"):
        files = Path(document.path).parent.rglob("*")
        return {str(file) for file in files if file.is_file()} - {document.path}
    root = document.path[: -len(document.name)]
    parts = (part for part in document.body if not isinstance(part, str))
    written = (
        part.value if isinstance(part, Reference) else part.source
        for part in parts
        if first <= part.line <= last
    )
    return {root + source_name(document.name, re.split("[?#]", url)[0]) for url in written}


def explanations() -> dict[str, tuple[str, ...]]:
    """Return the rows of `checks.md` by their codes: what, why, how to fix, how to suppress."""
    text = (resources.files("pipeline.check") / "checks.md").read_text("utf-8")
    rows = (re.split(r"(?<!\\)\|", row) for row in text.split("\n") if row.startswith("| `"))
    cells = ([cell.strip().replace(r"\|", "|") for cell in row[1:-1]] for row in rows)
    return {code.strip("`"): tuple(others) for code, *others in cells}


def explain(name: str) -> str:
    """Return what a check enforces, why, and how to fix or suppress; for "all" a line for each.

    Raises ProblemsFound when there is no check of that name.
    """
    known = explanations()
    if name == ALL:
        width = max(map(len, known))
        return "\n".join(f"{code:{width}}  {what}" for code, (what, *_) in known.items())
    if name not in known:
        hint = did_you_mean(name, sorted(known)) or f"one of {', '.join(sorted(known))}"
        raise ProblemsFound([Problem("explain", "--explain", 0, f"unknown check {name!r}", hint)])
    what, why, fix, suppress = known[name]
    if suppress.startswith(("above", "before")):
        suppress = f"To suppress it: <!-- ignore {name}: reason --> {suppress}."
    elif suppress == "–":
        suppress = "It cannot be suppressed."
    return "\n\n".join(fill(part, 100) for part in (what, f"{why} {fix}", suppress))
