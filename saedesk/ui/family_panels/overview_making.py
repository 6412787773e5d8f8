"""Makes the drawing of all families: anew, or, while thresholds move, after the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QSize

from saedesk.features.families.family_tree import FeatureFamily
from saedesk.ui.family_panels.carried_labels import CarriedLabels
from saedesk.ui.family_panels.family_cards import FamilyFacts
from saedesk.ui.family_panels.family_marks import HaloTexts
from saedesk.ui.family_panels.overview_drawing import OverviewDrawing
from saedesk.ui.family_panels.overview_layout import (
    Disc,
    FamilyDiscs,
    Links,
    PackedFamilies,
    Packing,
    layout_at,
    packing_of,
)
from saedesk.ui.family_panels.viewing import Viewing

WIDEST_ASPECT = 2.0


class OverviewMaker:
    """Keeps what one drawing may take from another: discs, their places, pictures of names."""

    def __init__(self) -> None:
        self.packing = Packing(np.zeros(0, np.int64), np.zeros(0), 1.0)
        """The discs of the last drawing."""
        self._discs, self._halos = FamilyDiscs(), HaloTexts()
        self._packed: PackedFamilies | None = None

    def take_packed(self, packed: PackedFamilies) -> None:
        """Where discs lie that were packed in another thread, for when they are shown so."""
        self._packed = packed

    def drawing(
        self,
        families: Sequence[FeatureFamily],
        names: Mapping[int, str],
        facts: FamilyFacts,
        links: Links,
        smallest: float,
        room: QSize,
        before: tuple[OverviewDrawing, Viewing] | None = None,
    ) -> OverviewDrawing:
        """The drawing of families; of `before`, as it is looked at, families and names stay where
        they are. smallest: density, as in `overview_layout`."""
        aspect = float(np.clip(room.width() / max(1, room.height()), 1.0, WIDEST_ASPECT))
        discs = self._discs.of(families, facts.densities, smallest)
        self.packing = packing_of(families, discs, round(aspect, 1))
        made = None if before is None else self._after(discs, names, facts, links, *before)
        if made is not None:
            return made
        layout = layout_at(self.packing, discs, self._centres(links))
        return OverviewDrawing(layout, names, facts.texts, facts.colours, links, self._halos)

    def _after(
        self,
        discs: Sequence[Disc],
        names: Mapping[int, str],
        facts: FamilyFacts,
        links: Links,
        before: OverviewDrawing,
        viewing: Viewing,
    ) -> OverviewDrawing | None:
        centres = self.packing.after(before.layout)
        if centres is None:
            return None
        layout, texts = layout_at(self.packing, discs, centres), facts.texts
        shown = before.labels, viewing, before.picked
        labels = CarriedLabels(layout, names, texts, self._halos, *shown)
        look = facts.colours, links, self._halos, labels
        drawing = OverviewDrawing(layout, names, texts, *look)
        drawing.least_bounds = before.bounds
        return drawing

    def _centres(self, links: Links) -> np.ndarray:
        known = self._packed
        if known is None or not known.is_of(self.packing, links):
            known = PackedFamilies(self.packing, links, self.packing.centres(links))
            self._packed = known
        return known.centres
