"""A build that begins where the last one ended makes what a fresh one makes."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import incremental
from tests import fuzz
from tests.conftest import ROOT, TinySite, contents, png, post

EDITED = post("a", "Other words, [b](../b/index.md) and ![c](c.png)\n\n## A heading\n\nEnd.")


class Site(TinySite):
    """A tiny site whose memo is where builds begin, with a second output for fresh builds."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.cache = folder / ".cache"
        self.configure(production=True)
        self.write(
            {
                "posts/a/index.md": post("a", "See [b](../b/index.md)."),
                "posts/a/c.png": png(),
                "posts/b/index.md": post("b", date="2024-05-07"),
                "extra/data.txt": "x",
            }
        )

    def remove(self, name: str) -> None:
        """Remove a folder of the content."""
        shutil.rmtree(self.content / name)

    def fresh(self) -> dict[str, bytes]:
        """Return the files of a build without a memo."""
        other = TinySite(self.content.parent / "fresh")
        shutil.rmtree(other.content.parent)
        shutil.copytree(self.content, other.content)
        other.settings.write_text(
            self.settings.read_text().replace(str(self.output), str(other.output))
        )
        other.build("--extra-settings", f'PATH="{other.content}"', f'CACHE_PATH="{other.cache}"')
        return contents(other.output)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def rebuilt(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Note for each build whether it needed no Pelican."""
    found: list[bool] = []
    rebuild = incremental.rebuild

    def watched(*arguments: object) -> object:
        done = rebuild(*arguments)  # type: ignore[arg-type]
        found.append(done is not None)
        return done

    monkeypatch.setattr(incremental, "rebuild", watched)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "quick"),
    [
        (lambda s: s.write({"posts/a/index.md": EDITED}), True),
        (lambda s: s.write({"posts/a/index.md": post("a", "No link.")}), True),
        (lambda s: (s.output / "posts/a/index.html").unlink(), True),
        (lambda s: (s.output / "posts/b/index.html").write_text("other"), True),
        (lambda s: (s.output / "data.txt").write_text("other"), False),
        (lambda s: s.write({"posts/a/index.md": EDITED.replace("Post a", "Post A")}), False),
        (lambda s: s.write({"posts/d/index.md": post("d")}), False),
        (lambda s: s.write({"posts/a/c.png": png(9)}), False),
        (lambda s: s.write({"extra/data.txt": "yz"}), False),
        (lambda s: s.write({"posts/a/index.md": post("a")}) or s.remove("posts/b"), False),
        (lambda s: s.configure(production=True, SITENAME="Other"), False),
        (lambda s: shutil.rmtree(s.output), False),
        (lambda s: shutil.rmtree(s.cache), False),
    ],
)
def test_build_after_a_change_makes_what_a_fresh_build_makes(
    site: Site, rebuilt: list[bool], change: Callable[[Site], object], quick: bool
) -> None:
    site.build()  # here, because pytest has another environment while it makes fixtures
    rebuilt.clear()
    assert incremental.is_current(str(site.settings))
    change(site)
    assert not incremental.is_current(str(site.settings))
    site.build()
    assert rebuilt == [quick]
    assert contents(site.output) == site.fresh()
    assert incremental.is_current(str(site.settings))


def start_build(site: Site) -> subprocess.Popen[bytes]:
    """Start a build of a site in another process."""
    code = "import sys; from pipeline.build import build; build(sys.argv[1])"
    command = [sys.executable, "-c", code, str(site.settings)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)


@pytest.mark.slow
def test_build_after_kills_makes_what_a_fresh_build_makes(site: Site) -> None:
    start_build(site).wait()
    for number in range(8):
        site.write({"posts/a/index.md": post("a", f"Words {number}.")})
        build = start_build(site)
        time.sleep(0.25 + number * 0.15)
        build.kill()
        build.wait()
    site.build()
    assert contents(site.output) == site.fresh()


@pytest.mark.slow
def test_two_builds_at_once_make_what_a_fresh_build_makes(site: Site) -> None:
    for number in range(3):
        site.write({"posts/a/index.md": post("a", f"Words {number}.")})
        builds = [start_build(site), start_build(site)]
        assert [build.wait() for build in builds] == [0, 0]
    assert contents(site.output) == site.fresh()


@pytest.mark.slow
def test_builds_after_random_changes_make_what_fresh_builds_make() -> None:
    assert fuzz.run(60, seed=1) > 0


@pytest.mark.parametrize("compressed", [False, True])
def test_build_after_an_edit_needs_no_pelican_and_makes_what_a_fresh_build_makes(
    site: Site, rebuilt: list[bool], compressed: bool
) -> None:
    site.configure(production=True, PRECOMPRESS=compressed)
    site.build()
    site.write({"posts/a/index.md": EDITED})
    site.build()
    assert rebuilt == [False, True]
    assert contents(site.output) == site.fresh()
    assert (site.output / "data.txt.br").is_file() == compressed
