"""Requests to others, and what runs."""

import pytest

from tests.check.faults import Fault, P, at, prove_tiny, text
from tests.conftest import TinySite

OTHER = "https://cdn.elsewhere.net/x"
BASE = "templates/base.html"
HEAD, BODY = (at(f"theme/{BASE}", end) for end in ("</head>", "</body>"))
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">%s</svg>'


def drawing(inside: str) -> dict[str, str | bytes]:
    return {"extra/d.svg": SVG % inside}


FAULTS = {
    "third-parties": {
        "a frame": Fault(f"{P}:9", text(f"A\n\n<iframe title='x' src='{OTHER}'></iframe>")),
        "a picture's other size": Fault(f"{P}:7", text(f"<img alt='x' srcset='{OTHER} 2x'>")),
        "a video's picture": Fault(f"{P}:7", text(f"<video controls poster='{OTHER}'></video>")),
        "a form": Fault(f"{P}:7", text(f"<form action='{OTHER}'></form>")),
        "a font": Fault(
            at("theme/static/css/base.css", "@layer base {"),
            theme=(
                "static/css/base.css",
                "@layer base {",
                "@layer base { @font-face { font-family: x; src: url(https://example.org/x) }",
            ),
        ),
        "a stylesheet": Fault(
            HEAD,
            theme=(BASE, "</head>", f'<link rel="stylesheet" href="{OTHER}"></head>'),
        ),
        "a connection ahead of time": Fault(
            HEAD,
            theme=(BASE, "</head>", '<link rel="preconnect" href="//example.org"></head>'),
        ),
        "a drawing's part": Fault("content/extra/d.svg:1", drawing(f'<use href="{OTHER}#a"/>')),
        "a drawing's style": Fault(
            "content/extra/d.svg:1", drawing(f"<style>@import '{OTHER}'</style>")
        ),
    },
    "scripts": {
        "a script": Fault(f"{P}:9", text("A\n\n<script>1</script>")),
        "a module": Fault(f"{P}:7", text('<script type="module">1</script>')),
        "a handler": Fault(f"{P}:7", text('<p onclick="x()">A</p>')),
        "an address that is a program, in a drawing": Fault(
            "content/extra/d.svg:1", drawing('<a href="javascript:x()"/>')
        ),
        "a script of the theme": Fault(BODY, theme=(BASE, "</body>", "<script>1</script></body>")),
        "a script in a drawing": Fault("content/extra/d.svg:1", drawing("<script>1</script>")),
    },
}


GOOD = [
    f"[A link]({OTHER})",
    f"[A card]({OTHER}){{: .card }}",
    "`<script>`, onclick= and javascript: in words",
    '<script type="application/json">{}</script>',
]


@pytest.mark.parametrize("words", GOOD)
def test_what_asks_and_runs_nothing(words: str, tiny: TinySite) -> None:
    problems = prove_tiny(tiny, Fault("", text(words)))
    assert [p for p in problems if p.check in FAULTS] == []
