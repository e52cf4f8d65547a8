"""Ids of published texts: links lead to them, so no release loses one."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.content.extract import extract
from pipeline.content.markdown import convert
from pipeline.model import Content
from pipeline.publish.release import LIVE, Manifest, anchors_in, make_release, vanished_anchors
from tests.check.site import SOURCE, content_of, document_of
from tests.site.pelicanconf import MARKDOWN


def text_with(*ids: str, output: str = "posts/a/index.html") -> Content:
    return content_of(document_of(ids=tuple((name, n + 7) for n, name in enumerate(ids))), output)


def lost(before: Manifest | None, content: Content, **addresses: str) -> list[tuple[str, int, str]]:
    ids = {f"/{content.url}": anchors_in(content)}
    now = Manifest({}, {f"/{content.url}": LIVE, **addresses}, {}, ids)
    built: Any = SimpleNamespace(site=SimpleNamespace(contents=(content,)))
    found = vanished_anchors(now, before, built)
    return [(p.path, p.line, p.message.rpartition("#")[2]) for p in found]


PUBLISHED = Manifest({}, {}, {}, {"/posts/a/": ["a-heading", "quote-one"]})


def test_vanished_anchors_of_a_renamed_heading_has_the_line_of_the_new_one() -> None:
    assert lost(PUBLISHED, text_with("the-heading", "quote-one")) == [(SOURCE, 7, "a-heading")]


def test_vanished_anchors_of_a_deleted_quote_has_the_line_of_what_was_before() -> None:
    assert lost(PUBLISHED, text_with("x", "a-heading")) == [(SOURCE, 8, "quote-one")]


def test_vanished_anchors_of_two_merged_headings_keeps_both() -> None:
    before = Manifest({}, {}, {}, {"/posts/a/": ["first-part", "first-parts", "note:2"]})
    merged = text_with("the-first-part")
    assert lost(before, merged) == [(SOURCE, 7, "first-part"), (SOURCE, 0, "first-parts")]


def test_anchors_in_finds_several_ids_of_one_heading() -> None:
    source = '## Now {: #one }\n\n<span id="two"></span><span id="three"></span>Words.\n'
    found = extract(convert(source, SOURCE, MARKDOWN).html, SOURCE)
    content = content_of(document_of(body=found.body, ids=found.ids), "a/index.html")
    assert anchors_in(content) == ["one", "two", "three"]


@pytest.mark.parametrize("before", [None, Manifest({}), PUBLISHED])
def test_vanished_anchors_of_a_text_that_keeps_its_ids_are_none(before: Manifest | None) -> None:
    assert lost(before, text_with("quote-one", "a-heading", "new")) == []


def test_vanished_anchors_of_a_text_that_moved_are_looked_for_there() -> None:
    moved = text_with("a-heading", output="posts/b/index.html")
    found = lost(PUBLISHED, moved, **{"/posts/a/": "/posts/b/"})
    assert found == [(SOURCE, 7, "quote-one")]


def test_make_release_has_the_anchors_of_texts_and_reads_them_again(tmp_path: Path) -> None:
    content = text_with("b", "a", "fnref:1", "note:1", "fn:1")
    manifest = make_release(
        tmp_path, None, {}, [content, text_with(output="b/index.html")]
    ).manifest
    assert manifest.anchors == {"/posts/a/": ["b", "a", "fn:1"]}
    assert Manifest.read(manifest.data, "x") == manifest
