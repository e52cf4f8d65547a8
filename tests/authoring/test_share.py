"""A post as one file for one reader."""

import re
from datetime import date
from pathlib import Path

import pytest

from pipeline.authoring.share import share
from pipeline.build import load_settings
from pipeline.check.leaks import shared_files
from pipeline.check.runner import run_checks
from pipeline.content.sources import expired
from pipeline.model import Asset
from pipeline.problems import ProblemsFound
from pipeline.publish.release import Manifest, make_release
from pipeline.publish.targets.s3 import obsolete
from tests.check.site import html_of, places, site_of
from tests.conftest import TinySite, contents, png, post

TEXT = "First.[^1] See [b](../b.md).\n\n![A pixel](a.png)\n\n[^1]: A note.\n"


def test_share_has_images_inside_and_loads_nothing(
    tiny: TinySite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tiny.write(
        {
            "posts/a/index.md": post("a", TEXT, "Status: draft\n"),
            "posts/a/a.png": png(),
            "posts/b.md": post("b"),
        }
    )
    path = share(str(tiny.settings), "a", "Ada & Co", date(2026, 11, 4))
    assert path == Path("shared/a.html")
    html = path.read_text("utf-8")
    assert "Draft of 4 November 2026 for Ada &amp; Co, by " in html
    assert '<meta name="robots" content="noindex' in html
    assert re.findall(r'src="(.{22})', html) == ["data:image/png;base64,"]
    assert not re.search(r"""(?:src|srcset)=["'](?!data:)|<link|@import|url\(""", html)
    assert re.search(r'href="#fn:', html)
    assert re.search(r'href="https?://[^"]*/posts/b/"', html)


def test_share_of_what_is_not_there_is_refused(
    tiny: TinySite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tiny.write({"posts/b.md": post("b")})
    with pytest.raises(ProblemsFound):
        share(str(tiny.settings), "nope", "", date(2026, 11, 4))
    assert not Path("shared").exists()


def test_shared_folder_is_published_unlisted_until_its_day(
    tiny: TinySite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    draft = post("a", TEXT, "Status: draft\n")
    tiny.write({"posts/a/index.md": draft, "posts/a/a.png": png(), "posts/b.md": post("b")})
    path = share(str(tiny.settings), "a", "Ada", date(2026, 11, 4), days=14)
    assert re.fullmatch(r"content/extra/shared/2026-11-18-[0-9a-f]{16}", str(path.parent))
    assert 'src="a.png"' in path.read_text("utf-8")
    tiny.configure(production=True)
    built = tiny.build()
    names = [name for name in contents(tiny.output) if name.startswith("shared/")]
    assert sorted(Path(name).name for name in names) == ["a.png", "index.html"]
    token = path.parent.name.encode()
    assert not [name for name, data in contents(tiny.output).items() if token in data]
    release = make_release(tiny.output, None).manifest
    assert not [address for address in release.addresses if "shared/" in address]
    assert token not in release.data and {*names} <= {*release.files}
    read = Manifest.read(release.data, "it")
    assert (read.id, read.data) == (release.id, release.data)
    assert obsolete(read, [], [], [*names, "shared/own.txt"]) == names
    assert not [p for p in run_checks(built) if p.code == "shared-files"]
    settings = load_settings(str(tiny.settings))
    assert expired(settings, date(2026, 11, 18)) == []
    assert expired(settings, date(2026, 11, 19)) == [path.parent.resolve()]


def test_shared_text_that_is_linked_or_indexed_is_a_problem() -> None:
    name = "shared/2026-11-18-0123456789abcdef/index.html"
    pages = {"index.html": html_of(f'<a href="{name}">A text</a>')}
    asset = Asset(f"content/extra/{name}", f"extra/{name}", name, name, "")
    site = site_of(pages, {name: html_of("Words.")}, assets=(asset,))
    assert places(shared_files(site)) == ["theme/templates/base.html:1", asset.path]
