"""A chart in a page, with its caption and data, and as PNG.

In the SVG, classes say what a mark is and the stylesheet how it looks. What the attributes say as
well is for readers without a stylesheet, such as reader views. Colors and font are the page's.
"""

from collections.abc import Mapping
from io import BytesIO
from itertools import groupby, pairwise
from xml.etree.ElementTree import Element, SubElement, tostring

import resvg_py
from font_source_serif_pro import SourceSerifPro, SourceSerifProBold
from PIL import Image

from pipeline.charts.chart_data import ChartData
from pipeline.charts.geometry import LEADING, LINE, TEXT, WIDTH, Shape, Text, format_number
from pipeline.charts.layout import lay_out

OUTLINE = {"fill": "none", "stroke": "currentColor"}
FAINT = {"stroke-opacity": "0.2"}

# The tokens of the theme that a PNG has the colors of
COLORS = ("surface", "text", "text-quiet", "rule", "accent", "accent-quiet")
DOTS, BARS = "●◇▲□", "■□▥▤"  # the shapes of groups in words
SCALE, MARGIN = 2, 28  # of a PNG: pixels per unit, units around the drawing
# How a PNG looks, as components.css of the theme says it of the page
STYLES = """
svg { font-size: 17px }
.grid { stroke: {rule}; stroke-opacity: 1; stroke-width: 1.5 }
.axis { stroke: {text-quiet}; stroke-width: 1.5 }
.tick, .ratio { fill: {text-quiet} }
.ray { stroke: {text-quiet}; stroke-opacity: 1; stroke-width: 1.5; stroke-dasharray: 2 6 }
.series, .stripe { fill: none; stroke: {text}; stroke-width: 3 }
.dot { stroke: {surface}; stroke-width: 2 }
.hollow { fill: {surface}; stroke: {text}; stroke-width: 3 }
.dot.highlight, .bar.highlight { fill: {accent} }
.hollow.highlight { fill: {surface} }
.hollow.highlight, .stripe.highlight, .series.highlight { stroke: {accent} }
.halo { fill: {accent-quiet}; stroke: none }
.label { fill: {accent}; font-weight: 700 }
.label, .name { stroke: {surface}; stroke-width: 6; stroke-linejoin: round; paint-order: stroke }
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
    link = SubElement(SubElement(details, "p"), "a", {"href": href, "download": chart.file})
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


def chart_png(chart: ChartData, colors: Mapping[str, str]) -> bytes:
    """Return the chart for feed readers, which show no SVG, twice as large as on a wide page.

    `colors` are the theme's light ones by the names in COLORS, as `#rrggbb`.
    """
    svg = _svg(chart)
    height = int(float(svg.attrib["viewBox"].split()[3])) + 2 * MARGIN
    width = int(WIDTH) + 2 * MARGIN
    svg.attrib |= {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"{-MARGIN} {-MARGIN} {width} {height}",
        "width": str(width * SCALE),
        "height": str(height * SCALE),
        "color": colors["text"],
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
    """Return the drawing for a page; its ids begin with the chart's."""
    drawing, id = lay_out(chart), chart.id
    attributes = {
        "viewBox": f"0 0 {_short(WIDTH)} {_short(drawing.height)}",
        "role": "img",
        "aria-labelledby": f"{id}-title {id}-description",
        "font-size": _short(TEXT),
        "fill": "currentColor",
    }
    svg = Element("svg", attributes)
    SubElement(svg, "title", {"id": f"{id}-title"}).text = chart.alt
    SubElement(svg, "desc", {"id": f"{id}-description"}).text = _description(chart)
    for role, marks in groupby(drawing.marks, key=lambda mark: mark.role):
        words = set(role.split())
        look = OUTLINE if words & {"axis", "series", "stripe", "hollow"} else {}
        look = OUTLINE | FAINT if words & {"grid", "ray", "halo"} else look
        group = SubElement(svg, "g", {"class": role, **look})
        found = list(marks)
        if path := "".join(_path(mark) for mark in found if isinstance(mark, Shape)):
            SubElement(group, "path", {"d": path})
        group.extend(_text(mark) for mark in found if isinstance(mark, Text))
    for child in svg:
        child.tail = "\n"
    return svg


def _description(chart: ChartData) -> str:
    """Return in words what the drawing shows, for those who do not see it."""
    options, rows = chart.options, chart.plotted
    parts = [f"A {options.kind} chart of {len(rows)} of {len(chart.rows)} rows."]
    ways = {
        "Up": (options.y, options.y_scale, [row.y for row in rows if row.y is not None]),
        "Across": (options.x, options.x_scale, [row.x for row in rows if row.x is not None]),
    }
    for way, (column, scale, values) in ways.items():
        if values:
            ends = f"from {format_number(min(values))} to {format_number(max(values))}"
            logarithmic = ", on a logarithmic axis" if scale == "log" else ""
            parts.append(f"{way}: {options.heading(column)}, {ends}{logarithmic}.")
    parts += [f"Highlighted: {row.label} ({row.values})." for row in rows if row.highlighted]
    return " ".join(parts)


def _path(shape: Shape) -> str:
    """Return a shape as a part of a path, in whole units and relative ones, which are shorter."""
    points = [(round(x), round(y)) for x, y in shape.points]
    (x, y), radius = points[0], round(shape.radius)
    if radius:
        half = f"a{radius} {radius} 0 0 0"
        return f"M{x - radius} {y}{half} {2 * radius} 0{half}-{2 * radius} 0z"
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points)]
    moves = "".join(
        f"h{dx}" if not dy else f"v{dy}" if not dx else f"l{dx} {dy}" for dx, dy in steps
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
