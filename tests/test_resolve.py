import pytest

from pipeline.content.resolve import SKIPPED, UNREAD, LinkTarget, Resolver, source_name
from pipeline.model import Reference

TARGETS = {
    "posts/a/index.md": LinkTarget("posts/a/", ids=frozenset({"own"})),
    "posts/b/index.md": LinkTarget("posts/b/", ids=frozenset({"part", "ä"})),
    "posts/draft/index.md": LinkTarget("posts/draft/", published=False),
    "posts/skipped.md": SKIPPED,
    "posts/a/c d.png": LinkTarget("posts/a/c d.png"),
    "posts/a/e.csv": LinkTarget("posts/a/e.csv"),
    "posts/a/f#1.csv": LinkTarget("posts/a/f#1.csv"),
    "pages/broken.md": UNREAD,
    "pages/about/index.md": LinkTarget("about/"),
    "pages/404.md": LinkTarget("404.html"),
    "{index}": LinkTarget(""),
    "{tag}ai": LinkTarget("tags/ai/"),
}
OUTPUTS = frozenset({"feeds/all.atom.xml", "posts/index.html", "index.html", "posts/b/index.html"})


def resolver_of(name: str = "posts/a/index.md", *, away: bool = False) -> Resolver:
    site = "https://own.example/blog"
    url = "" if away else TARGETS[name].url
    return Resolver(name, f"content/{name}", url, TARGETS, OUTPUTS, site, away)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("../b/index.md", "../b/"),
        ("../b/index.md#part", "../b/#part"),
        ("../b/index.md#%C3%A4", "../b/#%C3%A4"),
        ("{filename}../b/index.md", "../b/"),
        ("|filename|../b/index.md#part", "../b/#part"),
        ("{filename}/posts/b/index.md", "../b/"),
        ("../../pages/about/index.md", "../../about/"),
        ("{static}e.csv", "e.csv"),
        ("{attach}e.csv", "e.csv"),
        ("e.csv", "e.csv"),
        ("c%20d.png", "c%20d.png"),
        ("f%231.csv", "f%231.csv"),
        ("#own", "#own"),
        ("index.md#own", "./#own"),
        ("{index}", "../../"),
        ("{tag}AI", "../../tags/ai/"),
        # not to files
        ("https://example.org/x.md", "https://example.org/x.md"),
        ("//example.org/x.md", "//example.org/x.md"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("../b/", "../b/"),
        ("/posts/b/", "../b/"),
        ("/posts/b/?q=1#x", "../b/?q=1#x"),
        ("/", "../../"),
        ("../", "../"),
        ("../../feeds/all.atom.xml", "../../feeds/all.atom.xml"),
        ("?q=1", "?q=1"),
        ("", ""),
    ],
)
def test_address_becomes_relative_to_the_page(written: str, address: str) -> None:
    resolver = resolver_of()
    assert resolver.address("href", written, 5) == address
    assert resolver.problems == []


def test_address_from_a_file_at_the_root_and_from_another_page() -> None:
    assert resolver_of("pages/404.md").address("href", "about/index.md", 1) == "about/"
    assert resolver_of(away=True).address("href", "../b/index.md", 1) == "posts/b/"
    assert resolver_of(away=True).address("href", "#own", 1) == "posts/a/#own"


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("../c/index.md", "../b/index.md"),
        ("{filename}../c/index.md", "../b/index.md"),
        ("../b/indx.md", "../b/index.md"),
        ("../nope/", ""),
        ("/nope/", ""),
        ("/posts/b", "/posts/b/"),
        ("../draft/index.md", ""),
        ("../skipped.md", ""),
        ("../b/index.md#parts", "part"),
        ("#nowhere", "own"),
        ("{filname}../b/index.md", "filename"),
        ("{tag}cooking", ""),
        ("{category}x", ""),
        ("http://[", ""),
    ],
)
def test_address_that_leads_nowhere_is_a_problem_with_its_line(written: str, hint: str) -> None:
    resolver = resolver_of()
    resolver.address("href", written, 5)
    [problem] = resolver.problems
    assert (problem.code, problem.line) == ("broken-link", 5)
    assert problem.path == "content/posts/a/index.md"
    assert hint in problem.hint
    assert "{index}" not in problem.hint


def test_address_of_a_source_that_was_not_read_is_no_second_problem() -> None:
    resolver = resolver_of()
    resolver.address("href", "../../pages/broken.md#x", 1)
    assert resolver.problems == []


@pytest.mark.parametrize("attribute", ["src", "srcset", "poster", "data"])
def test_address_that_is_loaded_exists_as_a_file(attribute: str) -> None:
    resolver = resolver_of()
    resolver.address(attribute, "/posts/b/", 1)
    assert [problem.code for problem in resolver.problems] == ["broken-link"]


def test_attribute_of_a_srcset_has_each_candidate_resolved() -> None:
    resolver = resolver_of()
    value = "c%20d.png 1x, {static}e.csv 2x, https://e.org/w_3,h_2/a.jpg 3x, no.png 4x"
    found = resolver.attribute(Reference("img", "srcset", value, 7))
    assert found == ('srcset="c%20d.png 1x, e.csv 2x, https://e.org/w_3,h_2/a.jpg 3x, no.png 4x"')
    assert [problem.line for problem in resolver.problems] == [7]
    assert resolver.links == {"posts/a/c d.png", "posts/a/e.csv"}


def test_attribute_of_a_link_to_another_site_stays() -> None:
    found = resolver_of().attribute(Reference("a", "href", "https://a.example/?b=1&c=2", 1))
    assert found == 'href="https://a.example/?b=1&amp;c=2"'


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("", "posts/a/index.md"),
        ("b.png", "posts/a/b.png"),
        ("../b.md", "posts/b.md"),
        ("/pages/b%20c.md", "pages/b c.md"),
    ],
)
def test_source_name_is_below_the_content_folder(written: str, name: str) -> None:
    assert source_name("posts/a/index.md", written) == name
