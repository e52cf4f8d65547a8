"""What a release changes for visitors, and what of it is refused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.problems import Problem
from pipeline.publish.delivery import Delivery
from pipeline.publish.release import GONE, LIVE, MANIFEST, Manifest, Release, address_of

SHOWN = 12  # of a kind; the rest is only counted


@dataclass(frozen=True)
class Account:
    """The addresses of pages that are new, changed and gone, and what is sent.

    `gone` are all addresses that worked and no longer will, `redirects` those that lead elsewhere
    since this release, each with where to, `files` how many files are new or changed, `size` their
    bytes.
    """

    new: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]
    redirects: tuple[tuple[str, str], ...]
    files: int
    size: int


def account_of(release: Release, before: Manifest | None) -> Account:
    """Return what a release changes; `before` is the live one's manifest (None: there is none)."""
    were = before.addresses if before else {}
    now = release.manifest.addresses
    changed = release.changed(before)
    pages = [
        address_of(path)
        for path in changed
        if path.endswith(".html") and now.get(address_of(path)) == LIVE
    ]
    return Account(
        tuple(address for address in pages if were.get(address) != LIVE),
        tuple(address for address in pages if were.get(address) == LIVE),
        tuple(sorted(a for a, to in now.items() if to == GONE and were.get(a, GONE) != GONE)),
        tuple(
            sorted((a, to) for a, to in now.items() if to != were.get(a) and to not in (LIVE, GONE))
        ),
        len(changed),
        sum((release.folder / path).stat().st_size for path in [*changed, MANIFEST]),
    )


def account_lines(account: Account, sent: Delivery) -> Iterator[str]:
    """Yield the account, and what feeds send readers, as lines for the author."""
    yield from shortened("new", account.new)
    yield from shortened("changed", account.changed)
    yield from shortened("gone", account.gone)
    yield from shortened("redirected", [f"{old} → {to}" for old, to in account.redirects])
    yield f"  to send     {counted(account.files, 'file')}, {account.size:,} bytes"
    yield f"  to readers  {sent.counts}"
    readers = {
        "new": sent.new,
        "changed": sent.updated,
        "sent again": [one.entry for one in sent.again],
        "left out": sent.gone,
    }
    titles = [f"{what}: {entry.title}" for what, found in readers.items() for entry in found]
    yield from shortened("to readers", titles)


def shortened(what: str, names: Sequence[str]) -> Iterator[str]:
    """Yield a line for each of the first names, and one that counts the rest."""
    yield from (f"  {what:<10}  {name}" for name in names[:SHOWN])
    if len(names) > SHOWN:
        yield f"  {what:<10}  and {len(names) - SHOWN:,} more"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: "1 file", "2 files"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def vanishing(account: Account) -> Iterator[Problem]:
    """Yield a problem for each address that worked and no longer would."""
    for address in account.gone:
        must = "an address that was published must stay, or lead on"
        fix = (
            f"Aliases: {address} in the text that it became, a line in content/redirects.toml, or "
            "--allow-deletes"
        )
        yield Problem(address, 0, must, "nothing would be there", fix)
