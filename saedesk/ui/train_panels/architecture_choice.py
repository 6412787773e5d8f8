"""The architecture of the next run, and in a sentence what is special about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.sae.architectures import architectures
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.choice_field import ChoiceField
from saedesk.ui.widgets.text_label import TextLabel

USUAL = "topk"


def architecture_titles() -> dict[str, str]:
    """Names of all architectures by their title, the published one first."""
    every = architectures()
    names = sorted(every, key=lambda name: (name != USUAL, every.get(name).title.lower()))
    return {every.get(name).title: name for name in names}


class ArchitectureChoice(QWidget):
    """A field with all registered architectures; the sentence of the chosen one stands below."""

    changed = Signal()
    """A person chose another."""
    comparison_wanted = Signal()
    """The known-answer results are to be shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._titles = architecture_titles()
        self.field = ChoiceField(
            list(self._titles),
            prefix="Architecture",
            accessible_name="Architecture",
            ground="field",
        )
        for at, name in enumerate(self._titles.values()):
            about = architectures().get(name).about
            self.field.setItemData(at, about, Qt.ItemDataRole.ToolTipRole)
        self.help = GhostButton("circle-question-mark", "How do the architectures compare?")
        self.about = TextLabel("", "caption", "text3", wrap=True)
        space = tokens().space
        row = QHBoxLayout()
        row.setSpacing(space[1])
        row.addWidget(self.field, 1)
        row.addWidget(self.help)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space[1])
        column.addLayout(row)
        column.addWidget(self.about)
        self.field.changed.connect(self._on_changed)
        self.help.clicked.connect(self.comparison_wanted)
        self._tell()

    @property
    def name(self) -> str:
        """The name of the chosen architecture in the registry."""
        return self._titles[self.field.currentText()]

    def set_name(self, name: str) -> bool:
        """Chooses an architecture without telling anybody; whether there is such a one."""
        title = next((title for title, known in self._titles.items() if known == name), None)
        if title is None:
            return False
        blocked = self.field.blockSignals(True)
        self.field.setCurrentText(title)
        self.field.blockSignals(blocked)
        self.field.update()
        self._tell()
        return True

    def _tell(self) -> None:
        about = architectures().get(self.name).about
        self.about.setText(about)
        self.field.setAccessibleDescription(about)

    def _on_changed(self, _: str) -> None:
        self._tell()
        self.changed.emit()
