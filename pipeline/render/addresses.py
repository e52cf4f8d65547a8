"""The addresses in HTML, wherever they can stand, and the attributes of a tag."""

import re
from collections.abc import Callable
from html import escape, unescape
from html.parser import HTMLParser
from urllib.parse import urljoin

# A tag; but first what is none: comments, and what browsers do not read as HTML
TAG = re.compile(
    r"<!--.*?-->|<(?P<raw>script|style|textarea)\b.*?</(?P=raw)\s*>"
    r"""|(?P<tag><[a-zA-Z](?:[^>"']|"[^"]*"|'[^']*')*>)""",
    re.DOTALL | re.IGNORECASE,
)
# One after another, so that nothing inside a value is taken for an attribute.
ATTRIBUTE = re.compile(
    r"""(?P<name>[^\s"'<>/=]+)(?:(?P<is>\s*=\s*)(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?"""
)
WITH_ADDRESS = ("href", "src", "srcset", "poster", "data", "cite")


def rewrite(html: str, change: Callable[[str, str], str]) -> str:
    """Return the HTML with each address replaced.

    `change` is given an attribute's name and an address (of a srcset, one at a time) and returns
    the new address.
    """

    def in_attribute(match: re.Match[str]) -> str:
        name = match["name"].lower()
        if name not in WITH_ADDRESS or not match["is"]:
            return match[0]
        value = unescape(match[3] or match[4] or match[5] or "")
        if name == "srcset":
            value = ", ".join(in_candidate(part) for part in re.split(r",\s+", value) if part)
        else:
            value = change(name, value)
        return f'{name}="{escape(value)}"'

    def in_candidate(candidate: str) -> str:
        address, _, size = candidate.strip().partition(" ")
        return f"{change('srcset', address)} {size}".rstrip()

    def in_tag(match: re.Match[str]) -> str:
        if not match["tag"]:
            return match[0]
        name = re.match("<[^\\s/>]+", match["tag"])
        assert name
        return name[0] + ATTRIBUTE.sub(in_attribute, match["tag"][name.end() :])

    return TAG.sub(in_tag, html)


def absolute(html: str, base: str) -> str:
    """Return the HTML with every address absolute: `base` is the entry's own (RFC 3986, 5)."""
    return rewrite(html, lambda _attribute, address: urljoin(base, address))


class _Tag(HTMLParser):
    """Reads the attributes of one tag."""

    def __init__(self) -> None:
        super().__init__()
        self.attributes: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes = {name: value or "" for name, value in attrs}


def attributes_of(tag: str) -> dict[str, str]:
    """Return the attributes of a tag, unescaped."""
    parser = _Tag()
    parser.feed(tag)
    parser.close()
    return parser.attributes
