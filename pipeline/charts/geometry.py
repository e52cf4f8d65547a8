"""What a drawing is made of: axes, marks, and the room that texts take.

A mark's `role` is a list of classes; the stylesheets say how each looks. Lengths are in units of
which a drawing is `WIDTH` wide. It is laid out for the smallest phone: where a drawing is 280 px
wide a `TEXT` is still 12 px high. Where there is room the theme makes texts smaller about their
anchors, so nothing that fits here can collide there.
"""

import math
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise

from PIL import ImageFont

WIDTH = 640.0
TEXT = 28.0  # a text's size
LEADING = 1.2  # of a text's size
# The page's face is the reader's own. DejaVu Serif is about the widest; bold is wider still.
WIDE, BOLD = 1.25, 1.35

STEPS = (1, 2, 5, 10, 20)
MAX_TICKS = 7
MAX_MINOR_TICKS = 27  # of a logarithmic axis: three decades

# Each group's shape after the circle, for a radius of 1
SHAPES = (
    ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
    ((0, -1.35), (1.215, 0.81), (-1.215, 0.81)),
    ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
)
# Where a label can be, the better places first: gaps from its dot, and what of it is there
SIDES = (
    (1.0, 0.0, "start", "middle"),
    (-1.0, 0.0, "end", "middle"),
    (0.0, -1.0, "middle", "bottom"),
    (0.0, 1.0, "middle", "top"),
    (0.66, -0.66, "start", "bottom"),
    (-0.66, -0.66, "end", "bottom"),
    (0.66, 0.66, "start", "top"),
    (-0.66, 0.66, "end", "top"),
)
LABEL_WIDTHS = (0.55, 1.0, 0.4, 0.28)  # of the plot, those to try first before the others
TALL = 400  # square units that a label may hide rather than have a third line
PARTS = {"start": 0.0, "middle": 0.5, "end": 1.0, "top": 0.0, "bottom": 1.0}
LINE = 1.25  # of a text's size: how far down a text begins that is below a line of ticks

Place = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Shape:
    """A path through points, or a circle around one."""

    role: str
    points: tuple[Place, ...]
    closed: bool = False
    radius: float = 0.0


@dataclass(frozen=True)
class Text:
    """Lines of text about an anchor."""

    role: str
    x: float
    y: float
    lines: tuple[str, ...]
    across: str = "start"  # what of it is at x: start, middle or end
    down: str = "middle"  # what of it is at y: top, middle or bottom; "below": a line further down

    @property
    def box(self) -> Box:
        """About what it covers, if it is bold."""
        width = max(width_of(line, BOLD) for line in self.lines)
        height = len(self.lines) * TEXT * LEADING
        shift = LINE * TEXT if self.down == "below" else -PARTS[self.down] * height
        left, top = self.x - PARTS[self.across] * width, self.y + shift
        return left, top, left + width, top + height


Mark = Shape | Text


@dataclass(frozen=True)
class Axis:
    """An axis from `low` to `high`; `minor` ticks have no number."""

    low: float
    high: float
    ticks: tuple[float, ...]
    minor: tuple[float, ...] = ()
    log: bool = False

    def place(self, value: float) -> float:
        """Return where a value is, from 0 at the axis' beginning to 1 at its end."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def format_number(value: float) -> str:
    """Return a number without the noise of floats, with a minus sign and grouped thousands.

    Four digits stay together, so that years look like years.
    """
    plain = Decimal(f"{value:.12g}")
    text = f"{plain:,f}" if abs(plain) >= 10_000 else f"{plain:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


def make_axis(
    values: Sequence[float], scale: str, zero: bool = False, max_ticks: int = MAX_TICKS
) -> Axis:
    """Return an axis that holds all the values.

    A linear axis begins at 0 with `zero`, or where that costs less than half of it. Its ticks are
    at 1, 2 or 5 times a power of ten.
    """
    low, high = min(values), max(values)
    if scale == "log":
        return _log_axis(low, high, max_ticks)
    if zero or 0 < low < high / 2:
        low = min(low, 0)
    if zero or low / 2 < high < 0:
        high = max(high, 0)
    if low == high:
        spread = abs(low) / 10 or 1.0
        low, high = low - spread, high + spread
    exponent = math.floor(math.log10((high - low) / max_ticks))
    first = last = step = 0
    for step in STEPS:
        # Rounded, so that errors of floats cost no tick
        ends = [round(end / float(f"{step}e{exponent}"), 9) for end in (low, high)]
        first, last = math.floor(ends[0]), math.ceil(ends[1])
        if last - first < max_ticks:
            break
    ticks = tuple(float(f"{step * n}e{exponent}") for n in range(first, last + 1))
    return Axis(ticks[0], ticks[-1], ticks)


def _log_axis(low: float, high: float, max_ticks: int) -> Axis:
    """Return a logarithmic axis: the decades, with 2 and 5 between them where there is room."""
    exponents = range(math.floor(math.log10(low)) - 1, math.floor(math.log10(high)) + 3)
    every = [float(f"{m}e{e}") for e in exponents for m in range(1, 10)]
    ticks: list[float] = []
    for digits in ("125", "1"):
        marks = [float(f"{m}e{e}") for e in exponents for m in digits]
        begin = max(value for value in marks if value <= low)
        end = min(value for value in marks if value >= high and value > begin)
        ticks = [value for value in marks if begin <= value <= end]
        if len(ticks) <= max_ticks:
            break
    ticks = ticks[:: math.ceil(len(ticks) / max_ticks)]
    minor = tuple(value for value in every if begin < value < end and value not in ticks)
    return Axis(begin, end, tuple(ticks), minor if len(minor) <= MAX_MINOR_TICKS else (), log=True)


@cache
def width_of(text: str, wide: float = WIDE) -> float:
    """Return about how wide a text becomes, by the font that Pillow brings."""
    return float(ImageFont.load_default(TEXT).getlength(text)) * wide


def wrap(text: str, width: float, wide: float = WIDE) -> tuple[str, ...]:
    """Return the text in lines that are no wider than `width`, where its words allow that."""
    for characters in range(len(text), 3, -1):
        lines = textwrap.wrap(text, characters, break_long_words=False, break_on_hyphens=False)
        if all(width_of(line, wide) <= width for line in lines):
            return tuple(lines)
    return tuple(text.split())


def make_dot(group: int, role: str, x: float, y: float, radius: float) -> Shape:
    """Return a group's own shape: every second one is hollow."""
    role = f"{role} hollow" if group % 2 else role
    if group == 0:
        return Shape(role, ((x, y),), True, radius)
    points = tuple((x + dx * radius, y + dy * radius) for dx, dy in SHAPES[group - 1])
    return Shape(role, points, True)


def make_label(
    text: str, x: float, y: float, gap: float, plot: Box, others: Iterable[Mark]
) -> Text:
    """Return the label of the dot at x and y: inside the plot, and over as little as possible."""
    covered = [(box, _weight(mark)) for mark in others for box in _boxes_of(mark)]

    def cost(label: Text) -> float:
        box = label.box
        outside = _overlap(box, box) - _overlap(box, plot)
        tall = max(len(label.lines) - 2, 0)
        return round(
            10 * outside
            + sum(_overlap(box, other) * weight for other, weight in covered)
            + TALL * tall
        )

    wrapped = [wrap(text, share * (plot[2] - plot[0]), BOLD) for share in LABEL_WIDTHS]
    labels = [
        Text("label", x + dx * gap, y + dy * gap, lines, across, down)
        for lines in wrapped
        for dx, dy, across, down in SIDES
    ]
    return min(labels, key=cost)


def _weight(mark: Mark) -> int:
    """Return how bad it is to hide a part of a mark: a line goes on, a dot is lost."""
    return 9 if isinstance(mark, Text) else 40 if mark.closed else 1


def _overlap(one: Box, other: Box) -> float:
    """Return the area that both cover."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0) * max(height, 0)


def _boxes_of(mark: Mark, pieces: int = 40) -> Iterator[Box]:
    """Yield what a mark covers; a line in pieces, because it may be diagonal."""
    if isinstance(mark, Text):
        yield mark.box
        return
    parts: list[tuple[Place, ...]] = [mark.points]
    if not mark.closed:
        parts = []
        for (x, y), (to_x, to_y) in pairwise(mark.points):
            steps = [n / pieces for n in range(pieces + 1)]
            parts += pairwise([(x + (to_x - x) * n, y + (to_y - y) * n) for n in steps])
    around = mark.radius or 1.0  # the width of a line
    for points in parts:
        xs, ys = [x for x, _ in points], [y for _, y in points]
        yield min(xs) - around, min(ys) - around, max(xs) + around, max(ys) + around
