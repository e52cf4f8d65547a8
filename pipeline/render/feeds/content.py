"""The text of a page as readers of feeds get it: what means something without a theme.

One pass over the parsed HTML. What is in `KEPT` stays, with those attributes; a few elements are
written anew by functions (`CHANGED`), others go with all that is in them (`DROPPED`), and of the
rest the words stay.
"""

import re
from collections.abc import Callable
from html import escape
from posixpath import basename
from urllib.parse import unquote, urljoin, urlsplit

from justhtml import JustHTML, Node

from pipeline.render.figures import as_pictures

EVERYWHERE = ("lang", "dir")
IN_LINES = "b i em strong u s mark small sub sup code kbd samp var cite dfn br ruby rt rp bdi bdo"
IN_BLOCKS = "p pre ul dl dt dd h2 h3 h4 h5 h6 hr figure figcaption"
IN_TABLES = "table caption thead tbody tfoot tr"
KEPT: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(f"{IN_LINES} {IN_BLOCKS} {IN_TABLES}".split(), ()),
    **dict.fromkeys(("th", "td"), ("colspan", "rowspan")),
    **dict.fromkeys(("blockquote", "q", "del", "ins"), ("cite",)),
    "a": ("href", "title"),
    "abbr": ("title",),
    "img": ("src", "alt", "width", "height", "title"),
    "li": ("value",),
    "ol": ("start", "reversed", "type"),
    "time": ("datetime",),
}
ADDRESSES = ("href", "src", "cite")
VOID = ("br", "hr", "img")
NOT_TEXT = "script style template noscript object embed canvas link meta base title head"
NOT_READ = "form input button select textarea"
DROPPED = frozenset(f"{NOT_TEXT} {NOT_READ}".split())
PARTS = ("div", "section", "article", "aside", "header", "footer", "main", "nav")
UNFIT = re.compile(r"(?:javascript|vbscript|data):", re.IGNORECASE)
NOTE = re.compile(r"fn(?:ref\d*)?:")  # how ids of notes and of their marks begin


def fit(html: str, base: str, lang: str | None = None) -> str:
    """Return the HTML of a post or page as that of a feed's entry.

    `base` is the page's own address, by which every address becomes absolute (RFC 3986, 5). Links
    to notes lead to the page's, and the notes have the same ids here. A text that is not in the
    feed's language says so by `lang`.
    """
    root = JustHTML(as_pictures(html), fragment=True, sanitize=False).root
    text = inner(root, base).strip()
    return f'<div lang="{escape(lang)}">{text}</div>' if lang else text


def inner(node: Node, base: str) -> str:
    """Return what is in an element."""
    return "".join(outer(child, base) for child in node.children or ())


def outer(node: Node, base: str) -> str:
    """Return a node with all that is in it."""
    name = node.name
    if name == "#text":
        return escape(str(node.data or ""), quote=False)
    if name in CHANGED:
        return CHANGED[name](node, base)
    if name in KEPT:
        return element(name, node, base)
    return "" if name in DROPPED or name.startswith("#") else inner(node, base)


def element(name: str, node: Node, base: str) -> str:
    """Return the element with its own words and the attributes that it may keep."""
    start = f"<{name}{attributes(name, node, base)}>"
    return start if name in VOID else f"{start}{inner(node, base)}</{name}>"


def attributes(name: str, node: Node, base: str) -> str:
    """Return an element's attributes as they are written, in an order of their own."""
    given = {key: value or "" for key, value in (node.attrs or {}).items()}
    kept = {key: given[key] for key in (*KEPT.get(name, ()), *EVERYWHERE) if key in given}
    kept |= {key: urljoin(base, kept[key]) for key in ADDRESSES if key in kept}
    if NOTE.match(given.get("id", "")):
        kept["id"] = given["id"]
    return "".join(
        f' {key}="{escape(value)}"' for key, value in kept.items() if not UNFIT.match(value)
    )


def classes(node: Node) -> list[str]:
    """Return an element's classes."""
    return ((node.attrs or {}).get("class") or "").split()


def value(node: Node, *names: str) -> str:
    """Return the first of these attributes that says something."""
    return next(filter(None, ((node.attrs or {}).get(name) or "" for name in names)), "")


def first(node: Node, name: str) -> Node | None:
    """Return the first element of a name in a node."""
    found = node.query(name)
    return found[0] if found else None


def link(node: Node, base: str) -> str:
    """Return a link; the page's own handles (to a heading, to a quote) are words here."""
    href = value(node, "href")
    own = href == f"#{value(node, 'id')}" or "permalink" in classes(node)
    if not href or own or UNFIT.match(href):
        return inner(node, base)
    return element("a", node, base)


def part(node: Node, base: str) -> str:
    """Return the words of a part of the page; the notes are set off by a rule."""
    if "notes" in classes(node):
        return f"<hr>\n{inner(node, base)}"
    # Words that stand in no paragraph would run into those before.
    bare = any(child.name == "#text" and str(child.data).strip() for child in node.children or ())
    return f"<div>{inner(node, base)}</div>" if bare else inner(node, base)


def span(node: Node, base: str) -> str:
    """Return the words; the host of a card is a line of its own."""
    words = element("span", node, base) if value(node, *EVERYWHERE) else inner(node, base)
    return f"<br>{words}" if "host" in classes(node) else words


def figure(node: Node, base: str) -> str:
    """Return a figure; a quote's is the quote, and below it whose words it has."""
    if "quote" not in classes(node):
        return element("figure", node, base)
    below = first(node, "figcaption")
    words = inner(below, base).strip() if below else ""
    quotes = "".join(outer(child, base) for child in node.children or () if child is not below)
    return f"{quotes.strip()}\n<p>{words}</p>"


def caption(node: Node, base: str) -> str:
    """Return a caption, apart from its picture where a reader knows no figures."""
    return f"\n{element('figcaption', node, base)}"


def picture(node: Node, base: str) -> str:
    """Return the one image of a picture that every program can show."""
    image = first(node, "img")
    return outer(image, base) if image else ""


def formula(node: Node, base: str) -> str:
    """Return the LaTeX of a formula: few readers show MathML, and without it the rest is wrong."""
    source = f"<code>{escape(value(node, 'alttext') or node.to_text(), quote=False)}</code>"
    return f"<p>{source}</p>" if value(node, "display") == "block" else source


def drawing(node: Node, base: str) -> str:
    """Return in words what a drawing within the page shows."""
    title = first(node, "title")
    return escape(value(node, "aria-label") or (title.to_text() if title else ""), quote=False)


def medium(node: Node, base: str) -> str:
    """Return a link to what readers do not play or embed, with its poster."""
    source = first(node, "source") if not value(node, "src") else node
    address = urljoin(base, value(source, "src")) if source else ""
    if not address or UNFIT.match(address):
        return ""
    host = urlsplit(address).hostname if node.name == "iframe" else ""
    words = value(node, "aria-label", "title") or host or unquote(basename(urlsplit(address).path))
    poster = urljoin(base, value(node, "poster")) if value(node, "poster") else ""
    image = f'<img src="{escape(poster)}" alt=""><br>' if poster else ""
    text = f'<a href="{escape(address)}">{image}{escape(words, quote=False)}</a>'
    inside = node.parent is not None and node.parent.name in KEPT
    return text if inside else f"<p>{text}</p>"


def summary(node: Node, base: str) -> str:
    """Return the name of what can be unfolded on the page, and lies open here."""
    return f"<p><strong>{inner(node, base)}</strong></p>"


def table(node: Node, base: str) -> str:
    """Return a table; of code with numbers, the code."""
    if "highlighttable" not in classes(node):
        return element("table", node, base)
    code = first(node, "td.code")
    return inner(code, base) if code else ""


CHANGED: dict[str, Callable[[Node, str], str]] = {
    **dict.fromkeys(PARTS, part),
    **dict.fromkeys(("video", "audio", "iframe"), medium),
    "a": link,
    "figcaption": caption,
    "figure": figure,
    "math": formula,
    "picture": picture,
    "span": span,
    "summary": summary,
    "svg": drawing,
    "table": table,
}
