"""The site's settings for writing and previewing: constants only.

publishconf.py overrides the few that differ in production. Every address and every feed is named
here on purpose, because Pelican turns several on by itself when they are left out.
"""

from jinja2 import StrictUndefined

# Who and where
AUTHOR = "Ben Bolte"
SITENAME = "Ben’s Blog"
SITESUBTITLE = (
    "Ben Bolte is an AI and robotics engineer. He founded K-Scale Labs, and before that worked "
    "at Tesla, Meta, Google and Amazon."
)
SITEURL = "http://127.0.0.1:8000"
TIMEZONE = "UTC"
DEFAULT_LANG = "en"
LOCALE = ["C.UTF-8", "C"]
SOCIAL = (
    ("GitHub", "https://github.com/codekansas"),
    ("X", "https://x.com/benjamin_bolte"),
    ("LinkedIn", "https://www.linkedin.com/in/benjaminbolte"),
    ("Scholar", "https://scholar.google.com/citations?user=JEXV__kAAAAJ"),
)

# Where the page about the author is
AUTHOR_PAGE = "about/"

# Sources
PATH = "content"
OUTPUT_PATH = "output"
# What an author keeps in the output, for hosts that take it from there
OUTPUT_RETENTION = [".git", "CNAME"]
# What is made once: pictures and figures by their content. Pelican's own cache stays off.
CACHE_PATH = ".cache"
ARTICLE_PATHS = ["posts"]
PAGE_PATHS = ["pages"]
STATIC_PATHS = ["posts", "pages", "extra"]
# What editors, git and systems leave: older versions of a text, half of them drafts. Of what begins
# with a point only what hosts ask for is published: .well-known, .nojekyll.
IGNORE_FILES = [
    *(".[!wn]*", ".w[!e]*", ".we[!l]*", ".n[!o]*", ".no[!j]*"),
    *("*~", "~$*", "#*#", "*.bak", "*.orig", "*.rej", "*.swp", "*.tmp"),
    *("__pycache__", "Thumbs.db", "desktop.ini"),
]
# A post or page is named by its folder or file; what lies in extra/ goes to the root.
FILENAME_METADATA = ""
PATH_METADATA = r"(?:posts|pages)/(?P<slug>.+?)(?:/index)?\.md$|extra/(?P<path>.+)$"
FORMATTED_FIELDS: list[str] = []
# A post whose date has not come is a draft until then.
WITH_FUTURE_DATES = False
USE_FOLDER_AS_CATEGORY = False

# Addresses: all end in "/", the only form that every static host serves without a redirect
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
# A language needs no address of its own, and one slug is one post.
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
DEFAULT_PAGINATION = 10
# What each list is called, and what search engines say of it; the home page bears the site's name.
LISTS = {
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
SITEMAP = "sitemap.xml"

# Not published
AUTHOR_URL = AUTHOR_SAVE_AS = AUTHORS_SAVE_AS = ""
CATEGORY_URL = CATEGORY_SAVE_AS = CATEGORIES_SAVE_AS = ""
YEAR_ARCHIVE_SAVE_AS = MONTH_ARCHIVE_SAVE_AS = DAY_ARCHIVE_SAVE_AS = ""
OUTPUT_SOURCES = False

# Feeds: the same in the preview as live, so that their faults show in the preview
# The feeds' own ids begin with it, and new posts' ids have its authority (RFC 4151). Subscribers
# know the site by it: it never changes, whatever host the site moves to.
FEED_ID = "tag:ben.bolte.cc,2026:feeds"
# Entries of a feed, and of each of its archives
FEED_MAX_ITEMS = 30
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
# In content/extra/; FEED_LOGO is a PNG.
FEED_ICON = "favicon.svg"
FEED_LOGO = "feed.png"
# Addresses that feeds had on older sites, and what is there now: a copy of the feed, or, where the
# name ends in "/", a page that leads to it
FEED_ALIASES = {
    "atom.xml": FEED_ALL_ATOM,
    "feed.xml": FEED_ALL_ATOM,
    "blog/atom.xml": FEED_ALL_ATOM,
    "blog/feed.xml": FEED_ALL_ATOM,
    "index.xml": FEED_ALL_RSS,
    "rss.xml": FEED_ALL_RSS,
    "blog/index.xml": FEED_ALL_RSS,
    "blog/rss.xml": FEED_ALL_RSS,
    "posts/index.xml": FEED_ALL_RSS,
    "feed.json": FEED_ALL_JSON,
    "blog/feed.json": FEED_ALL_JSON,
    "atom/": FEED_ALL_ATOM,
    "feed/": FEED_ALL_ATOM,
    "rss/": FEED_ALL_RSS,
}
# Drafts in feeds: `invoke feed` alone shows them.
FEED_DRAFTS = False
# Hubs (WebSub) that are told of each release, and where other sites tell that they link here
# (Webmention); both are addresses.
WEBSUB_HUBS: tuple[str, ...] = ()
WEBMENTION_ENDPOINT = ""
# More entries than these that readers would show again are no release but an accident.
FEED_MOST_AGAIN = 3
FEED_ATOM = FEED_RSS = None
AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
CATEGORY_FEED_ATOM = CATEGORY_FEED_RSS = None
TRANSLATION_FEED_ATOM = TRANSLATION_FEED_RSS = None

# Markdown: Pelican replaces its defaults by this, so every extension in use stands here.
# The reader adds the dialect of its own (pipeline/read/dialect/).
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
# The reader applies typogrify itself, once, with the filters that do no harm
# (pipeline/read/typography.py).
TYPOGRIFY = False

# Theme
THEME = "theme"
# The pipeline puts the stylesheets into each page; nothing of the theme is copied.
THEME_STATIC_PATHS: list[str] = []
JINJA_ENVIRONMENT = {
    "trim_blocks": True,
    "lstrip_blocks": True,
    "autoescape": True,
    "undefined": StrictUndefined,
}

PLUGIN_PATHS = ["."]
PLUGINS = ["pipeline"]
