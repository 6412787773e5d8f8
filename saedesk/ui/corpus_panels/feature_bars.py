"""The features of a document as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from saedesk.ui.corpus_panels.short_list import ShortList
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.bars import draw_bar
from saedesk.ui.widgets.painting import RIGHT, draw_dot, draw_line_of_text, text_width

BAR_SHARE = 0.3
"""Of the width of a row that belongs to the bar."""


@dataclass(frozen=True)
class FeatureBar:
    """A feature of a document."""

    latent: int
    label: str
    activation: float
    share: float
    """Of the length of the longest bar, 0 to 1."""
    series: int | None = None
    """The series colour of a feature whose sentences are marked in the text."""
    note: str = ""
    """More for the tooltip."""


class FeatureBars(ShortList):
    """Rows of dot, label, bar, activation; `activated` carries the latent.

    A click on the label, or Enter, activates; a click on the dot or the bar, or the space bar,
    marks the sentences that drive the feature.
    """

    menu_requested = Signal(int, QPoint)
    """The latent and the place on the screen."""
    mark_toggled = Signal(int)
    """The latent whose sentences are to be marked, or no longer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._bars: Sequence[FeatureBar] = ()
        super().__init__("Features of this document", parent)

    @property
    def bars(self) -> Sequence[FeatureBar]:
        """The bars shown, strongest first."""
        return self._bars

    def set_bars(self, bars: Sequence[FeatureBar]) -> None:
        """Shows other features."""
        same = [bar.latent for bar in bars] == [bar.latent for bar in self._bars]
        self._bars = bars
        said = "; ".join(
            f"{bar.label} {bar.activation:.3f}" + (" marked" if bar.series is not None else "")
            for bar in bars[:8]
        )
        self.setAccessibleDescription(said)
        if same:
            self.update()
        else:
            self.rows_changed()

    def row_count(self) -> int:
        return len(self._bars)

    def row_id(self, at: int) -> int:
        return self._bars[at].latent

    def row_tooltip(self, at: int) -> str:
        bar = self._bars[at]
        said = f"{bar.label}\nFeature {bar.latent}, activation {bar.activation:.4f}"
        return f"{said}\n{bar.note}" if bar.note else said

    def open_menu(self, at: int, place: QPoint) -> None:
        self.menu_requested.emit(self._bars[at].latent, place)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        at = self._row_at(place)
        if event.button() == Qt.MouseButton.LeftButton and at >= 0:
            left, right = self._label_ends(self.row_rect(at))
            if not left <= place.x() <= right:
                self._current = at
                self.mark_toggled.emit(self.row_id(at))
                return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self._current >= 0:
            self.mark_toggled.emit(self.row_id(self._current))
        else:
            super().keyPressEvent(event)

    def _label_ends(self, row: QRect) -> tuple[int, int]:
        gap = tokens().space[2]
        number = text_width("0.000", "body", tabular=True) + gap
        bar_left = row.width() - number - gap - round(row.width() * BAR_SHARE)
        return row.left() + tokens().space[3] + tokens().grid, bar_left - gap

    def paint_row(self, painter: QPainter, at: int, row: QRect) -> None:
        bar, gap = self._bars[at], tokens().space[2]
        number = text_width("0.000", "body", tabular=True) + gap
        wide = round(row.width() * BAR_SHARE)
        left = row.width() - number - gap - wide
        dot = QPointF(row.left() + tokens().grid, row.center().y() + 0.5)
        colour = "text3" if bar.series is None else Theme.current().series(bar.series)
        # Filled where the sentences are marked: colour never speaks alone.
        ground = None if bar.series is None else colour
        draw_dot(painter, dot, tokens().grid, ground, colour)
        label_left, label_right = self._label_ends(row)
        label = QRect(label_left, row.top(), label_right - label_left, row.height())
        draw_line_of_text(painter, label, bar.label)
        track = QRectF(left, row.top(), wide, row.height())
        draw_bar(painter, track, bar.share, colour, thickness=tokens().bar.document_feature)
        value = QRect(row.right() + 1 - number, row.top(), number, row.height())
        shown = f"{bar.activation:.3f}"
        draw_line_of_text(painter, value, shown, "body", "text2", RIGHT, tabular=True)
