"""The attributes of a figure, as typed options."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from pipeline.read.front_matter import nearest

KINDS = ("scatter", "line", "bar")
SCALES = ("linear", "log")
CHOICES = {"kind": KINDS, "x-scale": SCALES, "y-scale": SCALES}
REQUIRED = ("kind", "x", "y", "caption")
COLUMNS = ("x", "y", "group", "label")
EXAMPLES = {"kind": "kind=scatter", "caption": 'caption="…"'}

# What must be so, what was found, and what mends it.
Flaw = tuple[str, str, str]


@dataclass(frozen=True)
class Options:
    """What an author can say about a figure; an attribute is a field's name with hyphens.

    `x`, `y`, `group` and `label` name columns. `highlight` is the label of the row that matters.
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

    @property
    def numbers(self) -> tuple[str, ...]:
        """Return the columns that must hold numbers."""
        return (self.x,) if self.kind == "bar" else (self.x, self.y)

    @property
    def names(self) -> str:
        """Return the column that says what a row is; bars have their names on the y axis."""
        return self.y if self.kind == "bar" else self.label

    def heading(self, column: str) -> str:
        """Return what a reader sees for a column."""
        given = {self.group: self.group_label, self.y: self.y_label, self.x: self.x_label}
        return given.get(column) or in_words(column)


NAMES = tuple(field.name.replace("_", "-") for field in fields(Options))


def in_words(column: str) -> str:
    """Return a column's name as words: `price_usd` as `Price usd`."""
    words = column.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def read_options(attributes: Mapping[str, str]) -> tuple[Options, list[Flaw]]:
    """Return the options, without the attributes that are wrong, and what is wrong with them."""
    given = {name: " ".join(value.split()) for name, value in attributes.items()}
    flaws = list(_flaws(given))
    good = {
        name.replace("-", "_"): value
        for name, value in given.items()
        if name in NAMES and value and value in CHOICES.get(name, (value,))
    }
    options = Options(**good)
    return options, [*flaws, *_contradictions(options)]


def _flaws(given: Mapping[str, str]) -> Iterator[Flaw]:
    for name in REQUIRED:
        if not given.get(name):
            yield f"a figure must have {name}", "none", "add " + EXAMPLES.get(name, f"{name}=…")
    for name, value in given.items():
        if name not in NAMES:
            fix = nearest(name, NAMES) or "one of " + ", ".join(NAMES)
            yield "must be an attribute of a figure", repr(name), fix
        elif value and value not in CHOICES.get(name, (value,)):
            known = CHOICES[name]
            yield f"{name} must be one of {', '.join(known)}", repr(value), nearest(value, known)


def _contradictions(options: Options) -> Iterator[Flaw]:
    if options.highlight and not options.names:
        must = "a figure with highlight must have label, the column that it is found in"
        yield must, "none", "add label=…"
    if options.kind == "bar" and options.label:
        yield "the bars of a figure must take their names from y", "label=", "leave label out"
    if options.kind == "bar" and "log" in (options.x_scale, options.y_scale):
        must = "the bars of a figure must stand on a linear scale, where their lengths compare"
        yield must, "log", "use kind=scatter, or leave the scale out"
