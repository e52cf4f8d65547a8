"""The sitemap and robots.txt."""

from pathlib import Path

from tests.check.faults import Fault, edit
from tests.conftest import POST

MAP = "sitemap.xml"
LINE = "Sitemap: https://ben.bolte.cc/sitemap.xml\n"
R = "content/extra/robots.txt"
SITE = "https://ben.bolte.cc/"
M = "/sitemap.xml"
POST_LINE, END = f"{M}:18", f"{M}:29"
NAME = f"<loc>{SITE}posts/a/</loc>\n"
DAY = f"{NAME}<lastmod>2024-05-06T00:00:00"


def added(address: str) -> tuple[str, str, str]:
    return MAP, "</urlset>", f"<url><loc>{SITE}{address}</loc></url></urlset>"


def lose_map(folder: Path) -> None:
    (folder / MAP).unlink()


def lose_robots(folder: Path) -> None:
    (folder / "robots.txt").unlink()


FAULTS = {
    "sitemap": {
        "none": Fault(M, built=lose_map),
        "no XML": Fault(f"{M}:4", built=edit(MAP, "</loc>", "</lock>")),
        "another language of XML": Fault(M, built=edit(MAP, "sitemap/0.9", "sitemap/0.8")),
        "a page that is kept from search engines": Fault(END, built=edit(*added("404.html"))),
        "an address that leads nowhere": Fault(END, built=edit(*added("c/"))),
        "an address twice": Fault(f"{M}:8", built=edit(*added("b/"))),
        "a page is missing": Fault(M, built=edit(MAP, f"<url>\n<loc>{SITE}b/</loc>\n</url>\n", "")),
        "the day of the build": Fault(
            POST_LINE, built=edit(MAP, DAY, DAY.replace("2024-05-06", "2026-11-21"))
        ),
        "a list that changed with the build": Fault(
            f"{M}:4",
            built=edit(
                MAP, f"{SITE}</loc>\n<lastmod>2024-05-06", f"{SITE}</loc>\n<lastmod>2026-11-21"
            ),
        ),
        "a day without an offset": Fault(POST_LINE, built=edit(MAP, f"{DAY}+00:00", DAY)),
        "no day": Fault(POST_LINE, built=edit(MAP, f"{DAY}+00:00</lastmod>\n", NAME)),
        "an unknown part": Fault(
            POST_LINE, built=edit(MAP, DAY, f"{NAME}<changed/>\n{DAY[len(NAME) :]}")
        ),
        "a change that it does not know": Fault(
            POST_LINE,
            {"posts/a/index.md": POST.replace("Summary", "Modified: 2025-01-02\nSummary")},
            built=edit(MAP, DAY.replace("2024-05-06", "2025-01-02"), DAY),
        ),
    },
    "robots": {
        "no sitemap": Fault(f"{R}:1", {"extra/robots.txt": "User-agent: *\n"}),
        "the sitemap of another host": Fault(
            f"{R}:3",
            {
                "extra/robots.txt": "User-agent: *\nAllow: /\n"
                + LINE.replace("ben.bolte.cc", "blog.elsewhere.net")
            },
        ),
        "a relative sitemap": Fault(f"{R}:1", {"extra/robots.txt": "Sitemap: /sitemap.xml\n"}),
        "all shut out": Fault(
            f"{R}:2", {"extra/robots.txt": "User-agent: *\nDisallow: /\n\n" + LINE}
        ),
        "none": Fault(f"{R}:1", built=lose_robots),
    },
}
