"""The dialect by example: tests/dialect/*.md has sources with their HTML or their problems.

A block of `html` is compared without the white space between tags; a block of `problems` has the
line and the code of each problem.
"""

import re
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings

from pipeline.content.markdown import convert
from pipeline.html import classes, elements, parse_part, strip_marks, words_of
from pipeline.problems import ProblemsFound
from tests.reading import LINES, html_of, problems_of, read
from tests.site.pelicanconf import MARKDOWN

EXAMPLE = re.compile(
    r"^## (.+?)\n+````markdown\n(.*?)\n````\n+````(html|problems)\n(.*?)\n````$", re.M | re.S
)
EXAMPLES = {
    f"{path.stem}: {name}": (source, kind, result)
    for path in sorted(Path(__file__).with_name("dialect").glob("*.md"))
    for name, source, kind, result in EXAMPLE.findall(path.read_text("utf-8"))
}
WORDS = st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=6)
PARAGRAPH = st.tuples(WORDS.map(" ".join), st.booleans())
QUOTE = st.tuples(st.just("quote"), st.lists(PARAGRAPH, min_size=1, max_size=3))
BLOCK: st.SearchStrategy[tuple[object, ...]] = st.recursive(
    PARAGRAPH | QUOTE,
    lambda inner: st.tuples(
        st.just("list"),
        st.lists(
            st.builds(lambda p, more: [p, *more], PARAGRAPH, st.lists(inner, max_size=2)),
            min_size=1,
            max_size=3,
        ),
    ),
    max_leaves=6,
)
MARKDOWN_LIKE = st.lists(
    st.sampled_from(
        [
            *(
                "- ",
                "> ",
                "1. ",
                "    ",
                "\t",
                "\n",
                "\n\n",
                "## ",
                "# ",
                "---",
                "```",
                "~~~text\n",
            ),
            *("a", "b c", "é", "`", "*", "_", "**", "[a](b)", "![a](b.png)", "![a](b.csv)", "<b>"),
            *("</b>", "<div>", "</div>", '<div markdown="1">', "<!-- ", " -->", "&#8;", "&amp;"),
            *("[^1]", "[^1]: note", "| a | b |\n|---|---|\n| 1 |", "| x", "$$x^2$$", r"\(\frac{\)"),
            *("— Who", "{: .plain }", "{: #id }", "<http://a.b/>", "\r\n", "\x02", "\u2028", "<"),
            *("<!-- ignore a: b -->", ": d", "*[HTML]: x", "<pre>", "<svg><style>", "\\", "\x00"),
        ]
    ),
    max_size=16,
).map("".join)


@pytest.mark.parametrize("name", EXAMPLES)
def test_dialect_example_becomes_its_result(name: str) -> None:
    source, kind, result = EXAMPLES[name]
    if kind == "problems":
        assert [f"{line}: {code}" for line, code in problems_of(source)] == result.splitlines()
    else:
        assert folded(html_of(source)) == folded(result)


def folded(html: str) -> str:
    return re.sub(r">\s+<", "><", html).strip()


def test_dialect_has_what_pelicans_defaults_have() -> None:
    assert "<dl>" in html_of("a\n: b")
    assert "<abbr" in html_of("HTML\n\n*[HTML]: x")
    assert 'id="x"' in html_of("a\n{: #x}")


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("Text\n\n> A b.\n>\n> — Who", {"blockquote": 3, "figure": 3, "figcaption": 5}),
        ("## A\n\n| a |\n|---|\n| 1 |", {"h2": 1, "div": 3, "table": 3}),
        ("Text\n\n[A](https://a.example/){: .card }", {"figure": 3}),
    ],
)
def test_dialect_elements_have_their_source_lines(source: str, lines: dict[str, int]) -> None:
    html = convert("\n" * LINES + source, "x.md", MARKDOWN).html
    found = {e.tag: e.attrs.get("data-src-line") for e in elements(parse_part(html))}
    assert {tag: found[tag] for tag in lines} == {tag: str(n + LINES) for tag, n in lines.items()}


def test_footnotes_of_a_post_have_its_id_in_theirs() -> None:
    html = strip_marks(convert("A[^1]\n\n[^1]: b", "x.md", MARKDOWN, "2024-a").html)
    assert set(re.findall(r'(?:id|href)="#?(fn[^"]*)"', html)) == {"fn:2024-a:1", "fnref:2024-a:1"}


@settings(deadline=None, max_examples=100)
@given(MARKDOWN_LIKE)
@example("> &#8;")
def test_reading_any_text_raises_problems_alone(body: str) -> None:
    try:
        read(body)
    except ProblemsFound as error:
        last = body.count("\n") + body.count("\r") + LINES + 1
        assert all(0 <= problem.line <= last for problem in error.problems)


@settings(deadline=None, max_examples=8)
@given(st.lists(BLOCK, min_size=1, max_size=5))
def test_footnotes_and_quotes_survive_any_nesting(blocks: list[tuple[object, ...]]) -> None:
    quoted: list[str] = []
    count = 0

    def paragraph(words: str, noted: bool) -> str:
        nonlocal count
        count += noted
        return f"{words}[^n{count}]" if noted else words

    def render(block: tuple[object, ...]) -> str:
        if block[0] == "list":
            return "\n".join(indent("\n\n".join(map(render, i)), "-   ", "    ") for i in block[1])  # type: ignore[attr-defined]
        if block[0] == "quote" and not isinstance(block[1], bool):
            quoted.extend(words for words, _ in block[1])  # type: ignore[attr-defined]
            body = "\n\n".join(paragraph(*p) for p in block[1])  # type: ignore[attr-defined]
            return indent(f"{body}\n\n— Who", "> ", "> ")
        return paragraph(*block)  # type: ignore[arg-type]

    body = "\n\n".join(map(render, blocks))
    notes = "\n".join(f"[^n{n}]: note {n}." for n in range(1, count + 1))
    converted = convert(f"{body}\n\n{notes}\n", "x.md", MARKDOWN)
    assert converted.problems == ()
    root = list(elements(parse_part(converted.html)))
    labels = sorted(f"fn:n{n}" for n in range(1, count + 1))
    ids = sorted(str(e.attrs["id"]) for e in root if e.tag == "li" and "id" in e.attrs)
    links = sorted(str(e.attrs["href"])[1:] for e in root if "footnote-ref" in classes(e))
    assert ids == links == labels
    paragraphs = [p for q in root if q.tag == "blockquote" for p in elements(q) if p.tag == "p"]
    assert sorted(re.sub(r"\d+$", "", words_of(p)) for p in paragraphs) == sorted(quoted)


def indent(text: str, first: str, rest: str) -> str:
    lines = text.split("\n")
    return "\n".join([first + lines[0], *((rest + line).rstrip() for line in lines[1:])])


@settings(deadline=None, max_examples=15)
@given(st.lists(WORDS, min_size=1, max_size=8))
def test_verse_of_any_lines_keeps_each(lines: list[list[str]]) -> None:
    html = html_of("\n".join(f"| {' '.join(words)}" for words in lines))
    body = html.removeprefix('<p class="verse">').removesuffix("</p>")
    assert re.split(r"<br>\n", body) == [" ".join(words) for words in lines]
