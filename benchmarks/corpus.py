"""A blog of any size to measure on: posts of about 700 words, the same for the same number."""

import random
from datetime import date, timedelta
from pathlib import Path

TEXT = (
    "motor torque robot actuator price market factory arm sensor model policy training data "
    "control loop gear battery weight cost supply chain hand leg walk grasp learn build ship"
)
WORDS = TEXT.split()
TAGS = ("robotics", "startups", "hardware", "software")
FIRST_DAY = date(2015, 1, 1)


def write_corpus(content: Path, count: int) -> None:
    """Write `count` posts, a few pages and the vocabulary of tags below `content`."""
    descriptions = "".join(f'{tag} = "Posts about {tag}."\n' for tag in TAGS)
    write(content / "tags.toml", descriptions)
    for number in range(count):
        day = FIRST_DAY + timedelta(days=number)
        write(content / f"posts/{day}-post-{number}/index.md", post(number, day))
    for name in ("about", "tools"):
        write(content / f"pages/{name}.md", page(name))
    lost = page("404").replace("Summary", "Status: hidden\nSave_as: 404.html\nSummary", 1)
    write(content / "pages/404.md", lost)


def write(path: Path, text: str) -> None:
    """Write a file and its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def post(number: int, day: date) -> str:
    """Return a post: three headings, a list, two notes; every third has a table, code or quote."""
    chance = random.Random(number)
    tags = ", ".join(chance.sample(TAGS, 2))
    head = (
        f"Title: Post number {number}\nDate: {day}\nId: tag:ben.bolte.cc,{day}:post-{number}\n"
        f"Summary: {sentence(chance, 18)} This is post number {number}.\nTags: {tags}\n"
    )
    parts = [head]
    for section in range(3):
        parts += [f"## Part {section + 1} of {number}", *(paragraph(chance) for _ in range(4))]
    parts.append("\n".join(f"- {sentence(chance, 8)}" for _ in range(5)))
    parts.append(f"{sentence(chance, 12)}[^1] {sentence(chance, 12)}[^2]")
    parts.append((table, code, quote)[number % 3](chance))
    parts.append(f"[^1]: {sentence(chance, 20)}\n[^2]: {sentence(chance, 20)}")
    if number:
        before = day - timedelta(days=1)
        link = f"{{filename}}../{before}-post-{number - 1}/index.md"
        parts.insert(2, f"See [the post before]({link}).")
    return "\n\n".join(parts) + "\n"


def page(name: str) -> str:
    """Return a page."""
    chance = random.Random(name)
    summary = sentence(chance, 18)
    return f"Title: The page {name}\nSummary: {summary}\n\n{paragraph(chance)}\n"


def sentence(chance: random.Random, length: int) -> str:
    """Return a sentence without meaning, in which no word follows itself."""
    words = [chance.choice(WORDS)]
    while len(words) < length:
        words.append(chance.choice([word for word in WORDS if word != words[-1]]))
    return " ".join(words).capitalize() + "."


def paragraph(chance: random.Random) -> str:
    """Return a paragraph."""
    return " ".join(sentence(chance, chance.randint(8, 20)) for _ in range(4))


def table(chance: random.Random) -> str:
    """Return a table."""
    rows = (f"| {chance.choice(WORDS)} | {chance.randint(1, 99)} |" for _ in range(6))
    return "\n".join(["| What | How much |", "|---|---:|", *rows])


def code(chance: random.Random) -> str:
    """Return a block of code."""
    lines = (f"    {chance.choice(WORDS)} = {chance.randint(1, 99)}" for _ in range(10))
    return "\n".join(["```python", "def f() -> None:", *lines, "```"])


def quote(chance: random.Random) -> str:
    """Return a quote."""
    return f"> {sentence(chance, 20)}\n>\n> — Somebody Else, *A Book*"
