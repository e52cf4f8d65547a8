from datetime import date

import pytest

from pipeline.content.tag_uri import anchor, is_entry_id, is_tag_uri, mint


@pytest.mark.parametrize(
    "text",
    [
        "tag:blog.example,2024-03-01:a-title",
        "tag:ada@blog.example,2024:a/b?c",
        "tag:x.org,2024-12:%20",
    ],
)
def test_is_tag_uri_accepts_rfc_4151(text: str) -> None:
    assert is_tag_uri(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://blog.example/",
        "tag:blog.example:x",
        "tag:blog.example,2024-3-1:x",
        "tag:blog.example,2024-13-01:x",
        "tag:blog.example,2024-03-32:x",
        "tag:blog.example,2024:",
        "tag:blog.example,2024:a b",
        "tag:blog.example,2024:ü",
        "tag:-x.org,2024:a",
        "tag:blog.example,2024:a\n",
    ],
)
def test_is_tag_uri_refuses_anything_else(text: str) -> None:
    assert not is_tag_uri(text)


def test_mint_has_the_authority_of_the_feeds_and_the_words_of_the_slug() -> None:
    new = mint("tag:x.org,2020:feeds", date(2024, 3, 1), "drafts/2024-03-01-a-title")
    assert new == "tag:x.org,2024-03-01:a-title"
    assert is_tag_uri(new)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("tag:x.org,2024:a", True), ("https://x.org/?p=1", True), ("urn:uuid:1", True), ("a", False)],
)
def test_entry_id_is_a_tag_uri_or_that_of_another_site(text: str, is_one: bool) -> None:
    assert is_entry_id(text) is is_one


def test_anchor_is_what_follows_the_authority() -> None:
    assert anchor("tag:x.org,2024-03-01:a/b") == "2024-03-01-a-b"
    assert anchor("https://x.org/?p=1") == "p-1"
    assert anchor("") == ""
