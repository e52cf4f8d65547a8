"""Which images are refused. An SVG may only draw: opened by its own address it is a page."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element, TreeBuilder, tostring
from xml.parsers.expat import ExpatError, ParserCreate

from PIL import ExifTags, Image, ImageSequence, UnidentifiedImageError

from pipeline.css import css_urls
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
