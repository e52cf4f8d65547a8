"""The words of the site, their style and punctuation, and Markdown that stayed Markdown."""

import re
from pathlib import Path

import pytest

from pipeline.check.checked_site import CheckedSite, SiteCheck
from pipeline.check.prose import (
    all_caps,
    link_text,
    missing_blank_line,
    nested_lists,
    proper_names,
    repeated_word,
    space_before_punctuation,
    straight_quotes,
    stray_markdown,
    unbalanced,
    unbalanced_brackets,
)
from tests.check.site import SOURCE, document_of, html_of, places, site_of

PAGE = "posts/a/index.html"
P = 'data-src-line="9"'


def authored_site(main: str, text: str = "", files: dict[str, str] | None = None) -> CheckedSite:
    """Return a site with one post whose body is the annotated HTML."""
    document = document_of(text=text, lines={"title": 1, "summary": 3}, summary="Summary.")
    return site_of({PAGE: html_of(main)}, files, sources={PAGE: document})


FAULTS: list[tuple[SiteCheck, str, int]] = [
    (repeated_word, f"<p {P}>It is the the same.</p>", 9),
    (repeated_word, f"<p {P}>More\nof it is of\nof the same.</p>", 10),
    (repeated_word, f"<p {P}>It is the <em>the</em> same.</p>", 9),
    (repeated_word, f"<table><tr><td {P}>This this</td></tr></table>", 9),
    (repeated_word, f'<p {P}><img alt="It is the the same" src="a.png"></p>', 9),
    (link_text, f'<p data-src-line="8"><a {P} href="https://a.net">here</a></p>', 9),
    (link_text, f'<p {P}><a href="https://a.net">This.</a></p>', 9),
    (link_text, f'<p {P}><a href="https://a.net/b">https://a.net/a</a></p>', 9),
    (link_text, f'<p {P}><a href="https://a.net/{"b" * 60}">https://a.net/{"b" * 60}</a>', 9),
    (all_caps, f"<p {P}>{'THIS IS ALL IN CAPITALS. ' * 6}</p>", 9),
    (unbalanced_brackets, f"<p {P}>One.\nIt is the same (more or less.</p>", 10),
    (unbalanced_brackets, f"<p {P}>One.\nIt is the same) more or less.</p>", 10),
    (unbalanced_brackets, f"<p {P}>It is <code>x</code> (more or less.</p>", 9),
    (unbalanced_brackets, f"<p {P}>The same, more (<code>x</code> or <code>y</code>.</p>", 9),
    (unbalanced_brackets, f"<p {P}>He said: “It is the same.</p><p {P}>After.</p>", 9),
    (unbalanced_brackets, f"<p {P}>Before.</p><p {P}>He said: it is the same.”</p>", 9),
    (straight_quotes, f"<p {P}>One.\nHe said &quot;Yes&quot;.</p>", 10),
    (space_before_punctuation, f"<p {P}>One.\nIt is the same , more or less.</p>", 10),
    (space_before_punctuation, f"<p {P}>It is the same .</p>", 9),
]


@pytest.mark.parametrize(("check", "html", "line"), FAULTS)
def test_prose_of_a_mistake_has_its_line(check: SiteCheck, html: str, line: int) -> None:
    assert places(check(authored_site(html))) == [f"{SOURCE}:{line}"]


STYLE = (repeated_word, link_text, all_caps)
PUNCTUATION = (unbalanced_brackets, straight_quotes, space_before_punctuation)


@pytest.mark.parametrize(
    ("checks", "html"),
    [
        (STYLE, "<p>I know that that is so, and had had it; logged in in May at AT&amp;T.</p>"),
        (STYLE, "<p>Vitamin A a day, and so on and so forth, the theme. The “the” is a word.</p>"),
        (STYLE, "<p>The end of the<br>\nthe verse, <code>the the</code></p>"),
        (STYLE, '<p lang="fr">a a</p>'),
        (STYLE, '<p>A link and <img alt="a robot" src="a.png"> and a note.</p>'),
        (STYLE, '<p><a href="https://a.net/">a.net</a> <a href="https://a.net/">www.a.net</a></p>'),
        (STYLE, "<p>NASA, IBM AND OTHERS.</p>"),
        (STYLE, f"<p>{'中文' * 100}</p>"),
        (PUNCTUATION, "<p>“It has two paragraphs.</p><p>“This closes it.”</p>"),
        (PUNCTUATION, "<p>(A bracket around two paragraphs.</p><p>It closes here.)</p>"),
        (PUNCTUATION, "<p>“It goes <img alt='on' src='a.png'></p><p>and on.”</p>"),
        (PUNCTUATION, '<p>He is 6\'2" tall, 13" wide; <code>"straight" ( ,</code></p>'),
        (PUNCTUATION, '<p lang="fr">Vraiment ; n’est-ce pas ?</p>'),
        (PUNCTUATION, '<p><img alt="A &quot;straight&quot; one" src="a.png"></p>'),
    ],
)
def test_prose_of_correct_text_is_silent(checks: tuple[SiteCheck, ...], html: str) -> None:
    site = authored_site(html.replace("<p", f"<p {P}") + '<p data-src-line="a.html:3">the the</p>')
    assert [problem for check in checks for problem in check(site)] == []


@pytest.mark.parametrize(
    ("check", "title", "summary"),
    [
        (repeated_word, "The the", "Of of it"),
        (stray_markdown, "A **b c", "A rule &amp;mdash; it says."),
        (unbalanced_brackets, "A “post", "And more)"),
    ],
)
def test_prose_of_title_and_summary_has_the_line_of_the_key(
    check: SiteCheck, title: str, summary: str
) -> None:
    document = document_of(title=title, summary=summary, lines={"title": 1, "summary": 4})
    site = site_of({PAGE: html_of("", title=title)}, sources={PAGE: document})
    assert sorted(set(places(check(site)))) == [f"{SOURCE}:1", f"{SOURCE}:4"]


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ('GitHub = ["Github"]\n"Hugging Face" = ["HuggingFace"]\n', [f"{SOURCE}:10"]),
        ("a = [\n", ["names.toml:2"]), ('\nGitHub = "Github"\n', ["names.toml:2"]), ("", []),
    ],
)  # fmt: skip
def test_proper_names_reads_the_list(tmp_path: Path, toml: str, expected: list[str]) -> None:
    (tmp_path / "names.toml").write_text(toml)
    html = '<p data-src-line="9">GitHub, github.com/Github, www.Github.io,\nnow: Github.</p>'
    settings = {"path": str(tmp_path)}
    site = site_of({PAGE: html_of(html)}, settings=settings, sources={PAGE: SOURCE})
    found = [place.replace(f"{tmp_path}/", "") for place in places(proper_names(site))]
    assert found == expected


def test_elsewhere_has_what_files_add_to_the_texts() -> None:
    html = '<p data-src-line="9">Words of a post.</p>'
    feed = "<feed><title>A feed</title><entry>&lt;p&gt;Words of a post.&lt;/p&gt;</entry></feed>"
    files = {"a.xml": feed, "b.json": '{"k": ["In JSON"]}', "c.py": "# words of code", "d.txt": "e"}
    site = authored_site(html, files=files)
    words = {(name, passage.path, passage.text) for name, passage in site.elsewhere}
    assert ("a.xml", "/a.xml", "A feed") in words
    assert ("b.json", "/b.json", "In JSON") in words
    assert {"Words of a post.", "# words of code"} & {text for *_, text in words} == set()
    assert "Words of a post." in {passage.text for passage in site.authored}


def test_search_finds_repeated_words_once_at_their_source() -> None:
    files = {"feed.xml": "<a>Title – More: see example now</a>", "other.txt": "another example"}
    site = authored_site('<p data-src-line="9">see example now</p>', files=files)
    found = [(p.path, m[0]) for p, m in site.search(re.compile("example").finditer)]
    assert found == [(SOURCE, "example"), ("/other.txt", "example")]


@pytest.mark.parametrize(
    "words",
    [
        "a) one, b) two, and (iii) three", "Nice (really :) is it", "It is on [0, 1) and (0, 1].",
        "A 12” screen, and one of 13”.", "“It was good in 1984”", "words(s) and ts(x)",
        "(as in step 50) and more", "’tis the players’ own", "[words](and",
    ],
)  # fmt: skip
def test_unbalanced_of_signs_that_are_right_alone_is_none(words: str) -> None:
    assert unbalanced(words) == ("", -1)


@pytest.mark.parametrize(
    "words",
    [
        "See [the memo] (https://bolte.cc/memo).", "See [the memo](https://bolte.cc/memo today.",
        "See (the memo)[https://bolte.cc/memo].", "See [[the memo]] today.",
        "See [the memo][memo] today.", "See [the memo][] today.", "It is **very **good.",
        "It is **very good.", "It is ** very ** good.", "It is ~~very~~ good.",
        "It is ==very== good.", "It is good {: .very } today.", "It is good {.very} today.",
        "It is {++very++} good.", "It is `very good.", "It is {% include version.html %} good.",
        "It is {{ site.version }} good.", "It is good! :sweat_smile:", "It is&amp;nbsp;good.",
        "See [<code>find</code>][find-filter] today.",
    ],
)  # fmt: skip
def test_stray_markdown_of_a_mistake_has_its_line(words: str) -> None:
    html = f'<p data-src-line="8">Words.\n{words}</p>'
    assert set(places(stray_markdown(authored_site(html)))) == {f"{SOURCE}:9"}


@pytest.mark.parametrize("words", ["[ ] Buy milk", "[!NOTE]\nWords", "!!! note"])
def test_stray_markdown_at_the_start_of_a_block(words: str) -> None:
    html = f'<ul><li data-src-line="9">{words}</li></ul>'
    assert places(stray_markdown(authored_site(html))) == [f"{SOURCE}:9"]


@pytest.mark.parametrize(
    "words",
    [
        "2**3 is 8, ** is power, and f**k that. <code>**</code> and <code>](</code> are code.",
        "See [1][2] and a[0][1], f(x)[y].",
        "Sets {a, b}, {1: 2}; AT&amp;T, R&amp;D, Q&amp;A; a==b, a == b.",
        "Text (see https://bolte.cc/x) [sic] (as it was).",
        "At 10:30: a break; a ratio of 4:3:2, /:year/:month/, Note: x:y: z, std::vector: none.",
        "Approximately ~5, ~~ 6, 2 ~ 3, 2 ** 3 ** 4.",
    ],
)
def test_stray_markdown_of_correct_text_is_silent(words: str) -> None:
    assert list(stray_markdown(authored_site(f'<p data-src-line="9">{words}</p>'))) == []


def test_stray_markdown_that_is_escaped_in_its_line_is_silent() -> None:
    html = '<p data-src-line="2">One\n**Not bold** and [x](y)</p><p data-src-line="5">**x</p>'
    text = "\nOne\n\\*\\*Not bold\\*\\* and \\[x\\](y)\n\n**x\n"
    assert places(stray_markdown(authored_site(html, text))) == [f"{SOURCE}:5"]


@pytest.mark.parametrize(
    "words",
    [
        "- one\n- two", "* one", "- the <code>one</code> is first\n- two", "1. one\n2. two",
        "| a | b |\n|---|---|\n| 1 | 2 |", "| a | b |\n|—|—|\n| 1 | 2 |",
    ],
)  # fmt: skip
def test_missing_blank_line_of_a_mistake_has_its_line(words: str) -> None:
    html = f'<p data-src-line="9">These:\n{words}</p>'
    assert places(missing_blank_line(authored_site(html))) == [f"{SOURCE}:10"]


@pytest.mark.parametrize(
    "words",
    [
        "He said -\n- and stopped.", "In the year\n2024. It was good.",
        "He wrote it in\n2023. She read it in\n2024. Nobody else did.", "- one\n- two",
    ],
)  # fmt: skip
def test_missing_blank_line_of_correct_text_is_silent(words: str) -> None:
    assert list(missing_blank_line(authored_site(f'<p data-src-line="9">{words}</p>'))) == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Words.\n\n- one\n  - two", [4]),
        ("- one\n  - two\n  - three\n\n- four\n\n  - five", [2, 7]),
        ("1. one\n   - two\r\n2. three", [2]),
        ("- one\n - two\n  - three", []),
        ("- one\n    - two\n        - three\n\n- four", []),
        (" - one\n - two\n\nText\n\n1. a\n2. b", []),
        ("```text\n- one\n  - two\n```", []),
        ("````text\n```\n- one\n  - two\n````", []),
        ("Text\n\n    - code\n      - code\n\nText", []),
        ("- one\n  and on\n\n    more of it\n- two", []),
    ],
)
def test_nested_lists_reports_shallow_indents_outside_code(text: str, lines: list[int]) -> None:
    expected = [f"{SOURCE}:{line}" for line in lines]
    assert places(nested_lists(authored_site("", text))) == expected
