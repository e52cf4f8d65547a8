"""Whether a page can be worked by the keyboard alone."""

import re
from collections.abc import Iterator

from justhtml import Element

from pipeline.check.elements import ancestors, hints
from pipeline.check.site import Site, attribute
from pipeline.check.stylesheet import at_rest, rules
from pipeline.problems import Problem

FOCUSABLE = ("button", "iframe", "input", "select", "summary", "textarea")


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
        found = [e for s in selectors[css] for e in page.document.query(s)]
        areas = [area for area in found if isinstance(area, Element)]
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
    return "tabindex" in (area.attrs or {}) or any(
        part.name in FOCUSABLE or attribute(part, "tabindex") or attribute(part, "href")
        for part in (area, *area.query("*"))
        if isinstance(part, Element)
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


CHECKS = (scroll_areas, tab_order)
