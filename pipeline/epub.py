"""EPUB 3 editions of posts, and of the whole site (https://www.w3.org/TR/epub-33/).

A chapter is the HTML of a feed entry: without what needs the theme, with footnotes, charts as
images and quotes with their attributions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from io import BytesIO
from mimetypes import guess_type
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element, SubElement, indent, tostring
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from turbohtml import Text

from pipeline.html import attribute, elements, parse_part
from pipeline.memo import Result

CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/>
</rootfiles></container>
"""
PAGE = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" \
xml:lang="{lang}" lang="{lang}">
<head><title>{title}</title><link rel="stylesheet" href="book.css"/></head>
<body>{body}</body>
</html>
"""
STYLES = """blockquote { margin: 1em 0 .3em; padding-left: 1em; border-left: 1px solid }
img { max-width: 100% } figure { margin: 1em 0 } figcaption { font-size: .85em }
"""
MEDIA = ("image/png", "image/jpeg", "image/gif", "image/svg+xml", "image/webp")


@dataclass(frozen=True)
class Chapter:
    """A text of a book: `url` is its own address, `html` that of its feed entry."""

    url: str
    title: str
    lang: str
    html: Result[str]


@dataclass(frozen=True)
class Book:
    """A book; `id` stays for life, `modified` is aware."""

    id: str
    title: str
    author: str
    lang: str
    modified: datetime
    chapters: tuple[Chapter, ...]


def make_epub(book: Book, read: Callable[[str], bytes | None]) -> bytes:
    """Return a book; `read` returns the bytes of the site's file at a URL, None for any other."""
    images: dict[str, str] = {}  # names by URLs
    data: dict[str, bytes] = {}
    pages = {chapter.url: f"{n}.xhtml" for n, chapter in enumerate(book.chapters, 1)}
    files: dict[str, bytes] = {}

    def image(url: str) -> str:
        media = guess_type(url)[0]
        if url not in images and media in MEDIA and (found := read(url)) is not None:
            images[url] = f"{len(images) + 1}{PurePosixPath(url).suffix}"
            data[images[url]] = found
        return images.get(url, "")

    for chapter in book.chapters:
        body = chapter_body(chapter, pages, image)
        title = escape(chapter.title)
        page = PAGE.format(lang=chapter.lang, title=title, body=f"<h1>{title}</h1>\n{body}")
        files[pages[chapter.url]] = page.encode()
    files["nav.xhtml"] = _navigation(book, pages).encode()
    files["book.css"] = STYLES.encode()
    files |= data
    package = _package(book, list(pages.values()), files)
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        _add(archive, "mimetype", b"application/epub+zip", ZIP_STORED)  # first, and not compressed
        _add(archive, "META-INF/container.xml", CONTAINER.encode())
        for name, content in {"book.opf": package, **files}.items():
            _add(archive, name, content)
    return made.getvalue()


def _add(archive: ZipFile, name: str, data: bytes, method: int = ZIP_DEFLATED) -> None:
    info = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = method
    archive.writestr(info, data)


def chapter_body(chapter: Chapter, pages: Mapping[str, str], image: Callable[[str], str]) -> str:
    """Return the XHTML of a chapter.

    `pages` are the files of chapters by their URLs; `image` returns the file of the image at a URL,
    or an empty text, and then its alternative text stands for it.
    """
    root = parse_part(chapter.html())
    for element in list(elements(root)):
        if element.tag == "img":
            if name := image(attribute(element, "src")):
                element.attrs["src"] = name
            else:
                element.replace_with(Text(attribute(element, "alt")))
        elif "cite" in element.attrs:  # EPUBCheck warns of those without TLS
            del element.attrs["cite"]
        elif element.tag == "a":
            url, sharp, fragment = attribute(element, "href").partition("#")
            if url in pages:
                own = "" if url == chapter.url else pages[url]
                # Headings have no ids in a book, only notes.
                kept = f"{sharp}{fragment}" if fragment.startswith("fn") else ""
                element.attrs["href"] = f"{own}{kept}" or pages[url]
    return str(root.inner_xml)


def _navigation(book: Book, pages: Mapping[str, str]) -> str:
    items = "".join(
        f'<li><a href="{pages[chapter.url]}">{escape(chapter.title)}</a></li>\n'
        for chapter in book.chapters
    )
    body = f'<nav epub:type="toc"><h1>{escape(book.title)}</h1><ol>\n{items}</ol></nav>'
    return PAGE.format(lang=book.lang, title=escape(book.title), body=body)


def _package(book: Book, pages: Sequence[str], files: Mapping[str, bytes]) -> bytes:
    """Return the package document: metadata, all files, and the order of the chapters."""
    opf, dc = "http://www.idpf.org/2007/opf", "http://purl.org/dc/elements/1.1/"
    root = Element("package", {"xmlns": opf, "xmlns:dc": dc, "version": "3.0"})
    root.set("unique-identifier", "id")
    metadata = SubElement(root, "metadata")
    SubElement(metadata, "dc:identifier", {"id": "id"}).text = book.id
    for name, value in (("title", book.title), ("language", book.lang), ("creator", book.author)):
        SubElement(metadata, f"dc:{name}").text = value
    modified = f"{book.modified.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    SubElement(metadata, "meta", {"property": "dcterms:modified"}).text = modified
    manifest, spine = SubElement(root, "manifest"), SubElement(root, "spine")
    for number, name in enumerate(files):
        kinds = {".xhtml": "application/xhtml+xml", ".css": "text/css"}
        media = kinds.get(PurePosixPath(name).suffix) or guess_type(name)[0] or ""
        item = SubElement(manifest, "item", {"id": f"i{number}", "href": name, "media-type": media})
        if name == "nav.xhtml":
            item.set("properties", "nav")
        if name in pages:
            SubElement(spine, "itemref", {"idref": f"i{number}"})
    indent(root)
    return bytes(tostring(root, "utf-8", xml_declaration=True))
