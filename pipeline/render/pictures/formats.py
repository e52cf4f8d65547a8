"""Pictures: in which formats and widths each is published, cleaned, and made once."""

from collections.abc import Iterator, Sequence
from functools import cache as once
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from PIL import Image, ImageSequence

from pipeline.problems import Problem, ProblemsFound
from pipeline.render.pictures import encode, gif
from pipeline.render.pictures.svg import clean_svg

SUFFIXES = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".gif": "GIF"}
SVG = ".svg"
REFUSED = (".apng", ".avif", ".bmp", ".heic", ".heif", ".ico", ".jxl", ".svgz", ".tif", ".tiff")
# Half the text's column for phones, the column (34rem of 20 px), and both on screens with two
# pixels for one. A browser that wants more gets the last, and nobody sees the difference.
WIDTHS = (360, 680, 1020, 1360)
TOO_WIDE = 10 * WIDTHS[-1]
# A browser that knows one of these knows those before it.
MODERN = ("WEBP", "AVIF")


class Candidate(NamedTuple):
    """One file of a srcset: its output name, its width in pixels, and where it is kept."""

    name: str
    width: int
    file: Path


class Source(NamedTuple):
    """The files of one format, narrowest first."""

    type: str
    candidates: tuple[Candidate, ...]


class Picture(NamedTuple):
    """A picture as it is published.

    `width` and `height` are those of the file that has its own name; `files` are all of its output
    names with the files to copy; `sources` the better formats, best first; `own` the widths of the
    original format, where no other is better and there is more than one.
    """

    width: int
    height: int
    files: dict[str, Path]
    sources: tuple[Source, ...] = ()
    own: tuple[Candidate, ...] = ()


def is_picture(name: str) -> bool:
    """Return whether the file is one that `make` is for, or that it must refuse."""
    return PurePosixPath(name).suffix.lower() in (*SUFFIXES, SVG, *REFUSED)


def make(data: bytes, name: str, path: str, cache: Path) -> Picture:
    """Return the picture of these bytes, made where the cache has it not yet.

    Raises ProblemsFound. `name` is the file's name in the output, `path` the file that problems
    name, `cache` a folder.
    """
    suffix = PurePosixPath(name).suffix
    if suffix.lower() == SVG:
        drawing, width, height = clean_svg(data, path)
        file = encode.kept(cache / f"{encode.key_of(data)}-{width}.svg", lambda: drawing)
        return Picture(width, height, {name: file})
    if suffix.lower() not in SUFFIXES:
        fix = "save it as JPEG (a photograph) or PNG (a drawing)"
        found = suffix or "a name without an ending"
        must = "must be a JPEG, PNG, WebP, GIF or SVG"
        raise ProblemsFound([Problem(path, 0, must, found, fix)])
    image = encode.open_image(data, path)
    if problems := list(unfit(image, SUFFIXES[suffix.lower()], path)):
        raise ProblemsFound(problems)
    if image.format == "GIF":
        file = cache / f"{encode.key_of(data)}-{image.width}.gif"
        file = encode.kept(file, lambda: whole_gif(data, image, path))
        return Picture(*image.size, {name: file})
    return scaled(data, image, name, path, cache)


def unfit(image: Image.Image, kind: str, path: str) -> Iterator[Problem]:
    """Yield what is wrong with an image of which only the head is read."""
    # MPO: a phone's JPEG with a second picture in it
    actual = "JPEG" if image.format == "MPO" else image.format or "unknown"
    if actual != kind:
        fix = f"name it .{encode.EXTENSIONS.get(actual, '…')}"
        yield Problem(path, 0, f"must be the {kind} that its name says", actual, fix)
    elif kind in ("PNG", "WEBP") and getattr(image, "is_animated", False):
        yield Problem(path, 0, "must be a GIF, or a video, if it moves", f"a moving {kind}")
    with encode.reading(path):
        width, _ = encode.upright_size(image)
    if width >= TOO_WIDE:
        must = f"must be less than {TOO_WIDE} pixels wide, ten times what is ever shown"
        yield Problem(path, 0, must, f"{width}", f"scale it down to {WIDTHS[-1]} px")


def whole_gif(data: bytes, image: Image.Image, path: str) -> bytes:
    """Return the GIF without its metadata, when every frame can be read. Raises ProblemsFound."""
    with encode.reading(path):
        stripped = gif.strip(data)
        for frame in ImageSequence.Iterator(image):
            frame.load()
    return stripped


def scaled(data: bytes, image: Image.Image, name: str, path: str, cache: Path) -> Picture:
    """Return the picture in every format and width that is worth it."""
    own = SUFFIXES[PurePosixPath(name).suffix.lower()]
    drawn = own == "PNG" or data[12:16] == b"VP8L"  # WebP without loss
    with encode.reading(path):
        width, height = encode.upright_size(image)
    widths = steps(width)

    @once
    def pixels() -> Image.Image:
        with encode.reading(path):
            return encode.clean(image)

    def file(kind: str, width: int) -> Path:
        kept = cache / f"{encode.key_of(data)}-{width}.{encode.EXTENSIONS[kind]}"
        return encode.kept(kept, lambda: encode.encode(pixels(), width, kind, drawn))

    def candidates(kind: str) -> list[Candidate]:
        return [Candidate(named(name, kind, w, widths), w, file(kind, w)) for w in widths]

    formats = [own, *(kind for kind in MODERN if kind != own)]
    best, *better = better_each({kind: candidates(kind) for kind in formats}, widths)
    first = best.candidates[-1]
    published = [first, *(candidate for source in better for candidate in source.candidates)]
    smaller: tuple[Candidate, ...] = ()
    if not better and len(best.candidates) > 1:
        published, smaller = [first, *best.candidates[:-1]], best.candidates
    files = {candidate.name: candidate.file for candidate in published}
    size = first.width, max(1, round(height * first.width / width))
    return Picture(*size, files, tuple(reversed(better)), smaller)


def steps(width: int) -> list[int]:
    """Return the widths to make: never above the picture's own, and none that saves nothing."""
    last = min(width, WIDTHS[-1])
    return [*(step for step in WIDTHS if step * 1.15 < last), last]


def named(name: str, kind: str, width: int, widths: Sequence[int]) -> str:
    """Return the output name: `robot-680.avif`; the widest of its own format keeps its name."""
    path = PurePosixPath(name)
    if kind != SUFFIXES[path.suffix.lower()]:
        return f"{path.stem}-{width}.{encode.EXTENSIONS[kind]}"
    return name if width == widths[-1] else f"{path.stem}-{width}{path.suffix}"


def better_each(formats: dict[str, list[Candidate]], widths: Sequence[int]) -> Iterator[Source]:
    """Yield the first format, and each that is smaller than the one before it at every width."""
    least = dict.fromkeys(widths, float("inf"))
    for kind, candidates in formats.items():
        worth = without_larger(candidates)
        costs = {w: min(bytes_of(c) for c in worth if c.width >= w) for w in widths}
        if all(costs[width] < least[width] for width in widths):
            least = dict(costs)
            yield Source(f"image/{kind.lower()}", worth)


def without_larger(candidates: list[Candidate]) -> tuple[Candidate, ...]:
    """Return the files without those that are larger than a wider one, as drawings often are."""
    return tuple(
        candidate
        for n, candidate in enumerate(candidates)
        if all(bytes_of(candidate) < bytes_of(wider) for wider in candidates[n + 1 :])
    )


def bytes_of(candidate: Candidate) -> int:
    """Return the size of a candidate's file."""
    return candidate.file.stat().st_size
