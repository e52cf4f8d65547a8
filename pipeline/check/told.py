"""What files tell beside what they show: pictures, films, PDFs."""

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from pipeline.check.prose import place_in
from pipeline.check.site import Site
from pipeline.problems import Problem

PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif")
WRITTEN_IN = ("exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment")
PNG = b"\x89PNG\r\n\x1a\n"
GPS = 0x8825  # the EXIF tag of where a picture was taken
FILMS = (".mp4", ".m4v", ".mov")
# QuickTime's names of where and with what a film was made
PLACES = (b"\xa9xyz", b"com.apple.quicktime.location", b"com.apple.quicktime.make")


def told_by_files(site: Site) -> Iterator[Problem]:
    """No picture, film or PDF tells more than it shows: where and when it was made, and by whom.

    Pictures beside a text are cleaned as they are published; those in `content/extra/`, films and
    PDFs are copied as they are. `exiftool -all= FILE` takes it out. Of a PDF only the author
    counts, and only another than the site's. Excuse one where a text links to it.
    """
    for name in sorted(site.files):
        if told := told_by(name, site.read(name), str(site.settings["AUTHOR"])):
            origin = next((source for source, path in site.outputs if path == name), f"/{name}")
            path, line = place_in(site, name, Path(name).name)
            if not path.endswith(".md"):
                path, line = origin, 0
            must, fix = f"{Path(name).name} must tell no more than it shows", "exiftool -all="
            yield Problem(path, line, must, told, f"{fix} {Path(origin).name}")


def told_by(name: str, data: bytes, author: str) -> str:
    """Return what a file tells beside what it shows ("": nothing)."""
    ending = Path(name).suffix.lower()
    if ending in PICTURES:
        return told_by_picture(data)
    if ending in FILMS:
        return "where or by what it was made" if any(place in data for place in PLACES) else ""
    if ending == ".pdf":
        return told_by_pdf(data, author)
    return ""


def told_by_picture(data: bytes) -> str:
    """Return what is written beside a picture's pixels."""
    if data.startswith(PNG):
        exif, written = in_png(data)
    else:
        try:
            with Image.open(BytesIO(data)) as image:
                exif = image.getexif()
                written = [name for name in WRITTEN_IN if image.info.get(name)]
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
            return ""
    told = "where it was taken (GPS)" if GPS in exif else "EXIF" if len(exif) else ""
    return told or ", ".join(written)


def in_png(data: bytes) -> tuple[Image.Exif, list[str]]:
    """Return the EXIF and the keywords of the texts in a PNG, without its pixels (PNG, 5.3)."""
    exif, texts = Image.Exif(), []
    place = len(PNG)
    while place + 8 <= len(data):
        length, name = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        chunk = data[place + 8 : place + 8 + length]
        if name == b"eXIf":
            exif.load(b"Exif\0\0" + chunk)
        elif name in (b"tEXt", b"iTXt", b"zTXt"):
            texts.append(chunk.partition(b"\0")[0].decode("latin-1"))
        place += 12 + length  # and the chunk's sum
    return exif, texts


def told_by_pdf(data: bytes, author: str) -> str:
    """Return the author that a PDF names, where it is another than the site's."""
    parts = [data]
    for stream in re.finditer(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
        try:
            parts.append(zlib.decompress(stream[1]))
        except zlib.error:
            continue
    for part in parts:
        for found in re.finditer(rb"/Author\s*(?:\(((?:\\.|[^)\\])+)\)|<([0-9A-Fa-f\s]+)>)", part):
            name = _pdf_text(found[1] or bytes.fromhex(found[2].decode()))
            if name and name != author:
                return f"its author, {name}"
    return ""


def _pdf_text(data: bytes) -> str:
    """Return a text string of a PDF (ISO 32000-1, 7.9.2.2)."""
    unescaped = re.sub(rb"\\([()\\])", rb"\1", data)
    if unescaped.startswith(b"\xfe\xff"):
        return unescaped[2:].decode("utf-16-be", "replace").strip()
    return unescaped.decode("latin-1").strip()


CHECKS = (told_by_files,)
