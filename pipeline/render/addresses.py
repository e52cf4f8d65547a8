"""The addresses in HTML, wherever they can stand, and the attributes of a tag."""

import re
from collections.abc import Callable
from html import escape, unescape
from html.parser import HTMLParser

TAG = re.compile(r"""<[a-zA-Z](?:[^>"']|"[^"]*"|'[^']*')*>""")
ATTRIBUTE = re.compile(
    r"""(?<=\s)(href|src|srcset|poster|data|cite)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""",
    re.IGNORECASE,
)


def rewrite(html: str, change: Callable[[str, str], str]) -> str:
    """Return the HTML with each address replaced.

    `change` is given an attribute's name and an address (of a srcset, one at a time) and returns
    the new address.
    """

    def in_attribute(match: re.Match[str]) -> str:
        name = match[1].lower()
        value = unescape(match[2] or match[3] or match[4] or "")
        if name == "srcset":
            value = ", ".join(in_candidate(part) for part in value.split(",") if part.strip())
        else:
            value = change(name, value)
        return f'{name}="{escape(value)}"'

    def in_candidate(candidate: str) -> str:
        address, _, size = candidate.strip().partition(" ")
        return f"{change('srcset', address)} {size}".rstrip()

    return TAG.sub(lambda tag: ATTRIBUTE.sub(in_attribute, tag[0]), html)


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
