"""The files of each image, encoded once, and the HTML that lets browsers choose among them.

They are upright, in sRGB, and without anything that was written beside the pixels.
"""

import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from html import escape
from io import BytesIO
from math import inf
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from PIL import Image, ImageChops, ImageCms, ImageOps, __version__, features

from pipeline import model
from pipeline.images import image_checks as checks
from pipeline.memo import Memo, digest_of
from pipeline.model import ImageSet, Variant
from pipeline.problems import raise_if_any

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
    raise_if_any(checks.image_problems(data, name, path))
    if check := {"GIF": checks.check_gif, "SVG": checks.check_svg}.get(checks.format_of(name)):
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
    """Return the digest of whatever decides the bytes: this package, Pillow and its encoders.

    Images do not depend on the salt of the memo: encoding all of them takes minutes.
    """
    code = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))]
    return digest_of(code, __version__, *map(features.version, ("avif", "webp", "jpg", "zlib")))


def _scaled(memo: Memo, data: bytes, digest: str, name: str, path: str) -> ImageSet:
    """Return the image in every format and width that is worth it, never scaled up."""
    original, own = PurePosixPath(name), checks.format_of(name)
    drawing = own == "PNG" or data[12:16] == b"VP8L"  # WebP without loss
    with checks.opened(data, path) as image:
        width, height = checks.upright_size(image)
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
