"""Spelling of English, with the dictionary of Hunspell.

Capitalized words are names, and `names.toml` has the spelling of those. The check does not read the
author's list of words, so that its results are kept when a word is added to it.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.check.checked_site import CheckedSite, FileCheck, found, place_in
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
        (r"grey", "gray"), (r"plough", "plow"), (r"dgement", "dgment"), (r"(?<=li)cence", "cense"),
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
    "accessor admin admins ageing aluminium anime app apps args artefact artefacts asm async "
    "await backend backport backported blog blogger blogging blogs bool boolean bools bot bots "
    "broadband brushless bundlers cafe calloc captcha ceteris changelog chatbot cliche cobot "
    "cobots codebase codegen composable config configs const convnet convnets cosy coulda "
    "counsellor cron crypto dataset datasets deserialize desktop destructors diffed diffing diffs "
    "draughts dreamt dunder ebook email emails emoji emojis enquiries enquiry enrol enrols enum "
    "enums etc falsy freemium frontend fulfil fulfils gimbal goroutine goroutines gzipped hafta "
    "hashtag homepage inbox incognita indices influencer init inode inodes internet ints ipsum "
    "iterator jewellery kerbs laptop leant leapt learnt lexer lexers lidar lint linted linter "
    "linters linting login logit logits lorem malloc malware meme memes memoization memoize "
    "memoized metadata middleware mindset minifier minima mixin mixins mockup mockups modals "
    "mould moulded moulds moustache mutex naive namespace offline okay omelette online oughta "
    "outlier outliers param params parser parsers perf plugin plugins podcast podcasts popup "
    "practise practised practising prepend prepended preseed pyjamas qubit qubits rebase refactor "
    "refactored refactoring regex regularizer regularizers repls repos runtime sanitization "
    "sceptical scepticism schemas sdist sdists selfie semver serializer sharded sharding shoulda "
    "sigmoids silico smartphone snuck spelt spreadsheet startup startups stdin stdlib stdout "
    "storey storeys struct structs subcommand subreddit systemd tarballs templating themself "
    "timestamp timestamps todo tokenize tokenizer toolchain toolchains truthy tuple tuples tweet "
    "tweets tyres unsound unstable upsert upserts username vendored vendoring venvs viral vlog "
    "vlogger vloggers vs webfont webpage whisky whiteboard wifi wiki wikis workflow workflows "
    "woulda".split()
)
NAMES = 0.25  # the share of unknown words from which on a passage is not read
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
# Letters of a word from which on two slips are looked for, and up to which hardly any
LONG, SHORT = 8, 4


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


@cache
def near(word: str) -> tuple[str, ...]:
    """Return up to three words that one slip makes of an unknown one.

    In a long one a letter may be doubled as well. What is like no word is a name or jargon. (What
    Hunspell suggests takes a quarter of a second for each word.)
    """
    doubled = re.finditer(r"(.)\1", word) if len(word) >= LONG else ()
    bases = [word, *(word[: m.start()] + word[m.start() + 1 :] for m in doubled)]
    found = (w for base in bases for w in _edits(base) if _dictionary().spell(w))
    return tuple(islice(dict.fromkeys(found), 3))


def _edits(word: str) -> Iterator[str]:
    """Yield a word with two letters swapped, one doubled, and if it is not short, changed ones."""
    parts = [(word[:n], word[n:]) for n in range(len(word) + 1)]
    yield from (a + b[1] + b[0] + b[2:] for a, b in parts if len(b) > 1)
    yield from (a + b[0] + b for a, b in parts if b)
    if len(word) > SHORT:
        yield from (a + b[1:] for a, b in parts if b)
        yield from (a + c + b for a, b in parts for c in ALPHABET)
        yield from (a + c + b[1:] for a, b in parts if b for c in ALPHABET)


def unknown_words(passages: Iterable[Passage], code: str = "") -> Iterator[Passage]:
    """Yield each word of English passages that is in no dictionary and like one, at its line.

    What the `code` of a page has is a name.
    """
    names = set(re.findall(r"[a-z]+", code))
    for passage in passages:
        if not passage.lang.lower().startswith("en"):
            continue
        text = NO_WORDS.sub(lambda match: " " * len(match[0]), passage.text)
        words = [m for m in WORD.finditer(text) if len(m[0]) >= SHORTEST]
        unknown = [(m, word) for m in words if not is_word(word := _plain(m[0]))]
        if len(unknown) > max(NAMES * len(words), 2):
            continue  # a list of names, or another language
        for match, word in unknown:
            if word not in names and near(word):
                yield Passage(match[0], *place_in(passage, match.start()), passage.kind)


def _plain(word: str) -> str:
    """Return a word in lower case, without a possessive, as the dictionary has it."""
    return word.replace("’", "'").casefold().removesuffix("'s")


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
    known = {name.casefold() for name in site.names}
    own = (passage for passage in site.authored if passage.line)
    every = (passage for facts in site.facts.values() for passage in facts.code)
    # A script has the title and the summary for search engines.
    code = " ".join(passage.text for passage in every if passage.kind != "script")
    for passage in unknown_words(own, code):
        word = _plain(passage.text)
        if word not in known:
            known.add(word)  # once in a text
            meant = ", ".join(near(word))
            hint = f"did you mean {meant}? else {site.settings.words_file}, by check --fix"
            yield found((passage.path, passage.line), f"unknown word: {passage.text}", hint)


def without_known(problems: Iterable[Problem], settings: Settings) -> list[Problem]:
    """Return the problems without those of words in the author's list."""
    words = read_words(settings)
    known = words.right | words.unanswered.keys()
    return [p for p in problems if p.code != "spelling" or asked(p) not in known]


def asked(problem: Problem) -> str:
    """Return the word that a problem of `spelling` is about."""
    return _plain(problem.message.rpartition(" ")[2])


def learn(settings: Settings, words: Iterable[str]) -> None:
    """Add words to the author's list, sorted, with its comments and open questions first."""
    path = Path(settings.path, settings.words_file)
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    head = [line for line in lines if not line.strip() or line.startswith(("#", UNANSWERED))]
    own = {line for line in lines if line not in head} | {word.casefold() for word in words}
    path.write_text("\n".join([*head, *sorted(own)]) + "\n", "utf-8")


FILE_CHECKS: tuple[FileCheck, ...] = (spelling,)
