"""A number or date field among the filters: a small histogram with two handles."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from saedesk.corpus.document import FieldType
from saedesk.jobs.corpus_columns import Binning, NumberColumn
from saedesk.ui.corpus_panels.corpus_view import CorpusView
from saedesk.ui.field_titles import shown_name
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.painting import draw_rounded, shade
from saedesk.ui.widgets.plain_tooltip import escaped
from saedesk.ui.widgets.section_head import SectionHead
from saedesk.ui.widgets.text_label import TextLabel

BLEED = 5
"""Device-independent pixels by which handles reach over the ends of the bars."""
BAR_MIX = 0.25
"""Share of the panel's ground in the colour of a bar."""


class RangeBrush(QWidget):
    """Bars of documents with two handles; a drag over bars chooses a new range.

    Left and right move a handle, up and down change which, Delete takes the range away.
    """

    range_changed = Signal(object)
    """(first bin, last bin), or None for all."""

    def __init__(self, binning: Binning, name: str, height: int) -> None:
        super().__init__()
        self._binning, self._name = binning, name
        self._counts = np.zeros(binning.n_bins, np.int64)
        self._range: tuple[int, int] | None = None
        self._dragged: str | None = None
        self._anchor = 0
        self._key_handle = "low"
        self.setAccessibleName(f"Range of {name}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        # The handles at the ends need room beyond the bars.
        self._side = BLEED
        self.setFixedHeight(height)

    @property
    def chosen(self) -> tuple[int, int] | None:
        """The first and last bin of the range, or None."""
        return self._range

    def set_counts(self, counts: np.ndarray) -> None:
        """Shows other counts."""
        self._counts = counts
        self.update()

    def set_range(self, bins: tuple[int, int] | None) -> None:
        """Shows another range without telling."""
        self._range = bins
        text = self._binning.range_text(*bins) if bins else "everything"
        self.setAccessibleDescription(text)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 4, self.height())

    def bin_at(self, x: float) -> int:
        """The bin under a place from the left."""
        share = (x - self._side) / max(1.0, self.width() - 2 * self._side)
        return int(np.clip(np.floor(share * self._binning.n_bins), 0, self._binning.n_bins - 1))

    def edge_x(self, edge: int) -> int:
        """Where the edge between two bins lies."""
        room = self.width() - 2 * self._side
        return round(self._side + edge * room / self._binning.n_bins)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        x = event.position().x()
        self._dragged = self._handle_at(x)
        self._anchor = self.bin_at(x)
        if self._dragged is None:
            self._dragged = "new"
            self._choose(self._anchor, self._anchor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._dragged is None:
            over = self._handle_at(x) is not None
            shape = Qt.CursorShape.SizeHorCursor if over else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)
            return
        low, high = self._range or (0, self._binning.n_bins - 1)
        if self._dragged == "low":
            self._choose(min(self.bin_at(x + self._half_bin()), high), high)
        elif self._dragged == "high":
            self._choose(low, max(self.bin_at(x - self._half_bin()), low))
        else:
            here = self.bin_at(x)
            self._choose(min(here, self._anchor), max(here, self._anchor))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._tell(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(key)
        if step is not None:
            low, high = self._range or (0, self._binning.n_bins - 1)
            if self._key_handle == "low":
                low = min(max(0, low + step), high)
            else:
                high = max(min(self._binning.n_bins - 1, high + step), low)
            self._choose(low, high)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._key_handle = "high" if self._key_handle == "low" else "low"
            self.update()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._tell(None)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = self.bin_at(event.pos().x())
            text = f"{self._binning.range_text(at, at)}: {self._counts[at]:,} documents"
            QToolTip.showText(event.globalPos(), escaped(text), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        inside = Theme.current().mix("accent", "panel", BAR_MIX)
        low, high = self._range or (0, self._binning.n_bins - 1)
        bottom = self.height() - tokens().line
        most = max(1, int(self._counts.max()))
        room = bottom - 2
        gap = tokens().plot.gap_between_bars
        for at, count in enumerate(self._counts):
            if count:
                x1, x2 = self.edge_x(at), self.edge_x(at + 1)
                height = max(2, round(room * count / most))
                colour = inside if low <= at <= high else shade("text4")
                wide = max(1, x2 - x1 - (gap if x2 - x1 > 2 * gap else 0))
                painter.fillRect(QRectF(x1, bottom - height, wide, height), colour)
        line = QRectF(self._side, bottom, self.width() - 2 * self._side, tokens().line)
        painter.fillRect(line, shade("axis"))
        if self._range is not None or self.hasFocus():
            self._paint_handle(painter, self.edge_x(low), self._key_handle == "low")
            self._paint_handle(painter, self.edge_x(high + 1), self._key_handle == "high")

    def _paint_handle(self, painter: QPainter, x: int, has_keys: bool) -> None:
        line, grid = tokens().line, tokens().grid
        painter.fillRect(QRectF(x - line, 0, line + 0.5, self.height()), shade("accent"))
        middle = (self.height() - line) / 2 + line
        grip = QRectF(x - grid - 0.5, middle - 2.5 * grid, 2 * grid, 5 * grid)
        focus = self.hasFocus() and has_keys
        width = float(tokens().focus_ring.width) if focus else 1.5
        ground = "accentSoft" if focus else "control"
        draw_rounded(painter, grip, grid - line, ground, "accent", width)

    def _half_bin(self) -> float:
        return (self.width() - 2 * self._side) / self._binning.n_bins / 2

    def _handle_at(self, x: float) -> str | None:
        if self._range is None:
            return None
        reach = tokens().grid + 2
        ends = {"low": self.edge_x(self._range[0]), "high": self.edge_x(self._range[1] + 1)}
        near = min(ends, key=lambda name: abs(ends[name] - x))
        return near if abs(ends[near] - x) <= reach else None

    def _choose(self, low: int, high: int) -> None:
        everything = (low, high) == (0, self._binning.n_bins - 1)
        self._tell(None if everything and self._dragged != "new" else (low, high))

    def _tell(self, bins: tuple[int, int] | None) -> None:
        if bins != self._range:
            self.set_range(bins)
            self.range_changed.emit(bins)


class RangeFacet(QWidget):
    """Head with the chosen range, the brush, the ends of the axis."""

    def __init__(
        self, view: CorpusView, column: NumberColumn, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        assert column.binning is not None
        self._view, self._column, self._binning = view, column, column.binning
        title = shown_name(column.name) if column.name else "Length"
        space = tokens().space
        tall = space[8] + space[6] if column.type is FieldType.DATE else space[8] + space[2]
        self._unit = "" if column.name else "words"
        self._head = SectionHead(title, self._unit)
        self.brush = RangeBrush(self._binning, title, tall)
        self.brush.range_changed.connect(self._on_range)
        ends = QHBoxLayout()
        ends.addWidget(TextLabel(self._binning.low_texts[0], "tick", "text2", tabular=True))
        ends.addStretch(1)
        ends.addWidget(TextLabel(self._binning.high_texts[-1], "tick", "text2", tabular=True))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, space[2], 0, space[2])
        layout.setSpacing(space[1])
        layout.addWidget(self._head)
        layout.addWidget(self.brush)
        layout.addLayout(ends)
        for inner in (self._head, ends):
            inner.setContentsMargins(BLEED, 0, BLEED, 0)

    @property
    def tab_stops(self) -> tuple[QWidget, ...]:
        """What the Tab key visits, in order."""
        return (self.brush,)

    def set_counts(self, counts: np.ndarray) -> None:
        """Shows how many documents fall into each bin, and the range in force."""
        bins = self._view.filter.ranges.get(self._column.name)
        self.brush.set_range(bins)
        self.brush.set_counts(counts)
        self._head.note.set_role("label" if bins else "caption")
        self._head.note.set_colour("accent" if bins else "text3")
        self._head.set_note(self._binning.range_text(*bins) if bins else self._unit)

    @Slot(object)
    def _on_range(self, bins: object) -> None:
        self._view.set_range(self._column.name, bins)  # type: ignore[arg-type]
