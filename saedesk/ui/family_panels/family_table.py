"""The table of families: label, size, score of the label, stability."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QToolTip, QWidget

from saedesk.ui.family_panels.family_rows import LABEL, SCORE, SIZE, STABLE, FamilyRows
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.theme.icons import paint_icon
from saedesk.ui.widgets.chips import draw_score
from saedesk.ui.widgets.painting import RIGHT, draw_line_of_text, shade
from saedesk.ui.widgets.plain_tooltip import escaped
from saedesk.ui.widgets.row_table import RowTable
from saedesk.ui.widgets.row_table_model import CellState, Column, RowTableModel
from saedesk.ui.widgets.text_label import lay_out

ABOUT_SCORE = (
    "How well the label tells the documents of the family from others, on documents that nobody "
    "labelled from: .5 is chance, 1 is always. From .80 a label is good; below .60 it says little."
)
ABOUT_STABLE = (
    "In how many of the random samples of the documents the family is found again: 1.00 is always. "
    "From .80 a family is firm; below .50 it may be chance."
)
ABOUT_SIZE = "Features in the family: the most general one and all that lie below it."
_ABOUT_LABEL = "What the family is called: your name for it, its label, or that of its root."
LINES = 2
"""In which the name of a family may be written."""
LONGEST_NAME = 200
"""Characters of a name that are laid out; two lines have room for fewer."""


class FamilyTable(RowTable):
    """One row a family; several may be selected."""

    rename_wanted = Signal(object)
    """F2: a root."""
    merge_wanted = Signal()
    """M: the selected families are to be one."""
    pin_wanted = Signal()
    """P: they are to stay whatever the thresholds, or no longer."""
    hide_wanted = Signal()
    """H: they are to be hidden, or shown again."""
    selection_ended = Signal()
    """Escape: one row is to be selected again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._rows: FamilyRows | None = None
        super().__init__(
            RowTableModel(self._columns()),
            tokens().space[8] + tokens().space[2],
            "Families",
            ground="panel",
            multiple=True,
            parent=parent,
        )
        self.row_model.mark_sorted(SIZE, True)

    def set_rows(self, rows: FamilyRows | None) -> None:
        """Draw other families; the owner sets the order."""
        self._rows = rows

    def keyPressEvent(self, event: QKeyEvent) -> None:
        has_selection = self.selectionModel().hasSelection()
        if event.key() == Qt.Key.Key_F2 and self.current_id is not None:
            self.rename_wanted.emit(self.current_id)
            return
        if event.key() == Qt.Key.Key_Escape and has_selection:
            self.selection_ended.emit()
            return
        letters = {
            Qt.Key.Key_M: self.merge_wanted,
            Qt.Key.Key_P: self.pin_wanted,
            Qt.Key.Key_H: self.hide_wanted,
        }
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if plain and event.key() in letters and has_selection:
            letters[Qt.Key(event.key())].emit()
            return
        super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            place = event.pos()  # type: ignore[attr-defined]
            row = self.rowAt(place.y())
            column = self.columnAt(place.x())
            text = "" if row < 0 or column < 0 else self._tip(self.row_model.row_id(row), column)
            QToolTip.showText(event.globalPos(), escaped(text), self)  # type: ignore[attr-defined]
            return True
        return super().viewportEvent(event)

    def _columns(self) -> list[Column]:
        space = tokens().space
        return [
            Column(
                LABEL,
                "Label",
                self._label_text,
                stretch=True,
                width=space[8] * 3,
                tooltip=_ABOUT_LABEL,
                paint=self._paint_label,
            ),
            Column(
                SIZE,
                "Size",
                self._size_text,
                "right",
                space[8] + space[4],
                descending_first=True,
                tooltip=ABOUT_SIZE,
                paint=self._paint_size,
            ),
            Column(
                SCORE,
                "Score",
                self._score_text,
                "right",
                space[8] + space[4],
                descending_first=True,
                tooltip=ABOUT_SCORE,
                paint=self._paint_score,
            ),
            Column(
                STABLE,
                "Stable",
                self._stable_text,
                "right",
                # Its head is whole without a scroll bar, too.
                2 * space[8] - space[1],
                descending_first=True,
                tooltip=ABOUT_STABLE,
                colour="text2",
            ),
        ]

    def _label_text(self, root: int) -> str:
        return "" if self._rows is None else self._rows.name(root)

    def _size_text(self, root: int) -> str:
        return "" if self._rows is None else f"{self._rows.family(root).size:,}"

    def _score_text(self, root: int) -> str:
        return number_text(None if self._rows is None else self._rows.score(root))

    def _stable_text(self, root: int) -> str:
        return number_text(None if self._rows is None else self._rows.stability(root))

    def _paint_label(self, painter: QPainter, place: QRectF, state: CellState) -> None:
        if self._rows is None:
            return
        family, size, gap = (
            self._rows.family(state.row_id),
            tokens().icon_sizes.small,
            tokens().space[1],
        )
        marks = [icon for icon, has in (("pin", family.pinned), ("eye-off", family.hidden)) if has]
        room = QRectF(place)
        room.setRight(place.right() - len(marks) * (size + gap))
        colour = "text3" if family.hidden else "text1"
        used = _draw_name(painter, room, self._rows.name(state.row_id), colour)
        left = room.left() + used + gap
        for icon in marks:
            paint_icon(
                painter, icon, QRectF(left, place.top(), size, place.height()), "text3", size
            )
            left += size + gap

    def _paint_size(self, painter: QPainter, place: QRectF, state: CellState) -> None:
        # Four digits need the gap before them, too.
        room = place.adjusted(-tokens().space[2], 0, 0, 0)
        text = self._size_text(state.row_id)
        draw_line_of_text(painter, room, text, "cell", "text2", RIGHT, tabular=True)

    def _paint_score(self, painter: QPainter, place: QRectF, state: CellState) -> None:
        if self._rows is not None:
            draw_score(painter, place, self._rows.score(state.row_id), state.selected)

    def _tip(self, root: int, column: int) -> str:
        rows = self._rows
        if rows is None or not rows.has(root):
            return ""
        family, label = rows.family(root), rows.label(root)
        if column == 2:
            if label is None or label.score is None:
                return f"{rows.why_missing}\n{ABOUT_SCORE}"
            return score_tip(label.score, label.low, label.high, label.documents)
        if column == 3:
            missing = f"{rows.why_missing}\n" if rows.stability(root) is None else ""
            return f"{missing}{ABOUT_STABLE}"
        lines = [rows.name(root), f"{family.size:,} features, found in pass {family.found_in_pass}"]
        if family.edited:
            lines.append("You merged or split it")
        if family.pinned:
            lines.append("Pinned: it stays as it is whatever the thresholds (P)")
        if family.hidden:
            lines.append("Hidden (H)")
        return "\n".join(lines)


def _draw_name(painter: QPainter, room: QRectF, name: str, colour: str) -> float:
    """Draw a name in at most two lines, in the middle of its room; returns the width it took."""
    line = (tokens().space[8] + tokens().space[1]) // 2
    font = Theme.current().font("label")
    layout, height, _ = lay_out(name[:LONGEST_NAME], font, int(room.width()), line, LINES)
    painter.setPen(shade(colour))
    layout.draw(painter, QPointF(room.left(), round(room.center().y() - height / 2)))
    lines = [layout.lineAt(at) for at in range(min(LINES, layout.lineCount()))]
    return max((one.naturalTextWidth() for one in lines), default=0.0)


def number_text(value: float | None) -> str:
    """ "0.86", or a dash where nothing was measured."""
    return "–" if value is None else f"{value:.2f}"


def score_tip(score: float, low: float | None, high: float | None, documents: int) -> str:
    """The score of a label with its interval, and what is good."""
    interval = "" if low is None or high is None else f", between {low:.2f} and {high:.2f}"
    return f"{score:.2f}{interval} with 95 % confidence, on {documents:,} documents.\n{ABOUT_SCORE}"
