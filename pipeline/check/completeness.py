"""Whether all that is meant to be public is, and nothing else."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

from justhtml import JustHTML

from pipeline.check.links import unpublished
from pipeline.check.prose import Passage, passages, place_in, prose, text_files
from pipeline.check.site import PLAIN, Site, Source
from pipeline.check.sources import BUILT_IN
from pipeline.problems import Problem, relative
from pipeline.read.dialect import convert
from pipeline.read.front_matter import KEY, split

# What broken-links sees, in HTML, in a feed, in JSON
LINK = re.compile(r"""(?:href|src)=(?:\\?"[^"]*"|&quot;.*?&quot;)""")
# A sentence and a title that stand for themselves: as many words, that long
SENTENCE = (6, 40)
TITLE = (2, 10)
NAME = 6  # characters of a file's name that can only be this one


def outputs(site: Site) -> Iterator[Problem]:
    """Every source has become a file of the site, and every file of the site has its source.

    What is written and not on the site is missed by nobody until a reader asks for it; what is on
    the site and was not asked for is what should not be public. Mend the stage or the template that
    has lost or made the file. There is nothing to excuse.
    """
    for source, path in site.outputs:
        if path and source != BUILT_IN and path not in site.files:
            yield Problem(source, 0, "must be on the site", f"no file /{path}", "build it anew")
    known = {path for _, path in site.outputs}
    for name in sorted(site.files - known):
        must, fix = "must be made of a source or by a stage", "remove what makes it"
        yield Problem(f"/{name}", 0, must, "a file that nobody asked for", fix)


def drafts(site: Site) -> Iterator[Problem]:
    """Nothing of a draft, or of a post whose day has not come, is anywhere on the site.

    Neither its address nor its title, a sentence, or the name or bytes of a picture or data file
    that lies with it: whoever reads feeds and lists by a program sees them all. Where a stage or
    template has let it through, mend that; where a published text names it, name it differently, or
    publish both. Excuse it in the published text that means to announce what is coming.
    """
    sources = {source.path: source for source in site.sources}
    for path, file in site.outputs:
        if file.endswith(".html") and path in sources and is_held_back(sources[path], site):
            must = "a draft, and a post whose day has not come, must be nowhere on the site"
            fix = 'publishconf.py: DRAFT_SAVE_AS = "", pelicanconf.py: WITH_FUTURE_DATES = False'
            yield Problem(path, 1, must, f"its page is /{file}", fix)
    hidden = [(address, sources[path]) for address, path in unpublished(site)]
    if not hidden:
        return
    said = [(passage, plain(passage.text)) for passage in passages(site)]
    sentences = {s: passage for passage, _ in said for s in sentences_of(passage.text)}
    out = {source for _, source in hidden}
    published = [f" {plain(source.text)} " for source in site.sources if source not in out]
    for address, source in hidden:
        yield from found_addresses(site, address, source)
        yield from found_titles(site, source, said, published)
        for sentence in sorted(set(sentences_in(site, source)) & set(sentences)):
            if not any(f" {sentence} " in text for text in published):
                yield leak(site, source, sentences[sentence].file, f"the words “{sentence}”")
                break
        yield from found_files(site, source)


def is_held_back(source: Source, site: Site) -> bool:
    """Return whether a text is a draft, or a post whose day has not come, by its own word.

    Asked of the text, as the settings decide what becomes of it.
    """
    if value_of(source, "status").casefold() == "draft":
        return True
    folders = [Path(site.settings["PATH"], name) for name in site.settings["ARTICLE_PATHS"]]
    if not any(Path(source.path).is_relative_to(folder) for folder in folders):
        return False
    now = datetime.now(ZoneInfo(site.settings["TIMEZONE"])).replace(tzinfo=None)
    return datetime.fromisoformat(value_of(source, "date")) > now


def found_addresses(site: Site, address: str, source: Source) -> Iterator[Problem]:
    """Yield a problem where the site names an unpublished text's address, or has a file there."""
    below = [name for name in sorted(site.files) if name.startswith(f"{address}/")]
    if below:
        yield leak(site, source, below[0], "its address")
        return
    last = address.rpartition("/")[2]
    words, length = TITLE
    name = last if last.count("-") >= words and len(last) >= length else address
    if not name.isalpha():
        named = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
        yield from named_in_files(site, source, named, "its address")


def found_titles(
    site: Site, source: Source, said: list[tuple[Passage, str]], published: list[str]
) -> Iterator[Problem]:
    """Yield a problem where the site has an unpublished text's title."""
    title = plain(value_of(source, "title"))
    words, length = TITLE
    others = {plain(value_of(other, "title")) for other in site.sources if other is not source}
    if len(title.split()) < words or len(title) < length or title in others:
        return
    if any(f" {title} " in text for text in published) and len(title.split()) <= words + 1:
        return  # a common turn, which a published text uses too
    for passage, text in said:
        if f" {title} " in f" {text} ":
            yield leak(site, source, passage.file, "its title", value_of(source, "title"))
            return


def found_files(site: Site, source: Source) -> Iterator[Problem]:
    """Yield a problem where the site has a file that lies with an unpublished text, or names it."""
    folder = Path(source.path).parent
    if not source.path.endswith("/index.md"):
        return
    elsewhere = {PurePosixPath(path).name for path in site.files}
    sizes = {(site.folder / name).stat().st_size: name for name in sorted(site.files)}
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".md"):
        same = sizes.get(path.stat().st_size, "")
        if same and site.read(same) == path.read_bytes() and str(path) not in dict(site.outputs):
            yield leak(site, source, same, f"its file {path.name}")
        elif len(path.name) >= NAME and path.name not in elsewhere:
            named = re.compile(rf"(?<![\w-]){re.escape(path.name)}(?![\w-])")
            yield from named_in_files(site, source, named, f"its file {path.name}")


def named_in_files(
    site: Site, source: Source, name: re.Pattern[str], what: str
) -> Iterator[Problem]:
    """Yield a problem for the first file of the site whose text has a name."""
    for file, text in text_files(site):
        if hit := name.search(LINK.sub("", text)):
            yield leak(site, source, file, what, hit[0])
            return


def leak(site: Site, source: Source, file: str, what: str, words: str = "") -> Problem:
    """Return the problem of an unpublished text of which something is public in a file.

    It is in the published source that has the words; otherwise nobody meant it.
    """
    path, line = place_in(site, file, words) if words else ("", 0)
    if line:
        must = "must say nothing of what is not published"
        return Problem(path, line, must, f"of {relative(source.path)}: {what}")
    must, fix = "must be nowhere on the site, as it is not published", "mend what lets it through"
    return Problem(source.path, 1, must, f"{what}, in /{file}", fix)


def sentences_in(site: Site, source: Source) -> Iterator[str]:
    """Yield the sentences of a source that stand for themselves, as plain words."""
    html = convert(split(source.text)[1], site.settings["MARKDOWN"]).html
    texts = [
        *prose(JustHTML(html, sanitize=False, fragment=True).root),
        value_of(source, "summary"),
    ]
    for text in texts:
        yield from sentences_of(text)


def sentences_of(text: str) -> Iterator[str]:
    """Yield the sentences of a text that stand for themselves, as plain words."""
    words, length = SENTENCE
    for sentence in re.split(r"[.!?…]+[\s\"'”’)]+|\n", text):
        simple = plain(sentence)
        if len(simple) >= length and simple.count(" ") >= words - 1:
            yield simple


def plain(text: str) -> str:
    """Return the words of a text in small letters, with single spaces."""
    return " ".join(re.findall(r"\w+", text.translate(PLAIN).casefold()))


def value_of(source: Source, key: str) -> str:
    """Return the first line of a value of the front matter, or an empty text."""
    lines = (KEY.match(line) for line in split(source.text)[0])
    return next((found[2].strip() for found in lines if found and found[1].lower() == key), "")


CHECKS = (outputs, drafts)
