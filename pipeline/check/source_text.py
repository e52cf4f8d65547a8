"""The sources as they are typed: their characters, and what Markdown reads otherwise than meant.

Unicode: UTS 39 (confusable and invisible characters), UAX 9 (directions), UAX 15 (NFC).
"""

import re
from collections.abc import Iterable, Iterator
from html import unescape
from unicodedata import normalize

from pipeline.check.checked_site import CheckedSite, FileCheck, found
from pipeline.content.code_blocks import code_lines
from pipeline.problems import Problem, shorten

RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
# Letters that look like Latin ones: Cyrillic, and Greek ones that no formula has
ALIKE = "аеорсухіјѕһԁԛԝАВЕКМНОРСТУХІЈЅο"
UNICODE = tuple(
    (re.compile(pattern), message, hint)
    for pattern, message, hint in (
        ("[\u202d\u202e]", "direction override", "remove it"),
        ("[\u200e\u200f\u061c\u202a-\u202c\u2066-\u2069]", "direction mark", "remove it"),
        # Scripts without spaces may break there
        ("(?<![\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u9fff])\u200b"
         "|[\u180e\u2060-\u2064\ufeff\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800]",
         "invisible character", "remove it"),
        ("(?:^|(?<=[\\s\x21-\u02ff]))[\u200c\u200d]|[\u200c\u200d](?=[\\s\x21-\u02ff]|$)",
         "invisible joiner", "remove it"),
        ("(?<![\U0001f3f4\U000e0020-\U000e007e])[\U000e0000-\U000e007f]",
         "invisible tag character", "remove it"),
        ("(?<=[A-Za-z\\s])[\ufe00-\ufe0f]", "variation selector without a symbol", "remove it"),
        ("[\x80-\x9f]", "control character", "remove it"),
        ("[\u2028\u2029]", "line or paragraph separator", "begin a line"),
        ("[\ufff9-\ufffb\ufdd0-\ufdef]", "character that no text has", "remove it"),
        ("[\ue000-\uf8ff\U000f0000-\U0010fffd]", "private-use character", "only one font shows it"),
        ("\ufffd", "replacement character", "a character was lost: type it again"),
        ("Ã[\u0080-\u00bf\u0192\u0153\u017e\u0178\u2013-\u203a]|Â[\u00a0-\u00bf]|â€.|â‚¬|ï»¿|ðŸ",
         "text decoded twice", "save the original as UTF-8"),
        ("[\ufb00-\ufb06]", "ligature character", "type the letters"),
        ("[\U0001d400-\U0001d7ff]{2,}", "styled letters", "type letters, and style them"),
        ("[\u0300-\u036f]{3,}", "stacked combining characters", "remove them"),
        (rf"(?<![^\W\d_])(?=[A-Za-z]*[{ALIKE}])(?=[{ALIKE}]*[A-Za-z])[A-Za-z{ALIKE}]{{2,}}(?!\w)",
         "letters of two alphabets that look alike in one word", "type it again"),
    )
)  # fmt: skip
DECOMPOSED = re.compile("[A-Za-z][\u0300-\u036f]")
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")
KEYS = r"(?:Title|Date|Modified|Tags|Summary|Slug|Status|Author|Category|Id|Lang|Aliases)"
HEADING_RULE = re.compile(r" {0,3}(?:={2,}|-{2,}) *")
# A line, and what Markdown makes of it that was hardly meant
LINES = tuple(
    (re.compile(pattern), message, hint)
    for pattern, message, hint in (
        (r" {0,3}\d{3,}[.)] +\S.*", "a number that begins a list", r"escape it: 1986\."),
        (r" {0,3}#{1,6}\d.*", "a number that becomes a heading", r"escape it: \#1"),
        (r" {0,3}\+ ?\d.*", "a sum that begins a list", r"escape it: \+"),
        (r" {0,3}``(?:\w+)? *", "a fence of two backticks", "write three"),
    )
)
SENTENCE = r"(?: {4}|\t)[A-Z][a-z’']*,?(?: [A-Za-z’'-]+[,;:]?){4,}[.!?]"
CODE_LINES = ((re.compile(SENTENCE), "a sentence in a code block", "begin it at the left edge"),)
# In any line
PARTS = tuple(
    (re.compile(pattern), message, hint)
    for pattern, message, hint in (
        (r"\{:[^}]*#[\w-]+ [^}]*#[\w-]+[^}]*\}", "two ids in one attribute list",
         'write <span id="…"></span> for the other'),
        (r"(?<![\w<(\[\"'=/>])https?://[^\s<>]+", "an address that is no link", "write <https://…>"),
    )
)  # fmt: skip
GLUED = re.compile(r" {0,3}\*\w[^*]*")
DEFINITION = re.compile(r" {0,3}\[(?!\^)([^\[\]]+)\]:\s*\S")
UNREAD = re.compile(rf"{DEFINITION.pattern}|\s*<!--")  # lines with addresses that are no words
TABLE_RULE = re.compile(r"(?=.*-)[\s|:-]+")
ROW = re.compile(r" {0,3}\|.*\| *")


def unicode_problems(path: str, text: str) -> Iterator[Problem]:
    """Yield characters that nobody sees, that look like others, or that were decoded wrongly."""
    if text.isascii() and "&" not in text:
        return
    code: frozenset[int] | None = None
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if line.isascii() and "&" not in line:
            continue
        shown = unescape(CODE_SPAN.sub("", line)) if "&" in line else line
        for pattern, message, hint in UNICODE:
            match = pattern.search(shown) or (shown != line and pattern.search(line)) or None
            if match and not (message == "direction mark" and RIGHT_TO_LEFT.search(line)):
                points = " ".join(f"U+{ord(c):04X}" for c in match[0][:2])
                words = shorten(match.string[max(match.start() - 12, 0) : match.end() + 12])
                message = f"{message}: {points} in {words!r}"
                yield found((path, number), message, hint)
        if (match := DECOMPOSED.search(line)) and normalize("NFC", match[0]) != match[0]:
            code = code_lines(text) if code is None else code
            if number not in code:
                message = f"letter and accent as two characters: {match[0]}"
                yield found((path, number), message, "type it as one (NFC)")


def characters(site: CheckedSite) -> Iterator[Problem]:
    """No text has characters that are invisible, lost, confusable or decoded wrongly."""
    for path, text in site.sources.items():
        yield from unicode_problems(path, text)


def markdown_slips(site: CheckedSite) -> Iterator[Problem]:
    """Markdown makes of each line what was meant: no sentence becomes a list, code or a heading."""
    for document in {c.document.path: c.document for c in site.contents.values()}.values():
        for line, message, hint in slips(document.text):
            yield found((document.path, line), message, hint)


def slips(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the line, what is wrong and the hint of each slip in a source."""
    lines, code = re.split("\r\n|\r|\n", text), code_lines(text)
    head = next((n for n, line in enumerate(lines) if not line.strip()), len(lines))
    numbered = list(enumerate(lines[head:], head + 1))
    fenced = {n for n in code if not lines[n - 1].startswith(("    ", "\t"))}
    # Each line that is no code with those around it
    texts = [(n, line, lines[n - 2], [*lines, ""][n]) for n, line in numbered if n not in code]
    for number, line in numbered:
        if number not in fenced:
            yield from _line_slips(number, line, lines[number - 2], number in code)
    yield from _table_slips(texts)
    yield from _open_comments((n, line) for n, line, _, _ in texts)
    first = next((text for text in texts if text[1].strip()), None)
    yaml = first and first[1].rstrip() == "---" and re.match(r"[\w-]+:(?: |$)", first[3])
    twice = first and re.match(rf"{KEYS}: ?\S", first[1]) and re.match(rf"{KEYS}:", first[3])
    if first and (yaml or twice):
        yield first[0], f"front matter twice: {shorten(first[1], 40)!r}", "remove one"
    defined: dict[str, tuple[int, str]] = {}
    for number, line, _, _ in texts:
        if match := DEFINITION.match(line):
            label, address = " ".join(match[1].casefold().split()), line[match.end() - 1 :].strip()
            first_line, known = defined.setdefault(label, (number, address))
            if known != address:
                message = f"[{match[1]}] is defined twice, first on line {first_line}"
                yield number, message, "remove one"
    shown = " ".join(line for _, line, _, _ in texts if not DEFINITION.match(line)).casefold()
    for label, (number, _) in defined.items():
        if f"[{label}]" not in " ".join(shown.split()):
            yield (
                number,
                f"[{label}] is defined and not used",
                f"write [words][{label}], or remove it",
            )


def _line_slips(number: int, line: str, above: str, code: bool) -> Iterator[tuple[int, str, str]]:
    likely = line.lstrip()[:1] in tuple("<>|=`#+0123456789")  # most lines are none of them
    for pattern, message, hint in CODE_LINES if code else LINES if likely else ():
        begins = message.startswith(("a number that begins", "a sum"))
        if pattern.fullmatch(line) and not (begins and above.strip()):
            yield number, f"{message}: {shorten(line, 40)!r}", hint
    if not code and line.startswith("2) ") and above.startswith("1) "):
        yield number - 1, f"numbers that begin no list: {shorten(above, 40)!r}", "write 1. and 2."
    if not code and ("{:" in line or "http" in line) and not UNREAD.match(line):
        for pattern, message, hint in PARTS:
            if match := pattern.search(CODE_SPAN.sub("", line)):
                yield number, f"{message}: {shorten(match[0], 40)}", hint
    if GLUED.fullmatch(line) and GLUED.fullmatch(above) and not code:
        yield number - 1, f"a list without spaces: {shorten(above, 40)!r}", "put one after each *"
    sentence = re.search(r"[a-z)”\"][.,;!?…]$", above.rstrip())
    if sentence and not code and HEADING_RULE.fullmatch(line):
        message = f"a sentence becomes a heading: {shorten(above, 40)!r}"
        yield number - 1, message, "put an empty line before the rule"


def _table_slips(texts: Iterable[tuple[int, str, str, str]]) -> Iterator[tuple[int, str, str]]:
    columns = 0
    for number, line, above, below in texts:
        if not ROW.fullmatch(line):
            columns = 0
            continue
        cells = len(re.findall(r"(?<!\\)\|", CODE_SPAN.sub("", line))) - 1
        if TABLE_RULE.fullmatch(line):
            columns = cells
        elif columns and cells < columns:
            yield number, f"table row of {cells} cells, the table has {columns}", "add |"
        elif (
            not columns and cells > 1 and not (TABLE_RULE.fullmatch(below) or ROW.fullmatch(above))
        ):
            yield number, "table without a rule below its first row", "add |---|---|"


def _open_comments(texts: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str, str]]:
    opened = 0
    for number, line in texts:
        for match in re.finditer("<!--|-->", CODE_SPAN.sub("", line)):
            opened = number if match[0] == "<!--" else 0
    if opened:
        yield opened, "comment that is not closed", "close it with -->"


FILE_CHECKS: tuple[FileCheck, ...] = (characters, markdown_slips)
