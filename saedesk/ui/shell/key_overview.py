"""All keys on one card, read from the action table."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from saedesk.ui.shell.action_table import ACTIONS
from saedesk.ui.shell.overlay import Overlay
from saedesk.ui.shell.palette_field import draw_keys
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.painting import draw_line_of_text
from saedesk.ui.widgets.text_label import TextLabel

EVERYWHERE = (
    ("Next or previous control", "Tab"),
    ("Press what has the keyboard", "Enter"),
    ("Close a card, clear a field", "Esc"),
)
LISTS = (
    ("Move in a list", "↑+↓"),
    ("Open what is chosen", "Enter"),
)
SLIDERS = (
    ("A little up or down", "←+→"),
    ("More up or down", "Shift+←+→"),
    ("Back to the query as typed", "Home"),
    ("To zero", "0"),
)
_COLUMN_WIDTH = 312


class KeyOverview(Overlay):
    """Opened with ? or F1."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAccessibleName("Keys")
        space = tokens().space
        self.column.setContentsMargins(space[6], space[5], space[6], space[6])
        self.column.setSpacing(space[4])
        head = QHBoxLayout()
        head.addWidget(TextLabel("Keys", "head of a view"))
        head.addStretch(1)
        self._close = GhostButton("x", "Close (Escape)")
        self._close.clicked.connect(self.close_card)
        head.addWidget(self._close)
        self.column.addLayout(head)
        columns = QHBoxLayout()
        columns.setSpacing(space[8])
        for part in _halves():
            column = QVBoxLayout()
            column.setSpacing(0)
            for name, lines in part:
                column.addWidget(TextLabel(name, "column head", "text2"))
                column.addSpacing(space[1])
                for words, keys in lines:
                    column.addWidget(_KeyLine(words, keys))
                column.addSpacing(space[4])
            column.addStretch(1)
            columns.addLayout(column, 1)
        self.column.addLayout(columns, 1)

    def card_width(self) -> int:
        return 2 * _COLUMN_WIDTH + tokens().space[8] + 2 * tokens().space[6]


def _halves() -> list[list[tuple[str, list[tuple[str, str]]]]]:
    """The groups of keys, in two columns."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for entry in ACTIONS:
        if entry.shortcuts:
            title = entry.title.removesuffix("…")
            groups.setdefault(entry.group, []).append((title, entry.shortcuts[0]))
    left = [
        (name, groups[name]) for name in ("Workspaces", "Projects", "Changes") if name in groups
    ]
    right = [
        ("Window", groups.get("Window", [])),
        ("Everywhere", list(EVERYWHERE)),
        ("Lists", list(LISTS)),
        ("Steering sliders", list(SLIDERS)),
    ]
    return [left, right]


class _KeyLine(QWidget):
    def __init__(self, words: str, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words, self._keys = words, keys
        self.setAccessibleName(f"{words}: {keys}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def sizeHint(self) -> QSize:
        return QSize(_COLUMN_WIDTH, tokens().row_height.short_list)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        left = draw_keys(painter, self.width(), self.height() / 2, self._keys)
        line = QRect(0, 0, left - tokens().space[2], self.height())
        draw_line_of_text(painter, line, self._words)
