"""The HTML of a feed entry: what of a page means something without its theme."""

import re
from html import escape
from posixpath import basename
from urllib.parse import unquote, urljoin, urlsplit

from turbohtml import Element, Node, Text

from pipeline.html import ancestors, attribute, classes, parse_part, text_of

GLOBAL = ("lang", "dir")
PHRASING = "b i em strong u s mark small sub sup code kbd samp var cite dfn br ruby rt rp bdi bdo"
FLOW = "p pre ul dl dt dd h2 h3 h4 h5 h6 hr figure figcaption"
TABLES = "table caption thead tbody tfoot tr"
# Elements that stay, with the attributes that they keep
KEPT: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(f"{PHRASING} {FLOW} {TABLES}".split(), ()),
    **dict.fromkeys(("th", "td"), ("colspan", "rowspan")),
    **dict.fromkeys(("blockquote", "q", "del", "ins"), ("cite",)),
    "a": ("href", "title"),
    "abbr": ("title",),
    "img": ("src", "alt", "width", "height", "title"),
    "li": ("value",),
    "ol": ("start", "reversed", "type"),
    "time": ("datetime",),
}
URLS = ("href", "src", "cite")
VOID = ("br", "hr", "img")
# Elements that go with all that is in them
METADATA = "script style template noscript object embed canvas link meta base title head"
DROPPED = frozenset(f"{METADATA} form input button select textarea".split())
SECTIONS = ("div", "section", "article", "aside", "header", "footer", "main", "nav")
UNSAFE = re.compile(r"\s*(?:javascript|vbscript|data):", re.IGNORECASE)
FOOTNOTE_ID = re.compile(r"fn(?:ref\d*)?:")


def to_feed_html(html: str, base: str, lang: str | None = None) -> str:
    """Return the HTML of a post or page as that of a feed entry.

    `base` is the page's URL, by which every URL becomes absolute (RFC 3986, 5). Footnotes keep
    their ids, other ids go. `lang` is the entry's language where it is not the feed's.
    """
    text = _inner(parse_part(html), base).strip()
    return f'<div lang="{escape(lang)}">{text}</div>' if lang else text


def _inner(node: Node | None, base: str) -> str:
    parts = []
    for child in node.children if node else ():
        if isinstance(child, Text):
            parts.append(escape(child.data, quote=False))
        elif isinstance(child, Element) and child.tag not in DROPPED:
            parts.append(_outer(child, base))
    return "".join(parts)


def _outer(node: Element, base: str) -> str:
    """Return an element as feed readers show it; of one that they do not know the content."""
    names = classes(node)
    match node.tag:
        case "a":
            href = attribute(node, "href")
            to_itself = href == f"#{attribute(node, 'id')}" or "permalink" in names
            if not href or to_itself or UNSAFE.match(href):
                return _inner(node, base)
        case "figure":
            return _figure(node, base)
        case "figcaption":
            return f"\n{_keep(node, base)}"
        case "math" | "svg":
            return _symbol(node)
        case "picture":
            image = node.select_one("img")
            return _outer(image, base) if image else ""
        case "span":
            text = _keep(node, base) if any(map(node.attrs.get, GLOBAL)) else _inner(node, base)
            return f"<br>{text}" if "host" in names else text  # of a link card
        case "summary":  # <details> are open in a feed.
            return f"<p><strong>{_inner(node, base)}</strong></p>"
        case "table" if "highlighttable" in names:  # code with line numbers
            return _inner(node.select_one("td.code"), base)
        case "video" | "audio" | "iframe":
            return _media(node, base)
        case tag if tag in SECTIONS:
            return _section(node, base)
    return _keep(node, base) if node.tag in KEPT else _inner(node, base)


def _keep(node: Element, base: str) -> str:
    """Return an element with the attributes that it may keep, in a fixed order."""
    kept = [name for name in (*KEPT.get(node.tag, ()), *GLOBAL) if name in node.attrs]
    values = {name: attribute(node, name) for name in kept}
    values |= {name: urljoin(base, values[name]) for name in URLS if name in values}
    if FOOTNOTE_ID.match(attribute(node, "id")):
        values["id"] = attribute(node, "id")
    attributes = "".join(
        f' {name}="{escape(value)}"' for name, value in values.items() if not UNSAFE.match(value)
    )
    end = "" if node.tag in VOID else f"{_inner(node, base)}</{node.tag}>"
    return f"<{node.tag}{attributes}>{end}"


def _section(node: Element, base: str) -> str:
    if "notes" in classes(node):
        return f"<hr>\n{_inner(node, base)}"
    # Text outside of a paragraph would run into the text before.
    bare = any(isinstance(child, Text) and child.data.strip() for child in node.children)
    return f"<div>{_inner(node, base)}</div>" if bare else _inner(node, base)


def _figure(node: Element, base: str) -> str:
    """Return a chart as the PNG beside the page, a quote with its attribution, or the figure."""
    caption, drawing = node.select_one("figcaption"), node.select_one("svg")
    if "chart" in classes(node) and drawing:
        texts = [p for p in node.select("p") if not any(e.tag == "details" for e in ancestors(p))]
        words, data = " ".join(_inner(p, base) for p in texts), node.select_one("a[download]")
        words += f" {_outer(data, base)}" if data else ""
        source = urljoin(base, f"{attribute(node, 'id')}.png")
        image = f'<img src="{escape(source)}" alt="{escape(attribute(drawing, "aria-label"))}">'
        return f"<figure>{image}\n<figcaption>{words}</figcaption></figure>"
    if "quote" not in classes(node):
        return _keep(node, base)
    if caption:
        caption.extract()
    return f"{_inner(node, base).strip()}\n<p>{_inner(caption, base).strip()}</p>"


def _symbol(node: Element) -> str:
    """Return the LaTeX of a formula, because few feed readers show MathML, or an SVG's name."""
    if node.tag == "math":
        latex = attribute(node, "alttext") or text_of(node)
        source = f"<code>{escape(latex, quote=False)}</code>"
        return f"<p>{source}</p>" if attribute(node, "display") == "block" else source
    title = node.select_one("title")
    name = attribute(node, "aria-label") or (text_of(title) if title else "")
    return escape(name, quote=False)


def _media(node: Element, base: str) -> str:
    """Return a link to a video, an audio file or a frame, with its poster."""
    source = node if attribute(node, "src") else node.select_one("source")
    url = urljoin(base, attribute(source, "src")) if source and attribute(source, "src") else ""
    if not url or UNSAFE.match(url):
        return ""
    parts = urlsplit(url)
    text = attribute(node, "aria-label") or attribute(node, "title")
    text = text or (node.tag == "iframe" and parts.hostname) or unquote(basename(parts.path))
    poster = attribute(node, "poster") and urljoin(base, attribute(node, "poster"))
    image = f'<img src="{escape(poster)}" alt=""><br>' if poster else ""
    anchor = f'<a href="{escape(url)}">{image}{escape(text, quote=False)}</a>'
    inside = isinstance(node.parent, Element) and node.parent.tag in KEPT
    return anchor if inside else f"<p>{anchor}</p>"
