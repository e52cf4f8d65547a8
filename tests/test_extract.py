import pytest

from pipeline.content.extract import Extracted, extract, is_chart
from pipeline.html import strip_marks
from pipeline.model import Chart, Image, Reference
from tests.reading import LINES, problems_of, read


def extracted(html: str) -> Extracted:
    return extract(html, "x.md")


def parts(body: str) -> list[Reference | Image | Chart]:
    return [part for part in read(body).body if not isinstance(part, str)]


def images(body: str) -> list[Image]:
    return [part for part in parts(body) if isinstance(part, Image)]


def test_extract_body_is_html_and_references_in_order() -> None:
    html = '<p data-src-line="3">a <a href="b.md" title="t">b</a> <a rel="me" href=\'c\'>c</a></p>'
    assert extracted(html).body == (
        '<p data-src-line="3">a <a ',
        Reference("a", "href", "b.md", 3),
        ' title="t">b</a> <a rel="me" ',
        Reference("a", "href", "c", 3),
        ">c</a></p>",
    )


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<video poster='a.png' src=b.mp4></video>", [("poster", "a.png"), ("src", "b.mp4")]),
        ('<blockquote cite="a.md">b</blockquote>', [("cite", "a.md")]),
        ('<picture><source srcset="a.webp 1x"><img src="b.png"></picture>',
         [("srcset", "a.webp 1x"), ("src", "b.png")]),
        ('<object data="a.pdf"></object>', [("data", "a.pdf")]),
        ('<base href="/x/"><p>href="a" &lt;a href="b"></p>', []),
        ('<!-- <a href="a"> --><script>x = "<a href=b>"</script>', []),
        ('<a href="a?b=1&amp;c=2" title="d > e">x</a>', [("href", "a?b=1&c=2")]),
    ],
)  # fmt: skip
def test_extract_finds_every_address(html: str, expected: list[tuple[str, str]]) -> None:
    found = [part for part in extracted(html).body if isinstance(part, Reference)]
    assert [(part.attribute, part.value) for part in found] == expected


def test_extract_image_has_the_attributes_given_and_its_line() -> None:
    [image] = images("a\n\nb\n![A & b](c%20d.png){: .wide #x } c")
    line = 4 + LINES
    attributes = (("alt", "A & b"), ("class", "wide"), ("id", "x"), ("data-src-line", str(line)))
    assert (image.source, image.line, image.eager) == ("c%20d.png", line, True)
    assert sorted(image.attributes) == sorted(attributes)


def test_extract_image_alone_with_a_title_is_a_figure_with_a_caption() -> None:
    body = read('![A](b.png "A -- cap & more")').body
    html = "".join(part if isinstance(part, str) else "<img>" for part in body)
    assert strip_marks(html) == (
        "<figure>\n<img>\n<figcaption>A — cap &amp; more</figcaption>\n</figure>"
    )
    assert f'<figure data-src-line="{1 + LINES}">' in html
    [image] = images('![A](b.png "A cap")')
    assert "title" not in dict(image.attributes)
    [inline] = images('a ![A](b.png "A title")')
    assert dict(inline.attributes)["title"] == "A title"


def test_extract_linked_image_alone_keeps_its_link_in_the_figure() -> None:
    found = read('[![A](b.png "Cap")](c.md)').body
    html = "".join(p if isinstance(p, str) else f"[{type(p).__name__}]" for p in found)
    assert strip_marks(html) == (
        "<figure>\n<a [Reference]>[Image]</a>\n<figcaption>Cap</figcaption>\n</figure>"
    )


@pytest.mark.parametrize(
    ("body", "eager"),
    [
        ("![A](a.png)\n\n![B](b.png)", [True, False]),
        ("word " * 150 + "\n\n![A](a.png)", [False]),
        ("![C](c.csv)\n\n![A](a.png)", [True]),
        ('<picture><img src="a.png" alt="A"></picture>\n\n![B](b.png)', [True]),
    ],
)
def test_extract_first_image_on_the_first_screen_is_eager(body: str, eager: list[bool]) -> None:
    assert [image.eager for image in images(body)] == eager


def test_extract_chart_has_options_and_an_id_of_its_own() -> None:
    source = "![A](a/My%20Data.csv){: kind=line }\n\n![B](my-data.csv)\n\n![C](c.csv){: #x }"
    charts = parts(source)
    assert [part for part in charts if not isinstance(part, Chart)] == []
    one, two, three = (part for part in charts if isinstance(part, Chart))
    assert (one.source, one.alt, one.line) == ("a/My%20Data.csv", "A", 1 + LINES)
    assert (dict(one.options)["kind"], one.id) == ("line", "figure-my-20data")
    assert (two.id, three.id, three.line) == ("figure-my-data", "x", 5 + LINES)
    [again, more] = parts("![A](a.csv)\n\n![A](b/a.csv)")
    assert isinstance(again, Chart)
    assert isinstance(more, Chart)
    assert (again.id, more.id) == ("figure-a", "figure-a-again")


@pytest.mark.parametrize(
    ("address", "expected"), [("a.csv", True), ("A.CSV?x#y", True), ("a.csv.png", False)]
)
def test_is_chart_knows_csv_files(address: str, expected: bool) -> None:
    assert is_chart(address) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a\n\n![](b.png)", [(3, "image-alt")]),
        ("![](b.png){: .decorative }", []),
        ("![A](b.png){: .decorative }", [(1, "image-alt")]),
        ("![A](https://x.example/b.png)", [(1, "external-image")]),
        ("![A](b.mp4)", [(1, "image-format")]),
        ("a ![A](b.csv)", [(1, "chart")]),
        ("[![A](b.csv)](c.md)", [(1, "chart")]),
        ("a\n\n# b", [(3, "heading-level")]),
        ("a\n\nb\n=", [(3, "heading-level")]),
        ("a\n{: #x }\n\n## b {: #x }", [(4, "duplicate-id")]),
    ],
)
def test_extract_mistake_has_code_and_line(body: str, expected: list[tuple[int, str]]) -> None:
    assert problems_of(body) == expected


def test_extract_texts_outside_of_code_have_their_lines() -> None:
    found = extracted('<p data-src-line="3">a\nb <code>c\nd</code> e\n<em>f</em></p><pre>g</pre>h')
    assert found.texts == [("a\nb ", 3), (" e\n", 5), ("f", 6), ("h", 0)]
    assert found.plain == "a\nb c\nd e\nfgh"


def test_extract_styles_are_those_of_style_elements() -> None:
    assert extracted("<style>a {}</style><p>b</p><style>c {}</style>").styles == ("a {}", "c {}")


def test_extract_code_blocks_take_the_keyboard_and_number_tables_no_name() -> None:
    body = "".join(map(str, read('```{.python linenums="1"}\nx\n```\n\n    y').body))
    assert body.count('<pre tabindex="0"') == 2
    assert body.count('role="presentation"') == 1


def test_extract_quote_body_has_its_references_and_no_notes() -> None:
    source = "> See [a](b.md)[^1] and ![C](c.png).\n>\n> — Who\n\n[^1]: Note"
    [quote] = read(source).quotes
    kinds = [part if isinstance(part, str) else type(part).__name__ for part in quote.body]
    text = strip_marks("".join(kinds))
    assert text == "<p>See <a Reference>a</a> and Image.</p>"


def test_extract_many_quotes_is_quick() -> None:
    source = "\n\n".join(f"> Word {n} [a](b.md).\n>\n> — Who\n> {{: #q{n} }}" for n in range(300))
    found = read(source).quotes
    assert [quote.id for quote in found] == [f"q{n}" for n in range(300)]
    assert all(len(quote.body) == 3 for quote in found)
