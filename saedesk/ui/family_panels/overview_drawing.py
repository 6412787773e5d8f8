"""All families in the plane, drawn by the thousand: discs, edges, nodes, names that fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from saedesk.ui.family_panels.family_marks import DotStamps, HaloTexts, draw_dots, draw_lines
from saedesk.ui.family_panels.kept_layers import KeptLayers
from saedesk.ui.family_panels.node_colours import NodeColours, faded, level_steps, palette
from saedesk.ui.family_panels.node_sizes import edge_colour, edge_widths, strength_classes
from saedesk.ui.family_panels.overview_labels import OverviewLabels
from saedesk.ui.family_panels.overview_layout import OverviewLayout
from saedesk.ui.family_panels.viewing import Viewing, crossing, in_view
from saedesk.ui.theme import Theme, tokens

GROWS_UNTIL = 1.0
"""The scale from which nodes stay as large as they are."""
SMALLEST_RADIUS = 0.75
GONE_RADIUS = 1.5
"""Of the dot that is left of a family that is not looked for."""
HIT_SLACK = 3.0
NAME_SHARE = 0.04
"""Of the width, for names that reach beyond the outer discs."""
LINK_ALPHA = 0.45
LINK_CLASSES = (0.0, 0.1, 0.3)
"""Shares of documents in common from which lines between families are wider."""


@dataclass(frozen=True)
class OverviewHit:
    """What is under the mouse: a family, and a node of it or none."""

    root: int
    latent: int | None = None


class OverviewDrawing:
    """Paints what is in view of an overview; choices and filters may change at any time."""

    def __init__(
        self,
        layout: OverviewLayout,
        names: Mapping[int, str],
        texts: Mapping[int, str],
        colours: NodeColours | None = None,
        links: Sequence[tuple[int, int, float]] = (),
        halos: HaloTexts | None = None,
        labels: OverviewLabels | None = None,
    ) -> None:
        """`labels` stand for those that would be chosen anew."""
        self.layout, self.links = layout, list(links)
        self.least_bounds = QRectF()
        """Room of a drawing before this one, so that a view of the whole stays as it is."""
        self.labels = labels or OverviewLabels(layout, names, texts, halos)
        self.selected: int | None = None
        self.hovered: OverviewHit | None = None
        self._number = {int(root): at for at, root in enumerate(layout.roots)}
        self._colours = colours
        self._steps = (
            level_steps(layout.depths) if colours is None else colours.steps(layout.latents)
        )
        self._strengths = strength_classes(np.nan_to_num(layout.weights))
        self._has_edge = layout.parents >= 0
        self._stamps: DotStamps | None = None
        self._layers, self._filtered = KeptLayers(), 0
        self.kept_families = np.ones(len(layout.roots), bool)
        self.kept_nodes = np.ones(len(layout.latents), bool)

    @property
    def bounds(self) -> QRectF:
        """All discs, with room for the names around the outer ones."""
        left, top, right, bottom = self.layout.bounds
        edge = NAME_SHARE * (right - left)
        around = QRectF(left, top, right - left, bottom - top)
        return around.adjusted(-edge, -edge / 2, edge, edge).united(self.least_bounds)

    def bounds_at(self, scale: float) -> QRectF:
        """The same at all scales: names stay within what is around the discs."""
        return self.bounds

    @property
    def start(self) -> QPointF:
        """The middle."""
        return self.bounds.center()

    def number_of(self, root: int | None) -> int | None:
        """Where a family stands in the layout."""
        return None if root is None else self._number.get(root)

    def disc_rect(self, root: int) -> QRectF:
        """The square around a family."""
        at = self._number[root]
        x, y = self.layout.centres[at]
        reach = self.layout.disc_radii[at]
        return QRectF(x - reach, y - reach, 2 * reach, 2 * reach)

    @property
    def picked(self) -> tuple[int, ...]:
        """Numbers of the families that are chosen and hovered, of those that are kept."""
        hovered = None if self.hovered is None else self.hovered.root
        numbers = (self.number_of(self.selected), self.number_of(hovered))
        return tuple(at for at in numbers if at is not None and self.kept_families[at])

    def kept_rect(self) -> QRectF:
        """What lies around all families that are kept; empty where none is."""
        around = QRectF()
        for root in self.layout.roots[self.kept_families].tolist():
            around = around.united(self.disc_rect(root))
        return around

    def related(self, root: int) -> list[tuple[int, float]]:
        """Families with documents in common, by number, with how many."""
        pairs = [(b if a == root else a, w) for a, b, w in self.links if root in (a, b)]
        found = [(self._number[other], w) for other, w in pairs if other in self._number]
        return [(other, w) for other, w in found if self.kept_families[other]]

    def keep(self, families: np.ndarray, nodes: np.ndarray) -> None:
        """Makes all families (n_families,) that are not in this mask dots, and fades all nodes (n,)
        that are not in the other."""
        self.kept_families, self.kept_nodes = families, nodes
        self._filtered += 1
        self.labels.keep(families, nodes)

    def target(self, hit: OverviewHit, viewing: Viewing) -> QRectF:
        """What a card about `hit` must not cover, in pixels of the view."""
        at = self._number[hit.root]
        if hit.latent is None:
            (x, y), reach = (
                viewing.to_screen(self.layout.centres[[at]])[0],
                self.layout.disc_radii[at],
            )
            reach = reach * viewing.scale
        else:
            node = np.flatnonzero(
                (self.layout.families == at) & (self.layout.latents == hit.latent)
            )
            x, y = viewing.to_screen(self.layout.places[node[:1]])[0]
            reach = self._radii(viewing.scale)[node[0]] + HIT_SLACK
        return QRectF(x - reach, y - reach, 2 * reach, 2 * reach)

    def hit(self, viewing: Viewing, x: float, y: float) -> OverviewHit | None:
        """What lies under a pixel of the view."""
        layout, at = self.layout, np.array(viewing.to_picture(x, y))
        if not len(layout.roots):
            return None
        apart = np.linalg.norm(layout.centres - at, axis=1) - layout.disc_radii
        apart[~self.kept_families] = np.inf
        family = int(np.argmin(apart))
        if apart[family] > 0:
            named = self.labels.name_at(viewing, x, y, self.picked)
            return None if named is None else OverviewHit(int(layout.roots[named]))
        nodes = np.flatnonzero(layout.families == family)
        away = np.linalg.norm(layout.places[nodes] - at, axis=1) * viewing.scale
        away = away - self._radii(viewing.scale)[nodes]
        nearest = int(np.argmin(away))
        root = int(layout.roots[family])
        if away[nearest] <= HIT_SLACK:
            return OverviewHit(root, int(layout.latents[nodes[nearest]]))
        return OverviewHit(root)

    def paint(self, painter: QPainter, viewing: Viewing, size: QSizeF, exact: bool) -> None:
        """Draw what is in view; `exact` with shapes instead of stamps, for files."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        centres = viewing.to_screen(self.layout.centres)
        reach = self.layout.disc_radii * viewing.scale
        inside = in_view(centres, reach + tokens().space[8], size)

        def ground(to: QPainter) -> None:
            self._paint_discs(to, centres, reach, inside)

        def trees(to: QPainter) -> None:
            self._paint_trees(to, viewing, size, inside, exact)

        def both(to: QPainter) -> None:
            ground(to)
            trees(to)

        surface, clear = Theme.current().colour("surface"), QColor(Qt.GlobalColor.transparent)
        look = viewing, size, painter.device().devicePixelRatio(), surface.rgba(), self._filtered
        if exact or not self._layers.is_same(look):
            ground(painter)
            self._paint_marks(painter, centres, reach)
            trees(painter)
        elif not self.picked:
            self._layers.draw(painter, "both", size, surface, both)
        else:
            self._layers.draw(painter, "ground", size, surface, ground)
            self._paint_marks(painter, centres, reach)
            self._layers.draw(painter, "trees", size, clear, trees)
        self.labels.paint(painter, viewing, size, self, exact)

    def prepare(self, scales: tuple[float, float]) -> bool:
        """Do a part of what will be needed to paint between two scales; whether more is left."""
        return self.labels.prepare(scales)

    def _radii(self, scale: float) -> np.ndarray:
        return np.maximum(SMALLEST_RADIUS, self.layout.radii * min(scale, GROWS_UNTIL))

    def _paint_discs(
        self, painter: QPainter, centres: np.ndarray, reach: np.ndarray, inside: np.ndarray
    ) -> None:
        gone, kept = inside & ~self.kept_families, inside & self.kept_families
        dots = np.full(int(gone.sum()), GONE_RADIUS)
        draw_dots(painter, centres[gone], dots, faded(edge_colour()))
        # Outlines of hundreds of discs would take half of the time of a frame.
        draw_dots(painter, centres[kept], reach[kept], Theme.current().colour("canvas"))

    def _paint_marks(self, painter: QPainter, centres: np.ndarray, reach: np.ndarray) -> None:
        """The disc that is hovered, the one that is chosen, and their lines to others."""
        theme, line = Theme.current(), tokens().focus_ring.width
        hovered = self.number_of(self.hovered.root if self.hovered else None)
        chosen = self.number_of(self.selected)
        if hovered in self.picked and hovered != chosen:
            draw_dots(painter, centres[[hovered]], reach[[hovered]], theme.colour("hover"))
        if chosen in self.picked:
            draw_dots(painter, centres[[chosen]], reach[[chosen]], theme.colour("selection"))
            draw_dots(painter, centres[[chosen]], reach[[chosen]], theme.colour("accent"), line)
        self._paint_links(painter, centres, reach)

    def _paint_trees(
        self,
        painter: QPainter,
        viewing: Viewing,
        size: QSizeF,
        inside: np.ndarray,
        exact: bool,
    ) -> None:
        screen, radii = viewing.to_screen(self.layout.places), self._radii(viewing.scale)
        nodes = np.flatnonzero((inside & self.kept_families)[self.layout.families])
        self._paint_edges(painter, screen, crossing(screen, self._edges_of(nodes), size), viewing)
        nodes = nodes[in_view(screen[nodes], radii[nodes], size)]
        self._paint_nodes(painter, screen[nodes], nodes, viewing.scale, exact)

    def _edges_of(self, nodes: np.ndarray) -> np.ndarray:
        """(n, 2): nodes with a parent, and their parents."""
        nodes = nodes[self._has_edge[nodes]]
        return np.column_stack([nodes, self.layout.parents[nodes]])

    def _paint_edges(
        self, painter: QPainter, screen: np.ndarray, edges: np.ndarray, viewing: Viewing
    ) -> None:
        factor = min(1.0, viewing.scale)
        nodes = edges[:, 0]
        for strength, width in enumerate(edge_widths()):
            for kept in (False, True):
                some = (self._strengths[nodes] == strength) & (self.kept_nodes[nodes] == kept)
                which, parents = edges[some].T
                colour = edge_colour() if kept else faded(edge_colour())
                # Wider than a pixel costs three times as much, and cannot be told from it here.
                wide = width * factor
                pen = QPen(colour, wide if wide > 1.5 else 1)
                draw_lines(painter, screen[parents], screen[which], pen)

    def _paint_nodes(
        self, painter: QPainter, screen: np.ndarray, nodes: np.ndarray, scale: float, exact: bool
    ) -> None:
        shades = palette(self._colours)
        steps = self._steps[nodes] + len(shades) * ~self.kept_nodes[nodes]
        both = [*shades, *(faded(shade) for shade in shades)]
        radii = self._radii(scale)[nodes]
        if exact:
            for step in np.unique(steps):
                draw_dots(painter, screen[steps == step], radii[steps == step], both[step])
            return
        stamps = DotStamps(both, painter.device().devicePixelRatio())
        if self._stamps is None or self._stamps.key != stamps.key:
            self._stamps = stamps
        self._stamps.draw(painter, screen, radii, steps)

    def _paint_links(self, painter: QPainter, centres: np.ndarray, reach: np.ndarray) -> None:
        """Lines to the families that share documents with the chosen one, or the one hovered."""
        root = self.hovered.root if self.hovered else self.selected
        at = self.number_of(root)
        related = [] if at is None or root is None else self.related(root)
        if at is None or not related:
            return
        others = np.array([other for other, _weight in related])
        widths = np.searchsorted(LINK_CLASSES, [weight for _, weight in related], side="right") - 1
        way = centres[others] - centres[at]
        way = way / np.maximum(1e-9, np.linalg.norm(way, axis=1, keepdims=True))
        starts = centres[at] + way * reach[at]
        ends = centres[others] - way * reach[others, None]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for wide in np.unique(widths):
            pen = QPen(Theme.current().colour("accent", LINK_ALPHA), edge_widths()[int(wide)])
            draw_lines(painter, starts[widths == wide], ends[widths == wide], pen)
