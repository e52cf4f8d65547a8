import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipeline import external_links as module
from pipeline.assemble import archived_copies
from pipeline.check.checked_site import CheckedSite
from pipeline.external_links import (
    check_links,
    copy_in,
    dead_links,
    external_links,
    probe,
    probe_all,
    save_copies,
    update_ledger,
)
from pipeline.html import PageTree, facts_of
from pipeline.http_client import HttpClient, Response
from pipeline.problems import ProblemsFound
from pipeline.settings import Settings
from tests.check.site import SOURCE, URL, html_of, site_of
from tests.loopback import Answer, Host, serving

TODAY = date(2026, 11, 21)
COPY = "http://web.archive.org/web/2025/http://x/"
CLIENT = HttpClient("a test", timeout=0.3, backoff=0)
STATUSES = {"/gone": 410, "/broken": 500, "/private": 403, "/busy": 503}


def answer(method: str, url: str, _body: bytes) -> Answer:
    """Answer as the archive and as a host in many states."""
    path = url.partition("?")[0]
    if path == "/wayback/available":
        closest = {"closest": {"available": True, "url": COPY}} if "gone" in url else {}
        return 200, {}, json.dumps({"archived_snapshots": closest}).encode()
    if path.startswith("/moved/"):
        return int(path[-3:]), {"Location": "/good"}, b""
    if path == "/no-head" and method == "HEAD":
        return 405, {}, b""
    return STATUSES.get(path, 200), {}, b"x"


@pytest.fixture
def host() -> Iterator[Host]:
    with serving(answer) as host:
        yield host


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were waited, without waiting."""
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    return pauses


def site_of_page(html: str, settings: Settings) -> CheckedSite:
    """Return a site of one page."""
    path = "posts/a/index.html"
    facts = facts_of(PageTree(path, html_of(html), SOURCE, "theme/templates"))
    return replace(site_of(), settings=settings, facts={path: facts})


def site_with(folder: Path, *urls: str) -> CheckedSite:
    """Return a site whose page has a link on each line from line 8 on."""
    links = (
        f'<p data-src-line="{line}"><a href="{url}">x</a></p>' for line, url in enumerate(urls, 8)
    )
    return site_of_page("".join(links), Settings("conf.py", siteurl=URL, path=str(folder)))


def check(site: CheckedSite, archive: str, today: date = TODAY) -> list[tuple[str, str, int]]:
    """Return code, path and line of each problem; the first code has "!" where it is raised."""
    try:
        problems, mark = check_links(site, CLIENT, archive, today), ""
    except ProblemsFound as error:
        problems, mark = error.problems, "!"
    return [(f"{mark}{problem.code}", problem.path, problem.line) for problem in problems]


def test_external_links_are_those_to_other_hosts_with_their_first_place(tmp_path: Path) -> None:
    site = site_with(
        tmp_path,
        "https://example.org/b/",
        "https://www.example.org/c/",
        "mailto:a@example.com",
        "/d/",
        "http://[",
        "https://example.com/a?b=1&amp;c=2#part",
        "https://example.com/a?b=1&amp;c=2",
    )
    url = "https://example.com/a?b=1&c=2"
    assert external_links(site, {}) == {"http://[": (SOURCE, 12), url: (SOURCE, 13)}


def test_external_links_url_of_a_setting_has_its_place(tmp_path: Path) -> None:
    settings = tmp_path / "pelicanconf.py"
    settings.write_text("\nSOCIAL = ()\n")
    footer = '<a data-src-line="base.html:3" href="https://social.example/{}">x</a>'
    html = footer.format("ben") + footer.format("other")
    social = (("Social", "https://social.example/ben"),)
    site = site_of_page(html, Settings(str(settings), siteurl=URL, social=social))
    assert external_links(site, {}) == {
        "https://social.example/ben": (str(settings), 2),
        "https://social.example/other": ("theme/templates/base.html", 3),
    }


@pytest.mark.parametrize(
    ("path", "status", "requests"),
    [
        ("/good", 200, ["HEAD"]),
        ("/no-head", 200, ["HEAD", "GET"]),
        ("/moved/302", 200, ["HEAD", "HEAD"]),
        ("/gone", 410, ["HEAD", "GET"]),
        ("/busy", 503, ["HEAD"] * 3),
    ],
)
def test_probe_requests_head_and_falls_back_to_get(
    host: Host, path: str, status: int, requests: list[str]
) -> None:
    assert probe(host.url + path, CLIENT).status == status
    assert [request.partition(" ")[0] for request in host.requests] == requests


def test_probe_all_pauses_between_requests_to_one_host(host: Host, pauses: list[float]) -> None:
    with serving(answer) as other:
        urls = [f"{host.url}/{number}" for number in range(4)]
        responses = probe_all([*urls, f"{other.url}/gone"], CLIENT)
    assert [response.status for response in responses.values()].count(200) == 4
    assert responses[f"{other.url}/gone"].status == 410
    assert [pause for pause in pauses if pause] == [module.PAUSE] * 3
    assert host.agents == {"a test"}


def test_update_ledger_keeps_last_good_and_first_failed_day() -> None:
    before = {
        "failing": {"good": "2026-01-01"},
        "failed": {"failed": "2026-03-01"},
        "refused": {"good": "x"},
        "repaired": {"failed": "x", "dead": "x", "archived": "y"},
        "removed": {},
    }
    responses = {
        "failing": Response(404, ""),
        "failed": Response(0, ""),
        "refused": Response(999, ""),
        "repaired": Response(200, ""),
        "new": Response(204, ""),
    }
    assert update_ledger(before, responses, TODAY) == {
        "failing": {"good": "2026-01-01", "failed": "2026-11-21", "dead": "2026-11-21"},
        "failed": {"failed": "2026-03-01", "dead": "2026-11-21"},
        "refused": {"good": "x"},
        "repaired": {"good": "2026-11-21", "archived": "y"},
        "new": {"good": "2026-11-21"},
    }


@pytest.mark.parametrize(
    ("response", "today", "later"),
    [
        (Response(404, ""), 1, 1),
        (Response(0, "", error="host not found"), 1, 1),
        (Response(0, "", error="timed out", final=False), 0, 1),
        (Response(500, ""), 0, 1),
        (Response(403, ""), 0, 0),
        (Response(999, ""), 0, 0),
        (Response(200, ""), 0, 0),
    ],
)
def test_dead_links_temporary_errors_count_from_the_second_day(
    response: Response, today: int, later: int
) -> None:
    for since, count in (("2026-11-21", today), ("2026-11-20", later)):
        before = {"http://x/": {"failed": since, "archived": "https://copy/"}}
        ledger = update_ledger(before, {"http://x/": response}, TODAY)
        places = {"http://x/": ("a.md", 3)}
        found = [problem for _, problem in dead_links(places, {"http://x/": response}, ledger)]
        assert [(p.code, p.path, p.line) for p in found] == [("dead-link", "a.md", 3)] * count
        assert all("https://copy/" in problem.hint for problem in found)
        assert archived_copies(ledger) == {"http://x/": "https://copy/"} or not count


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"archived_snapshots": {}}'])
def test_copy_in_answer_without_a_copy_is_empty(data: bytes) -> None:
    assert copy_in(data) == ""


def test_check_links_reports_dead_and_moved_links_and_updates_the_ledger(
    tmp_path: Path, host: Host
) -> None:
    good, gone, moved = (f"{host.url}/{path}" for path in ("good", "gone", "moved/301"))
    site = site_with(tmp_path, good, gone, moved, f"{host.url}/moved/302", f"{host.url}/private")
    # The dead one has a copy, so that it is no problem for readers.
    problems = [("dead-link", SOURCE, 9), ("moved-link", SOURCE, 10)]
    assert check(site, host.url) == problems
    ledger = tmp_path / "links.json"
    kept = ledger.read_bytes()
    known = json.loads(kept)
    assert list(known) == sorted(known)
    assert known[good] == {"archived": "", "good": "2026-11-21"}
    copy = COPY.replace("http:", "https:", 1)
    assert known[gone] == {"archived": copy, "dead": "2026-11-21", "failed": "2026-11-21"}
    assert sum("wayback" in request for request in host.requests) == 5
    # The archive is asked once for each link.
    assert check(site, host.url) == problems
    assert ledger.read_bytes() == kept
    assert sum("wayback" in request for request in host.requests) == 5
    # A link that is no longer on the site leaves the ledger.
    assert check(site_with(tmp_path, moved), host.url) == [("moved-link", SOURCE, 8)]
    assert list(json.loads(ledger.read_bytes())) == [moved]


def test_check_links_of_a_page_that_leads_to_a_copy_requests_the_original(
    tmp_path: Path, host: Host
) -> None:
    copy, gone = f"{host.url}/web/20250101000000/x", f"{host.url}/gone"
    known = {gone: {"dead": "2026-01-01", "failed": "2026-01-01", "archived": copy}}
    (tmp_path / "links.json").write_text(json.dumps(known))
    assert check(site_with(tmp_path, copy), host.url) == [("dead-link", SOURCE, 8)]
    assert json.loads((tmp_path / "links.json").read_bytes()) == known


def test_check_links_dead_link_without_a_copy_is_raised(tmp_path: Path, host: Host) -> None:
    host.set("/wayback/available", 200, b'{"archived_snapshots": {}}')
    assert check(site_with(tmp_path, f"{host.url}/gone"), host.url) == [("!dead-link", SOURCE, 8)]


def test_save_copies_asks_the_archive_for_what_it_lacks(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IA_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("IA_SECRET_ACCESS_KEY", "b")
    ledger = {url: {"archived": ""} for url in ("http://x/located", "http://x/moved", "http://y/")}
    ledger |= {"http://z/": {"archived": "known"}, "http://gone/": {"archived": "", "failed": "x"}}
    host.set("/save/http://x/located", 200, content_location="/web/20261121000000/http://x/located")
    host.set("/save/http://x/moved", 302, Location="/web/20261121000001/http://x/moved")
    save_copies(ledger, CLIENT, host.url)
    assert ledger == {
        "http://x/located": {"archived": f"{host.url}/web/20261121000000/http://x/located"},
        "http://x/moved": {"archived": f"{host.url}/web/20261121000001/http://x/moved"},
        "http://y/": {},  # asked for; the next run finds it
        "http://z/": {"archived": "known"},
        "http://gone/": {"archived": "", "failed": "x"},
    }
    asked = [request for request in host.requests if "/save/" in request]
    assert [request.rpartition("/save/")[2] for request in asked] == [
        "http://x/located", "http://x/moved", "http://y/"
    ]  # fmt: skip


@pytest.mark.parametrize("status", [429, 503])
def test_save_copies_ends_where_the_archive_is_busy(host: Host, status: int) -> None:
    ledger = {url: {"archived": ""} for url in ("http://x/", "http://y/")}
    host.default = lambda *_: (status, {}, b"")
    save_copies(ledger, CLIENT, host.url)
    assert ledger == {url: {"archived": ""} for url in ("http://x/", "http://y/")}
    assert not any("y" in request for request in host.requests)


def test_check_links_without_a_network_changes_nothing(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:1"
    site = site_with(tmp_path, f"{nowhere}/a", f"{nowhere}/b")
    assert check(site, nowhere) == [("!no-network", "", 0)]
    assert not (tmp_path / "links.json").exists()


def test_check_links_damaged_ledger_is_reported_before_a_request(
    tmp_path: Path, host: Host
) -> None:
    ledger = tmp_path / "links.json"
    ledger.write_text("[1")
    site = site_with(tmp_path, f"{host.url}/good")
    assert check(site, host.url) == [("!links-ledger", str(ledger), 0)]
    assert host.requests == []
