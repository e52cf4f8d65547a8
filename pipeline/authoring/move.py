"""`invoke move`, and the aliases of posts whose folders were renamed by hand."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from posixpath import dirname, relpath
from urllib.parse import quote, urldefrag, urlsplit

from pipeline.authoring.markdown_links import rewrite_links
from pipeline.content.autofix import fix, write_text
from pipeline.content.front_matter import parse
from pipeline.content.reader import decode, read_tags, rules_of
from pipeline.content.resolve import INDICATED, source_name
from pipeline.content.sources import SLUG, text_files
from pipeline.model import Page, Post
from pipeline.problems import Problem, ProblemsFound, did_you_mean, relative
from pipeline.publish.publish import open_target
from pipeline.publish.release import ASSETS, LIVE
from pipeline.publish.schedule import now_in
from pipeline.settings import Settings

CODE = "move"
Kind = type[Post] | type[Page]
ALIASES = re.compile(r"^Aliases:.*\n(?:[ \t]+\S.*\n)*", re.MULTILINE | re.IGNORECASE)


def move(settings: Settings, old: str, new: str) -> Iterator[str]:
    """Move a post or page to a new name or folder; yield what is done.

    Its id stays, its earlier address becomes an alias if it may have been published, and links to
    it are changed. Every text is computed before one is written. Raises ProblemsFound.
    """
    root = Path(settings.path)
    source = find_source(settings, old)
    given = Path(new.removesuffix("/index.md")).resolve()
    inside = given.is_relative_to(root.resolve())
    below = root / (given.relative_to(root.resolve()) if inside else new)
    target = below if "/" in new else source.with_name(new)
    if source.is_file():
        target = target.with_name(f"{target.name.removesuffix('.md')}.md")
    name, moved = (path.relative_to(root).as_posix() for path in (source, target))
    (kind, _, _), (new_kind, _, rest) = name.partition("/"), moved.partition("/")
    if new_kind != kind or not SLUG.fullmatch(rest.removesuffix(".md")):
        hint = f"lower-case letters, digits and hyphens, below {kind}/"
        raise ProblemsFound([Problem(CODE, new, 0, "not a name for it", hint)])
    if target.exists():
        raise ProblemsFound([Problem(CODE, str(target), 0, "exists already")])
    text = source / "index.md" if source.is_dir() else source
    own = front_matter(settings, text)
    urls = [url_of(settings, p, own) for p in (text, target / text.relative_to(source))]
    changed = {}
    for path, _ in text_files(settings):
        here = path.relative_to(root).as_posix()
        before = decode(path.read_bytes(), str(path))
        after = rewrite_links(before, partial(moved_link, root, here, (name, moved), urls))
        if path == text and is_published(settings, own):
            files = [p.relative_to(source).as_posix() for p in source.rglob("*.*") if p != text]
            gone = [
                f"{urls[0]}{file}" for file in ["", *(f for f in files if not ASSETS.fullmatch(f))]
            ]
            after = with_aliases(settings, path, after, gone, urls[1])
        if after != before:
            changed[root / moved_name(here, name, moved)] = after
    target.parent.mkdir(parents=True, exist_ok=True)
    source.rename(target)
    yield f"moved   {relative(str(source))} to {relative(str(target))}"
    for path, after in changed.items():
        write_text(path, after)
        yield f"changed {relative(str(path))}"
    yield f"It is now at /{urls[1]}; next: ./invoke publish"


def moved_name(path: str, name: str, moved: str) -> str:
    """Return where a file is after `name`, a file or folder, has become `moved`."""
    inside = path == name or path.startswith(f"{name}/")
    return moved + path.removeprefix(name) if inside else path


def moved_link(root: Path, here: str, names: tuple[str, str], urls: list[str], link: str) -> str:
    """Return a link in the text `here` after a move from the first to the second of `names`.

    `urls` are the address before and after; names and `here` are below the content folder `root`.
    """
    mark = INDICATED.match(link)
    address = mark[2] if mark else link
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not parts.path:
        return link
    to = source_name(here, parts.path)
    new_to, new_here = moved_name(to, *names), moved_name(here, *names)
    way = f"/{new_to}" if parts.path[0] == "/" else relpath(new_to, dirname(new_here))
    if parts.path == f"/{urls[0]}":
        way = f"/{urls[1].rstrip('/')}"
    elif (new_to, new_here) == (to, here) or not (root / to).exists():
        return link
    way = quote(way) + "/" * parts.path.endswith("/")
    return link.removesuffix(address) + parts._replace(path=way).geturl()


def restore_aliases(settings_file: str) -> Iterator[str]:
    """Give each post that is live elsewhere an alias there; yield a line for each.

    The live entries of the feeds tell: one has the id of a post and another address.
    Raises ProblemsFound if the live release cannot be read.
    """
    target, settings = open_target(settings_file, "")
    live = target.current()
    for path, _ in text_files(settings) if live else ():
        own = front_matter(settings, path)
        entry = (live.entries if live else {}).get(getattr(own, "id", None) or "")
        old = urldefrag(entry.url).url.removeprefix(settings.site) if entry else ""
        url = url_of(settings, path, own)
        if not live or not old or old == url or "://" in old or f"/{old}" in own.aliases:
            continue
        below = (a[1:] for a, state in live.addresses.items() if state == LIVE)
        files = [a for a in below if a.startswith(old) and (path.parent / a[len(old) :]).is_file()]
        before = decode(path.read_bytes(), str(path))
        write_text(path, with_aliases(settings, path, before, [old, *files], url))
        yield f"{relative(str(path))}: Aliases: {', '.join(f'/{each}' for each in (old, *files))}"


def with_aliases(settings: Settings, path: Path, text: str, gone: list[str], url: str) -> str:
    """Return a text with aliases for addresses that are gone, and none for its own, `url`."""
    own = front_matter(settings, path)
    found = dict.fromkeys([*own.aliases, *(f"/{address}" for address in gone)])
    found.pop(f"/{url}", None)
    head, blank, body = text.partition("\n\n")
    head = ALIASES.sub("", f"{head}\n").rstrip("\n")
    return fix(head + blank + body, kind_of(settings, path), missing={"aliases": ", ".join(found)})


def find_source(settings: Settings, name: str) -> Path:
    """Return the folder of a post or page, or its file. Raises ProblemsFound."""
    root, folders = Path(settings.path), (*settings.article_paths, *settings.page_paths)
    paths = [path for path, _ in text_files(settings)]
    texts = {path: path.parent if path.name == "index.md" else path for path in paths}
    for place in (Path(name), root / name, *(root / folder / name for folder in folders)):
        for path, source in texts.items():
            if place.resolve() in (
                path.resolve(),
                source.resolve(),
                source.with_suffix("").resolve(),
            ):
                return source
    hint = did_you_mean(name, [source.stem for source in texts.values()])
    raise ProblemsFound([Problem(CODE, name, 0, "no such post or page", hint)])


def front_matter(settings: Settings, path: Path) -> Post | Page:
    """Return the front matter of a text, as far as it can be read."""
    rules = rules_of(settings, read_tags(settings))
    text, kind = decode(path.read_bytes(), str(path)), kind_of(settings, path)
    return parse(text, kind, str(path), rules).front_matter


def kind_of(settings: Settings, path: Path) -> Kind:
    """Return whether a text is a post or a page."""
    pages = [Path(settings.path, folder) for folder in settings.page_paths]
    return Page if any(path.is_relative_to(folder) for folder in pages) else Post


def url_of(settings: Settings, path: Path, own: Post | Page) -> str:
    """Return the address, below the site's root, of a text that is or would be at `path`."""
    match = re.match(settings.path_metadata, path.relative_to(settings.path).as_posix())
    slug = match["slug"] if match else path.stem
    if own.slug:
        slug = f"{slug.rpartition('/')[0]}/{own.slug}".lstrip("/")
    form = settings.page_url if isinstance(own, Page) else settings.article_url
    return form.format(slug=slug, date=own.date)


def is_published(settings: Settings, own: Post | Page) -> bool:
    """Return whether a text may have been published."""
    return own.status != "draft" and (own.date is None or own.date <= now_in(settings))
