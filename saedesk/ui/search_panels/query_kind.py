"""What one searches with: a text, documents, or a feature alone; a button before the field."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.focus_ring import FocusRingFilter
from saedesk.ui.widgets.painting import draw_rounded
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip

TEXT, DOCUMENTS, FEATURE = "Text", "Documents", "Feature"
"""What one can search with."""
ICONS = {TEXT: "search", DOCUMENTS: "file-text", FEATURE: "sliders-horizontal"}
WORDS = {TEXT: "a text", DOCUMENTS: "documents", FEATURE: "a feature or a family alone"}
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}


class QueryKind(QAbstractButton):
    """Arrow keys choose the next kind, a click or the space bar shows all of them."""

    changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kinds: tuple[str, ...] = (TEXT, DOCUMENTS, FEATURE)
        self._current = TEXT
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        FocusRingFilter(self, tokens().radius.control)
        self.clicked.connect(self._open_menu)
        self._tell()

    @property
    def current(self) -> str:
        """The kind that is chosen."""
        return self._current

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds there are."""
        return self._kinds

    def set_kinds(self, kinds: Sequence[str]) -> None:
        """Sets what can be chosen; the first where the current one is not among them."""
        self._kinds = tuple(kinds)
        if self._current not in self._kinds:
            self.set_current(self._kinds[0])

    def set_current(self, kind: str) -> None:
        """Chooses a kind without telling anybody."""
        self._current = kind
        self._tell()
        self.update()

    def sizeHint(self) -> QSize:
        size = tokens()
        inner = size.icon + size.grid + size.icon_sizes.inline
        return QSize(inner + 2 * size.space[2], size.query_field_height)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if step is not None:
            at = self._kinds.index(self._current) + step
            self._choose(self._kinds[min(max(0, at), len(self._kinds) - 1)])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, size = QPainter(self), tokens()
        ground = "pressed" if self.isDown() else "hover" if self.underMouse() else "control"
        draw_rounded(painter, self.rect(), size.radius.control, ground, "lineStrong")
        left = size.space[2]
        place = QRect(left, 0, size.icon, self.height())
        paint_icon(painter, ICONS[self._current], place, "text1", size.icon)
        small = size.icon_sizes.inline
        place = QRect(left + size.icon + size.grid, 0, small, self.height())
        paint_icon(painter, "chevron-down", place, "text2", small)

    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for kind in self._kinds:
            action = menu.addAction(f"Search with {WORDS[kind]}")
            action.setData(kind)
            action.setCheckable(True)
            action.setChecked(kind == self._current)
        menu.triggered.connect(self._on_action)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _on_action(self, action: QAction) -> None:
        self._choose(str(action.data()))

    def _choose(self, kind: str) -> None:
        if kind != self._current:
            self.set_current(kind)
            self.changed.emit(kind)

    def _tell(self) -> None:
        told = f"Search with {WORDS[self._current]}"
        self.setAccessibleName(told)
        set_plain_tooltip(self, f"{told}. Click or use the arrow keys for another way.")
