"""The stages of feeds, from Pelican's objects to files of the output."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup
from pelican import Pelican, signals
from pelican.contents import Article
from pelican.utils import set_date_tzinfo
from pelican.writers import Writer

from pipeline import metadata
from pipeline.check.sources import Known
from pipeline.problems import Problem, line_of
from pipeline.render import feeds, output, quotes
from pipeline.render.assets import joined
from pipeline.render.feeds import ATOM, JSON, RSS, Entry, Feed, Publisher
from pipeline.render.metadata.facts import Facts

Content = Any  # Pelican's Article or Page
FORMS = {"ATOM": ATOM, "RSS": RSS, "JSON": JSON}  # the end of a setting's name, and the format
STYLES = ("feed.css", "css/tokens.css")  # a namespace must stand before all rules


class FeedWriter(Writer):  # type: ignore[misc]
    """Pelican's writer, with feeds from our own model: whole, in archives, in JSON too."""

    def write_feed(
        self,
        elements: Iterable[Content],
        context: dict[str, Any],
        path: str | None = None,
        *_more: Any,
        **_named: Any,
    ) -> None:
        """Write every document of the feed that has a path, in the format of that path."""
        asked = ((feed, form) for feed in context["feeds"] for form in feed.paths)
        feed, form = next((feed, form) for feed, form in asked if feed.paths[form] == path)
        for document in feeds.documents(feed, form, context["FEED_MAX_ITEMS"]):
            made = feeds.generator(document, form, context["publisher"])
            signals.feed_generated.send(context, feed=made)
            file = Path(self.output_path, document.path)
            output.write(file, made.writeString("utf-8"))
            signals.feed_written.send(str(file), context=context, feed=made)


def use_writer(_pelican: Pelican) -> type[Writer]:
    """Return the class that writes Pelican's files."""
    return FeedWriter


def paths(context: dict[str, Any], kind: str, **names: str) -> dict[str, str]:
    """Return where the feeds of a kind are: "FEED_ALL", "TAG_FEED" or "QUOTES_FEED"."""
    return {form: context[f"{kind}_{end}"].format(**names) for end, form in FORMS.items()}


def outputs(context: dict[str, Any]) -> Iterator[str]:
    """Yield the path of every file that belongs to feeds."""
    drafts = len(context["drafts"]) if context["FEED_DRAFTS"] else 0
    counted = [(paths(context, "FEED_ALL"), len(context["articles"]) + drafts)]
    for tag, posts in context["tags"]:
        counted.append((paths(context, "TAG_FEED", slug=tag.slug), len(posts)))
    listed = [*context["pages"], *context["articles"]]
    ids = {quote.id for c in listed for quote in quotes.find_quotes(c._content, c.url)}
    if ids:
        counted.append((paths(context, "QUOTES_FEED"), len(ids)))
    for by_form, count in counted:
        size = context["FEED_MAX_ITEMS"] or max(count, 1)
        for path in by_form.values():
            yield path
            for number in range(1, feeds.archives(count, size) + 1):
                yield feeds.archive_path(path, number)
    yield from (context["FEED_OPML"], context["FEED_STYLESHEET"])
    yield from map(alias_path, context["FEED_ALIASES"])


def known_ids(context: dict[str, Any]) -> Iterator[Known]:
    """Yield what feed readers know each post by, drafts too."""
    for content in context["generated_content"].values():
        if isinstance(content, Article):
            path, text = content.source_path, content.document.text
            own = getattr(content, "id", None)
            yield Known(path, text, own, content.date.date(), content.slug)


def gather_feeds(generators: Iterable[Any]) -> None:
    """Give writers and templates the feeds: `feeds`, `site_feed`, `quotes_feed`, a tag's `feed`."""
    context = next(iter(generators)).context
    posts = [*context["articles"], *(context["drafts"] if context["FEED_DRAFTS"] else [])]
    posts.sort(key=lambda post: (-post.date.timestamp(), post.slug))
    entries = {post: entry_of(post, context) for post in posts}
    name, space = context["SITENAME"], context["FEED_ID"]
    everything = Feed(
        f"{space}/all",
        name,
        context["SITESUBTITLE"],
        "",
        paths(context, "FEED_ALL"),
        tuple(entries.values()),
    )
    context["feeds"] = [everything]
    for tag, _posts in context["tags"]:
        tag.feed = Feed(
            f"{space}/tags/{tag.slug}",
            f"{name}: {tag.name}",
            tag.description,
            tag.url,
            paths(context, "TAG_FEED", slug=tag.slug),
            tuple(entry for post, entry in entries.items() if tag in getattr(post, "tags", ())),
        )
        context["feeds"].append(tag.feed)
    context["site_feed"], context["quotes_feed"] = everything, gather_quotes(context)
    if context["quotes_feed"]:
        context["feeds"].append(context["quotes_feed"])
    context["publisher"] = publisher(context)
    describe_moved(context)


def describe_moved(context: dict[str, Any]) -> None:
    """Say what each page is that leads from an older site's feed to ours, as `heads`."""
    contents = [content for content in context["generated_content"].values() if content]
    site = metadata.site_of(context, contents)
    card = metadata.picture(site.url + metadata.CARD, site.name, site)
    for alias, path in context["FEED_ALIASES"].items():
        if alias.endswith("/"):
            says = f"The feed that an older site had at {alias} is at {path}"
            title, address = f"Moved: {alias}", site.url + alias
            facts = Facts("list", address, title, says, site.language, indexed=False, card=card)
            context["heads"][alias_path(alias)] = metadata.head(facts, site)


def publisher(context: dict[str, Any]) -> Publisher:
    """Return what all feeds say alike. A picture is named only when it is published."""
    published = {static.save_as for static in context["staticfiles"]}
    return Publisher(
        url=f"{context['SITEURL']}/",
        language=context["DEFAULT_LANG"],
        author=context["AUTHOR"],
        icon=context["FEED_ICON"] if context["FEED_ICON"] in published else "",
        logo=context["FEED_LOGO"] if context["FEED_LOGO"] in published else "",
        stylesheet=context["FEED_STYLESHEET"],
        tags=context["TAGS_URL"],
        hubs=tuple(context["WEBSUB_HUBS"]),
    )


def entry_of(post: Content, context: dict[str, Any]) -> Entry:
    """Return the entry of a post."""
    site = context["SITEURL"]
    url = f"{site}/{post.url}"
    lang = None if post.lang == context["DEFAULT_LANG"] else post.lang
    return Entry(
        id=post.id,
        url=url,
        title=Markup(post.title).striptags(),
        summary=Markup(post.summary).striptags(),
        html=feeds.fit(post.get_content(site), url, lang),
        author=str(post.author),
        published=post.date,
        updated=getattr(post, "modified", None),
        tags=tuple(tag.name for tag in getattr(post, "tags", ())),
        lang=lang,
    )


def gather_quotes(context: dict[str, Any]) -> Feed | None:
    """Return the feed of the quotes of all that is published and listed; None without any.

    A quote that stands in two texts is one entry, the first one's.
    """
    listed = [*context["pages"], *context["articles"]]
    entries: dict[str, Entry] = {}
    for content in listed:
        for quote in content.quotes:
            space = f"{context['FEED_ID']}/quotes"
            day = quote_day(quote, content, context["TIMEZONE"])
            entry = quotes.as_entry(quote, space, f"{context['SITEURL']}/", day)
            entries.setdefault(entry.id, entry)
    if not entries:
        return None
    page = next(content for content in listed if content.quotes)
    return Feed(
        f"{context['FEED_ID']}/quotes",
        f"{context['SITENAME']}: quotes",
        Markup(page.summary).striptags(),
        page.url,
        paths(context, "QUOTES_FEED"),
        tuple(sorted(entries.values(), key=lambda entry: entry.day, reverse=True)),
    )


def quote_day(quote: quotes.Quote, content: Content, zone: str) -> datetime:
    """Return when a quote was added: by its own word, else with its text."""
    if not quote.added:
        return content.date  # type: ignore[no-any-return]
    return set_date_tzinfo(datetime.fromisoformat(quote.added), zone)  # type: ignore[no-any-return]


def write_feeds(generator: Any, writer: Writer) -> None:
    """Write the feeds that Pelican does not ask for, the list of all, and what older sites had."""
    context, folder = generator.context, Path(generator.output_path)
    for feed in context["feeds"]:
        for path in feed.paths.values():
            if not (folder / path).exists():
                writer.write_feed((), context, path)
    url, name = f"{context['SITEURL']}/", context["SITENAME"]
    opml = feeds.as_opml(context["feeds"], name, url, context["AUTHOR"])
    output.write(folder / context["FEED_OPML"], opml)
    theme = Path(context["THEME"], "static")
    output.write(folder / context["FEED_STYLESHEET"], joined(theme / name for name in STYLES))
    by_path = {path: feed for feed in context["feeds"] for path in feed.paths.values()}
    for alias, path in context["FEED_ALIASES"].items():
        if path not in by_path:
            continue
        if alias.endswith("/"):
            template, page = generator.get_template("moved"), alias_path(alias)
            relative = context["RELATIVE_URLS"]
            writer.write_file(page, template, context, relative, url=alias, alias=alias, path=path)
        else:
            # The same bytes: its "self" says where the feed is.
            output.write(folder / alias, (folder / path).read_text("utf-8"))


def alias_path(alias: str) -> str:
    """Return the output file of an address that an older site had for a feed."""
    return f"{alias}index.html" if alias.endswith("/") else alias


def hub_problems(context: dict[str, Any]) -> Iterator[Problem]:
    """Yield a problem when the hubs are no list of addresses, which every feed would name."""
    hubs = context["WEBSUB_HUBS"]
    if isinstance(hubs, str) or not all(re.match("https?://", str(hub)) for hub in hubs):
        must, fix = "WEBSUB_HUBS must be a list of addresses", '("https://hub.example/",)'
        yield Problem("pelicanconf.py", 0, must, repr(hubs), fix)


def alias_problems(context: dict[str, Any]) -> Iterator[Problem]:
    """Yield a problem for each older address that is to lead to a feed which is not there."""
    known = set(outputs(context))
    for alias, path in context["FEED_ALIASES"].items():
        if path not in known:
            settings = Path("pelicanconf.py")
            text = settings.read_text("utf-8") if settings.is_file() else ""
            must = "FEED_ALIASES must lead to feeds of the site"
            yield Problem(str(settings), line_of(text, f'"{alias}"'), must, path)
