import pytest

from pipeline.model import Post
from tests.reading import POST, html_of, problems_of, read


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("A[^1]\n\n[^1]: b", []),
        ("A\n\n[^1]: b", [3]),
        ("A[^why]\n\nB [^x]\nand `c[^not]` [^x]", [1, 3, 4]),
        ("A[^1]\n\n[^1]: b\n[^1]: c", [4]),
        ("A[^1]\n\n  [^1]: b\n  [^1]: c", [4]),
        ("A[^1]\n\n[^1]:", [3]),
        ("A[^a b]\n\n[^a b]: c", [3]),
        ("A[^1]\n\n[^1]: b [^2]", [3]),
        ("A\n\n```text\n[^1]: b\n[^2]\n```\n\n    [^3]: c", []),
        ("- a[^1]\n\n> b[^2]\n> {: .plain }\n\n[^1]: c\n[^2]: d", []),
    ],
)
def test_footnote_mistake_is_reported_at_its_line(body: str, lines: list[int]) -> None:
    assert problems_of(body) == [(line, "footnote") for line in lines]


def test_footnotes_are_counted_and_left_out_of_quotes() -> None:
    document = read("> A[^1] b.\n>\n> — Who\n\nC[^2][^1]\n\n[^1]: d\n[^2]: e")
    assert document.notes == 2
    assert [quote.text for quote in document.quotes] == ["A b."]


def test_footnotes_of_a_post_with_an_id_are_named_by_it() -> None:
    head = POST.replace("\n\nText.\n", "\nId: tag:x.org,2024-05-06:a\n\n")
    names = [name for name, _ in read("A[^1]\n\n[^1]: b", head, Post).ids]
    assert names == ["fnref:2024-05-06-a:1", "fn:2024-05-06-a:1", "note:1"]
    assert [name for name, _ in read("A[^1]\n\n[^1]: b").ids] == ["fnref:1", "fn:1", "note:1"]


def test_footnote_reference_has_roles_and_labels() -> None:
    html = html_of("A[^1]\n\n[^1]: b")
    for expected in ('role="doc-noteref"', 'role="doc-endnotes"', 'role="doc-backlink"'):
        assert html.count(expected) == 1
    assert 'title="' not in html


def test_footnote_opens_by_a_button_over_its_reference() -> None:
    html = html_of("A[^x] b[^x]\n\n[^x]: c")
    for expected, count in (('popovertarget="note:1"', 3), ('popover=""', 1), ("hidden", 3)):
        assert html.count(expected) == count
    assert html.count('aria-describedby="fn:x"') == 2
