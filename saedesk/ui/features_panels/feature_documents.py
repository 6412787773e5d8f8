"""The documents of a feature: which ones, as cards, and the way to all of them in Corpus."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.corpus.document import FieldType
from saedesk.jobs.sentence_evidence import DocumentEvidence
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.document_store import DocumentRow
from saedesk.session.evidence_finder import EvidenceFinder
from saedesk.session.more_like_this import search_like
from saedesk.session.session import Session
from saedesk.ui.document_words import is_mute, told_fields
from saedesk.ui.features_panels.card_marks import LONGEST_SOURCE, CardMarks, card_marks, excerpt
from saedesk.ui.features_panels.document_cards import DocumentCard, DocumentCards
from saedesk.ui.features_panels.document_choice import (
    AT_RANDOM,
    BANDS,
    BY_QUANTILE,
    DRAWN,
    STRONGEST,
    WAYS,
    DocumentChoice,
)
from saedesk.ui.features_panels.number_texts import date_text, documents_text
from saedesk.ui.features_panels.underlined_tabs import UnderlinedTabs
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton, GhostButton
from saedesk.ui.widgets.chips import FilterChip
from saedesk.ui.widgets.choice_field import ChoiceField
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.text_label import LinkButton, TextLabel

PAGE = 20
"""Documents that are read and shown at once."""
_SHOWN_FIELDS = (FieldType.CATEGORY, FieldType.DATE)


class FeatureDocuments(QWidget):
    """Shows documents of one feature, twenty at a time."""

    bin_changed = Signal(object)
    """Ends of the bin of the histogram whose documents are shown, or None."""

    def __init__(
        self, session: Session, left: int = 0, right: int = 0, parent: QWidget | None = None
    ) -> None:
        """`left` and `right` are what is left free at the sides; a selected card fills it."""
        super().__init__(parent)
        self._session, self._sides = session, (left, right)
        self._latent: int | None = None
        self.choice = DocumentChoice()
        self._rows, self._values = np.empty(0, np.int32), np.empty(0, np.float32)
        self._fields: dict[str, FieldType] = {}
        self._build()

    def _build(self) -> None:
        space = tokens().space
        self.tabs = UnderlinedTabs(WAYS, "Which documents")
        self.tabs.chosen.connect(self._on_way)
        self.band = ChoiceField(list(BANDS), accessible_name="Band of activations")
        self.band.changed.connect(self._on_band)
        self.draw = GhostButton("dices", "Draw other documents")
        self.draw.clicked.connect(self._on_draw)
        self.all = LinkButton("Show all in Corpus", tooltip="The table of these documents")
        self.all.setFixedHeight(tokens().control_height)
        self.all.clicked.connect(self._show_all)
        left, right = self._sides
        row = QHBoxLayout()
        row.setContentsMargins(left, 0, right, 0)
        row.setSpacing(space[3])
        row.addWidget(self.tabs)
        row.addStretch(1)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(self.draw, 0, top)
        row.addWidget(self.band, 0, top)
        row.addWidget(self.all, 0, top)
        self.chip = FilterChip("", removable=True, tooltip="Show all documents again (Delete)")
        self.chip.removed.connect(self.clear_bin)
        self.chip.hide()
        self._chip_holder = QWidget()
        chip_row = QHBoxLayout(self._chip_holder)
        chip_row.setContentsMargins(left, space[3], right, 0)
        chip_row.addWidget(self.chip)
        chip_row.addStretch(1)
        self.problem = TextLabel("", "caption", "text3", wrap=True)
        self.cards = DocumentCards(left, right)
        self.cards.opened.connect(self._session.show_document)
        self.cards.like_wanted.connect(self._on_like)
        self.finder = EvidenceFinder(self._session, self)
        self.finder.found.connect(self._on_evidence)
        self.finder.failed.connect(self._on_no_evidence)
        self.cards.marks_wanted.connect(self._on_marks_wanted)
        self.more = DefaultButton("Show more")
        self.more.clicked.connect(self._show_more)
        self.shown = TextLabel("", "body", "text2", tabular=True)
        foot = QHBoxLayout()
        foot.setContentsMargins(left, space[2], right, space[4])
        foot.setSpacing(space[3])
        foot.addWidget(self.more)
        foot.addWidget(self.shown)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        line = QHBoxLayout()
        line.setContentsMargins(left, 0, right, 0)
        line.addWidget(Hairline())
        column.addLayout(line)
        column.addWidget(self._chip_holder)
        self._problem_holder = QWidget()
        self._problem_holder.hide()
        problem_row = QHBoxLayout(self._problem_holder)
        problem_row.setContentsMargins(left, space[2], right, 0)
        problem_row.addWidget(self.problem)
        column.addWidget(self._problem_holder)
        column.addWidget(self.cards)
        column.addLayout(foot)
        column.addStretch(1)

    def show_feature(self, latent: int) -> None:
        """Show documents of another feature, chosen in the same way, but in no bin."""
        self._latent = latent
        project = self._session.project
        definitions = project.documents.fields() if project is not None else ()
        self._fields = {field.name: field.type for field in definitions}
        self._choose(replace(self.choice, bin=None))

    @Slot(float, float)
    def show_bin(self, low: float, high: float) -> None:
        """Show the documents of one bin of the histogram."""
        self._choose(replace(self.choice, way=STRONGEST, bin=(low, high)))

    @Slot()
    def clear_bin(self) -> None:
        """Show all documents again."""
        had_keyboard = self.chip.hasFocus()
        self._choose(replace(self.choice, bin=None))
        if had_keyboard:
            self.tabs.setFocus()

    @property
    def found(self) -> int:
        """How many documents the choice holds."""
        return len(self._rows)

    def _choose(self, choice: DocumentChoice) -> None:
        self.choice = choice
        sae = self._session.sae
        if sae is None or self._latent is None:
            return
        self._rows, self._values = choice.find(sae.activations, self._latent)
        # A bin of the histogram is none of the ways.
        self.tabs.set_current(choice.way if choice.bin is None else None)
        self.band.setVisible(choice.way == BY_QUANTILE)
        self.draw.setVisible(choice.way == AT_RANDOM)
        self.chip.setVisible(choice.bin is not None)
        self._chip_holder.setVisible(choice.bin is not None)
        if choice.bin is not None:
            low, high = choice.bin
            self.chip.set_text(f"{low:.3f} to {high:.3f}, {documents_text(self.found)}")
        self.bin_changed.emit(choice.bin)
        # Before the cards, so that they do not move when it is found out again.
        self._on_no_evidence(self.finder.problem)
        self.cards.set_cards(self._read(0, PAGE))
        self._update_foot()

    def _read(self, start: int, stop: int) -> list[DocumentCard]:
        project, sae = self._session.project, self._session.sae
        if project is None or sae is None or self._latent is None:
            return []
        ids = self._session.document_ids(self._rows[start:stop])
        values = dict(zip(ids.tolist(), self._values[start:stop].tolist(), strict=True))
        top = max(float(sae.statistics.maximum[self._latent]), 1e-12)
        return [
            self._card(row, values[row.id], values[row.id] / top)
            for row in project.documents.rows(ids)
        ]

    def _card(self, row: DocumentRow, value: float, share: float) -> DocumentCard:
        facts: list[str] = []
        for wanted in _SHOWN_FIELDS:
            for name, kind in self._fields.items():
                said = row.fields.get(name)
                if kind is wanted and said:
                    facts.append(date_text(str(said)) if kind is FieldType.DATE else str(said))
        if row.words:
            facts.append(f"{row.words:,} word" + ("" if row.words == 1 else "s"))
        else:
            rest = {n: k for n, k in self._fields.items() if k not in _SHOWN_FIELDS}
            facts += told_fields(row, rest)
        is_key = is_mute(row)
        title = row.key if is_key else row.title.strip()
        text, source = excerpt(row.text), row.text[:LONGEST_SOURCE]
        return DocumentCard(row.id, value, share, title, text, tuple(facts), is_key, source)

    @Slot(int)
    def _on_like(self, document_id: int) -> None:
        search_like(self._session, document_id)

    @Slot(object)
    def _on_marks_wanted(self, document_ids: list[int]) -> None:
        if self._latent is not None:
            self.finder.ask(document_ids, [self._latent])

    @Slot(object)
    def _on_evidence(self, answer: object) -> None:
        assert isinstance(answer, DocumentEvidence)
        latent = self._latent
        card = next((c for c in self.cards.cards if c.document_id == answer.document_id), None)
        if card is None or latent is None:
            return
        if answer.evidence is None:
            self.cards.set_marks(card.document_id, CardMarks(said=answer.problem))
        elif answer.evidence.place_of(latent) is not None:
            # Else it was asked for with another feature, and is asked for again.
            marks = card_marks(card.title, card.source, answer.evidence, latent)
            self.cards.set_marks(card.document_id, marks)

    @Slot(str)
    def _on_no_evidence(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self._problem_holder.setVisible(bool(sentence))

    def _update_foot(self) -> None:
        shown = len(self.cards.cards)
        self.more.setVisible(shown < self.found)
        words = documents_text(self.found)
        if self.choice.way == AT_RANDOM and self.found == DRAWN:
            words += " drawn at random"
        self.shown.setText(f"{shown:,} of {words}" if shown < self.found else words)
        self.all.setEnabled(self.found > 0)

    @Slot()
    def _show_more(self) -> None:
        shown = len(self.cards.cards)
        self.cards.add_cards(self._read(shown, shown + PAGE))
        self._update_foot()

    @Slot(str)
    def _on_way(self, way: str) -> None:
        self._choose(replace(self.choice, way=way, bin=None))

    @Slot(str)
    def _on_band(self, band: str) -> None:
        self._choose(replace(self.choice, band=band))

    @Slot()
    def _on_draw(self) -> None:
        self._choose(replace(self.choice, seed=self.choice.seed + 1))

    @Slot()
    def _show_all(self) -> None:
        sae = self._session.sae
        if sae is None or self._latent is None:
            return
        rows = self._rows
        if self.choice.way == AT_RANDOM:
            rows, _ = sae.activations.latent(self._latent)
        ids = np.sort(self._session.document_ids(rows)).astype(np.int64)
        self._session.show_documents(DocumentFilter(document_ids=ids))
