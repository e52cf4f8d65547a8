"""What stands around a text: its contents, its editions, who links to it, how old it is."""

import re

from tests.conftest import PAGE, POST, TinySite

LONG = "\n\n".join(f"## Part {n}\n\n{'word ' * 500}" for n in range(4))


def test_a_long_text_has_a_list_of_its_contents(tiny: TinySite) -> None:
    tiny.write({"posts/a/index.md": f"{POST}\n{LONG}\n", "posts/b/index.md": f"{POST}\n## Part\n"})
    tiny.build()
    page = tiny.page("posts/a/index.html")
    assert re.findall(r'<li><a href="#(part-\d)">(Part \d)</a></li>', page) == [
        (f"part-{n}", f"Part {n}") for n in range(4)
    ]
    assert "Contents" not in tiny.page("posts/b/index.html")


def test_who_links_here(tiny: TinySite) -> None:
    draft = POST.replace("Tags", "Status: draft\nTags")
    tiny.write(
        {
            "posts/a/index.md": POST,
            "posts/b/index.md": POST.replace("A post", "B") + "\n[a](../a/index.md)\n",
            "posts/c/index.md": f"{draft}\n[a](../a/index.md)\n",
            "pages/d.md": PAGE + "\n[a]({filename}../posts/a/index.md)\n",
        }
    )
    tiny.build()
    page = tiny.page("posts/a/index.html")
    [line] = re.findall("<p>Linked from: (.*?)</p>", page)
    assert line == '<a href="../../d/">A page</a>, <a href="../../posts/b/">B</a>'
    assert "Linked from" not in tiny.page("posts/b/index.html")


def test_editions(tiny: TinySite) -> None:
    old = PAGE.replace("Summary", "Status: hidden\nEdition: 2020\nSummary")
    older = old.replace("2020", "2010")
    tiny.write({"pages/a.md": PAGE, "pages/a/2020.md": old, "pages/a/2010.md": older})
    tiny.build()
    [line] = re.findall("<p>Earlier editions of this page: (.*?)</p>", tiny.page("a/index.html"))
    assert line == '<a href="../a/2020/">2020</a>, <a href="../a/2010/">2010</a>'
    edition = tiny.page("a/2020/index.html")
    assert 'An earlier edition, from 2020. <a href="../../a/">The page as it is now</a>' in edition
    assert "noindex" in edition


def test_an_edition_is_in_no_menu_and_kept_from_search_engines(tiny: TinySite) -> None:
    tiny.write({"pages/a.md": PAGE, "pages/a/2020.md": PAGE.replace("Sum", "Edition: 2020\nSum")})
    tiny.build()
    menu = tiny.page("index.html").partition('aria-label="Site"')[2].partition("</nav>")[0]
    assert menu.count('href="./a/') == 1
    assert '<meta name="robots" content="noindex">' in tiny.page("a/2020/index.html")


def test_dates(tiny: TinySite) -> None:
    """A change is shown where there was one, a living page says how old it is."""
    tiny.write(
        {
            "posts/a/index.md": POST.replace("Tags", "Modified: 2025-02-03\nTags"),
            "posts/b/index.md": POST,
            "pages/c.md": PAGE.replace("Summary", "As_of: 2025-03-04\nSummary"),
        }
    )
    tiny.build()
    changed = 'changed <time class="dt-updated" datetime="2025-02-03">3 February 2025</time>'
    assert changed in tiny.page("posts/a/index.html")
    assert "changed" not in tiny.page("posts/b/index.html")
    assert 'As of <time datetime="2025-03-04">4 March 2025</time>' in tiny.page("c/index.html")
