import pytest

from pipeline.model import Quote
from tests.reading import LINES, html_of, problems_of, read

QUOTES = """Text.

> The best *fighter*[^1] is never angry.
>
> — Lao Tzu, *Tao Te Ching*, 68; a free rendering & no more
> {: confidence=attributed }

> | Per aspera
> | ad astra.
>
> — Latin proverb
> {: lang=la cite=https://example.org/ added=2024-06-01 }

> "A," he said.
>
> B.
>
> — Attributed to Paul Graham, “Taste for Makers” (May 2002)
> {: #taste }

[^1]: Note.
"""


def test_quotes_have_words_author_work_year_and_doubt() -> None:
    one, two, three = read(QUOTES).quotes
    assert (one.id, one.line) == ("quote-the-best-fighter-is-never", 3 + LINES)
    assert one.text == "The best fighter is never angry."
    assert one.body == (
        f'<p data-src-line="{3 + LINES}">The best <em>fighter</em> is never angry.</p>',
    )
    assert (one.author, one.work, one.year) == ("Lao Tzu", "Tao Te Ching", None)
    assert (one.confidence, one.note) == ("attributed", "a free rendering & no more")
    assert one.credit == ("Lao Tzu, <em>Tao Te Ching</em>, 68; a free rendering &amp; no more",)
    assert one.attribution == "Lao Tzu, Tao Te Ching, 68; a free rendering & no more"
    assert two.text == "Per aspera\nad astra."
    assert (two.lang, two.cite, two.added) == ("la", "https://example.org/", "2024-06-01")
    assert (two.confidence, two.note, two.work) == ("verified", None, None)
    assert (three.id, three.line) == ("taste", 14 + LINES)
    assert three.text == "“A,” he said.\nB."
    assert (three.author, three.work, three.year) == ("Paul Graham", "Taste for Makers", 2002)


@pytest.mark.parametrize(
    ("attribution", "work"),
    [
        ("Who, *A & “B” <c>*", "A & “B” <c>"),
        ("Who, “A *b* c” (1999)", "A b c"),
        ("Who, ***A** b*", "A b"),
        ("Who", None),
    ],
)
def test_quote_work_is_in_emphasis_or_quotation_marks(attribution: str, work: str | None) -> None:
    source = attribution.replace("<", "&lt;")
    [quote] = read(f"> A.\n>\n> — {source}").quotes
    assert quote.work == work


def parts(*quotes: str) -> str:
    return "\n\n".join(quotes)


PLAIN, WHO = "> A b.\n> {: .plain }", "> C d.\n>\n> — Who"


@pytest.mark.parametrize(
    ("source", "found", "blocks"),
    [
        (parts(PLAIN, WHO), ["C d."], 2),
        (parts(WHO, PLAIN), ["C d."], 2),
        (parts(PLAIN, PLAIN), [], 2),
        (parts(WHO, PLAIN, WHO.replace("C", "E"), PLAIN), ["C d.", "E d."], 4),
        (parts("> A b.\n>\n> C.\n> {: .plain }", WHO), ["C d."], 2),
        (parts("> - A\n> - b\n> {: .plain }", WHO), ["C d."], 2),
        (parts("> | a |\n> |---|\n> | b |\n>\n> {: .plain }", WHO), ["C d."], 2),
    ],
)
def test_quotes_with_an_empty_line_between_are_several(
    source: str, found: list[str], blocks: int
) -> None:
    document = read(source)
    assert [quote.text for quote in document.quotes] == found
    html = html_of(source)
    assert html.count("<blockquote") == blocks
    assert "plain" not in html


def test_quote_lines_are_those_of_the_source() -> None:
    assert [
        quote.line - LINES for quote in read(parts(PLAIN, WHO, "Text", WHO + "\n> {: #x }")).quotes
    ] == [4, 10]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Text\n\n> A.", [(3, "quote")]),
        ("> A.\n> — One", [(1, "quote")]),
        (parts(WHO, "> A."), [(5, "quote")]),
        (parts("> A.\n>\n> — B\n> {: langue=fr }"), [(3, "quote")]),
        (parts("> A.\n>\n> — B; perhaps\n> {: confidence=sure }"), [(3, "quote")]),
        (parts("> A.\n>\n> — B\n> {: confidence=disputed }"), [(3, "quote")]),
        (parts("> A.\n>\n> — B\n> {: added=2024-02-30 }"), [(3, "quote")]),
        (parts("> A.\n>\n> > B.\n> >\n> > — C\n>\n> — D"), [(7, "quote")]),
        (parts("> A.\n>\n> > B.\n> > {: .plain }\n>\n> — D"), []),
        (parts(WHO, WHO), [(5, "duplicate-id")]),
    ],
)
def test_quote_mistake_has_code_and_line(source: str, expected: list[tuple[int, str]]) -> None:
    assert problems_of(source) == expected


def test_quote_id_stays_when_another_quote_comes() -> None:
    def ids(source: str) -> list[Quote]:
        return [quote for quote in read(source).quotes if quote.author != "New"]

    more = QUOTES.replace("Text.", "Text.\n\n> New.\n>\n> — New")
    assert [quote.id for quote in ids(more)] == [quote.id for quote in ids(QUOTES)]
