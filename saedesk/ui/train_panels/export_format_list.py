"""For whom an SAE is exported: one row a format, with who reads it or why it cannot hold it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.check_marks import RadioButton
from saedesk.ui.widgets.text_label import TextLabel

FORMATS = {
    "saelens": (
        "SAELens",
        "For SAELens and what is built on it: SAE.load_from_disk reads the folder.",
    ),
    "sparsify": (
        "sparsify",
        "For EleutherAI’s sparsify and delphi: SparseCoder.load_from_disk reads the folder.",
    ),
    "saedesk": (
        "saedesk",
        "For saedesk on another computer or in another project. Holds every SAE exactly.",
    ),
}
"""Title and who reads it, by the name of the format."""


class ExportFormatList(QWidget):
    """Chooses a format; one that cannot hold the SAE is off and says why."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: dict[str, RadioButton] = {}
        self.sentences: dict[str, TextLabel] = {}
        self.setAccessibleName("Format")
        space = tokens().space
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for name, (title, sentence) in FORMATS.items():
            button = RadioButton(title)
            button.setAccessibleDescription(sentence)
            told = TextLabel(sentence, "caption", "text2", wrap=True)
            told.setContentsMargins(tokens().icon + space[2], 0, 0, 0)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
            column.addSpacing(2)
            column.addWidget(told)
            column.addSpacing(space[2] + 2)
            button.clicked.connect(self._on_click)
            self.buttons[name], self.sentences[name] = button, told
        self.buttons["saelens"].setChecked(True)

    @property
    def current(self) -> str:
        """The chosen format."""
        return next(name for name, button in self.buttons.items() if button.isChecked())

    def set_reasons(self, reasons: Mapping[str, str]) -> None:
        """Switches formats off that cannot hold the SAE; `reasons` has a sentence for each."""
        for name, button in self.buttons.items():
            reason = reasons.get(name, "")
            button.setEnabled(not reason)
            button.setAccessibleDescription(reason or FORMATS[name][1])
            self.sentences[name].setText(reason or FORMATS[name][1])
        if not self.buttons[self.current].isEnabled():
            fitting = next(name for name, button in self.buttons.items() if button.isEnabled())
            self.buttons[fitting].setChecked(True)
        self.changed.emit()

    def focus_current(self) -> None:
        """Gives the keyboard to the chosen format."""
        self.buttons[self.current].setFocus()

    @Slot()
    def _on_click(self) -> None:
        self.changed.emit()
