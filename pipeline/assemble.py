"""From documents and files to the complete site: links, images, charts, feeds, all files.

In two steps, cheap before slow: `verify` finds everything that is wrong without encoding an image
or drawing a card, `complete` makes the rest of the site.
"""

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from html import escape
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from urllib.parse import unquote, urldefrag

from pipeline import metadata
from pipeline.charts import COLORS, ChartData, chart_html, chart_png, parse_chart, png_name
from pipeline.content import changes, sources
from pipeline.content.reader import Ledger, read_ledger
from pipeline.content.resolve import INDICATED, SKIPPED, UNREAD, LinkTarget, Resolver, source_name
from pipeline.epub import Book, Chapter, make_epub
from pipeline.feeds import (
    collect_feeds,
    feed_files,
    feed_paths,
    make_publisher,
    quotes_json,
    to_feed_html,
)
from pipeline.headers import HEADERS_FILE
from pipeline.html import MARK, plain, strip_marks
from pipeline.images import image_html, image_problems, is_image, load_image, variant_bytes
from pipeline.memo import Memo, Result, digest_of, salt
from pipeline.model import (
    EPOCH,
    Asset,
    Body,
    Chart,
    Content,
    Document,
    Image,
    ImageSet,
    Listing,
    Output,
    Reference,
    ShownQuote,
    Site,
    Source,
)
from pipeline.output import Data
from pipeline.problems import Problem, ProblemsFound, raise_if_any, shorten
from pipeline.redirects import (
    collect_redirects,
    redirect_files,
    redirect_outputs,
    redirect_problems,
)
from pipeline.settings import Settings
from pipeline.theme import Theme, join_stylesheets

WORDS_PER_MINUTE = 230
LABEL = 60  # characters of a URL that is shown


class Placed(NamedTuple):
    """An image or chart with its resolved address and the name of its source."""

    part: Image | Chart
    url: str
    name: str


@dataclass(frozen=True)
class Resolved:
    """A content with its links resolved; `charts` are those of its body by their ids."""

    content: Content
    parts: tuple[str | Placed, ...]
    charts: Mapping[str, ChartData]


# --- Bodies


def unresolved(body: Body) -> str:
    """Return the annotated HTML of a body with every address as the author wrote it."""
    html = []
    for part in body:
        if isinstance(part, str):
            html.append(part)
        elif isinstance(part, Reference):
            attribute = f'{part.attribute}="{escape(part.value)}"'
            html.append(attribute if part.attribute else "")
        else:
            html.append(_plain_image(part, part.source))
    return "".join(html)


def _plain_image(part: Image | Chart, url: str) -> str:
    given = part.attributes if isinstance(part, Image) else (("alt", part.alt),)
    written = (f' {name}="{escape(value)}"' for name, value in (("src", url), *given))
    return f"<img{''.join(written)}>"


def _resolve_parts(body: Body, resolver: Resolver) -> Iterator[str | Placed]:
    for part in body:
        if isinstance(part, str):
            yield part
        elif isinstance(part, Reference):
            yield resolver.attribute(part)
        else:
            url = resolver.address("src", part.source, part.line)
            # Without Pelican's {static}, and without a fragment
            path = re.split("[?#]", INDICATED.sub(r"\2", part.source))[0]
            yield Placed(part, url, source_name(resolver.name, path))


def fill(
    parts: Iterable[str | Placed],
    images: Mapping[str, ImageSet],
    charts: Mapping[str, ChartData],
    draw: Callable[[ChartData, str], str] = chart_html,
) -> str:
    """Return the annotated HTML of a body; `images` by the names of their files."""
    html = []
    for part in parts:
        if isinstance(part, str):
            html.append(part)
        elif isinstance(part.part, Image):
            found = images.get(part.name)
            known = image_html(part.part, found, part.url) if found else ""
            html.append(known or _plain_image(part.part, part.url))
        elif part.part.id in charts:
            figure = draw(charts[part.part.id], part.url)
            mark = f'<figure {MARK}="{part.part.line}" '
            html.append(figure.replace("<figure ", mark, 1))
    return "".join(html)


def make_targets(
    contents: Iterable[Content],
    assets: Iterable[Asset],
    unread: Iterable[str] = (),
    skipped: Iterable[str] = (),
) -> dict[str, LinkTarget]:
    """Return what each source becomes, by its name, and Pelican's `{index}` and `{tag}name`.

    `unread` are sources that were not read, `skipped` drafts that were left out.
    """
    targets = dict.fromkeys(unread, UNREAD)
    targets |= {asset.name: LinkTarget(asset.url) for asset in assets}
    targets["{index}"] = LinkTarget("")
    for content in contents:
        document = content.document
        charts = [part.id for part in document.body if isinstance(part, Chart)]
        ids = frozenset([*(name for name, _ in document.ids), *charts])
        targets[document.name] = LinkTarget(content.url, bool(content.output), ids)
        targets |= {
            f"{{tag}}{tag.name.casefold()}": LinkTarget(tag.url) for tag in content.listed_tags
        }
    return targets | dict.fromkeys(skipped, SKIPPED)


def resolve_links(
    content: Content,
    targets: Mapping[str, LinkTarget],
    outputs: frozenset[str],
    site: str,
    read: Callable[[str], bytes | None],
    copies: Mapping[str, str] | None = None,
) -> tuple[Resolved, list[Problem]]:
    """Return a content with its links resolved, and what is wrong with its links and charts.

    `outputs` are the paths of all files of the site, `site` is the site's address; `read` returns
    the bytes of a file by its name, None where there is none; `copies` are archived copies of dead
    pages of other sites.
    """
    document = content.document
    own = (document.name, document.path, content.url)
    resolver = Resolver(*own, targets, outputs, site, copies=copies or {})
    parts = tuple(_resolve_parts(_with_pages(content, outputs), resolver))
    charts: dict[str, ChartData] = {}
    problems = resolver.problems
    for part in parts:
        if not isinstance(part, Placed) or not isinstance(part.part, Chart):
            continue
        # A file that does not exist is reported as a broken link.
        if (data := read(part.name)) is not None:
            try:
                path = str(Path(document.path[: -len(document.name)], part.name))
                charts[part.part.id] = parse_chart(part.part, data, path, document.path)
            except ProblemsFound as error:
                problems += error.problems
    return Resolved(replace(content, links=frozenset(resolver.links)), parts, charts), problems


def archived_copies(ledger: Ledger) -> dict[str, str]:
    """Return the archived copy of each page of another site that is known to be dead."""
    dead = {url: entry.get("archived", "") for url, entry in ledger.items() if "dead" in entry}
    return {url: copy for url, copy in dead.items() if copy}


def sources_of(document: Document, ledger: Ledger) -> Iterator[Source]:
    """Yield the pages of other sites that a text links to, where it is known when they worked."""
    links = (part for part in document.body if isinstance(part, Reference) and part.tag == "a")
    copies = archived_copies(ledger)
    for url in dict.fromkeys(urldefrag(part.value).url for part in links):
        if day := ledger.get(url, {}).get("good"):
            label = shorten(re.sub(r"^https?://(www\.)?|/$", "", url), LABEL)
            yield Source(copies.get(url, url), label, datetime.fromisoformat(day))


def _resolve(
    content: Content,
    targets: Mapping[str, LinkTarget],
    outputs: frozenset[str],
    settings: Settings,
    ledger: Ledger,
) -> tuple[Resolved, list[Problem]]:
    reader, copies = partial(_read_file, Path(settings.path)), archived_copies(ledger)
    one, problems = resolve_links(content, targets, outputs, settings.siteurl, reader, copies)
    sources = tuple(sources_of(content.document, ledger)) if settings.list_sources else ()
    return replace(one, content=replace(one.content, sources=sources)), problems


def _with_pages(content: Content, outputs: frozenset[str]) -> Body:
    """Return the body of a content, with links to the quotes' own pages where there are some."""
    parts = list(content.document.body)
    for number, part in enumerate(parts):
        tag = str(parts[number - 1]).rpartition("<a ")[2] if number else ""
        if isinstance(part, Reference) and 'class="permalink"' in tag:
            name = part.value.removeprefix("#")
            if f"{content.url}{name}/index.html" in outputs:
                parts[number] = replace(part, value=f"{name}/")
    return tuple(parts)


def shown_quotes(
    contents: Iterable[Content],
    targets: Mapping[str, LinkTarget],
    outputs: frozenset[str],
    site: str,
    copies: Mapping[str, str] | None = None,
) -> Iterator[ShownQuote]:
    """Yield the quotes of contents as other pages show them, in order."""
    for content in contents:
        document = content.document
        own = (document.name, document.path, "")
        resolver = Resolver(*own, targets, outputs, site, away=True, copies=copies or {})
        for quote in document.quotes:
            html, credit = (
                strip_marks(fill(_resolve_parts(body, resolver), {}, {}))
                for body in (quote.body, quote.credit)
            )
            quote = replace(quote, lang=quote.lang or document.front_matter.lang)
            page = f"{content.url}{quote.id}/"
            page = page if f"{page}index.html" in outputs else ""
            url = f"{content.url}#{quote.id}"
            yield ShownQuote(quote, url, html, page, document.title, credit)


def backlinks(contents: Collection[Content]) -> dict[str, tuple[Content, ...]]:
    """Return for the name of each source the published contents that link to it, not itself."""
    found: dict[str, tuple[Content, ...]] = {}
    for content in sorted(contents, key=lambda content: content.document.name):
        if content.status == "published":
            for name in content.links - {content.document.name}:
                found[name] = (*found.get(name, ()), content)
    return found


# --- The site


def verify(
    site: Site,
    listings: Collection[Listing],
    texts: Collection[str],
    known: Collection[str],
    skipped: Collection[str],
    settings: Settings,
    theme: Theme,
) -> tuple[Site, list[Resolved], list[Problem]]:
    """Return the site with its redirects and quotes, its contents with their links, and problems.

    `texts` are the names of all posts and pages that Pelican found, also of those that could not be
    read, `known` those of all files, `skipped` those of drafts that were left out.
    """
    versions = changes.read_versions(Path(settings.path, settings.changes_file))
    site = with_contents(site, {c.document.name: _changed(c, versions) for c in site.contents})
    site = replace(site, quotes=tuple(_unresolved_quotes(site)))
    own = tuple(make_outputs(site, listings, {}, settings))
    site, problems = add_redirects(site, own, settings)
    read = {content.document.name for content in site.contents}
    if settings.strict_content:
        problems += sources.file_problems(settings, {*texts, *skipped}, {*texts, *known})
    problems += sources.content_problems(site.contents, settings, theme.env.list_templates())
    problems += sources.repeated_outputs(own)
    problems += sources.id_problems([c for c in site.contents if c.is_post], settings)
    problems += metadata.listing_problems(settings)
    targets = make_targets(site.contents, site.assets, {*texts, *known} - read, skipped)
    paths = frozenset(out.path for out in site.outputs)
    ledger, resolved = read_ledger(settings), []
    for content in site.contents:
        one, wrong = _resolve(content, targets, paths, settings, ledger)
        resolved.append(one)
        problems += wrong if content.output else []
    complete = read == {*texts} and not skipped
    linked = [one.content for one in resolved]
    assets, wrong = sources.published_assets(site.assets, linked, settings, complete)
    problems += wrong
    for asset in assets:
        if _has_variants(asset, settings):
            problems += image_problems(Path(asset.path).read_bytes(), asset.name, asset.path)
    shown = (*site.pages, *site.posts)
    copies = archived_copies(ledger)
    quotes = tuple(shown_quotes(shown, targets, paths, settings.siteurl, copies))
    return replace(site, assets=tuple(assets), quotes=quotes), resolved, problems


def scheduled_posts(contents: Iterable[Content]) -> list[Content]:
    """Return the posts whose day has not come, in the order in which they will be published."""
    now = datetime.now(UTC)
    waiting = [(c.date, c) for c in contents if not c.output and c.date and c.date > now]
    return [
        content
        for _, content in sorted(waiting, key=lambda pair: (pair[0], pair[1].slug))
        if content.document.front_matter.status == "published"
    ]


def scheduled_problems(site: Site, settings: Settings) -> Iterator[Problem]:
    """Yield what is wrong with links, charts and images of scheduled posts on the day of each."""
    files = list(map(str, sources.source_files(settings)))
    done, outputs = {c.document.name: c for c in site.contents}, {out.path for out in site.outputs}
    for content in scheduled_posts(site.contents):
        output = f"{content.url}index.html"
        done[content.document.name] = replace(content, output=output)
        outputs.add(output)
        # Of files that only this post uses, no assets were made.
        targets = make_targets(done.values(), site.assets, {*files} - done.keys())
        one, problems = _resolve(content, targets, frozenset(outputs), settings, {})
        yield from problems
        for name in filter(is_image, one.content.links):
            path = str(Path(content.document.path[: -len(content.document.name)], name))
            yield from image_problems(Path(path).read_bytes(), PurePosixPath(name).name, path)


def add_redirects(
    site: Site, own: tuple[Output, ...], settings: Settings
) -> tuple[Site, list[Problem]]:
    """Return the site with redirects and all outputs, and what is wrong with the redirects.

    `own` are the site's other outputs.
    """
    feeds = feed_paths(collect_feeds(site, settings, None), settings)
    made = [out for out in own if out.source.endswith(".md")]
    files = {*(asset.output for asset in site.assets), *feeds, *(out.path for out in made)}
    redirects, problems = collect_redirects(settings, site.contents, files, made)
    problems += redirect_problems(redirects, [out.path for out in own])
    outputs = (*own, *redirect_outputs(redirects, settings))
    return replace(site, redirects=redirects, outputs=outputs), problems


def complete(
    site: Site,
    resolved: Iterable[Resolved],
    listings: Iterable[Listing],
    settings: Settings,
    memo: Memo,
    progress: Callable[[str], object],
) -> tuple[Site, list[Listing], dict[str, ChartData]]:
    """Return the site with complete contents, images, feeds and outputs; listings; charts by file.

    Raises ProblemsFound where an image cannot be encoded.
    """
    images = load_images(site.assets, settings, memo, progress)
    done: dict[str, Content] = {}
    charts: dict[str, ChartData] = {}
    for one in resolved:
        content = _completed(one, images, memo)
        done[content.document.name] = content
        if content.output:
            folder = PurePosixPath(content.output).parent
            charts |= {str(folder / png_name(id)): chart for id, chart in one.charts.items()}
    site = with_contents(site, done)
    assets = (replace(asset, image=images.get(asset.name)) for asset in site.assets)
    site = replace(site, assets=tuple(assets))
    listings = [
        replace(each, posts=tuple(done[c.document.name] for c in each.posts)) for each in listings
    ]
    site = replace(site, feeds=collect_feeds(site, settings, memo))
    own = make_outputs(site, listings, charts, settings)
    outputs = (*own, *redirect_outputs(site.redirects, settings))
    return replace(site, outputs=outputs), listings, charts


def _completed(one: Resolved, images: Mapping[str, ImageSet], memo: Memo) -> Content:
    html = fill(one.parts, images, one.charts, lambda *chart: memo(chart_html, *chart))
    minutes = max(1, math.ceil(one.content.document.words / WORDS_PER_MINUTE))
    content = replace(one.content, html=html, minutes=minutes)
    return replace(content, digest=digest_of(content))


def complete_one(
    site: Site, content: Content, settings: Settings, memo: Memo
) -> tuple[Content, list[Problem]]:
    """Return a content of a complete site after its document has changed, and what is wrong."""
    changed = {c.document.name: c for c in site.contents} | {content.document.name: content}
    targets = make_targets(changed.values(), site.assets)
    paths = frozenset(out.path for out in site.outputs)
    one, problems = _resolve(content, targets, paths, settings, read_ledger(settings))
    images = {asset.name: asset.image for asset in site.assets if asset.image}
    return _completed(one, images, memo), problems


def with_contents(site: Site, done: Mapping[str, Content]) -> Site:
    """Return the site with other contents, by the names of their documents."""

    def new(contents: Iterable[Content]) -> tuple[Content, ...]:
        return tuple(done[content.document.name] for content in contents)

    return replace(
        site,
        contents=new(site.contents),
        posts=new(site.posts),
        pages=new(site.pages),
        drafts=new(site.drafts),
        tags=tuple((tag, new(posts)) for tag, posts in site.tags),
    )


def _changed(content: Content, versions: changes.Versions) -> Content:
    found = versions.get(getattr(content.document.front_matter, "id", None) or "", ())
    return replace(content, changes=changes.changes_of(content, found) if found else ())


def _unresolved_quotes(site: Site) -> Iterator[ShownQuote]:
    for content in (*site.pages, *site.posts):
        for quote in content.document.quotes:
            yield ShownQuote(quote, f"{content.url}#{quote.id}", "")


def _read_file(root: Path, name: str) -> bytes | None:
    path = root / name
    return path.read_bytes() if path.is_file() else None


def _has_variants(asset: Asset, settings: Settings) -> bool:
    folder = asset.name.partition("/")[0]
    return folder in (*settings.article_paths, *settings.page_paths) and is_image(asset.name)


def load_images(
    assets: Iterable[Asset], settings: Settings, memo: Memo, progress: Callable[[str], object]
) -> dict[str, ImageSet]:
    """Return the files of each image of a text, by its name. Raises ProblemsFound."""
    found = [asset for asset in assets if _has_variants(asset, settings)]
    sets: dict[str, ImageSet] = {}
    problems: list[Problem] = []
    for number, asset in enumerate(found, 1):
        name = PurePosixPath(asset.output).name
        progress(f"images: {number} of {len(found)} ({name})")
        try:
            sets[asset.name] = load_image(memo, Path(asset.path).read_bytes(), name, asset.path)
        except ProblemsFound as error:
            problems += error.problems
    if found:
        progress("")
    raise_if_any(problems)
    return sets


# --- Files


def make_outputs(
    site: Site,
    listings: Iterable[Listing],
    charts: Iterable[str],
    settings: Settings,
) -> Iterator[Output]:
    """Yield every file that the build is going to write, but those of redirects."""
    folders: dict[str, str] = {}
    for content in site.contents:
        if content.output:
            folders[content.output.rpartition("/")[0]] = content.document.path
            yield Output(content.output, content.document.path)
        if page := changes.page_of_changes(content):
            yield Output(f"{page}index.html", content.document.path)
        for quote in content.document.quotes if content.status == "published" else ():
            if page := metadata.quote_page(content, quote, settings):
                yield Output(f"{page}index.html", content.document.path)
    yield from (Output(path, folders[path.rpartition("/")[0]]) for path in charts)
    for asset in site.assets:
        yield Output(asset.output, asset.path)
        own = PurePosixPath(asset.output)
        names = [variant.name for variant in asset.image.files] if asset.image else []
        yield from (Output(str(own.with_name(n)), asset.path) for n in names if n != own.name)
    yield from (Output(listing.output) for listing in listings)
    feeds = site.feeds or collect_feeds(site, settings, None)
    yield from (Output(path) for path in feed_paths(feeds, settings))
    cards = metadata.card_texts(site.contents, settings)
    yield from {path: Output(path, source) for path, _, _, source in cards}.values()
    for post in site.posts:
        yield from (Output(path, post.document.path) for _, path in downloads(post, settings))
    headers = HEADERS_FILE if settings.security_headers else ""
    named = (site.posts and settings.epub, site.quotes and settings.quotes_json)
    for path in (*named, settings.sitemap_save_as, headers):
        if path:
            yield Output(path)


def downloads(post: Content, settings: Settings) -> list[tuple[str, str]]:
    """Return label and path of the other forms of a post that the settings name."""
    folder = PurePosixPath(post.output).parent
    named = (("EPUB", settings.epub), ("Markdown", settings.post_source))
    return [(label, str(folder / name)) for label, name in named if name]


def edition_files(
    site: Site, charts: Mapping[str, ChartData], settings: Settings, theme: Theme, memo: Memo
) -> Iterator[tuple[str, Data]]:
    """Yield path and content of the sources of posts and of all EPUBs."""
    assets = {asset.output: asset for asset in site.assets}
    colors = theme.light_colors(COLORS)
    key = digest_of(salt(), theme.digest, [(asset.output, asset.digest) for asset in site.assets])

    def read(url: str) -> bytes | None:
        path = unquote(url.removeprefix(settings.site))
        if path in charts:
            return memo(chart_png, charts[path], colors)
        return Path(assets[path].path).read_bytes() if path in assets else None

    def chapter(content: Content) -> Chapter:
        lang = None if content.lang == settings.default_lang else content.lang
        url = settings.site + content.url
        html = memo.later(to_feed_html, content.html, url, lang)
        return Chapter(url, plain(content.document.title), content.lang, html)

    def book(id: str, title: str, contents: Sequence[Content]) -> Data:
        changed = max((d for c in contents if (d := c.modified or c.date)), default=EPOCH)
        chapters = tuple(map(chapter, contents))
        made = Book(id, title, settings.author, settings.default_lang, changed, chapters)
        return Result(digest_of(made, key), partial(make_epub, made, read))

    for post in site.posts:
        files = dict(downloads(post, settings))
        if path := files.get("Markdown"):
            yield path, post.document.text
        if path := files.get("EPUB"):
            id = getattr(post.document.front_matter, "id", None) or settings.site + post.url
            yield path, book(id, plain(post.document.title), [post])
    if settings.epub and site.posts:
        pages = [page for page in site.pages if page.document.edition is None]
        id, whole = f"{settings.feed_id or settings.site}/book", [*reversed(site.posts), *pages]
        yield settings.epub, book(id, settings.sitename, whole)


def make_files(
    site: Site,
    charts: Mapping[str, ChartData],
    settings: Settings,
    theme: Theme | None,
    memo: Memo,
    on_feed: Callable[[object], object] | None = None,
) -> Iterator[tuple[str, Data]]:
    """Yield path and content of every file but pages, static files and copies.

    Without a theme of ours (None) there are feeds and redirects alone. `on_feed` gets
    feedgenerator's object of each feed.
    """
    static = Path(settings.theme, "static")
    # In this order, because a namespace must be before all rules
    style = join_stylesheets(static / name for name in ("feed.css", "css/tokens.css"))
    publisher = make_publisher(settings, site.assets)
    yield from feed_files(site.feeds, settings, publisher, memo, style, on_feed)
    yield from redirect_files(site.redirects, settings)
    if site.quotes and settings.quotes_json:
        yield settings.quotes_json, quotes_json(site.quotes, settings.site)
    if not theme:
        return
    for asset in site.assets:
        for variant in asset.image.files if asset.image else ():
            file = PurePosixPath(asset.output).with_name(variant.name)
            yield str(file), Result(variant.key, partial(variant_bytes, memo, variant))
    if charts:
        colors = theme.light_colors(COLORS)
        yield from ((path, memo.later(chart_png, chart, colors)) for path, chart in charts.items())
    if settings.social_card:
        face, colors = metadata.card_face(settings.theme), theme.light_colors(metadata.COLORS)
        path = theme.templates / "partials/mark.svg"
        mark = path.read_text("utf-8") if path.is_file() else ""
        first = {PurePosixPath(path).parent: charts[path] for path in reversed(list(charts))}
        for name, title, foot, _ in metadata.card_texts(site.contents, settings):
            chart = first.get(PurePosixPath(name).parent)
            figure = memo.later(chart_png, chart, colors, metadata.FIGURE[2], 26) if chart else None
            yield name, memo.later(metadata.card_png, title, foot, face, colors, mark, figure)
    yield from edition_files(site, charts, settings, theme, memo)
    if settings.sitemap_save_as:
        yield settings.sitemap_save_as, metadata.sitemap(v.metadata for v in site.views.values())
