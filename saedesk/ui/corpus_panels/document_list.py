"""A short list of documents with a number each, as on the document page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
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

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import RIGHT, draw_line_of_text, draw_rounded, text_width
from saedesk.ui.widgets.plain_tooltip import escaped


@dataclass(frozen=True)
class DocumentLine:
    """A document in the list."""

    document_id: int
    heading: str
    number: float


class DocumentList(QWidget):
    """Rows of title and number; a click or Enter opens the document."""

    activated = Signal(int)

    def __init__(self, accessible_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: Sequence[DocumentLine] = ()
        self._hovered = self._current = -1
        self.setAccessibleName(accessible_name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def lines(self) -> Sequence[DocumentLine]:
        """The documents shown."""
        return self._lines

    def set_lines(self, lines: Sequence[DocumentLine]) -> None:
        """Shows other documents."""
        self._lines = lines
        self._hovered, self._current = -1, -1
        self.setAccessibleDescription("; ".join(line.heading[:80] for line in lines))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 6, len(self._lines) * tokens().row_height.short_list)

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
            self.activated.emit(self._lines[at].document_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is not None and 0 <= self._current + step < len(self._lines):
            self._current += step
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current >= 0:
            self.activated.emit(self._lines[self._current].document_id)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().focusInEvent(event)
        self._current = min(max(0, self._current), len(self._lines) - 1)
        self.update()

    def focusOutEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().focusOutEvent(event)
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = self._row_at(event.pos())
        at = at if at >= 0 else self._current
        if at < 0:
            return
        menu = QMenu(self)
        menu.addAction("Copy title")
        if menu.exec(event.globalPos()) is not None:
            QGuiApplication.clipboard().setText(self._lines[at].heading)
        menu.deleteLater()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = self._row_at(event.pos())
            text = escaped(self._lines[at].heading) if at >= 0 else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        space = tokens().space
        wide = text_width("0.00", "body", tabular=True) + space[2]
        for at, line in enumerate(self._lines):
            row = self.row_rect(at)
            focused = at == self._current and self.hasFocus()
            if focused or at == self._hovered:
                around = QRectF(row).adjusted(-space[1], 0, space[1], 0)
                ground = "selection" if focused else "hover"
                draw_rounded(painter, around, tokens().radius.check, ground)
            title = row.adjusted(0, 0, -wide - space[2], 0)
            draw_line_of_text(painter, title, line.heading, "title in a table")
            number = QRect(row.right() + 1 - wide, row.top(), wide, row.height())
            shown = f"{line.number:.2f}".replace("-", "\u2212")
            draw_line_of_text(painter, number, shown, "body", "text2", RIGHT, tabular=True)

    def _row_at(self, place: QPoint) -> int:
        at = place.y() // tokens().row_height.short_list
        return at if 0 <= at < len(self._lines) and self.rect().contains(place) else -1

    def _hover(self, at: int) -> None:
        if at != self._hovered:
            self._hovered = at
            self.update()
