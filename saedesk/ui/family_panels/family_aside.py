"""The right column of Families: who fires with whom, how well it holds together, bridges."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.session.family_book import FamilyBook
from saedesk.session.feature_book import FeatureBook
from saedesk.session.feature_reader import FeatureReader
from saedesk.session.session import Message, Session
from saedesk.ui.family_panels.co_occurrence_blocks import (
    NO_CELLS,
    Blocks,
    BlocksQuestion,
    named_cells,
    summary_text,
)
from saedesk.ui.family_panels.co_occurrence_map import CoOccurrenceMap
from saedesk.ui.family_panels.family_bridges import FamilyBridges
from saedesk.ui.family_panels.family_quality import FamilyQuality, rows_of_family
from saedesk.ui.family_panels.family_rows import families_text
from saedesk.ui.family_panels.measuring_words import (
    is_tried,
    why_kept_not_measured,
    why_not_measured,
)
from saedesk.ui.feature_names import name_in_list
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.plots import PlotHead
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.section_head import SectionHead
from saedesk.ui.widgets.text_label import TextLabel

_WHO = (
    "Each row and each column is a feature, in the order of the families and of their trees. Dark "
    "squares along the diagonal are families that hold together; colour beside them are bridges."
)
REST_MS = 250
"""Only families that stay so long are counted: while a threshold moves, each move would wait for
the counting of the last one, and the drawing comes first."""
NO_FAMILIES = "There are no families at these thresholds, so there is nothing to compare."


class FamilyAside(ScrollArea):
    """Asks the query lane what fires together around the selected family, or in all of them."""

    def __init__(self, session: Session, book: FamilyBook, parent: QWidget | None = None) -> None:
        content = QWidget()
        content.setProperty("ground", "panel")
        super().__init__(content, "panel", "Who fires with whom", parent)
        self._session, self._book = session, book
        self._labels: FeatureBook | None = None
        self._found: Blocks | None = None
        self._is_behind = False
        """Whether something changed while nobody saw it."""
        self._reader = FeatureReader(session, "Counting who fires with whom", self)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._ask)
        self._reader.answered.connect(self._on_blocks)
        self._reader.failed.connect(self._tell)
        self.map = CoOccurrenceMap()
        self.head = PlotHead("Who fires with whom", plot=self.map)
        self.head.title.set_explanation(_WHO)
        self.summary = TextLabel("", "body", "text2", elide=True)
        self.nothing = TextLabel(NO_FAMILIES, "body", "text2", wrap=True)
        self.quality, self.bridges = FamilyQuality(), FamilyBridges()
        self.kept = TextLabel("", "caption", "text2", wrap=True, tabular=True)
        self._stability: float | None = None
        self.own = FamilyQuality()
        self._own_part = QWidget()
        self._build(content)
        self.map.feature_chosen.connect(session.select_feature)
        self.map.family_chosen.connect(book.select)
        self.bridges.family_chosen.connect(book.select)
        session.feature_selected.connect(self.map.select_feature)
        session.sae_changed.connect(self._on_sae)
        book.families_changed.connect(self._on_families)
        book.selected_changed.connect(self._ask)
        book.measures_changed.connect(self._on_measures)
        for signal in (book.families_changed, book.measuring_changed, book.selected_changed):
            signal.connect(self._show_quality)
        self._on_sae()

    def _build(self, content: QWidget) -> None:
        pad, space = tokens().padding.aside, tokens().space
        own = QVBoxLayout(self._own_part)
        own.setContentsMargins(0, space[3], 0, 0)
        own.setSpacing(space[1])
        own.addWidget(Hairline())
        own.addSpacing(space[2])
        own.addWidget(SectionHead("How this family holds together"))
        own.addWidget(self.own)
        self._content = QWidget()
        parts = QVBoxLayout(self._content)
        parts.setContentsMargins(0, 0, 0, 0)
        parts.setSpacing(0)
        for widget, above in (
            (self.head, 0),
            (self.summary, 0),
            (self.map, space[3]),
            (Hairline(), space[2]),
            (SectionHead("How well the families hold together"), space[3]),
            (self.kept, 0),
            (self.quality, space[1]),
            (self._own_part, 0),
            (Hairline(), space[3]),
            (self.bridges, space[3]),
        ):
            parts.addSpacing(above)
            parts.addWidget(widget)
        column = QVBoxLayout(content)
        column.setContentsMargins(pad, space[4], pad, space[4])
        column.setSpacing(0)
        column.addWidget(self._content)
        column.addWidget(self.nothing)
        column.addStretch(1)

    @property
    def is_counting(self) -> bool:
        """Whether another picture is on its way."""
        return self._reader.is_open or self._rest.isActive()

    # -- asking ------------------------------------------------------------------------------

    @Slot()
    def _on_sae(self) -> None:
        book = self._session.book
        if book is not None and book is not self._labels:
            book.labels_changed.connect(self._on_labels)
        self._labels = book
        self.map.select_feature(self._session.feature)
        self._on_measures()
        self._ask()

    @Slot()
    def _on_families(self) -> None:
        if self._found is None or not self._book.families:
            self._ask()
        else:
            self._reader.drop()
            self._rest.start()

    @Slot()
    @Slot(object)
    def _ask(self, _: object = None) -> None:
        self._rest.stop()
        families = tuple(one.family for one in self._book.families)
        self._content.setVisible(bool(families))
        self.nothing.setVisible(not families and self._session.sae is not None)
        # Counting for a closed drawer would keep others waiting.
        self._is_behind = bool(families) and not self.isVisible()
        if not families:
            self._reader.drop()
            self._found = None
            self.map.show_cells(NO_CELLS)
            return
        if self._is_behind:
            self._reader.drop()
            return
        root = self._book.selected
        # While thresholds are tried, the selected family may be gone.
        is_there = any(one.root == root for one in families)
        self._reader.read(BlocksQuestion(families, root if is_there else None))

    @Slot(object)
    def _on_blocks(self, answer: object) -> None:
        assert isinstance(answer, Blocks)
        self._found = answer
        self._show()

    @Slot(str)
    def _tell(self, sentence: str) -> None:
        self._session.message.emit(Message("error", sentence))

    # -- showing -----------------------------------------------------------------------------

    def _show(self) -> None:
        """Show what was counted, with the names of the moment."""
        book = self._session.book
        if self._found is None or book is None:
            return

        def feature_name(latent: int) -> str:
            return name_in_list(book, latent)

        cells = named_cells(self._found, feature_name, self._book.name)
        self.map.show_cells(cells)
        self.summary.setText(summary_text(cells, len(self._book.families)))
        self.bridges.show_bridges(
            self._found.bridges, self._found.chosen is not None, self._book.name
        )

    @Slot(object)
    def _on_labels(self, latents: object) -> None:
        if self.sender() is self._session.book and self._concerns(latents):
            self._show()

    def _concerns(self, latents: object) -> bool:
        assert isinstance(latents, frozenset)
        return self._found is not None and not latents.isdisjoint(_named(self._found))

    @Slot()
    def _on_measures(self) -> None:
        self._show_quality()
        # Names of families are among what changed.
        self._show()

    @Slot()
    @Slot(object)
    def _show_quality(self, _: object = None) -> None:
        """Show the measures of the kept families, and those of the selected one."""
        book, tried = self._book, is_tried(self._book)
        if not tried:
            known = [
                share for one in book.families if (share := book.stability(one.root)) is not None
            ]
            self._stability = float(np.mean(known)) if known else None
        grouping = book.grouping
        self.quality.show_measures(grouping, self._stability, why_kept_not_measured(book))
        self.kept.setVisible(tried and grouping is not None)
        if grouping is not None:
            kept = families_text(grouping.families)
            self.kept.setText(
                f"These are the numbers of the {kept} that are kept, not of those tried."
            )
        root = book.selected
        measures = None if root is None else book.measures(root)
        self._own_part.setVisible(root is not None and book.family(root) is not None)
        self.own.show_rows(
            [] if measures is None else rows_of_family(measures), why_not_measured(book)
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_behind:
            self._ask()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Not the viewport's width: a scroll bar that comes must not make room for itself.
        self.map.set_edge(max(tokens().space[8] * 6, self.width() - 2 * tokens().padding.aside))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            event.ignore()
            return
        super().keyPressEvent(event)


def _named(found: Blocks) -> Iterable[int]:
    """All features whose names are shown, roots of families among them."""
    yield from () if found.order is None else found.order.latents.tolist()
    yield from (one.root for one in found.families)
    for bridge in found.bridges.found:
        yield from (bridge.root, bridge.other)
