"""Where a saved selection comes from, for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saedesk.report.number_texts import activation_text
from saedesk.session.session import Session

FROM_FILTER: dict[str, Any] = {"corpus_filter": True}
"""Origin of what the filter of Corpus let through."""
UNKNOWN = "Not known"


def origin_text(session: Session, origin: Mapping[str, Any]) -> str:
    """“dark matter (feature 12), 0.300 or more”, with the SAE where another one is in use."""
    if origin.get("corpus_filter"):
        return "The filter in Corpus"
    latent, threshold = origin.get("feature"), origin.get("threshold")
    if not isinstance(latent, int):
        return UNKNOWN
    sae, book = str(origin.get("sae") or ""), session.book
    here = book is not None and book.sae.hash == sae
    name = book.text(latent) if book is not None and here else f"Feature {latent}"
    if book is not None and here and book.has_label(latent):
        name += f" (feature {latent})"
    if not here:
        name += f" of {_sae_name(session, sae)}"
    if isinstance(threshold, int | float):
        return f"{name}, {activation_text(float(threshold))} or more"
    return f"{name}, all its documents"


def _sae_name(session: Session, sae: str) -> str:
    records = [] if session.project is None else session.project.artifacts("saes")
    names = [str(one.summary.get("name", one.hash)) for one in records if one.hash == sae]
    return names[0] if names else "an SAE that was removed"
