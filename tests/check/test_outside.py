"""Links that leave the site: asked of a server that the test starts, that behaves in many ways."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import EAI_AGAIN, EAI_NONAME, gaierror
from ssl import SSLCertVerificationError

import pytest

from pipeline.check import outside
from pipeline.check.asking import Answer, Asker, as_ascii, reason_of, wait_of
from pipeline.check.outside import Found, ask_all, check_outside, copy_in, died, moved, remember
from pipeline.check.site import open_site
from pipeline.problems import ProblemsFound
from tests.check.faults import GOOD
from tests.conftest import POST, ROOT, TinySite

TODAY, EARLIER = date(2026, 11, 21), date(2026, 3, 1)
COPY = "http://web.archive.org/web/2025/http://x/"


class Host(ThreadingHTTPServer):
    """Answers by the path; `asked` has the method and path of each question, in order."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.asked: list[str] = []
        self.agents: set[str] = set()
        self.at_once = self.most_at_once = 0
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class Answers(BaseHTTPRequestHandler):
    """What the host says."""

    server: Host

    def answer(self) -> None:
        host, path = self.server, self.path.partition("?")[0]
        host.asked.append(f"{self.command} {self.path}")
        host.agents.add(self.headers["User-Agent"])
        host.at_once += 1
        host.most_at_once = max(host.at_once, host.most_at_once)
        status, headers, body = self.said(path)
        host.at_once -= 1
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_GET = do_HEAD = answer  # noqa: N815 (the library's names)

    def said(self, path: str) -> tuple[int, dict[str, str], bytes]:
        first = Counter(self.server.asked)[f"{self.command} {self.path}"] == 1
        if path == "/wayback/available":
            there = {"closest": {"available": True, "url": COPY}} if "gone" in self.path else {}
            return 200, {}, json.dumps({"archived_snapshots": there}).encode()
        if path == "/slow":
            time.sleep(1)
        if path.startswith("/moved/"):
            return int(path[-3:]), {"Location": "/good"}, b""
        if path == "/loop":
            return 302, {"Location": "/loop"}, b""
        if path == "/busy":
            return (429, {"Retry-After": "7"}, b"") if first else (200, {}, b"")
        if path == "/no-head" and self.command == "HEAD":
            return 405, {}, b""
        statuses = {"/gone": 410, "/missing": 404, "/broken": 500, "/shut": 403, "/always": 503}
        return statuses.get(path, 200), {}, b"x"

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def host() -> Iterator[Host]:
    server = Host()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def asker(waits: list[float]) -> Asker:
    return Asker("a test", timeout=0.3, sleep=waits.append)


@pytest.mark.parametrize(
    ("path", "status", "good", "why"),
    [
        ("/good", 200, True, ""),
        ("/no-head", 200, True, ""),
        ("/busy", 200, True, ""),
        ("/moved/301", 200, True, ""),
        ("/missing", 404, False, "404"),
        ("/gone", 410, False, "410"),
        ("/broken", 500, False, "500"),
        ("/shut", 403, False, "403"),
        ("/always", 503, False, "503"),
        ("/slow", 0, False, "no answer in time"),
        ("/loop", 0, False, "redirects without an end"),
    ],
)
def test_each_answer(
    path: str, status: int, good: bool, why: str, host: Host, asker: Asker
) -> None:
    answer = asker.ask(host.url + path)
    assert (answer.status, answer.good, answer.why) == (status, good, why)


def test_what_is_sure_and_who_refuses(host: Host, asker: Asker) -> None:
    answers = {path: asker.ask(host.url + path) for path in ("/gone", "/broken", "/slow", "/shut")}
    assert [path for path, answer in answers.items() if not answer.sure] == ["/broken", "/slow"]
    assert [path for path, answer in answers.items() if answer.refused] == ["/shut"]


def test_a_busy_host_is_left_alone_as_long_as_it_asks(
    host: Host, asker: Asker, waits: list[float]
) -> None:
    asker.ask(f"{host.url}/busy")
    assert waits == [7]
    Asker("a test", patience=3, sleep=waits.append).ask(f"{host.url}/busy?again")
    assert waits == [7, 3]
    assert len(host.asked) == 4  # and by HEAD alone


def test_only_a_move_for_good_is_one(host: Host, asker: Asker) -> None:
    kinds = {number: asker.ask(f"{host.url}/moved/{number}").moved for number in (301, 302, 308)}
    assert kinds == {301: True, 302: False, 308: True}
    assert asker.ask(f"{host.url}/moved/301").address == f"{host.url}/good"


def test_a_host_is_asked_one_thing_at_a_time(host: Host, asker: Asker, waits: list[float]) -> None:
    answers = ask_all([f"{host.url}/{n}" for n in range(5)], asker, pause=0.5)
    assert len(answers) == 5 and all(answer.good for answer in answers.values())
    assert host.most_at_once == 1
    assert waits == [0.5] * 4
    assert host.agents == {"a test"}


def test_no_such_host(asker: Asker) -> None:
    nothing = asker.ask("http://127.0.0.1:1/")
    assert (nothing.status, nothing.sure) == (0, False)
    assert asker.ask("http://[/").why.startswith("no address")
    assert reason_of(gaierror(EAI_NONAME, "x")) == ("no host of that name", True)
    assert not reason_of(gaierror(EAI_AGAIN, "x"))[1]
    assert reason_of(SSLCertVerificationError(1, "x"))[1]


def test_until_when_a_host_wants_to_be_left_alone() -> None:
    headers = Message()
    assert wait_of(headers, 2.0) == 2.0
    headers["Retry-After"] = "Wed, 21 Oct 2015 07:28:00 GMT"
    assert wait_of(headers, 2.0) == 0


def test_an_address_in_letters_of_the_world() -> None:
    assert as_ascii("https://müller.cc/ü?a=ß#x") == "https://xn--mller-kva.cc/%C3%BC?a=%C3%9F"
    assert as_ascii("https://x.cc/a%20b(c)?q=1&r=%C3%9F") == "https://x.cc/a%20b(c)?q=1&r=%C3%9F"


def test_what_the_ledger_remembers() -> None:
    before = {"a": {"good": "2026-01-01"}, "b": {"failed": "2026-03-01"}, "c": {"good": "x"}}
    answers = {
        "a": Answer(404, "a", "404"),
        "b": Answer(404, "b", "404"),
        "c": Answer(403, "c", "403"),
        "d": Answer(200, "d"),
    }
    assert remember(before, answers, TODAY) == {
        "a": {"good": "2026-01-01", "failed": "2026-11-21"},
        "b": {"failed": "2026-03-01"},
        "c": {"good": "x"},
        "d": {"good": "2026-11-21"},
    }
    assert remember({"b": {"failed": "x"}}, {"b": Answer(200, "b")}, TODAY)["b"].keys() == {"good"}


def test_what_has_died_and_what_may_pass() -> None:
    found = {"http://x/": Found("a.md", 3)}

    def said(answer: Answer, since: date) -> list[str]:
        entry = {"failed": since.isoformat(), "archived": "https://copy/", "good": "2026-02-28"}
        ledger = {"http://x/": entry}
        return [str(p) for p in died(found, {"http://x/": answer}, ledger, TODAY)]

    line = "a.md:3: http://x/ must lead somewhere: 404 since {}, good until 2026-02-28"
    copy = " (archived copy: https://copy/)"
    sure, unsure = Answer(404, "", "404"), Answer(0, "", "404", sure=False)
    assert said(sure, EARLIER) == [line.format("2026-03-01") + copy]
    assert said(sure, TODAY) == [line.format("2026-11-21") + copy]
    assert said(unsure, EARLIER) == [line.format("2026-03-01") + copy]
    assert said(unsure, TODAY) == said(Answer(403, ""), EARLIER) == []
    new = Answer(200, "http://y/", moved=True)
    assert [str(p) for p in moved(found, {"http://x/": new})] == [
        "a.md:3: http://x/ has moved for good: http://y/ (write that)"
    ]


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"archived_snapshots": {}}'])
def test_no_copy(data: bytes) -> None:
    assert copy_in(data) == ""


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, asker: Asker) -> None:
    """A run without waiting."""
    monkeypatch.setattr(outside, "Asker", lambda _agent: asker)


def ask_tiny(tiny: TinySite, folder: Path, archive: str) -> list[str]:
    own = [str(tiny.folder / "content"), "--cache-path", str(tiny.folder / "cache")]
    settings = str(ROOT / "publishconf.py")
    try:
        return [str(p) for p in check_outside(settings, folder, own, archive)]
    except ProblemsFound as error:
        return [f"! {line}" for line in str(error).replace(f"{tiny.folder}/", "").splitlines()]


def write_links(tiny: TinySite, *urls: str) -> None:
    words = "\n".join(f"[Words]({url})" for url in urls)
    tiny.write({**GOOD, "posts/a/index.md": POST.replace("The text.", words)})


def test_a_whole_run(
    tiny: TinySite, host: Host, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "outside", of_host(host))
    write_links(tiny, f"{host.url}/good", f"{host.url}/gone", f"{host.url}/moved/301")
    lines = ask_tiny(tiny, tiny.folder / "one", host.url)
    today = date.today().isoformat()
    assert lines == [
        f"! content/posts/a/index.md:8: {host.url}/gone must lead somewhere: 410 since {today} "
        "(archived copy: https://web.archive.org/web/2025/http://x/)",
        f"! content/posts/a/index.md:9: {host.url}/moved/301 has moved for good: {host.url}/good "
        "(write that)",
    ]
    ledger = tiny.folder / "content/links.json"
    kept = ledger.read_bytes()
    known = json.loads(kept)
    assert known[f"{host.url}/good"] == {"archived": "", "good": today}
    assert list(known) == sorted(known)
    archive = [asked for asked in host.asked if "wayback" in asked]
    assert len(archive) == 3
    ask_tiny(tiny, tiny.folder / "two", host.url)
    assert ledger.read_bytes() == kept
    assert [asked for asked in host.asked if "wayback" in asked] == archive, "each is asked once"
    write_links(tiny, f"{host.url}/good")
    assert ask_tiny(tiny, tiny.folder / "three", host.url) == []
    assert list(json.loads(ledger.read_bytes())) == [f"{host.url}/good"]


def of_host(host: Host) -> object:
    """Return the search for links, but for those of the theme to true hosts."""
    find = outside.outside

    def found(*arguments: object) -> dict[str, Found]:
        return {u: f for u, f in find(*arguments).items() if u.startswith(host.url)}  # type: ignore[arg-type]

    return found


def test_without_a_network_it_says_one_thing_and_changes_nothing(
    tiny: TinySite, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = "http://127.0.0.1:1"
    monkeypatch.setattr(
        outside, "outside", lambda *_: {f"{nowhere}/{n}": Found("", 0) for n in "ab"}
    )
    write_links(tiny, "https://bolte.cc")
    [line] = ask_tiny(tiny, tiny.folder / "one", nowhere)
    assert line == "! the site: must have a network to ask for links: none of 2 answered"
    assert not (tiny.folder / "content/links.json").exists()


def test_a_ledger_that_is_none(tiny: TinySite, quick: None, host: Host) -> None:
    write_links(tiny, "https://bolte.cc")
    tiny.write({"links.json": "[1"})
    [line] = ask_tiny(tiny, tiny.folder / "one", host.url)
    assert line.startswith("! content/links.json: must be a ledger of links in JSON: ")
    assert host.asked == []


def test_which_links_leave_the_site(tiny: TinySite) -> None:
    inside = "[in](https://ben.bolte.cc/b/), [mail](mailto:a@bolte.cc)"
    words = f"{inside}\n[out](https://bolte.cc/a?b=1&c=2#part)\n[again](https://bolte.cc/a?b=1&c=2)"
    tiny.write({**GOOD, "posts/a/index.md": POST.replace("The text.", words)})
    site = open_site(tiny.build(settings="publishconf.py"))
    found = outside.outside(site, ROOT / "pelicanconf.py")
    path = f"{tiny.folder}/content/posts/a/index.md"
    assert {u: f for u, f in found.items() if f.path == path} == {
        "https://bolte.cc/a?b=1&c=2": Found(path, 8)
    }
    assert {Path(f.path).name for f in found.values()} == {"index.md", "pelicanconf.py"}
