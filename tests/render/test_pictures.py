"""Pictures: what is published of each, read back by Pillow."""

import random
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageColor, ImageDraw, ImageSequence
from PIL.PngImagePlugin import PngInfo

from pipeline.problems import ProblemsFound
from pipeline.render.pictures.formats import Picture, is_picture, make, steps
from tests.conftest import contents

ORIENTATION, GPS = 0x0112, 0x8825


def as_file(image: Image.Image, kind: str, **settings: Any) -> bytes:
    file = BytesIO()
    image.save(file, kind, **settings)
    return file.getvalue()


def photo_pixels(width: int, height: int) -> Image.Image:
    """Soft shapes with the noise of a sensor; red on the left, blue on the right."""
    noise = Image.frombytes("L", (64, 64), random.Random(1).randbytes(4096))
    red = Image.linear_gradient("L").rotate(90).resize((width, height))
    green = Image.blend(red.transpose(Image.Transpose.FLIP_TOP_BOTTOM), noise.resize(red.size), 0.1)
    return Image.merge("RGB", (red, green, red.point(lambda value: 255 - value)))


def exif(orientation: int = 1) -> Image.Exif:
    data = Image.Exif()
    data[ORIENTATION] = orientation
    data[0x010F] = "SecretCamera"
    data.get_ifd(GPS).update({1: "N", 2: (37.0, 46.0, 30.0), 3: "W", 4: (122.0, 25.0, 10.0)})
    return data


def photo(width: int = 1600, height: int = 1200, orientation: int = 1) -> bytes:
    settings = {"exif": exif(orientation), "comment": b"SecretComment", "xmp": b"<x>SecretXMP</x>"}
    return as_file(photo_pixels(width, height), "JPEG", quality=92, **settings)


def drawing(width: int = 1000, height: int = 600) -> bytes:
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    for n in range(12):
        draw.line((0, n * 50, width, n * 30), (200, 20 * n, 30, 255), 3)
    text = PngInfo()
    text.add_text("Author", "SecretAuthor")
    return as_file(image, "PNG", pnginfo=text, exif=exif())


def animation() -> bytes:
    frames = [Image.new("P", (80, 60), n) for n in range(3)]
    for n, frame in enumerate(frames):
        frame.putpalette([10 * n, 200, 30] * 256)
        ImageDraw.Draw(frame).rectangle((n * 9, 5, n * 9 + 20, 30), fill=n + 7)
    settings = {"save_all": True, "append_images": frames[1:], "duration": [80, 120, 160]}
    return as_file(frames[0], "GIF", loop=0, comment=b"SecretComment", **settings)


def opened(path: Path) -> Image.Image:
    return Image.open(BytesIO(path.read_bytes()))


def widths(picture: Picture) -> dict[str, list[int]]:
    return {kind: [width for _, width, _ in files] for kind, files in picture.sources}


def problem(data: bytes, name: str, cache: Path) -> str:
    with pytest.raises(ProblemsFound) as found:
        make(data, name, f"content/{name}", cache)
    assert not contents(cache)
    [line] = str(found.value).splitlines()
    return line.removeprefix(f"content/{name}: ")


def test_a_photograph_in_every_format_and_width(tmp_path: Path) -> None:
    picture = make(photo(), "robot.jpg", "a/robot.jpg", tmp_path)
    ladder = [360, 680, 1020, 1360]
    assert widths(picture) == {"image/avif": ladder, "image/webp": ladder}
    assert (picture.width, picture.height, picture.own) == (1360, 1020, ())
    assert next(iter(picture.files)) == "robot.jpg"
    assert {"robot-680.avif", "robot-1360.webp"} < set(picture.files)
    for name, file in picture.files.items():
        image = opened(file)
        assert f".{(image.format or '').lower().replace('jpeg', 'jpg')}" == Path(name).suffix
        assert image.height == round(image.width * 3 / 4)
        assert str(image.width) in name or name == "robot.jpg"
    assert opened(picture.files["robot.jpg"]).info["progressive"]


def test_a_better_format_is_a_smaller_one(tmp_path: Path) -> None:
    picture = make(photo(), "robot.jpg", "a/robot.jpg", tmp_path)
    avif, webp = [[c.file.stat().st_size for c in files] for _, files in picture.sources]
    assert all(a < w for a, w in zip(avif, webp, strict=True))
    assert webp[-1] < picture.files["robot.jpg"].stat().st_size
    assert all(narrow < wide for narrow, wide in pairwise(avif))


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (photo(orientation=6), "a.jpg"),
        (drawing(), "a.png"),
        (as_file(photo_pixels(500, 300), "WEBP", exif=exif(), xmp=b"SecretXMP"), "a.webp"),
        (animation(), "a.gif"),
    ],
)
def test_nothing_but_pixels_is_published(data: bytes, name: str, tmp_path: Path) -> None:
    assert b"Secret" in data
    for file in make(data, name, name, tmp_path).files.values():
        image = opened(file)
        assert not dict(image.getexif())
        assert not {"exif", "xmp", "icc_profile", "comment", "Author"} & set(image.info)
        assert b"Secret" not in file.read_bytes()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_is_applied(orientation: int, tmp_path: Path) -> None:
    upright = photo_pixels(400, 300)
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    held = upright.transpose(turn[orientation]) if orientation > 1 else upright
    data = as_file(held, "JPEG", quality=95, exif=exif(orientation))
    picture = make(data, "a.jpg", "a.jpg", tmp_path)
    assert (picture.width, picture.height) == (400, 300)
    for file in picture.files.values():
        image = opened(file).convert("RGB")
        assert image.width > image.height
        for x in (0.1, 0.9):
            for y in (0.1, 0.9):
                seen = image.getpixel((int(x * image.width), int(y * image.height)))
                meant = upright.getpixel((int(x * 400), int(y * 300)))
                assert isinstance(seen, tuple) and isinstance(meant, tuple)
                assert all(abs(a - b) < 40 for a, b in zip(seen, meant, strict=True))


def test_a_drawing_keeps_its_pixels_and_what_shows_through(tmp_path: Path) -> None:
    data = drawing(600, 400)
    picture = make(data, "a.png", "a.png", tmp_path)
    original = Image.open(BytesIO(data))
    png = opened(picture.files["a.png"]).convert("RGBA")
    assert png.tobytes() == original.convert("RGBA").tobytes()
    assert picture.files["a.png"].stat().st_size <= len(data)
    [*_, (_, files)] = picture.sources
    webp = opened(files[-1].file).convert("RGBA")
    assert webp.getchannel("A").tobytes() == png.getchannel("A").tobytes()


def test_a_format_or_width_that_is_larger_is_left_out(tmp_path: Path) -> None:
    picture = make(drawing(), "a.png", "a.png", tmp_path)
    for _, files in picture.sources:
        sizes = [candidate.file.stat().st_size for candidate in files]
        assert sizes == sorted(set(sizes))
        assert sizes[-1] < picture.files["a.png"].stat().st_size
    made = [len(data) for name, data in contents(tmp_path).items() if name.endswith("1000.avif")]
    assert made[0] > sizes[-1]
    assert "image/avif" not in widths(picture)


def test_the_original_format_has_widths_where_no_other_is_better(tmp_path: Path) -> None:
    plain = as_file(Image.new("RGB", (700, 500), "red"), "WEBP")
    picture = make(plain, "a.webp", "a.webp", tmp_path)
    assert picture.sources == ()
    assert [(c.name, c.width) for c in picture.own] == [("a-360.webp", 360), ("a.webp", 700)]
    assert list(picture.files) == ["a.webp", "a-360.webp"]


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (100, [100]),
        (360, [360]),
        (400, [400]),
        (500, [360, 500]),
        (700, [360, 700]),
        (1360, [360, 680, 1020, 1360]),
        (9000, [360, 680, 1020, 1360]),
    ],
)
def test_nothing_is_scaled_up(width: int, expected: list[int]) -> None:
    assert steps(width) == expected


def test_a_gif_is_left_whole(tmp_path: Path) -> None:
    data = animation()
    picture = make(data, "a.gif", "a.gif", tmp_path)
    assert (picture.width, picture.height, list(picture.files)) == (80, 60, ["a.gif"])
    before, after = Image.open(BytesIO(data)), opened(picture.files["a.gif"])
    assert after.info["loop"] == 0
    for old, new in zip(*map(ImageSequence.all_frames, (before, after)), strict=True):
        assert old.tobytes() == new.tobytes()
        assert old.info["duration"] == new.info["duration"]


def test_an_svg_is_cleaned(tmp_path: Path) -> None:
    data = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30" onload="x()"/>'
    picture = make(data, "a.svg", "a.svg", tmp_path)
    assert picture[:2] == (40, 30)
    assert b"onload" not in picture.files["a.svg"].read_bytes()


def test_colours_are_those_of_srgb(tmp_path: Path) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # Red and blue changed over, under another name.
    swapped = srgb.replace(b"rXYZ", b"----").replace(b"bXYZ", b"rXYZ").replace(b"----", b"bXYZ")
    swapped = swapped.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    # One of other colours and a broken one are what browsers ignore.
    for profile, seen in ((srgb, "red"), (swapped, "blue"), (lab, "red"), (b"broken", "red")):
        for mode in ("RGB", "RGBA", "P"):
            image = Image.new("RGB", (9, 9), "red").convert(mode)
            data = as_file(image, "PNG", icc_profile=profile)
            picture = make(data, "a.png", "a.png", tmp_path)
            pixel = opened(picture.files["a.png"]).convert("RGB").getpixel((4, 4))
            assert pixel == ImageColor.getrgb(seen), (mode, seen)


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("I;16", 40000, (156,) * 3),
        ("L", 90, (90,) * 3),
        ("1", 1, (255,) * 3),
        ("LA", (90, 255), (90,) * 3),
    ],
)
def test_other_kinds_of_pixels(mode: str, colour: Any, expected: Any, tmp_path: Path) -> None:
    data = as_file(Image.new(mode, (9, 9), colour), "PNG")
    picture = make(data, "a.png", "a.png", tmp_path)
    assert opened(picture.files["a.png"]).convert("RGB").getpixel((4, 4)) == expected


def test_cmyk_and_two_in_one_file(tmp_path: Path) -> None:
    printed = as_file(photo_pixels(300, 200).convert("CMYK"), "JPEG")
    assert opened(make(printed, "a.jpg", "a", tmp_path).files["a.jpg"]).mode == "RGB"
    frames = {"save_all": True, "append_images": [photo_pixels(300, 200)]}
    double = as_file(photo_pixels(300, 200), "MPO", **frames)
    assert opened(make(double, "b.jpg", "b", tmp_path).files["b.jpg"]).format == "JPEG"


def test_each_is_made_once(tmp_path: Path) -> None:
    def made() -> dict[str, int]:
        return {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}

    sources = {"a.jpg": photo(800, 600), "b.png": drawing(), "c.gif": animation()}
    first = [make(data, name, name, tmp_path) for name, data in sources.items()]
    before = made()
    assert [make(data, name, name, tmp_path) for name, data in sources.items()] == first
    # The content counts, and not the name.
    renamed = make(sources["a.jpg"], "robot.jpeg", "a", tmp_path)
    assert "robot-360.avif" in renamed.files
    assert made() == before
    make(photo(801, 600), "a.jpg", "a.jpg", tmp_path)
    assert len(made()) > len(before)
    assert not [name for name in made() if name.startswith(".")]


def test_the_same_bytes_again(tmp_path: Path) -> None:
    for cache in ("one", "two"):
        make(photo(800, 600), "a.jpg", "a.jpg", tmp_path / cache)
        make(drawing(), "b.png", "b.png", tmp_path / cache)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_what_cannot_be_read(tmp_path: Path) -> None:
    broken = "must be a picture that can be read: "
    data = photo(400, 300)
    assert problem(data[: len(data) // 2], "a.jpg", tmp_path).startswith(f"{broken}image file is")
    assert problem(data[:30], "a.jpg", tmp_path).startswith(broken)
    assert problem(animation()[:-40], "a.gif", tmp_path).startswith(broken)
    damaged = bytearray(drawing())
    damaged[len(damaged) // 2] ^= 255
    assert problem(bytes(damaged), "a.png", tmp_path).startswith(broken)
    nothing = "no picture, or a broken one (save it anew)"
    for name in ("a.jpg", "a.png", "a.gif", "a.webp"):
        assert problem(b"", name, tmp_path) == f"{broken}{nothing}"
        assert problem(b"text", name, tmp_path) == f"{broken}{nothing}"


def test_what_is_too_large(tmp_path: Path) -> None:
    wide = as_file(Image.new("RGB", (13600, 20)), "PNG")
    assert problem(wide, "a.png", tmp_path) == (
        "must be less than 13600 pixels wide, ten times what is ever shown: 13600 "
        "(scale it down to 1360 px)"
    )
    turned = as_file(Image.new("RGB", (20, 14000)), "JPEG", exif=exif(6))
    assert "ten times" in problem(turned, "a.jpg", tmp_path)
    for side in (9000, 9800, 14000):  # more than we, Pillow's warning and Pillow's error allow
        bomb = as_file(Image.new("1", (side, side)), "PNG")
        assert len(bomb) < 50_000
        assert "at most 80 million pixels" in problem(bomb, "a.png", tmp_path)


def test_other_formats(tmp_path: Path) -> None:
    assert problem(b"BM", "a.bmp", tmp_path) == (
        "must be a JPEG, PNG, WebP, GIF or SVG: .bmp "
        "(save it as JPEG (a photograph) or PNG (a drawing))"
    )
    assert problem(drawing(), "a.jpg", tmp_path) == (
        "must be the JPEG that its name says: PNG (name it .png)"
    )
    frames = {"save_all": True, "append_images": [photo_pixels(30, 20)]}
    for name, kind in (("a.webp", "WEBP"), ("a.png", "PNG")):
        moving = as_file(photo_pixels(40, 20).resize((30, 20)).rotate(90), kind, **frames)
        assert f"a moving {kind}" in problem(moving, name, tmp_path)
    assert [is_picture(name) for name in ("A.JPG", "a.svg", "a.heic", "a.csv")] == [1, 1, 1, 0]
