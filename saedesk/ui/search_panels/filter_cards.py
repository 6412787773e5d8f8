"""Small windows that set one condition: values of a category, or a range."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from saedesk.corpus.document import FieldDefinition
from saedesk.project.document_store import CategoryCount
from saedesk.ui.search_panels.filter_card import NOT_YET, FilterCard
from saedesk.ui.search_panels.filter_conditions import Condition, shown_name
from saedesk.ui.search_panels.filter_range_card import RangeCard
from saedesk.ui.search_panels.filter_values import FieldValues
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.check_marks import CheckBox
from saedesk.ui.widgets.fields import SearchField
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.text_label import TextLabel

__all__ = ["FILTERED_FROM", "LINES_A_TURN", "NOT_YET", "CategoryCard", "FilterCard", "RangeCard"]

FILTERED_FROM = 10
"""Categories with more values than this get a field to find one."""
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
LINES_A_TURN = 8
"""Lines made at once; a hundred of them would hold the window up for a tenth of a second."""


class CategoryCard(FilterCard):
    """Values with their counts, to be ticked.

    Down goes from the field into the list and on in it, Up back; Enter in the field goes to what
    it found first, and applies the card where something was ticked already.
    """

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
        self._scroll: ScrollArea | None = None
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
        # What is ticked stands at the top, so that nobody has to look for it.
        in_order = sorted(values.counts, key=lambda count: count.value not in self._chosen)
        self._unmade = [*lost, *in_order]
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
        self._scroll = scroll
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

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_key = event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent)
        if is_key and self._walked(watched, Qt.Key(event.key())):  # type: ignore[attr-defined]
            return True
        return super().eventFilter(watched, event)

    def _walked(self, watched: QObject, key: Qt.Key) -> bool:
        """Moves the keyboard between the field and the lines; returns whether the key meant it."""
        shown = [box for _, box, line in self.boxes if not line.isHidden()]
        if watched is self._find:
            finds = key in _ENTER and bool(self._find.text().strip()) and not self._is_changed
            return bool(shown) and (key == Qt.Key.Key_Down or finds) and self._go_to(shown[0])
        at = next((i for i, box in enumerate(shown) if box is watched), -1)
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(key)
        if at < 0 or step is None:
            return False
        if at + step < 0:
            if self._find.isVisible():
                self._find.setFocus(Qt.FocusReason.TabFocusReason)
            return True
        return self._go_to(shown[min(at + step, len(shown) - 1)])

    def _go_to(self, box: CheckBox) -> bool:
        box.setFocus(Qt.FocusReason.TabFocusReason)
        if self._scroll is not None:
            self._scroll.ensureWidgetVisible(box)
        return True

    @property
    def _is_changed(self) -> bool:
        return set(self.condition().values) != set(self._chosen)

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
