"""Check boxes and radio buttons, as widgets and as paint for rows of tables."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.focus_ring import FocusRingFilter
from saedesk.ui.widgets.painting import draw_dot, draw_line_of_text, draw_rounded, text_width
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip


def draw_check_box(
    painter: QPainter,
    rect: QRectF,
    checked: bool,
    colour: str | QColor = "accent",
    enabled: bool = True,
) -> None:
    """A check box at the left of `rect`; `colour` is its ground when it is checked."""
    edge = tokens().icon
    place = QRectF(rect.left(), round(rect.center().y() - edge / 2), edge, edge)
    radius = tokens().radius.check
    if not checked:
        draw_rounded(painter, place, radius, "field", "lineControl" if enabled else "line")
        return
    draw_rounded(painter, place, radius, colour if enabled else "track")
    mark = "onAccent" if enabled else "disabled"
    paint_icon(painter, "check", place, mark, tokens().icon_sizes.small)


def draw_radio_button(painter: QPainter, rect: QRectF, checked: bool, enabled: bool = True) -> None:
    """A radio button at the left of `rect`."""
    radius = tokens().icon / 2
    centre = QPointF(rect.left() + radius, round(rect.center().y()))
    if not checked:
        draw_dot(painter, centre, radius, "field", "lineControl" if enabled else "line")
        return
    draw_dot(painter, centre, radius, "accent" if enabled else "track")
    draw_dot(painter, centre, tokens().radius.mark, "onAccent" if enabled else "disabled")


class _Mark(QAbstractButton):
    def __init__(
        self,
        text: str,
        checked: bool = False,
        tooltip: str = "",
        accessible_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setCheckable(True)
        self.setChecked(checked)
        self.setAccessibleName(accessible_name or text)
        set_plain_tooltip(self, tooltip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        FocusRingFilter(self, tokens().radius.check)

    def sizeHint(self) -> QSize:
        text = text_width(self.text(), "body") + tokens().space[2] if self.text() else 0
        return QSize(tokens().icon + text, Theme.current().line_height("body"))

    def minimumSizeHint(self) -> QSize:
        return QSize(tokens().icon, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def _paint_text(self, painter: QPainter) -> None:
        left = tokens().icon + tokens().space[2]
        colour = "text1" if self.isEnabled() else "disabled"
        line = QRectF(left, 0, self.width() - left, self.height())
        draw_line_of_text(painter, line, self.text(), "body", colour)


class CheckBox(_Mark):
    """Something that is on or off."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_check_box(painter, QRectF(self.rect()), self.isChecked(), enabled=self.isEnabled())
        self._paint_text(painter)


class RadioButton(_Mark):
    """One of several; those in one parent exclude each other."""

    def __init__(self, text: str, **options) -> None:  # type: ignore[no-untyped-def]
        super().__init__(text, **options)
        self.setAutoExclusive(True)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_radio_button(painter, QRectF(self.rect()), self.isChecked(), self.isEnabled())
        self._paint_text(painter)
