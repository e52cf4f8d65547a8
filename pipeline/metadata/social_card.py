"""The social card: a page's title as an image in the site's colors, for where it is shared.

The image has 16 colors: the background, and shades of each of the other colors for edges of
letters. Words are measured once, at `UNITS` pixels, so that breaking lines is arithmetic.
"""

import re
import zlib
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from io import BytesIO
from itertools import pairwise
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
LONGEST = 480  # characters of a title that can fit
FIGURE = (626, 36, 540)  # left, top and width; the title is beside it


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


def card_png(
    title: str,
    foot: str,
    face: Face,
    colors: Mapping[str, str],
    mark: str = "",
    figure: Callable[[], bytes] | None = None,
) -> bytes:
    """Return the card as PNG.

    `title` and `foot` are plain text; characters that the font lacks are left out, and without any
    left in the title the foot stands for it. `colors` are the theme's as `#rrggbb`, by the names in
    COLORS. `mark` is the site's mark, an SVG that is drawn in one color ("": none). `figure` gives
    an image in those colors as wide as FIGURE says.
    """
    foot = drawable(foot, face)
    title = drawable(title, face) or foot
    image = _background(tuple(colors[name] for name in COLORS), mark).copy()
    _write_foot(image, foot, face, bool(mark))
    widest = WIDEST
    if figure:
        widest = FIGURE[0] - MARGIN
        with Image.open(BytesIO(figure())) as drawn:
            few = drawn.convert("RGB").quantize(palette=image, dither=Image.Dither.NONE)
        image.paste(few, FIGURE[:2])
    size, lines = fit_title(title, face, widest)
    height = round(size * LEADING)
    top = TITLE_TOP + (TITLE_BOTTOM - TITLE_TOP - height * len(lines)) // 2
    mask = Image.new("L", (WIDTH, height * (len(lines) + 1)))
    draw = ImageDraw.Draw(mask)
    for number, line in enumerate(lines):
        draw.text((MARGIN, height * number + size), line, 255, _font(face, size), "ls")
    _paint(image, mask, SHADES["text"], top)
    bar = (MARGIN, top - 30, MARGIN + BAR[0] - 1, top - 30 + BAR[1] - 1)
    ImageDraw.Draw(image).rectangle(bar, SHADES["accent"][-1])
    data = BytesIO()
    image.save(data, "PNG", bits=4, compress_type=zlib.Z_RLE)
    return data.getvalue()


@cache
def _background(colors: tuple[str, ...], mark: str) -> Image.Image:
    """Return what the cards of a site have in common: the palette and the mark."""
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
    return image


def _write_foot(image: Image.Image, foot: str, face: Face, has_mark: bool) -> None:
    """Write the line at the foot, beside the mark; one that is too long is cut."""
    left = MARGIN + (MARK + 20) * has_mark
    room = (WIDTH - MARGIN - left) * UNITS / FOOT_SIZE
    while sum(_width(face, word) + _width(face, " ") for word in foot.split(" ")) > room:
        foot = foot.rstrip("…").rpartition(" ")[0].rstrip(",;·") + "…"
    mask, top = Image.new("L", (WIDTH, 2 * FOOT_SIZE)), FOOT - FOOT_SIZE
    place = left, round(FOOT_SIZE * 1.36)
    ImageDraw.Draw(mask).text(place, foot, 255, _font(face, FOOT_SIZE), "ls")
    _paint(image, mask, SHADES["text-quiet"], top)


def _paint(image: Image.Image, mask: Image.Image, shades: range, top: int = 0) -> None:
    """Put a mask onto a palette image in the shades of a color, from a height on."""
    if box := mask.getbbox():
        indices, painted = _tables(shades)
        part = mask.crop(box)
        image.paste(part.point(indices), (box[0], box[1] + top), part.point(painted))


@cache
def _tables(shades: range) -> tuple[list[int], list[int]]:
    """Return for each level of a mask its index in the palette, and whether it is painted."""
    indices = [(0, *shades)[round(level * len(shades) / 255)] for level in range(256)]
    return indices, [255 if index else 0 for index in indices]


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


def fit_title(title: str, face: Face, room: int = WIDEST) -> tuple[int, list[str]]:
    """Return the largest font size in which a title fits a width, and its lines, balanced.

    One that is too long in the smallest is cut, with an ellipsis.
    """
    widest = room * UNITS / SMALLEST
    words = [_cut(word, widest, face) for word in title[: LONGEST + 1].split(" ")]
    if len(title) > LONGEST:
        words[-1] = "…"
    while True:
        widths = [_width(face, word) for word in words]
        sizes = range(SMALLEST, LARGEST + 1, STEP)
        fitting = bisect_left(sizes, True, key=lambda size: not _fits(widths, size, face, room))
        if fitting:
            break
        words = [*words[:-2], "…"]
    size = sizes[fitting - 1]
    space = _width(face, " ")
    count = len(_wrap(widths, room * UNITS / size, space))
    # In so many lines, the longest as short as possible
    tried = range(room // count, room, 8)

    def is_enough(width: int) -> bool:
        return 0 < len(_wrap(widths, width * UNITS / size, space)) <= count

    best = bisect_left(tried, True, key=is_enough)
    width = tried[best] if best < len(tried) else room
    starts = _wrap(widths, width * UNITS / size, space)
    lines = [" ".join(words[a:b]) for a, b in pairwise([*starts, len(words)])]
    return size, [line.replace(" …", "…") for line in lines]


def _cut(word: str, room: float, face: Face) -> str:
    """Return a word, with an ellipsis where it is too wide."""
    width = _width(face, word)
    return word if width <= room else f"{word[: int(len(word) * room / width * 0.9)]}…"


def _fits(widths: list[float], size: int, face: Face, room: int) -> bool:
    lines = len(_wrap(widths, room * UNITS / size, _width(face, " ")))
    return bool(lines) and round(size * LEADING) * lines <= TITLE_BOTTOM - TITLE_TOP


def _wrap(widths: list[float], room: float, space: float) -> list[int]:
    """Return the number of the first word of each line; none when a word is too wide."""
    starts: list[int] = []
    used = room
    for number, width in enumerate(widths):
        if width > room:
            return []
        if starts and used + space + width <= room:
            used += space + width
        else:
            starts.append(number)
            used = width
    return starts
