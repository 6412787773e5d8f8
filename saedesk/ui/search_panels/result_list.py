"""Ten results that can be chosen, opened, copied and searched with, by mouse and by keyboard."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
)
from PySide6.QtWidgets import QMenu, QToolTip, QWidget

from saedesk.ui.search_panels.result_choice import LESS_KEYS, MORE_KEYS, NO_KEYS
from saedesk.ui.search_panels.result_menu import fill_result_menu
from saedesk.ui.search_panels.result_row_painting import row_tooltip
from saedesk.ui.search_panels.result_rows import ResultRows
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.focus_ring import BY_KEYBOARD, shows_keyboard
from saedesk.ui.widgets.plain_tooltip import escaped


class ResultList(ResultRows):
    """Rows of results; every signal names a place in the list, or what is wanted of the chosen."""

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
    reached = Signal(int)
    """The place to which the keyboard came."""
    side_wanted = Signal()
    """The keyboard wants to go to the other list."""

    def __init__(self, with_moves: bool, name: str, parent: QWidget | None = None) -> None:
        super().__init__(with_moves, name, parent)
        self._searched_with = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)

    def set_searched_with(self, documents: int) -> None:
        """How many documents the query is made of; 0 for a text."""
        self._searched_with = documents

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
            self.reached.emit(moves[key])
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
        is_key = event.reason() in BY_KEYBOARD
        self._by_keyboard = shows_keyboard(event, self._by_keyboard)
        if self._selected < 0 and self._rows and is_key:
            self._choose(0)
        if self._selected >= 0 and is_key:
            self.reached.emit(self._selected)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def inputMethodQuery(self, query: Qt.InputMethodQuery) -> Any:
        """Where in the list the keyboard is; there a menu opens, and that is kept in view.

        Without it Qt takes the middle of the list, most of which is not in view.
        """
        if query == Qt.InputMethodQuery.ImCursorRectangle:
            return self._place(max(0, self._selected))
        return super().inputMethodQuery(query)

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
                text = row_tooltip(self._rows[place], self._shown_columns(), event.pos().x())
            QToolTip.showText(event.globalPos(), escaped(text), self)
            return True
        return super().event(event)

    def choose_first(self) -> None:
        """Chooses the first result, as the key Home does."""
        if self._rows:
            self._choose(0)

    def open_selected(self) -> None:
        """Asks for the document of the selected place."""
        self.opened.emit(self._selected)

    def _hover(self, place: int) -> None:
        if place != self._hovered:
            for at in (self._hovered, place):
                self._update_row(at)
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
