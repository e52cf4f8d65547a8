import pytest

from pipeline.content.suppressions import find_suppressions

MARK = "<!-- ignore a-check: a reason -->"


def lines_of(body: str) -> list[tuple[int, tuple[int, int]]]:
    """Return the line of each suppression and the lines that it covers."""
    return [(found.line, found.lines) for found in find_suppressions(body)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"{MARK}\na\n\nb", [(1, (0, 4))]),
        (f"\n\n{MARK}\n\na", [(3, (0, 5))]),
        (f"a\n\n{MARK}\nb\nc\n\nd", [(3, (3, 6))]),
        (f"a\n\n{MARK}\n\nb\n\nc", [(3, (3, 6))]),
        (f"a\n{MARK}\nb\n\nc", [(2, (2, 4))]),
        (f"a\n\n{MARK}\n{MARK}\nb\n\nc", [(3, (3, 6)), (4, (4, 6))]),
        (f"a\n\n> {MARK}\n> b\n>\n> c\n\nd", [(3, (3, 7))]),
        (f"a\n\n- b\n\n    {MARK}\n    c\n\nd", [(5, (5, 7))]),
        (f"a\n\n{MARK}\n```text\nb\n\nc\n```\n\nd", [(3, (3, 9))]),
        (f"a\n\n{MARK}", [(3, (3, 3))]),
        (f"```text\n{MARK}\n```", []),
        (f"a\n\n    {MARK}\n\nb", []),
        (f">     {MARK}", []),
        (f"a {MARK}", []),
        (f"`{MARK}`", []),
    ],
)
def test_suppression_covers_what_follows_unless_it_is_code(
    body: str, expected: list[tuple[int, tuple[int, int]]]
) -> None:
    assert lines_of(body) == expected


@pytest.mark.parametrize(
    ("comment", "check", "reason"),
    [
        (MARK, "a-check", "a reason"),
        ("<!--ignore a-check a reason-->", "a-check", "a reason"),
        ("<!-- ignore a-check -->", "a-check", ""),
        ("<!-- ignore : why -->", "", "why"),
    ],
)
def test_suppression_has_check_and_reason(comment: str, check: str, reason: str) -> None:
    [found] = find_suppressions(f"a\n\n{comment}\nb")
    assert (found.check, found.reason) == (check, reason)
