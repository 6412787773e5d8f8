"""Presets as rows of a list of which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.check_marks import draw_radio_button
from saedesk.ui.widgets.focus_ring import FocusRingFilter
from saedesk.ui.widgets.painting import (
    RIGHT,
    draw_hairline,
    draw_line_of_text,
    draw_rounded,
    shade,
)
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip

ROW_HEIGHT = 46
"""Two lines of text with the room of a list."""
USUAL_COUNT = 3


@dataclass(frozen=True)
class PresetEntry:
    """What a row says."""

    name: str
    numbers: str
    """“768 features, k 8”."""
    time: str
    """“about 15 s”."""
    reason: str
    """The tooltip: whom the preset suits."""


class _PresetRow(QAbstractButton):
    def __init__(self, list_of_presets: PresetList) -> None:
        super().__init__(list_of_presets)
        self.entry = PresetEntry("", "", "", "")
        self.is_first = self.is_last = False
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedHeight(ROW_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        FocusRingFilter(self, tokens().radius.control)

    def set_entry(self, entry: PresetEntry) -> None:
        self.entry = entry
        self.setAccessibleName(f"{entry.name}: {entry.numbers}, {entry.time}")
        self.setAccessibleDescription(entry.reason)
        set_plain_tooltip(self, entry.reason)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(tokens().layout.training_form, ROW_HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._paint_ground(painter)
        pad, gap, theme = tokens().space[3], tokens().space[3], Theme.current()
        mark = QRectF(pad, 0, tokens().icon, self.height())
        draw_radio_button(painter, mark, self.isChecked(), self.isEnabled())
        left = mark.right() + gap
        body, small = theme.line_height("body"), theme.line_height("caption")
        top = round((self.height() - body - small) / 2)
        right = self.width() - pad
        time = QRectF(left, 0, right - left, self.height())
        used = draw_line_of_text(painter, time, self.entry.time, "body", "text2", RIGHT)
        room = right - left - used - gap
        name = QRectF(left, top, room, body)
        draw_line_of_text(painter, name, self.entry.name, "head of a section")
        numbers = QRectF(left, top + body - 1, room, small)
        draw_line_of_text(painter, numbers, self.entry.numbers, "caption", "text2", tabular=True)

    def _paint_ground(self, painter: QPainter) -> None:
        ground = "selection" if self.isChecked() else "hover" if self.underMouse() else None
        if ground:
            painter.save()
            painter.setClipPath(self._outline())
            painter.fillRect(self.rect(), shade(ground))
            painter.restore()
        if not self.is_first:
            draw_hairline(painter, 0, 0, self.width(), 0)

    def _outline(self) -> QPainterPath:
        """The row, with the round corners of the list where it ends."""
        radius, path = tokens().radius.card - 1, QPainterPath()
        area = QRectF(self.rect())
        if not self.is_first:
            area.setTop(area.top() - 2 * radius)
        if not self.is_last:
            area.setBottom(area.bottom() + 2 * radius)
        path.addRoundedRect(area, radius, radius)
        return path


class PresetList(QWidget):
    """Chooses a preset; arrows and Space move the choice."""

    chosen = Signal(int)
    """The index of the preset, also when it was chosen already."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[_PresetRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(*[tokens().line] * 4)
        self._column.setSpacing(0)
        self.setAccessibleName("Presets")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        # Made at once, so that Tab comes to them before it comes to the form.
        self._make_rows(USUAL_COUNT)

    def set_entries(self, entries: Sequence[PresetEntry]) -> None:
        """Shows these presets; rows are kept."""
        self._make_rows(len(entries))
        for at, row in enumerate(self.rows):
            row.setVisible(at < len(entries))
            if at < len(entries):
                row.is_first, row.is_last = at == 0, at == len(entries) - 1
                row.set_entry(entries[at])

    def _make_rows(self, count: int) -> None:
        while len(self.rows) < count:
            row = _PresetRow(self)
            row.clicked.connect(self._on_click)
            self.rows.append(row)
            self._column.addWidget(row)

    def set_current(self, index: int) -> None:
        """Marks a preset as chosen, without telling anybody."""
        self.rows[index].setChecked(True)

    def focus_current(self) -> None:
        """Gives the keyboard to the chosen row."""
        chosen = next((row for row in self.rows if row.isChecked()), self.rows[0])
        chosen.setFocus(Qt.FocusReason.OtherFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_rounded(painter, QRectF(self.rect()), tokens().radius.card, "surface", "line")

    @Slot()
    def _on_click(self) -> None:
        self.chosen.emit(self.rows.index(self.sender()))
