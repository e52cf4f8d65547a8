"""A drawing as SVG that takes its colours and its face from the page.

Classes say what a mark is and the stylesheet how it looks. What the attributes say as well is for
readers that have no stylesheet, such as reader views.
"""

from itertools import groupby
from xml.etree.ElementTree import Element, SubElement

from pipeline.render.figures.marks import (
    LEADING,
    TEXT,
    WIDTH,
    Circle,
    Drawing,
    Line,
    Mark,
    Polygon,
    Text,
)

OUTLINE = {"fill": "none", "stroke": "currentColor"}
FAINT = {"stroke-opacity": "0.2"}


def as_svg(drawing: Drawing, title: str, description: str, name: str) -> Element:
    """Return the drawing; `name` begins its ids, which must be the page's only ones."""
    svg = Element(
        "svg",
        {
            "viewBox": f"0 0 {short(WIDTH)} {short(drawing.height)}",
            "role": "img",
            "aria-labelledby": f"{name}-title {name}-description",
            "font-size": short(TEXT),
            "fill": "currentColor",
        },
    )
    SubElement(svg, "title", {"id": f"{name}-title"}).text = title
    SubElement(svg, "desc", {"id": f"{name}-description"}).text = description
    for role, marks in groupby(drawing.marks, key=lambda mark: mark.role):
        group = SubElement(svg, "g", {"class": role, **plain_look(role)})
        group.extend(as_element(mark) for mark in marks)
    for child in svg:
        child.tail = "\n"
    return svg


def plain_look(role: str) -> dict[str, str]:
    """Return how marks look without a stylesheet."""
    words = set(role.split())
    if words & {"grid", "halo"}:
        return OUTLINE | FAINT
    return OUTLINE if words & {"axis", "series", "stripe", "hollow"} else {}


def as_element(mark: Mark) -> Element:
    """Return one mark."""
    if isinstance(mark, Text):
        return text(mark)
    if isinstance(mark, Line):
        return Element("path", {"d": path(mark.points)})
    if isinstance(mark, Circle):
        shape = Element(
            "circle", {"cx": short(mark.x), "cy": short(mark.y), "r": short(mark.radius)}
        )
    else:
        shape = Element("path", {"d": f"{path(mark.points)}z"})
    return hinted(shape, mark)


def hinted(shape: Element, mark: Circle | Polygon) -> Element:
    """Return the shape with its hint."""
    if mark.hint:
        SubElement(shape, "title").text = mark.hint
    return shape


def text(mark: Text) -> Element:
    """Return a text whose lines keep to its anchor whatever size the stylesheet gives it."""
    place = {"x": short(mark.x), "y": short(mark.y)}
    if mark.across != "start":
        place["text-anchor"] = mark.across
    if len(mark.lines) == 1:
        element = Element("text", {**place, "dy": f"{short(mark.baselines[0], 2)}em"})
        element.text = mark.lines[0]
        return element
    element = Element("text", place)
    for n, line in enumerate(mark.lines):
        step = LEADING if n else mark.baselines[0]
        part = SubElement(element, "tspan", {"x": place["x"], "dy": f"{short(step, 2)}em"})
        part.text, part.tail = line, " "  # so that what is read aloud has words
    return element


def path(points: tuple[tuple[float, float], ...]) -> str:
    """Return an open path through the points."""
    return "M" + "L".join(f"{short(x)} {short(y)}" for x, y in points)


def short(value: float, places: int = 1) -> str:
    """Return a number for markup, rounded, and without a needless point."""
    return f"{round(value, places) + 0.0:g}"
