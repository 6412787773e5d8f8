"""All keys on one card, by the place where they do something."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from saedesk.ui.shell.key_table import KeyGroup, KeyLine, key_columns
from saedesk.ui.shell.overlay import Overlay
from saedesk.ui.shell.palette_field import draw_keys
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.painting import draw_line_of_text
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.text_label import TextLabel

_COLUMN_WIDTH = 296
_SCROLLS = {
    Qt.Key.Key_Down: (0, 1),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_PageDown: (1, 0),
    Qt.Key.Key_PageUp: (-1, 0),
}
"""Pages and lines that a key moves the card by, where it is higher than the window."""


class KeyOverview(Overlay):
    """Opened with ? or F1."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAccessibleName("Keys")
        space = tokens().space
        self.column.setContentsMargins(0, space[5], 0, space[4])
        self.column.setSpacing(space[3])
        head = QHBoxLayout()
        head.setContentsMargins(space[6], 0, space[6], 0)
        head.addWidget(TextLabel("Keys", "head of a view"))
        head.addStretch(1)
        self._close = GhostButton("x", "Close (Escape)")
        self._close.clicked.connect(self.close_card)
        head.addWidget(self._close)
        self.column.addLayout(head)
        self._head = head
        self._is_wide = False
        self._content = _content(False)
        self._scroll = ScrollArea(self._content, "raised", "Keys")
        self.column.addWidget(self._scroll, 1)

    def place(self) -> None:
        room = self.parentWidget().width() - tokens().layout.rail - 2 * tokens().space[6]
        is_wide = _width(True) <= room
        if is_wide != self._is_wide:
            self._is_wide = is_wide
            # The area deletes the one before.
            self._content = _content(is_wide)
            self._scroll.setWidget(self._content)
        super().place()

    def card_width(self) -> int:
        return _width(self._is_wide)

    def card_height(self) -> int:
        space = tokens().space
        head = space[5] + self._head.sizeHint().height() + space[3]
        return head + self._content.sizeHint().height() + space[4]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        pages, lines = _SCROLLS.get(Qt.Key(event.key()), (0, 0))
        bar = self._scroll.verticalScrollBar()
        if pages or lines:
            bar.setValue(bar.value() + pages * bar.pageStep() + lines * bar.singleStep())
            return
        super().keyPressEvent(event)


def _width(is_wide: bool) -> int:
    space, count = tokens().space, len(key_columns(is_wide))
    return count * _COLUMN_WIDTH + (count - 1) * space[8] + 2 * space[6]


def _content(is_wide: bool) -> QWidget:
    space, made = tokens().space, QWidget()
    made.setProperty("ground", "raised")
    columns = QHBoxLayout(made)
    columns.setContentsMargins(space[6], 0, space[6], 0)
    columns.setSpacing(space[8])
    for groups in key_columns(is_wide):
        columns.addLayout(_column(groups), 1)
    return made


def _column(groups: tuple[KeyGroup, ...]) -> QVBoxLayout:
    space = tokens().space
    column = QVBoxLayout()
    column.setSpacing(0)
    for group in groups:
        column.addWidget(TextLabel(group.title, "column head", "text2"))
        column.addSpacing(space[1])
        for line in group.lines:
            column.addWidget(_Line(line))
        column.addSpacing(space[4])
    column.addStretch(1)
    return column


class _Line(QWidget):
    def __init__(self, line: KeyLine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = line
        self.setAccessibleName(f"{line.words}: {' '.join(line.caps)}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def sizeHint(self) -> QSize:
        return QSize(_COLUMN_WIDTH, tokens().row_height.short_list)

    def minimumSizeHint(self) -> QSize:
        return QSize(_COLUMN_WIDTH // 2, tokens().row_height.short_list)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        left = draw_keys(painter, self.width(), self.height() / 2, self._line.caps)
        place = QRect(0, 0, left - tokens().space[2], self.height())
        draw_line_of_text(painter, place, self._line.words)
