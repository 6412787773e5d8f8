"""Families of other settings, as the query lane finds them while somebody moves a threshold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from saedesk.features.families.co_occurrence import CoOccurrence
from saedesk.features.families.family_settings import FamilySettings
from saedesk.features.families.family_tree import FeatureFamily, find_families
from saedesk.features.families.feature_filter import FeatureFilter
from saedesk.task_control import TaskControl

AllowedFeatures = np.ndarray | Callable[[], np.ndarray | None] | None
"""(n_latents,) bool that leaves features out, or what makes it in the lane; None for none."""
TriedFamilies = tuple[FamilySettings, FeatureFilter, tuple[FeatureFamily, ...]]


class FamilyTrial:
    """One question: which families do these settings and this filter give?"""

    def __init__(
        self,
        counted: CoOccurrence,
        settings: FamilySettings,
        allowed: AllowedFeatures,
        wanted: FeatureFilter | None = None,
    ) -> None:
        """`wanted` is the filter that `allowed` comes from."""
        self._counted, self._settings, self._allowed = counted, settings, allowed
        self._wanted = wanted or FeatureFilter()

    def __call__(self, control: TaskControl) -> TriedFamilies:
        control.checkpoint()
        allowed = self._allowed() if callable(self._allowed) else self._allowed
        found = find_families(self._counted, self._settings, allowed, control)
        return self._settings, self._wanted, found
