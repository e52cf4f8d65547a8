"""How footnotes behave in Chromium and Firefox, on a page that is long enough to scroll."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from pipeline.problems import ProblemsFound
from tests.conftest import TinySite, post
from tests.real_browsers import ENTER, ESCAPE, TAB, Chromium, Reader, chromium, firefox

pytestmark = pytest.mark.browser

SHEETS, MARGIN = (390, 768, 1024), 1280  # widths at which notes open, and are in the margin
FILLER = "\n\n".join(["A paragraph that makes the page longer than the screen is high. " * 6] * 6)
TEXT = "\n\n".join(f"Sentence {n}.[^{n}] And more.\n\n{FILLER}" for n in (1, 2, 3))
NOTES = "\n\n".join(
    f"[^{n}]: {f'Words of note {n}. ' * 6}[More](https://example.org/)." for n in (1, 2, 3)
)
MARK = "document.querySelector(\"[data-note='{}']\").getBoundingClientRect().toJSON()"
NOTE = 'document.querySelectorAll(".notes [popover]")[{} - 1].getBoundingClientRect().toJSON()'
OPEN = 'document.querySelectorAll(":popover-open").length'
CLOSE = "document.querySelector(':popover-open button').getBoundingClientRect().toJSON()"
PLACE = "[Math.round(scrollY), history.length]"
LINE = """(() => {{ const range = document.createRange();
    range.selectNodeContents(document.querySelector({!r}));
    return range.getClientRects()[0].bottom }})()"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a page with three notes."""
    tiny = TinySite(tmp_path_factory.mktemp("notes"))
    tiny.write({"posts/a.md": post("a", f"{TEXT}\n\n{NOTES}")})
    tiny.build()
    return (tiny.output / "posts/a/index.html").as_uri()


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def reader(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Reader]:
    with ExitStack() as stack:
        try:
            profile: Path = tmp_path_factory.mktemp("profile")
            opened = chromium() if request.param == "chromium" else firefox(profile)
            found = stack.enter_context(opened)
        except (LookupError, ProblemsFound) as error:
            pytest.skip(str(error))
        yield found


def show(reader: Reader, number: int, share: float) -> None:
    """Scroll a mark to a share of the screen's height."""
    top = reader.js(MARK.format(number))["top"]
    reader.js(f"scrollBy({{top: {top} - innerHeight * {share}, behavior: 'instant'}})")


def click_mark(reader: Reader, number: int) -> None:
    box = reader.js(MARK.format(number))
    reader.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


@pytest.mark.parametrize("width", SHEETS)
@pytest.mark.parametrize("share", [0.15, 0.5, 0.93])
def test_note_opens_in_place_beside_its_mark(
    reader: Reader, page: str, width: int, share: float
) -> None:
    reader.open(page, width)
    show(reader, 2, share)
    before = reader.js(PLACE)
    click_mark(reader, 2)
    assert reader.js(OPEN) == 1
    assert reader.js(PLACE) == before
    mark, note = reader.js(MARK.format(2)), reader.js(NOTE.format(2))
    below = note["top"] >= mark["bottom"] - mark["height"] / 4
    assert below or note["bottom"] <= mark["top"] + mark["height"] / 4
    assert note["top"] >= 0 and note["bottom"] <= 800
    column = reader.js('document.querySelector("main").getBoundingClientRect().toJSON()')
    assert note["width"] <= min(reader.js("innerWidth"), column["width"] + 2.2 * 20 + 1)
    assert abs(note["left"] + note["right"] - column["left"] - column["right"]) < 4


def test_note_in_the_margin_needs_no_opening(reader: Reader, page: str) -> None:
    reader.open(page, MARGIN)
    show(reader, 2, 0.5)
    before = reader.js(PLACE)
    mark, note = reader.js(MARK.format(2)), reader.js(NOTE.format(2))
    assert note["left"] >= mark["right"] and note["top"] >= 0 and note["bottom"] <= 800
    click_mark(reader, 2)
    assert reader.js(OPEN) == 0
    assert reader.js(PLACE) == before


@pytest.mark.parametrize("width", [390, MARGIN])
def test_back_leaves_the_page_after_notes(reader: Reader, page: str, width: int) -> None:
    reader.open(page.replace("index.html", "../../index.html"), width)
    first = reader.js("location.href")
    reader.open(page, width)
    for number in (1, 2):
        show(reader, number, 0.5)
        click_mark(reader, number)
    reader.back()
    assert reader.js("location.href") == first


@pytest.mark.parametrize("width", SHEETS)
@pytest.mark.parametrize("way", ["escape", "outside", "mark", "button"])
def test_open_note_closes(reader: Reader, page: str, width: int, way: str) -> None:
    reader.open(page, width)
    show(reader, 2, 0.5)
    click_mark(reader, 2)
    assert reader.js(OPEN) == 1
    if way == "escape":
        reader.press(ESCAPE)
    elif way == "outside":
        reader.click(3, 60)
    elif way == "mark":
        click_mark(reader, 2)
    else:
        box = reader.js(CLOSE)
        assert box["height"] >= 24 and box["width"] >= 24
        reader.click(box["x"] + 12, box["y"] + 12)
    assert reader.js(OPEN) == 0


@pytest.mark.parametrize("width", SHEETS)
def test_click_inside_leaves_the_note_open(reader: Reader, page: str, width: int) -> None:
    reader.open(page, width)
    show(reader, 2, 0.5)
    click_mark(reader, 2)
    note = reader.js(NOTE.format(2))
    reader.click(note["left"] + 40, note["top"] + 40)
    assert reader.js(OPEN) == 1


def test_tab_leads_from_the_mark_into_the_open_note(reader: Reader, page: str) -> None:
    reader.open(page, 390)
    reader.js("document.querySelector(\"[data-note='2']\").focus()")
    reader.press(ENTER)
    assert reader.js(OPEN) == 1
    reader.press(TAB)
    assert reader.js("document.activeElement.ariaLabel") == "Close"
    reader.press(TAB)
    assert reader.js("document.activeElement.href") == "https://example.org/"
    assert reader.js("document.activeElement.closest(':popover-open').id") == "note:2"
    reader.press(TAB)
    assert reader.js("document.activeElement.dataset.note") == "3"
    assert reader.js(OPEN) == 1


def test_escape_in_a_note_returns_to_the_mark(reader: Reader, page: str) -> None:
    reader.open(page, 390)
    reader.js("document.querySelector(\"[data-note='2']\").focus()")
    for key in (ENTER, TAB, TAB, ESCAPE):
        reader.press(key)
    assert reader.js(OPEN) == 0
    assert reader.js("document.activeElement.dataset.note") == "2"


def test_note_on_the_last_screen_moves_nothing(reader: Reader, page: str) -> None:
    reader.open(page, 390)
    reader.js("scrollTo(0, document.documentElement.scrollHeight)")
    before = reader.js(PLACE)
    reader.js("document.querySelector(\"[data-note='3']\").click()")
    assert reader.js(OPEN) == 1
    assert reader.js(PLACE) == before


def test_note_that_is_open_in_print_is_in_its_place(reader: Reader, page: str) -> None:
    if not isinstance(reader, Chromium):  # Firefox prints every popover as closed.
        return
    reader.open(page, 390)
    show(reader, 2, 0.5)
    click_mark(reader, 2)
    reader.page.emulate_media(media="print")
    item = reader.js('document.querySelectorAll(".notes li")[1].getBoundingClientRect().toJSON()')
    note = reader.js(NOTE.format(2))
    reader.page.emulate_media(media="screen")
    assert abs(note["top"] - item["top"]) < 2 and abs(note["left"] - item["left"]) < 2
    assert note["bottom"] <= item["bottom"]


def test_note_in_the_margin_stands_on_its_marks_line(reader: Reader, page: str) -> None:
    reader.open(page, MARGIN)
    text = reader.js(LINE.format("sup a"))
    note = reader.js(LINE.format(".notes li p"))
    # Both have the bottom of a line box; the mark is raised by 0.4 of its size.
    assert abs(note - text) < 12


def test_note_is_a_list_item_without_popovers_and_without_styles(reader: Reader, page: str) -> None:
    reader.open(page, 390)
    reader.js("document.querySelectorAll('style').forEach(style => style.remove())")
    reader.js("document.querySelectorAll('[popover]').forEach(e => e.removeAttribute('popover'))")
    shown = reader.js("[...document.querySelectorAll('.notes li')].map(li => li.innerText.length)")
    assert len(shown) == 3
    assert min(shown) > 50
    hidden = "[...document.querySelectorAll('button')].filter(b => b.offsetHeight).length"
    assert reader.js(hidden) == 0
    assert reader.js("document.querySelector('sup a').offsetHeight") > 0
