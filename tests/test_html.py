import pytest

from pipeline.html import (
    OBJECT_REPLACEMENT,
    PageTree,
    address_of,
    candidates,
    facts_of,
    plain,
    rewrite_urls,
    strip_marks,
)
from pipeline.model import Passage
from tests.check.site import SOURCE, TEMPLATES, page_of


def passages(main: str) -> list[Passage]:
    found = facts_of(PageTree("a.html", main, SOURCE, TEMPLATES)).passages
    return [passage for passage in found if passage.text != "Title"]


def test_strip_marks_removes_marks_alone() -> None:
    html = '<p data-src-line="3" class="x">a</p><br data-src-line="base.html:7">'
    assert strip_marks(html) == '<p class="x">a</p><br>'


@pytest.mark.parametrize(
    ("srcset", "expected"),
    [
        ("a.png", [("a.png", "")]),
        ("a.png 1x, b.png 2x", [("a.png", "1x"), ("b.png", "2x")]),
        (" a.png 360w ,\n b.png 680w ", [("a.png", "360w"), ("b.png", "680w")]),
        ("/w_3,h_2/a.jpg 1x,b.jpg 2x", [("/w_3,h_2/a.jpg", "1x"), ("b.jpg", "2x")]),
        ("a.png, b.png", [("a.png", ""), ("b.png", "")]),
        ("", []),
    ],
)
def test_candidates_of_a_srcset(srcset: str, expected: list[tuple[str, str]]) -> None:
    assert list(candidates(srcset)) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a class="x" href="a">b</a>', '<a class="x" href="A">b</a>'),
        ("<video poster='a' src=b></video>", '<video poster="A" src="B"></video>'),
        ('<source srcset="a 1x, b 2x">', '<source srcset="A 1x, B 2x">'),
        ('<a href="a?b=1&amp;c">x</a>', '<a href="A?B=1&amp;C">x</a>'),
        ('<p title="a">href="b" <!-- <a href="c"> --></p>', None),
        ("<script>x = '<a href=\"no\">'</script>", None),
    ],
)
def test_rewrite_urls_changes_addresses_alone(html: str, expected: str | None) -> None:
    assert rewrite_urls(html, lambda _, url: url.upper()) == (expected or html)


def test_rewrite_urls_tells_the_attribute() -> None:
    seen = []
    rewrite_urls('<a href="b"><img src="c" srcset="d 1x, e 2x">', lambda *a: seen.append(a) or "")  # type: ignore[func-returns-value]
    assert seen == [("href", "b"), ("src", "c"), ("srcset", "d"), ("srcset", "e")]


def test_plain_is_the_words() -> None:
    assert plain("A <em>b</em>\n  &amp; c") == "A b & c"


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("index.html", "/"),
        ("a/index.html", "/a/"),
        ("404.html", "/404.html"),
        ("myindex.html", "/myindex.html"),
    ],
)
def test_address_of_a_file(path: str, address: str) -> None:
    assert address_of(path) == address


def test_page_tree_place_is_the_nearest_mark() -> None:
    page = page_of('<div data-src-line="12"><p>a <em id="x">b</em></p></div><p id="y">c</p>')
    assert page.place(page.by_id["x"]) == (SOURCE, 12)
    assert page.place(page.by_id["y"]) == (f"{TEMPLATES}/base.html", 1)
    assert page.is_content(page.by_id["x"])
    assert not page.is_content(page.by_id["y"])
    assert page.place_of("") == (SOURCE, 0)
    assert PageTree("a/index.html", "<p>").place_of("x") == ("/a/", 0)


def test_page_tree_has_the_first_element_with_an_id_and_names_in_order() -> None:
    page = PageTree("a.html", '<h2 id="a">1</h2><p id="a">2</p><h1>3</h1>')
    assert page.by_id["a"].tag == "h2"
    assert [element.tag for element in page.named("h1", "h2", "h3")] == ["h1", "h2"]


def test_passages_are_blocks_and_attributes_with_their_lines() -> None:
    found = passages(
        '<p data-src-line="3">\na <b>b</b><br>c <code>d</code></p>'
        '<ul data-src-line="6"><li data-src-line="7" lang="de">e <img alt="f" src="g"></li></ul>'
    )
    assert found == [
        Passage(f"a b c {OBJECT_REPLACEMENT}", SOURCE, 4, "p", ""),
        Passage("f", SOURCE, 7, "alt", "de"),
        Passage("e", SOURCE, 7, "li", "de"),
    ]


def test_passages_around_a_block_are_two() -> None:
    found = passages('<div data-src-line="2">a<p data-src-line="3">b</p>c</div>')
    assert [(passage.text, passage.line) for passage in found] == [("a", 2), ("b", 3), ("c", 2)]


def test_facts_of_a_page() -> None:
    facts = facts_of(
        page_of(
            '<p data-src-line="3"><a href="b/" rel="me External">B <i>c</i></a></p>'
            '<h2 id="x">d</h2><pre class="k l" data-src-line="9">e</pre><p style="f">g</p>',
            '<meta name="description" content="h"><meta property="og:image" content="i.png">'
            '<script type="application/ld+json">{}</script><style>j</style><base href="k">',
        )
    )
    assert (facts.title, facts.base, facts.refresh, facts.ids) == ("Title", "k", False, ("x",))
    assert facts.metas["description"] == "h"
    assert [s.text for s in (*facts.styles, *facts.style_attributes, *facts.code)] == [
        "j",
        "f",
        "{}",
        "j",
        "e",
    ]
    [link] = [a for a in facts.addresses if a.value == "b/"]
    assert (link.text, link.rel, link.path, link.line) == ("B c", ("me", "external"), SOURCE, 3)
    assert "i.png" in [address.value for address in facts.addresses]
