"""SVG: what draws stays, what acts or reaches out goes, and the rest is refused."""

from xml.etree import ElementTree

import pytest

from pipeline.problems import ProblemsFound
from pipeline.render.pictures.svg import clean_svg
from tests.conftest import ROOT

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
S = "{http://www.w3.org/2000/svg}"


def svg(inside: str, attributes: str = 'viewBox="0 0 40 30"', before: str = "") -> bytes:
    return f"{before}{HEAD} {attributes}>{inside}</svg>".encode()


def cleaned(inside: str) -> ElementTree.Element:
    return ElementTree.fromstring(clean_svg(svg(inside), "a.svg")[0])


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<g><script href='https://x.y/a.js'/></g>",
        "<rect width='1' onload='alert(1)' onclick='alert(2)'/>",
        "<a href='javascript:alert(1)'><path d='M0 0'/></a>",
        "<a xlink:href=' JaVaScRiPt:alert(1)'><path d='M0 0'/></a>",
        "<use href='https://x.y/a.svg#b'/>",
        "<use xlink:href='other.svg#b'/>",
        "<foreignObject><div xmlns='http://www.w3.org/1999/xhtml'><iframe/></div></foreignObject>",
        "<rect style='fill: url(https://x.y/a#b)'/>",
        "<rect fill='url( \"https://x.y/a#b\" )'/>",
        r"<rect style='fill: u\72l(https://x.y/a)'/>",
        "<style>@import 'https://x.y/a.css';</style>",
        "<style><![CDATA[rect { fill: image-set('https://x.y/a.png' 1x) }]]></style>",
        "<style>a{content:'/*'} rect{fill:url(https://x.y/a)} b{content:'*/'}</style>",
        "<style>rect{fill:url(#a)} i{cursor:url(https://x.y/a#b)}</style>",
        "<animate attributeName='href' to='https://x.y/'/>",
        "<set attributeName='onclick' to='alert(1)'/>",
        "<feImage href='https://x.y/a.png'/>",
        "<metadata>https://x.y/ alert</metadata>",
        "<!-- alert https://x.y/ -->",
        "<?xml-stylesheet href='https://x.y/a.css'?>",
        "<x:script xmlns:x='https://x.y/'>alert(1)</x:script>",
    ],
)
def test_nothing_acts_or_reaches_out(inside: str) -> None:
    data, *_ = clean_svg(svg(f"<circle r='3'/>{inside}<text>after</text>"), "a.svg")
    root = ElementTree.fromstring(data)
    # The text begins with the two names that every SVG has.
    text = data.decode().replace("http://www.w3.org/", "")
    for harm in ("x.y", "alert", "script", "Script", "other.svg", "iframe", "import", "onclick"):
        assert harm not in text
    assert root.find(f"{S}circle") is not None
    assert "after" in "".join(root.itertext())


def test_what_draws_stays() -> None:
    root = cleaned(
        "<title>Torque</title><defs><linearGradient id='g'><stop offset='0' stop-color='#123'/>"
        "</linearGradient></defs>"
        "<style>@media (prefers-color-scheme: dark) {.a{fill: #fff}}</style>"
        "<g transform='translate(1, 2)'><use xlink:href='#g' clip-path='url(#c)'/>"
        "<path class='a' d='M0 0L1 1' style='fill: url(\"#g\"); stroke: rgb(1, 2, 3)'/></g>"
        "<text>a<tspan>b</tspan>c</text>"
    )
    names = " ".join(e.tag.removeprefix(S) for e in root.iter())
    assert names == "svg title defs linearGradient stop style g use path text tspan"
    path = root.find(f".//{S}path")
    assert path is not None and "url(" in path.attrib["style"]
    assert root.find(f".//{S}use[@clip-path='url(#c)']") is not None
    assert "abc" in "".join(root.itertext())


def test_text_around_what_goes_stays() -> None:
    [text] = cleaned("<text>a<script>b</script>c<tspan>d</tspan><script/>e</text>")
    assert "".join(text.itertext()) == "acde"


def test_a_link_is_a_group() -> None:
    [group] = cleaned("<a href='https://x.y/' fill='red'><path d='M0 0'/></a>")
    assert (group.tag, group.attrib, len(group)) == (f"{S}g", {"fill": "red"}, 1)


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="100" height="50"', (100, 50)),
        ('width="72pt" height="1in" viewBox="0 0 9 9"', (96, 96)),
        ('width="100%" height="50" viewBox="0, 0, 40.4 30"', (40, 30)),
        ('viewBox="-5 -5 40 30"', (40, 30)),
    ],
)
def test_size(attributes: str, size: tuple[int, int]) -> None:
    assert clean_svg(svg("", attributes), "a.svg")[1:] == size


DOCTYPE = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">'
DECLARED = '<!DOCTYPE svg [<!ENTITY a "b">]>'


def test_the_standards_own_doctype_is_left_out() -> None:
    assert b"DOCTYPE" not in clean_svg(svg("", before=DOCTYPE), "a.svg")[0]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (svg("<text>&a;</text>", before=DECLARED), "must be an SVG without declarations"),
        (svg("<text>&a;</text>"), "undefined entity"),
        (svg("<g>"), "mismatched tag"),
        (svg("<g>" * 999 + "</g>" * 999), "more than 200 deep"),
        (b"<svg viewBox='0 0 1 1'/>", 'write <svg xmlns="http://www.w3.org/2000/svg">'),
        (svg("", ""), "must have a size: none (add viewBox"),
        (svg("", 'viewBox="0 0 0 30"'), "must have a size"),
        (svg("<g><image href='data:image/png;base64,AAAA'/></g>"), "a picture inside, <image>"),
        (b"", "no element found"),
    ],
)
def test_refused(data: bytes, line: str) -> None:
    with pytest.raises(ProblemsFound) as found:
        clean_svg(data, "a.svg")
    assert line in str(found.value)
    assert str(found.value).startswith("a.svg:")


def test_the_same_again() -> None:
    data = (ROOT / "content/extra/favicon.svg").read_bytes()
    once = clean_svg(data, "a.svg")
    assert clean_svg(once[0], "a.svg") == once
