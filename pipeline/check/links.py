"""Links: every address of the site is well formed and leads where it says, without a redirect."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from pipeline.check.checked_site import (
    LOCAL_HOST,
    CheckedSite,
    FileCheck,
    SiteAddress,
    SiteCheck,
    found,
)
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


# Parameters that tell a host where an address was copied from, not what is shown
TRACKING = re.compile(
    r"[?&;](?:amp;)?(utm_\w+|fbclid|gclid|gclsrc|dclid|wbraid|gbraid|msclkid|yclid|twclid|ttclid"
    r"|li_fat_id|igshid?|mc_cid|mc_eid|mkt_tok|vero_(?:id|conv)|_hsenc|_hsmi|__hs\w+|s_cid|ref_src"
    r"|oly_(?:anon|enc)_id|ref_url|spm|trk(?:Campaign|Info)?|ck_subscriber_id|wt_mc|mtm_\w+"
    r"|pk_(?:campaign|kwd|source|medium)|hsCtaTracking|guccounter|guce_\w+)="
    r"|^https?://(?:youtu\.be|(?:www\.|m\.)?youtube\.com|open\.spotify\.com)/[^#]*[?&](si)="
)
# Private networks (RFC 1918, 3927, 4193, 6598) and reserved names (RFC 6761, 8375, 9476)
PRIVATE_HOST = re.compile(
    r"10(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}"
    r"|169\.254(?:\.\d{1,3}){2}|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])(?:\.\d{1,3}){2}"
    r"|f[cd][0-9a-f]{2}:.*|fe80:.*"
    r"|.*\.(?:internal|lan|intranet|corp|home|home\.arpa|test|invalid|alt)"
)
# Slips that are no top-level domain, and what was meant
TOP_LEVEL_SLIPS = {
    **dict.fromkeys(("con", "cmo", "ocm", "cpm", "comm", "coom", "c0m", "vom", "xom"), "com"),
    **dict.fromkeys(("ogr", "orgg", "rog", "otg", "prg"), "org"),
    **dict.fromkeys(("nte", "nett", "ner"), "net"),
    **dict.fromkeys(("eud", "edy", "eduu"), "edu"),
}
WELL_KNOWN = (
    "amazon.com", "arxiv.org", "doi.org", "facebook.com", "github.com", "github.io", "gitlab.com",
    "google.com", "huggingface.co", "instagram.com", "linkedin.com", "medium.com", "microsoft.com",
    "mozilla.org", "nature.com", "nytimes.com", "openai.com", "python.org",
    "readthedocs.io", "reddit.com", "sciencedirect.com", "stackexchange.com", "stackoverflow.com",
    "substack.com", "theguardian.com", "twitter.com", "vimeo.com", "wikimedia.org",
    "wikipedia.org", "wordpress.com", "youtube.com",
)  # fmt: skip
SLIP = 0.88  # how alike a misspelled host is


def tracking_parameters(site: CheckedSite) -> Iterator[Problem]:
    """No link tells its target where the address was copied from (`utm_source`, `fbclid`)."""
    for link in site.links:
        # An address within an address (the Internet Archive's) is as it was.
        outer = link.address.value.partition("://")[2].partition("://")[0]
        if match := TRACKING.search(f"http://{outer}") if "=" in outer else None:
            name = match[1] or match[2]
            message = f"tracking parameter {name}: {shorten(link.address.value)}"
            yield found(link.place, message, f"remove {name}=…")


@lru_cache(1000)
def _host_problem(host: str, shown: str) -> tuple[str, str] | None:
    """Return what is wrong with a host, and the fix; None: nothing is."""
    if PRIVATE_HOST.fullmatch(host):
        return f"host of a private network: {shown}", "link to a public page"
    if meant := TOP_LEVEL_SLIPS.get(host.rpartition(".")[2]):
        return f"no such host: {shown}", f"did you mean .{meant}?"
    name = ".".join(host.split(".")[-2:])
    close = [] if name in WELL_KNOWN else get_close_matches(name, WELL_KNOWN, n=1, cutoff=SLIP)
    if close and (name.startswith(close[0].partition(".")[0]) or name[0] != close[0][0]):
        return None  # another name: few slips are in the first letter
    return (f"misspelled host: {shown}", f"did you mean {close[0]}?") if close else None


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

    lost = {target for target in site.targets if not site.is_reachable(target)}
    for link in site.links_to(lost):
        if (target := link.target) and not malformed(link.address):
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
    for page in (path for path, outline in site.outlines.items() if outline.quotes):
        for link in site.links_of(page):
            if link.target and link.target.file in site.facts and ":~:" in link.address.value:
                file = link.target.file
                if lost := _lost_text(link.address.value, site.facts[file].text):
                    message = f"no such words on {address_of(file)}: {lost!r}"
                    yield found(link.place, message, "copy the words again")
    for link in site.links_to({target for target in site.targets if _is_lost(site, target)}):
        assert link.target
        target, ids = link.target, site.facts[link.target.file].ids
        close = get_close_matches(target.fragment, ids, n=1)
        on_page = f" on {address_of(target.file)}" if target.file != link.page else ""
        hint = f"did you mean #{close[0]}?" if close else ""
        yield found(link.place, f"no element with id #{target.fragment}{on_page}", hint)


def _is_lost(site: CheckedSite, target: SiteAddress) -> bool:
    """Return whether an address names a part that its page does not have."""
    page = site.outlines.get(target.file) if target.fragment not in ("", "top") else None
    return page is not None and target.fragment not in page.ids


def _lost_text(url: str, text: str) -> str:
    """Return the words of a text fragment that a page does not have ("": it has them all).

    https://wicg.github.io/scroll-to-text-fragment/
    """
    directives = url.partition("#")[2].partition(":~:")[2]
    if not directives:
        return ""
    shown = " ".join(text.casefold().split())
    for directive in directives.split("&"):
        kind, _, value = directive.partition("=")
        for part in value.split(",") if kind == "text" else ():
            words = " ".join(unquote(part.strip("-")).casefold().split())
            if words not in shown:
                return unquote(part)
    return ""


def internal_redirects(site: CheckedSite) -> Iterator[Problem]:
    """An address of the site has the one form that its host answers without a redirect."""

    def problem(place: tuple[str, int], value: str, target: SiteAddress, cause: str) -> Problem:
        path = address_of(target.path)[1:]
        if path and path not in site.artifacts and not path.endswith("/"):
            path += "/"
        direct = f"{site.settings.site}{path}{target.fragment and f'#{target.fragment}'}"
        message = f"{shorten(value)} needs a redirect: {cause}"
        return found(place, message, f"write {direct}")

    causes = {target: _redirect_cause(site, target) for target in site.targets}
    for link in site.links_to({target for target, cause in causes.items() if cause}):
        if link.target:
            yield problem(link.place, link.address.value, link.target, causes[link.target])
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
    reached, waiting = {"index.html"}, ["index.html"]
    while waiting:
        outline = site.outlines.get(waiting.pop())
        new = outline.reached - reached if outline else frozenset()
        reached |= new
        waiting += new
    for page, facts in site.outlines.items():
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
    if re.match("data:(?:text|application)/", value, re.I) and address.attribute != "src":
        return f"document in a data: URL: {shown}", "browsers do not open it; link to a file"
    return _web_problem(value, name, shown) if name in ("", "http", "https") else None


def _web_problem(value: str, name: str, shown: str) -> tuple[str, str] | None:
    """Return what is wrong with an address of the web or of the site itself."""
    if re.search(r"%(?![0-9A-Fa-f]{2})", value):
        return f"URL with a bare percent sign: {shown}", "write %25 for it"
    if re.search(r"%25[0-9A-Fa-f]{2}", value):
        return f"URL that was encoded twice: {shown}", "write % for %25"
    try:
        unquote(value, errors="strict")
        host = urlsplit(value).hostname or ""
    except UnicodeDecodeError:
        return f"URL with percent codes that are no UTF-8: {shown}", "copy it from the browser"
    except ValueError as error:
        return f"invalid URL: {shown}", str(error)
    if name and not host:
        return f"URL without a host: {shown}", ""
    # Hosts on the reader's own machine are for local-paths.
    if host and not LOCAL_HOST.fullmatch(host) and "." not in host and ":" not in host:
        return f"not a public host: {shown}", ""
    return _host_problem(host, shown) if host else None


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


FILE_CHECKS: tuple[FileCheck, ...] = (malformed_urls, tracking_parameters)
SITE_CHECKS: tuple[SiteCheck, ...] = (broken_links, missing_fragments, internal_redirects, orphans)
