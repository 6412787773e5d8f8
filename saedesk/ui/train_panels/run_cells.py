"""The first and the last cell of a run: the box in its colour, and its state."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from saedesk.ui.theme import Theme, tokens
from saedesk.ui.train_panels.run_book import RunBook
from saedesk.ui.train_panels.training_run import Run
from saedesk.ui.widgets.check_marks import draw_check_box
from saedesk.ui.widgets.chips import CHIP_ROLE, draw_chip
from saedesk.ui.widgets.painting import draw_line_of_text, text_width
from saedesk.ui.widgets.progress_ring import draw_ring
from saedesk.ui.widgets.row_table_model import CellState


class RunCells:
    """What the cells say, and how they are painted."""

    def __init__(self, book: RunBook) -> None:
        self._book = book

    def drawn(self, id: int) -> str:
        """Whether the curves of a run are in the plots."""
        run = self._book.run(id)
        if run is not None and run.is_loaded:
            return "has no curves"
        return "not in the plots" if self._book.series_of(id) is None else "in the plots"

    def state(self, id: int) -> str:
        """“in use”, “training 21 %”, “stopped at 40 %”; "" where there is nothing to say."""
        run = self._book.run(id)
        if run is None:
            return ""
        if run.is_live or run.unfinished is not None:
            at = "at " if run.state == "stopped" else ""
            return f"{run.state} {at}{percent(run)}"
        if run.in_use:
            return "in use"
        if not run.analysed:
            return "not analysed"
        return run.state if run.state in ("stopped early", "settled", "loaded") else ""

    def paint_box(self, painter: QPainter, rect: QRectF, state: CellState) -> None:
        """The box that draws a run; none where there is no curve to draw."""
        run = self._book.run(state.row_id)
        if run is not None and run.is_loaded:
            return
        series = self._book.series_of(state.row_id)
        colour = "accent" if series is None else Theme.current().series(series)
        draw_check_box(painter, rect, series is not None, colour)

    def paint_state(self, painter: QPainter, rect: QRectF, state: CellState) -> None:
        """A ring while it is trained, a pill while it is in use, else a quiet word."""
        run = self._book.run(state.row_id)
        if run is None:
            return
        if run.is_live:
            edge = tokens().icon
            ring = QRectF(rect.left(), rect.center().y() - edge / 2, edge, edge)
            draw_ring(painter, ring.adjusted(1, 1, -1, -1), run.share)
            room = rect.adjusted(edge + tokens().space[2], 0, 0, 0)
            told = "paused" if run.state == "paused" else percent(run)
            draw_line_of_text(painter, room, told, "label", "accentText", tabular=True)
            return
        text = self.state(state.row_id)
        if run.in_use or run.unfinished is not None:
            width = text_width(text, CHIP_ROLE) + 2 * tokens().space[2]
            chip = QRectF(rect.left(), 0, width, tokens().space[5])
            chip.moveTop(round(rect.center().y() - chip.height() / 2))
            draw_chip(painter, chip, text, "accent" if run.in_use else "plain")
        else:
            draw_line_of_text(painter, rect, text, "caption", "text3")


def percent(run: Run) -> str:
    """“21 %”, rounded as in the footer."""
    return f"{run.share:.0%}".replace("%", " %")
