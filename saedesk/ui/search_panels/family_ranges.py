"""The natural ranges of sliders of families, each found once."""

from __future__ import annotations

from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.search.family_steering import FamilySlider, natural_range

Range = tuple[float, float] | None
"""The lower and the upper end; None where nothing of the family is active."""


class FamilyRanges:
    """Keeps the ranges of one SAE, by what is turned of the families."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Range] = {}
        self._sae: LoadedSae | None = None

    def of(self, slider: FamilySlider, sae: LoadedSae) -> Range:
        """The range of a slider."""
        if self._sae is not sae:
            self._sae = sae
            self._known.clear()
        key = (slider.root, slider.along)
        if key not in self._known:
            self._known[key] = natural_range(slider, sae.activations)
        return self._known[key]
