from pathlib import Path
from typing import Any

import pytest
from pelican.settings import DEFAULT_CONFIG

from pipeline.problems import ProblemsFound
from pipeline.settings import Settings, assignments, read_settings


def problems(**values: Any) -> list[tuple[str, str]]:
    """Return the code of each problem and the setting that it names."""
    try:
        read_settings(values, "conf.py")
    except ProblemsFound as error:
        return [(problem.code, problem.message.partition(":")[0]) for problem in error.problems]
    return []


def test_read_settings_of_nothing_are_the_defaults() -> None:
    assert read_settings({}, "conf.py") == Settings("conf.py")


def test_read_settings_takes_lists_paths_and_numbers_as_pelican_has_them() -> None:
    settings = read_settings(
        {
            "ARTICLE_PATHS": ["posts"],
            "SOCIAL": [["X", "https://x.example/"]],
            "PATH": Path("content"),
            "LISTING_PAGES": {"index": ["Posts", "All"]},
            "FEED_MAX_ITEMS": 20,
            "DEFAULT_PAGINATION": 10,
            "FEED_ALL_JSON": "feed.json",
            "PUBLISH_TARGETS": {"a": {"kind": "directory", "keep": 3}},
            "UNKNOWN": object(),
        },
        "conf.py",
    )
    assert settings.article_paths == ("posts",)
    assert settings.social == (("X", "https://x.example/"),)
    assert settings.path == "content"
    assert settings.listing_pages == {"index": ("Posts", "All")}
    assert (settings.feed_max_items, settings.default_pagination) == (20, 10)
    assert settings.feed_all_json == "feed.json"
    assert settings.publish_targets == {"a": {"kind": "directory", "keep": 3}}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FEED_ALL_RSS", None),
        ("FEED_MAX_ITEMS", None),
        ("SITEMAP_SAVE_AS", None),
        ("FEED_OPML", None),
        ("SOCIAL", None),
        ("FEED_ALIASES", None),
        ("PUBLISH_TARGETS", None),
        ("PAGE_VIEWS", None),
        ("DEFAULT_PAGINATION", False),
        ("WEBSUB_HUBS", ()),
    ],
)
def test_read_settings_none_switches_off(name: str, value: object) -> None:
    settings = read_settings({name: value}, "conf.py")
    assert not getattr(settings, name.lower())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FEED_MAX_ITEMS", "30"),
        ("FEED_MAX_ITEMS", True),
        ("FEED_MAX_RESENT", None),
        ("SITENAME", 1),
        ("PATH", None),
        ("SITEMAP_SAVE_AS", ["sitemap.xml"]),
        ("STRICT_CONTENT", "yes"),
        ("SOCIAL", "https://x.example/"),
        ("SOCIAL", [("X",)]),
        ("SOCIAL", [("X", "https://x.example/", "more")]),
        ("ARTICLE_PATHS", "posts"),
        ("ARTICLE_PATHS", [1]),
        ("LISTING_PAGES", {"index": "Posts"}),
        ("FEED_ALIASES", ["a"]),
        ("PUBLISH_TARGETS", {"a": "directory"}),
        ("SITEURL", "blog.example"),
        ("SOCIAL", [("GitHub", "htps://github.com/ada")]),
        ("DEFAULT_LANG", "english"),
        ("AUTHOR_EMAIL", "ada at example.org"),
        ("SOCIAL_CARD", "card.jpg"),
        ("WEBSUB_HUBS", ["hub.example"]),
        ("BUDGETS", {"reqests": 3}),
    ],
)
def test_read_settings_refuses_what_cannot_work(name: str, value: object) -> None:
    assert problems(**{name: value}) == [("settings", name)]


def test_read_settings_reports_all_problems_at_once() -> None:
    assert len(problems(SITENAME=1, AUTHOR=2, SOCIAL="x")) == 3


def test_read_settings_unknown_budget_suggests_one() -> None:
    with pytest.raises(ProblemsFound) as caught:
        read_settings({"BUDGETS": {"reqests": 3}}, "conf.py")
    assert "'requests'" in caught.value.problems[0].hint


def test_problem_is_at_the_assignment_also_in_a_file_that_is_imported(tmp_path: Path) -> None:
    base, production = tmp_path / "base.py", tmp_path / "production.py"
    base.write_text('A = 1\nSITENAME = "x"\n\nB = TIMEZONE = (\n    3\n)\n', "utf-8")
    text = "import os\nfrom base import *\n\nSITENAME = 3\nAUTHOR: int = 4\nX, Y = 1, 2\n"
    production.write_text(text, "utf-8")
    assert assignments(production) == {
        "A": (str(base), 1),
        "B": (str(base), 4),
        "TIMEZONE": (str(base), 4),
        "SITENAME": (str(production), 4),
        "AUTHOR": (str(production), 5),
        "X": (str(production), 6),
        "Y": (str(production), 6),
    }
    with pytest.raises(ProblemsFound) as caught:
        read_settings({"SITENAME": 3, "TIMEZONE": 3, "PATH": 3}, str(production))
    assert [(problem.path, problem.line) for problem in caught.value.problems] == [
        (str(base), 4),
        (str(production), 0),
        (str(production), 4),
    ]


@pytest.mark.parametrize("text", ["A = (", "\0", "\xe9"])
def test_assignments_of_what_is_no_python_are_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "conf.py"
    path.write_bytes(text.encode("latin-1"))
    assert assignments(path) == {}
    assert assignments(tmp_path / "missing.py") == {}


def test_site_ends_with_a_slash() -> None:
    assert Settings("conf.py", siteurl="https://blog.example/a").site == "https://blog.example/a/"


SITE = """
STRICT_CONTENT = True
PATH = "{path}"
TAGS_FILE = "tags.toml"
"""


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("SITEULR = 'https://a.net'", "'SITEURL'"),
        ("DEFAULT_PAGINATON = 5", "'DEFAULT_PAGINATION'"),
        ("ARTCLE_PATHS = ['posts']", "'ARTICLE_PATHS'"),
        ("FEED_ALL_JSN = 'feed.json'", "'FEED_ALL_JSON'"),
        ("WEBSUB_HUB = ()", "'WEBSUB_HUBS'"),
        ("QZXV = 5", "begin its name with _"),
        ("WITH_FUTURE_DATES = 'False'", ""),
        ("MARKDOWN = []", ""),
        ("THEME_STATIC_PATHS = 'static'", ""),
        ("ARTICLE_URL = 5", ""),
        ("TAGS_FILE = 'tag.toml'", "'tags.toml'"),
        ("ARTICLE_PATHS = ['post']", "'posts'"),
        ("EXTRA_PATHS = ['extras']", ""),
        ("ARTICLE_SAVE_AS = DRAFT_SAVE_AS = 'posts/{slgu}/index.html'", "'slug'"),
        ("TAG_URL = 'tags/{slug/'", ""),
        ("PAGE_SAVE_AS = 'page.html'", "{slug}"),
        ("PUBLISH_TARGETS = {'web': {}}; PUBLISH_TARGET = 'wbe'", "'web'"),
    ],
)
def test_read_settings_with_pelicans_defaults_has_the_line_of_a_slip(
    tmp_path: Path, line: str, hint: str
) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "tags.toml").touch()
    file = tmp_path / "conf.py"
    text = SITE.format(path=tmp_path) + f"_OWN = HELPER = 1\nUSED = HELPER\n_X = USED\n{line}\n"
    file.write_text(text, "utf-8")
    values: dict[str, Any] = {**DEFAULT_CONFIG}
    exec(text, values)
    with pytest.raises(ProblemsFound) as caught:
        read_settings(values, str(file), DEFAULT_CONFIG)
    (problem,) = caught.value.problems
    assert (problem.path, problem.line) == (str(file), text.count("\n"))
    assert hint in problem.hint
