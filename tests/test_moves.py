"""Old addresses of posts and pages, in the sites that are built."""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest

from pipeline.render.redirects import Redirect, as_underscore, redirect_problems
from tests.check.faults import Fault, prove_tiny
from tests.conftest import PAGE, POST, TinySite

ALIASED = POST.replace("Tags:", "Aliases: /2016/old.html,\n  /old\nTags:")
ALONE = ("-e", "FEED_ALIASES={}")  # without the old addresses of feeds
TABLE = '"/talk/" = "https://example.org/a?b=c#d"\n"/me" = "/about/#now"\n'


class Refresh(HTMLParser):
    """Finds where a browser is sent, and what else a page says about it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.to: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if given.get("http-equiv") == "refresh":
            self.to["refresh"] = given["content"].removeprefix("0; url=")
        if given.get("rel") == "canonical":
            self.to["canonical"] = given["href"]
        if given.get("name") == "robots":
            self.to["robots"] = given["content"]


def test_every_form(tiny: TinySite) -> None:
    tiny.write({"posts/a.md": ALIASED, "pages/about.md": PAGE, "redirects.toml": TABLE})
    tiny.build(*ALONE, 'SITEURL="https://example.org/blog"', settings="publishconf.py")
    assert tiny.page("_redirects") == (
        "/2016/old.html /posts/a/ 301\n"
        "/me /about/#now 301\n/me/ /about/#now 301\n"
        "/old /posts/a/ 301\n/old/ /posts/a/ 301\n"
        "/talk https://example.org/a?b=c#d 301\n/talk/ https://example.org/a?b=c#d 301\n"
    )
    assert tiny.page("_redirects.nginx").splitlines()[0] == (
        'location = /blog/2016/old.html { return 301 "/blog/posts/a/"; }'
    )
    assert tiny.page("_redirects.caddy").splitlines()[-1] == (
        'redir /blog/talk/ "https://example.org/a?b=c#d" permanent'
    )


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("2016/old.html", "https://example.org/blog/posts/a/"),
        ("old/index.html", "https://example.org/blog/posts/a/"),
        ("me/index.html", "https://example.org/blog/about/#now"),
        ("talk/index.html", "https://example.org/a?b=c#d"),
    ],
)
def test_a_page_leads_on_where_the_host_does_not(tiny: TinySite, path: str, to: str) -> None:
    tiny.write({"posts/a.md": ALIASED, "pages/about.md": PAGE, "redirects.toml": TABLE})
    tiny.build(*ALONE, 'SITEURL="https://example.org/blog"', settings="publishconf.py")
    found = Refresh(tiny.page(path)).to
    here = f"https://example.org/blog/{path.removesuffix('index.html')}"
    assert urljoin(here, found["refresh"]) == to
    assert (found["canonical"], found["robots"]) == (to, "noindex")
    assert f'<a href="{found["refresh"]}">' in tiny.page(path)


def test_pages_that_lead_on_pass_the_gate(tiny: TinySite) -> None:
    files = {"posts/a/index.md": ALIASED, "redirects.toml": '"/me" = "/b/"\n'}
    assert prove_tiny(tiny, Fault("", files)) == []


def test_no_redirects_are_no_files(tiny: TinySite) -> None:
    tiny.write({"posts/a.md": POST, "pages/about.md": PAGE})
    tiny.build(*ALONE)
    assert not [*tiny.output.glob("_redirects*")]


def test_a_draft_has_no_old_address(tiny: TinySite) -> None:
    draft = ALIASED.replace("Tags:", "Status: draft\nTags:")
    tiny.write({"posts/a.md": draft, "posts/b.md": POST})
    tiny.build(*ALONE, settings="publishconf.py")
    assert not (tiny.output / "_redirects").exists()


def test_an_old_address_that_is_no_page_has_none(tiny: TinySite) -> None:
    aliases = "Aliases: /blog/atom.xml, /v1.2\nTags:"
    tiny.write({"posts/a.md": POST.replace("Tags:", aliases)})
    tiny.build(*ALONE)
    assert "/blog/atom.xml /posts/a/ 301\n" in tiny.page("_redirects")
    assert not (tiny.output / "blog").exists()
    assert (tiny.output / "v1.2/index.html").exists()


@pytest.mark.parametrize(
    ("aliases", "table", "problem"),
    [
        (
            "/about",
            "",
            "posts/a.md:5: an old address must not be one of the site's own: /about is ",
        ),
        ("/ABOUT/", "", "an old address must not be one of the site's own: /ABOUT/ is that of "),
        ("/posts/a", "", "must not be one of the site's own: /posts/a is that of posts/a/index"),
        ("/extra.txt/old", "", "must not be one of the site's own: /extra.txt/old is that of"),
        ("/index.html", "", "must not be one of the site's own: /index.html is that of index.html"),
        ("/old", '"/old/" = "/about/"', "must lead to one place; /old is also in"),
        ("", '"/old" = "/abut/"', "redirects.toml:1: a redirect must lead to an address of the "),
        ("", '"/old" = "/abut/"', "'/abut/' (did you mean '/about/'?)"),
        ("", '"/old" = "about/"', "must lead to an address of the site, or to a URL"),
        ("", '"/old" = "ftp://a/"', "must lead to an address of the site, or to a URL"),
        ("", '"/a1" = "/a2/"\n"/a2" = "/about/"', "must lead to a page: /a2/ leads on (write /ab"),
        ("", '"/a1" = "/a2/"\n"/a2" = "/a1"', "must lead to a page: /a1 leads back to itself"),
        ("", '"/a1" = "/a1"', "must lead to a page: /a1 leads back to itself"),
        ("", '"/a1" = 3', 'redirects.toml:1: must be lines of "/old/" = "/new/": 3'),
        ("", '\n"/a b" = "/about/"', "redirects.toml:2: an old address must be such as /old/"),
        ("", "x", "redirects.toml:1: must be TOML"),
        ("", f'"/{"x" * 1000}" = "/about/"', "must be shorter than 1000 characters: 1008"),
        ("old", "", "posts/a.md:5: Aliases must be such as /old/ or /2016/old.html: letters"),
        ("/old*", "", "Aliases must be such as"),
        ("/", "", "Aliases must be such as"),
        ("/old, /old", "", "Aliases must name each address once: '/old'"),
    ],
)
def test_what_is_refused(tiny: TinySite, aliases: str, table: str, problem: str) -> None:
    post = POST.replace("\n\n", f"\nAliases: {aliases}\n\n", 1) if aliases else POST
    tiny.write({"posts/a.md": post, "pages/about.md": PAGE, "extra/extra.txt": "x"})
    tiny.write({"redirects.toml": table} if table else {})
    [line, *_more] = [line for line in tiny.problems(*ALONE) if problem in line] or tiny.problems(
        *ALONE
    )
    assert problem in line


def test_too_many(tiny: TinySite) -> None:
    lines = "".join(f'"/{n}" = "/about/"\n' for n in range(1001))
    tiny.write({"pages/about.md": PAGE, "redirects.toml": lines})
    assert tiny.problems(*ALONE) == [
        "the site: there must be 2000 rules of redirects at most, as Cloudflare has it: 2002"
    ]


def test_what_stands_at_its_old_address_too_is_no_page() -> None:
    copy = Redirect("/feed.xml", "/feeds/all.atom.xml", "pelicanconf.py", 0, copied=True)
    assert not list(redirect_problems([copy], {"feed.xml", "feeds/all.atom.xml"}))
    assert list(
        redirect_problems([copy._replace(copied=False)], {"feed.xml", "feeds/all.atom.xml"})
    )
    assert as_underscore([copy]) == "/feed.xml /feeds/all.atom.xml 301\n"
    folder = copy._replace(source="/feed/")
    assert (folder.page, folder.sources) == ("", ("/feed", "/feed/"))


def test_a_text_must_not_link_to_an_old_address(tiny: TinySite) -> None:
    tiny.write({"posts/a.md": ALIASED, "posts/b.md": POST + "\n[a](/old/)\n"})
    [problem] = tiny.problems(*ALONE)
    assert "must link to a file that is there, or to an address of the site: /old/" in problem


def test_the_authors_own_file_is_not_overwritten(tiny: TinySite) -> None:
    tiny.write({"posts/a.md": ALIASED, "extra/_redirects": "/x /y\n"})
    [problem] = tiny.problems(*ALONE)
    assert re.match("extra/_redirects: must not be a file of yours", problem)
