"""The attributes that HTML knows."""

import re
from collections.abc import Iterator

from pipeline.check.site import Site, attribute
from pipeline.problems import Problem
from pipeline.read.front_matter import nearest

# HTML's own, by the element that has them (HTML Living Standard, the index of attributes)
GLOBAL = frozenset(
    re.findall(
        r"\S+",
        "accesskey autocapitalize autofocus class contenteditable dir draggable enterkeyhint "
        "hidden id inert inputmode is itemid itemprop itemref itemscope itemtype lang nonce part "
        "popover role slot spellcheck style tabindex title translate writingsuggestions "
        "xml:lang xmlns "
        # RDFa's
        "about datatype prefix property resource typeof vocab",
    )
)
LOADING = "crossorigin fetchpriority integrity loading referrerpolicy src srcset sizes width height"
OWN = {
    "a": "download href hreflang ping referrerpolicy rel target type name",
    "area": "alt coords download href ping referrerpolicy rel shape target",
    "audio": f"autoplay controls controlslist loop muted preload {LOADING}",
    "base": "href target",
    "blockquote": "cite",
    "body": "",
    "button": "command commandfor disabled form formaction formmethod name popovertarget type "
    "value",
    "col": "span",
    "colgroup": "span",
    "data": "value",
    "del": "cite datetime",
    "details": "name open",
    "dialog": "open closedby",
    "embed": "src type width height",
    "fieldset": "disabled form name",
    "form": "accept-charset action autocomplete enctype method name novalidate rel target",
    "html": "",
    "iframe": f"allow allowfullscreen name sandbox srcdoc {LOADING}",
    "img": f"alt decoding ismap usemap {LOADING}",
    "input": "accept alt autocomplete checked dirname disabled form formaction height list max "
    "maxlength min minlength multiple name pattern placeholder readonly required size src step "
    "type value width",
    "ins": "cite datetime",
    "label": "for",
    "li": "value",
    "link": "as blocking color disabled href hreflang imagesizes imagesrcset media rel type "
    f"{LOADING}",
    "map": "name",
    "meta": "charset content http-equiv media name",
    "meter": "high low max min optimum value",
    "object": "data form height name type width",
    "ol": "reversed start type",
    "optgroup": "disabled label",
    "option": "disabled label selected value",
    "output": "for form name",
    "progress": "max value",
    "q": "cite",
    "script": f"async blocking defer nomodule type {LOADING}",
    "select": "autocomplete disabled form multiple name required size",
    "source": f"media type {LOADING}",
    "style": "blocking media",
    "td": "colspan headers rowspan",
    "textarea": "autocomplete cols disabled form maxlength minlength name placeholder readonly "
    "required rows wrap",
    "th": "abbr colspan headers rowspan scope",
    "time": "datetime",
    "track": "default kind label src srclang",
    "video": "autoplay controls controlslist disablepictureinpicture loop muted playsinline "
    f"poster preload {LOADING}",
}


def unknown_attributes(site: Site) -> Iterator[Problem]:
    """Every attribute of an element is one that HTML knows.

    A misspelt one (`{: widht=300 }`) does nothing, and nobody says so. Names of your own begin with
    `data-`. There is nothing to excuse.
    """
    for page in site.pages:
        for element in page.elements:
            if element.namespace != "html":
                continue
            known = GLOBAL | frozenset(OWN.get(element.name, "").split())
            for name in element.attrs:
                if name not in known and not re.match(r"data-|aria-|on[a-z]+$", name):
                    value = attribute(element, name)
                    must = f"must be an attribute that HTML knows for <{element.name}>"
                    fix = nearest(name, sorted(known))
                    yield page.problem(
                        must, name, fix, (f"{name}={value}", f'{name}="{value}"', name)
                    )


CHECKS = (unknown_attributes,)
