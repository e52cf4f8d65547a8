"""Images: each in the widths and formats that screens want, encoded once, and which are refused.

The files are upright, in sRGB, and without anything that was written beside the pixels. An SVG may
only draw: opened by its own address it is a page.
"""

import pickle
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from html import escape
from io import BytesIO
from math import inf
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element, TreeBuilder, tostring
from xml.parsers.expat import ExpatError, ParserCreate

from PIL import (
    ExifTags,
    Image,
    ImageChops,
    ImageCms,
    ImageOps,
    ImageSequence,
    UnidentifiedImageError,
    __version__,
    features,
)

from pipeline import model
from pipeline.html import css_urls
from pipeline.memo import Memo, digest_of
from pipeline.model import ImageSet, Variant
from pipeline.problems import Problem, ProblemsFound, raise_if_any, shorten

FORMATS = {
    ".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".gif": "GIF", ".svg": "SVG",
}  # fmt: skip
UNSUPPORTED = (".apng", ".avif", ".bmp", ".heic", ".heif", ".ico", ".jxl", ".svgz", ".tif", ".tiff")
MAX_PIXELS = 80_000_000
MAX_WIDTH = 13_600  # ten times the widest file that is published

# Namespaces, as expat puts them before names
SVG, XLINK = "http://www.w3.org/2000/svg}", "http://www.w3.org/1999/xlink}"
PREFIXES = {
    f"{XLINK}href": "xlink:href",
    "http://www.w3.org/XML/1998/namespace}space": "xml:space",
    "http://www.w3.org/XML/1998/namespace}lang": "xml:lang",
}
FORBIDDEN = {
    "script": "remove it",
    "foreignObject": "remove it",
    "image": "save the whole image as PNG or JPEG",
}
Found = tuple[int, str, str]  # line, message and hint
OWN_PARTS = "refer only to #parts of the same file"
LENGTH = re.compile(r"\s*(\d*\.?\d+(?:e[+-]?\d+)?)\s*(px|pt|pc|mm|cm|in|)\s*", re.IGNORECASE)
PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}

# Half the text's column for phones, the column (34rem of 20 px), and both on screens with two
# pixels for one. A browser that wants more gets the last, and nobody sees the difference.
WIDTHS = (360, 680, 1020, 1360)
# The width of the column (layout.css and base.css of the theme). An em here is the browser's own
# font size; so is a rem, whatever the page says.
SIZES = "(min-width: 77em) 42.5em, (min-width: 40.6em) calc(33.3em + 11.9vw), calc(100vw - 2.4em)"

MODERN = ("WEBP", "AVIF")  # a browser that knows one of them knows those before it
# One thread, because what libaom writes depends on the number of threads.
AVIF = {"codec": "aom", "speed": 6, "max_threads": 1, "autotiling": False}
# At these qualities the three look alike to readers; AVIF needs about half of JPEG's bytes.
PHOTO: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 80, "progressive": True, "optimize": True},
    "WEBP": {"quality": 75, "method": 6},
    "AVIF": {**AVIF, "quality": 55},
}
# Of screenshots and drawings the edges matter: full color resolution and a higher quality. WebP
# without loss is smaller still where there are few colors, so it is tried as well.
DRAWING: dict[str, dict[str, Any]] = {
    "PNG": {"optimize": True},
    "WEBP": {"quality": 90, "method": 4, "use_sharp_yuv": True},
    "AVIF": {**AVIF, "quality": 70, "subsampling": "4:4:4"},
}
LOSSLESS = {"lossless": True, "quality": 80, "method": 4}


# --- Which are refused


def format_of(name: str) -> str:
    """Return the format that a file's name promises; none is published if it is empty."""
    return FORMATS.get(PurePosixPath(name).suffix.lower(), "")


def is_image(name: str) -> bool:
    """Return whether the file is an image, of a format that is published or one to refuse."""
    return bool(format_of(name)) or name.lower().endswith(UNSUPPORTED)


def image_problems(data: bytes, name: str, path: str) -> Iterator[Problem]:
    """Yield what is wrong with an image, as far as its header says it (of an SVG: everything).

    `name` is the file's name in the output, `path` the file as problems name it.
    """
    kind = actual = format_of(name)
    width, animated = 0, False
    try:
        if kind == "SVG":
            check_svg(data, path)
        elif kind:
            with opened(data, path) as image:
                width, _ = upright_size(image)
                animated = kind != "GIF" and getattr(image, "is_animated", False)
                # MPO: a phone's JPEG with a second image in it
                actual = "JPEG" if image.format == "MPO" else image.format or "unknown"
        else:
            message = f"unsupported image format {PurePosixPath(name).suffix.lower()}"
            hint = "save it as JPEG (a photograph) or PNG (a drawing)"
            yield Problem("image-format", path, 0, message, hint)
    except ProblemsFound as error:
        yield from error.problems
    if actual != kind:
        hint = f"rename it to .{actual.lower().replace('jpeg', 'jpg')}"
        yield Problem("image-format", path, 0, f"not {kind} as its name says, but {actual}", hint)
    elif animated and kind != "JPEG":
        yield Problem("image-format", path, 0, f"animated {kind}", "save it as GIF or as a video")
    if width >= MAX_WIDTH:
        message = f"image is {width} pixels wide, {MAX_WIDTH} or more"
        yield Problem("image-size", path, 0, message, f"scale it down to {MAX_WIDTH // 10} px")


@contextmanager
def opened(data: bytes, path: str) -> Iterator[Image.Image]:
    """Give the image, of which only the header is read yet, to the body of a `with` statement.

    Whatever Pillow raises, there too, becomes ProblemsFound with a problem of the file `path`.
    """
    try:
        image = Image.open(BytesIO(data), formats=("GIF", "JPEG", "PNG", "WEBP"))
        if image.width * image.height > MAX_PIXELS:
            raise Image.DecompressionBombError
        yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        message = f"image has more than {MAX_PIXELS // 1_000_000} million pixels"
        problem = Problem("image-size", path, 0, message, "scale it down")
        raise ProblemsFound([problem]) from None
    except Exception as error:  # OSError, SyntaxError, ValueError, struct.error …
        unknown = isinstance(error, UnidentifiedImageError)  # its text has an address in memory
        message = "not an image, or a damaged one" if unknown else f"damaged image: {error}"
        problem = Problem("image-unreadable", path, 0, message, "save it again")
        raise ProblemsFound([problem]) from error


def upright_size(image: Image.Image) -> tuple[int, int]:
    """Return width and height as they are when the camera's orientation is applied."""
    turned = image.getexif().get(ExifTags.Base.Orientation) in (5, 6, 7, 8)
    return (image.height, image.width) if turned else image.size


def check_gif(data: bytes, path: str) -> tuple[bytes, int, int]:
    """Return a GIF as it is, its width and its height. Raises ProblemsFound."""
    written = {"XMP"} if b"XMP DataXMP" in data else set()
    with opened(data, path) as image:
        for frame in ImageSequence.Iterator(image):
            frame.load()
            written |= {"comment"} & frame.info.keys()
        if not data.rstrip(b"\0").endswith(b";"):
            raise ValueError("it does not end as a GIF does")
    if written:
        hint = "gifsicle --no-comments --no-extensions --batch FILE removes it"
        message = f"GIF with metadata: {', '.join(sorted(written))}"
        raise ProblemsFound([Problem("image-metadata", path, 0, message, hint)])
    return data, *image.size


def check_svg(data: bytes, path: str) -> tuple[bytes, int, int]:
    """Return the SVG without what editors keep for themselves, its width and its height.

    Raises ProblemsFound where it has scripts or refers to other files.
    """
    builder, copy = TreeBuilder(), TreeBuilder()
    lines: dict[Element, int] = {}
    parser = ParserCreate(namespace_separator="}")

    def start(name: str, attributes: dict[str, str]) -> None:
        lines[builder.start(name, attributes)] = parser.CurrentLineNumber

    def skipped_entity(name: str, _parameter: bool) -> None:
        raise ValueError(f"undefined entity &{name};")  # browsers do not read the DTD either

    parser.StartElementHandler, parser.EndElementHandler = start, builder.end
    parser.CharacterDataHandler, parser.SkippedEntityHandler = builder.data, skipped_entity
    try:
        parser.Parse(data, True)
        original = builder.close()
        found = list(_copy(original, copy, lines))
        root = copy.close()
        linked = any("xlink:href" in element.attrib for element in root.iter())
        spaces = {"xmlns": SVG[:-1], **({"xmlns:xlink": XLINK[:-1]} if linked else {})}
        root.attrib = spaces | root.attrib
        file = tostring(root, encoding="utf-8") + b"\n"
    except (ExpatError, ValueError, LookupError, RecursionError) as error:
        line, message = parser.CurrentLineNumber, f"SVG cannot be read: {error}"
        raise ProblemsFound([Problem("image-unreadable", path, line, message)]) from None
    if original.tag != f"{SVG}svg":
        message, hint = f"not an SVG: <{root.tag}>", f'write <svg xmlns="{SVG[:-1]}">'
        raise ProblemsFound([Problem("image-format", path, lines[original], message, hint)])
    problems = [Problem("svg-content", path, *where_and_what) for where_and_what in found]
    given = [LENGTH.fullmatch(root.get(name, "")) for name in ("width", "height")]
    sizes = [float(match[1]) * PIXELS[match[2].lower()] for match in given if match]
    if len(sizes) < 2:
        box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
        sizes = [float(match[1]) for part in box[2:] if (match := LENGTH.fullmatch(part))]
    if len(sizes) != 2 or not all(0.5 <= size < 1e6 for size in sizes):
        hint = 'add viewBox="0 0 WIDTH HEIGHT" to <svg>'
        problems.append(Problem("image-size", path, 1, "SVG without a size", hint))
    raise_if_any(problems)
    width, height = (max(1, round(size)) for size in sizes)
    return file, width, height


def _copy(element: Element, copy: TreeBuilder, lines: Mapping[Element, int]) -> Iterator[Found]:
    """Copy the SVG in an element, but for metadata; yield what is wrong in it."""
    line, name = lines[element], element.tag.rpartition("}")[2]
    if name in FORBIDDEN:
        yield line, f"<{name}> in an SVG", FORBIDDEN[name]
    attributes = {PREFIXES.get(key, key): value for key, value in element.items()}
    attributes = {key: value for key, value in attributes.items() if "}" not in key}
    for key, value in attributes.items():
        target = value.strip().lower()
        if key.lower().startswith("on"):
            yield line, f"event handler {key} in an SVG", "remove it"
        elif key == "attributeName" and (target.startswith("on") or target.endswith("href")):
            yield line, f"animation of {value} in an SVG", "remove it"
        elif key in ("href", "xlink:href") and not target.startswith("#"):
            yield line, f"external reference: {shorten(value)}", OWN_PARTS
        elif "(" in value or "\\" in value:
            yield from _external(value, line)
    copy.start(name, attributes)
    copy.data(element.text or "")
    for child in element:
        if child.tag.startswith(SVG) and child.tag != f"{SVG}metadata":
            yield from _copy(child, copy, lines)
        copy.data(child.tail or "")
    made = copy.end(name)
    if name == "style":
        css = (made.text or "") + "".join(child.tail or "" for child in made)
        yield from _external(css, line)


def _external(css: str, line: int) -> Iterator[Found]:
    """Yield the other files that CSS loads; it begins at `line`."""
    for url, at in css_urls(css):
        if not url.strip().startswith("#"):
            message = f"external reference: {shorten(url.strip()) or 'an empty URL'}"
            yield line + at - 1, message, OWN_PARTS


# --- The files, and their HTML


def load_image(memo: Memo, data: bytes, name: str, path: str) -> ImageSet:
    """Return the files of an image, encoded in threads unless the memo has them.

    The memo has the bytes of each file under the key of its `Variant`. `name` is the file's name in
    the output, `path` the file as problems name it. Raises ProblemsFound.
    """
    digest = digest_of(_recipe(), data)
    key = digest_of(digest, name)
    if kept := memo.get(key):
        known: ImageSet = pickle.loads(kept)
        if all(variant.key in memo for variant in known.files):
            return known
    raise_if_any(image_problems(data, name, path))
    if check := {"GIF": check_gif, "SVG": check_svg}.get(format_of(name)):
        file, width, height = check(data, path)
        memo.put(digest, file)
        made = ImageSet(width, height, (Variant(name, width, len(file), digest),))
    else:
        made = _scaled(memo, data, digest, name, path)
    memo.put(key, pickle.dumps(made, protocol=5))
    return made


def variant_bytes(memo: Memo, variant: Variant) -> bytes:
    """Return the bytes of a file that `load_image` has named in this run."""
    if (data := memo.get(variant.key)) is None:
        raise LookupError(f"no bytes of {variant.name}: call load_image first")
    return data


@cache
def _recipe() -> str:
    """Return the digest of whatever decides the bytes: this module, Pillow and its encoders.

    Images do not depend on the salt of the memo: encoding all of them takes minutes.
    """
    code = Path(__file__).read_bytes()
    return digest_of(code, __version__, *map(features.version, ("avif", "webp", "jpg", "zlib")))


def _scaled(memo: Memo, data: bytes, digest: str, name: str, path: str) -> ImageSet:
    """Return the image in every format and width that is worth it, never scaled up."""
    original, own = PurePosixPath(name), format_of(name)
    drawing = own == "PNG" or data[12:16] == b"VP8L"  # WebP without loss
    with opened(data, path) as image:
        width, height = upright_size(image)
        last = min(width, WIDTHS[-1])
        widths = [*(w for w in WIDTHS if w * 1.15 < last), last]
        formats = [own, *(kind for kind in MODERN if kind != own)]
        keys = {(kind, w): digest_of(digest, kind, w) for kind in formats for w in widths}
        if missing := [job for job, key in keys.items() if key not in memo]:
            pixels = _clean(image)
            with ThreadPoolExecutor() as threads:
                files = threads.map(lambda job: _encode(pixels, drawing, *job), missing)
                for job, file in zip(missing, files, strict=True):
                    memo.put(keys[job], file)
    candidates: dict[str, list[Variant]] = {kind: [] for kind in formats}
    for (kind, w), key in keys.items():
        suffix = original.suffix if kind == own else f".{kind.lower()}"
        new = name if (kind, w) == (own, last) else f"{original.stem}-{w}{suffix}"
        candidates[kind].append(Variant(new, w, len(memo.get(key) or b""), key))
    (_, best), *better = _better_each(candidates, widths)
    smaller = best if not better and len(best) > 1 else ()
    others = smaller[:-1] or [variant for _, variants in better for variant in variants]
    height = max(1, round(height * last / width))
    return ImageSet(last, height, (best[-1], *others), tuple(reversed(better)), smaller)


def _better_each(
    formats: Mapping[str, Sequence[Variant]], widths: Sequence[int]
) -> Iterator[tuple[str, tuple[Variant, ...]]]:
    """Yield the first format, and each that is smaller than the one before it at every width.

    Files that are larger than a wider one, as those of drawings often are, are left out.
    """
    least = [inf for _ in widths]
    for kind, every in formats.items():
        kept = tuple(v for v in every if all(v.size < w.size for w in every if w.width > v.width))
        costs = [min(v.size for v in kept if v.width >= width) for width in widths]
        if all(cost < limit for cost, limit in zip(costs, least, strict=True)):
            least = [float(cost) for cost in costs]
            yield f"image/{kind.lower()}", kept


def _clean(image: Image.Image) -> Image.Image:
    """Return the pixels, upright, in sRGB, as RGB or (where something is transparent) RGBA."""
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits of gray, which Pillow would clip
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(image.info["icc_profile"]))
        if "sRGB" not in ImageCms.getProfileDescription(profile):
            colors = image.convert(mode) if image.mode in ("P", "PA", "LA") else image
            srgb = ImageCms.createProfile("sRGB")
            image = ImageCms.profileToProfile(colors, profile, srgb, outputMode=mode) or colors
    except (KeyError, ImageCms.PyCMSError, OSError):
        pass  # none, a damaged one, or one of another color model: browsers ignore it too
    image = image.convert(mode)
    if mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    image.info.clear()  # encoders take profiles and comments from here
    return image


def _encode(image: Image.Image, drawing: bool, kind: str, width: int) -> bytes:
    """Return a file of that kind and width; `drawing`: of sharp edges, not a photograph."""
    height = max(1, round(image.height * width / image.width))
    # Always a copy: saving writes the options into the image, and other threads save it as well.
    image = image.resize((width, height), Image.Resampling.LANCZOS)
    tries = [(image, (DRAWING if drawing else PHOTO)[kind])]
    if drawing and kind == "WEBP":
        tries.append((image, LOSSLESS))
    if kind == "PNG" and image.getcolors(256):
        method = Image.Quantize.MEDIANCUT if image.mode == "RGB" else Image.Quantize.FASTOCTREE
        few = image.quantize(256, method)
        if not ImageChops.difference(few.convert(image.mode), image).getbbox(alpha_only=False):
            tries.append((few, DRAWING[kind]))
    files = [BytesIO() for _ in tries]
    for file, (pixels, options) in zip(files, tries, strict=True):
        pixels.save(file, kind, **options)
    return min((file.getvalue() for file in files), key=len)


def image_html(image: model.Image, image_set: ImageSet, url: str) -> str:
    """Return an `<img>`, inside a `<picture>` where there are better formats.

    `url` is the address of the file that keeps the original's name; the others are beside it. The
    author's attributes win, but for the size: that has the author's width, if it is not too large.
    https://html.spec.whatwg.org/multipage/images.html#srcset-attributes
    """
    given = dict(image.attributes)
    wanted, width = given.pop("width", ""), image_set.width
    if wanted.isdecimal() and 0 < int(wanted) < width:
        width = int(wanted)
    height = max(1, round(image_set.height * width / image_set.width))
    sizes = {"sizes": SIZES if width >= WIDTHS[1] else f"min({width}px, 100vw - 2.4em)"}

    def srcset(variants: Iterable[Variant]) -> dict[str, str]:
        folder = url[: url.rfind("/") + 1]
        files = (f"{folder}{quote(v.name, safe='')} {v.width}w" for v in variants)
        return {"srcset": ", ".join(files), **sizes}

    own = srcset(image_set.own) if image_set.own else {}
    ours = {"src": url, **own, "alt": "", "width": str(width), "height": str(height)}
    ours |= {"fetchpriority": "high"} if image.eager else {"loading": "lazy", "decoding": "async"}
    ours |= {name: value for name, value in given.items() if name not in ("src", "height")}
    sources = [("source", {"type": kind, **srcset(files)}) for kind, files in image_set.sources]
    html = ""
    for tag, attributes in (*sources, ("img", ours)):
        written = (f' {name}="{escape(value)}"' for name, value in attributes.items())
        html += f"<{tag}{''.join(written)}>"
    return f"<picture>{html}</picture>" if sources else html
