"""Headings and parts that somebody would miss."""

from tests.check.faults import Fault, P, text
from tests.check.test_tags import html, theme

FAULTS = {
    "headings": {
        "a level that is skipped": Fault(f"{P}:9", text("## Part\n\n#### Part of a part\n")),
        "a heading without words": html("<h2></h2>"),
        "a second first heading": theme("<h1>A name</h1>"),
    },
    "kept-by-reader-views": {
        "a heading's id": Fault(f"{P}:9", text("Words.\n\n<h2 id=media>What I like</h2>\n")),
        "a paragraph's id": Fault(f"{P}:10", text("Words.\n\nMore words.\n{: #related }\n")),
    },
}
