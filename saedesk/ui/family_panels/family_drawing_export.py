"""A picture of families as a page of its own: title, drawing, legend; the whole, at full size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QRectF, QSize, QSizeF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from saedesk.features.families.edited_families import ShownFamily
from saedesk.ui.family_panels.family_legend import FamilyLegend
from saedesk.ui.family_panels.viewing import Drawing, Viewing
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.painting import draw_hairline, draw_line_of_text
from saedesk.ui.widgets.plot_export import PlotExport

LARGEST_EDGE = 6000.0
"""Pixels of a page's longer edge; a larger drawing is made smaller."""
LEAST_WIDTH = 560.0
TITLE_ROLE = "head of a view"


EDGE_HEADS = (
    "family",
    "family_name",
    "parent",
    "parent_label",
    "child",
    "child_label",
    "weight",
    "child_density",
)


def edge_rows(
    families: Sequence[ShownFamily],
    names: Mapping[int, str],
    texts: Mapping[int, str],
    densities: np.ndarray,
) -> list[tuple[object, ...]]:
    """All edges of some families as EDGE_HEADS names them; weights and densities are shares."""
    return [
        (
            family.root,
            names.get(family.root, ""),
            edge.parent,
            texts.get(edge.parent, ""),
            edge.child,
            texts.get(edge.child, ""),
            edge.weight,
            float(densities[edge.child]),
        )
        for family in families
        for edge in family.edges
    ]


class FamilySheet(QWidget, PlotExport):
    """Never shown: it has the size of the page and paints it."""

    def __init__(
        self,
        title: str,
        drawing: Drawing,
        legend: FamilyLegend,
        rows: Sequence[Sequence[object]],
    ) -> None:
        super().__init__()
        self._title, self._drawing, self._legend = title, drawing, legend
        self._rows = rows
        bounds, margin = drawing.bounds, tokens().padding.work_area
        longest = max(bounds.width(), bounds.height())
        self._scale = min(1.0, LARGEST_EDGE / longest)
        bounds = self._bounds = drawing.bounds_at(self._scale)
        width = max(LEAST_WIDTH, bounds.width() * self._scale)
        self._above = Theme.current().line_height(TITLE_ROLE) + tokens().space[4]
        height = bounds.height() * self._scale
        below = tokens().space[5] + legend.height_in(width)
        self.resize(
            QSize(round(width + 2 * margin), round(height + self._above + below + 2 * margin))
        )

    def table(self) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
        """The edges of the drawing."""
        return EDGE_HEADS, self._rows

    def _draw_on(self, painter: QPainter) -> None:
        margin, bounds, scale = tokens().padding.work_area, self._bounds, self._scale
        width, height = self.width() - 2 * margin, bounds.height() * scale
        line = Theme.current().line_height(TITLE_ROLE)
        title = QRectF(margin, margin, width, line)
        draw_line_of_text(painter, title, self._title, TITLE_ROLE)
        painter.save()
        painter.translate(margin, margin + self._above)
        indent = (width / scale - bounds.width()) / 2
        viewing = Viewing(scale, bounds.left() - indent, bounds.top())
        self._drawing.paint(painter, viewing, QSizeF(width, height), True)
        painter.restore()
        top = margin + self._above + height + tokens().space[4]
        draw_hairline(painter, margin, top, margin + width, top)
        self._legend.draw(painter, margin, top + tokens().space[1], width)
