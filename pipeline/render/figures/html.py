"""A figure as a part of a page: the drawing, its caption, and the data it is drawn from."""

from xml.etree.ElementTree import Element, SubElement, tostring

from pipeline.render.figures.data import Figure
from pipeline.render.figures.layout import lay_out
from pipeline.render.figures.scales import number
from pipeline.render.figures.svg import as_svg

NO_VALUE = "–"
KINDS = {"scatter": "A scatter chart", "line": "A line chart", "bar": "A bar chart"}


def as_html(figure: Figure, href: str, name: str) -> str:
    """Return the whole `<figure class="chart">`.

    `href` leads to the CSV file; `name` is the figure's id and begins every id inside, so it must
    be the page's only one.
    """
    # Named by its caption alone: else the table would be a part of its name.
    attributes = {"class": "chart", "id": name, "aria-labelledby": f"{name}-caption"}
    element = Element("figure", attributes)
    element.append(as_svg(lay_out(figure), figure.alt, description(figure), name))
    caption = SubElement(element, "figcaption")
    SubElement(caption, "p", {"id": f"{name}-caption"}).text = figure.options.caption
    caption.append(data(figure, href))
    return tostring(element, "unicode")


def description(figure: Figure) -> str:
    """Return in words what the drawing shows, for those who do not see it."""
    options, rows = figure.options, figure.plotted
    parts = [f"{KINDS[options.kind]} of {len(rows)} of {len(figure.rows)} rows."]
    if options.kind != "bar":
        parts.append(extent("Up", options.y, options.y_scale, [row.y for row in rows], figure))
    parts.append(extent("Across", options.x, options.x_scale, [row.x for row in rows], figure))
    if figure.groups:
        names = ", ".join(figure.groups)
        parts.append(f"{options.heading(options.group)}: {names}.")
    for row in rows:
        if row.highlighted:
            values = ", ".join(number(value) for value in (row.x, row.y) if value is not None)
            parts.append(f"Highlighted: {row.label} ({values}).")
    return " ".join(parts)


def extent(way: str, column: str, scale: str, values: list[float | None], figure: Figure) -> str:
    """Return in words what an axis shows."""
    known = [value for value in values if value is not None]
    logarithmic = ", on a logarithmic axis" if scale == "log" else ""
    ends = f"from {number(min(known))} to {number(max(known))}"
    return f"{way}: {figure.options.heading(column)}, {ends}{logarithmic}."


def data(figure: Figure, href: str) -> Element:
    """Return the data as a table, folded away, and the way to the file."""
    details = Element("details")
    SubElement(details, "summary").text = f"The data ({len(figure.rows)} rows)"
    label = {"role": "region", "tabindex": "0", "aria-label": f"The data: {figure.alt}"}
    frame = SubElement(details, "div", {"class": "frame", **label})
    frame.append(table(figure))
    link = SubElement(SubElement(details, "p"), "a", {"href": href, "download": figure.file})
    link.text = f"Download {figure.file}"
    return details


def table(figure: Figure) -> Element:
    """Return the used columns of every row, those too that could not be drawn."""
    element = Element("table")
    numeric = [column in figure.options.numbers for column in figure.columns]
    head = SubElement(SubElement(element, "thead"), "tr")
    for column, is_number in zip(figure.columns, numeric, strict=True):
        cell = SubElement(head, "th", {"scope": "col", **look(is_number)})
        cell.text = figure.options.heading(column)
    body = SubElement(element, "tbody")
    for row in figure.rows:
        line = SubElement(body, "tr")
        line.tail = "\n"
        for text, is_number in zip(row.cells, numeric, strict=True):
            SubElement(line, "td", look(is_number)).text = text or NO_VALUE
    return element


def look(is_number: bool) -> dict[str, str]:
    """Return the class of a cell with a number."""
    return {"class": "number"} if is_number else {}
