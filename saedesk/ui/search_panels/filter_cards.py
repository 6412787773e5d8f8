"""Small windows that set one condition: values of a category, or a range."""

from __future__ import annotations

from collections.abc import Sequence

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from saedesk.corpus.document import FieldDefinition
from saedesk.errors import BadSetting
from saedesk.project.document_store import CategoryCount
from saedesk.ui.search_panels.filter_conditions import (
    Condition,
    check_order,
    read_bound,
    shown_bound,
    shown_name,
    unit_of,
)
from saedesk.ui.search_panels.filter_values import FieldValues
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton, PrimaryButton
from saedesk.ui.widgets.check_marks import CheckBox
from saedesk.ui.widgets.fields import SearchField, TextField
from saedesk.ui.widgets.hover_card import draw_card, shadow_edge
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.section_head import SectionHead
from saedesk.ui.widgets.text_label import TextLabel

NOT_YET = "…"
"""Stands where a value will be."""
FILTERED_FROM = 10
"""Categories with more values than this get a field to find one."""
LINES_A_TURN = 8
"""Lines made at once; a hundred of them would hold the window up for a tenth of a second."""


class FilterCard(QWidget):
    """A card under the chips, in their window.

    Enter and a click beside the card apply; Escape leaves everything as it was.
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


_WATCHED = (QEvent.Type.MouseButtonPress, QEvent.Type.KeyPress)


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


class CategoryCard(FilterCard):
    """Values with their counts, to be ticked."""

    def __init__(
        self,
        definition: FieldDefinition,
        chosen: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(definition, parent)
        self.boxes: list[tuple[str, CheckBox, QWidget]] = []
        self._chosen = tuple(chosen)
        self._unmade: list[CategoryCount] = []
        self._find = SearchField("Find a value", accessible_name="Find a value")
        self._find.text_changed.connect(self._on_find)
        self._find.hide()
        self.body.addWidget(self._find)
        self._waiting: TextLabel | None = TextLabel(NOT_YET, "body", "text3", wrap=True)
        self._waiting.setAccessibleName("The values are being counted.")
        self._place_of_list = self.body.count()
        self.body.addWidget(self._waiting)
        self.add_buttons(bool(chosen))

    def set_values(self, values: FieldValues) -> None:
        if self._waiting is None:
            return
        self._waiting.hide()
        self._waiting.deleteLater()
        self._waiting = None
        known = {count.value for count in values.counts}
        lost = [CategoryCount(value, 0) for value in self._chosen if value not in known]
        self._unmade = [*lost, *values.counts]
        values_shown = self._make_list()
        self.body.insertWidget(self._place_of_list, values_shown)
        values_shown.show()
        self._find.setVisible(len(values.counts) > FILTERED_FROM)
        self.fit()
        if self.isVisible():
            self.take_keyboard()

    def show_failure(self, sentence: str) -> None:
        if self._waiting is not None:
            self._waiting.setText(sentence)
            self.fit()

    def _make_list(self) -> ScrollArea:
        content = QWidget()
        content.setProperty("ground", "raised")
        self._lines = QVBoxLayout(content)
        # The ring around a line that has the keyboard needs its room.
        ring = tokens().focus_ring.width + tokens().focus_ring.gap
        self._lines.setContentsMargins(ring, ring, tokens().space[2], ring)
        self._lines.setSpacing(0)
        self._lines.addStretch(1)
        lines = min(len(self._unmade), FILTERED_FROM)
        self._add_lines()
        scroll = ScrollArea(content, "raised", "Values")
        scroll.setFixedHeight(lines * tokens().row_height.short_list + 2 * ring)
        return scroll

    @Slot()
    def _add_lines(self) -> None:
        """Makes the next lines, and goes on after what the window has to do meanwhile."""
        part, self._unmade = self._unmade[:LINES_A_TURN], self._unmade[LINES_A_TURN:]
        for count in part:
            line = self._make_line(count, count.value in self._chosen)
            self._lines.insertWidget(self._lines.count() - 1, line)
            if not self._is_wanted(count.value):
                line.hide()
        if self._unmade:
            QTimer.singleShot(0, self, self._add_lines)

    def _make_line(self, count: CategoryCount, is_chosen: bool) -> QWidget:
        line = QWidget()
        line.setFixedHeight(tokens().row_height.short_list)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens().space[2])
        shown = count.value or f"No {shown_name(self.definition.name).lower()}"
        name = f"{shown}, {count.count:,} documents"
        box = CheckBox(shown, is_chosen, accessible_name=name)
        row.addWidget(box, 1)
        row.addWidget(TextLabel(f"{count.count:,}", "caption", "text3", tabular=True))
        self.boxes.append((count.value, box, line))
        return line

    def take_keyboard(self) -> None:
        first = self.boxes[0][1] if self.boxes else self.apply_button
        (self._find if self._find.isVisible() else first).setFocus()

    def condition(self) -> Condition:
        made = {value for value, _, _ in self.boxes}
        ticked = [value for value, box, _ in self.boxes if box.isChecked()]
        values = (*ticked, *(value for value in self._chosen if value not in made))
        return Condition(self.definition.name, values)

    def _is_wanted(self, value: str) -> bool:
        return self._find.text().casefold().strip() in value.casefold()

    @Slot(str)
    def _on_find(self, _text: str) -> None:
        for value, _, line in self.boxes:
            line.setVisible(self._is_wanted(value))


class RangeCard(FilterCard):
    """From and to, of numbers or dates."""

    def __init__(
        self,
        definition: FieldDefinition,
        bounds: tuple[float | str | None, float | str | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(definition, parent)
        row = QHBoxLayout()
        row.setSpacing(tokens().space[2])
        self.low = TextField(NOT_YET, accessible_name="From")
        self.high = TextField(NOT_YET, accessible_name="To")
        for name, field, bound in (("from", self.low, bounds[0]), ("to", self.high, bounds[1])):
            field.setText(shown_bound(bound))
            field.returnPressed.connect(self.apply)
            row.addWidget(TextLabel(name, "body", "text2"))
            row.addWidget(field, 1)
        self.body.addLayout(row)
        self.error = TextLabel("", "caption", "error", wrap=True)
        self.error.setFixedWidth(self._card().width() - 2 * tokens().padding.hover_card)
        self.error.hide()
        self.body.addWidget(self.error)
        self.add_buttons(bounds != (None, None))

    def take_keyboard(self) -> None:
        self.low.setFocus()

    def set_values(self, values: FieldValues) -> None:
        for field, end in zip((self.low, self.high), values.ends, strict=True):
            field.setPlaceholderText(end)

    def show_failure(self, sentence: str) -> None:
        self.set_values(FieldValues())
        self._show_error(sentence)

    def condition(self) -> Condition | None:
        read: list[float | str | None] = []
        for field, is_high in ((self.low, False), (self.high, True)):
            try:
                read.append(read_bound(field.text(), self.definition, is_high))
                field.set_error(None)
            except BadSetting as error:
                field.set_error(error.sentence)
                self._show_error(error.sentence)
                return None
        try:
            check_order(read[0], read[1])
        except BadSetting as error:
            self.high.set_error(error.sentence)
            self._show_error(error.sentence)
            return None
        return Condition(self.definition.name, bounds=(read[0], read[1]))

    def _show_error(self, sentence: str) -> None:
        self.error.setText(sentence)
        self.error.setFixedHeight(self.error.heightForWidth(self.error.width()))
        self.error.show()
        self.fit()
