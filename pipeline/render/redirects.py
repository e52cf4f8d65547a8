"""Old addresses, and where they lead: read once, written in every form that a host takes."""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from posixpath import relpath
from typing import NamedTuple
from urllib.parse import urlsplit

from pipeline.problems import Problem, ProblemsFound, line_of
from pipeline.read.front_matter import ADDRESS, ADDRESS_MUST, nearest

# What no browser shows as a page: a feed's name, a picture's …
NO_PAGE = re.compile(r".*\.(?!html?$)[a-z][a-z0-9]{1,4}")
# Cloudflare's limits, the narrowest: rules in a file, and characters in a rule.
MOST, LONGEST = 2000, 1000
LOOP = "leads back to itself"


class Redirect(NamedTuple):
    """An old address, from the site's root, and where it leads: an address there, or a URL.

    `path` and `line` are where the author has written it. `copied` says that something of the site
    stands at the old address for hosts that have no redirects, and needs no page for it.
    """

    source: str
    to: str
    path: str
    line: int
    copied: bool = False

    @property
    def page(self) -> str:
        """The file that leads on where the host does not ("": there is none)."""
        if self.copied or NO_PAGE.fullmatch(self.source):
            return ""
        path = self.source.strip("/")
        return path if path.endswith((".html", ".htm")) else f"{path}/index.html"

    @property
    def sources(self) -> tuple[str, ...]:
        """The old address as it may be asked for: that of a folder with and without its slash."""
        bare = self.source.rstrip("/")
        is_folder = self.source.endswith("/") or self.page.endswith("/index.html")
        return (bare, f"{bare}/") if is_folder else (bare,)


def read_table(text: str, path: str) -> list[Redirect]:
    """Return what a TOML table of `"/old/" = "/new/"` has; `path` is its file's.

    Raises ProblemsFound.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+)", str(error))
        line = int(place[1]) if place else 1
        raise ProblemsFound([Problem(path, line, "must be TOML", str(error))]) from None
    found = [Redirect(name, str(to), path, line_of(text, name)) for name, to in table.items()]
    problems = []
    for redirect in found:
        if not isinstance(table[redirect.source], str):
            must = 'must be lines of "/old/" = "/new/"'
            problems.append(Problem(path, redirect.line, must, redirect.to))
        elif not ADDRESS.fullmatch(redirect.source):
            must = f"an old address {ADDRESS_MUST}"
            problems.append(Problem(path, redirect.line, must, repr(redirect.source)))
    if problems:
        raise ProblemsFound(problems)
    return found


def redirect_problems(redirects: Collection[Redirect], files: Collection[str]) -> Iterator[Problem]:
    """Yield what is wrong with the redirects of a site whose own files are `files`."""
    live = {key_of(f"/{path}"): path for path in files}
    pages = {re.sub(r"(^|/)index\.html$", r"\1", path): path for path in files}
    live |= {key_of(f"/{page}"): path for page, path in pages.items()}
    sources: dict[str, Redirect] = {}
    for redirect in redirects:
        first = sources.setdefault(key_of(redirect.source), redirect)
        if first is not redirect:
            must = f"an old address must lead to one place; {first.source} is also in {first.path}"
            yield Problem(redirect.path, redirect.line, must, redirect.to, "remove one")
    for redirect in redirects:
        yield from source_problems(redirect, live)
        yield from way_problems(redirect, sources, pages)
    if len(rules(redirects)) > MOST:
        must = f"there must be {MOST} rules of redirects at most, as Cloudflare has it"
        yield Problem("", 0, must, str(len(rules(redirects))))


def source_problems(redirect: Redirect, live: Mapping[str, str]) -> Iterator[Problem]:
    """Yield a problem when something of the site is at the old address, or would be below it."""
    here = key_of(redirect.source)
    above = ["/".join(here.split("/")[:n]) for n in range(2, here.count("/") + 1)]
    files = [live[key] for key in above if key in live and not live[key].endswith(".html")]
    if redirect.copied:
        return
    if here in live or files:
        found = f"{redirect.source} is that of {live.get(here) or files[0]}"
        must = "an old address must not be one of the site's own"
        yield Problem(redirect.path, redirect.line, must, found, "remove it")
    if len(redirect.source) + len(redirect.to) > LONGEST - len("  301 "):
        found = f"{len(redirect.source) + len(redirect.to)}"
        must = f"both addresses of a redirect must be shorter than {LONGEST} characters"
        yield Problem(redirect.path, redirect.line, must, found)


def way_problems(
    redirect: Redirect, sources: Mapping[str, Redirect], pages: Collection[str]
) -> Iterator[Problem]:
    """Yield a problem when a redirect leads to nothing, to another one, or to itself."""
    to = urlsplit(redirect.to)
    if redirect.copied:  # the stage that makes the copy says where it must lead
        return
    if to.scheme in ("http", "https") and to.netloc and not re.search(r"\s", redirect.to):
        return
    if next_one := sources.get(key_of(to.path)):
        end, passed = next_one, {redirect.source}
        while end.source not in passed and key_of(urlsplit(end.to).path) in sources:
            passed.add(end.source)
            end = sources[key_of(urlsplit(end.to).path)]
        loop = end.source in passed
        fix = "" if loop else f"write {end.to}"
        found = f"{redirect.source} {LOOP}" if loop else f"{redirect.to} leads on"
        yield Problem(redirect.path, redirect.line, "a redirect must lead to a page", found, fix)
    elif to.scheme or to.netloc or to.path.removeprefix("/") not in pages or to.path[:1] != "/":
        must = "a redirect must lead to an address of the site, or to a URL with https://"
        fix = nearest(to.path, [f"/{page}" for page in pages])
        yield Problem(redirect.path, redirect.line, must, repr(redirect.to), fix)


def key_of(address: str) -> str:
    """Return what two addresses have in common that a host may take for one."""
    return address.rstrip("/").casefold()


def rules(redirects: Iterable[Redirect]) -> list[tuple[str, str]]:
    """Return each address that is asked for and where it leads, in order."""
    return sorted((source, r.to) for r in redirects for source in r.sources)


def as_underscore(redirects: Iterable[Redirect]) -> str:
    """Return the text of `_redirects`, which Netlify and Cloudflare Pages read."""
    return "".join(f"{source} {to} 301\n" for source, to in rules(redirects))


def as_nginx(redirects: Iterable[Redirect], folder: str) -> str:
    """Return a text to `include` in a `server` of nginx; `folder` is the site's on its host.

    http://nginx.org/en/docs/http/ngx_http_rewrite_module.html#return
    """
    return "".join(
        f'location = {folder}{source} {{ return 301 "{to_of(to, folder)}"; }}\n'
        for source, to in rules(redirects)
    )


def as_caddy(redirects: Iterable[Redirect], folder: str) -> str:
    """Return a text to `import` in a site of a Caddyfile; `folder` is the site's on its host.

    https://caddyserver.com/docs/caddyfile/directives/redir
    """
    return "".join(
        f'redir {folder}{source} "{to_of(to, folder)}" permanent\n'
        for source, to in rules(redirects)
    )


def to_of(to: str, folder: str) -> str:
    """Return where a redirect leads, from the host's root, safe between quotation marks."""
    escaped = re.sub(r'([\\"{}$])', lambda match: f"%{ord(match[1]):02X}", to)
    return f"{folder}{escaped}" if to.startswith("/") else escaped


def relative(page: str, to: str) -> str:
    """Return where a redirect leads as seen from the file that stands at the old address."""
    if not to.startswith("/"):
        return to
    url = urlsplit(to)
    folder = page.rpartition("/")[0]
    way = relpath(url.path.strip("/") or ".", folder or ".")
    return url._replace(path=f"{way}/" if url.path.endswith("/") else way).geturl()
