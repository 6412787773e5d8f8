"""A text label some of whose sentences are marked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip

from saedesk.ui.widgets.plain_tooltip import escaped
from saedesk.ui.widgets.text_label import TextLabel
from saedesk.ui.widgets.text_marks import TextMark, draw_marks, mark_rects


class MarkedLabel(TextLabel):
    """A wrapped label with marks behind its text."""

    _marks: tuple[TextMark, ...] = ()

    @property
    def marks(self) -> tuple[TextMark, ...]:
        """What is marked."""
        return self._marks

    def set_marks(self, marks: Sequence[TextMark]) -> None:
        """Mark other parts of the text; nothing moves."""
        self._marks = tuple(marks)
        self.setAccessibleDescription(". ".join(mark.tip.replace("\n", "; ") for mark in marks))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._marks and self.wordWrap():
            painter = QPainter(self)
            draw_marks(painter, self._origin(), self._laid_out(self._line_width())[0], self._marks)
            painter.end()
        super().paintEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._marks:
            layout, place = self._laid_out(self._line_width())[0], QPointF(event.pos())
            for mark in self._marks:
                rects = mark_rects(layout, mark.start, mark.end)
                if any(rect.translated(self._origin()).contains(place) for rect in rects):
                    QToolTip.showText(event.globalPos(), escaped(mark.tip), self)
                    return True
        return super().event(event)

    def _line_width(self) -> int:
        return self.contentsRect().width()

    def _origin(self) -> QPointF:
        area = self.contentsRect()
        height = self._laid_out(area.width())[1]
        return QPointF(area.left(), area.top() + max(0, (area.height() - height) // 2))
