"""How strongly a feature fires: log counts, quantile bands, a bin under mouse or keyboard."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.focus_ring import FocusRingFilter
from saedesk.ui.widgets.hover_card import CardLine, HoverCard
from saedesk.ui.widgets.painting import (
    CENTRE,
    RIGHT,
    draw_dot,
    draw_line_of_text,
    shade,
    text_width,
)
from saedesk.ui.widgets.plot_axis import linear_ticks, round_step
from saedesk.ui.widgets.plot_export import PlotExport

FLOOR = 0.7
"""Where the logarithmic axis begins, so that a single document is visible."""
BAND_NAMES = ("Weaker half", "50 – 90 %", "90 – 99 %", "Top 1 %")


class ActivationHistogram(QWidget, PlotExport):
    """Bars of documents by activation; a click, or Enter, asks for the documents of a bin."""

    bin_clicked = Signal(float, float)
    """The ends of the bin, in units of activation."""

    def __init__(
        self, accessible_name: str = "How strongly it fires", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._edges = np.zeros(0)
        self._counts = np.zeros(0, dtype=np.int64)
        self._bands: Sequence[float] = ()
        self._n_active = 0
        self._bin = self._chosen = -1
        self._name = accessible_name
        self._card = HoverCard(self)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(accessible_name)
        FocusRingFilter(self, tokens().radius.control)

    def set_data(
        self, edges: np.ndarray, counts: np.ndarray, n_active: int, band_edges: Sequence[float] = ()
    ) -> None:
        """Shows other counts.

        `edges` (n_bins + 1,) and `counts` (n_bins,) as of `numpy.histogram`; `n_active` documents
        in all; `band_edges` are the quantiles .5, .9 and .99 of the active values.
        """
        self._edges = np.asarray(edges, dtype=np.float64)
        self._counts = np.asarray(counts, dtype=np.int64)
        self._n_active, self._bands = int(n_active), tuple(float(edge) for edge in band_edges)
        self._chosen = -1
        self.show_bin(-1)
        self.update()

    def mark_bin(self, ends: tuple[float, float] | None) -> None:
        """Marks the bin whose documents are shown, by its ends; None when all are shown."""
        found = -1
        if ends is not None and len(self._counts):
            middle = (ends[0] + ends[1]) / 2
            found = int(np.searchsorted(self._edges, middle, side="right")) - 1
        self._chosen = found if 0 <= found < len(self._counts) else -1
        self.update()

    @property
    def marked_bin(self) -> int:
        """The bin whose documents are shown, or -1."""
        return self._chosen

    def table(self) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
        rows = zip(self._edges[:-1], self._edges[1:], self._counts, strict=True)
        return ("from", "to", "documents"), [
            (float(low), float(high), int(count)) for low, high, count in rows
        ]

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 18, tokens().space[8] * 6)

    def minimumSizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 8, tokens().space[8] * 4)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.show_bin(self._bin_at(event.position()))

    def leaveEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        self.show_bin(-1)

    def hideEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().hideEvent(event)
        self.show_bin(-1)

    def focusOutEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().focusOutEvent(event)
        self.show_bin(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.show_bin(self._bin_at(event.position()))
            self._open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is not None and len(self._counts):
            start = self._bin if self._bin >= 0 else (-1 if step > 0 else len(self._counts))
            self.show_bin(min(max(start + step, 0), len(self._counts) - 1))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = self._area()
        if not len(self._counts):
            draw_line_of_text(
                painter, area, "No document activates this feature.", "body", "text3", CENTRE
            )
            return
        self._paint_bands(painter, area)
        self._paint_counts_axis(painter, area)
        self._paint_bars(painter, area)
        self._paint_activation_axis(painter, area)

    def _area(self) -> QRect:
        small, space = tokens().line_height[tokens().type["small"]], tokens().space
        left = space[5] + text_width(_count_text(self._top()), "tick", tabular=True) + space[2]
        return QRect(
            left,
            small + space[1],
            max(1, self.width() - left - space[1]),
            max(1, self.height() - 3 * small - 2 * space[1] - 1),
        )

    def _top(self) -> int:
        largest = int(self._counts.max()) if len(self._counts) else 1
        return int(10 ** math.ceil(math.log10(max(largest, 2))))

    def _y(self, count: float, area: QRect) -> float:
        low, high = math.log10(FLOOR), math.log10(self._top())
        share = (math.log10(max(count, FLOOR)) - low) / (high - low)
        return area.bottom() + 1 - share * area.height()

    def _x(self, value: float, area: QRect) -> float:
        low, high = self._edges[0], self._edges[-1]
        return area.left() + (value - low) / max(1e-12, high - low) * area.width()

    def _paint_bands(self, painter: QPainter, area: QRect) -> None:
        if not self._bands:
            return
        small = tokens().line_height[tokens().type["small"]]
        ends = [float(self._edges[0]), *self._bands, float(self._edges[-1])]
        pen = QPen(shade("lineStrong"), tokens().line)
        pen.setDashPattern(list(tokens().plot.band_dash))
        for at, (low, high) in enumerate(pairwise(ends)):
            x1, x2 = self._x(low, area), self._x(high, area)
            if at % 2:
                ground = QRectF(x1, area.top(), x2 - x1, area.height())
                painter.fillRect(ground, shade("sunken"))
            if at:
                painter.setPen(pen)
                x = round(x1) + 0.5
                painter.drawLine(QPointF(x, 0), QPointF(x, area.bottom()))
            room = x2 - x1 - tokens().space[2]
            name = BAND_NAMES[at]
            if at == len(BAND_NAMES) - 1:
                room = self.width() - x1 - tokens().space[1]
            if room >= text_width(name, "caption"):
                line = QRectF(x1 + tokens().space[1] + 2, 0, room, small)
                draw_line_of_text(painter, line, name, "caption", "text2")

    def _paint_counts_axis(self, painter: QPainter, area: QRect) -> None:
        count = 1
        small = tokens().line_height[tokens().type["small"]]
        while count <= self._top():
            y = round(self._y(count, area))
            painter.fillRect(QRectF(area.left(), y, area.width(), tokens().line), shade("grid"))
            line = QRectF(0, y - small / 2, area.left() - tokens().space[2], small)
            draw_line_of_text(painter, line, _count_text(count), "tick", "text3", RIGHT, True)
            count *= 10
        painter.save()
        painter.translate(0, area.center().y())
        painter.rotate(-90)
        half = area.height() / 2
        title = QRectF(-half, 0, 2 * half, small)
        draw_line_of_text(painter, title, "Documents", "column head", "text2", CENTRE)
        painter.restore()

    def _paint_bars(self, painter: QPainter, area: QRect) -> None:
        theme, gap = Theme.current(), tokens().plot.gap_between_bars
        rest = theme.mix("accent", "surface", tokens().plot.bars_mix_to_surface)
        for at, count in enumerate(self._counts):
            if count:
                x1, x2, y = self._bar(at, area)
                is_marked = at in (self._bin, self._chosen)
                colour = theme.colour("accent") if is_marked else rest
                bar = QRectF(x1, y, max(1, x2 - x1 - gap), area.bottom() + 1 - y)
                painter.fillRect(bar, colour)
        if self._bin >= 0:
            x1, x2, y = self._bar(self._bin, area)
            top = QPointF((x1 + x2 - gap) / 2, y)
            draw_dot(painter, top, tokens().space[1] + 0.5, "accent", "surface", 1.5)

    def _bar(self, at: int, area: QRect) -> tuple[int, int, int]:
        x1, x2 = (round(self._x(self._edges[edge], area)) for edge in (at, at + 1))
        return x1, x2, round(self._y(float(self._counts[at]), area))

    def _paint_activation_axis(self, painter: QPainter, area: QRect) -> None:
        small, axis = tokens().line_height[tokens().type["small"]], shade("axis")
        bottom, tick = area.bottom() + 1, tokens().plot.tick
        painter.fillRect(QRectF(area.left(), bottom, area.width(), tokens().line), axis)
        placed: list[QRectF] = []
        ticks = activation_ticks(float(self._edges[0]), float(self._edges[-1]))
        # The ends come first: what has no room beside them is left without a number.
        for value, text in (ticks[0], ticks[-1], *ticks[1:-1]):
            x = self._x(value, area)
            painter.fillRect(QRectF(round(x), bottom, tokens().line, tick), axis)
            wide = text_width(text, "tick", tabular=True)
            left = min(x - wide / 2, self.width() - wide)
            line = QRectF(left, bottom + tick + 1, wide, small)
            gap = tokens().space[1]
            if not any(line.adjusted(-gap, 0, gap, 0).intersects(other) for other in placed):
                draw_line_of_text(painter, line, text, "tick", "text3", CENTRE, tabular=True)
                placed.append(line)
        title = QRectF(area.left(), bottom + tick + small + 2, area.width(), small)
        draw_line_of_text(painter, title, "Activation", "column head", "text2", CENTRE)

    def _bin_at(self, place: QPointF) -> int:
        area = self._area()
        inside = area.adjusted(0, -area.top(), 0, 2).contains(place.toPoint())
        if not inside or not len(self._counts):
            return -1
        share = (place.x() - area.left()) / max(1, area.width())
        value = self._edges[0] + share * (self._edges[-1] - self._edges[0])
        found = int(np.searchsorted(self._edges, value, side="right")) - 1
        return min(max(found, 0), len(self._counts) - 1)

    def show_bin(self, at: int) -> None:
        """Highlights a bin and explains it beside it; -1 hides the card."""
        if at == self._bin:
            return
        self._bin = at
        self.update()
        if at < 0 or not self.isVisible():
            self._card.hide()
            self.setAccessibleDescription("")
            return
        low, high, count = self._edges[at], self._edges[at + 1], int(self._counts[at])
        share = 100 * count / max(1, self._n_active)
        title = f"{low:.3f} to {high:.3f}"
        line = f"{count:,} of {self._n_active:,} documents ({share:.1f} %)"
        area = self._area()
        x1, x2, y = self._bar(at, area)
        target = QRect(
            x1, min(y, area.bottom() - tokens().space[8] * 2), x2 - x1, tokens().space[8]
        )
        self._card.show_beside(
            target.adjusted(-4, -4, 8, 4),
            title,
            [CardLine(line)],
            "Click to read them" if count else "",
        )
        self.setAccessibleDescription(f"{title}: {line}")

    def _open(self) -> None:
        if self._bin >= 0 and self._counts[self._bin]:
            low, high = self._edges[self._bin], self._edges[self._bin + 1]
            self._chosen = self._bin
            self.update()
            self.bin_clicked.emit(float(low), float(high))


def activation_ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Both ends and the round values between two activations, at most eight, with their texts.

    The ends are no round values, so they show one more decimal.
    """
    step = round_step(high - low, 6)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    inner = [
        value
        for value in linear_ticks(low, high, 6)
        if low + 0.2 * step < value < high - 0.2 * step
    ]
    ends = decimals + 1
    return [
        (low, f"{low:.{ends}f}"),
        *((value, f"{value:.{decimals}f}") for value in inner),
        (high, f"{high:.{ends}f}"),
    ]


def _count_text(count: int) -> str:
    return f"{count:,}"
