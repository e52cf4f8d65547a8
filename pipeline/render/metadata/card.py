"""The social card: a page's title as a picture, in the site's look, for where it is shared."""

import math
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from unicodedata import normalize

from font_source_serif_pro import font_files_otf
from PIL import Image, ImageDraw, ImageFont

Face = ImageFont.FreeTypeFont

FACE = Path(font_files_otf["SourceSerifProBold"])
# Narrow spaces and the hyphen that does not break
LIKE = {0x2009: 0xA0, 0x202F: 0xA0, 0x2011: 0x2D}
# The theme's tokens that a card is coloured with.
COLOURS = ("surface", "text", "text-quiet", "accent")
# What Open Graph's readers ask for: 1.91 to 1
WIDTH, HEIGHT = 1200, 630
FINER = 2  # times so fine is it drawn, and then made smaller
MARGIN = 88
WIDEST = (WIDTH - 2 * MARGIN) * FINER  # a line of the title, as it is drawn
TITLE_TOP, TITLE_BOTTOM = 128, 486
BAR = (68, 9)  # the bar over a section's heading
LARGEST, SMALLEST, STEP = 88, 34, 2  # of the title's letters
LEADING = 1.22
FOOT, FOOT_SIZE, MARK = 548, 32, 56
SHADES = 48  # of the letters' edges
NOWHERE = "\U0010fffe"  # a letter that no face has


def as_card(title: str, foot: str, face: Path, colours: Mapping[str, str]) -> bytes | None:
    """Return the card as PNG, or None when the title is too long for it.

    `title` and `foot` are plain text, `face` is a font file that has all of their letters,
    `colours` are the theme's, as `#rrggbb`, by the names in COLOURS.
    """
    found = fit(in_font(title), face)
    if not found:
        return None
    size, lines = found
    picture = Image.new("RGB", (WIDTH * FINER, HEIGHT * FINER), colours["surface"])
    draw = ImageDraw.Draw(picture)
    height = round(size * LEADING)
    top = TITLE_TOP + (TITLE_BOTTOM - TITLE_TOP - height * len(lines)) // 2
    box(draw, (MARGIN, top - 30, MARGIN + BAR[0], top - 30 + BAR[1]), colours["accent"])
    for number, line in enumerate(lines):
        place = (MARGIN * FINER, (top + height * number + size) * FINER)
        draw.text(place, line, colours["text"], letters(face, size * FINER), "ls")
    mark(draw, (MARGIN + MARK / 2, FOOT), MARK / 32, colours["accent"])
    place = ((MARGIN + MARK + 20) * FINER, round((FOOT + FOOT_SIZE * 0.36) * FINER))
    draw.text(place, foot, colours["text-quiet"], letters(face, FOOT_SIZE * FINER), "ls")
    data = BytesIO()
    few = picture.reduce(FINER).quantize(SHADES, Image.Quantize.FASTOCTREE)
    few.save(data, "PNG")
    return data.getvalue()


def in_font(text: str) -> str:
    """Return the text with letters as one sign each, and signs that fonts lack as their like."""
    return normalize("NFC", text).translate(LIKE)


def missing(text: str, face: Path) -> str:
    """Return the letters that a font file has not, each once."""
    font = letters(face, 32)
    none = shape(font, NOWHERE)
    found = dict.fromkeys(in_font(text))
    return "".join(c for c in found if shape(font, c) == none)


def shape(font: Face, letter: str) -> tuple[tuple[int, int], bytes]:
    """Return what is drawn for a letter."""
    drawn = font.getmask(letter)
    return drawn.size, bytes(drawn)


@cache
def letters(face: Path, size: float) -> Face:
    """Return the font in a size; laid out in the way that every machine has."""
    return ImageFont.truetype(face, size, layout_engine=ImageFont.Layout.BASIC)


def fit(title: str, face: Path) -> tuple[int, list[str]] | None:
    """Return the largest size in which a title fits, and its lines; None when it is too long."""
    for size in range(LARGEST, SMALLEST - 1, -STEP):
        # Measured as fine as it is drawn: a font's letters are not quite as wide in every size.
        font = letters(face, size * FINER)
        lines = wrap(title, font, WIDEST)
        if lines and round(size * LEADING) * len(lines) <= TITLE_BOTTOM - TITLE_TOP:
            return size, balance(title, font, len(lines))
    return None


def balance(title: str, font: Face, count: int) -> list[str]:
    """Return the title in that many lines, the longest as short as can be."""
    narrower = range(WIDEST // count, WIDEST + 1, 8 * FINER)
    found = (wrap(title, font, width) for width in narrower)
    return next((w for w in found if 0 < len(w) <= count), wrap(title, font, WIDEST))


def wrap(text: str, font: Face, width: float) -> list[str]:
    """Return the lines of a text, none wider than that; nothing when a word is too wide."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines if all(font.getlength(line) <= width for line in lines) else []


def box(draw: ImageDraw.ImageDraw, edges: tuple[int, ...], colour: str) -> None:
    """Draw a filled rectangle: left, top, right, bottom."""
    left, top, right, bottom = (edge * FINER for edge in edges)
    draw.rectangle((left, top, right - 1, bottom - 1), colour)


def mark(draw: ImageDraw.ImageDraw, at: tuple[float, float], unit: float, colour: str) -> None:
    """Draw the site's mark about a point; `unit` is a 32nd of its width (partials/mark.svg)."""
    unit *= FINER
    x, y = (value * FINER for value in at)

    def disc(cx: float, cy: float, radius: float, **ink: object) -> None:
        edges = (cx - radius * unit, cy - radius * unit, cx + radius * unit, cy + radius * unit)
        draw.ellipse(edges, **ink)  # type: ignore[arg-type]

    disc(x, y, 15, outline=colour, width=round(3 * unit))
    disc(x, y, 3, fill=colour)
    for angle in range(0, 360, 60):
        across, down = math.sin(math.radians(angle)), -math.cos(math.radians(angle))
        ends = [(x + across * r * unit, y + down * r * unit) for r in (5, 9)]
        draw.line(ends, colour, round(3.5 * unit))
        for end in ends:
            disc(*end, 1.75, fill=colour)
