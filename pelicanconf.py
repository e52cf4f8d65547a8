"""The site's settings: constants only, first who and where, then how.

publishconf.py overrides those that differ in production. Every address and every feed is named here
on purpose, because Pelican turns several on by default.
"""

from jinja2 import StrictUndefined

# --- Who and where: `invoke adopt` writes these. content/extra/robots.txt has the address too.

AUTHOR = "Ben Bolte"
SITENAME = "Ben’s Blog"
SITESUBTITLE = (
    "Ben Bolte is an AI and robotics engineer. He founded K-Scale Labs, and before that worked "
    "at Tesla, Meta, Google and Amazon."
)
# Where visitors find it, without a slash at the end; the preview replaces it by its own address.
SITEURL = "https://ben.bolte.cc"
# The ids of feeds begin with it, and new posts' ids have its authority (RFC 4151). Subscribers know
# the site by it: it never changes, whatever host the site moves to.
FEED_ID = "tag:ben.bolte.cc,2026:feeds"
TIMEZONE = "UTC"
DEFAULT_LANG = "en"
SOCIAL = (
    ("GitHub", "https://github.com/codekansas"),
    ("X", "https://x.com/benjamin_bolte"),
    ("LinkedIn", "https://www.linkedin.com/in/benjaminbolte"),
    ("Scholar", "https://scholar.google.com/citations?user=JEXV__kAAAAJ"),
)
# The home page begins with it.
AUTHOR_INTRO = (
    "I’m Ben, an AI and robotics engineer. I founded K-Scale Labs, and before that worked at "
    "Tesla, Meta, Google and Amazon."
)
# Each post ends with a link to it, if there is one.
AUTHOR_EMAIL = ""
# Where the page about the author is
AUTHOR_PAGE = "about/"
# All posts and pages in one file, at the site's root; each post has one of the same name
EPUB = "bens-blog.epub"

# --- How
LOCALE = ["C.UTF-8", "C"]

# Sources
PATH = "content"
OUTPUT_PATH = "output"
# Kept in the output folder by a build, for hosts that take the site from there
OUTPUT_RETENTION = [".git", "CNAME"]
# The memo (pipeline/memo.py). Pelican's own cache stays off.
CACHE_PATH = ".cache"
ARTICLE_PATHS = ["posts"]
PAGE_PATHS = ["pages"]
STATIC_PATHS = ["posts", "pages", "extra"]
# What editors, git and systems leave: older versions of a text, half of them drafts. Of names that
# begin with a dot only those that hosts need are published: .well-known, .nojekyll.
IGNORE_FILES = [
    *(".[!wn]*", ".w[!e]*", ".we[!l]*", ".n[!o]*", ".no[!j]*"),
    *("*~", "~$*", "#*#", "*.bak", "*.orig", "*.rej", "*.swp", "*.tmp"),
    *("__pycache__", "Thumbs.db", "desktop.ini"),
]
# A post or page is named by its folder or file; files in extra/ go to the root.
FILENAME_METADATA = ""
PATH_METADATA = r"(?:posts|pages)/(?P<slug>.+?)(?:/index)?\.md$|extra/(?P<path>.+)$"
FORMATTED_FIELDS: list[str] = []
# A post with a later date is a draft until then.
WITH_FUTURE_DATES = False
USE_FOLDER_AS_CATEGORY = False
# Refuse unknown keys and files, other formats than Markdown, and every warning of Pelican.
STRICT_CONTENT = True
REQUIRED_METADATA = ["summary"]

# All addresses end in "/", the only form that every static host serves without a redirect.
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
# What becomes of a tag's name in its address: C, C++ and C# have different ones
TAG_REGEX_SUBSTITUTIONS = [
    (r"\+\+$", "pp"),
    (r"#$", "-sharp"),
    (r"[^\w\s-]", ""),
    (r"[-\s]+", "-"),
]
STATIC_URL = STATIC_SAVE_AS = "{path}"
PAGE_ORDER_BY = "slug"
# A translation has no address of its own: one slug is one post.
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
# Title and description of each list; the home page has the site's name.
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
# Each quote has a page below that of its text, so that one can be shared.
QUOTE_PAGES = True
# `_headers`, which some hosts read: a Content-Security-Policy and the like
SECURITY_HEADERS = True
# Beside each post: its source (and an EPUB)
POST_SOURCE = "index.md"
# `.br` and `.gz` beside each text file, for a web server of your own (docs/publishing.md)
PRECOMPRESS = False
# The theme's templates get `page` and `site` (docs/theme.md).
PAGE_VIEWS = True

# Not published
AUTHOR_URL = AUTHOR_SAVE_AS = AUTHORS_SAVE_AS = ""
CATEGORY_URL = CATEGORY_SAVE_AS = CATEGORIES_SAVE_AS = ""
YEAR_ARCHIVE_SAVE_AS = MONTH_ARCHIVE_SAVE_AS = DAY_ARCHIVE_SAVE_AS = ""
OUTPUT_SOURCES = False

# Feeds: the same in the preview, so that their problems show there
# Entries in a feed, and in each of its archives
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
# Addresses of feeds on earlier sites, and the feeds that are there now: as a copy, or, if the name
# ends in "/", as a page that redirects
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
# Drafts in feeds: only `invoke feed` shows them.
FEED_DRAFTS = False
# URLs of hubs (WebSub) that are notified of each release, and of the endpoint that receives
# webmentions
WEBSUB_HUBS: tuple[str, ...] = ()
WEBMENTION_ENDPOINT = ""
# More entries than these that readers would show again stop a release.
FEED_MAX_RESENT = 3
FEED_ATOM = FEED_RSS = None
AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
CATEGORY_FEED_ATOM = CATEGORY_FEED_RSS = None
TRANSLATION_FEED_ATOM = TRANSLATION_FEED_RSS = None

# Pelican replaces its defaults with this, so every extension in use is here. The reader adds the
# dialect (pipeline/content/markdown.py).
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
# The reader applies typogrify itself, without the filters that do harm
# (pipeline/content/typography.py).
TYPOGRIFY = False

# Theme
THEME = "theme"
# The stylesheets are part of each page; nothing of the theme is copied.
THEME_STATIC_PATHS: list[str] = []
JINJA_ENVIRONMENT = {
    "trim_blocks": True,
    "lstrip_blocks": True,
    "autoescape": True,
    "undefined": StrictUndefined,
}

PLUGIN_PATHS = ["."]
PLUGINS = ["pipeline"]
