"""The stylesheets' own rules: one layer a file, colours in one place."""

import re
from pathlib import Path

import pytest

from pipeline.render.assets import LAYERS, join_stylesheets
from tests.conftest import ROOT

FOLDER = ROOT / "theme/static/css"


def sheet(layer: str) -> str:
    return re.sub(r"/\*.*?\*/", "", (FOLDER / f"{layer}.css").read_text("utf-8"), flags=re.DOTALL)


def tokens() -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", sheet("tokens")))


def test_every_layer_is_a_file_and_every_file_a_layer() -> None:
    assert {path.stem for path in FOLDER.glob("*.css")} == set(LAYERS)
    assert sheet("tokens").strip().startswith(f"@layer {', '.join(LAYERS)};")


@pytest.mark.parametrize("layer", LAYERS)
def test_a_file_is_one_layer_without_ids_or_force(layer: str) -> None:
    text = sheet(layer)
    assert text.count(f"@layer {layer} {{") == 1
    assert "!important" not in text
    selectors = re.findall(r"([^{};]+)\{", text)
    assert not [s for s in selectors if re.search(r"#[a-z]", s)]


def test_colours_stand_in_the_tokens_alone() -> None:
    for layer in LAYERS[1:]:
        assert not re.search(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(", sheet(layer)), layer


def test_every_token_is_defined_and_used() -> None:
    used = {name for layer in LAYERS for name in re.findall(r"var\(--([\w-]+)\)", sheet(layer))}
    # Two name what each page's own rules define (theme/templates/partials/note_rules.html).
    assert used - {"mark", "above"} == set(tokens())


def test_joining_keeps_the_order_and_drops_comments() -> None:
    joined = join_stylesheets(FOLDER)
    places = [joined.index(f"@layer {layer} {{") for layer in LAYERS]
    assert places == sorted(places)
    assert "/*" not in joined


def test_templates_are_short() -> None:
    for path in (ROOT / "theme/templates").rglob("*.html"):
        assert len(Path(path).read_text("utf-8").splitlines()) <= 60, path
