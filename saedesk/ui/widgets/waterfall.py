"""The sum behind a score: bars that start where the one before ended and end at the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.painting import RIGHT, draw_hairline, draw_line_of_text, shade, text_width
from saedesk.ui.widgets.plain_tooltip import escaped
from saedesk.ui.widgets.plot_export import PlotExport
from saedesk.ui.widgets.steering_slider import signed
from saedesk.ui.widgets.waterfall_legend import (
    COLOURS,
    Place,
    legend_of,
    legend_places,
    paint_legend,
)

__all__ = ["COLOURS", "Contribution", "ContributionWaterfall"]

NARROW = 19
"""Below this width, in units of 32 device-independent pixels, bars give way to names."""
TURNED = ("up", "place", "down", "less")
"""Kinds whose numbers have a colour too."""


@dataclass(frozen=True)
class Contribution:
    """One part of a score."""

    name: str
    value: float
    kind: str
    """"up", "down" (turned by the steering), "along" (moved with those by it), "typed" (as in the
    query), "place" or "less" (by the documents of a feature), "meaning" or "words" (ranks by
    either), or "rest"."""
    key: object = None
    """Handed back by `clicked`, e.g. the feature; None cannot be clicked."""
    tip: str = ""
    """What the tooltip says besides the name and the value."""


class ContributionWaterfall(QWidget, PlotExport):
    """Names at the left, bars in the middle, signed values at the right, the total underneath."""

    clicked = Signal(object)

    def __init__(
        self, total_name: str = "Score", show_legend: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._parts: list[Contribution] = []
        self._total = 0.0
        self._total_name, self._legend = total_name, show_legend
        self._decimals, self._total_has_sign, self._total_tip = 3, False, ""
        self._hovered = -1
        self._row = tokens().row_height.waterfall
        self._kept_free = 0
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("The sum behind the score")

    def set_total(
        self, name: str, decimals: int = 3, with_sign: bool = False, tip: str = ""
    ) -> None:
        """Says what the parts add up to, and how numbers are written from now on.

        `tip` is the tooltip of the sum.
        """
        self._total_name, self._decimals, self._total_has_sign = name, decimals, with_sign
        self._total_tip = tip

    def set_contributions(self, parts: Sequence[Contribution], total: float) -> None:
        """Shows these parts from the top; they add up to `total`."""
        rows_before = len(self._parts)
        self._parts, self._total = list(parts), float(total)
        self._hovered = -1
        told = ", ".join(f"{part.name} {self._signed(part.value)}" for part in self._parts)
        self.setAccessibleDescription(f"{told}; {self._total_name} {self._total_text()}")
        if len(self._parts) != rows_before:
            self.updateGeometry()
        self.update()

    @property
    def row_height(self) -> int:
        """The height of a row, device-independent pixels."""
        return self._row

    def set_row_height(self, height: int) -> None:
        """Gives the rows more room than they need."""
        height = max(tokens().row_height.waterfall, height)
        if height != self._row:
            self._row = height
            self.updateGeometry()
            self.update()

    def keep_free(self, width: int) -> None:
        """Leaves so much of the right end of the legend to something else.

        What does not fit beside it goes into a second line.
        """
        if width != self._kept_free:
            self._kept_free = width
            self.update()

    def _signed(self, value: float) -> str:
        return signed(value, self._decimals)

    def _total_text(self) -> str:
        if self._total_has_sign:
            return self._signed(self._total)
        return f"{self._total:.{self._decimals}f}".replace("-", "\u2212")

    def table(self) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
        rows: list[Sequence[object]] = [(p.name, p.value, p.kind) for p in self._parts]
        return ("name", "contribution", "kind"), [*rows, (self._total_name, self._total, "total")]

    def sizeHint(self) -> QSize:
        row, space = self._row, tokens().space
        legend = row + space[3] if self._legend else 0
        return QSize(space[8] * 12, (len(self._parts) + 1) * row + space[3] + legend)

    def minimumSizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 8, self.sizeHint().height())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hovered = self._row_at(event.position().y())
        if hovered != self._hovered:
            self._hovered = hovered
            self.update()

    def leaveEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        self._hovered = -1
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position().y())
        if row >= 0 and self._parts[row].key is not None:
            self.clicked.emit(self._parts[row].key)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), escaped(self.tooltip_at(event.pos().y())), self)
            return True
        return super().event(event)

    def tooltip_at(self, y: int) -> str:
        """What the tooltip says of the part at a height, or of the sum under all of them."""
        row = self._row_at(y)
        if row >= 0:
            part = self._parts[row]
            text = f"{part.name}: {signed(part.value, self._decimals + 1)}"
            return f"{text}\n{part.tip}" if part.tip else text
        under = len(self._parts) * self._row
        if under <= y < under + self._row + 2 * tokens().space[1]:
            return self._total_tip
        is_legend = self._legend and under < y
        return ", ".join(name for _, name in self.legend()) if is_legend else ""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        row = self._row
        names, bars = self._columns()
        scale = self._scale(bars)
        running, line = 0.0, Theme.current().colour("lineStrong")
        for at, part in enumerate(self._parts):
            top = at * row
            if at == self._hovered and part.key is not None:
                painter.fillRect(QRect(0, top, self.width(), row), shade("hover"))
            start, running = running, running + part.value
            self._paint_row(painter, part, QRect(0, top, names, row))
            x1, x2 = scale(start), scale(running)
            thick = tokens().space[2] + 2
            bar = QRectF(min(x1, x2), top + (row - thick) // 2, max(1, abs(x2 - x1)), thick)
            painter.fillRect(bar, shade(COLOURS[part.kind]))
            drop = row if at < len(self._parts) - 1 else row + tokens().space[2]
            painter.fillRect(QRectF(x2, top + row // 2, tokens().line, drop - 5), line)
        self._paint_total(painter, names, scale)
        if self._legend:
            self._paint_legend(painter)

    def _columns(self) -> tuple[int, QRect]:
        # Names of features are long: where there is little room they get more of it.
        is_narrow = self.width() < NARROW * tokens().space[8]
        names = int(self.width() * (0.42 if is_narrow else 0.34))
        values = (
            text_width(f"\u2212{0:.{self._decimals}f}", "body", tabular=True) + tokens().space[4]
        )
        left = names + tokens().space[3]
        return names, QRect(left, 0, max(1, self.width() - values - left), self.height())

    def _scale(self, bars: QRect):  # type: ignore[no-untyped-def]
        ends, running = [0.0, self._total], 0.0
        for part in self._parts:
            running += part.value
            ends.append(running)
        low, high = min(ends), max(ends)
        # What is written as 0 is no bar, however small the others are.
        span = high - low if high - low >= 0.5 * 10.0**-self._decimals else 1.0

        def place(value: float) -> int:
            return round(bars.left() + (value - low) / span * (bars.width() - 1))

        return place

    def _paint_row(self, painter: QPainter, part: Contribution, names: QRect) -> None:
        draw_line_of_text(painter, names, part.name, "body", "text1")
        colour = COLOURS[part.kind] if part.kind in TURNED else "text2"
        line = QRect(0, names.top(), self.width(), names.height())
        draw_line_of_text(
            painter, line, self._signed(part.value), "body", colour, RIGHT, tabular=True
        )

    def _paint_total(self, painter: QPainter, names: int, scale) -> None:  # type: ignore[no-untyped-def]
        row, space = self._row, tokens().space
        y = len(self._parts) * row + space[1]
        draw_hairline(painter, 0, y, self.width(), y, "lineStrong")
        top = y + space[1]
        line = QRect(0, top, names, row)
        draw_line_of_text(painter, line, self._total_name, "head of a section", "text1")
        line = QRect(0, top, self.width(), row)
        draw_line_of_text(
            painter,
            line,
            self._total_text(),
            "head of a section",
            "text1",
            RIGHT,
            tabular=True,
        )
        x1, x2 = sorted((scale(0.0), scale(self._total)))
        painter.fillRect(
            QRectF(x1, top + (row - space[2]) // 2, max(1, x2 - x1), space[2]), shade("text2")
        )

    def _paint_legend(self, painter: QPainter) -> None:
        paint_legend(painter, self.legend_places())

    def legend_places(self) -> list[Place]:
        """Where each colour of the legend stands with its name."""
        line = QRect(0, self.height() - self._row, self.width() - self._kept_free, self._row)
        return legend_places(self.legend(), line)

    def legend(self) -> list[tuple[str, str]]:
        """Colours and what they stand for, each colour once."""
        return legend_of({part.kind for part in self._parts})

    def _row_at(self, y: float) -> int:
        row = int(y // self._row)
        return row if 0 <= row < len(self._parts) else -1
