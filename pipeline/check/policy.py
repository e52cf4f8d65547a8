"""What hosts are told to send with the pages: the policy, and the other headers."""

import re
from collections.abc import Iterator

from pipeline.check.privacy import text_in
from pipeline.check.site import Site, attribute
from pipeline.problems import Problem, line_of
from pipeline.render.metadata.headers import (
    HEADERS_FILE,
    LONGEST_LINE,
    MOST_RULES,
    hash_of,
    headers_for,
    read_file,
)  # fmt: skip

NEEDED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "",
    "Permissions-Policy": "",
    "Cross-Origin-Opener-Policy": "same-origin",
}
DIRECTIVES = (
    "default-src",
    "script-src",
    "style-src",
    "base-uri",
    "form-action",
    "frame-ancestors",
)


def styles(site: Site) -> Iterator[Problem]:
    """Every style in a page is named by the policy that hosts send, by its hash.

    A style that the policy does not name is not shown, and one in a `style` attribute cannot be
    named: give the element a class, and write the rule into theme/static/css/. A `<style>` is
    named when the site is built; one that is not was changed afterwards. There is no excuse.
    """
    told = rules(site)
    for page in site.pages if told else ():  # else see headers_file
        sent = headers_for(page.address, told).get("Content-Security-Policy", "")
        allowed = directives(sent).get("style-src", "")
        for style in page.named("style"):
            if hash_of(text_in(style)) not in allowed.split():
                must = "a style must be named by the policy in _headers"
                yield page.problem(must, text_in(style).strip()[:60], parts=("<style",))
        for element in page.elements:
            if "style" in (element.attrs or {}):
                value = attribute(element, "style")
                must, fix = "must have no style attribute", "use a class"
                yield page.problem(must, f'style="{value}"', fix, (f'style="{value}"', value))


def policy(site: Site) -> Iterator[Problem]:
    """Each page is sent with a Content-Security-Policy without `unsafe`, and the other headers.

    They keep a mistake from becoming a break-in: nothing runs, nothing is framed, nothing is
    guessed. Netlify and Cloudflare Pages read them from `_headers`, which the build writes
    (render/metadata/headers.py); for another host, give it the same headers. There is nothing to
    excuse.
    """
    told = rules(site)
    for page in site.pages if told else ():  # else see headers_file
        sent = headers_for(page.address, told)
        parts = directives(sent.get("Content-Security-Policy", ""))
        for name in [name for name in DIRECTIVES if name not in parts]:
            yield in_headers(site, f"the policy of every page must have {name}", "none", "/*")
        for name, value in parts.items():
            if re.search(r"unsafe|\*|https?:|data:|,", value) or not value:
                must = "the policy must name only what is the site's own"
                yield in_headers(site, must, f"{name} {value}", name)
        for name, value in NEEDED.items():
            if not sent.get(name) or (value and sent[name] != value):
                must = f"every page must be sent with {name}"
                yield in_headers(site, must, sent.get(name, "none"), name)


def headers_file(site: Site) -> Iterator[Problem]:
    """`_headers` is one that Netlify and Cloudflare Pages read whole.

    They take 100 rules, 2,000 characters a line and one `*` a path, and leave out the rest without
    a word. A policy grows with each different `<style>` in the texts: put rules into
    theme/static/css/, once for all. There is nothing to excuse.
    """
    text = site.read(HEADERS_FILE).decode("utf-8") if HEADERS_FILE in site.files else ""
    found = rules(site)
    if not 0 < len(found) <= MOST_RULES:
        yield in_headers(site, f"must have 1 to {MOST_RULES} rules", str(len(found)), "")
    for number, line in enumerate(text.splitlines(), 1):
        form = r"/\S*|\s+[\w-]+: \S.*|" if line.count("*") <= 1 or line[:1].isspace() else ""
        if len(line) > LONGEST_LINE or not re.fullmatch(form, line):
            must = f"must be a path with one * or a header, of {LONGEST_LINE} characters at most"
            yield Problem(f"/{HEADERS_FILE}", number, must, f"{len(line)} of them: {line[:60]}")


def rules(site: Site) -> dict[str, dict[str, str]]:
    """Return what `_headers` says."""
    there = HEADERS_FILE in site.files
    return read_file(site.read(HEADERS_FILE).decode("utf-8")) if there else {}


def directives(policy: str) -> dict[str, str]:
    """Return the parts of a policy by their names."""
    parts = (part.strip().partition(" ") for part in policy.split(";") if part.strip())
    return {name: value.strip() for name, _, value in parts}


def in_headers(site: Site, must: str, found: str, part: str) -> Problem:
    """Return a problem of `_headers`, at the line that has a part."""
    text = site.read(HEADERS_FILE).decode("utf-8") if HEADERS_FILE in site.files else ""
    return Problem(f"/{HEADERS_FILE}", line_of(text, part) if text else 0, must, found)


CHECKS = (styles, policy, headers_file)
