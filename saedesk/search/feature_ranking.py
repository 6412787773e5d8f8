"""A feature or a family alone as the query: documents by its activation, then by its direction.

The value of a document is Σ w_i z_i, its activations by the shares of the target and by what was
turned. Documents in which all of these are silent have no value; they follow those above zero, in
the order of their cosine with the direction.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from saedesk.errors import NothingToSearch
from saedesk.features.sparse_activations import SparseActivations
from saedesk.search.explanation import Contribution, Kind
from saedesk.search.query_features import added
from saedesk.search.scored_ranking import ScoredRanking
from saedesk.search.steering_plan import Target
from saedesk.search.target_values import moves_of, shares_of, summed_activations

_BEYOND = 2.0
"""No cosine reaches it, so that any value above zero comes before any silent document."""


def direction_of(target: Target, decoder: np.ndarray) -> np.ndarray:
    """The direction (d,) float64 of a feature or a family, as long as the decoder has it.

    Raises NothingToSearch where it is zero.
    """
    direction = added(moves_of(target), decoder)
    if not np.linalg.norm(direction) > 0.0:
        raise NothingToSearch(
            "This feature has no direction, so nothing can be searched for with it. "
            "Choose another one."
        )
    return direction


class FeatureRanking(ScoredRanking):
    """Documents by the value of a target, with features turned up or down beside it."""

    def __init__(
        self,
        target: Target,
        strengths: Mapping[int, float],
        cosines: np.ndarray,
        activations: SparseActivations,
        allowed: np.ndarray | None,
    ) -> None:
        """`cosines` (n,) are those with the direction, −inf for rows that never appear."""
        shares = shares_of(target)
        for latent, strength in strengths.items():
            shares[latent] = shares.get(latent, 0.0) + strength
        values, _ = summed_activations(shares, activations)
        order = np.where(values > 0.0, values + _BEYOND, values - _BEYOND)
        silent = values == 0.0
        order[silent] = cosines[silent]
        order[cosines == -np.inf] = -np.inf
        if allowed is not None:
            order[~allowed] = -np.inf
        super().__init__(order, values)
        self._activations, self._shares, self._strengths = activations, shares, dict(strengths)

    @property
    def active(self) -> int:
        """In how many documents that take part the value is above zero."""
        return int(np.count_nonzero(self._order > 1.0 + 1e-3))

    def parts(self, row: int) -> tuple[Contribution, ...]:
        """What each active feature adds to the value, largest first; none where all are silent."""
        latents, active = self._activations.document(row)
        bars = [
            Contribution(latent, self._shares[latent] * value, self._kind(latent))
            for latent, value in zip(latents.tolist(), active.tolist(), strict=True)
            if self._shares.get(latent, 0.0) != 0.0
        ]
        return tuple(sorted(bars, key=lambda bar: (-abs(bar.value), bar.latent)))

    def _kind(self, latent: int) -> Kind:
        moved = self._strengths.get(latent, 0.0)
        return "up" if moved > 0.0 else "down" if moved < 0.0 else "typed"
