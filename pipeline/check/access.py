"""Whether a page can be read by everybody: what things are called, and which language they speak.

After WCAG 2.2; the numbers are those of its success criteria.
"""

import re
from collections.abc import Iterator

from justhtml import Element

from pipeline.check.elements import ancestors, hints, name_of
from pipeline.check.site import Site, attribute
from pipeline.problems import Problem

# RFC 5646, 2.1: language (those of more letters are reserved), script, region, variants,
# extensions, private use.
LANGUAGE = re.compile(
    r"[a-z]{2,3}(?:-[a-z]{3}){0,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*(?:-[a-wyz\d](?:-[a-z\d]{2,8})+)*(?:-x(?:-[a-z\d]{1,8})+)?"
    r"|x(?:-[a-z\d]{1,8})+",
    re.IGNORECASE,
)
FILE_NAME = re.compile(r"\S+\.(?:jpe?g|png|gif|webp|avif|svg|csv)|(?:img|dsc|pxl)[_-]?\d+", re.I)
NEEDLESS = re.compile(r"(?:an? |the )?(?:image|picture) (?:of|showing)\b|images?$", re.I)
FIELDS = ("input", "select", "textarea")


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
            yield page.problem(
                must, "none", "put words into it, or aria-label", hints(page, element)
            )
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
                must = f"a page must have one <{name}> of its own"
                parts = hints(page, found[1]) if found else ("<body>",)
                yield page.problem(must, f"{len(found)}", parts=parts)
        called: set[str] = set()
        for nav in page.named("nav"):
            if (name := name_of(page, nav, words=False)) in called:
                must = "each <nav> must have a name of its own"
                yield page.problem(must, repr(name), "aria-label", hints(page, nav))
            called.add(name)


def at_top(element: Element) -> bool:
    """Return whether a header or footer is the page's, not that of a part."""
    parts = ("article", "aside", "main", "nav", "section")
    return all(a.name not in parts for a in ancestors(element))


CHECKS = (languages, names, alternatives, table_headers, landmarks)
