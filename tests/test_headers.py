from typing import Any

import pytest

from pipeline.headers import (
    headers_file,
    headers_for,
    read_headers,
    style_hash,
    styles_in_file,
)
from tests.feeds.values import FEEDS, settings_of

KINDS = {
    **FEEDS,
    "tag_feed_atom": "feeds/tags/{slug}.atom.xml",
    "tag_feed_json": "feeds/tags/{slug}.json",
    "security_headers": True,
}
ATOM, RSS = (f"application/{form}+xml; charset=utf-8" for form in ("atom", "rss"))


def sent(path: str, **settings: Any) -> str | None:
    rules = read_headers(headers_file(["a"], settings_of(**{**KINDS, **settings})))
    return headers_for(path, rules).get("Content-Type")


def test_every_page_has_the_policy_and_the_other_headers() -> None:
    rules = read_headers(headers_file(["b", "a", "a"], settings_of(security_headers=True)))
    found = headers_for("/posts/a/", rules)
    policy = found["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy
    styles = " ".join(sorted([style_hash("a"), style_hash("b")]))
    assert policy.endswith(f"; style-src 'self' {styles}")
    assert found["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/feeds/all.atom.xml", ATOM),
        ("/feeds/all/12.atom.xml", ATOM),
        ("/feeds/all.rss.xml", RSS),
        ("/feeds/all.json", "application/feed+json"),
        ("/feeds/all/1.json", "application/feed+json"),
        ("/feeds/tags/ai.atom.xml", ATOM),
        ("/feeds/tags/ai/1.atom.xml", ATOM),
        ("/feeds/tags/ai.json", "application/feed+json"),
        ("/feeds/tags/ai.rss.xml", None),
        ("/quotes.json", None),
        ("/posts/a/", None),
    ],
)
def test_feeds_have_one_media_type(path: str, media_type: str | None) -> None:
    assert sent(path) == media_type


def test_rule_that_is_covered_by_another_is_left_out() -> None:
    given = {"tag_feed_atom": "feeds/{slug}.atom.xml", "tag_feed_json": "feeds/{slug}.json"}
    assert sent("/feeds/all.atom.xml", **given) == ATOM
    assert sent("/feeds/all/1.json", **given) == "application/feed+json"


def test_rule_that_covers_another_type_is_left_out() -> None:
    given = {"tag_feed_rss": "feeds/{slug}.xml"}
    assert sent("/feeds/all.atom.xml", **given) == ATOM
    assert sent("/feeds/ai.xml", **given) is None


def test_headers_file_is_empty_where_it_is_off() -> None:
    assert headers_file(["a"], settings_of(**FEEDS)) == ""


def test_read_headers_joins_repeated_headers() -> None:
    rules = read_headers("# a\n/*\n  A: 1\n  A: 2\n\n/x/*.xml\n  B: c: d\n")
    assert rules == {"/*": {"A": "1, 2"}, "/x/*.xml": {"B": "c: d"}}
    assert headers_for("/x/y/z.xml", rules) == {"A": "1, 2", "B": "c: d"}
    assert headers_for("/x.xml", rules) == {"A": "1, 2"}


@pytest.mark.parametrize(
    ("data", "styles"),
    [
        (b"<STYLE>a > b</style><style x>b\n</style>", {"a > b", "b\n"}),
        (b"<p>&lt;style>x&lt;/style></p>", set()),
        (b'<?xml version="1.0"?><svg><style>a &gt; b</style></svg>', {"a > b"}),
        (b"<svg><style><![CDATA[a > b]]></style></svg>", {"a > b"}),
        (b"<svg><style>\xff</style></svg>", {"\ufffd"}),
    ],
)
def test_styles_in_file(data: bytes, styles: set[str]) -> None:
    assert styles_in_file(data) == styles
