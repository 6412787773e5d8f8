"""A short list on a page: rows of one line that a click or Enter opens."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import draw_rounded
from saedesk.ui.widgets.plain_tooltip import escaped


class ShortList(QWidget):
    """Keyboard, mouse, tooltips and grounds; what a row is and how it looks is a subclass's."""

    activated = Signal(int)
    """The id of the row: `row_id`."""

    def __init__(self, accessible_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hovered = self._current = -1
        self.setAccessibleName(accessible_name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    # -- what a subclass says ------------------------------------------------------------------

    def row_count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def row_id(self, at: int) -> int:
        """What a row stands for."""
        raise NotImplementedError

    def row_tooltip(self, at: int) -> str:
        """All of what a row says."""
        raise NotImplementedError

    def paint_row(self, painter: QPainter, at: int, row: QRect) -> None:
        """Paint the content of a row."""
        raise NotImplementedError

    def open_menu(self, at: int, place: QPoint) -> None:
        """Open the menu of a row at a place on the screen."""
        raise NotImplementedError

    # -- what all share ------------------------------------------------------------------------

    def rows_changed(self) -> None:
        """To be called after the rows were replaced."""
        self._hovered, self._current = -1, min(self._current, self.row_count() - 1)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 6, self.row_count() * tokens().row_height.short_list)

    def minimumSizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 4, self.sizeHint().height())

    def row_rect(self, at: int) -> QRect:
        """The place of a row."""
        height = tokens().row_height.short_list
        return QRect(0, at * height, self.width(), height)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._row_at(event.position().toPoint()))

    def leaveEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        self._hover(-1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at = self._row_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and at >= 0:
            self._current = at
            self.activated.emit(self.row_id(at))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is not None and 0 <= self._current + step < self.row_count():
            self._current += step
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current >= 0:
            self.activated.emit(self.row_id(self._current))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().focusInEvent(event)
        self._current = min(max(0, self._current), self.row_count() - 1)
        self.update()

    def focusOutEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().focusOutEvent(event)
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = self._row_at(event.pos())
        at = at if at >= 0 else self._current
        if at >= 0:
            self.open_menu(at, event.globalPos())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = self._row_at(event.pos())
            text = escaped(self.row_tooltip(at)) if at >= 0 else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for at in range(self.row_count()):
            row = self.row_rect(at)
            focused = at == self._current and self.hasFocus()
            if focused or at == self._hovered:
                reach = tokens().space[1]
                around = QRectF(row).adjusted(-reach, 0, reach, 0)
                ground = "selection" if focused else "hover"
                draw_rounded(painter, around, tokens().radius.check, ground)
            self.paint_row(painter, at, row)

    def _row_at(self, place: QPoint) -> int:
        at = place.y() // tokens().row_height.short_list
        return at if 0 <= at < self.row_count() and self.rect().contains(place) else -1

    def _hover(self, at: int) -> None:
        if at != self._hovered:
            self._hovered = at
            self.update()
