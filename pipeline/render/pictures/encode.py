"""Pillow's part: from a picture's bytes to clean pixels, from those to files, each made once.

Clean: upright, in sRGB, and without anything that was written beside the pixels (EXIF, GPS, XMP,
comments, profiles).
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageCms, ImageOps, UnidentifiedImageError, __version__, features

from pipeline.problems import Problem, ProblemsFound

EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp", "AVIF": "avif"}
READ = ("GIF", "JPEG", "PNG", "WEBP")
MOST_PIXELS = 80_000_000

# One thread, because what libaom writes must not depend on how many cores a machine has.
AVIF = {"codec": "aom", "speed": 6, "max_threads": 1, "autotiling": False}
# At these qualities the three look alike to readers; AVIF needs about half of JPEG's bytes.
PHOTO: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 80, "progressive": True, "optimize": True},
    "WEBP": {"quality": 75, "method": 6},
    "AVIF": {**AVIF, "quality": 55},
}
# Of screenshots and drawings the edges matter: full colour resolution and a higher quality. WebP
# without loss is smaller yet where colours are few, so it is tried first (see `encode`).
DRAWN: dict[str, dict[str, Any]] = {
    "PNG": {"optimize": True},
    "WEBP": {"quality": 90, "method": 4, "use_sharp_yuv": True},
    "AVIF": {**AVIF, "quality": 70, "subsampling": "4:4:4"},
}
LOSSLESS = {"lossless": True, "quality": 80, "method": 4}

# Whatever decides the bytes that are made: another Pillow, or a change here, makes them anew.
RECIPE = repr((__version__, *map(features.version, ("avif", "webp", "jpg", "zlib")))).encode()
RECIPE += b"".join(
    Path(__file__).with_name(f"{module}.py").read_bytes() for module in ("encode", "gif", "svg")
)


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Turn whatever Pillow raises into a problem of the file `path`."""
    try:
        yield
    except ProblemsFound:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise too_many_pixels(path) from None
    # Pillow's decoders raise nearly everything: OSError, SyntaxError, ValueError, struct.error …
    except Exception as error:
        # Its message has an address in memory.
        unknown = isinstance(error, UnidentifiedImageError)
        found = "no picture, or a broken one" if unknown else f"{error}"
        must = "must be a picture that can be read"
        raise ProblemsFound([Problem(path, 0, must, found, "save it anew")]) from error


def too_many_pixels(path: str) -> ProblemsFound:
    """Return the problem of a small file that would fill the memory."""
    must = f"must have at most {MOST_PIXELS // 1_000_000} million pixels"
    return ProblemsFound([Problem(path, 0, must, "more", "scale it down")])


def open_image(data: bytes, path: str) -> Image.Image:
    """Return the image, of which only the head is read yet. Raises ProblemsFound."""
    with reading(path):
        image = Image.open(BytesIO(data), formats=READ)
        if image.width * image.height > MOST_PIXELS:
            raise too_many_pixels(path)
    return image


def upright_size(image: Image.Image) -> tuple[int, int]:
    """Return width and height as they are when the camera's orientation is applied."""
    turned = image.getexif().get(0x0112) in (5, 6, 7, 8)
    return (image.height, image.width) if turned else image.size


def clean(image: Image.Image) -> Image.Image:
    """Return the pixels, upright, in sRGB, as RGB or (where something shows through) RGBA."""
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits of grey, which Pillow would clip
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    image = to_srgb(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        if image.getchannel("A").getextrema() == (255, 255):
            image = image.convert("RGB")
    else:
        image = image.convert("RGB")
    # Encoders take profiles and comments from here.
    image.info.clear()
    return image


def to_srgb(image: Image.Image) -> Image.Image:
    """Return the image in sRGB, which is what a browser takes a picture without a profile for."""
    profile = image.info.get("icc_profile")
    if not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return image
        mode = "RGBA" if image.has_transparency_data else "RGB"
        if image.mode in ("P", "PA", "LA"):
            image = image.convert(mode)
        converted = ImageCms.profileToProfile(
            image, source, ImageCms.createProfile("sRGB"), outputMode=mode
        )
    except (ImageCms.PyCMSError, OSError):
        return image  # a broken profile, or one of another kind of colours: browsers ignore it too
    return converted or image


def encode(image: Image.Image, width: int, kind: str, drawn: bool) -> bytes:
    """Return a file of that kind and width; `drawn`: a screenshot or drawing, not a photograph."""
    if width != image.width:
        height = max(1, round(image.height * width / image.width))
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    files = [save(image, kind, (DRAWN if drawn else PHOTO)[kind])]
    if drawn and kind == "WEBP":
        files.append(save(image, kind, LOSSLESS))
    if kind == "PNG" and (few := with_palette(image)):
        files.append(save(few, kind, DRAWN[kind]))
    return min(files, key=len)


def save(image: Image.Image, kind: str, settings: dict[str, Any]) -> bytes:
    """Return the file that Pillow writes."""
    file = BytesIO()
    image.save(file, kind, **settings)
    return file.getvalue()


def with_palette(image: Image.Image) -> Image.Image | None:
    """Return the same pixels as numbers of a palette, where that can be done without loss."""
    if not image.getcolors(256):
        return None
    method = Image.Quantize.MEDIANCUT if image.mode == "RGB" else Image.Quantize.FASTOCTREE
    few = image.quantize(256, method)
    same = not ImageChops.difference(few.convert(image.mode), image).getbbox(alpha_only=False)
    return few if same else None


def key_of(data: bytes) -> str:
    """Return what the files made of these bytes are kept under."""
    return sha256(sha256(RECIPE).digest() + data).hexdigest()[:32]


def kept(path: Path, make: Callable[[], bytes]) -> Path:
    """Return `path`, made first if it is not there: whole or not at all, whoever else makes it."""
    if not path.exists():
        data = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
        beside.write_bytes(data)
        beside.replace(path)
    return path
