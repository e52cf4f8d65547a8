"""What keeps somebody from a page, or from a part of it."""

import pytest

from pipeline.check.access import LANGUAGE
from tests.check.faults import Fault, P, at, text
from tests.check.test_tags import BASE, html, theme

FOOTER = "templates/partials/site_footer.html"
FAULTS = {
    "languages": {
        "a page without one": Fault(
            f"theme/{BASE}:2",
            theme=(
                BASE,
                '<html lang="{% block lang %}{{ DEFAULT_LANG }}{% endblock %}">',
                "<html>",
            ),
        ),
        "a country's underscore": Fault(
            f"{P}:10", text("Words.\n\nMots français.\n{: lang=fr_FR }\n")
        ),
        "a name of a language": html('<p lang="french">Mots français.</p>'),
    },
    "names": {
        "a link around nothing": html('<p>Words <a href="https://example.org/x"></a>of it.</p>'),
        "a button around nothing": html('<p>Words <button type="button"></button>of it.</p>'),
        "a field without a label": html('<p>Words <input type="text">of it.</p>'),
        "a region without a name": html('<div role="region" tabindex="0">Words of it.</div>'),
    },
    "alternatives": {
        "a file's name": Fault(
            f"{P}:9",
            {
                **text("Words.\n\n![drawing.svg](a.svg)\n"),
                "posts/a/a.svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"/>',
            },
        ),
        "a needless beginning": Fault(
            f"{P}:9",
            {
                **text("Words.\n\n![An image of a robot](a.svg)\n"),
                "posts/a/a.svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"/>',
            },
        ),
        "none": theme('<img src="{{ SITEURL }}/favicon.svg">'),
        "a drawing that says nothing": html('<p><svg role="img" viewBox="0 0 4 3"></svg></p>'),
    },
    "table-headers": {
        "a table of plain cells": html("<table><tr><td>One cell.</td></tr></table>"),
        "a scope that is none": html(
            '<table><tr><th scope="column">A head.</th></tr><tr><td>One cell.</td></tr></table>'
        ),
    },
    "landmarks": {
        "two main parts": html("<main>Words of it.</main>"),
        "no footer": Fault(
            at(f"theme/{BASE}", "<body>"),
            theme=(BASE, '{% include "partials/site_footer.html" %}', ""),
        ),
        "two menus of one name": Fault(
            f"theme/{FOOTER}:1", theme=(FOOTER, "<footer", '<nav aria-label="Site"></nav><footer')
        ),
    },
}


@pytest.mark.parametrize("tag", ["en", "de-CH", "zh-Hans-CN", "es-419", "sl-rozaj", "x-own"])
def test_languages_that_are_one(tag: str) -> None:
    assert LANGUAGE.fullmatch(tag)


@pytest.mark.parametrize("tag", ["french", "en_US", "e", "en-", "1a", "de-CH-"])
def test_languages_that_are_none(tag: str) -> None:
    assert not LANGUAGE.fullmatch(tag)
