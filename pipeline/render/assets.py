"""The stylesheets, joined, so that a page needs no second request for them."""

import re
from pathlib import Path

# One cascade layer each. The first file states their order, so this order decides nothing.
LAYERS = ("tokens", "base", "layout", "prose", "notes", "code", "components", "print")


def join_stylesheets(folder: Path) -> str:
    """Return the layers' files as one stylesheet, without comments and indentation."""
    text = "\n".join((folder / f"{layer}.css").read_text("utf-8") for layer in LAYERS)
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())
