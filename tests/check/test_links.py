"""Links that lead nowhere, or not at once."""

from pathlib import Path

import pytest

from pipeline.check.addresses import Place, candidates, place_of
from tests.check.faults import Fault, P, at, prove_tiny, text
from tests.conftest import PAGE, TinySite

OWN = "https://ben.bolte.cc"
DRAFT = "Title: A draft\nDate: 2024-05-06\nStatus: draft\nSummary: What it says.\n\nThe text.\n"
BASE = "theme/templates/base.html"
METADATA = "theme/templates/partials/metadata.html"
CANONICAL = '<link rel="canonical" href="{{ head.canonical }}'
SKIP = '<a class="skip-link" href="#main">'


def words(link: str, **more: str) -> Fault:
    """Return a fault in the third line of a text, the ninth of its file."""
    return Fault(f"{P}:9", {**text(f"Words.\n\nMore {link}."), **more})


def theme(new: str) -> Fault:
    """Return a fault in a link of the theme's base."""
    return Fault(at(BASE, SKIP), theme=("templates/base.html", SKIP, new + SKIP))


def put(name: str, data: str) -> Fault:
    """Return a fault in the first line of a file that is copied as it is."""
    return Fault(f"content/extra/{name}:1", {f"extra/{name}": data})


SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{}</loc></url></urlset>'
)
CARD = '<meta property="og:image" content="{{ site_url }}/card.png">'
FAULTS = {
    "broken-links": {
        "an address of the site in full": words(f"[x]({OWN}/nope/)"),
        "an address of the site without a scheme": words("[x](//ben.bolte.cc/nope/)"),
        "another case": words(f"[x]({OWN}/Posts/a/)"),
        "a draft": words(f"[x]({OWN}/posts/c/)", **{"posts/c/index.md": DRAFT}),
        "a draft with an address of its own": words(
            f"[x]({OWN}/posts/d/)",
            **{"posts/c.md": DRAFT.replace("Status", "Slug: d\nStatus")},
        ),
        "a picture": words(f'<video src="{OWN}/x.mp4" controls></video>'),
        "one of a srcset": theme(
            '<img alt="" srcset="{{ SITEURL }}/a,b.svg 1x, {{ SITEURL }}/favicon.svg 2x">'
        ),
        "a feed": theme('<link rel="alternate" href="{{ SITEURL }}/feeds/al.atom.xml">'),
        "the canonical address": Fault(
            at(METADATA, CANONICAL),
            theme=("templates/partials/metadata.html", CANONICAL, f"{CANONICAL}gone/"),
        ),
        "a picture for social cards": theme(CARD),
        "an entry of the sitemap": put("sitemap-2.xml", SITEMAP.format(f"{OWN}/nope/")),
        "an entry of an OPML list": put(
            "mine.opml", f'<opml><body><outline xmlUrl="{OWN}/feeds/x.xml"/></body></opml>'
        ),
    },
    "missing-fragments": {
        "of another page": words(f"[x]({OWN}/b/#nope)"),
        "of the theme": theme('<a href="#mian">x</a>'),
    },
    "needless-redirects": {
        "no slash": words(f"[x]({OWN}/b)"),
        "index.html": words("[x](/b/index.html)"),
        "http": words("[x](http://ben.bolte.cc/b/)"),
        "www": words("[x](https://www.ben.bolte.cc/b/)"),
        "an entry of the sitemap": put("sitemap-2.xml", SITEMAP.format(f"{OWN}/b")),
    },
    "orphans": {
        "a page that the menu has lost": Fault(
            "content/pages/b.md:1",
            theme=("templates/partials/site_header.html", "in menu", "in []"),
        ),
    },
}


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://x.cc/a/b/?q#c", Place("b/", "c", True)),
        ("https://x.cc/a", Place("", "", True)),
        ("https://x.cc/ab/", None),
        ("https://y.cc/a/b/", None),
        ("mailto:a@x.cc", None),
        ("http://www.x.cc/a/%C3%BC#:~:text=y", Place("ü", "", False)),
    ],
)
def test_where_an_address_of_a_site_below_a_folder_leads(address: str, place: Place | None) -> None:
    assert place_of("https://x.cc/a", address) == place


def test_a_comma_in_an_address_is_none_between_two() -> None:
    assert list(candidates("a,b.png 1x,\n c.png 2x")) == ["a,b.png", "c.png"]


GOOD_LINKS = f"""\
[in full]({OWN}/b/), [home]({OWN}), [a part](#words), [mail](mailto:ben@bolte.cc),
[call](tel:+1555), [a query]({OWN}/b/?x=1), [elsewhere](https://bolte.cc/about),
[a text](https://bolte.cc/#:~:text=x), [an odd one](https://bolte.cc/a|b,c;d=(e)),
<https://bolte.cc/x>, [IPv6](https://[2001:db8::1]/), [IDN](https://müller.cc/ü).

## Words
"""


def test_good_links_pass(tiny: TinySite) -> None:
    found = prove_tiny(tiny, Fault("", text(GOOD_LINKS)))
    assert [p for p in found if p.check in FAULTS] == []


def test_hidden_pages_and_redirects_need_no_link(tiny: TinySite) -> None:
    hidden = PAGE.replace("Summary", "Status: hidden\nSummary")
    refresh = '<!doctype html><meta http-equiv="refresh" content="0; url=b/"><a href="b/">b</a>'
    files = {"pages/c.md": hidden}
    fault = Fault("", files, built=lambda f: Path(f, "old.html").write_text(refresh))
    assert [p for p in prove_tiny(tiny, fault) if p.check == "orphans"] == []
