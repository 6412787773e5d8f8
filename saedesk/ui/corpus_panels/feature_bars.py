"""The features of a document as bars; a click or Enter opens one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from saedesk.ui.theme import tokens
from saedesk.ui.widgets.bars import draw_bar
from saedesk.ui.widgets.painting import RIGHT, draw_line_of_text, draw_rounded, text_width
from saedesk.ui.widgets.plain_tooltip import escaped


@dataclass(frozen=True)
class FeatureBar:
    """A feature of a document."""

    latent: int
    label: str
    activation: float
    share: float
    """Of the length of the longest bar, 0 to 1."""


class FeatureBars(QWidget):
    """Rows of label, bar, activation; arrow keys move, Enter opens."""

    activated = Signal(int)
    """The latent."""
    menu_requested = Signal(int, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: Sequence[FeatureBar] = ()
        self._hovered = self._current = -1
        self.setAccessibleName("Features of this document")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def bars(self) -> Sequence[FeatureBar]:
        """The bars shown, strongest first."""
        return self._bars

    def set_bars(self, bars: Sequence[FeatureBar]) -> None:
        """Shows other features."""
        self._bars = bars
        self._hovered, self._current = -1, min(self._current, len(bars) - 1)
        said = "; ".join(f"{bar.label} {bar.activation:.3f}" for bar in bars[:8])
        self.setAccessibleDescription(said)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 6, len(self._bars) * tokens().row_height.short_list)

    def minimumSizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 4, self.sizeHint().height())

    def row_rect(self, at: int) -> QRect:
        """The place of a row."""
        height = tokens().row_height.short_list
        return QRect(0, at * height, self.width(), height)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._row_at(event.position().toPoint()))

    def leaveEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        self._hover(-1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at = self._row_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and at >= 0:
            self._current = at
            self.activated.emit(self._bars[at].latent)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is not None and 0 <= self._current + step < len(self._bars):
            self._current += step
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current >= 0:
            self.activated.emit(self._bars[self._current].latent)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().focusInEvent(event)
        self._current = min(max(0, self._current), len(self._bars) - 1)
        self.update()

    def focusOutEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().focusOutEvent(event)
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = self._row_at(event.pos())
        at = at if at >= 0 else self._current
        if at >= 0:
            self.menu_requested.emit(self._bars[at].latent, event.globalPos())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = self._row_at(event.pos())
            text = ""
            if at >= 0:
                bar = self._bars[at]
                text = f"{bar.label}\nFeature {bar.latent}, activation {bar.activation:.4f}"
            QToolTip.showText(event.globalPos(), escaped(text), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        space = tokens().space
        number = text_width("0.000", "body", tabular=True)
        for at, bar in enumerate(self._bars):
            row = self.row_rect(at)
            on = at == self._hovered or (at == self._current and self.hasFocus())
            if on:
                ground = "selection" if at == self._current and self.hasFocus() else "hover"
                around = QRectF(row).adjusted(-space[1], 0, space[1], 0)
                draw_rounded(painter, around, tokens().radius.check, ground)
            value_left = row.right() + 1 - number - space[2]
            bar_wide = round(row.width() * 0.3)
            bar_left = value_left - space[2] - bar_wide
            label = QRect(row.left(), row.top(), bar_left - row.left() - space[2], row.height())
            draw_line_of_text(painter, label, bar.label)
            track = QRectF(bar_left, row.top(), bar_wide, row.height())
            draw_bar(painter, track, bar.share, thickness=tokens().bar.document_feature)
            value = QRect(value_left, row.top(), number + space[2], row.height())
            shown = f"{bar.activation:.3f}"
            draw_line_of_text(painter, value, shown, "body", "text2", RIGHT, tabular=True)

    def _row_at(self, place: QPoint) -> int:
        at = place.y() // tokens().row_height.short_list
        return at if 0 <= at < len(self._bars) and self.rect().contains(place) else -1

    def _hover(self, at: int) -> None:
        if at != self._hovered:
            self._hovered = at
            self.update()
