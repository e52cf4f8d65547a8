"""Addresses that lead nowhere by the way they are written."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from urllib.parse import urlsplit

from pipeline.check.addresses import THIS_MACHINE, Address, addresses
from pipeline.check.site import Site
from pipeline.problems import Problem

# What Pelican replaces in the places that it knows and leaves in the others, such as templates
PLACEHOLDER = re.compile(r"(?:\{|%7B|\|)(?:filename|static|attach|index|tag)(?:\}|%7D|\|)", re.I)
PROGRAM = "javascript"  # privacy.scripts says so
COMMON = ("http", "https", "mailto", "tel", "sms", "data")
# Others that programs of readers know; with // behind it any may be one
SCHEMES = frozenset(
    re.findall(
        r"\w+",
        "acct bitcoin callto did doi ethereum facetime feed ftp ftps gemini geo git gopher im info "
        "ipfs ipns irc irc6 ircs lightning magnet matrix maps mid mms monero news nntp rsync rtsp "
        "sftp sip sips skype ssh svn tg urn webcal whatsapp xmpp",
    )
)
MAILTO = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def misspelt_addresses(site: Site) -> Iterator[Problem]:
    """An address can be one: it is not empty, has a scheme that readers' programs know, no space.

    `htp://…`, `https//…`, `www.…` without a scheme, `mailto:` without an @, `file:` and
    a left-over `{filename}` or `{static}` lead nowhere for anybody else. What programs of readers
    know, such as `irc:`, `magnet:` or `matrix:`, is free. An address that is an example stands in
    code, not in a link.
    """
    for page in site.pages:
        for address in addresses(page):
            if flaw := flaw_of(address):
                yield address.problem(*flaw)


def flaw_of(address: Address) -> tuple[str, str, str] | None:
    """Return what a link must be, what it is, and the fix; None: it can be an address."""
    value = address.value
    must = "must be an address that can lead somewhere"
    if not value.strip():
        return None if address.element.name == "form" else (must, "an empty one", "")
    if re.search(r"\s", value) and not value.startswith("data:"):
        return must, f"{value!r}, with a space", "write %20 for it"
    if left := PLACEHOLDER.search(value):
        return must, f"{left[0]}, which nothing replaced", "write the file's path"
    scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", value)
    if not scheme and (slip := re.match(r"(?:h?t{1,2}ps?:?//|https?/|www\.)", value)):
        return must, value, f"write https://{value[slip.end() :]}"
    if scheme and (fix := slip_of_scheme(scheme[1].lower(), value)):
        return must, value, fix
    if value.startswith("mailto:") and not MAILTO.fullmatch(value[7:].partition("?")[0]):
        return must, value, "write mailto:name@host"
    return flaw_of_host(value)


def slip_of_scheme(scheme: str, value: str) -> str:
    """Return how to mend a scheme that readers' programs do not know ("": they may know it)."""
    if scheme in (*COMMON, *SCHEMES, PROGRAM):
        return ""
    if near := get_close_matches(scheme, COMMON, n=1, cutoff=0.7):
        return f"did you mean {near[0]}:?"
    free = "://" in value and scheme != "file" and len(scheme) > 1
    return "" if free or scheme.startswith("web+") else "name it in code, not in a link"


def flaw_of_host(value: str) -> tuple[str, str, str] | None:
    """Return what is wrong with the host that an address names; None: nothing."""
    must = "must be an address that can lead somewhere"
    try:
        url = urlsplit(value)
        host = url.hostname or ""
    except ValueError as error:
        return must, value, str(error)
    if url.scheme in ("http", "https") and (not host or not url.netloc):
        return must, f"{value}, without a host", ""
    web = url.scheme in ("", "http", "https")
    if THIS_MACHINE.fullmatch(host):  # leaks.own_machine says so
        return None
    if web and host and "." not in host and ":" not in host:
        return must, f"{value}, whose host is no public one", ""
    return None


CHECKS = (misspelt_addresses,)
