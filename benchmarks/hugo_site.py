"""The generated posts as a site for Hugo, with the same kinds of pages as stock Pelican's."""

import os
import sysconfig
from pathlib import Path

CONFIG = """\
baseURL = "https://blog.example/"
title = "A"
[pagination]
pagerSize = 10
[services.rss]
limit = 30
[taxonomies]
tag = "tags"
[markup.highlight]
noClasses = false
"""
BASE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ .Title }} · {{ site.Title }}</title>
<meta name="description" content="{{ .Summary | plainify }}">
{{ range .AlternativeOutputFormats }}
<link rel="alternate" type="{{ .MediaType }}" href="{{ .Permalink }}">
{{ end }}{{ partial "opengraph.html" . }}{{ partial "schema.html" . }}</head>
<body>
<header><a href="/">{{ site.Title }}</a> <a href="/posts/">Posts</a></header>
<main>{{ block "main" . }}{{ end }}</main></body></html>
"""
SINGLE = """\
{{ define "main" }}<h1>{{ .Title }}</h1>
<time datetime="{{ .Date.Format "2006-01-02" }}">{{ .Date.Format "2 January 2006" }}</time>
{{ .Content }}
<p>{{ range .GetTerms "tags" }}<a href="{{ .RelPermalink }}">{{ .Title }}</a> {{ end }}</p>
{{ with .NextInSection }}<a href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}
{{ with .PrevInSection }}<a href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}{{ end }}
"""
LIST = """\
{{ define "main" }}<h1>{{ .Title }}</h1>
{{ range (.Paginate PAGES).Pages }}<article><h2><a href="{{ .RelPermalink }}">{{ .Title }}</a></h2>
<time datetime="{{ .Date.Format "2006-01-02" }}">{{ .Date.Format "2 January 2006" }}</time>
<p>{{ .Summary }}</p></article>
{{ end }}{{ partial "pagination.html" . }}{{ end }}
"""


def write_site(posts: Path, folder: Path) -> None:
    """Write the posts in a folder as a site for Hugo."""
    layouts = folder / "layouts"
    (folder / "content/posts").mkdir(parents=True)
    (layouts / "_default").mkdir(parents=True)
    (folder / "hugo.toml").write_text(CONFIG)
    (layouts / "_default/baseof.html").write_text(BASE)
    (layouts / "_default/single.html").write_text(SINGLE)
    (layouts / "_default/list.html").write_text(LIST.replace("PAGES", ".Pages"))
    (layouts / "index.html").write_text(LIST.replace("PAGES", "site.RegularPages"))
    for path in posts.iterdir():
        head, _, body = path.read_text().partition("\n\n")
        given = dict(line.split(": ", 1) for line in head.splitlines())
        front = [
            f'title: "{given["Title"]}"',
            f"date: {given['Date']}",
            f"tags: [{given['Tags']}]",
            f'summary: "{given["Summary"]}"',
        ]
        text = "\n".join(["---", *front, "---", "", body.replace("> {: .plain }", ">")])
        (folder / "content/posts" / path.name).write_text(text)


def hugo(folder: Path) -> list[str]:
    """Return the command that builds a site with Hugo, without the wrapper in Python."""
    binaries = Path(sysconfig.get_path("purelib"), "hugo/binaries")
    program = next(path for path in binaries.iterdir() if os.access(path, os.X_OK))
    return [str(program), "--source", str(folder), "--quiet"]
