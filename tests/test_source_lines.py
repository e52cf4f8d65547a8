"""Source lines: nothing but marks is added, and each mark names the line of the file.

Generated texts are judged twice. Each word names its line, which an element's first word then has
to confirm. And with one word for all, where every comparison of text fits, lines stay the same.
"""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown import Markdown
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from pipeline.content.markdown import Dialect
from pipeline.content.source_lines import SourceLines
from pipeline.html import MARK
from tests.site.pelicanconf import MARKDOWN

CONTENT = sorted(Path(__file__).parents[1].glob("content/**/*.md"))
WORD = re.compile(r"\bword\b")
TOKEN = re.compile(r"at(\d+)")
VOID = ("br", "hr", "img")


class NoLines(SourceLines):
    """Stands in for the extension, to see what Markdown makes without it."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        pass

    def line_of(self, element: Element) -> int:
        return 0


class Elements(HTMLParser):
    """The elements of annotated HTML: tag, marked line, and line of the first word in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.open: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        element = {"tag": tag, "line": given.get(MARK), "word": None}
        self.found.append(element)
        self.open.append(element)
        self.handle_data(given.get("alt") or "")
        if tag in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()["tag"] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if word := TOKEN.search(data):
            for element in self.open:
                element["word"] = element["word"] or word[1]


def converted(text: str, lines: SourceLines) -> str:
    arguments: dict[str, Any] = dict(MARKDOWN)
    arguments["extensions"] = [*arguments["extensions"], lines, Dialect("x.md", lines, "")]
    return Markdown(**arguments).convert(text)


def annotated(text: str) -> str:
    """Return the annotated HTML; it is the plain one but for the marks."""
    html = converted(text, SourceLines())
    assert re.sub(r' data-src-line="\d+"', "", html) == converted(text, NoLines())
    return html


def marks(text: str) -> list[tuple[str, str | None]]:
    return [(str(e["tag"]), e["line"]) for e in Elements(annotated(text)).found]


def with_tokens(text: str) -> str:
    numbered = enumerate(text.split("\n"), 1)
    return "\n".join(WORD.sub(f"at{number}", line) for number, line in numbered)


CASES: dict[str, tuple[str, str]] = {
    "paragraph": ("\n\na\nb *c* [d](e)", "p3 em- a4"),
    "image": ("a\n![b](c.png)", "p1 img2"),
    "line break": ("a  \n[b](c)", "p1 br- a2"),
    "address on two lines": ('a [b](c\n"d") [e](f)', "p1 a1 a1"),
    "paragraphs alike": ("a\n\na\n\na", "p1 p3 p5"),
    "heading": ("## a\nb\n\nc\n---", "h2:1 a- p2 h2:4 a-"),
    "rule": ("a\n***\nb", "p1 hr2 p3"),
    "tight list": ("- a\n- a\n  a\n    - a", "ul1 li1 li2 ul4 li4"),
    "loose list": ("1. a\n\n    a\n\n2. a", "ol1 li1 p1 p3 li5 p5"),
    "heading in an item": ("- # a\n[b](c)\n- d", "ul1 li1 h1:1 a2 li3"),
    "quote": ("> a\n>\n> a\n> {: .plain }", "blockquote1 p1 p3"),
    "quote below words": ("a\n> b\n> c", "p1 blockquote2 p2"),
    "attributed quote": ("> a\n>\n> — b", "figure1 a- blockquote1 p1 figcaption3 a-"),
    "table": (
        "| a | b |\n|---|---|\n| c | [d](e) |",
        "div1 table1 thead1 tr1 th1 th1 tbody3 tr3 td3 td3 a3",
    ),
    "definitions": ("a\na\n: a\n: a\n\n    a", "dl1 dt1 dt2 dd3 dd4 p4 p6"),
    "definition after a paragraph": ("a\na\n\n:   a", "dl1 dt1 dt2 dd4 p4"),
    "verse": ("| a\n| [b](c)", "p1 br- a2"),
    "formula": ("a\n$$x$$", "p1 math2 mrow- mi-"),
    "card": ("a\n\n[b](https://c.example){: .card }", "p1 figure3 a3 span-"),
    "fence": ("a\n```\nb\n\nb\n```\nc", "p1 div2 pre- span- code- p7"),
    "fence in raw HTML": (
        "<details>\n<summary>a</summary>\n\n```\nb\n```\n</details>",
        "details1 summary2 div4 pre- span- code-",
    ),
    "indented code": ("a\n\n    b\n\nc", "p1 div3 pre- span- code- p5"),
    "suppression": ("<!-- ignore x: y -->\na\n<!-- ignore x: y -->\n[b](c)", "p2 a4"),
    "suppression before a fence": (
        "<!-- ignore x: y -->\n```\na\n```\nb",
        "div2 pre- span- code- p5",
    ),
    "raw HTML": ("a\n\n<div>\n<p>b\n<b>c</b></p>\n</div>\nd", "p1 div3 p4 b5 p7"),
    "raw HTML on one line": ("<div>a</div> b\nc\n\n<hr>\n\nd", "div1 p1 hr4 p6"),
    "raw HTML in a paragraph": ("a\n<b>c</b> <img src='d'>", "p1 b2 img2"),
    "comment": ("<!-- a\n\na -->\n\na", "p5"),
    "script": ("<script>\nlet a = '<p>'\n</script>\n\nb", "script1 p5"),
    "tag with a line break": ('<div\n  id="a">\nb\n</div>', "p1 div1"),
    "Markdown in HTML": (
        '<div markdown="1">\na\n\n<div markdown="1">\na\n</div>\na\n\n<p>\na\n</p>\n</div>\n\na',
        "div1 p2 div4 p5 p7 p9 p14",
    ),
    "footnotes": (
        "a[^1]\n\n[^1]: b\n    b\n\n    b\n[^2]:\n    [b](c)\n\nd[^2]",
        "p1 sup- a1 button- p10 sup- a10 button- section3 h2:- ol3 li3 div3 p3 button- p6 a6 "
        "li8 div8 p8 button- a8 a8",
    ),
    "generated contents": ("[TOC]\n\n## a", "div- ul- li- a- h2:3 a-"),
    "not closed": ("a\n\n<div>\n\nb", "p1 div3"),
}


def written(found: list[tuple[str, str | None]]) -> str:
    names = [f"{tag}:" if re.fullmatch(r"h\d", tag) else tag for tag, _ in found]
    return " ".join(name + (line or "-") for name, (_, line) in zip(names, found, strict=True))


@pytest.mark.parametrize("name", CASES)
def test_elements_have_the_line_that_they_begin_in(name: str) -> None:
    text, expected = CASES[name]
    assert written(marks(text)) == expected


INLINE = st.sampled_from(
    ["word", "word word", "*word*", "`word`", "[word](u)", "![word](u)", "<b>word</b>", "word[^n]"]
)
LINE = st.lists(INLINE, min_size=1, max_size=3).map(" ".join)
PARAGRAPH = st.lists(LINE, min_size=1, max_size=3).map("\n".join)
LEAF = st.one_of(
    PARAGRAPH,
    LINE.map("## {}".format),
    LINE.map("{}\n---".format),
    st.tuples(LINE, LINE).map("# {0[0]}\n{0[1]}".format),
    st.tuples(LINE, LINE).map("{0[0]}\n***\n{0[1]}".format),
    st.tuples(LINE, LINE).map("| a | b |\n|---|---|\n| word | {0[0]} |\n| {0[1]} | word |".format),
    st.tuples(LINE, LINE).map("word\nword\n\n:   {0[0]}\n:   {0[1]}\n\n    word".format),
    st.lists(LINE, min_size=1, max_size=3).map(lambda lines: "\n".join("| " + n for n in lines)),
    st.sampled_from(
        [
            "    word\n\n    word",
            "[r]: /u\n[s]: /u",
            "*[AB]: c\nword",
            "<div>\n<p>word</p>\n\nword</div>\nword",
            "<!-- a\n\nb -->",
        ]
    ),
)


def indented(text: str, first: str, others: str) -> str:
    lines = "\n".join(others + line if line else "" for line in text.split("\n"))
    return first + lines[len(others) :]


def quoted(text: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, min_size=1, max_size=3)
    item = st.tuples(PARAGRAPH, st.lists(inner, max_size=2)).map(
        lambda p: "\n\n".join([p[0], *p[1]])
    )
    items = st.tuples(st.sampled_from(["-", "1."]), st.sampled_from(["\n", "\n\n"]))
    return st.one_of(
        several.map("\n\n".join).map(quoted),
        st.tuples(LINE, inner.map(quoted)).map("\n".join),
        st.tuples(items, st.lists(item, min_size=1, max_size=3)).map(
            lambda p: p[0][1].join(indented(n, f"{p[0][0]} ".ljust(4), "    ") for n in p[1])
        ),
    )


BLOCK = st.recursive(LEAF, nested, max_leaves=6)
TOP = st.one_of(
    BLOCK,
    BLOCK.map(lambda block: indented(block, "[^n]: ", "    ")),
    BLOCK.map('<div markdown="1">\n{}\n</div>'.format),
    LINE.map("```\n{}\n\nword\n```".format),
    BLOCK.map("<!-- ignore a: b -->\n{}".format),
)
TEXT = st.lists(TOP, min_size=1, max_size=6).map("\n\n".join)
# Their first word may be that of a definition, which is no part of the page.
WORDLESS = re.compile(r"[\s>]*(?:\*?\[.+\]:|<!--|$)")


def wrong(text: str, html: str) -> list[dict[str, str | None]]:
    """Return the marked elements that begin in another line than their first word."""
    lines = ["", *text.split("\n")]

    def fits(element: dict[str, str | None]) -> bool:
        line, word = int(element["line"] or 0), int(element["word"] or 0)
        between = lines[line:word]
        return line <= word and not any(TOKEN.search(each) for each in between)

    return [e for e in Elements(html).found if e["line"] and e["word"] and not fits(e)]


def check_both(text: str) -> None:
    tokens = with_tokens(text)
    assert wrong(tokens, annotated(tokens)) == []
    assert marks(tokens) == marks(text)


@settings(deadline=None, max_examples=20)
@given(TEXT)
@pytest.mark.slow
def test_generated_texts_have_the_lines_of_their_words(text: str) -> None:
    check_both(text)


@pytest.mark.parametrize("path", CONTENT, ids=lambda path: path.parent.name + "/" + path.name)
def test_content_has_the_lines_of_its_words(path: Path) -> None:
    text = path.read_text("utf-8")
    check_both(re.sub(r"(?<![\w:/#.-])[a-z]{4,}(?![\w:/=.-])", "word", text))


def test_mark_is_the_first_attribute() -> None:
    html = annotated('# a {: class="b" about="c" }\n\n<p about="d">e</p>\n\n```\nf\n```')
    assert len(re.findall(rf'<\w+ {MARK}="\d"', html)) == html.count(MARK) == 3


@pytest.mark.slow
def test_quotes_nested_to_the_recursion_limit_become_the_same() -> None:
    annotated(">" * 1000 + " a\n\nb")


class Probe(Treeprocessor):
    """Calls a function with the tree."""

    def __init__(self, call: Callable[[Element], None]) -> None:
        super().__init__()
        self.run = call  # type: ignore[assignment]


def probed(text: str, call: Callable[[SourceLines, Element], None]) -> str:
    lines = SourceLines()
    md = Markdown(extensions=["extra", lines])
    md.treeprocessors.register(Probe(lambda root: call(lines, root)), "probe", 4)
    return md.convert(text)


def test_line_of_a_new_element_is_that_of_its_parts_else_of_its_parent() -> None:
    found: list[int] = []

    def probe(lines: SourceLines, root: Element) -> None:
        parent, bare = Element("div"), Element("b")
        parent.append(root[1])
        root[0].append(bare)
        found.extend(map(lines.line_of, (root[0], parent, bare, Element("p"))))

    probed("a\n\nb", probe)
    assert found == [1, 3, 1, 0]


def test_copied_line_is_written_and_a_new_wrapper_inherits_one() -> None:
    def probe(lines: SourceLines, root: Element) -> None:
        wrapper, added = Element("div"), Element("hr")
        wrapper.append(root[1])
        root[1] = wrapper
        root.append(added)
        lines.copy(root[0], added)

    html = probed("a\n\nb", probe)
    assert '<div data-src-line="3"><p data-src-line="3">b</p>' in html
    assert '<hr data-src-line="1" />' in html


def test_line_of_stored_html_is_that_of_its_placeholder() -> None:
    found: list[int] = []

    def probe(lines: SourceLines, root: Element) -> None:
        placeholders = re.findall("\x02[^\x03]*\x03", root[0].text or "")
        found.extend(map(lines.line_of_stored, [*placeholders, "x"]))

    probed("a\n<b>c\n</b> d", probe)
    assert found == [2, 3, 0]


@pytest.mark.parametrize("inline", ["&#8;", "&amp;", "<br>", "<b>", "<!-- a -->", "<hr>"])
def test_paragraph_of_stored_inline_html_alone_has_its_line(inline: str) -> None:
    html = annotated(f"> a\n>\n> {inline}\n")
    stays = inline not in ("<!-- a -->", "<hr>")  # Markdown drops the paragraph around a block
    assert (f'<p {MARK}="3">' in html) is stays


@pytest.mark.parametrize("change", [str.upper, "{}!".format])
def test_lines_are_unknown_after_a_preprocessor_that_changes_them(
    change: Callable[[str], str],
) -> None:
    class Change(Preprocessor):
        def run(self, lines: list[str]) -> list[str]:
            return [change(line) for line in lines]

    md = Markdown(extensions=["extra", SourceLines()])
    md.preprocessors.register(Change(md), "change", 25)
    assert MARK not in md.convert("a\n\nb")


def test_without_extra_nothing_is_marked() -> None:
    text = "a\n\n- b\n\n<div markdown='1'>*c*</div>"
    assert Markdown(extensions=[SourceLines()]).convert(text) == Markdown().convert(text)
