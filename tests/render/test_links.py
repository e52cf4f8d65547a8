"""Links to files: where they lead, in every attribute, and what is said of those that do not."""

import pytest

from pipeline.render.links import UNREAD, Links, Target, backlinks, mark_outside

TARGETS = {
    "posts/a/index.md": Target("posts/a/", ids=frozenset({"own"})),
    "posts/b/index.md": Target("posts/b/", ids=frozenset({"part"})),
    "posts/draft/index.md": Target("posts/draft/", published=False),
    "posts/a/c d.png": Target("posts/a/c d.png"),
    "posts/a/e.csv": Target("posts/a/e.csv"),
    "posts/a/f#1.csv": Target("posts/a/f#1.csv"),
    "pages/broken.md": UNREAD,
    "pages/about/index.md": Target("about/"),
    "pages/404.md": Target("404.html"),
}
ADDRESSES = frozenset(
    {"feeds/all.atom.xml", "posts/index.html", "index.html", "posts/b/index.html"}
)


def resolve(html: str, text: str = "", source: str = "posts/a/index.md") -> tuple[str, Links]:
    links = Links(source, text, TARGETS[source].url, TARGETS, ADDRESSES)
    return links.resolve(html), links


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("../b/index.md", "../b/"),
        ("../b/index.md#part", "../b/#part"),
        ("{filename}../b/index.md", "../b/"),
        ("|filename|../b/index.md#part", "../b/#part"),
        ("{filename}/posts/b/index.md", "../b/"),
        ("../../pages/about/index.md", "../../about/"),
        ("{static}e.csv", "e.csv"),
        ("e.csv", "e.csv"),
        ("c%20d.png", "c%20d.png"),
        ("f%231.csv", "f%231.csv"),
        ("#own", "#own"),
        ("index.md#own", "./#own"),
        # not to files
        ("https://example.org/x.md", "https://example.org/x.md"),
        ("//example.org/x.md", "//example.org/x.md"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("../b/", "../b/"),
        ("/posts/b/", "../b/"),
        ("/", "../../"),
        ("../", "../"),
        ("../../feeds/all.atom.xml", "../../feeds/all.atom.xml"),
        ("?q=1", "?q=1"),
        ("{index}", "{index}"),
    ],
)
def test_each_way_to_write_a_link(written: str, address: str) -> None:
    html, links = resolve(f'<a href="{written}">x</a>')
    assert html == f'<a href="{address}">x</a>'
    assert links.problems == []


def test_from_a_file_at_the_root() -> None:
    html, _ = resolve('<a href="about/index.md">', source="pages/404.md")
    assert html == '<a href="about/">'


def test_every_attribute_and_several_in_a_tag() -> None:
    html, links = resolve(
        "<video poster='{static}c%20d.png' src=\"e.csv\">"
        '<img alt="a > b" srcset="c%20d.png 1x, {static}e.csv 2x" src="c%20d.png">'
        '<blockquote cite="../b/index.md"><code>&lt;a href="x.md"&gt;</code>'
    )
    assert html == (
        '<video poster="c%20d.png" src="e.csv">'
        '<img alt="a > b" srcset="c%20d.png 1x, e.csv 2x" src="c%20d.png">'
        '<blockquote cite="../b/"><code>&lt;a href="x.md"&gt;</code>'
    )
    assert links.to == {"posts/a/c d.png", "posts/a/e.csv", "posts/b/index.md"}


@pytest.mark.parametrize(
    ("written", "must"),
    [
        (
            "../c/index.md",
            "must link to a file that is there, or to an address of the site: ../c/index.md",
        ),
        ("{filename}../c/index.md", "must link to a file that is there: {filename}../c/index.md"),
        (
            "chart.csv",
            "must link to a file that is there, or to an address of the site: chart.csv",
        ),
        ("../nope/", "must link to a file that is there, or to an address of the site: ../nope/"),
        ("/nope/", "must link to a file that is there, or to an address of the site: /nope/"),
        ("/posts/b", "must end in / as the page's address does: /posts/b"),
        ("../draft/index.md", "must link to what is published: ../draft/index.md, a draft"),
        ("../b/index.md#parts", "must link to a heading that is there: #parts"),
        ("#nowhere", "must link to a heading that is there: #nowhere"),
        ("{filname}../b/index.md", "must be a link that is known: {filname}"),
    ],
)
def test_what_leads_nowhere_is_a_problem_with_its_line(written: str, must: str) -> None:
    _, links = resolve(f'<a href="{written}">x</a>', f"Title: A\n\nText\n\n[x]({written})\n")
    [problem] = links.problems
    assert problem.line == 5
    assert f"{problem.must}: {problem.found}" == must


def test_a_missing_picture_is_a_problem_and_so_is_one_of_a_set() -> None:
    assert len(resolve('<img src="no.png">')[1].problems) == 1
    assert len(resolve("<IMG SRC=no.png>")[1].problems) == 1
    assert len(resolve('<img srcset="e.csv 1x, no.png 2x">')[1].problems) == 1


def test_the_nearest_file_is_named() -> None:
    _, links = resolve('<a href="../b/indx.md">')
    assert links.problems[0].fix == "did you mean '../b/index.md'?"


def test_a_link_to_a_source_that_cannot_be_read_is_no_second_problem() -> None:
    assert resolve('<a href="../../pages/broken.md#x">')[1].problems == []


def test_nothing_in_a_value_comment_or_script_is_taken_for_an_address() -> None:
    html = (
        "<img alt=\"Set href='https://e.org' here\" src=\"e.csv\"><!-- <a href='no.md'> -->"
        "<script>x = '<a href=\"no.md\">'</script>"
    )
    assert resolve(html)[0] == html
    assert resolve(html)[1].problems == []


def test_commas_in_an_address_part_no_set() -> None:
    html = '<img srcset="https://e.org/w_3,h_2/a.jpg 1x, e.csv 2x">'
    assert resolve(html)[0] == html


def test_outside_links_are_marked() -> None:
    html = (
        '<a class="x" href="https://a.b/">x</a><a href="c/">y</a><a rel="me" href="http://d.e/">'
        '<a href="https://own.org/f/">z</a>'
    )
    assert mark_outside(html, "https://own.org") == (
        '<a rel="external" class="x" href="https://a.b/">x</a><a href="c/">y</a>'
        '<a rel="me" href="http://d.e/"><a href="https://own.org/f/">z</a>'
    )


def test_backlinks_come_from_what_is_listed_and_not_from_oneself() -> None:
    edges = {"a": {"a", "b"}, "c": {"b"}, "hidden": {"b"}}
    assert backlinks(edges, {"a", "b", "c"}.__contains__) == {"b": ["a", "c"]}
