"""Whether a page is valid HTML, and how large it is.

turbohtml finds what the tokenizer rejects, obsolete markup and unknown roles. The tables here have
what it does not know, from the HTML Living Standard (https://html.spec.whatwg.org/multipage/) and
WAI-ARIA 1.2.
"""

import gzip
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from html.entities import html5

from turbohtml import Element, Namespace, TokenType, tokenize
from turbohtml.conformance import check

from pipeline.check.checked_site import CheckedSite, PageCheck, SiteCheck, found
from pipeline.html import MARK, PageTree, ancestors, attribute, candidates, strip_marks
from pipeline.model import Address, Measures
from pipeline.problems import Problem, did_you_mean


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


VOID = _words("area base br col embed hr img input link meta source track wbr")
END_OPTIONAL = _words(
    "html head body li dt dd p rt rp optgroup option colgroup caption thead tbody tfoot tr td th"
)
# A start tag of this name closes the element of this name that it is in.
NOT_NESTED = _words("a button form option")
FOREIGN = _words("svg math")
HEADINGS = _words("h1 h2 h3 h4 h5 h6")
# Block elements; their start tags close an open <p>.
BLOCKS = HEADINGS | _words(
    "address article aside blockquote details dialog div dl fieldset figure footer form header "
    "hgroup hr main menu nav ol p pre search section table ul"
)
# Elements that a <p> around them goes on after
P_SCOPE = _words("button caption math object svg table td template th")
ELEMENTS = BLOCKS | VOID | END_OPTIONAL | FOREIGN | _words(
    "a abbr audio b bdi bdo button canvas cite code data datalist del dfn em figcaption i iframe "
    "ins kbd label legend map mark meter noscript object output picture progress q ruby s samp "
    "script select slot small span strong style sub summary sup template textarea time title u var "
    "video"
)  # fmt: skip
ATTRIBUTES = _words(
    "abbr accept accept-charset accesskey action allow allowfullscreen alpha alt as async "
    "autocapitalize autocomplete autocorrect autofocus autoplay blocking charset checked cite "
    "class closedby color colorspace cols colspan command commandfor content contenteditable "
    "controls coords crossorigin data datetime decoding default defer dir dirname disabled "
    "download draggable enctype enterkeyhint exportparts fetchpriority for form formaction "
    "formenctype formmethod formnovalidate formtarget headers height hidden high href hreflang "
    "http-equiv id imagesizes imagesrcset inert inputmode integrity is ismap itemid itemprop "
    "itemref itemscope itemtype kind label lang list loading loop low max maxlength media method "
    "min minlength multiple muted name nomodule nonce novalidate open optimum part pattern ping "
    "placeholder playsinline popover popovertarget popovertargetaction poster preload readonly "
    "referrerpolicy rel required reversed role rows rowspan sandbox scope selected "
    "shadowrootclonable shadowrootdelegatesfocus shadowrootmode shadowrootserializable shape size "
    "sizes slot span spellcheck src srcdoc srclang srcset start step style tabindex target title "
    "translate type usemap value width wrap writingsuggestions xmlns "
    "about datatype inlist prefix property resource rev typeof vocab"  # RDFa, as of Open Graph
)
ARIA = frozenset(
    f"aria-{name}"
    for name in _words(
        "activedescendant atomic autocomplete braillelabel brailleroledescription busy checked "
        "colcount colindex colindextext colspan controls current describedby description details "
        "disabled dropeffect errormessage expanded flowto grabbed haspopup hidden invalid "
        "keyshortcuts label labelledby level live modal multiline multiselectable orientation owns "
        "placeholder posinset pressed readonly relevant required roledescription rowcount rowindex "
        "rowindextext rowspan selected setsize sort valuemax valuemin valuenow valuetext"
    )
)
# Elements that hold phrasing content only, and those that may hold what their parent may
PHRASING = HEADINGS | _words(
    "abbr b bdi bdo button cite code data dfn em i kbd label legend mark meter output p pre "
    "progress q rt ruby s samp small span strong sub summary sup time u var"
)
TRANSPARENT = _words("a audio canvas del ins map noscript object slot video")
INTERACTIVE = _words("a button details embed iframe input label select textarea")
PARENTS = {
    "dd": _words("dl div"), "dt": _words("dl div"), "figcaption": _words("figure"),
    "legend": _words("fieldset"), "li": _words("ul ol menu"), "summary": _words("details"),
    "source": _words("picture video audio"), "track": _words("video audio"),
}  # fmt: skip
ITEMS = _words("li script template")
CHILDREN = {
    "dl": _words("dt dd div script template"), "hgroup": HEADINGS | _words("p script template"),
    "menu": ITEMS, "ol": ITEMS, "picture": _words("source img script template"), "ul": ITEMS,
}  # fmt: skip
CHARACTER_NAMES = frozenset(name.removesuffix(";") for name in html5)
# Attributes whose value is ids of the same page
ID_REFERENCES = _words("for form headers list popovertarget commandfor")
ARIA_REFERENCES = _words(
    "aria-labelledby aria-describedby aria-controls aria-owns aria-details aria-flowto "
    "aria-activedescendant aria-errormessage"
)
KILO = 1000
# The width in pixels of the content column on a screen with two pixels per CSS pixel
WIDE = 1360
LOADED = {"script": "src", "iframe": "src", "embed": "src", "object": "data", "audio": "src"}
LOADED |= {"img": "src", "video": "src"}
# Links that load what they lead to; browsers load icons when they like.
LOADING = {"stylesheet", "preload", "modulepreload", "manifest"}


class TagBalance:
    """Follows the tags of annotated HTML; `faults` are (mark, message, hint).

    The tree builder silently repairs what is not closed, not opened or not nested.
    """

    def __init__(self, html: str) -> None:
        self.faults: list[tuple[str, str, str]] = []
        self.open: list[tuple[str, str]] = []  # names and marks
        self.crossed: Counter[str] = Counter()  # elements closed by another's end tag
        mark, begin = "", 0
        for token in tokenize(html):
            if token.type == TokenType.START_TAG and token.attr(MARK):
                mark, begin = token.attr(MARK) or "", token.line
            here = str(int(mark) + token.line - begin) if mark.isdecimal() else mark
            name = token.tag or ""
            if token.type == TokenType.START_TAG and name not in VOID and not token.self_closing:
                self._start(name, here)
            elif token.type == TokenType.START_TAG and name in BLOCKS:
                self._end_paragraph(name)
            elif token.type == TokenType.END_TAG:
                self._end(name, here)
        for name, opened in self.open:
            if name not in END_OPTIONAL:
                self.faults.append((opened, f"<{name}> is not closed", f"add </{name}>"))

    def _start(self, name: str, mark: str) -> None:
        if name in NOT_NESTED and any(name == opened for opened, _ in self.open):
            message = f"<{name}> inside another <{name}>"
            self.faults.append((mark, message, f"close the first <{name}> before"))
        if name in BLOCKS:
            self._end_paragraph(name)
        if self.open and self.open[-1][0] == name and name in END_OPTIONAL:
            self.open.pop()
        self.open.append((name, mark))

    def _end_paragraph(self, by: str) -> None:
        """Close the open `<p>` that a block element ends."""
        for index in range(len(self.open) - 1, -1, -1):
            name = self.open[index][0]
            if name in P_SCOPE:
                return
            if name == "p":
                for inner, mark in self.open[index + 1 :]:
                    self.faults.append((mark, f"<{by}> in <{inner}> ends the <p> around it", ""))
                    self.crossed[inner] += 1
                    self.crossed["p"] = 1
                del self.open[index:]
                return

    def _end(self, name: str, mark: str) -> None:
        if all(name != opened for opened, _ in self.open):
            if self.crossed[name]:
                self.crossed[name] -= 1
            else:
                hint = "a block element ends the paragraph before it" if name == "p" else ""
                self.faults.append((mark, f"</{name}> closes nothing", hint))
            return
        while (last := self.open.pop())[0] != name:
            if last[0] not in END_OPTIONAL:
                message = f"<{last[0]}> is not closed before </{name}>"
                self.faults.append((last[1], message, f"add </{last[0]}>"))
                self.crossed[last[0]] += 1


def valid_html(page: PageTree) -> Iterator[Problem]:
    """The tags of a page are valid: closed, nested, each attribute once, known character names."""
    faults = (page.content and TagBalance(page.content).faults) or TagBalance(page.html).faults
    for mark, message, hint in faults:
        yield found(page.place_of(mark), message, hint)
    if not page.html[:15].lower().startswith("<!doctype html>"):
        place = page.place(page.named("html")[0])
        yield found(place, "no <!doctype html> at the beginning of the page")
    lines = page.html.split("\n")
    starts = [e for e in page.elements if e.source_line is not None]
    positions = [(e.source_line or 0, e.source_col or 0) for e in starts]
    for error in page.tree.errors:
        element = starts[max(bisect_right(positions, (error.line, error.col)) - 1, 0)]
        path, line = page.place(element)
        if line and page.is_content(element):
            line += error.line - (element.source_line or 0)
        text = lines[error.line - 1][: error.col + 10]
        if error.code == "unknown-named-character-reference":
            name = text[: error.col].rpartition("&")[2]
            # In "Q&A;" the ampersand is one.
            if hint := _meant(name, CHARACTER_NAMES) if len(name) > 1 else "":
                yield found((path, line), f"unknown character reference &{name};", hint)
        else:
            yield found((path, line), f"{error.code.replace('-', ' ')}: {text[-30:]!r}")


def valid_elements(page: PageTree) -> Iterator[Problem]:
    """Elements, attributes and roles are those of HTML and ARIA, and not obsolete."""
    at = {(e.source_line, e.source_col): e for e in page.elements if e.source_line}
    obsolete: dict[int, list[str]] = {}
    for error in check(page.tree).errors:
        wrong = at.get((error.line, error.column))
        if not wrong or not error.code.startswith(("obsolete", "aria")):
            continue
        # turbohtml does not know the roles of books and drawings (DPUB-ARIA, Graphics-ARIA).
        if not attribute(wrong, "role").startswith(("doc-", "graphics-")):
            obsolete.setdefault(id(wrong), []).append(error.message)
    for element in page.elements:
        messages, name = obsolete.get(id(element), []), element.tag
        for text in messages:
            yield found(page.place(element), f"<{name}>: {text}", "use CSS" * ("role" not in text))
        if element.namespace != Namespace.HTML or "-" in name:
            continue
        if name not in ELEMENTS and not any("element" in text for text in messages):
            yield found(page.place(element), f"unknown element <{name}>", _meant(name, ELEMENTS))
        elif strange := [n for n in element.attrs if _unknown(n) and f" {n} " not in str(messages)]:
            hint = _meant(strange[0], ARIA if strange[0].startswith("aria-") else ATTRIBUTES)
            message = f"unknown attributes of <{name}>" if strange[1:] else "unknown attribute"
            yield found(page.place(element), f"{message}: {', '.join(strange)}", hint)


def _meant(name: str, known: frozenset[str]) -> str:
    """Return the suggestion for a misspelled name, the same in every run."""
    return did_you_mean(name, sorted(known), quote="")


def _unknown(name: str) -> bool:
    """Return whether an attribute is not one of HTML; one that is no name is left to valid-html."""
    if name.startswith("aria-"):
        return name not in ARIA
    known = name in ATTRIBUTES or name.startswith(("data-", "on", "xml:", "xmlns:"))
    return not known and not re.search("[\"'<=]", name)


def content_models(page: PageTree) -> Iterator[Problem]:
    """Elements are where HTML allows them: items in lists, no blocks in words."""
    for element in page.elements:
        if element.namespace == Namespace.HTML and (message := _misplaced(element)):
            yield found(page.place(element), message)


def _misplaced(element: Element) -> str:
    """Return what is wrong with the place of an element, or an empty string."""
    name = element.tag
    around = element.parent.tag if isinstance(element.parent, Element) else ""
    if name in PARENTS and around not in PARENTS[name]:
        allowed = " or ".join(f"<{parent}>" for parent in sorted(PARENTS[name]))
        return f"<{name}> in <{around}>, allowed in {allowed}"
    if around in CHILDREN and name not in CHILDREN[around]:
        return f"<{name}> in <{around}>"
    if name in BLOCKS:
        outer = next((a.tag for a in ancestors(element) if a.tag not in TRANSPARENT), "")
        if outer in PHRASING and not (name in HEADINGS and outer in ("legend", "summary")):
            return f"<{name}> in <{outer}>, which holds text"
    if name in INTERACTIVE and (name != "a" or "href" in element.attrs):
        outer = next((a.tag for a in ancestors(element) if a.tag in ("a", "button")), "")
        return f"<{name}> in <{outer}>: two things to click" if outer else ""
    return ""


def content_elements(page: PageTree) -> Iterator[Problem]:
    """A text has no element of a page's head: `<base>`, `<link>`, `<meta>`, `<title>`."""
    for element in page.named("base", "link", "meta", "title"):
        place = page.place(element)
        if place[1] and element.namespace == Namespace.HTML and page.is_content(element):
            yield found(place, f"<{element.tag}> in a text", "remove it")


def unique_ids(page: PageTree) -> Iterator[Problem]:
    """Each id is on the page once, and is not empty or of several words."""
    for element in page.having("id"):
        name = attribute(element, "id")
        if not name or re.search(r"\s", name):
            yield found(page.place(element), f"not a valid id: {name!r}")
        elif name and page.by_id[name] is not element:
            first = page.by_id[name]
            # The theme's come after the content, but it is the content that can be changed.
            own = first if page.is_content(first) and not page.is_content(element) else element
            yield found(page.place(own), f"duplicate id: {name}", f"{{: #{name}-2 }}")


def id_references(page: PageTree) -> Iterator[Problem]:
    """An attribute that refers to an id (`aria-labelledby`, `for`) finds it on the page."""
    for element in dict.fromkeys(page.having(*ARIA_REFERENCES, *ID_REFERENCES)):
        is_html = element.namespace == Namespace.HTML
        names = ARIA_REFERENCES | ID_REFERENCES if is_html else ARIA_REFERENCES
        for name in sorted(names.intersection(element.attrs)):
            for lost in sorted(set(attribute(element, name).split()) - page.by_id.keys()):
                hint = did_you_mean(lost, sorted(page.by_id))
                yield found(page.place(element), f"{name}: no id {lost!r} on the page", hint)


def measure(page: PageTree) -> Measures:
    """Return the size of a page."""
    loads = [
        element
        for element in page.elements
        if (element.tag in LOADED and attribute(element, LOADED[element.tag]))
        or (element.tag == "link" and LOADING.intersection(attribute(element, "rel").split()))
    ]
    depths = {id(page.tree): 0}
    for element in page.elements:
        depths[id(element)] = depths.get(id(element.parent), 0) + 1
    return Measures(
        compressed=len(gzip.compress(strip_marks(page.html).encode(), 6)),
        elements=len(page.elements),
        depth=max(depths.values()),
        requests=1 + len(loads),
        eager=1 + sum(attribute(element, "loading") != "lazy" for element in loads),
        images=tuple(
            Address("img", "src", chosen_source(image), "", (), *page.place(image))
            for image in page.named("img")
        ),
    )


def chosen_source(image: Element) -> str:
    """Return the address that a wide screen loads of an `<img>`: best format, wide enough."""
    around = next(ancestors(image), None)
    sources = around.find_all("source") if around and around.tag == "picture" else []
    srcset = next(filter(None, (attribute(e, "srcset") for e in (*sources, image))), "")
    widths = [(int(w[:-1]), url) for url, w in candidates(srcset) if re.fullmatch(r"\d+w", w)]
    if not widths:
        return attribute(image, "src")
    return next((url for width, url in sorted(widths) if width >= WIDE), max(widths)[1])


def page_weight(site: CheckedSite) -> Iterator[Problem]:
    """The HTML of a page, styles included, fits `page-kilobytes` compressed."""
    for facts in site.outlines.values():
        size = facts.measures.compressed / KILO
        yield from _over(site, "page-kilobytes", "page weighs", size, facts.place)


def requests(site: CheckedSite) -> Iterator[Problem]:
    """A page makes at most `requests` requests, `requests-at-once` for the first screen."""
    for facts in site.outlines.values():
        count, eager = facts.measures.requests, facts.measures.eager
        yield from _over(site, "requests", "requests of the page:", count, facts.place)
        yield from _over(site, "requests-at-once", "requests at once:", eager, facts.place)


def dom_size(site: CheckedSite) -> Iterator[Problem]:
    """A page has at most `elements` elements, nested at most `depth` deep."""
    for facts in site.outlines.values():
        count, depth = facts.measures.elements, facts.measures.depth
        yield from _over(site, "elements", "elements of the page:", count, facts.place)
        yield from _over(site, "depth", "depth of the elements:", depth, facts.place)


def image_weight(site: CheckedSite) -> Iterator[Problem]:
    """An image fits `image-kilobytes`, all images of a page `images-kilobytes`."""
    for path, facts in site.outlines.items():
        total = 0.0
        for image in facts.measures.images:
            target = site.resolve(path, image.value)
            artifact = site.artifacts.get(target.file) if target else None
            inline = len(image.value) if image.value.startswith("data:") else 0
            size = (artifact.size if artifact else inline) / KILO
            total += size
            place = image.path, image.line
            yield from _over(site, "image-kilobytes", "image weighs", size, place)
        yield from _over(site, "images-kilobytes", "images weigh", total, facts.place)


def feed_weight(site: CheckedSite) -> Iterator[Problem]:
    """A feed fits `feed-kilobytes` compressed."""
    limit = site.settings.budgets.get("feed-kilobytes", 0) * KILO
    for path in site.feeds:
        if site.artifacts[path].size > limit:  # compression makes no file larger that matters
            size = site.memo(compressed_size, site.data(path)) / KILO
            yield from _over(site, "feed-kilobytes", "feed weighs", size, (f"/{path}", 0))


def compressed_size(data: Callable[[], bytes]) -> int:
    """Return the size of a file as it is sent."""
    return len(gzip.compress(data(), 6))


def _over(
    site: CheckedSite, name: str, what: str, number: float, place: tuple[str, int]
) -> Iterator[Problem]:
    """Yield a problem when a number exceeds its budget; a budget that is not set has no limit."""
    limit = site.settings.budgets.get(name)
    if limit is not None and number > limit:
        unit = " kB" if name.endswith("-kilobytes") else ""
        shown = f"{number:.0f}" if number > limit + 1 else f"{number:.1f}".removesuffix(".0")
        message = f"{what} {shown}{unit}, allowed are {limit}{unit}"
        yield found(place, message, f"or raise {name!r} in BUDGETS")


PAGE_CHECKS: tuple[PageCheck, ...] = (
    valid_html, valid_elements, content_elements, content_models, unique_ids, id_references,
)  # fmt: skip
SITE_CHECKS: tuple[SiteCheck, ...] = (page_weight, requests, image_weight, dom_size, feed_weight)
