"""Pictures and figures in a site, built by the real Pelican: files, pages, feeds, problems."""

import re
from io import BytesIO
from pathlib import Path

import feedparser
import pytest
from PIL import Image

from tests.conftest import PAGE, POST, TinySite, contents, png

CSV = "name,price,torque\nA,10,5\nB,20,1\n"
FIGURE = "![Torque over price](data.csv){: kind=scatter x=price y=torque caption=Shown }"
PRODUCTION = "publishconf.py"


def photo() -> bytes:
    """Return a picture as a camera makes it: with where it was taken."""
    file, image = BytesIO(), Image.effect_noise((900, 600), 60).convert("RGB")
    exif = image.getexif()
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    exif[0x0112] = 6
    image.save(file, "JPEG", exif=exif)
    return file.getvalue()


@pytest.fixture
def illustrated(tiny: TinySite) -> TinySite:
    tiny.write(
        {
            "posts/a/index.md": f"{POST}\n![A robot](robot.jpg)\n\n{FIGURE}\n",
            "posts/a/robot.jpg": photo(),
            "posts/a/data.csv": CSV,
            "posts/a/only-linked.jpg": photo(),
            "pages/b.md": PAGE + "\n![The same robot](../posts/a/robot.jpg)\n",
            "extra/favicon.ico": b"as it is",
        }
    )
    return tiny


def test_the_files(illustrated: TinySite) -> None:
    illustrated.build()
    files = contents(illustrated.output)
    names = {name.removeprefix("posts/a/") for name in files if name.startswith("posts/a/")}
    assert {"robot.jpg", "robot-360.avif", "robot-600.webp", "data.csv", "only-linked.jpg"} <= names
    assert Image.open(BytesIO(files["posts/a/figure-data.png"])).format == "PNG"
    assert files["extra/favicon.ico".removeprefix("extra/")] == b"as it is"
    for name in ("robot.jpg", "only-linked.jpg", "robot-600.avif"):
        image = Image.open(BytesIO(files[f"posts/a/{name}"]))
        assert image.size == (600, 900)  # upright
        assert not image.getexif()


def test_the_pages(illustrated: TinySite) -> None:
    illustrated.build()
    page = illustrated.page("posts/a/index.html")
    assert re.search(r'<source type="image/avif" srcset="robot-360.avif 360w, ', page)
    assert '<img src="robot.jpg" alt="A robot" width="600" height="900"' in page
    assert page.count('<figure class="chart"') == 1
    assert '<a href="data.csv" download="data.csv">' in page
    other = illustrated.page("b/index.html")
    assert 'src="../posts/a/robot.jpg"' in other
    assert "../posts/a/robot-360.avif 360w" in other


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_the_feeds_have_pictures_in_the_place_of_drawings(illustrated: TinySite, kind: str) -> None:
    illustrated.build()
    feed = feedparser.parse(illustrated.page(f"feeds/all.{kind}.xml"))
    [entry] = feed.entries
    content = entry.content[0].value if "content" in entry else entry.summary
    base = "http://127.0.0.1:8000/posts/a/"
    assert f'src="{base}figure-data.png"' in content
    assert 'alt="Torque over price"' in content
    assert "Shown" in content
    assert f'href="{base}data.csv"' in content
    assert "<svg" not in content
    addresses = re.findall(r'(?:src|href)="([^"]*)"', content)
    sets = [
        part.split()[0] for s in re.findall(r'srcset="([^"]*)"', content) for part in s.split(",")
    ]
    assert all(address.startswith(base) for address in [*addresses, *sets])


def test_what_is_unchanged_is_made_once(illustrated: TinySite) -> None:
    illustrated.build()
    cache = illustrated.folder / "cache"
    before = {path: path.stat().st_mtime_ns for path in cache.rglob("*.*")}
    first = contents(illustrated.output)
    assert len(before) > 6
    illustrated.build()
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*.*")} == before
    assert contents(illustrated.output) == first


def test_what_has_changed_is_made_anew(illustrated: TinySite) -> None:
    illustrated.build()
    before = contents(illustrated.output)
    illustrated.write({"posts/a/data.csv": CSV.replace("20,1", "20,4")})
    illustrated.build()
    after = contents(illustrated.output)
    assert before["posts/a/figure-data.png"] != after["posts/a/figure-data.png"]
    assert before["posts/a/robot.jpg"] == after["posts/a/robot.jpg"]


def test_nothing_of_a_drafts_pictures_and_figures_is_published(illustrated: TinySite) -> None:
    draft = (illustrated.folder / "content/posts/a/index.md").read_text("utf-8")
    illustrated.write({"posts/a/index.md": draft.replace("Tags", "Status: draft\nTags")})
    illustrated.write({"pages/b.md": PAGE})
    illustrated.build(settings=PRODUCTION)
    assert not (illustrated.output / "posts/a").exists()


P = "posts/a/index.md"
WRONG = {
    "a file that is not there": (
        f"{POST}\n![x](no.csv)\n",
        [f"{P}:9: must link to a file that is there: no.csv"],
    ),
    "in a line": (
        f"{POST}\nSee {FIGURE} there.\n",
        [f"{P}:9: a figure must stand in a paragraph of its own: data.csv"],
    ),
    "a column that is not there": (
        f"{POST}\n{FIGURE.replace('x=price', 'x=prize')}\n",
        [f"{P}:9: x must name a column of data.csv: 'prize' (did you mean 'price'?)"],
    ),
    "an unknown kind": (
        f"{POST}\n{FIGURE.replace('scatter', 'pie')}\n",
        [f"{P}:9: kind must be one of scatter, line, bar: 'pie'"],
    ),
    "a picture that is not there": (
        f"{POST}\n![x](no.jpg)\n",
        [f"{P}:9: must link to a file that is there: no.jpg"],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_problems_stand_where_the_author_wrote(tiny: TinySite, name: str) -> None:
    text, lines = WRONG[name]
    tiny.write({P: text, "posts/a/data.csv": CSV})
    assert tiny.problems() == lines


def test_problems_of_the_data_stand_in_the_data(tiny: TinySite) -> None:
    tiny.write({P: f"{POST}\n{FIGURE}\n", "posts/a/data.csv": CSV.replace("20,1", "20,much")})
    [line] = tiny.problems()
    assert line.startswith("posts/a/data.csv:3: ")
    assert "'much'" in line


def test_problems_of_a_picture_name_it(tiny: TinySite) -> None:
    tiny.write({P: POST, "posts/a/x.png": png(20_000, 1), "posts/a/y.jpg": b"no picture"})
    wide, broken = tiny.problems()
    assert wide.startswith("posts/a/x.png: must be less than 13600 pixels wide")
    assert broken.startswith("posts/a/y.jpg: must be a picture that can be read")


def test_two_pictures_with_one_name_are_a_problem(tiny: TinySite) -> None:
    """Both would be published as robot-600.webp."""
    noise = BytesIO()
    Image.open(BytesIO(photo())).save(noise, "PNG")
    tiny.write({P: POST, "posts/a/robot.jpg": photo(), "posts/a/robot.png": noise.getvalue()})
    lines = tiny.problems()
    assert lines
    assert all("must have an address of its own" in line for line in lines)


def test_two_figures_of_one_file(tiny: TinySite) -> None:
    tiny.write({P: f"{POST}\n{FIGURE}\n\n{FIGURE}\n", "posts/a/data.csv": CSV})
    tiny.build()
    page = tiny.page("posts/a/index.html")
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert {"figure-data.png", "figure-data-again.png"} <= {
        Path(name).name for name in contents(tiny.output)
    }
