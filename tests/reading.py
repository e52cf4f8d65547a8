"""Sources as strings for tests: what is read from them, and what is wrong with them."""

from pipeline.assemble import unresolved
from pipeline.content.front_matter import Rules
from pipeline.content.reader import read_document
from pipeline.html import strip_marks
from pipeline.model import Document, Page, Post
from pipeline.problems import ProblemsFound
from tests.site.pelicanconf import MARKDOWN

PATH = "content/pages/x.md"
STRICT = Rules(tags=frozenset({"robotics", "AI"}), keys=(), required=("summary",))
HEAD = "Title: A\nSummary: B\n\n"
LINES = HEAD.count("\n")  # of the front matter, with the empty line after it
POST = "Title: A\nDate: 2024-05-06\nSummary: B\nTags: robotics, AI\n\nText.\n"


def read(
    body: str | bytes, head: str = HEAD, kind: type[Post] | type[Page] = Page, rules: Rules = STRICT
) -> Document:
    """Return the document of a text below front matter. Raises ProblemsFound."""
    data = head.encode() + (body if isinstance(body, bytes) else body.encode())
    return read_document(data, kind, PATH, "pages/x.md", rules, MARKDOWN)


def html_of(body: str) -> str:
    """Return the HTML of a text without marks, every address as it was written."""
    return strip_marks(unresolved(read(body).body))


def problems_of(
    body: str | bytes, head: str = HEAD, kind: type[Post] | type[Page] = Page, rules: Rules = STRICT
) -> list[tuple[int, str]]:
    """Return the line, from 1 after the front matter, and the code of each problem."""
    try:
        read(body, head, kind, rules)
    except ProblemsFound as error:
        return [(problem.line - head.count("\n"), problem.code) for problem in error.problems]
    return []
