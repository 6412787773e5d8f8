"""What the import dialog shows before a file is chosen, and while it is being read."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton, PrimaryButton
from saedesk.ui.widgets.text_label import TextLabel

NOTHING_CHOSEN = (
    "A table with one document a row (CSV, TSV, JSON Lines, Parquet, Arrow), or a folder with one "
    "text file for each document. Drop it here, or choose it."
)


class ImportChoice(QWidget):
    """A sentence and two buttons; the dialog connects the buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        middle = Qt.AlignmentFlag.AlignHCenter
        self.setProperty("ground", "sunken")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._sentence = TextLabel(NOTHING_CHOSEN, "lead", "text2", wrap=True, align=middle)
        self._sentence.setFixedWidth(tokens().space[8] * 15)
        self.files = PrimaryButton("Choose files…", "file-text")
        self.folder = DefaultButton("Choose a folder…", "folder-open")
        buttons = QHBoxLayout()
        buttons.setSpacing(tokens().space[2])
        buttons.addStretch(1)
        buttons.addWidget(self.files)
        buttons.addWidget(self.folder)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setSpacing(tokens().space[4])
        column.addStretch(1)
        column.addWidget(self._sentence, 0, middle)
        column.addLayout(buttons)
        column.addStretch(1)

    def ask(self) -> None:
        """Asks for files or a folder."""
        self._sentence.setText(NOTHING_CHOSEN)
        self.files.show()
        self.folder.show()

    def say_reading(self, name: str) -> None:
        """Says which file is being read."""
        self._sentence.setText(f"Reading {name}…")
        self.files.hide()
        self.folder.hide()
