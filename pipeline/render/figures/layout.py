"""From a figure to a drawing: the one place that knows where everything stands."""

from itertools import groupby

from pipeline.render.figures import bars, frame
from pipeline.render.figures.data import Figure, Row
from pipeline.render.figures.frame import DOT, EDGE, GAP, Frame
from pipeline.render.figures.labels import boxes, label
from pipeline.render.figures.marks import (
    WIDTH,
    Box,
    Circle,
    Drawing,
    Line,
    Mark,
    dot,
    width_of,
)
from pipeline.render.figures.scales import axis, number

HEIGHT = 380.0  # of the plot
CROWDED = 14  # dots on a line, from which some are left out


def lay_out(figure: Figure) -> Drawing:
    """Return the drawing."""
    return bars.lay_out(figure) if figure.options.kind == "bar" else dots_and_lines(figure)


def dots_and_lines(figure: Figure) -> Drawing:
    """Return a scatter or line chart."""
    head, top = frame.legend(figure)
    title, top = frame.title_above(figure.options.heading(figure.options.y), top)
    plot = plot_frame(figure, top)
    below, height = frame.title_below(figure.options.heading(figure.options.x), plot)
    grid, ticks = frame.y_grid(plot), frame.x_ticks(plot)
    inside = [*lines(figure, plot), *dots(figure, plot)]
    front = highlight(figure, plot, [*grid, *inside])
    return Drawing(height, (*head, *title, *grid, *ticks, *below, *inside, *front))


def plot_frame(figure: Figure, top: float) -> Frame:
    """Return the plot below `top`, with axes that hold every row."""
    options, rows = figure.options, figure.plotted
    y_axis = axis([row.y for row in rows if row.y is not None], options.y_scale)
    left = max(width_of(number(tick)) for tick in y_axis.ticks) + GAP
    right = WIDTH - EDGE
    xs = [row.x for row in rows if row.x is not None]
    x_axis = frame.fitting(xs, options.x_scale, right - left)
    return Frame(left, top + GAP, right, top + GAP + HEIGHT, x_axis, y_axis)


def place(row: Row, plot: Frame) -> tuple[float, float]:
    """Return where a plotted row stands."""
    return plot.x(row.x or 0.0), plot.y(row.y or 0.0)


def hint(row: Row) -> str:
    """Return what a mouse that rests on a row's dot is told."""
    values = ", ".join(number(value) for value in (row.x, row.y) if value is not None)
    return ": ".join(filter(None, (row.label, values)))


def group_of(row: Row, figure: Figure) -> int:
    """Return the number of a row's group."""
    return figure.groups.index(row.group) if row.group else 0


def dots(figure: Figure, plot: Frame) -> list[Mark]:
    """Return a dot for every row but the one in focus; on a long line for some of them."""
    found: list[Mark] = []
    for n in range(max(len(figure.groups), 1)):
        rows = [row for row in figure.plotted if group_of(row, figure) == n]
        every = len(rows) // CROWDED + 1 if figure.options.kind == "line" else 1
        found += [
            dot(n, "dot highlight" if row.highlighted else "dot", *place(row, plot), DOT, hint(row))
            for row in in_order(rows)[::every]
            if row is not focus(figure)
        ]
    return found


def in_order(rows: list[Row]) -> list[Row]:
    """Return the rows from left to right."""
    return sorted(rows, key=lambda row: row.x or 0.0)


def lines(figure: Figure, plot: Frame) -> list[Mark]:
    """Return the lines through each group's rows, broken where a value is missing."""
    found: list[Mark] = []
    for group in (figure.groups or ("",)) if figure.options.kind == "line" else ():
        rows = [row for row in figure.rows if row.group == group and row.x is not None]
        role = "series highlight" if all(row.highlighted for row in rows) else "series"
        for plotted, part in groupby(in_order(rows), key=lambda row: row.plotted):
            points = tuple(place(row, plot) for row in part) if plotted else ()
            if len(points) > 1:
                found.append(Line(role, points))
    return found


def focus(figure: Figure) -> Row | None:
    """Return the row that gets the label: of several highlighted ones the last one."""
    rows = in_order([row for row in figure.plotted if row.highlighted])
    return rows[-1] if rows else None


def highlight(figure: Figure, plot: Frame, others: list[Mark]) -> list[Mark]:
    """Return the dot of the row in focus, larger and with a halo, and its label."""
    row = focus(figure)
    if row is None:
        return []
    x, y = place(row, plot)
    inside = Box(plot.left, plot.top - GAP, plot.right, plot.bottom)
    return [
        Circle("halo", x, y, DOT * 2.8),
        dot(group_of(row, figure), "dot highlight", x, y, DOT * 1.5, hint(row)),
        label(row.label, x, y, DOT * 3.2, inside, list(boxes(others))),
    ]
