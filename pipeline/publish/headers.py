"""What a host says with each file: its type, and how long a reader may keep it."""

import re
from mimetypes import MimeTypes
from pathlib import PurePosixPath

FEEDS = {".atom.xml": "application/atom+xml", ".rss.xml": "application/rss+xml"}
# What Python's own table lacks before 3.14, and texts, which are all UTF-8.
TYPES = {
    ".avif": "image/avif",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}
UNKNOWN = "application/octet-stream"
# A name with a part of its content's hash never stands for other bytes: style.0123abcd.css.
FINGERPRINTED = re.compile(r".*\.[0-9a-f]{8,}\.\w+")
FOR_GOOD = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, max-age=0, must-revalidate"
NAME = "_headers"


def content_type(path: str) -> str:
    """Return the media type of a file of the site by its name (RFC 9110, 8.3)."""
    for end, feed in FEEDS.items():
        if path.endswith(end):
            return feed
    known = TYPES.get(PurePosixPath(path).suffix.lower())
    # A table of this object's own, which no file of the system changes.
    return known or MimeTypes().guess_type(path)[0] or UNKNOWN


def cache_control(path: str) -> str:
    """Return how long a file may be kept without asking (RFC 9111, RFC 8246)."""
    return FOR_GOOD if FINGERPRINTED.fullmatch(path) else ASK_AGAIN


def headers_file() -> str:
    """Return what `_headers` says: the types of feeds, which Netlify and Cloudflare do not know.

    Nothing about caches: both let readers ask again by themselves, and a header that two rules set
    is joined by a comma.
    """
    rules = (f"/*{end}\n  Content-Type: {kind}\n" for end, kind in FEEDS.items())
    return "\n".join(rules)
