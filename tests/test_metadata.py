import json
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from PIL import Image

from pipeline.metadata import (
    author_url,
    card_face,
    card_png,
    card_texts,
    content_metadata,
    listing_metadata,
    listing_problems,
    make_head,
    sitemap,
)
from pipeline.metadata.page_metadata import card_path
from pipeline.metadata.social_card import drawable, fit_title
from pipeline.model import Metadata, Page
from tests.feeds.values import AI, DAY, page, post, settings_of

SITE = "https://example.org/blog/"
SETTINGS = settings_of(
    author_page="about/",
    archives_url="posts/",
    tags_url="tags/",
    social_card="social-card.png",
    social=(("X", "https://x.com/ann"), ("G", "https://g.h/ann")),
    listing_pages={
        "index": ("Posts", "Words."),
        "archives": ("Posts", "All."),
        "tags": ("Tags", "All."),
        "tag": ("Posts on {tag}", "{description}"),
    },
    paginated_templates={"index": None, "tag": None},
)
LATER = datetime(2025, 1, 2, tzinfo=UTC)
ABOUT = page("about", front_matter=Page("A page", as_of=LATER))


def thing(metadata: Metadata) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(make_head(metadata, SETTINGS, f"{SITE}about/").json_ld)
    assert data["@context"] == "https://schema.org"
    return data


def test_head_of_a_post() -> None:
    one = post(title="A &lt; &lt;/script&gt; *D*", modified=LATER, tags=(AI,))
    metadata = content_metadata(one, SETTINGS)
    head = make_head(metadata, SETTINGS, f"{SITE}about/")
    title, url, said = "A < </script> *D*", f"{SITE}posts/a/", dict(head.properties)
    assert (head.title, head.description) == (f"{title} · A Blog", "What it says.")
    assert (head.canonical, head.robots, said["og:url"]) == (url, "", url)
    assert (said["og:title"], said["og:type"]) == (title, "article")
    assert (said["og:image"], said["og:image:width"]) == (f"{url}social-card.png", "1200")
    assert said["article:published_time"] == "2024-05-06T07:08:00+00:00"
    assert dict(head.names) == {"author": "Ann", "twitter:card": "summary_large_image"}
    assert "<" not in head.json_ld
    posting = thing(metadata)
    assert (posting["@type"], posting["headline"], posting["url"]) == ("BlogPosting", title, url)
    assert posting["author"]["url"] == f"{SITE}about/"


@pytest.mark.parametrize(
    ("metadata", "kind", "og_type", "title"),
    [
        (listing_metadata("index", "", SETTINGS), "WebSite", "website", "A Blog"),
        (listing_metadata("archives", "posts/", SETTINGS), "", "website", "Posts"),
        (
            listing_metadata("tag", AI.url, SETTINGS, tag=AI),
            "",
            "website",
            "Posts on AI",
        ),
        (content_metadata(ABOUT, SETTINGS), "ProfilePage", "profile", "A page"),
        (content_metadata(page(edition="2020"), SETTINGS), "", "website", "A page (2020)"),
        (content_metadata(page(lang="la"), SETTINGS), "", "website", "A page"),
    ],
)
def test_kinds_of_pages(metadata: Metadata, kind: str, og_type: str, title: str) -> None:
    head = make_head(metadata, SETTINGS, SITE)
    assert (thing(metadata)["@type"] if head.json_ld else "") == kind
    assert dict(head.properties)["og:type"] == og_type
    assert (metadata.title, head.title.removesuffix(" · A Blog")) == (title, title)


def test_not_found_page_has_no_address() -> None:
    lost = page("404", url="404.html", output="404.html", status="hidden")
    head = make_head(content_metadata(lost, SETTINGS), SETTINGS, SITE)
    assert (head.robots, head.canonical, head.json_ld, head.properties) == ("noindex", "", "", ())


@pytest.mark.parametrize("given", [{"edition": "2020"}, {"status": "draft"}, {"status": "hidden"}])
def test_pages_that_are_not_indexed(given: Any) -> None:
    metadata = content_metadata(page(**given), SETTINGS)
    assert not metadata.indexed and metadata.url not in sitemap([metadata])


def test_second_page_of_a_list() -> None:
    posts = (post(), post("c", modified=LATER))
    metadata = listing_metadata("index", "page/2/", SETTINGS, posts, number=2)
    assert (metadata.kind, metadata.title) == ("list", "Posts, page 2")
    assert metadata.description == "Words. (page 2)"
    assert metadata.modified == LATER


def test_listing_problems_are_pages_without_title() -> None:
    assert not list(listing_problems(settings_of(direct_templates=("index",))))
    described = settings_of(direct_templates=("index", "feeds"), listing_pages={"index": ("", "")})
    [problem] = listing_problems(described)
    assert "'feeds'" in problem.message


def test_sitemap_has_addresses_and_dates_in_order() -> None:
    pages = [content_metadata(content, SETTINGS) for content in (post("c"), ABOUT, post())]
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    urls = fromstring(sitemap(pages).encode()).findall("s:url", space)
    assert [url.findtext("s:loc", "", space).removeprefix(SITE) for url in urls] == [
        "about/",
        "posts/a/",
        "posts/c/",
    ]
    assert urls[1].findtext("s:lastmod", "", space) == DAY.isoformat()


def test_author_url_is_that_of_the_page_if_published() -> None:
    assert author_url(SETTINGS, [post(), ABOUT]) == f"{SITE}about/"
    assert author_url(SETTINGS, [post(), page("about", output="")]) == SITE
    assert author_url(settings_of(), [page("about", url="")]) == SITE


FACE = card_face("")
COLORS = {"surface": "#fdfbf7", "text": "#181715", "text-quiet": "#5f5b52", "accent": "#a04614"}
LONG = " ".join(["Everything that we have learned"] * 8)
TITLES = [
    "Why K-Scale Wins",
    "A",
    "“Don’t Panic” — what a 6′2″ robot’s torque (in N·m) costs: 50 % less than €1,000…",
    LONG,
    "Ω: Почему Ärger, Łódź и Việt Nam",
    "x" * 90,
    " ".join([LONG] * 4),
    "🤖️",
    "",
]
MARK = '<svg viewBox="0 0 32 32"><circle cx="16" cy="16" r="15" fill="currentColor"/></svg>'


@pytest.mark.parametrize("title", TITLES)
def test_card_is_small_and_has_nothing_in_its_margins(title: str) -> None:
    data = card_png(title, "A Blog", FACE, COLORS, MARK)
    assert data == card_png(title, "A Blog", FACE, COLORS, MARK)
    assert len(data) < 40_000
    with Image.open(BytesIO(data)) as image:
        assert (image.size, image.mode) == ((1200, 630), "P")
        picture = image.convert("RGB")
    for edges in ((0, 0, 80, 630), (1125, 0, 1200, 630), (0, 0, 1200, 60), (0, 590, 1200, 630)):
        assert len(picture.crop(edges).getcolors() or []) == 1
    colors = {color for _, color in picture.getcolors() or []}
    assert {(0xFD, 0xFB, 0xF7), (0xA0, 0x46, 0x14)} <= colors and len(colors) <= 16
    marked = picture.crop((88, 520, 144, 576)).getcolors() or []
    assert max(marked)[1] == (0xA0, 0x46, 0x14)


@pytest.mark.parametrize(
    ("title", "size", "lines"),
    [
        ("Why K-Scale Wins", 88, ["Why K-Scale Wins"]),
        (
            "Everything that we have learned about robots",
            88,
            ["Everything that we have", "learned about robots"],
        ),
        ("a" * 20 + " b", 88, ["a" * 20 + " b"]),
    ],
)
def test_fit_title_is_large_and_balanced(title: str, size: int, lines: list[str]) -> None:
    assert fit_title(title, FACE) == (size, lines)


@pytest.mark.parametrize("title", [*TITLES[:5], LONG])
def test_fit_title_keeps_every_word(title: str) -> None:
    assert " ".join(fit_title(title, FACE)[1]) == title


@pytest.mark.parametrize("title", ["x" * 90, " ".join([LONG] * 4)])
def test_fit_title_cuts_what_is_too_long(title: str) -> None:
    size, lines = fit_title(title, FACE)
    assert size <= 36 and " ".join(lines).endswith("…")
    assert " ".join(lines)[:-1] == title[: len(" ".join(lines)) - 1]


def test_drawable_leaves_out_what_the_font_lacks() -> None:
    assert drawable("你好 robots 🤖️ rule e\u0301\u202f!", FACE) == "robots rule é\u00a0!"


def test_card_without_drawable_title_shows_the_foot() -> None:
    assert card_png("你好", "A Blog", FACE, COLORS) == card_png("A Blog", "A Blog", FACE, COLORS)


def test_card_texts_are_beside_their_pages() -> None:
    contents = [post(), page("404", output="404.html"), page(output=""), page("c", output="c.html")]
    assert list(card_texts(contents, SETTINGS)) == [
        ("social-card.png", "A Blog", "Ann", ""),
        ("posts/a/social-card.png", "A", "A Blog · Ann · 6 May 2024", "content/posts/a.md"),
        ("c-social-card.png", "A page", "A Blog", "content/posts/c.md"),
    ]
    assert not list(card_texts(contents, settings_of()))
    assert content_metadata(post(), settings_of()).card is None
    assert card_path("index.html", "card.png") == "card.png"
