"""Publishing a site with the settings of pelican-quickstart and a theme of Pelican."""

from pathlib import Path

import pytest

from pipeline.publish.publish import PublishOptions, publish
from pipeline.publish.schedule import status
from tests.conftest import ROOT, png

SETTINGS = f"""\
AUTHOR = "Ada"
SITENAME = "A Site"
SITEURL = "https://site.example"
PATH = "content"
TIMEZONE = "Europe/Rome"
FEED_ALL_ATOM = "feeds/all.atom.xml"
LINKS = [("Pelican", "https://getpelican.com/"), ("You can modify those links", "#")]
SOCIAL = [("You can add links in your config file", "#")]
DEFAULT_PAGINATION = 10
DELETE_OUTPUT_DIRECTORY = True
PLUGIN_PATHS, PLUGINS = [{str(ROOT)!r}], ["pipeline"]
PUBLISH_TARGETS = {{"it": {{"kind": "directory", "path": "public"}}}}
PUBLISH_TARGET = "it"
"""
FIRST = """\
Title: First
Date: 2024-03-01 10:20
Category: Python
Tags: a, b
Slug: my-post

A link to [the second]({filename}second.md), ![a teal square]({static}images/a.png), a note.[^1]

[^1]: It.
"""
SECOND = (
    "Title: Second\nDate: 2024-04-01\n\nAnother text.\n\n## A heading\n\n    :::python\n    x = 1\n"
)


@pytest.mark.slow
def test_publish_default_pelican_site_to_a_directory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    files = {"content/first.md": FIRST, "content/second.md": SECOND, "publishconf.py": SETTINGS}
    Path("content/images").mkdir(parents=True)
    for name, text in files.items():
        Path(name).write_text(text, "utf-8")
    Path("content/images/a.png").write_bytes(png())
    publish("publishconf.py", "", PublishOptions())
    assert "  new          /my-post.html\n" in capsys.readouterr().out
    live = Path("public/current")
    assert "second.html" in (live / "my-post.html").read_text("utf-8")
    assert (live / "images/a.png").is_file()
    publish("publishconf.py", "", PublishOptions())
    assert "Nothing to publish" in capsys.readouterr().out
    Path("content/second.md").write_text(SECOND.replace("Another", "Other"), "utf-8")
    status("publishconf.py")
    assert "changed    /second.html\n" in capsys.readouterr().out
    publish("publishconf.py", "", PublishOptions())
    assert "Other text." in (live / "second.html").read_text("utf-8")
    assert not Path("content/changes.json").exists()
