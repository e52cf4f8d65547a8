"""Manifests: what a release is, and what became of every address."""

from pathlib import Path

import pytest

from pipeline.problems import ProblemsFound
from pipeline.publish.account import account_of
from pipeline.publish.release import MANIFEST, Manifest, Release, address_of, make_release

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


def test_a_manifest_is_the_same_for_the_same_files(tmp_path: Path) -> None:
    first = release(tmp_path / "1", FILES)
    again = release(tmp_path / "2", dict(reversed(FILES.items())), first.manifest)
    assert again.manifest.data == first.manifest.data
    assert len(first.manifest.id) == 12
    data = (tmp_path / "1" / MANIFEST).read_bytes()
    assert Manifest.read(data, "it") == first.manifest
    other = release(tmp_path / "3", {**FILES, "a/index.html": "b"})
    assert other.manifest.id != first.manifest.id


def test_a_manifest_is_made_anew(tmp_path: Path) -> None:
    first = release(tmp_path / "1", FILES)
    assert make_release(tmp_path / "1", None).manifest == first.manifest


@pytest.mark.parametrize(
    "entries", ['{"a": 1}', '{"a": {"b": "c"}}', "[]", '{"a": {"title": "A"}}']
)
def test_entries_that_are_none(entries: str) -> None:
    data = f'{{"version": 1, "files": {{}}, "addresses": {{}}, "entries": {entries}}}'
    with pytest.raises(ProblemsFound, match="it: must be the manifest of a release"):
        Manifest.read(data.encode(), "it")


def test_addresses_are_what_somebody_may_keep(tmp_path: Path) -> None:
    addresses = release(tmp_path, FILES).manifest.addresses
    assert list(addresses) == [
        "/.well-known/proof",
        "/a/",
        "/feeds/all.atom.xml",
        "/",
        "/my%20paper.pdf",
    ]
    assert set(addresses.values()) == {""}


def test_what_became_of_every_address(tmp_path: Path) -> None:
    before = None
    for number, files in enumerate(
        (
            {"index.html": "1", "a/index.html": "a", "b/index.html": "b", "c/index.html": "c"},
            {"index.html": "2", "_redirects": "/a / 301\n/a/ / 301\n", "c/index.html": "c"},
            {"index.html": "3", "_redirects": "/a/ / 301\n", "b/index.html": "b"},
        )
    ):
        before = release(tmp_path / str(number), files, before).manifest
    assert before and before.addresses == {
        "/": "", "/a": "gone", "/a/": "/", "/b/": "", "/c/": "gone",
    }  # fmt: skip


def test_the_account(tmp_path: Path) -> None:
    old = {"index.html": "1", "a/index.html": "a", "b/index.html": "b", "old.css": "p {}"}
    first = release(tmp_path / "1", {**old, "c/index.html": "c", "_redirects": "/z /c/ 301\n"})
    new = {"index.html": "2", "b/index.html": "b", "new.css": "p {}", "d/index.html": "d"}
    redirects = {"_redirects": "/a/ /b/ 301\n", "a/index.html": "moved"}
    second = release(tmp_path / "2", {**new, **redirects}, first.manifest)
    found = account_of(second, first.manifest)
    assert found.new == ("/d/",)
    assert found.changed == ("/",)
    assert found.gone == ("/c/", "/z")
    assert found.redirects == (("/a/", "/b/"),)
    assert second.changed(first.manifest) == [
        "_redirects", "a/index.html", "d/index.html", "index.html", "new.css",
    ]  # fmt: skip
    assert second.dropped(first.manifest) == ["c/index.html", "old.css"]
    assert second.carried(first.manifest) == ["old.css"]
    sent = [*second.changed(first.manifest), MANIFEST]
    assert found.size == sum((second.folder / path).stat().st_size for path in sent)
    # What is gone stays so without being asked for again.
    third = release(tmp_path / "3", {**new, **redirects}, second.manifest)
    assert account_of(third, second.manifest).gone == ()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"version": 2, "files": {}, "addresses": {}, "entries": {}}',
        b'{"version": 1, "files": [1], "addresses": {}, "entries": {}}',
        b'{"version": 1, "files": {"/etc/a": ""}, "addresses": {}, "entries": {}}',
        b'{"version": 1, "files": {"a/../../b": ""}, "addresses": {}, "entries": {}}',
        b'{"version": 1, "files": {"..\\\\b": ""}, "addresses": {}, "entries": {}}',
    ],
)
def test_what_is_no_manifest(data: bytes) -> None:
    with pytest.raises(ProblemsFound, match="it: must be the manifest of a release"):
        Manifest.read(data, "it")


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
def test_addresses(path: str, address: str) -> None:
    assert address_of(path) == address
