"""What every plot can be turned into: an image on the clipboard, PNG, SVG, CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QPoint, QRect, QSize
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from saedesk.errors import KnownError, OutOfRoom
from saedesk.project.atomic_files import write_bytes
from saedesk.ui.widgets.painting import shade

IMAGE_RATIO = 2
"""Pixels of a saved image for each device-independent pixel."""


class PlotExport:
    """Mixed into a widget; the widget says what its data are with `table()`."""

    def table(self) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
        """Heads and rows of the data the plot shows."""
        raise NotImplementedError

    def to_csv(self) -> str:
        """The data the plot shows as CSV with a head line."""
        heads, rows = self.table()
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(heads)
        writer.writerows(rows)
        return out.getvalue()

    def image(self) -> QImage:
        """The plot on the surface colour, twice as fine as on the screen."""
        widget = self._widget()
        made = QImage(widget.size() * IMAGE_RATIO, QImage.Format.Format_ARGB32_Premultiplied)
        made.setDevicePixelRatio(IMAGE_RATIO)
        made.fill(shade("surface"))
        painter = QPainter(made)
        try:
            self._draw_on(painter)
        finally:
            painter.end()
        return made

    def copy_image(self) -> None:
        """Puts the plot on the clipboard."""
        QGuiApplication.clipboard().setImage(self.image())

    def save_png(self, path: Path) -> None:
        """Saves the plot as PNG; raises `KnownError` where the file cannot be written."""
        picture = QBuffer()
        self.image().save(picture, "PNG")
        _write(path, picture.data().data())

    def save_svg(self, path: Path) -> None:
        """Saves the plot as SVG; raises `KnownError` where the file cannot be written."""
        widget = self._widget()
        drawing = QBuffer()
        generator = QSvgGenerator()
        generator.setOutputDevice(drawing)
        generator.setSize(QSize(widget.size()))
        generator.setViewBox(QRect(QPoint(0, 0), widget.size()))
        painter = QPainter(generator)
        try:
            painter.fillRect(QRect(QPoint(0, 0), widget.size()), shade("surface"))
            self._draw_on(painter)
        finally:
            # A device that goes while it is painted on takes the program with it.
            painter.end()
        _write(path, drawing.data().data())

    def save_csv(self, path: Path) -> None:
        """Saves the data as CSV; raises `KnownError` where the file cannot be written."""
        _write(path, self.to_csv().encode())

    def _draw_on(self, painter: QPainter) -> None:
        """Draws the widget as it stands on the screen."""
        self._widget().render(painter, QPoint(0, 0), renderFlags=QWidget.RenderFlag.DrawChildren)

    def _widget(self) -> QWidget:
        assert isinstance(self, QWidget)
        return self


def _write(path: Path, content: bytes) -> None:
    try:
        write_bytes(Path(path), content)
    except (OutOfRoom, OSError) as error:
        cause = error.__cause__ if isinstance(error, OutOfRoom) else error
        reason = getattr(cause, "strerror", None) or "the folder refuses it"
        raise KnownError(
            f"{path} could not be written ({reason}): choose another place."
        ) from error
