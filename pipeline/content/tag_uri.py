"""Tag URIs (RFC 4151): the ids that feed readers know posts and feeds by, for life."""

import re
from datetime import date

DATE = r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?"
DNS_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
SPECIFIC = r"(?:[\w.~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})+"
TAG_URI = re.compile(
    rf"tag:(?P<authority>(?:[\w.-]+@)?{DNS_LABEL}(?:\.{DNS_LABEL})*),(?P<own>{DATE}:{SPECIFIC})",
    re.ASCII,
)


def is_tag_uri(text: str) -> bool:
    """Return whether a text is a tag URI with a specific part (RFC 4151, 2.1)."""
    return bool(TAG_URI.fullmatch(text))


def is_entry_id(text: str) -> bool:
    """Return whether a text can be the id of an entry (RFC 4287, 4.2.6: any IRI).

    Ours are tag URIs; entries of earlier sites have URLs and UUIDs, and keep them.
    """
    return is_tag_uri(text) or bool(re.fullmatch(r"(?:https?://|urn:uuid:)[\x21-\x7e]+", text))


def mint(namespace: str, day: date, slug: str) -> str:
    """Return a new id for something that was made on a day.

    `namespace` is a tag URI whose authority the id gets: it may be a host that the site left long
    ago. `slug` is a post's; a date at its beginning is not repeated.
    """
    match = TAG_URI.fullmatch(namespace)
    authority = match["authority"] if match else namespace
    name = re.sub(rf"^{DATE}-(?=.)", "", slug.rpartition("/")[2])
    return f"tag:{authority},{day:%Y-%m-%d}:{name}"


def anchor(identity: str) -> str:
    """Return an id as a part of HTML ids: what follows its authority, in letters and hyphens.

    It keeps the footnotes of several posts in one feed apart.
    """
    match = TAG_URI.fullmatch(identity)
    own = match["own"] if match else re.sub(r"^\w+:(//[^/]*)?", "", identity)
    return re.sub(r"\W+", "-", own, flags=re.ASCII).strip("-")
