"""What a panel without data shows: what belongs here, and the one button that fills it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import PrimaryButton
from saedesk.ui.widgets.text_label import TextLabel


class EmptyPanel(QWidget):
    """One sentence and one button in the middle of the room."""

    activated = Signal()

    def __init__(
        self,
        sentence: str,
        button_text: str = "",
        icon: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        middle = Qt.AlignmentFlag.AlignHCenter
        self.sentence = TextLabel(sentence, "lead", "text2", wrap=True, align=middle)
        self.sentence.setFixedWidth(tokens().space[8] * 14)
        self.button = PrimaryButton(button_text, icon)
        self.button.clicked.connect(self._on_click)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[tokens().padding.work_area] * 4)
        column.setSpacing(tokens().space[4])
        column.addStretch(2)
        column.addWidget(self.sentence, 0, middle)
        column.addWidget(self.button, 0, middle)
        column.addStretch(3)
        # Only now has it a parent: shown before, it would be a window of its own for a moment.
        self.button.setVisible(bool(button_text))

    def set_text(
        self, sentence: str, button_text: str | None = None, icon: str | None = None
    ) -> None:
        """Shows another sentence, perhaps another button."""
        self.sentence.setText(sentence)
        if button_text is not None:
            self.button.set_text(button_text, icon)
            self.button.setVisible(bool(button_text))

    def add_below(self, widget: QWidget) -> None:
        """Puts a second way out under the button."""
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        at = column.indexOf(self.button) + 1
        column.insertWidget(at, widget, 0, Qt.AlignmentFlag.AlignHCenter)

    def _on_click(self) -> None:
        self.activated.emit()
