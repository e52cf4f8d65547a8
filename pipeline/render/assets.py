"""The stylesheets, joined, so that a page needs no second request for them."""

import re
from collections.abc import Iterable
from pathlib import Path

# One cascade layer each. The first file states their order, so this order decides nothing.
LAYERS = ("tokens", "base", "layout", "prose", "notes", "code", "components", "print")


def join_stylesheets(folder: Path) -> str:
    """Return the layers' files as one stylesheet."""
    return joined(folder / f"{layer}.css" for layer in LAYERS)


def joined(paths: Iterable[Path]) -> str:
    """Return stylesheets as one, without comments and indentation."""
    text = "\n".join(path.read_text("utf-8") for path in paths)
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def both_looks(folder: Path, name: str) -> tuple[str, str]:
    """Return a colour of the light and of the dark look by its token's name, as `#rrggbb`."""
    tokens = (folder / "tokens.css").read_text("utf-8")
    found = re.search(rf"--{name}:\s*light-dark\((#[0-9a-f]{{6}}), (#[0-9a-f]{{6}})\)", tokens)
    assert found, name
    return found[1], found[2]


def light_colours(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Return colours of the light look by their tokens' names, as `#rrggbb`."""
    tokens = (folder / "tokens.css").read_text("utf-8")
    found = dict(re.findall(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),", tokens))
    return {name: found[name] for name in names}
