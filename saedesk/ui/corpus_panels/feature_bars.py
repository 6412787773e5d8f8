"""The features of a document as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from saedesk.ui.corpus_panels.short_list import ShortList
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.bars import draw_bar
from saedesk.ui.widgets.painting import RIGHT, draw_line_of_text, text_width

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


class FeatureBars(ShortList):
    """Rows of label, bar, activation; `activated` carries the latent."""

    menu_requested = Signal(int, QPoint)
    """The latent and the place on the screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._bars: Sequence[FeatureBar] = ()
        super().__init__("Features of this document", parent)

    @property
    def bars(self) -> Sequence[FeatureBar]:
        """The bars shown, strongest first."""
        return self._bars

    def set_bars(self, bars: Sequence[FeatureBar]) -> None:
        """Shows other features."""
        self._bars = bars
        said = "; ".join(f"{bar.label} {bar.activation:.3f}" for bar in bars[:8])
        self.setAccessibleDescription(said)
        self.rows_changed()

    def row_count(self) -> int:
        return len(self._bars)

    def row_id(self, at: int) -> int:
        return self._bars[at].latent

    def row_tooltip(self, at: int) -> str:
        bar = self._bars[at]
        return f"{bar.label}\nFeature {bar.latent}, activation {bar.activation:.4f}"

    def open_menu(self, at: int, place: QPoint) -> None:
        self.menu_requested.emit(self._bars[at].latent, place)

    def paint_row(self, painter: QPainter, at: int, row: QRect) -> None:
        bar, gap = self._bars[at], tokens().space[2]
        number = text_width("0.000", "body", tabular=True) + gap
        wide = round(row.width() * BAR_SHARE)
        left = row.width() - number - gap - wide
        label = QRect(row.left(), row.top(), left - gap, row.height())
        draw_line_of_text(painter, label, bar.label)
        track = QRectF(left, row.top(), wide, row.height())
        draw_bar(painter, track, bar.share, thickness=tokens().bar.document_feature)
        value = QRect(row.right() + 1 - number, row.top(), number, row.height())
        shown = f"{bar.activation:.3f}"
        draw_line_of_text(painter, value, shown, "body", "text2", RIGHT, tabular=True)
