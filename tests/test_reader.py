from pathlib import Path

import pytest

from pipeline.content.front_matter import Rules
from pipeline.content.reader import decode, read_document, read_tags, read_toml, rules_of, tag_slug
from pipeline.model import Page, Post
from pipeline.problems import ProblemsFound
from pipeline.settings import Settings
from tests.reading import POST, problems_of, read


def test_read_document_has_what_is_known_of_the_text() -> None:
    body = "## A -- b {: #own }\n\nSome *words* and `code`.\n\n## A\n"
    document = read(body, "Title: x's\nMenu: M\nSummary: B\n\n")
    assert (document.title, document.summary, document.menu) == ("x’s", "B", "M")
    assert [(h.id, h.html, h.line) for h in document.headings] == [
        ("own", "A — b", 5),
        ("a", "A", 9),
    ]
    assert document.ids == (("own", 5), ("a", 9))
    assert document.words == 9  # a tag ends a word
    assert document.lines == {"title": 1, "menu": 2, "summary": 3}
    assert document.text.startswith("Title: x's\nMenu")


def test_read_document_digest_depends_on_the_source_and_not_on_the_tags_known() -> None:
    one = read("Text.", POST[:-7] + "\n", Post)
    other = read(
        "Text.", POST[:-7] + "\n", Post, Rules(frozenset("abcdefg") | {"robotics", "AI"}, ())
    )
    assert one.digest == other.digest
    assert one.digest != read("Text!", POST[:-7] + "\n", Post).digest


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a\n\nb \x08 c", [(3, "control-character")]),
        ("> <div></div>&#8;", [(1, "control-character"), (1, "quote")]),
        ("a\n\nb &#8; c", [(3, "control-character")]),
        ("a\nb *c*\nd &#x7f; e", [(3, "control-character")]),
        ("a &#0008 b", [(1, "control-character")]),
        ("![a &#8; b](c.png)", [(1, "control-character")]),
        ("a\x02b\x03", [(1, "control-character")]),
        ("`&#8;` &#9; &#x41;\n\n```text\n&#8;\n```", []),
        (f"&#{'9' * 5000};", []),
    ],
)
def test_read_document_reports_control_characters_outside_of_code(
    body: str, expected: list[tuple[int, str]]
) -> None:
    assert problems_of(body) == expected


def test_read_document_reports_a_merge_conflict_alone() -> None:
    marks = "<<<<<<< HEAD\n> A.\n=======\n# B\n>>>>>>> main"
    conflict = [(line, "markdown-slips") for line in (3, 7)]
    assert problems_of(f"Text.\n\n{marks}\n") == conflict
    assert problems_of(f"```text\n{marks}\n```\n\nText.\n\n    =======\n") == []


def test_read_document_reports_front_matter_and_text_in_one_run() -> None:
    head = "Titel: A\nDate: 2024-05-06\nTags: one, two\nSummary: B\n\n"
    body = "# Top\n\n\x08 [^x]\n\n> A.\n\n```nolang\n```\n\n![](a.png)\n\n[^1]: b\n"
    assert sorted(problems_of(body, head, Post)) == [
        (-4, "missing-metadata"),
        (-4, "unknown-metadata"),
        (-2, "unknown-tag"),
        (1, "heading-level"),
        (3, "control-character"),
        (3, "footnote"),
        (5, "quote"),
        (7, "code-language"),
        (10, "image-alt"),
        (12, "footnote"),
    ]


def test_read_document_not_utf8_has_the_line() -> None:
    assert problems_of(b"a\nb \xe9\n") == [(2, "encoding")]
    assert decode(b"\xef\xbb\xbfa", "x") == "a"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_read_document_line_ends_change_no_line(end: str) -> None:
    body = "a\n\n```nolang\n```\n\n> b"
    assert problems_of(body.replace("\n", end)) == [(3, "code-language"), (6, "quote")]


def test_read_document_formula_has_its_line() -> None:
    assert problems_of("a\n\nb $$x^2$$\nand\n\\(\\nosuch{a}\\)") == [(5, "formula")]


@pytest.mark.parametrize(
    ("text", "line"), [("a = 1\nb = \n", 2), ("a = 1\na = 2\n", 2), ("a", 1), ('a = "x', 1)]
)
def test_read_toml_mistake_has_its_line(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "x.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ProblemsFound) as caught:
        read_toml(path)
    assert [(p.code, p.path, p.line) for p in caught.value.problems] == [("toml", str(path), line)]


def test_read_toml_missing_file_is_empty(tmp_path: Path) -> None:
    assert read_toml(tmp_path / "x.toml") == ({}, {})


def tags_of(folder: Path, text: str | bytes) -> dict[str, str] | list[tuple[int, str]] | None:
    (folder / "tags.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    try:
        return read_tags(Settings("conf.py", path=str(folder)))
    except ProblemsFound as error:
        return [(problem.line, problem.code) for problem in error.problems]


def test_read_tags_are_names_with_descriptions(tmp_path: Path) -> None:
    assert read_tags(Settings("conf.py", path=str(tmp_path))) is None
    assert tags_of(tmp_path, 'robotics = "Robots."\n"C++" = "A language."\n') == {
        "robotics": "Robots.",
        "C++": "A language.",
    }


def test_read_tags_of_three_languages_have_the_addresses_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "tags.toml").write_text('C = "A."\n"C++" = "B."\n"C#" = "C."\n')
    rules = ((r"\+\+$", "pp"), ("#", "-sharp"))
    settings = Settings("conf.py", path=str(tmp_path), tag_regex_substitutions=rules)
    assert [tag_slug(tag, settings) for tag in read_tags(settings) or ()] == ["c", "cpp", "c-sharp"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a = "A."\nb = ""\nc = 1\n', [(2, "tags"), (3, "tags")]),
        ('"a, b" = "A."\n', [(1, "tags")]),
        ('C = "A."\n\n"C++" = "B."\n', [(3, "tags")]),
        ("a = \n", [(1, "toml")]),
        (b'a = "\xe9"\n', [(1, "encoding")]),
    ],
)
def test_read_tags_mistake_has_code_and_line(
    tmp_path: Path, text: str | bytes, expected: list[tuple[int, str]]
) -> None:
    assert tags_of(tmp_path, text) == expected


def test_rules_of_strict_content_allow_known_keys_and_tags_alone() -> None:
    strict = Settings("conf.py", strict_content=True, extra_keys=("mood",))
    assert rules_of(strict, {"a": "A."}) == Rules(frozenset({"a"}), ("mood",))
    assert rules_of(Settings("conf.py"), None) == Rules()


def test_read_document_of_a_page_has_no_post_keys() -> None:
    data = POST.replace("Tags", "Id").encode()
    with pytest.raises(ProblemsFound) as caught:
        read_document(data, Page, "x.md", "x.md", Rules(keys=()), {})
    assert [(p.line, p.code) for p in caught.value.problems] == [(4, "unknown-metadata")]


def test_read_document_lenient_accepts_what_other_blogs_write() -> None:
    body = "# Top\n\n> A quote.\n\n![](https://other.example/a.png)\n"
    assert {code for _, code in problems_of(body)} == {
        "external-image",
        "heading-level",
        "image-alt",
        "quote",
    }
    assert problems_of(body, rules=Rules()) == []
