"""Under the documents of a feature: which ones are shown, and the way to the others."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from saedesk.features.document_pages import DocumentPage
from saedesk.ui.features_panels.document_choice import PAGE
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton
from saedesk.ui.widgets.text_label import TextLabel


class PageFoot(QWidget):
    """Earlier and later pages, and a sentence."""

    turned = Signal(object)
    """How many documents come before the page that is wanted."""

    def __init__(
        self,
        left: int,
        right: int,
        actions: Sequence[QWidget] = (),
        parent: QWidget | None = None,
    ) -> None:
        """`actions` stand at the right."""
        super().__init__(parent)
        self._offset = 0
        self.earlier = DefaultButton("Earlier", accessible_name="Earlier documents")
        self.earlier.clicked.connect(self._on_earlier)
        self.later = DefaultButton("Later", accessible_name="Later documents")
        self.later.clicked.connect(self._on_later)
        self.shown = TextLabel("", "body", "text2", tabular=True, elide=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(left, tokens().space[2], right, tokens().space[4])
        row.setSpacing(tokens().space[3])
        row.addWidget(self.earlier)
        row.addWidget(self.later)
        row.addWidget(self.shown, 1)
        for action in actions:
            row.addWidget(action)

    def wait(self, sentence: str) -> None:
        """Say that a page is on its way; until it is there no other can be asked for."""
        self.earlier.setEnabled(False)
        self.later.setEnabled(False)
        self.shown.setText(sentence)

    def show_page(self, page: DocumentPage, sentence: str) -> None:
        """Say which page this is."""
        self._offset = page.offset
        several = page.total > PAGE
        self.earlier.setVisible(several)
        self.later.setVisible(several)
        self.earlier.setEnabled(page.offset > 0)
        self.later.setEnabled(page.offset + len(page.rows) < page.total)
        self.shown.setText(sentence)

    @Slot()
    def _on_earlier(self) -> None:
        self.turned.emit(max(0, self._offset - PAGE))

    @Slot()
    def _on_later(self) -> None:
        self.turned.emit(self._offset + PAGE)
