from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.model import (
    Chart,
    Chrome,
    Content,
    Entry,
    Feed,
    Heading,
    Listing,
    PageView,
    Redirect,
    ShownQuote,
    Site,
    Tag,
)
from pipeline.pages import make_chrome, make_views, opening, page_editions, root_of, styles_of
from pipeline.settings import Settings
from pipeline.theme import Theme, load_theme
from tests.check.site import content_of, document_of
from tests.reading import read

SETTINGS = Settings(
    "conf.py",
    siteurl="https://own.example",
    sitename="Site",
    author="Ada",
    relative_urls=True,
    archives_url="posts/",
    archives_save_as="posts/index.html",
    listing_pages={
        "index": ("Posts", "All."),
        "archives": ("Archive", "By year."),
        "tag": ("On {tag}", "{description}"),
    },
    social=(("X", "https://x.example/"),),
)
AI = Tag("AI", "ai", "tags/ai/", "tags/ai/index.html", "Models.")
HEADINGS = tuple(Heading(f"h{n}", f"H {n}", n) for n in range(3))


@pytest.fixture(scope="module")
def theme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theme]:
    folder = tmp_path_factory.mktemp("theme")
    for name, text in {
        "static/css/tokens.css": "--surface: light-dark(#fff, #000);",
        "templates/partials/note_rules.css": "{{ numbers|list }}",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    yield load_theme(Path(folder), {})


def post(name: str, year: int = 2024, **changes: Any) -> Content:
    document = document_of(f"content/posts/{name}/index.md", headings=HEADINGS)
    values = {"date": datetime(year, 5, 6, tzinfo=UTC), "slug": name, **changes}
    return content_of(document, f"posts/{name}/index.html", **values)


def page(slug: str, edition: str | None = None, **changes: Any) -> Content:
    document = document_of(f"content/pages/{slug}.md", edition=edition)
    return content_of(document, f"{slug}/index.html", **{"slug": slug, **changes})


def site_of(*contents: Content, **more: Any) -> Site:
    posts = tuple(c for c in contents if c.is_post and c.status == "published")
    pages = tuple(c for c in contents if not c.is_post and c.status == "published")
    drafts = tuple(c for c in contents if c.is_post and c.status == "draft")
    return Site(contents, posts, pages, drafts, (), **{"tags": (), **more})


def views_of(theme: Theme, site: Site, *listings: Listing, **settings: Any) -> dict[str, PageView]:
    return make_views(site, listings, replace(SETTINGS, **settings), theme)


def test_views_of_posts_have_neighbors_and_backlinks(theme: Theme) -> None:
    a, b, c = post("a"), post("b"), post("c", links=frozenset({"posts/a/index.md"}))
    hidden = post("d", status="hidden")
    views = views_of(theme, site_of(c, b, a, hidden))
    found = [(view.newer, view.older) for view in views.values()]
    assert found == [(None, b), (c, a), (b, None), (None, None)]
    assert [view.backlinks for view in views.values()] == [(), (), (c,), ()]
    assert views["posts/a/index.html"].root == "../.."
    assert {view.template for view in views.values()} == {"article.html"}


def test_view_of_a_content_that_is_not_published_is_not_there(theme: Theme) -> None:
    assert views_of(theme, site_of(replace(post("a"), output=""))) == {}


@pytest.mark.parametrize(("minutes", "headings", "shown"), [(5, 3, 3), (4, 3, 0), (5, 2, 0)])
def test_view_of_a_long_text_has_its_headings(
    theme: Theme, minutes: int, headings: int, shown: int
) -> None:
    one = post("a", minutes=minutes)
    one = replace(one, document=replace(one.document, headings=HEADINGS[:headings]))
    [view] = views_of(theme, site_of(one)).values()
    assert len(view.headings) == shown


@pytest.mark.parametrize(("notes", "styles"), [(0, 0), (1, 1), (8, 1), (9, 2)])
def test_view_has_the_styles_of_its_footnotes(theme: Theme, notes: int, styles: int) -> None:
    one = post("a")
    one = replace(one, document=replace(one.document, notes=notes, styles=("own",)))
    site = site_of(one)
    views = views_of(theme, site)
    found = views[one.output].note_styles
    assert len(found) == styles
    assert found[-1:] == (f"{list(range(1, 9))[:notes] if notes < 9 else [9]}",)[:styles]
    chrome = make_chrome(site, SETTINGS, theme)
    assert styles_of(views, chrome) == {*chrome.styles.values(), "own", *found}


def test_view_has_the_stylesheets_of_what_is_in_it(theme: Theme) -> None:
    styles = dict.fromkeys(("tokens", "base", "prose", "article", "table", "card", "chart"), "")
    vars(theme)["styles"] = styles
    one, chart = post("a"), Chart("a.csv", "", (), "a", 1)
    kinds = frozenset({"p", "table"})
    one = replace(one, document=replace(one.document, kinds=kinds, body=(chart,)))
    sheets = views_of(theme, site_of(one))[one.output].sheets
    del vars(theme)["styles"]
    assert sheets == ("tokens", "article", "base", "chart", "prose", "table")


def test_opening_is_the_first_paragraphs_and_the_first_chart() -> None:
    long = f"<p>{'word ' * 200}</p>"
    mark = '<sup id="fnref:1"><a class="footnote-ref" href="#fn:1">1</a></sup>'
    figures = '<figure class="chart" id="a"><a href="a.csv">b</a></figure><figure>c</figure>'
    html = f'<p>One{mark} <a href="../b/">b</a>.</p>{long}<p>Not this.</p><h2>d</h2>{figures}'
    text, chart = opening(replace(post("a"), html=html, url="posts/a/"))
    assert text == f'<p>One <a href="posts/b/">b</a>.</p>\n{long}'
    assert chart == '<figure class="chart" id="a"><a href="posts/a/a.csv">b</a></figure>'


def test_view_takes_the_template_that_the_front_matter_names(theme: Theme) -> None:
    one = post("a")
    matter = replace(one.document.front_matter, template="other")
    one = replace(one, document=replace(one.document, front_matter=matter))
    assert views_of(theme, site_of(one))[one.output].template == "other.html"


def test_page_editions_are_below_their_page_latest_first(theme: Theme) -> None:
    now, old, older = page("a"), page("a/2020", "2020", status="hidden"), page("a/2010", "2010")
    stray, plain = page("b/2020", "2020"), page("a/c")
    contents = (older, now, old, stray, plain)
    assert list(page_editions(contents)) == [(now, [old, older])]
    views = views_of(theme, site_of(*contents))
    assert views[now.output].editions == (old, older)
    assert [views[c.output].current for c in contents] == [now, None, now, None, None]


def test_listing_views_have_posts_years_tags_and_drafts(theme: Theme) -> None:
    a, b, c = post("a", 2025), post("b", 2023), post("c", 2023)
    draft = post("d", status="draft")
    site = site_of(a, b, c, draft, replace(draft, output=""), tags=((AI, (a, b)),))
    index = Listing("index", "", "index.html", (a, b), 1, 2, None, "page/2/")
    second = Listing("index", "page/2/", "page/2/index.html", (c,), 2, 2, "", None)
    archives = Listing("archives", "posts/", "posts/index.html")
    of_tag = Listing("tag", AI.url, AI.output, (a, b), tag=AI)
    every = Listing("tags", "tags/", "tags/index.html")
    views = views_of(theme, site, index, second, archives, of_tag, every)
    home, more, years, tag = (views[each.output] for each in (index, second, archives, of_tag))
    assert (home.posts, home.drafts, home.older_url, home.root) == (
        (a, b),
        (draft,),
        "page/2/",
        ".",
    )
    assert (more.posts, more.drafts, more.newer_url, more.root) == ((c,), (), "", "../..")
    assert years.years == ((2025, (a,)), (2023, (b, c)))
    assert (tag.tag, tag.metadata.description) == (AI, "Models.")
    assert (views[every.output].tags, tag.tags) == (((AI, 2),), ())
    assert home.years == ()


def test_listing_views_have_feeds_without_their_entries(theme: Theme) -> None:
    entry = Entry("i", "u", "t", "s", str, "a", datetime(2024, 1, 1, tzinfo=UTC))
    everything = Feed("x", "All", "", "", (("atom", "a.xml"),), (entry,))
    of_tag = replace(everything, id="y", home=AI.url)
    site = site_of(post("a"), feeds=(everything, of_tag), tags=((AI, ()),))
    every = Listing("feeds", "feeds/", "feeds/index.html")
    tag = Listing("tag", AI.url, AI.output, tag=AI)
    views = views_of(theme, site, every, tag)
    assert views[tag.output].feed == replace(of_tag, entries=())
    assert [feed.entries for feed in views[every.output].feeds] == [(), ()]
    assert make_chrome(site, SETTINGS, theme).feed == replace(everything, entries=())


def test_home_alone_has_a_quote(theme: Theme) -> None:
    [quote] = read("> A b.\n>\n> — Who").quotes
    site = site_of(post("a"), quotes=(ShownQuote(quote, "q/#a", "<p>A b.</p>"),))
    index, archives = Listing("index", "", "index.html"), Listing("archives", "posts/", "p.html")
    views = views_of(theme, site, index, archives)
    assert [view.quote is not None for view in views.values()] == [False, True, False]


def test_redirect_views_lead_on(theme: Theme) -> None:
    inside = Redirect("/old/", "/posts/a/", "a.md", 3)
    outside = replace(inside, source="/away/", to="https://x.example/")
    copied = replace(inside, source="/a.png", copied=True)
    views = views_of(theme, site_of(redirects=(inside, outside, copied)))
    assert {path: (view.to, view.canonical, view.template) for path, view in views.items()} == {
        "old/index.html": ("../posts/a/", "https://own.example/posts/a/", "redirect.html"),
        "away/index.html": ("https://x.example/", "https://x.example/", "redirect.html"),
    }


def test_chrome_menu_is_posts_and_pages_without_editions(theme: Theme) -> None:
    about, old = page("about"), page("about/2020", "2020")
    named = page("b")
    named = replace(named, document=replace(named.document, menu="Short"))
    chrome = make_chrome(site_of(about, old, named), SETTINGS, theme)
    assert isinstance(chrome, Chrome)
    assert [(item.label, item.url) for item in chrome.menu] == [
        ("Archive", "posts/"),
        ("Title", "about/"),
        ("Short", "b/"),
    ]
    assert chrome.author_addresses[0] == "https://own.example/"
    assert chrome.author_addresses[-1] == "https://x.example/"


@pytest.mark.parametrize(
    ("output", "relative", "absolute"),
    [
        ("index.html", ".", "https://own.example"),
        ("a/index.html", "..", "https://own.example"),
        ("a/b/index.html", "../..", "https://own.example"),
        ("404.html", ".", "https://own.example"),
    ],
)
def test_root_of_a_page(output: str, relative: str, absolute: str) -> None:
    assert root_of(output, SETTINGS) == relative
    assert root_of(output, replace(SETTINGS, relative_urls=False)) == absolute
