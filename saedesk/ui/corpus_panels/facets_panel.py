"""The left column of Corpus: what to let through, with counts that follow every choice."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.corpus.document import FieldType
from saedesk.jobs.corpus_columns import CategoryColumn, NumberColumn
from saedesk.ui.corpus_panels.category_facet import CategoryFacet
from saedesk.ui.corpus_panels.corpus_filter import LENGTH, CorpusAnswer
from saedesk.ui.corpus_panels.corpus_view import CorpusView
from saedesk.ui.corpus_panels.feature_facet import FeatureFacet
from saedesk.ui.corpus_panels.range_facet import BLEED, RangeFacet
from saedesk.ui.selection_panels.selections_dialog import open_selections_dialog
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.text_label import LinkButton, TextLabel

_NO_FACET = (FieldType.LATITUDE, FieldType.LONGITUDE)
MOST_FACETS = 30
NO_FIELDS = "No fields to filter by"


class FacetsPanel(QWidget):
    """Head and one section for each field, the length and the features."""

    def __init__(self, view: CorpusView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self.facets: dict[str, CategoryFacet | RangeFacet] = {}
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.clear = LinkButton("Clear all", tooltip="Takes every filter away but the words")
        self.clear.clicked.connect(self._view.clear_facets)
        self.selections = LinkButton("Selections", tooltip="Documents that you saved under a name")
        self.selections.clicked.connect(self._open_selections)
        self._sections = QWidget()
        self._sections.setProperty("ground", "panel")
        space, side = tokens().space, tokens().padding.side_panel
        self._column = QVBoxLayout(self._sections)
        self._column.setContentsMargins(side - BLEED, 0, side - BLEED, 0)
        self._column.setSpacing(0)
        self.features = FeatureFacet(view)
        self.nothing = TextLabel(NO_FIELDS, "caption", "text2", wrap=True)
        head = QHBoxLayout()
        head.setContentsMargins(side, space[4], side, space[1])
        head.addWidget(TextLabel("Filters", "head of a panel"))
        head.addStretch(1)
        head.addWidget(self.selections)
        head.addSpacing(space[2])
        head.addWidget(self.clear)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        nothing = QHBoxLayout()
        nothing.setContentsMargins(side, 0, side, 0)
        nothing.addWidget(self.nothing)
        layout.addLayout(nothing)
        self._scroll = ScrollArea(self._sections, "panel", "Filters")
        self._scroll.verticalScrollBar().rangeChanged.connect(self._on_scroll_range)
        layout.addWidget(self._scroll, 1)
        view.columns_changed.connect(self._rebuild)
        view.answered.connect(self._on_answer)
        view.filter_changed.connect(self._on_filter)
        self._rebuild()

    @Slot()
    def _open_selections(self) -> None:
        open_selections_dialog(self._view.session, self, self._view.filtered_ids)

    @Slot()
    def _rebuild(self) -> None:
        while self._column.count():
            item = self._column.takeAt(0)
            widget = None if item is None else item.widget()
            if widget is not None and widget is not self.features:
                widget.hide()
                widget.deleteLater()
        self.facets.clear()
        columns = self._view.columns
        if columns is not None:
            shown = [columns.fields[d.name] for d in columns.definitions if _is_facet(columns, d)]
            shown = [column for column in shown if not _is_year_of_a_date(column, shown)]
            # What says most comes first: categories, then dates and numbers, then the length.
            shown.sort(key=_rank)
            for column in shown[:MOST_FACETS]:
                self._add(column)
            if columns.length.binning is not None and not columns.says_length:
                self._add(columns.length)
        self.nothing.setVisible(columns is not None and not self.facets)
        self._column.addWidget(self.features)
        self._column.addStretch(1)
        self._chain_tab_stops()
        self._on_filter()
        if self._view.answer is not None:
            self._on_answer(self._view.answer)

    def _chain_tab_stops(self) -> None:
        stops = [stop for facet in self.facets.values() for stop in facet.tab_stops]
        for before, after in pairwise([self.selections, self.clear, *stops, self.features.add]):
            QWidget.setTabOrder(before, after)

    def _add(self, column: CategoryColumn | NumberColumn) -> None:
        facet: CategoryFacet | RangeFacet
        if isinstance(column, CategoryColumn):
            facet = CategoryFacet(self._view, column)
        else:
            facet = RangeFacet(self._view, column)
        self.facets[column.name or LENGTH] = facet
        self._column.addWidget(facet)
        self._column.addWidget(_inset_line())

    @Slot(object)
    def _on_answer(self, answer: object) -> None:
        assert isinstance(answer, CorpusAnswer)
        for name, facet in self.facets.items():
            if name in answer.facets:
                facet.set_counts(answer.facets[name])

    @Slot(int, int)
    def _on_scroll_range(self, _low: int, high: int) -> None:
        """The scroll bar takes its room from the margin, so that nothing moves."""
        side = tokens().padding.side_panel - BLEED
        bar = self._scroll.verticalScrollBar().sizeHint().width() if high > 0 else 0
        self._column.setContentsMargins(side, 0, max(0, side - bar), 0)

    @Slot()
    def _on_filter(self, _: object = None) -> None:
        self.clear.setVisible(self._view.filter.has_facets)


def _is_facet(columns, definition) -> bool:  # type: ignore[no-untyped-def]
    column = columns.fields.get(definition.name)
    if column is None or definition.type in _NO_FACET:
        return False
    return column.is_facet if isinstance(column, CategoryColumn) else column.binning is not None


def _is_year_of_a_date(
    column: CategoryColumn | NumberColumn, others: Sequence[CategoryColumn | NumberColumn]
) -> bool:
    """Whether a date has the very same years: two histograms would be the same."""
    if not isinstance(column, NumberColumn) or column.type is not FieldType.NUMBER:
        return False
    return any(
        other.type is FieldType.DATE
        and np.array_equal(np.floor(other.values + 1e-9), column.values, equal_nan=True)
        for other in others
        if isinstance(other, NumberColumn)
    )


def _inset_line() -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(BLEED, 0, BLEED, 0)
    row.addWidget(Hairline())
    return holder


def _rank(column: CategoryColumn | NumberColumn) -> int:
    if isinstance(column, CategoryColumn):
        return 0
    return 1 if column.type is FieldType.DATE else 2
