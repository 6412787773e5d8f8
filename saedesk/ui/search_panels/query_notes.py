"""What a person should know about the answer: one quiet line that takes no room from the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, QTimer, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from saedesk.search.hybrid_search import typed_words
from saedesk.session.search_state import SearchState
from saedesk.ui.theme import tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.painting import draw_line_of_text, text_width
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip

_MINUS = re.compile(r"(?:^|\s)([-\u2212][^\W\d_]\w*)")
"""A word with a minus before it, which some search engines take for “without”."""
PASSING_MS = 5000
"""So long stands what was just done, before the notes are there again."""


class QueryNotes(QWidget):
    """A line between the filters and the time of the answer; sentences without room are counted.

    All of them stand in the tooltip. The line keeps its room while it is empty, so that nothing
    moves under the mouse when a note comes or goes.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notes: tuple[str, ...] = ()
        self._passing = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PASSING_MS)
        self._timer.timeout.connect(self._on_passed)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.hide()

    def text(self) -> str:
        """All that is said."""
        return " ".join(self._said)

    @property
    def line(self) -> str:
        """What there is room for: whole sentences, and how many more there are."""
        said, room = self._said, self.width() - self._left
        for count in range(len(said), 0, -1):
            more = f"  +{len(said) - count} more" if count < len(said) else ""
            line = " ".join(said[:count]) + more
            if text_width(line, "caption") <= room:
                return line
        return "" if not said else self._cut(said, room)

    def show_notes(self, sentences: Sequence[str]) -> None:
        """Says these sentences."""
        if tuple(sentences) != self._notes:
            self._notes = tuple(sentences)
            self._refresh()

    def tell(self, sentence: str) -> None:
        """Says for a few seconds what was just done."""
        self._passing = sentence
        self._timer.start()
        self._refresh()

    @property
    def _said(self) -> tuple[str, ...]:
        return (self._passing,) if self._passing else self._notes

    @property
    def _left(self) -> int:
        return tokens().icon_sizes.small + tokens().space[1] + 2

    @staticmethod
    def _cut(said: Sequence[str], room: int) -> str:
        """As much of the first sentence as there is room for beside the count of the others."""
        more = f"  +{len(said) - 1} more" if len(said) > 1 else ""
        first = said[0]
        while first and text_width(f"{first.rstrip()}…{more}", "caption") > room:
            first = first[:-1]
        return f"{first.rstrip()}…{more}"

    @Slot()
    def _on_passed(self) -> None:
        self._passing = ""
        self._refresh()

    def _refresh(self) -> None:
        told = self.text()
        self.setAccessibleName(told)
        set_plain_tooltip(self, "\n".join(self._said))
        self.setVisible(bool(told))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8], 2 * tokens().radius.chip)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, size = QPainter(self), tokens().icon_sizes.small
        icon = "check" if self._passing else "info"
        paint_icon(painter, icon, QRect(0, 0, size, self.height()), "text3", size)
        line = self.rect().adjusted(self._left, 0, 0, 0)
        draw_line_of_text(painter, line, self.line, "caption", "text2")


def hints_of_text(state: SearchState) -> list[str]:
    """Which quotation marks and which minus of the text do nothing; none where there are none."""
    if not state.text:
        return []
    hints = []
    phrases = typed_words(state.text).phrases
    quoted = " and ".join(f"“{phrase}”" for phrase in phrases)
    if phrases and state.match == "meaning":
        hints.append(
            f"By meaning, quotation marks count for nothing: choose Words or Both for {quoted}."
        )
    minus = _MINUS.search(state.text)
    if minus:
        hints.append(
            f"The minus in “{minus[1]}” takes nothing away: turn a feature down instead, or choose "
            "“Less like this” of a result."
        )
    return hints
