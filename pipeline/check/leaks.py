"""What was not meant to be published: leftovers, credentials, traces of the author's machine."""

import re
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath

from PIL import Image
from turbohtml import Comment, Element

from pipeline.check.checked_site import (
    CheckedSite,
    FileCheck,
    PageCheck,
    SiteCheck,
    found,
    is_local,
    place_in,
    single_spaced,
)
from pipeline.content.sources import EXPIRES
from pipeline.html import MARK, PageTree
from pipeline.model import Address
from pipeline.problems import Problem, shorten

# A note to oneself is one by its form: "TODO: …", "[TODO]", or alone; a "TODO list" is none.
NOTE = r"(?:TODO|FIXME|XXX|TBD)"
EXAMPLE = re.compile(r"(?<![\w.@-])(?:www\.)?example\.(?:com|org|net)\b", re.IGNORECASE)
PLACEHOLDERS = (
    re.compile(r"(?<![“‘\"'«„])\blorem ipsum dolor\b|^lorem ipsum\W*$", re.IGNORECASE),
    EXAMPLE,
    re.compile(r"\bMy Portfolio\b|\bYour Name Here\b"),
    re.compile(rf"\b{NOTE}(?=:|\([\w -]+\):|!)|\[{NOTE}\b[^\]]*\]|\({NOTE}\b[^)]*\)|^{NOTE}[.…]*$"),
    re.compile(r"^(?:TODO|FIXME) (?!(?:apps?|comments?|files?|items?|lists?|MVC|notes?|tags?)\b)"),
    # Notes to oneself in other words
    re.compile(
        r"\[(?:citation|source|reference|link|image|figure|quote) (?:needed|here|missing|to come)\]"
        r"|\[(?:[A-Z]\w+: ?)?(?:insert|add|your|check|fill in|fix|expand|rewrite|verify) [^\]\n]*\]"
        r"|\(\?{2,3}\)"
        r"|\[(?:placeholder|tk|tba|tbc|wip|draft|xx+|source|citation|\?{1,3})\]"
        r"|\bTK(?:TK)+\b|(?<![\w-])TK(?=[.,;:\s]|$)(?! ?[-–]\d)"
        r"|\b(?:CHANGE ?ME|REPLACE ?ME|FILL ?ME IN|INSERT [A-Z]+ HERE|YOUR_[A-Z_]+)\b"
        r"|^(?:WIP|DRAFT|HACK|REVISIT|REWRITE|PLACEHOLDER|QQQ?|STUB)\b(?=[:.]|$)"
        r"|(?<=\s)@todo\b|\?{4,}|\basdf\w*"
    ),
    re.compile(
        r"\bnote to (?:my)?self\b(?=\s*[:–—-])|\bto-do:|(?-i:\btodo:)|^to do:"
        r"|\bblah,? blah,? blah\b|^(?:text|content) goes here|^\W*wip\W*$",
        re.IGNORECASE,
    ),
    # What chat assistants leave
    re.compile(
        r"\bas an? (?:AI|large)(?: language)? model\b|:contentReference\[|\boaicite\b"
        r"|【\d+(?::\d+)?†|\bcite(?:turn\d|_start)|\bturn\d+(?:search|view|news|file)\d+"
        r"|\[cite(?:_start)?(?:: ?\d|\])|^(?:great|good|excellent) question[!.]"
        r"|^(?:sure|certainly|absolutely|of course)[!,.] (?:here(?:[’']s| is| are| you)|below"
        r"|I(?:[’']ll|[’']d be happy))\b|^(?:I )?hope this helps\b|\bwould you like me to\b"
        r"|\blet me know if you(?:[’']d| would)? (?:like|want|need)|^regenerate response$"
        r"|\bhere(?:[’']s| is) (?:an?|the|your) (?:revised|rewritten|polished|updated|improved"
        r"|more concise) (?:version|draft|text|paragraph)\b"
        r"|\bmy (?:last )?knowledge (?:cutoff|update)\b|\bI can(?:not|[’']t) (?:fulfil|browse)"
        r"|^I(?:[’']m| am) sorry, but I (?:can(?:no|[’'])t|am unable)\b",
        re.IGNORECASE,
    ),
    # What `invoke new` writes into a post
    re.compile(r"One or two sentences for the list of posts, search|^The text begins here\.$"),
)
HOME = re.compile(r"(?:(?<![\w/.:~-])/(?:home|Users)/|\b[A-Z]:\\Users\\)([\w.-]+)(?:/[\w./-]*)?")
LOCAL = (
    re.compile(r"\bhttps?://(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1\])[^\s<>()\"]*"),
    re.compile(r"(?<![/\w])(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0):\d{2,5}\b"),
    HOME,
)
EMAIL = re.compile(
    r"(?<![\w.@/+-])(?!git@)[\w.+-]+@(?!example\.)[A-Za-z](?:[\w-]*\w)?(?:\.[\w-]+)*\.[a-zA-Z]{2,}\b"
)
FILE_ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif", ".svg", ".css", ".js")
URL = re.compile(r"https?://\S+")
START = r"(?<![\w/-])"  # not in a word, nor in the path of a URL
# Characters that any of them has ("|": one of these), its whole form, and whose it is. One that
# could be the words of a URL has a digit and a capital letter.
CREDENTIALS = tuple(
    (prefix, re.compile(pattern), whose)
    for prefix, pattern, whose in (
        ("AKIA", r"\bAKIA(?!\w*EXAMPLE)[0-9A-Z]{16}\b", "AWS key"),
        ("ASIA", r"\bASIA(?!\w*EXAMPLE)[0-9A-Z]{16}\b", "AWS key"),
        ("ghp_|gho_|ghu_|ghs_|ghr_", rf"{START}gh[pousr]_[A-Za-z0-9]{{36,}}\b", "GitHub token"),
        ("github_pat_", r"\bgithub_pat_\w{50,}\b", "GitHub token"),
        ("glpat-", rf"{START}glpat-(?=[\w-]*\d)[\w-]{{20,}}", "GitLab token"),
        ("xox", rf"{START}xox[abeoprs]-(?=[\w-]*\d)[\w-]{{10,}}", "Slack token"),
        ("hooks.slack.com", r"hooks\.slack\.com/services/T\w+/B\w+/\w+", "Slack webhook"),
        ("AIza", r"\bAIza[\w-]{35}", "Google key"),
        ("sk_live_", r"\bsk_live_\w{16,}", "Stripe key"),
        ("sk-", rf"{START}sk-(?=[\w-]*\d)(?=[\w-]*[A-Z])[\w-]{{32,}}", "key of an AI service"),
        ("hf_", rf"{START}hf_[A-Za-z0-9]{{30,}}\b", "Hugging Face token"),
        ("npm_", rf"{START}npm_[A-Za-z0-9]{{36}}\b", "npm token"),
        ("pypi-", r"\bpypi-AgE[\w-]{40,}", "PyPI token"),
        ("SG.", r"\bSG\.[\w-]{22}\.[\w-]{43}", "SendGrid key"),
        ("eyJ", r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}", "JSON Web Token"),
        ("PRIVATE KEY", r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----", "private key"),
        ("earer ", r"\b[Bb]earer (?=[\w.~+/-]*\d)[\w.~+/-]{20,}", "bearer token"),
        ("Basic ", r"Authorization: Basic [A-Za-z0-9+/=]{12,}", "password in a header"),
        ("dop_v1_", r"\bdop_v1_[0-9a-f]{40,}", "DigitalOcean token"),
        ("shpat_", r"\bshpat_[0-9a-f]{32}", "Shopify token"),
        ("AGE-SECRET", r"\bAGE-SECRET-KEY-1[0-9A-Z]{50,}", "private key"),
        ("sk_test_|rk_live_", r"\b(?:sk_test|rk_live)_\w{16,}", "Stripe key"),
        ("key-", r"\bkey-[0-9a-f]{32}\b", "Mailgun key"),
        ("dapi", r"\bdapi[0-9a-f]{32}\b", "Databricks token"),
        ("lin_api_", r"\blin_api_\w{32,}", "Linear key"),
        (":AA", r"\b\d{8,10}:AA[\w-]{33}\b", "Telegram token"),
        ("AccountKey=", r"\bAccountKey=[\w+/]{40,}", "Azure key"),
        ("/webhooks/", r"discord(?:app)?\.com/api/webhooks/\d+/[\w-]{20,}", "Discord webhook"),
        (
            "key|KEY|oken|TOKEN|ecret|SECRET|asswo|PASSWO",
            r"(?i)\b(?:api[_-]?key|secret(?:[_-]?(?:access[_-]?)?key)?|(?:access|auth)[_-]?token"
            r"|client[_-]?secret|password)[\"']?\s*[:=]\s*[\"']?"
            r"(?=[\w+/-]*\d)(?=[\w+/-]*[A-Za-z])(?!\w*(?:example|xxxx|1234))[\w+/-]{16,}",
            "value of a secret",
        ),
        ("@", r"://[^\s/:@<>\"']+:[^\s/:@<>\"']+@(?!example\.)[\w.-]+", "password in a URL"),
    )
)
SHOWN = 8  # characters of a credential that a message shows
IMAGES = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif")
GPS = 0x8825  # the EXIF tag of the place where a photo was taken
WRITTEN_IN = ("xmp", "XML:com.adobe.xmp", "photoshop", "comment")


def _matches(patterns: Iterable[re.Pattern[str]], text: str) -> Iterator[re.Match[str]]:
    return (match for pattern in patterns for match in pattern.finditer(text))


def find_placeholders(text: str) -> Iterator[re.Match[str]]:
    """Yield what was to be replaced."""
    return _matches(PLACEHOLDERS, text)


def find_local(text: str) -> Iterator[re.Match[str]]:
    """Yield URLs and paths of the author's machine."""
    return _matches(LOCAL, text)


def find_emails(text: str) -> Iterator[re.Match[str]]:
    """Yield email addresses, not those in URLs."""
    words = URL.sub(lambda url: " " * len(url[0]), text)
    return (m for m in EMAIL.finditer(words) if not m[0].lower().endswith(FILE_ENDINGS))


def placeholder_text(site: CheckedSite) -> Iterator[Problem]:
    """No placeholder is left: lorem ipsum, example.com, TODO, the words of `invoke new`."""
    for passage, match in site.search(find_placeholders):
        message = f"placeholder text: {shorten(match[0])!r}"
        words = single_spaced(passage.text)
        yield found(place_in(passage, match.start()), message, "write what is meant", words)
    texts = {content.document.path for content in site.contents.values()}
    for link in (link for link in site.links if link.address.path in texts):
        if host := EXAMPLE.search(link.address.value):
            message = f"placeholder text: {host[0]!r}"
            yield found(link.place, message, "write what is meant", link.address.value)


def local_paths(site: CheckedSite) -> Iterator[Problem]:
    """No URL and no path of the author's own machine is published."""
    if is_local(site.settings.siteurl):
        return  # for site-url
    hint = "put an example into code"
    links = [link.address for link in site.links if is_local(link.address.value)]
    shown, words_of = set[str](), dict[Address, str]()
    for passage, match in site.search(find_local):
        shown.add(match[0])
        kind = "path of your machine" if match.re is HOME else "local address"
        words, message = single_spaced(passage.text), f"{kind}: {match[0]}"
        linked = [a for a in links if a.path == passage.path and match[0] in a.value]
        words_of |= dict.fromkeys(linked, words)
        if not linked:
            yield found(place_in(passage, match.start()), message, hint, words)
    for a in links:
        message = f"local address: {shorten(a.value)}"
        yield found((a.path, a.line), message, hint, words_of.get(a, ""))
    known, project = logins(site.settings.author), Path.cwd()
    patterns = {HOME: "/home/|/Users/|\\Users\\"}
    if len(project.parts) > 2:
        patterns[re.compile(re.escape(str(project)))] = str(project)
    for name, match in _in_files(site, patterns):
        own = match.re is not HOME or match[1].casefold() in known
        if own and match[0] not in shown:
            message, words = f"path of your machine: {match[0]}", _repeatable(site, name, match)
            yield found(site.locate(name, match[0]), message, hint, words)


def logins(author: str) -> set[str]:
    """Return the names by which a machine may know an author: ben, bolte, bbolte …"""
    names = re.findall(r"\w+", author.casefold())
    if not names:
        return set()
    joined = {sign.join(names) for sign in ("", ".", "-", "_")}
    return {*names, *joined, f"{names[0][0]}{names[-1]}", f"{names[0]}{names[-1][0]}"}


def _in_files(
    site: CheckedSite, patterns: dict[re.Pattern[str], str]
) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield each file that has something, code included, and the first match of each text.

    `patterns` are given with characters that a match has ("|": one of these), which are looked for
    first. What a page has is not found again in files that repeat it.
    """
    needles = [(pattern, words.split("|")) for pattern, words in patterns.items()]
    of_pages, texts = set[str](), {content.document.path for content in site.contents.values()}
    for name, text in site.file_texts.items():
        likely = [pattern for pattern, words in needles if any(word in text for word in words)]
        matches = {match[0]: match for match in _matches(likely, text)}
        if name in site.facts:
            of_pages |= matches.keys()
        elif site.artifacts[name].source in ("", *texts):
            matches = {words: match for words, match in matches.items() if words not in of_pages}
        yield from ((name, match) for match in matches.values())


def _repeatable(site: CheckedSite, name: str, match: re.Match[str]) -> str:
    """Return what other files may repeat; a file that was copied repeats nothing."""
    return "" if site.artifacts[name].source and name not in site.contents else match[0]


def secrets(site: CheckedSite) -> Iterator[Problem]:
    """No key, token or password is in any file of the site, code included."""
    whose = {pattern: kind for _, pattern, kind in CREDENTIALS}
    for name, match in _in_files(site, {pattern: words for words, pattern, _ in CREDENTIALS}):
        message = f"possible credential: {whose[match.re]}, {match[0][:SHOWN]}…"
        words = _repeatable(site, name, match)
        yield found(site.locate(name, match[0]), message, "revoke it and remove it", words)


def plain_emails(site: CheckedSite) -> Iterator[Problem]:
    """No email address is published, in a link or in words: programs collect them for spam."""
    hint = "name another way to write to you"
    for passage, match in site.search(find_emails):
        words, message = single_spaced(passage.text), f"email address: {match[0]}"
        yield found(place_in(passage, match.start()), message, hint, words)
    for link in site.links:
        scheme, _, rest = link.address.value.partition(":")
        email = rest.partition("?")[0]
        if scheme == "mailto" and "@" in email and email != site.settings.author_email:
            yield found(link.place, f"email address: {email}", hint)


def unlinked_files(site: CheckedSite) -> Iterator[Problem]:
    """Every file beside a post is used: a link, an image or another file of the post names it."""
    if not site.settings.strict_content:
        return
    linked = set[str]().union(*(content.links for content in site.contents.values()))
    targets = {target.file for target in site.targets}
    folders = {str(PurePosixPath(c.output).parent) for c in site.contents.values()} - {"."}
    for asset in site.site.assets:
        path = PurePosixPath(asset.output)
        folder = next((str(p) for p in path.parents if str(p) in folders), "")
        if not folder or asset.name in linked or asset.output in targets:
            continue
        beside = (t for name, t in site.text_files.items() if name.startswith(f"{folder}/"))
        if not any(path.name in text for text in beside):
            message = "published, and no text links to it"
            yield found((asset.path, 0), message, "link to it, or move it away")


def shared_files(site: CheckedSite) -> Iterator[Problem]:
    """What `invoke share --publish` has written is not linked and says noindex."""
    shared = {a.output: a for a in site.site.assets if EXPIRES.match(a.output)}
    links = site.links_to([target for target in site.targets if target.file in shared])
    linked = {link.target.file: link.place for link in links if link.target}
    for name, asset in shared.items():
        if name in linked:
            yield found(linked[name], f"link to a shared text: {name}", "remove it")
        if name.endswith(".html") and b"noindex" not in site.read(name):
            hint = "write it again: invoke share --publish"
            yield found((asset.path, 0), "shared text without noindex", hint)


def html_comments(page: PageTree) -> Iterator[Problem]:
    """No comment is in the HTML: everybody can read the source of a page."""
    for node in page.tree.descendants:
        if isinstance(node, Comment):
            message = f"HTML comment: <!-- {shorten(node.data)} -->"
            yield found(_place_of_comment(page, node), message, "remove it")


def _place_of_comment(page: PageTree, comment: Comment) -> tuple[str, int]:
    """Return the file and line of a comment, counted from the block around or before it."""
    nodes = (comment.parent, *comment.previous_siblings)
    elements = (node for node in nodes if isinstance(node, Element))
    block = next((element for element in elements if page.is_content(element)), None)
    if block is None:
        _, _, after = page.content.partition(f"<!--{comment.data}-->")
        gap, mark, rest = after.partition(f'{MARK}="')
        number = rest.partition('"')[0]
        if mark and number.isdecimal():  # the first thing in a text
            return page.source, int(number) - gap.count("\n")
        return page.place(comment)
    path, line = page.place(block)
    begin = page.html.find(f"<!--{comment.data}-->")
    between = page.html.count("\n", 0, max(begin, 0)) + 1 - (block.source_line or 0)
    blank = block is not comment.parent  # the line between two blocks of Markdown
    return path, line + max(between, 0) + blank


def embedded_metadata(site: CheckedSite) -> Iterator[Problem]:
    """No image says where and when it was taken, or by whom: EXIF, XMP, comments."""
    cleaned = {asset.output for asset in site.site.assets if asset.image}
    texts = {content.document.path for content in site.contents.values()}
    for name, artifact in site.artifacts.items():
        if not artifact.source or name in cleaned or not name.lower().endswith(IMAGES):
            continue
        if artifact.source in texts:  # drawn by the pipeline
            continue
        if metadata := site.memo(metadata_in, site.data(name)):
            links = site.links_to([target for target in site.targets if target.file == name])
            linked = (x.place for x in links if x.address.path in texts and x.address.line)
            message = f"metadata in {PurePosixPath(name).name}: {metadata}"
            hint = f"exiftool -all= {PurePosixPath(artifact.source).name}"
            yield found(next(linked, (artifact.source, 0)), message, hint)


def metadata_in(data: Callable[[], bytes]) -> str:
    """Return what `image_metadata` finds in a file."""
    return image_metadata(data())


def image_metadata(data: bytes) -> str:
    """Return what an image says besides its pixels ("": nothing, or it is no image)."""
    try:
        with Image.open(BytesIO(data)) as image:
            if image.format == "PNG":
                image.load()  # texts and EXIF may come after the pixels
            exif, written = image.getexif(), [name for name in WRITTEN_IN if image.info.get(name)]
            written = [*getattr(image, "text", {})] or written
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return ""
    if GPS in exif:
        return "the place where it was taken (GPS)"
    return "EXIF" if len(exif) else ", ".join(written)


PAGE_CHECKS: tuple[PageCheck, ...] = (html_comments,)
FILE_CHECKS: tuple[FileCheck, ...] = (placeholder_text, local_paths, secrets, plain_emails)
SITE_CHECKS: tuple[SiteCheck, ...] = (embedded_metadata, shared_files, unlinked_files)
