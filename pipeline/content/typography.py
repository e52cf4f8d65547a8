"""Typographic quotes, dashes and ellipses, by typogrify, with what it gets wrong put right.

Of typogrify's filters only smartypants is used. `amp`, `caps` and `initial_quotes` put spans into
titles and feeds that mean nothing there; `widont` puts hard spaces into what people search and
copy, and CSS (`text-wrap: pretty`) does its work better.
"""

import re

from markupsafe import Markup, escape
from typogrify.filters import smartypants

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
# What smartypants leaves or would turn the wrong way, and what it must be.
CORRECTIONS = [
    # a dash typed as LaTeX has it
    (re.compile(r"(?<!-)---(?!-)"), "—"),
    # a dash typed as a hyphen between spaces; no line begins with it
    (re.compile(r"(?<![\s\d]) - (?=\S|$)|(?<=\d) - (?=\D)"), "\u00a0– "),
    # feet and inches, minutes and seconds
    (re.compile(r"(?<=\d)'(?=\d+\")"), "′"),
    (re.compile(r"(?<=\d′\d)\"|(?<=\d′\d\d)\""), "″"),
    # apostrophes that begin a word
    (re.compile(r"(?<!\w)'(?=\d\ds?\b(?!'))"), "’"),
    (re.compile(r"(?<!\w)'(?=(?i:tis|twas|em|til|cause)\b(?!'))"), "’"),
    (re.compile(r"(?<!\w)'n'(?!\w)"), "’n’"),
    # behind an element, such as *this*'s
    (re.compile(r"(?<=/kept>)'"), "’"),
    # an opening quote after a dash
    (re.compile(r"(?:(?<=[—–])|(?<=--))\"(?=\w)"), "“"),
    (re.compile(r"(?:(?<=[—–])|(?<=--))'(?=\w)"), "‘"),
    # spaced points are the author's own, and stay together
    (re.compile(r"(?<=\.) (?=\.)"), "\u00a0"),
]
# A quote between two tags: opening, closing
QUOTES = {"'": "‘’", '"': "“”"}
PLACEHOLDER = re.compile(r"(<\d+[ /]kept>)")
# Text without any of these stays as it is.
CHANGED = re.compile(r"""['"`\\]|--|\. ?\.| - """)
CHARACTERS = {
    "&#8211;": "–",
    "&#8212;": "—",
    "&#8216;": "‘",
    "&#8217;": "’",
    "&#8220;": "“",
    "&#8221;": "”",
    "&#8230;": "…",
}


def smarten(html: str) -> str:
    """Return the HTML with typographic characters in its text; tags and code stay as they are."""
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[0])
        # smartypants takes what stands for it for a tag.
        closes = match["end"] or match["element"]
        return f"<{len(kept) - 1}/kept>" if closes else f"<{len(kept) - 1} kept>"

    html = KEPT.sub(keep, html)
    if CHANGED.search(html):
        for pattern, character in CORRECTIONS:
            html = pattern.sub(character, html)
        pieces, before = PLACEHOLDER.split(html), ""
        for place in range(0, len(pieces), 2):
            text = pieces[place]
            if CHANGED.search(text):
                pieces[place] = curl(text, before)
            before = text[-1:] or before
        html = "".join(pieces)
    return PLACEHOLDER.sub(lambda match: kept[int(match[1][1:-6])], html)


def curl(text: str, before: str) -> str:
    """Return text without tags as smartypants has it; `before` is the character before it."""
    if text in QUOTES:
        return QUOTES[text][bool(before.strip())]
    text = smartypants(text)
    for entity, character in CHARACTERS.items():
        text = text.replace(entity, character)
    return text


def as_html(text: str) -> Markup:
    """Return plain text as HTML with typographic characters."""
    return Markup(smarten(str(escape(text)).replace("&#39;", "'").replace("&#34;", '"')))
