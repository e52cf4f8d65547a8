"""What `invoke doctor` finds."""

import os
from pathlib import Path

import pytest

from pipeline.authoring.doctor import Examination, examine, lock
from pipeline.check import browser
from tests.publish.blog import Blog


def test_examine_names_dns_and_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blog = Blog(tmp_path / "blog", {"kind": "directory", "path": "public"})
    found = {each.name: each for each in examine(blog.settings)}
    assert found["target"].found == "public/current: no release yet"
    assert found["DNS"].remedy  # blog.example is nobody's


def test_examine_settings_that_are_wrong_ends_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conf.py").write_text("SITEURL = 1\n")
    (*_, last) = examine("conf.py")
    assert (last.name, last.show()) == ("settings", False)


def test_lock_names_what_is_not_installed_in_its_version(tmp_path: Path) -> None:
    path = tmp_path / "lock.txt"
    path.write_text("pelican==0.1 \\\n    --hash=sha256:1\nno-such-package==1\n")
    assert "pelican, no-such-package" in lock(str(path)).found


@pytest.mark.parametrize(("needed", "well"), [(True, False), (False, True)])
def test_examination_that_is_not_needed_fails_nothing(needed: bool, well: bool) -> None:
    assert Examination("a", "b", "c", needed).show() is well


@pytest.mark.skipif(os.name == "nt", reason="makes a program of a POSIX system")
def test_find_browser_looks_where_windows_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "PROGRAMS", ())
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path))
    program = tmp_path / "Microsoft/Edge/Application/msedge.exe"
    program.parent.mkdir(parents=True)
    program.touch(0o755)
    assert browser.find_browser() == str(program)
