"""The social card: a page's title as an image in the site's colors, for where it is shared.

The image has 16 colors: the background, and shades of each of the other colors for edges of
letters. Words are measured once, at `UNITS` pixels, so that breaking lines is arithmetic.
"""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from unicodedata import normalize

import resvg_py
from font_source_serif_pro import font_files_otf
from PIL import Image, ImageDraw, ImageFont

# Characters that fonts lack: narrow spaces, and the hyphen that does not break
ALIKE = {0x2009: 0xA0, 0x202F: 0xA0, 0x2011: 0x2D}
MISSING = "\U0010fffe"  # a character that no font has
# The theme's color tokens, and where the palette has shades of each; index 0 is the background
COLORS = ("surface", "text", "text-quiet", "accent")
SHADES = {"text": range(1, 8), "text-quiet": range(8, 12), "accent": range(12, 16)}
# What Open Graph recommends: 1.91 to 1
WIDTH, HEIGHT = 1200, 630
MARGIN = 88
TITLE_TOP, TITLE_BOTTOM = 128, 486
BAR = (68, 9)  # above the title
LARGEST, SMALLEST, STEP = 88, 34, 2  # font sizes of the title
LEADING = 1.22
FOOT, FOOT_SIZE, MARK = 548, 32, 56
UNITS = 1000
WIDEST = WIDTH - 2 * MARGIN


@dataclass(frozen=True)
class Face:
    """A font file, with the SHA-256 of its bytes."""

    path: str
    digest: str


def card_face(theme: str) -> Face:
    """Return the font of the cards: the first of the theme's `fonts/`, else Source Serif Bold."""
    own = sorted(Path(theme, "fonts").glob("*.[to]tf"))
    path = own[0] if own else Path(font_files_otf["SourceSerifProBold"])
    return Face(str(path), sha256(path.read_bytes()).hexdigest())


def card_png(title: str, foot: str, face: Face, colors: Mapping[str, str], mark: str = "") -> bytes:
    """Return the card as PNG.

    `title` and `foot` are plain text; characters that the font lacks are left out, and without any
    left in the title the foot stands for it. `colors` are the theme's as `#rrggbb`, by the names in
    COLORS. `mark` is the site's mark, an SVG that is drawn in one color ("": none).
    """
    foot = drawable(foot, face)
    title = drawable(title, face) or foot
    image = _background(foot, face, tuple(colors[name] for name in COLORS), mark).copy()
    size, lines = fit_title(title, face)
    height = round(size * LEADING)
    top = TITLE_TOP + (TITLE_BOTTOM - TITLE_TOP - height * len(lines)) // 2
    mask = Image.new("L", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(mask)
    for number, line in enumerate(lines):
        draw.text((MARGIN, top + height * number + size), line, 255, _font(face, size), "ls")
    _paint(image, mask, SHADES["text"])
    bar = (MARGIN, top - 30, MARGIN + BAR[0] - 1, top - 30 + BAR[1] - 1)
    ImageDraw.Draw(image).rectangle(bar, SHADES["accent"][-1])
    data = BytesIO()
    image.save(data, "PNG", bits=4, compress_type=zlib.Z_RLE)
    return data.getvalue()


@cache
def _background(foot: str, face: Face, colors: tuple[str, ...], mark: str) -> Image.Image:
    """Return what the cards of a site have in common: the palette, the mark and the foot."""
    image = Image.new("P", (WIDTH, HEIGHT))
    surface, *others = (bytes.fromhex(color.removeprefix("#")) for color in colors)
    palette = [*surface]
    for color, shades in zip(others, SHADES.values(), strict=True):
        for part in range(1, len(shades) + 1):
            mixed = zip(surface, color, strict=True)
            palette += [round(a + (b - a) * part / len(shades)) for a, b in mixed]
    image.putpalette(palette)
    if mark:
        # In a page it is a part of the HTML, which has no namespaces.
        named = '<svg xmlns="http://www.w3.org/2000/svg"'
        svg = mark if "xmlns=" in mark else mark.replace("<svg", named, 1)
        drawn = resvg_py.svg_to_bytes(svg_string=svg, width=MARK, height=MARK)
        mask = Image.new("L", (WIDTH, HEIGHT))
        with Image.open(BytesIO(drawn)) as opened:
            mask.paste(opened.getchannel("A"), (MARGIN, FOOT - MARK // 2))
        _paint(image, mask, SHADES["accent"])
    mask = Image.new("L", (WIDTH, HEIGHT))
    place = (MARGIN + (MARK + 20 if mark else 0), round(FOOT + FOOT_SIZE * 0.36))
    ImageDraw.Draw(mask).text(place, foot, 255, _font(face, FOOT_SIZE), "ls")
    _paint(image, mask, SHADES["text-quiet"])
    return image


def _paint(image: Image.Image, mask: Image.Image, shades: range) -> None:
    """Put a mask onto a palette image in the shades of a color."""
    if box := mask.getbbox():
        levels = (round(level * len(shades) / 255) for level in range(256))
        indices = [(0, *shades)[level] for level in levels]
        part = mask.crop(box)
        image.paste(part.point(indices), box[:2], part.point([255 if i else 0 for i in indices]))


def drawable(text: str, face: Face) -> str:
    """Return a text without the characters that a font lacks, in composed form."""
    composed = normalize("NFC", text).translate(ALIKE)
    missing = _glyph(face, MISSING)
    found = "".join(c for c in composed if _glyph(face, c) != missing)
    return re.sub(" +", " ", found).strip(" ")


@cache
def _glyph(face: Face, character: str) -> tuple[tuple[int, int], bytes]:
    """Return what a font draws for a character: the size and the pixels."""
    drawn = _font(face, 32).getmask(character)
    return drawn.size, bytes(drawn)


@cache
def _font(face: Face, size: int) -> ImageFont.FreeTypeFont:
    """Return a font in a size; the basic layout is the same on every machine."""
    return ImageFont.truetype(face.path, size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _width(face: Face, word: str) -> float:
    """Return the width of a word at `UNITS` pixels."""
    return _font(face, UNITS).getlength(word)


def fit_title(title: str, face: Face) -> tuple[int, list[str]]:
    """Return the largest font size in which a title fits, and its lines, balanced.

    One that is too long in the smallest is cut, with an ellipsis.
    """
    words = title.split(" ")
    for size in range(LARGEST, SMALLEST - 1, -STEP):
        lines = _wrap(words, face, WIDEST * UNITS / size)
        if lines and round(size * LEADING) * len(lines) <= TITLE_BOTTOM - TITLE_TOP:
            # In so many lines, the longest as short as possible
            widths = range(WIDEST // len(lines), WIDEST, 8)
            tried = (_wrap(words, face, width * UNITS / size) for width in widths)
            return size, next((t for t in tried if t and len(t) <= len(lines)), lines)
    shorter = title[: round(len(title) * 0.95) - 1].rstrip(" …")
    return fit_title(f"{shorter}…", face)


def _wrap(words: list[str], face: Face, width: float) -> list[str]:
    """Return the lines of a text, none wider than that; no lines when a word is too wide."""
    lines: list[str] = []
    used = 0.0
    for word in words:
        needed = _width(face, word)
        if needed > width:
            return []
        if lines and used + _width(face, " ") + needed <= width:
            lines[-1] += f" {word}"
            used += _width(face, " ") + needed
        else:
            lines.append(word)
            used = needed
    return lines
