"""Manifests, what a release changes, and targets in the settings."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pipeline.build import Built
from pipeline.feeds.feed_diff import KnownEntry
from pipeline.problems import ProblemsFound
from pipeline.publish.release import (
    MANIFEST,
    Manifest,
    Release,
    address_of,
    diff_lines,
    diff_releases,
    make_release,
    vanishing,
)
from pipeline.publish.targets.base import make_target
from pipeline.publish.targets.directory import Directory
from pipeline.settings import Settings

FILES = {
    "index.html": "home",
    "a/index.html": "a",
    "404.html": "lost",
    "feeds/all.atom.xml": "<feed/>",
    "style.css": "p {}",
    ".well-known/proof": "me",
    ".nojekyll": "",
    "_headers": "/*",
    "my paper.pdf": "%PDF",
}


def release(folder: Path, files: dict[str, str], before: Manifest | None = None) -> Release:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return make_release(folder, before)


def test_manifest_same_files_is_the_same(tmp_path: Path) -> None:
    first = release(tmp_path / "1", FILES)
    again = release(tmp_path / "2", dict(reversed(FILES.items())), first.manifest)
    assert again.manifest.data == first.manifest.data
    assert make_release(tmp_path / "1", None).manifest == first.manifest
    assert Manifest.read((tmp_path / "1" / MANIFEST).read_bytes(), "it") == first.manifest
    other = release(tmp_path / "3", {**FILES, "a/index.html": "b"})
    assert other.manifest.id != first.manifest.id


def test_manifest_format_is_version_1() -> None:
    """Another version, format or id would make every published site start again."""
    entry = KnownEntry("A", "u", "d")
    manifest = Manifest({"index.html": "00"}, {"/": "", "/b/": "/"}, {"tag:a": entry})
    assert manifest.id == "49b792c952a0"


def test_manifest_addresses_are_what_somebody_may_keep(tmp_path: Path) -> None:
    addresses = release(tmp_path, FILES).manifest.addresses
    expected = ["/.well-known/proof", "/a/", "/feeds/all.atom.xml", "/", "/my%20paper.pdf"]
    assert list(addresses) == expected
    assert set(addresses.values()) == {""}


def test_manifest_remembers_every_address(tmp_path: Path) -> None:
    sites = (
        {"index.html": "1", "a/index.html": "a", "b/index.html": "b", "c/index.html": "c"},
        {"index.html": "2", "_redirects": "/a / 301\n/a/ / 301\n", "c/index.html": "c"},
        {"index.html": "3", "_redirects": "/a/ / 301\n", "b/index.html": "b"},
    )
    before = None
    for number, files in enumerate(sites):
        before = release(tmp_path / str(number), files, before).manifest
    expected = {"/": "", "/a": "gone", "/a/": "/", "/b/": "", "/c/": "gone"}
    assert before and before.addresses == expected


EMPTY = '"addresses": {}, "entries": {}'


@pytest.mark.parametrize(
    "data",
    [
        "",
        "<html>",
        "[]",
        "{}",
        f'{{"version": 2, "files": {{}}, {EMPTY}}}',
        f'{{"version": 1, "files": [1], {EMPTY}}}',
        f'{{"version": 1, "files": {{"/etc/a": ""}}, {EMPTY}}}',
        f'{{"version": 1, "files": {{"a/../../b": ""}}, {EMPTY}}}',
        f'{{"version": 1, "files": {{"..\\\\b": ""}}, {EMPTY}}}',
        '{"version": 1, "files": {}, "addresses": {}, "entries": []}',
        '{"version": 1, "files": {}, "addresses": {}, "entries": {"a": {"title": "A"}}}',
    ],
)
def test_manifest_read_invalid_is_a_problem(data: str) -> None:
    with pytest.raises(ProblemsFound) as error:
        Manifest.read(data.encode(), "it")
    assert [(p.code, p.path) for p in error.value.problems] == [("bad-manifest", "it")]


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("index.html", "/"),
        ("a/index.html", "/a/"),
        ("a.html", "/a.html"),
        ("myindex.html", "/myindex.html"),
        ("é/a b.pdf", "/%C3%A9/a%20b.pdf"),
    ],
)
def test_address_of_file(path: str, address: str) -> None:
    assert address_of(path) == address


def test_diff_has_what_visitors_see(tmp_path: Path) -> None:
    old = {"index.html": "1", "a/index.html": "a", "b/index.html": "b", "old.css": "p {}"}
    first = release(tmp_path / "1", {**old, "c/index.html": "c", "_redirects": "/z /c/ 301\n"})
    new = {"index.html": "2", "b/index.html": "b", "new.css": "p {}", "d/index.html": "d"}
    redirects = {"_redirects": "/a/ /b/ 301\n", "a/index.html": "moved"}
    second = release(tmp_path / "2", {**new, **redirects}, first.manifest)
    found = diff_releases(second, first.manifest)
    assert (found.new, found.changed, found.gone) == (("/d/",), ("/",), ("/c/", "/z"))
    assert found.redirected == (("/a/", "/b/"),)
    changed = ["_redirects", "a/index.html", "d/index.html", "index.html", "new.css"]
    assert second.changed(first.manifest) == changed
    assert second.removed(first.manifest) == ["c/index.html", "old.css"]
    assert second.retained(first.manifest) == ["old.css"]
    assert found.files == 5
    sizes = [(second.folder / path).stat().st_size for path in [*changed, MANIFEST]]
    assert found.size == sum(sizes)
    # What is gone stays so without being asked for again.
    third = release(tmp_path / "3", {**new, **redirects}, second.manifest)
    assert diff_releases(third, second.manifest).gone == ()


def test_diff_host_without_redirects_needs_pages_or_copies(tmp_path: Path) -> None:
    first = release(tmp_path / "1", {"a/index.html": "", "a.csv": "1", "b.csv": "2"})
    lines = "/a/ /n/ 301\n/a.csv /n.csv 301\n/b.csv /m.csv 301\n/new.csv /m.csv 301\n"
    files = {"_redirects": lines, "a/index.html": "moved", "a.csv": "1"}
    second = release(tmp_path / "2", files, first.manifest)
    assert len(diff_releases(second, first.manifest).redirected) == 4
    found = diff_releases(second, first.manifest, follows_redirects=False)
    assert found.redirected == (("/a/", "/n/"),)
    assert found.copied == (("/a.csv", "/n.csv"),)
    assert found.unredirected == (("/b.csv", "/m.csv"), ("/new.csv", "/m.csv"))
    assert found.gone == ("/b.csv",)


def test_diff_lines_counts_the_rest(tmp_path: Path) -> None:
    made = release(tmp_path, {f"{number:02}/index.html": "" for number in range(14)})
    lines = [*diff_lines(diff_releases(made, None))]
    assert lines[0].split() == ["new", "/00/"]
    assert lines[12].split() == ["new", "and", "2", "more"]
    assert len(lines) == 14


def test_vanishing_names_the_post_that_moved(tmp_path: Path) -> None:
    def entries(name: str) -> Mapping[str, KnownEntry]:
        return {"tag:1": KnownEntry("", f"https://a.test/{name}/", "")}

    first = release(tmp_path / "1", {"old/index.html": "", "old/a.csv": "", "b/index.html": ""})
    before = replace(first.manifest, entries=entries("old"))
    second = release(tmp_path / "2", {"new/index.html": ""}, before)
    second = replace(second, manifest=replace(second.manifest, entries=entries("new")))
    content = SimpleNamespace(url="new/", document=SimpleNamespace(path="content/new.md"))
    settings = Settings("publishconf.py", siteurl="https://a.test")
    built = SimpleNamespace(settings=settings, site=SimpleNamespace(contents=[content]))
    diff = diff_releases(second, before)
    found = {p.message.split()[-1]: p for p in vanishing(diff, second, before, cast(Built, built))}
    assert {address: problem.path for address, problem in found.items()} == {
        "/old/": "content/new.md",
        "/old/a.csv": "content/new.md",
        "/b/": "/b/",
    }
    assert "`Aliases: /old/`" in found["/old/"].hint


@pytest.mark.parametrize(
    ("targets", "code", "part"),
    [
        ({}, "unknown-target", "PUBLISH_TARGETS ="),
        ({"its": {}}, "unknown-target", "'its'"),
        ({"it": {}}, "unknown-target", "one of directory"),
        ({"it": {"kind": "directry"}}, "unknown-target", "'directory'"),
        ({"it": {"kind": "directory", "pth": "a"}}, "target-option", "'path'"),
        ({"it": {"kind": "directory", "path": 3}}, "target-option", "found 3"),
        ({"it": {"kind": "directory", "url": "a.test"}}, "target-option", "https://"),
        ({"it": {"kind": "ssh", "host": "a"}}, "target-option", "'path'"),
    ],
)
def test_make_target_wrong_settings_is_one_problem(
    targets: dict[str, Any], code: str, part: str
) -> None:
    with pytest.raises(ProblemsFound) as error:
        make_target(Settings("publishconf.py", publish_targets=targets, publish_target="it"))
    [problem] = error.value.problems
    assert (problem.code, problem.path) == (code, "publishconf.py")
    assert part in str(problem)


def test_make_target_takes_the_named_one() -> None:
    targets = {"a": {"kind": "git"}, "b": {"kind": "directory", "path": "x"}}
    settings = Settings("publishconf.py", publish_targets=targets, publish_target="a")
    assert make_target(settings, "b") == Directory("x")
    assert type(make_target(settings)).__name__ == "Git"
    with pytest.raises(ProblemsFound) as error:
        make_target(settings, "c")
    assert error.value.problems[0].path == "--to"
