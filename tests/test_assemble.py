from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.assemble import (
    backlinks,
    complete,
    fill,
    make_outputs,
    make_targets,
    resolve_links,
    scheduled_problems,
    shown_quotes,
    sources_of,
    unresolved,
    with_contents,
)
from pipeline.content.resolve import SKIPPED, UNREAD
from pipeline.html import strip_marks
from pipeline.memo import Memo
from pipeline.model import Asset, Content, ImageSet, Listing, Output, Site, Source, Tag, Variant
from pipeline.settings import Settings
from tests.check.site import content_of
from tests.reading import LINES, read

SETTINGS = Settings("conf.py", siteurl="https://own.example", default_lang="en")
AI = Tag("AI", "ai", "tags/ai/", "tags/ai/index.html")
OPTIONS = "kind=line x=Day y=Count caption=C x-label=D y-label=E"
CSV = b"Day,Count\n1,1\n2,2\n3,5\n"


def content(name: str, body: str = "Text.", **changes: Any) -> Content:
    """Return a page `content/{name}.md` at `{name}/`."""
    document = replace(read(body), path=f"content/{name}.md", name=f"{name}.md")
    values = {"date": datetime(2024, 5, 6), **changes}
    return content_of(document, f"{name}/index.html", **values)


def no_file(name: str) -> None:
    """Read a file that is not there."""


def asset(name: str) -> Asset:
    return Asset(f"content/{name}", name, name, name, "")


def site_of(*contents: Content, assets: tuple[Asset, ...] = ()) -> Site:
    return Site(contents, (), contents, (), assets, ())


def targets_of(*contents: Content) -> dict[str, Any]:
    return make_targets(contents, [asset("a.png"), asset("b.csv")], ["broken.md"], ["draft.md"])


def test_make_targets_has_every_source_with_its_ids() -> None:
    chart = content("c", "## Here\n\n![A](b.csv){: kind=line }", listed_tags=(AI,))
    targets = targets_of(chart, replace(content("d"), output=""))
    assert targets["c.md"].ids == {"here", "figure-b"}
    assert (targets["c.md"].published, targets["d.md"].published) == (True, False)
    assert (targets["broken.md"], targets["draft.md"]) == (UNREAD, SKIPPED)
    assert (targets["{index}"].url, targets["{tag}ai"].url) == ("", "tags/ai/")


def test_resolve_links_returns_names_and_every_problem() -> None:
    one = content("c", "[a](../d.md) [b](d.md)\n\n[e](e.md) ![f](a.png)\n\n![x](b.csv)")
    resolved, problems = resolve_links(
        one,
        targets_of(one, content("d")),
        frozenset(),
        "x",
        lambda name: b"" if name == "b.csv" else None,
    )
    assert resolved.content.links == {"d.md", "a.png", "b.csv"}
    assert [(p.code, p.path, p.line - LINES) for p in problems[:2]] == [
        ("broken-link", "content/c.md", 1),
        ("broken-link", "content/c.md", 3),
    ]
    assert len(problems) > 2  # of the chart, whose file is empty
    assert {problem.path for problem in problems[2:]} <= {"content/c.md", "content/b.csv"}


@pytest.mark.parametrize(
    "source", ["a.png", "{static}a.png", "|static|/a.png", "../a.png", "a.png#x"]
)
def test_resolve_links_names_the_file_of_an_image(source: str) -> None:
    one = (
        content("c", f"![A]({source})")
        if source != "../a.png"
        else content("d/c", f"![A]({source})")
    )
    resolved, problems = resolve_links(one, targets_of(one), frozenset(), "x", no_file)
    assert problems == []
    [image] = [part for part in resolved.parts if not isinstance(part, str)]
    assert image.name == "a.png"


def test_resolve_links_dead_link_leads_to_its_copy_and_says_so() -> None:
    one = content("c", "A [*page*](https://x/a#b), and [another](https://y/).")
    copies = {"https://x/a": "https://copy/a"}
    args = (one, targets_of(one), frozenset[str](), "z", no_file)
    html = strip_marks(fill(resolve_links(*args, copies)[0].parts, {}, {}))
    copy = '<a href="https://copy/a#b"><em>page</em> <span class="archived">'
    assert f"{copy}(archived copy)</span></a>, and" in html
    assert '<a href="https://y/">another</a>.' in html
    assert "archived" not in fill(resolve_links(*args)[0].parts, {}, {})


def test_sources_of_are_the_pages_that_worked_once_each_with_its_copy() -> None:
    text = "[a](https://www.x.org/a/#b) [a](https://www.x.org/a/) [b](https://y/) [c](https://z/)"
    ledger = {
        "https://www.x.org/a/": {"good": "2026-01-02"},
        "https://y/": {"good": "2025-01-02", "dead": "2026-01-01", "archived": "https://copy/"},
        "https://z/": {"failed": "2026-01-02"},
    }
    assert list(sources_of(content("c", text).document, ledger)) == [
        Source("https://www.x.org/a/", "x.org/a", datetime(2026, 1, 2)),
        Source("https://copy/", "y", datetime(2025, 1, 2)),
    ]


def test_resolve_links_reports_a_missing_chart_file_once() -> None:
    one = content("c", "![A](no.csv){: kind=line }")
    resolved, problems = resolve_links(one, targets_of(one), frozenset(), "x", no_file)
    assert [problem.code for problem in problems] == ["broken-link"]
    assert resolved.charts == {}


def test_fill_puts_images_and_charts_in_their_places() -> None:
    one = content(
        "c",
        f"![A](a.png){{: .wide }}\n\n![B](b.csv){{: {OPTIONS} }}",
    )
    resolved, problems = resolve_links(
        one, targets_of(one), frozenset(), "x", lambda name: CSV if name == "b.csv" else None
    )
    assert problems == []
    image = ImageSet(30, 20, (Variant("a.png", 30, 9, "key"),))
    html = fill(resolved.parts, {"a.png": image}, resolved.charts)
    assert 'src="../a.png"' in html
    assert 'width="30" height="20"' in html
    assert f'<figure data-src-line="{3 + LINES}" ' in html
    plain = strip_marks(fill(resolved.parts, {}, {}))
    assert plain == '<p><img src="../a.png" alt="A" class="wide"></p>\n'


def test_unresolved_has_addresses_as_written() -> None:
    body = read('[a](b.md?c=1&d "T") ![A](a.png) <a class="x" href=\'{static}c\'>c</a>').body
    assert strip_marks(unresolved(body)) == (
        '<p><a href="b.md?c=1&amp;d" title="T">a</a> <img src="a.png" alt="A"> '
        '<a class="x" href="{static}c">c</a></p>'
    )


@pytest.mark.parametrize(
    ("given", "of_page", "expected"),
    [("", None, None), ("lang=la", None, "la"), ("", "de", "de"), ("lang=la", "de", "la")],
)
def test_shown_quotes_stand_away_from_their_page(
    given: str, of_page: str | None, expected: str | None
) -> None:
    quote = f"> A [b](d.md)[^1] ![c](a.png).\n>\n> — Who\n> {{: #q {given} }}\n\n[^1]: Note."
    one = content("c", quote)
    matter = replace(one.document.front_matter, lang=of_page)
    one = replace(one, document=replace(one.document, front_matter=matter))
    [shown] = shown_quotes([one], targets_of(one, content("d")), frozenset(), "x")
    assert shown.html == '<p>A <a href="d/">b</a> <img src="a.png" alt="c">.</p>'
    assert (shown.url, shown.quote.lang) == ("c/#q", expected)
    assert one.document.quotes[0].lang == (given.removeprefix("lang=") or None)


def test_scheduled_problems_are_those_on_the_day_of_each_post(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no image")

    def scheduled(name: str, body: str, year: int, status: str = "published") -> Content:
        one = content(name, body, date=datetime(year, 1, 1, tzinfo=UTC))
        matter = replace(one.document.front_matter, status=status)
        document = replace(one.document, path=f"{tmp_path}/{name}.md", front_matter=matter)
        return replace(one, document=document, output="")

    late = scheduled("late", "[a](soon.md) [b](/soon/)", 3001)
    soon = scheduled("soon", "[a](c.md) [b](late.md) [c](no.md)\n\n![d](a.png)", 3000)
    draft = scheduled("draft", "[a](no.md)", 3000, "draft")
    site = site_of(late, soon, draft, content("c"))
    found = list(scheduled_problems(site, replace(SETTINGS, path=str(tmp_path))))
    assert [(p.code, Path(p.path).name) for p in found] == [
        ("broken-link", "soon.md"),
        ("broken-link", "soon.md"),
        ("image-unreadable", "a.png"),
    ]
    assert "late.md" in found[0].message and "no.md" in found[1].message


def test_backlinks_are_of_published_contents_and_not_of_itself() -> None:
    a = content("a", links=frozenset({"a.md", "b.md"}))
    c = content("c", links=frozenset({"b.md"}))
    hidden = content("d", links=frozenset({"b.md"}), status="hidden")
    assert backlinks([c, hidden, a]) == {"b.md": (a, c)}


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (230, 1), (231, 2), (460, 2)])
def test_complete_content_has_html_minutes_and_a_digest(words: int, minutes: int) -> None:
    one = content("c")
    one = replace(one, document=replace(one.document, words=words))
    resolved, _ = resolve_links(one, targets_of(one), frozenset(), "x", no_file)
    site, _, charts = complete(site_of(one), [resolved], [], SETTINGS, Memo(), print)
    [done] = site.contents
    assert (done.minutes, charts, site.pages) == (minutes, {}, (done,))
    assert done.html.startswith(f'<p data-src-line="{1 + LINES}">')
    changed = replace(resolved, content=replace(resolved.content, slug="other"))
    again, _, _ = complete(site_of(one), [changed], [], SETTINGS, Memo(), print)
    assert done.digest != again.contents[0].digest


def test_with_contents_replaces_them_everywhere() -> None:
    old, new = content("a"), content("a", html="new")
    site = Site((old,), (old,), (old,), (old,), (), ((AI, (old,)),))
    found = with_contents(site, {"a.md": new})
    assert found == Site((new,), (new,), (new,), (new,), (), ((AI, (new,)),))


def test_make_outputs_names_every_file_with_its_source() -> None:
    images = ImageSet(3, 2, (Variant("a.png", 3, 9, "k"), Variant("a-1.webp", 3, 9, "l")))
    assets = (replace(asset("c/a.png"), image=images), asset("robots.txt"))
    one, draft = content("c"), replace(content("d"), output="")
    settings = replace(SETTINGS, sitemap_save_as="sitemap.xml", security_headers=True)
    site = site_of(one, draft, assets=assets)
    outputs = list(make_outputs(site, [Listing("index", "", "index.html")], ["c/x.png"], settings))
    assert sorted(outputs, key=lambda output: output.path) == [
        Output("_headers"),
        Output("c/a-1.webp", "content/c/a.png"),
        Output("c/a.png", "content/c/a.png"),
        Output("c/index.html", "content/c.md"),
        Output("c/x.png", "content/c.md"),
        Output("index.html"),
        Output("robots.txt", "content/robots.txt"),
        Output("sitemap.xml"),
    ]
