"""The rail at the left: the sign, the workspaces, settings and help."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QMenu, QVBoxLayout, QWidget

from saedesk.ui.shell.workspace_table import Workspace
from saedesk.ui.theme import tokens
from saedesk.ui.theme.icons import SIGN_SIZE, paint_icon, paint_sign
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.focus_ring import FocusRingFilter
from saedesk.ui.widgets.painting import (
    CENTRE,
    draw_dot,
    draw_hairline,
    draw_line_of_text,
    draw_rounded,
    shade,
)
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip

_DOT = 3.0


class RailButton(QAbstractButton):
    """One workspace: icon over name; a bar at its left while it is shown."""

    def __init__(self, entry: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = entry
        self._dot = False
        self.setText(entry.title)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedSize(tokens().layout.rail, tokens().layout.rail_item)
        self.setAccessibleName(entry.title)
        FocusRingFilter(self, tokens().radius.control)
        self.set_available(True)

    def set_available(self, available: bool) -> None:
        """Greys the workspace out while it has nothing to work with."""
        self.setEnabled(available)
        hint = f"{self.entry.title} ({self.entry.shortcut}): {self.entry.about}"
        reason = f"{self.entry.title}: open a project first."
        set_plain_tooltip(self, hint if available else reason)

    def set_dot(self, shown: bool, tooltip: str = "") -> None:
        """Marks the workspace: something goes on there."""
        self._dot = shown
        self.setAccessibleDescription(tooltip if shown else self.entry.about)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        size, space = tokens(), tokens().space
        chosen = self.isChecked() and self.isEnabled()
        if chosen:
            painter.fillRect(self.rect(), shade("surface"))
            draw_hairline(painter, 0, 0, self.width(), 0)
            draw_hairline(painter, 0, self.height() - 1, self.width(), self.height() - 1)
            bar = QRect(0, 0, size.selection_bar, self.height())
            painter.fillRect(bar, shade("accent"))
        elif self.underMouse() and self.isEnabled():
            inner = QRectF(self.rect()).adjusted(space[1], 0, -space[1], 0)
            draw_rounded(painter, inner, size.radius.control, "hover")
        colour = "accent" if chosen else "text2" if self.isEnabled() else "disabled"
        edge = size.icon_sizes.rail
        place = QRect((self.width() - edge) // 2, space[2] + 2, edge, edge)
        paint_icon(painter, self.entry.icon, place, colour, edge)
        line = QRect(0, space[8] - 1, self.width(), space[4])
        role = "sorted column head" if chosen else "column head"
        word = "text1" if chosen else colour
        draw_line_of_text(painter, line, self.text(), role, word, CENTRE)
        if self._dot:
            at = QPointF(place.right() + 2, place.top() + 2)
            draw_dot(painter, at, _DOT, "accent")


class _Sign(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(tokens().layout.rail, tokens().layout.header)
        self.setAccessibleName("saedesk")

    def paintEvent(self, event: QPaintEvent) -> None:
        place = QRectF(0, 0, SIGN_SIZE.width(), SIGN_SIZE.height())
        place.moveCenter(QRectF(self.rect()).center())
        paint_sign(QPainter(self), place)


class Rail(QWidget):
    """Chooses the workspace; `chosen` carries its name."""

    chosen = Signal(str)

    def __init__(self, entries: Sequence[Workspace], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(tokens().layout.rail)
        self.setAccessibleName("Workspaces")
        self.settings_button = GhostButton("settings", "Theme and settings")
        self.help_button = GhostButton("circle-question-mark", "Show the keys (F1)")
        self._group = QButtonGroup(self)
        self.buttons: dict[str, RailButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, tokens().space[3])
        column.setSpacing(0)
        column.addWidget(_Sign())
        column.addSpacing(tokens().space[1])
        for entry in entries:
            button = RailButton(entry, self)
            button.clicked.connect(self._on_click)
            self._group.addButton(button)
            self.buttons[entry.name] = button
            column.addWidget(button)
            column.addSpacing(tokens().space[1])
        column.addStretch(1)
        middle = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(self.settings_button, 0, middle)
        column.addSpacing(tokens().space[2])
        column.addWidget(self.help_button, 0, middle)

    def set_settings_menu(self, menu: QMenu) -> None:
        """What the settings button opens."""
        self.settings_button.set_menu(menu)

    def set_current(self, name: str | None) -> None:
        """Shows which workspace is in front; None for none."""
        self._group.setExclusive(False)
        for known, button in self.buttons.items():
            button.setChecked(known == name)
        self._group.setExclusive(True)

    def set_project_open(self, is_open: bool) -> None:
        """Greys out what needs a project while there is none."""
        for button in self.buttons.values():
            button.set_available(is_open or not button.entry.needs_project)

    def sizeHint(self) -> QSize:
        return QSize(tokens().layout.rail, tokens().layout.rail_item * len(self.buttons))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), shade("canvas"))
        right, top = self.width() - tokens().line, tokens().layout.header - tokens().line
        draw_hairline(painter, right, top, right, self.height())

    def _on_click(self) -> None:
        button = self.sender()
        if isinstance(button, RailButton):
            self.chosen.emit(button.entry.name)
