"""A figure as PNG, for feed readers and social cards, which show no SVG."""

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from pipeline.render.figures.data import Figure
from pipeline.render.figures.layout import lay_out
from pipeline.render.figures.marks import TEXT, WIDTH, Circle, Drawing, Line, Mark, Polygon, Text

# The theme's tokens that a drawing is coloured with.
COLOURS = ("surface", "text", "text-quiet", "rule", "accent", "accent-quiet")
SCALE = 2  # pixels a unit
FINER = 3  # times so fine is it drawn, and then made smaller: Pillow draws hard edges
MARGIN = 28.0
THIN, THICK = 1.5, 3.0
HALO = 6.0  # around a label
# What Pillow's own face lacks, and what stands for it there.
PLAIN = str.maketrans({"−": "-", "–": "-", "—": "-", "×": "x", "€": "EUR", "£": "GBP", "µ": "u"})
ACROSS = {"start": "ls", "middle": "ms", "end": "rs"}


def as_png(figure: Figure, colours: Mapping[str, str]) -> bytes:
    """Return the drawing, twice as large as on a wide page.

    `colours` are the theme's, as `#rrggbb`, by the names in COLOURS.
    """
    pen = Pen(lay_out(figure), colours)
    data = BytesIO()
    pen.picture().save(data, "PNG", optimize=True)
    return data.getvalue()


class Pen:
    """Puts marks on a picture."""

    def __init__(self, drawing: Drawing, colours: Mapping[str, str]) -> None:
        self.colours = colours
        self.scale = SCALE * FINER
        size = (WIDTH + 2 * MARGIN, drawing.height + 2 * MARGIN)
        pixels = (int(size[0]) * self.scale, int(size[1]) * self.scale)
        self.image = Image.new("RGB", pixels, colours["surface"])
        self.draw = ImageDraw.Draw(self.image)
        for mark in drawing.marks:
            self.put(mark)

    def picture(self) -> Image.Image:
        """Return the finished picture."""
        return self.image.reduce(FINER)

    def put(self, mark: Mark) -> None:
        """Draw one mark."""
        words = set(mark.role.split())
        if isinstance(mark, Text):
            self.text(mark)
        elif isinstance(mark, Line):
            thin = words & {"grid", "axis"}
            self.line(mark.points, self.colour(words), THIN if thin else THICK)
        elif isinstance(mark, Circle):
            self.circle(mark, words)
        else:
            self.polygon(mark, words)

    def colour(self, words: set[str]) -> str:
        """Return the colour of a mark's lines, or of its inside."""
        named = {"grid": "rule", "axis": "text-quiet", "halo": "accent-quiet"}
        for word, token in {"highlight": "accent", **named}.items():
            if word in words:
                return self.colours[token]
        return self.colours["text"]

    def at(self, points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
        """Return points in pixels."""
        return [((x + MARGIN) * self.scale, (y + MARGIN) * self.scale) for x, y in points]

    def line(self, points: Iterable[tuple[float, float]], colour: str, width: float) -> None:
        """Draw an open line."""
        self.draw.line(self.at(points), colour, round(width * self.scale), joint="curve")

    def circle(self, mark: Circle, words: set[str]) -> None:
        """Draw a circle with a rim that parts it from its neighbours."""
        for radius, colour in (
            (mark.radius + ("halo" not in words) * THIN, self.colours["surface"]),
            (mark.radius, self.colour(words)),
        ):
            ends = ((mark.x - radius, mark.y - radius), (mark.x + radius, mark.y + radius))
            self.draw.ellipse(self.at(ends), colour)

    def polygon(self, mark: Polygon, words: set[str]) -> None:
        """Draw a closed shape, filled with the surface where it is hollow."""
        colour, hollow = self.colour(words), "hollow" in words
        inside, rim = (self.colours["surface"], colour) if hollow else (colour, "")
        self.draw.polygon(self.at(mark.points), inside)
        if hollow:
            self.line((*mark.points, *mark.points[:2]), rim, THICK)

    def text(self, mark: Text) -> None:
        """Draw a text; a label stands out by its colour, its weight and a rim of the surface."""
        size = TEXT * self.scale
        label = mark.role == "label"
        colour = self.colours[
            "accent" if label else "text-quiet" if "tick" in mark.role else "text"
        ]
        for drop, line in zip(mark.baselines, mark.lines, strict=True):
            [place] = self.at([(mark.x, mark.y + drop * TEXT)])
            for width, ink in ([(HALO, self.colours["surface"])] if label else []) + [
                (0.6 * label, colour)
            ]:
                self.draw.text(
                    place, plain(line), ink, face(size), ACROSS[mark.across],
                    stroke_width=width * self.scale,
                )  # fmt: skip


@cache
def face(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return the face that Pillow brings, so that every machine draws the same."""
    return ImageFont.load_default(size)


def plain(text: str) -> str:
    """Return the text in letters that Pillow's own face has, as far as there are such."""
    marks = unicodedata.normalize("NFKD", text.translate(PLAIN))
    return "".join(letter for letter in marks if not unicodedata.combining(letter))
