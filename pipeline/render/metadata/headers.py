"""The headers that a host shall send: a `_headers` file, as Netlify and Cloudflare Pages read it.

The policy names what a page may load: its own pictures, and the styles that stand in it, by their
hashes (Content Security Policy Level 3). Nothing may run.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from html import unescape

STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
# What Cloudflare Pages reads of a file
HEADERS_FILE = "_headers"
MOST_RULES, LONGEST_LINE = 100, 2000
POLICY = {
    "default-src": "'none'",
    "script-src": "'none'",
    "img-src": "'self'",
    "media-src": "'self'",
    "base-uri": "'self'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    # No file's name changes with its bytes, so a browser asks each time whether they are the same.
    "Cache-Control": "public, max-age=0, must-revalidate",
}
TYPES = {
    ".atom.xml": "application/atom+xml; charset=utf-8",
    ".rss.xml": "application/rss+xml; charset=utf-8",
    "feed.json": "application/feed+json",
}


def styles_in(text: str, svg: bool = False) -> set[str]:
    """Return the styles that stand in a page, or in an SVG, where their signs may be escaped."""
    found = set(STYLE.findall(text))
    return {unescape(style) for style in found} if svg else found


def hash_of(style: str) -> str:
    """Return what a policy names a style by."""
    return f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'"


def policy(styles: Iterable[str]) -> str:
    """Return the Content-Security-Policy of pages in which these styles stand."""
    # 'self' is for the stylesheet of a feed that is looked at in a browser.
    allowed = " ".join(["'self'", *sorted({hash_of(style) for style in styles})])
    return "; ".join(f"{k} {v}" for k, v in {**POLICY, "style-src": allowed}.items())


def rules(styles: Iterable[str], feeds: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the headers by the paths that they are for.

    `feeds` are the paths of the feeds, in which `*` stands for any words.
    """
    types = {
        f"/{feed}": {"Content-Type": kind}
        for feed in sorted(feeds)
        for ending, kind in TYPES.items()
        if feed.endswith(ending)
    }
    return {"/*": {"Content-Security-Policy": policy(styles), **EVERYWHERE}, **types}


def as_file(rules: Mapping[str, Mapping[str, str]]) -> str:
    """Return the text of the `_headers` file."""
    blocks = (
        "".join([f"{path}\n", *(f"  {name}: {value}\n" for name, value in headers.items())])
        for path, headers in rules.items()
    )
    return "\n".join(blocks)


def read_file(text: str) -> dict[str, dict[str, str]]:
    """Return the rules of a `_headers` file; a name that a path has twice joins with a comma."""
    found: dict[str, dict[str, str]] = {}
    headers: dict[str, str] = {}
    for line in text.splitlines():
        if line[:1].isspace() and ":" in line:
            name, _, value = (part.strip() for part in line.partition(":"))
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        elif line.strip() and not line.startswith("#"):
            headers = found.setdefault(line.strip(), {})
    return found


def headers_for(path: str, rules: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the headers that a host sends with a path: of all rules that match, joined."""
    found: dict[str, str] = {}
    for pattern, headers in rules.items():
        if re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), path):
            for name, value in headers.items():
                found[name] = f"{found[name]}, {value}" if name in found else value
    return found
