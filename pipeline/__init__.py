"""A Pelican plugin: validates content as it is read, renders the site, checks and deploys it.

`register` is the table of contents: each step beside the signal of Pelican that runs it, in the
order in which a site is built. docs/architecture.md has the picture.
"""


def register() -> None:
    """Connect every step of a build."""
    from pelican import signals

    from pipeline import plugin

    plugin.watch_log()
    # Settings are validated; the build gets a folder of its own beside the output.
    signals.initialized.connect(plugin.begin)
    signals.article_generator_init.connect(plugin.clear_folder)
    # Reading
    signals.article_generator_init.connect(plugin.read_ahead)
    signals.readers_init.connect(plugin.use_reader)
    signals.article_generator_pretaxonomy.connect(plugin.order_posts)
    signals.page_generator_finalized.connect(plugin.forget_missing_files)
    # Everything is read and nothing is written: the site is assembled and verified.
    signals.all_generators_finalized.connect(plugin.assemble_site)
    # Writing
    signals.get_writer.connect(plugin.use_writer)
    signals.article_writer_finalized.connect(plugin.write_site)
    # When everything is written, `plugin.finish` puts the new site in the old one's place.
