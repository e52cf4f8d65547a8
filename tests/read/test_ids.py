"""Tag URIs (RFC 4151)."""

from datetime import date

import pytest

from pipeline.problems import ProblemsFound
from pipeline.read.ids import anchor, is_tag_uri, mint


@pytest.mark.parametrize(
    "text",
    [
        "tag:ben.bolte.cc,2024-03-01:why-kscale-wins",
        "tag:ben@bolte.cc,2024:a/b?c",
        "tag:x.org,2024-12:%20",
    ],
)
def test_good_ones(text: str) -> None:
    assert is_tag_uri(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://ben.bolte.cc/",
        "tag:ben.bolte.cc:x",
        "tag:ben.bolte.cc,2024-3-1:x",
        "tag:ben.bolte.cc,2024-13-01:x",
        "tag:ben.bolte.cc,2024-03-32:x",
        "tag:ben.bolte.cc,2024:",
        "tag:ben.bolte.cc,2024:a b",
        "tag:ben.bolte.cc,2024:ü",
        "tag:-x.org,2024:a",
        "tag:ben.bolte.cc,2024:a\n",
    ],
)
def test_bad_ones(text: str) -> None:
    assert not is_tag_uri(text)


def test_a_new_one_has_the_authority_of_the_feeds_and_the_words_of_the_slug() -> None:
    new = mint("tag:x.org,2020:feeds", date(2024, 3, 1), "drafts/2024-03-01-a-title")
    assert new == "tag:x.org,2024-03-01:a-title"
    assert is_tag_uri(new)
    with pytest.raises(ProblemsFound, match="must be a tag URI"):
        mint("x.org", date(2024, 3, 1), "a")


def test_a_part_of_an_id_in_html() -> None:
    assert anchor("tag:x.org,2024-03-01:a/b") == "2024-03-01-a-b"
    assert anchor("") == ""
