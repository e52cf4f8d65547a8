"""Left-overs, secrets and traces, and the many texts that look like them and are none."""

import pytest

from pipeline import scaffold
from tests.check.faults import Fault, P, at, prove_tiny, text
from tests.conftest import POST, TinySite

COMMENT = "This is an HTML comment"
# In parts, so that no scanner takes them for true ones.
GITHUB = "gh" + "p_" + "a1B2c3D4e5" * 4
AWS = "AK" + "IA" + "Q3EGXMPLRSTUVWXY"
JWT = "ey" + "JhbGciOiJIUzI1NiJ9.ey" + "JzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
KEY = "-----BEGIN OPENSSH " + "PRIVATE KEY-----"


def words(sentence: str) -> Fault:
    """Return a fault in the third line of a text, the ninth of its file."""
    return Fault(f"{P}:9", text(f"Words.\n\n{sentence}"))


def code(line: str) -> Fault:
    """Return a fault in a code block, in line 9 of its file."""
    return Fault(f"{P}:10", text(f"Words.\n\n```text\n{line}\n```"))


def extra(name: str, data: str) -> Fault:
    """Return a fault in the second line of a file that is copied as it is."""
    return Fault(f"content/extra/{name}:2", {f"extra/{name}": f"First\n{data}\n"})


FAULTS = {
    "starter-text": {
        "lorem ipsum": words("Lorem ipsum dolor sit amet."),
        "example.com": words("Mail me at example.com."),
        "a note with a colon": words("It costs TODO: look it up."),
        "a note in brackets": words("It costs [TODO] dollars."),
        "a note alone": words("TODO\n\nMore."),
        "a note in front": words("FIXME write this part."),
        "a placeholder": words("Everybody (XXX check the number) came."),
        "the starter's title": Fault(
            f"{P}:1", {"posts/a/index.md": POST.replace("A post", "My Portfolio")}
        ),
        "the summary of a new post": Fault(
            f"{P}:3",
            {
                "posts/a/index.md": POST.replace(
                    "What it says.",
                    scaffold.POST.partition("Summary: ")[2].partition("\n")[0],
                )
            },
        ),
        "the text of a new post": words(scaffold.POST.strip().rpartition("\n")[2]),
        "in a picture's words": Fault(
            f"{P}:9", text('Words.\n\n<span title="TODO: a title">Words</span>')
        ),
        "in a file that is copied": extra("humans.txt", "TODO: say who"),
    },
    "own-machine": {
        "an address": words("See http://localhost:8000/b/."),
        "a link": words("See [the page](http://localhost:8000/b/)."),
        "a link by its number": words("See [the page](http://127.0.0.1/b/)."),
        "a link that is its words": words("See <http://localhost:8000/b/>."),
        "a link whose words are without a scheme": words(
            "See [localhost:80](http://localhost:80)."
        ),
        "a port": words("It listens on 127.0.0.1:8000."),
        "a home": words("It lies in /home/alice/kscale."),
        "a home of macOS": words("It lies in /Users/alice/kscale."),
        "a home of Windows": words("It lies in C:\\Users\\alice."),
        "the author's home in code": code("File /home/ben/kscale/train.py, line 3"),
        "in a file that is copied": extra("humans.txt", "See http://localhost:8000/"),
    },
    "secrets": {
        "of GitHub": words(f"Use {GITHUB} for it."),
        "of AWS in code": code(f"export KEY={AWS}"),
        "a token": code(JWT),
        "a private key": code(KEY),
        "a password": code("git clone https://ben:hunter22@git.bolte.cc/x"),
        "in a file that is copied": extra("x.csv", f"a,{GITHUB}"),
    },
    "plain-emails": {
        "in words": words("Write to ben@bolte.cc about it."),
        "in a link": words("[Write](mailto:ben@bolte.cc?subject=x) about it."),
        "in the brackets of Markdown": words("Write to <ben@bolte.cc>."),
    },
    "html-comments": {
        "in a text": words(f"<!-- {COMMENT} -->"),
        "in the theme": Fault(
            at("theme/templates/base.html", "skip-link"),
            theme=("templates/base.html", '<a class="skip', f'<!-- {COMMENT} --><a class="skip'),
        ),
    },
}

HARMLESS = [
    "I keep TODO lists, and a TODO app; a TODO is a promise.",
    "TODO lists are useless.",
    "TODOs and FIXMEs rot. Super Bowl XXX was long ago, and so was Louis XXX.",
    "My portfolio of stocks fell.",
    "Run it with `curl http://localhost:8000` or `ssh me@127.0.0.1`.",
    "Localhost is where the heart is.",
    "```sh\ncurl http://localhost:8000/home\ncd /home/pi && ls /Users/alice\n```",
    "Mail to `someone@example.com`, and `example.com` is an example.",
    "Clone git@github.com:kscalelabs/ksim.git today.",
    "Follow @ben@social.bolte.cc, or https://medium.com/@ben.bolte/x.",
    "[The list](https://lists.bolte.cc/archive/ben@bolte.cc/3)",
    "The path /homework/alice is none, nor is /home.",
    "```text\nAKIA" + "IOSFODNN7EXAMPLE\nghp_…\n```",
    "```text\n<!-- a comment, shown -->\n```",
    "It is `<!-- so -->` in code.",
    "The sk-learn-contrib package, the eyJ of a token, and a PRIVATE KEY.",
    "She said: note to self, XXX is a kiss thrice.",
    "At 10:30 the ratio was 127.0 to 1.",
    "See [the docs](https://docs.bolte.cc/#todo:list).",
    "```python\n# TODO: explain\nassert x  # FIXME\n```",
    "Ask benchmark@scale, or 5@2x; the price is $5 @ 10%.",
    "Energy is \\(E = mc^2\\) (TODOroki showed it).",
]


@pytest.mark.parametrize("sentence", HARMLESS)
def test_what_looks_like_a_leak_and_is_none(sentence: str, tiny: TinySite) -> None:
    assert prove_tiny(tiny, Fault("", text(sentence))) == []


def test_a_text_on_examples_excuses_itself(tiny: TinySite) -> None:
    excuse = "<!-- excuse starter-text: it is about that very domain -->"
    sentence = f"{excuse}\nThe domain example.com is reserved by RFC 2606.\n\nMore."
    assert prove_tiny(tiny, Fault("", text(f"First.\n\n{sentence}"))) == []


def test_a_secret_is_not_said_in_full(tiny: TinySite) -> None:
    [problem] = prove_tiny(tiny, words(GITHUB))
    assert GITHUB not in str(problem)
