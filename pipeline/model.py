"""The site as plain values: typed, frozen, hashable, without logic and without Pelican.

Reading makes a `Document` of each source and an `Asset` of each published file. `Content` is a
document at its place on the site. `Site` holds all of them and the `PageView` of each page.
Writing makes an `Artifact` of each file of the output, which the checks get.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pipeline.problems import Problem

# --- Sources


@dataclass(frozen=True)
class FrontMatter:
    """What posts and pages have in common. `aliases` are earlier addresses, from the site's root.

    `change` is what the author says of the last change (`Modified: 2026-12-01, what`), `extra` are
    the keys of other plugins, with their values as written.
    """

    title: str
    summary: str | None = None
    slug: str | None = None
    status: str = "published"
    lang: str | None = None
    modified: datetime | None = None
    change: str | None = None
    aliases: tuple[str, ...] = ()
    template: str | None = None
    save_as: str | None = None
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Post(FrontMatter):
    """The front matter of a post. `id` is the tag URI that feed readers know it by, for life."""

    date: datetime | None = None
    id: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page(FrontMatter):
    """The front matter of a page.

    `menu` is its name in the menu (default: the title), `edition` the time that an earlier edition
    is from, `as_of` the day on which everything in it was true, `review` the day by which the
    author will look at it again, `date` the day on which its quotes were published.
    """

    date: datetime | None = None
    as_of: datetime | None = None
    review: datetime | None = None
    menu: str | None = None
    edition: str | None = None


@dataclass(frozen=True)
class Reference:
    """An address in a document, in the attribute of a start tag; a part of `Document.body`.

    `value` is the address as written (of a srcset: the whole attribute). Without an `attribute` it
    is the end of a link, where readers are told that they get an archived copy.
    """

    tag: str
    attribute: str
    value: str
    line: int


@dataclass(frozen=True)
class Image:
    """An `<img>` of a document; a part of `Document.body`.

    `attributes` are those that the author gave, without `src`. `eager`: it is the first image and
    on the first screen.
    """

    source: str
    attributes: tuple[tuple[str, str], ...]
    line: int
    eager: bool = False


@dataclass(frozen=True)
class Chart:
    """A chart drawn from a CSV file; a part of `Document.body`.

    `source` is the address of the file as written, `options` the attributes that say what is drawn,
    `id` the id of the figure, given or made from the file's name.
    """

    source: str
    alt: str
    options: tuple[tuple[str, str], ...]
    id: str
    line: int


# Annotated HTML (see `html.MARK`) and, where they stand in it, what depends on other files
Body = tuple[str | Reference | Image | Chart, ...]


@dataclass(frozen=True)
class Heading:
    """A second-level heading; `html` are its words."""

    id: str
    html: str
    line: int


@dataclass(frozen=True)
class Quote:
    """A quote in a document: its words, whose they are, and how sure that is.

    `body` is the HTML of the words, `text` the words as plain text, `credit` the HTML of the
    attribution, `added` an ISO 8601 date or None for one that was there from the beginning.
    """

    id: str
    line: int
    body: Body
    text: str
    attribution: str
    author: str
    work: str | None
    year: int | None
    confidence: str
    note: str | None
    lang: str | None
    cite: str | None
    added: str | None
    credit: Body = ()


@dataclass(frozen=True)
class Suppression:
    """An exception from a check. `lines` is the first and the last line that it covers."""

    line: int
    check: str
    reason: str
    lines: tuple[int, int]


@dataclass(frozen=True)
class Document:
    """One source, read.

    `path` is the file as problems name it, `name` its path below the content folder, `digest` the
    SHA-256 of all that it was made from, `text` the source as it is in the file. `lines` has the
    line of each front matter key. `ids` are the ids in the body with their lines, `notes` is the
    number of footnotes, `plain` the words of the body, `kinds` the names of its elements and
    classes. `title`, `summary`, `menu` and `edition` are HTML with typographic characters.
    """

    path: str
    name: str
    digest: str
    front_matter: Post | Page
    lines: Mapping[str, int]
    text: str
    body: Body
    title: str
    summary: str | None = None
    menu: str | None = None
    edition: str | None = None
    headings: tuple[Heading, ...] = ()
    quotes: tuple[Quote, ...] = ()
    ids: tuple[tuple[str, int], ...] = ()
    notes: int = 0
    words: int = 0
    plain: str = ""
    styles: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()
    suppressions: tuple[Suppression, ...] = ()


# --- Files that are published beside the texts


@dataclass(frozen=True)
class Variant:
    """One file made from an image: its name beside the original, width in pixels, size in bytes.

    `key` is where the memo has its bytes.
    """

    name: str
    width: int
    size: int
    key: str


@dataclass(frozen=True)
class ImageSet:
    """All files made from an image.

    `width` and `height` are in CSS pixels, of the file that keeps the original's name. `files` are
    all that are written; `sources` the better formats, best first, each a media type and its
    candidates, narrowest first; `own` the candidates in the original format, if it has several.
    """

    width: int
    height: int
    files: tuple[Variant, ...]
    sources: tuple[tuple[str, tuple[Variant, ...]], ...] = ()
    own: tuple[Variant, ...] = ()


@dataclass(frozen=True)
class Asset:
    """A published file that is not a post or page.

    `path` is the file as problems name it, `name` its path below the content folder, `url` and
    `output` its address and its file in the site, `digest` the SHA-256 of its bytes.
    """

    path: str
    name: str
    url: str
    output: str
    digest: str
    image: ImageSet | None = None


# --- The site


# What an old and a new text have in common (""), and what was removed ("del") and added ("ins")
WordDiff = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Version:
    """The words of a post that readers had, as sentences; `note` is the author's on the change.

    `date` is that of the post, in ISO 8601: of its last change or of its publication.
    """

    date: str
    note: str
    text: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """A change of a post's words: when (None: since the last date), the author's note on it."""

    date: datetime | None
    note: str
    passages: tuple[WordDiff, ...]


@dataclass(frozen=True)
class Tag:
    """A tag with its page."""

    name: str
    slug: str
    url: str
    output: str
    description: str = ""


@dataclass(frozen=True)
class Source:
    """A page of another site that a text links to, and the day on which it was last there."""

    url: str
    label: str
    seen: datetime


@dataclass(frozen=True)
class Content:
    """A document at its place on the site.

    `url` is the address below the site's root, `output` the file ("": it is not published),
    `status` published, draft or hidden (a scheduled post is a draft). Dates are aware. `tags` are
    all of a post's tags, `listed_tags` those that have a page. `html` is the annotated HTML of the
    body with every address resolved, `links` the names of the sources that it links to, `minutes`
    the time that reading takes, `changes` those of its words, newest first, `sources` are shown at
    its end, `digest` is the SHA-256 of everything else.
    """

    document: Document
    slug: str
    url: str
    output: str
    status: str
    lang: str
    author: str
    is_post: bool
    date: datetime | None = None
    modified: datetime | None = None
    tags: tuple[Tag, ...] = ()
    listed_tags: tuple[Tag, ...] = ()
    html: str = ""
    links: frozenset[str] = frozenset()
    changes: tuple[Change, ...] = ()
    minutes: int = 1
    sources: tuple[Source, ...] = ()
    digest: str | None = None


@dataclass(frozen=True)
class Card:
    """The image that social networks show for a page; `url` is absolute."""

    url: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True)
class Metadata:
    """What one page says about itself. `title` and `description` are plain text.

    `kind` is home, list, post, page or profile (the page about the author); `url` is absolute, and
    empty for a page that is shown at any address; `indexed`: search engines may list it;
    `canonical` is the URL of the page that they list instead.
    """

    kind: str
    url: str
    title: str
    description: str
    language: str
    indexed: bool = True
    canonical: str = ""
    card: Card | None = None
    published: datetime | None = None
    modified: datetime | None = None


@dataclass(frozen=True)
class Head:
    """What the template writes into `<head>`.

    `names` and `properties` are those of `<meta>` with their contents; `json_ld` may be empty.
    """

    title: str
    description: str
    canonical: str
    robots: str
    names: tuple[tuple[str, str], ...]
    properties: tuple[tuple[str, str], ...]
    json_ld: str


@dataclass(frozen=True)
class Entry:
    """An entry of a feed. `title` and `summary` are plain text; `html` returns the full text, with
    absolute URLs only. `digest` stands for everything else.

    `id` is a tag URI for life. `published` and `updated` are aware; `updated` is None where the
    author gave none. `lang` is None where it is the feed's.
    """

    id: str
    url: str
    title: str
    summary: str
    html: Callable[[], str]
    author: str
    published: datetime
    updated: datetime | None = None
    tags: tuple[str, ...] = ()
    lang: str | None = None
    digest: str | None = None

    @property
    def date(self) -> datetime:
        """When it was last changed."""
        return self.updated or self.published


# The formats of feeds, in the order in which a reader takes the first that it knows
ATOM, RSS, JSON = "atom", "rss", "json"
FEED_TYPES = {
    ATOM: "application/atom+xml",
    RSS: "application/rss+xml",
    JSON: "application/feed+json",
}
FEED_LABELS = {ATOM: "Atom", RSS: "RSS", JSON: "JSON Feed"}
# The date of a feed without entries
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Feed:
    """A feed in its formats.

    `id` is a tag URI for life, `home` the address of its page and `paths` the file of each format,
    both below the site's root. `entries`: newest first; where
    they are left out, `size` is their number.
    """

    id: str
    title: str
    description: str
    home: str
    paths: tuple[tuple[str, str], ...]
    entries: tuple[Entry, ...] = ()
    size: int = 0

    @property
    def links(self) -> list[tuple[str, str, str]]:
        """Label, media type and path of each format, for templates."""
        return [(FEED_LABELS[form], FEED_TYPES[form], path) for form, path in self.paths]


@dataclass(frozen=True)
class Listing:
    """A page that lists posts, or another page of the theme's own (Pelican's DIRECT_TEMPLATES).

    `template` is its name in the settings, `number` and `pages` those of pagination, `newer_url`
    and `older_url` the neighboring pages.
    """

    template: str
    url: str
    output: str
    posts: tuple[Content, ...] = ()
    number: int = 1
    pages: int = 1
    newer_url: str | None = None
    older_url: str | None = None
    tag: Tag | None = None


@dataclass(frozen=True)
class MenuItem:
    """An entry of the site's menu; `output` is the file that it leads to."""

    label: str
    url: str
    output: str


@dataclass(frozen=True)
class Redirect:
    """An earlier address, from the site's root, and where it leads: an address there, or a URL.

    `path` and `line` are where the author wrote it. `copied`: for hosts without redirects the file
    itself is at the old address, so that no page is needed there.
    """

    source: str
    to: str
    path: str
    line: int
    copied: bool = False


@dataclass(frozen=True)
class Chrome:
    """What all pages show around their content: the template variable `site`.

    `url` is the site's address with a slash at its end; all others are below it. `styles` are the
    theme's stylesheets by name. `feed` has no entries.
    `author_path` is the address of the page about the author, `intro` what the author says of
    themselves in a sentence or two, `email` where readers can reply to (either can be empty).
    `digest` stands for everything else.
    """

    url: str
    name: str
    subtitle: str
    intro: str
    email: str
    language: str
    author: str
    author_path: str
    author_addresses: tuple[str, ...]
    social: tuple[tuple[str, str], ...]
    menu: tuple[MenuItem, ...]
    feed: Feed | None
    opml: str
    webmention: str
    archives_url: str
    tags_url: str
    feeds_url: str
    styles: Mapping[str, str]
    digest: str | None = None


@dataclass(frozen=True)
class ShownQuote:
    """A quote as another page shows it: `html` and `credit` have addresses below the site's root.

    `page` is the address of its own page ("": none), `title` the title of the text that it is in.
    """

    quote: Quote
    url: str
    html: str
    page: str = ""
    title: str = ""
    credit: str = ""


@dataclass(frozen=True)
class PageView:
    """All that one template gets for one file: the template variable `page`.

    `output` is the file, `template` the theme's file, `root` the relative path to the site's root.
    `title` is HTML. Lists have `posts` (with their years in `years`, `number` and `pages` of
    pagination, `newer_url` and `older_url`), posts have `newer` and `older`. `sheets` are the names
    of the page's stylesheets, `note_styles` the texts of the style elements that connect footnotes
    with their references. `opening` is the HTML of a post's beginning and of its chart, `groups`
    are the headings of a list of quotes with their numbers, `downloads` are other forms of what
    the page has, with their paths. Feeds have no entries.
    """

    template: str
    output: str
    url: str
    root: str
    metadata: Metadata
    head: Callable[[], Head]
    content: Content | None = None
    sheets: tuple[str, ...] = ()
    headings: tuple[Heading, ...] = ()
    note_styles: tuple[str, ...] = ()
    newer: Content | None = None
    older: Content | None = None
    backlinks: tuple[Content, ...] = ()
    editions: tuple[Content, ...] = ()
    current: Content | None = None
    posts: tuple[Content, ...] = ()
    years: tuple[tuple[int, tuple[Content, ...]], ...] = ()
    number: int = 1
    pages: int = 1
    newer_url: str | None = None
    older_url: str | None = None
    tag: Tag | None = None
    tags: tuple[tuple[Tag, int], ...] = ()
    feed: Feed | None = None
    feeds: tuple[Feed, ...] = ()
    drafts: tuple[Content, ...] = ()
    quote: ShownQuote | None = None
    opening: tuple[str, str] = ("", "")
    groups: tuple[tuple[Heading, int], ...] = ()
    downloads: tuple[tuple[str, str], ...] = ()
    to: str = ""
    canonical: str = ""


@dataclass(frozen=True)
class Output:
    """A file that the build is going to write: `source` as problems name it ("": the pipeline)."""

    path: str
    source: str = ""


@dataclass(frozen=True)
class Site:
    """Everything that a build knows.

    `contents` are all posts and pages of every status, `posts` the published ones, newest first,
    `pages` the published pages in the order of the menu, `drafts` unpublished posts. `outputs` is
    the table of all files; `views` has the view of each page by its file.
    """

    contents: tuple[Content, ...]
    posts: tuple[Content, ...]
    pages: tuple[Content, ...]
    drafts: tuple[Content, ...]
    assets: tuple[Asset, ...]
    tags: tuple[tuple[Tag, tuple[Content, ...]], ...]
    feeds: tuple[Feed, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    quotes: tuple[ShownQuote, ...] = ()
    outputs: tuple[Output, ...] = ()
    chrome: Chrome | None = None
    views: Mapping[str, PageView] = field(default_factory=dict)


# --- The output


@dataclass(frozen=True)
class Address:
    """An address in a page: the element and attribute that have it, and its place in the source.

    `text` is what a reader sees of it: the words of the link, or the alternative text. `value` is
    the address as written (of a srcset: each). `rel` are the link's relations.
    """

    tag: str
    attribute: str
    value: str
    text: str
    rel: tuple[str, ...]
    path: str
    line: int


@dataclass(frozen=True)
class Passage:
    """A block of words in a file, or an attribute with words; "\ufffc" stands for code and images.

    `path` and `line` are where it is in the source. `kind` is the element or attribute that has it,
    `lang` the language that it is in.
    """

    text: str
    path: str
    line: int
    kind: str = ""
    lang: str = ""


@dataclass(frozen=True)
class Measures:
    """The size of a page, in bytes, elements and requests.

    `compressed` is the size of its HTML in bytes as it is sent, `depth` the deepest nesting of
    elements, `eager` the number of requests for the first screen. `images` are the addresses that
    a sharp wide screen loads.
    """

    compressed: int = 0
    elements: int = 0
    depth: int = 0
    requests: int = 0
    eager: int = 0
    images: tuple[Address, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What the checks of the whole site need of a page, extracted once.

    `metas` are the contents of `<meta>` by name or property, `styles` the style elements,
    `style_attributes` the style attributes. `place` is the page's source and line for problems of
    the page as a whole, `head` the place of what it says about itself. `code` is the text that
    passages leave out: code, scripts, formulas. `problems` are what the page checks find.
    """

    title: str
    base: str
    refresh: bool
    metas: Mapping[str, str]
    addresses: tuple[Address, ...]
    ids: tuple[str, ...]
    passages: tuple[Passage, ...]
    styles: tuple[Passage, ...]
    text: str
    place: tuple[str, int]
    head: tuple[str, int] = ("", 0)
    style_attributes: tuple[Passage, ...] = ()
    code: tuple[Passage, ...] = ()
    measures: Measures = Measures()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Artifact:
    """One written file: its path below the site's root, SHA-256, size, and who wrote it.

    `source` is the file that it was made from, as problems name it ("": the pipeline). `html`
    returns the annotated HTML of a page.
    """

    path: str
    digest: str
    size: int
    source: str = ""
    html: Callable[[], str] | None = None
