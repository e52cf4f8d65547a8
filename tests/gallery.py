"""A site with every element of the dialect: the examples of docs/writing.md, and those tested."""

import re
from io import BytesIO

from PIL import Image

from tests.check.faults import GOOD
from tests.conftest import POST, ROOT, TinySite, png
from tests.read.test_dialect import EXAMPLES

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><path d="M0 0h4v3"/></svg>'
DATA = "model,price_usd,torque_nm,grade\n6.5 in hub motor,20,10,A\nServo,300,2,B\nBig,900,20,\n"
PATH = "posts/gallery/index.html"
WIDE = " + ".join(f"x_{{{n}}}" for n in range(40))
MORE = f"""
## Wide things

$${WIDE}$$

| {" | ".join(f"Column {n}" for n in range(12))} |
|{"---|" * 12}
| {" | ".join(f"measured value {n}" for n in range(12))} |

```python
{"word = 'a line of code that is longer than any screen of a phone'  # " * 3}
```

A-word-that-has-no-end-{"and-goes-on-and-on-" * 6}. Inline `{"code_without_spaces_" * 5}`.

Term
:   What it means, with H<sub>2</sub>O, <kbd>Ctrl</kbd>, abbreviations: HTML.

1. One
2. Two
    - A
    - B

*[HTML]: the language of pages
"""


def jpeg() -> bytes:
    """Return a picture that is wider than a phone."""
    file = BytesIO()
    Image.effect_noise((900, 600), 40).save(file, "JPEG")
    return file.getvalue()


def post(title: str, words: str) -> str:
    """Return a post's source."""
    head = POST.replace("A post", title).replace("What it says.", f"What {title} says.")
    return head.replace("The text.", words)


def write(tiny: TinySite) -> None:
    """Write a post of all that docs/writing.md describes, and one for each tested example."""
    text = (ROOT / "docs/writing.md").read_text("utf-8")
    blocks = re.findall(r"^(```+)markdown\n(.*?)\n\1$", text, re.MULTILINE | re.DOTALL)
    body = "\n\n".join(block for _, block in blocks)
    files = {
        **GOOD,
        "posts/gallery/index.md": post("A gallery", f"## All of it\n\n{body}\n{MORE}"),
        "posts/gallery/robot.jpg": jpeg(),
        "posts/gallery/torque.svg": SVG,
        "posts/gallery/flourish.png": png(40, 40),
        "posts/gallery/motors.csv": DATA,
    }
    tiny.write(files)
    for number, (name, example) in enumerate(EXAMPLES.items()):
        if example.kind == "html":
            tiny.write({f"posts/example-{number}/index.md": post(name, example.source)})
