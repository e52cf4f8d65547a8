"""What files tell beside what they show."""

import zlib
from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from pipeline.check.told import told_by
from tests.check.faults import Fault, text

BEN = "Ben Bolte"


def picture(form: str, gps: bool = False, **more: object) -> bytes:
    file = BytesIO()
    image = Image.new("RGB", (4, 4), "teal")
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    if gps:
        exif.get_ifd(0x8825)[1] = "N"
    image.save(file, form, exif=exif, **more)
    return file.getvalue()


def pdf(author: bytes) -> bytes:
    return b"%PDF-1.7\n1 0 obj <</Producer (x) /Author (" + author + b")>> endobj\n"


def compressed(author: bytes) -> bytes:
    return b"%PDF-1.7\nstream\r\n" + zlib.compress(b"<</Author (" + author + b")>>") + b"endstream"


PDF = {"posts/a/memo.pdf": pdf(b"A Lawyer")}
FAULTS = {
    "told-by-files": {
        "a photo that is copied as it is": Fault(
            "content/extra/x.jpg", {"extra/x.jpg": picture("JPEG")}
        ),
        "a film": Fault("content/extra/x.mp4", {"extra/x.mp4": b"ftyp\0\xa9xyz+37.7-122.4/"}),
        "a PDF, where it is linked": Fault(
            "content/posts/a/index.md:9", {**PDF, **text("Words.\n\n[The memo](memo.pdf).")}
        ),
    }
}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_picture_that_tells_where_it_was_taken(form: str) -> None:
    ending = form.lower().replace("jpeg", "jpg")
    assert told_by(f"a.{ending}", picture(form, gps=True), BEN) == "where it was taken (GPS)"
    file = BytesIO()
    Image.new("RGB", (4, 4)).save(file, form)
    assert told_by(f"a.{ending}", file.getvalue(), BEN) == ""


def test_what_is_written_in_a_png() -> None:
    info, file = PngInfo(), BytesIO()
    info.add_text("Author", "Ben")
    Image.new("RGB", (4, 4)).save(file, "PNG", pnginfo=info)
    assert told_by("a.png", file.getvalue(), BEN) == "Author"


@pytest.mark.parametrize("make", [pdf, compressed])
def test_the_author_of_a_pdf(make: type[bytes]) -> None:
    assert told_by("a.pdf", make(b"A \\(B\\)"), BEN) == "its author, A (B)"
    assert told_by("a.pdf", make(b"\xfe\xff\0X"), BEN) == "its author, X"
    assert told_by("a.pdf", make(b"Ben Bolte"), BEN) == ""
    assert told_by("a.pdf", make(b""), BEN) == ""


def test_what_is_no_picture() -> None:
    assert told_by("a.png", b"no picture", BEN) == told_by("a.txt", b"/Author (x)", BEN) == ""
