"""Images: what is published of each, read back by Pillow, and its HTML, by an HTML parser."""

import random
import sqlite3
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageCms, ImageColor, ImageDraw
from PIL.PngImagePlugin import PngInfo

from pipeline.html import attribute, elements, parse_part
from pipeline.images import (
    SIZES,
    check_svg,
    image_html,
    image_problems,
    is_image,
    load_image,
    variant_bytes,
)
from pipeline.memo import Memo
from pipeline.model import Image as ImageOf
from pipeline.model import ImageSet, Variant
from pipeline.problems import ProblemsFound


@pytest.fixture
def memo() -> Iterator[Memo]:
    opened = Memo()
    yield opened
    opened.close()


def as_file(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def photo_pixels(width: int, height: int) -> Image.Image:
    """Soft shapes with the noise of a sensor; red on the left, blue on the right."""
    noise = Image.frombytes("L", (64, 64), random.Random(1).randbytes(4096))
    red = Image.linear_gradient("L").rotate(90).resize((width, height))
    green = Image.blend(red.transpose(Image.Transpose.FLIP_TOP_BOTTOM), noise.resize(red.size), 0.1)
    return Image.merge("RGB", (red, green, red.point(lambda value: 255 - value)))


def exif(orientation: int = 1) -> Image.Exif:
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = "SecretCamera"
    data.get_ifd(0x8825).update({1: "N", 2: (37.0, 46.0, 30.0), 3: "W", 4: (122.0, 25.0, 10.0)})
    return data


def photo(width: int = 500, height: int = 400, orientation: int = 1) -> bytes:
    options = {"exif": exif(orientation), "comment": b"SecretComment", "xmp": b"<x>SecretXMP</x>"}
    return as_file(photo_pixels(width, height), "JPEG", quality=92, **options)


def drawing(width: int = 420, height: int = 280) -> bytes:
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    for n in range(12):
        draw.line((0, n * 50, width, n * 30), (200, 20 * n, 30, 255), 3)
    text = PngInfo()
    text.add_text("Author", "SecretAuthor")
    return as_file(image, "PNG", pnginfo=text, exif=exif())


def animation(kind: str = "GIF", **options: Any) -> bytes:
    first, *others = [Image.new("RGB", (80, 60), (90 * n, 200, 30)) for n in range(3)]
    return as_file(first, kind, save_all=True, append_images=others, **options)


def files(memo: Memo, data: bytes, name: str) -> dict[str, bytes]:
    variants = load_image(memo, data, name, name).files
    return {variant.name: variant_bytes(memo, variant) for variant in variants}


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def codes(data: bytes, name: str) -> list[str]:
    """Load an image and return the codes of its problems, which are all of the file."""
    with pytest.raises(ProblemsFound) as found:
        load_image(Memo(), data, name, f"content/{name}")
    assert {problem.path for problem in found.value.problems} == {f"content/{name}"}
    return [problem.code for problem in found.value.problems]


# --- Formats and widths


@pytest.mark.slow
def test_load_image_photo_has_every_format_and_width(memo: Memo) -> None:
    made = load_image(memo, photo(1600, 1200), "robot.jpg", "a/robot.jpg")
    widths = {kind: [variant.width for variant in variants] for kind, variants in made.sources}
    assert list(widths) == ["image/avif", "image/webp"]
    assert set(map(tuple, widths.values())) == {(360, 680, 1020, 1360)}
    assert (made.width, made.height, made.own) == (1360, 1020, ())
    assert made.files[0].name == "robot.jpg"
    assert {"robot-680.avif", "robot-1360.webp"} < {variant.name for variant in made.files}
    for variant in made.files:
        image = opened(variant_bytes(memo, variant))
        kind = (image.format or "").lower().replace("jpeg", "jpg")
        assert (f".{kind}", image.width) == (Path(variant.name).suffix, variant.width)
        assert image.height == round(image.width * 3 / 4)
        assert variant.size == len(variant_bytes(memo, variant))
    avif, webp = [[variant.size for variant in variants] for _, variants in made.sources]
    assert all(a < w for a, w in zip(avif, webp, strict=True))
    assert webp[-1] < made.files[0].size
    assert all(narrow < wide for narrow, wide in pairwise(avif))


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (photo(orientation=6), "a.jpg"),
        (drawing(), "a.png"),
        (as_file(photo_pixels(500, 300), "WEBP", exif=exif(), xmp=b"SecretXMP"), "a.webp"),
    ],
)
def test_load_image_with_metadata_publishes_pixels_alone(
    data: bytes, name: str, memo: Memo
) -> None:
    assert b"Secret" in data
    for file in files(memo, data, name).values():
        image = opened(file)
        assert not dict(image.getexif())
        assert not {"exif", "xmp", "icc_profile", "comment", "Author"} & set(image.info)
        assert b"Secret" not in file


@pytest.mark.parametrize("orientation", range(1, 9))
def test_load_image_turned_photo_is_upright(orientation: int, memo: Memo) -> None:
    upright = photo_pixels(200, 150)
    turn = [None, 0, 3, 1, 5, 2, 6, 4][orientation - 1]  # how the camera was held, as Transpose
    held = upright if turn is None else upright.transpose(Image.Transpose(turn))
    data = as_file(held, "JPEG", quality=95, exif=exif(orientation))
    made = load_image(memo, data, "a.jpg", "a.jpg")
    assert (made.width, made.height) == (200, 150)
    for variant in made.files:
        image = opened(variant_bytes(memo, variant)).convert("RGB")
        for place in ((20, 15), (20, 135), (180, 15), (180, 135)):
            seen, meant = image.getpixel(place), upright.getpixel(place)
            assert isinstance(seen, tuple) and isinstance(meant, tuple)
            assert all(abs(a - b) < 40 for a, b in zip(seen, meant, strict=True))


@pytest.mark.slow
def test_load_image_drawing_keeps_pixels_and_transparency(memo: Memo) -> None:
    data = drawing()
    made = load_image(memo, data, "a.png", "a.png")
    png = variant_bytes(memo, made.files[0])
    assert opened(png).convert("RGBA").tobytes() == opened(data).convert("RGBA").tobytes()
    assert len(png) <= len(data)
    [*_, (_, variants)] = made.sources
    webp = opened(variant_bytes(memo, variants[-1])).convert("RGBA")
    assert webp.getchannel("A").tobytes() == opened(data).getchannel("A").tobytes()
    for _, variants in made.sources:  # what is larger than a wider one is left out
        sizes = [variant.size for variant in variants]
        assert sizes == sorted(set(sizes))
        assert sizes[-1] < len(png)


def test_load_image_nothing_better_has_widths_of_its_own_format(memo: Memo) -> None:
    plain = as_file(Image.new("RGB", (700, 500), "red"), "WEBP")
    made = load_image(memo, plain, "a.webp", "a.webp")
    assert made.sources == ()
    assert [(v.name, v.width) for v in made.own] == [("a-360.webp", 360), ("a.webp", 700)]
    assert [v.name for v in made.files] == ["a.webp", "a-360.webp"]
    narrow = as_file(Image.new("RGB", (400, 300), "red"), "WEBP")  # 360 px would save nothing
    assert list(files(memo, narrow, "a.webp")) == ["a.webp"]


def test_load_image_with_color_profile_is_srgb(memo: Memo) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # Red and blue exchanged, under another name
    swapped = srgb.replace(b"rXYZ", b"----").replace(b"bXYZ", b"rXYZ").replace(b"----", b"bXYZ")
    swapped = swapped.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    # Browsers ignore one of another color model and a damaged one.
    for profile, seen in ((srgb, "red"), (swapped, "blue"), (lab, "red"), (b"damaged", "red")):
        for mode in ("RGB", "RGBA", "P"):
            image = Image.new("RGB", (9, 9), "red").convert(mode)
            png = files(memo, as_file(image, "PNG", icc_profile=profile), "a.png")["a.png"]
            pixel = opened(png).convert("RGB").getpixel((4, 4))
            assert pixel == ImageColor.getrgb(seen), (mode, seen)


@pytest.mark.parametrize(
    ("mode", "color", "expected"),
    [
        ("I;16", 40000, (156,) * 3),
        ("L", 90, (90,) * 3),
        ("1", 1, (255,) * 3),
        ("LA", (90, 255), (90,) * 3),
    ],
)
def test_load_image_other_modes_become_rgb(
    mode: str, color: Any, expected: tuple[int, ...], memo: Memo
) -> None:
    png = files(memo, as_file(Image.new(mode, (9, 9), color), "PNG"), "a.png")["a.png"]
    assert opened(png).convert("RGB").getpixel((4, 4)) == expected


def test_load_image_cmyk_and_mpo_become_plain_jpeg(memo: Memo) -> None:
    printed = as_file(photo_pixels(300, 200).convert("CMYK"), "JPEG")
    assert opened(files(memo, printed, "a.jpg")["a.jpg"]).mode == "RGB"
    more = [photo_pixels(300, 200)]
    double = as_file(photo_pixels(300, 200), "MPO", save_all=True, append_images=more)
    assert opened(files(memo, double, "b.jpg")["b.jpg"]).format == "JPEG"


# --- The memo


@pytest.mark.slow
def test_load_image_again_takes_everything_from_the_memo(
    memo: Memo, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = {"a.jpg": photo(), "b.png": drawing(), "c.gif": animation(), "d.svg": svg("")}
    first = [load_image(memo, data, name, name) for name, data in sources.items()]
    monkeypatch.setattr("pipeline.images._encode", None)
    assert [load_image(memo, data, name, name) for name, data in sources.items()] == first
    # The content counts, not the name.
    assert "robot-360.avif" in files(memo, sources["a.jpg"], "robot.jpeg")
    assert files(memo, animation(), "c.gif") == {"c.gif": animation()}


@pytest.mark.slow
def test_load_image_lost_bytes_are_encoded_again(tmp_path: Path) -> None:
    memo = Memo(tmp_path / "memo")
    before = files(memo, photo(), "a.jpg")
    lost = load_image(memo, photo(), "a.jpg", "a.jpg").files[-1]
    memo.flush()
    with sqlite3.connect(tmp_path / "memo") as db:
        db.execute("DELETE FROM memo WHERE key = ?", (lost.key,))
    with pytest.raises(LookupError):
        variant_bytes(memo, lost)
    assert files(memo, photo(), "a.jpg") == before
    memo.close()


# --- What is refused


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (photo()[:5000], "a.jpg", "image-unreadable"),
        (photo()[:30], "a.jpg", "image-unreadable"),
        (animation()[:-40], "a.gif", "image-unreadable"),
        (animation() + b"hidden", "a.gif", "image-unreadable"),
        (b"", "a.png", "image-unreadable"),
        (b"text", "a.webp", "image-unreadable"),
        (animation(comment=b"Secret"), "a.gif", "image-metadata"),
        (animation()[:-1] + b"!\xff\x0bXMP DataXMP\x01a\x00;", "a.gif", "image-metadata"),
        (b"BM", "a.bmp", "image-format"),
        (drawing(), "a.jpg", "image-format"),
        (as_file(Image.new("RGB", (13600, 20)), "PNG"), "a.png", "image-size"),
        (as_file(Image.new("RGB", (20, 14000)), "JPEG", exif=exif(6)), "a.jpg", "image-size"),
        (animation(kind="WEBP"), "a.webp", "image-format"),
        (animation(kind="PNG"), "a.png", "image-format"),
    ],
)
def test_load_image_unfit_is_refused(data: bytes, name: str, code: str) -> None:
    assert codes(data, name) == [code]


@pytest.mark.parametrize("side", [9000, 9800, 14000])  # our limit, Pillow's warning and its error
@pytest.mark.slow
def test_load_image_decompression_bomb_is_refused(side: int) -> None:
    assert codes(as_file(Image.new("1", (side, side)), "PNG"), "a.png") == ["image-size"]


def test_load_image_damaged_pixels_are_refused() -> None:
    damaged = bytearray(drawing())
    damaged[len(damaged) // 2] ^= 255
    assert codes(bytes(damaged), "a.png") == ["image-unreadable"]
    assert not list(image_problems(bytes(damaged), "a.png", "a.png"))  # reads the header only


def test_is_image_goes_by_the_name() -> None:
    names = ("A.JPG", "a.svg", "a.heic", "a.csv", "jpg")
    assert [is_image(name) for name in names] == [True, True, True, False, False]


# --- SVG

S = "{http://www.w3.org/2000/svg}"
DOCTYPE = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">'
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def svg(inside: str, attributes: str = 'viewBox="0 0 40 30"', before: str = "") -> bytes:
    return f"{before}{HEAD} {attributes}>\n{inside}</svg>".encode()


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<g><s:script xmlns:s='http://www.w3.org/2000/svg' href='#a'/></g>",
        "<rect width='1' onload='alert(1)'/>",
        "<a href='javascript:alert(1)'><path d='M0 0'/></a>",
        "<a xlink:href=' JaVaScRiPt:alert(1)'><path d='M0 0'/></a>",
        "<use href='https://x.y/a.svg#b'/>",
        "<use xlink:href='other.svg#b'/>",
        "<foreignObject/>",
        "<image xlink:href='#a'/>",
        "<rect style='fill: url(https://x.y/a#b)'/>",
        "<rect fill='url( \"https://x.y/a#b\" )'/>",
        r"<rect style='fill: u\72l(https://x.y/a)'/>",
        "<style>@import 'https://x.y/a.css';</style>",
        "<style>\na { b: c }\n@import 'https://x.y/a.css';</style>",
        "<style><![CDATA[rect { fill: image-set('https://x.y/a.png' 1x) }]]></style>",
        "<style>a{content:'/*'} rect{fill:url(https://x.y/a)} b{content:'*/'}</style>",
        "<style>rect{fill:url(#a)} i{cursor:url(https://x.y/a#b)}</style>",
        "<style>@media (width > 1px) { a { b: url('a.png') } }</style>",
        "<animate attributeName='href' to='https://x.y/'/>",
        "<set attributeName='onclick' to='alert(1)'/>",
        "<feImage href='https://x.y/a.png'/>",
    ],
)
def test_check_svg_active_or_external_is_refused(inside: str) -> None:
    with pytest.raises(ProblemsFound) as found:
        check_svg(svg(inside), "a.svg")
    [problem] = found.value.problems
    line = 2 + inside[: inside.find("@import")].count("\n")
    assert (problem.code, problem.path, problem.line) == ("svg-content", "a.svg", line)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (svg("<text>&a;</text>", before='<!DOCTYPE svg [<!ENTITY a "<script/>">]>'), "svg-content"),
        (svg("<text>&a;</text>"), "image-unreadable"),
        (svg("<text>&a;</text>", before=DOCTYPE), "image-unreadable"),
        (svg("<g>"), "image-unreadable"),
        (svg("<g>" * 999 + "</g>" * 999), "image-unreadable"),
        (b"<svg viewBox='0 0 1 1'/>", "image-format"),
        (svg("", ""), "image-size"),
        (svg("", 'viewBox="0 0 0 30"'), "image-size"),
        (b"", "image-unreadable"),
    ],
)
def test_check_svg_unreadable_is_refused(data: bytes, code: str) -> None:
    assert codes(data, "a.svg") == [code]


def test_check_svg_drawing_is_kept() -> None:
    inside = (
        "<title>Torque</title><defs><linearGradient id='g'><stop offset='0' stop-color='#123'/>"
        "</linearGradient></defs>"
        "<style>@media(prefers-color-scheme: dark) {.a{fill: #fff}}</style>"
        "<g transform='translate(1, 2)' xml:space='preserve'><use xlink:href='#g'/>"
        "<path class='a' d='M0 0L1 1' style='fill: url(\"#g\"); stroke: rgb(1, 2, 3)'/></g>"
        "<text>a<tspan>b</tspan>c</text>"
    )
    data, *_ = check_svg(svg(inside), "a.svg")
    before, after = ElementTree.fromstring(svg(inside)), ElementTree.fromstring(data)
    for element, kept in zip(before.iter(), after.iter(), strict=True):
        assert (element.tag, element.attrib) == (kept.tag, kept.attrib)
        assert (element.text, element.tail) == (kept.text, kept.tail)
    assert check_svg(data, "a.svg")[0] == data


def test_check_svg_what_editors_keep_is_left_out() -> None:
    inside = (
        "<!-- Secret --><?xml-stylesheet href='https://x.y/Secret.css'?>"
        "<metadata><a xmlns='urn:a'>Secret</a></metadata><e:view xmlns:e='urn:e' e:a='Secret'/>"
        "<g e:label='Secret' xmlns:e='urn:e'><text>a<e:b><e:c/>Secret</e:b>b</text></g>"
    )
    data, *_ = check_svg(svg(inside, before=DOCTYPE), "a.svg")
    assert not any(word in data for word in (b"Secret", b"urn:", b"DOCTYPE", b"xlink"))
    assert "".join(ElementTree.fromstring(data).itertext()).strip() == "ab"


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="100" height="50"', (100, 50)),
        ('width="72pt" height="1in" viewBox="0 0 9 9"', (96, 96)),
        ('width="100%" height="50" viewBox="0, 0, 40.4 30"', (40, 30)),
        ('viewBox="-5 -5 40 30"', (40, 30)),
    ],
)
def test_check_svg_size_is_in_css_pixels(attributes: str, size: tuple[int, int]) -> None:
    assert check_svg(svg("", attributes), "a.svg")[1:] == size


# --- HTML


def variants(*names: str) -> tuple[Variant, ...]:
    return tuple(Variant(n, width, 1, n) for n, width in zip(names, (360, 680), strict=True))


AVIF = "image/avif", variants("my robot-360.avif", "my robot-680.avif")
WEBP = "image/webp", variants("my robot-360.webp", "my robot-680.webp")
PHOTO = ImageSet(680, 510, (), (AVIF, WEBP))
SMALL = ImageSet(80, 60, ())
OWN = ImageSet(680, 510, (), (), variants("b-360.gif", "a.gif"))


def html_of(
    made: ImageSet, url: str, given: dict[str, str], eager: bool = False
) -> list[dict[str, str]]:
    """Return the attributes of all elements; `tag` is the name."""
    html = image_html(ImageOf("x", tuple(given.items()), 1, eager), made, url)
    found = elements(parse_part(html))
    return [{"tag": e.tag, **{name: attribute(e, name) for name in e.attrs}} for e in found]


def test_image_html_offers_every_format() -> None:
    picture, avif, webp, img = html_of(PHOTO, "../c/my%20robot.jpg", {"alt": 'A "robot"'}, True)
    assert picture == {"tag": "picture"}
    avif_files = "../c/my%20robot-360.avif 360w, ../c/my%20robot-680.avif 680w"
    source = {"tag": "source", "sizes": SIZES}
    assert avif == {**source, "type": "image/avif", "srcset": avif_files}
    assert webp == {**source, "type": "image/webp", "srcset": avif_files.replace("avif", "webp")}
    expected = {"src": "../c/my%20robot.jpg", "alt": 'A "robot"', "width": "680", "height": "510"}
    assert img == {"tag": "img", **expected, "fetchpriority": "high"}


@pytest.mark.parametrize(
    ("made", "given", "expected"),
    [
        (SMALL, {}, {"width": "80", "height": "60", "alt": "", "loading": "lazy"}),
        (OWN, {}, {"srcset": "b-360.gif 360w, a.gif 680w", "sizes": SIZES}),
        (SMALL, {"width": "40"}, {"width": "40", "height": "30"}),
        (SMALL, {"width": "999", "height": "1"}, {"width": "80", "height": "60"}),
        (OWN, {"width": "300"}, {"sizes": "min(300px, 100vw - 2.4em)"}),
        (SMALL, {"alt": "x > y", "class": "wide c"}, {"alt": "x > y", "class": "wide c"}),
        (SMALL, {"loading": "eager"}, {"loading": "eager", "src": "a.gif"}),
    ],
)
def test_image_html_author_wins_but_for_size_and_source(
    made: ImageSet, given: dict[str, str], expected: dict[str, str]
) -> None:
    [img] = html_of(made, "a.gif", given)
    assert expected.items() <= img.items()
