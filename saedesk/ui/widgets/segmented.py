"""A control of a few segments of which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.focus_ring import FocusRingFilter
from saedesk.ui.widgets.painting import CENTRE, draw_line_of_text, draw_rounded, text_width


class SegmentedControl(QWidget):
    """Chooses one of a few words; left and right move the choice."""

    changed = Signal(str)

    def __init__(
        self,
        items: Sequence[str],
        current: str | None = None,
        accessible_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._items = list(items)
        self._current = self._items.index(current) if current else 0
        self._hovered = -1
        self._name = accessible_name
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        FocusRingFilter(self, tokens().radius.control)
        self._tell()

    @property
    def current(self) -> str:
        """The chosen word."""
        return self._items[self._current]

    def set_current(self, item: str) -> None:
        """Chooses a word without telling anybody."""
        index = self._items.index(item)
        if index != self._current:
            self._current = index
            self._tell()
            self.update()

    def sizeHint(self) -> QSize:
        wide = max(text_width(item, "button text") for item in self._items)
        return QSize(
            len(self._items) * (wide + 2 * tokens().padding.button) + tokens().grid,
            tokens().control_height,
        )

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        self._choose(min(max(self._current + step, 0), len(self._items) - 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(self._at(event.position().x()))

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
        draw_rounded(painter, self.rect(), tokens().radius.control, "track")
        for index, item in enumerate(self._items):
            place = self._segment(index)
            chosen = index == self._current
            if chosen and self.isEnabled():
                draw_rounded(painter, place, tokens().radius.segment, "thumb")
            colour = "text1" if chosen or index == self._hovered else "text2"
            colour = colour if self.isEnabled() else "disabled"
            draw_line_of_text(painter, place, item, "button text", colour, CENTRE)

    def _segment(self, index: int) -> QRect:
        edge = tokens().grid // 2
        inner = self.width() - 2 * edge
        left = edge + inner * index // len(self._items)
        right = edge + inner * (index + 1) // len(self._items)
        return QRect(left, edge, right - left, self.height() - 2 * edge)

    def _at(self, x: float) -> int:
        return min(max(int(x * len(self._items) / max(1, self.width())), 0), len(self._items) - 1)

    def _choose(self, index: int) -> None:
        if index == self._current:
            return
        self._current = index
        self._tell()
        self.update()
        self.changed.emit(self._items[index])

    def _tell(self) -> None:
        self.setAccessibleName(f"{self._name}: {self.current}" if self._name else self.current)
        self.setAccessibleDescription(", ".join(self._items))
