"""The documents that are searched with, as chips in a line of their own."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from saedesk.project.document_store import DocumentRow
from saedesk.ui.document_words import shown_heading
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.chips import FilterChip
from saedesk.ui.widgets.flow_layout import FlowLayout
from saedesk.ui.widgets.text_label import TextLabel

LONGEST_NAME = 48
"""Characters of a heading in a chip; the rest is in its tooltip."""


class QueryDocuments(QWidget):
    """“More like”, a chip for each document, and that they are left out of the results."""

    removed = Signal(int)
    """The id of a document that is no longer searched with."""
    opened = Signal(int)
    """The id of a document that somebody wants to read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chips: list[FilterChip] = []
        self._flow = FlowLayout()
        self._flow.setSpacing(tokens().space[2])
        self._head = _Word("More like", "text2")
        self._tail = _Word("", "text3")
        self._flow.addWidget(self._head)
        self._flow.addWidget(self._tail)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._flow)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("Documents searched with")
        self.hide()

    def show_documents(self, documents: list[DocumentRow]) -> None:
        """Shows other documents; hides itself where there are none."""
        has_keyboard = any(chip.hasFocus() for chip in self.chips)
        while self._flow.count():
            self._flow.takeAt(0)
        for chip in self.chips:
            chip.hide()
            chip.deleteLater()
        self.chips = [self._chip(document) for document in documents]
        for widget in (self._head, *self.chips, self._tail):
            self._flow.addWidget(widget)
            widget.show()
        many = len(documents) > 1
        self._tail.setText("They are left out of the results." if many else _LEFT_OUT)
        self.setVisible(bool(documents))
        self._flow.invalidate()
        self.updateGeometry()
        if has_keyboard and self.chips:
            self.chips[-1].setFocus(Qt.FocusReason.OtherFocusReason)

    def _chip(self, document: DocumentRow) -> FilterChip:
        heading = " ".join(shown_heading(document).split())
        name = heading if len(heading) <= LONGEST_NAME else f"{heading[:LONGEST_NAME].rstrip()}…"
        tooltip = f"{heading[:300]}\nClick to read it; the cross or Delete takes it away."
        chip = FilterChip(name, removable=True, tooltip=tooltip, parent=self)
        chip.setAccessibleName(f"Searched with: {name}")
        chip.setProperty("document", document.id)
        chip.clicked.connect(self._on_click)
        chip.removed.connect(self._on_removed)
        return chip

    def _on_click(self) -> None:
        self.opened.emit(int(self.sender().property("document")))

    def _on_removed(self) -> None:
        self.removed.emit(int(self.sender().property("document")))


_LEFT_OUT = "It is left out of the results."


class _Word(TextLabel):
    """A word in the line of chips, as high as they are."""

    def __init__(self, text: str, colour: str) -> None:
        super().__init__(text, "caption", colour)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), 2 * tokens().radius.chip)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()
