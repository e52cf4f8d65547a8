"""What is wrong with the sources as files: names, places, and what would be lost in silence."""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from pathlib import Path, PurePosixPath

from pipeline.content.front_matter import FIX
from pipeline.content.tag_uri import is_tag_uri, mint
from pipeline.model import Asset, Content, Output, Page, Post
from pipeline.output import walk
from pipeline.problems import Problem, did_you_mean, relative
from pipeline.settings import Settings

# What Markdown and its relatives are called
TEXTS = (".md", ".markdown", ".mdown", ".mkd", ".mdx", ".rst")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:/[a-z0-9]+(?:-[a-z0-9]+)*)*")
# Below a folder of EXTRA_PATHS: what `invoke share --publish` has written, and how its names begin
SHARED = "shared"
EXPIRES = re.compile(rf"{SHARED}/(\d{{4}}-\d\d-\d\d)-[0-9a-f]{{16}}\b")
BUNDLED = 2  # a folder and a bundle's name are before the name of a file in a bundle


def source_files(settings: Settings) -> list[PurePosixPath]:
    """Return the files below the content folder, relative to it, but for ignored ones."""
    names = (name for name, _ in walk(Path(settings.path)))
    kept = [n for n in names if not any(map(settings.ignored.match, n.split("/")))]
    return sorted(map(PurePosixPath, kept))


def text_files(settings: Settings) -> Iterator[tuple[Path, type[Post] | type[Page]]]:
    """Yield the file of each post and page with its kind, in the order of their paths."""
    for name in source_files(settings):
        for kind, folders in ((Page, settings.page_paths), (Post, settings.article_paths)):
            inside = any(name.is_relative_to(folder) for folder in folders)
            if inside and name.suffix == ".md":
                yield Path(settings.path, name), kind
                break


def expired(settings: Settings, today: date) -> list[Path]:
    """Return the folders of what was shared until a day that has passed."""
    shared = (Path(settings.path, folder, SHARED) for folder in settings.extra_paths)
    found = {
        path: EXPIRES.match(f"{SHARED}/{path.name}") for each in shared for path in each.glob("*")
    }
    return sorted(path for path, day in found.items() if day and day[1] < today.isoformat())


def file_problems(
    settings: Settings, read: Collection[str], known: Collection[str]
) -> Iterator[Problem]:
    """Yield what is wrong with the files of strict content.

    `read` are the names of what was read as posts and pages, `known` those of all files that give
    an output.
    """
    root, files = Path(settings.path), source_files(settings)
    folders = (*settings.article_paths, *settings.page_paths)
    own = {settings.tags_file, settings.names_file, settings.links_file, settings.redirects_file}
    own |= {settings.words_file, settings.changes_file}
    inside = root.resolve()
    for name in files:
        path = str(root / name)
        if Path(path).is_symlink() and not Path(path).resolve().is_relative_to(inside):
            message = f"symbolic link out of the content folder: {(root / name).resolve()}"
            yield Problem("source-file", path, 0, message, "copy the file")
        if name.parts[0] in folders and name.suffix.lower() in TEXTS and name.suffix != ".md":
            hint = f"rename it to {name.stem}.md"
            yield Problem("source-file", path, 0, f"not read: {name.suffix} is not .md", hint)
        elif str(name) not in known and str(name) not in own:
            hint = "move it below posts/, pages/ or extra/, or add it to IGNORE_FILES"
            yield Problem("source-file", path, 0, "file that nothing reads", hint)
    bundles = {name.parts[1] for name in map(PurePosixPath, read) if len(name.parts) > BUNDLED}
    for folder in settings.article_paths:
        posts = {n.parts[1] for n in files if n.parts[0] == folder and len(n.parts) > BUNDLED}
        for bundle in sorted(posts - bundles):
            path = str(root / folder / bundle)
            hint = "add it, or move the files to extra/"
            yield Problem("source-file", path, 0, "folder of a post without index.md", hint)


def content_problems(
    contents: Iterable[Content], settings: Settings, templates: Collection[str]
) -> Iterator[Problem]:
    """Yield what is wrong with single posts and pages; `templates` are the theme's."""
    for content in contents:
        document = content.document
        slug = content.slug
        if settings.strict_content and not SLUG.fullmatch(slug):
            from pelican.utils import slugify

            simple = re.sub(r"[^a-z0-9/]+", "-", slugify(slug)).strip("-")
            message = f"folder or file name is not a slug: {slug!r}"
            yield Problem("slug", document.path, 0, message, f"rename it to {simple}")
        name = document.front_matter.template
        if name and f"{name}.html" not in templates:
            line = document.lines.get("template", 0)
            hint = did_you_mean(name, [t.removesuffix(".html") for t in templates])
            yield Problem(
                "template", document.path, line, f"no template {name!r} in the theme", hint
            )
        if document.quotes and content.date is None and isinstance(document.front_matter, Page):
            hint = "add a line Date: …, the day on which its quotes were published"
            yield Problem(
                "missing-metadata", document.path, 1, "page with quotes without Date", hint
            )


def repeated_outputs(outputs: Iterable[Output]) -> Iterator[Problem]:
    """Yield a problem for each output that would take another one's place.

    Names that differ in case alone are the same on the file systems of macOS and Windows.
    """
    taken: dict[str, Output] = {}
    for output in sorted(
        outputs, key=lambda output: (bool(output.source), output.source, output.path)
    ):
        first = taken.setdefault(output.path.casefold(), output)
        if output.path and first is not output:
            address = first.path.removesuffix("index.html") or "the home page"
            other = relative(first.source) if first.source else "a built-in page"
            message = f"same address as {other}: {address}"
            hint = "rename the folder or file, or give it a Slug"
            yield Problem("duplicate-address", output.source, 1, message, hint)


def id_problems(posts: Iterable[Content], settings: Settings) -> Iterator[Problem]:
    """Yield a problem for each post without an id, and for each whose id another post has.

    Of posts that share an id the oldest keeps it. Without FEED_ID no ids are needed.
    """
    if not settings.feed_id:
        return
    if not is_tag_uri(settings.feed_id):
        hint = "such as tag:example.org,2026:feeds"
        yield settings.problem("FEED_ID", f"not a tag URI: {settings.feed_id!r}", hint)
        return
    taken: dict[str, str] = {}
    dated = [post for post in posts if post.date]
    for post in sorted(
        dated, key=lambda post: (post.date and post.date.date(), post.document.path)
    ):
        document, own = post.document, getattr(post.document.front_matter, "id", None)
        assert post.date
        new = f"Id: {mint(settings.feed_id, post.date.date(), post.slug)}"
        if own is None:
            yield Problem("missing-metadata", document.path, 1, "no Id", f"add a line {new}{FIX}")
        elif first := taken.get(own):
            message = f"same Id as {relative(first)}: {own}"
            line = document.lines.get("id", 0)
            yield Problem(
                "duplicate-id", document.path, line, message, f"if this is the copy: {new}"
            )
        else:
            taken[own] = document.path


def published_assets(
    assets: Iterable[Asset], contents: Collection[Content], settings: Settings, all_read: bool
) -> tuple[list[Asset], list[Problem]]:
    """Return the assets without those of drafts alone, and a problem for each that belongs nowhere.

    A file belongs to the bundle that it is in, and to the documents that link to it. `all_read`: no
    document was skipped.
    """
    bundles = {
        PurePosixPath(content.document.name).parent: content
        for content in contents
        if content.document.name.endswith("/index.md")
    }
    folders = (*settings.article_paths, *settings.page_paths)
    kept, problems = [], []
    for asset in assets:
        path = PurePosixPath(asset.name)
        owner = next((bundles[parent] for parent in path.parents if parent in bundles), None)
        using = [c for c in contents if c is owner or asset.name in c.links]
        if path.parts[0] not in (*folders, *settings.extra_paths) and not using:
            continue
        if path.parts[0] in settings.extra_paths or any(content.output for content in using):
            kept.append(asset)
        elif not using and len(path.parts) == BUNDLED and all_read:
            message = "file that is in no post's folder and that no text links to"
            hint = "move it into a post's folder, link to it, or use extra/"
            problems.append(Problem("source-file", asset.path, 0, message, hint))
    return kept, problems
