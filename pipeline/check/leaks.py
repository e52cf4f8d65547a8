"""What an author did not mean to publish: left-overs, secrets, traces of the own machine."""

import re
from collections.abc import Iterator
from pathlib import Path

from justhtml import Comment, Node

from pipeline import scaffold
from pipeline.check.addresses import addresses, on_this_machine
from pipeline.check.prose import passages, place_in, text_files
from pipeline.check.site import Site
from pipeline.problems import Problem

# A note to oneself stands as such: "TODO: …", "[TODO]", or alone; a "TODO list" is none.
NOTE = r"(?:TODO|FIXME|XXX|TBD)"
STARTERS = (
    re.compile(r"\blorem ipsum\b", re.IGNORECASE),
    re.compile(r"(?<![\w.-])(?:www\.)?example\.(?:com|org|net)\b", re.IGNORECASE),
    re.compile(r"\bMy Portfolio\b|\bYour Name Here\b"),
    re.compile(rf"\b{NOTE}(?=:|\([\w -]+\):|!)|\[{NOTE}\b[^\]]*\]|\({NOTE}\b[^)]*\)|^{NOTE}[.…]*$"),
    re.compile(r"^(?:TODO|FIXME) (?!(?:apps?|comments?|files?|items?|lists?|MVC|notes?|tags?)\b)"),
)
HOME = r"(?:(?<![\w/.:~-])/(?:home|Users)/|\b[A-Z]:\\Users\\)(?P<who>[\w.-]+)"
HOMES = ("/home/", "/Users/", "\\Users\\")
MACHINE = (
    re.compile(r"\bhttps?://(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1\])[^\s<>\"]*"),
    re.compile(r"(?<![/\w])(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0):\d{2,5}\b"),
    re.compile(rf"{HOME}(?:/[\w./-]*)?"),
)
EMAIL = re.compile(
    r"(?<![\w.@/+-])(?!git@)[\w.+-]+@(?!example\.)[A-Za-z](?:[\w-]*\w)?(?:\.[\w-]+)*\.[a-zA-Z]{2,}\b"
)
FILES = (".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif", ".svg", ".css", ".js")
URL = re.compile(r"https?://\S+")
# The first characters that give a key away, and its whole form
KEYS = (
    ("AKIA", r"\bAKIA(?!\w*EXAMPLE)[0-9A-Z]{16}\b", "a key of AWS"),
    ("ASIA", r"\bASIA(?!\w*EXAMPLE)[0-9A-Z]{16}\b", "a key of AWS"),
    *((f"gh{kind}_", rf"gh{kind}_[A-Za-z0-9]{{36,}}\b", "a token of GitHub") for kind in "pousr"),
    ("github_pat_", r"\bgithub_pat_\w{50,}\b", "a token of GitHub"),
    ("glpat-", r"\bglpat-[\w-]{20,}", "a token of GitLab"),
    ("xox", r"\bxox[abeoprs]-[\w-]{10,}", "a token of Slack"),
    ("hooks.slack.com", r"hooks\.slack\.com/services/T\w+/B\w+/\w+", "a webhook of Slack"),
    ("AIza", r"\bAIza[\w-]{35}", "a key of Google"),
    ("sk_live_", r"\bsk_live_\w{16,}", "a key of Stripe"),
    ("sk-", r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}", "a key of an AI service"),
    ("hf_", r"\bhf_[A-Za-z0-9]{30,}\b", "a token of Hugging Face"),
    ("npm_", r"\bnpm_[A-Za-z0-9]{36}\b", "a token of npm"),
    ("pypi-", r"\bpypi-AgE[\w-]{40,}", "a token of PyPI"),
    ("SG.", r"\bSG\.[\w-]{22}\.[\w-]{43}", "a key of SendGrid"),
    ("eyJ", r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}", "a JSON Web Token"),
    ("PRIVATE KEY", r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----", "a private key"),
    ("@", r"://[^\s/:@<>\"']+:[^\s/:@<>\"']+@(?!example\.)[\w.-]+", "a password"),
)
SHOWN = 8  # characters of a key that may be printed


def starter_text(site: Site) -> Iterator[Problem]:
    """Nothing stands on the site that was only there to begin with, or as a note to oneself.

    Lorem ipsum, example.com, “My Portfolio”, TODO and its like where they stand as a note, and the
    words that `invoke new` puts into a new post. Write what is meant. Code may show anything; a
    text that speaks of such a thing excuses it.
    """
    lines = [line.partition("Summary: ")[2] or line for line in scaffold.POST.splitlines()]
    own = [line for line in lines if line.count(" ") > 1 and "{" not in line and ": " not in line]
    patterns = (*STARTERS, *(re.compile(re.escape(line)) for line in own))
    for passage in passages(site):
        for pattern in patterns:
            if hit := pattern.search(passage.text):
                must = "must be no text to begin with and no note to yourself"
                yield passage.problem(site, hit, must, repr(hit[0]), "write what is meant")


def own_machine(site: Site) -> Iterator[Problem]:
    """No address and no path of the author's own machine is on the site.

    `http://localhost:8000` leads to the reader's machine, and `/home/…`, `/Users/…` or the
    project's folder tells who works where. Code may show localhost and made-up homes, but neither
    the project's folder nor a home with the author's name. Write another name, or put an example
    into code.
    """
    must, fix = "must name nothing of your own machine", "put an example into code"
    links = [a for page in site.pages for a in addresses(page) if on_this_machine(a.value)]
    for link in links:
        yield link.problem(must, link.value, fix)
    for passage in passages(site):
        linked = [link.value for link in links if passage.page in (None, link.page)]
        for pattern in MACHINE:
            hit = pattern.search(passage.text)
            if hit and not any(hit[0] in address for address in linked):
                yield passage.problem(site, hit, must, hit[0], fix)
    known = logins(str(site.settings["AUTHOR"]))
    project = str(Path.cwd())
    for file, text in text_files(site):
        homes = MACHINE[-1].finditer(text) if any(sign in text for sign in HOMES) else ()
        found = next((home[0] for home in homes if home["who"].casefold() in known), "")
        if project in text and project.count("/") > 1:
            found = project
        if found:
            path, line = place_in(site, file, found)
            yield Problem(path, line, must, found, fix)


def logins(author: str) -> set[str]:
    """Return the names by which an author may be known to a machine: ben, bolte, bbolte …"""
    names = re.findall(r"\w+", author.casefold())
    joined = {sign.join(names) for sign in ("", ".", "-", "_")}
    return {*names, *joined, f"{names[0][0]}{names[-1]}", f"{names[0]}{names[-1][0]}"}


def secrets(site: Site) -> Iterator[Problem]:
    """No key, token or password is in any file of the site, code included.

    Known forms: AWS, GitHub, GitLab, Slack, Google, Stripe, AI services, npm, PyPI, JSON Web
    Tokens, private keys, a password in an address. Take it out and revoke it: what was in a file
    may have been seen. An example that is none is excused, or has a part left out: `ghp_…`.
    """
    for file, text in text_files(site):
        for begin, pattern, what in KEYS:
            for hit in re.finditer(pattern, text) if begin in text else ():
                path, line = place_in(site, file, hit[0])
                found = f"{what}, {hit[0][:SHOWN]}…"
                yield Problem(path, line, "must tell no secret", found, "revoke it, take it out")


def plain_emails(site: Site) -> Iterator[Problem]:
    """No e-mail address stands on the site, in a link or in words.

    Programs collect them by the million, those in HTML's entities too. Name another way to write to
    you, or excuse the one that you mean to be found.
    """
    for passage in passages(site):
        words = URL.sub(lambda url: " " * len(url[0]), passage.text)
        for hit in EMAIL.finditer(words):
            if not hit[0].lower().endswith(FILES):
                must = "must not show an e-mail address to programs that collect them"
                yield passage.problem(site, hit, must, hit[0], "name another way, or excuse it")
    for page in site.pages:
        for link in page.named("a"):
            if (href := link.attrs.get("href") or "").startswith("mailto:"):
                found = href[7:].partition("?")[0]
                if "@" not in found:
                    continue
                must = "must not show an e-mail address to programs that collect them"
                path, line = place_in(site, page.path, found)
                yield Problem(path, line, must, found, "name another way, or excuse it")


def html_comments(site: Site) -> Iterator[Problem]:
    """No comment is in the HTML: whoever looks at a page's source reads it.

    What an author writes to himself is no part of what is published. Keep such notes elsewhere; in
    a template write `{# … #}`. There is nothing to excuse.
    """
    for page in site.pages:
        for text in _comments(page.document.root):
            must, fix = "must have no comment in its HTML", "remove it"
            found = " ".join(text.split())
            yield page.problem(must, f"<!-- {found} -->", fix, (f"<!--{text}-->", found))


def _comments(node: Node) -> Iterator[str]:
    for child in node.children or ():
        if isinstance(child, Comment):
            yield str(child.data)
        elif isinstance(child, Node):
            yield from _comments(child)


CHECKS = (starter_text, own_machine, secrets, plain_emails, html_comments)
