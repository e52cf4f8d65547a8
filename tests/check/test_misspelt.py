"""Addresses that are written as none can be, and those that only look so."""

import pytest

from pipeline.check.addresses import Address
from pipeline.check.misspelt import flaw_of
from pipeline.check.site import Page
from tests.check.test_links import theme, words

PAGE_OF_ONE = Page("index.html", None, (), "<p>x</p>")
FAULTS = {
    "misspelt-addresses": {
        "a placeholder": theme('<a href="{filename}/pages/b.md">x</a>'),
        "htp": words("[x](htp://bolte.cc)"),
        "no colon": theme('<a href="https//bolte.cc">x</a>'),
        "no scheme": theme('<a href="www.bolte.cc">x</a>'),
        "a mail to nobody": words("[x](mailto:ben)"),
        "an empty one": words("[empty]()"),
        "a space": words("[x](<https://bolte.cc/a b>)"),
        "a scheme of no program": words("[x](adress:bolte)"),
        "a file of the author's": words("[x](file:///etc/hosts)"),
        "a host without a point": words("[x](https://boltecc/)"),
    },
}


@pytest.mark.parametrize(
    "address",
    [
        "irc://irc.libera.chat/#jekyll",
        "ircs:irc.libera.chat",
        "magnet:?xt=urn:btih:1",
        "matrix:r/room:host.net",
        "news:comp.text",
        "git://host.net/a.git",
        "ssh://git@host/a",
        "feed:https://elsewhere.net/a.xml",
        "obsidian://open",
        "web+mastodon://share",
    ],
)
def test_schemes_that_programs_of_readers_know(address: str) -> None:
    link = Address(PAGE_OF_ONE, PAGE_OF_ONE.elements[0], "href", address)
    assert flaw_of(link) is None
