"""Compares our build with stock Pelican's on generated posts.

    python -m benchmarks             100 and 1,000 posts
    python -m benchmarks 300         another number

Each figure is the CPU time (user and system) of a whole process, the median of three runs by turns.
Stock Pelican has its own settings and the theme `simple`; both write feeds, tags and pagination.
"""

import os
import random
import shutil
import statistics
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "tests/site"
ROUNDS = 3
WORDS = (
    "motor torque robot actuator price market factory arm sensor model policy training data "
    "control loop gear battery weight cost supply chain hand leg walk grasp learn build ship"
).split()
TAGS = [f"tag-{number}" for number in range(40)]
FIRST_DAY = date(2000, 1, 1)
OURS = """\
from runpy import run_path
globals().update({{k: v for k, v in run_path({site!r}).items() if k.isupper()}})
PATH, OUTPUT_PATH, CACHE_PATH = {folder!r} + "/content", {folder!r} + "/ours", {folder!r} + "/cache"
AUTHOR_PAGE, FEED_ALIASES, DEFAULT_PAGINATION, FEED_MAX_ITEMS = "", {{}}, 10, 30
"""
STOCK = """\
AUTHOR = SITENAME = "A"
SITEURL = "https://blog.example"
PATH, OUTPUT_PATH = {folder!r} + "/content", {folder!r} + "/stock"
ARTICLE_PATHS, STATIC_PATHS, DEFAULT_PAGINATION, TYPOGRIFY = ["posts"], [], 10, True
THEME = "simple"
FEED_ALL_ATOM, TAG_FEED_ATOM, FEED_MAX_ITEMS = "all.atom.xml", "{{slug}}.atom.xml", 30
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


def cpu_seconds(*command: str) -> float:
    """Return the CPU time of a command and of what it starts. Raises CalledProcessError."""
    before = os.times()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT, env=environment)
    after = os.times()
    user, system = (after[n] - before[n] for n in (2, 3))
    return user + system


def measure(folder: Path, count: int) -> dict[str, float]:
    """Return the median CPU seconds of each kind of run."""
    write_posts(folder / "content", count)
    ours, stock = folder / "ours.py", folder / "stock.py"
    ours.write_text(OURS.format(site=str(SITE / "publishconf.py"), folder=str(folder)))
    stock.write_text(STOCK.format(folder=str(folder)))
    post = next(iter(sorted((folder / "content/posts").iterdir())))
    check = (
        "from pipeline.check.runner import check; from pathlib import Path; import sys, tempfile\n"
    )
    check += "with tempfile.TemporaryDirectory() as f: check(sys.argv[1], Path(f))"
    runs: dict[str, list[float]] = {}
    pelican = [sys.executable, "-m", "pelican", "-s"]
    for number in range(ROUNDS):
        for name, command in (
            ("stock Pelican", [*pelican, str(stock), "-d"]),
            ("cold build", [*pelican, str(ours)]),
            ("nothing changed", [*pelican, str(ours)]),
            ("one post edited", [*pelican, str(ours)]),
            ("check", [sys.executable, "-c", check, str(ours)]),
        ):
            if name == "cold build":
                shutil.rmtree(folder / "cache", ignore_errors=True)
            if name == "one post edited":
                post.write_text(f"{post.read_text()}\nEdit {number}.\n")
            runs.setdefault(name, []).append(cpu_seconds(*command))
    return {name: statistics.median(times) for name, times in runs.items()}


def main(counts: list[int]) -> None:
    """Print a table: CPU seconds, and their ratio to stock Pelican's."""
    for count in counts:
        with TemporaryDirectory() as folder:
            found = measure(Path(folder), count)
        print(f"{count:,} posts")
        for name, seconds in found.items():
            print(
                f"  {name:<16} {seconds:8.2f} s  {seconds / found['stock Pelican']:6.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [100, 1000])
