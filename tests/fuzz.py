"""Random changes of a site: each build must equal one from nothing, in its files or its problems.

python -m tests.fuzz 3600        for an hour, with another seed each time
python -m tests.fuzz 60 7        for a minute, with the seed 7
"""

import random
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.build import Built, build
from pipeline.problems import ProblemsFound
from tests.conftest import ROOT, TinySite, contents, png, post

BODIES = (
    "Plain words {n}.",
    "A link to [the other](../{other}/index.md) {n}.",
    "Again [one](../{other}/index.md), and a picture:\n\n![p](p.png)",
    "## Part\n\nWords.[^1]\n\n[^1]: A note {n}.",
    "> A quote {n}.\n> {{: .plain }}",
    "```python\nprint({n})\n```",
    "| a | b |\n|---|---|\n| {n} | 2 |",
    "A file: [data](../../extra/data{m}.txt).",
    "![A chart](d.csv){{: kind=scatter x=a y=b x-label=A y-label=B caption=C }}",
)
DATA = "a,b\n1,2\n3,5\n4,4\n"
FAULTS = ("A [heading](../{other}/index.md#none).", "Not [here](no.md) {n}.", "No note[^x].")


class Fuzz:
    """A site, its random changes, and the two builds after each."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.site = TinySite(folder)
        self.site.cache = folder / ".cache"
        self.theme = folder / "theme"
        shutil.copytree(ROOT / "theme", self.theme)
        self.name = "A site"
        self.days = {name: n for n, name in enumerate("abcdef", 1)}
        self.last: Built | None = None
        self.edit_tags()
        self.repair()
        self.configure()

    def configure(self) -> None:
        """Write the settings."""
        self.site.configure(production=True, THEME=str(self.theme), SITENAME=self.name)

    def pick(self) -> str:
        """Return the name of a post."""
        return self.chance.choice(sorted(self.days))

    def edit(self, name: str = "", head: str = "", title: str = "") -> None:
        """Write a post with another body."""
        name, chance = name or self.pick(), self.chance
        other = self.pick()
        parts = chance.sample(BODIES, chance.randint(1, 4))
        if chance.random() < 0.05:
            parts.append(chance.choice(FAULTS))
        given = {"n": chance.randint(0, 9), "m": chance.randint(0, 1), "other": other}
        body = "\n\n".join(part.format(**given) for part in parts)
        text = post(name, body, head, f"2024-05-{self.days[name]:02}")
        if title:
            text = text.replace(f"Post {name}", title)
        self.site.write({f"posts/{name}/index.md": text})
        others: dict[str, str | bytes] = {"p.png": png(), "d.csv": DATA}
        for file, data in others.items():
            if not (self.site.content / "posts" / name / file).is_file():
                self.site.write({f"posts/{name}/{file}": data})

    def repair(self) -> None:
        """Write every post again."""
        for name in self.days:
            self.edit(name)

    def change(self) -> str:
        """Change something; return what."""
        steps: dict[Callable[[], object], int] = {
            self.edit: 10,
            self.edit_header: 4,
            self.add: 2,
            self.remove: 1,
            self.rename: 1,
            self.edit_image: 1,
            self.edit_theme: 1,
            self.edit_settings: 1,
            self.edit_tags: 1,
            self.spoil_output: 1,
            self.touch_nothing: 1,
        }
        step = self.chance.choices([*steps], [*steps.values()])[0]
        step()
        return step.__name__

    def edit_header(self) -> None:
        """Change front matter."""
        lines = ("Tags: AI", "Tags: robots, AI", "Status: draft", "Aliases: /old/", "Lang: fr")
        self.edit(head=f"{self.chance.choice(lines)}\n", title=self.chance.choice(("", "Another")))

    def add(self) -> None:
        """Add a post."""
        name = f"new{self.chance.randint(0, 99)}"
        self.days[name] = self.chance.randint(1, 28)
        self.edit(name)

    def remove(self) -> None:
        """Remove a post."""
        if len(self.days) > 2:
            name = self.pick()
            del self.days[name]
            shutil.rmtree(self.site.content / "posts" / name)

    def rename(self) -> None:
        """Rename the folder of a post."""
        name = self.pick()
        new = f"{name}x"[-6:]
        if new not in self.days:
            self.days[new] = self.days.pop(name)
            folder = self.site.content / "posts"
            (folder / name).rename(folder / new)

    def edit_image(self) -> None:
        """Change an image."""
        self.site.write({f"posts/{self.pick()}/p.png": png(self.chance.randint(2, 9))})

    def edit_theme(self) -> None:
        """Change a stylesheet or a template."""
        name = self.chance.choice(("static/css/base.css", "templates/article.html"))
        with (self.theme / name).open("a", encoding="utf-8") as file:
            file.write("\n")

    def edit_settings(self) -> None:
        """Change a setting."""
        self.name = self.chance.choice(("A site", "Another site"))
        self.configure()

    def edit_tags(self) -> None:
        """Change the description of a tag, and the files in extra/."""
        number = self.chance.randint(0, 9)
        self.site.write({"tags.toml": f'robots = "Robots {number}."\nAI = "Models."\n'})
        self.site.write({f"extra/data{n}.txt": f"{number}" for n in range(2)})

    def spoil_output(self) -> None:
        """Change or remove a file of the output."""
        files = [path for path in sorted(self.site.output.rglob("*")) if path.is_file()]
        if files:
            path = self.chance.choice(files)
            path.unlink() if self.chance.random() < 0.5 else path.write_text("spoilt")

    def touch_nothing(self) -> None:
        """Change nothing."""

    def outcome(self, *arguments: str, last: Built | None = None) -> object:
        """Build; return the files, or the problems."""
        output = Path(arguments[1]) if arguments else self.site.output
        try:
            built = build(str(self.site.settings), arguments, last.run if last else None)
        except ProblemsFound as error:
            return [str(problem) for problem in error.problems]
        if not arguments:
            self.last = built
        return contents(output)

    def compare(self) -> None:
        """Build on what is there and from nothing, and compare. Raises AssertionError."""
        fresh = self.site.content.parent / "fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        found = self.outcome(last=self.chance.choice((self.last, None)))
        cache = f'CACHE_PATH="{fresh}/cache"'
        wanted = self.outcome("--output", f"{fresh}/output", "--extra-settings", cache)
        if isinstance(found, dict) and isinstance(wanted, dict):
            assert sorted(found) == sorted(wanted)
            assert [name for name in found if found[name] != wanted[name]] == []
        assert found == wanted
        if isinstance(found, list):
            self.repair()


def run(seconds: float, seed: int) -> int:
    """Make random changes for a time; return their number. Raises AssertionError."""
    end, steps, history = time.monotonic() + seconds, 0, []
    with TemporaryDirectory() as folder:
        fuzz = Fuzz(Path(folder).resolve(), seed)
        try:
            fuzz.compare()
            while time.monotonic() < end:
                history.append([fuzz.change() for _ in range(fuzz.chance.choice((1, 1, 1, 2, 3)))])
                fuzz.compare()
                steps += 1
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, step {steps}: {history[-3:]}\n{error}") from error
    return steps


if __name__ == "__main__":
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    sys.stdout.write(f"{run(float(sys.argv[1]), seed)} steps, seed {seed}\n")
