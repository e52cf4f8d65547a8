"""Structured data (schema.org, as JSON-LD 1.1) that says what a page is."""

import json
from typing import Any

from pipeline.render.metadata.facts import Card, Facts, Site

Thing = dict[str, Any]
TYPES = {"page": "WebPage", "profile": "ProfilePage", "list": "CollectionPage"}


def json_ld(facts: Facts, site: Site) -> str:
    """Return the text of a page's `<script type="application/ld+json">`, or nothing.

    A `<` is written as an escape, so that no title can end the element.
    """
    if not facts.url:
        return ""
    things = [page(facts, site)]
    if facts.above:
        things.append(breadcrumbs(facts))
    data = {"@context": "https://schema.org", "@graph": things}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def page(facts: Facts, site: Site) -> Thing:
    """Return what the page is."""
    if facts.kind == "post":
        return posting(facts, site)
    if facts.kind == "home":
        posts = [{"@type": "BlogPosting", "@id": url, "url": url} for url in facts.listed]
        thing = {**blog(site), "description": facts.description, "inLanguage": facts.language}
        return {**thing, "author": person(site), "image": image(facts.card), "blogPost": posts}
    thing = {"@type": TYPES[facts.kind], "@id": facts.url, "url": facts.url, "name": facts.title}
    thing |= {"description": facts.description, "inLanguage": facts.language}
    thing |= {"isPartOf": blog(site), "image": image(facts.card)}
    if facts.modified:
        thing["dateModified"] = facts.modified.isoformat()
    if facts.reviewed:
        thing["lastReviewed"] = facts.reviewed.date().isoformat()
    if facts.listed:
        items = [{"@type": "ListItem", "position": n, "url": u} for n, u in number(facts.listed)]
        thing["mainEntity"] = {"@type": "ItemList", "itemListElement": items}
    if facts.kind != "list":
        thing["mainEntity" if facts.kind == "profile" else "author"] = person(site)
    return thing


def posting(facts: Facts, site: Site) -> Thing:
    """Return a post, with all that schema.org's BlogPosting and Google's Article recommend."""
    assert facts.published
    return {
        "@type": "BlogPosting",
        "@id": facts.url,
        "url": facts.url,
        "mainEntityOfPage": {"@type": "WebPage", "@id": facts.url},
        "headline": facts.title,
        "description": facts.description,
        "image": image(facts.card),
        "datePublished": facts.published.isoformat(),
        "dateModified": (facts.modified or facts.published).isoformat(),
        "author": person(site),
        "publisher": {"@id": f"{site.url}#author"},
        "inLanguage": facts.language,
        "wordCount": facts.words,
        "keywords": list(facts.tags),
        "isPartOf": blog(site),
    }


def person(site: Site) -> Thing:
    """Return the author."""
    thing = {"@type": "Person", "@id": f"{site.url}#author", "name": site.author}
    return {**thing, "url": site.author_url, "sameAs": list(site.profiles)}


def blog(site: Site) -> Thing:
    """Return the site."""
    return {"@type": "Blog", "@id": f"{site.url}#blog", "url": site.url, "name": site.name}


def image(card: Card | None) -> Thing | None:
    """Return a page's picture."""
    if not card:
        return None
    size = {"width": card.width, "height": card.height}
    return {"@type": "ImageObject", "url": card.url, **size, "caption": card.alt}


def breadcrumbs(facts: Facts) -> Thing:
    """Return the way to a page from the page above it."""
    way = [*facts.above, (facts.title, facts.url)]
    items = [
        {"@type": "ListItem", "position": place, "name": name, "item": url}
        for place, (name, url) in number(way)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def number(items: Any) -> enumerate[Any]:
    """Return the items with their places, from 1."""
    return enumerate(items, 1)
