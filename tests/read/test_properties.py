"""Whatever stands in whatever: no note is lost or doubled, and no quote's words change."""

import re
from html import unescape

import hypothesis.strategies as st
from hypothesis import given, settings

import pelicanconf
from pipeline.read.dialect import convert

WORDS = st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=6)
PARAGRAPH = st.builds(lambda words, note: (" ".join(words), note), WORDS, st.booleans())


def indent(text: str, first: str, rest: str) -> str:
    lines = text.split("\n")
    return "\n".join([first + lines[0], *((rest + line).rstrip() for line in lines[1:])])


class Source:
    """Markdown under construction, with as many notes as it has marks."""

    def __init__(self) -> None:
        self.notes = 0
        self.quotes: list[str] = []

    def paragraph(self, words: str, noted: bool) -> str:
        self.notes += noted
        return f"{words}[^n{self.notes}]" if noted else words

    def render(self, tree: object) -> str:
        if isinstance(tree, tuple) and tree[0] == "list":
            items = ["\n\n".join(map(self.render, item)) for item in tree[1]]
            return "\n".join(indent(item, "-   ", "    ") for item in items)
        if isinstance(tree, tuple) and tree[0] == "quote":
            self.quotes += [words for words, _ in tree[1]]
            body = "\n\n".join(self.paragraph(*p) for p in tree[1])
            return indent(f"{body}\n\n— Who", "> ", "> ")
        assert isinstance(tree, tuple)
        return self.paragraph(*tree)


BLOCK = st.recursive(
    PARAGRAPH | st.tuples(st.just("quote"), st.lists(PARAGRAPH, min_size=1, max_size=3)),
    lambda inner: st.tuples(
        st.just("list"),
        st.lists(
            # An item begins with a paragraph.
            st.builds(lambda p, more: [p, *more], PARAGRAPH, st.lists(inner, max_size=2)),
            min_size=1,
            max_size=3,
        ),
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=150)
@given(st.lists(BLOCK, min_size=1, max_size=5))
def test_notes_and_quotes_survive_any_nesting(blocks: list[object]) -> None:
    source = Source()
    body = "\n\n".join(source.render(block) for block in blocks)
    notes = "\n".join(f"[^n{n}]: note number {n}." for n in range(1, source.notes + 1))
    text = convert(f"{body}\n\n{notes}\n", pelicanconf.MARKDOWN)
    assert [fault for fault in text.faults if "id of its own" not in fault.must] == []
    expected = [f"n{n}" for n in range(1, source.notes + 1)]
    assert sorted(re.findall(r'<li id="fn:(n\d+)"', text.html)) == sorted(expected)
    assert sorted(re.findall(r'href="#fn:(n\d+)"', text.html)) == sorted(expected)
    for label in expected:
        assert text.html.count(f"note number {label[1:]}.") == 1
    quoted = re.findall(r"<blockquote>(.*?)</blockquote>", text.html, re.DOTALL)
    words = [re.sub(r"<sup.*?</sup>", "", p) for q in quoted for p in re.findall("<p>(.*?)</p>", q)]
    assert sorted(map(unescape, words)) == sorted(source.quotes)


@settings(deadline=None, max_examples=100)
@given(st.lists(WORDS, min_size=1, max_size=8))
def test_verse_keeps_every_line(lines: list[list[str]]) -> None:
    source = "\n".join(f"| {' '.join(words)}" for words in lines)
    html = convert(source, pelicanconf.MARKDOWN).html
    body = html.removeprefix('<p class="verse">').removesuffix("</p>")
    assert re.split(r"<br>\n", body) == [" ".join(words) for words in lines]
