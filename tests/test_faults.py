"""One fault each: refused with a line of its own and exit 1, and the last good output stays."""

from pathlib import Path
from typing import NamedTuple

import pytest

from pipeline.problems import ProblemsFound
from tests.conftest import PAGE, POST, TAGS, Run, TinySite, contents, png

GOOD = {"posts/a/index.md": POST, "pages/b.md": PAGE, "extra/robots.txt": "User-agent: *\n"}


class Fault(NamedTuple):
    """The files that bring one fault in, and the lines that it must get."""

    files: dict[str, str | bytes]
    lines: list[str]


def post(old: str, new: str) -> dict[str, str | bytes]:
    assert old in POST
    return {"posts/a/index.md": POST.replace(old, new, 1)}


P = "content/posts/a/index.md"
FAULTS = {
    "unknown key": Fault(
        post("Summary", "Modifed: 2024-05-07\nSummary"),
        [f"{P}:3: must be a key that a post has: Modifed (did you mean 'Modified'?)"],
    ),
    "no title": Fault(
        post("Title: A post\n", ""), [f"{P}:1: must have Title: none (add a line Title: …)"]
    ),
    "no date": Fault(
        post("Date: 2024-05-06\n", ""), [f"{P}:1: must have Date: none (add a line Date: …)"]
    ),
    "no summary": Fault(
        post("Summary: What it says.\n", ""),
        [f"{P}:1: must have Summary: none (add a line Summary: …)"],
    ),
    "unknown tag": Fault(
        post("robotics", "robotic"),
        [f"{P}:4: Tags must name tags of content/tags.toml: 'robotic' (did you mean 'robotics'?)"],
    ),
    "another case of a tag": Fault(
        post("robotics", "Robotics"),
        [f"{P}:4: Tags must name tags of content/tags.toml: 'Robotics' (did you mean 'robotics'?)"],
    ),
    "bad date": Fault(
        post("2024-05-06", "06.05.2024"),
        [f"{P}:2: Date must be a date such as 2024-03-01 or 2024-03-01 09:30: '06.05.2024'"],
    ),
    "status with a typo": Fault(
        post("Summary", "Status: pubished\nSummary"),
        [
            f"{P}:3: Status must be one of published, draft, hidden: 'pubished' "
            "(did you mean 'published'?)"
        ],
    ),
    "front matter of another generator": Fault(
        {"posts/a/index.md": f"---\n{POST.replace(chr(10) * 2, f'{chr(10)}---{chr(10) * 2}')}"},
        [f"{P}:1: must be front matter as `Key: value`: '---' (remove the --- lines)"],
    ),
    "an empty line before the front matter": Fault(
        {"posts/a/index.md": "\n" + POST},
        [f"{P}:1: must begin with front matter: an empty line (begin with Title: …)"],
    ),
    "an empty file": Fault(
        {"posts/c/index.md": ""},
        [
            "content/posts/c/index.md:1: must begin with front matter: an empty line "
            "(begin with Title: …)"
        ],
    ),
    "a key twice": Fault(
        post("Tags", "Date: 2024-05-07\nTags"),
        [f"{P}:4: must have each key once, Date stands on line 2: Date: 2024-05-07"],
    ),
    "not UTF-8": Fault(
        {"posts/a/index.md": POST.encode() + b"caf\xe9\n"}, [f"{P}:8: must be UTF-8: byte 0xe9"]
    ),
    "a repeated slug": Fault(
        {"posts/a.md": POST},
        [
            f"{P}:1: must have an address of its own: posts/a/ is that of content/posts/a.md "
            "(rename the folder or file, or give it a Slug)"
        ],
    ),
    "a slug that another post has": Fault(
        {"posts/c/index.md": POST.replace("Tags", "Slug: a\nTags")},
        [
            "content/posts/c/index.md:1: must have an address of its own: posts/a/ is that of "
            f"{P} (rename the folder or file, or give it a Slug)"
        ],
    ),
    "a page at the address of the list of posts": Fault(
        {"pages/posts.md": PAGE},
        [
            "content/pages/posts.md:1: must have an address of its own: posts/ is that of the "
            "site's own (rename the folder or file, or give it a Slug)"
        ],
    ),
    "a broken link to a source": Fault(
        post("The text.", "A\n\n[link]({filename}../c/index.md)."),
        [f"{P}:9: must link to a file that is there: {{filename}}../c/index.md"],
    ),
    "a broken link to a file": Fault(
        post("The text.", "[link]({static}chart.csv)."),
        [f"{P}:7: must link to a file that is there: {{static}}chart.csv"],
    ),
    "ten broken links, of which Pelican names four": Fault(
        post("The text.", "\n".join(f"[x]({{filename}}{n}.md)" for n in range(10))),
        [f"{P}:{7 + n}: must link to a file that is there: {{filename}}{n}.md" for n in range(10)],
    ),
    "an unknown kind of link": Fault(
        post("The text.", "[link]({filname}../../pages/b.md)."),
        [f"{P}:7: must be a link that is known: {{filname}} (did you mean 'filename'?)"],
    ),
    "a first heading in the text": Fault(
        post("The text.", "The text.\n\n# Heading"),
        [
            f"{P}:9: a heading must begin with ## (the title is the page's only first heading): "
            "a heading with one #"
        ],
    ),
    "an image without a description": Fault(
        {**post("The text.", "![]({static}a.png)"), "posts/a/a.png": png()},
        [
            f"{P}:7: an image must say what it shows: no text between the brackets "
            "(![…]({static}a.png))"
        ],
    ),
    "a decorative image with a description": Fault(
        {**post("The text.", "![A]({static}a.png){: .decorative}"), "posts/a/a.png": png()},
        [
            f"{P}:7: a decorative image must say nothing: text between the brackets "
            "(![]({static}a.png){: .decorative})"
        ],
    ),
    "a README among the posts": Fault(
        {"posts/README.md": "# How to write\n\nText\n"},
        [
            "content/posts/README.md:1: must be front matter as `Key: value`: '# How to write' "
            "(end it by an empty line)"
        ],
    ),
    "a text with another ending": Fault(
        {"posts/c/index.MD": POST},
        [
            "content/posts/c: a post's folder must have its index.md: none "
            "(put the text there, or use extra/)",
            "content/posts/c/index.MD: the name of a text must end in .md: .MD (name it index.md)",
        ],
    ),
    "a folder without a text": Fault(
        {"posts/c/a.csv": "1"},
        [
            "content/posts/c: a post's folder must have its index.md: none "
            "(put the text there, or use extra/)"
        ],
    ),
    "a folder's name that is no address": Fault(
        {"posts/Über uns/index.md": POST},
        [
            "content/posts/Über uns/index.md: the name of a post's folder or page's file must be "
            "small letters, digits, hyphens: 'Über uns' (name it uber-uns)"
        ],
    ),
    "a file that nothing reads": Fault(
        {"note.txt": "a"},
        [
            "content/note.txt: must give an output: a file that nothing reads (move it below "
            "posts/, pages/ or extra/, or add it to IGNORE_FILES)"
        ],
    ),
    "a broken list of tags": Fault(
        {"tags.toml": TAGS + "x = \n"},
        ["content/tags.toml:3: must be TOML: Invalid value (at line 3, column 5)"],
    ),
    "a tag without a description": Fault(
        {"tags.toml": TAGS + 'x = ""\n'},
        ["content/tags.toml:3: tag 'x' must have a sentence that describes it: ''"],
    ),
    "two tags with one address": Fault(
        {"tags.toml": TAGS + '"C++" = "A"\n"C#" = "B"\n'},
        ["content/tags.toml:4: tag 'C#' must have an address of its own: it is that of 'C++'"],
    ),
    "a draft that Pelican would publish": Fault(
        {"pages/b.md": PAGE.replace("Summary", "Status: draft\nSave_as: x.html\nSummary")},
        [
            "content/pages/b.md:3: a draft must not have Save_as, which Pelican would publish: "
            "'x.html'"
        ],
    ),
    "a control character": Fault(
        post("The text.", "The \x08text."),
        [f"{P}:7: must have no control characters: U+0008 (remove it)"],
    ),
    "an image from elsewhere": Fault(
        post("The text.", "![x](https://example.org/x.png)"),
        [
            f"{P}:7: an image must be a file of yours: https://example.org/x.png "
            "(put it beside the text)"
        ],
    ),
    "a video for an image": Fault(
        {**post("The text.", "![x](v.mp4)"), "posts/a/v.mp4": b"x"},
        [f'{P}:7: an image must be a picture: v.mp4 (<video src="v.mp4" controls></video>)'],
    ),
    "two of one id": Fault(
        post("The text.", "## A {: #x }\n\n## B {: #x }"),
        [f"{P}:7: an id must be one thing's: x is two (give the other one another: {{: #x-2 }})"],
    ),
    "an unknown template": Fault(
        {"pages/b.md": PAGE.replace("Summary", "Template: pag\nSummary")},
        [
            "content/pages/b.md:2: Template must be a template of the theme: 'pag' "
            "(did you mean 'page'?)"
        ],
    ),
    "an id that is none": Fault(
        post("Tags", "Id: why-kscale-wins\nTags"),
        [
            f"{P}:4: Id must be a tag URI such as tag:example.org,2024-03-01:a-title: "
            "'why-kscale-wins'"
        ],
    ),
    "the id of another post": Fault(
        {
            **post("Tags", "Id: tag:ben.bolte.cc,2024:x\nTags"),
            "posts/2024-07-01-c.md": POST.replace("Tags", "Id: tag:ben.bolte.cc,2024:x\nTags"),
        },
        [
            "content/posts/a/index.md:4: Id must be this post's alone, for feed readers know it by "
            "that: tag:ben.bolte.cc,2024:x is that of content/posts/2024-07-01-c.md "
            "(if this is the copy, write Id: tag:ben.bolte.cc,2024-05-06:a)"
        ],
    ),
    "no id": Fault(
        {"posts/a/index.md": POST.replace("Date: 2024", "date: 2024")},
        [f"{P}:1: must have Id: none (add a line Id: tag:ben.bolte.cc,2024-05-06:a)"],
    ),
    "two faults": Fault(
        {**post("2024-05-06", "today"), "pages/b.md": "Title: B\n\nText"},
        [
            "content/pages/b.md:1: must have Summary: none (add a line Summary: …)",
            f"{P}:2: Date must be a date such as 2024-03-01 or 2024-03-01 09:30: 'today'",
        ],
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_content(name: str, tiny: TinySite) -> None:
    files, lines = FAULTS[name]
    tiny.write(GOOD)
    tiny.build()
    before = contents(tiny.output)
    tiny.write(files)
    with pytest.raises(ProblemsFound) as error:
        tiny.build()
    assert str(error.value).replace(f"{tiny.folder}/", "").splitlines() == lines
    assert contents(tiny.output) == before
    assert [path.name for path in tiny.folder.iterdir() if path.name.startswith(".")] == []


def test_the_task_says_so_too(tiny: TinySite, run: Run) -> None:
    files, lines = FAULTS["two faults"]
    tiny.write({**GOOD, **files})
    result = run("invoke", "build", "--", f"{tiny.folder}/content", "-o", str(tiny.output))
    said = result.stderr.replace(f"{tiny.folder}/", "").splitlines()
    assert said == [*lines, "2 problems; nothing was changed"]
    assert result.returncode == 1
    assert not tiny.output.exists()


def test_a_link_out_of_the_content_is_not_followed(tiny: TinySite) -> None:
    tiny.write(GOOD)
    secret = tiny.folder / "secret.txt"
    secret.write_text("three years")
    (tiny.folder / "content/posts/a/notes.txt").symlink_to(secret)
    (tiny.folder / "content/posts/a/again.md~").symlink_to(secret)  # ignored, as editors' files are
    [line] = tiny.problems()
    assert line == (
        f"posts/a/notes.txt: must lie below the content folder: a link to {secret} (copy the file)"
    )


SETTINGS_FAULTS = {
    "a misspelt plugin": (
        'PLUGINS = ["pipeline"]',
        'PLUGINS = ["pipelin"]',
        "Cannot load plugin `pipelin` Cannot import plugin `pipelin`",
    ),
    "one misspelt plugin of two": (
        'PLUGINS = ["pipeline"]',
        'PLUGINS = ["pipeline", "sitmap"]',
        "Cannot load plugin `sitmap` Cannot import plugin `sitmap`",
    ),
    "no Python": ('AUTHOR = "Ben Bolte"', "AUTHOR = Ben Bolte", "invalid syntax"),
    "a theme that is not there": ('THEME = "theme"', 'THEME = "them"', "Could not find the theme"),
}


@pytest.mark.parametrize("name", SETTINGS_FAULTS)
def test_settings(name: str, project: Path, run: Run) -> None:
    old, new, found = SETTINGS_FAULTS[name]
    settings = project / "pelicanconf.py"
    text = settings.read_text("utf-8")
    assert old in text
    settings.write_text(text.replace(old, new), "utf-8")
    result = run("invoke", "build")
    assert result.returncode == 1
    assert found in result.stderr
    assert result.stderr.startswith("pelicanconf.py:")
    assert "Traceback" not in result.stderr + result.stdout
    assert not (project / "output").exists()


def test_a_template_with_a_typo(project: Path, run: Run) -> None:
    template = project / "theme/templates/article.html"
    template.write_text(template.read_text("utf-8").replace("article.title", "article.titel", 1))
    result = run("invoke", "build")
    assert result.returncode == 1
    first, _last = result.stderr.splitlines()
    assert first.startswith("theme/templates/article.html:13: must be a template that renders: ")
    assert not (project / "output").exists()


def test_the_pelican_command_refuses_too(tiny: TinySite, run: Run) -> None:
    tiny.write({**GOOD, **FAULTS["bad date"].files})
    result = run("pelican", f"{tiny.folder}/content", "-o", str(tiny.output))
    assert result.returncode == 1
    assert result.stderr.replace(f"{tiny.folder}/", "").splitlines() == FAULTS["bad date"].lines
    assert "Traceback" not in result.stdout
    assert not tiny.output.exists()


def test_a_folder_of_somebody_else_is_not_replaced(tiny: TinySite) -> None:
    tiny.write(GOOD)
    tiny.output.mkdir()
    (tiny.output / "thesis.txt").write_text("three years")
    [line] = tiny.problems()
    assert "must be empty, or the output of an earlier build" in line
    assert (tiny.output / "thesis.txt").read_text() == "three years"
