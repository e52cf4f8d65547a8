"""Whole builds: what is written, what stops a build, and that nothing else decides the bytes."""

import gzip
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import brotli
import pytest
from blinker import ANY, Signal
from pelican import get_instance, parse_arguments
from pelican.plugins import signals

from pipeline import plugin
from pipeline.build import Built, build, load_settings
from pipeline.check.runner import run_checks
from pipeline.content.reader import read_document
from tests.conftest import ROOT as PROJECT
from tests.conftest import SITE, TinySite, contents, png

POST = "Title: A post\nDate: 2024-05-06\nId: tag:blog.example,2024:{name}\nSummary: What it says.\n"
POST += "Tags: robots\n{head}\n{text}\n"
PAGE = "Title: A page\nSummary: What it says.\n{head}\n{text}\n"
DRAFT = "Status: draft\n"


def post(text: str = "The text.", head: str = "", name: str = "a") -> str:
    return POST.format(text=text, head=head, name=name)


def make_site(
    folder: Path, production: bool = True, lines: str = "", **settings: object
) -> TinySite:
    """Return a site of one post; `lines` are more lines of its settings."""
    folder.mkdir(exist_ok=True)
    site = TinySite(folder)
    site.configure(production, **settings)
    site.settings.write_text(site.settings.read_text("utf-8") + lines, "utf-8")
    site.write({"posts/a/index.md": post()})
    return site


def last_line(site: TinySite) -> int:
    return site.settings.read_text("utf-8").count("\n")


@pytest.fixture
def small(tmp_path: Path) -> TinySite:
    return make_site(tmp_path)


def test_build_precompressed_files_are_beside_their_files(small: TinySite) -> None:
    small.configure(True, PRECOMPRESS=True)
    for text in ("One.", "Two."):
        small.write({"posts/a/index.md": post(text)})
        small.build()
        page = (small.output / "posts/a/index.html").read_bytes()
        assert gzip.decompress((small.output / "posts/a/index.html.gz").read_bytes()) == page
        assert brotli.decompress((small.output / "posts/a/index.html.br").read_bytes()) == page
    assert not list(small.output.rglob("*.png.*"))


def test_build_post_has_its_source_and_a_book(small: TinySite) -> None:
    small.configure(True, POST_SOURCE="index.md", EPUB="book.epub")
    small.build()
    source = (small.content / "posts/a/index.md").read_text("utf-8")
    assert small.page("posts/a/index.md") == source
    assert '<a href="../../posts/a/book.epub">EPUB</a>' in small.page("posts/a/index.html")
    assert (small.output / "posts/a/book.epub").is_file() and (small.output / "book.epub").is_file()


def test_build_quote_has_a_page_of_its_own(small: TinySite) -> None:
    text = "## One\n\n> A b.\n>\n> — Who; not sure\n> {: confidence=disputed #q }\n\n## Two"
    small.write({"pages/quotes.md": PAGE.format(head="Date: 2024-05-06\n", text=text)})
    small.configure(True, QUOTE_PAGES=True)
    small.build()
    listed, own = small.page("quotes/index.html"), small.page("quotes/q/index.html")
    assert 'class="permalink" href="q/"' in listed and '<a href="#one">One</a> 1\n</nav>' in listed
    assert '<a href="../../quotes/#q">A page</a>' in own and 'data-confidence="disputed"' in own
    assert '<link rel="canonical" href="https://blog.example/quotes/">' in own
    assert (small.output / "quotes/q/social-card.png").is_file()
    assert "/q/" not in small.page("sitemap.xml")


def pelican(settings: Path, output: Path, *arguments: str, **environment: str) -> str:
    command = [sys.executable, "-m", "pelican", "-s", str(settings), "-o", str(output), *arguments]
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT), **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0 or "[" in done.stderr, done.stderr
    return done.stdout + done.stderr


# --- What is written


@pytest.mark.slow
def test_build_with_the_pelican_command_writes_the_same_bytes(small: TinySite) -> None:
    small.build()
    pelican(small.settings, small.output.with_name("other"))
    assert contents(small.output.with_name("other")) == contents(small.output)


@pytest.mark.slow
def test_build_on_github_pages_takes_the_url_from_outside(small: TinySite) -> None:
    url = '"https://x.github.io/blog"'
    given = ["-e", f"SITEURL={url}", f"FEED_DOMAIN={url}"]
    pelican(small.settings, small.output.with_name("other"), *given)
    feed = (small.output.with_name("other") / "feeds/all.atom.xml").read_text("utf-8")
    assert 'href="https://x.github.io/blog/feeds/all.atom.xml"' in feed
    assert "blog.example/" not in feed
    assert "<id>tag:blog.example,2024:a</id>" in feed


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The test site, as it is published. Its memo is kept between runs."""
    folder = tmp_path_factory.mktemp("site")
    return build(str(SITE / "publishconf.py"), ["--output", str(folder / "output")])


@pytest.mark.slow
def test_build_is_the_same_on_other_machines_and_with_any_memo(
    tmp_path: Path, built: Built
) -> None:
    other = Path(shutil.copytree(SITE, tmp_path / "a clóne/tests/site"))
    for name in ("theme", "pipeline"):
        shutil.copytree(PROJECT / name, tmp_path / "a clóne" / name)
    shutil.rmtree(other / ".cache", ignore_errors=True)
    expected = contents(built.folder)
    assert len(expected) > 100
    # The first time the memo is cold, then warm.
    for zone, seed in (("Pacific/Kiritimati", "1"), ("America/Adak", "2")):
        output = tmp_path / zone[:3]
        pelican(other / "publishconf.py", output, TZ=zone, PYTHONHASHSEED=seed, LC_ALL="C")
        assert contents(output) == expected


def test_build_of_two_sites_in_one_process_keeps_their_settings_apart() -> None:
    first, second = SITE / "publishconf.py", PROJECT / "publishconf.py"
    contents = [Path(load_settings(str(file)).path) for file in (first, second)]
    assert contents == [SITE / "content", PROJECT / "content"]


def test_build_in_production_writes_nothing_of_drafts_and_scheduled_posts(small: TinySite) -> None:
    image = "\n![A square]({static}secret.png)\n"
    small.write(
        {
            "posts/secret/index.md": post(image, DRAFT, "secret"),
            "posts/secret/secret.png": png(),
            "posts/later/index.md": post(name="later").replace("2024-05-06", "2199-05-06"),
            "pages/hidden.md": PAGE.format(head=DRAFT, text="Secret."),
        }
    )
    paths = small.build().artifacts
    assert not [path for path in paths if "secret" in path or "later" in path or "hidden" in path]
    assert b"secret" not in b"".join(contents(small.output).values())


def test_build_of_the_preview_shows_drafts(tmp_path: Path) -> None:
    small = make_site(tmp_path, production=False)
    small.write({"posts/secret/index.md": post("Secret.", DRAFT, "secret")})
    home = small.build().artifacts["index.html"].html
    assert home and "posts/secret/" in home()
    assert "posts/secret/index.html" in contents(small.output)


def test_build_strips_all_marks_of_source_lines(small: TinySite) -> None:
    built = small.build()
    page = built.artifacts["posts/a/index.html"].html
    assert page and 'data-src-line="7"' in page()
    assert b"data-src-line" not in b"".join(contents(small.output).values())


@pytest.mark.slow
def test_build_keeps_files_of_other_plugins_and_of_the_output(tmp_path: Path) -> None:
    lines = "PLUGINS = [*PLUGINS, 'late']\nPLUGIN_PATHS = [*PLUGIN_PATHS, PATH + '/..']\n"
    small = make_site(tmp_path, lines=lines, OUTPUT_RETENTION=["CNAME"])
    (tmp_path / "late.py").write_text(
        "from pathlib import Path\nfrom pelican import signals\n\n"
        "def write(pelican):\n    Path(pelican.output_path, 'late.txt').write_text('late')\n\n"
        "def register():\n    signals.finalized.connect(write)\n"
    )
    # In processes of their own: a plugin stays connected.
    pelican(small.settings, small.output)
    (small.output / "CNAME").write_text("blog.example\n")
    small.write({"posts/a/index.md": post("Another text.")})
    pelican(small.settings, small.output)
    assert {"late.txt", "CNAME"} <= set(contents(small.output))
    assert b"Another text." in contents(small.output)["posts/a/index.html"]


def test_build_copies_the_target_of_a_redirect_from_a_file(small: TinySite) -> None:
    small.write(
        {
            "posts/a/index.md": post("[data](data.csv)"),
            "posts/a/data.csv": "a,b\n1,2\n",
            "redirects.toml": '"/old/data.csv" = "/posts/a/data.csv"\n',
        }
    )
    assert small.build().artifacts["old/data.csv"].size == 8


# --- What stops a build


def test_build_that_fails_leaves_the_output_as_it_was(small: TinySite) -> None:
    small.build()
    before = contents(small.output)
    small.write({"posts/a/index.md": post("[x](nowhere.md)", "Tgas: robots\n")})
    assert [code for code, _, _ in small.problems()] == ["unknown-metadata"]
    assert contents(small.output) == before
    assert not list(small.output.parent.glob(".output*"))


def test_build_that_fails_keeps_what_it_computed(
    small: TinySite, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.write({"posts/b/index.md": post("[x](nowhere.md)", name="b")})
    assert [code for code, _, _ in small.problems()] == ["broken-link"]

    def read_again(*_: object) -> None:
        raise AssertionError("read a second time")

    read_again.__module__, read_again.__qualname__ = read_document.__module__, "read_document"
    monkeypatch.setattr(plugin, "read_document", read_again)
    assert [code for code, _, _ in small.problems()] == ["broken-link"]


def test_pelican_object_that_runs_again_keeps_the_memo(
    small: TinySite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin, "settings_path", str(small.settings))
    site, _ = get_instance(parse_arguments(["--settings", str(small.settings)]))
    site.run()
    memo = Path(small.cache, "memo.db").stat().st_ino
    site.run()
    assert Path(small.cache, "memo.db").stat().st_ino == memo


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"posts/a/index.md": post("[x](nowhere.md)")}, [("broken-link", "posts/a/index.md", 7)]),
        ({"posts/a/index.md": post("Text.\n\n![](x.png)")}, [("image-alt", "posts/a/index.md", 9)]),
        ({"posts/b/index.md": post(name="a")}, [("duplicate-id", "posts/b/index.md", 3)]),
        ({"notes.txt": "x"}, [("source-file", "notes.txt", 0)]),
        ({"posts/b/data.csv": "1"}, [("source-file", "posts/b", 0)]),
        ({"posts/a/old.rst": "x"}, [("source-file", "posts/a/old.rst", 0)]),
        ({"tags.toml": "robots = 1\n"}, [("tags", "tags.toml", 1)]),
        ({"tags.toml": "robots\n"}, [("toml", "tags.toml", 1)]),
        (
            {"redirects.toml": '"/old/" = "/nowhere/"\n'},
            [("redirects", "redirects.toml", 1)],
        ),
        (
            {"posts/a/index.md": post("![A chart](a.csv)"), "posts/a/a.csv": "x\n1\n"},
            [("chart-options", "posts/a/index.md", 7)] * 4,
        ),
    ],
)
def test_build_with_a_mistake_names_its_line(
    small: TinySite, files: dict[str, str], expected: list[tuple[str, str, int]]
) -> None:
    small.write(files)
    assert small.problems() == expected
    assert not small.output.exists()


@pytest.mark.parametrize("text", ['"30"', "[30]", "-1.5"])
def test_settings_of_a_wrong_type_are_a_problem_at_their_line(tmp_path: Path, text: str) -> None:
    small = make_site(tmp_path, lines=f"FEED_MAX_ITEMS = {text}\n")
    assert small.problems() == [("settings", "../pelicanconf.py", last_line(small))]


@pytest.mark.parametrize(
    "line",
    [
        "SITEURL = (",
        "SITEURL = nope",
        "import nowhere",
        "TIMEZONE = 'Mars/Base'",
        "THEME = 'nowhere'",
        "PATH = 'nowhere'",
        "SITENAME = ''",
        "MARKDOWN = {'extensions': ['nowhere']}",
        "PLUGINS = ['pipeline', 'nowhere']",
        "PLUGINS = ['nowhere']",
    ],
)
def test_settings_that_do_not_load_are_a_problem_at_their_line(tmp_path: Path, line: str) -> None:
    small = make_site(tmp_path, lines=f"{line}\n")
    assert small.problems() == [("settings", "../pelicanconf.py", last_line(small))]


def test_settings_of_pelican_that_switch_feeds_off_are_accepted(tmp_path: Path) -> None:
    small = make_site(
        tmp_path, FEED_ALL_RSS=None, FEED_ATOM="feeds/atom.xml", QUOTES_JSON="", SITEMAP_SAVE_AS=""
    )
    paths = small.build().artifacts
    assert "feeds/all.atom.xml" in paths
    assert "feeds/all.rss.xml" not in paths
    assert "sitemap.xml" not in paths


def test_template_with_an_error_is_a_problem_at_its_line(tmp_path: Path) -> None:
    theme = Path(shutil.copytree(PROJECT / "theme", tmp_path / "theme"))
    small = make_site(tmp_path / "site", THEME=str(theme))
    path = theme / "templates/article.html"
    text = path.read_text("utf-8")
    path.write_text(text.replace("{{ content.minutes }}", "{{ content.nope.nope }}"), "utf-8")
    line = text[: text.index("{{ content.minutes }}")].count("\n") + 1
    assert small.problems() == [("template", "../../theme/templates/article.html", line)]
    path.write_text(text.replace("{% endblock %}", "{% endblok %}"), "utf-8")
    assert [code for code, _, _ in small.problems()] == ["template"]


def test_draft_with_mistakes_stops_the_preview_alone(tmp_path: Path) -> None:
    faulty = {"posts/b/index.md": post("[x](nowhere.md)", f"{DRAFT}Tgas: x\n", "b")}
    production = make_site(tmp_path / "production")
    production.write(faulty)
    assert "posts/a/index.html" in production.build().artifacts
    preview = make_site(tmp_path / "preview", production=False)
    preview.write(faulty)
    assert [code for code, _, _ in preview.problems()] == ["unknown-metadata"]


@pytest.mark.parametrize("title", ["Robots 🤖 at night", "机器人的未来", "🤖", "x" * 400])
def test_title_that_a_card_cannot_show_stops_nothing(small: TinySite, title: str) -> None:
    small.write({"posts/a/index.md": post().replace("A post", title)})
    assert "posts/a/social-card.png" in small.build().artifacts


def test_output_folder_of_somebody_else_is_refused(small: TinySite) -> None:
    small.output.mkdir()
    (small.output / "thesis.doc").write_text("x")
    assert small.problems() == [("output-folder", "../output", 0)]
    assert (small.output / "thesis.doc").exists()


# --- The test site, and a default Pelican site


@pytest.mark.slow
def test_test_site_passes_all_checks_but_for_tags_in_plain_text(built: Built) -> None:
    found = [(p.code, Path(p.path).parent.name, p.line) for p in run_checks(built)]
    assert found == [
        ("stray-markdown", "2022-06-01-pictures-of-every-kind", 13),
        ("stray-markdown", "posts", 5),
    ]
    assert len(built.artifacts) > 200
    assert len(built.site.redirects) > 5


QUICKSTART = """\
AUTHOR = "Someone"
SITENAME = "A Site"
SITEURL = "https://site.example"
PATH = "content"
TIMEZONE = "Europe/Rome"
DEFAULT_LANG = "en"
FEED_ALL_ATOM = "feeds/all.atom.xml"
CATEGORY_FEED_ATOM = "feeds/{slug}.atom.xml"
TRANSLATION_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
LINKS = (("Pelican", "https://getpelican.com/"),)
SOCIAL = (("You can add links in your config file", "#"),)
DEFAULT_PAGINATION = 10
SITEMAP = {"format": "xml"}
ARTICLE_EXCLUDES = ["images"]
PLUGINS = ["pipeline", "pelican.plugins.neighbors", "pelican.plugins.series"]
PLUGINS += ["pelican.plugins.sitemap"]
"""
QUICKSTART_FILES = {
    "content/first.md": "Title: First\nDate: 2024-03-01 10:20\nCategory: Python\nTags: a, b\n"
    "Slug: my-post\nAuthors: Alexis, Conan\nSummary: Short version\nSeries: Start\n\n"
    "A [link]({filename}second.md), ![an image]({static}images/a.png), a note[^1].\n\n[^1]: It.\n",
    "content/second.md": "Title: Second\nDate: 2024-04-01\nSeries: Start\n\n"
    "Another text.\n\n## A heading\n\n    :::python\n    print(1)\n",
    "content/third.rst": "Third\n#####\n\n:date: 2010-10-03 10:20\n\nThis is reStructuredText.\n",
    "content/pages/about.md": "Title: About\n\nAbout me.\n",
}


def test_build_of_page_views_with_another_theme_is_refused_in_a_line(tiny: TinySite) -> None:
    tiny.write({"pages/a.md": "Title: A\nSummary: B.\n\nC.\n"})
    assert [code for code, *_ in tiny.problems("--theme-path", "simple")] == ["theme"]


@pytest.fixture
def other_plugins() -> Iterator[None]:
    """Disconnect the plugins that a test has loaded: they would take part in all later builds."""
    yield
    for signal in vars(signals).values():
        for receiver in [*signal.receivers_for(ANY)] if isinstance(signal, Signal) else ():
            if receiver.__module__.startswith("pelican.plugins."):
                signal.disconnect(receiver)


@pytest.mark.usefixtures("other_plugins")
@pytest.mark.parametrize("theme", ["notmyidea", "simple", "reflex"])
def test_default_pelican_site_builds_with_other_themes_and_plugins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, theme: str
) -> None:
    for name, text in QUICKSTART_FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (tmp_path / "content/images").mkdir()
    (tmp_path / "content/images/a.png").write_bytes(png())
    (tmp_path / "content/images/old.html").write_bytes("<title>Café</title>".encode("latin-1"))
    settings = tmp_path / "pelicanconf.py"
    if theme == "reflex":  # from PyPI
        theme = str(resources.files("pelican.themes.reflex"))
    more = f"THEME = {theme!r}\nPLUGIN_PATHS = [{str(PROJECT)!r}]\nCC_LICENSE = {{}}\n"
    settings.write_text(QUICKSTART + more)
    monkeypatch.chdir(tmp_path)
    built = build("pelicanconf.py")
    page = (built.folder / "my-post.html").read_text("utf-8")
    assert 'href="https://site.example/second.html"' in page
    assert 'role="doc-noteref"' in page
    assert "data-src-line" not in page and " popover=" not in page
    written = {"third.html", "images/old.html", "sitemap.xml", "feeds/python.atom.xml"}
    assert written <= set(built.artifacts)
    feed = (built.folder / "feeds/all.atom.xml").read_text("utf-8")
    assert "https://site.example/images/a.png" in feed


@pytest.mark.slow
def test_exception_of_a_plugin_names_it_and_its_line(tmp_path: Path) -> None:
    lines = "PLUGINS = [*PLUGINS, 'broken']\nPLUGIN_PATHS = [*PLUGIN_PATHS, PATH + '/..']\n"
    small = make_site(tmp_path, lines=lines)
    (tmp_path / "broken.py").write_text(
        "from pelican import signals\n\ndef fail(generators):\n    raise RuntimeError('mine')\n\n"
        "def register():\n    signals.all_generators_finalized.connect(fail)\n"
    )
    for more, shown in (
        ((), "broken.py:4: plugin broken: RuntimeError: mine"),
        (("-v",), "Traceback"),
    ):
        code = f"from pipeline.build import build; build({str(small.settings)!r}, {more})"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False
        )
        assert shown in done.stderr
    assert not list(tmp_path.glob(".output*"))
