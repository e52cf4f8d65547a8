"""Titles, descriptions, canonical addresses, and the same facts everywhere."""

from tests.check.faults import Fault, P, at, edit
from tests.conftest import PAGE, POST

HEAD = "templates/partials/metadata.html"
TITLE = at(f"theme/{HEAD}", "<title>")
META = at(f"theme/{HEAD}", "<meta property=")
CANONICAL = at(f"theme/{HEAD}", 'rel="canonical"')
POST_PAGE = "posts/a/index.html"
B = "content/pages/b.md"
LONG = "What a post says. " * 12

FAULTS = {
    "titles": {
        "two pages of one title": Fault(
            f"{P}:1", {"posts/a/index.md": POST.replace("A post", "A page")}
        ),
        "a post that is called as a list": Fault(
            f"{P}:1", {"posts/a/index.md": POST.replace("A post", "Posts")}
        ),
        "a tag's title without the tag": Fault(
            at("pelicanconf.py", "LISTS = "),
            settings=(
                'LISTS={"index": ["P", "Of all three"], "archives": ["A", "Of all years"], '
                '"feeds": ["F", "Of all feeds"], "tags": ["T", "Of all tags"], '
                '"tag": ["T", "{description}"]}',
            ),
        ),
        "a head without a title": Fault(
            TITLE, theme=(HEAD, "<title>{{ head.title }}</title>", "<title></title>")
        ),
    },
    "descriptions": {
        "one that two posts have": Fault(
            "content/posts/c/index.md:3",
            {"posts/c/index.md": POST.replace("A post", "Another")},
        ),
        "a long one": Fault(
            f"{P}:3", {"posts/a/index.md": POST.replace("What it says.", LONG.strip())}
        ),
        "one word": Fault(f"{P}:3", {"posts/a/index.md": POST.replace("What it says.", "Words.")}),
        "none": Fault(TITLE, theme=(HEAD, 'name="description"', 'name="descripton"')),
    },
    "canonical": {
        "none": Fault(CANONICAL, built=edit(POST_PAGE, 'rel="canonical"', 'rel="canon"')),
        "another page's": Fault(
            CANONICAL, built=edit(POST_PAGE, 'cc/posts/a/">\n<meta prop', 'cc/b/">\n<meta prop')
        ),
        "a relative one": Fault(
            CANONICAL, theme=(HEAD, "{{ head.canonical }}", "/{{ output_file }}")
        ),
        "one of a page that is kept from search engines": Fault(
            CANONICAL,
            {"pages/b.md": PAGE.replace("Summary", "Status: hidden\nSummary")},
            built=edit(
                "b/index.html",
                '<meta name="robots"',
                '<link rel="canonical" href="x"><meta name="robots"',
            ),
        ),
    },
    "same-facts": {
        "a title in Open Graph alone": Fault(
            f"{P}:1", built=edit(POST_PAGE, 'og:title" content="A post"', 'og:title" content="B"')
        ),
        "a heading that is not the title": Fault(
            f"{P}:1", built=edit(POST_PAGE, ">A post</h1>", ">A past</h1>")
        ),
        "a description of its own in the structured data": Fault(
            f"{P}:3", built=edit(POST_PAGE, '"description":"What it', '"description":"That it')
        ),
        "the address of another page": Fault(
            META,
            built=edit(
                POST_PAGE,
                'og:url" content="https://ben.bolte.cc/posts/a/',
                'og:url" content="https://ben.bolte.cc/b/',
            ),
        ),
        "another day in the structured data": Fault(
            f"{P}:2",
            built=edit(POST_PAGE, '"datePublished":"2024-05-06', '"datePublished":"2024-05-07'),
        ),
        "another day than the author's": Fault(
            f"{P}:2", built=edit(POST_PAGE, "2024-05-06", "2026-11-21")
        ),
        "a change that only readers see": Fault(
            f"{P}:3",
            {"posts/a/index.md": POST.replace("Summary", "Modified: 2025-01-02\nSummary")},
            built=edit(
                POST_PAGE,
                'class="dt-updated" datetime="2025-01-02"',
                'class="dt-updated" datetime="2025-01-03"',
            ),
        ),
        "another picture in the structured data": Fault(
            META,
            built=edit(
                POST_PAGE,
                '"image":{"@type":"ImageObject","url":"https://ben.bolte.cc/posts/a/',
                '"image":{"@type":"ImageObject","url":"https://ben.bolte.cc/',
            ),
        ),
    },
}
