"""The stages that Pelican's signals call: a few lines each around plain functions."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from markupsafe import Markup
from pelican import Pelican
from pelican.contents import Category
from pelican.readers import BaseReader

from pipeline import illustrations
from pipeline.check import sources
from pipeline.problems import Problem, logged
from pipeline.read.reader import TAGS_FILE, MarkdownReader
from pipeline.render import arrange, feeds, output, quotes
from pipeline.render.assets import join_stylesheets
from pipeline.render.links import Links, Target, backlinks, ids_of, mark_outside

Content = Any  # Pelican's Article, Page or Static


def build_beside(pelican: Pelican) -> None:
    """Send the build to a folder beside the output."""
    live = Path(pelican.settings["OUTPUT_PATH"]).resolve()
    pelican.output_path = str(output.staging(live))


def begin(generator: Any) -> None:
    """Begin with an empty folder, also where one Pelican object runs again and again."""
    output.refuse_foreign(Path(generator.settings["OUTPUT_PATH"]).resolve())
    output.clear(Path(generator.output_path))


def use_reader(readers: Any) -> None:
    """Read Markdown by our reader and nothing else: another format would pass unchecked."""
    readers.reader_classes = {"static": BaseReader, "md": MarkdownReader}


def add_stylesheet(generator: Any) -> None:
    """Give the templates the joined stylesheets."""
    css = join_stylesheets(Path(generator.theme, "static", "css"))
    generator.env.globals["stylesheet"] = Markup(css)


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


def leave_out_drafts_files(generator: Any) -> None:
    """Publish nothing that lies in the bundle of a draft, where drafts are not published."""
    bundles = [
        Path(content.source_path).parent
        for content in read_contents(generator.context)
        if not content.save_as and Path(content.source_path).stem == "index"
    ]
    generator.staticfiles[:] = [
        static
        for static in generator.staticfiles
        if not any(Path(static.source_path).is_relative_to(bundle) for bundle in bundles)
    ]


def complete_contents(generators: Iterable[Any]) -> None:
    """Put figures, pictures and addresses into the texts; raise all that is wrong so far."""
    generator = next(iter(generators))
    templates = generator.env.list_templates()
    context = generator.context
    contents = read_contents(context)
    logged.raise_if_any(
        [
            *source_problems(context, templates),
            *illustrations.draw_figures(contents),
            *illustrations.make_pictures(context),
            *sources.repeated_addresses(outputs(context)),
            *link_contents(context),
        ]
    )
    illustrations.place_pictures(context, contents)


def source_problems(context: dict[str, Any], templates: list[str]) -> Iterator[Problem]:
    """Yield what `check.sources` finds in Pelican's context."""
    root = Path(context["PATH"])
    known = {*context["generated_content"], *context["static_content"]}
    files = sources.files_below(root, context["IGNORE_FILES"])
    yield from sources.unexplained(root, files, known, {TAGS_FILE})
    folders = (*context["ARTICLE_PATHS"], *context["PAGE_PATHS"])
    yield from sources.lost_texts(root, files, folders, context["generated_content"])
    for content in read_contents(context):
        path, text = content.source_path, content.document.text
        yield from sources.unfit_slug(path, content.slug)
        yield from sources.unknown_template(path, text, content.template, templates)
        yield from sources.undated_quotes(
            path, content.document.html, hasattr(content, "date") or hasattr(content, "modified")
        )


def link_contents(context: dict[str, Any]) -> Iterator[Problem]:
    """Put addresses in the place of links to files; yield a problem for each that leads nowhere."""
    contents = {content.relative_source_path: content for content in read_contents(context)}
    known = [*context["generated_content"], *context["static_content"]]
    targets = dict.fromkeys(known, Target("", published=False))
    for static in context["staticfiles"]:
        targets[static.relative_source_path] = Target(static.url)
    for path, content in contents.items():
        ids = frozenset(ids_of(content._content))
        targets[path] = Target(content.url, bool(content.save_as), ids)
    addresses = frozenset(output.path for output in outputs(context))
    for path, content in contents.items():
        links = Links(path, content.document.text, content.url, targets, addresses)
        content._content = mark_outside(links.resolve(content._content))
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
    for name in context["DIRECT_TEMPLATES"]:
        yield sources.Output(f"the theme's {name}.html", context[f"{name.upper()}_SAVE_AS"])
    for tag, _posts in context["tags"]:
        yield sources.Output(f"the tag {tag.name!r}", tag.save_as)
    originals = {static.save_as for static in context["staticfiles"]}
    for path, source in illustrations.files(context, read_contents(context)):
        if path not in originals:  # a picture is published under its own name too
            yield sources.Output(source, path)


def read_contents(context: dict[str, Any]) -> list[Content]:
    """Return the posts and pages of every status, without those that could not be read."""
    return [content for content in context["generated_content"].values() if content]


def arrange_site(generators: Iterable[Any]) -> None:
    """Give the templates what they show, sorted, grouped and picked."""
    generators = list(generators)
    context = generators[0].context
    contents = read_contents(context)
    context["site_url"] = context["SITEURL"]
    context["menu"] = [
        arrange.MenuItem("Posts", context["ARCHIVES_URL"], context["ARCHIVES_SAVE_AS"]),
        *(
            arrange.MenuItem(getattr(page, "menu", page.title), page.url, page.save_as)
            for page in context["pages"]
        ),
    ]
    context["years"] = arrange.by_year(context["articles"])
    context["tags"] = sorted(context["tags"], key=lambda pair: pair[0].name.casefold())
    descriptions = generators[0].readers.readers["md"].tags
    for tag, _posts in context["tags"]:
        tag.description = descriptions[tag.name]
    for content in contents:
        arrange_content(content)
    for post, older, newer in arrange.neighbours(context["articles"]):
        post.older, post.newer = older, newer
    for current, editions in arrange.editions(contents):
        current.editions = editions
    seed = "\n".join(post.slug for post in context["articles"])
    context["home_quote"] = quotes.pick(all_quotes(context), seed)


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


def write_quotes(generator: Any, writer: Any) -> None:
    """Write the quotes as data and as a feed, where there are any."""
    context, folder = generator.context, Path(generator.output_path)
    found = all_quotes(context)
    if not found:
        return
    listed = [content for content in context["pages"] + context["articles"] if content.quotes]
    day = max(getattr(c, "modified", None) or c.date for c in listed)
    site, name = f"{context['SITEURL']}/", context["QUOTES_FEED_ATOM"]
    title = f"{context['SITENAME']}: quotes"
    feed = quotes.as_feed(found, title, site, site + name, day, context["DEFAULT_LANG"])
    output.write(folder / name, feed)
    output.write(folder / context["QUOTES_JSON"], quotes.as_json(found, site))


def finish_feed(context: dict[str, Any], feed: Any) -> None:
    """Make a feed valid and whole before it is written."""
    feeds.finish(feed, context["DEFAULT_LANG"])


def finish(pelican: Pelican) -> None:
    """Raise what was collected while writing; otherwise the site takes its place."""
    logged.raise_if_any()
    live = Path(pelican.settings["OUTPUT_PATH"]).resolve()
    output.swap(Path(pelican.output_path), live, pelican.settings["OUTPUT_RETENTION"])
