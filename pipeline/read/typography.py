"""Typographic quotes, dashes and ellipses, by typogrify, with what it gets wrong put right.

Of typogrify's filters only smartypants is used. `amp`, `caps` and `initial_quotes` put spans into
titles and feeds that mean nothing there; `widont` puts hard spaces into what people search and
copy, and CSS (`text-wrap: pretty`) does its work better.
"""

import re

from typogrify.filters import typogrify

INLINE = "a|abbr|b|cite|code|del|dfn|em|i|ins|kbd|mark|q|s|samp|small|span|strong|sub|sup|u|var"
# What must stay as typed: comments, elements that are no prose, formulas, addresses, tags.
KEPT = re.compile(
    r"<!--.*?-->"
    r"|<(?P<element>code|pre|kbd|samp|var|svg|math|script|style|textarea)\b.*?</(?P=element)\s*>"
    r"|\\\(.*?\\\)|\\\[.*?\\\]|\$\$.*?\$\$"
    rf"|</(?P<end>{INLINE})\s*>"
    r"""|</?[a-zA-Z](?:[^>"']|"[^"]*"|'[^']*')*>"""
    r"""|https?://[^\s<>"']+""",
    re.DOTALL | re.IGNORECASE,
)
# What smartypants would turn the wrong way, and what it must be.
CORRECTIONS = [
    # feet and inches, minutes and seconds
    (r"(?<=\d)'(?=\d+\")", "′"),
    (r"(?<=\d′\d)\"|(?<=\d′\d\d)\"", "″"),
    # apostrophes that begin a word
    (r"(?<!\w)'(?=\d\ds?\b(?!'))", "’"),
    (r"(?<!\w)'(?=(?i:tis|twas|em|til|cause)\b(?!'))", "’"),
    (r"(?<!\w)'n'(?!\w)", "’n’"),
    # behind an element, such as *this*'s
    (r"(?<=/kept>)'", "’"),
    # an opening quote after a dash
    (r"(?:(?<=[—–])|(?<=--))\"(?=\w)", "“"),
    (r"(?:(?<=[—–])|(?<=--))'(?=\w)", "‘"),
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
        # smartypants takes what stands for it for a tag.
        closes = match["end"] or match["element"]
        return f"<{len(kept) - 1}/kept>" if closes else f"<{len(kept) - 1} kept>"

    html = KEPT.sub(keep, html)
    for pattern, character in CORRECTIONS:
        html = re.sub(pattern, character, html)
    html = typogrify(html, amp=False, caps=False, initial_quotes=False, widont=False)
    for entity, character in CHARACTERS.items():
        html = html.replace(entity, character)
    return re.sub(r"<(\d+)[ /]kept>", lambda match: kept[int(match[1])], html)
