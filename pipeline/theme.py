"""The theme: its stylesheets, its colors, and the rendering of pages.

The contract is in docs/theme.md: templates get `page` (model.PageView) and `site` (model.Chrome)
and nothing else, so that a page is a pure function of them.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from tinycss2.color5 import parse_color

from pipeline.html import MARK, strip_marks
from pipeline.memo import Memo, digest_of, salt
from pipeline.model import Chrome, PageView
from pipeline.problems import Problem, ProblemsFound

STRING = re.compile(r"""("[^"]*"|'[^']*')""")
BETWEEN = re.compile(r"\s*([{};,>]|(?<=[\w-]):(?=\s))\s*")
NOTE_RULES = "partials/note_rules.css"
START_TAG = re.compile(r"<[a-zA-Z][\w-]*(?=[\s/>]|$)")
TOKEN = re.compile(r"--([\w-]+)\s*:\s*([^;{}]+)")


@dataclass(frozen=True)
class Theme:
    """A theme's folder. Its digest stands for all of its files."""

    folder: Path
    digest: str
    env: Environment = field(compare=False, repr=False)
    note_rules: dict[tuple[int, int], str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def templates(self) -> Path:
        """The folder of the templates."""
        return self.folder / "templates"

    @cached_property
    def styles(self) -> Mapping[str, str]:
        """The stylesheets by their names, as short as they can be."""
        files = sorted((self.folder / "static/css").glob("*.css"))
        return {path.stem: minify(join_stylesheets([path])) for path in files}

    @cached_property
    def colors(self) -> Mapping[str, tuple[str, str]]:
        """The light and the dark color of each token, as `#rrggbb`; transparency is left out."""
        tokens = TOKEN.findall(join_stylesheets([self.folder / "static/css/tokens.css"]))
        pairs = {name: (as_hex(value, "light"), as_hex(value, "dark")) for name, value in tokens}
        return {name: (light, dark) for name, (light, dark) in pairs.items() if light and dark}

    def light_colors(self, names: Iterable[str]) -> dict[str, str]:
        """Return the light colors of tokens. Raises ProblemsFound for one that is not there."""
        return {name: self.color(name)[0] for name in names}

    def color(self, name: str) -> tuple[str, str]:
        """Return the light and the dark color of a token. Raises ProblemsFound."""
        if name not in self.colors:
            path = str(self.folder / "static/css/tokens.css")
            hint = f"--{name}: light-dark(#ffffff, #000000);"
            raise ProblemsFound([Problem("theme", path, 0, f"no color token --{name}", hint)])
        return self.colors[name]

    def note_styles(self, first: int, last: int) -> str:
        """Return the style rules that connect footnotes with their references."""
        if (first, last) not in self.note_rules:
            rules = self.env.get_template(NOTE_RULES).render(numbers=range(first, last + 1))
            self.note_rules[first, last] = rules
        return self.note_rules[first, last]

    def render(self, page: PageView, site: Chrome) -> str:
        """Return the annotated HTML of a page."""
        return self.env.get_template(page.template).render(page=page, site=site)


class CompiledTemplates(BytecodeCache):
    """Jinja's compiled templates in the memo. `digest` stands for the theme and its options."""

    def __init__(self, memo: Memo, digest: str) -> None:
        self.memo, self.version = memo, digest_of(salt(), digest)

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill in what Jinja has compiled, if it has."""
        if code := self.memo.get(f"{self.version} {bucket.key}"):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what Jinja has compiled."""
        self.memo.put(f"{self.version} {bucket.key}", bucket.bytecode_to_string())


def load_theme(folder: Path, options: Mapping[str, Any], memo: Memo | None = None) -> Theme:
    """Return the theme in a folder; `options` are those of Jinja's Environment."""
    digest = hashlib.sha256(repr(sorted(options.items(), key=str)).encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    env = Environment(
        loader=FileSystemLoader(folder / "templates"),
        bytecode_cache=CompiledTemplates(memo, digest.hexdigest()) if memo else None,
        **{"autoescape": True, "undefined": StrictUndefined, **options},
    )
    env.add_extension(SourceMarks)
    return Theme(folder, digest.hexdigest(), env)


def render_page(page: PageView, site: Chrome, theme: Theme) -> str:
    """Return the annotated HTML of a page; the function that the memo remembers."""
    return theme.render(page, site)


def page_text(html: Callable[[], str]) -> str:
    """Return a page as it is written: without the marks of its annotated HTML."""
    return strip_marks(html())


class SourceMarks(Extension):
    """Marks each start tag of a template with its file and line, as `html.MARK` says."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Yield the tokens, those with HTML marked."""
        for token in stream:
            if token.type == "data" and stream.name and stream.name.endswith(".html"):
                yield Token(token.lineno, "data", mark_tags(token.value, stream.name, token.lineno))
            else:
                yield token


def mark_tags(html: str, name: str, line: int) -> str:
    """Return a piece of a template with a mark in each start tag."""

    def mark(match: re.Match[str]) -> str:
        at = line + html[: match.start()].count("\n")
        return f'{match[0]} {MARK}="{name}:{at}"'

    return START_TAG.sub(mark, html)


def join_stylesheets(paths: Iterable[Path]) -> str:
    """Return stylesheets as one, without comments and indentation."""
    text = "\n".join(path.read_text("utf-8") for path in paths if path.is_file())
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def minify(css: str) -> str:
    """Return a stylesheet without the white space that separates nothing."""
    parts = STRING.split(" ".join(css.split()))
    parts[::2] = [BETWEEN.sub(r"\1", part).replace(";}", "}") for part in parts[::2]]
    return "".join(parts)


def as_hex(value: str, scheme: str) -> str:
    """Return a CSS color as `#rrggbb`; an empty string for what is none or outside of sRGB.

    `scheme` is the one that `light-dark()` (CSS Color 5) chooses by.
    """
    color = parse_color(value, color_schemes=(scheme,))
    if color is None or color == "currentcolor" or color.space not in ("srgb", "hsl", "hwb"):
        return ""
    return "#" + "".join(f"{round(255 * min(1, max(0, n))):02x}" for n in color.to("srgb")[:3])
