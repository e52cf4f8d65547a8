"""What pages say about themselves to machines: in their heads, in the sitemap, on social cards."""

from pipeline.metadata.page_metadata import (
    NOT_FOUND_PAGE,
    author_url,
    card_texts,
    changes_metadata,
    content_metadata,
    listing_metadata,
    listing_problems,
    make_head,
    quote_metadata,
    quote_page,
    sitemap,
)
from pipeline.metadata.social_card import COLORS, FIGURE, card_face, card_png

__all__ = [
    "COLORS", "FIGURE", "NOT_FOUND_PAGE", "author_url", "card_face", "card_png", "card_texts",
    "changes_metadata", "content_metadata", "listing_metadata", "listing_problems", "make_head",
    "quote_metadata", "quote_page", "sitemap",
]  # fmt: skip
