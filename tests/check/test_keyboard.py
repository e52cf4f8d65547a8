"""What the keyboard does not reach, or reaches too early."""

from tests.check.test_tags import html, theme

FAULTS = {
    "scroll-areas": {
        "code that the keyboard does not reach": theme("<pre>Words.</pre>"),
    },
    "tab-order": {
        "first of all": html('<p><a href="/" tabindex="3">to the start</a></p>'),
        "a word": html('<p tabindex="yes">Words of it.</p>'),
    },
}
