"""The stages of what pages say about themselves: from Pelican's objects to facts, cards, files."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from markupsafe import Markup
from pelican.contents import Article
from pelican.paginator import Paginator
from PIL import __version__ as pillow

from pipeline.problems import Problem, line_of
from pipeline.render import arrange, output
from pipeline.render.assets import light_colours
from pipeline.render.metadata import card, facts, headers
from pipeline.render.metadata.facts import Card, Facts, Head, Site, Step, plain
from pipeline.render.metadata.json_ld import json_ld
from pipeline.render.metadata.sitemap import sitemap
from pipeline.render.pictures import kept

Content = Any  # Pelican's Article or Page
CARD = "social-card.png"
LOST = "404.html"
WITH_POSTS = ("index", "archives", "tags")  # of the theme's pages


class List(NamedTuple):
    """A page that lists posts: the theme's template, its file and address, its number from 1."""

    template: str
    save_as: str
    url: str
    number: int
    posts: list[Any]
    tag: Any = None


def lists(context: dict[str, Any]) -> Iterator[List]:
    """Yield the pages that list posts, and the theme's other pages."""
    paginated = [("tag", tag.save_as, tag.url, posts, tag) for tag, posts in context["tags"]]
    for name in context["DIRECT_TEMPLATES"]:
        save_as = context.get(f"{name.upper()}_SAVE_AS", f"{name}.html")
        url = context.get(f"{name.upper()}_URL", save_as)
        posts = context["articles"] if name in WITH_POSTS else []
        paginated.append((name, save_as, url, posts, None))
    for template, save_as, url, posts, tag in paginated:
        split = template in context["PAGINATED_TEMPLATES"]
        size = context["DEFAULT_PAGINATION"] if split else len(posts) or 1
        pages = Paginator(save_as, url, posts, context, size)
        for page in map(pages.page, pages.page_range):
            yield List(template, page.save_as, page.url, page.number, list(page.object_list), tag)


def undescribed_lists(context: dict[str, Any]) -> Iterator[Problem]:
    """Yield a problem for each of the theme's pages of which the settings do not say what it is."""
    for name in context["DIRECT_TEMPLATES"]:
        if name not in context["LISTS"]:
            must = "LISTS must have the title and the description of each of DIRECT_TEMPLATES"
            yield Problem("", 0, must, f"none of {name!r}")


def unfit_titles(context: dict[str, Any], contents: list[Content]) -> Iterator[Problem]:
    """Yield a problem for each title that its social card cannot show."""
    for content in contents:
        title = title_of(content)
        place = line_of(content.document.text, f"Title: {content.document.front_matter.title}")
        if letters := card.missing(title, face(context)):
            fix = "use other letters, or put a font that has them into the theme's fonts/"
            must = "Title must have letters that the font of the social cards has"
            yield Problem(content.source_path, place, must, letters, fix)
        elif not card.fit(title, face(context)):
            must, fix = "Title must fit on its social card", "shorten it"
            yield Problem(content.source_path, place, must, f"{len(title)} characters", fix)


def describe(context: dict[str, Any], contents: list[Content]) -> None:
    """Give the templates what each page says about itself, by its output file: `heads`."""
    site = site_of(context, contents)
    found = {page.save_as: facts_of_list(page, context, site) for page in lists(context)}
    for content in contents:
        if content.save_as:
            found[content.save_as] = facts_of_content(content, context, site)
    context["facts"] = found
    context["heads"] = {path: head(facts, site) for path, facts in found.items()}
    context["author_path"] = site.author_url.removeprefix(site.url)
    context["author_addresses"] = list(dict.fromkeys([site.url, site.author_url, *site.profiles]))


def site_of(context: dict[str, Any], contents: list[Content]) -> Site:
    """Return what all pages share."""
    url = f"{context['SITEURL']}/"
    about = context["AUTHOR_PAGE"] if any(is_profile(c, context) for c in contents) else ""
    profiles = tuple(address for _name, address in context["SOCIAL"])
    return Site(
        context["SITENAME"], url, context["SITESUBTITLE"], context["DEFAULT_LANG"],
        context["AUTHOR"], url + about, profiles,
    )  # fmt: skip


def is_profile(content: Content, context: dict[str, Any]) -> bool:
    """Return whether a page is the one about the author."""
    return bool(content.save_as) and content.url == context["AUTHOR_PAGE"]


def facts_of_content(content: Content, context: dict[str, Any], site: Site) -> Facts:
    """Return what a post or page says about itself."""
    post = isinstance(content, Article)
    edition = hasattr(content, "edition")
    lost = content.save_as == LOST
    title = title_of(content)
    posts = Step(context["LISTS"]["archives"][0], site.url + context["ARCHIVES_URL"])
    return Facts(
        kind="post" if post else "profile" if is_profile(content, context) else "page",
        url="" if lost else site.url + content.url,
        title=title,
        description=plain(content.summary),
        language=content.lang,
        indexed=content.status == "published" and not edition,
        card=None if lost else picture(site.url + card_path(content.save_as), title, site),
        published=content.date if post else None,
        modified=getattr(content, "modified", getattr(content, "date", None)),
        reviewed=getattr(content, "as_of", None),
        tags=tuple(tag.name for tag in getattr(content, "tags", [])),
        words=arrange.words(content.document.html),
        above=(posts,) if post else (),
    )


def facts_of_list(page: List, context: dict[str, Any], site: Site) -> Facts:
    """Return what a list says about itself; it changed when the newest of what it lists did."""
    title, description = context["LISTS"][page.template]
    words = {"tag": "", "description": ""}
    if page.tag:
        words = {"tag": page.tag.name, "description": page.tag.description}
    title, description = title.format(**words), description.format(**words)
    home = page.template == "index" and page.number == 1
    split = page.tag or page.template in context["PAGINATED_TEMPLATES"]  # else they are too many
    if page.number > 1:
        title, description = f"{title}, page {page.number}", f"{description} (page {page.number})"
    changes = [getattr(post, "modified", post.date) for post in page.posts]
    tags = Step(context["LISTS"]["tags"][0], site.url + context["TAGS_URL"])
    return Facts(
        kind="home" if home else "list",
        url=site.url + page.url,
        title=site.name if home else title,
        description=description,
        language=site.language,
        card=picture(site.url + CARD, site.name, site),
        modified=max(changes, default=None),
        above=(tags,) if page.tag else (),
        listed=tuple(site.url + post.url for post in page.posts if split),
    )


def head(page: Facts, site: Site) -> Head:
    """Return what the template of a page's head puts down."""
    return Head(
        title=facts.full_title(page, site),
        description=page.description,
        canonical=page.url if page.indexed else "",
        robots="" if page.indexed else "noindex",
        names=list(facts.names(page, site)),
        properties=list(facts.open_graph(page, site)),
        json_ld=Markup(json_ld(page, site)),
    )


def title_of(content: Content) -> str:
    """Return a post's or page's title as plain text, with the time of an earlier edition."""
    title = plain(content.title)
    return f"{title} ({plain(content.edition)})" if hasattr(content, "edition") else title


def picture(url: str, title: str, site: Site) -> Card:
    """Return the card that a page names."""
    alt = title if title == site.name else f"{title} · {site.name}"
    return Card(url, card.WIDTH, card.HEIGHT, alt)


def card_path(save_as: str) -> str:
    """Return the output path of a page's card: beside the page, under a name that stays."""
    path = PurePosixPath(save_as)
    return str(path.with_name(CARD if path.name == "index.html" else f"{path.stem}-{CARD}"))


def files(context: dict[str, Any], contents: list[Content]) -> Iterator[tuple[str, str]]:
    """Yield the output path of every file that is made, with its source ("": of all)."""
    yield from ((name, "") for name in (CARD, context["SITEMAP"], headers.HEADERS_FILE))
    # Where two texts have one address, that is said of the texts.
    yield from {
        card_path(content.save_as): content.source_path
        for content in contents
        if content.save_as and content.save_as != LOST
    }.items()


def write(context: dict[str, Any], contents: list[Content], folder: Path) -> None:
    """Write the social cards and the sitemap."""
    cards = {CARD: (context["SITENAME"], context["AUTHOR"])}
    for content in contents:
        if content.save_as and content.save_as != LOST:
            cards[card_path(content.save_as)] = (title_of(content), context["SITENAME"])
    colours = light_colours(Path(context["THEME"], "static", "css"), card.COLOURS)

    def put(name: str) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(make_card(*cards[name], context, colours))

    with ThreadPoolExecutor() as threads:
        list(threads.map(put, cards))
    output.write(folder / context["SITEMAP"], sitemap(context["facts"].values()))


def make_card(title: str, foot: str, context: dict[str, Any], colours: dict[str, str]) -> bytes:
    """Return a card, made where the cache has it not yet."""
    font = face(context)
    look = repr((title, foot, sorted(colours.items()), pillow)).encode()
    code = Path(card.__file__).read_bytes()
    key = hashlib.sha256(hashlib.sha256(look).digest() + code + font.read_bytes()).hexdigest()[:32]
    path = Path(context["CACHE_PATH"], "cards", f"{key}.png")
    return kept(path, lambda: card.as_card(title, foot, font, colours) or b"").read_bytes()


def face(context: dict[str, Any]) -> Path:
    """Return the font file of the social cards: the theme's own, where it has one."""
    own = sorted(Path(context["THEME"], "fonts").glob("*.[to]tf"))
    return own[0] if own else card.FACE


def write_headers(folder: Path, settings: dict[str, Any]) -> None:
    """Write the headers that a host shall send, once all pages are there."""
    styles: set[str] = set()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".html", ".svg"):
            styles |= headers.styles_in(path.read_text("utf-8"), path.suffix == ".svg")
    feeds = [
        value.format(slug="*")
        for name, value in settings.items()
        if name.startswith(("FEED_", "TAG_FEED_", "QUOTES_FEED_")) and isinstance(value, str)
    ]
    output.write(folder / headers.HEADERS_FILE, headers.as_file(headers.rules(styles, feeds)))
