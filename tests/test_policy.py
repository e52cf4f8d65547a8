"""The policy and the other headers as hosts send them, in a real browser."""

import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from pipeline.build import build
from pipeline.render.metadata.headers import headers_for, read_file
from tests.check.faults import GOOD
from tests.conftest import POST, ROOT, TinySite, png
from tests.test_site import KINDS

pytestmark = pytest.mark.browser
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><style>.a{fill:rgb(0,128,0)}'
    '</style><rect class="a" width="40" height="40"/></svg>'
)
TEXT = f"""{POST}
One.[^1] Two.[^2]

| a | b |
|--:|:-:|
| 1 | 2 |

![A drawing](d.svg)

![A picture](p.png)

Energy is \\(E = mc^2\\).

[^1]: First.
[^2]: Second.
"""


class Host(SimpleHTTPRequestHandler):
    """Serves a folder with the headers of its `_headers`, as Netlify and Cloudflare Pages do."""

    def end_headers(self) -> None:
        rules = read_file(Path(self.directory, "_headers").read_text("utf-8"))
        for name, value in headers_for(unquote(urlsplit(self.path).path), rules).items():
            if name != "Content-Type":
                self.send_header(name, value)
        super().end_headers()

    def guess_type(self, path: Any) -> str:
        rules = read_file(Path(self.directory, "_headers").read_text("utf-8"))
        address = "/" + Path(path).relative_to(self.directory).as_posix()
        return headers_for(address, rules).get("Content-Type") or super().guess_type(path)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Visitor:
    """A browser's page on a served folder, and all that it complains of."""

    def __init__(self, browser: Any, folder: Path) -> None:
        def handler(*given: Any) -> Host:
            return Host(*given, directory=str(folder))

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}/"
        self.context = browser.new_context(viewport={"width": 1280, "height": 800})
        self.context.add_init_script(
            "addEventListener('securitypolicyviolation',"
            " e => console.error('blocked: ' + e.effectiveDirective + ' ' + e.sample))"
        )
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def go(self, path: str) -> Any:
        return self.page.goto(self.address + path)

    def end(self) -> None:
        self.context.close()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def visit(browser: Any) -> Iterator[Any]:
    visitors: list[Visitor] = []

    def begin(folder: Path) -> Visitor:
        visitors.append(Visitor(browser, folder))
        return visitors[-1]

    yield begin
    for visitor in visitors:
        visitor.end()


def test_every_kind_of_page_keeps_to_the_policy_and_is_styled(visit: Any, tmp_path: Path) -> None:
    visitor = visit(tmp_path / "output")
    address = ["-e", f'SITEURL="{visitor.address[:-1]}"']
    build(str(ROOT / "publishconf.py"), ["-o", str(tmp_path / "output"), *address])
    for name, path in KINDS.items():
        answer = visitor.go(path.removesuffix("index.html"))
        assert "'sha256-" in answer.headers["content-security-policy"], name
        assert answer.headers["x-content-type-options"] == "nosniff"
        grid = visitor.page.locator("body").evaluate("e => getComputedStyle(e).display")
        assert grid == "grid", name
        assert visitor.said == [], name


def test_what_a_text_can_hold_is_shown_under_the_policy(visit: Any, tiny: TinySite) -> None:
    tiny.write(
        {**GOOD, "posts/a/index.md": TEXT, "posts/a/d.svg": SVG, "posts/a/p.png": png(400, 300)}
    )
    visitor = visit(tiny.build(settings="publishconf.py").folder)
    visitor.go("posts/a/")
    page = visitor.page
    notes = page.locator(".notes li")
    marks = page.locator(".footnote-ref")
    for number in range(2):  # the rules of the notes are not blocked
        assert notes.nth(number).bounding_box()["x"] > marks.nth(number).bounding_box()["x"] + 300
    cells = page.locator("td").evaluate_all("es => es.map(e => getComputedStyle(e).textAlign)")
    assert cells == ["end", "center"]
    for image in page.locator("main img").all():
        image.scroll_into_view_if_needed()
        page.wait_for_function("e => e.complete && e.naturalWidth > 0", arg=image.element_handle())
    assert visitor.said == []
    visitor.go("posts/a/d.svg")  # a drawing by its own address keeps its styles too
    fill = page.evaluate("getComputedStyle(document.querySelector('.a')).fill")
    assert fill == "rgb(0, 128, 0)"
    assert visitor.said == []


def test_what_the_policy_does_not_name_is_blocked(visit: Any, tiny: TinySite) -> None:
    tiny.write({"posts/a/index.md": POST})
    folder = tiny.build(settings="publishconf.py").folder
    path = folder / "posts/a/index.html"
    evil = '<script>document.title = "hacked"</script><style>h1 { color: red }</style>'
    evil += '<p style="color: red" onclick="x()">A</p><img src="https://example.org/x.png" alt="">'
    path.write_text(path.read_text("utf-8").replace("</body>", f"{evil}</body>"), "utf-8")
    visitor = visit(folder)
    visitor.go("posts/a/")
    assert visitor.page.title() == "A post · Ben’s Blog"
    kinds = {said.split()[1] for said in visitor.said if said.startswith("blocked: ")}
    assert {"script-src-elem", "style-src-elem", "style-src-attr", "img-src"} <= kinds


def test_feeds_are_sent_as_what_they_are(visit: Any, tiny: TinySite) -> None:
    tiny.write({"posts/a/index.md": POST})
    visitor = visit(tiny.build(settings="publishconf.py").folder)
    for name, kind in (("all", "atom"), ("tags/robotics", "rss")):
        answer = visitor.page.request.get(f"{visitor.address}feeds/{name}.{kind}.xml")
        assert answer.headers["content-type"] == f"application/{kind}+xml; charset=utf-8"
