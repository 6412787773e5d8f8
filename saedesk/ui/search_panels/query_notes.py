"""What a person should know about the answer, in at most two quiet lines under the query."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from saedesk.search.hybrid_search import typed_words
from saedesk.session.search_state import SearchState
from saedesk.ui.theme import tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.text_label import TextLabel

MOST_LINES = 2


class QueryNotes(QWidget):
    """Hidden while there is nothing to say; the whole stands in the tooltip where it is cut."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = TextLabel("", "caption", "text2", wrap=True, max_lines=MOST_LINES)
        self._icon = _InfoIcon()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens().space[1] + 2)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._label, 1)
        self.hide()

    def text(self) -> str:
        """All that is said."""
        return self._label.text()

    def show_notes(self, sentences: Sequence[str]) -> None:
        """Says these sentences."""
        told = " ".join(sentences)
        if told != self._label.text():
            self._label.setText(told)
            self._label.setAccessibleName(told)
        self.setVisible(bool(told))


class _InfoIcon(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(tokens().icon_sizes.small, tokens().space[4])

    def paintEvent(self, event: QPaintEvent) -> None:
        size = tokens().icon_sizes.small
        paint_icon(QPainter(self), "info", self.rect(), "text3", size)


def hint_of_phrases(state: SearchState) -> str:
    """What quotation marks in the text do; "" where there are none."""
    phrases = typed_words(state.text).phrases if state.text else ()
    if not phrases:
        return ""
    quoted = " and ".join(f"“{phrase}”" for phrase in phrases)
    if state.match == "meaning":
        return f"By meaning, quotation marks count for nothing: choose Words or Both for {quoted}."
    return f"Every result has {quoted} word for word."
