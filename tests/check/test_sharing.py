"""Open Graph with its picture, structured data, microformats."""

from pathlib import Path

from tests.check.faults import Fault, at, edit
from tests.conftest import png

HEAD = "templates/partials/metadata.html"
META = at(f"theme/{HEAD}", "<meta property=")
SCRIPT = at(f"theme/{HEAD}", "ld+json")
POST_TEMPLATE = "templates/article.html"
ENTRY = at(f"theme/{POST_TEMPLATE}", "h-entry")
MACROS = "templates/macros/microformats.html"
PAGE = "posts/a/index.html"
CARD = "posts/a/social-card.png"


def lose_card(folder: Path) -> None:
    (folder / CARD).unlink()


def small_card(folder: Path) -> None:
    (folder / CARD).write_bytes(png(600, 315))


FAULTS = {
    "open-graph": {
        "no picture": Fault(META, built=edit(PAGE, 'property="og:image"', 'property="og:picture"')),
        "a picture that is not there": Fault(META, built=lose_card),
        "a picture of another size": Fault(META, built=small_card),
        "another size in the page": Fault(
            META, built=edit(PAGE, 'height" content="630"', 'height" content="600"')
        ),
        "a relative address": Fault(
            META,
            built=edit(PAGE, 'og:image" content="https://ben.bolte.cc/', 'og:image" content="/'),
        ),
        "a picture of another host": Fault(
            META,
            built=edit(
                PAGE,
                'og:image" content="https://ben.bolte.cc/',
                'og:image" content="https://example.org/',
            ),
        ),
        "no words for the picture": Fault(META, built=edit(PAGE, "og:image:alt", "og:image:title")),
        "no card at X": Fault(META, built=edit(PAGE, '"twitter:card"', '"twitter:cart"')),
        "no date": Fault(META, built=edit(PAGE, "article:published_time", "article:time")),
        "nothing at all": Fault(
            META,
            theme=(
                HEAD,
                "{% for name, content in head.properties %}",
                "{% for name, content in [] %}",
            ),
        ),
    },
    "structured-data": {
        "none": Fault(SCRIPT, theme=(HEAD, "{{ head.json_ld }}", "")),
        "not JSON": Fault(SCRIPT, built=edit(PAGE, '{"@context"', "{@context")),
        "no author's address": Fault(
            SCRIPT, built=edit(PAGE, '"url":"https://ben.bolte.cc/","sameAs"', '"sameAs"')
        ),
        "no picture": Fault(SCRIPT, built=edit(PAGE, '"image":', '"images":')),
        "a date without an offset": Fault(
            SCRIPT,
            built=edit(
                PAGE,
                '"datePublished":"2024-05-06T00:00:00+00:00"',
                '"datePublished":"2024-05-06T00:00:00"',
            ),
        ),
    },
    "microformats": {
        "no entry": Fault(ENTRY, theme=(POST_TEMPLATE, "h-entry", "entry")),
        "no author": Fault(ENTRY, theme=(MACROS, "p-author", "author")),
        "no text": Fault(ENTRY, theme=(POST_TEMPLATE, "e-content", "content")),
        "no date": Fault(ENTRY, theme=(POST_TEMPLATE, "dt-published", "published")),
    },
}
