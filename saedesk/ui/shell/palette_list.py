"""The list in the palette: its model, and how a line is painted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from saedesk.ui.shell.palette_field import draw_keys
from saedesk.ui.shell.palette_rows import PaletteRow, underlined
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.painting import RIGHT, draw_line_of_text, draw_rounded, shade

TEXT_LEFT = 48
_ROLES = {"document": "title of a result"}


class PaletteModel(QAbstractListModel):
    """Lines of the palette; heads cannot be chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[PaletteRow] = []

    def set_rows(self, rows: Sequence[PaletteRow]) -> None:
        """Shows other lines."""
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return " ".join(part for part in (row.text, row.value, row.shortcut) if part)
        return None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        if self.rows[index.row()].kind == "head":
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class _LineDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        is_head = index.model().rows[index.row()].kind == "head"
        height = tokens().space[8] if is_head else tokens().row_height.palette
        return QSize(tokens().space[8] * 4, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        row: PaletteRow = index.model().rows[index.row()]
        place, size = QRect(option.rect), tokens()
        painter.save()
        if row.kind == "head":
            line = place.adjusted(size.space[5], size.space[1], -size.space[5], 0)
            draw_line_of_text(painter, line, row.text, "column head", "text2")
        else:
            chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            self._paint_line(painter, place, row, chosen)
        painter.restore()

    def _paint_line(self, painter: QPainter, place: QRect, row: PaletteRow, chosen: bool) -> None:
        size = tokens()
        if chosen:
            ground = place.adjusted(size.space[2], 0, -size.space[2], 0)
            draw_rounded(painter, ground, size.radius.control, "selection")
            bar = QRect(ground.left(), place.top() + 6, size.selection_bar, place.height() - 12)
            painter.fillRect(bar, shade("accent"))
        square = QRect(place.left() + size.space[5], place.top(), size.icon, place.height())
        paint_icon(painter, row.icon, square, "accent" if chosen else "text2")
        right = place.right() + 1 - size.space[5]
        if row.shortcut:
            right = draw_keys(painter, right, place.center().y() + 0.5, row.shortcut)
        if row.value:
            line = QRect(place.left(), place.top(), right - place.left(), place.height())
            used = draw_line_of_text(painter, line, row.value, "body", "text2", RIGHT, tabular=True)
            right -= int(used) + size.space[3]
        left = place.left() + TEXT_LEFT
        star = size.icon + size.space[2] if row.starred else 0
        room = QRect(left, place.top(), right - left - star, place.height())
        used = self._paint_text(painter, room, row)
        if row.starred:
            square = QRect(left + int(used) + size.space[2], place.top(), size.icon, place.height())
            paint_icon(painter, "star", square, "star", size.icon_sizes.inline, filled=True)

    def _paint_text(self, painter: QPainter, room: QRect, row: PaletteRow) -> float:
        role = _ROLES.get(row.kind, "label")
        metrics = QFontMetricsF(Theme.current().font(role))
        shown = metrics.elidedText(row.text[:300], Qt.TextElideMode.ElideRight, room.width())
        below = room.center().y() + metrics.ascent() / 2 + 1
        for start, length in underlined(shown, row.typed):
            left = room.left() + metrics.horizontalAdvance(shown[:start])
            width = metrics.horizontalAdvance(shown[start : start + length])
            painter.fillRect(QRectF(round(left), round(below), round(width), 2), shade("accent"))
        return draw_line_of_text(painter, room, shown, role)


class PaletteList(QListView):
    """The lines; the mouse chooses as it moves, a click opens."""

    opened = Signal(object)
    """PaletteRow."""

    def __init__(self) -> None:
        super().__init__()
        self._model = PaletteModel()
        self.setModel(self._model)
        self.setItemDelegate(_LineDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Found")
        self.viewport().setAutoFillBackground(False)
        self.setStyleSheet("background: transparent;")

    @property
    def rows(self) -> list[PaletteRow]:
        """The lines shown."""
        return self._model.rows

    @property
    def chosen(self) -> PaletteRow | None:
        """The chosen line."""
        index = self.currentIndex()
        return self._model.rows[index.row()] if index.isValid() else None

    def set_rows(self, rows: Sequence[PaletteRow]) -> None:
        """Shows other lines; the chosen one stays chosen where it still is, else the first is."""
        before = self.chosen
        self._model.set_rows(rows)
        same = [
            at
            for at, row in enumerate(rows)
            if before is not None and (row.kind, row.key) == (before.kind, before.key)
        ]
        # What a person is about to open must not slip away when documents arrive late.
        self._choose(same[0] if same else -1)
        if not same:
            self.move(1)
        if not same or same[0] <= 1:
            self.scrollToTop()

    def move(self, step: int) -> None:
        """Chooses the next or previous line, round and round."""
        rows = self._model.rows
        if not any(row.kind != "head" for row in rows):
            return
        index = self.currentIndex()
        at = index.row() if index.isValid() else (-1 if step > 0 else 0)
        while True:
            at = (at + step) % len(rows)
            if rows[at].kind != "head":
                break
        self._choose(at)
        if at <= 1:
            self.scrollToTop()

    def height_of_rows(self) -> int:
        """How high the list would be without scrolling."""
        heads = sum(row.kind == "head" for row in self._model.rows)
        lines = len(self._model.rows) - heads
        return heads * tokens().space[8] + lines * tokens().row_height.palette

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and self._model.rows[index.row()].kind != "head":
            self.setCurrentIndex(index)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index == self.currentIndex() and self.chosen is not None:
            self.opened.emit(self.chosen)

    def _choose(self, at: int) -> None:
        self.setCurrentIndex(self._model.index(at, 0) if at >= 0 else QModelIndex())
