"""Bars: they lie, so that their names can be read on a phone."""

from math import ceil

from pipeline.render.figures import frame
from pipeline.render.figures.data import Figure, Row
from pipeline.render.figures.frame import DOT, EDGE, GAP, ROW, Frame
from pipeline.render.figures.marks import (
    BOLD,
    WIDTH,
    Drawing,
    Line,
    Mark,
    Polygon,
    Text,
    width_of,
    wrapped,
)
from pipeline.render.figures.scales import Axis, number

NAMES = 0.4  # of the drawing's width, at most
THICK = 24.0  # a bar
STRIPES = 7.0  # from one stripe to the next
UNUSED = Axis(0, 1, ())


def lay_out(figure: Figure) -> Drawing:
    """Return the drawing."""
    rows = figure.plotted
    names = [wrapped(row.label, NAMES * WIDTH) for row in rows]
    head, top = legend(figure)
    left = max(width_of(line, BOLD) for lines in names for line in lines) + GAP
    values = [row.x or 0.0 for row in rows]
    ends = [width_of(number(row.x or 0.0), BOLD) + GAP for row in rows if row.highlighted]
    right = WIDTH - max(EDGE, *ends, 0)
    x_axis = frame.fitting(values, "linear", right - left, zero=True)
    heights = [max(len(lines) * ROW, THICK) + GAP for lines in names]
    plot = Frame(left, top, right, top + sum(heights) + GAP / 2, x_axis, UNUSED)
    below, height = frame.title_below(figure.options.heading(figure.options.x), plot)
    marks = [*head, *frame.x_grid(plot), *frame.x_ticks(plot), *below]
    y = top
    for row, lines, room in zip(rows, names, heights, strict=True):
        marks += one(figure, row, lines, plot, y + room / 2)
        y += room
    return Drawing(height, (*marks, Line("axis", ((plot.x(0), top), (plot.x(0), plot.bottom)))))


def legend(figure: Figure) -> tuple[list[Mark], float]:
    """Return the legend with pieces of bars instead of dots, and its height."""
    marks, height = frame.legend(figure)
    swatches: list[Mark] = []
    for mark in marks:
        if isinstance(mark, Text) and mark.role == "legend text":
            right = mark.x - GAP * 0.8
            group = figure.groups.index(mark.lines[0])
            swatches += bar(group, "legend bar", right - 2 * DOT, right, mark.y, 2 * DOT)
    return [*swatches, *(mark for mark in marks if isinstance(mark, Text))], height


def one(figure: Figure, row: Row, name: tuple[str, ...], plot: Frame, y: float) -> list[Mark]:
    """Return a row's bar and its name; the highlighted one's value stands at its end."""
    group = figure.groups.index(row.group) if row.group else 0
    role = "bar highlight" if row.highlighted else "bar"
    value = row.x or 0.0
    start, end = sorted((plot.x(0), plot.x(value)))
    marks = bar(group, role, start, end, y, THICK, f"{row.label}: {number(value)}")
    marks.append(Text("label" if row.highlighted else "tick", plot.left - GAP, y, name, "end"))
    if row.highlighted:
        marks.append(value_label(number(value), start, end, y, plot, value < 0))
    return marks


def value_label(text: str, start: float, end: float, y: float, plot: Frame, left: bool) -> Text:
    """Return a bar's value beside its end, away from zero where there is room."""
    if left and start - width_of(text, BOLD) - GAP > plot.left:
        return Text("label", start - GAP / 2, y, (text,), "end")
    return Text("label", end + GAP / 2, y, (text,))


def bar(
    group: int, role: str, left: float, right: float, y: float, thick: float, hint: str = ""
) -> list[Mark]:
    """Return a bar in its group's own fill: solid, hollow, or with stripes across or along it."""
    top, bottom = y - thick / 2, y + thick / 2
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    box = Polygon(f"{role} hollow" if group else role, corners, hint)
    stripe = role.replace("bar", "stripe")
    if group == 2:
        xs = [left + n * STRIPES for n in range(1, ceil((right - left) / STRIPES))]
        return [box, *(Line(stripe, ((x, top), (x, bottom))) for x in xs)]
    return [box, Line(stripe, ((left, y), (right, y)))] if group == 3 else [box]
