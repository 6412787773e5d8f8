"""Ten results under one another, painted: rank, move, title, what it is, score and its parts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, QVariantAnimation
from PySide6.QtGui import QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from saedesk.ui.search_panels.result_choice import ChosenDocuments
from saedesk.ui.search_panels.result_row_painting import (
    Colours,
    RowColumns,
    bar_reach,
    changed_parts,
    paint_row,
    row_colours,
    score_text,
)
from saedesk.ui.search_panels.shown_result import ShownResult
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.calm_motion import motion_ms
from saedesk.ui.widgets.painting import draw_rounded, fill_ground, shade, stand_on_own_ground

RESULTS = 10
"""Rows there is room for."""
GROUND = "surface"
"""What the rows stand on."""


class ResultRows(QWidget):
    """Shows results; `with_moves` adds the columns of the steered list.

    Only what looks different from before is painted again.
    """

    def __init__(self, with_moves: bool, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._moves, self._at_rest = with_moves, False
        self._rows: list[ShownResult] = []
        self._largest = 1.0
        """The longest bar, as a sum."""
        self._columns: RowColumns | None = None
        self._selected = -1
        self._chosen = ChosenDocuments()
        self._hovered = -1
        self._by_keyboard = False
        self._before: dict[int, float] = {}
        self._moving = QVariantAnimation(self)
        self._moving.setStartValue(0.0)
        self._moving.setEndValue(1.0)
        self._moving.valueChanged.connect(self._on_step)
        stand_on_own_ground(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(RESULTS * tokens().row_height.result)
        self.setAccessibleName(name)

    @property
    def rows(self) -> Sequence[ShownResult]:
        """What is shown."""
        return self._rows

    @property
    def selected_place(self) -> int:
        """The selected place, from 0; −1 for none."""
        return self._selected

    @property
    def chosen(self) -> tuple[int, ...]:
        """The ids of the chosen documents, from the top."""
        return tuple(row.document_id for row in self._rows if row.document_id in self._chosen.ids)

    def set_at_rest(self, at_rest: bool) -> None:
        """Leaves out the column of the moves where nothing has moved."""
        if at_rest != self._at_rest:
            self._at_rest, self._columns = at_rest, None
            self.update()

    def set_rows(self, rows: Sequence[ShownResult], animate: bool = False) -> None:
        """Shows other results; with `animate` they slide to their places from where they were."""
        before, self._rows = self._rows, list(rows)
        high = max(RESULTS, len(self._rows)) * tokens().row_height.result
        if high != self.height():
            self.setFixedHeight(high)
        self._chosen.keep([row.document_id for row in self._rows])
        largest = max((bar_reach(row) for row in self._rows), default=1.0)
        same_scale, self._largest = largest == self._largest, largest
        duration = motion_ms(tokens().animation_ms.rank_move)
        if animate and duration and self.isVisible() and before:
            self._moving.setDuration(duration)
            self._before = {row.document_id: float(at) for at, row in enumerate(before)}
            self._moving.stop()
            self._moving.start()
            self.update()
        elif self._is_moving():
            self._moving.stop()
            self.update()
        else:
            self._update_others(before, same_scale)
        self._tell()

    def _update_others(self, before: Sequence[ShownResult], same_scale: bool) -> None:
        """Has painted again what differs from the rows before."""
        if len(before) != len(self._rows):
            self.update()
            return
        changed = QRegion()
        for at, (old, new) in enumerate(zip(before, self._rows, strict=True)):
            changed += changed_parts(self._place(at), self._shown_columns(), old, new, same_scale)
        if not changed.isEmpty():
            self.update(changed)

    def set_selected(self, place: int) -> None:
        """Marks a place without telling anybody; −1 for none.

        It stays one of several that are chosen, or becomes the only one.
        """
        if place != self._selected:
            for at in (self._selected, place):
                self._update_row(at)
            self._selected = place
            self._tell()
        own = frozenset(row.document_id for row in self._rows[place : place + 1] if place >= 0)
        if not own & self._chosen.ids:
            self._choose_ids(own)

    def _choose_ids(self, ids: frozenset[int]) -> None:
        if ids != self._chosen.ids:
            other, self._chosen.ids = ids ^ self._chosen.ids, ids
            for at, row in enumerate(self._rows):
                if row.document_id in other:
                    self._update_row(at)
            self._tell()

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 12, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 7, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._columns = None

    # -- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        fill_ground(painter, event, GROUND)
        colours, dirty = row_colours(), event.region()
        for at, row in enumerate(self._rows):
            place = self._place(at, self._offset(at, row))
            if dirty.intersects(place):
                self._paint_row(painter, dirty, at, place, colours)

    def _paint_row(
        self, painter: QPainter, dirty: QRegion, at: int, place: QRect, colours: Colours
    ) -> None:
        row, columns = self._rows[at], self._shown_columns()
        if self._is_moving():
            # Of two rows that cross, one is in front of the other.
            painter.fillRect(place, shade(GROUND))
        if at == self._selected:
            self._paint_selection(painter, place)
        elif row.document_id in self._chosen.ids:
            painter.fillRect(place, shade("selection"))
        elif at == self._hovered:
            painter.fillRect(place.adjusted(0, 1, 0, -1), shade("hover"))
        is_last = at == len(self._rows) - 1
        line = not is_last and at != self._selected and at + 1 != self._selected
        paint_row(painter, place, columns, colours, row, self._largest, line, dirty)

    def _paint_selection(self, painter: QPainter, place: QRect) -> None:
        painter.fillRect(place, shade("selection"))
        bar = QRect(place.left(), place.top(), tokens().selection_bar, place.height())
        painter.fillRect(bar, shade("accent"))
        if self.hasFocus() and self._by_keyboard:
            width = tokens().focus_ring.width
            draw_rounded(painter, QRectF(place), 0, None, "focus", width)

    def _shown_columns(self) -> RowColumns:
        if self._columns is None:
            self._columns = RowColumns.of(self.width(), self._moves, self._at_rest)
        return self._columns

    def _place(self, at: int, offset: float = 0.0) -> QRect:
        height = tokens().row_height.result
        return QRect(0, round((at + offset) * height), self.width(), height)

    def _update_row(self, at: int) -> None:
        """Has a row painted again, and the line above it, which a selected row does not have."""
        self.update(self._place(at).adjusted(0, -1, 0, 0))

    def _offset(self, at: int, row: ShownResult) -> float:
        if not self._is_moving() or row.document_id not in self._before:
            return 0.0
        left = (1 - float(self._moving.currentValue())) ** 3
        return left * (self._before[row.document_id] - at)

    def _is_moving(self) -> bool:
        return self._moving.state() == QVariantAnimation.State.Running

    def _on_step(self, _value: object) -> None:
        self.update()

    def _tell(self) -> None:
        told = f"{len(self._rows)} results"
        if 0 <= self._selected < len(self._rows):
            row = self._rows[self._selected]
            told = f"{row.rank}. {row.title}, {score_text(row)} {row.note}".strip()
            told += f", given a place by {row.giver}" if row.giver else ""
        if len(self._chosen.ids) > 1:
            told += f"; {len(self._chosen.ids)} documents are chosen"
        if told != self.accessibleDescription():
            self.setAccessibleDescription(told)
