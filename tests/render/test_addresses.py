"""Addresses made absolute, wherever they stand in HTML."""

import pytest

from pipeline.render.addresses import absolute

BASE = "https://example.org/blog/posts/a/"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a href="#fn:1">', '<a href="https://example.org/blog/posts/a/#fn:1">'),
        ('<a class="x" href="../b/">', '<a class="x" href="https://example.org/blog/posts/b/">'),
        ('<img alt="" src="c.png">', '<img alt="" src="https://example.org/blog/posts/a/c.png">'),
        ('<a href="/d">', '<a href="https://example.org/d">'),
        ('<a href="mailto:a@b.c">', '<a href="mailto:a@b.c">'),
        ('<a href="https://x.y/">', '<a href="https://x.y/">'),
        (
            '<video poster="p.png" src="v.mp4">',
            '<video poster="https://example.org/blog/posts/a/p.png" '
            'src="https://example.org/blog/posts/a/v.mp4">',
        ),
        (
            '<source type="image/webp" srcset="c-360.webp 360w, ../b/c.webp 680w">',
            '<source type="image/webp" srcset="https://example.org/blog/posts/a/c-360.webp 360w, '
            'https://example.org/blog/posts/b/c.webp 680w">',
        ),
        ('<p>href="x" a</p>', '<p>href="x" a</p>'),
    ],
)
def test_addresses_are_absolute(html: str, expected: str) -> None:
    assert absolute(html, BASE) == expected
