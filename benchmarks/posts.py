"""Posts without meaning, the same for every program, and the settings of the two Pelican sites."""

import random
import shutil
from datetime import date, timedelta
from pathlib import Path

SITE = Path(__file__).resolve().parent.parent / "tests/site"
WORDS = (
    "motor torque robot actuator price market factory arm sensor model policy training data "
    "control loop gear battery weight cost supply chain hand leg walk grasp learn build ship"
).split()
TAGS = [f"tag-{number}" for number in range(40)]
FIRST_DAY = date(2000, 1, 1)
OURS = """\
from runpy import run_path
globals().update({{k: v for k, v in run_path({site!r}).items() if k.isupper()}})
PATH, OUTPUT_PATH = {folder!r} + "/content", {folder!r} + "/ours"
CACHE_PATH = {folder!r} + "/.cache"
AUTHOR_PAGE, FEED_ALIASES, DEFAULT_PAGINATION, FEED_MAX_ITEMS = "", {{}}, 10, 30
"""
STOCK = """\
AUTHOR = SITENAME = "A"
SITEURL = "https://blog.example"
TIMEZONE = "UTC"
PATH, OUTPUT_PATH = {folder!r} + "/content", {folder!r} + "/stock"
ARTICLE_PATHS, STATIC_PATHS, DEFAULT_PAGINATION, TYPOGRIFY = ["posts"], [], 10, True
THEME = "simple"
FEED_ALL_ATOM, TAG_FEED_ATOM, FEED_MAX_ITEMS = "all.atom.xml", "{{slug}}.atom.xml", 30
TAG_URL = "tag/{{slug}}/"
TAG_SAVE_AS = "tag/{{slug}}/index.html"
PLUGINS = []
"""


def sentence(chance: random.Random, length: int) -> str:
    """Return a sentence without meaning, in which no word follows itself."""
    words = [chance.choice(WORDS)]
    while len(words) < length:
        words.append(chance.choice([word for word in WORDS if word != words[-1]]))
    return f"{' '.join(words).capitalize()}."


def write_posts(content: Path, count: int) -> None:
    """Write posts of about 600 words with three of 40 tags, headings, lists, code and footnotes."""
    shutil.copytree(SITE / "content/extra", content / "extra")
    (content / "tags.toml").write_text(
        "".join(f'{tag} = "Posts about {tag}, all of them."\n' for tag in TAGS)
    )
    (content / "posts").mkdir()
    for number in range(count):
        chance, day = random.Random(number), FIRST_DAY + timedelta(days=number)
        tags = ", ".join(chance.sample(TAGS, 3))
        parts = [
            f"Title: Post number {number}\nDate: {day}\nId: tag:blog.example,{day}:{number}\n"
            f"Tags: {tags}\nSummary: {sentence(chance, 18)} This is number {number}."
        ]
        for section in range(3):
            paragraphs = [" ".join(sentence(chance, 14) for _ in range(3)) for _ in range(4)]
            parts += [f"## Part {section} of {number}", *paragraphs]
        parts.append("\n".join(f"- {sentence(chance, 8)}" for _ in range(5)))
        parts.append(
            "```python\ndef f():\n    return 1\n```" if number % 3 else "> A quote.\n> {: .plain }"
        )
        parts.append(f"{sentence(chance, 9)}[^1]\n\n[^1]: {sentence(chance, 9)}")
        (content / f"posts/{day}-post-{number}.md").write_text("\n\n".join(parts) + "\n")
