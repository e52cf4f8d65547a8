"""What a drawing is made of: plain marks that a writer only puts down.

A mark's `role` is a list of classes; the stylesheet and `png` say how each looks. Lengths are in
units of which a drawing is `WIDTH` wide. It is laid out for a phone: at half its width a `TEXT` is
still 11 px high. Where there is room the stylesheet makes texts and dots smaller about their
anchors, so nothing that fits here can collide there.
"""

import textwrap
from dataclasses import dataclass
from functools import cache

from PIL import ImageFont

WIDTH = 640.0
TEXT = 22.0  # a text's size
LEADING = 1.2  # of a text's size
# The page's face is the reader's own. DejaVu Serif is about the widest; bold is wider still.
WIDE, BOLD = 1.25, 1.35

Place = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """An open line through points."""

    role: str
    points: tuple[Place, ...]


@dataclass(frozen=True)
class Circle:
    """A circle; `hint` is shown where a mouse rests on it."""

    role: str
    x: float
    y: float
    radius: float
    hint: str = ""


@dataclass(frozen=True)
class Polygon:
    """A closed shape; `hint` is shown where a mouse rests on it."""

    role: str
    points: tuple[Place, ...]
    hint: str = ""


@dataclass(frozen=True)
class Text:
    """Lines of text about an anchor: `across` is start, middle or end, `down` top, middle or
    bottom, and says which part of the text stands at the anchor.
    """

    role: str
    x: float
    y: float
    lines: tuple[str, ...]
    across: str = "start"
    down: str = "middle"

    @property
    def baselines(self) -> tuple[float, ...]:
        """Return how far below `y` each line's baseline is, in the text's size."""
        above = (len(self.lines) - 1) * LEADING
        first = {"top": 0.78, "middle": 0.35 - above / 2, "bottom": -0.25 - above}[self.down]
        return tuple(round(first + n * LEADING, 2) for n in range(len(self.lines)))


Mark = Line | Circle | Polygon | Text


@dataclass(frozen=True)
class Drawing:
    """A finished drawing: its marks, the later ones above the earlier ones."""

    height: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Box:
    """A part of the drawing, from its left upper corner to its right lower one."""

    left: float
    top: float
    right: float
    bottom: float

    def shared(self, other: "Box") -> float:
        """Return the area that both cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0) * max(height, 0)

    @property
    def area(self) -> float:
        """Return the area."""
        return (self.right - self.left) * (self.bottom - self.top)


@cache
def width_of(text: str, wide: float = WIDE) -> float:
    """Return about how wide a text becomes, by the face that Pillow brings."""
    return float(ImageFont.load_default(TEXT).getlength(text)) * wide


def wrapped(text: str, width: float, wide: float = WIDE) -> tuple[str, ...]:
    """Return the text in lines that are no wider than `width`, where its words allow that."""
    for characters in range(len(text), 3, -1):
        lines = textwrap.wrap(text, characters, break_long_words=False, break_on_hyphens=False)
        if all(width_of(line, wide) <= width for line in lines):
            return tuple(lines)
    return tuple(text.split())


def dot(group: int, role: str, x: float, y: float, radius: float, hint: str = "") -> Mark:
    """Return a group's own shape: every second one is hollow."""
    role = f"{role} hollow" if group % 2 else role
    if group == 0:
        return Circle(role, x, y, radius, hint)
    r = radius * (1.2, 1.25, 1.35, 0.9)[group]
    corners = {
        1: ((0, -r), (r, 0), (0, r), (-r, 0)),
        2: ((0, -r), (0.9 * r, 0.6 * r), (-0.9 * r, 0.6 * r)),
        3: ((-r, -r), (r, -r), (r, r), (-r, r)),
    }
    return Polygon(role, tuple((x + dx, y + dy) for dx, dy in corners[group]), hint)
