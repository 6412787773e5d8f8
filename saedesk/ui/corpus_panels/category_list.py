"""Values of a category field with check boxes, counts and bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolTip, QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.check_marks import draw_check_box
from saedesk.ui.widgets.painting import (
    RIGHT,
    draw_line_of_text,
    draw_rounded,
    shade,
    text_width,
)
from saedesk.ui.widgets.plain_tooltip import escaped

BAR_MIX = 0.35
"""Share of the panel's ground in the colour of a bar."""


@dataclass(frozen=True)
class CategoryRow:
    """One value of a field."""

    value: str
    """As in the documents; "" where they say nothing."""
    count: int
    """Documents that pass all other conditions."""
    ticked: bool

    @property
    def text(self) -> str:
        """What is shown."""
        return self.value or "No value"


class CategoryList(QWidget):
    """Rows to tick; arrow keys move, Space or Enter ticks."""

    toggled = Signal(str)
    moved = Signal(QRect)
    """The keyboard is in another row, which lies there."""

    def __init__(self, accessible_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[CategoryRow] = ()
        self._current = self._hovered = -1
        self.setAccessibleName(accessible_name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def rows(self) -> Sequence[CategoryRow]:
        """The rows shown."""
        return self._rows

    def set_rows(self, rows: Sequence[CategoryRow]) -> None:
        """Shows other values or counts."""
        resized = len(rows) != len(self._rows)
        self._rows = rows
        self._current = min(self._current, len(rows) - 1)
        ticked = ", ".join(row.text for row in rows if row.ticked)
        self.setAccessibleDescription(f"Ticked: {ticked}" if ticked else "Nothing is ticked")
        if resized:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 4, len(self._rows) * tokens().row_height.facet)

    def minimumSizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 2, self.sizeHint().height())

    def row_rect(self, at: int) -> QRect:
        """The place of a row."""
        height = tokens().row_height.facet
        return QRect(0, at * height, self.width(), height)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._row_at(event.position().toPoint().y()))

    def leaveEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        self._hover(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self._row_at(event.position().toPoint().y())
        if event.button() == Qt.MouseButton.LeftButton and at >= 0:
            self._current = at
            self.toggled.emit(self._rows[at].value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is not None and 0 <= self._current + step < len(self._rows):
            self._current += step
            self.moved.emit(self.row_rect(self._current))
            self.update()
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return) and self._rows:
            self._current = max(0, self._current)
            self.toggled.emit(self._rows[self._current].value)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().focusInEvent(event)
        self._current = max(0, self._current)
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = self._row_at(event.pos().y())
        at = at if at >= 0 else self._current
        if at < 0:
            return
        menu = QMenu(self)
        menu.addAction("Copy")
        if menu.exec(event.globalPos()) is not None:
            QGuiApplication.clipboard().setText(self._rows[at].text)
        menu.deleteLater()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = self._row_at(event.pos().y())
            QToolTip.showText(event.globalPos(), self._tooltip(at), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        most = max((row.count for row in self._rows), default=0)
        for at, row in enumerate(self._rows):
            self._paint_row(painter, at, row, most)

    def _paint_row(self, painter: QPainter, at: int, row: CategoryRow, most: int) -> None:
        rect, space, side = self.row_rect(at), tokens().space, tokens().icon
        square = QRect(rect.left(), rect.top() + space[1], side, side)
        if at == self._hovered:
            around = QRectF(rect).adjusted(-space[1], 0, space[1], -space[1])
            draw_rounded(painter, around, tokens().radius.check, "hover")
        draw_check_box(painter, QRectF(square), row.ticked)
        if at == self._current and self.hasFocus():
            ring = tokens().focus_ring
            edge = ring.gap // 2 + ring.width // 2
            around = QRectF(square).adjusted(-edge, 0, edge, 0)
            draw_rounded(painter, around, tokens().radius.check, None, "focus", ring.width)
        line = Theme.current().line_height("body")
        left = rect.left() + side + space[2]
        count = f"{row.count:,}"
        wide = text_width(count, "body", tabular=True)
        room = rect.width() - left - wide - space[2]
        colour = "text1" if row.value else "text3"
        draw_line_of_text(painter, QRect(left, rect.top(), room, line), row.text, "body", colour)
        place = QRect(rect.right() + 1 - wide, rect.top(), wide, line)
        draw_line_of_text(painter, place, count, "body", "text2", RIGHT, tabular=True)
        if row.count and most:
            height = tokens().bar.cell - tokens().line
            long = max(height, round((rect.width() - left) * row.count / most))
            bar = QRectF(left, rect.top() + line, long, height)
            ground = Theme.current().mix("accent", "panel", BAR_MIX)
            draw_rounded(painter, bar, height / 2, shade(ground))

    def _tooltip(self, at: int) -> str:
        if at < 0:
            return ""
        row = self._rows[at]
        return escaped(f"{row.text}\n{row.count:,} documents that pass the other filters")

    def _row_at(self, y: int) -> int:
        at = y // tokens().row_height.facet
        return at if 0 <= at < len(self._rows) else -1

    def _hover(self, at: int) -> None:
        if at != self._hovered:
            self._hovered = at
            self.update()
