"""Whether a page can be read and worked by everybody: by ear, by keyboard, in a reader view.

After WCAG 2.2; the numbers are those of its success criteria.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from justhtml import Element

from pipeline.check.markup import ancestors
from pipeline.check.site import Page, Site, attribute, hints, words_of
from pipeline.check.stylesheet import at_rest, rules
from pipeline.check.vocabulary import HEADINGS
from pipeline.problems import Problem

# RFC 5646, 2.1: language, script, region, variants, extensions, private use.
LANGUAGE = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*(?:-[a-wyz\d](?:-[a-z\d]{2,8})+)*(?:-x(?:-[a-z\d]{1,8})+)?"
    r"|x(?:-[a-z\d]{1,8})+",
    re.IGNORECASE,
)
FILE_NAME = re.compile(r"\S+\.(?:jpe?g|png|gif|webp|avif|svg|csv)|(?:img|dsc|pxl)[_-]?\d+", re.I)
NEEDLESS = re.compile(r"(?:an? |the )?(?:image|picture|graphic|icon) (?:of|showing)\b|images?$", re.I)
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
DECORATIVE = "decorative"
FIELDS = ("input", "select", "textarea")
FOCUSABLE = ("button", "iframe", "input", "select", "summary", "textarea")


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
            parts = hints(page, first[1]) if first else ("<h1",)
            yield page.problem("a page must have one first heading", f"{len(first)}", "", parts)
        for heading in found:
            if not name_of(page, heading):
                must = "a heading must have words"
                yield page.problem(must, f"<{heading.name}>", parts=hints(page, heading))
        for above, heading in pairwise(found):
            if int(heading.name[1]) - int(above.name[1]) > 1:
                must = f"below <{above.name}> the next heading must be <h{int(above.name[1]) + 1}>"
                marks = "#" * int(heading.name[1])
                parts = (f"{marks} {words_of(heading)}", *hints(page, heading))
                yield page.problem(must, f"<{heading.name}>", f"{marks[:-1]}", parts)


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
                must, found = "an id must not be one that reader views drop", attribute(element, "id")
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


def languages(site: Site) -> Iterator[Problem]:
    """Each page says its language, and every `lang` is a tag of BCP 47.

    A screen reader chooses its voice by it, a browser its hyphens and quotation marks (WCAG 3.1.1,
    3.1.2). `fr`, `de-CH`, `zh-Hans` are such tags; “french” and `en_US` are not.
    """
    for page in site.pages:
        for html in page.named("html"):
            if not attribute(html, "lang"):
                yield page.problem("a page must say its language", "no lang", parts=("<html",))
        for element in page.elements:
            for name in ("lang", "hreflang"):
                tag = attribute(element, name)
                if tag and not LANGUAGE.fullmatch(tag):
                    must, fix = f"{name} must be a language tag of BCP 47", "such as en or de-CH"
                    parts = (f"{name}={tag}", f'{name}="{tag}"', f"Lang: {tag}", tag)
                    yield page.problem(must, repr(tag), fix, (*parts, *hints(page, element)))


def names(site: Site) -> Iterator[Problem]:
    """Every link, button, field, frame and region has a name.

    Without one a screen reader says “link”, or spells the address (WCAG 2.4.4, 4.1.2). Words in it
    are its name, or a picture's `alt`, or `aria-label`; a field's is its `<label>`. A link around
    nothing is often a picture with empty brackets.
    """
    for page in site.pages:
        labels = {attribute(label, "for") for label in page.named("label")}
        for element in page.named("a", "button", *FIELDS, "iframe", "summary"):
            if not needs_name(element) or name_of(page, element):
                continue
            wrapped = any(a.name == "label" for a in ancestors(element))
            if element.name in FIELDS and (attribute(element, "id") in labels or wrapped):
                continue
            must = f"a <{element.name}> must have a name"
            yield page.problem(must, "none", "put words into it, or aria-label", hints(page, element))
        for element in page.elements:
            if attribute(element, "role") == "region" and not name_of(page, element, words=False):
                must = "a region must have a name"
                yield page.problem(must, "none", "aria-label", hints(page, element))


def needs_name(element: Element) -> bool:
    """Return whether a reader meets an element that must be called something."""
    if hidden(element):
        return False
    if element.name == "a":
        return "href" in (element.attrs or {})
    own = ("hidden", "submit", "reset", "image")
    return element.name != "input" or attribute(element, "type") not in own


def hidden(element: Element) -> bool:
    """Return whether an element, or what it stands in, is kept from readers."""
    return any(
        "hidden" in (a.attrs or {}) or attribute(a, "aria-hidden") == "true"
        for a in (element, *ancestors(element))
    )


def name_of(page: Page, element: Element, words: bool = True) -> str:
    """Return what an element is called, by its attributes or by the `words` in it."""
    ids = attribute(element, "aria-labelledby").split()
    labels = [words_of(other) for other in page.elements if attribute(other, "id") in ids if ids]
    given = [*labels, attribute(element, "aria-label"), attribute(element, "title")]
    if words:
        given += [words_of(element)]
        given += [
            attribute(part, "alt") or attribute(part, "aria-label") for part in element.query("img, svg")
        ]
    return " ".join(text.strip() for text in given if text.strip())


def alternatives(site: Site) -> Iterator[Problem]:
    """Each picture says what is seen, in words that are no file name, or is decorative.

    They are what a reader has who does not see it, and what all have who do not get it (WCAG
    1.1.1). Write what the picture tells, without “image of”: screen readers say that it is one.
    One that tells nothing is `![](flourish.png){: .decorative}`.
    """
    for page in site.pages:
        for image in page.named("img"):
            alt = attribute(image, "alt").strip()
            if "alt" not in (image.attrs or {}):
                must, found = "a picture must have alt", "none"
            elif not alt and not decorative(image):
                must, found = "a picture that says nothing must be decorative", 'alt=""'
            elif FILE_NAME.fullmatch(alt) or NEEDLESS.match(alt):
                must, found = "alt must say what is seen", repr(alt)
            else:
                continue
            yield page.problem(must, found, "", (f"![{alt}]", *hints(page, image, "src")))
        for drawing in page.named("svg"):
            titled = any(child.name == "title" for child in drawing.query("title"))
            if attribute(drawing, "role") == "img" and not titled and not name_of(page, drawing):
                must = "a drawing must have a title or aria-label"
                yield page.problem(must, "none", parts=hints(page, drawing))


def decorative(image: Element) -> bool:
    """Return whether a picture says that it shows nothing."""
    return DECORATIVE in attribute(image, "class").split() or hidden(image)


def table_headers(site: Site) -> Iterator[Problem]:
    """A table has header cells, and what each is for where it has more than one kind.

    A screen reader says them with each cell (WCAG 1.3.1). In Markdown the first row is of header
    cells; one typed in HTML needs `<th>`. A table for places alone has `role="presentation"`.
    """
    for page in site.pages:
        for table in page.named("table"):
            if attribute(table, "role") in ("presentation", "none"):
                continue
            heads = [cell for cell in table.query("th") if isinstance(cell, Element)]
            if not heads:
                must, fix = "a table must have header cells", "<th>"
                yield page.problem(must, "none", fix, hints(page, table))
            for head in heads:
                scope = attribute(head, "scope")
                if scope and scope not in ("row", "col", "rowgroup", "colgroup"):
                    must = "scope must be row, col, rowgroup or colgroup"
                    yield page.problem(must, repr(scope), parts=hints(page, head, "scope"))


def landmarks(site: Site) -> Iterator[Problem]:
    """A page has one main part, one header, one footer, and parts of one kind have names.

    By them who hears a page goes to its text at once (WCAG 1.3.1, 2.4.1). They are the theme's:
    mend `base.html`. Two `<nav>` need an `aria-label` each, and not the same.
    """
    for page in site.pages:
        for name in ("header", "main", "footer"):
            found = [e for e in page.named(name) if name == "main" or at_top(e)]
            if len(found) != 1:
                must, parts = f"a page must have one <{name}> of its own", (f"<{name}",)
                yield page.problem(must, f"{len(found)}", parts=parts)
        navs = page.named("nav")
        called = [name_of(page, nav, words=False) for nav in navs]
        for nav, name in zip(navs, called, strict=True):
            if len(navs) > 1 and called.count(name) > 1:
                must = "each <nav> must have a name of its own"
                yield page.problem(must, repr(name), "aria-label", hints(page, nav))


def at_top(element: Element) -> bool:
    """Return whether a header or footer is the page's, not that of a part."""
    parts = ("article", "aside", "main", "nav", "section")
    return all(a.name not in parts for a in ancestors(element))


def scroll_areas(site: Site) -> Iterator[Problem]:
    """What scrolls in itself can be reached by the keyboard.

    Who has no mouse would never see the end of a wide table (WCAG 2.1.1). What the stylesheet gives
    `overflow: auto` needs `tabindex="0"`, or a link or button in it. The pipeline sets that for
    tables, code and formulas; in HTML of your own, set it yourself.
    """
    selectors: dict[str, tuple[str, ...]] = {}
    for page in site.pages:
        css = "".join(style.to_text(strip=False) for style in page.named("style"))
        if css not in selectors:
            selectors[css] = tuple(scrolling(css))
        areas = [e for s in selectors[css] for e in page.document.query(s)]
        for area in areas:
            around = [area, *ancestors(area)]
            if not any(reachable(a) for a in around if a in areas):
                must, fix = f"a <{area.name}> that scrolls must take the keyboard", 'tabindex="0"'
                yield page.problem(must, "no tabindex", fix, hints(page, area))


def scrolling(css: str) -> Iterator[str]:
    """Yield the selectors of what scrolls before anybody does anything."""
    for rule in rules(css):
        values = [rule.declarations.get(n, "") for n in ("overflow", "overflow-x", "overflow-y")]
        if re.search("auto|scroll", " ".join(values)) and at_rest(rule.selector):
            yield rule.selector


def reachable(area: Element) -> bool:
    """Return whether the keyboard gets to an element or into it."""
    return any(
        e.name in FOCUSABLE or "tabindex" in (e.attrs or {}) or (e.name == "a" and "href" in e.attrs)
        for e in (area, *area.query("*"))
    )


def tab_order(site: Site) -> Iterator[Problem]:
    """The keyboard goes through a page in the order in which it is read.

    A `tabindex` above 0 is first of all, before the menu and the text, wherever it stands (WCAG
    2.4.3). Use 0, and put the thing where its turn is.
    """
    for page in site.pages:
        for element in page.elements:
            value = attribute(element, "tabindex")
            if value and (not re.fullmatch(r"-?\d+", value) or int(value) > 0):
                must, parts = "tabindex must be 0 or -1", hints(page, element)
                yield page.problem(must, value, 'tabindex="0"', parts)


CHECKS = (
    headings, kept_by_reader_views, languages, names, alternatives, table_headers, landmarks,
    scroll_areas, tab_order,
)  # fmt: skip
