"""From a chart to a drawing: the one place that knows where everything is."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import ceil
from typing import NamedTuple

from pipeline.charts import geometry as g
from pipeline.charts.chart_data import ChartData, Row
from pipeline.charts.geometry import Axis, Mark, Shape, Text, format_number, width_of, wrap

HEIGHT = 380.0  # of the plot
ROW = g.TEXT * g.LEADING
DOT = 7.0  # a dot's radius
GAP = 12.0
EDGE = 30.0  # right of the plot, for half a tick's number
DIGITS = 1.12  # how much wider than Pillow's font the page's digits may be
MINOR, MAJOR = 5.0, 9.0  # lengths of ticks
CROWDED = 14  # dots on a line, from which some are left out
NAMES = 0.4  # of the drawing's width, at most, for the names of bars
THICK = 24.0  # a bar
STRIPES = 7.0  # from one stripe of a bar to the next


Marks = list[Mark]


class Drawing(NamedTuple):
    """A finished drawing: its marks, the later ones above the earlier ones."""

    height: float
    marks: Marks


@dataclass(frozen=True)
class Plot:
    """The plot's place in the drawing, and its axes; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float
    x_axis: Axis
    y_axis: Axis

    def x(self, value: float | None) -> float:
        """Return where a value of the x axis is."""
        return self.left + (self.right - self.left) * self.x_axis.place(value or 0.0)

    def y(self, value: float | None) -> float:
        """Return where a value of the y axis is."""
        return self.bottom - (self.bottom - self.top) * self.y_axis.place(value or 0.0)


def lay_out(chart: ChartData) -> Drawing:
    """Return the drawing of a chart."""
    return _bar_chart(chart) if chart.options.kind == "bar" else _dot_chart(chart)


def _dot_chart(chart: ChartData) -> Drawing:
    """Return a scatter or line chart."""
    options, rows = chart.options, chart.plotted
    title = wrap(options.heading(options.y), g.WIDTH)
    top = len(title) * ROW
    marks: Marks = [Text("title", 0, top, title, down="bottom")]
    top += GAP + GAP + (ROW if chart.ratios else 0)
    y_axis = g.make_axis([row.y for row in rows if row.y is not None], options.y_scale)
    left = max(width_of(format_number(tick)) for tick in y_axis.ticks) + GAP
    right = g.WIDTH - EDGE
    x_axis = _fitting_axis(rows, options.x_scale, right - left)
    plot = Plot(left, top, right, top + HEIGHT, x_axis, y_axis)
    heights = [(plot.y(value), format_number(value)) for value in y_axis.ticks]
    inside: Marks = [Shape("grid", ((plot.left, y), (plot.right, y))) for y, _ in heights]
    inside += [Text("tick", plot.left - GAP, y, (text,), "end") for y, text in heights]
    below, height = _x_axis(chart, plot)
    rays = list(_rays(chart, plot))
    marks += [*inside, *rays, *below]
    dots = _lines(chart, plot)
    focus = next((row for row in reversed(_in_order(rows)) if row.highlighted), None)
    for group in range(max(len(chart.groups), 1)):
        members = _in_order(row for row in rows if chart.group_of(row) == group)
        every = len(members) // CROWDED + 1 if options.kind == "line" else 1
        dots += [_dot(chart, plot, row) for row in members[::every] if row is not focus]
    marks += dots
    if focus:
        x, y, room = plot.x(focus.x), plot.y(focus.y), (left, top - GAP, right, plot.bottom)
        label = g.make_label(focus.label, x, y, DOT * 3.2, room, [*inside, *rays, *dots])
        halo = Shape("halo", ((x, y),), True, DOT * 2.8)
        marks += [halo, _dot(chart, plot, focus, DOT * 1.5), label]
    for row in rows:
        if row.named and row is not focus:
            room = (left, top - GAP, g.WIDTH, plot.bottom)
            place = plot.x(row.x), plot.y(row.y)
            label = g.make_label(row.label, *place, DOT * 1.8, room, [*marks])
            marks.append(replace(label, role="name"))
    return Drawing(height, marks)


def _bar_chart(chart: ChartData) -> Drawing:
    """Return a bar chart; the bars are horizontal, so that their names can be read on a phone."""
    rows = chart.plotted
    names = [wrap(row.label, NAMES * g.WIDTH) for row in rows]
    marks: Marks = []
    top = 0.0
    left = max(width_of(line, g.BOLD) for lines in names for line in lines) + GAP
    ends = [width_of(row.values, g.BOLD) + GAP for row in rows if row.highlighted]
    right = g.WIDTH - max(EDGE, *ends, 0)
    x_axis = _fitting_axis(rows, "linear", right - left, zero=True)
    heights = [max(len(lines) * ROW, THICK) + GAP for lines in names]
    plot = Plot(left, top, right, top + sum(heights) + GAP / 2, x_axis, Axis(0, 1, ()))
    marks += [_vertical("grid", plot.x(tick), top, plot.bottom) for tick in x_axis.ticks]
    below, height = _x_axis(chart, plot)
    marks += below
    y = top
    for row, lines, room in zip(rows, names, heights, strict=True):
        marks += _named_bar(chart, plot, row, lines, y + room / 2)
        y += room
    return Drawing(height, [*marks, _vertical("axis", plot.x(0), top, plot.bottom)])


def _in_order(rows: Iterable[Row]) -> list[Row]:
    """Return the rows from left to right."""
    return sorted(rows, key=lambda row: row.x or 0.0)


def _vertical(role: str, x: float, top: float, bottom: float) -> Shape:
    return Shape(role, ((x, top), (x, bottom)))


# --- Around the plot


def _fitting_axis(rows: Sequence[Row], scale: str, width: float, zero: bool = False) -> Axis:
    """Return an x axis whose numbers fit beside each other."""
    values = [row.x for row in rows if row.x is not None]
    for ticks in range(g.MAX_TICKS, 2, -1):
        axis = g.make_axis(values, scale, zero, ticks)
        if sum(width_of(format_number(tick), DIGITS) + GAP for tick in axis.ticks) <= width:
            break
    return axis


def _x_axis(chart: ChartData, plot: Plot) -> tuple[Marks, float]:
    """Return the x axis with ticks, numbers and title, and where the drawing ends."""
    low, axis = plot.bottom, plot.x_axis
    marks: Marks = [Shape("axis", ((plot.left, low), (plot.right, low)))]
    for length, values in ((MINOR, axis.minor), (MAJOR, axis.ticks)):
        marks += [_vertical("axis", plot.x(value), low, low + length) for value in values]
    for value in axis.ticks:
        text = (format_number(value),)
        marks.append(Text("tick", plot.x(value), low + GAP, text, "middle", "top"))
    top, title = low + GAP, chart.options.heading(chart.options.x)
    lines = wrap(title, g.WIDTH - EDGE / 2)
    # At the axis' end, if there is room
    wide = max(width_of(line) for line in lines) > plot.right
    x, across = (0, "start") if wide else (plot.right, "end")
    name = Text("title", x, top, lines, across, "below")
    return [*marks, name], name.box[3]


# --- Inside the plot


def _dot(chart: ChartData, plot: Plot, row: Row, radius: float = DOT) -> Shape:
    role = "dot highlight" if row.highlighted else "dot"
    return g.make_dot(chart.group_of(row), role, plot.x(row.x), plot.y(row.y), radius)


def _rays(chart: ChartData, plot: Plot) -> Iterator[Mark]:
    """Yield the lines on which y is so many times x, the last of them with the unit.

    There are none where an axis does not begin at 0.
    """
    if plot.x_axis.low or plot.y_axis.low:
        return
    high, wide = plot.y_axis.high, plot.x_axis.high
    ends = [(high / r, high) if r * wide > high else (wide, r * wide) for r in chart.ratios]
    places = [(plot.x(x), plot.y(y)) for x, y in ends]
    yield from (Shape("ray", ((plot.x(0), plot.y(0)), end)) for end in places)
    for end, ratio in zip(places, chart.ratios, strict=True):
        unit = f" {chart.options.ratio_label}" if end == places[-1] else ""
        across = "end" if unit else "middle"
        yield Text("ratio", *end, (format_number(ratio) + unit,), across, "bottom")


def _lines(chart: ChartData, plot: Plot) -> Marks:
    """Return the lines through each group's rows, with gaps where a value is missing."""
    found: Marks = []
    for group in (chart.groups or ("",)) if chart.options.kind == "line" else ():
        rows = [row for row in chart.rows if row.group == group and row.x is not None]
        role = "series highlight" if all(row.highlighted for row in rows) else "series"
        for plotted, part in groupby(_in_order(rows), key=lambda row: row.plotted):
            points = tuple((plot.x(row.x), plot.y(row.y)) for row in part) if plotted else ()
            if len(points) > 1:
                found.append(Shape(role, points))
    return found


def _named_bar(chart: ChartData, plot: Plot, row: Row, name: tuple[str, ...], y: float) -> Marks:
    """Return a row's bar and its name; the highlighted one's value is at its end."""
    start, end = sorted((plot.x(0), plot.x(row.x)))
    role = "bar highlight" if row.highlighted else "bar"
    marks = _bar(chart.group_of(row), role, (start, end), y, THICK)
    marks.append(Text("label" if row.highlighted else "tick", plot.left - GAP, y, name, "end"))
    if row.highlighted:
        fits = start - width_of(row.values, g.BOLD) - GAP > plot.left
        left = fits and (row.x or 0.0) < 0
        x, across = (start - GAP / 2, "end") if left else (end + GAP / 2, "start")
        marks.append(Text("label", x, y, (row.values,), across))
    return marks


def _bar(group: int, role: str, ends: g.Place, y: float, thick: float) -> Marks:
    """Return a bar in its group's own fill: solid, hollow, or with stripes across or along it."""
    left, right, top, bottom = *ends, y - thick / 2, y + thick / 2
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    marks: Marks = [Shape(f"{role} hollow" if group else role, corners, True)]
    stripe = role.replace("bar", "stripe")
    if group == 2:
        xs = [left + n * STRIPES for n in range(1, ceil((right - left) / STRIPES))]
        marks += [_vertical(stripe, x, top, bottom) for x in xs]
    elif group == 3:
        marks.append(Shape(stripe, ((left, y), (right, y))))
    return marks
