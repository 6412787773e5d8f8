"""How much of a family is folded away, and the way to see all of it."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.text_label import LinkButton, TextLabel


class FoldedNote(QWidget):
    """One line under a tree; away while nothing is folded."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = TextLabel("", "caption", "text3")
        self.show_all = LinkButton("Show all", "caption", "Show all features of the family")
        edge = tokens().space[1] + 2
        row = QHBoxLayout(self)
        row.setContentsMargins(0, edge, 0, edge)
        row.setSpacing(tokens().space[2])
        row.addWidget(self.text)
        row.addWidget(self.show_all)
        row.addStretch(1)
        self.hide()

    def show_counts(self, shown: int, features: int) -> None:
        """Says how many of the features are shown."""
        self.text.setText(f"{shown:,} of {features:,} features shown")
        self.setVisible(shown < features)
