"""Which encoder made vectors that somebody brings: a name or a folder, or nobody knows."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton
from saedesk.ui.widgets.dialogs import choose_folder
from saedesk.ui.widgets.fields import TextField
from saedesk.ui.widgets.text_label import TextLabel

_UNKNOWN = (
    "Without it everything works but one thing: what you type cannot be searched for. Search then "
    "finds documents that are like other documents."
)
_KNOWN = "What you type in Search is embedded with it. Its files have to be on this computer."


class EncoderField(QWidget):
    """A field with a button for folders, and a sentence on what it is good for."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = TextLabel("Encoder that made them", "body")
        self.name = TextField("Name or folder, if you know it", accessible_name=self.label.text())
        self.name.text_changed.connect(self._on_text)
        self.folder = DefaultButton("Folder…", "folder")
        self.folder.clicked.connect(self._choose_folder)
        self.help = TextLabel(_UNKNOWN, "caption", "text3", wrap=True)
        space = tokens().space
        row = QHBoxLayout()
        row.setSpacing(space[2])
        row.addWidget(self.label)
        row.addSpacing(space[2])
        row.addWidget(self.name, 1)
        row.addWidget(self.folder)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space[1])
        column.addLayout(row)
        column.addWidget(self.help)

    @property
    def model(self) -> str:
        """The name or folder; "" where it is not known."""
        return self.name.text().strip()

    def _on_text(self, _: object = None) -> None:
        self.help.setText(_KNOWN if self.model else _UNKNOWN)
        self.changed.emit()

    def _choose_folder(self) -> None:
        folder = choose_folder(self, "The folder of an embedding model")
        if folder is not None:
            self.name.setText(str(folder))
