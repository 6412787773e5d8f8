"""Finding families: by what their name or a feature's label says, and by where they lie."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from saedesk.ui.family_panels.overview_layout import OverviewLayout

WAYS = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "up": (0.0, -1.0), "down": (0.0, 1.0)}
SIDEWAYS = 2.0
"""What is off the way counts so much more than what is along it."""


class FamilyTexts:
    """The texts of all families of a layout, small letters, ready to be searched."""

    def __init__(
        self, layout: OverviewLayout, names: Mapping[int, str], texts: Mapping[int, str]
    ) -> None:
        self._families = layout.families
        self._names = [names.get(int(root), "").casefold() for root in layout.roots]
        self._texts = [texts.get(int(latent), "").casefold() for latent in layout.latents]

    def matches(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """(n_families,) and (n,) bool: families and nodes with all words of `text`.

        A family whose name has them keeps all its nodes; else only those that have them
        themselves are kept, and the family for their sake.
        """
        words = text.casefold().split()
        in_name = np.array([all(word in name for word in words) for name in self._names], bool)
        in_text = np.array([all(word in label for word in words) for label in self._texts], bool)
        families = in_name.copy()
        families[self._families[in_text]] = True
        return families, in_text | in_name[self._families]


def neighbour_towards(centres: np.ndarray, kept: np.ndarray, at: int, way: str) -> int:
    """The nearest of the kept places in the direction of an arrow key; `at` where there is none."""
    along = (centres - centres[at]) @ np.array(WAYS[way])
    across = np.abs((centres - centres[at]) @ np.array(WAYS[way])[::-1])
    reached = kept & (along > 1e-9) & (across <= SIDEWAYS * along)
    if not reached.any():
        return at
    cost = np.where(reached, along + SIDEWAYS * across, np.inf)
    return int(np.argmin(cost))
