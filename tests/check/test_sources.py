"""The checks of sources, on plain values."""

from pathlib import Path

from pipeline.check.sources import Output, files_below, repeated_addresses, unexplained


def test_addresses_that_differ_in_case_alone_are_one() -> None:
    outputs = [Output("a", "x/Index.html"), Output("b", "x/index.html"), Output("c", "")]
    assert [problem.path for problem in repeated_addresses(outputs)] == ["b"]


def test_each_file_is_read_ignored_or_a_problem(tmp_path: Path) -> None:
    for name in ("a.md", "b.md", ".swap", "x/.git/c", "own.toml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    files = files_below(tmp_path, [".*"])
    assert list(map(str, files)) == ["a.md", "b.md", "own.toml"]
    [problem] = unexplained(tmp_path, files, {"a.md"}, {"own.toml"})
    assert problem.path == str(tmp_path / "b.md")
