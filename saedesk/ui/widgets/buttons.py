"""The three kinds of button: primary, default and ghost."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.focus_ring import FocusRingFilter
from saedesk.ui.widgets.painting import LEFT, draw_line_of_text, draw_rounded, text_width
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip


class _Button(QAbstractButton):
    """What all buttons share: focus ring, Enter, a reason when they cannot be used."""

    def __init__(self, name: str, tooltip: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._tooltip = tooltip
        self._reason = ""
        self._menu: QMenu | None = None
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        set_plain_tooltip(self, tooltip)
        FocusRingFilter(self, tokens().radius.control)

    def set_tooltip(self, text: str) -> None:
        """Sets what the tooltip says while the button can be used."""
        self._tooltip = text
        self._refresh_tooltip()

    def set_disabled_reason(self, reason: str) -> None:
        """Disables the button and says why in the tooltip; an empty reason enables it."""
        self._reason = reason
        self.setEnabled(not reason)
        self._refresh_tooltip()

    def set_menu(self, menu: QMenu) -> None:
        """Makes the button open a menu under itself."""
        self._menu = menu
        self.clicked.connect(self._open_menu)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self.update()

    def _open_menu(self) -> None:
        if self._menu is not None:
            self._menu.popup(self.mapToGlobal(QPoint(0, self.height() + tokens().grid)))

    def _refresh_tooltip(self) -> None:
        set_plain_tooltip(self, self._reason or self._tooltip)
        self.setAccessibleDescription(self._reason or self._tooltip)

    def _state(self) -> str:
        if not self.isEnabled():
            return "disabled"
        if self.isDown():
            return "pressed"
        return "hover" if self.underMouse() else "rest"


class _TextButton(_Button):
    def __init__(
        self,
        text: str,
        icon: str | None = None,
        tooltip: str = "",
        accessible_name: str = "",
        large: bool = False,
        trailing_icon: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(accessible_name or text, tooltip, parent)
        self._icon, self._trailing, self._large = icon, trailing_icon, large
        self.setText(text)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    def set_text(self, text: str, icon: str | None = None) -> None:
        """Shows another text and icon; the accessible name follows."""
        self._icon = icon
        self.setText(text)
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def set_trailing_icon(self, icon: str | None) -> None:
        """Shows another icon behind the text, or none."""
        if icon != self._trailing:
            self._trailing = icon
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        size = tokens()
        width = text_width(self.text(), "button text") + 2 * size.padding.button
        for icon in (self._icon, self._trailing):
            width += size.icon + size.space[2] if icon else 0
        return QSize(width, size.control_height_large if self._large else size.control_height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _paint_content(self, painter: QPainter, text: str, icon: str) -> None:
        size = tokens()
        gap, inner = size.space[2], text_width(self.text(), "button text")
        total = inner + sum(size.icon + gap for used in (self._icon, self._trailing) if used)
        left = max(size.space[1], (self.width() - total) // 2)
        if self._icon:
            place = QRect(left, (self.height() - size.icon) // 2, size.icon, size.icon)
            paint_icon(painter, self._icon, place, icon)
            left += size.icon + gap
        room = min(inner, self.width() - left - size.space[1])
        line = QRect(left, 0, room, self.height())
        draw_line_of_text(painter, line, self.text(), "button text", text, LEFT)
        if self._trailing:
            left += inner + gap
            place = QRect(left, (self.height() - size.icon) // 2, size.icon, size.icon)
            paint_icon(painter, self._trailing, place, icon)


class PrimaryButton(_TextButton):
    """The one button of a view that does what the view is for."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        state = self._state()
        ground = {"rest": "accent", "hover": "accentHover", "pressed": "accentPressed"}
        content = "disabled" if state == "disabled" else "onAccent"
        draw_rounded(painter, self.rect(), tokens().radius.control, ground.get(state, "track"))
        self._paint_content(painter, content, content)


class DefaultButton(_TextButton):
    """An ordinary button."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        state = self._state()
        ground = {"hover": "hover", "pressed": "pressed"}.get(state, "control")
        content = "disabled" if state == "disabled" else "text1"
        draw_rounded(painter, self.rect(), tokens().radius.control, ground, "lineStrong")
        self._paint_content(painter, content, content)


class GhostButton(_Button):
    """A button that is only an icon; its tooltip is also its accessible name."""

    def __init__(
        self,
        icon: str,
        tooltip: str,
        colour: str = "text2",
        checkable: bool = False,
        filled: bool = False,
        size: int | None = None,
        accessible_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(accessible_name or tooltip, tooltip, parent)
        self._icon, self._colour, self._filled = icon, colour, filled
        self._edge = size or tokens().hit_target
        self.setCheckable(checkable)
        self.setFixedSize(self._edge, self._edge)

    def set_icon(self, icon: str, colour: str = "text2", filled: bool = False) -> None:
        """Shows another icon."""
        self._icon, self._colour, self._filled = icon, colour, filled
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        state = self._state()
        ground = {"hover": "hover", "pressed": "pressed"}.get(state)
        if self.isChecked() and state != "pressed":
            ground = "accentSoft"
        if ground:
            draw_rounded(painter, self.rect(), tokens().radius.control, ground)
        colour = "accentText" if self.isChecked() else self._colour
        colour = "disabled" if state == "disabled" else colour
        size = tokens().icon if self._edge >= tokens().space[6] else tokens().icon_sizes.inline
        paint_icon(painter, self._icon, self.rect(), colour, size, self._filled)
