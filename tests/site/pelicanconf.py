"""The settings of the test site: its own from the first line to the last.

Nothing here comes from the author's settings, so that what he changes in his makes no test of the
engine red. The test site uses every element that a source can have; docs/writing.md has them all.
"""

from pathlib import Path

from jinja2 import StrictUndefined

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]

# Who and where
AUTHOR = "Ada Example"
SITENAME = "Example Blog"
SITESUBTITLE = (
    "Ada Example keeps a garden, a rain gauge and an oven, and writes down what they say."
)
SITEURL = "https://blog.example"
# Not UTC, and with a summer time: an hour that is wrong shows.
TIMEZONE = "Europe/Berlin"
DEFAULT_LANG = "en"
LOCALE = ["C.UTF-8", "C"]
SOCIAL = (
    ("Fediverse", "https://social.example/@ada"),
    ("X", "https://x.com/ada_example"),
)
AUTHOR_PAGE = "about/"

# Sources
PATH = str(HERE / "content")
OUTPUT_PATH = str(HERE / "output")
OUTPUT_RETENTION = [".git", "CNAME"]
CACHE_PATH = str(HERE / ".cache")
ARTICLE_PATHS = ["posts"]
PAGE_PATHS = ["pages"]
STATIC_PATHS = ["posts", "pages", "extra"]
IGNORE_FILES = [
    *(".[!wn]*", ".w[!e]*", ".we[!l]*", ".n[!o]*", ".no[!j]*"),
    *("*~", "~$*", "#*#", "*.bak", "*.orig", "*.rej", "*.swp", "*.tmp"),
    *("__pycache__", "Thumbs.db", "desktop.ini"),
]
FILENAME_METADATA = ""
PATH_METADATA = r"(?:posts|pages)/(?P<slug>.+?)(?:/index)?\.md$|extra/(?P<path>.+)$"
FORMATTED_FIELDS: list[str] = []
WITH_FUTURE_DATES = False
USE_FOLDER_AS_CATEGORY = False
STRICT_CONTENT = True
REQUIRED_METADATA = ["summary"]

# Addresses
RELATIVE_URLS = True
ARTICLE_URL = DRAFT_URL = "posts/{slug}/"
ARTICLE_SAVE_AS = DRAFT_SAVE_AS = "posts/{slug}/index.html"
ARTICLE_LANG_URL = DRAFT_LANG_URL = ARTICLE_URL
ARTICLE_LANG_SAVE_AS = DRAFT_LANG_SAVE_AS = ARTICLE_SAVE_AS
PAGE_URL = DRAFT_PAGE_URL = "{slug}/"
PAGE_SAVE_AS = DRAFT_PAGE_SAVE_AS = "{slug}/index.html"
PAGE_LANG_URL = DRAFT_PAGE_LANG_URL = PAGE_URL
PAGE_LANG_SAVE_AS = DRAFT_PAGE_LANG_SAVE_AS = PAGE_SAVE_AS
TAG_URL = "tags/{slug}/"
TAG_SAVE_AS = "tags/{slug}/index.html"
STATIC_URL = STATIC_SAVE_AS = "{path}"
PAGE_ORDER_BY = "slug"
ARTICLE_TRANSLATION_ID = PAGE_TRANSLATION_ID = None

DIRECT_TEMPLATES = ["index", "archives", "tags", "feeds"]
INDEX_URL = ""
INDEX_SAVE_AS = "index.html"
ARCHIVES_URL = "posts/"
ARCHIVES_SAVE_AS = "posts/index.html"
TAGS_URL = "tags/"
TAGS_SAVE_AS = "tags/index.html"
FEEDS_URL = "feeds/"
FEEDS_SAVE_AS = "feeds/index.html"
# Small, so that lists have pages and feeds have archives.
DEFAULT_PAGINATION = 3
LISTING_PAGES = {
    "index": ("Posts", SITESUBTITLE),
    "archives": ("Posts", f"Every post of {SITENAME} under its year, the newest first"),
    "tags": ("Tags", f"The subjects of {SITENAME}, with a sentence on each"),
    "tag": ("Posts on {tag}", "{description}"),
    "feeds": ("Feeds", f"What a feed is, how to subscribe to one, and every feed of {SITENAME}"),
}
PAGINATED_TEMPLATES = {"index": None, "tag": None}
PAGINATION_PATTERNS = [
    (1, "{url}", "{save_as}"),
    (2, "{base_name}/page/{number}/", "{base_name}/page/{number}/index.html"),
]
SITEMAP_SAVE_AS = "sitemap.xml"
SOCIAL_CARD = "social-card.png"
SECURITY_HEADERS = True
PAGE_VIEWS = True

# Not published
AUTHOR_URL = AUTHOR_SAVE_AS = AUTHORS_SAVE_AS = ""
CATEGORY_URL = CATEGORY_SAVE_AS = CATEGORIES_SAVE_AS = ""
YEAR_ARCHIVE_SAVE_AS = MONTH_ARCHIVE_SAVE_AS = DAY_ARCHIVE_SAVE_AS = ""
OUTPUT_SOURCES = False

# Feeds
FEED_ID = "tag:blog.example,2024:feeds"
FEED_MAX_ITEMS = 5
RSS_FEED_SUMMARY_ONLY = False
FEED_ALL_ATOM = "feeds/all.atom.xml"
FEED_ALL_RSS = "feeds/all.rss.xml"
FEED_ALL_JSON = "feeds/all.json"
TAG_FEED_ATOM = "feeds/tags/{slug}.atom.xml"
TAG_FEED_RSS = "feeds/tags/{slug}.rss.xml"
TAG_FEED_JSON = "feeds/tags/{slug}.json"
QUOTES_FEED_ATOM = "feeds/quotes.atom.xml"
QUOTES_FEED_RSS = "feeds/quotes.rss.xml"
QUOTES_FEED_JSON = "feeds/quotes.json"
QUOTES_JSON = "quotes.json"
FEED_OPML = "feeds/feeds.opml"
FEED_STYLESHEET = "feeds/feed.css"
FEED_ICON = "favicon.svg"
FEED_LOGO = "feed.png"
FEED_ALIASES = {
    "atom.xml": FEED_ALL_ATOM,
    "blog/index.xml": FEED_ALL_RSS,
    "feed.json": FEED_ALL_JSON,
    "feed/": FEED_ALL_ATOM,
}
FEED_DRAFTS = False
WEBSUB_HUBS: tuple[str, ...] = ()
WEBMENTION_ENDPOINT = ""
FEED_MAX_RESENT = 3
FEED_ATOM = FEED_RSS = None
AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
CATEGORY_FEED_ATOM = CATEGORY_FEED_RSS = None
TRANSLATION_FEED_ATOM = TRANSLATION_FEED_RSS = None

# Markdown
MARKDOWN = {
    "extensions": [
        "markdown.extensions.extra",
        "markdown.extensions.sane_lists",
        "markdown.extensions.toc",
        "markdown.extensions.codehilite",
    ],
    "extension_configs": {
        "markdown.extensions.codehilite": {"css_class": "highlight", "guess_lang": False},
        "markdown.extensions.extra": {"footnotes": {"BACKLINK_TITLE": "Back to the text, note {}"}},
    },
    "output_format": "html",
}
TYPOGRIFY = False

# Theme
THEME = str(PROJECT / "theme")
THEME_STATIC_PATHS: list[str] = []
JINJA_ENVIRONMENT = {
    "trim_blocks": True,
    "lstrip_blocks": True,
    "autoescape": True,
    "undefined": StrictUndefined,
}

PLUGIN_PATHS = [str(PROJECT)]
PLUGINS = ["pipeline"]
