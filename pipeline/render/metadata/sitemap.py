"""The sitemap: the addresses that search engines may list, and when each changed last."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from pipeline.render.metadata.facts import Facts

SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
MOST = 50_000


def sitemap(pages: Iterable[Facts]) -> str:
    """Return the sitemap (sitemaps.org, protocol 0.9) of the pages that may be listed."""
    root = Element("urlset", {"xmlns": SPACE})
    for facts in sorted(pages, key=lambda facts: facts.url):
        if facts.indexed and facts.url:
            url = SubElement(root, "url")
            SubElement(url, "loc").text = facts.url
            if changed := facts.modified or facts.published:
                SubElement(url, "lastmod").text = changed.isoformat()
    indent(root, "")
    return str(tostring(root, "unicode", xml_declaration=False)).join(
        ['<?xml version="1.0" encoding="utf-8"?>\n', "\n"]
    )
