"""The texts of Jekyll, Hugo and Eleventy as texts of this dialect.

First their templates' tags (Liquid, Nunjucks, Hugo's shortcodes), in which every line stays a line;
then the Markdown, line by line. What has no counterpart stays as it is and is reported.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pipeline.content.code_blocks import Fence, find_code, languages
from pipeline.desk.links import ADDRESS, outside_code
from pipeline.desk.old_sites import HUGO, JEKYLL

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
    fences, code = find_code("\n".join(lines))
    begins = {fence.line: fence for fence in fences}
    outside = [line for number, line in enumerate(lines, 1) if number not in code]
    top = any(re.match(r" {0,3}# ", line) for line in outside)
    found = list(convert_blocks(lines, begins, code, sources, top))
    while found and not found[0][1].strip():
        found.pop(0)
    return found


# --- Templates' tags


def expand(body: str, sources: Sources, notes: Notes) -> str:
    """Return a text with its tags replaced; every line keeps its number."""
    pieces, at, until = [], 0, ""
    for match in TAG.finditer(body):
        line = body.count("\n", 0, match.start()) + 1
        name, _, rest = (match["tag"] or match["call"] or "").partition(" ")
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
            message = f"no counterpart: {' '.join(match[0].split())[:50]}"
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


def convert_blocks(
    lines: Sequence[str],
    begins: Mapping[int, Fence],
    code: frozenset[int],
    sources: Sources,
    top: bool,
) -> Iterator[tuple[int, str]]:
    """Yield the lines of a text; `top`: it has top-level headings, so all go down by one."""
    stack: list[int] = []  # where the words of the list items begin that are open
    opened: Fence | None = None
    before = ""
    quote: list[tuple[int, str]] = []
    for number, line in enumerate([*lines, ""], 1):
        if opened is None and number in begins and line.lstrip(" ").startswith(("```", "~~~")):
            opened = begins[number]
            outer = [n for n in stack if n <= opened.indent]
            yield from opening(number, opened, before, 4 * len(outer) + 4 if outer else 0)
            stack = outer if opened.indent else []
        elif opened is not None:
            if number == opened.end:
                yield (number, "" if stack else opened.fence)
                opened = None
            elif stack:
                cut = len(line) - len(line.lstrip(" "))
                text = line[min(cut, opened.indent) :]
                yield number, f"{' ' * (4 * len(stack) + 4)}{text}".rstrip()
            else:
                yield number, line[min(opened.indent, len(line) - len(line.lstrip(" "))) :]
            before = line
            continue
        elif line.lstrip(" ").startswith(">") and number not in code and not stack:
            quote.append((number, convert_line(line.lstrip(" "), number, sources, top)))
            before = line
            continue
        elif quote and line.strip() and not ITEM.match(line) and not line.startswith("#"):
            quote.append((number, f"> {convert_line(line, number, sources, top)}"))  # lazy
            continue
        else:
            yield from quoted(quote)
            quote = []
            yield from block(number, line, before, stack, number in code, sources, top)
        before = line


def opening(number: int, fence: Fence, before: str, indent: int) -> Iterator[tuple[int, str]]:
    """Yield the first line of a code block; an indented one, which a list needs, has no fence."""
    if indent:
        if before.strip():
            yield number, ""
        return
    language = fence.language.lower()
    given = dict(re.findall(r"(hl_lines|linenostart)=[\[\"']*([^\]\"']+)", fence.info))
    marks = re.sub(r"[,\s]+", " ", given.get("hl_lines", ""))
    name = language if language in languages() else "text"
    numbered = re.search(r"linen(?:os|ums)=\W*(?:true|inline|table|1)", fence.info)
    options = [f'hl_lines="{marks}"'] if marks and "-" not in marks else []
    options += ['linenums="1"'] if numbered else []
    info = f" {{.{' '.join([name, *options])}}}" if options else name
    yield number, f"{fence.fence}{info}"


def block(
    number: int,
    line: str,
    before: str,
    stack: list[int],
    is_code: bool,
    sources: Sources,
    top: bool,
) -> Iterator[tuple[int, str]]:
    """Yield a line that is in no quote and no fence; changes the stack of open list items."""
    if not line.strip():
        yield number, ""
        return
    line = line.replace("\t", "    ") if not is_code else line
    indent = len(line) - len(line.lstrip(" "))
    item = None if is_code or RULE.fullmatch(line) else ITEM.fullmatch(line)
    while stack and indent < stack[-1] and (item or not before.strip()):
        stack.pop()
    if is_code and not stack:
        yield number, line
        return
    if item:
        marker = re.sub(r"\)$", ".", item[2])
        paragraph = before.strip() and not stack and not ITEM.match(before)
        if paragraph and sources.kind != JEKYLL and not before.startswith("#"):
            yield number, ""
        new = 4 * len(stack)
        width = len(item[3]) if 0 < len(item[3]) < 5 else 1
        stack.append(indent + len(item[2]) + width)
        words = convert_line(f"{marker} {item[4]}", number, sources, top)
        yield number, f"{' ' * new}{words}".rstrip()
        return
    deeper = indent - stack[-1] if stack else indent
    text = line.lstrip(" ")
    words = text if is_code or (stack and deeper >= 4) else convert_line(text, number, sources, top)
    yield number, f"{' ' * (4 * len(stack) + max(deeper, 0))}{words}".rstrip("\n")


def quoted(quote: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Yield a blockquote; one without an attribution says so on its last line."""
    for number, line in quote:
        callout = re.match(r">\s*\[!(\w+)\][+-]?\s*(.*)", line)
        if callout:
            yield number, f"> **{callout[2] or callout[1].capitalize()}**"
            yield number, ">"
        else:
            yield number, line
    if quote:
        number, last = quote[-1]
        words = last.lstrip("> ")
        if not words.startswith(("— ", "{:")):
            yield number, "> {: .plain }"


def convert_line(line: str, number: int, sources: Sources, top: bool) -> str:
    """Return a line of Markdown outside of code blocks; code spans stay as they are."""
    text = outside_code(line, lambda part: convert_inline(part, number, sources))
    text = text[:-1] + "  " if text.endswith("\\") and not text.endswith("\\\\") else text
    return f"#{text}" if top and re.match("#{1,5} ", text) else text


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
