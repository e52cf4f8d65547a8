from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import pytest

from pipeline.http_client import HttpClient
from pipeline.model import Output, Post, Redirect
from pipeline.problems import Problem
from pipeline.redirects import (
    collect_redirects,
    copied_files,
    read_redirects,
    redirect_files,
    redirect_outputs,
    redirect_page,
    redirect_problems,
    relative_target,
)
from tests.feeds.values import post, settings_of
from tests.publish.servers import free_port, needs, nginx_server, running

FILES = ["index.html", "posts/a/index.html", "about/index.html", "data.csv", "CNAME", "feeds/f.xml"]


def collect(
    tmp_path: Path, *aliases: str, table: str | bytes = "", **settings: object
) -> tuple[tuple[Redirect, ...], list[Problem]]:
    if table:
        data = table if isinstance(table, bytes) else table.encode()
        (tmp_path / "redirects.toml").write_bytes(data)
    one = post(front_matter=Post("A", aliases=aliases))
    return collect_redirects(settings_of(path=str(tmp_path), **settings), [one], FILES)


def test_redirects_are_those_of_aliases_table_and_feeds(tmp_path: Path) -> None:
    table = '\n"/talk/" = "https://example.org/a?b=c#d"\n"/me" = "/about/#now"\n'
    found, problems = collect(tmp_path, "/old", table=table, feed_aliases={"f.xml": "feeds/f.xml"})
    path = str(tmp_path / "redirects.toml")
    assert problems == []
    assert found == (
        Redirect("/f.xml", "/feeds/f.xml", "settings.py", 0, copied=True),
        Redirect("/me", "/about/#now", path, 3),
        Redirect("/old", "/posts/a/", "content/posts/a.md", 4),
        Redirect("/talk/", "https://example.org/a?b=c#d", path, 2),
    )
    assert list(redirect_problems(found, FILES)) == []


def test_document_that_is_not_published_has_no_redirects(tmp_path: Path) -> None:
    draft = post(front_matter=Post("A", aliases=("/old",)), output="")
    assert collect_redirects(settings_of(path=str(tmp_path)), [draft], FILES) == ((), [])


def test_what_is_made_beside_a_page_moves_with_it(tmp_path: Path) -> None:
    one = post(front_matter=Post("A", aliases=("/posts/old/", "/2016/a/")))
    names = ["index.html", "changes/index.html", "a.epub", "social-card.png"]
    own = [Output(f"posts/a/{name}", one.document.path) for name in names]
    files = ["posts/a/a.epub"]
    found, _ = collect_redirects(settings_of(path=str(tmp_path)), [one], files, own)
    assert [(each.source, each.to, each.copied) for each in found] == [
        ("/2016/a/", "/posts/a/", False),
        ("/posts/old/", "/posts/a/", False),
        ("/posts/old/a.epub", "/posts/a/a.epub", True),
        ("/posts/old/changes/", "/posts/a/changes/", False),
    ]


@pytest.mark.parametrize(
    ("table", "code", "line"),
    [
        ('"/a1" = 3', "redirects", 1),
        ('\n"/a b" = "/about/"', "redirects", 2),
        ('\n\n"old" = "/about/"', "redirects", 3),
        ("\nx", "toml", 2),
        (b'"/a" = "/b"\n"/\xff" = "/about/"', "encoding", 2),
    ],
)
def test_invalid_table_is_a_problem_with_its_line(
    tmp_path: Path, table: str | bytes, code: str, line: int
) -> None:
    _, [problem] = collect(tmp_path, table=table)
    assert (problem.code, problem.line) == (code, line)


@pytest.mark.parametrize(
    ("redirects", "part"),
    [
        ({"/about": "/posts/a/"}, "in use: /about/"),
        ({"/ABOUT/": "/posts/a/"}, "in use: /about/"),
        ({"/posts/a": "/about/"}, "in use: /posts/a/"),
        ({"/data.csv/old": "/about/"}, "in use: /data.csv"),
        ({"/cname/old": "/about/"}, "in use: /CNAME"),
        ({"/index.html": "/about/"}, "in use: /index.html"),
        ({"/old": "/abut/"}, "to nothing"),
        ({"/old": "about/"}, "to nothing"),
        ({"/old": "ftp://a/"}, "to nothing"),
        ({"/old": "https://a/b c"}, "to nothing"),
        ({"/a1": "/a2/", "/a2": "/about/"}, "to a redirect"),
        ({"/a1": "/a2/", "/a2": "/a1"}, "loop"),
        ({"/a1": "/a1"}, "loop"),
        ({"/old": "/about/", "/OLD/": "/posts/a/"}, "two redirects"),
        ({f"/{'x' * 1000}": "/about/"}, "1008 characters"),
        ({f"/{n}": "/about/" for n in range(1001)}, "2002 rules"),
    ],
)
def test_redirect_problems(redirects: dict[str, str], part: str) -> None:
    found = [Redirect(old, to, "f", 1) for old, to in redirects.items()]
    first = next(redirect_problems(found, FILES))
    assert part in first.message and first.code == "redirects"


def test_redirect_to_nothing_has_a_hint() -> None:
    [problem] = redirect_problems([Redirect("/old", "/abut/", "f", 1)], FILES)
    assert "'/about/'" in problem.hint


@pytest.mark.parametrize(
    ("source", "page", "sources"),
    [
        ("/old", "old/index.html", ("/old", "/old/")),
        ("/old/", "old/index.html", ("/old", "/old/")),
        ("/2016/old.html", "2016/old.html", ("/2016/old.html",)),
        ("/v1.2", "v1.2/index.html", ("/v1.2", "/v1.2/")),
        ("/blog/atom.xml", "", ("/blog/atom.xml",)),
        ("/a/DATA.CSV", "", ("/a/DATA.CSV",)),
        ("/feed/", "feed/index.html", ("/feed", "/feed/")),
    ],
)
def test_page_and_sources(source: str, page: str, sources: tuple[str, ...]) -> None:
    redirect = Redirect(source, "/posts/a/", "", 0)
    text = dict(redirect_files([redirect], settings_of()))["_redirects"]
    assert redirect_page(redirect) == page
    assert tuple(old for old, _ in read_redirects(text)) == sources


def test_file_at_an_earlier_address_is_a_copy(tmp_path: Path) -> None:
    table = '"/old.csv" = "/data.csv"\n"/x.csv" = "/about/"\n"/y" = "/data.csv"\n'
    found, _ = collect(tmp_path, table=table)
    assert list(copied_files(found)) == [("old.csv", "data.csv")]
    assert list(redirect_problems(found, FILES)) == []
    outputs = [output.path for output in redirect_outputs(found, settings_of())]
    assert outputs[3:] == ["old.csv", "y/index.html"]


def test_redirect_files_and_outputs() -> None:
    assert list(redirect_files([], settings_of())) == []
    assert list(redirect_outputs([], settings_of())) == []
    found = [
        Redirect("/2016/old.html", "/posts/a/", "", 0),
        Redirect("/talk", "https://example.org/a?b=c#d", "", 0),
    ]
    files = dict(redirect_files(found, settings_of()))
    assert list(read_redirects(f"# x\n\n{files['_redirects']}")) == [
        ("/2016/old.html", "/posts/a/"),
        ("/talk", "https://example.org/a?b=c#d"),
        ("/talk/", "https://example.org/a?b=c#d"),
    ]
    assert files["_redirects.nginx"].splitlines()[0] == (
        'location = /blog/2016/old.html { return 301 "/blog/posts/a/"; }'
    )
    assert files["_redirects.caddy"].splitlines()[-1] == (
        'redir /blog/talk/ "https://example.org/a?b=c#d" permanent'
    )
    assert [o.path for o in redirect_outputs(found, settings_of())][:3] == list(files)


@pytest.mark.parametrize(
    ("page", "to"),
    [
        ("2016/old.html", "/posts/a/"),
        ("old/index.html", "/posts/a/"),
        ("old/index.html", "/"),
        ("me/index.html", "/about/#now"),
        ("a/b/index.html", "/feeds/f.xml?x"),
        ("talk/index.html", "https://example.org/a?b=c#d"),
    ],
)
def test_relative_target_leads_there(page: str, to: str) -> None:
    site = "https://example.org/blog"
    expected = f"{site}{to}" if to.startswith("/") else to
    assert urljoin(f"{site}/{page}", relative_target(page, to)) == expected


WAYS = {
    "/old": "/posts/a/",
    "/2016/old.html": "/posts/a/#b",
    "/feed.xml": "/feeds/all.atom.xml",
    "/a.b_c~d-e": "https://example.org/a?b=c;d&e=%20#f",
    "/strange": "https://example.org/$host/{path}/\"'\\",
}
ESCAPES = str.maketrans({"$": "%24", "{": "%7B", "}": "%7D", '"': "%22", "\\": "%5C"})
REDIRECTS = [Redirect(source, to, "", 0) for source, to in WAYS.items()]
CADDYFILE = """
{{
    admin off
    auto_https off
}}
http://127.0.0.1:{port} {{
    import {folder}/_redirects.caddy*
}}
"""


@pytest.mark.servers
@pytest.mark.parametrize("server", ["nginx", "caddy"])
def test_servers_redirect(tmp_path: Path, server: str) -> None:
    files = dict(redirect_files(REDIRECTS, settings_of()))
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    with serve(server, tmp_path) as url:
        client = HttpClient()
        for source, to in read_redirects(files["_redirects"]):
            response = client.request(f"{url}/blog{source}", follow=False)
            wanted = f"/blog{to}" if to.startswith("/") else to.translate(ESCAPES)
            assert (response.status, response.location.removeprefix(url)) == (301, wanted), source
        assert client.request(f"{url}/old", follow=False).location == ""


@contextmanager
def serve(server: str, folder: Path) -> Iterator[str]:
    """Run a server that includes its file of redirects, and yield its URL."""
    if server == "nginx":
        rules = f"include {folder}/_redirects.ngin[x];"
        with nginx_server(folder / "run", folder, rules) as url:
            yield url
        return
    program, port, config = needs("caddy"), free_port(), folder / "Caddyfile"
    config.write_text(CADDYFILE.format(port=port, folder=folder), "utf-8")
    command = [program, "run", "--config", config, "--adapter", "caddyfile"]
    home = {"HOME": str(folder), "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": ""}
    with running(command, port, folder / "log", home):
        yield f"http://127.0.0.1:{port}"
