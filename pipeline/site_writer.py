"""From what was read to the finished output: the site is assembled, rendered and written.

Without Pelican, so that a build can begin here when nothing but the words of texts has changed
(`pipeline.incremental`).
"""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import brotli

from pipeline import assemble, pages
from pipeline.charts import ChartData
from pipeline.content.front_matter import Rules
from pipeline.content.sources import id_problems
from pipeline.feeds import collect_feeds
from pipeline.headers import HEADERS_FILE, headers_file, styles_in_file
from pipeline.html import strip_marks
from pipeline.memo import Memo, Result, known
from pipeline.model import Artifact, Content, Document, Listing, Site
from pipeline.output import MARKER, Staging, Written, save_files
from pipeline.problems import Problem
from pipeline.redirects import copied_files
from pipeline.settings import Settings
from pipeline.theme import Theme, load_theme, page_text, render_page

if TYPE_CHECKING:
    from pipeline.incremental import State

# Text files, which servers send compressed
COMPRESSED = (".html", ".xml", ".json", ".svg", ".css", ".txt", ".opml")
# Progress of slow work is reported to it.
progress: Callable[[str], object] = str


@dataclass(frozen=True)
class Read:
    """All that was read: the site without addresses of links, images, feeds and views.

    `texts` are the names of all posts and pages that were found, also of those that could not be
    read, `files` those of all files, `skipped` those of drafts that were left out. `jinja` are the
    options of Jinja's environment, `rules` those of front matter.
    """

    site: Site
    listings: tuple[Listing, ...]
    texts: frozenset[str]
    files: frozenset[str]
    skipped: frozenset[str]
    jinja: Mapping[str, Any]
    rules: Rules


@dataclass
class Build:
    """The state of one run."""

    settings: Settings
    memo: Memo
    staging: Staging
    state_key: str = ""  # where the memo keeps what it was made from ("": nowhere)
    documents: dict[str, Document] = field(default_factory=dict)  # by the path of the source
    keys: dict[str, str] = field(default_factory=dict)  # the memo's of documents, by their names
    skipped: dict[str, int] = field(default_factory=dict)  # drafts, with the number of problems
    read: Read | None = None
    state: "State | None" = None  # what it was made from, if the next build can begin there
    site: Site | None = None
    theme: Theme | None = None
    charts: dict[str, ChartData] = field(default_factory=dict)  # by output path
    html: dict[str, Result[str]] = field(default_factory=dict)  # annotated, by output path
    artifacts: dict[str, Artifact] = field(default_factory=dict)


def assemble_site(build: Build, read: Read) -> list[Problem]:
    """Make the complete site of what was read; return what is wrong, and then there is no site."""
    settings, memo = build.settings, build.memo
    if not Path(settings.theme, "static/css/tokens.css").is_file():
        message = "PAGE_VIEWS: the theme has no static/css/tokens.css"
        hint = "docs/theme.md; themes of Pelican need a site without PAGE_VIEWS"
        return [Problem("theme", settings.theme, 0, message, hint)]
    build.theme = theme = load_theme(Path(settings.theme), read.jinja, memo)
    site, resolved, problems = assemble.verify(
        read.site, read.listings, read.texts, read.files, read.skipped, settings, theme
    )
    if problems:
        return problems
    site, listings, build.charts = assemble.complete(
        site, resolved, read.listings, settings, memo, progress
    )
    site = replace(site, chrome=pages.make_chrome(site, settings, theme))
    build.site = replace(site, views=pages.make_views(site, listings, settings, theme))
    return []


def assemble_feeds(build: Build, site: Site, html: Mapping[str, str]) -> list[Problem]:
    """Give a site that Pelican renders its feeds and redirects; return what is wrong.

    `html` is that of each content, by the name of its document.
    """
    settings = build.settings
    done = {c.document.name: replace(c, html=html[c.document.name]) for c in site.contents}
    site = assemble.with_contents(site, done)
    site = replace(site, feeds=collect_feeds(site, settings, build.memo))
    own = tuple(assemble.make_outputs(site, (), {}, settings))
    build.site, problems = assemble.add_redirects(site, own, settings)
    posts = [content for content in site.contents if content.is_post]
    return [*problems, *id_problems(posts, settings)]


def write(build: Build, on_feed: Callable[[object], object] | None = None) -> None:
    """Write every file that is made from the model but `_headers` and copies.

    `on_feed` gets feedgenerator's object of each feed and may change it.
    """
    site, theme, memo = build.site, build.theme, build.memo
    assert site
    for path, data in assemble.make_files(site, build.charts, build.settings, theme, memo, on_feed):
        progress(f"writing {path}")
        build.staging.write(path, data)
    if site.chrome and theme:
        for path, view in site.views.items():
            progress(f"writing {path}")
            html = build.html[path] = memo.later(render_page, view, site.chrome, theme)
            build.staging.write(path, Result(html.digest, partial(page_text, html)))
    else:
        build.staging.write(MARKER, "")
    progress("")


def write_page(build: Build, content: Content) -> bool:
    """Write the page of a content whose document has changed into the live folder of a build.

    Returns whether it was written: not if it has problems or no page.
    """
    site, theme, settings = build.site, build.theme, build.settings
    view = site.views.get(content.output) if site else None
    if not site or not site.chrome or not theme or not view:
        return False
    done, problems = assemble.complete_one(site, content, settings, build.memo)
    if problems:
        return False
    html = strip_marks(render_page(pages.with_content(view, done, theme), site.chrome, theme))
    path = build.staging.live / view.output
    new = path.with_name(f"{path.name}.new")  # a browser gets the old page or the new one
    new.write_text(html, "utf-8", newline="\n")
    new.replace(path)
    return True


def finish(build: Build) -> None:
    """Put the written site in the place of the live one."""
    site, settings, staging = build.site, build.settings, build.staging
    assert site
    for new, old in copied_files(site.redirects):
        if (staging.folder / old).is_file():
            staging.write(new, (staging.folder / old).read_bytes())
    if settings.security_headers and site.chrome:
        styles = pages.styles_of(site.views, site.chrome)
        for asset in site.assets:
            if asset.output.endswith((".svg", ".html")):
                styles |= styles_in_file((staging.folder / asset.output).read_bytes())
        staging.write(HEADERS_FILE, headers_file(styles, settings))
    if settings.precompress:
        compress_files(staging)
    files = staging.finish()
    build.artifacts = make_artifacts(site, build.html, files, staging.folder)
    staging.swap(settings.output_retention)
    save_files(build.memo, staging.live, files, build.state_key)


def compress_files(staging: Staging) -> None:
    """Write each text file compressed beside it, for servers that take it from there."""

    def encoded(path: Path, suffix: str) -> bytes:
        data = path.read_bytes()
        if suffix == ".gz":
            return gzip.compress(data, 9, mtime=0)
        return bytes(brotli.compress(data, quality=11))

    for name, file in staging.finish().items():  # Pelican's copies too
        for suffix in (".br", ".gz") if name.endswith(COMPRESSED) else ():
            key = f"{suffix} {brotli.__version__} {file.digest}"
            make = partial(encoded, staging.folder / name, suffix)
            staging.write(name + suffix, Result(key, make))


def make_artifacts(
    site: Site, html: Mapping[str, Result[str]], files: Mapping[str, Written], folder: Path
) -> dict[str, Artifact]:
    """Return every file by its path; `html` is the annotated HTML of pages."""
    made_from = {out.path: out.source for out in site.outputs}
    artifacts = {}
    for name, file in files.items():
        page: Callable[[], str] | None = html.get(name)
        if not site.views and name.endswith(".html"):
            # A copied file may have another encoding.
            text = Path(folder, name).read_bytes().decode("utf-8", "replace")
            page = known(text)
        artifacts[name] = Artifact(name, file.digest, file.size, made_from.get(name, ""), page)
    return artifacts
