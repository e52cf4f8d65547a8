import re

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from pipeline.content.typography import as_html, smarten

CASES = [
    ("don't", "don’t"),
    ('"Now"', "“Now”"),
    ("a 'quoted' word", "a ‘quoted’ word"),
    ('("a")', "(“a”)"),
    ('"<em>a</em>"', "“<em>a</em>”"),
    ("the robots' bones", "the robots’ bones"),
    ("in the '90s", "in the ’90s"),
    ("'90s", "’90s"),
    ("class of '68", "class of ’68"),
    ("rock 'n' roll", "rock ’n’ roll"),
    ("'Tis the season", "’Tis the season"),
    ("6'2\" tall", "6′2″ tall"),
    ("5'11\"", "5′11″"),
    ('Who said—"Two vast', "Who said—“Two vast"),
    ("x -- y", "x — y"),
    ("jobs - the", "jobs\u00a0– the"),
    ("in 2024 - at last", "in 2024\u00a0– at last"),
    ("<em>a</em> - b", "<em>a</em>\u00a0– b"),
    ("5 - 3 = 2", None),
    ("<code>a - b</code>", None),
    ("and so on...", "and so on…"),
    ("desert. . . . Near", "desert.\u00a0.\u00a0.\u00a0. Near"),
    ("HW3 &amp; K-Scale", "HW3 &amp; K-Scale"),
    ("AI GPR NASA", "AI GPR NASA"),
    ("<p>one two three</p>", "<p>one two three</p>"),
    # after elements
    ("<em>word</em>'s", "<em>word</em>’s"),
    ("<code>x</code>'s", "<code>x</code>’s"),
    ('<a href="x">link</a>\'s', '<a href="x">link</a>’s'),
    ("'a <em>b</em>'", "‘a <em>b</em>’"),
    ('"a <em>b</em>"', "“a <em>b</em>”"),
    ("<p>'word'</p>", "<p>‘word’</p>"),
    ("'42' and 'Cause'", "‘42’ and ‘Cause’"),
    ('"a"--"b"', "“a”—“b”"),
    ("x---y --- z", "x—y — z"),
    ("a ---- b", "a —— b"),
    ('a---"b"', "a—“b”"),
    ("a <b>'</b> b<i>'</i>", "a <b>‘</b> b<i>’</i>"),
    # left as they are
    ('<a href="https://e.org/a--b">https://e.org/a--b</a>', None),
    ('<a title="a > b \'c\'" href="https://e.org">x</a>', None),
    ("<a title='a > \"b\"' href='x'>x</a>", None),
    ("<code>'a' -- \"b\"</code> 'c'", "<code>'a' -- \"b\"</code> ‘c’"),
    ('<pre>"a" \'90s\n</pre>', '<pre>"a" \'90s\n</pre>'),
    ("<kbd>'</kbd>", "<kbd>'</kbd>"),
    ('<svg><text>"a" -- 6\'2"</text></svg>', '<svg><text>"a" -- 6\'2"</text></svg>'),
    ("<math><mtext>'a'</mtext></math>", "<math><mtext>'a'</mtext></math>"),
    ("<textarea>it's</textarea>", "<textarea>it's</textarea>"),
    ("<var>x'</var>", "<var>x'</var>"),
    ("<script>'a'</script>", "<script>'a'</script>"),
    ("<!-- a -- b -->", "<!-- a -- b -->"),
    (r"\(a--b\) and $$c''$$", r"\(a--b\) and $$c''$$"),
    ('<a title="it\'s -- \'90s" href="/?a--b">it\'s</a>', None),
    ('<span lang="la">"ad astra"</span>', '<span lang="la">“ad astra”</span>'),
    ("“a” don’t — …", "“a” don’t — …"),
]


@pytest.mark.parametrize(("source", "expected"), CASES)
def test_smarten_case_becomes_typographic(source: str, expected: str | None) -> None:
    if expected is None:
        expected = source.replace(">it's<", ">it’s<")
    assert smarten(source) == expected


@pytest.mark.parametrize("source", [source for source, _ in CASES])
def test_smarten_twice_is_once(source: str) -> None:
    once = smarten(source)
    assert smarten(once) == once


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.sampled_from(["'", '"', "--", "...", "\\", " ", "a", "<em>", "</em>", "<a\nb='--'>"])
    )
)
def test_smarten_any_html_keeps_its_tags(pieces: list[str]) -> None:
    html = "".join(pieces)
    assert re.findall("<[^>]*>", smarten(html)) == re.findall("<[^>]*>", html)


def test_as_html_escapes_and_keeps_quotes_typographic() -> None:
    assert as_html("HW3 & 'K-Scale' <b>") == "HW3 &amp; ‘K-Scale’ &lt;b&gt;"
