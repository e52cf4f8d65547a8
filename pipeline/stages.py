"""The stages that Pelican's signals call: a few lines each around plain functions."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from markupsafe import Markup
from pelican import Pelican
from pelican.contents import Article, Category
from pelican.readers import BaseReader

from pipeline import illustrations, metadata, moves, syndication
from pipeline.check import sources
from pipeline.check.wording import NAMES_FILE
from pipeline.problems import Problem, line_of, logged
from pipeline.read.reader import TAGS_FILE, MarkdownReader
from pipeline.render import arrange, output, quotes
from pipeline.render.assets import both_looks, join_stylesheets
from pipeline.render.links import UNREAD, Links, Target, backlinks, ids_of, mark_outside

Content = Any  # Pelican's Article, Page or Static
EXTRA = "extra"
FLAT = 2  # parts of the path of a file that lies in no bundle


def build_beside(pelican: Pelican) -> None:
    """Send the build to a folder beside the output."""
    live = Path(pelican.settings["OUTPUT_PATH"]).resolve()
    pelican.output_path = str(output.staging(live))


def begin(generator: Any) -> None:
    """Begin with an empty folder, also where one Pelican object runs again and again."""
    live = Path(generator.settings["OUTPUT_PATH"]).resolve()
    output.clear(Path(generator.output_path), live)
    output.refuse_foreign(live)


def use_reader(readers: Any) -> None:
    """Read Markdown by our reader and nothing else: another format would pass unchecked."""
    readers.reader_classes = {"static": BaseReader, "md": MarkdownReader}


def add_stylesheet(generator: Any) -> None:
    """Give the templates the joined stylesheets, and the colours that a browser takes over."""
    folder = Path(generator.theme, "static", "css")
    generator.env.globals["stylesheet"] = Markup(join_stylesheets(folder))
    generator.env.globals["surfaces"] = both_looks(folder, "surface")


def order_posts(generator: Any) -> None:
    """Put the posts in an order that does not depend on the file system."""
    generator.articles = arrange.newest_first(generator.articles)
    # Where categories are off, Pelican asks a draft for its own all the same.
    for draft in generator.drafts:
        draft.category = Category("draft", generator.settings)


def forget_missing_files(generator: Any) -> None:
    """Copy no file that is linked and not there; the check of the links says so better."""
    links = generator.context["static_links"]
    links -= {link for link in links if not Path(generator.path, link).is_file()}


def complete_contents(generators: Iterable[Any]) -> None:
    """Put figures, pictures and addresses into the texts; raise all that is wrong so far."""
    generator = next(iter(generators))
    templates = generator.env.list_templates()
    context = generator.context
    contents = read_contents(context)
    logged.raise_if_any(
        [
            *source_problems(context, templates),
            *metadata.undescribed_lists(context),
            *metadata.unfit_titles(context, contents),
            *illustrations.draw_figures(contents),
            *illustrations.make_pictures(context),
            *sources.repeated_addresses(outputs(context)),
            *sources.unfit_ids(syndication.known_ids(context), context["FEED_ID"]),
            *syndication.alias_problems(context),
            *syndication.hub_problems(context),
            *moves.read_redirects(context, contents),
            *moves.problems(context, [output.path for output in outputs(context)]),
            *link_contents(context),
            *leave_out_drafts_files(context),
        ]
    )
    illustrations.place_pictures(context, contents)
    # For those who called the build; the context ends with it.
    generator.settings["OUTPUTS"] = (*outputs(context), *moves.outputs(context))


def leave_out_drafts_files(context: dict[str, Any]) -> Iterator[Problem]:
    """Copy nothing that belongs to drafts alone; yield a problem for a file that nothing is with.

    A file belongs to the bundle that it lies in, and to the texts that link to it.
    """
    root = Path(context["PATH"])
    contents = {content.relative_source_path: content for content in read_contents(context)}
    owners = {PurePosixPath(p).parent: c for p, c in contents.items() if p.endswith("/index.md")}
    folders = (*context["ARTICLE_PATHS"], *context["PAGE_PATHS"])
    all_read = all(context["generated_content"].values())
    published = []
    for static in context["staticfiles"]:
        path = PurePosixPath(static.relative_source_path)
        owner = next((owners[parent] for parent in path.parents if parent in owners), None)
        with_it = [c for c in contents.values() if c is owner or str(path) in c.links]
        if path.parts[0] not in (*folders, EXTRA) and not with_it:
            continue
        if path.parts[0] == EXTRA or any(content.save_as for content in with_it):
            published.append(static)
        elif not with_it and len(path.parts) == FLAT and all_read:
            must, fix = "must lie in a text's folder or be linked from a text", "or use extra/"
            yield Problem(str(root / path), 0, must, "neither", fix)
    context["staticfiles"][:] = published
    kept = {static.url for static in published}
    context["pictures"] = {u: made for u, made in context["pictures"].items() if u in kept}


def source_problems(context: dict[str, Any], templates: list[str]) -> Iterator[Problem]:
    """Yield what `check.sources` finds in Pelican's context."""
    root = Path(context["PATH"])
    known = {*context["generated_content"], *context["static_content"]}
    files = sources.files_below(root, context["IGNORE_FILES"])
    own = {TAGS_FILE, NAMES_FILE, sources.LEDGER, moves.TABLE}
    yield from sources.leading_out(root, files)
    yield from sources.unexplained(root, files, known, own)
    folders = (*context["ARTICLE_PATHS"], *context["PAGE_PATHS"])
    yield from sources.lost_texts(root, files, folders, context["generated_content"])
    for content in read_contents(context):
        path, text = content.source_path, content.document.text
        yield from sources.unfit_slug(path, content.slug)
        yield from sources.unknown_template(path, text, content.template, templates)
        yield from sources.undated_quotes(path, content.document.html, hasattr(content, "date"))


def link_contents(context: dict[str, Any]) -> Iterator[Problem]:
    """Put addresses in the place of links to files; yield a problem for each that leads nowhere."""
    contents = {content.relative_source_path: content for content in read_contents(context)}
    known = [*context["generated_content"], *context["static_content"]]
    targets = dict.fromkeys(known, UNREAD)
    for static in context["staticfiles"]:
        targets[static.relative_source_path] = Target(static.url)
    for path, content in contents.items():
        ids = list(ids_of(content._content))
        targets[path] = Target(content.url, bool(content.save_as), frozenset(ids))
        for name in sorted({name for name in ids if ids.count(name) > 1}):
            must, fix = "an id must be one thing's", f"give the other one another: {{: #{name}-2 }}"
            line = line_of(content.document.text, f"#{name}")
            yield Problem(content.source_path, line, must, f"{name} is two", fix)
    addresses = frozenset(output.path for output in outputs(context))
    for path, content in contents.items():
        links = Links(path, content.document.text, content.url, targets, addresses)
        content._content = mark_outside(links.resolve(content._content), context["SITEURL"])
        content.links = links.to
        for problem in links.problems if content.save_as else ():
            yield replace(problem, path=content.source_path)
    listed = {path for path, content in contents.items() if content.status == "published"}
    edges = {path: content.links for path, content in contents.items()}
    found = backlinks(edges, listed.__contains__)
    for path, content in contents.items():
        content.backlinks = [contents[source] for source in found.get(path, [])]


def outputs(context: dict[str, Any]) -> Iterator[sources.Output]:
    """Yield every file that the build is going to write, with its source."""
    for content in [*read_contents(context), *context["staticfiles"]]:
        yield sources.Output(content.source_path, content.save_as)
    originals = {static.save_as for static in context["staticfiles"]}
    for path, source in illustrations.files(context, read_contents(context)):
        if path not in originals:  # a picture is published under its own name too
            yield sources.Output(source, path)
    for path, source in metadata.files(context, read_contents(context)):
        yield sources.Output(source or sources.BUILT_IN, path)
    pages = [page.save_as for page in metadata.lists(context)]
    for path in [*pages, *syndication.outputs(context), context["QUOTES_JSON"]]:
        yield sources.Output(sources.BUILT_IN, path)


def read_contents(context: dict[str, Any]) -> list[Content]:
    """Return the posts and pages of every status, without those that could not be read."""
    return [content for content in context["generated_content"].values() if content]


def arrange_site(generators: Iterable[Any]) -> None:
    """Give the templates what they show, sorted, grouped and picked."""
    generators = list(generators)
    context = generators[0].context
    contents = read_contents(context)
    context["site_url"] = context["SITEURL"]
    posts = arrange.MenuItem("Posts", context["ARCHIVES_URL"], context["ARCHIVES_SAVE_AS"])
    pages = [
        arrange.MenuItem(getattr(page, "menu", page.title), page.url, page.save_as)
        for page in context["pages"]
        if not hasattr(page, "edition")
    ]
    context["menu"] = [posts, *pages]
    context["shown_drafts"] = [d for d in context["drafts"] if d.save_as]
    context["years"] = arrange.by_year(context["articles"])
    context["tags"] = sorted(context["tags"], key=lambda pair: pair[0].name.casefold())
    descriptions = generators[0].readers.readers["md"].tags
    for tag, _posts in context["tags"]:
        tag.description = descriptions[tag.name]
    for content in contents:
        arrange_content(content)
    for post, older, newer in arrange.neighbours(context["articles"]):
        post.older, post.newer = older, newer
    pages_and_editions = [c for c in contents if c.save_as and not isinstance(c, Article)]
    for current, editions in arrange.editions(pages_and_editions):
        current.editions = editions
    listed = {tag for tag, _posts in context["tags"]}
    for content in contents:
        content.listed_tags = [tag for tag in getattr(content, "tags", []) if tag in listed]
    seed = "\n".join(post.slug for post in context["articles"])
    context["home_quote"] = quotes.pick(all_quotes(context), seed)
    metadata.describe(context, contents)


def arrange_content(content: Content) -> None:
    """Give the templates what they show of one post or page beside its text."""
    content.minutes = arrange.minutes(content.document.html)
    content.contents = arrange.contents(content.document.contents, content.minutes)
    content.notes = arrange.notes(content._content)
    content.older = content.newer = None
    content.editions = []
    content.quotes = list(quotes.find_quotes(content._content, content.url))


def all_quotes(context: dict[str, Any]) -> list[quotes.Quote]:
    """Return the quotes of everything that is published and listed, in the order of the menu."""
    listed = [*context["pages"], *context["articles"]]
    return [quote for content in listed for quote in content.quotes]


def write_illustrations(generator: Any, writer: Any) -> None:
    """Write the files of pictures and figures."""
    contents = read_contents(generator.context)
    illustrations.write(generator.context, contents, Path(generator.output_path))


def write_metadata(generator: Any, writer: Any) -> None:
    """Write the social cards and the sitemap."""
    contents = read_contents(generator.context)
    metadata.write(generator.context, contents, Path(generator.output_path))


def write_quotes(generator: Any, writer: Any) -> None:
    """Write the quotes as data, where there are any."""
    context, folder = generator.context, Path(generator.output_path)
    if found := all_quotes(context):
        data = quotes.as_json(found, f"{context['SITEURL']}/")
        output.write(folder / context["QUOTES_JSON"], data)


def finish(pelican: Pelican) -> None:
    """Raise what was collected while writing; otherwise the site takes its place."""
    logged.raise_if_any()
    metadata.write_headers(Path(pelican.output_path), pelican.settings)
    live = Path(pelican.settings["OUTPUT_PATH"]).resolve()
    output.swap(Path(pelican.output_path), live, pelican.settings["OUTPUT_RETENTION"])
