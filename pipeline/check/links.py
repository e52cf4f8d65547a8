"""Links: every address of the site is well formed and leads where it says, without a redirect."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from urllib.parse import urlsplit

from pipeline.check.checked_site import LOCAL_HOST, CheckedSite, SiteAddress, SiteCheck, found
from pipeline.html import address_of
from pipeline.model import Address
from pipeline.problems import Problem, relative, shorten

# What Pelican replaces in texts and leaves in other places, such as templates
PLACEHOLDER = re.compile(r"(?:\{|%7B|\|)(?:filename|static|attach|index|tag)(?:\}|%7D|\|)", re.I)
COMMON_SCHEMES = ("http", "https", "mailto", "tel", "sms", "data")
# Others that readers' programs know; any scheme with :// may be one.
SCHEMES = re.compile(
    "acct|bitcoin|callto|did|doi|ethereum|facetime|feed|ftps?|gemini|geo|git|gopher|im|info|ipfs|"
    "ipns|irc|irc6|ircs|lightning|magnet|matrix|maps|mid|mms|monero|news|nntp|rsync|rtsp|sftp|sips?|"
    "skype|ssh|svn|tg|urn|web[+].*|webcal|whatsapp|xmpp"
)
MAILTO = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def broken_links(site: CheckedSite) -> Iterator[Problem]:
    """Every address on the site leads to a file that exists."""
    drafts = {
        content.url.strip("/"): relative(content.document.path)
        for content in site.site.contents
        if not content.output and content.url.strip("/")
    }
    known = [address_of(name) for name in sorted(site.artifacts)]
    lower = {name.lower(): name for name in reversed(known)}

    def similar(target: SiteAddress) -> str:
        if same := lower.get(f"/{target.path}".lower()):
            return f"upper and lower case differ: {same}"
        close = get_close_matches(f"/{target.path}", known, n=1, cutoff=0.7)
        return f"did you mean {close[0]}?" if close else ""

    for link in site.links:
        target = link.target
        if target and not site.is_reachable(target) and not malformed(link.address):
            message, hint = "does not exist", ""
            if draft := drafts.get(target.path.rstrip("/")):
                message, hint = "is not published", f"it is the draft {draft}"
            message = f"broken link: {shorten(link.address.value)} {message}"
            yield found(link.place, message, hint or similar(target))
    for name, url, target in site.machine_addresses():
        if not site.is_reachable(target):
            message = f"broken link: {shorten(url)} does not exist"
            yield found(site.locate(name, url), message, similar(target))


def missing_fragments(site: CheckedSite) -> Iterator[Problem]:
    """A link to a part of a page leads to an id on that page."""
    for link in site.links:
        target = link.target
        facts = site.facts.get(target.file) if target else None
        if not target or not facts or target.fragment in ("", "top", *facts.ids):
            continue
        close = get_close_matches(target.fragment, facts.ids, n=1)
        on_page = f" on {address_of(target.file)}" if target.file != link.page else ""
        hint = f"did you mean #{close[0]}?" if close else ""
        yield found(link.place, f"no element with id #{target.fragment}{on_page}", hint)


def internal_redirects(site: CheckedSite) -> Iterator[Problem]:
    """An address of the site has the one form that its host answers without a redirect."""

    def problem(place: tuple[str, int], value: str, target: SiteAddress, cause: str) -> Problem:
        path = address_of(target.path)[1:]
        if path and path not in site.artifacts and not path.endswith("/"):
            path += "/"
        direct = f"{site.settings.site}{path}{target.fragment and f'#{target.fragment}'}"
        message = f"{shorten(value)} needs a redirect: {cause}"
        return found(place, message, f"write {direct}")

    for link in site.links:
        if link.target and (cause := _redirect_cause(site, link.target)):
            yield problem(link.place, link.address.value, link.target, cause)
    for name, url, target in site.machine_addresses():
        if cause := _redirect_cause(site, target):
            yield problem(site.locate(name, url), url, target, cause)


def _redirect_cause(site: CheckedSite, target: SiteAddress) -> str:
    """Return what in an address asks for a redirect ("": nothing does)."""
    if not site.is_reachable(target):
        return ""
    if not target.exact:
        return f"not the scheme and host of {site.settings.siteurl}"
    if target.file not in site.artifacts:
        return "no slash at the end"
    return "index.html" if re.search(r"(?:^|/)index\.html$", target.path) else ""


def orphans(site: CheckedSite) -> Iterator[Problem]:
    """Every page can be reached by links from the home page."""
    targets: dict[str, set[str]] = {}
    for link in site.links:
        if link.target and link.address.tag == "a":
            targets.setdefault(link.page, set()).add(link.target.file)
    reached, waiting = {"index.html"}, ["index.html"]
    while waiting:
        new = targets.get(waiting.pop(), set()) - reached
        reached |= new
        waiting += new
    for page, facts in site.facts.items():
        hidden = "noindex" in facts.metas.get("robots", "") or facts.refresh or page == "404.html"
        if page not in reached and not hidden:
            path, line = site.place(page)
            if content := site.contents.get(page):
                line = content.document.lines.get("title", 0)
            message = f"orphan page: no link leads to {address_of(page)}"
            yield found((path, line), message, "link to it, or set Status: hidden")


def malformed_urls(site: CheckedSite) -> Iterator[Problem]:
    """A URL is not empty, has no space and a scheme that readers' programs know."""
    for link in site.links:
        if problem := malformed(link.address):
            yield found(link.place, *problem)


def malformed(address: Address) -> tuple[str, str] | None:
    """Return what is wrong with a URL as it is written, and the fix; None: nothing is."""
    value, shown = address.value, shorten(address.value)
    if not value.strip():
        return None if address.tag == "form" else (f"empty URL in <{address.tag}>", "")
    scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", value)
    name = scheme[1].lower() if scheme else ""
    if re.search(r"\s", value) and name != "data":
        return f"URL with a space: {shown!r}", "write %20 for it"
    if left := PLACEHOLDER.search(value):
        return f"URL with an unreplaced {left[0]}", "write the path of the file"
    if not scheme and (slip := re.match(r"(?:h?t{1,2}ps?:?//|https?/|www\.)", value)):
        return f"URL without a scheme: {shown}", f"write https://{shorten(value[slip.end() :])}"
    if scheme and (hint := _scheme_hint(name, value)):
        return f"unknown URL scheme: {shown}", hint
    if name == "mailto" and not MAILTO.fullmatch(value[7:].partition("?")[0]):
        return f"not an email address: {shown}", "write mailto:name@host"
    if name not in ("", "http", "https"):
        return None
    if re.search(r"%(?![0-9A-Fa-f]{2})", value):
        return f"URL with a bare percent sign: {shown}", "write %25 for it"
    try:
        host = urlsplit(value).hostname or ""
    except ValueError as error:
        return f"invalid URL: {shown}", str(error)
    if name and not host:
        return f"URL without a host: {shown}", ""
    # Hosts on the reader's own machine are for local-paths.
    if host and not LOCAL_HOST.fullmatch(host) and "." not in host and ":" not in host:
        return f"not a public host: {shown}", ""
    return None


def _scheme_hint(scheme: str, value: str) -> str:
    """Return how to fix a scheme that readers' programs do not know ("": they may know it)."""
    if scheme == "javascript":
        return "link to a page"
    if scheme in COMMON_SCHEMES or SCHEMES.fullmatch(scheme):
        return ""
    if close := get_close_matches(scheme, COMMON_SCHEMES, n=1, cutoff=0.7):
        return f"did you mean {close[0]}:?"
    own = "://" in value and scheme != "file" and len(scheme) > 1
    return "" if own else "put it in code, not in a link"


SITE_CHECKS: tuple[SiteCheck, ...] = (
    broken_links, missing_fragments, internal_redirects, orphans, malformed_urls,
)  # fmt: skip
