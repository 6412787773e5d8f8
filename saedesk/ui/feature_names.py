"""What a feature is called in lists; in a sentence without a label it is “Feature 8”."""

from __future__ import annotations

from saedesk.session.feature_book import FeatureBook

NO_LABEL_YET = "No label yet"


def name_in_list(book: FeatureBook, latent: int) -> str:
    """The label, or that there is none and which feature it is."""
    return book.text(latent) if book.has_label(latent) else f"{NO_LABEL_YET} · {latent}"
