"""Every setting that the pipeline uses: its default, type and meaning, validated once.

`Settings` has an attribute for each, named like the setting in lower case. A feature whose setting
is unset is off, so that the plugin runs on a site with Pelican's own settings alone.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from fnmatch import translate
from functools import cached_property
from pathlib import Path
from string import Formatter
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pipeline.problems import Problem, did_you_mean, raise_if_any

CODE = "settings"
# How large a page may be; kilobytes are 1000 bytes (checked in check/markup.py).
BUDGETS = {
    "page-kilobytes": 60,  # the HTML with its styles, compressed
    "requests-at-once": 3,  # the page and what it needs on the first screen
    "requests": 40,  # the page with all of its images
    "image-kilobytes": 500,  # one image on a sharp wide screen
    "images-kilobytes": 3000,  # all images of a page
    "elements": 5000,
    "depth": 24,
    "feed-kilobytes": 500,  # a feed, compressed
}
URL = r"https?://[^/\s]+\S*"
# What values must look like: the pattern, what another value is not, a hint
FORMS = {
    "SITEURL": (URL, "a URL", "https://…"),
    "WEBSUB_HUBS": (URL, "a URL", '("https://hub.example/",)'),
    # Pelican's quickstart writes "#".
    "SOCIAL": (rf"{URL}|mailto:\S+|[/#]\S*", "a URL", '(("GitHub", "https://github.com/…"),)'),
    "DEFAULT_LANG": (r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", "a language tag", "such as en or pt-BR"),
    "AUTHOR_EMAIL": (r"[^\s@]+@[^\s@]+", "an e-mail address", "you@example.org"),
    "SOCIAL_CARD": (r"[^/\s]+\.png", "the name of a PNG", "social-card.png"),
}

# Pelican's settings without a default, from https://docs.getpelican.com/en/stable/settings.html
OTHER_NAMES = frozenset(
    "ANALYTICS AUTHORS_SAVE_AS AUTHORS_URL AUTHOR_REGEX_SUBSTITUTIONS CATEGORIES_SAVE_AS "
    "CATEGORIES_URL CATEGORY_FEED_ATOM_URL CATEGORY_FEED_RSS CATEGORY_REGEX_SUBSTITUTIONS "
    "DEFAULT_DATE DISQUS_SITENAME FEED_ALL_ATOM_URL FEED_ATOM FEED_ATOM_URL FEED_DOMAIN FEED_RSS "
    "FEED_RSS_URL GITHUB_URL LINKS MENUITEMS STYLESHEET_URL TAGS_SAVE_AS TAGS_URL "
    "TRANSLATION_FEED_RSS TWITTER_USERNAME".split()
)
# What Pelican puts into addresses
PLACEHOLDERS = (
    "slug", "date", "lang", "category", "author", "title", "name", "number", "path", "url",
    "save_as", "base_name", "extension", "id", "tags",
)  # fmt: skip
MIXED_TYPES = ("DEFAULT_PAGINATION", "LOCALE", "PLUGINS", "READERS", "THEME", "PELICAN_CLASS")


@dataclass(frozen=True)
class Settings:
    """The settings of one run. `file` is the settings file, as problems name it."""

    file: str

    # Pelican's own, see https://docs.getpelican.com/en/stable/settings.html
    siteurl: str = ""
    sitename: str = ""
    sitesubtitle: str = ""
    author: str = ""
    default_lang: str = "en"
    timezone: str = "UTC"
    path: str = "content"
    output_path: str = "output"
    cache_path: str = ".cache"
    theme: str = ""
    article_paths: tuple[str, ...] = ()
    page_paths: tuple[str, ...] = ()
    ignore_files: tuple[str, ...] = ()
    output_retention: tuple[str, ...] = ()
    relative_urls: bool = False
    article_url: str = ""
    page_url: str = ""
    archives_url: str = ""
    archives_save_as: str = ""
    tags_url: str = ""
    feeds_url: str = ""
    direct_templates: tuple[str, ...] = ()
    paginated_templates: Mapping[str, Any] = field(default_factory=dict)
    default_pagination: int | bool = False
    path_metadata: str = ""
    tag_regex_substitutions: tuple[tuple[str, str], ...] = ()
    markdown: Mapping[str, Any] = field(default_factory=dict)
    social: tuple[tuple[str, str], ...] = ()
    feed_max_items: int | None = None
    feed_all_atom: str | None = None
    feed_all_rss: str | None = None
    tag_feed_atom: str | None = None
    tag_feed_rss: str | None = None

    # Content
    # Refuse what Pelican would pass over: unknown keys and files, other formats, any warning
    strict_content: bool = False
    # Keys of front matter that other plugins read, for strict content
    extra_keys: tuple[str, ...] = ()
    # Keys that every post and page must have
    required_metadata: tuple[str, ...] = ()
    # The file below PATH that lists the tags and describes them; without it any tag is allowed
    tags_file: str = "tags.toml"
    # Correct spellings of names, each with wrong ones, below PATH
    names_file: str = "names.toml"
    # Words that no dictionary has and that are right, below PATH
    words_file: str = "words.txt"
    # Earlier addresses and where they lead, below PATH
    redirects_file: str = "redirects.toml"
    # Earlier versions of posts, for the pages of their changes, below PATH; "": there are none
    changes_file: str = "changes.json"
    # What is known of external links, below PATH; dead ones lead to their archived copies
    links_file: str = "links.json"
    # List the pages of other sites that a post links to below it, with the day they last worked
    list_sources: bool = False
    # Folders below PATH whose files are copied to the root of the site
    extra_paths: tuple[str, ...] = ("extra",)

    # Pages
    # The theme's templates get `page` and `site` (docs/theme.md); else Pelican renders as always
    page_views: bool = False
    # Title and description of each of DIRECT_TEMPLATES and of "tag"
    listing_pages: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    # Address of the page about the author, below the site's root
    author_page: str = ""
    # What the author says of themselves on the home page
    author_intro: str = ""
    # Where readers can reply to a post
    author_email: str = ""
    sitemap_save_as: str = ""
    quotes_json: str = ""
    # Give each quote a page of its own, below that of its text
    quote_pages: bool = False
    # The file name of social cards, beside their pages
    social_card: str = ""
    # Write `_headers` with a Content-Security-Policy
    security_headers: bool = False
    # The file names of a post's source and EPUB, beside its page, and of the whole site's EPUB
    post_source: str = ""
    epub: str = ""
    # Write `.br` and `.gz` beside each text file, for servers that send those
    precompress: bool = False
    # The endpoint that receives webmentions, for `<link rel="webmention">`
    webmention_endpoint: str = ""
    budgets: Mapping[str, int] = field(default_factory=lambda: BUDGETS)

    # The preview: what opens a line of a file in the editor, "" for no links
    editor_url: str = "vscode://file/{path}:{line}"

    # Feeds
    # A tag URI (RFC 4151): the ids of feeds begin with it, new posts' ids have its authority
    feed_id: str = ""
    feed_all_json: str | None = None
    tag_feed_json: str | None = None
    quotes_feed_atom: str | None = None
    quotes_feed_rss: str | None = None
    quotes_feed_json: str | None = None
    feed_opml: str = ""
    feed_stylesheet: str = ""
    feed_icon: str = ""
    feed_logo: str = ""
    # Earlier addresses of feeds and the feeds that are there now
    feed_aliases: Mapping[str, str] = field(default_factory=dict)
    feed_drafts: bool = False
    # More entries than these that readers would show again stop a release
    feed_max_resent: int = 3
    # WebSub hubs that are notified of each release
    websub_hubs: tuple[str, ...] = ()

    # Publishing
    publish_targets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    publish_target: str = ""

    @property
    def site(self) -> str:
        """The site's address with a slash at its end."""
        return f"{self.siteurl.rstrip('/')}/"

    @cached_property
    def ignored(self) -> re.Pattern[str]:
        """What matches the names of files and folders that IGNORE_FILES names."""
        return re.compile("|".join(map(translate, self.ignore_files)) or "(?!)")

    @cached_property
    def _places(self) -> Mapping[str, tuple[str, int]]:
        return assignments(Path(self.file))

    def place(self, name: str) -> tuple[str, int]:
        """Return the file and the line where a setting is assigned (0: nowhere)."""
        return self._places.get(name.upper(), (self.file, 0))

    def problem(self, name: str, message: str, hint: str = "", code: str = CODE) -> Problem:
        """Return a problem at the place of a setting."""
        return Problem(code, *self.place(name), f"{name.upper()}: {message}", hint)


def read_settings(
    values: Mapping[str, Any], file: str, defaults_of_pelican: Mapping[str, Any] | None = None
) -> Settings:
    """Return the settings from Pelican's, which were read from `file`. Raises ProblemsFound.

    With Pelican's defaults its own settings are validated as well.
    """
    given: dict[str, Any] = {"file": file}
    hints = get_type_hints(Settings)
    defaults = Settings(file)
    problems = []
    for item in fields(Settings):
        name = item.name.upper()
        if item.name == "file" or name not in values:
            continue
        value = normalize(values[name], hints[item.name])
        if matches(value, hints[item.name]):
            given[item.name] = value
        elif value is None and not getattr(defaults, item.name):
            continue  # Pelican's way to switch something off
        else:
            wanted = described(hints[item.name])
            problems.append(defaults.problem(name, f"expected {wanted}, found {values[name]!r}"))
    if defaults_of_pelican:
        problems += pelican_problems(values, defaults, defaults_of_pelican)
    raise_if_any(problems)
    settings = Settings(**given)
    paths = path_problems(settings) if defaults_of_pelican else ()
    raise_if_any((*value_problems(settings), *paths))
    return settings


def pelican_problems(
    values: Mapping[str, Any], own: Settings, defaults: Mapping[str, Any]
) -> Iterator[Problem]:
    """Yield what is wrong with the names in the settings file, and with values of Pelican's.

    An unknown name is one only where content is strict: themes and plugins have their own.
    """
    ours = [item.name.upper() for item in fields(Settings)]
    known = {*defaults, *ours, *OTHER_NAMES}
    templates = {str(name).upper() for name in values.get("DIRECT_TEMPLATES") or ()}
    known |= {f"{name}_{kind}" for name in templates for kind in ("URL", "SAVE_AS")}
    plugins = values.get("PLUGINS") or ()
    for name in own._places if values.get("STRICT_CONTENT") is True and len(plugins) < 2 else ():
        if name.isupper() and name[0] != "_" and name not in {*known, *used_names(own.file)}:
            hint = did_you_mean(name, sorted(known)) or "remove it, or begin its name with _"
            yield own.problem(name, "unknown setting", hint)
    try:
        ZoneInfo(str(values.get("TIMEZONE", "UTC")))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"unknown time zone: {values['TIMEZONE']!r}"
        hint = did_you_mean(str(values["TIMEZONE"]), sorted(available_timezones()))
        yield own.problem("TIMEZONE", message, hint or "such as Europe/Berlin")
    addresses = [name for name in own._places if name.endswith(("_URL", "_SAVE_AS"))]
    for name in {own.place(name): name for name in reversed(addresses)}.values():  # once a line
        value = values.get(name)
        for message, hint in placeholder_problems(name, value) if isinstance(value, str) else ():
            yield own.problem(name, message, hint)
    for name in sorted((defaults.keys() & own._places.keys()) - {*ours, *MIXED_TYPES}):
        value, kind = values.get(name), type(defaults[name])
        kinds = (list, tuple) if kind is list else (str, Path) if kind is str else (kind,)
        if defaults[name] is not None and value and not isinstance(value, kinds):
            wanted = {"dict": "a dictionary", "list": "a list"}.get(kind.__name__, described(kind))
            yield own.problem(name, f"expected {wanted}, found {value!r}")


def placeholder_problems(name: str, value: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the placeholders of an address: message and hint."""
    try:
        given = [field.partition(":")[0] for _, field, *_ in Formatter().parse(value) if field]
    except ValueError as error:
        yield f"{error}: {value!r}", ""
        return
    for placeholder in given:
        hint = did_you_mean(placeholder, PLACEHOLDERS)
        if placeholder not in PLACEHOLDERS and hint:
            yield f"unknown placeholder {{{placeholder}}}", hint
    if value and not given and re.fullmatch("(?:DRAFT_)?(?:ARTICLE|PAGE|TAG)_SAVE_AS", name):
        yield f"one file for all: {value}", "write {slug} into it"


def path_problems(settings: Settings) -> Iterator[Problem]:
    """Yield a problem for each file, folder and target that the settings name and that is missing.

    What is not assigned in the settings file may be missing.
    """
    root = Path(settings.path)
    if not root.is_dir():
        yield settings.problem("PATH", f"no such folder: {settings.path}")
        return
    for name in (
        "tags_file",
        "names_file",
        "words_file",
        "article_paths",
        "page_paths",
        "extra_paths",
    ):
        value = getattr(settings, name)
        for path in filter(None, [value] if isinstance(value, str) else value):
            if settings.place(name)[1] and not (root / path).exists():
                siblings = [each.name for each in root.iterdir()]
                yield settings.problem(
                    name, f"not in {settings.path}: {path}", did_you_mean(path, siblings)
                )
    if settings.publish_target and settings.publish_target not in settings.publish_targets:
        hint = did_you_mean(settings.publish_target, settings.publish_targets)
        yield settings.problem(
            "PUBLISH_TARGET", f"not in PUBLISH_TARGETS: {settings.publish_target!r}", hint
        )


def used_names(file: str) -> set[str]:
    """Return the names that a settings file and those that it imports read."""
    found: set[str] = set()
    for path in {file, *(path for path, _ in assignments(Path(file)).values())}:
        nodes = ast.walk(ast.parse(Path(path).read_text("utf-8")))
        found |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return found


def value_problems(settings: Settings) -> Iterator[Problem]:
    """Yield a problem for each value that has the right type and cannot work."""
    for name, (pattern, kind, hint) in FORMS.items():
        value = getattr(settings, name.lower())
        for part in [value] if isinstance(value, str) else value:
            text = part if isinstance(part, str) else part[-1]  # of a name and a URL
            if text and not re.fullmatch(pattern, text):
                yield settings.problem(name, f"not {kind}: {text!r}", hint)
    if settings.place("SITENAME")[1] and not settings.sitename.strip():
        yield settings.problem("SITENAME", "empty", "what readers know the site by")
    for name in settings.budgets:
        if name not in BUDGETS:
            yield settings.problem(
                "BUDGETS", f"unknown budget {name!r}", did_you_mean(name, BUDGETS)
            )


def normalize(value: Any, wanted: Any) -> Any:
    """Return the value with lists as tuples, at any depth that the type has."""
    origin, inner = get_origin(wanted), get_args(wanted)
    if isinstance(wanted, UnionType):
        return next((v for v in (normalize(value, t) for t in inner) if matches(v, wanted)), value)
    if origin is tuple and isinstance(value, list | tuple):
        kinds = inner[:1] * len(value) if inner[-1] is Ellipsis else inner
        if len(kinds) == len(value):
            return tuple(map(normalize, value, kinds))
    if isinstance(wanted, type) and wanted is str and isinstance(value, Path):
        return str(value)
    if inner and origin not in (tuple, None) and isinstance(value, Mapping):
        return {key: normalize(item, inner[1]) for key, item in value.items()}
    return value


def matches(value: Any, wanted: Any) -> bool:
    """Return whether a value has a type, as far as the annotations of `Settings` go."""
    origin, inner = get_origin(wanted), get_args(wanted)
    if wanted is Any:
        return True
    if isinstance(wanted, UnionType):
        return any(matches(value, kind) for kind in inner)
    if origin is tuple:
        kinds = (
            inner[:1] * len(value) if inner[-1] is Ellipsis and isinstance(value, tuple) else inner
        )
        return (
            isinstance(value, tuple)
            and len(kinds) == len(value)
            and all(map(matches, value, kinds))
        )
    if inner and isinstance(value, Mapping):
        return all(matches(k, inner[0]) and matches(v, inner[1]) for k, v in value.items())
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, wanted) if isinstance(wanted, type) else False


def described(wanted: Any) -> str:
    """Return a type in words for a message."""
    name = getattr(wanted, "__name__", str(wanted)) if isinstance(wanted, type) else str(wanted)
    words = {"str": "a string", "int": "a whole number", "bool": "True or False"}
    return words.get(name, re.sub(r"[\w.]+\.(?=\w)", "", name))


def assignments(file: Path) -> dict[str, tuple[str, int]]:
    """Return where a settings file assigns each name: the file, and the line of the assignment.

    Follows `from name import *` to files in the same folder. A file that is no Python has none.
    """
    try:
        tree = ast.parse(file.read_text("utf-8"))
    except (OSError, SyntaxError, ValueError):
        return {}
    found: dict[str, tuple[str, int]] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and node.names[0].name == "*":
            found |= assignments(file.with_name(f"{node.module}.py"))
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            for name in ast.walk(target) if target else ():
                if isinstance(name, ast.Name):
                    found[name.id] = (str(file), node.lineno)
    return found
