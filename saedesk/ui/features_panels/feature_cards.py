"""The cards of some documents of a feature, read from the project."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from saedesk.corpus.document import FieldType
from saedesk.features.document_pages import DocumentPage
from saedesk.project.document_store import DocumentRow
from saedesk.session.session import Session
from saedesk.ui.document_words import is_mute, shown_key, told_fields
from saedesk.ui.features_panels.card_marks import LONGEST_SOURCE, excerpt
from saedesk.ui.features_panels.document_card import DocumentCard
from saedesk.ui.features_panels.number_texts import cosine_text, date_text

_SHOWN_FIELDS = (FieldType.CATEGORY, FieldType.DATE)


def read_cards(
    session: Session, latent: int, page: DocumentPage, cosines: np.ndarray | None = None
) -> list[DocumentCard]:
    """A card for each document of a page of `latent`, in its order.

    cosines: (p,) of near misses with the documents in which the feature fires; told first.
    """
    project, sae = session.project, session.sae
    if project is None or sae is None:
        return []
    fields = {field.name: field.type for field in project.documents.fields()}
    ids = session.document_ids(page.rows)
    values = dict(zip(ids.tolist(), page.values.tolist(), strict=True))
    near = {}
    if cosines is not None:
        near = dict(zip(ids.tolist(), cosines.tolist(), strict=True))
    top = max(float(sae.statistics.maximum[latent]), 1e-12)
    cards = []
    for row in project.documents.rows(ids):
        card = _card(row, values[row.id], values[row.id] / top, fields)
        if row.id in near:
            told = f"cosine {cosine_text(near[row.id])}"
            card = replace(card, facts=(told, *card.facts))
        cards.append(card)
    return cards


def _card(
    row: DocumentRow, value: float, share: float, fields: dict[str, FieldType]
) -> DocumentCard:
    facts: list[str] = []
    for wanted in _SHOWN_FIELDS:
        for name, kind in fields.items():
            said = row.fields.get(name)
            if kind is wanted and said:
                facts.append(date_text(str(said)) if kind is FieldType.DATE else str(said))
    if row.words:
        facts.append(f"{row.words:,} word" + ("" if row.words == 1 else "s"))
    else:
        rest = {n: k for n, k in fields.items() if k not in _SHOWN_FIELDS}
        facts += told_fields(row, rest)
    is_key = is_mute(row)
    title = shown_key(row.key) if is_key else row.title.strip()
    text, source = excerpt(row.text), row.text[:LONGEST_SOURCE]
    return DocumentCard(row.id, value, share, title, text, tuple(facts), is_key, source)
