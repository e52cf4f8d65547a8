"""The site in a real browser. Skipped, with the reason, where there is none.

BLOG_BROWSER=required makes a failure of each skip; CI sets it.
"""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any

import pytest

from pipeline.build import build
from tests.conftest import POST as POST_TEXT
from tests.conftest import ROOT, TinySite
from tests.test_serve import POST, Preview, preview  # noqa: F401 (a fixture)
from tests.test_site import KINDS

pytestmark = pytest.mark.browser


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real site as it is published, served on loopback below a folder, as on some hosts."""
    folder = tmp_path_factory.mktemp("host")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(folder))) as server:
        address = f"http://127.0.0.1:{server.server_port}/blog"
        siteurl = ["-e", f'SITEURL="{address}"']
        build(str(ROOT / "publishconf.py"), ["-o", str(folder / "blog"), *siteurl])
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"{address}/"
        server.shutdown()


def test_a_line_has_a_length_that_can_be_read(browser: Any, address: str) -> None:
    """65 to 80 characters on a desk, with whatever serif this machine has."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(address + KINDS["post"].removesuffix("index.html"))
    lines = (
        page.locator(".prose > p")
        .nth(2)
        .evaluate(
            """p => {
            const range = document.createRange(), tops = new Set();
            range.selectNodeContents(p);
            for (const box of range.getClientRects()) tops.add(Math.round(box.top));
            return p.textContent.length / tops.size;
        }"""
        )
    )
    assert 58 <= lines <= 80
    size = page.locator(".prose > p").first.evaluate(
        "p => parseFloat(getComputedStyle(p).fontSize)"
    )
    assert 18 <= size <= 20
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("form", ["atom.xml", "rss.xml"])
def test_a_feed_that_is_opened_is_a_page(
    browser: Any, address: str, form: str, scheme: str
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800}, color_scheme=scheme)
    page.goto(f"{address}feeds/all.{form}")
    shown = page.evaluate(
        """() => [...document.querySelectorAll("*")]
            .filter(e => e.children.length === 0 && e.getClientRects().length)
            .map(e => e.textContent)"""
    )
    assert {"Ben’s Blog", "Why K-Scale Wins"} < set(shown)
    assert not any("<p>" in text for text in shown)
    top = "feed, channel"
    says = page.locator(top).first.evaluate("e => getComputedStyle(e, '::before').content")
    assert "This is a feed" in says
    colour = page.locator(":root").evaluate("e => getComputedStyle(e).backgroundColor")
    assert colour == ("rgb(252, 250, 246)" if scheme == "light" else "rgb(24, 23, 21)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


def test_the_keyboard_reaches_the_text_first(browser: Any, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.text_content() == "Skip to the text"
    assert focused.bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.close()


def test_a_wide_table_scrolls_in_itself_and_by_keyboard(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 800})
    page.goto(address + "about/")
    page.locator(".frame td").first.evaluate("e => e.style.minInlineSize = '60rem'")
    frame = page.locator(".frame").first
    assert page.locator("html").evaluate("e => e.scrollWidth") <= 320
    frame.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.frame').scrollLeft > 0")
    page.close()


MEMO = KINDS["post"].removesuffix("index.html")


def test_notes_stand_beside_their_marks_where_there_is_room(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(address + MEMO)
    text = page.locator(".prose > p").first.bounding_box()
    below = 0
    for number in range(5):
        mark = page.locator(".footnote-ref").nth(number).bounding_box()
        note = page.locator(".notes li").nth(number).bounding_box()
        assert note["x"] > text["x"] + text["width"]
        assert note["x"] + note["width"] < 1280
        assert abs(note["y"] - mark["y"]) < 30
        assert note["y"] >= below
        below = note["y"] + note["height"]
    assert not page.locator(".notes h2").is_visible()
    page.close()


def test_notes_whose_marks_are_close_stand_below_each_other(browser: Any, tiny: TinySite) -> None:
    marks = "".join(f"Word[^{n}] " for n in range(1, 5))
    notes = "\n".join(f"[^{n}]: {'Words of a note. ' * 9}" for n in range(1, 5))
    tiny.write({"posts/a/index.md": f"{POST_TEXT}\n{marks}\n\n{notes}\n"})
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto((tiny.build().folder / "posts/a/index.html").as_uri())
    boxes = [page.locator(".notes li").nth(n).bounding_box() for n in range(4)]
    for above, note in pairwise(boxes):
        assert note["y"] >= above["y"] + above["height"]
    page.close()


def test_a_note_opens_in_place_on_a_small_screen(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(address + MEMO)
    mark = page.locator(".footnote-ref").nth(2)
    mark.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    mark.click()
    assert page.url.endswith("#fn:2024-03-01-why-kscale-wins:3")
    note = page.locator("li:target")
    assert page.evaluate("scrollY") == before
    assert note.bounding_box()["y"] + note.bounding_box()["height"] <= 800
    note.locator(".footnote-backref").click()
    assert page.url.endswith("#fnref:2024-03-01-why-kscale-wins:3")
    assert page.locator("li:target").count() == 0
    assert 0 < mark.bounding_box()["y"] < 800
    page.close()


def test_a_mark_can_be_hit_and_moves_no_line(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(address + MEMO)
    sizes = page.locator(".footnote-ref").evaluate_all(
        """marks => marks.map(mark => {
            const box = getComputedStyle(mark, "::after");
            return [parseFloat(box.width), parseFloat(box.height)];
        })"""
    )
    assert all(width >= 24 and height >= 24 for width, height in sizes), sizes
    heights = page.locator(".prose > p").evaluate_all(
        "ps => ps.map(p => p.offsetHeight / parseFloat(getComputedStyle(p).lineHeight))"
    )
    assert all(abs(lines - round(lines)) < 0.05 for lines in heights)
    page.close()


def test_notes_are_at_the_end_on_paper(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.emulate_media(media="print")
    page.goto(address + MEMO)
    last = page.locator(".prose > p").last.bounding_box()
    assert page.locator(".notes li").first.bounding_box()["y"] > last["y"] + last["height"]
    assert page.locator(".notes h2").is_visible()
    assert not page.locator(".site-menu").is_visible()
    page.close()


def test_a_lost_reader_finds_home_from_any_depth(browser: Any, preview: Preview) -> None:  # noqa: F811
    page = browser.new_page()
    answer = page.goto(f"{preview.address}deep/in/the/woods/")
    assert answer.status == 404
    page.get_by_role("link", name="All posts").click()
    assert page.url == f"{preview.address}posts/"
    page.close()


def test_the_preview_reloads_and_shows_mistakes(browser: Any, preview: Preview) -> None:  # noqa: F811
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(preview.address)
    preview.edit(POST, "Title: Why K-Scale Wins", "Title: Why It Wins")
    page.get_by_role("link", name="Why It Wins").wait_for()
    preview.edit(POST, "Tags: robotics", "Tags: robotic")
    page.get_by_role("alert").get_by_text("(did you mean 'robotics'?)").wait_for()
    assert page.get_by_role("link", name="Why It Wins").is_visible()
    preview.edit(POST, "Tags: robotic,", "Tags: robotics,")
    page.get_by_role("alert").wait_for(state="detached")
    assert said == []
    page.close()
