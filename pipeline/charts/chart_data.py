"""From a CSV file and an image's attributes to a chart, or to all that is wrong with them."""

import csv
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from html import unescape
from io import StringIO
from pathlib import PurePath

from pipeline.charts.geometry import format_number
from pipeline.content.extract import control_characters
from pipeline.content.reader import decode
from pipeline.content.typography import as_html
from pipeline.model import Chart
from pipeline.problems import Problem, ProblemsFound, did_you_mean, raise_if_any

SCALES = ("linear", "log")
CHOICES = {"kind": ("scatter", "line", "bar"), "x-scale": SCALES, "y-scale": SCALES}
REQUIRED = {"kind": "kind=scatter", "x": "x=COLUMN", "y": "y=COLUMN", "caption": 'caption="…"'}
OPTIONS, DATA = "chart-options", "chart-data"  # codes of problems

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
TINY, HUGE = 1e-12, 1e15  # what an axis can hold and a reader can read
MAX_GROUPS = 4  # as many as there are shapes
STRAIGHT_QUOTE = re.compile(r"(?<!\d)['\"]")  # behind a digit: feet and inches


@dataclass(frozen=True)
class ChartOptions:
    """What an author can say about a chart; an attribute is a field's name with hyphens.

    `x`, `y`, `group`, `label` and `source` name columns. `highlight` is the label of the row that
    matters, `labels` are those of others that are named in the drawing, with semicolons between.
    `ratios` are numbers: for each a line is drawn on which y is so many times x.
    """

    kind: str = ""
    x: str = ""
    y: str = ""
    caption: str = ""
    x_label: str = ""
    y_label: str = ""
    x_scale: str = "linear"
    y_scale: str = "linear"
    group: str = ""
    group_label: str = ""
    label: str = ""
    highlight: str = ""
    labels: str = ""
    ratios: str = ""
    ratio_label: str = ""
    source: str = ""
    title: str = ""

    @property
    def numbers(self) -> tuple[str, ...]:
        """The columns that have numbers."""
        return (self.x,) if self.kind == "bar" else (self.x, self.y)

    @property
    def names(self) -> str:
        """The column that names the rows; bars have their names on the y axis."""
        return self.y if self.kind == "bar" else self.label

    def heading(self, column: str) -> str:
        """Return what a reader sees for a column: its label, or `price_usd` as `Price usd`."""
        given = {self.group: self.group_label, self.y: self.y_label, self.x: self.x_label}
        words = column.replace("_", " ").strip()
        return given.get(column) or words[:1].upper() + words[1:]


@dataclass(frozen=True)
class Row:
    """A row of the chart. `cells` are those of the table; what has no value is None or empty.

    `line` is where it begins in the file. `y` is None for bars. `named`: the drawing has its name.
    `plotted`: no value is missing. `source` is the URL of where the values come from.
    """

    line: int
    cells: tuple[str, ...]
    x: float | None
    y: float | None
    group: str
    label: str
    highlighted: bool
    named: bool
    plotted: bool
    source: str = ""

    @property
    def values(self) -> str:
        """The numbers as a reader sees them."""
        return ", ".join(format_number(value) for value in (self.x, self.y) if value is not None)


@dataclass(frozen=True)
class ChartData:
    """A chart that can be drawn: every plotted row has its values, and there is at least one.

    `file` is the name of the CSV file, `columns` those of the table.
    """

    options: ChartOptions
    id: str
    alt: str
    file: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    groups: tuple[str, ...]
    ratios: tuple[float, ...] = ()

    @property
    def plotted(self) -> tuple[Row, ...]:
        """The rows that are drawn."""
        return tuple(row for row in self.rows if row.plotted)

    def group_of(self, row: Row) -> int:
        """Return the number of a row's group."""
        return self.groups.index(row.group) if row.group else 0


NAMES = tuple(field.name.replace("_", "-") for field in fields(ChartOptions))
Line = tuple[int, Sequence[str]]  # a row of the file: where it begins, and its cells
Complaint = tuple[str, str]  # message and hint


def parse_chart(chart: Chart, data: bytes, csv_path: str, source: str) -> ChartData:
    """Return the chart that an image of a document stands for.

    `data` are the bytes of the file at `csv_path`, `source` is the path of the document. Raises
    ProblemsFound: of the options at the image's line, of the data at their own.
    """
    given = {name: _typographic(" ".join(value.split())) for name, value in chart.options}
    good = {
        name.replace("-", "_"): value
        for name, value in given.items()
        if name in NAMES and value and value in CHOICES.get(name, (value,))
    }
    options = ChartOptions(**good)
    try:
        table = _read_csv(data, csv_path)
        problems = list(_data_problems(options, table, csv_path))
    except ProblemsFound as error:
        table, problems = [(0, [])], error.problems
    (_, header), *lines = table
    wanted = (options.names, options.x, options.y, options.group)
    columns = tuple(name for name in dict.fromkeys(wanted) if name in header)
    cells = [(line, dict(zip(header, row, strict=False))) for line, row in lines]
    rows = tuple(_make_row(options, columns, line, row) for line, row in cells)
    groups = tuple(dict.fromkeys(row.group for row in rows if row.plotted and row.group))
    alt, file = _typographic(chart.alt.strip()), PurePath(csv_path).name
    ratios = tuple(filter(None, map(_read_number, _items(options.ratios, ","))))
    made = ChartData(options, chart.id, alt, file, columns, rows, groups, ratios)
    complaints = list(_option_complaints(given, made, header))
    if not complaints and not problems:
        complaints = list(_chart_complaints(made))
    problems += [Problem(OPTIONS, source, chart.line, *complaint) for complaint in complaints]
    raise_if_any(problems)
    return made


def _items(text: str, separator: str = ";") -> list[str]:
    """Return the items of a list in an attribute."""
    return [item.strip() for item in text.split(separator) if item.strip()]


def _typographic(text: str) -> str:
    """Return an author's words with typographic quotes and apostrophes; inches stay."""
    return unescape(as_html(text)) if STRAIGHT_QUOTE.search(text) else text


def _option_complaints(
    given: Mapping[str, str], chart: ChartData, header: Sequence[str]
) -> Iterator[Complaint]:
    """Yield what is wrong with attributes, alone and together; `header` is empty if unknown."""
    options = chart.options
    if not chart.alt:
        yield "chart without alternative text", "![what it shows](…)"
    for name, example in REQUIRED.items():
        if not given.get(name):
            yield f"chart without {name}", f"add {example}"
    for name, value in given.items():
        if name not in NAMES:
            what, word, known = "chart attribute", name, NAMES
        elif value and name in CHOICES and value not in CHOICES[name]:
            what, word, known = name, value, CHOICES[name]
        else:
            continue
        hint = did_you_mean(word, known) or "known are " + ", ".join(known)
        yield f"unknown {what} {word!r}", hint
    if options.highlight and not options.names:
        yield "highlight without label", "add label=COLUMN, the column that has the name"
    if options.kind == "bar" and options.label:
        yield "label on a bar chart", "remove it: the names of bars are in the column y"
    if options.kind == "bar" and "log" in (options.x_scale, options.y_scale):
        hint = "use kind=scatter, or remove the scale: lengths compare on a linear one only"
        yield "log scale on a bar chart", hint
    for attribute in ("x", "y", "group", "label", "source") if header else ():
        name = getattr(options, attribute)
        if name and name not in header:
            hint = did_you_mean(name, header) or "it has " + ", ".join(filter(None, header))
            yield f"{attribute}: {chart.file} has no column {name!r}", hint


def _chart_complaints(chart: ChartData) -> Iterator[Complaint]:
    """Yield why a chart whose values are right cannot be drawn."""
    options = chart.options
    if not chart.plotted:
        yield f"nothing to draw: no row of {chart.file} has all values of the chart", ""
    if len(chart.groups) > MAX_GROUPS:
        yield f"{len(chart.groups)} groups, of at most {MAX_GROUPS}", "group by another column"
    straight = options.kind != "bar" and "log" not in (options.x_scale, options.y_scale)
    if len(_items(options.ratios, ",")) != len(chart.ratios) * straight:
        yield "ratios are not numbers above 0 on linear axes", 'such as ratios="0.1, 0.2"'
    known = [row.label for row in chart.rows]
    for name in _items(options.labels):
        if name not in known:
            yield f"labels: no row has {options.names} {name!r}", did_you_mean(name, known)
    rows = [row for row in chart.rows if row.highlighted]
    if options.highlight and not rows:
        hint = did_you_mean(options.highlight, known)
        yield f"highlight: no row has {options.names} {options.highlight!r}", hint
    elif rows and not any(row.plotted for row in rows):
        yield f"highlighted row is not drawn: empty cell in {chart.file}:{rows[0].line}", ""


def _read_csv(data: bytes, path: str) -> list[Line]:
    """Return the names of the columns and at least one row. Raises ProblemsFound."""

    def refusal(line: int, message: str, hint: str = "") -> ProblemsFound:
        return ProblemsFound([Problem(DATA, path, line, message, hint)])

    text = decode(data, path)
    raise_if_any(control_characters(text, path, 1))
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    rows: list[Line] = []
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((line, [_typographic(cell.strip()) for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        raise refusal(line, f"not CSV (RFC 4180): {error}") from None
    if len(rows) < 2:
        hint = "the first row names the columns, each other one has values"
        raise refusal(0, "no rows of data" if rows else "empty CSV file", hint)
    return rows


def _data_problems(options: ChartOptions, table: Sequence[Line], path: str) -> Iterator[Problem]:
    """Yield columns of one name, rows of another length, and cells that should be numbers."""
    (first, header), *lines = table
    for name in sorted({name for name in header if header.count(name) > 1}):
        yield Problem(DATA, path, first, f"two columns are named {name!r}", "rename one")
    scales = {options.y: options.y_scale, options.x: options.x_scale}
    for line, row in lines:
        if len(row) != len(header):
            message = f"{len(row)} cells in a row, of {len(header)} columns"
            hint = "put a cell that has a comma in quotation marks"
            yield Problem(DATA, path, line, message, hint)
        for column, text in zip(header, row, strict=False):
            if column not in options.numbers or not text:
                continue
            value = _read_number(text)
            if value is None and NUMBER.fullmatch(text):
                message = f"{column}: number out of range: {text}"
                yield Problem(DATA, path, line, message, "change the unit")
            elif value is None:
                hint = "leave the cell empty if there is no value"
                yield Problem(DATA, path, line, f"{column}: not a number: {text!r}", hint)
            elif value <= 0 and scales[column] == "log":
                message = f"{column}: {text} on a log axis, which begins above 0"
                yield Problem(DATA, path, line, message)


def _read_number(text: str) -> float | None:
    """Return the number, or None where the text is none that can be drawn."""
    value = float(text) if NUMBER.fullmatch(text) else math.inf
    return value if value == 0 or TINY <= abs(value) <= HUGE else None


def _make_row(
    options: ChartOptions, columns: Sequence[str], line: int, cells: Mapping[str, str]
) -> Row:
    """Return a row of the chart; it is plotted when nothing that places it is missing."""
    numbers = {name: _read_number(cells.get(name, "")) for name in options.numbers}
    shown = {name: format_number(value) for name, value in numbers.items() if value is not None}
    label = cells.get(options.names, "")
    needed = (options.x, options.y, *([options.group] if options.group else []))
    return Row(
        line,
        tuple(shown.get(name, cells.get(name, "")) for name in columns),
        numbers.get(options.x),
        numbers.get(options.y),
        cells.get(options.group, ""),
        label,
        bool(options.highlight) and " ".join(label.split()) == options.highlight,
        label in _items(options.labels),
        all(cells.get(name) for name in needed),
        url if re.match("https?://", url := cells.get(options.source, "")) else "",
    )
