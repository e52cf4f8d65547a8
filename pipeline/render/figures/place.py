"""Figures in a text: where an image's source is a CSV file, and what feeds show in its place."""

import re
from collections.abc import Callable
from html import escape

from pipeline.render.addresses import attributes_of

IMAGE = r"""<img\b(?:[^>"']|"[^"]*"|'[^']*')*>"""
PLACES = re.compile(rf"<!--.*?-->|<p>\s*(?P<alone>{IMAGE})\s*</p>|(?P<inside>{IMAGE})", re.DOTALL)
CHART = re.compile(r'<figure class="chart" id="([^"]+)".*?</figure>', re.DOTALL)


def is_data(address: str) -> bool:
    """Return whether an image's address is that of a file with data."""
    return address.lower().endswith(".csv")


def replace_figures(html: str, draw: Callable[[dict[str, str], bool], str]) -> str:
    """Return the HTML with a figure for each image whose source is a CSV file.

    `draw` is given the image's attributes and whether it stands in a paragraph of its own.
    """

    def change(match: re.Match[str]) -> str:
        attributes = attributes_of(match["alone"] or match["inside"] or "")
        if not is_data(attributes.get("src", "")):
            return match[0]
        return draw(attributes, bool(match["alone"]))

    return PLACES.sub(change, html)


def as_pictures(html: str) -> str:
    """Return the HTML with a picture in each figure's place, as feeds want it.

    The picture is named by the figure and lies beside the page; the table stays on the page.
    """

    def change(match: re.Match[str]) -> str:
        name, figure = match[1], match[0]
        own = re.escape(name)
        title = re.search(rf'<title id="{own}-title">(.*?)</title>', figure, re.DOTALL)
        caption = re.search(rf'<p id="{own}-caption">(.*?)</p>', figure, re.DOTALL)
        alt = escape(title[1], quote=True).replace("&amp;", "&") if title else ""
        words = caption[1] if caption else ""
        data = re.search(r'<a href="[^"]*" download="[^"]*">.*?</a>', figure, re.DOTALL)
        words += f" {data[0]}" if data else ""
        image = f'<img src="{picture_name(name)}" alt="{alt}">'
        return f"<figure>{image}<figcaption>{words}</figcaption></figure>"

    return CHART.sub(change, html)


def picture_name(name: str) -> str:
    """Return the file name of a figure's picture."""
    return f"{name}.png"
