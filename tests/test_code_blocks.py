import pytest

from pipeline.content.code_blocks import code_lines, fence_problems


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("```text\na\n```\nb", {1, 2, 3}),
        ("~~~~text\n~~~\n~~~~\nb", {1, 2, 3}),
        ("a\n\n```text\nb\n\nc", {3, 4, 5, 6}),
        ("a\n\n    b\n\n    c\nd", {3, 5}),
        ("a\n    b", set()),
        ("- a\n\n    b\n\nc\n\n    d", {7}),
        ("[^1]: a\n\n    b", set()),
        ("    ```text\n    a\n\n```text\nb\n```\nc", {1, 2, 4, 5, 6}),
        ("```a``` is code", set()),
    ],
)
def test_code_lines_are_those_of_fenced_and_indented_code(body: str, lines: set[int]) -> None:
    assert code_lines(body) == lines


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("```\na\n```", []),
        ("```c++\na\n```", []),
        ('```{ .python linenums="1" hl_lines="2" }\na\n```', []),
        ('```python hl_lines="1"\na\n```', []),
        ("~~~text\n```nolang\n~~~", []),
        ("a\n\n    ```nolang\n    b", []),
        ("a\n\n```nolang\nb\n```", [(3, "code-language")]),
        ("a\n\n```{.nolang}\nb\n```", [(3, "code-language")]),
        ("a\n\n```text\nb", [(3, "code-fence")]),
        ("```text\nb\n  ```", [(1, "code-fence")]),
        ("```text\nb\n````", [(1, "code-fence")]),
        ("```text title=x\nb\n```", [(1, "code-fence")]),
        ("a\n  ```text\n  b\n  ```", []),
        (
            "- a\n\n    ```text\n    b\n    ```\n\n```nolang\n```",
            [(7, "code-language")],
        ),
        ("1. ```text\n   b\n   ```", []),
        ("> - ```text\n>   b\n>   ```", []),
    ],
)
def test_fence_problems_have_code_and_line(body: str, expected: list[tuple[int, str]]) -> None:
    assert [(problem.line, problem.code) for problem in fence_problems(body, "x.md")] == expected


def test_fence_problem_of_misspelled_language_suggests_one() -> None:
    [problem] = fence_problems("```pyhton\n```", "x.md")
    assert "'python'" in problem.hint
