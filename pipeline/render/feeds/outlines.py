"""The list of all feeds, for reader programs: OPML 2.0 (opml.org/spec2.opml)."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from pipeline.render.feeds.model import ATOM, Feed


def as_opml(feeds: Iterable[Feed], title: str, url: str, owner: str) -> str:
    """Return each feed once, in Atom: who takes them all wants no entry three times.

    `url` is the site's address and ends in "/".
    """
    root = Element("opml", {"version": "2.0"})
    head = SubElement(root, "head")
    SubElement(head, "title").text = title
    SubElement(head, "ownerName").text = owner
    body = SubElement(root, "body")
    for feed in feeds:
        attributes = {"type": "rss", "text": feed.title, "title": feed.title}
        attributes |= {"xmlUrl": url + feed.paths[ATOM], "htmlUrl": url + feed.home}
        SubElement(body, "outline", attributes)
    indent(root)
    text: bytes = tostring(root, "utf-8", xml_declaration=True)
    return f"{text.decode()}\n"
