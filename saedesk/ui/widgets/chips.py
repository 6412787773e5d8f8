"""Pills: a state, a filter that can be set or taken away, a score."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.focus_ring import FocusRingFilter
from saedesk.ui.widgets.painting import (
    CENTRE,
    LEFT,
    draw_line_of_text,
    draw_rounded,
    text_width,
)
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip

CHIP_ROLE = "column head"
"""Chips are set at size 11 in medium weight, as heads of columns are."""

TONES = {
    "accent": ("accentSoft", "accentText"),
    "plain": ("track", "text2"),
    "warn": ("warnSoft", "warn"),
    "error": ("errorSoft", "error"),
}
"""Ground and text of a chip."""


class Chip(QWidget):
    """A word in a pill: "in use", "training"; `tone` is accent, plain, warn or error."""

    def __init__(
        self, text: str, tone: str = "accent", tooltip: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._text, self._tone = text, tone
        self.setAccessibleName(text)
        set_plain_tooltip(self, tooltip)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_text(self, text: str, tone: str | None = None) -> None:
        """Shows another word, perhaps in another tone."""
        self._text, self._tone = text, tone or self._tone
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        space = tokens().space
        return QSize(text_width(self._text, CHIP_ROLE) + 2 * space[2], space[5])

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_chip(painter, QRectF(self.rect()), self._text, self._tone)


def draw_chip(painter: QPainter, rect: QRectF, text: str, tone: str = "accent") -> None:
    """Paints a pill with a word; for delegates of tables as well."""
    ground, colour = TONES[tone]
    draw_rounded(painter, rect, rect.height() / 2, ground)
    draw_line_of_text(painter, rect, text, CHIP_ROLE, colour, CENTRE)


class FilterChip(QAbstractButton):
    """A filter as a pill: set or not (`checkable`), or in force and removable by its cross."""

    removed = Signal()

    def __init__(
        self,
        text: str,
        checkable: bool = True,
        removable: bool = False,
        icon: str | None = None,
        tooltip: str = "",
        accessible_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._removable, self._icon = removable, icon
        self.setText(text)
        self.setCheckable(checkable and not removable)
        self.setAccessibleName(accessible_name or text)
        set_plain_tooltip(self, tooltip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        FocusRingFilter(self, tokens().radius.chip)

    def set_text(self, text: str) -> None:
        """Shows another text, e.g. with a new count."""
        self.setText(text)
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        space, small = tokens().space, tokens().icon_sizes.small
        width = text_width(self.text(), CHIP_ROLE) + 2 * space[2]
        width += small + space[1] if self._icon else 0
        width += small + space[1] if self._removable else 0
        return QSize(width, 2 * tokens().radius.chip)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._removable and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._removable and self.isDown() and event.position().x() >= self._cross().left():
            self.setDown(False)
            self.removed.emit()
            return
        super().mouseReleaseEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        ground, colour, border = "track", "text2", None
        if self.isChecked():
            ground, colour = "accentSoft", "accentText"
        elif self._removable:
            ground, colour, border = "control", "text2", "lineStrong"
        if self.underMouse() and not self.isChecked():
            ground = "pressed" if self.isDown() else "hover"
        if not self.isEnabled():
            colour = "disabled"
        draw_rounded(painter, self.rect(), tokens().radius.chip, ground, border)
        small, space = tokens().icon_sizes.small, tokens().space
        left = space[2]
        if self._icon:
            paint_icon(painter, self._icon, QRect(left, 0, small, self.height()), colour, small)
            left += small + space[1]
        line = QRect(left, 0, self.width() - left, self.height())
        draw_line_of_text(painter, line, self.text(), CHIP_ROLE, colour, LEFT)
        if self._removable:
            paint_icon(painter, "x", self._cross(), colour, small)

    def _cross(self) -> QRect:
        small, space = tokens().icon_sizes.small, tokens().space
        return QRect(self.width() - small - space[2] + 2, 0, small, self.height())


class ScoreChip(QWidget):
    """A score from 0 to 1, or a dash where none was measured."""

    def __init__(
        self, score: float | None = None, tooltip: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._score = score
        set_plain_tooltip(self, tooltip)
        self.setFixedSize(tokens().score_chip.width, tokens().score_chip.height)
        self.set_score(score)

    def set_score(self, score: float | None) -> None:
        """Shows another score."""
        self._score = score
        self.setAccessibleName("no score" if score is None else f"score {score:.2f}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        draw_score(QPainter(self), QRectF(self.rect()), self._score)


def draw_score(
    painter: QPainter, rect: QRectF, score: float | None, on_selection: bool = False
) -> None:
    """Paints a score at the right of `rect`; for delegates of tables as well.

    On a selected row a good score lies on the surface colour, so that it stays visible.
    """
    size = tokens().score_chip
    place = QRectF(0, 0, size.width, size.height)
    place.moveTo(round(rect.right() - size.width), round(rect.center().y() - size.height / 2))
    if score is None:
        draw_line_of_text(painter, place, "–", "column head", "text3", CENTRE)
        return
    ground: str | None = "track"
    colour, border = "text2", None
    if score >= size.good_from:
        ground, colour = "surface" if on_selection else "accentSoft", "accentText"
    elif score < size.fair_from:
        ground, colour, border = None, "warn", "warn"
    draw_rounded(painter, place, tokens().radius.score, ground, border)
    draw_line_of_text(
        painter, place, f"{score:.2f}", "sorted column head", colour, CENTRE, tabular=True
    )
