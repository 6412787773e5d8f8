"""The edges of a family's tree: curves in three widths, pale or dashed where they are doubtful."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QPointF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from saedesk.ui.family_panels.family_layout import FamilyTree
from saedesk.ui.family_panels.family_marks import draw_lines
from saedesk.ui.family_panels.node_sizes import (
    edge_colour,
    edge_widths,
    stability_classes,
    strength_classes,
)
from saedesk.ui.family_panels.tree_labels import PlacedTree
from saedesk.ui.family_panels.viewing import Viewing
from saedesk.ui.theme import Theme, tokens

DOUBTFUL_ALPHA = (1.0, 0.6, 0.6)
"""How strongly edges of each class of stability are drawn; the last one is also dashed."""
CURVE_POINTS = 16
CROWD = 30
"""More edges than these from one node are hairlines."""
CROWD_MIXES = (0.5, 0.25, 0.0)
"""How far hairlines of each class of strength are mixed into the ground."""


class TreeEdges:
    """Paints the edges of the visible part of a family and says where they run."""

    def __init__(self, placed: PlacedTree, edge_stability: Mapping[tuple[int, int], float]) -> None:
        self._placed, self._tree = placed, placed.tree
        self._strengths = strength_classes(np.nan_to_num(self._tree.weights))
        self._stability = stability_classes(_stability(self._tree, edge_stability))
        parents = np.maximum(self._tree.parents, 0)
        self._siblings = np.bincount(parents, minlength=len(self._tree))[parents]

    def ends(self, viewing: Viewing, radii: np.ndarray, shown: np.ndarray) -> np.ndarray:
        """(n, 4): where the edge above each node begins and ends; the root's is a point.

        radii: (n,) of the nodes in pixels; shown: (n,) whether a node has its label.
        """
        screen = viewing.to_screen(self._placed.places)
        parents = np.maximum(self._tree.parents, 0)
        space = tokens().space
        right = np.where(shown, self._placed.edge_starts, radii + space[1])
        x1 = screen[:, 0] - radii - space[1] / 2
        x0 = np.minimum(screen[parents, 0] + right[parents], x1 - space[2])
        x0 = np.maximum(x0, screen[parents, 0] + radii[parents])
        ends = np.column_stack([x0, screen[parents, 1], x1, screen[:, 1]])
        ends[0] = np.concatenate([screen[0], screen[0]])
        return ends

    @staticmethod
    def curves(ends: np.ndarray) -> np.ndarray:
        """(n, CURVE_POINTS, 2): points on the edge above each node."""
        t = np.linspace(0, 1, CURVE_POINTS)[None, :]
        x0, y0, x1, y1 = (ends[:, at, None] for at in range(4))
        middle = (x0 + x1) / 2
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3
        x = a * x0 + b * middle + c * middle + d * x1
        return np.stack([x, (a + b) * y0 + (c + d) * y1], axis=2)

    def paint(
        self,
        painter: QPainter,
        ends: np.ndarray,
        scale: float,
        size: QSizeF,
        chosen: int | None,
    ) -> None:
        """Draw what is in view; `chosen` is the place of the selected node."""
        low, high = np.minimum(ends[:, 1], ends[:, 3]), np.maximum(ends[:, 1], ends[:, 3])
        in_view = (high >= 0) & (low <= size.height()) & (ends[:, 2] >= 0)
        in_view &= ends[:, 0] <= size.width()
        in_view[0] = False
        tones = np.array([self._tone(place, chosen) for place in range(len(self._tree))])
        in_crowd = in_view & (self._siblings > CROWD) & (tones == 0)
        which = np.flatnonzero(in_crowd)
        self._paint_crowd(painter, self.curves(ends[which]), self._strengths[which], size)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        singly = np.flatnonzero(in_view & ~in_crowd)
        # The chosen ones lie on top.
        pens: dict[tuple[int, int, int], QPen] = {}
        for place in singly[np.argsort(tones[singly], kind="stable")].tolist():
            kind = int(tones[place]), int(self._strengths[place]), int(self._stability[place])
            if kind not in pens:
                pens[kind] = _pen(*kind, scale)
            painter.setPen(pens[kind])
            painter.drawPath(_curve(*ends[place].tolist()))

    @staticmethod
    def _paint_crowd(
        painter: QPainter, curves: np.ndarray, strengths: np.ndarray, size: QSizeF
    ) -> None:
        """Hairlines, stronger edges darker: wide ones from one point would be a dark mass, and
        hundreds of curves would take longer than a frame."""
        starts, ends = curves[:, :-1].reshape(-1, 2), curves[:, 1:].reshape(-1, 2)
        strengths = np.repeat(strengths, CURVE_POINTS - 1)
        seen = (np.maximum(starts, ends) >= 0).all(axis=1)
        seen &= (np.minimum(starts, ends) <= (size.width(), size.height())).all(axis=1)
        for strength, mix in enumerate(CROWD_MIXES):
            some = seen & (strengths == strength)
            pen = QPen(Theme.current().mix(edge_colour(), "surface", mix), 1)
            draw_lines(painter, starts[some], ends[some], pen)

    def _tone(self, place: int, chosen: int | None) -> int:
        """2 for the edge above the selected node, 1 for those below it, 0 for all others."""
        if chosen is None:
            return 0
        return 2 if place == chosen else int(self._tree.parents[place] == chosen)


def _curve(x0: float, y0: float, x1: float, y1: float) -> QPainterPath:
    path = QPainterPath(QPointF(x0, y0))
    middle = (x0 + x1) / 2
    path.cubicTo(QPointF(middle, y0), QPointF(middle, y1), QPointF(x1, y1))
    return path


def _pen(tone: int, strength: int, stability: int, scale: float) -> QPen:
    theme, mixes = Theme.current(), tokens().graph["level_mix_to_surface"]
    colour = edge_colour()
    if tone:
        colour = theme.mix("accent", "surface", 0.0 if tone == 2 else mixes[-1])
    colour.setAlphaF(DOUBTFUL_ALPHA[stability])
    pen = QPen(colour, edge_widths()[strength] * min(1.0, scale + 0.2))
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if stability == 2:
        width = max(1.0, pen.widthF())
        pen.setDashPattern([dash / width for dash in tokens().plot.forecast_dash])
    return pen


def _stability(tree: FamilyTree, shares: Mapping[tuple[int, int], float]) -> np.ndarray:
    """(n,) float64: of the edge above each node, NaN where it was not measured."""
    found = np.full(len(tree), np.nan)
    for place in range(1, len(tree)):
        pair = (int(tree.latents[tree.parents[place]]), int(tree.latents[place]))
        found[place] = shares.get(pair, np.nan)
    return found
