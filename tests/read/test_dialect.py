"""The dialect beyond Python-Markdown, each element as a golden example."""

import re

import pytest
from markdown import Markdown

import pelicanconf
from pipeline.read.dialect import Dialect

EXAMPLES = {
    "verse": (
        "| Waking at four\n| to soundless dark\n\n| In time",
        '<p class="verse">Waking at four<br>to soundless dark</p><p class="verse">In time</p>',
    ),
    "a table stays a table": (
        "| a | b |\n|---|---|\n| 1 | 2 |",
        '<div aria-label="Table" class="scroll" role="region" tabindex="0"><table><thead><tr>'
        "<th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>"
        "</div>",
    ),
    "a table is named by its heading": (
        "## Tools *I* Use\n\n| a |\n|---|\n| 1 |",
        '<h2><a class="heading-link" href="#tools-i-use" id="tools-i-use">Tools <em>I</em> Use</a>'
        '</h2><div aria-label="Tools I Use" class="scroll" role="region" tabindex="0"><table>'
        "<thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table></div>",
    ),
    "a quote with an attribution": (
        "> Words.\n>\n> — Who, *What* (1999)",
        '<figure class="quote"><blockquote><p>Words.</p></blockquote>'
        "<figcaption>— Who, <em>What</em> (1999)</figcaption></figure>",
    ),
    "two quotes": (
        "> A.\n>\n> — One\n\n> B.\n>\n> C.\n>\n> — Two",
        '<figure class="quote"><blockquote><p>A.</p></blockquote><figcaption>— One</figcaption>'
        '</figure><figure class="quote"><blockquote><p>B.</p><p>C.</p></blockquote>'
        "<figcaption>— Two</figcaption></figure>",
    ),
    "a quote without an attribution behind one that has it": (
        "> A.\n>\n> — One\n\n> B.",
        '<figure class="quote"><blockquote><p>A.</p></blockquote><figcaption>— One</figcaption>'
        "</figure><blockquote><p>B.</p></blockquote>",
    ),
    "a plain quote": ("> A.", "<blockquote><p>A.</p></blockquote>"),
    "an empty quote": (">", "<blockquote></blockquote>"),
    "verse in a quote, in stanzas": (
        "> | a\n> | b\n>\n> | c\n>\n> — Who",
        '<figure class="quote"><blockquote><p class="verse">a<br>b</p><p class="verse">c</p>'
        "</blockquote><figcaption>— Who</figcaption></figure>",
    ),
    "a heading that has a link keeps it": (
        "## See [this](x/)",
        '<h2 id="see-this">See <a href="x/">this</a></h2>',
    ),
    "the same heading twice": (
        "## A\n\n## A",
        '<h2><a class="heading-link" href="#a" id="a">A</a></h2>'
        '<h2><a class="heading-link" href="#a_1" id="a_1">A</a></h2>',
    ),
    "code takes the keyboard": (
        "```\n<pre>\n```",
        '<div class="highlight"><pre tabindex="0"><span></span><code>&lt;pre&gt;</code></pre>'
        "</div>",
    ),
}


def convert(text: str) -> str:
    extensions = [*pelicanconf.MARKDOWN["extensions"], Dialect()]
    return Markdown(**{**pelicanconf.MARKDOWN, "extensions": extensions}).convert(text)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example(name: str) -> None:
    source, expected = EXAMPLES[name]
    assert (
        re.sub(r">\s+<", "><", re.sub(r"<br>\n", "<br>", convert(source))).replace(
            "\n</code>", "</code>"
        )
        == expected
    )


def test_what_pelicans_defaults_had_is_there() -> None:
    """MARKDOWN replaces Pelican's defaults, which once cost tables and footnotes."""
    assert "<dl>" in convert("a\n: b")
    assert 'class="footnote"' in convert("a[^1]\n\n[^1]: b")
    assert "<abbr" in convert("HTML\n\n*[HTML]: x")
    assert 'class="k"' in convert("```python\nif 1: pass\n```")
    assert 'id="x"' in convert("a\n{: #x}")
