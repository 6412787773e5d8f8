"""A category field among the filters: its commonest values, and all of them on demand."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, Qt, Slot
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from saedesk.jobs.corpus_columns import CategoryColumn
from saedesk.ui.corpus_panels.category_list import CategoryList, CategoryRow
from saedesk.ui.corpus_panels.corpus_view import CorpusView
from saedesk.ui.corpus_panels.range_facet import BLEED
from saedesk.ui.field_titles import shown_name
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.fields import SearchField
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.section_head import SectionHead
from saedesk.ui.widgets.text_label import LinkButton, TextLabel

SHOWN = 8
"""Values shown without asking for more."""


def category_rows(
    column: CategoryColumn, counts: np.ndarray, ticked: frozenset[str]
) -> list[CategoryRow]:
    """All values, those that are ticked or frequent first."""
    rows = [
        CategoryRow(value, int(count), value in ticked)
        for value, count in zip(column.values, counts, strict=True)
    ]
    in_all = dict(zip(column.values, column.totals, strict=True))
    return sorted(rows, key=lambda row: (-row.count, -in_all[row.value], row.value))


class CategoryFacet(QWidget):
    """Head, the commonest values, and a link to all of them."""

    def __init__(
        self, view: CorpusView, column: CategoryColumn, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._view, self._column = view, column
        self._counts = np.zeros(len(column.values), np.int64)
        title = shown_name(column.name)
        self._fold = GhostButton("chevron-up", f"Fold {title}")
        self._fold.clicked.connect(self._toggle_fold)
        self.list = CategoryList(title)
        self.list.toggled.connect(self._toggle)
        self.more = LinkButton("")
        self.more.clicked.connect(self._show_all)
        head = SectionHead(title, "", self._fold)
        column_layout = QVBoxLayout(self)
        side = BLEED
        column_layout.setContentsMargins(side, tokens().space[1], side, tokens().space[2])
        column_layout.setSpacing(0)
        column_layout.addWidget(head)
        column_layout.addWidget(self.list)
        column_layout.addWidget(self.more)

    @property
    def tab_stops(self) -> tuple[QWidget, ...]:
        """What the Tab key visits, in order."""
        return self._fold, self.list, self.more

    def set_counts(self, counts: np.ndarray) -> None:
        """Shows how many documents have each value."""
        self._counts = counts
        ticked = self._view.filter.categories.get(self._column.name, frozenset())
        rows = category_rows(self._column, counts, ticked)
        shown = rows[:SHOWN] + [row for row in rows[SHOWN:] if row.ticked]
        self.list.set_rows(shown)
        left = len(rows) - len(shown)
        self.more.setText(f"{left:,} more…")
        self.more.setAccessibleName(f"{left:,} more values of {shown_name(self._column.name)}")
        self.more.setVisible(left > 0 and not self.list.isHidden())
        self.more.updateGeometry()

    @Slot(str)
    def _toggle(self, value: str) -> None:
        self._view.toggle_category(self._column.name, value)

    def _toggle_fold(self) -> None:
        folded = not self.list.isHidden()
        self.list.setVisible(not folded)
        self._fold.set_icon("chevron-down" if folded else "chevron-up")
        self.set_counts(self._counts)

    def _show_all(self) -> None:
        CategoryChooser(self._view, self._column, self.window()).open()


class CategoryChooser(QDialog):
    """All values of a field with a filter; ticks take effect at once."""

    def __init__(
        self, view: CorpusView, column: CategoryColumn, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._view, self._column = view, column
        title = shown_name(column.name)
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("ground", "panel")
        self.field = SearchField(f"Filter {len(column.values):,} values", "Ctrl+F")
        self.field.text_changed.connect(self._refresh)
        self.list = CategoryList(title)
        self.list.toggled.connect(self._toggle)
        space = tokens().space
        holder = QWidget()
        holder.setProperty("ground", "panel")
        inside = QVBoxLayout(holder)
        inside.setContentsMargins(space[1], space[1], space[3], 0)
        inside.addWidget(self.list)
        inside.addStretch(1)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(space[5], space[4], space[2], space[4])
        column_layout.setSpacing(space[3])
        column_layout.addWidget(TextLabel(title, "head of a panel"))
        column_layout.addWidget(self.field)
        self._scroll = ScrollArea(holder, "panel", title)
        self.list.moved.connect(self._follow)
        column_layout.addWidget(self._scroll, 1)
        self.setFixedSize(space[8] * 12, space[8] * 16)
        view.answered.connect(self._refresh)
        view.columns_changed.connect(self.close)
        self._refresh()
        self.field.setFocus()

    @Slot(str)
    def _toggle(self, value: str) -> None:
        self._view.toggle_category(self._column.name, value)

    @Slot(QRect)
    def _follow(self, row: QRect) -> None:
        height = row.height()
        self._scroll.ensureVisible(0, row.center().y(), 0, height)

    @Slot()
    def _refresh(self, _: object = None) -> None:
        answer = self._view.answer
        if answer is None or self._column.name not in answer.facets:
            return
        ticked = self._view.filter.categories.get(self._column.name, frozenset())
        rows = category_rows(self._column, answer.facets[self._column.name], ticked)
        wanted = self.field.text().casefold()
        self.list.set_rows([row for row in rows if wanted in row.text.casefold()])
