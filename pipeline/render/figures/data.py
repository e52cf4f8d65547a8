"""From a CSV file and attributes to a figure, or to everything that is wrong with them."""

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from pipeline.problems import Problem, ProblemsFound
from pipeline.read.front_matter import nearest
from pipeline.render.figures.options import COLUMNS, Flaw, Options, read_options
from pipeline.render.figures.scales import number

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
TINY, HUGE = 1e-12, 1e15  # what an axis can hold and a reader can read
GROUPS = 4  # as many as there are shapes


@dataclass(frozen=True)
class Record:
    """One row of the file, each cell by its column; `line` is where it begins."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """One row of the figure. What has no value is None or empty."""

    line: int
    cells: tuple[str, ...]  # as the table shows them
    x: float | None
    y: float | None  # None for bars, whose names are labels
    group: str
    label: str
    highlighted: bool
    plotted: bool


@dataclass(frozen=True)
class Figure:
    """A figure that can be drawn: every plotted row has its values, and there is one at least."""

    options: Options
    alt: str
    file: str
    columns: tuple[str, ...]  # of the table
    rows: tuple[Row, ...]
    groups: tuple[str, ...]

    @property
    def plotted(self) -> tuple[Row, ...]:
        """Return the rows that are drawn."""
        return tuple(row for row in self.rows if row.plotted)


def parse(
    attributes: Mapping[str, str], alt: str, data: bytes, csv_path: str, source: str, line: int
) -> Figure:
    """Return the figure. Raises ProblemsFound with everything that is wrong.

    `attributes` are the image's own, without `src` and `alt`; `data` are the bytes of the file at
    `csv_path`; `source` and `line` are where the image stands in the Markdown.
    """
    options, flaws = read_options(attributes)
    if not alt.strip():
        flaws.append(("a figure must say what it shows", "no text between the brackets", "![…](…)"))
    header, records, problems = read_records(data, csv_path)
    file = PurePath(csv_path).name
    if header:
        flaws += missing_columns(options, header, file)
        problems += number_problems(options, records, csv_path)
    figure = make(options, alt.strip(), file, header, records)
    if header and not flaws and not problems:
        flaws += figure_flaws(figure)
    problems += [Problem(source, line, *flaw) for flaw in flaws]
    if problems:
        raise ProblemsFound(problems)
    return figure


def read_records(data: bytes, path: str) -> tuple[list[str], list[Record], list[Problem]]:
    """Return the names of the columns, the rows, and what is wrong with the file."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return [], [], [Problem(path, line, "must be UTF-8", f"byte 0x{data[error.start]:02x}")]
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((line, [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        return [], [], [Problem(path, line, "must be CSV", str(error))]
    if len(rows) < 2:
        found = "a row of names alone" if rows else "an empty file"
        return [], [], [Problem(path, 0, "must have a row of names and rows of data", found)]
    header = rows[0][1]
    problems = [Problem(path, *flaw) for flaw in _form(rows)]
    records = [Record(n, dict(zip(header, cells, strict=False))) for n, cells in rows[1:]]
    return header, records, problems


def _form(rows: list[tuple[int, list[str]]]) -> Iterator[tuple[int, str, str]]:
    line, header = rows[0]
    for name in sorted({name for name in header if header.count(name) > 1}):
        yield line, "must name each column once", repr(name)
    for line, cells in rows[1:]:
        if len(cells) != len(header):
            yield line, f"must have {len(header)} cells, as the first row has", str(len(cells))


def missing_columns(options: Options, header: list[str], file: str) -> Iterator[Flaw]:
    """Yield the attributes that name a column which is not there."""
    for attribute in COLUMNS:
        name = getattr(options, attribute)
        if name and name not in header:
            fix = nearest(name, header) or "it has " + ", ".join(filter(None, header))
            yield f"{attribute} must name a column of {file}", repr(name), fix


def number_problems(options: Options, records: list[Record], path: str) -> Iterator[Problem]:
    """Yield the cells that should be numbers, or numbers above zero, and are not."""
    scales = {options.y: options.y_scale, options.x: options.x_scale}
    for record in records:
        for column in options.numbers:
            text = record.cells.get(column, "")
            value = read_number(text)
            if text and value is None:
                size = "choose a unit in which it is neither huge nor tiny"
                fix = size if NUMBER.fullmatch(text) else "leave it empty where there is no value"
                yield Problem(path, record.line, f"{column} must be a number", repr(text), fix)
            elif value is not None and value <= 0 and scales[column] == "log":
                must = f"{column} must be above 0 on a log axis"
                yield Problem(path, record.line, must, text)


def read_number(text: str) -> float | None:
    """Return the number, or None where the text is none that can be drawn."""
    value = float(text) if NUMBER.fullmatch(text) else math.inf
    return value if value == 0 or TINY <= abs(value) <= HUGE else None


def make(options: Options, alt: str, file: str, header: list[str], records: list[Record]) -> Figure:
    """Return the figure that the rows make, whether or not it can be drawn."""
    wanted = (options.names, options.x, options.y, options.group)
    columns = tuple(name for name in dict.fromkeys(wanted) if name in header)
    rows = tuple(make_row(options, columns, record) for record in records)
    groups = tuple(dict.fromkeys(row.group for row in rows if row.plotted and row.group))
    return Figure(options, alt, file, columns, rows, groups)


def make_row(options: Options, columns: tuple[str, ...], record: Record) -> Row:
    """Return a row of the figure; it is plotted when nothing that places it is missing."""
    numbers = {name: read_number(record.cells.get(name, "")) for name in options.numbers}
    shown = {name: number(value) for name, value in numbers.items() if value is not None}
    label = record.cells.get(options.names, "")
    places = (options.x, options.y, *([options.group] if options.group else []))
    return Row(
        record.line,
        tuple(shown.get(name, record.cells.get(name, "")) for name in columns),
        numbers.get(options.x),
        numbers.get(options.y),
        record.cells.get(options.group, ""),
        label,
        bool(options.highlight) and " ".join(label.split()) == options.highlight,
        all(record.cells.get(name) for name in places),
    )


def figure_flaws(figure: Figure) -> Iterator[Flaw]:
    """Yield what keeps a figure whose values are right from being drawn."""
    options = figure.options
    if not figure.plotted:
        must = f"{figure.file} must have a row with values in all of the figure's columns"
        yield must, "none", ""
    if len(figure.groups) > GROUPS:
        yield f"group must have {GROUPS} values at most", str(len(figure.groups)), ""
    rows = [row for row in figure.rows if row.highlighted]
    if options.highlight and not rows:
        fix = nearest(options.highlight, [row.label for row in figure.rows])
        yield f"highlight must be in {options.names}", repr(options.highlight), fix
    elif rows and not any(row.plotted for row in rows):
        found = f"an empty cell in {figure.file}:{rows[0].line}"
        yield "the highlighted row must have values", found, ""
