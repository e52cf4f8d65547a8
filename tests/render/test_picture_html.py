"""The HTML of pictures, read by an HTML5 parser."""

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest

from pipeline.read.front_matter import Post
from pipeline.read.reader import read
from pipeline.render.pictures.formats import Candidate, Picture, Source
from pipeline.render.pictures.html import SIZES, Found, replace_pictures
from tests.conftest import POST

FILE = Path("kept")


def candidates(*names: str) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(name, width, FILE) for name, width in zip(names, (360, 680), strict=True)
    )


PHOTO = Picture(
    680,
    510,
    {"my robot.jpg": FILE},
    (
        Source("image/avif", candidates("my robot-360.avif", "my robot-680.avif")),
        Source("image/webp", candidates("my robot-360.webp", "my robot-680.webp")),
    ),
)
SMALL = Picture(80, 60, {"a.gif": FILE})
OWN = Picture(680, 510, {}, (), candidates("b-360.webp", "b.webp"))
PICTURES = {"my%20robot.jpg": PHOTO, "a.gif": SMALL, "../b/b.webp": OWN}


def find(src: str) -> Found | None:
    return Found(PICTURES[src], src) if src in PICTURES else None


def parsed(html: str) -> Element:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False, strict=True)
    tree: Element = parser.parseFragment(replace_pictures(html, find))
    return tree


def images(html: str) -> list[dict[str, str]]:
    return [dict(image.items()) for image in parsed(html).iter("img")]


def test_the_browser_chooses_among_all() -> None:
    [paragraph] = parsed('<p>See <img alt="A &quot;robot&quot;" src="my%20robot.jpg"> here.</p>')
    [picture] = paragraph
    assert [(e.tag, e.get("type"), e.get("srcset")) for e in picture] == [
        ("source", "image/avif", "my%20robot-360.avif 360w, my%20robot-680.avif 680w"),
        ("source", "image/webp", "my%20robot-360.webp 360w, my%20robot-680.webp 680w"),
        ("img", None, None),
    ]
    assert {e.get("sizes") for e in picture[:2]} == {SIZES}
    assert dict(picture[2].items()) == {
        "src": "my%20robot.jpg",
        "alt": 'A "robot"',
        "width": "680",
        "height": "510",
        "fetchpriority": "high",
    }
    assert (paragraph.text, picture.tail) == ("See ", " here.")


def test_only_the_first_is_fetched_at_once() -> None:
    first, *others = images('<p><img alt="x" src="a.gif"></p>' * 3)
    assert first["fetchpriority"] == "high"
    assert "loading" not in first
    for image in others:
        assert (image["loading"], image["decoding"]) == ("lazy", "async")
        assert "fetchpriority" not in image


def test_the_files_lie_beside_the_original() -> None:
    [image] = images('<img alt="x" src="../b/b.webp">')
    assert image["srcset"] == "../b/b-360.webp 360w, ../b/b.webp 680w"
    assert image["sizes"] == SIZES


def test_the_address_is_what_was_found() -> None:
    html = replace_pictures(
        '<img alt="x" src="{static}robot.jpg">', lambda _src: Found(PHOTO, "../c/my%20robot.jpg")
    )
    assert 'src="../c/my%20robot.jpg"' in html
    assert "../c/my%20robot-680.avif 680w" in html
    assert "static" not in html


@pytest.mark.parametrize(
    "html",
    [
        '<p><img alt="x" src="https://x.y/a.gif" title="t"></p>',
        '<p><img alt="x" src="unknown.jpg"></p>',
        '<!-- <img src="a.gif"> -->',
        '<picture><source srcset="c.avif"><img alt="x" src="a.gif"></picture>',
        "<pre><code>&lt;img src=&quot;a.gif&quot;&gt;</code></pre>",
        "<script>\"<img src='a.gif'>\"</script>",
        "<p>text</p>",
    ],
)
def test_all_else_stays_as_it_is(html: str) -> None:
    assert replace_pictures(html, find) == html


IMAGE = '<img alt="x" src="a.gif" title="A &quot;caption&quot; &amp; it\'s &lt;b&gt; -- long">'


def test_a_caption() -> None:
    [figure] = parsed(f'<p class="wide">{IMAGE}</p>')
    assert (figure.tag, dict(figure.items())) == ("figure", {"class": "wide"})
    image, caption = figure
    assert image.get("title") is None
    assert (caption.tag, caption.text) == ("figcaption", "A “caption” & it’s <b> — long")


def test_a_caption_below_a_link() -> None:
    [figure] = parsed(f'<p><a href="b/">{IMAGE}</a></p>')
    assert [child.tag for child in figure] == ["a", "figcaption"]
    assert figure[0][0].tag == "img"


@pytest.mark.parametrize("html", [f"<p>A {IMAGE}</p>", f"<p>{IMAGE} b</p>", f"<p>{IMAGE * 2}</p>"])
def test_no_figure_in_a_line(html: str) -> None:
    [paragraph] = parsed(html)
    assert paragraph.tag == "p"
    assert all(image.get("title") for image in paragraph)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<img alt="x" src="a.gif">', {"width": "80", "height": "60"}),
        ('<img alt="x" src="a.gif" width="40">', {"width": "40", "height": "30"}),
        ('<img alt="x" src="a.gif" width="999" height="1">', {"width": "80", "height": "60"}),
        ('<img alt="x" src="../b/b.webp" width="300">', {"sizes": "min(300px, 100vw - 2.4em)"}),
        ('<img alt="x > y" src="a.gif" class="c" id="d">', {"alt": "x > y", "class": "c"}),
        ('<img alt="x" src="a.gif" loading="eager">', {"loading": "eager"}),
        (
            '<img alt="" src="a.gif" class="wide decorative">',
            {"alt": "", "class": "wide decorative"},
        ),
        ('<img alt="x" src="a.gif" class="decoratively">', {"class": "decoratively"}),
    ],
)
def test_attributes(html: str, expected: dict[str, Any]) -> None:
    [image] = images(html)
    assert expected.items() <= image.items()
    # HTML allows no role where alt is empty: that says enough.
    assert "role" not in image


def test_from_markdown() -> None:
    text = (
        '\n![A robot](my%20robot.jpg "Its *caption*")\n\n![](a.gif){: .decorative}\n\n'
        "![Small](a.gif){: width=40 }\n"
    )
    markdown = {"extensions": ["extra"], "output_format": "html"}
    document = read((POST + text).encode(), Post, "a.md", {"robotics"}, markdown)
    tree = parsed(document.html)
    assert [child.tag for child in tree] == ["p", "figure", "p", "p"]
    assert [image.get("width") for image in tree.iter("img")] == ["680", "80", "40"]
    [caption] = tree.iter("figcaption")
    assert caption.text == "Its *caption*"
