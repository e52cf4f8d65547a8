"""The texts of Jekyll, Hugo and Eleventy as texts of this dialect.

First their templates' tags (Liquid, Nunjucks, Hugo's shortcodes), in which every line stays a line;
then the Markdown, line by line. What has no counterpart stays as it is and is reported.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pipeline.authoring.markdown_links import ADDRESS, outside_code
from pipeline.authoring.old_sites import HUGO, JEKYLL
from pipeline.content.code_blocks import Fence, find_code, languages

TAG = re.compile(
    r"\{%-?\s*(?P<tag>.*?)\s*-?%\}|\{\{(?P<mark>[<%])\s*(?P<call>.*?)\s*/?[>%]\}\}"
    r"|\{\{-?\s*(?P<value>[^<%].*?)\s*-?\}\}",
    re.DOTALL,
)
ARGUMENT = re.compile(r"""(?:([\w-]+)\s*[=:]\s*)?(?:"([^"]*)"|'([^']*)'|`([^`]*)`|([^\s"'=,]+))""")
# Filters that only make an address: `{{ "/x" | relative_url }}`
ADDRESS_FILTERS = re.compile(r"(?:relative_url|absolute_url|url|safe|escape|prepend: *site\.\w+)")
CARDS = {
    "youtube": "https://www.youtube.com/watch?v={0}",
    "vimeo": "https://vimeo.com/{0}",
    "gist": "https://gist.github.com/{0}/{1}",
    "tweet": "https://x.com/{user}/status/{id}",
    "x": "https://x.com/{user}/status/{id}",
}
ITEM = re.compile(r"( *)([-*+]|\d+[.)])( +|$)(.*)")
RULE = re.compile(r" {0,3}([-*_])( *\1){2,} *")
INLINE = (
    (re.compile(r"\{:\s*(.*?)\s*\}"), r"{: \1 }"),  # kramdown's attributes
    (re.compile(r"\{#([\w-]+)\}"), r"{: #\1 }"),
    (re.compile(r"(?<!~)~~(?=\S)(.+?)(?<=\S)~~"), r"<del>\1</del>"),
    (re.compile(r"(?<![=\w])==(?=\S)([^=]+?)(?<=\S)==(?![=\w])"), r"<mark>\1</mark>"),
    (re.compile(r"<!--\s*more\s*-->"), ""),
    (re.compile(r"\\\\(?=[()])"), r"\\"),
    (re.compile(r"\\\\?\[|\\\\?\](?!\()"), "$$$$"),
    (re.compile(r"(?<=[-*+]) \[ \] "), " ☐ "),
    (re.compile(r"(?<=[-*+]) \[[xX]\] "), " ☑ "),
)
# kramdown's table of contents, and the headings that it leaves out
TABLE_OF_CONTENTS = re.compile(r"^[-*\d.]+ .*\n\{: *:?toc[^}]*\}", re.MULTILINE)
NO_TOC = re.compile(r"\{: *\.no[_-]toc *\}")
DOLLARS = re.compile(r"(?<![\\$\w])\$(?=[^\s$])([^$]+?)(?<=[^\s$\\])\$(?![\w$])")
BARE_URL = re.compile(r"""(?<![\w(<"'=\[/`:])https?://[^\s<>()"'`\]]+[^\s<>()"'`\].,;:!?*_]""")


# What stays as it is and needs the author: line of the old text (from 1; 0: all), why, hint
Notes = list[tuple[int, str, str]]


@dataclass(frozen=True)
class Sources:
    """What the texts of a site refer to.

    `variables` are `site.x` and `page.x`, `link` gives the new address for one as written in a
    text, `text_link` that for the name of a text, as `post_url` and `ref` have it ("": unknown).
    """

    kind: str
    variables: Mapping[str, Any]
    link: Callable[[str, int], str]
    text_link: Callable[[str], str]
    dollars: bool = False


def convert_text(body: str, sources: Sources, notes: Notes) -> list[tuple[int, str]]:
    """Return the lines of a text in this dialect, each with the number of the old line (from 1)."""
    lines = TABLE_OF_CONTENTS.sub("\n", expand(body, sources, notes)).split("\n")
    code = find_code("\n".join(lines))[1]
    for number, (words, below) in enumerate(pairwise(lines), 1):
        under = re.fullmatch(r"(=|-)\1* *", below) if words.strip() else None
        if under and number not in code and re.match(r" {0,3}[^\s>#|-]", words):
            lines[number - 1 : number + 1] = [f"{'#' if under[1] == '=' else '##'} {words}", ""]
    found = list(Blocks(lines, sources).convert())
    while found and not found[0][1].strip():
        found.pop(0)
    return found


# --- Templates' tags


def expand(body: str, sources: Sources, notes: Notes) -> str:
    """Return a text with its tags replaced; every line keeps its number."""
    pieces, at, until = [], 0, ""
    for match in TAG.finditer(body):
        line = body.count("\n", 0, match.start()) + 1
        words = (match["tag"] or match["call"] or "").split(None, 1)
        name, rest = (*words, "", "")[:2]
        if (match["mark"] is not None) != (sources.kind == HUGO) or (until and name != until):
            continue  # the other kind's, or in a part that is shown as it is
        skipped = until == "endcomment"
        between = body[at : match.start()]
        pieces.append("\n" * between.count("\n") if skipped else between)
        at, until = match.end(), ""
        if match["value"] is not None:
            new = variable(match["value"], sources)
        else:
            until = f"end{name}" if name in ("raw", "comment") else ""
            new = tag(name, rest, sources)
        if new is None:
            message = f"not converted: {' '.join(match[0].split())[:50]}"
            notes.append((line, message, "write what it showed"))
            new = match[0]
        pieces.append(new + "\n" * (match[0].count("\n") - new.count("\n")))
    return "".join([*pieces, body[at:]])


def variable(text: str, sources: Sources) -> str | None:
    """Return the value of `{{ … }}`; None: it is not known."""
    name, *filters = (part.strip() for part in text.split("|"))
    if not all(ADDRESS_FILTERS.fullmatch(each) for each in filters):
        return None
    if name[:1] in "\"'":
        return name[1:-1]
    if name in ("site.url", "site.baseurl"):
        return ""
    value: Any = sources.variables
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else None


def tag(name: str, rest: str, sources: Sources) -> str | None:
    """Return what takes the place of a tag or shortcode; None: it has no counterpart."""
    named, given = arguments(rest)
    if name in ("raw", "endraw", "comment", "endcomment"):
        return ""
    if name in ("highlight", "endhighlight", "/highlight"):
        return f"```{given[0] if name == 'highlight' and given else ''}"
    if name in ("link", "post_url", "ref", "relref"):
        return sources.text_link(named.get("path", given[0] if given else "")) or None
    if name == "param" and given:
        return variable(f"page.{given[0]}", sources)
    if name == "include" and given:
        name, given = given[0].rpartition("/")[2].partition(".")[0], given[1:]
    return embed(name, named, given)


def arguments(text: str) -> tuple[dict[str, str], list[str]]:
    """Return the named arguments of a tag, and the others."""
    named: dict[str, str] = {}
    given: list[str] = []
    for match in ARGUMENT.finditer(text):
        value = next((part for part in match.groups()[1:] if part is not None), "")
        if match[1]:
            named[match[1].lower()] = value
        else:
            given.append(value)
    return named, given


def embed(name: str, named: Mapping[str, str], given: Sequence[str]) -> str | None:
    """Return an image or a link card for a tag that shows one."""
    kind = re.sub("[_-]?(?:player|embed|lite|simple)$", "", name.lower())
    if kind in CARDS:
        try:
            id = named.get("id") or named.get("video_id") or (given[0] if given else "")
            values = [id, *given[1:]] if id else given
            url = CARDS[kind].format(*values, **{"user": "i", **named})
        except (IndexError, KeyError):
            return None
        return f"[{named.get('title') or f'Shown by {kind}'}]({url}){{: .card }}"
    source = next(
        (named[k] for k in ("src", "url", "image_path", "file", "image") if k in named), ""
    )
    if kind in ("image", "img") and not source and given:
        source, named = given[0], {"alt": (given[1:] or [""])[0], **named}
    if not source or "." not in source or not re.search("image|img|figure|picture|photo", kind):
        return None
    caption = " ".join((named.get("caption") or named.get("title") or "").split())
    alt = named.get("alt") or caption
    title = ' "{}"'.format(caption.replace('"', "”")) if caption else ""
    return f"![{alt}]({source}{title})"


# --- Markdown


class Blocks:
    """The conversion of a text's lines.

    `stack` are the columns at which the words of the open list items begin, `quote` the lines of
    the blockquote that is open, `before` the line before. With a top-level heading in the text, all
    headings go down by one.
    """

    def __init__(self, lines: Sequence[str], sources: Sources) -> None:
        fences, self.code = find_code("\n".join(lines))
        self.fences = {fence.line: fence for fence in fences}
        self.lines, self.sources = lines, sources
        numbered = enumerate(lines, 1)
        self.top = any(n not in self.code and re.match(" {0,3}# ", line) for n, line in numbered)
        self.stack: list[int] = []
        self.quote: list[tuple[int, str]] = []
        self.before = ""

    def convert(self) -> Iterator[tuple[int, str]]:
        """Yield the new lines, each with the number of the old line."""
        opened: Fence | None = None
        for number, line in enumerate([*self.lines, ""], 1):
            text, is_code = line.lstrip(" "), number in self.code
            lazy = self.quote and text and not ITEM.match(line) and text[0] != "#"
            if opened:
                if number == opened.end:
                    new, opened = "" if self.stack else opened.fence, None
                else:
                    indent = " " * (4 * len(self.stack) + 4) if self.stack else ""
                    new = indent + line[min(len(line) - len(text), opened.indent) :]
                yield number, new.rstrip() if self.stack else new
            elif not is_code and not self.stack and (lazy or text[:1] == ">"):
                line = self.words(text, number)
                self.quote.append((number, line if text[0] == ">" else f"> {line}"))
            else:
                yield from self.end_quote()
                if number in self.fences and text.startswith(("```", "~~~")):
                    opened = self.fences[number]
                    self.stack = [n for n in self.stack if n <= opened.indent]
                    if not self.stack:
                        yield number, fence_line(opened)
                    elif self.before.strip():  # it becomes an indented block
                        yield number, ""
                else:
                    yield from self.line(number, line, is_code)
            self.before = line

    def line(self, number: int, line: str, is_code: bool) -> Iterator[tuple[int, str]]:
        """Yield a line that is in no quote and no fence; open and close list items."""
        line = line if is_code else line.replace("\t", "    ")
        text = line.lstrip(" ")
        indent = len(line) - len(text)
        item = None if is_code or RULE.fullmatch(line) else ITEM.fullmatch(line)
        while text and self.stack and indent < self.stack[-1] and (item or not self.before.strip()):
            self.stack.pop()
        new = " " * (4 * len(self.stack))
        if not text or (is_code and not self.stack):
            yield number, line if text else ""
        elif item:
            begins = self.before.strip() and not self.stack and not ITEM.match(self.before)
            if begins and self.sources.kind != JEKYLL and self.before[0] != "#":
                yield number, ""
            width = len(item[3]) if 0 < len(item[3]) < 5 else 1
            self.stack.append(indent + len(item[2]) + width)
            words = f"{item[2].replace(')', '.')} {item[4]}"
            yield number, f"{new}{self.words(words, number)}".rstrip()
        else:
            deeper = max(indent - (self.stack[-1] if self.stack else 0), 0)
            is_code = is_code or (bool(self.stack) and deeper >= 4)
            yield number, f"{new}{' ' * deeper}{text if is_code else self.words(text, number)}"

    def end_quote(self) -> Iterator[tuple[int, str]]:
        """Yield a blockquote; one without an attribution says so on its last line."""
        for number, line in self.quote:
            if callout := re.match(r">\s*\[!(\w+)\][+-]?\s*(.*)", line):
                yield number, f"> **{callout[2] or callout[1].capitalize()}**"
                yield number, ">"
            else:
                yield number, line
        if self.quote and not self.quote[-1][1].lstrip("> ").startswith(("— ", "{:")):
            yield self.quote[-1][0], "> {: .plain }"
        self.quote = []

    def words(self, line: str, number: int) -> str:
        """Return a line of Markdown outside of code blocks; code spans stay as they are."""
        text = outside_code(line, lambda part: convert_inline(part, number, self.sources))
        text = f"{text[:-1]}  " if re.search(r"(?<!\\)\\$", text) else text
        return f"#{text}" if self.top and re.match("#{1,5} ", text) else text


def fence_line(fence: Fence) -> str:
    """Return the first line of a fenced code block: with a language that Pygments has, or text."""
    language = fence.language.lower()
    name = language if language in languages() else "text"
    marks = re.search(r"hl_lines=[\[\"']*([\d ,]+)[\]\"']", fence.info)
    options = [f'hl_lines="{" ".join(re.findall(r"[0-9]+", marks[1]))}"'] if marks else []
    options += ['linenums="1"'] if re.search(r"linen(os|ums)=\W*[ti1]", fence.info) else []
    info = f" {{.{' '.join([name, *options])}}}" if options else name
    return f"{fence.fence}{info}"


def convert_inline(text: str, number: int, sources: Sources) -> str:
    """Return a part of a line that has no code."""
    text = NO_TOC.sub("", text)
    if sources.dollars:
        text = DOLLARS.sub(r"\\(\1\\)", text)
    if sources.kind == JEKYLL and not re.fullmatch(r"\s*\$\$.*\$\$\s*", text):
        text = re.sub(r"\$\$(\S(?:[^$]*\S)?)\$\$", r"\\(\1\\)", text)
    for pattern, new in INLINE:
        text = pattern.sub(new, text)
    if sources.kind == HUGO:
        text = BARE_URL.sub(r"<\g<0>>", text) if "](" not in text else text
    return ADDRESS.sub(lambda m: f"{m['before']}{sources.link(m['url'], number)}", text)
