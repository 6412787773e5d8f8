"""What the line of filters is made of besides chips: the way to add one, and a quiet note."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.focus_ring import FocusRingFilter
from saedesk.ui.widgets.painting import (
    LEFT,
    RIGHT,
    draw_line_of_text,
    fill_ground,
    stand_on_own_ground,
    text_width,
)
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip


class AddFilterButton(QAbstractButton):
    """A plus and the word “Filter”."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText("Filter")
        self.setAccessibleName("Add a filter")
        set_plain_tooltip(self, "Search only among some documents")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        FocusRingFilter(self, tokens().radius.control)

    def sizeHint(self) -> QSize:
        small, space = tokens().icon_sizes.small, tokens().space
        width = small + space[1] + text_width(self.text(), "column head") + 2 * space[1]
        return QSize(width, 2 * tokens().radius.chip)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colour = "text1" if self.underMouse() else "text2"
        colour = colour if self.isEnabled() else "disabled"
        small, space = tokens().icon_sizes.small, tokens().space
        square = QRect(space[1], 0, small, self.height())
        paint_icon(painter, "plus", square, colour, small)
        line = QRect(2 * space[1] + small, 0, self.width(), self.height())
        draw_line_of_text(painter, line, self.text(), "column head", colour, LEFT)


class AnswerNote(QWidget):
    """One quiet line at the right; a text that is hardly longer repaints it and moves nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._width = "", 0
        stand_on_own_ground(self)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def text(self) -> str:
        """The line shown."""
        return self._text

    def set_text(self, text: str, explanation: str) -> None:
        """Shows another line; the explanation is its tooltip."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            set_plain_tooltip(self, f"{text}\n{explanation}" if text else "")
            self._fit()
            self.update()

    def _fit(self) -> None:
        """Asks for room in large steps: a layout is too dear for every move of a slider."""
        step = tokens().space[8]
        width = -(-text_width(self._text, "caption", tabular=True) // step) * step
        if width != self._width:
            self._width = width
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(self._width, 2 * tokens().radius.chip)

    def minimumSizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 2, 2 * tokens().radius.chip)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        fill_ground(painter, event, "surface")
        draw_line_of_text(painter, self.rect(), self._text, "caption", "text2", RIGHT, tabular=True)
