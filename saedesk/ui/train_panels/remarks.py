"""Quiet sentences in a place of fixed height; what does not fit is in the tooltip."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip
from saedesk.ui.widgets.text_label import TextLabel

LINES = 4
ROLE = "caption"


class Remarks(QWidget):
    """At most two paragraphs of two lines; one alone may have all four."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentences: tuple[str, ...] = ()
        top = Qt.AlignmentFlag.AlignTop
        self._labels = [TextLabel("", ROLE, "text2", wrap=True, align=top) for _ in range(2)]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens().space[1])
        for label in self._labels:
            column.addWidget(label)
        column.addStretch(1)
        lines = LINES * Theme.current().line_height(ROLE)
        self.setFixedHeight(lines + tokens().space[1])

    def text(self) -> str:
        """All sentences, one a line."""
        return "\n".join(self._sentences)

    def set_sentences(self, sentences: Sequence[str]) -> None:
        """Shows these instead; the first is the one that is seen best."""
        if tuple(sentences) == self._sentences:
            return
        self._sentences = tuple(sentences)
        paragraphs = [*sentences[:1], *([" ".join(sentences[1:])] if sentences[1:] else [])]
        lines = LINES // max(1, len(paragraphs))
        for at, label in enumerate(self._labels):
            label.setVisible(at < len(paragraphs))
            label.set_max_lines(lines)
            label.setText(paragraphs[at] if at < len(paragraphs) else "")
        set_plain_tooltip(self, self.text())
        self.setAccessibleName(self.text())
