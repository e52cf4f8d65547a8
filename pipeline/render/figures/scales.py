"""Axes: where they begin and end, their ticks, and numbers as a reader sees them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

STEPS = (1, 2, 5, 10, 20)
ROOM = 7  # ticks on an axis, at most
MINOR = 27  # ticks without a number on a logarithmic one, at most: three decades of them


@dataclass(frozen=True)
class Axis:
    """An axis from `low` to `high`; `minor` ticks have no number."""

    low: float
    high: float
    ticks: tuple[float, ...]
    minor: tuple[float, ...] = ()
    log: bool = False

    def place(self, value: float) -> float:
        """Return where a value stands, from 0 at the axis' beginning to 1 at its end."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def number(value: float) -> str:
    """Return a number without the noise of floats, with a true minus and grouped thousands.

    Four digits stay together, so that years look like years.
    """
    plain = Decimal(f"{value:.12g}")
    text = f"{plain:,f}" if abs(plain) >= 10_000 else f"{plain:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


def axis(values: Sequence[float], scale: str, zero: bool = False, room: int = ROOM) -> Axis:
    """Return an axis that holds all the values, with `room` for so many ticks.

    A linear axis begins at 0 where `zero` asks for it, or where that costs less than half of it.
    """
    low, high = min(values), max(values)
    if scale == "log":
        return log_axis(low, high, room)
    if zero or 0 < low < high / 2:
        low = min(low, 0)
    if zero or low / 2 < high < 0:
        high = max(high, 0)
    return linear_axis(low, high, room)


def linear_axis(low: float, high: float, room: int = ROOM) -> Axis:
    """Return a linear axis with ticks at 1, 2 or 5 times a power of ten."""
    if low == high:
        spread = abs(low) / 10 or 1.0
        low, high = low - spread, high + spread
    exponent = math.floor(math.log10((high - low) / room))
    first = last = step = 0
    for step in STEPS:
        width = float(f"{step}e{exponent}")
        first, last = math.floor(_near(low / width)), math.ceil(_near(high / width))
        if last - first < room:
            break
    ticks = tuple(float(f"{step * n}e{exponent}") for n in range(first, last + 1))
    return Axis(ticks[0], ticks[-1], ticks)


def log_axis(low: float, high: float, room: int = ROOM) -> Axis:
    """Return a logarithmic axis: the decades, with 2 and 5 between them where there is room."""
    first, last = math.floor(math.log10(low)) - 1, math.floor(math.log10(high)) + 2
    every = [float(f"{m}e{e}") for e in range(first, last + 1) for m in range(1, 10)]
    ticks = _between(every[::9] + every[1::9] + every[4::9], low, high)
    if len(ticks) > room:
        ticks = _between(every[::9], low, high)
    begin, end = ticks[0], ticks[-1]
    if len(ticks) > room:
        ticks = ticks[:: math.ceil(len(ticks) / room)]
    minor = tuple(value for value in every if begin < value < end and value not in ticks)
    return Axis(begin, end, tuple(ticks), minor if len(minor) <= MINOR else (), log=True)


def _between(marks: list[float], low: float, high: float) -> list[float]:
    """Return the marks in order, from the last one below `low` to the first one above `high`."""
    marks = sorted(marks)
    begin = max(value for value in marks if value <= low)
    end = min(value for value in marks if value >= high and value > begin)
    return [value for value in marks if begin <= value <= end]


def _near(value: float) -> float:
    """Return a whole number where a float is one but for noise."""
    whole = round(value)
    return whole if math.isclose(value, whole, rel_tol=1e-9, abs_tol=1e-9) else value
