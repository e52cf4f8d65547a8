"""Where a label goes: beside its dot, where it hides least."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from pipeline.render.figures.marks import (
    BOLD,
    LEADING,
    TEXT,
    Box,
    Circle,
    Line,
    Mark,
    Polygon,
    Text,
    width_of,
    wrapped,
)

WIDTHS = (0.55, 1.0, 0.4, 0.28)  # of the plot, the ones to be tried first before the others
TALL = 400  # square units that a label may hide rather than have a third line
ACROSS = {"start": 0.0, "middle": 0.5, "end": 1.0}
DOWN = {"top": 0.0, "middle": 0.5, "bottom": 1.0}


def label(text: str, x: float, y: float, gap: float, plot: Box, others: Sequence[Box]) -> Text:
    """Return a label for the dot at x and y: in the plot, and over as little as can be."""

    def cost(candidate: Text) -> float:
        box = box_of(candidate)
        outside = box.area - box.shared(plot)
        tall = max(len(candidate.lines) - 2, 0)
        return round(10 * outside + sum(box.shared(other) for other in others) + TALL * tall)

    return min(candidates(text, x, y, gap, plot.right - plot.left), key=cost)


def candidates(text: str, x: float, y: float, gap: float, width: float) -> Iterator[Text]:
    """Yield the label on every side of its dot, the better places first."""
    near = gap * 0.66
    sides = [
        (x + gap, y, "start", "middle"),
        (x - gap, y, "end", "middle"),
        (x, y - gap, "middle", "bottom"),
        (x, y + gap, "middle", "top"),
        (x + near, y - near, "start", "bottom"),
        (x - near, y - near, "end", "bottom"),
        (x + near, y + near, "start", "top"),
        (x - near, y + near, "end", "top"),
    ]
    for share in WIDTHS:
        lines = wrapped(text, share * width, BOLD)
        for left, top, across, down in sides:
            yield Text("label", left, top, lines, across, down)


def box_of(text: Text) -> Box:
    """Return about what a label covers."""
    width = max(width_of(line, BOLD) for line in text.lines)
    height = len(text.lines) * TEXT * LEADING
    left, top = text.x - ACROSS[text.across] * width, text.y - DOWN[text.down] * height
    return Box(left, top, left + width, top + height)


def boxes(marks: Iterable[Mark]) -> Iterator[Box]:
    """Yield what marks cover; lines in pieces, because they run aslant."""
    for mark in marks:
        if isinstance(mark, Circle):
            r = mark.radius
            yield Box(mark.x - r, mark.y - r, mark.x + r, mark.y + r)
        elif isinstance(mark, Text):
            yield box_of(mark)
        elif isinstance(mark, Polygon):
            yield _around(mark.points)
        else:
            yield from map(_around, _pieces(mark))


def _around(points: Sequence[tuple[float, float]]) -> Box:
    xs, ys = [x for x, _y in points], [y for _x, y in points]
    return Box(min(xs) - 1, min(ys) - 1, max(xs) + 1, max(ys) + 1)


def _pieces(line: Line, count: int = 10) -> Iterator[tuple[tuple[float, float], ...]]:
    for (x, y), (to_x, to_y) in pairwise(line.points):
        steps = [(x + (to_x - x) * n / count, y + (to_y - y) * n / count) for n in range(count + 1)]
        yield from pairwise(steps)
