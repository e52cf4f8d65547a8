from datetime import UTC, datetime
from io import BytesIO
from xml.etree.ElementTree import fromstring
from zipfile import ZIP_STORED, ZipFile

from pipeline.epub import Book, Chapter, make_epub
from pipeline.memo import known

URL = "https://blog.example/"
HTML = f"""<p>A<br> &amp; b&nbsp;<sup id="fnref:1"><a href="{URL}a/#fn:1">1</a></sup>
<a href="{URL}b/#x">b</a> <a href="https://x.example/">x</a></p>
<blockquote cite="http://x.example/"><p>c</p></blockquote>
<img src="{URL}a/a.png" alt="A drawing"><img src="{URL}a/gone.png" alt="gone">
<ol><li id="fn:1">note</li></ol>"""
BOOK = Book(
    id="tag:blog.example,2024:a",
    title="A & B",
    author="Ann",
    lang="en",
    modified=datetime(2024, 5, 6, tzinfo=UTC),
    chapters=(
        Chapter(f"{URL}a/", "A & B", "en", known(HTML)),
        Chapter(f"{URL}b/", "B", "la", known("<p>b</p>")),
    ),
)


def read(url: str) -> bytes | None:
    return b"PNG" if url.endswith("a/a.png") else None


def test_make_epub_has_chapters_images_and_a_package() -> None:
    data = make_epub(BOOK, read)
    assert data == make_epub(BOOK, read)
    with ZipFile(BytesIO(data)) as archive:
        first, *others = archive.infolist()
        assert (first.filename, first.compress_type) == ("mimetype", ZIP_STORED)
        texts = {file.filename: archive.read(file).decode() for file in others}
    for name, text in texts.items():
        if name.endswith((".xhtml", ".opf", ".xml")):
            fromstring(text)
    assert texts["1.png"] == "PNG"
    chapter = texts["1.xhtml"]
    for expected in ('href="#fn:1"', 'href="2.xhtml"', 'src="1.png"', "gone", "<h1>A &amp; B</h1>"):
        assert expected in chapter
    assert "cite=" not in chapter and "gone.png" not in chapter
    assert 'xml:lang="la"' in texts["2.xhtml"]
    assert texts["nav.xhtml"].count("<li>") == 2
    assert "2024-05-06T00:00:00Z" in texts["book.opf"]
