"""A post as one file for one reader."""

import re
from datetime import date
from pathlib import Path

import pytest

from pipeline.authoring.share import share
from pipeline.problems import ProblemsFound
from tests.conftest import TinySite, png, post

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
    path = share(str(tiny.settings), str(tiny.settings), "a", "Ada & Co", date(2026, 11, 4))
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
        share(str(tiny.settings), str(tiny.settings), "nope", "", date(2026, 11, 4))
    assert not Path("shared").exists()
