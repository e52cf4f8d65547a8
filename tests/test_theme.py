"""The stylesheets' own rules: one layer a file, colours in one place, contrast enough to read."""

import re
from pathlib import Path

import pytest

from pipeline.render.assets import LAYERS, join_stylesheets
from tests.conftest import ROOT

FOLDER = ROOT / "theme/static/css"
# Text on what it stands on
PAIRS = [
    ("text", "surface"),
    ("text-quiet", "surface"),
    ("accent", "surface"),
    ("text", "surface-sunk"),
    ("text", "accent-quiet"),
    ("accent", "accent-quiet"),
    ("text-quiet", "surface-sunk"),
    ("accent", "surface-sunk"),
    ("code-text", "surface-sunk"),
    ("code-number", "surface-sunk"),
]
ENOUGH = 4.5  # WCAG 2.2, 1.4.3


def sheet(layer: str) -> str:
    return re.sub(r"/\*.*?\*/", "", (FOLDER / f"{layer}.css").read_text("utf-8"), flags=re.DOTALL)


def tokens() -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", sheet("tokens")))


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb (WCAG 2.2)."""
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_on_white() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back"), PAIRS)
def test_text_can_be_read(front: str, back: str, scheme: int) -> None:
    colours = [re.findall("#[0-9a-f]{6}", tokens()[name])[scheme] for name in (front, back)]
    assert contrast(*colours) >= ENOUGH


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
