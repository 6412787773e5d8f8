"""The table of features: a star, label, number, sparkline, one value and the label's score."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QToolTip, QWidget

from saedesk.ui.feature_names import NO_LABEL_YET
from saedesk.ui.features_panels.feature_rows import (
    DENSITY,
    LABEL,
    SCORE,
    SPARK_BARS,
    STRONGEST,
    FeatureRows,
)
from saedesk.ui.features_panels.number_texts import activation_text, density_text
from saedesk.ui.features_panels.score_words import ABOUT_SCORE
from saedesk.ui.theme import tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.chips import draw_score
from saedesk.ui.widgets.painting import RIGHT, draw_line_of_text, text_width
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
    hide_wanted = Signal()
    """H: the selected features are to be hidden, or shown again."""
    tag_wanted = Signal()
    """T: a tag for the selected features is to be typed."""
    selection_ended = Signal()
    """Escape: one row is to be selected again."""

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
            multiple=True,
            parent=parent,
        )
        self.row_model.mark_sorted(DENSITY, True)

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
        if event.key() == Qt.Key.Key_Escape and self.selectionModel().hasSelection():
            self.selection_ended.emit()
            return
        letters = {Qt.Key.Key_H: self.hide_wanted, Qt.Key.Key_T: self.tag_wanted}
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if plain and event.key() in letters and self.selectionModel().hasSelection():
            letters[Qt.Key(event.key())].emit()
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
            text = "" if row < 0 else self._tip(self.row_model.row_id(row), place)
            QToolTip.showText(event.globalPos(), escaped(text), self)  # type: ignore[attr-defined]
            return True
        return super().viewportEvent(event)

    def _star_at(self, event: QMouseEvent) -> int | None:
        place = event.position().toPoint()
        row = self.rowAt(place.y())
        is_star = event.button() == Qt.MouseButton.LeftButton and place.x() < _star_side()
        return row if is_star and row >= 0 else None

    def _tip(self, latent: int, place: QPoint) -> str:
        rows = self._rows
        if rows is None:
            return ""
        if place.x() >= self.horizontalHeader().sectionViewportPosition(2):
            return rows.score_explanation(latent)
        if place.x() < _star_side():
            return "Take the star away (Space)" if rows.is_starred(latent) else "Star (Space)"
        count = int(rows.statistics.count[latent])
        name = rows.label(latent) or NO_LABEL_YET
        where = f"active in {count:,} documents, " if count else "active in no document"
        if count:
            where += f"at most {activation_text(float(rows.statistics.maximum[latent]))}"
        return "\n".join([name, f"Feature {latent:,}, {where}", *rows.mark_lines(latent)])

    def _columns(self) -> list[Column]:
        space = tokens().space
        is_density = self._shown_value == DENSITY
        return [
            Column(
                LABEL,
                "Label",
                self._label_text,
                stretch=True,
                width=space[8] * 3,
                tooltip="What the feature stands for, and its number.",
                paint=self._paint_feature,
            ),
            Column(
                self._shown_value,
                "Density" if is_density else "Strongest",
                self._value_text,
                align="right",
                width=space[8] * 2 + space[5] if is_density else space[8] * 3,
                descending_first=True,
                tooltip=_ABOUT_DENSITY if is_density else _ABOUT_STRONGEST,
                paint=self._paint_value,
            ),
            Column(
                SCORE,
                "Score",
                self._score_text,
                align="right",
                width=self._score_width(),
                descending_first=True,
                tooltip=f"{ABOUT_SCORE} Sorted by the lower end of the interval.",
                paint=self._paint_score,
            ),
        ]

    def _label_text(self, latent: int) -> str:
        if self._rows is None:
            return ""
        return f"{latent}\t{self._rows.label(latent) or NO_LABEL_YET}"

    def _value_text(self, latent: int) -> str:
        if self._rows is None:
            return ""
        statistics = self._rows.statistics
        if not statistics.count[latent]:
            return "never active"
        if self._shown_value == STRONGEST:
            return activation_text(float(statistics.maximum[latent]))
        return density_text(float(statistics.density[latent]))

    def _score_text(self, latent: int) -> str:
        score = None if self._rows is None else self._rows.score(latent)
        return "no score" if score is None else f"{score:.2f}"

    def _score_width(self) -> int:
        """The chip, the padding at its right, and room for an arrow beside the head."""
        space = tokens().space
        return tokens().score_chip.width + tokens().padding.side_panel + space[4]

    def _paint_score(self, painter: QPainter, place: QRectF, state: CellState) -> None:
        """Paints the chip in the line of the label, and where that is long its end."""
        rows, latent = self._rows, state.row_id
        if rows is None or latent >= len(rows):
            return
        upper, _ = self._lines(place)
        self._paint_end_of_label(painter, upper, latent, column=2)
        chip = QRectF(place.left(), upper.top(), place.width(), upper.height())
        right = self.width() - self.side_padding
        chip.setRight(right)
        draw_score(painter, chip, rows.score(latent), state.selected)

    def _paint_feature(self, painter: QPainter, place: QRectF, state: CellState) -> None:
        """Paints star, label, number and sparkline in the left column."""
        rows, latent = self._rows, state.row_id
        if rows is None or latent >= len(rows):
            return
        upper, under = self._lines(place)
        self._paint_star(painter, upper.center().y(), state)
        self._paint_label(painter, upper, latent)
        colour = "text2" if state.selected else "text3"
        draw_line_of_text(painter, under, f"{latent}", "caption", colour, tabular=True)
        if rows.statistics.count[latent]:
            widest = text_width(f"{len(rows) - 1}", "caption", tabular=True)
            x = under.left() + widest + tokens().space[3]
            height = under.height() - tokens().grid
            spark = QRectF(x, under.top() + 2, sparkline_width(SPARK_BARS), height)
            tint = "accent" if state.selected else "text4"
            draw_sparkline(painter, spark, rows.sparkline(latent), tint)

    def _paint_value(self, painter: QPainter, place: QRectF, state: CellState) -> None:
        """Paints the value, and in the line above it the end of a label that is long."""
        rows, latent = self._rows, state.row_id
        if rows is None or latent >= len(rows):
            return
        upper, under = self._lines(place)
        self._paint_end_of_label(painter, upper, latent, column=1)
        colour = "text2" if rows.statistics.count[latent] else "text3"
        value = self._value_text(latent)
        under.setRight(place.right())
        draw_line_of_text(painter, under, value, "caption", colour, RIGHT, tabular=True)

    def _lines(self, place: QRectF) -> tuple[QRectF, QRectF]:
        """The two lines of a row over its whole width; each cell is clipped to its own part."""
        small = tokens().line_height[tokens().type["small"]]
        body = tokens().line_height[tokens().type["body"]]
        top = place.top() + (place.height() - body - small) / 2 + 1
        # The scroll bar lies in the padding, so that nothing moves when it comes.
        chip = tokens().score_chip.width + tokens().space[2]
        width = self.width() - self.side_padding - _star_side()
        upper = QRectF(_star_side(), top, width - chip, body)
        return upper, QRectF(_star_side(), top + body - 2, width, small)

    def _paint_end_of_label(
        self, painter: QPainter, line: QRectF, latent: int, column: int
    ) -> None:
        """Paints what of a long label reaches into another column; the cell clips the rest."""
        assert self._rows is not None
        label = self._rows.label(latent) or NO_LABEL_YET
        begin = self.horizontalHeader().sectionViewportPosition(column)
        if line.left() + text_width(label, "label") > begin:
            self._paint_label(painter, line, latent)

    def _paint_label(self, painter: QPainter, line: QRectF, latent: int) -> None:
        assert self._rows is not None
        label = self._rows.label(latent)
        if label:
            colour = "text3" if self._rows.is_hidden(latent) else "text1"
            draw_line_of_text(painter, line, label, "label", colour)
        else:
            draw_line_of_text(painter, line, NO_LABEL_YET, "body", "text3", italic=True)

    def _paint_star(self, painter: QPainter, middle: float, state: CellState) -> None:
        assert self._rows is not None
        starred = self._rows.is_starred(state.row_id)
        size = tokens().icon_sizes.inline
        square = QRectF(self.side_padding - 2, middle - size / 2, size, size)
        colour = "star" if starred else "lineControl"
        paint_icon(painter, "star", square, colour, size, filled=starred)
