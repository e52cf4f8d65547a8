"""Whether everybody can read a page: names, languages, headings, landmarks, keyboard.

The numbers in `checks.md` are success criteria of WCAG 2.2 (https://www.w3.org/TR/WCAG22/).
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from turbohtml import Element

from pipeline.check.checked_site import PageCheck, found
from pipeline.check.markup import HEADINGS
from pipeline.check.stylesheets import parse_rules
from pipeline.content.front_matter import is_language
from pipeline.html import PageTree, ancestors, attribute, text_of, words_of
from pipeline.problems import Problem, shorten

# RFC 5646, 2.1: language (those with more letters are reserved), script, region, variants,
# extensions, private use
LANGUAGE_TAG = re.compile(
    r"[a-z]{2,3}(?:-[a-z]{3}){0,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*(?:-[a-wyz\d](?:-[a-z\d]{2,8})+)*(?:-x(?:-[a-z\d]{1,8})+)?"
    r"|x(?:-[a-z\d]{1,8})+",
    re.IGNORECASE,
)
FILE_NAME = re.compile(r"\S+\.(?:jpe?g|png|gif|webp|avif|svg|csv)|(?:img|dsc|pxl)[_-]?\d+", re.I)
NEEDLESS = re.compile(r"(?:an? |the )?(?:image|picture) (?:of|showing)\b|images?$", re.I)
FIELDS = ("input", "select", "textarea")
FOCUSABLE = ("button", "iframe", *FIELDS, "summary")
# What Mozilla's Readability drops, and what it keeps all the same (Readability.js, REGEXPS:
# unlikelyCandidates, okMaybeItsACandidate; negative and positive for headings).
UNLIKELY = re.compile(
    "-ad-|banner|breadcrumbs|combx|comment|community|disqus|extra|footer|header|legends|menu|"
    "related|remark|replies|rss|shoutbox|sidebar|social|sponsor|supplemental|pagination|pager|popup"
)
MAYBE = re.compile("and|article|body|column|content|main|mathjax|shadow")
NEGATIVE = re.compile(
    "-ad-|hidden|banner|combx|comment|com-|contact|footer|masthead|media|meta|promo|related|scroll|"
    "share|shoutbox|sidebar|sponsor|shopping|tags|widget"
)
POSITIVE = re.compile("article|body|content|entry|main|page|pagination|post|text|blog|story")
# States that an element has only after the reader did something
STATES = re.compile(r":(?:target|hover|focus|active|visited)")


def language_tags(page: PageTree) -> Iterator[Problem]:
    """Each page states its language, and every `lang` is a language tag (BCP 47)."""
    for html in page.named("html"):
        if not attribute(html, "lang"):
            yield found(page.place(html), "no language: <html> without lang")
    for name in ("lang", "hreflang"):
        for element in page.having(name):
            tag = attribute(element, name)
            if tag and not (LANGUAGE_TAG.fullmatch(tag) and is_language(tag)):
                yield found(page.place(element), f"not a language tag: {tag!r}", "en or de-CH")


def accessible_names(page: PageTree) -> Iterator[Problem]:
    """Every link, button, form field, frame and region has a name."""
    labels = {attribute(label, "for") for label in page.named("label")} - {""}
    for element in page.named("a", *FOCUSABLE):
        around = (element, *ancestors(element))
        if any("hidden" in a.attrs or attribute(a, "aria-hidden") == "true" for a in around):
            continue
        kind = attribute(element, "type") if element.tag == "input" else ""
        is_anchor = element.tag == "a" and "href" not in element.attrs
        if is_anchor or kind in ("hidden", "submit", "reset", "image") or _name(page, element):
            continue
        labelled = attribute(element, "id") in labels or _is_inside(element, "label")
        if not (element.tag in FIELDS and labelled):
            message = f"<{element.tag}> has no name"
            yield found(page.place(element), message, "add text or aria-label")
    for element in page.having("role"):
        if attribute(element, "role") == "region" and not _name(page, element, text=False):
            yield found(page.place(element), "region has no name", "add aria-label")


def _name(page: PageTree, element: Element, text: bool = True) -> str:
    """Return the accessible name of an element: from attributes, and from its `text`."""
    ids = attribute(element, "aria-labelledby").split()
    names = [words_of(page.by_id[label]) for label in ids if label in page.by_id]
    names += [attribute(element, "aria-label"), attribute(element, "title")]
    if text:
        images = [part for part in element.iter_elements() if part.tag in ("img", "svg")]
        names += [words_of(element)]
        names += [attribute(part, "alt") or attribute(part, "aria-label") for part in images]
    return " ".join(name.strip() for name in names if name.strip())


def _is_inside(element: Element, *names: str) -> bool:
    return any(around.tag in names for around in ancestors(element))


def image_alt(page: PageTree) -> Iterator[Problem]:
    """Each image has alternative text that describes it, or is decorative."""
    for image in page.named("img"):
        alt = attribute(image, "alt").strip()
        if "alt" not in image.attrs:
            yield found(page.place(image), "image without alt")
        elif FILE_NAME.fullmatch(alt) or NEEDLESS.match(alt):
            yield found(page.place(image), f"alt does not describe the image: {shorten(alt)!r}")
    for picture in page.named("picture"):
        if not picture.find("img"):
            yield found(page.place(picture), "<picture> without <img>", "add <img> with its alt")
    for drawing in page.named("svg"):
        title = any(part.tag == "title" for part in drawing.iter_elements())
        if attribute(drawing, "role") == "img" and not title and not _name(page, drawing):
            yield found(page.place(drawing), "<svg> has no name", "add <title> or aria-label")


def table_headers(page: PageTree) -> Iterator[Problem]:
    """A table has header cells, and a valid `scope` where it gives one."""
    for table in page.named("table"):
        if attribute(table, "role") in ("presentation", "none"):
            continue
        if not table.find("th"):
            yield found(page.place(table), "table without header cells", "use <th>")
        for head in table.find_all("th"):
            scope = attribute(head, "scope")
            if scope and scope not in ("row", "col", "rowgroup", "colgroup"):
                hint = "row, col, rowgroup or colgroup"
                yield found(page.place(head), f"unknown scope {scope!r}", hint)


def landmarks(page: PageTree) -> Iterator[Problem]:
    """A page has one main part, one header and one footer, and each `<nav>` its own name."""
    parts = ("article", "aside", "main", "nav", "section")
    for name in ("main", "header", "footer"):
        own = [e for e in page.named(name) if name == "main" or not _is_inside(e, *parts)]
        if len(own) != 1:
            place = page.place(own[1] if own else page.named("body")[0])
            yield found(place, f"{len(own)} <{name}> on the page, expected one")
            if name == "main":
                break  # what was in it is of the page now
    names: set[str] = set()
    for nav in page.named("nav"):
        if (name := _name(page, nav, text=False)) in names:
            yield found(page.place(nav), f"two <nav> with the name {name!r}", "add aria-label")
        names.add(name)


def headings(page: PageTree) -> Iterator[Problem]:
    """A page has one `<h1>`, headings skip no level on the way down, and none is empty."""
    own = [element for element in page.elements if element.tag in HEADINGS]
    first = [heading for heading in own if heading.tag == "h1"]
    if len(first) != 1:
        outside = [h for h in first if not _is_inside(h, "main")]
        place = page.place([*outside, *first[1:], *page.named("main", "body")][0])
        yield found(place, f"{len(first)} <h1> on the page, expected one")
    for heading in own:
        if not _name(page, heading):
            yield found(page.place(heading), f"empty heading <{heading.tag}>")
    for above, heading in pairwise(own):
        level = int(above.tag[1]) + 1
        if int(heading.tag[1]) > level:
            message = f"<{heading.tag}> below <{above.tag}>: {shorten(words_of(heading), 40)!r}"
            yield found(page.place(heading), message, f"expected {'#' * level} or <h{level}>")


def reader_mode(page: PageTree) -> Iterator[Problem]:
    """No id or class makes a reader mode drop a heading or a part of the text."""
    for element in dict.fromkeys(page.having("class", "id")):
        own = [attribute(element, name).lower() for name in ("class", "id")]
        if not any(own) or not _is_inside(element, "main"):
            continue
        name = " ".join(own).strip()
        weight = sum(bool(POSITIVE.search(n)) - bool(NEGATIVE.search(n)) for n in own)
        unlikely = UNLIKELY.search(name) and not MAYBE.search(name)
        dropped = unlikely and element.tag != "a" and not _is_inside(element, "table", "code")
        if element.tag in ("h1", "h2") and (weight < 0 or dropped):
            yield found(page.place(element), f"reader modes drop a heading called {name!r}")
        elif own[1] and dropped:
            yield found(page.place(element), f"reader modes drop an element called {own[1]!r}")


def scroll_areas(page: PageTree) -> Iterator[Problem]:
    """The keyboard reaches what scrolls in itself."""
    css = "".join(text_of(style) for style in page.named("style"))
    areas: list[Element] = []
    for selector in _scrolling(css):
        try:
            areas += page.tree.select(selector)
        except ValueError:  # a selector that no element of the tree can match, as ::backdrop
            continue
    for area in areas:
        if not any(_is_reachable(a) for a in (area, *ancestors(area)) if a in areas):
            message = f"the keyboard does not reach <{area.tag}>, which scrolls"
            yield found(page.place(area), message, 'tabindex="0"')


@cache
def _scrolling(css: str) -> tuple[str, ...]:
    """Return the selectors of what scrolls before the reader does anything."""
    return tuple(
        rule.selector
        for rule in parse_rules(css)[0]
        if not STATES.search(rule.selector)
        for name, value, _ in rule.declarations
        if name in ("overflow", "overflow-x", "overflow-y") and re.search("auto|scroll", value)
    )


def _is_reachable(area: Element) -> bool:
    return "tabindex" in area.attrs or any(
        part.tag in FOCUSABLE or "tabindex" in part.attrs or "href" in part.attrs
        for part in (area, *area.iter_elements())
    )


def tab_order(page: PageTree) -> Iterator[Problem]:
    """The keyboard goes through a page in reading order."""
    for area in page.having("aria-hidden"):
        inside = (area, *area.iter_elements()) if attribute(area, "aria-hidden") == "true" else ()
        for element in inside:
            focusable = element.tag in FOCUSABLE or (element.tag == "a" and "href" in element.attrs)
            if focusable and attribute(element, "tabindex") != "-1":
                message = f"the keyboard reaches <{element.tag}>, but no screen reader does"
                yield found(page.place(element), message, "remove aria-hidden")
    for element in page.having("tabindex"):
        value = attribute(element, "tabindex").strip()
        if value and value not in ("0", "-1"):
            yield found(page.place(element), f"tabindex is {value!r}", 'use "0" or "-1"')


def zoom(page: PageTree) -> Iterator[Problem]:
    """A page has a viewport for phones, and lets its reader zoom."""
    viewports = [m for m in page.named("meta") if attribute(m, "name").lower() == "viewport"]
    if not viewports and not any("http-equiv" in meta.attrs for meta in page.named("meta")):
        yield found(page.place(page.named("head")[0]), 'no <meta name="viewport">')
    for meta in viewports:
        content = attribute(meta, "content").replace(" ", "").lower()
        if re.search(r"user-scalable=(?:no|0)|maximum-scale=[0-4](?:\D|$)", content):
            yield found(page.place(meta), f"zooming is disabled: {content}")


PAGE_CHECKS: tuple[PageCheck, ...] = (
    language_tags, accessible_names, image_alt, table_headers, landmarks, headings, reader_mode,
    scroll_areas, tab_order, zoom,
)  # fmt: skip
