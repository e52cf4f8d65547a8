"""Typographic quotes, dashes and ellipses, by typogrify, with what it gets wrong put right.

Of typogrify's filters only smartypants is used. `amp`, `caps` and `initial_quotes` put spans into
titles and feeds that mean nothing there; `widont` puts hard spaces into what people search and
copy, and CSS (`text-wrap: pretty`) does its work better.
"""

import re

from typogrify.filters import typogrify

# Not text, or text that must stay as typed.
PROTECTED = re.compile(
    r"<!--.*?-->"
    r"|<(code|pre|kbd|samp|var|svg|math|script|style|textarea)\b.*?</\1\s*>"
    r"|\\\(.*?\\\)|\\\[.*?\\\]|\$\$.*?\$\$",
    re.DOTALL | re.IGNORECASE,
)
# What smartypants would turn the wrong way, and what it must be.
CORRECTIONS = [
    # feet and inches, minutes and seconds
    (r"(?<=\d)'(?=\d+\")", "′"),
    (r"(?<=\d′\d)\"|(?<=\d′\d\d)\"", "″"),
    # apostrophes that begin a word
    (r"(?<!\w)'(?=\d\ds?\b)", "’"),
    (r"(?<!\w)'(?=(?i:tis|twas|em|til|cause)\b)", "’"),
    (r"(?<!\w)'n'(?!\w)", "’n’"),
    # an opening quote after a dash
    (r"(?<=[—–])\"(?=\w)", "“"),
    (r"(?<=[—–])'(?=\w)", "‘"),
    # spaced points are the author's own, and stay together
    (r"(?<=\.) (?=\.)", "\u00a0"),
]
CHARACTERS = {
    "&#8211;": "–",
    "&#8212;": "—",
    "&#8216;": "‘",
    "&#8217;": "’",
    "&#8220;": "“",
    "&#8221;": "”",
    "&#8230;": "…",
}


def improve(html: str) -> str:
    """Return the HTML with typographic characters in its text; tags and code stay as they are."""
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"<kept-{len(kept) - 1}>"

    html = PROTECTED.sub(keep, html)
    # Every second part is a tag.
    parts = re.split("(<[^>]*>)", html)
    parts[::2] = map(correct, parts[::2])
    html = typogrify("".join(parts), amp=False, caps=False, initial_quotes=False, widont=False)
    for entity, character in CHARACTERS.items():
        html = html.replace(entity, character)
    return re.sub(r"<kept-(\d+)>", lambda match: kept[int(match[1])], html)


def correct(text: str) -> str:
    """Return the text with the characters that smartypants would get wrong."""
    for pattern, character in CORRECTIONS:
        text = re.sub(pattern, character, text)
    return text
