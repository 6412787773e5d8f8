"""Names in the overview: families first, their features where one has come near enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QFontMetricsF, QPainter

from saedesk.ui.family_panels.family_marks import HaloTexts
from saedesk.ui.family_panels.label_places import chosen_labels, level_of, scales_of
from saedesk.ui.family_panels.overview_layout import OverviewLayout
from saedesk.ui.family_panels.overview_sides import APART, disc_names, node_names
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.painting import LONGEST_LINE

if TYPE_CHECKING:
    from saedesk.ui.family_panels.overview_drawing import OverviewDrawing
    from saedesk.ui.family_panels.viewing import Viewing

FEATURES_FROM = 1.4
"""The scale from which features have names."""
NEAREST = 4.0
"""The largest scale there is."""
WIDEST_NAME, WIDEST_FEATURE = 152.0, 128.0
NAME_ROLE, FEATURE_ROLE = "column head", "caption"
PADDING = 2.0
MOST_WIDTHS = 30_000
"""Widths of texts that are kept, some 100 bytes each."""
NAMED_AT_ONCE = 400
"""Features whose names find their side of the node in one part of the preparation."""


class OverviewLabels:
    """Chooses and paints names; families of more features come first, then denser features."""

    def __init__(
        self,
        layout: OverviewLayout,
        names: Mapping[int, str],
        texts: Mapping[int, str],
        halos: HaloTexts | None = None,
        which: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> None:
        """`halos` has the texts that were painted before; `which`, of all families and nodes the
        numbers of those that may have names."""
        self.layout = layout
        families, features = which or _by_importance(layout)
        n_families = len(families)
        self.families = np.concatenate([families, layout.families[features]]).astype(np.int64)
        self.nodes = np.concatenate([np.full(n_families, -1), features]).astype(np.int64)
        self._texts = [names.get(root, "") for root in layout.roots[families].tolist()]
        self._texts += [texts.get(latent, "") for latent in layout.latents[features].tolist()]
        self._sizes = self._measured(n_families)
        self._roots = np.flatnonzero(layout.depths == 0)
        self._places: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        self._of_nodes = np.zeros((0, 2)), np.zeros(0)
        self.n_families = n_families
        self._kept = np.ones(len(self._texts), bool)
        self._halos = halos or HaloTexts()
        self._chosen: dict[int, np.ndarray] = {}

    def _measured(self, n_families: int) -> np.ndarray:
        """(n, 2) float64: sizes of all labels, of which the longest are elided."""
        sizes = np.zeros((len(self._texts), 2))
        for role, widest, some in (
            (NAME_ROLE, WIDEST_NAME, slice(0, n_families)),
            (FEATURE_ROLE, WIDEST_FEATURE, slice(n_families, None)),
        ):
            widths = [_text_width(text, role) for text in self._texts[some]]
            sizes[some, 0] = np.minimum(np.array(widths) + 1, widest) + 2 * PADDING
            sizes[some, 1] = tokens().line_height[tokens().type["small"]]
        return sizes

    def keep(self, families: np.ndarray, nodes: np.ndarray) -> None:
        """Leaves all other families and nodes without a name."""
        is_name = self.nodes < 0
        self._kept = np.where(is_name, families[self.families], nodes[self.nodes])
        self._chosen.clear()

    def chosen(self, scale: float) -> np.ndarray:
        """Numbers of the labels that are shown at a scale."""
        level = level_of(scale)
        if level not in self._chosen:
            low, high = scales_of(level)
            anchors, offsets = self.placed(level)
            some = np.flatnonzero(self._kept)
            if shows_features(level):
                free = (some < self.n_families) | (self._named_nodes()[1][some] <= low * 1.001)
                some = some[free]
            else:
                some = some[some < self.n_families]
            self._chosen[level] = self._apart(some, anchors, offsets, (low, high))
        return self._chosen[level]

    def _apart(
        self,
        some: np.ndarray,
        anchors: np.ndarray,
        offsets: np.ndarray,
        scales: tuple[float, float],
    ) -> np.ndarray:
        """Of the labels `some` those that are shown between two scales, where none lies on
        another."""
        mask = chosen_labels(
            anchors[some],
            offsets[some] - np.array(APART) / 2,
            self._sizes[some] + APART,
            scales,
        )
        return some[mask]

    def prepare(self, scales: tuple[float, float]) -> bool:
        """Do the next part of what is needed between two scales; whether more is left.

        A part takes a few milliseconds, so that it fits between two frames.
        """
        if len(self._of_nodes[1]) < len(self._texts):
            self._name_nodes(NAMED_AT_ONCE)
            return True
        for level in range(level_of(scales[0]), level_of(scales[1]) + 1):
            if level not in self._places:
                self.placed(level)
                return True
            if level not in self._chosen:
                self.chosen(scales_of(level)[0])
                return True
        return False

    def placed(self, level: int) -> tuple[np.ndarray, np.ndarray]:
        """(n, 2) twice: where in the picture labels are held, and pixels from there to them.

        From far a family's name stands at its disc, from near at its root, as those of features.
        """
        if level not in self._places:
            if shows_features(level):
                held = self.layout.places[self.nodes_named()], self._named_nodes()[0]
            else:
                names, (low, high) = slice(0, self.n_families), scales_of(level)
                radii = self.layout.radii * min(float(np.sqrt(low * high)), 1.0)
                held = disc_names(
                    self.layout, self.families[names], self._sizes[names], (low, high), radii
                )
            self._places[level] = held
        return self._places[level]

    def nodes_named(self) -> np.ndarray:
        """(n,): the node of each label from near."""
        return np.where(self.nodes < 0, self._roots[self.families], self.nodes)

    def _named_nodes(self) -> tuple[np.ndarray, np.ndarray]:
        """(n, 2) and (n,): where labels stand at nodes, and from which scale they are free."""
        self._name_nodes(len(self._texts))
        return self._of_nodes

    def _name_nodes(self, count: int) -> None:
        """Choose where so many more labels stand at their nodes."""
        offsets, free_from = self._of_nodes
        more = slice(len(offsets), len(offsets) + count)
        nodes, scales = self.nodes_named()[more], (FEATURES_FROM, NEAREST)
        if len(nodes):
            found = node_names(self.layout, nodes, self._sizes[more], scales)
            self._of_nodes = (
                np.concatenate([offsets, found[0]]),
                np.concatenate([free_from, found[1]]),
            )

    def rects(self, viewing: Viewing, picked: Sequence[int] = ()) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of the labels that are shown, and (n, 4) their rectangles in pixels.

        picked: numbers of families whose names are shown first; all others give way to them.
        """
        chosen = self.chosen(viewing.scale)
        anchors, offsets = self.placed(level_of(viewing.scale))
        of_families = self.families[: self.n_families]
        first = [label for number in picked for label in np.flatnonzero(of_families == number)]
        first = [int(label) for label in dict.fromkeys(first) if self._kept[label]]
        numbers = np.array([*first, *chosen[~np.isin(chosen, first)]], np.int64)
        corners = viewing.to_screen(anchors[numbers]) + offsets[numbers]
        rects = np.concatenate([corners, corners + self._sizes[numbers]], axis=1)
        stays = np.ones(len(numbers), bool)
        for at in range(len(first)):
            if stays[at]:
                over = (rects[:, :2] < rects[at, 2:]) & (rects[at, :2] < rects[:, 2:])
                stays &= ~over.all(axis=1) | (np.arange(len(numbers)) <= at)
        return numbers[stays], rects[stays]

    def name_at(
        self, viewing: Viewing, x: float, y: float, picked: Sequence[int] = ()
    ) -> int | None:
        """The family whose name lies under a pixel."""
        chosen, rects = self.rects(viewing, picked)
        under = (rects[:, 0] <= x) & (x <= rects[:, 2]) & (rects[:, 1] <= y) & (y <= rects[:, 3])
        found = chosen[under & (chosen < self.n_families)]
        return int(self.families[found[0]]) if len(found) else None

    def paint(
        self,
        painter: QPainter,
        viewing: Viewing,
        size: QSizeF,
        drawing: OverviewDrawing,
        exact: bool,
    ) -> None:
        """Draw what is in view; the chosen family and the one hovered have their names anyway."""
        chosen, rects = self.rects(viewing, drawing.picked)
        inside = (rects[:, 2] >= 0) & (rects[:, 0] <= size.width())
        inside &= (rects[:, 3] >= 0) & (rects[:, 1] <= size.height())
        for at in np.flatnonzero(inside):
            left, top, _right, _bottom = rects[at]
            self._paint_one(painter, int(chosen[at]), left, top, exact)

    def _paint_one(
        self, painter: QPainter, label: int, left: float, top: float, exact: bool
    ) -> None:
        is_name = label < self.n_families
        role, colour = (NAME_ROLE, "text1") if is_name else (FEATURE_ROLE, "text2")
        place = QRectF(left, top, *self._sizes[label])
        self._halos.draw(painter, place, self._texts[label], role, colour, exact)


def _by_importance(layout: OverviewLayout) -> tuple[np.ndarray, np.ndarray]:
    """(n_families,) and (n,): the largest family first, and the densest node below a root."""
    n, sizes = len(layout.roots), np.bincount(layout.families)
    by_size = np.lexsort((np.arange(n), -sizes)) if n else np.zeros(0, np.int64)
    features = np.flatnonzero(layout.depths > 0)
    return by_size, features[np.argsort(-layout.radii[features], kind="stable")]


@cache
def _metrics(role: str) -> QFontMetricsF:
    return QFontMetricsF(Theme.current().font(role))


@lru_cache(maxsize=MOST_WIDTHS)
def _text_width(text: str, role: str) -> float:
    """Kept: the same features are named whatever the thresholds."""
    return _metrics(role).horizontalAdvance(text[:LONGEST_LINE])


def shows_features(level: int) -> bool:
    """Whether features have names in a range of scales, and families have theirs at the root."""
    return scales_of(level)[0] >= FEATURES_FROM
