"""Families of other settings, as the query lane finds them while somebody moves a threshold."""

from __future__ import annotations

import numpy as np

from saedesk.features.families.co_occurrence import CoOccurrence
from saedesk.features.families.family_settings import FamilySettings
from saedesk.features.families.family_tree import FeatureFamily, find_families
from saedesk.task_control import TaskControl


class FamilyTrial:
    """One question: which families do these settings give?"""

    def __init__(
        self, counted: CoOccurrence, settings: FamilySettings, allowed: np.ndarray | None
    ) -> None:
        """`allowed` (n_latents,) bool leaves features out; None for none."""
        self._counted, self._settings, self._allowed = counted, settings, allowed

    def __call__(self, _: TaskControl) -> tuple[FamilySettings, tuple[FeatureFamily, ...]]:
        return self._settings, find_families(self._counted, self._settings, self._allowed)
