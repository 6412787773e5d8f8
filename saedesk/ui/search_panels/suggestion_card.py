"""What was found for some letters, in a card above or below the field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QMouseEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.hover_card import draw_card, shadow_edge
from saedesk.ui.widgets.painting import RIGHT, draw_line_of_text, draw_rounded, shade
from saedesk.ui.widgets.text_label import lay_out

MOST_LINES = 3
"""Lines of the sentence that says that nothing was found."""


@dataclass(frozen=True)
class Suggestion:
    """One line of the card."""

    value: object
    """What is chosen with it."""
    label: str
    note: str = ""
    """Stands at the right, quietly."""
    role: str = ""
    """Of the label; "" for that of the card."""


class SuggestionCard(QWidget):
    """Lies in the window of its field, which keeps the keyboard; a click chooses."""

    chosen = Signal(object)
    """The value of a Suggestion."""

    def __init__(self, field: QWidget, name: str, role: str = "body") -> None:
        super().__init__(field)
        self._field, self._role = field, role
        self.found: list[Suggestion] = []
        """What the card shows."""
        self.sentence = ""
        """What it says instead where nothing was found."""
        self.marked = 0
        """The place that Enter takes."""
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(name)
        self.hide()

    def show_found(self, found: Sequence[Suggestion], sentence: str) -> None:
        """Shows what was found, or the sentence where that is nothing."""
        self.found, self.sentence, self.marked = list(found), sentence, 0
        window = self._field.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        self._place(window)
        self._tell()
        self.show()
        self.raise_()
        self.update()

    def move_mark(self, step: int) -> None:
        """Marks the next or the previous line; round at the ends."""
        if self.found:
            self.marked = (self.marked + step) % len(self.found)
            self._tell()
            self.update()

    def _tell(self) -> None:
        told = self.found[self.marked].label if self.found else self.sentence
        self.setAccessibleDescription(told)
        self._field.setAccessibleDescription(told)

    # -- geometry ------------------------------------------------------------------------------

    def _place(self, window: QWidget) -> None:
        """Under the field or above it, wherever there is more room."""
        field = QRect(self._field.mapTo(window, QPoint(0, 0)), self._field.size())
        edge, gap = shadow_edge(), tokens().grid
        height = self._body_height(field.width())
        is_above = field.top() > window.height() - field.bottom()
        top = field.top() - gap - height if is_above else field.bottom() + 1 + gap
        place = QRect(field.left(), top, field.width(), height)
        self.setGeometry(place.adjusted(-edge, -edge, edge, edge))

    def _body_height(self, width: int) -> int:
        space = tokens().space
        if self.found:
            return len(self.found) * tokens().control_height + 2 * space[1]
        return self._laid_out(width - 2 * space[3])[1] + 2 * space[2]

    def _laid_out(self, width: int):  # type: ignore[no-untyped-def]
        theme = Theme.current()
        height = theme.line_height("body")
        return lay_out(self.sentence, theme.font("body"), width, height, MOST_LINES)

    def _body(self) -> QRect:
        edge = shadow_edge()
        return self.rect().adjusted(edge, edge, -edge, -edge)

    def row_rect(self, at: int) -> QRect:
        """Where a line stands, in the card's coordinates."""
        body, pad = self._body(), tokens().space[1]
        top, size = body.top() + pad, QSize(body.width() - 2 * pad, tokens().control_height)
        return QRect(QPoint(body.left() + pad, top + at * size.height()), size)

    def _row_at(self, place: QPoint) -> int:
        rows = range(len(self.found))
        return next((at for at in rows if self.row_rect(at).contains(place)), -1)

    # -- painting and the mouse ----------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        body = self._body()
        draw_card(painter, QRectF(body))
        if not self.found:
            space = tokens().space
            painter.setPen(shade("text2"))
            layout = self._laid_out(body.width() - 2 * space[3])[0]
            layout.draw(painter, QRectF(body.adjusted(space[3], space[2], 0, 0)).topLeft())
        for at, line in enumerate(self.found):
            self._paint_row(painter, self.row_rect(at), line, at == self.marked)

    def _paint_row(self, painter: QPainter, place: QRect, found: Suggestion, marked: bool) -> None:
        if marked:
            draw_rounded(painter, place, tokens().radius.check, "selection")
        line = place.adjusted(tokens().space[2], 0, -tokens().space[2], 0)
        used = draw_line_of_text(painter, line, found.note, "caption", "text3", RIGHT, tabular=True)
        line.setRight(int(line.right() - used - tokens().space[3]))
        draw_line_of_text(painter, line, found.label, found.role or self._role)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self._row_at(event.position().toPoint())
        if at >= 0 and at != self.marked:
            self.marked = at
            self._tell()
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self._row_at(event.position().toPoint())
        if at >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.found[at].value)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        QApplication.instance().installEventFilter(self)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        QApplication.instance().removeEventFilter(self)
        self._field.setAccessibleDescription("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        pressed = kind == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget)
        resized = kind == QEvent.Type.Resize and watched is self.parentWidget()
        if resized or (pressed and watched not in (self, self._field)):
            self.hide()
        return False
