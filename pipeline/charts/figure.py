"""A chart in a page, with its caption and data, and as PNG.

In the SVG, attributes say how a mark is drawn, so that it can be read without a stylesheet, as in
reader views. Classes say what it is, and the stylesheet gives it its color. The font is the page's.
"""

from collections import ChainMap
from collections.abc import Mapping
from io import BytesIO
from itertools import groupby, pairwise
from xml.etree.ElementTree import Element, SubElement, tostring

import resvg_py
from font_source_serif_pro import SourceSerifPro, SourceSerifProBold
from PIL import Image

from pipeline.charts.chart_data import ChartData
from pipeline.charts.geometry import LEADING, LINE, TEXT, WIDTH, Shape, Text
from pipeline.charts.layout import lay_out

OUTLINE = {"fill": "none", "stroke": "currentColor"}
THICK = {**OUTLINE, "stroke-width": "3"}
# How the marks of each role are drawn; a later one of a mark's classes adds to an earlier one
LOOKS = {
    "grid": {**OUTLINE, "stroke-opacity": "0.2"},
    "axis": OUTLINE,
    "ray": {**OUTLINE, "stroke-dasharray": "2 5"},
    "dot": {"stroke-width": "2"},
    "hollow": THICK,
    "series": THICK,
    "stripe": THICK,
    "halo": {"fill-opacity": "0.2"},
}
# The tokens of the theme that a PNG has the colors of
COLORS = ("surface", "text", "text-quiet", "accent")
DOTS, BARS = "●◇▲□", "■□▥▤"  # the shapes of groups in words
MARGIN = 28  # of a PNG: units around the drawing
PNG_WIDTH = 2 * (int(WIDTH) + 2 * MARGIN)  # twice as large as on a wide page
# The colors of a PNG, as chart.css of the theme says them of the page
STYLES = """
.axis, .tick, .title, .ray, .ratio { color: {text-quiet} }
.highlight, .halo, .label { color: {accent} }
.dot { stroke: {surface} }
.hollow { fill: {surface}; stroke: currentColor }
.label, .name { stroke: {surface}; stroke-width: 6; paint-order: stroke }
.label { font-weight: 700 }
"""


def chart_html(chart: ChartData, href: str) -> str:
    """Return the whole `<figure class="chart">`; `href` is the address of the CSV file."""
    # Named by its caption alone: else the table would be a part of its name.
    caption_id = f"{chart.id}-caption"
    figure = Element("figure", {"class": "chart", "id": chart.id, "aria-labelledby": caption_id})
    if title := chart.options.title:
        SubElement(figure, "p").text = title
    figure.append(_svg(chart))
    caption = SubElement(figure, "figcaption")
    SubElement(caption, "p", {"id": caption_id}).text = chart.options.caption
    if legend := _legend(chart):
        SubElement(caption, "p").text = legend
    details = SubElement(caption, "details")
    SubElement(details, "summary").text = f"The data ({len(chart.rows)} rows)"
    label = {"role": "region", "tabindex": "0", "aria-label": f"The data: {chart.alt}"}
    table = SubElement(SubElement(details, "div", {"class": "frame", **label}), "table")
    head = SubElement(SubElement(table, "thead"), "tr")
    body = SubElement(table, "tbody")
    numbers = [column in chart.options.numbers for column in chart.columns]
    looks: list[dict[str, str]] = [{"class": "number"} if number else {} for number in numbers]
    for column, look in zip(chart.columns, looks, strict=True):
        SubElement(head, "th", {"scope": "col", **look}).text = chart.options.heading(column)
    columns = zip(*(row.cells for row in chart.rows), strict=True)
    places = [max(len(text.partition(".")[2]) for text in column) for column in columns]
    for row in chart.rows:
        line = SubElement(body, "tr")
        line.tail = "\n"
        for n, (text, look) in enumerate(zip(row.cells, looks, strict=True)):
            # As wide as the longest decimals, so that the points are below each other
            _, point, decimals = text.partition(".")
            filled = "\u2007" * (places[n] - len(decimals)) if look and text else ""
            filled = f"\u2008{filled}" if filled and not point else filled
            cell = SubElement(line, "td", look)
            if n == 0 and row.source:
                cell = SubElement(cell, "a", {"href": row.source})
            cell.text = (text + filled) if text else "–"
    link = SubElement(SubElement(details, "p"), "a", {"href": href, "download": ""})
    link.text = f"Download {chart.file}"
    return tostring(figure, "unicode")


def _legend(chart: ChartData) -> str:
    """Return what the shapes mean, and which rows are not drawn."""
    shapes = BARS if chart.options.kind == "bar" else DOTS
    groups = ", ".join(f"{shape} {name}" for shape, name in zip(shapes, chart.groups, strict=False))
    parts = [f"{chart.options.heading(chart.options.group)}: {groups}."] if groups else []
    if len(chart.plotted) < len(chart.rows):
        known = f"{len(chart.plotted)} of {len(chart.rows)} rows are drawn"
        parts.append(f"{known}; the others lack a value.")
    return " ".join(parts)


def png_name(id: str) -> str:
    """Return the file name of the PNG of the chart with this id; it is beside the page."""
    return f"{id}.png"


def chart_png(
    chart: ChartData, colors: Mapping[str, str], width: int = PNG_WIDTH, text: int = 17
) -> bytes:
    """Return the chart for what shows no SVG: feed readers, social cards.

    `colors` are the theme's light ones by the names in COLORS, as `#rrggbb`. `width` is in pixels,
    `text` is the size of texts, of which the drawing has room for `geometry.TEXT`.
    """
    svg = _svg(chart)
    across, down = (int(float(n)) + 2 * MARGIN for n in svg.attrib["viewBox"].split()[2:])
    svg.attrib |= {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"{-MARGIN} {-MARGIN} {across} {down}",
        "width": str(width),
        "height": str(width * down // across),
        "color": colors["text"],
        "font-size": str(text),
    }
    styles = STYLES
    for name in COLORS:
        styles = styles.replace(f"{{{name}}}", colors[name])
    rendered = resvg_py.svg_to_bytes(
        svg_string=tostring(svg, "unicode"),
        style_sheet=styles,
        background=colors["surface"],
        skip_system_fonts=True,
        font_files=[SourceSerifPro, SourceSerifProBold],
        font_family="Source Serif Pro",
        serif_family="Source Serif Pro",
    )
    data = BytesIO()
    with Image.open(BytesIO(rendered)) as image:
        # A third of the size: the few colors, with their shades at edges, fit a palette.
        few = image.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        few.save(data, "PNG", optimize=True)
    return data.getvalue()


def _svg(chart: ChartData) -> Element:
    """Return the drawing for a page."""
    drawing = lay_out(chart)
    attributes = {
        "viewBox": f"0 0 {_short(WIDTH)} {_short(drawing.height)}",
        "role": "img",
        "aria-label": chart.alt,
        "font-size": _short(TEXT),
        "fill": "currentColor",
        "stroke-width": "1.5",
    }
    svg = Element("svg", attributes)
    for role, marks in groupby(drawing.marks, key=lambda mark: mark.role):
        looks = [LOOKS.get(word, {}) for word in role.split()]
        group = SubElement(svg, "g", dict(ChainMap({"class": role}, *reversed(looks))))
        found = list(marks)
        if path := "".join(_path(mark) for mark in found if isinstance(mark, Shape)):
            SubElement(group, "path", {"d": path})
        group.extend(_text(mark) for mark in found if isinstance(mark, Text))
    for child in svg:
        child.tail = "\n"
    return svg


def _path(shape: Shape) -> str:
    """Return a shape as a part of a path, in whole units and relative ones, which are shorter."""
    x, y, radius = *map(round, shape.points[0]), round(shape.radius)
    if radius:
        # Almost a whole circle, which ends where it begins
        return f"M{x} {y - radius}a{radius} {radius} 0 1 0 1 0z"
    steps = [(round(b[0] - a[0]), round(b[1] - a[1])) for a, b in pairwise(shape.points)]
    moves = "".join(
        f"h{dx}" if not dy else f"v{dy}" if not dx else f"l{dx}{' ' * (dy > 0)}{dy}"
        for dx, dy in steps
    )
    return f"M{x} {y}{moves}{'z' if shape.closed else ''}"


def _text(mark: Text) -> Element:
    """Return a text, which keeps to its anchor whatever size the stylesheet gives it."""
    place = {"x": _short(mark.x), "y": _short(mark.y)}
    above = (len(mark.lines) - 1) * LEADING
    lower = {"top": 0.78, "below": 0.78 + LINE, "middle": 0.35 - above / 2, "bottom": -0.25 - above}
    first = lower[mark.down]
    steps = [f"{_short(first, 2)}em", *[f"{LEADING}em"] * len(mark.lines)]
    anchor = {} if mark.across == "start" else {"text-anchor": mark.across}
    if len(mark.lines) == 1:
        element = Element("text", {**place, **anchor, "dy": steps[0]})
        element.text = mark.lines[0]
        return element
    element = Element("text", {**place, **anchor})
    for line, step in zip(mark.lines, steps, strict=False):
        part = SubElement(element, "tspan", {"x": place["x"], "dy": step})
        part.text, part.tail = line, " "  # so that what is read aloud has words
    return element


def _short(value: float, places: int = 0) -> str:
    """Return a number for markup, rounded, and without a needless point."""
    return f"{round(value, places) + 0.0:g}"
