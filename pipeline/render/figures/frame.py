"""What stands around a plot: the legend, the axes and their titles."""

from dataclasses import dataclass

from pipeline.render.figures.data import Figure
from pipeline.render.figures.marks import (
    LEADING,
    TEXT,
    WIDTH,
    Line,
    Mark,
    Text,
    dot,
    width_of,
    wrapped,
)
from pipeline.render.figures.scales import ROOM, Axis, axis, number

ROW = TEXT * LEADING
DOT = 8.0  # a dot's radius
GAP = 12.0
FIGURES = 1.12  # how much wider than Pillow's face the page's figures may be
MINOR, MAJOR = 5.0, 9.0  # lengths of ticks
EDGE = 30.0  # right of the plot, for half a tick's number


@dataclass(frozen=True)
class Frame:
    """The plot's place in the drawing, and its axes; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float
    x_axis: Axis
    y_axis: Axis

    def x(self, value: float) -> float:
        """Return where a value of the x axis stands."""
        return self.left + (self.right - self.left) * self.x_axis.place(value)

    def y(self, value: float) -> float:
        """Return where a value of the y axis stands."""
        return self.bottom - (self.bottom - self.top) * self.y_axis.place(value)


def legend(figure: Figure) -> tuple[list[Mark], float]:
    """Return what tells the groups apart, in as many rows as it needs, and its height."""
    if not figure.groups:
        return [], 0.0
    title = figure.options.heading(figure.options.group)
    marks: list[Mark] = [Text("legend tick", 0, ROW / 2, (title,))]
    x, y = width_of(title) + GAP, ROW / 2
    for n, group in enumerate(figure.groups):
        width = 2 * DOT + GAP + width_of(group)
        if x + width > WIDTH:
            x, y = 0.0, y + ROW * 1.2
        marks.append(dot(n, "legend dot", x + DOT, y, DOT))
        marks.append(Text("legend text", x + 2 * DOT + GAP * 0.8, y, (group,)))
        x += width + 2 * GAP
    return marks, y + ROW / 2 + GAP


def title_above(text: str, top: float) -> tuple[list[Mark], float]:
    """Return the y axis' title, written as one reads, and where the plot below it begins."""
    lines = wrapped(text, WIDTH)
    bottom = top + len(lines) * ROW
    return [Text("title", 0, bottom, lines, down="bottom")], bottom + GAP


def title_below(text: str, frame: Frame) -> tuple[list[Mark], float]:
    """Return the x axis' title at the axis' end, and where the drawing ends."""
    lines = wrapped(text, WIDTH - EDGE / 2)
    top = frame.bottom + GAP + ROW + GAP
    mark = Text("title", frame.right, top, lines, "end", "top")
    if max(width_of(line) for line in lines) > frame.right:
        mark = Text("title", 0, top, lines, "start", "top")
    return [mark], top + len(lines) * ROW


def fitting(values: list[float], scale: str, width: float, zero: bool = False) -> Axis:
    """Return an axis whose numbers fit beside each other."""
    for room in range(ROOM, 2, -1):
        found = axis(values, scale, zero, room)
        if sum(width_of(number(tick), FIGURES) + GAP for tick in found.ticks) <= width:
            break
    return found


def x_ticks(frame: Frame) -> list[Mark]:
    """Return the x axis with its ticks and their numbers."""
    low, axis = frame.bottom, frame.x_axis
    lengths = [*((value, MINOR) for value in axis.minor), *((value, MAJOR) for value in axis.ticks)]
    return [
        Line("axis", ((frame.left, low), (frame.right, low))),
        *(up_and_down(frame.x(value), low, low + length) for value, length in lengths),
        *(
            Text("tick", frame.x(value), low + GAP, (number(value),), "middle", "top")
            for value in axis.ticks
        ),
    ]


def y_grid(frame: Frame) -> list[Mark]:
    """Return a line across the plot for each tick of the y axis, with its number."""
    heights = [(frame.y(value), number(value)) for value in frame.y_axis.ticks]
    return [
        *(Line("grid", ((frame.left, y), (frame.right, y))) for y, _text in heights),
        *(Text("tick", frame.left - GAP, y, (text,), "end") for y, text in heights),
    ]


def x_grid(frame: Frame) -> list[Mark]:
    """Return a line up the plot for each tick of the x axis."""
    xs = [frame.x(value) for value in frame.x_axis.ticks]
    return [up_and_down(x, frame.top, frame.bottom, "grid") for x in xs]


def up_and_down(x: float, top: float, bottom: float, role: str = "axis") -> Line:
    """Return an upright line."""
    return Line(role, ((x, top), (x, bottom)))
