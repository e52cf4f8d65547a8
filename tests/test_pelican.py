"""Pelican as its users know it: its commands, its statuses, its pagination, its settings."""

import os
import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import PAGE, POST, Run, TinySite, contents, png

PRODUCTION = "publishconf.py"


def test_the_pelican_command_builds_the_same_bytes(project: Path, run: Run) -> None:
    assert run("invoke", "build").returncode == 0
    ours = contents(project / "output")
    result = run("pelican", "-o", "other")
    assert result.returncode == 0, result.stdout + result.stderr
    assert contents(project / "other") == ours
    assert len(ours) > 20


def test_pelicans_own_pages_workflow_builds_the_site(project: Path, run: Run) -> None:
    """The command of getpelican/pelican's github_pages.yml, with a site below a folder."""
    given = ["-e", 'SITEURL="https://x.github.io/blog"', 'FEED_DOMAIN="https://x.github.io/blog"']
    result = run("pelican", "content", "-s", PRODUCTION, "-o", "output", *given)
    assert result.returncode == 0, result.stdout + result.stderr
    feed = (project / "output/feeds/all.atom.xml").read_text("utf-8")
    assert 'href="https://x.github.io/blog/feeds/all.atom.xml"' in feed
    assert "https://ben.bolte.cc" not in feed
    assert "<id>tag:ben.bolte.cc,2024-03-01:why-kscale-wins</id>" in feed


def test_two_clones_under_two_time_zones_and_locales_build_the_same_bytes(
    project: Path, run: Run, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(project, tmp_path / "another clóne"))
    built = []
    settings = ((project, "Pacific/Kiritimati", "C", "1"), (other, "America/Adak", "de_DE", "2"))
    for clone, zone, locale, seed in settings:
        changes = {"TZ": zone, "LC_ALL": locale, "LANG": locale, "PYTHONHASHSEED": seed}
        result = run("invoke", "preview", cwd=clone, env={**os.environ, **changes})
        assert result.returncode == 0, result.stderr
        built.append(contents(clone / "output"))
    assert built[0] == built[1]
    assert len(built[0]) > 20


def draft(text: str) -> str:
    return text.replace("Summary", "Status: draft\nSummary")


def test_drafts_are_in_the_preview_and_not_in_production(tiny: TinySite) -> None:
    secret: dict[str, str | bytes] = {
        "posts/secret/index.md": draft(POST) + "\n![x]({static}secret.png)\n",
        "posts/secret/secret.png": png(),
        "posts/secret/data/secret.csv": "1\n",
        "pages/hidden.md": draft(PAGE),
    }
    tiny.write({"pages/b.md": PAGE, "posts/a/index.md": POST, "posts/a/a.png": png(), **secret})
    tiny.build()
    page = tiny.page("posts/secret/index.html")
    assert "A draft: it is not published." in page
    assert '<meta name="robots" content="noindex">' in page
    assert (tiny.output / "posts/secret/secret.png").exists()
    assert 'Drafts, which are not published: <a href="./posts/secret/">' in tiny.page("index.html")
    assert "posts/secret" not in tiny.page("posts/index.html") + tiny.page("feeds/all.atom.xml")
    tiny.build(settings=PRODUCTION)
    names = "\n".join(contents(tiny.output))
    assert "posts/a/a.png" in names
    assert "secret" not in names
    assert "hidden" not in names


def test_files_of_drafts_alone_are_not_published(tiny: TinySite) -> None:
    """Beside a text that has no folder of its own, or anywhere, when only drafts link to them."""
    linked = "\n[x](secret.csv) ![x](secret.png)\n\n[y]({static}/private/secret.pdf)\n"
    tiny.write(
        {
            "posts/a.md": POST + "\n[x](both.csv)\n",
            "posts/b.md": draft(POST) + linked + "\n[x](both.csv)\n",
            "posts/secret.csv": "1",
            "posts/secret.png": png(),
            "posts/both.csv": "1",
            "private/secret.pdf": b"x",
        }
    )
    tiny.build()
    assert {"posts/secret.csv", "private/secret.pdf"} <= set(contents(tiny.output))
    tiny.build(settings=PRODUCTION)
    names = contents(tiny.output)
    assert "posts/both.csv" in names
    assert not any("secret" in name for name in names)


def test_a_published_text_has_its_files_in_a_drafts_folder(tiny: TinySite) -> None:
    tiny.write(
        {
            "pages/a/index.md": draft(PAGE),
            "pages/a/old.md": PAGE + "\n![x](p.png)\n",
            "pages/a/p.png": png(),
            "pages/a/secret.png": png(),
        }
    )
    tiny.build(settings=PRODUCTION)
    names = set(contents(tiny.output))
    assert "pages/a/p.png" in names
    assert "pages/a/secret.png" not in names


def test_a_draft_may_be_unfinished_where_it_is_not_published(tiny: TinySite) -> None:
    tiny.write({"posts/a/index.md": draft(POST) + "\n[x](later.md)\n", "pages/b.md": PAGE})
    assert len(tiny.problems()) == 1
    assert tiny.problems(settings=PRODUCTION) == []


def test_a_draft_edition_is_named_nowhere(tiny: TinySite) -> None:
    edition = draft(PAGE).replace("Summary", "Edition: SECRET\nSummary")
    tiny.write({"pages/a.md": PAGE, "pages/a/2020.md": edition})
    tiny.build(settings=PRODUCTION)
    assert "SECRET" not in tiny.page("a/index.html")
    tiny.write({"pages/a.md": draft(PAGE), "pages/a/2020.md": edition.replace("draft", "hidden")})
    tiny.build(settings=PRODUCTION)
    assert 'href="../"' not in tiny.page("a/2020/index.html").split("<main")[1]


def test_a_tag_of_hidden_posts_alone_is_no_link(tiny: TinySite) -> None:
    tiny.write({"posts/a/index.md": POST.replace("Tags", "Status: hidden\nTags")})
    tiny.build(settings=PRODUCTION)
    assert "tags/robotics" not in tiny.page("posts/a/index.html")


def test_a_post_whose_date_has_not_come_is_a_draft(tiny: TinySite) -> None:
    later = date.today().replace(day=1, year=date.today().year + 1).isoformat()
    tiny.write({"posts/a/index.md": POST.replace("2024-05-06", later)})
    tiny.build()
    assert "A draft" in tiny.page("posts/a/index.html")
    tiny.build(settings=PRODUCTION)
    assert not (tiny.output / "posts/a").exists()


def test_hidden_is_reachable_and_listed_nowhere(tiny: TinySite) -> None:
    hidden = POST.replace("Summary", "Status: hidden\nSummary")
    tiny.write({"posts/a/index.md": hidden, "pages/b.md": PAGE})
    tiny.build(settings=PRODUCTION)
    assert "noindex" in tiny.page("posts/a/index.html")
    assert "posts/a" not in tiny.page("index.html") + tiny.page("feeds/all.atom.xml")


def posts(count: int) -> dict[str, str]:
    return {
        f"posts/p{n:04}/index.md": POST.replace("2024-05-06", f"{2000 + n // 50}-05-06").replace(
            "A post", f"Post number {n}"
        )
        for n in range(count)
    }


def listed(page: str) -> list[str]:
    return re.findall(r"<h2><a [^>]*>Post number (\d+)</a></h2>", page)


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (10, 1), (11, 2)])
def test_pagination(tiny: TinySite, count: int, pages: int) -> None:
    tiny.write({**posts(count), "pages/b.md": PAGE})
    tiny.build()
    assert len(listed(tiny.page("index.html"))) == min(count, 10)
    assert (tiny.output / "page/2/index.html").exists() == (pages > 1)
    assert not (tiny.output / f"page/{pages + 1}").exists()
    assert ("Older posts" in tiny.page("index.html")) == (pages > 1)


def test_many_posts(tiny: TinySite) -> None:
    """Every one is on one page of the list, of the tag and in the archive; ties go by slug."""
    tiny.write(posts(220))
    tiny.build()
    found = listed(tiny.page("index.html"))
    for number in range(2, 23):
        found += listed(tiny.page(f"page/{number}/index.html"))
    assert len(found) == len(set(found)) == 220
    assert found[:3] == ["200", "201", "202"]
    assert 'href="../../"' in tiny.page("page/2/index.html")
    assert (tiny.output / "tags/robotics/page/22/index.html").exists()
    assert tiny.page("posts/index.html").count("Post number") == 220
    assert tiny.page("feeds/all.atom.xml").count("<entry>") == 30


def test_tags_that_begin_alike_do_not_get_in_each_others_way(tiny: TinySite) -> None:
    """`python` and `python3` with pagination end stock Pelican with an error."""
    tiny.write({"tags.toml": 'python = "A"\npython3 = "B"\n'})
    tiny.write({name: p.replace("robotics", "python, python3") for name, p in posts(25).items()})
    tiny.build()
    assert (tiny.output / "tags/python/page/3/index.html").exists()
    assert (tiny.output / "tags/python3/page/3/index.html").exists()


def test_editors_leftovers_are_not_published(tiny: TinySite) -> None:
    names = ("posts/.swap.md", "posts/a/.index.md.swp", "posts/#a.md#", "extra/.DS_Store", "b.md~")
    tiny.write({"pages/b.md": PAGE, **dict.fromkeys(names, POST)})
    left = ("index.md.bak", "index.md.orig", "index.md.tmp", ".notes", ".web")
    tiny.write({"posts/c/index.md": POST.replace("2024:a", "2024:c")})
    tiny.write({f"posts/c/{name}": "What I wrote first" for name in left})
    tiny.build()
    tiny.write({"extra/.well-known/security.txt": "Contact: …", "extra/.nojekyll": ""})
    tiny.build()
    assert not any("swap" in name or "DS_Store" in name for name in contents(tiny.output))
    assert not {Path(name).name for name in contents(tiny.output)} & {*left}
    assert (tiny.output / ".well-known/security.txt").exists()
    assert (tiny.output / ".nojekyll").exists()


def test_a_title_with_markup_is_right_everywhere(tiny: TinySite) -> None:
    tiny.write({"posts/a/index.md": POST.replace("A post", 'A < B & "C" isn\'t <b>')})
    tiny.build()
    page = tiny.page("posts/a/index.html")
    assert ">A &lt; B &amp; “C” isn’t &lt;b&gt;</h1>" in page
    assert "<title>A &lt; B &amp; “C” isn’t &lt;b&gt; · Ben’s Blog</title>" in page
    assert "<title>A &lt; B &amp; “C” isn’t &lt;b&gt;</title>" in tiny.page("feeds/all.atom.xml")


def test_a_post_in_another_language(tiny: TinySite) -> None:
    tiny.write({"posts/a/index.md": POST.replace("Summary", "Lang: fr\nSummary")})
    tiny.build()
    assert '<html lang="fr">' in tiny.page("posts/a/index.html")


def test_every_address_setting_is_set_on_purpose() -> None:
    """What Pelican would write on its own is either wanted or turned off in the settings."""
    from pelican.settings import DEFAULT_CONFIG

    import pelicanconf

    ours = vars(pelicanconf)
    forgotten = [
        name
        for name in DEFAULT_CONFIG
        if re.search("_SAVE_AS$|_FEED_|^FEED_(ALL_)?(ATOM|RSS)$", name) and name not in ours
    ]
    assert forgotten == []
