"""What pages say about themselves: facts, heads, structured data, cards, the sitemap, headers."""

import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import html5lib
import pytest
from PIL import Image

from pipeline.render.assets import light_colours
from pipeline.render.metadata import card
from pipeline.render.metadata.facts import Facts, Site, full_title, plain, territory, x_name
from pipeline.render.metadata.headers import headers_for, policy, read_file, styles_in
from pipeline.render.metadata.json_ld import json_ld
from tests.conftest import PAGE, POST, ROOT, TinySite

FACE = card.FACE
COLOURS = light_colours(ROOT / "theme/static/css", card.COLOURS)
SITE = Site("A Blog", "https://x.y/", "Words.", "en", "Ann", "https://x.y/about/")
URL = "https://ben.bolte.cc/"


def said(tiny: TinySite, name: str) -> dict[str, str]:
    """Return what a page's head says, by the names of its elements."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    head = parser.parse((tiny.output / name).read_bytes()).find("head")
    found = {m.get("property") or m.get("name"): m.get("content") for m in head.iter("meta")}
    found["title"] = head.findtext("title")
    found["canonical"] = next(
        (e.get("href") for e in head.iter("link") if e.get("rel") == "canonical"), ""
    )
    found["json"] = next((e.text for e in head.iter("script")), "")
    return found


def things(head: dict[str, str]) -> list[dict[str, Any]]:
    data = json.loads(head["json"])
    assert data["@context"] == "https://schema.org"
    return list(data["@graph"])


def test_a_post(tiny: TinySite) -> None:
    text = POST.replace("A post", 'A < B & "C" isn\'t </script> *D*').replace(
        "Tags", "Modified: 2024-07-08 09:10\nTags"
    )
    tiny.write({"posts/a/index.md": text, "pages/about.md": PAGE})
    tiny.build("-e", 'TIMEZONE="America/Los_Angeles"', settings="publishconf.py")
    head = said(tiny, "posts/a/index.html")
    title, url = "A < B & “C” isn’t </script> *D*", f"{URL}posts/a/"
    assert head["title"] == f"{title} · Ben’s Blog"
    assert head["og:title"] == title and head["og:type"] == "article"
    assert head["description"] == head["og:description"] == "What it says."
    assert head["canonical"] == head["og:url"] == url
    assert head["og:image"] == f"{url}social-card.png"
    assert head["article:published_time"] == "2024-05-06T00:00:00-07:00"
    assert head["article:modified_time"] == "2024-07-08T09:10:00-07:00"
    assert head["article:author"] == f"{URL}about/"
    assert head["og:locale"] == "en_US" and head["twitter:creator"] == "@benjamin_bolte"
    post, way = things(head)
    assert post["headline"] == title and post["wordCount"] == 2
    assert post["datePublished"] == "2024-05-06T00:00:00-07:00"
    assert post["author"]["url"] == f"{URL}about/" and len(post["author"]["sameAs"]) == 4
    assert [step["item"] for step in way["itemListElement"]] == [f"{URL}posts/", url]
    assert "</script> *D*" not in tiny.page("posts/a/index.html").partition("</head>")[0]


def test_the_kinds_of_pages(tiny: TinySite) -> None:
    hidden = PAGE.replace("Summary", "Status: hidden\nSummary")
    tiny.write(
        {
            "posts/a/index.md": POST,
            "pages/about.md": PAGE.replace("Summary", "As_of: 2026-01-02\nSummary"),
            "pages/about/2020.md": hidden.replace("Summary", "Edition: 2020\nSummary"),
            "pages/b.md": PAGE.replace("Summary", "Lang: la\nSummary"),
            "pages/404.md": hidden.replace("Summary", "Save_as: 404.html\nSummary"),
        }
    )
    tiny.build(settings="publishconf.py")
    kinds = {}
    for name in ("", "posts/", "tags/robotics/", "about/", "about/2020/", "b/"):
        head = said(tiny, f"{name}index.html")
        kinds[name] = (things(head)[0]["@type"], head["og:type"], head["title"])
        assert head["og:url"] == URL + name
    assert kinds == {
        "": ("Blog", "website", "Ben’s Blog"),
        "posts/": ("CollectionPage", "website", "Posts · Ben’s Blog"),
        "tags/robotics/": ("CollectionPage", "website", "Posts on robotics · Ben’s Blog"),
        "about/": ("ProfilePage", "profile", "A page · Ben’s Blog"),
        "about/2020/": ("WebPage", "website", "A page (2020) · Ben’s Blog"),
        "b/": ("WebPage", "website", "A page · Ben’s Blog"),
    }
    assert "og:locale" not in said(tiny, "b/index.html")
    lost = said(tiny, "404.html")
    assert lost["robots"] == "noindex" and not lost["canonical"] and not lost["json"]
    assert not [name for name in lost if name and name.startswith(("og:", "twitter:"))]
    assert said(tiny, "about/2020/index.html")["robots"] == "noindex"
    assert "about/</loc>" in tiny.page("sitemap.xml")
    assert "about/2020/" not in tiny.page("sitemap.xml")
    assert things(said(tiny, "about/index.html"))[0]["lastReviewed"] == "2026-01-02"


def test_a_list_of_several_pages(tiny: TinySite) -> None:
    posts = {
        f"posts/p{n}/index.md": POST.replace("05-06", f"05-{n:02}").replace("A post", f"P {n}")
        for n in range(10, 22)
    }
    posts["posts/p10/index.md"] = posts["posts/p10/index.md"].replace(
        "Tags", "Modified: 2026-01-01\nTags"
    )
    tiny.write(posts)
    tiny.build(settings="publishconf.py")
    first, second = said(tiny, "index.html"), said(tiny, "page/2/index.html")
    assert second["title"] == "Posts, page 2 · Ben’s Blog"
    assert second["canonical"] == f"{URL}page/2/"
    assert second["description"] == first["description"] + " (page 2)"
    listed = things(second)[0]["mainEntity"]["itemListElement"]
    assert [item["url"] for item in listed] == [f"{URL}posts/p11/", f"{URL}posts/p10/"]
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    urls = fromstring((tiny.output / "sitemap.xml").read_bytes()).findall("s:url", space)
    days = {u.findtext("s:loc", "", space): u.findtext("s:lastmod", "", space)[:10] for u in urls}
    assert days[URL] == "2024-05-21"
    assert days[f"{URL}page/2/"] == days[f"{URL}posts/"] == "2026-01-01"
    assert days[f"{URL}posts/p11/"] == "2024-05-11"


def test_microformats(tiny: TinySite) -> None:
    tiny.write({"posts/a/index.md": POST, "pages/about.md": PAGE})
    tiny.build()
    post = tiny.page("posts/a/index.html")
    assert '<article class="post h-entry">' in post
    assert '<a class="p-author h-card" rel="author" href="../../about/" hidden>' in post
    assert '<a class="p-category" rel="tag"' in post
    home = tiny.page("index.html")
    assert '<h1 class="p-name">Ben Bolte</h1>' in home and 'class="h-feed"' in home
    assert '<a class="p-name u-url" href="./posts/a/">' in home
    assert '<div class="h-card" hidden>' in tiny.page("about/index.html")


def test_a_page_of_the_theme_that_nobody_describes(tiny: TinySite) -> None:
    tiny.write({"posts/a/index.md": POST})
    names = ("index", "archives", "tag", "feeds")
    lists = json.dumps({name: ["Title", "What it has"] for name in names})
    [line] = tiny.problems("-e", f"LISTS={lists}")
    assert line.startswith("pelicanconf.py:")
    assert line.endswith("each of DIRECT_TEMPLATES: none of 'tags'")


def test_plain_and_titles() -> None:
    assert plain("A <span class='x'>&amp;</span>\n B&nbsp;C") == "A & B C"
    page = Facts("home", "https://x.y/", "A Blog", "Words.", "en")
    assert full_title(page, SITE) == "A Blog"
    assert full_title(page._replace(title="B"), SITE) == "B · A Blog"
    assert "<" not in json_ld(page._replace(title="</script>", kind="page"), SITE)
    assert json_ld(page._replace(url=""), SITE) == ""


@pytest.mark.parametrize(
    ("language", "place"), [("en", "en_US"), ("pt-BR", "pt_BR"), ("fr", "fr_FR"), ("la", "")]
)
def test_territories(language: str, place: str) -> None:
    assert territory(language) == place


def test_names_at_x() -> None:
    assert x_name("https://x.com/ann") == x_name("https://www.twitter.com/ann/") == "@ann"
    assert x_name("https://example.org/ann") == ""


TITLES = [
    "Why K-Scale Wins",
    "A",
    "“Don’t Panic” — what a 6′2″ robot’s torque (in N·m) costs: 50 % less than €1,000…",
    " ".join(["Everything that we have learned"] * 8),
    "Ω: Почему Ärger, Łódź và Việt Nam",
]


@pytest.mark.parametrize("title", TITLES)
def test_a_card_is_whole_small_and_the_same_each_time(title: str) -> None:
    data = card.as_card(title, "A Blog", FACE, COLOURS)
    assert data and data == card.as_card(title, "A Blog", FACE, COLOURS)
    assert len(data) < 60_000
    with Image.open(BytesIO(data)) as image:
        picture = image.convert("RGB")
    assert picture.size == (1200, 630)
    # Nothing stands in the margins, so nothing is cut off.
    for edges in ((0, 0, 80, 630), (1120, 0, 1200, 630), (0, 0, 1200, 60), (0, 590, 1200, 630)):
        assert len(picture.crop(edges).getcolors() or []) == 1
    fit = card.fit(title, FACE)
    assert fit and " ".join(fit[1]) == title


def test_a_title_of_many_words_is_set_smaller() -> None:
    sizes = [
        fit[0] for title in (TITLES[0], TITLES[2], TITLES[3]) if (fit := card.fit(title, FACE))
    ]
    assert sizes == sorted(sizes, reverse=True) and len(set(sizes)) == 3


def test_letters_that_the_font_has_not() -> None:
    assert card.missing("Why 你好 é é", FACE) == "你好"
    assert card.missing("".join(TITLES) + "\u00a0\u202f", FACE) == ""


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("你好 robots", "the font of the social cards has: 你好"),
        ("x" * 90, "fit on its social card: 90"),
    ],
)
def test_a_title_that_no_card_can_show(tiny: TinySite, title: str, found: str) -> None:
    tiny.write({"posts/a/index.md": POST.replace("A post", title)})
    [line] = tiny.problems()
    assert line.startswith("posts/a/index.md:1: Title must ") and found in line


def test_a_card_is_made_once_and_changes_with_the_title(tiny: TinySite) -> None:
    tiny.write({"posts/a/index.md": POST})
    before = (tiny.build().folder / "posts/a/social-card.png").read_bytes()
    made = sorted((tiny.folder / "cache/cards").iterdir())
    assert len(made) == 2  # the post's and the site's
    tiny.build()
    assert sorted((tiny.folder / "cache/cards").iterdir()) == made
    tiny.write({"posts/a/index.md": POST.replace("A post", "Another")})
    assert (tiny.build().folder / "posts/a/social-card.png").read_bytes() != before


def test_drafts_have_no_card_in_production(tiny: TinySite) -> None:
    tiny.write({"posts/a/index.md": POST.replace("Tags", "Status: draft\nTags")})
    tiny.build(settings="publishconf.py")
    assert [p.name for p in tiny.output.rglob("*.png")] == ["social-card.png"]
    assert "posts/a/" not in tiny.page("sitemap.xml")


def test_the_policy_names_every_style_once_whatever_the_number_of_notes(tiny: TinySite) -> None:
    for count in (0, 1, 8, 9, 20):
        marks = " ".join(f"A[^n{n}]" for n in range(count))
        notes = "\n".join(f"[^n{n}]: Note." for n in range(count))
        text = f"{POST.replace('A post', f'P {count}')}\n{marks}\n\n{notes}\n"
        tiny.write({f"posts/p{count}/index.md": text})
    folder = tiny.build().folder
    styles = {s for path in folder.rglob("*.html") for s in styles_in(path.read_text("utf-8"))}
    assert len(styles) == 1 + 3  # the theme's, and the notes' in steps of eight
    sent = headers_for("/posts/p9/", read_file(tiny.page("_headers")))
    assert sent["Content-Security-Policy"] == policy(styles)
    numbers = re.findall(r'\[data-note="(\d+)"\]', tiny.page("posts/p9/index.html"))
    assert numbers == [str(n) for n in range(1, 17)]


def test_headers_of_a_path() -> None:
    rules = read_file("# a\n/*\n  A: 1\n  A: 2\n\n/x/*.xml\n  B: c: d\n")
    assert rules == {"/*": {"A": "1, 2"}, "/x/*.xml": {"B": "c: d"}}
    assert headers_for("/x/y/z.xml", rules) == {"A": "1, 2", "B": "c: d"}
    assert headers_for("/x.xml", rules) == {"A": "1, 2"}
    assert styles_in("<STYLE>a</style><style x>b\n</style>") == {"a", "b\n"}
    assert styles_in("<style>a &gt; b</style>", svg=True) == {"a > b"}


def test_headers_of_the_author_are_not_replaced_in_silence(tiny: TinySite) -> None:
    tiny.write({"posts/a/index.md": POST, "extra/_headers": "/*\n  A: b\n"})
    [line] = tiny.problems()
    assert "must have an address of its own: _headers" in line


def test_the_mark_is_the_theme_s() -> None:
    mark = Path(ROOT, "theme/templates/partials/mark.svg").read_text("utf-8")
    assert 'r="13.5"' in mark and 'stroke-width="3.5"' in mark and "M16 11V7" in mark
