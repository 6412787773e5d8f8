"""The documents of a feature: which ones, as cards, and the way to all of them in Corpus."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.features.document_pages import BAND_WIDTH, DocumentPage
from saedesk.features.near_misses import NearMisses
from saedesk.project.document_filter import DocumentFilter
from saedesk.session.evidence_finder import EvidenceFinder
from saedesk.session.feature_reader import FeatureReader
from saedesk.session.more_like_this import search_like
from saedesk.session.session import Session
from saedesk.ui.features_panels.card_evidence import CardEvidence
from saedesk.ui.features_panels.document_card import DocumentCard
from saedesk.ui.features_panels.document_cards import DocumentCards
from saedesk.ui.features_panels.document_choice import (
    ABOUT_WAYS,
    AT_RANDOM,
    BY_QUANTILE,
    EVERYTHING,
    NEAR_MISSES,
    SILENT,
    STRONGEST,
    WAYS,
    ChosenPage,
    DocumentChoice,
    PageQuestion,
    bin_text,
    place_text,
)
from saedesk.ui.features_panels.feature_cards import read_cards
from saedesk.ui.features_panels.number_texts import documents_text
from saedesk.ui.features_panels.page_foot import PageFoot
from saedesk.ui.features_panels.underlined_tabs import UnderlinedTabs
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.band_slider import BandSlider
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.chips import FilterChip
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.text_label import LinkButton, TextLabel


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
        self._page: DocumentPage | None = None
        self._near: NearMisses | None = None
        self._build()

    def _build(self) -> None:
        space = tokens().space
        self.tabs = UnderlinedTabs(WAYS, "Which documents", ABOUT_WAYS)
        self.tabs.chosen.connect(self._on_way)
        self.draw = GhostButton("dices", "Draw other documents")
        self.draw.clicked.connect(self._on_draw)
        self.all = LinkButton("All in Corpus", tooltip="The table of these documents")
        self.all.setFixedHeight(tokens().control_height)
        self.all.clicked.connect(self._show_all)
        left, right = self._sides
        self.cards = DocumentCards(left, right)
        self.evidence = CardEvidence(self._session, self.cards, self)
        row = QHBoxLayout()
        row.setContentsMargins(left, 0, right, 0)
        row.setSpacing(space[3])
        row.addWidget(self.tabs)
        row.addStretch(1)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(self.evidence.choice, 0, top)
        self.chip = FilterChip("", removable=True, tooltip="Show all documents again (Delete)")
        self.chip.removed.connect(self.clear_bin)
        self.chip.hide()
        self._chip_holder = QWidget()
        chip_row = QHBoxLayout(self._chip_holder)
        chip_row.setContentsMargins(left, space[3], right, 0)
        chip_row.addWidget(self.chip)
        chip_row.addStretch(1)
        self.problem = TextLabel("", "caption", "text3", wrap=True)
        self.cards.opened.connect(self._session.show_document)
        self.cards.like_wanted.connect(self._on_like)
        self.evidence.problem_changed.connect(self._on_no_evidence)
        self.reader = FeatureReader(self._session, "Choosing documents", self)
        self.reader.answered.connect(self._on_answer)
        self.reader.failed.connect(self._on_failure)
        self.foot = PageFoot(left, right, (self.draw, self.all))
        self.foot.turned.connect(self._turn_to)
        self._lay_out(row)

    def _lay_out(self, row: QHBoxLayout) -> None:
        """`row` has the tabs; everything else stands below it."""
        space = tokens().space
        left, right = self._sides
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        line = QHBoxLayout()
        line.setContentsMargins(left, 0, right, 0)
        line.addWidget(Hairline())
        column.addLayout(line)
        column.addWidget(self._make_band())
        column.addWidget(self._chip_holder)
        self._problem_holder = QWidget()
        self._problem_holder.hide()
        problem_row = QHBoxLayout(self._problem_holder)
        problem_row.setContentsMargins(left, space[2], right, 0)
        problem_row.addWidget(self.problem)
        column.addWidget(self._problem_holder)
        self._cards_holder = QWidget()
        holder = QVBoxLayout(self._cards_holder)
        holder.setContentsMargins(0, 0, 0, 0)
        holder.addWidget(self.cards)
        holder.addStretch(1)
        column.addWidget(self._cards_holder)
        column.addWidget(self.foot)
        column.addStretch(1)

    def _make_band(self) -> QWidget:
        left, right = self._sides
        self.band_holder = QWidget()
        self.band_holder.hide()
        row = QHBoxLayout(self.band_holder)
        row.setContentsMargins(left, tokens().space[2], right, 0)
        row.setSpacing(tokens().space[3])
        self.band = BandSlider(
            "Part of its documents, from the weakest to the strongest", BAND_WIDTH
        )
        self.band.moved.connect(self._on_band)
        self.band_text = TextLabel("", "body", "text2", tabular=True)
        row.addWidget(TextLabel("Weakest", "caption", "text3"))
        row.addWidget(self.band, 1)
        row.addWidget(TextLabel("Strongest", "caption", "text3"))
        row.addWidget(self.band_text)
        return self.band_holder

    def show_feature(self, latent: int) -> None:
        """Show documents of another feature, chosen in the same way, but in no bin."""
        self._latent = latent
        self._choose(replace(self.choice, bin=None, offset=0))

    @Slot(float, float)
    def show_bin(self, low: float, high: float) -> None:
        """Show the documents of one bin of the histogram."""
        self._choose(replace(self.choice, way=STRONGEST, bin=(low, high), offset=0))

    @Slot()
    def clear_bin(self) -> None:
        """Show all documents again."""
        had_keyboard = self.chip.hasFocus()
        self._choose(replace(self.choice, bin=None, offset=0))
        if had_keyboard:
            self.tabs.setFocus()

    @property
    def finder(self) -> EvidenceFinder:
        """What finds the driving sentences."""
        return self.evidence.finder

    @property
    def found(self) -> int:
        """How many documents the choice holds, as far as it was answered."""
        return self._page.total if self._page is not None else 0

    def _choose(self, choice: DocumentChoice) -> None:
        self.choice = choice
        sae = self._session.sae
        if sae is None or self._latent is None:
            return
        self._page = self._near = None
        # A bin of the histogram is none of the ways.
        self.tabs.set_current(choice.way if choice.bin is None else None)
        self.band_holder.setVisible(choice.way == BY_QUANTILE)
        self.draw.setVisible(choice.way in (AT_RANDOM, SILENT))
        self.all.setVisible(choice.way != SILENT)
        self.chip.setVisible(choice.bin is not None)
        self._chip_holder.setVisible(choice.bin is not None)
        self.bin_changed.emit(choice.bin)
        # Before the cards, so that they do not move when it is found out again.
        self.evidence.show_feature(self._latent, choice.way == SILENT)
        if choice.is_at_hand:
            self.reader.drop()
            self._show(choice.page(sae.activations, self._latent))
        else:
            self._wait()
            self.reader.read(PageQuestion(self._latent, choice))

    def _wait(self) -> None:
        # The room is kept, so that nothing is scrolled away meanwhile.
        self._cards_holder.setMinimumHeight(self.cards.height())
        self.cards.set_cards([])
        is_near = self.choice.way == NEAR_MISSES
        self.foot.wait("Searching near misses …" if is_near else "Drawing documents …")

    @Slot(object)
    def _on_answer(self, answer: object) -> None:
        assert isinstance(answer, ChosenPage)
        if (answer.latent, answer.choice) == (self._latent, self.choice):
            self._show(answer.page, answer.near)

    @Slot(str)
    def _on_failure(self, sentence: str) -> None:
        self.foot.wait(sentence)

    def _show(self, page: DocumentPage, near: NearMisses | None = None) -> None:
        self._page, self._near = page, near
        sae, choice = self._session.sae, self.choice
        assert sae is not None
        assert self._latent is not None
        if choice.bin is not None:
            self.chip.set_text(f"{bin_text(*choice.bin)}, {documents_text(page.total)}")
        if choice.way == BY_QUANTILE:
            self.band_text.setText(choice.band_text(sae.activations, self._latent))
            self.band.set_position(choice.position)
        self.cards.set_cards(self._read(page))
        self._cards_holder.setMinimumHeight(0)
        self.foot.show_page(page, place_text(page, choice, near))
        self.all.setEnabled(page.total > 0)

    def _read(self, page: DocumentPage) -> list[DocumentCard]:
        if self._latent is None:
            return []
        cosines = None
        if self._near is not None:
            cosines = self._near.cosines[page.offset : page.offset + len(page.rows)]
        return read_cards(self._session, self._latent, page, cosines)

    @Slot(int)
    def _on_like(self, document_id: int) -> None:
        search_like(self._session, document_id)

    @Slot(str)
    def _on_no_evidence(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self._problem_holder.setVisible(bool(sentence))

    @Slot(object)
    def _turn_to(self, offset: int) -> None:
        self._choose(replace(self.choice, offset=offset))
        area = self.cards.scroll_area()
        if area is not None:
            # A page is read from its top.
            top = self.mapTo(area.widget(), QPoint(0, 0)).y()
            area.verticalScrollBar().setValue(top)

    @Slot(str)
    def _on_way(self, way: str) -> None:
        self._choose(replace(self.choice, way=way, bin=None, offset=0))

    @Slot(float)
    def _on_band(self, position: float) -> None:
        self._choose(replace(self.choice, position=position, offset=0))

    @Slot()
    def _on_draw(self) -> None:
        self._choose(replace(self.choice, seed=self.choice.seed + 1, offset=0))

    @Slot()
    def _show_all(self) -> None:
        sae = self._session.sae
        if sae is None or self._latent is None:
            return
        rows, _ = sae.activations.latent(self._latent)
        if self._near is not None:
            rows = self._near.rows
        elif self.choice.is_at_hand:
            whole = replace(self.choice, offset=0)
            rows = whole.page(sae.activations, self._latent, EVERYTHING).rows
        ids = np.sort(self._session.document_ids(rows)).astype(np.int64)
        where = "" if self.choice.bin is None else bin_text(*self.choice.bin)
        self._session.show_documents(DocumentFilter(document_ids=ids, documents_where=where))
