"""The `_headers` file, as Netlify and Cloudflare Pages read it: written and read here alone.

The policy names what a page may load: images of the site, and by their hashes the styles in pages
(Content Security Policy Level 3). Scripts do not run.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from hashlib import sha256

from pipeline.html import elements, parse_page, text_of
from pipeline.model import FEED_TYPES, JSON
from pipeline.settings import Settings

HEADERS_FILE = "_headers"
# What Cloudflare Pages reads of a file
MAX_RULES, MAX_LINE = 100, 2000
POLICY = (
    "default-src 'none'; script-src 'none'; img-src 'self'; media-src 'self'; base-uri 'self'; "
    "form-action 'none'; frame-ancestors 'none'; style-src "
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    # No file's name changes with its bytes, so a browser asks each time whether they changed.
    "Cache-Control": "public, max-age=0, must-revalidate",
}

# Headers by the path that they are for, in which one `*` stands for any characters
Rules = Mapping[str, Mapping[str, str]]


def headers_file(styles: Iterable[str], settings: Settings) -> str:
    """Return the text of `_headers`, or an empty one where SECURITY_HEADERS is off.

    `styles` are the texts of all style elements of the site's pages and SVG images.
    """
    if not settings.security_headers:
        return ""
    # 'self' is for the stylesheet of a feed that is opened in a browser.
    policy = POLICY + " ".join(["'self'", *sorted({style_hash(style) for style in styles})])
    rules = {"/*": {"Content-Security-Policy": policy, **HEADERS}}
    rules |= {path: {"Content-Type": kind} for path, kind in _feed_types(settings)}
    return "\n".join(
        "".join([f"{path}\n", *(f"  {name}: {value}\n" for name, value in headers.items())])
        for path, headers in rules.items()
    )


def style_hash(style: str) -> str:
    """Return the source expression by which a policy names a style."""
    return f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'"


def _feed_types(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield path and media type of the feeds that are on; no file has two of these paths.

    Hosts join the values of two rules for a file with a comma, which is no media type.
    """
    found: dict[str, str] = {}
    for form, media_type in FEED_TYPES.items():
        typed = media_type if form == JSON else f"{media_type}; charset=utf-8"
        for kind in ("feed_all", "tag_feed", "quotes_feed"):
            if setting := getattr(settings, f"{kind}_{form}"):
                path = f"/{setting.format(slug='*')}"
                folder, _, name = path.rpartition("/")
                stem, _, suffix = name.partition(".")
                archives = path if "*" in path else f"{folder}/{stem}/*.{suffix}"
                found |= {path: typed, archives: typed}
    # A rule that is for feeds of another type too is left out, and one that another covers.
    clear = {
        path: kind
        for path, kind in found.items()
        if all(found[other] == kind for other in found if _matches(path, other))
    }
    for path, kind in sorted(clear.items()):
        if not any(_matches(other, path) for other in clear if other != path):
            yield path, kind


def styles_in_file(data: bytes) -> set[str]:
    """Return the texts of the style elements in an HTML or SVG file."""
    tree = parse_page(data.decode("utf-8", "replace"))
    return {text_of(element) for element in elements(tree) if element.tag == "style"}


def read_headers(text: str) -> dict[str, dict[str, str]]:
    """Return the rules of a `_headers` file; values of a header with two lines are joined."""
    found: dict[str, dict[str, str]] = {}
    headers: dict[str, str] = {}
    for line in text.splitlines():
        if line[:1].isspace() and ":" in line:
            name, _, value = (part.strip() for part in line.partition(":"))
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        elif line.strip() and not line.startswith("#"):
            headers = found.setdefault(line.strip(), {})
    return found


def headers_for(path: str, rules: Rules) -> dict[str, str]:
    """Return the headers that a host sends with a path: of all rules that match, joined."""
    found: dict[str, str] = {}
    sent = (headers for pattern, headers in rules.items() if _matches(pattern, path))
    for name, value in (pair for headers in sent for pair in headers.items()):
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _matches(pattern: str, path: str) -> bool:
    return bool(_compiled(pattern).fullmatch(path))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))))
