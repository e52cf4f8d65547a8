import re
from pathlib import Path
from typing import Any

import pytest

from pipeline.html import MARK, strip_marks
from pipeline.problems import ProblemsFound
from pipeline.theme import Theme, as_hex, join_stylesheets, load_theme, minify

TRIMMED = {"trim_blocks": True, "lstrip_blocks": True}


def theme_of(folder: Path, trimmed: bool = False, /, **files: str) -> Theme:
    """Return a theme; a file `a__b` is at templates/a/b.html, or elsewhere if it has a point."""
    for name, text in files.items():
        path = folder / (name if "." in name else f"templates/{name.replace('__', '/')}.html")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return load_theme(folder, TRIMMED if trimmed else {})


def rendered(theme: Theme, name: str = "page", **values: Any) -> dict[str, str]:
    """Return the mark of each element by its name."""
    html = theme.env.get_template(f"{name}.html").render(values)
    return dict(re.findall(rf'<([\w-]+) {MARK}="([^"]*)"', html))


@pytest.mark.parametrize("trimmed", [False, True])
@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("<p>\n<b>a</b>\n\n<i class='x'>b</i></p>", {"p": 1, "b": 2, "i": 4}),
        ("{% if 1 %}\n<p>a</p>\n{% endif %}\n\n<b>b</b>", {"p": 2, "b": 5}),
        (
            "  {% if 1 %}\n  {% if 1 %}\n  <p>a</p>\n  {% endif %}\n  {% endif %}\n<b>",
            {"p": 3, "b": 6},
        ),
        ("{% if 1 -%}\n\n<p>a</p>\n\n{%- endif %}\n<b>b</b>", {"p": 3, "b": 6}),
        ("{#\n a comment\n#}\n<p>a</p>", {"p": 4}),
        ("{{ 'a'\n}}\n<p>a</p>", {"p": 3}),
        ("{% set x %}\n<p>a</p>\n{% endset %}\n{{ x }}<b>b</b>", {"p": 2, "b": 4}),
        ("{% raw %}\n<p>{{ a }}</p>{% endraw %}\n<b>", {"p": 2, "b": 3}),
        ("<p{% if 1 %} class='x'{% endif %}>\n<br/><my-tag\n>", {"p": 1, "br": 2, "my-tag": 2}),
        ("{% macro m() %}\n<p>a</p>\n{% endmacro %}\n<b>{{ m() }}</b>", {"p": 2, "b": 4}),
        ("{% with a = 1,\n b = 2 %}\n<p>a</p>{% endwith %}", {"p": 3}),
    ],
)
def test_marks_have_the_lines_of_the_template(
    tmp_path: Path, trimmed: bool, template: str, expected: dict[str, int]
) -> None:
    theme = theme_of(tmp_path, trimmed, page=template)
    assert rendered(theme) == {tag: f"page.html:{line}" for tag, line in expected.items()}


def test_marks_name_the_template_that_has_the_element(tmp_path: Path) -> None:
    theme = theme_of(
        tmp_path,
        True,
        base="<html>\n{% block main %}{% endblock %}\n</html>",
        page='{% extends "base.html" %}\n{% from "macros/m.html" import m %}\n{% block main %}\n'
        '<p>{{ m() }}{% include "partials/i.html" %}</p>\n{% endblock %}',
        macros__m="{% macro m() %}\n\n<b>x</b>{% endmacro %}",
        partials__i="\n\n\n<i>x</i>",
    )
    assert rendered(theme) == {
        "html": "base.html:1",
        "p": "page.html:4",
        "b": "macros/m.html:3",
        "i": "partials/i.html:4",
    }


def test_marks_are_not_in_values_and_are_removed_whole(tmp_path: Path) -> None:
    template = "<p title='{{ a }}'>{{ a }}</p>\n<b>&lt;i></b> 1 < 2"
    theme = theme_of(tmp_path, page=template)
    html = theme.env.get_template("page.html").render(a="<u>")
    assert html.count(MARK) == 2
    assert strip_marks(html) == template.replace("{{ a }}", "&lt;u&gt;")


def test_marks_are_not_in_stylesheets(tmp_path: Path) -> None:
    theme = theme_of(
        tmp_path,
        **{"templates/partials/note_rules.css": "{% for n in numbers %}a<b{{ n }} {% endfor %}"},
    )
    assert theme.note_styles(1, 2) == "a<b1 a<b2 "


@pytest.mark.parametrize(
    ("color", "expected"),
    [
        ("#fdfbf7", "#fdfbf7"),
        ("#FDFBF7", "#fdfbf7"),
        ("#FFF", "#ffffff"),
        ("#11223380", "#112233"),
        ("#1238", "#112233"),
        ("rgb(253, 251, 247)", "#fdfbf7"),
        ("rgb(253 251 247 / 50%)", "#fdfbf7"),
        ("rgba(100%, 0%, 300%, .5)", "#ff00ff"),
        ("hsl(120 100% 25%)", "#008000"),
        ("hwb(0 0% 0%)", "#ff0000"),
        ("oklch(0.628 0.2577 29.23)", ""),
        ("white", "#ffffff"),
        ("lab(50 0 0)", ""),
        ("currentColor", ""),
        ("12px", ""),
        ("var(--x)", ""),
    ],
)
def test_as_hex_of_every_notation(color: str, expected: str) -> None:
    assert as_hex(color, "light") == expected
    assert as_hex(f"light-dark({color}, #000)", "light") == expected
    assert as_hex(f"light-dark(#fff, {color})", "dark") == expected


def test_colors_are_those_of_the_tokens(tmp_path: Path) -> None:
    tokens = """@layer tokens { :root {
        /* --old: light-dark(#000, #fff); */
        --a: light-dark(#FDFBF7, rgb(1, 2, 3)); --b: light-dark(white,
            black);
        --c : teal;
        --size: 12px;
    } }"""
    theme = theme_of(tmp_path, **{"static/css/tokens.css": tokens})
    assert theme.colors == {
        "a": ("#fdfbf7", "#010203"),
        "b": ("#ffffff", "#000000"),
        "c": ("#008080", "#008080"),
    }
    assert theme.light_colors(["a", "b"]) == {"a": "#fdfbf7", "b": "#ffffff"}


@pytest.mark.parametrize("files", [{}, {"static/css/tokens.css": "a { --surface: 1px; }"}])
def test_color_that_is_not_there_is_a_problem(tmp_path: Path, files: dict[str, str]) -> None:
    with pytest.raises(ProblemsFound) as caught:
        theme_of(tmp_path, **files).color("surface")
    path = str(tmp_path / "static/css/tokens.css")
    assert [(p.code, p.path) for p in caught.value.problems] == [("theme", path)]


def test_styles_are_short_and_without_comments(tmp_path: Path) -> None:
    text = "/* a\n */\n@layer a {\n  b > c :hover, d { color: red;\n    e: f }\n}\n"
    theme = theme_of(tmp_path, **{"static/css/a.css": text})
    assert theme.styles == {"a": "@layer a{b>c :hover,d{color:red;e:f}}"}
    assert join_stylesheets([tmp_path / "missing.css"]) == ""


def test_minify_keeps_strings_and_selectors() -> None:
    assert minify('a::after { content: ", { " }') == 'a::after{content:", { "}'
    assert minify(".a { &:hover { top: 0; } :is(b) { c: d } }") == ".a{&:hover{top:0}:is(b){c:d}}"
    assert minify("a { --m: ; }") == "a{--m:}"


def test_digest_of_a_theme_depends_on_files_and_options(tmp_path: Path) -> None:
    one = theme_of(tmp_path, page="a").digest
    assert theme_of(tmp_path, page="a").digest == one
    assert len({one, theme_of(tmp_path, True).digest, theme_of(tmp_path, page="b").digest}) == 3
