"""Figures: scales, what is refused and where, and both writers, each on plain values."""

import re
import xml.etree.ElementTree as ET
from io import BytesIO

import pytest
from markdown import Markdown
from PIL import Image

from pipeline.problems import ProblemsFound
from pipeline.render.assets import join_stylesheets
from pipeline.render.figures import COLOURS, Figure, as_html, as_png, parse
from pipeline.render.figures.labels import box_of
from pipeline.render.figures.layout import lay_out
from pipeline.render.figures.marks import WIDTH, Circle, Drawing, Line, Polygon, Text, wrapped
from pipeline.render.figures.scales import axis, number
from tests.conftest import ROOT

CSV = """\
name,price,torque,grade,note
"Hub, large",32.5,10.0,A,
RS 04,257.5,13.33,A,"two
lines"
GIM,50,1.38,B,
DM,116,,B,
AK,265.0,1.5,A,
"""
ATTRIBUTES = {
    "kind": "scatter",
    "x": "price",
    "y": "torque",
    "x-label": "Price, dollars",
    "y-label": "Torque, N m",
    "x-scale": "log",
    "group": "grade",
    "label": "name",
    "highlight": "Hub, large",
    "caption": "Prices & torques.",
}
LIGHT = dict.fromkeys(COLOURS, "#25221d") | {"surface": "#ffffff", "accent": "#a04812"}


def figure(csv: str = CSV, /, **changes: str | None) -> Figure:
    """Parse a figure; a change to None leaves an attribute out, `alt` is the image's own."""
    alt = changes.pop("alt", "Torque against price") or ""
    given = ATTRIBUTES | {name.replace("_", "-"): value for name, value in changes.items()}
    attributes = {name: value for name, value in given.items() if value is not None}
    return parse(attributes, alt, csv.encode(), "a/motors.csv", "a/index.md", 7)


def bars(csv: str = CSV, /, **changes: str | None) -> Figure:
    plain = {"x": "torque", "y": "name", "kind": "bar", "label": None, "x_scale": None}
    return figure(csv, **{**plain, **changes})


def problems(csv: str = CSV, /, **changes: str | None) -> list[str]:
    with pytest.raises(ProblemsFound) as error:
        figure(csv, **changes)
    return str(error.value).splitlines()


def html(made: Figure) -> ET.Element:
    return ET.fromstring(as_html(made, "motors.csv", "figure-1"))


ALL_KINDS = [
    pytest.param(figure(), id="scatter"),
    pytest.param(figure(kind="line"), id="line"),
    pytest.param(figure(kind="line", group=None, label=None, highlight=None), id="plain line"),
    pytest.param(bars(), id="bar"),
]


# Scales


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (10.0, "10"),
        (0.1 + 0.2, "0.3"),
        (-1.5, "−1.5"),
        (2024, "2024"),
        (10000, "10,000"),
        (1234567.5, "1,234,567.5"),
        (1e-7, "0.0000001"),
    ],
)
def test_numbers_are_as_one_writes_them(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0.56, 13.33], [0, 5, 10, 15]),
        ([0, 1], [0, 0.2, 0.4, 0.6, 0.8, 1]),
        ([0.1, 0.3], [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]),
        ([2010, 2021], [2010, 2012, 2014, 2016, 2018, 2020, 2022]),
        ([-3, 4], [-4, -2, 0, 2, 4]),
        ([-10, -1], [-10, -8, -6, -4, -2, 0]),
        ([7, 7], [6, 6.5, 7, 7.5, 8]),
        ([0, 0], [-1, -0.5, 0, 0.5, 1]),
        ([99000, 101000], [99000, 99500, 100000, 100500, 101000]),
    ],
)
def test_a_linear_axis(values: list[float], ticks: list[float]) -> None:
    found = axis(values, "linear")
    assert list(found.ticks) == ticks
    assert found.low <= min(values) <= max(values) <= found.high
    assert found.minor == ()


@pytest.mark.parametrize(
    ("values", "ticks", "minor"),
    [
        ([32.5, 780], [20, 50, 100, 200, 500, 1000], 12),
        ([1, 10], [1, 2, 5, 10], 6),
        ([10, 10], [10, 20], 0),
        ([0.3, 0.3], [0.2, 0.5], 2),
        ([1000, 1000000], [1000, 10000, 100000, 1000000], 24),
        ([1e-6, 1e6], [1e-6, 1e-4, 0.01, 1, 100, 10000, 1e6], 0),
    ],
)
def test_a_logarithmic_axis(values: list[float], ticks: list[float], minor: int) -> None:
    found = axis(values, "log")
    assert list(found.ticks) == ticks
    assert found.low <= min(values) <= max(values) <= found.high
    assert len(found.minor) == minor


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("room", range(3, 8))
def test_an_axis_keeps_to_its_room(scale: str, room: int) -> None:
    for n in range(1, 400, 7):
        found = axis([n * 0.013, n**2.3], scale, room=room)
        assert 2 <= len(found.ticks) <= room
        assert found.place(found.low) == 0
        assert found.place(found.high) == 1


def test_bars_begin_at_zero() -> None:
    assert axis([95, 100], "linear").ticks[0] == 95
    assert axis([95, 100], "linear", zero=True).ticks[0] == 0
    assert axis([-100, -95], "linear", zero=True).ticks[-1] == 0


# What is refused

HERE, FILE = "a/index.md:7: ", "a/motors.csv"
ROW = "name,price,torque,grade\n"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"kind": None}, "a figure must have kind: none (add kind=scatter)"),
        ({"x": None}, "a figure must have x: none (add x=…)"),
        ({"y": " "}, "a figure must have y: none (add y=…)"),
        ({"caption": None}, 'a figure must have caption: none (add caption="…")'),
        (
            {"kind": "scater"},
            "kind must be one of scatter, line, bar: 'scater' (did you mean 'scatter'?)",
        ),
        ({"y-scale": "lin"}, "y-scale must be one of linear, log: 'lin' (did you mean 'linear'?)"),
        (
            {"x-lable": "a"},
            "must be an attribute of a figure: 'x-lable' (did you mean 'x-label'?)",
        ),
        (
            {"x": "prise"},
            "x must name a column of motors.csv: 'prise' (did you mean 'price'?)",
        ),
        (
            {"group": "Q"},
            "group must name a column of motors.csv: 'Q' (it has name, price, torque, grade, note)",
        ),
        (
            {"highlight": "RS 03"},
            "highlight must be in name: 'RS 03' (did you mean 'RS 04'?)",
        ),
        (
            {"highlight": "DM"},
            "the highlighted row must have values: an empty cell in motors.csv:6",
        ),
        (
            {"label": None},
            "a figure with highlight must have label, the column that it is found in: none "
            "(add label=…)",
        ),
        ({"alt": " "}, "a figure must say what it shows: no text between the brackets (![…](…))"),
    ],
)
def test_attributes_are_refused_at_the_image(changes: dict[str, str | None], line: str) -> None:
    assert problems(**changes) == [HERE + line]


@pytest.mark.parametrize(
    ("csv", "line"),
    [
        (CSV.replace("1.38", "1,38"), ":5: must have 5 cells, as the first row has: 6"),
        (
            CSV.replace("1.38", "about 1"),
            ":5: torque must be a number: 'about 1' (leave it empty where there is no value)",
        ),
        (
            CSV.replace("265.0", "nan"),
            ":7: price must be a number: 'nan' (leave it empty where there is no value)",
        ),
        (
            CSV.replace("265.0", "1e300"),
            ":7: price must be a number: '1e300' "
            "(choose a unit in which it is neither huge nor tiny)",
        ),
        (CSV.replace("116", "0"), ":6: price must be above 0 on a log axis: 0"),
        (CSV.replace("price", "note", 1), ":1: must name each column once: 'note'"),
        (CSV.replace('"two', '"two" x'), ":3: must be CSV: ',' expected after '\"'"),
        ("", ": must have a row of names and rows of data: an empty file"),
        (ROW, ": must have a row of names and rows of data: a row of names alone"),
    ],
)
def test_data_are_refused_at_their_own_line(csv: str, line: str) -> None:
    assert FILE + line in problems(csv)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ProblemsFound, match=r"^a/motors.csv:2: must be UTF-8: byte 0xff$"):
        parse(ATTRIBUTES, "Alt", b"name\n\xff", "a/motors.csv", "a/index.md", 7)


def test_nothing_to_plot_is_refused() -> None:
    none = "motors.csv must have a row with values in all of the figure's columns: none"
    assert problems(ROW + "a,1,,A\n", highlight=None) == [HERE + none]


def test_more_groups_than_shapes_are_refused() -> None:
    rows = "".join(f"a{n},1,1,{n}\n" for n in range(5))
    assert problems(ROW + rows, highlight=None) == [HERE + "group must have 4 values at most: 5"]


@pytest.mark.parametrize(
    ("changes", "must"),
    [
        ({"label": "name"}, "the bars of a figure must take their names from y"),
        ({"x_scale": "log"}, "the bars of a figure must stand on a linear scale"),
    ],
)
def test_bars_refuse_what_only_dots_have(changes: dict[str, str], must: str) -> None:
    with pytest.raises(ProblemsFound, match=must):
        bars(**changes)


def test_all_problems_are_said_at_once() -> None:
    found = problems(CSV.replace("13.33", "x").replace("116", "-1"), kind="pie", z="1", alt="")
    assert [line.split(": ")[0] for line in found] == [
        *["a/index.md:7"] * 3,
        FILE + ":3",
        FILE + ":6",
    ]


# What is drawn


def test_a_row_without_a_value_is_in_the_table_alone() -> None:
    made = figure()
    assert [row.label for row in made.plotted] == ["Hub, large", "RS 04", "GIM", "AK"]
    cells = [[cell.text for cell in row] for row in html(made).findall(".//tbody/tr")]
    assert cells[3] == ["DM", "116", "–", "B"]
    assert len(cells) == 5


def dots(drawing: Drawing) -> list[Circle | Polygon]:
    marks = [mark for mark in drawing.marks if isinstance(mark, Circle | Polygon)]
    return [mark for mark in marks if "dot" in mark.role and "legend" not in mark.role]


def test_groups_differ_in_shape_and_fill() -> None:
    rows = "".join(f"a{n},{n + 1},{n + 1},{n}\n" for n in range(4))
    for kind in ("scatter", "line"):
        found = dots(lay_out(figure(ROW + rows, kind=kind, highlight=None)))
        corners = [len(mark.points) if isinstance(mark, Polygon) else 0 for mark in found]
        assert corners == [0, 4, 3, 4]
        assert ["hollow" in mark.role for mark in found] == [False, True, False, True]


def test_dots_stand_where_their_values_are() -> None:
    first, last = (
        next(dot for dot in dots(lay_out(figure())) if dot.hint.startswith(name))
        for name in ("Hub, large: 32.5, 10", "RS 04: 257.5, 13.33")
    )
    assert isinstance(first, Circle)
    assert isinstance(last, Circle)
    assert first.x < last.x
    assert first.y > last.y


def test_one_dot_is_highlighted_and_labelled() -> None:
    drawing = lay_out(figure())
    [label] = [mark for mark in drawing.marks if mark.role == "label"]
    assert isinstance(label, Text)
    assert " ".join(label.lines) == "Hub, large"
    assert len([mark for mark in dots(drawing) if "highlight" in mark.role]) == 1


def test_a_line_is_broken_where_a_value_is_missing() -> None:
    csv = "year,cost\n2012,3\n2010,1\n2011,2\n2013,\n2014,4\n2015,5\n"
    made = figure(csv, kind="line", x="year", y="cost", group=None, label=None, highlight=None,
                  x_scale=None)  # fmt: skip
    lines = [m for m in lay_out(made).marks if isinstance(m, Line) and m.role == "series"]
    assert [len(line.points) for line in lines] == [3, 2]
    assert all(list(line.points) == sorted(line.points) for line in lines)


def test_a_whole_line_can_be_highlighted() -> None:
    drawing = lay_out(figure(kind="line", label="grade", highlight="A"))
    assert "series highlight" in [mark.role for mark in drawing.marks]
    assert [mark.role for mark in drawing.marks].count("label") == 1


def test_bars_are_as_long_as_their_values() -> None:
    found = [m for m in lay_out(bars()).marks if isinstance(m, Polygon) and "legend" not in m.role]
    lengths = {mark.hint: mark.points[1][0] - mark.points[0][0] for mark in found}
    assert lengths["RS 04: 13.33"] / lengths["AK: 1.5"] == pytest.approx(13.33 / 1.5)
    assert len({mark.points[0][0] for mark in found}) == 1


@pytest.mark.parametrize("made", ALL_KINDS)
def test_nothing_leaves_the_drawing(made: Figure) -> None:
    drawing = lay_out(made)
    for mark in drawing.marks:
        if isinstance(mark, Text):
            box = box_of(mark)
            assert box.right <= WIDTH * 1.02, mark
            assert -1 <= box.top <= box.bottom <= drawing.height + 1, mark
        elif isinstance(mark, Circle):
            assert mark.radius <= mark.x <= WIDTH - mark.radius, mark
        else:
            assert all(0 <= x <= WIDTH and 0 <= y <= drawing.height for x, y in mark.points), mark


def test_a_label_covers_no_dot() -> None:
    rows = "".join(f"n{n},{100 + n},{5 + n % 3},A\n" for n in range(0, 60, 4))
    long = "A motor with a name that is rather long and goes on"
    drawing = lay_out(figure(f"{ROW}{long},100,6.5,A\n{rows}", highlight=long, x_scale=None))
    [label] = [mark for mark in drawing.marks if isinstance(mark, Text) and mark.role == "label"]
    box = box_of(label)
    for mark in dots(drawing):
        assert isinstance(mark, Circle)
        assert not (box.left < mark.x < box.right and box.top < mark.y < box.bottom), mark


def test_text_is_wrapped_at_words() -> None:
    assert wrapped("one two three", 10_000) == ("one two three",)
    assert wrapped("one two three", 1) == ("one", "two", "three")


# The page


@pytest.mark.parametrize("made", ALL_KINDS)
def test_the_figure_has_a_name_and_ids_of_its_own(made: Figure) -> None:
    root = html(made)
    ids = [element.get("id", "") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert all(name.startswith("figure-1") for name in ids)
    for element in root.iter():
        for name in element.get("aria-labelledby", "").split():
            assert name in ids
    svg = root.find("svg")
    assert svg is not None
    assert svg.get("role") == "img"
    assert svg.findtext("title") == "Torque against price"
    assert svg.findtext("desc")


def test_the_parts_of_the_page() -> None:
    root = html(figure())
    assert (root.tag, root.get("class")) == ("figure", "chart")
    assert [child.tag for child in root] == ["svg", "figcaption"]
    assert root.findtext("figcaption/p") == "Prices & torques."
    frame = root.find("figcaption/details/div")
    assert frame is not None
    assert (frame.get("class"), frame.get("role"), frame.get("tabindex")) == (
        "frame",
        "region",
        "0",
    )
    heads = frame.findall("table/thead/tr/th")
    assert [head.text for head in heads] == ["Name", "Price, dollars", "Torque, N m", "Grade"]
    assert {head.get("scope") for head in heads} == {"col"}
    link = root.find("figcaption/details/p/a")
    assert link is not None
    assert link.attrib == {"href": "motors.csv", "download": "motors.csv"}


def test_the_description_says_what_is_seen() -> None:
    assert html(figure()).findtext("svg/desc") == (
        "A scatter chart of 4 of 5 rows. Up: Torque, N m, from 1.38 to 13.33. "
        "Across: Price, dollars, from 32.5 to 265, on a logarithmic axis. "
        "Grade: A, B. Highlighted: Hub, large (32.5, 10)."
    )


@pytest.mark.parametrize("made", ALL_KINDS)
def test_colours_and_faces_are_the_themes(made: Figure) -> None:
    text = as_html(made, "motors.csv", "x")
    assert not re.search(r"#[0-9a-f]{3}|rgb|font-family|<script|style=", text)
    assert not re.search(r"\d\.\d{3}", re.sub(r"<title>.*?</title>", "", text))
    sheet = join_stylesheets(ROOT / "theme/static/css")
    svg = html(made).find("svg")
    assert svg is not None
    for group in svg.findall("g"):
        for name in set(group.get("class", "").split()) - {"title", "text", "bar"}:
            assert f".{name}" in sheet, name


def test_text_is_large_enough_on_a_phone() -> None:
    svg = html(figure()).find("svg")
    assert svg is not None
    width = float(svg.get("viewBox", "").split()[2])
    assert float(svg.get("font-size", "")) * 300 / width >= 10


def test_what_the_author_writes_is_text() -> None:
    root = html(figure(CSV.replace("GIM", "<b>&"), alt='<i> & "x"', caption="<s>"))
    assert root.findtext("svg/title") == '<i> & "x"'
    assert root.findtext("figcaption/p") == "<s>"
    assert root.find(".//b") is None


# The picture


@pytest.mark.parametrize("made", ALL_KINDS)
def test_the_picture(made: Figure) -> None:
    data = as_png(made, LIGHT)
    with Image.open(BytesIO(data)) as image:
        image.load()
        assert image.format == "PNG"
        assert 1200 <= image.width <= 1400
        assert image.info == {}
        colours = {colour for _count, colour in image.getcolors(1 << 20) or []}
        assert image.getpixel((0, 0)) == (255, 255, 255)
        assert ((0xA0, 0x48, 0x12) in colours) == bool(made.options.highlight)


@pytest.mark.parametrize("made", ALL_KINDS)
def test_the_same_comes_from_the_same(made: Figure) -> None:
    assert as_html(made, "a.csv", "a") == as_html(made, "a.csv", "a")
    assert as_png(made, LIGHT) == as_png(made, LIGHT)


# The docs


def test_the_example_in_the_docs_is_a_good_one() -> None:
    text = (ROOT / "docs/writing.md").read_text("utf-8")
    [example] = re.findall(r"^!\[.*\{: kind=.*$", text, re.MULTILINE)
    image = ET.fromstring(Markdown(extensions=["extra"]).convert(example)).find("img")
    assert image is not None
    attributes = dict(image.attrib)
    alt = attributes.pop("alt")
    assert attributes.pop("src") == "motors.csv"
    csv = b'model,price_usd,torque_nm,grade\n"6.5 in hub motor",32.5,10,A\nRS 04,257.5,13.33,B\n'
    assert parse(attributes, alt, csv, "motors.csv", "index.md", 1).plotted
