"""Links that leave the site: which have died, when they were last good, and where a copy is.

On its own, never in a build: `invoke links`. What is known is kept in a ledger, content/links.json.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import quote, urldefrag, urlsplit

from pipeline.build import build
from pipeline.check.addresses import addresses, resolve
from pipeline.check.asking import Answer, Asker
from pipeline.check.site import Site, open_site
from pipeline.check.sources import LEDGER
from pipeline.problems import Problem, ProblemsFound, line_of

ARCHIVE = "https://archive.org"
HOSTS = 16  # that are asked at once; each host is asked one thing at a time
PAUSE = 1.0  # seconds between two questions to one host
Ledger = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Found:
    """Where an outside address stands first."""

    path: str
    line: int


def check_outside(
    settings: str, folder: Path, arguments: Sequence[str] = (), archive: str = ARCHIVE
) -> list[Problem]:
    """Build the site into `folder`, ask all hosts, keep the ledger; return what has moved.

    `archive` is where the Wayback Machine's availability API is. Raises ProblemsFound with what has
    died, or when there is no network.
    """
    site = open_site(build(settings, [*arguments, "--output", str(folder / "output")]))
    found = outside(site, Path(settings).with_name("pelicanconf.py"))
    path = Path(site.settings["PATH"], LEDGER)
    before = read_ledger(path)
    asker = Asker(f"Mozilla/5.0 (compatible; link check; +{site.url}/)")
    answers = ask_all(found, asker)
    silent = found and not any(answer.status for answer in answers.values())
    if silent and not asker.ask(archive).status:
        must, told = "must have a network to ask for links", f"none of {len(found)} answered"
        raise ProblemsFound([Problem("", 0, must, told)])
    ledger = remember(before, answers, date.today())
    find_copies(ledger, asker, archive)
    write_ledger(path, ledger)
    if problems := [*died(found, answers, ledger, date.today())]:
        raise ProblemsFound([*problems, *moved(found, answers)])
    return [*moved(found, answers)]


def outside(site: Site, settings: Path) -> dict[str, Found]:
    """Return every address on the pages that leads to another host, with where it stands first."""
    found: dict[str, Found] = {}
    configured = settings.read_text("utf-8") if settings.is_file() else ""
    for page in site.pages:
        for address in addresses(page):
            url = urldefrag(address.value.strip()).url
            if not url.startswith(("http://", "https://")) or url in found:
                continue
            if resolve(site, page, url):
                continue
            if url in configured:
                found[url] = Found(str(settings), line_of(configured, url))
            else:
                problem = address.problem("", "")
                found[url] = Found(problem.path, problem.line)
    return found


def ask_all(urls: Iterable[str], asker: Asker, pause: float = PAUSE) -> dict[str, Answer]:
    """Return the answers: many hosts at once, each one question at a time."""
    by_host: dict[str, list[str]] = {}
    for url in sorted(urls):
        by_host.setdefault(urlsplit(url).netloc, []).append(url)

    def ask_host(of_host: list[str]) -> list[tuple[str, Answer]]:
        answers = []
        for number, url in enumerate(of_host):
            if number:
                asker.sleep(pause)
            answers.append((url, asker.ask(url)))
        return answers

    with ThreadPoolExecutor(HOSTS) as pool:
        return dict(pair for pairs in pool.map(ask_host, by_host.values()) for pair in pairs)


def remember(
    before: Mapping[str, Mapping[str, str]], answers: Mapping[str, Answer], today: date
) -> Ledger:
    """Return the ledger with today's answers: of each the last good day, or the first bad one.

    A host that refuses to answer programs changes nothing.
    """
    ledger: Ledger = {}
    for url, answer in answers.items():
        entry = dict(before.get(url, {}))
        if answer.good:
            entry.pop("failed", None)
            entry["good"] = today.isoformat()
        elif not answer.refused:
            entry.setdefault("failed", today.isoformat())
        ledger[url] = entry
    return ledger


def find_copies(ledger: Ledger, asker: Asker, archive: str, pause: float = PAUSE) -> None:
    """Put the archived copy of each address into the ledger, where it is not known yet.

    Each is asked for once, and again when it has died without a known copy ("": there is none).
    """
    for url, entry in sorted(ledger.items()):
        if entry.get("archived") or ("archived" in entry and "failed" not in entry):
            continue
        copy = asker.read(f"{archive}/wayback/available?url={quote(url, safe='')}")
        if copy is None:
            return  # the archive does not answer: the next run asks again
        entry["archived"] = copy_in(copy)
        asker.sleep(pause)


def copy_in(data: bytes) -> str:
    """Return the address of a copy from what the availability API said; "": there is none."""
    try:
        closest = json.loads(data)["archived_snapshots"].get("closest", {})
    except (ValueError, KeyError, AttributeError, TypeError):
        return ""
    url = str(closest.get("url", "")) if closest.get("available") else ""
    return url.replace("http://web.archive.org/", "https://web.archive.org/", 1)


def died(
    found: Mapping[str, Found], answers: Mapping[str, Answer], ledger: Ledger, today: date
) -> Iterator[Problem]:
    """Yield a problem for each link that leads nowhere.

    What may pass (no answer in time, a fault of the host) counts from its second day on.
    """
    for url, answer in sorted(answers.items()):
        since = ledger[url].get("failed", "")
        if answer.good or answer.refused or not (answer.sure or since < today.isoformat()):
            continue
        known = [f"{answer.why} since {since}"]
        if good := ledger[url].get("good"):
            known.append(f"good until {good}")
        copy = ledger[url].get("archived")
        fix = f"archived copy: {copy}" if copy else "link to something else, or take it out"
        must = f"{url} must lead somewhere"
        yield Problem(found[url].path, found[url].line, must, ", ".join(known), fix)


def moved(found: Mapping[str, Found], answers: Mapping[str, Answer]) -> Iterator[Problem]:
    """Yield what has another address for good, and is there."""
    for url, answer in sorted(answers.items()):
        if answer.good and answer.moved:
            must, fix = f"{url} has moved for good", "write that"
            yield Problem(found[url].path, found[url].line, must, answer.address, fix)


def read_ledger(path: Path) -> Ledger:
    """Return the ledger; no file is an empty one. Raises ProblemsFound."""
    if not path.exists():
        return {}
    try:
        data = json.loads(path.read_bytes())
        return {str(url): {str(k): str(v) for k, v in entry.items()} for url, entry in data.items()}
    except (ValueError, AttributeError) as error:
        must, fix = "must be a ledger of links in JSON", "remove it: it is made anew"
        raise ProblemsFound([Problem(str(path), 0, must, str(error), fix)]) from None


def write_ledger(path: Path, ledger: Ledger) -> None:
    """Write the ledger, sorted, so that its changes can be read."""
    text = json.dumps(ledger, indent=1, sort_keys=True, ensure_ascii=False)
    path.write_text(f"{text}\n", "utf-8", newline="\n")
