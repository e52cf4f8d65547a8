"""The HTML of pictures: every `<img>` of a text with what lets a browser choose, and captions."""

import re
from collections.abc import Callable, Iterable
from html import escape
from typing import NamedTuple
from urllib.parse import quote

from pipeline.read.reader import as_html
from pipeline.render.addresses import attributes_of
from pipeline.render.pictures.formats import Candidate, Picture

COLUMN = 680
# How wide the column is (theme/static/css/layout.css, and the font size in base.css). An em here is
# the browser's own font size; so is a rem, whatever the page says.
SIZES = "(min-width: 77em) 42.5em, (min-width: 40.6em) calc(33.3em + 11.9vw), calc(100vw - 2.4em)"
FIRST_SCREEN = 600  # characters of text on a phone

IMG = r"""<img\b(?:[^>"']|"[^"]*"|'[^']*')*>"""
# What is left as it is; an image alone in its paragraph, maybe as a link; any other image.
PLACES = re.compile(
    r"<!--.*?-->|<(?P<other>script|style|textarea|picture|svg|template)\b.*?</(?P=other)\s*>"
    rf"|<p(?P<p>\s[^>]*)?>\s*(?P<a><a\s[^>]*>)?\s*(?P<alone>{IMG})\s*(?P<end></a>)?\s*</p>"
    rf"|(?P<img>{IMG})",
    re.DOTALL | re.IGNORECASE,
)


class Found(NamedTuple):
    """The picture that an address means, and its address as the page is to write it."""

    picture: Picture
    url: str


def replace_pictures(html: str, find: Callable[[str], Found | None]) -> str:
    """Return the HTML with every local picture in all its sizes and formats.

    `find` gets an image's address as it stands in the HTML, unescaped, and returns None for what is
    not a picture of ours. A first picture on a text's first screen is fetched at once, the others
    when they come near.
    """
    eager = True

    def change(place: re.Match[str]) -> str:
        nonlocal eager
        image = place["alone"] or place["img"]
        attributes = attributes_of(image) if image else {}
        found = find(attributes["src"]) if "src" in attributes else None
        if not found:
            return place[0]
        caption = attributes.pop("title", "") if place["alone"] else ""
        eager = eager and len(re.sub("<[^>]*>", "", html[: place.start()])) < FIRST_SCREEN
        inner = f"{place['a'] or ''}{picture_html(found, attributes, eager)}{place['end'] or ''}"
        eager = False
        if place["img"]:
            return inner
        paragraph = place["p"] or ""
        if not caption.strip():
            return f"<p{paragraph}>{inner}</p>"
        return (
            f"<figure{paragraph}>\n{inner}\n<figcaption>{as_html(caption)}</figcaption>\n</figure>"
        )

    return PLACES.sub(change, html)


def picture_html(found: Found, given: dict[str, str], eager: bool) -> str:
    """Return an `<img>`, within a `<picture>` where there are better formats.

    `given` are the attributes that the author's image has; they win, but for its address.
    """
    picture, url = found
    width, height = shown_size(picture, given.get("width", ""))
    choice = {"sizes": sizes(width)}
    ours = {"src": url}
    if picture.own:
        ours |= {"srcset": srcset(picture.own, url), **choice}
    ours |= {"alt": given.get("alt", ""), "width": str(width), "height": str(height)}
    ours |= {"fetchpriority": "high"} if eager else {"loading": "lazy", "decoding": "async"}
    set_by_us = ("src", "width", "height")
    image = tag("img", ours | {k: v for k, v in given.items() if k not in set_by_us})
    if not picture.sources:
        return image
    sources = [
        tag("source", {"type": kind, "srcset": srcset(candidates, url), **choice})
        for kind, candidates in picture.sources
    ]
    return f"<picture>{''.join(sources)}{image}</picture>"


def shown_size(picture: Picture, wanted: str) -> tuple[int, int]:
    """Return the size in CSS pixels, with the width that the author wants, never more than is."""
    width = picture.width
    if wanted.isdecimal() and 0 < int(wanted) < width:
        width = int(wanted)
    return width, max(1, round(picture.height * width / picture.width))


def sizes(width: int) -> str:
    """Return how wide a picture is shown that is so many CSS pixels wide by itself."""
    return SIZES if width >= COLUMN else f"min({width}px, 100vw - 2.4em)"


def srcset(candidates: Iterable[Candidate], url: str) -> str:
    """Return the addresses with their widths; the files lie beside the one at `url`."""
    folder = url[: url.rfind("/") + 1]
    return ", ".join(f"{folder}{quote(name, safe='')} {width}w" for name, width, _ in candidates)


def tag(name: str, attributes: dict[str, str]) -> str:
    """Return a start tag."""
    written = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{written}>"
