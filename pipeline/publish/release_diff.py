"""What a release changes for visitors, and what of it is refused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urldefrag

from pipeline.build import Built
from pipeline.problems import Problem
from pipeline.publish.release import GONE, LIVE, MANIFEST, Manifest, Release, address_of

SHOWN = 12  # of a kind; the rest is only counted


@dataclass(frozen=True)
class ReleaseDiff:
    """What a release changes.

    `new` and `changed` are addresses of pages. `gone` are addresses that worked and no longer do.
    `redirected`, `copied` and `unredirected` are the addresses that redirect elsewhere since this
    release, each with where to: by the host or a page, by a copy of the file at the old address,
    and not at all, because the host cannot. `files` is how many files are new or changed, `size`
    their bytes.
    """

    new: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]
    redirected: tuple[tuple[str, str], ...]
    copied: tuple[tuple[str, str], ...]
    unredirected: tuple[tuple[str, str], ...]
    files: int
    size: int


def diff_releases(
    release: Release, before: Manifest | None, follows_redirects: bool = True
) -> ReleaseDiff:
    """Return what a release changes; `before` is the live manifest (None: there is none).

    `follows_redirects`: the host reads `_redirects`.
    """
    earlier = before.addresses if before else {}
    now = release.manifest.addresses
    changed = release.changed(before)
    pages = [a for p in changed if p.endswith(".html") and now.get(a := address_of(p)) == LIVE]
    moved: dict[str, list[tuple[str, str]]] = {"host": [], "copy": [], "none": []}
    for address, to in sorted(now.items()):
        if to not in (LIVE, GONE) and to != earlier.get(address):
            way = "host" if follows_redirects else substitute(address, release.manifest)
            moved[way].append((address, to))
    gone = {a for a, state in now.items() if state == GONE != earlier.get(a, GONE)}
    gone |= {address for address, _ in moved["none"] if earlier.get(address) == LIVE}
    return ReleaseDiff(
        new=tuple(address for address in pages if earlier.get(address) != LIVE),
        changed=tuple(address for address in pages if earlier.get(address) == LIVE),
        gone=tuple(sorted(gone)),
        redirected=tuple(moved["host"]),
        copied=tuple(moved["copy"]),
        unredirected=tuple(moved["none"]),
        files=len(changed),
        size=sum((release.folder / path).stat().st_size for path in [*changed, MANIFEST]),
    )


def substitute(address: str, manifest: Manifest) -> str:
    """Return what stands at an old address: a redirect page ("host"), a "copy", or "none"."""
    path = unquote(address).strip("/")
    if path.endswith(".html") and path in manifest.files:
        return "host"
    if f"{path}/index.html".lstrip("/") in manifest.files:
        return "host"
    return "copy" if path in manifest.files else "none"


def diff_lines(diff: ReleaseDiff) -> Iterator[str]:
    """Yield what a release changes, as lines for the author."""
    yield from shortened("new", diff.new)
    yield from shortened("changed", diff.changed)
    yield from shortened("gone", diff.gone)
    yield from shortened("redirected", [f"{old} -> {to}" for old, to in diff.redirected])
    yield from shortened("copied", [f"{old} (now {to})" for old, to in diff.copied])
    lost = [f"{old} -> {to}: this host does not redirect files" for old, to in diff.unredirected]
    yield from shortened("no redirect", lost)
    yield f"  to send      {counted(diff.files, 'file')}, {diff.size:,} bytes"


def shortened(label: str, names: Sequence[str]) -> Iterator[str]:
    """Yield a line for each of the first names, and one that counts the rest."""
    yield from (f"  {label:<11}  {name}" for name in names[:SHOWN])
    if len(names) > SHOWN:
        yield f"  {label:<11}  and {len(names) - SHOWN:,} more"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: "1 file", "2 files"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def vanishing(
    diff: ReleaseDiff, release: Release, before: Manifest | None, built: Built
) -> Iterator[Problem]:
    """Yield a problem for each address that worked and no longer would.

    The hint has the front matter line to add; the place is the post that it belongs to, if the
    feeds tell: an entry has the same id and another URL.
    """
    earlier, now = before.entries if before else {}, release.manifest.entries
    site = built.settings.site
    urls = [(entry["url"], now[id]["url"]) for id, entry in earlier.items() if id in now]
    moves = [["/" + urldefrag(url).url.removeprefix(site) for url in pair] for pair in urls]
    sources = {f"/{content.url}": content.document.path for content in built.site.contents}
    unredirected = dict(diff.unredirected)
    for address in diff.gone:
        message = f"published address would vanish: {address}"
        hint = f"add `Aliases: {address}` to the post that replaces it"
        if address in unredirected:
            message += ", since this host does not redirect files"
            hint = "keep the file there"
        new = next((new for old, new in moves if old != new and contains(old, address)), "")
        source = sources.get(new, "")
        if source and address not in unredirected:
            hint = f"add `Aliases: {address}` to it"
        hint += ", a line to the redirects file, or --allow-deletes"
        yield Problem("vanished-address", source or address, 0, message, hint)


def contains(page: str, address: str) -> bool:
    """Return whether an address is that of a page, or of a file beside it."""
    return address == page or (page.endswith("/") and address.startswith(page))
