"""What is missing from a site, and what of it should not be there."""

from collections.abc import Callable
from pathlib import Path

from tests.check.faults import Fault, P, prove_tiny, text
from tests.conftest import POST, TinySite, png

D = "content/posts/2024-06-07-robots-dream/index.md"
SENTENCE = "Nobody has yet asked what a robot would dream of."
DRAFT = f"""\
Title: Do robots dream of sheep
Date: 2024-06-07
Status: draft
Summary: A summary that nobody should read before its day has come.

The first words. {SENTENCE} And more.
"""
FUTURE = DRAFT.replace("2024-06-07", "2999-06-07").replace("Status: draft\n", "")
CSV = b"motor,torque\nof the secret robot,17\n"
WITH: dict[str, str | bytes] = {D.removeprefix("content/"): DRAFT}
WITH_CSV: dict[str, str | bytes] = {**WITH, "posts/2024-06-07-robots-dream/secret-motor.csv": CSV}


def said(words: str) -> tuple[str, str, str]:
    """Return what makes the theme say something of each draft below each post."""
    each = f"{{% for draft in drafts %}}{words}{{% endfor %}}"
    return ("templates/article.html", "{% if article.listed_tags %}", f"{each}{{% if 1 %}}")


def put(name: str, data: str | bytes) -> Callable[[Path], None]:
    """Return what puts a file into the built site."""

    def into(folder: Path) -> None:
        (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)

    return into


FAULTS = {
    "outputs": {
        "a file that was lost": Fault(
            "content/extra/robots.txt", built=lambda folder: (folder / "robots.txt").unlink()
        ),
        "a file that nobody asked for": Fault("/left.txt", built=put("left.txt", "Left.")),
    },
    "drafts": {
        "settings that publish drafts": Fault(
            f"{D}:1", WITH, settings=('DRAFT_SAVE_AS="posts/{slug}/index.html"',)
        ),
        "settings that publish future posts": Fault(
            f"{D}:1",
            {D.removeprefix("content/"): FUTURE},
            settings=("WITH_FUTURE_DATES=true",),
        ),
        "the title in a list": Fault(f"{D}:1", WITH, said("{{ draft.title }}")),
        "the title of a future post": Fault(
            f"{D}:1", {D.removeprefix("content/"): FUTURE}, said("<b>{{ draft.title }}</b>")
        ),
        "a sentence in a list": Fault(f"{D}:1", WITH, said("{{ draft.content|safe }}")),
        "the summary in a list": Fault(f"{D}:1", WITH, said("{{ draft.summary }}")),
        "the address in a list": Fault(f"{D}:1", WITH, said("{{ draft.slug }}")),
        "the title in a published text": Fault(
            f"{P}:9", {**WITH, **text("Words.\n\nIn *Do robots dream of sheep* I say more.")}
        ),
        "the name of its data": Fault(f"{D}:1", WITH_CSV, said("secret-motor.{# #}csv")),
        "its data under another name": Fault(
            f"{D}:1",
            {**WITH_CSV, "extra/x.csv": CSV},
        ),
    },
}


def test_a_draft_that_shares_words_with_a_published_text_passes(tiny: TinySite) -> None:
    """A new edition is begun as a copy."""
    post = POST.replace("A post", "A post on robots").replace("The text.", SENTENCE)
    draft = post.replace("Summary", "Status: draft\nSummary")
    files: dict[str, str | bytes] = {"posts/a/index.md": post, "posts/c/index.md": draft}
    assert prove_tiny(tiny, Fault("", files)) == []


def test_a_draft_of_which_nothing_is_public_passes(tiny: TinySite) -> None:
    files = {**WITH_CSV, "posts/2024-06-07-robots-dream/robot.png": png()}
    files |= {"posts/a/robot.png": png(4, 4)}
    files |= text("![A robot](robot.png)\n\nRobots dream. Sheep do too.")
    assert prove_tiny(tiny, Fault("", files)) == []
