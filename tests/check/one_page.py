"""What reading and the checks of one page find in a source, without a build."""

from pipeline.assemble import unresolved
from pipeline.check.runner import inspect_content
from pipeline.content.front_matter import Rules
from pipeline.content.reader import read_document
from pipeline.html import plain
from pipeline.model import Post
from pipeline.problems import ProblemsFound
from pipeline.settings import Settings
from tests.check.site import SOURCE, URL, content_of, html_of
from tests.site.pelicanconf import MARKDOWN

HEAD = "Title: A title\nDate: 2024-05-06\nSummary: One or two words.\n\n"
RULES = Rules(tags=frozenset({"AI"}), keys=(), required=("summary",))
SETTINGS = Settings("pelicanconf.py", siteurl=URL, page_views=True, strict_content=True)


def found_in(body: str, head: str = HEAD) -> list[tuple[str, int]]:
    """Return the code and the line, from 1 after the front matter, of each problem."""
    source = (head + body).encode()
    try:
        document = read_document(source, Post, SOURCE, "posts/a/index.md", RULES, MARKDOWN)
    except ProblemsFound as error:
        problems = error.problems
    else:
        html = unresolved(document.body)
        path = "posts/a/index.html"
        content = content_of(document, path, html=html)
        page = html_of(html, title=plain(document.title))
        problems = inspect_content(path, page, content, SETTINGS)
    return [(p.code, p.line - head.count("\n")) for p in problems if p.path == SOURCE]
