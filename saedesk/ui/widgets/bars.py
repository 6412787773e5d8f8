"""Bars that show a share or a size, and the strip of numbers at the head of a page."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.painting import draw_rounded, shade
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip
from saedesk.ui.widgets.text_label import TextLabel

ROLE = "number in a strip"


def draw_bar(
    painter: QPainter,
    rect: QRect | QRectF,
    share: float,
    colour: str | QColor = "accent",
    track: str | QColor | None = "track",
    thickness: int | None = None,
) -> None:
    """A rounded bar in the vertical middle of `rect`, filled to `share` (0 to 1) of its width."""
    height = thickness or tokens().bar.cell
    place = QRectF(rect)
    bar = QRectF(place.left(), round(place.center().y() - height / 2), place.width(), height)
    if track is not None:
        draw_rounded(painter, bar, height / 2, track)
    share = min(max(share, 0.0), 1.0)
    if share > 0:
        bar.setWidth(max(float(height), share * bar.width()))
        draw_rounded(painter, bar, height / 2, colour)


def draw_bar_with_reference(
    painter: QPainter, rect: QRectF, share: float, reference: float, colour: str = "accent"
) -> None:
    """A bar with an upright mark where a reference, e.g. the whole corpus, lies (both 0 to 1)."""
    draw_bar(painter, rect, share, colour)
    height = tokens().space[3]
    x = rect.left() + min(max(reference, 0.0), 1.0) * rect.width()
    mark = QRectF(round(x) - 1, round(rect.center().y() - height / 2), 2, height)
    painter.fillRect(mark, shade("text1"))


class MeterBar(QWidget):
    """A bar on a track: progress, memory, a share."""

    def __init__(
        self,
        share: float = 0.0,
        thickness: int | None = None,
        colour: str = "accent",
        accessible_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._share, self._colour = share, colour
        self._thickness = thickness or tokens().bar.meter
        self._name = accessible_name
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self._thickness)
        self.set_share(share)

    def set_share(self, share: float, colour: str | None = None) -> None:
        """Shows another share from 0 to 1, perhaps in another colour."""
        self._share, self._colour = share, colour or self._colour
        self.setAccessibleName(f"{self._name} {share:.0%}".strip())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 4, self._thickness)

    def paintEvent(self, event: QPaintEvent) -> None:
        draw_bar(QPainter(self), self.rect(), self._share, self._colour, thickness=self._thickness)


class NumberStrip(QWidget):
    """Numbers with captions side by side in equal columns, hairlines between them.

    Each entry is (value, caption, tooltip); the tooltip says what the number is and what is good.
    """

    def __init__(
        self, entries: Sequence[tuple[str, str, str]] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._cells: list[tuple[QWidget, TextLabel, TextLabel]] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_entries(entries)

    def set_entries(self, entries: Sequence[tuple[str, str, str]]) -> None:
        """Shows other numbers; widgets are kept while their count stays the same."""
        if len(entries) != len(self._cells):
            self._rebuild(len(entries))
        for (cell, value, caption), (number, name, tooltip) in zip(
            self._cells, entries, strict=True
        ):
            if value.text() != number:
                value.setText(number)
            if caption.text() != name:
                caption.setText(name)
            value.set_explanation(tooltip)
            caption.set_explanation(tooltip)
            set_plain_tooltip(cell, tooltip)
            cell.setAccessibleName(f"{name}: {number}")

        self._space_out()

    def sizeHint(self) -> QSize:
        return QSize(self._needed(*self._wide()), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._needed(*self._narrow()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._space_out()

    @staticmethod
    def _wide() -> tuple[int, int]:
        """What is left free behind a number, and between a hairline and the next number."""
        return tokens().space[2], tokens().space[4]

    @staticmethod
    def _narrow() -> tuple[int, int]:
        return tokens().grid, tokens().space[2]

    def _needed(self, behind: int, before: int) -> int:
        """The width that shows every number and caption whole."""
        texts = (max(v.sizeHint().width(), c.sizeHint().width()) for _, v, c in self._cells)
        count = len(self._cells)
        return sum(texts) + count * behind + max(0, count - 1) * (before + tokens().line)

    def _space_out(self) -> None:
        """Numbers stand closer where there is little room."""
        is_narrow = 0 < self.width() < self._needed(*self._wide())
        behind, before = self._narrow() if is_narrow else self._wide()
        for cell, _, _ in self._cells:
            row = cell.layout()
            assert isinstance(row, QHBoxLayout)
            column = row.itemAt(row.count() - 1)
            assert isinstance(column, QVBoxLayout)
            if row.spacing() != before:
                row.setSpacing(before)
                column.setContentsMargins(0, 0, behind, 2)

    def _rebuild(self, count: int) -> None:
        while self._row.count():
            item = self._row.takeAt(0)
            if item is not None and item.widget():
                # It is deleted later, and must not be seen until then.
                item.widget().hide()
                item.widget().deleteLater()
        self._cells.clear()
        for index in range(count):
            cell = QWidget()
            value = TextLabel("", ROLE, tabular=True)
            # Capitals and figures fill less than the line: the number stands close to its top.
            value.setFixedHeight(Theme.current().line_height(ROLE) - tokens().grid - 1)
            caption = TextLabel("", "caption", "text2")
            column = QVBoxLayout()
            column.setSpacing(tokens().grid + 1)
            column.addWidget(value)
            column.addWidget(caption)
            row = QHBoxLayout(cell)
            row.setContentsMargins(0, 0, 0, 0)
            # Set with the margins once it is known how much room there is.
            row.setSpacing(0)
            if index:
                row.addWidget(Hairline(Qt.Orientation.Vertical))
            row.addLayout(column, 1)
            self._row.addWidget(cell, 1)
            self._cells.append((cell, value, caption))
