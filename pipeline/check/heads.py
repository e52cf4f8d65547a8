"""What the checks read of what pages say about themselves."""

import json
import re
from datetime import datetime
from typing import Any

from justhtml import Element

from pipeline.check.site import Page, Site, attribute

TEMPLATE = "<meta property="  # where the theme writes what is wrong with them


def texts(site: Site) -> list[Page]:
    """Return the pages that are read; not those that only lead on to another address."""
    refresh = [
        {attribute(meta, "http-equiv").lower() for meta in page.named("meta")}
        for page in site.pages
    ]
    return [p for p, said in zip(site.pages, refresh, strict=True) if "refresh" not in said]


def properties(page: Page) -> dict[str, str]:
    """Return what the page's `<meta>` say, by their property or name."""
    metas = page.named("meta")
    keys = [attribute(meta, "property") or attribute(meta, "name") for meta in metas]
    return {key: attribute(meta, "content") for key, meta in zip(keys, metas, strict=True) if key}


def description(page: Page) -> str:
    """Return the page's description."""
    return properties(page).get("description", "")


def data_of(page: Page) -> list[dict[str, Any]]:
    """Return the things that a page's JSON-LD describes; none where it cannot be read."""
    things: list[dict[str, Any]] = []
    for script in page.named("script"):
        if attribute(script, "type") == "application/ld+json":
            try:
                data = json.loads(script.to_text(separator="", strip=False))
            except json.JSONDecodeError:
                return []
            things += data.get("@graph", [data])
    return things


def posting(page: Page) -> dict[str, Any]:
    """Return the page's BlogPosting, empty where it has none."""
    things = (thing for thing in data_of(page) if thing.get("@type") == "BlogPosting")
    return next(things, {})


def is_post(page: Page, site: Site) -> bool:
    """Return whether the page is made of a post."""
    folders = tuple(f"{site.settings['PATH']}/{name}/" for name in site.settings["ARTICLE_PATHS"])
    return bool(page.source and page.source.path.startswith(folders))


def has_offset(text: str) -> bool:
    """Return whether a text is a date and time with an offset (RFC 3339)."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def classes(element: Element) -> list[str]:
    """Return an element's classes."""
    return attribute(element, "class").split()


def written_day(page: Page, key: str) -> str:
    """Return the day that the page's front matter has under a key."""
    text = page.source.text if page.source else ""
    found = re.search(rf"^{key}:\s*(\d{{4}}-\d\d-\d\d)", text, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""
