"""The content pipeline: what happens to the site between Markdown and the finished folder.

`register()` is the table of contents: every stage beside the signal of Pelican that calls it, in
the order in which a site is built. Below it stand the stages, each a few lines around plain
functions of `read/`, `check/` and `render/`; nothing else connects a signal or knows Pelican's
objects. What is wrong is collected on the way (`problems`) and said twice at most: before the
first file is written, and before the new site takes the old one's place.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from markupsafe import Markup
from pelican import Pelican, signals
from pelican.contents import Category
from pelican.readers import BaseReader

from pipeline.check import sources
from pipeline.problems import Problem, logged, say_plainly
from pipeline.read.reader import TAGS_FILE, MarkdownReader
from pipeline.render import arrange, feeds, output
from pipeline.render.assets import join_stylesheets

Content = Any  # Pelican's Article, Page or Static


def register() -> None:
    """Connect every stage, in the order the site is built."""
    logged.listen()
    logging.getLogger("pelican").addFilter(say_plainly)
    # Once for every Pelican object: a folder of its own for the build.
    signals.initialized.connect(build_beside)
    # Once for every generator: the reader, and the stylesheets as a template's global.
    signals.article_generator_init.connect(begin)
    signals.readers_init.connect(use_reader)
    signals.generator_init.connect(add_stylesheet)
    # What was read, in order and without what is not published.
    signals.article_generator_pretaxonomy.connect(order_posts)
    signals.page_generator_finalized.connect(forget_missing_files)
    signals.static_generator_finalized.connect(leave_out_drafts_files)
    # All is read and nothing is written yet.
    signals.all_generators_finalized.connect(check_sources)
    signals.all_generators_finalized.connect(arrange_site)
    # While the files are written
    signals.feed_generated.connect(finish_feed)
    # All is written: the new site takes the old one's place.
    signals.finalized.connect(finish)


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


def check_sources(generators: Iterable[Any]) -> None:
    """Raise what was collected while reading and what the checks of the sources find."""
    generator = next(iter(generators))
    templates = generator.env.list_templates()
    logged.raise_if_any(source_problems(generator.context, templates))


def source_problems(context: dict[str, Any], templates: list[str]) -> Iterator[Problem]:
    """Yield what `check.sources` finds in Pelican's context."""
    root = Path(context["PATH"])
    known = {*context["generated_content"], *context["static_content"]}
    yield from sources.unexplained(root, context["IGNORE_FILES"], known, {TAGS_FILE})
    yield from sources.repeated_addresses(outputs(context))
    published = [*read_contents(context), *context["staticfiles"]]
    places = dict.fromkeys(known, "")
    places |= {content.relative_source_path: content.save_as for content in published}
    for content in read_contents(context):
        path, text = content.source_path, content.document.text
        yield from sources.unknown_template(path, text, content.template, templates)
        if content.save_as:
            source = content.relative_source_path
            for problem in sources.broken_links(source, text, content._content, places):
                yield replace(problem, path=path)


def outputs(context: dict[str, Any]) -> Iterator[sources.Output]:
    """Yield every file that the build is going to write, with its source."""
    for content in [*read_contents(context), *context["staticfiles"]]:
        yield sources.Output(content.source_path, content.save_as)
    for name in context["DIRECT_TEMPLATES"]:
        yield sources.Output(f"the theme's {name}.html", context[f"{name.upper()}_SAVE_AS"])
    for tag, _posts in context["tags"]:
        yield sources.Output(f"the tag {tag.name!r}", tag.save_as)


def read_contents(context: dict[str, Any]) -> list[Content]:
    """Return the posts and pages of every status, without those that could not be read."""
    return [content for content in context["generated_content"].values() if content]


def arrange_site(generators: Iterable[Any]) -> None:
    """Give the templates what they show, sorted, grouped and picked."""
    generators = list(generators)
    context = generators[0].context
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
    for content in read_contents(context):
        content.minutes = arrange.minutes(content._content)
        content.older = content.newer = None
    for post, older, newer in arrange.neighbours(context["articles"]):
        post.older, post.newer = older, newer


def finish_feed(context: dict[str, Any], feed: Any) -> None:
    """Make a feed valid and whole before it is written."""
    feeds.finish(feed, context["DEFAULT_LANG"])


def finish(pelican: Pelican) -> None:
    """Raise what was collected while writing; otherwise the site takes its place."""
    logged.raise_if_any()
    live = Path(pelican.settings["OUTPUT_PATH"]).resolve()
    output.swap(Path(pelican.output_path), live, pelican.settings["OUTPUT_RETENTION"])
