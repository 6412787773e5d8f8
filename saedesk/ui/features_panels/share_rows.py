"""Rows of a label, a bar and a number: neighbours and categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolTip, QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.bars import draw_bar, draw_bar_with_reference
from saedesk.ui.widgets.painting import RIGHT, draw_line_of_text, draw_rounded, shade
from saedesk.ui.widgets.plain_tooltip import escaped


@dataclass(frozen=True)
class ShareRow:
    """One row."""

    key: object
    """What a click hands out; None for a row that cannot be clicked."""
    text: str
    value: str
    share: float
    """Length of the bar from 0 to 1."""
    reference: float | None = None
    """Place of the upright mark from 0 to 1."""
    tooltip: str = ""
    is_quiet: bool = False
    """Set in italic grey: a feature without a label."""
    interval: tuple[float, float, float] | None = None
    """Low end, value and high end from −1 to 1, drawn around 0 instead of a bar."""
    has_bar: bool = True


class ShareRows(QWidget):
    """A click, or Enter, on a row hands out its key; up and down move."""

    chosen = Signal(object)

    def __init__(self, accessible_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[ShareRow] = []
        self._hovered = self._current = -1
        self._name = accessible_name
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(accessible_name)

    @property
    def rows(self) -> tuple[ShareRow, ...]:
        """What is shown."""
        return tuple(self._rows)

    def set_rows(self, rows: Sequence[ShareRow]) -> None:
        """Show other rows."""
        self._rows = list(rows)
        self._hovered = self._current = -1
        self.setFixedHeight(max(1, len(rows) * self._height()))
        self.setAccessibleDescription("; ".join(f"{row.text} {row.value}" for row in rows))
        self.update()

    def place_of(self, at: int) -> QRect:
        """Where a row stands."""
        return QRect(0, at * self._height(), self.width(), self._height())

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 6, self.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is not None and self._rows:
            self._current = min(max(self._current + step, 0), len(self._rows) - 1)
            row = self._rows[self._current]
            self.setAccessibleDescription(f"{row.text} {row.value}")
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose(self._current)
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._at(event.position().toPoint()))

    def leaveEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        self._hover(-1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(self._at(event.position().toPoint()))

    def focusInEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._current = max(self._current, 0)
        self.update()

    def focusOutEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().focusOutEvent(event)
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = self._at(event.pos())
        if at >= 0:
            text = self._rows[at].text
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addAction("Copy", lambda: QGuiApplication.clipboard().setText(text))
            menu.popup(event.globalPos())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = self._at(event.pos())
            text = self._rows[at].tooltip if at >= 0 else ""
            QToolTip.showText(event.globalPos(), escaped(text), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        space = tokens().space
        bar_width, value_width = space[8] + space[4], space[8] + space[3] + 2
        for at, row in enumerate(self._rows):
            place = QRectF(self.place_of(at))
            if self.hasFocus() and at == self._current:
                draw_rounded(painter, place, tokens().radius.check, "selection")
            bar = QRectF(
                place.right() - value_width - bar_width, place.top(), bar_width, place.height()
            )
            label = place.adjusted(0, 0, -(value_width + bar_width + space[3]), 0)
            over = at == self._hovered and row.key is not None
            colour = "accent" if over else "text3" if row.is_quiet else "text1"
            draw_line_of_text(painter, label, row.text, "body", colour, italic=row.is_quiet)
            if not row.has_bar:
                continue
            if row.interval is not None:
                _draw_interval(painter, bar, *row.interval)
            elif row.reference is None:
                draw_bar(painter, bar, row.share)
            else:
                draw_bar_with_reference(painter, bar, row.share, row.reference)
            draw_line_of_text(painter, place, row.value, "body", "text2", RIGHT, tabular=True)

    @staticmethod
    def _height() -> int:
        return tokens().row_height.short_list

    def _at(self, place: QPoint) -> int:
        inside = self.rect().contains(place)
        at = place.y() // self._height()
        return at if inside and at < len(self._rows) else -1

    def _hover(self, at: int) -> None:
        if at != self._hovered:
            self._hovered = at
            can = at >= 0 and self._rows[at].key is not None
            self.setCursor(Qt.CursorShape.PointingHandCursor if can else Qt.CursorShape.ArrowCursor)
            self.update()

    def _choose(self, at: int) -> None:
        if 0 <= at < len(self._rows) and self._rows[at].key is not None:
            self.chosen.emit(self._rows[at].key)


def _draw_interval(painter: QPainter, place: QRectF, low: float, value: float, high: float) -> None:
    """A dot at the value on a line over its interval, beside an upright line at 0."""
    size, middle = tokens(), round(place.center().y())

    def x(at: float) -> float:
        return place.left() + (min(max(at, -1.0), 1.0) + 1) / 2 * place.width()

    track = QRectF(place.left(), middle, place.width(), size.line)
    painter.fillRect(track, shade("track2"))
    half = size.space[1] + 1
    painter.fillRect(QRectF(round(x(0.0)), middle - half, size.line, 2 * half + 1), shade("text3"))
    thick = size.bar.cell
    line = QRectF(x(low), middle - thick / 2 + 0.5, max(2.0, x(high) - x(low)), thick)
    colour = "up" if value > 0 else "down"
    draw_rounded(painter, line, thick / 2, Theme.current().colour(colour, 0.45))
    painter.fillRect(QRectF(x(value) - 1, middle - thick, 2, 2 * thick + 1), shade(colour))
