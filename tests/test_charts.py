"""Charts: scales, what is refused and where, the drawing, and both forms it is written in."""

import re
import xml.etree.ElementTree as ET
from io import BytesIO

import pytest
from PIL import Image

from pipeline.charts import (
    COLORS,
    ChartData,
    chart_html,
    chart_png,
    parse_chart,
)
from pipeline.charts.geometry import WIDTH, Shape, Text, format_number, make_axis
from pipeline.charts.layout import Drawing, lay_out
from pipeline.model import Chart
from pipeline.problems import Problem, ProblemsFound

CSV = """\
name,price,torque,grade,note
"Hub, large",32.5,10.0,A,
RS 04,257.5,13.33,A,"two
lines"
GIM,50,1.38,B,
DM,116,,B,
AK,265.0,1.5,A,
"""
ROW = "name,price,torque,grade\n"
OPTIONS = {
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
BARS = {"x": "torque", "y": "name", "kind": "bar", "label": None, "x_scale": None}
LIGHT = dict.fromkeys(COLORS, "#25221d") | {"surface": "#ffffff", "accent": "#a04812"}
SOURCE, FILE, LINE = "a/index.md", "a/motors.csv", 7


def chart(csv: str | bytes = CSV, /, **changes: str | None) -> ChartData:
    """Parse a chart; a change to None leaves an option out, `alt` is the image's own."""
    alt = changes.pop("alt", "Torque against price") or ""
    given = OPTIONS | {name.replace("_", "-"): value for name, value in changes.items()}
    options = tuple((name, value) for name, value in given.items() if value is not None)
    data = csv.encode() if isinstance(csv, str) else csv
    return parse_chart(Chart("motors.csv", alt, options, "figure-1", LINE), data, FILE, SOURCE)


def bars(csv: str = CSV, /, **changes: str | None) -> ChartData:
    return chart(csv, **{**BARS, **changes})


def problems(csv: str | bytes = CSV, /, **changes: str | None) -> list[Problem]:
    with pytest.raises(ProblemsFound) as error:
        chart(csv, **changes)
    return error.value.problems


def html(made: ChartData) -> ET.Element:
    return ET.fromstring(chart_html(made, "../motors.csv"))


ALL_KINDS = [
    pytest.param(chart(), id="scatter"),
    pytest.param(chart(kind="line"), id="line"),
    pytest.param(chart(kind="line", group=None, label=None, highlight=None), id="plain line"),
    pytest.param(bars(), id="bar"),
]


# --- Scales


@pytest.mark.parametrize(
    ("value", "text"),
    [
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
def test_format_number_is_for_readers(value: float, text: str) -> None:
    assert format_number(value) == text


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0.56, 13.33], [0, 5, 10, 15]),
        ([0.1, 0.3], [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]),
        ([2010, 2021], [2010, 2012, 2014, 2016, 2018, 2020, 2022]),
        ([-3, 4], [-4, -2, 0, 2, 4]),
        ([-10, -1], [-10, -8, -6, -4, -2, 0]),
        ([7, 7], [6, 6.5, 7, 7.5, 8]),
        ([0, 0], [-1, -0.5, 0, 0.5, 1]),
        ([99000, 101000], [99000, 99500, 100000, 100500, 101000]),
        ([95, 100], [95, 96, 97, 98, 99, 100]),
    ],
)
def test_make_axis_linear_has_round_ticks(values: list[float], ticks: list[float]) -> None:
    assert list(make_axis(values, "linear").ticks) == ticks


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
def test_make_axis_log_has_decades(values: list[float], ticks: list[float], minor: int) -> None:
    axis = make_axis(values, "log")
    assert (list(axis.ticks), len(axis.minor)) == (ticks, minor)


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("most", range(3, 8))
def test_make_axis_holds_all_values_and_few_ticks(scale: str, most: int) -> None:
    for n in range(1, 400, 7):
        values = [n * 0.013, n**2.3]
        axis = make_axis(values, scale, max_ticks=most)
        assert 2 <= len(axis.ticks) <= most
        assert axis.low <= min(values) <= max(values) <= axis.high
        assert (axis.place(axis.low), axis.place(axis.high)) == (0, 1)
        assert scale == "log" or 0 in make_axis(values, scale, True, most).ticks


# --- What is refused


@pytest.mark.parametrize(
    ("changes", "word", "hint"),
    [
        ({"kind": None}, "kind", "add kind=scatter"),
        ({"x": None}, "x", "add x=COLUMN"),
        ({"y": " "}, "y", "add y=COLUMN"),
        ({"caption": None}, "caption", 'add caption="…"'),
        ({"kind": "scater"}, "'scater'", "'scatter'"),
        ({"y-scale": "lin"}, "'lin'", "'linear'"),
        ({"x-lable": "a"}, "'x-lable'", "'x-label'"),
        ({"x": "prise"}, "'prise'", "'price'"),
        ({"group": "Q"}, "'Q'", "name, price, torque, grade, note"),
        ({"source": "Q"}, "'Q'", "name, price, torque, grade, note"),
        ({"labels": "RS 04; RS 03"}, "'RS 03'", "'RS 04'"),
        ({"ratios": "0.1"}, "ratios", "such as"),
        ({"ratios": "0.1, x", "x-scale": "linear"}, "ratios", "such as"),
        ({"highlight": "RS 03"}, "'RS 03'", "'RS 04'"),
        ({"highlight": "DM"}, "motors.csv:6", ""),
        ({"label": None}, "label", "label=COLUMN"),
        ({"alt": " "}, "alternative text", "![what it shows](…)"),
    ],
)
def test_parse_chart_wrong_option_is_refused_at_the_image(
    changes: dict[str, str | None], word: str, hint: str
) -> None:
    [problem] = problems(**changes)
    assert (problem.code, problem.path, problem.line) == ("chart-options", SOURCE, LINE)
    assert word in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("csv", "line", "word"),
    [
        (CSV.replace("1.38", "1,38"), 5, "6 cells"),
        (CSV.replace("1.38", "about 1"), 5, "'about 1'"),
        (CSV.replace("265.0", "nan"), 7, "'nan'"),
        (CSV.replace("265.0", "1e300"), 7, "1e300"),
        (CSV.replace("116", "0"), 6, "log"),
        (CSV.replace("price", "note", 1), 1, "'note'"),
        (CSV.replace('"two', '"two" x'), 3, "expected after"),
        ("", 0, "empty"),
        (ROW, 0, "rows"),
        (b"name\n\xff", 2, "0xff"),
        (CSV.replace("GIM", "G\x08M"), 5, "U+0008"),
    ],
)
def test_parse_chart_wrong_data_is_refused_at_its_own_line(
    csv: str | bytes, line: int, word: str
) -> None:
    found = [problem for problem in problems(csv) if problem.path == FILE]
    assert [(problem.path, problem.line) for problem in found] == [(FILE, line)]
    assert word in found[0].message


FIVE = [f"a{n},1,1,{n}\n" for n in range(5)]


@pytest.mark.parametrize(
    ("csv", "changes"),
    [
        (ROW + "a,1,,A\n", {"highlight": None}),  # nothing to draw
        (ROW + "".join(FIVE), {"highlight": None}),  # more groups than shapes
        (CSV, {**BARS, "label": "name"}),
        (CSV, {**BARS, "x_scale": "log"}),
    ],
)
def test_parse_chart_that_cannot_be_drawn_is_refused(
    csv: str, changes: dict[str, str | None]
) -> None:
    [problem] = problems(csv, **changes)
    assert (problem.path, problem.line) == (SOURCE, LINE)


def test_parse_chart_collects_all_problems() -> None:
    found = problems(CSV.replace("13.33", "x").replace("116", "-1"), kind="pie", z="1", alt="")
    places = [(problem.path, problem.line) for problem in found]
    assert places == [*[(SOURCE, LINE)] * 3, (FILE, 3), (FILE, 6)]


# --- What is drawn


def test_chart_html_row_without_value_is_in_the_table_alone() -> None:
    made = chart()
    assert [row.label for row in made.plotted] == ["Hub, large", "RS 04", "GIM", "AK"]
    cells = [[cell.text for cell in row] for row in html(made).findall(".//tbody/tr")]
    assert (len(cells), cells[3]) == (5, ["DM", "116\u2008\u2007", "–", "B"])
    words = "Grade: ● A, ◇ B. 4 of 5 rows are drawn; the others lack a value."
    assert html(made).findall("figcaption/p")[1].text == words


def test_parse_chart_straight_quotes_become_typographic() -> None:
    rows = 'The author\'s,1,1,A\n"6.5"" hub, 5\'",2,2,A\n'
    made = chart(ROW + rows, highlight="The author's", alt="Ben's", caption='A "motor"')
    assert [row.cells[0] for row in made.rows] == ["The author’s", "6.5\" hub, 5'"]
    assert [row.highlighted for row in made.rows] == [True, False]
    assert (made.alt, made.options.caption) == ("Ben’s", "A “motor”")


def dots(drawing: Drawing) -> list[Shape]:
    marks = [mark for mark in drawing.marks if isinstance(mark, Shape)]
    return [mark for mark in marks if "dot" in mark.role]


def texts(drawing: Drawing, role: str) -> list[Text]:
    return [m for m in drawing.marks if isinstance(m, Text) and m.role == role]


@pytest.mark.parametrize("kind", ["scatter", "line"])
def test_lay_out_groups_differ_in_shape_and_fill(kind: str) -> None:
    found = dots(lay_out(chart(ROW + "".join(FIVE[:4]), kind=kind, highlight=None)))
    seen = [(len(mark.points), "hollow" in mark.role) for mark in found]
    assert seen == [(1, False), (4, True), (3, False), (4, True)]


def test_lay_out_dots_are_where_their_values_are() -> None:
    last, *others, first = dots(lay_out(chart()))  # the highlighted one is above the others
    [(x, y)], [(last_x, last_y)] = first.points, last.points
    assert x < last_x and y > last_y
    assert ["highlight" in mark.role for mark in (last, *others, first)] == [False] * 3 + [True]
    [label] = texts(lay_out(chart()), "label")
    assert " ".join(label.lines) == "Hub, large"


def test_lay_out_line_is_broken_where_a_value_is_missing() -> None:
    csv = "year,cost\n2012,3\n2010,1\n2011,2\n2013,\n2014,4\n2015,5\n"
    none = dict.fromkeys(("group", "label", "highlight", "x_scale"))
    drawing = lay_out(chart(csv, kind="line", x="year", y="cost", **none))
    lines = [mark for mark in drawing.marks if isinstance(mark, Shape) and mark.role == "series"]
    assert [len(line.points) for line in lines] == [3, 2]
    assert all(list(line.points) == sorted(line.points) for line in lines)


def test_lay_out_line_of_highlighted_rows_is_highlighted() -> None:
    drawing = lay_out(chart(kind="line", label="grade", highlight="A"))
    assert "series highlight" in [mark.role for mark in drawing.marks]
    assert len(texts(drawing, "label")) == 1


def test_lay_out_bars_are_as_long_as_their_values() -> None:
    found = [m for m in lay_out(bars()).marks if isinstance(m, Shape) and m.closed]
    lengths = [mark.points[1][0] - mark.points[0][0] for mark in found]
    assert lengths[1] / lengths[-1] == pytest.approx(13.33 / 1.5)
    assert len({mark.points[0][0] for mark in found}) == 1


LONG = "A motor with a name that is rather long and goes on"
CROWDED = ROW + "".join(f"n{n},{100 + n},{5 + n % 3},A\n" for n in range(0, 60, 4))


@pytest.mark.parametrize(
    "made",
    [
        *ALL_KINDS,
        chart(f"{CROWDED}{LONG},100,6.5,A\n", highlight=LONG),
        bars(f"{ROW}{LONG},1,-3,A\nb,1,50000,B\n", highlight=LONG),
    ],
)
def test_lay_out_nothing_leaves_the_drawing(made: ChartData) -> None:
    drawing = lay_out(made)
    for mark in drawing.marks:
        if isinstance(mark, Text):
            _, top, right, bottom = mark.box
            assert right <= WIDTH * 1.02, mark
            assert -1 <= top <= bottom <= drawing.height + 1, mark
        else:
            r = mark.radius
            assert all(r <= x <= WIDTH - r for x, _ in mark.points), mark
            assert all(r <= y <= drawing.height - r for _, y in mark.points), mark


def test_lay_out_label_covers_no_dot() -> None:
    csv = CROWDED.replace(ROW, f"{ROW}{LONG},100,6.5,A\n")
    drawing = lay_out(chart(csv, highlight=LONG, x_scale=None))
    [label] = texts(drawing, "label")
    left, top, right, bottom = label.box
    for mark in dots(drawing):
        [(x, y)] = mark.points
        assert not (left < x < right and top < y < bottom), mark


def test_lay_out_ratios_are_lines_from_the_origin() -> None:
    made = chart(ratios="0.1, 0.01", ratio_label="N m per dollar", x_scale=None)
    drawing = lay_out(made)
    rays = [m for m in drawing.marks if isinstance(m, Shape) and m.role == "ray"]
    assert len({ray.points[0] for ray in rays}) == 1
    assert [text.lines for text in texts(drawing, "ratio")] == [("0.1",), ("0.01 N m per dollar",)]


def test_lay_out_labels_name_other_rows() -> None:
    [name] = texts(lay_out(chart(labels="RS 04")), "name")
    assert name.lines == ("RS 04",)


# --- The page


def test_chart_html_has_title_and_sources() -> None:
    csv = CSV.replace(",note", ",link").replace("A,\nRS", "A,https://www.x.example/y\nRS")
    root = html(chart(csv, title="What it shows", source="link"))
    assert root.findtext("p") == "What it shows"
    [link] = root.findall(".//td/a")
    assert (link.text, link.get("href")) == ("Hub, large", "https://www.x.example/y")


@pytest.mark.parametrize("made", ALL_KINDS)
def test_chart_html_is_named_and_has_unique_ids(made: ChartData) -> None:
    root = html(made)
    ids = [element.get("id", "") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert all(name.startswith("figure-1") for name in ids)
    for element in root.iter():
        assert set(element.get("aria-labelledby", "").split()) <= set(ids)
    svg = root.find("svg")
    assert svg is not None
    assert (svg.get("role"), svg.get("aria-label")) == ("img", "Torque against price")


def test_chart_html_has_caption_table_and_download() -> None:
    root = html(chart())
    assert (root.tag, root.get("class"), root.get("id")) == ("figure", "chart", "figure-1")
    assert root.findtext("figcaption/p") == "Prices & torques."
    frame = root.find("figcaption/details/div[@class='frame']")
    assert frame is not None
    assert (frame.get("role"), frame.get("tabindex")) == ("region", "0")
    heads = frame.findall("table/thead/tr/th[@scope='col']")
    assert [head.text for head in heads] == ["Name", "Price, dollars", "Torque, N m", "Grade"]
    link = root.find("figcaption/details/p/a")
    assert link is not None
    assert link.attrib == {"href": "../motors.csv", "download": ""}


def test_chart_html_has_words_as_text() -> None:
    made = chart(CSV.replace("GIM", "<b>&"), caption="<s>")
    assert html(made).findtext("figcaption/p") == "<s>"


@pytest.mark.parametrize("made", ALL_KINDS)
def test_chart_html_leaves_colors_and_fonts_to_the_theme(made: ChartData) -> None:
    text = chart_html(made, "motors.csv")
    assert not re.search(r"#[0-9a-f]{3}|rgb|font-family|<script|style=|data-src-line", text)


# --- The PNG


@pytest.mark.slow
@pytest.mark.parametrize("made", ALL_KINDS)
def test_chart_png_has_the_colors_and_is_deterministic(made: ChartData) -> None:
    data = chart_png(made, LIGHT)
    image = Image.open(BytesIO(data))
    image.load()
    assert (image.format, image.width) == ("PNG", 1392)
    assert 500 < image.height < 1400
    pixels = image.convert("RGB")
    shares = {color: count for count, color in pixels.getcolors(1 << 20) or []}
    assert pixels.getpixel((0, 0)) == (255, 255, 255)
    assert shares[(0x25, 0x22, 0x1D)] > 5000
    assert ((0xA0, 0x48, 0x12) in shares) == bool(made.options.highlight)
    assert chart_png(made, LIGHT) == data
