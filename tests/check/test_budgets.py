"""What would keep a reader waiting."""

import random
from io import BytesIO
from pathlib import Path

import pytest
from justhtml import Element
from PIL import Image

from pipeline.check.budgets import budgets, chosen
from pipeline.check.site import Page
from tests.check.faults import Fault, P, prove_tiny, text
from tests.conftest import POST, TinySite, png


def noise(count: int) -> str:
    """Return words that no compression makes much shorter."""
    letters = random.Random(7)
    return "".join(letters.choice("abcdefghijklmnopqrstuvwxyz      ") for _ in range(count))


def gif(width: int = 900) -> bytes:
    """Return a picture that is heavy and stays as it is."""
    file = BytesIO()
    pixels = random.Random(7).randbytes(width * width)
    Image.frombytes("L", (width, width), pixels).save(file, "GIF")
    return file.getvalue()


def grown(name: str) -> Fault:
    """Return a fault: a feed that has become heavy."""

    def grow(folder: Path) -> None:
        path = folder / name
        comment = random.Random(7).randbytes(600_000).hex()
        path.write_text(path.read_text("utf-8") + f"<!-- {comment} -->", "utf-8")

    return Fault(f"/{name}", built=grow)


ICON = '<img src="{{ SITEURL }}/favicon.svg" alt="">'
BASE = "templates/base.html"
SKIP = '<a class="skip-link" href="#main">'
FAULTS = {
    "page-weight": {"a book": Fault(P, text(noise(150_000)))},
    "requests": {
        "an album": Fault(
            P,
            {
                **text("\n\n".join(f"![Picture {n} of it](a{n}.png)" for n in range(45))),
                **{f"posts/a/a{n}.png": png() for n in range(45)},
            },
        ),
        "much at once": Fault(
            P,
            {
                **text("Words.\n\n" + '![Waves](a.png){: loading="eager" }\n' * 4),
                "posts/a/a.png": png(),
            },
        ),
    },
    "picture-weight": {
        "a heavy one": Fault(
            f"{P}:9", {**text("Words.\n\n![It moves](a.gif)\n"), "posts/a/a.gif": gif()}
        ),
        "many that are not light": Fault(
            P,
            {
                **text("\n\n".join(f"![It moves, {n}](a{n}.gif)" for n in range(8))),
                **{f"posts/a/a{n}.gif": gif(600) for n in range(8)},
            },
        ),
    },
    "dom-size": {
        "a long list": Fault(P, text("- a\n" * 5100)),
        "boxes in boxes": Fault(P, text("<div>" * 30 + "Words of it." + "</div>" * 30)),
    },
    "feed-weight": {"a heavy one": grown("feeds/all.atom.xml")},
}


def test_the_budgets_have_numbers() -> None:
    assert all(isinstance(number, int) and number > 0 for number in budgets().values())


def image_of(html: str) -> Element:
    [image] = Page("a.html", None, (), html).named("img")
    return image


@pytest.mark.parametrize(
    ("html", "address"),
    [
        ('<img src="a.png">', "a.png"),
        ('<img src="a.png" srcset="b.png 600w, c.png 1400w, d.png 2000w">', "c.png"),
        ('<img src="a.png" srcset="b.png 300w, c.png 600w">', "c.png"),
        (
            '<picture><source srcset="b.avif 2000w"><img src="a" srcset="c 2000w"></picture>',
            "b.avif",
        ),
    ],
)
def test_what_a_wide_screen_takes(html: str, address: str) -> None:
    assert chosen(image_of(html)) == address


def test_an_essay_with_ten_pictures_passes(tiny: TinySite) -> None:
    file = BytesIO()
    Image.radial_gradient("L").resize((1500, 1000)).save(file, "JPEG", quality=95)
    words = "".join(f"{noise(6000)}\n\n![Picture {n} of it](a.jpg)\n\n" for n in range(10))
    essay: dict[str, str | bytes] = {
        "posts/a/index.md": POST + words,
        "posts/a/a.jpg": file.getvalue(),
    }
    assert prove_tiny(tiny, Fault("", essay)) == []
