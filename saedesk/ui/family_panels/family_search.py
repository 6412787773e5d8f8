"""Finding families: by what their name or a feature's label says, and by where they lie."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from saedesk.ui.family_panels.overview_layout import OverviewLayout

WAYS = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "up": (0.0, -1.0), "down": (0.0, 1.0)}
SIDEWAYS = 2.0
"""What is off the way counts so much more than what is along it."""


class FamilyTexts:
    """The texts of all families of a layout, in which one searches without regard to case."""

    def __init__(
        self, layout: OverviewLayout, names: Mapping[int, str], texts: Mapping[int, str]
    ) -> None:
        self._layout, self._of = layout, (names, texts)
        self._folded: tuple[list[str], list[str]] | None = None

    def matches(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """(n_families,) and (n,) bool: families and nodes with all words of `text`.

        A family whose name has them keeps all its nodes; else only those that have them
        themselves are kept, and the family for their sake.
        """
        words = text.casefold().split()
        layout = self._layout
        if not words:
            return np.ones(len(layout.roots), bool), np.ones(len(layout.latents), bool)
        in_name, in_text = (
            np.array([all(word in one for word in words) for one in some], bool)
            for some in self._small_letters()
        )
        families = in_name.copy()
        families[layout.families[in_text]] = True
        return families, in_text | in_name[layout.families]

    def _small_letters(self) -> tuple[list[str], list[str]]:
        """Names of families and labels of nodes; made once somebody searches."""
        if self._folded is None:
            (names, texts), layout = self._of, self._layout
            self._folded = (
                [names.get(root, "").casefold() for root in layout.roots.tolist()],
                [texts.get(latent, "").casefold() for latent in layout.latents.tolist()],
            )
        return self._folded


def neighbour_towards(centres: np.ndarray, kept: np.ndarray, at: int, way: str) -> int:
    """The nearest of the kept places in the direction of an arrow key; `at` where there is none."""
    along = (centres - centres[at]) @ np.array(WAYS[way])
    across = np.abs((centres - centres[at]) @ np.array(WAYS[way])[::-1])
    reached = kept & (along > 1e-9) & (across <= SIDEWAYS * along)
    if not reached.any():
        return at
    cost = np.where(reached, along + SIDEWAYS * across, np.inf)
    return int(np.argmin(cost))
