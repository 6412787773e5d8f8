"""One family drawn from left to right: nodes, labels that fit, curved edges in three widths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter

from saedesk.report.number_texts import share_text
from saedesk.ui.family_panels.family_marks import (
    DotStamps,
    draw_dots,
    draw_lines_of_text,
)
from saedesk.ui.family_panels.kept_layers import KeptLayers
from saedesk.ui.family_panels.label_places import chosen_labels, covers, level_of, scales_of
from saedesk.ui.family_panels.node_colours import NodeColours, level_steps, palette
from saedesk.ui.family_panels.tree_edges import CURVE_POINTS, TreeEdges
from saedesk.ui.family_panels.tree_labels import PlacedTree
from saedesk.ui.family_panels.viewing import Viewing
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.painting import CENTRE, LEFT, draw_line_of_text, draw_rounded, text_width

NODE, EDGE, MORE = "node", "edge", "more"
SMALLEST_ZOOM, LARGEST_ZOOM = 0.4, 1.0
"""Between these scales nodes grow with the picture."""
MANY = 60
"""Nodes from which they are stamped instead of drawn one by one."""
LEVELS = 16
"""Ranges of scales between one and twice that in which the same labels are shown."""
ROW_GAP = 3.0
"""Of the height of a line above and below its letters, what may lie on another line's."""
REACH = 5.0
"""Pixels from a curve at which the mouse is on it."""


@dataclass(frozen=True)
class TreeHit:
    """What is under the mouse: a node, the edge above a node, or the sign for what is folded."""

    kind: str
    latent: int


class TreeDrawing:
    """Paints the visible part of a family; `selected` and `hovered` may change at any time."""

    def __init__(
        self,
        placed: PlacedTree,
        colours: NodeColours | None = None,
        edge_stability: Mapping[tuple[int, int], float] | None = None,
    ) -> None:
        self.placed, self.tree = placed, placed.tree
        self.selected: int | None = None
        self.chosen_share: float | None = None
        """What stands on the edge above the selected feature."""
        self.hovered: TreeHit | None = None
        self._colours = colours
        self._edges = TreeEdges(placed, edge_stability or {})
        self._steps = (
            level_steps(self.tree.depths) if colours is None else colours.steps(self.tree.latents)
        )
        self._chosen: dict[int, np.ndarray] = {}
        self._stamps: DotStamps | None = None
        self._layers = KeptLayers()

    @property
    def bounds(self) -> QRectF:
        """The whole picture at scale 1."""
        return self.placed.bounds_at(1.0)

    def bounds_at(self, scale: float) -> QRectF:
        """The whole picture with all labels at a scale."""
        return self.placed.bounds_at(scale)

    @property
    def start(self) -> QPointF:
        """The root."""
        return QPointF(*self.placed.places[0])

    def place_of(self, latent: int | None) -> int | None:
        """Where a visible feature stands in the tree's arrays."""
        return None if latent is None else self.tree.place_of(latent)

    def node_rect(self, latent: int) -> QRectF:
        """A node with its label, at scale 1."""
        place = self.tree.place_of(latent)
        assert place is not None
        return self.placed.node_rect(place)

    def target(self, hit: TreeHit, viewing: Viewing) -> QRectF:
        """What a card about `hit` must not cover, in pixels of the view."""
        place = self.tree.place_of(hit.latent)
        assert place is not None
        if hit.kind == EDGE:
            middle = self._curves(viewing)[place][CURVE_POINTS // 2]
            return QRectF(middle[0] - REACH, middle[1] - REACH, 2 * REACH, 2 * REACH)
        x, y = viewing.to_screen(self.placed.places)[place]
        if hit.kind == MORE:
            return self._more_rect(place, x, y)
        radius = self._radii(viewing)[place]
        node = QRectF(x - radius, y - radius, 2 * radius, 2 * radius)
        shown = self._labels_shown(viewing)[place]
        return node.united(self._label_rect(place, x, y)) if shown else node

    def hit(self, viewing: Viewing, x: float, y: float) -> TreeHit | None:
        """What lies under a pixel of the view."""
        screen = viewing.to_screen(self.placed.places)
        labelled, near = self._labels_shown(viewing), self._radii(viewing) + 4
        inside = (np.abs(screen[:, 0] - x) <= near) & (np.abs(screen[:, 1] - y) <= near)
        rects = self.placed.label_rects + np.concatenate([screen, screen], axis=1)
        in_label = (rects[:, 0] - 8 <= x) & (x <= rects[:, 2])
        in_label &= (rects[:, 1] <= y) & (y <= rects[:, 3]) & labelled
        for place in np.flatnonzero(self.placed.hidden):
            if self._more_rect(int(place), *screen[place]).contains(x, y):
                return TreeHit(MORE, int(self.tree.latents[place]))
        found = np.flatnonzero(inside | in_label)
        if len(found):
            nearest = found[np.argmin(np.abs(screen[found] - (x, y)).sum(axis=1))]
            return TreeHit(NODE, int(self.tree.latents[nearest]))
        if len(self.tree) < 2:
            return None
        apart = np.linalg.norm(self._curves(viewing)[1:] - (x, y), axis=2).min(axis=1)
        nearest = int(np.argmin(apart))
        return (
            TreeHit(EDGE, int(self.tree.latents[nearest + 1])) if apart[nearest] <= REACH else None
        )

    def paint(self, painter: QPainter, viewing: Viewing, size: QSizeF, exact: bool) -> None:
        """Draw what is in view; `exact` with shapes instead of stamps, for files."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        screen = viewing.to_screen(self.placed.places)
        radii = self._radii(viewing)

        def tree(to: QPainter) -> None:
            ends = self._edges.ends(viewing, radii, self._labels_shown(viewing))
            self._edges.paint(to, ends, viewing.scale, size, self.place_of(self.selected))
            self._paint_nodes(to, screen, radii, exact)
            self._paint_labels(to, viewing, screen, size)
            self._paint_share(to, viewing)

        surface, ratio = Theme.current().colour("surface"), painter.device().devicePixelRatio()
        sign = self.hovered if self.hovered and self.hovered.kind == MORE else None
        look = viewing, size, ratio, surface.rgba(), self.selected, self.chosen_share, sign
        if exact or not self._layers.is_same(look):
            tree(painter)
        else:
            self._layers.draw(painter, "tree", size, surface, tree)
        self._paint_rings(painter, screen, radii)

    def prepare(self, scales: tuple[float, float]) -> bool:
        """Choose labels for one more range of scales between two; whether more are left."""
        for level in range(level_of(scales[0], LEVELS), level_of(min(1.0, scales[1]), LEVELS)):
            if level not in self._chosen:
                self._labels_shown(Viewing(scales_of(level, LEVELS)[0]))
                return True
        return False

    def _radii(self, viewing: Viewing) -> np.ndarray:
        return self.placed.radii * node_scale(viewing.scale)

    def _curves(self, viewing: Viewing) -> np.ndarray:
        ends = self._edges.ends(viewing, self._radii(viewing), self._labels_shown(viewing))
        return self._edges.curves(ends)

    def _labels_shown(self, viewing: Viewing) -> np.ndarray:
        """(n,) bool: at scale 1 the layout has room for all of them."""
        if viewing.scale >= 1 - 1e-9:
            return np.ones(len(self.tree), bool)
        level = level_of(viewing.scale, LEVELS)
        if level not in self._chosen:
            self._chosen[level] = self._labels_that_fit(scales_of(level, LEVELS))
        return self._chosen[level]

    def _labels_that_fit(self, scales: tuple[float, float]) -> np.ndarray:
        """(n,) bool: labels that lie on no other, on no node and on no edge."""
        order = np.lexsort((-self.tree.densities, self.tree.depths))
        rects = self.placed.label_rects + (0, ROW_GAP, 0, -ROW_GAP)
        shown = np.ones(len(self.tree), bool)
        # An edge begins where the label before it ends: without that label it is another one.
        for _ in range(2):
            for scale in scales:
                shown &= ~self._struck(rects, scale, shown)
            some = order[shown[order]]
            kept = rects[some]
            shown[:] = False
            shown[some] = chosen_labels(
                self.placed.places[some],
                kept[:, :2],
                kept[:, 2:] - kept[:, :2],
                scales,
                self.placed.places,
            )
        return shown

    def _struck(self, rects: np.ndarray, scale: float, shown: np.ndarray) -> np.ndarray:
        """(n,) bool: labels with an edge through them."""
        viewing = Viewing(scale)
        screen = viewing.to_screen(self.placed.places)
        ends = self._edges.ends(viewing, self._radii(viewing), shown)
        points = self._edges.curves(ends)[1:].reshape(-1, 2)
        placed = rects + np.concatenate([screen, screen], axis=1)
        return covers(placed[:, :2], placed[:, 2:], points)

    def _paint_nodes(
        self, painter: QPainter, screen: np.ndarray, radii: np.ndarray, exact: bool
    ) -> None:
        shades = palette(self._colours)
        if not exact and len(self.tree) > MANY and self._colours is None:
            stamps = DotStamps(shades, painter.device().devicePixelRatio())
            if self._stamps is None or self._stamps.key != stamps.key:
                self._stamps = stamps
            self._stamps.draw(painter, screen, radii, self._steps)
            return
        for step in np.unique(self._steps):
            which = np.flatnonzero(self._steps == step)
            draw_dots(painter, screen[which], radii[which], shades[step])
            if self._colours is not None:
                outline = Theme.current().colour("lineControl")
                draw_dots(painter, screen[which], radii[which], outline, tokens().line)

    def _paint_rings(self, painter: QPainter, screen: np.ndarray, radii: np.ndarray) -> None:
        theme, ring = Theme.current(), tokens().focus_ring
        hovered = self.hovered.latent if self.hovered and self.hovered.kind == NODE else None
        for latent, colour in ((hovered, "lineControl"), (self.selected, "accent")):
            place = self.place_of(latent)
            if place is not None:
                around = radii[[place]] + ring.gap + ring.width / 2
                draw_dots(painter, screen[[place]], around, theme.colour(colour), ring.width - 0.5)

    def _label_rect(self, place: int, x: float, y: float) -> QRectF:
        left, top, right, bottom = self.placed.label_rects[place]
        return QRectF(x + left, y + top, right - left, bottom - top)

    def _more_rect(self, place: int, x: float, y: float) -> QRectF:
        height = tokens().line_height[tokens().type["small"]]
        right = x + self.placed.edge_starts[place] - tokens().space[1]
        width = self.placed.more_widths[place]
        return QRectF(right - width, y - height / 2, width, height)

    def _paint_labels(
        self, painter: QPainter, viewing: Viewing, screen: np.ndarray, size: QSizeF
    ) -> None:
        rects = self.placed.label_rects + np.concatenate([screen, screen], axis=1)
        # What is hidden has its sign right of the label.
        right = rects[:, 2] + np.where(self.placed.hidden > 0, self.placed.edge_starts, 0)
        shown = self._labels_shown(viewing) & (rects[:, 3] >= 0) & (rects[:, 1] <= size.height())
        shown &= (right >= 0) & (rects[:, 0] <= size.width())
        for place in np.flatnonzero(shown):
            x, y = screen[place]
            strong = place == 0 or self.tree.latents[place] == self.selected
            role = "head of a section" if strong else "label"
            lines = self.placed.lines[place]
            draw_lines_of_text(painter, self._label_rect(place, x, y), lines, role, "text1", LEFT)
            if self.placed.hidden[place]:
                self._paint_more(painter, int(place), x, y)

    def _paint_more(self, painter: QPainter, place: int, x: float, y: float) -> None:
        rect = self._more_rect(place, x, y)
        hit = TreeHit(MORE, int(self.tree.latents[place]))
        ground = "accentSoft" if self.hovered == hit else "track"
        colour = "accentText" if self.hovered == hit else "text2"
        draw_rounded(painter, rect, rect.height() / 2, ground)
        draw_line_of_text(painter, rect, f"+{self.placed.hidden[place]:,}", "chip", colour, CENTRE)

    def _paint_share(self, painter: QPainter, viewing: Viewing) -> None:
        """The number of the chosen edge, on the edge."""
        place = self.place_of(self.selected)
        if not place or self.chosen_share is None:
            return
        text = share_text(self.chosen_share)
        x, y = self._curves(viewing)[place][CURVE_POINTS // 2]
        width, height = (
            text_width(text, "tick", tabular=True) + tokens().space[2],
            tokens().space[4],
        )
        rect = QRectF(x - width / 2, y - height / 2, width, height)
        draw_rounded(painter, rect, height / 2, "surface", "accent")
        draw_line_of_text(painter, rect, text, "tick", "accentText", CENTRE, tabular=True)


def node_scale(scale: float) -> float:
    """How much larger than in the layout nodes are at a scale of the picture."""
    return float(np.clip(scale, SMALLEST_ZOOM, LARGEST_ZOOM))
