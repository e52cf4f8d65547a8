"""Tags that browsers would have to mend."""

import pytest

from pipeline.check.tags import Tags
from tests.check.faults import Fault, P, at, text

BASE = "templates/base.html"
SKIP = '<a class="skip-link" href="#main">'


def html(typed: str) -> Fault:
    """Return a fault in HTML that is typed into the ninth line of a text."""
    return Fault(f"{P}:9", text(f"Words before it.\n\n{typed}\n\nWords behind it."))


def theme(new: str) -> Fault:
    """Return a fault in the theme's base, beside a link of it."""
    return Fault(at(f"theme/{BASE}", SKIP), theme=(BASE, SKIP, new + SKIP))


FAULTS = {
    "valid-html": {
        "a box that is not closed": html("<div><p>It goes on and on.</p>"),
        "an end without a beginning": html("<div>In a box.</div></div>"),
        "closed in the wrong order": html("<p>Some <b>bold <i>words</b> here</i>.</p>"),
        "a link in a link": html('<p><a href="/">one <a href="/">two</a></a></p>'),
        "an attribute twice": html('<p class="one" class="two">Words of it.</p>'),
        "a quotation mark that is not closed": html('<p class=a"b title"=x>Words of it.</p>'),
        "a paragraph around a box": html("<p>Words <div>in a box</div> of it.</p>"),
        "an element closed as in XML": html('<p>Words <span class="x"/>of it.</p>'),
        "a sign with a name that is none": html("<p>Words&nbps;of it.</p>"),
        "no doctype": Fault(
            f"theme/{BASE}:1", theme=(BASE, "<!doctype html>", "<!-- x --><!doctype html>")
        ),
        "a template's box that is not closed": theme("<div>"),
    },
}


@pytest.mark.parametrize(
    "typed",
    [
        "<ul><li>a<li>b</ul>",
        "<p>a<p>b",
        "<dl><dt>a<dd>b</dl>",
        "<table><tr><td>a<td>b<tr><td>c</table>",
        "a<br>b<br/>c<hr>",
        '<svg><path d="M0 0"/><g><title>a</title></g></svg>',
        "a &amp; b & c &copy; &#8212; &amp;nbps; AT&T; x",
        "<style>a > b { } /* </p> */</style>",
        '<p title="a > b">c < d</p>',
    ],
)
def test_what_html_allows(typed: str) -> None:
    found = Tags(f"<!doctype html><title>a</title><body>{typed}").faults
    assert [fault for fault in found if "AT" not in fault[2] and "&T;" not in fault[2]] == []


def test_what_is_closed_in_the_wrong_order_is_said_once() -> None:
    html = "<!doctype html><p>Some <b>bold <i>words</b> here</i>.</p>"
    assert [fault[2] for fault in Tags(html).faults] == ["</b> before </i>"]
