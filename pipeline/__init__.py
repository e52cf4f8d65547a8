"""The content pipeline: what happens to the site between Markdown and the finished folder.

`register()` is the table of contents: every stage beside the signal of Pelican that calls it, in
the order in which a site is built. The stages (`stages.py`) are a few lines each around plain
functions of `read/`, `check/` and `render/`; no other module connects a signal. What is wrong is
collected on the way (`problems.py`) and said twice at most: before the first file is written, and
before the new site takes the old one's place.
"""

import logging

from pelican import signals

from pipeline import moves, stages, syndication
from pipeline.problems import logged, said_by_us, say_plainly


def register() -> None:
    """Connect every stage, in the order the site is built."""
    logged.listen()
    logging.getLogger("pelican").addFilter(say_plainly)
    logging.getLogger("pelican.readers").addFilter(said_by_us)
    # Once for every Pelican object: a folder of its own for the build.
    signals.initialized.connect(stages.build_beside)
    # Once for every generator: the reader, and the stylesheets as a template's global.
    signals.article_generator_init.connect(stages.begin)
    signals.readers_init.connect(stages.use_reader)
    signals.generator_init.connect(stages.add_stylesheet)
    # What was read, in order and without what is not published.
    signals.article_generator_pretaxonomy.connect(stages.order_posts)
    signals.page_generator_finalized.connect(stages.forget_missing_files)
    # All is read and nothing is written yet.
    signals.all_generators_finalized.connect(stages.complete_contents)
    signals.all_generators_finalized.connect(stages.arrange_site)
    signals.all_generators_finalized.connect(syndication.gather_feeds)
    # While the files are written
    signals.get_writer.connect(syndication.use_writer)
    signals.article_writer_finalized.connect(syndication.write_feeds)
    signals.article_writer_finalized.connect(stages.write_illustrations)
    signals.article_writer_finalized.connect(stages.write_metadata)
    signals.article_writer_finalized.connect(stages.write_quotes)
    signals.article_writer_finalized.connect(moves.write_redirects)
    # All is written: the new site takes the old one's place.
    signals.finalized.connect(stages.finish)
