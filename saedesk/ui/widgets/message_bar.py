"""One sentence across a view: something to know, to mind or to repair."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.painting import draw_hairline, shade
from saedesk.ui.widgets.text_label import LinkButton, TextLabel

KINDS = {
    "info": ("panel", "accent", "circle-check"),
    "warn": ("warnSoft", "warn", "triangle-alert"),
    "error": ("errorSoft", "error", "circle-alert"),
}


class MessageBar(QWidget):
    """An icon, a sentence, perhaps an action, a cross; hidden until `show_message`."""

    activated = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = "info"
        self._text = TextLabel("", "body", "text1", elide=True)
        self._action = LinkButton("")
        self._close = GhostButton("x", "Close this message")
        self._action.clicked.connect(self._on_action)
        self._close.clicked.connect(self._on_close)
        row = QHBoxLayout(self)
        side = tokens().padding.side_panel
        row.setContentsMargins(side + tokens().icon + tokens().space[2], 0, side - 6, 0)
        row.setSpacing(tokens().space[3])
        row.addWidget(self._text, 1)
        row.addWidget(self._action)
        row.addWidget(self._close)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(tokens().space[8] + tokens().space[1])
        self.hide()

    @property
    def text(self) -> str:
        """The sentence shown."""
        return self._text.text()

    @property
    def kind(self) -> str:
        """ "info", "warn" or "error"."""
        return self._kind

    def show_message(
        self, text: str, kind: str = "info", action: str = "", details: str = ""
    ) -> None:
        """Shows a sentence; `details` is what its tooltip says."""
        self._kind = kind
        self._text.set_explanation(details)
        self._text.setText(text)
        self._action.setText(action)
        self._action.setAccessibleName(action)
        self._action.setVisible(bool(action))
        self._action.updateGeometry()
        self.setAccessibleName(text)
        self.show()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 10, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        ground, colour, icon = KINDS[self._kind]
        painter.fillRect(self.rect(), shade(ground))
        bottom = self.height() - tokens().line
        draw_hairline(painter, 0, bottom, self.width(), bottom)
        place = QRect(tokens().padding.side_panel, 0, tokens().icon, self.height())
        paint_icon(painter, icon, place, colour)

    def _on_action(self) -> None:
        self.activated.emit()

    def _on_close(self) -> None:
        self.hide()
        self.closed.emit()
