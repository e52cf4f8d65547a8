"""What search engines are told: the sitemap and robots.txt."""

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import unquote, urljoin
from urllib.robotparser import RobotFileParser
from xml.etree.ElementTree import Element, ParseError, fromstring

from pipeline.check.heads import classes, has_offset, texts, written_day
from pipeline.check.site import Page, Site, attribute
from pipeline.problems import Problem, line_of

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ROBOTS = "robots.txt"
PARTS = {"loc", "lastmod", "changefreq", "priority"}
MOST, LARGEST = 50_000, 50 * 1024 * 1024


def sitemap(site: Site) -> Iterator[Problem]:
    """The sitemap is one by the rules of sitemaps.org, and has every page that may be listed.

    Search engines find new pages by it and read again what has changed, as long as it is true: its
    addresses are the canonical ones, nothing that is kept from search engines is in it, and each
    date is the author's own (`Modified`, else `Date`; of a list the newest), never a build's. The
    pipeline writes it (render/metadata/sitemap.py). There is nothing to excuse.
    """
    name = site.settings["SITEMAP"]
    if name not in site.files:
        yield Problem(f"/{name}", 0, "must be there", "no sitemap")
        return
    data = site.read(name)
    try:
        root = fromstring(data)
    except ParseError as error:
        yield Problem(f"/{name}", error.position[0], "must be XML", str(error))
        return
    text = data.decode("utf-8", "replace")
    for line, must, found in unfit(root, site, len(data)):
        yield Problem(f"/{name}", line_of(text, line) if line else 0, must, found)


def unfit(root: Element, site: Site, size: int) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with a sitemap: what its line has, what must be so, what was found."""
    if root.tag != f"{SPACE}urlset" or len(root) > MOST or size > LARGEST:
        yield "", f"must be a urlset of at most {MOST} addresses and 50 MB", root.tag
        return
    pages = {site.url + p.address: p for p in texts(site) if "noindex" not in p.robots}
    listed = Counter(url.findtext(f"{SPACE}loc") or "" for url in root)
    for url in root:
        address, changed = url.findtext(f"{SPACE}loc") or "", url.findtext(f"{SPACE}lastmod") or ""
        names = [child.tag.removeprefix(SPACE) for child in url]
        if url.tag != f"{SPACE}url" or not set(names) <= PARTS:
            yield address, "must have url with loc and lastmod", ", ".join([url.tag, *names])
        if address not in pages or listed[address] > 1:
            yield address, "must have the canonical address of a page, once", address
        elif changed and not has_offset(changed):
            yield address, "lastmod must be a date and time with an offset", changed
        elif (own := last_day(pages[address], site)) not in (None, changed[:10]):
            must = f"lastmod of {address} must be the author's, {own or 'none'}"
            yield address, must, changed or "none"
    for address in sorted(set(pages) - set(listed)):
        yield "", "must have every page that search engines may list", f"{address} is missing"


def last_day(page: Page, site: Site) -> str | None:
    """Return the day on which a page changed: its author's, or the newest of the posts that it has.

    It is empty where the author says none, and None where a page of the theme has no posts.
    """
    pages = [page]
    if not page.source:
        entries = [link for link in page.named("a") if "u-url" in classes(link)]
        paths = (urljoin(page.address, attribute(link, "href")) for link in entries)
        pages = [site.page_at[path] for path in map(file_at, paths) if path in site.page_at]
    days = (written_day(p, "modified") or written_day(p, "date") for p in pages)
    return max(days, default=None)


def file_at(address: str) -> str:
    """Return the path of the file at an address of the site."""
    return unquote(address).lstrip("/") + ("index.html" if address.endswith("/") else "")


def robots(site: Site) -> Iterator[Problem]:
    """robots.txt is there, names the sitemap by its address, and lets every listed page be read.

    A search engine that knows only the host finds the sitemap by that line, and the line must be
    absolute: SITEURL of publishconf.py and the sitemap's name. The file is yours
    (content/extra/robots.txt); write the line that the problem shows. To keep a page from search
    engines, give it `Status: hidden`. There is nothing to excuse.
    """
    path = next((s for s, made in site.outputs if made == ROBOTS), "")
    path = path or f"{site.settings['PATH']}/extra/{ROBOTS}"
    text = site.read(ROBOTS).decode("utf-8", "replace") if ROBOTS in site.files else ""
    wanted = f"Sitemap: {site.url}/{site.settings['SITEMAP']}"
    pattern = re.compile(r"^sitemap:.*$", re.MULTILINE | re.IGNORECASE)
    found = pattern.findall(text)
    if [line.partition(":")[2].strip() for line in found] != [wanted.partition(":")[2].strip()]:
        said = ", ".join(found) or "none"
        yield Problem(path, line_of(text, pattern), "must name the sitemap once", said, wanted)
    rules = RobotFileParser()
    rules.parse(text.splitlines())
    shut = re.compile("^disallow:", re.MULTILINE | re.IGNORECASE)
    listed = [page.address for page in texts(site) if "noindex" not in page.robots]
    if lost := [address for address in listed if not rules.can_fetch("*", site.url + address)]:
        must = "must let search engines read what they may list"
        count = f"{len(lost)} pages are disallowed, such as {lost[0]}"
        yield Problem(path, line_of(text, shut), must, count)


CHECKS = (sitemap, robots)
