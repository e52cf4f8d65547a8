"""Figures drawn from data: a CSV file beside a post becomes a chart in the page.

`parse` reads and checks, `as_html` and `as_png` write. Between them stands one layout: plain marks
(`marks`) that a writer only puts down, so that both formats show the same thing.
"""

from pipeline.render.figures.data import Figure, parse
from pipeline.render.figures.html import as_html
from pipeline.render.figures.place import as_pictures, is_data, picture_name, replace_figures
from pipeline.render.figures.png import COLOURS, as_png

__all__ = [
    "COLOURS",
    "Figure",
    "as_html",
    "as_pictures",
    "as_png",
    "is_data",
    "parse",
    "picture_name",
    "replace_figures",
]
