"""The base of all plots, the head with its two icons, and a small plot of bars."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.theme.theme import apply_to_plots
from saedesk.ui.widgets.buttons import GhostButton
from saedesk.ui.widgets.plot_axis import HouseAxis, TickFormat, number_text
from saedesk.ui.widgets.plot_export import PlotExport
from saedesk.ui.widgets.plot_saving import save_where_asked
from saedesk.ui.widgets.text_label import TextLabel


class Plot(pg.PlotWidget, PlotExport):
    """A plot in house style: no frame, few grid lines, no menu, no zoom by wheel.

    `x_title` and `y_title` carry the units. A subclass owns its items and gives them new data;
    it never makes them anew.
    """

    def __init__(
        self,
        x_title: str = "",
        y_title: str = "",
        log_y: bool = False,
        x_text: TickFormat = number_text,
        y_text: TickFormat = number_text,
        accessible_name: str = "",
        ground: str = "surface",
        parent: QWidget | None = None,
    ) -> None:
        apply_to_plots(Theme.current())
        self.x_axis = HouseAxis("bottom", x_title, tick_text=x_text)
        self.y_axis = HouseAxis("left", y_title, logarithmic=log_y, tick_text=y_text)
        super().__init__(
            parent, enableMenu=False, axisItems={"bottom": self.x_axis, "left": self.y_axis}
        )
        self.log_y, self._ground = log_y, ground
        self.setAccessibleName(accessible_name)
        self.setFrameShape(self.Shape.NoFrame)
        self.plotItem.hideButtons()
        self.plotItem.setMouseEnabled(x=False, y=False)
        space = tokens().space
        self.plotItem.layout.setContentsMargins(0, space[2], space[2], 0)
        for axis in (self.x_axis, self.y_axis):
            axis.setZValue(-1000)
        self.setMenuEnabled(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(space[8] * 4, space[8] * 3)
        Theme.current().changed.connect(self.retheme)
        self.retheme()

    def retheme(self) -> None:
        """Takes the colours of the theme; subclasses give their items new pens here."""
        self.setBackground(Theme.current().colour(self._ground))

    def set_ranges(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """Shows exactly these ranges; `y` in exponents of ten on a logarithmic axis."""
        view = self.plotItem.vb
        view.disableAutoRange()
        view.setRange(xRange=x, yRange=y, padding=0, disableAutoRange=True)
        self.y_axis.fit_width()

    def _draw_on(self, painter: QPainter) -> None:
        # A view's own render has another signature than a widget's.
        self.render(painter, QRectF(self.rect()), self.viewport().rect())

    def wheelEvent(self, event: Any) -> None:
        """A wheel scrolls the page a plot stands in."""
        event.ignore()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        if event is not None and self.y_axis.linkedView() is not None:
            self.y_axis.fit_width()


class Exportable(Protocol):
    """What the head of a plot can copy and save."""

    def copy_image(self) -> None: ...
    def save_png(self, path: Path) -> None: ...
    def save_svg(self, path: Path) -> None: ...
    def save_csv(self, path: Path) -> None: ...


class PlotHead(QWidget):
    """Title and note of a plot; at the right two icons: copy, and save as PNG, SVG or CSV."""

    def __init__(
        self,
        title: str,
        note: str = "",
        plot: Exportable | None = None,
        note_role: str = "caption",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._plot = plot
        self.title = TextLabel(title, "head of a section")
        self.note = TextLabel(note, note_role, "text3", elide=True)
        self._copy = GhostButton(
            "copy", "Copy the plot as an image", accessible_name=f"Copy the plot {title}"
        )
        self._save = GhostButton(
            "download", "Save the plot as PNG, SVG or CSV", accessible_name=f"Save the plot {title}"
        )
        self._copy.clicked.connect(self._on_copy)
        self._save.clicked.connect(self._open_menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens().space[2])
        row.addWidget(self.title)
        row.addWidget(self.note, 1)
        row.addWidget(self._copy)
        row.addWidget(self._save)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_note(self, note: str) -> None:
        """Shows another note."""
        self.note.setText(note)

    def set_plot(self, plot: Exportable) -> None:
        """Sets the plot that is copied and saved."""
        self._plot = plot

    def _on_copy(self) -> None:
        if self._plot is not None:
            self._plot.copy_image()

    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Save as PNG…", self._save_png)
        menu.addAction("Save as SVG…", self._save_svg)
        menu.addAction("Save data as CSV…", self._save_csv)
        menu.popup(self._save.mapToGlobal(QPoint(0, self._save.height())))

    def _save_png(self) -> None:
        if self._plot:
            save_where_asked(self, "png", self._file_name(), self._plot.save_png)

    def _save_svg(self) -> None:
        if self._plot:
            save_where_asked(self, "svg", self._file_name(), self._plot.save_svg)

    def _save_csv(self) -> None:
        if self._plot:
            save_where_asked(self, "csv", self._file_name(), self._plot.save_csv)

    def _file_name(self) -> str:
        return self.title.text().lower().replace(" ", "-").replace(",", "")


class _Bars(pg.GraphicsObject):
    """Bars with gaps of whole pixels at every size of the plot."""

    def __init__(self) -> None:
        super().__init__()
        self.edges, self.heights = np.zeros(2), np.zeros(1)

    def set_data(self, edges: np.ndarray, heights: np.ndarray) -> None:
        self.prepareGeometryChange()
        self.edges, self.heights = edges, heights
        self.update()

    def boundingRect(self) -> QRectF:
        top = float(self.heights.max()) if len(self.heights) else 0.0
        return QRectF(float(self.edges[0]), 0, float(self.edges[-1] - self.edges[0]), top or 1.0)

    def paint(self, painter: QPainter, option: Any, widget: Any) -> None:
        to_device = painter.transform()
        painter.save()
        painter.resetTransform()
        colour = Theme.current().mix("accent", "surface", tokens().plot.bars_mix_to_surface - 0.1)
        gap = tokens().plot.gap_between_bars * (painter.device().devicePixelRatio() or 1)
        for at, height in enumerate(self.heights):
            if height > 0:
                low = to_device.map(float(self.edges[at]), 0.0)
                high = to_device.map(float(self.edges[at + 1]), float(height))
                left, right, top = round(low[0]), round(high[0]), round(high[1])
                bar = QRectF(left, top, max(1, right - left - gap), round(low[1]) - top)
                painter.fillRect(bar, colour)
        painter.restore()


class BarPlot(Plot):
    """A small histogram, e.g. of the densities of all features."""

    def __init__(self, x_title: str, y_title: str = "", **options: Any) -> None:
        super().__init__(x_title, y_title, **options)
        self._bars = _Bars()
        self.addItem(self._bars)

    def set_data(
        self,
        edges: np.ndarray,
        heights: np.ndarray,
        x_ticks: Sequence[tuple[float, str]] | None = None,
    ) -> None:
        """Shows bars between `edges` (n + 1,) of `heights` (n,); `x_ticks` are place and text."""
        self.x_axis.fixed_ticks = list(x_ticks) if x_ticks is not None else None
        edges, heights = np.asarray(edges, np.float64), np.asarray(heights, np.float64)
        self._bars.set_data(edges, heights)
        top = float(heights.max()) if len(heights) and heights.max() > 0 else 1.0
        self.set_ranges((float(edges[0]), float(edges[-1])), (0.0, rounded_up(top)))

    def table(self) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
        bars = self._bars
        rows = zip(bars.edges[:-1], bars.edges[1:], bars.heights, strict=True)
        return ("from", "to", "count"), [tuple(map(float, row)) for row in rows]


def rounded_up(value: float) -> float:
    """The next of 1, 1.2, 1.6, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(value))
    for factor in (1, 1.2, 1.6, 2, 2.5, 3, 4, 5, 6, 8, 10):
        if power * factor >= value * (1 - 1e-9):
            return float(power * factor)
    return float(value)
