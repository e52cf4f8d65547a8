"""Earlier addresses and where they lead: collected once, written in the form of each host.

`_redirects` is read by Netlify and Cloudflare Pages, the other files by nginx and Caddy. On hosts
without redirects there is a page at an earlier address of a page, and a copy at that of a file.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from posixpath import dirname, relpath
from urllib.parse import urlsplit

from pipeline.content.front_matter import ADDRESS, ADDRESS_HINT
from pipeline.content.reader import read_toml
from pipeline.html import address_of
from pipeline.model import Content, Output, Redirect
from pipeline.problems import Problem, ProblemsFound, did_you_mean
from pipeline.settings import Settings

CODE = "redirects"
REDIRECTS_FILE = "_redirects"
REDIRECT_FILES = (REDIRECTS_FILE, "_redirects.nginx", "_redirects.caddy")
# Addresses that no browser shows as a page: of feeds, images, data …
FILE = re.compile(r".*\.(?!html?$)[a-z][a-z0-9]{1,4}", re.IGNORECASE)
# The limits of Cloudflare Pages, which are the narrowest: rules in a file, characters in a rule
MAX_RULES, MAX_LENGTH = 2000, 1000


def collect_redirects(
    settings: Settings,
    contents: Collection[Content],
    files: Collection[str],
    own: Iterable[Output] = (),
) -> tuple[tuple[Redirect, ...], list[Problem]]:
    """Return all redirects in order, and what is wrong with the redirects file.

    They are the aliases of published posts and pages, REDIRECTS_FILE (a TOML table of
    `"/old/" = "/new/"`) and FEED_ALIASES. `files` are the paths of published files that are no
    pages: assets and feeds. `own` are the outputs of the contents: what is made beside a page (its
    changes, quotes, EPUB and source) moves with it.
    """
    given = [
        (alias, f"/{content.url}", content.document.path, content.document.lines.get("aliases", 0))
        for content in contents
        for alias in (content.document.front_matter.aliases if content.output else ())
    ]
    below: dict[str, list[str]] = {}
    for out in own:
        below.setdefault(out.source, []).append(address_of(out.path))
    for alias, to, path, line in tuple(given):
        if alias.endswith("/") and dirname(alias[:-1]) == dirname(to[:-1]):  # not of an older site
            beside = (a for a in below.get(path, ()) if a.startswith(to) and a != to)
            names = (a.removeprefix(to) for a in beside if not a.endswith(".png"))
            given += [(alias + name, to + name, path, line) for name in names]
    problems, file = [], Path(settings.path, settings.redirects_file)
    try:
        table, lines = read_toml(file)
    except ProblemsFound as error:
        table, lines, problems = {}, {}, error.problems
    for source, to in table.items():
        place = (str(file), lines.get(source, 0))
        if not isinstance(to, str):
            message = f"not a redirect: {source} = {to!r}"
            problems.append(Problem(CODE, *place, message, '"/old/" = "/new/"'))
        elif not ADDRESS.fullmatch(source):
            problems.append(Problem(CODE, *place, f"not an address: {source!r}", ADDRESS_HINT))
        else:
            given.append((source, to, *place))
    for alias, to in settings.feed_aliases.items():
        given.append((f"/{alias}", f"/{to}", *settings.place("FEED_ALIASES")))
    redirects = [
        Redirect(*each, copied=bool(FILE.fullmatch(each[0])) and each[1][1:] in files)
        for each in given
    ]
    return tuple(sorted(redirects, key=lambda each: (each.source, each.to, each.path))), problems


def redirect_page(redirect: Redirect) -> str:
    """Return the file of the page that leads on where the host does not ("": there is none)."""
    if FILE.fullmatch(redirect.source):
        return ""
    path = redirect.source.strip("/")
    return path if path.endswith((".html", ".htm")) else f"{path}/index.html"


def copied_files(redirects: Iterable[Redirect]) -> Iterator[tuple[str, str]]:
    """Yield for each copied redirect the file at the earlier address, and the file to copy."""
    yield from ((each.source[1:], each.to[1:]) for each in redirects if each.copied)


def redirect_outputs(redirects: Collection[Redirect], settings: Settings) -> Iterator[Output]:
    """Yield every file that redirects make: for hosts, pages, and copies."""
    if redirects:
        table = Path(settings.path, settings.redirects_file)
        source = str(table) if table.is_file() else ""
        yield from (Output(form, source) for form in REDIRECT_FILES)
    for redirect in redirects:
        if path := redirect.source[1:] if redirect.copied else redirect_page(redirect):
            yield Output(path, redirect.path)


def redirect_problems(redirects: Collection[Redirect], files: Collection[str]) -> Iterator[Problem]:
    """Yield what is wrong with the redirects of a site; `files` are the site's other files."""
    pages = {address_of(path) for path in files}
    live = {_key(address): address for f in files for address in (f"/{f}", address_of(f))}
    sources: dict[str, Redirect] = {}
    for redirect in redirects:
        first = sources.setdefault(_key(redirect.source), redirect)
        if first is not redirect:
            message = f"two redirects from {redirect.source}: to {redirect.to} and {first.to}"
            yield _problem(
                redirect, message, f"remove this one or that in {first.path}:{first.line}"
            )
    for redirect in redirects:
        # The address itself, or a file where a folder would be
        parts = _key(redirect.source).split("/")
        above = ("/".join(parts[:end]) for end in range(2, len(parts)))
        blocking = [live[key] for key in above if not live.get(key, "/").endswith(("/", ".html"))]
        if used := live.get("/".join(parts)) or next(iter(blocking), ""):
            yield _problem(redirect, f"redirect from an address in use: {used}", "remove it")
        if (length := len(redirect.source) + len(redirect.to)) > MAX_LENGTH - len("  301 "):
            yield _problem(redirect, f"redirect of {length} characters, the limit is {MAX_LENGTH}")
        yield from _target_problems(redirect, sources, pages)
    if (count := len(_rules(redirects))) > MAX_RULES:
        message = f"{count} rules in {REDIRECTS_FILE}, Cloudflare Pages reads {MAX_RULES}"
        yield Problem(CODE, f"/{REDIRECTS_FILE}", 0, message)


def _target_problems(
    redirect: Redirect, sources: Mapping[str, Redirect], pages: Collection[str]
) -> Iterator[Problem]:
    """Yield a problem when a redirect leads nowhere, to another redirect, or to itself."""
    to = urlsplit(redirect.to)
    if to.scheme in ("http", "https") and to.netloc and not re.search(r"\s", redirect.to):
        return
    if end := sources.get(_key(to.path)):
        passed = {redirect.source}
        while end.source not in passed and (after := sources.get(_key(urlsplit(end.to).path))):
            passed.add(end.source)
            end = after
        if end.source in passed:
            yield _problem(redirect, f"redirect loop: {redirect.source}")
        else:
            message = f"redirect to a redirect: {redirect.source} to {redirect.to}"
            yield _problem(redirect, message, f"write {end.to}")
    elif to.scheme or to.netloc or to.path not in pages:
        hint = did_you_mean(to.path, pages) or "an address from the site's root, or https://…"
        yield _problem(redirect, f"redirect to nothing: {redirect.to!r}", hint)


def _problem(redirect: Redirect, message: str, hint: str = "") -> Problem:
    return Problem(CODE, redirect.path, redirect.line, message, hint)


def _key(address: str) -> str:
    """Return what the forms of an address that hosts may take for one have in common."""
    return address.rstrip("/").casefold()


def _rules(redirects: Iterable[Redirect]) -> list[tuple[str, str]]:
    """Return each address that is requested and where it leads: folders also without a slash."""
    found = []
    for each in redirects:
        bare = each.source.rstrip("/")
        found.append((bare, each.to))
        if each.source.endswith("/") or redirect_page(each).endswith("/index.html"):
            found.append((f"{bare}/", each.to))
    return sorted(found)


def redirect_files(
    redirects: Collection[Redirect], settings: Settings
) -> Iterator[tuple[str, str]]:
    """Yield path and text of the files for hosts; none without redirects.

    http://nginx.org/en/docs/http/ngx_http_rewrite_module.html#return (to `include` in a `server`),
    https://caddyserver.com/docs/caddyfile/directives/redir (to `import` in a site)
    """
    folder = urlsplit(settings.siteurl).path.rstrip("/")
    texts = dict.fromkeys(REDIRECT_FILES if redirects else (), "")
    for source, to in _rules(redirects):
        escaped = re.sub(r'([\\"{}$])', lambda match: f"%{ord(match[1]):02X}", to)
        quoted = f'"{folder}{escaped}"' if to.startswith("/") else f'"{escaped}"'
        lines = (
            f"{source} {to} 301\n",
            f"location = {folder}{source} {{ return 301 {quoted}; }}\n",
            f"redir {folder}{source} {quoted} permanent\n",
        )
        for name, line in zip(texts, lines, strict=True):
            texts[name] += line
    yield from texts.items()


def read_redirects(text: str) -> Iterator[tuple[str, str]]:
    """Yield source and target of each rule of a `_redirects` file."""
    for line in text.splitlines():
        parts = line.split()
        if len(parts) > 1 and not parts[0].startswith("#"):
            yield parts[0], parts[1]


def relative_target(page: str, to: str) -> str:
    """Return where a redirect leads, as the page at the earlier address writes it."""
    if not to.startswith("/"):
        return to
    url = urlsplit(to)
    path = relpath(url.path.strip("/") or ".", page.rpartition("/")[0] or ".")
    return url._replace(path=f"{path}/" if url.path.endswith("/") else path).geturl()
