"""Spelling of English, with the dictionary of Hunspell.

Words are read while a page is inspected, so that its result is kept with the page. Capitalized
words are names, and `names.toml` has the spelling of those.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.check.checked_site import CheckedSite, SiteCheck, found, place_in
from pipeline.model import Passage
from pipeline.problems import Problem
from pipeline.settings import Settings

UNANSWERED = "?"  # before a word of the list that the author has not decided on
# Not a part of a URL, path, handle, tag or name of a file
WORD = re.compile(r"(?<![\w/@.#&’'\\^])[a-z]+(?:[’'][a-z]+)*(?![\w@/\\^]|[.:_=][\w/]|’\w|'\w)")
NO_WORDS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+|\S*[/\\_=<>{}#]\S*")
SHORTEST = 3  # letters; abbreviations and variables are shorter
# British forms, which the dictionary has as American ones
BRITISH = tuple(
    (re.compile(pattern), american)
    for pattern, american in (
        (r"our(?=$|s$|ed$|ing$|ful|able|ite|ist|less|hood)", "or"), (r"(?<=e)fence", "fense"),
        (r"is(?=e$|ed$|es$|er$|ers$|ing$|ation|able)", "iz"), (r"ys(?=e$|ed$|es$|er$|ing$)", "yz"),
        (r"re(?=s?$)", "er"), (r"ll(?=ed$|ing$|er$|ers$|ous$)", "l"), (r"l(?=ment|ful)", "ll"),
        (r"ogue(?=s?$)", "og"), (r"mme(?=s?$)", "m"), (r"ae", "e"), (r"oe", "e"),
        (r"grey", "gray"), (r"plough", "plow"), (r"(?<=li)cence|(?<=ten)ce", "cense"),
    )
)  # fmt: skip
PREFIXES = re.compile(
    "(?:anti|auto|bi|bio|co|counter|cyber|de|dis|eco|electro|geo|hyper|infra|inter|macro|mega|meta|"
    "micro|mid|mini|mis|mono|multi|nano|neuro|non|out|over|para|photo|poly|post|pre|pro|proto|"
    "pseudo|psycho|re|semi|sub|super|tele|thermo|trans|tri|ultra|un|under|up)(?=[a-z]{5})"
)
SUFFIXES = re.compile("(?:s|es|ed|ing|er|ers|less|like|ness|wise|ization)$")
WHOLE = ("less", "like", "ness", "wise")  # a word is whole before these
PART = 4  # letters of a part of a compound, as in "waypoint"
# What the dictionary lacks
MODERN = frozenset(
    "ai anime app apps backend backends blog blogs blogger blogging boolean bot bots broadband "
    "brushless captcha chatbot chatbots codebase cryptocurrency dataset datasets deepfake deploy "
    "desktop dev devs ebook ebooks email emails emoji emojis fintech firmware frontend gif "
    "hackathon hashtag homepage iframe inbox influencer internet json laptop linter login "
    "malware meme memes metadata middleware mindset minimalist moonshot namespace offline "
    "online outlier outliers podcast podcasts popup preprint pretrained regex repo repos rollout "
    "runtime scalable selfie signup smartphone spreadsheet startup startups subreddit sudo "
    "lorem ipsum "
    "themself timestamp timestamps todo tweet tweets upvote usability username viral vlog vs "
    "webpage whiteboard wifi wiki wikis workflow workflows xenon etc okay cafe naive".split()
)


class Words(NamedTuple):
    """The author's list: words that are right, and those without an answer, with their lines."""

    right: frozenset[str]
    unanswered: dict[str, int]


@cache
def _dictionary() -> Any:
    from hunspell import Hunspell

    return Hunspell("en_US")


@cache
def is_word(word: str) -> bool:
    """Return whether a lower-case word is English: British forms and compounds too."""
    spell = _dictionary().spell
    if word in MODERN or spell(word) or spell(word.capitalize()):
        return True
    if any(spell(pattern.sub(american, word, count=1)) for pattern, american in BRITISH):
        return True
    rest = PREFIXES.sub("", word, count=1)
    if rest != word and spell(rest):
        return True
    stem = SUFFIXES.sub("", word)
    if stem in MODERN or (word.endswith(WHOLE) and spell(stem)):
        return True
    parts = ((word[:n], word[n:]) for n in range(PART, len(word) - PART + 1))
    return any(spell(first) and spell(last) for first, last in parts)


def unknown_words(passages: Iterable[Passage]) -> Iterator[Passage]:
    """Yield each word of English passages that is in no dictionary, at its line."""
    for passage in passages:
        if not passage.lang.lower().startswith("en"):
            continue
        text = NO_WORDS.sub(lambda match: " " * len(match[0]), passage.text)
        for match in WORD.finditer(text):
            word = match[0].replace("’", "'")
            if len(word) >= SHORTEST and not is_word(word.removesuffix("'s")):
                yield Passage(match[0], *place_in(passage, match.start()), passage.kind)


def read_words(settings: Settings) -> Words:
    """Return the author's list of words; a missing file is an empty one."""
    path = Path(settings.path, settings.words_file)
    lines = path.read_text("utf-8").splitlines() if settings.words_file and path.is_file() else []
    entries = [(n, line.partition("#")[0].strip()) for n, line in enumerate(lines, 1)]
    right = {word.casefold() for _, word in entries if word and not word.startswith(UNANSWERED)}
    open_ = {w[1:].strip().casefold(): n for n, w in entries if w.startswith(UNANSWERED)}
    return Words(frozenset(right), open_)


def spelling(site: CheckedSite) -> Iterator[Problem]:
    """Every word is in the dictionary, in `names.toml` or in `words.txt`."""
    words = read_words(site.settings)
    known = words.right | words.unanswered.keys() | {name.casefold() for name in site.names}
    reported = set[tuple[str, str]]()
    for facts in site.facts.values():
        for passage in facts.unknown_words:
            word = passage.text.replace("’", "'").casefold()
            key = (passage.path, word)  # once in a text
            answered = word in known or word.removesuffix("'s") in known
            if not answered and key not in reported:
                reported.add(key)
                yield found(
                    (passage.path, passage.line),
                    f"unknown word: {passage.text}",
                    _hint(word, site.settings),
                )


def _hint(word: str, settings: Settings) -> str:
    close = ", ".join(_dictionary().suggest(word)[:3])
    return f"{close and f'did you mean {close}? '}else add it to {settings.words_file}"


def asked(problem: Problem) -> str:
    """Return the word that a problem of `spelling` is about."""
    return problem.message.rpartition(" ")[2].replace("’", "'").casefold()


def learn(settings: Settings, words: Iterable[str]) -> None:
    """Add words to the author's list, sorted, with its comments and open questions first."""
    path = Path(settings.path, settings.words_file)
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    head = [line for line in lines if not line.strip() or line.startswith(("#", UNANSWERED))]
    own = {line for line in lines if line not in head} | {word.casefold() for word in words}
    path.write_text("\n".join([*head, *sorted(own)]) + "\n", "utf-8")


SITE_CHECKS: tuple[SiteCheck, ...] = (spelling,)
