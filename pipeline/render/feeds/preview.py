"""What subscribers see: each entry of a feed as a strict reader program shows it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import ParseError, fromstring

from jinja2 import Environment, StrictUndefined
from justhtml import JustHTML, SanitizationPolicy, UrlPolicy, UrlRule
from markupsafe import Markup

from pipeline.problems import Problem, ProblemsFound
from pipeline.render.addresses import rewrite

HERE = Path(__file__).parent
ATOM = "{http://www.w3.org/2005/Atom}"
ENTRY = re.compile(r"<entry[ >].*?</entry>", re.DOTALL)
PARTS = ("id", "title", "summary", "content")
# What the strictest of the known readers leave of an entry
TAGS = (
    "a abbr b blockquote br cite code dd del dl dt em h2 h3 h4 h5 h6 hr i img ins kbd li ol p pre "
    "q s samp small strong sub sup table tbody td th thead tr u ul var"
)
ATTRIBUTES = {"a": {"href", "title"}, "abbr": {"title"}, "img": {"src", "alt", "width", "height"}}
LINKS = UrlRule(allowed_schemes={"http", "https", "mailto"}, allow_relative=False)
PICTURES = UrlRule(allowed_schemes={"http", "https"}, allow_relative=False)
POLICY = SanitizationPolicy(
    allowed_tags=TAGS.split(),
    allowed_attributes=ATTRIBUTES,
    url_policy=UrlPolicy(allow_rules={("a", "href"): LINKS, ("img", "src"): PICTURES}),
)


@dataclass(frozen=True)
class Shown:
    """An entry of an Atom feed: its parts, and as it stands in the file."""

    id: str
    title: str
    summary: str
    content: str
    raw: str

    @property
    def strict(self) -> Markup:
        """The HTML that a strict reader shows."""
        clean = JustHTML(self.content, fragment=True, sanitize=True, policy=POLICY)
        return Markup(clean.to_html(pretty=False))

    @property
    def text(self) -> str:
        """The words for a terminal, in Markdown."""
        clean = JustHTML(self.content, fragment=True, sanitize=True, policy=POLICY)
        return clean.to_markdown()


def read(atom: str) -> list[Shown]:
    """Return the entries of an Atom document."""
    entries = fromstring(atom).iter(f"{ATOM}entry")
    return [
        Shown(**{part: entry.findtext(f"{ATOM}{part}", "") for part in PARTS}, raw=raw)
        for entry, raw in zip(entries, ENTRY.findall(atom), strict=True)
    ]


def read_file(path: Path) -> list[Shown]:
    """Return the entries of an Atom file. Raises ProblemsFound when it is none."""
    try:
        return read(path.read_text("utf-8"))
    except (OSError, ParseError, ValueError) as error:
        must = "must be an Atom feed of the site"
        found = getattr(error, "strerror", None) or str(error)
        raise ProblemsFound([Problem(str(path), 0, must, found)]) from None


def as_text(entries: Sequence[Shown]) -> str:
    """Return the entries one after another, for a terminal."""
    parts = (f"{e.title}\n{'=' * len(e.title)}\n{e.id}\n\n{e.text.strip()}\n" for e in entries)
    return "\n\n".join(parts)


def as_page(entries: Sequence[Shown], address: str, site: str, folder: str) -> str:
    """Return a page with each entry as a reader shows it, as text, and as it is written.

    `address` is the feed's; of what is below the address `site`, pictures are taken from `folder`,
    because that site need not be served.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.from_string((HERE / "preview.html").read_text("utf-8"))
    style = Markup((HERE / "reader.css").read_text("utf-8"))

    def at_hand(attribute: str, url: str) -> str:
        inside = attribute == "src" and url.startswith(site)
        return f"{folder}{url.removeprefix(site)}" if inside else url

    shown = [(entry, Markup(rewrite(entry.strict, at_hand))) for entry in entries]
    return template.render(entries=shown, address=address, style=style)
