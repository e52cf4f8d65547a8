from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from pipeline.check.checked_site import CheckedSite, SiteCheck
from pipeline.check.leaks import (
    FILE_CHECKS,
    SITE_CHECKS,
    embedded_metadata,
    html_comments,
    image_metadata,
    local_paths,
    logins,
    placeholder_text,
    plain_emails,
    secrets,
)
from pipeline.check.source_text import characters
from tests.check.site import SOURCE, document_of, html_of, page_of, places, site_of

A = "posts/a/index.html"
# In parts, so that no scanner takes them for real ones.
GITHUB = "gh" + "p_" + "a1B2c3D4e5" * 4
AWS = "AK" + "IA" + "Q3EGXMPLRSTUVWXY"
JWT = "ey" + "JhbGciOiJIUzI1NiJ9.ey" + "JzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
AI = "s" + "k-proj-" + "a1B2c3D4e5" * 4
KEY = "-----BEGIN OPENSSH " + "PRIVATE KEY-----"


def site_with(
    main: str, files: dict[str, str | bytes] | None = None, copied: bool = False
) -> CheckedSite:
    """Return a site of one post; with `copied` the other files are from content/extra/."""
    document = document_of(lines={"title": 1, "summary": 3})
    html = {A: html_of(main)}
    site = site_of(html, files, {"author": "Ben Bolte"}, sources={A: document})
    sources = {name: f"content/extra/{name}" for name in files or {} if copied}
    artifacts = {
        name: replace(artifact, source=sources.get(name, artifact.source))
        for name, artifact in site.artifacts.items()
    }
    return replace(site, artifacts=artifacts)


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (placeholder_text, "Lorem ipsum dolor sit amet."),
        (placeholder_text, "Mail me at example.com."),
        (placeholder_text, "It costs TODO: look it up."),
        (placeholder_text, "It costs [TODO] dollars."),
        (placeholder_text, "Everybody (XXX check the number) came."),
        (placeholder_text, '<span title="TODO: a title">Words</span>'),
        (local_paths, "See http://localhost:8000/b/."),
        (local_paths, 'See <a href="http://localhost:8000/b/">the page</a>.'),
        (local_paths, 'See <a href="http://127.0.0.1/b/">the page</a>.'),
        (local_paths, '<a href="http://localhost:8000/b/">http://localhost:8000/b/</a>'),
        (local_paths, '<a href="http://localhost:80">localhost:80</a>.'),
        (local_paths, "It listens on 127.0.0.1:8000."),
        (local_paths, "It lies in /home/alice/kscale."),
        (local_paths, "It lies in /Users/alice/kscale."),
        (local_paths, "It lies in C:\\Users\\alice."),
        (local_paths, "It lies in /home/ben/kscale."),
        (local_paths, "<code>/home/ben/kscale</code>"),
        (secrets, f"Use {GITHUB} for it."),
        (secrets, f"<code>export KEY={AWS}</code>"),
        (secrets, f"<code>{JWT}</code>"),
        (secrets, f"<code>{AI}</code>"),
        (secrets, f"<code>{KEY}</code>"),
        (secrets, '<a href="https://ben:hunter22@git.bolte.cc/x">x</a>'),
        (plain_emails, "Write to ben@bolte.cc about it."),
        (plain_emails, '<a href="mailto:ben@bolte.cc?subject=x">Write</a>'),
        (plain_emails, '<a href="mailto:ben@bolte.cc">ben@bolte.cc</a>'),
    ],
)
def test_leaks_in_a_text_have_their_line(check: SiteCheck, words: str) -> None:
    html = f'<p data-src-line="8" >First\n<span data-src-line="9">{words}</span></p>'
    assert set(places(check(site_with(html)))) == {f"{SOURCE}:9"}


@pytest.mark.parametrize("words", ["TODO", "TODO…", "FIXME write this part.", "Lorem ipsum…"])
def test_placeholder_text_alone_in_a_block(words: str) -> None:
    html = f'<p data-src-line="9">{words}</p>'
    assert places(placeholder_text(site_with(html))) == [f"{SOURCE}:9"]


def test_placeholder_text_of_a_new_post_has_the_line_of_the_key() -> None:
    summary = "One or two sentences for the list of posts, search engines and feed readers."
    document = document_of(title="My Portfolio", summary=summary, lines={"title": 1, "summary": 3})
    head = f'<meta name="description" content="{summary}" data-src-line="base.html:4">'
    html = html_of('<p data-src-line="9">The text begins here.</p>', head, "My Portfolio")
    found = places(placeholder_text(site_of({A: html}, sources={A: document})))
    assert found == [f"{SOURCE}:9", f"{SOURCE}:1", f"{SOURCE}:3"]


@pytest.mark.parametrize(
    ("check", "name", "data"),
    [
        (placeholder_text, "humans.txt", "TODO: say who"),
        (local_paths, "humans.txt", "See http://localhost:8000/"),
        (local_paths, "tool.py", "open('/home/ben/x')"),
        (secrets, "x.csv", f"a,{GITHUB}"),
        (secrets, "tool.py", f"KEY = '{AWS}'"),
    ],
)
def test_leaks_in_a_copied_file_have_its_line(check: SiteCheck, name: str, data: str) -> None:
    site = site_with("", {name: f"First\n{data}\n"}, copied=True)
    assert places(check(site)) == [f"content/extra/{name}:2"]


@pytest.mark.parametrize("name", ["tool.py", "tool.js", "tool.sh"])
def test_leaks_in_source_code_allow_notes_and_localhost(name: str) -> None:
    code = "# TODO: explain\nurl = 'http://localhost:8000'  # FIXME\n"
    assert [
        p for check in (*FILE_CHECKS, *SITE_CHECKS) for p in check(site_with("", {name: code}))
    ] == []


@pytest.mark.parametrize("check", [placeholder_text, local_paths, secrets, plain_emails])
def test_leaks_that_a_feed_repeats_are_reported_once(check: SiteCheck) -> None:
    words = f"TODO: {GITHUB} at http://localhost:80 ben@bolte.cc /home/ben"
    feed = f"<feed>&lt;p&gt;{words}&lt;/p&gt;</feed>"
    site = site_with(f'<p data-src-line="9">{words}</p>', {"feed.xml": feed})
    assert set(places(check(site))) == {f"{SOURCE}:9"}


@pytest.mark.parametrize(
    "html",
    [
        "I keep TODO lists, and a TODO app; a TODO is a promise.",
        "TODO lists are useless. TODOs and FIXMEs rot. Super Bowl XXX was long ago.",
        "The lorem ipsum is old: “Lorem ipsum dolor sit amet” is from Cicero.",
        "<code>Lorem ipsum dolor</code>, <code>example.com</code>",
        "My portfolio of stocks fell.",
        "<code>curl http://localhost:8000</code>, <code>ssh me@127.0.0.1</code>",
        "Localhost is where the heart is.",
        "<pre>cd /home/pi &amp;&amp; ls /Users/alice</pre>",
        "Mail to me@example.com.",
        "Clone git@github.com:kscalelabs/ksim.git today.",
        "Follow @ben@social.bolte.cc, or https://medium.com/@ben.bolte/x.",
        '<a href="https://lists.bolte.cc/archive/ben@bolte.cc/3">The list</a>',
        "The path /homework/alice is none, nor is /home.",
        "<code>AKIA" + "IOSFODNN7EXAMPLE ghp_…</code>",
        "The sk-learn-contrib package, the eyJ of a token, and a PRIVATE KEY.",
        '<a href="https://a.sk/sk-nejaky-velmi-dlhy-clanok-o-robotoch-2026-a-o-nas">x</a>',
        "<code>/2026/sk-nejaky-velmi-dlhy-clanok-o-robotoch-a-o-nas</code>",
        "At 10:30 the ratio was 127.0 to 1.",
        '<a href="https://docs.bolte.cc/#todo:list">the docs</a>',
        "Ask benchmark@scale, or 5@2x; the price is $5 @ 10%; logo@2x.png.",
        "<code>&lt;!-- so --&gt;</code>",
    ],
)
def test_leaks_of_harmless_text_are_none(html: str) -> None:
    site = site_with(f'<p data-src-line="9">{html}</p>')
    assert [problem for check in (*FILE_CHECKS, *SITE_CHECKS) for problem in check(site)] == []


def test_secrets_are_not_printed() -> None:
    [problem] = secrets(site_with(f'<p data-src-line="9">{GITHUB}</p>'))
    assert GITHUB not in str(problem)


def test_secrets_in_highlighted_code_have_their_line() -> None:
    half = len(AWS) // 2
    code = f"x\n<span>{AWS[:half]}</span><span>{AWS[half:]}</span>"
    html = f'<pre data-src-line="9"><code>{code}</code></pre>'
    assert places(secrets(site_with(html))) == [f"{SOURCE}:10"]


def test_local_paths_of_the_project_in_any_file() -> None:
    site = site_with("", {"a.py": f"import x\n# {Path.cwd()}/a.py"}, copied=True)
    assert places(local_paths(site)) == ["content/extra/a.py:2"]


def test_logins_of_an_author() -> None:
    assert {"ben", "bolte", "bbolte", "benb", "ben.bolte"} <= logins("Ben Bolte")
    assert logins("") == set()


@pytest.mark.parametrize(
    ("html", "place"),
    [
        ('<p data-src-line="7">Words.</p>\n<!-- c -->', f"{SOURCE}:9"),
        ('<p data-src-line="7">A\nb\n<!-- c --> d</p>', f"{SOURCE}:9"),
        ('<div data-src-line="base.html:5"><!-- c --></div>', "theme/templates/base.html:5"),
        ("<p>&lt;!-- shown --&gt;</p>", ""),
    ],
)
def test_html_comments_have_their_place(html: str, place: str) -> None:
    assert places(html_comments(page_of(html))) == ([place] if place else [])


def image(form: str, gps: bool = False, **options: Any) -> bytes:
    """Return an image with the EXIF of a camera."""
    file, exif = BytesIO(), Image.Exif()
    exif[0x010F] = "Camera"
    if gps:
        exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", (4, 4), "teal").save(file, form, **({"exif": exif} | options))
    return file.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_image_metadata_of_photos(form: str) -> None:
    assert "GPS" in image_metadata(image(form, gps=True))
    assert image_metadata(image(form)) == "EXIF"
    assert image_metadata(image(form, exif=b"")) == ""


def test_image_metadata_of_texts_in_a_png() -> None:
    info = PngInfo()
    info.add_text("Author", "Ben")
    assert image_metadata(image("PNG", exif=b"", pnginfo=info)) == "Author"
    assert image_metadata(b"no image") == ""


@pytest.mark.parametrize(
    ("html", "place"),
    [
        ("", "content/extra/x.jpg"),
        ('<p data-src-line="9"><a href="/x.jpg">x</a></p>', f"{SOURCE}:9"),
    ],
)
def test_embedded_metadata_has_the_link_or_the_file(html: str, place: str) -> None:
    site = site_with(html, {"x.jpg": image("JPEG")}, copied=True)
    assert places(embedded_metadata(site)) == [place]


def test_embedded_metadata_of_files_of_the_pipeline_is_not_read() -> None:
    assert list(embedded_metadata(site_with("", {"x.jpg": image("JPEG")}))) == []


def test_search_reads_no_source_of_a_post_that_is_beside_its_page() -> None:
    site = site_of(
        {}, files={"posts/a/index.md": "```sh\n# TODO: see http://localhost:8000/\n```\n"}
    )
    assert len([*placeholder_text(site), *local_paths(site)]) == 2
    site = replace(site, settings=replace(site.settings, post_source="index.md"))
    assert [*placeholder_text(site), *local_paths(site)] == []


def test_sources_are_no_files_that_the_settings_name() -> None:
    site = site_of({}, files={"atom.xml": "zero\u200bwidth"})
    copied = replace(site.artifacts["atom.xml"], source="content/extra/atom.xml")
    for source, count in (("content/extra/atom.xml", 1), ("pelicanconf.py", 0)):
        artifacts = {"atom.xml": replace(copied, source=source)}
        found = characters(replace(site, artifacts=artifacts))
        assert len([*found]) == count
