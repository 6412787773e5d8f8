"""Names that stay where they stood while thresholds move; others are chosen when they rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from saedesk.ui.family_panels.family_marks import HaloTexts
from saedesk.ui.family_panels.label_places import level_of, scales_of
from saedesk.ui.family_panels.overview_labels import OverviewLabels, shows_features
from saedesk.ui.family_panels.overview_layout import OverviewLayout
from saedesk.ui.family_panels.viewing import Viewing


class CarriedLabels(OverviewLabels):
    """The names that another layout showed, of families and features that are still there.

    Each stands on the side of its disc or node on which it stood; where two would now lie on one
    another, the second one is left out.
    """

    def __init__(
        self,
        layout: OverviewLayout,
        names: Mapping[int, str],
        texts: Mapping[int, str],
        halos: HaloTexts,
        before: OverviewLabels,
        viewing: Viewing,
        picked: Sequence[int],
    ) -> None:
        """before: labels of the other layout, as they were looked at; picked: as there."""
        shown = before.rects(viewing, picked)[0]
        is_name = shown < before.n_families
        shown = np.concatenate([shown[is_name], shown[~is_name]])
        old, families = before.layout, before.families[shown]
        numbers = {root: at for at, root in enumerate(layout.roots.tolist())}
        there = [numbers.get(root, -1) for root in old.roots[families].tolist()]
        families_now = np.array(there, np.int64)
        nodes = before.nodes_named()[shown]
        nodes_now = _nodes(layout, families_now, old.latents[nodes])
        stays = (families_now >= 0) & (nodes_now >= 0)
        names_now = stays & (np.arange(len(shown)) < is_name.sum())
        features = nodes_now[stays & ~names_now]
        super().__init__(layout, names, texts, halos, (families_now[names_now], features))
        level = level_of(viewing.scale)
        anchors, offsets = before.placed(level)
        self._offsets = offsets[shown[stays]]
        if shows_features(level):
            self._anchors = layout.places[nodes_now[stays]]
        else:
            ways = (anchors[shown] - old.centres[families]) / old.disc_radii[families, None]
            at = families_now[stays]
            self._anchors = layout.centres[at] + ways[stays] * layout.disc_radii[at, None]

    def chosen(self, scale: float) -> np.ndarray:
        """Numbers of the labels that are shown at a scale."""
        level = level_of(scale)
        if level not in self._chosen:
            some = np.flatnonzero(self._kept)
            self._chosen[level] = self._apart(some, *self.placed(level), scales_of(level))
        return self._chosen[level]

    def prepare(self, scales: tuple[float, float]) -> bool:
        """Nothing: other names come when the thresholds rest."""
        return False

    def placed(self, level: int) -> tuple[np.ndarray, np.ndarray]:
        """(n, 2) twice: where in the picture labels are held, and pixels from there to them."""
        return self._anchors, self._offsets


def _nodes(layout: OverviewLayout, families: np.ndarray, latents: np.ndarray) -> np.ndarray:
    """(n,) int64: the nodes of some latents in some families, −1 where there is none."""
    span = 1 + max(layout.latents.max(initial=0), latents.max(initial=0))
    keys, wanted = layout.families * span + layout.latents, families * span + latents
    order = np.argsort(keys)
    at = np.searchsorted(keys[order], wanted)
    found = order[np.minimum(at, len(order) - 1)] if len(order) else np.zeros(len(at), np.int64)
    is_there = keys[found] == wanted if len(order) else np.zeros(len(at), bool)
    return np.where(is_there, found, -1)
