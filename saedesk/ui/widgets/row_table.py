"""The table of every workspace: fixed rows, hairlines, selection kept by id, painted cells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QCursor,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import CENTRE, draw_line_of_text, shade
from saedesk.ui.widgets.row_table_cells import RowTableDelegate
from saedesk.ui.widgets.row_table_head import RowTableHead
from saedesk.ui.widgets.row_table_model import Column, RowTableModel
from saedesk.ui.widgets.row_table_scroll_bar import RowTableScrollBar

_MOST_RANGES = 10_000
"""Of rows that follow one another; more are not selected again after the rows were put in order."""


class RowTable(QTableView):
    """Shows a `RowTableModel`; 100,000 rows scroll and sort without a pause."""

    current_row_changed = Signal(object)
    """The id of the row that has the keyboard, or None."""
    selection_changed = Signal()
    row_activated = Signal(object)
    """Enter or double click: the row's id."""
    cell_clicked = Signal(object, str)
    """The row's id and the column's name, for stars and check marks."""
    row_toggled = Signal(object)
    """Space: the row's id."""
    menu_requested = Signal(object, QPoint)
    """Right click or menu key: the row's id and the place on the screen."""

    def __init__(
        self,
        model: RowTableModel,
        row_height: int | None = None,
        accessible_name: str = "",
        side_padding: int | None = None,
        line_from: int | None = None,
        line_to: int = 0,
        ground: str = "surface",
        multiple: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.row_model = model
        self.side_padding = tokens().padding.side_panel if side_padding is None else side_padding
        self.line_from = self.side_padding if line_from is None else line_from
        self.line_to = line_to
        self.dirty = QRegion()
        self.hovered_row = -1
        self._current_id: int | None = None
        self._selected_ids = np.empty(0, dtype=np.int64)
        self._restoring = False
        self._empty_text = ""
        self.setAccessibleName(accessible_name)
        self.setProperty("ground", ground)
        # What is opaque is scrolled by moving its pixels; only rows that come in are painted.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setVerticalScrollBar(RowTableScrollBar(self))
        self._style(row_height or tokens().row_height.table, multiple)
        model.modelAboutToBeReset.connect(self._before_reset)
        self.setModel(model)
        model.modelReset.connect(self._after_reset)
        selection = self.selectionModel()
        selection.currentRowChanged.connect(self._on_current)
        selection.selectionChanged.connect(self._on_selection)
        self.doubleClicked.connect(self._on_double_click)
        self.clicked.connect(self._on_click)
        self._fit_columns()

    def _style(self, row_height: int, multiple: bool) -> None:
        mode = QAbstractItemView.SelectionMode
        self.setSelectionMode(mode.ExtendedSelection if multiple else mode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setItemDelegate(RowTableDelegate(self))
        rows = self.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(row_height)
        rows.setDefaultSectionSize(row_height)
        rows.hide()
        self.setHorizontalHeader(RowTableHead(self))
        self.verticalScrollBar().setSingleStep(row_height)

    @property
    def current_id(self) -> int | None:
        """The id of the row that has the keyboard."""
        return self._current_id

    def selected_ids(self) -> np.ndarray:
        """(n,) int64: the ids of the selected rows, from the top."""
        # By ranges: a list of 100,000 indexes takes a second.
        parts = [
            np.arange(one.top(), one.bottom() + 1) for one in self.selectionModel().selection()
        ]
        rows = np.unique(np.concatenate([np.empty(0, np.int64), *parts]))
        return self.row_model.order[rows]

    def set_empty_text(self, sentence: str) -> None:
        """What stands in the table while it has no rows."""
        self._empty_text = sentence
        self.viewport().update()

    def select_id(self, row_id: int | None, scroll: bool = True, tell: bool = False) -> None:
        """Makes a row current; emits `current_row_changed` only if `tell`."""
        self._restoring = not tell
        row = -1 if row_id is None else self.row_model.row_of(row_id)
        if row < 0:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        else:
            flag = QItemSelectionModel.SelectionFlag
            index = self.row_model.index(row, 0)
            hint = self._way_into_view(index)
            self.selectionModel().setCurrentIndex(index, flag.ClearAndSelect | flag.Rows)
            if scroll:
                self.scrollTo(index, hint)
        self._current_id = row_id if row >= 0 else None
        self._selected_ids = self.selected_ids()
        self._restoring = False

    def copy_selected(self) -> None:
        """Puts the texts of the selected rows on the clipboard, tabs between columns."""
        columns = [column for column in self.row_model.columns if column.title]
        lines = [
            "\t".join(column.text(int(row_id)) for column in columns)
            for row_id in self.selected_ids()
        ]
        if lines:
            QGuiApplication.clipboard().setText("\n".join(lines))

    def column_at(self, index: QModelIndex) -> Column:
        """The column of a cell."""
        return self.row_model.columns[index.column()]

    def has_keyboard(self) -> bool:
        """Whether the selection is shown as the one the keyboard moves."""
        return self.hasFocus()

    def rows_in_view(self) -> tuple[int, int]:
        """The first and the last row in view; (0, −1) while there is none."""
        first = self.rowAt(0)
        if first < 0:
            return 0, -1
        last = self.rowAt(self.viewport().height() - 1)
        return first, self.row_model.rowCount() - 1 if last < 0 else last

    def keyboardSearch(self, search: str) -> None:
        """Typing in a table must not walk through 100,000 rows."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selected()
        elif self._current_id is None:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.row_activated.emit(self._current_id)
        elif event.key() == Qt.Key.Key_Space:
            self.row_toggled.emit(self._current_id)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        index = self.indexAt(event.pos()) if event.reason() == event.Reason.Mouse else None
        row_id = self._current_id
        if index is not None and index.isValid():
            row_id = self.row_model.row_id(index.row())
        if row_id is not None:
            self.menu_requested.emit(row_id, event.globalPos())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.rowAt(event.position().toPoint().y()))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    def focusInEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        # Qt makes the first row current by itself, without selecting it: only Tab means that.
        self._restoring = True
        super().focusInEvent(event)
        self._restoring = False
        by_key = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
        )
        if by_key and self._current_id is None and self.row_model.rowCount():
            first = max(0, self.rowAt(0))
            self.select_id(self.row_model.row_id(first), scroll=False, tell=True)
        self._update_selected()

    def focusOutEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().focusOutEvent(event)
        self._update_selected()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        if dy and self.viewport().underMouse():
            self._hover(self.rowAt(self.viewport().mapFromGlobal(QCursor.pos()).y()))

    def paintEvent(self, event: QPaintEvent) -> None:
        self.dirty = event.region()
        painter = QPainter(self.viewport())
        for part in self.dirty:
            painter.fillRect(part, shade(str(self.property("ground"))))
        painter.end()
        super().paintEvent(event)
        if self._empty_text and not self.row_model.rowCount():
            painter = QPainter(self.viewport())
            pad = self.side_padding
            place = QRect(pad, pad, self.viewport().width() - 2 * pad, tokens().row_height.table)
            draw_line_of_text(painter, place, self._empty_text, "body", "text3", CENTRE)

    def scroll_to_id(self, row_id: int) -> None:
        """Brings a row into view."""
        row = self.row_model.row_of(row_id)
        if row >= 0:
            index = self.row_model.index(row, 0)
            self.scrollTo(index, self._way_into_view(index))

    def _way_into_view(self, index: QModelIndex) -> QAbstractItemView.ScrollHint:
        """A row from elsewhere comes to the middle, one that is cut moves as little as it can."""
        hint = QAbstractItemView.ScrollHint
        is_seen = self.viewport().rect().intersects(self.visualRect(index))
        return hint.EnsureVisible if is_seen else hint.PositionAtCenter

    def _fit_columns(self) -> None:
        columns = self.row_model.columns
        head = self.horizontalHeader()
        if not columns or head.count() != len(columns):
            return
        stretching = [at for at, column in enumerate(columns) if column.stretch]
        fixed = sum(
            head.sectionSize(at) or columns[at].width
            for at in range(len(columns))
            if at not in stretching
        )
        room = self.viewport().width() - fixed
        for count, at in enumerate(stretching):
            share = room // (len(stretching) - count)
            size = max(columns[at].width, share)
            head.resizeSection(at, size)
            room -= size

    def _set_widths(self) -> None:
        for at, column in enumerate(self.row_model.columns):
            if not column.stretch:
                self.horizontalHeader().resizeSection(at, column.width)

    def setModel(self, model) -> None:  # type: ignore[no-untyped-def]
        super().setModel(model)
        self._set_widths()

    def _hover(self, row: int) -> None:
        if row == self.hovered_row:
            return
        old, self.hovered_row = self.hovered_row, row
        for changed in (old, row):
            if changed >= 0:
                self._update_row(changed)

    def _update_row(self, row: int) -> None:
        top = self.rowViewportPosition(row)
        self.viewport().update(0, top, self.viewport().width(), self.rowHeight(row))
        self.verticalScrollBar().update()

    def _update_selected(self) -> None:
        """Paints the selected rows in view again: their tint says where the keyboard is."""
        first, last = self.rows_in_view()
        for row in range(first, last + 1):
            if self.selectionModel().isRowSelected(row, QModelIndex()):
                self._update_row(row)

    def _before_reset(self) -> None:
        self._restoring = True
        self._kept_scroll = self.verticalScrollBar().value()
        self._kept_columns = self.row_model.columns

    def _after_reset(self) -> None:
        now = [(column.name, column.width) for column in self.row_model.columns]
        if [(column.name, column.width) for column in self._kept_columns] != now:
            self._set_widths()
            self._fit_columns()
        self.hovered_row = -1
        self._restore_selection()
        self.verticalScrollBar().setValue(self._kept_scroll)
        self._restoring = False
        self.viewport().update()
        self.verticalScrollBar().update()

    def _restore_selection(self) -> None:
        model, flag = self.row_model, QItemSelectionModel.SelectionFlag
        rows = np.flatnonzero(np.isin(model.order, self._selected_ids))
        last = model.columnCount() - 1
        chosen = QItemSelection()
        breaks = np.flatnonzero(np.diff(rows) > 1)
        runs = np.split(rows, breaks + 1)[:_MOST_RANGES] if len(rows) else []
        for run in runs:
            top, bottom = int(run[0]), int(run[-1])
            chosen.select(model.index(top, 0), model.index(bottom, last))
        self.selectionModel().select(chosen, flag.ClearAndSelect)
        place = -1 if self._current_id is None else model.row_of(self._current_id)
        if place >= 0:
            self.selectionModel().setCurrentIndex(model.index(place, 0), flag.NoUpdate)

    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if self._restoring:
            return
        row_id = self.row_model.row_id(current.row()) if current.isValid() else None
        if row_id != self._current_id:
            self._current_id = row_id
            self.current_row_changed.emit(row_id)

    def _on_selection(self, _selected: QItemSelection, _deselected: QItemSelection) -> None:
        self.verticalScrollBar().update()
        if not self._restoring:
            self._selected_ids = self.selected_ids()
            self.selection_changed.emit()

    def _on_double_click(self, index: QModelIndex) -> None:
        self.row_activated.emit(self.row_model.row_id(index.row()))

    def _on_click(self, index: QModelIndex) -> None:
        self.cell_clicked.emit(self.row_model.row_id(index.row()), self.column_at(index).name)


def make_table(columns: Sequence[Column], accessible_name: str, **options) -> RowTable:  # type: ignore[no-untyped-def]
    """A table over a new model with these columns; options as in `RowTable`."""
    return RowTable(RowTableModel(columns), accessible_name=accessible_name, **options)
