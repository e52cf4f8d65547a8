"""Imports of small sites of each generator, and their texts line by line."""

import json
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import pytest

from pipeline.authoring.importer import first_sentences, import_site
from pipeline.authoring.old_markdown import Notes, Sources, convert_text
from pipeline.authoring.old_sites import HUGO, JEKYLL
from pipeline.problems import ProblemsFound
from pipeline.settings import Settings
from tests.conftest import png
from tests.site.pelicanconf import MARKDOWN

TODAY = date(2024, 5, 6)
Write = Callable[[dict[str, str | bytes]], Path]


def settings_in(folder: Path, **more: str) -> Settings:
    own = {"path": str(folder / "content"), "cache_path": str(folder / "cache"), **more}
    return Settings(
        "conf.py",
        article_paths=("posts",),
        feed_id="tag:x.org,2020:feeds",
        strict_content=True,
        markdown=MARKDOWN,
        **own,  # type: ignore[arg-type]
    )


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_files(files: dict[str, str | bytes]) -> Path:
        for name, data in files.items():
            path = tmp_path / "old" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return tmp_path / "old"

    return write_files


def run(tmp_path: Path, old: Path, feed: Path | None = None, **more: str) -> list[str]:
    return list(import_site(settings_in(tmp_path, **more), old, TODAY, feed, write=True))


def imported(tmp_path: Path, name: str) -> str:
    return (tmp_path / "content/posts" / name / "index.md").read_text("utf-8")


JEKYLL_POST = """---
title: "Yes: robots"
date: 2020-01-02 23:30:00 -0800
categories: [Robots]
description: What it is about.
layout: post
---
See [the other]({% post_url 2020-02-01-other %}) and ![An arm](/img/arm.png) [there].

[there]: {% post_url 2020-02-01-other %}

And [once more]({% link
_posts/2020-02-01-other.md %}).

{% highlight ruby %}
puts "{{ no }}"
{% endhighlight %}
"""


def test_import_of_jekyll_keeps_address_date_and_image(tmp_path: Path, write: Write) -> None:
    old = write(
        {
            "_config.yml": "permalink: pretty\ntimezone: America/Los_Angeles\n",
            "_posts/2020-01-02-Hello.md": JEKYLL_POST,
            "_posts/2020-02-01-other.md": "---\ntitle: Other\n---\nSome words. More words.\n",
            "img/arm.png": png(),
        }
    )
    report = run(tmp_path, old)
    text = imported(tmp_path, "2020-01-02-hello")
    assert text.startswith(
        "Title: Yes: robots\nDate: 2020-01-03 07:30\nId: tag:x.org,2020-01-02:hello\n"
        "Tags: Robots\nAliases: /robots/2020/01/02/Hello/\nSummary: What it is about.\n\n"
    )
    assert "[the other](../2020-02-01-other/index.md) and ![An arm](arm.png)" in text
    assert "[there]: ../2020-02-01-other/index.md" in text
    assert "[once more](../2020-02-01-other/index.md\n)" in text
    assert not [line for line in report if "not imported: .." in line]
    assert '```ruby\nputs "{{ no }}"\n```' in text
    assert (tmp_path / "content/posts/2020-01-02-hello/arm.png").read_bytes() == png()
    assert "Summary: Some words. More words.\n" in imported(tmp_path, "2020-02-01-other")
    (asking,) = [line for line in report if "not converted" in line]
    assert "2020-01-02-Hello.md:16:" in asking


def test_import_of_hugo_reads_toml_and_permalinks(tmp_path: Path, write: Write) -> None:
    old = write(
        {
            "hugo.toml": 'baseURL = "https://x.org/"\n[permalinks]\npost = "/:year/:slug/"\n',
            "content/post/a/index.md": '+++\ntitle = "A"\ndate = 2020-01-02\nslug = "Big-A"\n'
            'tags = ["x"]\naliases = ["/old/a/"]\n+++\nWords.\n\n'
            '{{< figure src="a.png" alt="An A" caption="The A" >}}\n',
            "content/post/a/a.png": png(),
            "content/about.md": "+++\ntitle = 'About'\n+++\nMe.\n",
        }
    )
    report = run(tmp_path, old)
    text = imported(tmp_path, "2020-01-02-big-a")
    assert "\nAliases: /2020/big-a/, /old/a/\n" in text
    assert '![An A](a.png "The A")' in text
    assert any("content/about.md" in line for line in report)


def test_import_of_eleventy_takes_address_and_id_from_the_feed(
    tmp_path: Path, write: Write
) -> None:
    item = {"id": "https://x.org/?p=1", "url": "https://x.org/notes/one", "title": "One"}
    old = write(
        {
            "eleventy.config.js": 'export default () => ({ dir: { input: "src" } });',
            "src/blog/one.md": "---\ntitle: One\ndate: 2020-01-02\n---\n[Two](blog/two.md).\n",
            "src/blog/two.md": "---\ntitle: Two\ndate: 2020-01-03\n---\nWords.\n",
            "feed.json": json.dumps(
                {"version": "https://jsonfeed.org/version/1.1", "items": [item]}
            ),
        }
    )
    run(tmp_path, old)
    assert "[Two](../2020-01-03-two/index.md)" in imported(tmp_path, "2020-01-02-one")
    assert "Aliases: /blog/one/\n" in imported(tmp_path, "2020-01-02-one")
    (tmp_path / "content/posts/2020-01-02-one/index.md").unlink()
    (tmp_path / "content/posts/2020-01-02-one").rmdir()
    run(tmp_path, old, old / "feed.json")
    text = imported(tmp_path, "2020-01-02-one")
    assert "Id: https://x.org/?p=1\n" in text
    assert "Aliases: /notes/one\n" in text


def test_import_without_write_writes_nothing(tmp_path: Path, write: Write) -> None:
    old = write({"_posts/2020-01-02-a.md": "---\ntitle: A\ntags: [b]\n---\nWords.\n"})
    list(import_site(settings_in(tmp_path), old, TODAY))
    assert not (tmp_path / "content").exists()


def test_import_adds_new_tags_and_overwrites_no_post(tmp_path: Path, write: Write) -> None:
    tags = tmp_path / "content/tags.toml"
    tags.parent.mkdir()
    tags.write_text('AI = "Models."\n')
    old = write({"_posts/2020-01-02-a.md": "---\ntitle: A\ntags: [ai, b]\n---\nWords.\n"})
    run(tmp_path, old)
    assert tags.read_text() == 'AI = "Models."\n"b" = "Posts on b."\n'
    assert "Tags: AI, b\n" in imported(tmp_path, "2020-01-02-a")
    report = run(tmp_path, old)
    assert any("exists already" in line for line in report)


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ({"readme.md": "x"}, 0),
        ({"_config.yml": "a: [\n"}, 2),
    ],
)
def test_import_of_what_cannot_be_read_is_refused(
    tmp_path: Path, write: Write, files: dict[str, str | bytes], line: int
) -> None:
    with pytest.raises(ProblemsFound) as caught:
        run(tmp_path, write(files))
    assert [(p.code, p.line) for p in caught.value.problems] == [("import", line)]


def test_import_of_a_broken_date_takes_that_of_the_file(tmp_path: Path, write: Write) -> None:
    head = "---\ntitle: A\ndate: 2020-13-45\n---\nWords.\n"
    report = run(tmp_path, write({"_posts/2020-01-02-a.md": head, "_posts/b.md": head}))
    assert "Date: 2020-01-02\n" in imported(tmp_path, "2020-01-02-a")
    assert any("b.md:1: not a date" in line for line in report)


def test_import_reports_front_matter_that_is_not_yaml_at_its_line(
    tmp_path: Path, write: Write
) -> None:
    old = write({"_config.yml": "", "_posts/2020-01-02-a.md": "---\ntitle: A\nb: [\n---\nWords.\n"})
    assert any("2020-01-02-a.md:4: not YAML" in line for line in run(tmp_path, old))


def converted(text: str, kind: str = HUGO, dollars: bool = False) -> tuple[str, list[int]]:
    notes: Notes = []
    sources = Sources(kind, {"site": {"name": "S"}}, lambda url, _: url, lambda _: "", dollars)
    lines: Iterable[tuple[int, str]] = convert_text(text, sources, notes)
    return "\n".join(line for _, line in lines).rstrip("\n"), [line for line, *_ in notes]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# A\n\n## B", "## A\n\n### B"),
        ("A\n===\n\nB\n---", "## A\n\n\n### B"),
        ("> Words.", "> Words.\n> {: .plain }"),
        ("> Words.\n> — Ada", "> Words.\n> — Ada"),
        ("> [!NOTE]\n> Words.", "> **Note**\n>\n> Words.\n> {: .plain }"),
        ("Words:\n- a\n  - b\n\n    c", "Words:\n\n- a\n    - b\n\n        c"),
        ("1) a\n2) b", "1. a\n2. b"),
        ("- a\n  ```sh\n  x\n  ```\n- b", "- a\n\n        x\n\n\n- b"),
        ("```\nx\n```", "```text\nx\n```"),
        ("```go {hl_lines=[1,2],linenos=true}\nx\n```",
         '``` {.go hl_lines="1 2" linenums="1"}\nx\n```'),
        ("```nosuch\n- x\n```", "```text\n- x\n```"),
        ("~~a~~ and `~~b~~` ==c==", "<del>a</del> and `~~b~~` <mark>c</mark>"),
        ("## A {#b}", "## A {: #b }"),
        ("See https://x.org/a.", "See <https://x.org/a>."),
        ("\\\\(x\\\\)", "\\(x\\)"),
        ("- [ ] a\n- [x] b", "- ☐ a\n- ☑ b"),
        ('{{< youtube "abc" >}}',
         "[Shown by youtube](https://www.youtube.com/watch?v=abc){: .card }"),
        ("    {code}\n", "    {code}"),
    ],
)  # fmt: skip
def test_text_of_hugo_is_converted(old: str, new: str) -> None:
    assert converted(old) == (new, [])


@pytest.mark.parametrize(
    ("old", "new", "asking"),
    [
        ("{{ site.name }} {{ site.x }}", "S {{ site.x }}", [1]),
        ("{% raw %}{{ x }}{% endraw %}", "{{ x }}", []),
        ("a\n{% comment %}\nb\n{% endcomment %}\n{% if x %}", "a\n\n\n\n{% if x %}", [5]),
        ("Cost $$x$$ now", r"Cost \(x\) now", []),
        ("* TOC\n{:toc}\n\n## A", "## A", []),
        ('{% include figure.html src="/a.png" alt="A" %}', "![A](/a.png)", []),
    ],
)
def test_text_of_jekyll_is_converted(old: str, new: str, asking: list[int]) -> None:
    assert converted(old, JEKYLL) == (new, asking)


def test_dollars_are_formulas_where_the_post_says_so() -> None:
    assert converted("$x$ for $5", dollars=True)[0] == r"\(x\) for $5"


@pytest.mark.parametrize(
    ("lines", "summary"),
    [
        (["Hello all!", "", "We have a *new* release. More."], "We have a new release. More."),
        (["Words. " + "X" * 194 + ".", "B"], "Words."),
        (["x" * 150 + " " + "y" * 60], "x" * 150 + " …"),
        (["Two words"], "Two words"),
    ],
)
def test_first_sentences_make_a_summary(lines: list[str], summary: str) -> None:
    assert first_sentences(lines) == summary
