"""What the pages say about themselves in their heads: right, and the same everywhere."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pipeline.check.heads import (
    TEMPLATE,
    classes,
    description,
    is_post,
    posting,
    properties,
    texts,
    written_day,
)
from pipeline.check.site import Page, Site, attribute, read_source, words_of
from pipeline.problems import Problem
from pipeline.read.reader import TAGS_FILE

LONGEST, FEWEST_WORDS = 200, 3


def titles(site: Site) -> Iterator[Problem]:
    """Every page has a title, and no two that search engines list have the same.

    The title is what a search engine, a tab and a bookmark show, so it must tell the page from all
    others. Give the post or page another `Title`; the titles of lists are in LISTS of
    pelicanconf.py. Two texts that must share a title can be told apart in it ("Notes, part 2").
    There is nothing to excuse.
    """
    must = "a page must have a title of its own"
    yield from repeated(site, must, lambda page: next(map(words_of, page.named("title")), ""))


def descriptions(site: Site) -> Iterator[Problem]:
    """Every page has a description of its own, of three words to 200 characters.

    Search engines, shared links and lists show it under the title, and cut what is longer. A post
    or page has it from its `Summary`, a tag from content/tags.toml, a list from LISTS of
    pelicanconf.py: write what the page says that no other does. A long one is excused in the text,
    before its first word.
    """
    must = "a page must have a description of its own"
    yield from repeated(site, must, description)
    for page in texts(site):
        found = description(page)
        if found and (len(found) > LONGEST or len(found.split()) < FEWEST_WORDS):
            must = f"a description must have {FEWEST_WORDS} words to {LONGEST} characters"
            path, line = place_of(page, site, found)
            words = len(found.split())
            length = f"{len(found)} characters" if words >= FEWEST_WORDS else repr(found)
            yield Problem(path, line, must, length)


def canonical(site: Site) -> Iterator[Problem]:
    """A page that search engines may list names its own address, absolute; another names none.

    The same page is often found at several addresses (with parameters, at a mirror); the canonical
    one gathers what is said of it. Two pages that name one address hide each other, and a page with
    `noindex` that names one contradicts itself. The theme writes the line
    (partials/metadata.html). There is nothing to excuse.
    """
    for page in texts(site):
        links = [link for link in page.named("link") if attribute(link, "rel") == "canonical"]
        found = [attribute(link, "href") for link in links]
        wanted = [] if "noindex" in page.robots else [site.url + page.address]
        if found != wanted:
            must = "must name its own address as the canonical one, or none if it is noindex"
            said = f"{', '.join(found) or 'none'} on {page.address}"
            yield page.problem(must, said, parts=('<link rel="canonical"',))


def same_facts(site: Site) -> Iterator[Problem]:
    """What a page says of itself in several places is the same in all of them.

    Title, description, address and dates stand in the head, in Open Graph, in the structured data
    and in the text's microformats, and each has its reader; where they differ, one is wrong. They
    are made of the same facts (render/metadata/facts.py), so mend the template that writes another.
    There is nothing to excuse.
    """
    for page in texts(site):
        for name, values in facts(page, site):
            if len({value for value in values if value}) > 1:
                found = " / ".join(dict.fromkeys(value for value in values if value))
                parts = (f"{name.capitalize()}:", TEMPLATE)
                yield page.problem(f"must say the same {name} everywhere", found, parts=parts)


def facts(page: Page, site: Site) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the names of facts with what is said of them, where it is said."""
    said, thing = properties(page), posting(page)
    first = next((words_of(e) for e in page.named("h1")), "") if is_post(page, site) else ""
    titled = next(map(words_of, page.named("title")), "")
    site_name = said.get("og:site_name", "")
    yield "title", [said.get("og:title", ""), titled.removesuffix(f" · {site_name}"), first,
                    str(thing.get("headline", ""))]  # fmt: skip
    yield "summary", [said.get("og:description", ""), description(page),
                      str(thing.get("description", ""))]  # fmt: skip
    address = site.url + page.address if said.get("og:url") else ""
    yield "address", [said.get("og:url", ""), address, str(thing.get("url", ""))]
    image = thing.get("image") or {}
    yield "picture", [said.get("og:image", ""), str(image.get("url", ""))]
    shown = {name: attribute(e, "datetime") for e in page.named("time") for name in classes(e)}
    for key, open_name, name, role in (
        ("date", "article:published_time", "datePublished", "dt-published"),
        ("modified", "article:modified_time", "dateModified", "dt-updated"),
    ):
        times = [said.get(open_name, ""), str(thing.get(name, ""))]
        days = [time[:10] for time in times]
        own = shown.get(role, "") if thing else ""
        days += [own[:10], own[:10] and written_day(page, key)]
        yield key, times if len(set(times)) > 1 else days


def repeated(site: Site, must: str, text_of: Callable[[Page], str]) -> Iterator[Problem]:
    """Yield a problem for each page without a text, or with one that a listed page has too."""
    first: dict[str, Page] = {}
    # The site's own lists come first: what an author writes is what can be told apart from them.
    for page in sorted(texts(site), key=lambda page: page.source is not None):
        text = text_of(page)
        if not text:
            yield page.problem(must, "none", parts=("<title>",))
        elif "noindex" not in page.robots:
            other = first.setdefault(text, page)
            if other is not page:
                path, line = place_of(page, site, text.rpartition(" · ")[0] or text)
                yield Problem(path, line, must, f"that of {other.address}: {text}")


def place_of(page: Page, site: Site, text: str) -> tuple[str, int]:
    """Return where a title or description is written: in a text, for tags, or in the settings."""
    if page.source:
        return page.place(text)
    tags = Path(site.settings["PATH"], TAGS_FILE)
    settings = Path(site.settings["THEME"]).parent / "pelicanconf.py"
    for path, parts in ((tags, (text,)), (settings, (f'"{text}"', "LISTS = "))):
        for part in parts if path.is_file() else ():
            if line := read_source(str(path)).find(part):
                return str(path), line
    return page.address, 0


CHECKS = (titles, descriptions, canonical, same_facts)
