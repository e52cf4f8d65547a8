"""Links: every address of the site leads where it says, at once."""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from pipeline.check.addresses import (
    Place,
    addresses,
    machine_addresses,
    place_of,
    resolve,
)
from pipeline.check.misspelt import flaw_of
from pipeline.check.prose import place_in
from pipeline.check.site import Page, Site, attribute
from pipeline.check.sources import BUILT_IN
from pipeline.problems import Problem
from pipeline.read.front_matter import KEY, split


def broken_links(site: Site) -> Iterator[Problem]:
    """Every address on the site leads to a file that is there.

    Links, pictures, each candidate of a srcset, feeds, canonical addresses, pictures for social
    cards, sitemaps and OPML lists; an address of the site written in full counts too.
    Hosts tell capital letters from small ones, and drafts are not published. Write the path of the
    file that you mean, as an editor completes it. There is nothing to excuse: what is not there
    cannot be read.
    """
    drafts = dict(unpublished(site))
    for page in site.pages:
        for address in addresses(page):
            place = resolve(site, page, address.value)
            if place and not is_there(site, place) and not flaw_of(address):
                fix = similar(site, place)
                must = "must lead to a file that is there"
                if draft := drafts.get(place.path.rstrip("/")):
                    must, fix = "must lead to what is published", f"{draft} is a draft"
                yield address.problem(must, f"/{place.path}", fix)
    for name, url in machine_addresses(site):
        place = place_of(site.url, url)
        if place and not is_there(site, place):
            yield Problem(*place_in(site, name, url), "must name addresses that are there", url)


def missing_fragments(site: Site) -> Iterator[Problem]:
    """A link to a part of a page (`#failure-modes`) leads to an id on that page.

    Otherwise the reader lands on top of a long page and does not find what was promised. Use the
    id of the heading (hover over it in the preview), or give it one: `## Words {: #id }`.
    """
    for page in site.pages:
        for address in addresses(page):
            place = resolve(site, page, address.value)
            target = site.page_at.get(place.file) if place else None
            if not place or not target or place.fragment in ("", "top", *target.ids):
                continue
            near = get_close_matches(place.fragment, target.ids, n=1)
            fix = f"did you mean #{near[0]}?" if near else ""
            elsewhere = f" on {target.address}" if target is not page else ""
            must = "must lead to an id that is there"
            yield address.problem(must, f"#{place.fragment}{elsewhere}", fix)


def needless_redirects(site: Site) -> Iterator[Problem]:
    """An address of the site has the one form that its host answers at once.

    `/about` for `/about/`, `index.html`, `http:` and `www.` cost a reader a second round trip where
    the host redirects, and are a dead end where it does not. Write the file's path, or the address
    with the slash that it ends in.
    """
    for page in site.pages:
        for address in addresses(page):
            place = resolve(site, page, address.value)
            if place and (found := detour(site, place)):
                must = "must be an address that needs no redirect"
                yield address.problem(must, found, f"write {best_form(site, place)}")
    for name, url in machine_addresses(site):
        place = place_of(site.url, url)
        if place and (found := detour(site, place)):
            must = "must name addresses that need no redirect"
            yield Problem(*place_in(site, name, url), must, found)


def orphans(site: Site) -> Iterator[Problem]:
    """Every page can be reached by links from the home page.

    One that cannot is found by nobody, search engines included. Link to it from a text or the
    theme. The 404 page, pages that are kept from search engines (`Status: hidden`, earlier
    editions) and pages that only redirect need no link.
    """
    reached, waiting = {"index.html"}, ["index.html"]
    while waiting:
        page = site.page_at.get(waiting.pop())
        for address in addresses(page) if page else ():
            place = resolve(site, address.page, address.value)
            if place and address.element.name == "a" and place.file not in reached:
                reached.add(place.file)
                waiting.append(place.file)
    for page in site.pages:
        if page.path not in reached and not excused(page):
            fix = "link to it, or set Status: hidden"
            must = "must be reachable by links from the home page"
            yield page.problem(must, f"nothing leads to {page.address}", fix, ("Title:",))


def excused(page: Page) -> bool:
    """Return whether a page needs no link: errors, hidden pages, redirects."""
    refreshes = any(attribute(e, "http-equiv").lower() == "refresh" for e in page.named("meta"))
    return page.path == "404.html" or "noindex" in page.robots or refreshes


def is_there(site: Site, place: Place) -> bool:
    """Return whether a host that knows the site's files can answer, be it by a redirect."""
    return place.file in site.files or f"{place.path}/index.html" in site.files


def detour(site: Site, place: Place) -> str:
    """Return what about an address asks for a redirect ("": nothing does)."""
    if not is_there(site, place):
        return ""
    if not place.exact:
        return f"/{place.path} by another scheme or host than {site.url}"
    if place.file not in site.files:
        return f"/{place.path} without the slash at its end"
    if re.search(r"(?:^|/)index\.html$", place.path):
        return f"/{place.path}"
    return ""


def best_form(site: Site, place: Place) -> str:
    """Return the address as it should be."""
    path = re.sub(r"(^|/)index\.html$", r"\1", place.path)
    if path not in site.files and path and not path.endswith("/"):
        path += "/"
    fragment = f"#{place.fragment}" if place.fragment else ""
    return f"{site.url}/{path}{fragment}"


def similar(site: Site, place: Place) -> str:
    """Return "did you mean …?" with the address most like one that leads nowhere."""
    known = {re.sub(r"(^|/)index\.html$", r"\1", name): name for name in sorted(site.files)}
    lower = {name.lower(): name for name in known}
    if same := lower.get(place.path.lower()):
        return f"capital letters count: /{same}"
    found = get_close_matches(place.path, known, n=1, cutoff=0.7)
    return f"did you mean /{found[0]}?" if found else ""


def unpublished(site: Site) -> Iterator[tuple[str, str]]:
    """Yield the path that each draft would have, without slashes around it, and its source."""
    root = f"{site.settings['PATH']}/"
    for source, path in site.outputs:
        if path or source == BUILT_IN or not source.endswith(".md"):
            continue
        name = source.removeprefix(root)
        match = re.match(site.settings["PATH_METADATA"], name)
        slug = match["slug"] if match else name
        text = next(s.text for s in site.sources if s.path == source)
        lines = [found for line in split(text)[0] if (found := KEY.match(line))]
        own = next((found[2].strip() for found in lines if found[1].lower() == "slug"), "")
        if own:
            slug = f"{slug.rpartition('/')[0]}/{own}".lstrip("/")
        kind = "" if name.startswith(tuple(site.settings["PAGE_PATHS"])) else "posts/"
        yield f"{kind}{slug}", source


CHECKS = (
    broken_links,
    missing_fragments,
    needless_redirects,
    orphans,
)
