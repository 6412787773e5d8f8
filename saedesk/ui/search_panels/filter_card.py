"""What the small windows that set one condition share: where they stand, how they are left."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from saedesk.corpus.document import FieldDefinition
from saedesk.ui.search_panels.filter_conditions import Condition, shown_name, unit_of
from saedesk.ui.search_panels.filter_values import FieldValues
from saedesk.ui.shell.overlay import Overlay
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton, PrimaryButton
from saedesk.ui.widgets.check_marks import CheckBox
from saedesk.ui.widgets.hover_card import draw_card, shadow_edge
from saedesk.ui.widgets.section_head import SectionHead

NOT_YET = "…"
"""Stands where a value will be."""


class FilterCard(QWidget):
    """A card under the chips, in their window.

    Enter and a click beside the card apply; Escape leaves everything as it was, and so does what
    covers the window: the palette, a dialog.
    """

    applied = Signal(object)
    """Condition."""
    closed = Signal()

    def __init__(self, definition: FieldDefinition, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.definition = definition
        self._before: QWidget | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        space, edge = tokens().space, shadow_edge()
        self.setFixedWidth(space[8] * 9 + 2 * edge)
        self.setAccessibleName(f"Filter by {shown_name(definition.name)}")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(*[tokens().padding.hover_card + edge] * 4)
        self.body.setSpacing(space[2])
        note = unit_of(definition.name)
        self.body.addWidget(SectionHead(shown_name(definition.name), note, note_right=False))

    def open_under(self, widget: QWidget) -> None:
        """Shows the card under a chip or button."""
        window, edge = widget.window(), shadow_edge()
        self.setParent(window)
        self.fit()
        place = widget.mapTo(window, QPoint(0, widget.height() + tokens().grid))
        left = min(place.x(), window.width() - self.width() + 2 * edge - tokens().space[2])
        self.move(max(0, left) - edge, place.y() - edge)
        self._before = widget
        self.show()
        self.raise_()
        self.take_keyboard()

    def fit(self) -> None:
        """Makes the card as high as what is in it."""
        self.body.activate()
        self.resize(self.width(), self.body.sizeHint().height())

    def take_keyboard(self) -> None:
        """Gives the keyboard to the first control."""

    def set_values(self, values: FieldValues) -> None:
        """Shows what the field has to offer, which is read while the card is shown already."""
        raise NotImplementedError

    def show_failure(self, sentence: str) -> None:
        """Tells why the field's values could not be read."""
        raise NotImplementedError

    def condition(self) -> Condition | None:
        """What the card says; None when it cannot be read."""
        raise NotImplementedError

    def apply(self) -> None:
        """Sends the condition and closes the card."""
        condition = self.condition()
        if condition is not None:
            self.applied.emit(condition)
            self.close()

    def add_buttons(self, can_clear: bool) -> None:
        """Adds “Apply” and, for a condition in force, “Remove”."""
        row = QHBoxLayout()
        row.setSpacing(tokens().space[2])
        if can_clear:
            remove = DefaultButton("Remove")
            remove.clicked.connect(self._remove)
            row.addWidget(remove)
        row.addStretch(1)
        self.apply_button = PrimaryButton("Apply")
        self.apply_button.clicked.connect(self.apply)
        row.addWidget(self.apply_button)
        self.body.addLayout(row)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        QApplication.instance().installEventFilter(self)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        QApplication.instance().removeEventFilter(self)

    def closeEvent(self, event: QCloseEvent) -> None:
        had_keyboard = self.isAncestorOf(QApplication.focusWidget() or self)
        before, self._before = self._before, None
        super().closeEvent(event)
        self.closed.emit()
        if had_keyboard and before is not None and shiboken6.isValid(before):
            before.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.apply()
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Tab goes round in the card: what is behind it waits."""
        return _focus_in(self, is_next)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind not in _WATCHED or not isinstance(watched, QWidget):
            return False
        if kind == QEvent.Type.Show:
            if isinstance(watched, Overlay | QDialog):
                self.close()
            return False
        is_inside = watched is self or self.isAncestorOf(watched)
        if kind == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            place = self.mapFromGlobal(event.globalPosition().toPoint())
            if not is_inside or not self._card().contains(place):
                self.apply()
            return False
        # A tick is set by the space bar; Enter means the whole card.
        is_tick = is_inside and isinstance(watched, CheckBox) and isinstance(event, QKeyEvent)
        if is_tick and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.apply()
            return True
        return False

    def _card(self) -> QRect:
        edge = shadow_edge()
        return self.rect().adjusted(edge, edge, -edge, -edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_card(painter, QRectF(self._card()))

    def _remove(self) -> None:
        self.applied.emit(Condition(self.definition.name))
        self.close()


_WATCHED = (QEvent.Type.MouseButtonPress, QEvent.Type.KeyPress, QEvent.Type.Show)


def _focus_in(card: QWidget, is_next: bool) -> bool:
    """Gives the keyboard to the next control of a card, after the last to the first."""
    controls: list[QWidget] = []
    control = card.nextInFocusChain()
    while control is not card:
        takes_tab = control.focusPolicy() & Qt.FocusPolicy.TabFocus
        can_take = control.isVisible() and control.isEnabled()
        if takes_tab and can_take and card.isAncestorOf(control):
            controls.append(control)
        control = control.nextInFocusChain()
    if not controls:
        return False
    step, now = (1 if is_next else -1), card.focusWidget()
    at = controls.index(now) + step if now in controls else 0
    reason = Qt.FocusReason.TabFocusReason if is_next else Qt.FocusReason.BacktabFocusReason
    controls[at % len(controls)].setFocus(reason)
    return True
