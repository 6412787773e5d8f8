"""Ten results under one another, painted: rank, move, title, what it is, score and its parts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolTip, QWidget

from saedesk.ui.search_panels.result_choice import (
    LESS_KEYS,
    MORE_KEYS,
    NO_KEYS,
    ChosenDocuments,
)
from saedesk.ui.search_panels.result_menu import fill_result_menu
from saedesk.ui.search_panels.result_row_painting import (
    RowColumns,
    paint_row,
    row_colours,
    row_tooltip,
    score_text,
)
from saedesk.ui.search_panels.shown_result import ShownResult
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.calm_motion import motion_ms
from saedesk.ui.widgets.focus_ring import BY_KEYBOARD
from saedesk.ui.widgets.painting import draw_rounded, shade
from saedesk.ui.widgets.plain_tooltip import escaped

RESULTS = 10
"""Rows there is room for."""


class ResultList(QWidget):
    """A list of results; `with_moves` adds the columns of the steered list."""

    selected = Signal(int)
    """A place, from 0, that a person chose."""
    opened = Signal(int)
    """A place, from 0, whose document a person wants to read."""
    hovered = Signal(int)
    """The place under the mouse, −1 for none."""
    chosen_changed = Signal()
    """Other documents are chosen."""
    like_wanted = Signal(bool)
    """More like the chosen documents; whether beside those searched with before."""
    unlike_wanted = Signal()
    """Less like the chosen documents."""
    copy_wanted = Signal(str)
    """"results" or "titles"."""
    side_wanted = Signal()
    """The keyboard wants to go to the other list."""

    def __init__(self, with_moves: bool, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._moves = with_moves
        self._rows: list[ShownResult] = []
        self._selected = -1
        self._chosen = ChosenDocuments()
        self._searched_with = 0
        self._hovered = -1
        self._by_keyboard = False
        self._before: dict[int, float] = {}
        self._moving = QVariantAnimation(self)
        self._moving.setStartValue(0.0)
        self._moving.setEndValue(1.0)
        self._moving.valueChanged.connect(self._on_step)
        self._name = name
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
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

    def set_rows(self, rows: Sequence[ShownResult], animate: bool = False) -> None:
        """Shows other results; only rows that differ are painted again."""
        before, self._rows = self._rows, list(rows)
        self._chosen.keep([row.document_id for row in self._rows])
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
            for at in range(max(len(before), len(self._rows))):
                if before[at : at + 1] != self._rows[at : at + 1]:
                    self.update(self._place(at))
        self._tell()

    def set_searched_with(self, documents: int) -> None:
        """How many documents the query is made of; 0 for a text."""
        self._searched_with = documents

    @property
    def chosen(self) -> tuple[int, ...]:
        """The ids of the chosen documents, from the top."""
        return tuple(row.document_id for row in self._rows if row.document_id in self._chosen.ids)

    def set_selected(self, place: int) -> None:
        """Marks a place without telling anybody; −1 for none.

        It stays one of several that are chosen, or becomes the only one.
        """
        if place != self._selected:
            for at in (self._selected, place):
                self.update(self._place(at))
            self._selected = place
            self._tell()
        own = frozenset(row.document_id for row in self._rows[place : place + 1] if place >= 0)
        if not own & self._chosen.ids:
            self._choose_ids(own)

    def _choose_ids(self, ids: frozenset[int]) -> None:
        if ids != self._chosen.ids:
            self._chosen.ids = ids
            self._tell()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 12, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 7, self.height())

    # -- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        columns, colours = RowColumns.of(self.width(), self._moves), row_colours()
        largest = max((sum(abs(v) for _, v in row.parts) for row in self._rows), default=1.0)
        dirty = event.rect()
        for at, row in enumerate(self._rows):
            place = self._place(at, self._offset(at, row))
            if not place.intersects(dirty):
                continue
            if at == self._selected:
                self._paint_selection(painter, place)
            elif row.document_id in self._chosen.ids:
                painter.fillRect(place, shade("selection"))
            elif at == self._hovered:
                painter.fillRect(place.adjusted(0, 1, 0, -1), shade("hover"))
            is_last = at == len(self._rows) - 1
            line = not is_last and at != self._selected and at + 1 != self._selected
            paint_row(painter, place, columns, colours, row, largest, line)

    def _paint_selection(self, painter: QPainter, place: QRect) -> None:
        painter.fillRect(place, shade("selection"))
        bar = QRect(place.left(), place.top(), tokens().selection_bar, place.height())
        painter.fillRect(bar, shade("accent"))
        if self.hasFocus() and self._by_keyboard:
            width = tokens().focus_ring.width
            draw_rounded(painter, QRectF(place), 0, None, "focus", width)

    def _place(self, at: int, offset: float = 0.0) -> QRect:
        height = tokens().row_height.result
        return QRect(0, round((at + offset) * height), self.width(), height)

    def _offset(self, at: int, row: ShownResult) -> float:
        if not self._is_moving() or row.document_id not in self._before:
            return 0.0
        left = (1 - float(self._moving.currentValue())) ** 3
        return left * (self._before[row.document_id] - at)

    def _is_moving(self) -> bool:
        return self._moving.state() == QVariantAnimation.State.Running

    def _on_step(self, _value: object) -> None:
        self.update()

    # -- mouse and keys ----------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._at(event.position().y()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(place, event.modifiers())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = self._at(event.position().y())
        if place >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit("results")
            return
        last = len(self._rows) - 1
        moves = {
            Qt.Key.Key_Up: max(0, self._selected - 1),
            Qt.Key.Key_Down: min(last, self._selected + 1),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        key = Qt.Key(event.key())
        if key in moves and self._rows:
            self._by_keyboard = True
            self._choose(moves[key], event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        elif key == Qt.Key.Key_Space and self._selected >= 0:
            self._choose(self._selected, Qt.KeyboardModifier.ControlModifier)
        elif event.matches(QKeySequence.StandardKey.SelectAll) and self._rows:
            self._choose_ids(frozenset(row.document_id for row in self._rows))
            self.chosen_changed.emit()
        elif event.text() in MORE_KEYS and self._chosen.ids:
            self.like_wanted.emit(True)
        elif event.text() in LESS_KEYS and self._chosen.ids:
            self.unlike_wanted.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._selected >= 0:
            self.opened.emit(self._selected)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.side_wanted.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._by_keyboard = event.reason() in BY_KEYBOARD
        if self._selected < 0 and self._rows and self._by_keyboard:
            self._choose(0)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not self._rows:
            return
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            at = self._at(event.pos().y())
            if at >= 0 and self._rows[at].document_id not in self._chosen.ids:
                self._choose(at)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill_result_menu(menu, self, len(self._chosen.ids) > 1, bool(self._searched_with))
        menu.popup(event.globalPos())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._at(event.pos().y())
            text = ""
            if place >= 0:
                columns = RowColumns.of(self.width(), self._moves)
                text = row_tooltip(self._rows[place], columns, event.pos().x())
            QToolTip.showText(event.globalPos(), escaped(text), self)
            return True
        return super().event(event)

    def open_selected(self) -> None:
        """Asks for the document of the selected place."""
        self.opened.emit(self._selected)

    def _hover(self, place: int) -> None:
        if place != self._hovered:
            for at in (self._hovered, place):
                self.update(self._place(at))
            self._hovered = place
            self.hovered.emit(place)

    def _choose(self, place: int, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
        if place < 0:
            return
        shown = [row.document_id for row in self._rows]
        chosen = self._chosen.after(shown, place, self._selected, keys)
        self._choose_ids(chosen)
        if shown[place] in chosen:
            self.set_selected(place)
            self.selected.emit(place)
        self.chosen_changed.emit()

    def _at(self, y: float) -> int:
        place = int(y // tokens().row_height.result)
        return place if 0 <= place < len(self._rows) else -1

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
