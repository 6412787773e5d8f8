"""Words of which at most one is underlined: the ways to choose documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.focus_ring import FocusRingFilter
from saedesk.ui.widgets.painting import LEFT, draw_line_of_text, shade, text_width
from saedesk.ui.widgets.plain_tooltip import escaped


class UnderlinedTabs(QWidget):
    """Chooses one of a few words; left and right move the choice."""

    chosen = Signal(str)
    """A word was clicked or reached by key, perhaps the one that was chosen before."""

    def __init__(
        self,
        words: Sequence[str],
        accessible_name: str,
        about: Mapping[str, str],
        parent: QWidget | None = None,
    ) -> None:
        """`about` says of each word what it chooses."""
        super().__init__(parent)
        self._about = dict(about)
        self._words, self._current, self._hovered = list(words), 0, -1
        self._name = accessible_name
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        FocusRingFilter(self, tokens().radius.check)
        self._tell()

    @property
    def current(self) -> str | None:
        """The chosen word, or None."""
        return None if self._current < 0 else self._words[self._current]

    def set_current(self, word: str | None) -> None:
        """Choose a word, or none, without telling anybody."""
        self._current = -1 if word is None else self._words.index(word)
        self._tell()
        self.update()

    def place_of(self, word: str) -> QRect:
        """Where a word stands."""
        at = self._words.index(word)
        left = sum(self._width(known) + self._gap() for known in self._words[:at])
        return QRect(left, 0, self._width(word), self.height())

    def sizeHint(self) -> QSize:
        gaps = (len(self._words) - 1) * tokens().space[5]
        return QSize(
            sum(map(self._width, self._words)) + gaps, tokens().control_height + tokens().grid + 1
        )

    def minimumSizeHint(self) -> QSize:
        most = self.sizeHint()
        squeezed = (len(self._words) - 1) * (tokens().space[5] - tokens().space[2])
        return QSize(most.width() - squeezed, most.height())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = self._at(event.pos().x())
            text = self._about[self._words[at]] if at >= 0 else ""
            QToolTip.showText(event.globalPos(), escaped(text), self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        at = min(max(self._current + step, 0), len(self._words) - 1)
        if at != self._current:
            self._choose(at)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self._at(event.position().x())
        if event.button() == Qt.MouseButton.LeftButton and at >= 0:
            self._choose(at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hovered = self._at(event.position().x())
        if hovered != self._hovered:
            self._hovered = hovered
            self.update()

    def leaveEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        self._hovered = -1
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        thick = tokens().tab_underline
        for at, word in enumerate(self._words):
            place = self.place_of(word)
            chosen = at == self._current
            role = "head of a section" if chosen else "button text"
            colour = "text1" if chosen or at == self._hovered else "text2"
            line = place.adjusted(0, 0, tokens().space[2], -tokens().grid)
            draw_line_of_text(painter, line, word, role, colour, LEFT)
            if chosen:
                under = QRect(place.left(), self.height() - thick, place.width(), thick)
                painter.fillRect(under, shade("accent"))

    def _gap(self) -> int:
        """Between two words; less of it where there is less room."""
        room = self.width() - sum(map(self._width, self._words))
        gap = room // max(1, len(self._words) - 1)
        return min(max(gap, tokens().space[2]), tokens().space[5])

    def _width(self, word: str) -> int:
        return text_width(word, "head of a section")

    def _at(self, x: float) -> int:
        for at, word in enumerate(self._words):
            place = self.place_of(word)
            if place.left() - tokens().space[2] <= x <= place.right() + tokens().space[2]:
                return at
        return -1

    def _choose(self, at: int) -> None:
        self._current = at
        self._tell()
        self.update()
        self.chosen.emit(self._words[at])

    def _tell(self) -> None:
        self.setAccessibleName(f"{self._name}: {self.current or 'others'}")
        chosen = "" if self.current is None else f"{self._about[self.current]}. "
        self.setAccessibleDescription(chosen + ", ".join(self._words))
