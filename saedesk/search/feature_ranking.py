"""A feature or a family alone as the query: documents by its activation, then by its direction.

The value of a document is Σ w_i z_i, its activations by the shares of the target and by what was
turned. Documents in which all of these are silent have no value; they follow those above zero, in
the order of their cosine with the direction of the target, whatever is turned.

Turned features change the values of all documents from v to v'. How far that is from what was asked
is cos(v, v') over the documents that take part, and a cap scales what was turned.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence

import numpy as np

from saedesk.errors import NothingToSearch
from saedesk.features.sparse_activations import SparseActivations
from saedesk.search.explanation import Contribution, Kind
from saedesk.search.query_features import QueryFeatures, added, take_apart
from saedesk.search.scored_ranking import ScoredRanking
from saedesk.search.steering_plan import Target
from saedesk.search.target_values import moves_of, shares_of, summed_activations

_BEYOND = 2.0
"""No cosine reaches it, so that any value above zero comes before any silent document."""
_ROUNDING = 1e-6
"""What is left of a weight that a slider takes away in single precision."""
_FIRST = 1e12
"""Above every value: what stands in front stands there by its place alone."""


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


def query_of_target(target: Target, vector: np.ndarray, decoder: np.ndarray) -> QueryFeatures:
    """A target as a query along `vector` (d,), with the weights that documents are ranked by.

    No SAE reads it: strengths are added to these weights, and a slider stands where a weight is.
    """
    shares = shares_of(target)
    values = np.array(list(shares.values())) * np.linalg.norm(vector)
    return take_apart(vector, np.array(list(shares), np.int64), values, decoder)


def cosine_of_values(before: np.ndarray, after: np.ndarray) -> float:
    """cos(v, v') of the values of all documents (n,); 1 where no document had any."""
    length = float(np.linalg.norm(before))
    if length == 0.0 or after is before:
        return 1.0
    if not after.any():
        raise NothingToSearch(
            "There is nothing to search for: the sliders cancel the query out. "
            "Put one of them back."
        )
    return float(np.clip(before @ after / (length * float(np.linalg.norm(after))), -1.0, 1.0))


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
        shares = {latent: share for latent, share in shares.items() if abs(share) > _ROUNDING}
        values, _ = summed_activations(shares, activations)
        order = np.where(values > 0.0, values + _BEYOND, values - _BEYOND)
        silent = values == 0.0
        order[silent] = cosines[silent]
        taking_part = cosines != -np.inf
        if allowed is not None:
            taking_part &= allowed
        order[~taking_part] = -np.inf
        super().__init__(order, values)
        self.values = np.where(taking_part, values, 0.0)
        """(n,) float64, 0 for documents that do not take part."""
        self._activations, self._shares, self._strengths = activations, shares, dict(strengths)
        self._more: Mapping[int, tuple[Contribution, ...]] = {}

    @property
    def active(self) -> int:
        """In how many documents that take part the value is above zero."""
        return int(np.count_nonzero(self.values > 0.0))

    def with_first(
        self, rows: Sequence[int] | np.ndarray, more: Mapping[int, Sequence[Contribution]]
    ) -> FeatureRanking:
        """The same ranking with these rows in front, in their order.

        `more` are parts of scores, by row, for which they stand there.
        """
        found = copy.copy(self)
        found._order = self._order.copy()
        found._order[np.asarray(rows, np.int64)] = _FIRST + np.arange(len(rows), 0, -1)
        found._shown = self._shown.copy()
        for row, parts in more.items():
            found._shown[row] += sum(part.value for part in parts)
        found._more = {row: tuple(parts) for row, parts in more.items()}
        return found

    def parts(self, row: int) -> tuple[Contribution, ...]:
        """What each active feature adds to the value, largest first; none where all are silent."""
        latents, active = self._activations.document(row)
        bars = [
            Contribution(
                latent,
                self._shares[latent] * value,
                self._kind(latent),
                moved=self._strengths.get(latent, 0.0) * value,
            )
            for latent, value in zip(latents.tolist(), active.tolist(), strict=True)
            if self._shares.get(latent, 0.0) != 0.0
        ]
        bars.sort(key=lambda bar: (-abs(bar.value), bar.latent))
        return (*bars, *self._more.get(row, ()))

    def _kind(self, latent: int) -> Kind:
        moved = self._strengths.get(latent, 0.0)
        return "up" if moved > 0.0 else "down" if moved < 0.0 else "typed"
