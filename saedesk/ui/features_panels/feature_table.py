"""The table of features: a star, the label, the number, a sparkline and one value a row."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QToolTip, QWidget

from saedesk.ui.features_panels.feature_rows import (
    DENSITY,
    LABEL,
    SPARK_BARS,
    STRONGEST,
    FeatureRows,
)
from saedesk.ui.features_panels.number_texts import activation_text, density_text
from saedesk.ui.theme import tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.painting import RIGHT, draw_line_of_text
from saedesk.ui.widgets.plain_tooltip import escaped
from saedesk.ui.widgets.row_table import RowTable
from saedesk.ui.widgets.row_table_model import CellState, Column, RowTableModel
from saedesk.ui.widgets.sparkline import draw_sparkline, sparkline_width

_ABOUT_DENSITY = (
    "Share of all documents in which the feature is active. Most useful features lie between "
    "0.1 and 5 %; a feature in nearly every document says little."
)
_ABOUT_STRONGEST = "The largest activation of the feature in any document."


def _star_side() -> int:
    """Device-independent pixels at the left that belong to the star."""
    return tokens().padding.side_panel + tokens().space[5]


class FeatureTable(RowTable):
    """One row a feature; a click on the star toggles it without selecting the row."""

    star_clicked = Signal(object)
    """A latent."""
    rename_wanted = Signal(object)
    """F2: a latent."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._rows: FeatureRows | None = None
        self._shown_value = DENSITY
        self._star_pressed = False
        super().__init__(
            RowTableModel(self._columns()),
            tokens().row_height.feature_list,
            "Features",
            line_from=_star_side(),
            ground="panel",
            parent=parent,
        )
        self.row_model.mark_sorted(DENSITY, True)
        self.row_toggled.connect(self.star_clicked)

    def set_rows(self, rows: FeatureRows | None) -> None:
        """Draw other features; the owner sets the order."""
        self._rows = rows

    def show_value(self, name: str) -> None:
        """Let the right column carry density or strongest activation."""
        if name != self._shown_value:
            sorted_by, descending = self.row_model.sorted_by, self.row_model.descending
            self._shown_value = name
            self.row_model.set_columns(self._columns())
            self.row_model.mark_sorted(sorted_by, descending)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2 and self.current_id is not None:
            self.rename_wanted.emit(self.current_id)
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self._star_at(event)
        self._star_pressed = row is not None
        if row is not None:
            self.star_clicked.emit(self.row_model.row_id(row))
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._star_pressed:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._star_pressed:
            self._star_pressed = False
            return
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._star_at(event) is not None:
            self.mousePressEvent(event)
            return
        super().mouseDoubleClickEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            place = event.pos()  # type: ignore[attr-defined]
            row = self.rowAt(place.y())
            text = "" if row < 0 else self._tip(self.row_model.row_id(row), place.x())
            QToolTip.showText(event.globalPos(), escaped(text), self)  # type: ignore[attr-defined]
            return True
        return super().viewportEvent(event)

    def _star_at(self, event: QMouseEvent) -> int | None:
        place = event.position().toPoint()
        row = self.rowAt(place.y())
        is_star = event.button() == Qt.MouseButton.LeftButton and place.x() < _star_side()
        return row if is_star and row >= 0 else None

    def _tip(self, latent: int, x: int) -> str:
        rows = self._rows
        if rows is None:
            return ""
        if x < _star_side():
            return "Take the star away (Space)" if rows.is_starred(latent) else "Star (Space)"
        count = int(rows.statistics.count[latent])
        name = rows.label(latent) or "No label yet"
        if not count:
            return f"{name}\nFeature {latent:,}, active in no document"
        return (
            f"{name}\nFeature {latent:,}, active in {count:,} documents, "
            f"at most {activation_text(float(rows.statistics.maximum[latent]))}"
        )

    def _columns(self) -> list[Column]:
        space = tokens().space
        is_density = self._shown_value == DENSITY
        return [
            Column(
                LABEL,
                "Label",
                self._label_text,
                stretch=True,
                width=space[8] * 4,
                tooltip="What the feature stands for, and its number.",
                paint=self._paint,
            ),
            Column(
                self._shown_value,
                "Density" if is_density else "Strongest",
                self._value_text,
                align="right",
                width=space[8] * 3 + space[1],
                descending_first=True,
                tooltip=_ABOUT_DENSITY if is_density else _ABOUT_STRONGEST,
                paint=self._paint,
            ),
        ]

    def _label_text(self, latent: int) -> str:
        if self._rows is None:
            return ""
        return f"{latent}\t{self._rows.label(latent) or 'No label yet'}"

    def _value_text(self, latent: int) -> str:
        if self._rows is None:
            return ""
        statistics = self._rows.statistics
        if not statistics.count[latent]:
            return "never active"
        if self._shown_value == STRONGEST:
            return activation_text(float(statistics.maximum[latent]))
        return density_text(float(statistics.density[latent]))

    def _paint(self, painter: QPainter, place: QRectF, state: CellState) -> None:
        """Paints the whole row; the clip of each cell cuts out its part.

        So the label may run on over the value's column, which is empty in the upper line.
        """
        rows = self._rows
        if rows is None or state.row_id >= len(rows):
            return
        pad, small = self.side_padding, tokens().line_height[tokens().type["small"]]
        body = tokens().line_height[tokens().type["body"]]
        top = place.top() + (place.height() - body - small) / 2 + 1
        # The scroll bar lies in the padding, so that nothing moves when it comes.
        right = self.width() - pad
        self._paint_star(painter, top + body / 2, state)
        left = _star_side()
        line = QRectF(left, top, right - left, body)
        label = rows.label(state.row_id)
        if label:
            draw_line_of_text(painter, line, label, "label", "text1")
        else:
            draw_line_of_text(painter, line, "No label yet", "body", "text3", italic=True)
        under = QRectF(left, top + body - 2, right - left, small)
        colour = "text2" if state.selected else "text3"
        draw_line_of_text(painter, under, f"{state.row_id}", "caption", colour, tabular=True)
        never = not rows.statistics.count[state.row_id]
        value = self._value_text(state.row_id)
        draw_line_of_text(
            painter, under, value, "caption", "text3" if never else "text2", RIGHT, True
        )
        if not never:
            x = left + tokens().space[8] + tokens().space[4]
            spark = QRectF(x, under.top() + 2, sparkline_width(SPARK_BARS), small - 4)
            tint = "accent" if state.selected else "text4"
            draw_sparkline(painter, spark, rows.sparkline(state.row_id), tint)

    def _paint_star(self, painter: QPainter, middle: float, state: CellState) -> None:
        assert self._rows is not None
        starred = self._rows.is_starred(state.row_id)
        size = tokens().icon_sizes.inline
        square = QRectF(self.side_padding - 2, middle - size / 2, size, size)
        colour = "star" if starred else "lineControl"
        paint_icon(painter, "star", square, colour, size, filled=starred)
