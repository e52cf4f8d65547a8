"""Whether a page is the HTML that browsers know: its words, and what stands in what."""

import re
from collections.abc import Iterator

from justhtml import Element

from pipeline.check import vocabulary as words
from pipeline.check.elements import ancestors, hints
from pipeline.check.site import Page, Site, attribute
from pipeline.check.tags import FOREIGN, NO_NAME
from pipeline.problems import Problem
from pipeline.read.front_matter import nearest

# Attributes whose value is ids of the same page
REFERRING = (
    "for", "form", "headers", "list", "popovertarget", "commandfor", "aria-labelledby",
    "aria-describedby", "aria-controls", "aria-owns", "aria-details", "aria-flowto",
    "aria-activedescendant", "aria-errormessage",
)  # fmt: skip


def known_words(site: Site) -> Iterator[Problem]:
    """Elements, attributes and ARIA states are HTML's own, and not obsolete.

    A browser drops in silence what it does not know: `<img scr=…>` shows no picture, `<center>` is
    kept for pages of 1999. The name that was meant is often in the message. Colours, sizes and
    places belong into the stylesheets. A name with a hyphen (a custom element, `data-…`) is free.
    """
    for page in site.pages:
        for element in page.elements:
            if element.namespace not in FOREIGN and "-" not in element.name:
                yield from _unknown_words(page, element)


def _unknown_words(page: Page, element: Element) -> Iterator[Problem]:
    name = element.name
    if name not in words.ELEMENTS:
        must, fix = "an element must be one of HTML", nearest(name, words.ELEMENTS)
        yield page.problem(must, f"<{name}>", fix, hints(page, element))
        return
    own = words.GLOBAL | words.ATTRIBUTES.get(name, frozenset())
    if strange := [given for given in element.attrs or () if unknown(given, own)]:
        must, given = f"<{name}> must have attributes of HTML", strange[0]
        fix = nearest(given, words.ARIA if given.startswith("aria-") else own)
        yield page.problem(must, ", ".join(strange), fix, hints(page, element, given))
    for role in sorted(set(attribute(element, "role").split()) - words.ROLES):
        if not role.startswith(("doc-", "graphics-")):  # of books and of drawings
            must, fix = "a role must be one of ARIA", nearest(role, words.ROLES)
            yield page.problem(must, repr(role), fix, hints(page, element, "role"))


def unknown(name: str, own: frozenset[str]) -> bool:
    """Return whether an attribute is neither one of `own` nor of a family.

    One that is no name at all is for `valid_html`.
    """
    if re.search(NO_NAME, name):
        return False
    if name.startswith("aria-"):
        return name not in words.ARIA
    return name not in own and not name.startswith(("data-", "on", "xml:", "xmlns:"))


def content_models(site: Site) -> Iterator[Problem]:
    """What stands in what is as HTML has it: items in lists, words in lines, no button in a link.

    A list item outside a list is read as plain text by screen readers, a heading within a `<span>`
    is no heading to some programs, and nobody knows what a click on a button in a link does. Put
    the element where it belongs, at the line that is named.
    """
    for page in site.pages:
        for element in page.elements:
            if element.namespace not in FOREIGN:
                for must, found in misplaced(element):
                    yield page.problem(must, found, parts=hints(page, element))


def misplaced(element: Element) -> Iterator[tuple[str, str]]:
    """Yield what must be so, and what was found, for an element in the wrong place."""
    name, parent = element.name, element.parent
    around = parent.name if isinstance(parent, Element) else ""
    if name in words.PARENTS and around not in words.PARENTS[name]:
        where = " or ".join(f"<{p}>" for p in sorted(words.PARENTS[name]))
        yield f"<{name}> must stand in {where}", f"in <{around}>"
    elif around in words.CHILDREN and name not in words.CHILDREN[around]:
        what = " or ".join(f"<{c}>" for c in sorted(words.CHILDREN[around]) if c != "template")
        yield f"<{around}> must have {what} in it alone", f"<{name}>"
    elif (
        name in words.BLOCKS
        and (line := _line_around(element))
        # A heading may be a summary's or a legend's words.
        and (name not in words.HEADINGS or line not in ("legend", "summary"))
    ):
        yield f"<{name}> must not stand in <{line}>, which is for words", "it does"
    if name in words.INTERACTIVE and (name != "a" or "href" in (element.attrs or {})):
        outer = next((a.name for a in ancestors(element) if a.name in ("a", "button")), "")
        if outer:
            yield f"<{name}> must not stand in <{outer}>, which has one click", "it does"


def _line_around(element: Element) -> str:
    """Return the name of what is for words alone and has the element in it, or ""."""
    first = next((a.name for a in ancestors(element) if a.name not in words.TRANSPARENT), "")
    return first if first in words.OF_PHRASES else ""


def unique_ids(site: Site) -> Iterator[Problem]:
    """An id is one thing's on a page, and no id is empty or has a space in it.

    A link to `#it` leads to the first of two, whatever was meant, and so do the names that screen
    readers take from ids. Headings get ids from their words; two of the same words get numbers, so
    it is an id typed by hand: give the other one another, `{: #another }`.
    """
    for page in site.pages:
        seen = set()
        for element in page.elements:
            if "id" not in (element.attrs or {}):
                continue
            name = attribute(element, "id")
            if not name or re.search(r"\s", name):
                must = "an id must be a word"
                yield page.problem(must, repr(name), parts=hints(page, element))
            elif name in seen:
                must, parts = "an id must be one thing's", (f"#{name}", *hints(page, element))
                yield page.problem(must, f"{name} is two", f"{{: #{name}-2 }}", parts)
            seen.add(name)


def references(site: Site) -> Iterator[Problem]:
    """An attribute that names an id (`aria-labelledby`, `for`, `headers`) names one of the page.

    What it should name or describe stays without a name, and nothing shows it on the screen. Give
    the id to the thing that is meant, or mend the attribute.
    """
    for page in site.pages:
        for element in page.elements:
            for name in REFERRING:
                for lost in set(attribute(element, name).split()) - page.ids:
                    must, found = f"{name} must name an id of the page", repr(lost)
                    parts = (f'{name}="{lost}"', *hints(page, element, name))
                    yield page.problem(must, found, nearest(lost, page.ids), parts)


CHECKS = (known_words, content_models, unique_ids, references)
