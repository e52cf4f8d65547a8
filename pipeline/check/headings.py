"""Whether headings and parts reach those who hear a page, or read it in a reader view."""

import re
from collections.abc import Iterator
from itertools import pairwise

from justhtml import Element

from pipeline.check.elements import ancestors, hints, name_of
from pipeline.check.site import Site, attribute, words_of
from pipeline.check.vocabulary import HEADINGS
from pipeline.problems import Problem

# What Mozilla's Readability takes for no part of a text (readability.js: unlikelyCandidates,
# okMaybeItsACandidate; positive and negative, by which it weighs a heading).
UNLIKELY = re.compile(
    "-ad-|ai2html|banner|breadcrumbs|combx|comment|community|cover-wrap|disqus|extra|footer|gdpr|"
    "header|legends|menu|related|remark|replies|rss|shoutbox|sidebar|skyscraper|social|sponsor|"
    "supplemental|ad-break|agegate|pagination|pager|popup|yom-remote",
    re.IGNORECASE,
)
MAYBE = re.compile("and|article|body|column|content|main|mathjax|shadow", re.IGNORECASE)
GOOD = re.compile(
    "article|body|content|entry|hentry|h-entry|main|page|pagination|post|text|blog|story", re.I
)
BAD = re.compile(
    "-ad-|hidden|^hid$| hid$| hid |^hid |banner|combx|comment|com-|contact|footer|gdpr|masthead|"
    "media|meta|outbrain|promo|related|scroll|share|shoutbox|sidebar|skyscraper|sponsor|shopping|"
    "tags|widget",
    re.IGNORECASE,
)


def headings(site: Site) -> Iterator[Problem]:
    """A page has one first heading, no level is skipped on the way down, and none is empty.

    Who hears a page goes from heading to heading (WCAG 1.3.1, 2.4.6): a level that is missing
    sounds like a part that is missing. In a text, headings begin with `##`, and `####` stands below
    `###` only. An `<h1>` is the title's alone.
    """
    for page in site.pages:
        found = [element for element in page.elements if element.name in HEADINGS]
        first = page.named("h1")
        if len(first) != 1:
            outside = [h for h in first if all(a.name != "main" for a in ancestors(h))]
            wrong = [f"<h1>{words_of(h)}</h1>" for h in (*outside, *first[1:])]
            parts: tuple[str, ...] = (wrong[0] if wrong else "{% block main %}",)
            yield page.problem("a page must have one first heading", f"{len(first)}", "", parts)
        for heading in found:
            if not name_of(page, heading):
                must = "a heading must have words"
                yield page.problem(must, f"<{heading.name}>", parts=hints(page, heading))
        for above, heading in pairwise(found):
            if int(heading.name[1]) - int(above.name[1]) > 1:
                wanted = int(above.name[1]) + 1
                must = f"below <{above.name}> the next heading must be <h{wanted}>"
                marks = "#" * int(heading.name[1])
                parts = (f"{marks} {words_of(heading)}", *hints(page, heading))
                shown = f"<{heading.name}>, {words_of(heading)[:40]!r}"
                yield page.problem(must, shown, "#" * wanted, parts)


def kept_by_reader_views(site: Site) -> Iterator[Problem]:
    """No id or class makes a reader view drop a heading or a part of the text.

    Firefox's reader view and the many programs built on Mozilla's Readability take what is called
    “comments”, “related” or “footer” for something beside the text, and a second heading called
    “media” or “tags” too. Give the thing another id: `{: #what-i-watch }`.
    """
    for page in site.pages:
        for element in page.elements:
            own = f"{attribute(element, 'class')} {attribute(element, 'id')}"
            if own == " " or not any(a.name == "main" for a in ancestors(element)):
                continue
            if element.name in ("h1", "h2") and (weight(element) < 0 or dropped(element)):
                must, found = "a heading must not be called what reader views drop", own.strip()
            elif attribute(element, "id") and dropped(element):
                must, found = (
                    "an id must not be one that reader views drop",
                    attribute(element, "id"),
                )
            else:
                continue
            yield page.problem(must, found, "give it another", (f"#{found}", *hints(page, element)))


def weight(element: Element) -> int:
    """Return what Readability makes of an element's class and id; it drops headings below 0."""
    values = [attribute(element, name) for name in ("class", "id")]
    return sum(25 * (bool(GOOD.search(v)) - bool(BAD.search(v))) for v in values if v)


def dropped(element: Element) -> bool:
    """Return whether Readability takes an element for no part of the text."""
    own = f"{attribute(element, 'class')} {attribute(element, 'id')}"
    around = (ancestor.name for ancestor in ancestors(element))
    free = element.name in ("a", "body") or not {"table", "code"}.isdisjoint(around)
    return bool(not free and UNLIKELY.search(own) and not MAYBE.search(own))


CHECKS = (headings, kept_by_reader_views)
