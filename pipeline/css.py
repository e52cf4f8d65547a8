"""CSS: which files a stylesheet or an attribute loads (CSS Syntax 3, by tinycss2)."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

import tinycss2

# Functions that load the files which strings in them name
LOADING_FUNCTIONS = ("url", "src", "image", "image-set", "-webkit-image-set", "cross-fade")


@lru_cache(256)  # the pages of a site share their styles
def css_urls(css: str) -> tuple[tuple[str, int], ...]:
    """Return each URL that CSS loads, with its line: `url(…)`, `@import "…"`, `image-set("…")`."""

    def walk(nodes: Iterable[tinycss2.ast.Node], strings: bool) -> Iterator[tuple[str, int]]:
        rule = ""  # the at-rule whose prelude is being read
        for node in nodes:
            if node.type == "at-keyword":
                rule = node.lower_value
            elif node == ";":
                rule = ""
            elif rule == "namespace":
                continue  # a name, which nothing loads
            elif node.type == "url" or (node.type == "string" and (strings or rule == "import")):
                yield node.value, node.source_line
            elif node.type == "function":
                yield from walk(node.arguments, strings or node.lower_name in LOADING_FUNCTIONS)
            elif hasattr(node, "content"):
                yield from walk(node.content, strings)
                rule = ""

    return tuple(walk(tinycss2.parse_component_value_list(css, skip_comments=True), False))
