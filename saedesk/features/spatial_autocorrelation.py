"""Whether a feature gathers in space: global Moran's I over the places of a corpus.

    I = (N/W) · Σ_ij w_ij (z_i − m)(z_j − m) / Σ_i (z_i − m)²

z_i is the mean activation over the documents of place i, w_ij = 1/k for the k nearest places on
the globe, so W = N (Moran 1950; means per place as in "Geospatial mechanistic interpretability",
arXiv:2505.03368). About −1/(N − 1) without any structure, towards 1 where neighbours are alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saedesk.features.geographic_places import FEWEST_PLACES, Places
from saedesk.features.sparse_activations import SparseActivations

PERMUTATIONS = 999
FEWEST_PERMUTATIONS = 199
MOST_GATHERED = 8_000_000
"""Neighbours looked at in all permutations; a feature of many places has fewer permutations."""


@dataclass(frozen=True, eq=False)
class SpatialStructure:
    """Moran's I of one feature."""

    moran_i: float
    expected: float
    """−1/(N − 1), what it is on average without structure."""
    z_score: float
    """Distance from the mean of the permutations in their standard deviations."""
    p: float
    """Share of permutations (this arrangement included) with an I at least as large."""
    permutations: int
    n_places: int
    active_places: int
    """Places with a document in which the feature fires."""
    mean_activation: np.ndarray
    """(p,) float64: z of each place, for a map."""
    active_documents: np.ndarray
    """(p,) int64: documents of each place in which the feature fires."""
    by_chance: tuple[float, float] | None = None
    """Between which I lies in 95 % of the permutations."""


def spatial_structure(
    activations: SparseActivations, latent: int, places: Places, seed: int = 0
) -> SpatialStructure | None:
    """Moran's I; None with fewer than 10 places or where all places have the same mean.

    The p-value is one-sided: activations are dealt anew to the places, 999 times (199 at least,
    where a feature fires in very many), the same for the same seed.
    """
    n = len(places.documents)
    if n < FEWEST_PLACES:
        return None
    rows, values = activations.latent(latent)
    place = places.place_of[rows]
    there = place >= 0
    place = place[there]
    active = np.bincount(place, minlength=n)
    z = np.bincount(place, np.asarray(values[there], np.float64), n) / places.documents
    if z.max() - z.min() <= 1e-12 * max(z.max(), 1.0):
        return None
    moran = _Moran(z, places.neighbours)
    observed = moran.of(np.flatnonzero(z))
    dealt = moran.dealt(np.random.default_rng((seed, latent)))
    # Equal arrangements must count as equal in spite of rounding.
    as_large = int((dealt >= observed - 1e-12).sum())
    deviation = float(dealt.std())
    return SpatialStructure(
        moran_i=observed,
        expected=-1.0 / (n - 1),
        z_score=(observed - float(dealt.mean())) / deviation if deviation > 0 else 0.0,
        p=(as_large + 1) / (len(dealt) + 1),
        permutations=len(dealt),
        n_places=n,
        active_places=int((active > 0).sum()),
        mean_activation=z,
        active_documents=active,
        by_chance=(float(np.quantile(dealt, 0.025)), float(np.quantile(dealt, 0.975))),
    )


class _Moran:
    """I of the values z when they lie elsewhere, from the places that have any.

    With rows of weights that add up to 1 and c_j the sum of column j,
    Σ w_ij (z_i − m)(z_j − m) = Σ w_ij z_i z_j − m Σ z_i − m Σ c_j z_j + N m²,
    where every sum runs over places with z ≠ 0: rare features cost little.
    """

    def __init__(self, z: np.ndarray, neighbours: np.ndarray) -> None:
        self._neighbours, self._k = neighbours, neighbours.shape[1]
        self._n, self._mean, self._sum = len(z), float(z.mean()), float(z.sum())
        self._squares = float(((z - self._mean) ** 2).sum())
        self._columns = np.bincount(neighbours.ravel(), minlength=len(z)) / self._k
        self._values = z[z != 0]
        self._field = np.zeros(len(z))

    def of(self, chosen: np.ndarray) -> float:
        """I with the values, in their order, at the places `chosen`."""
        values, field = self._values, self._field
        field[chosen] = values
        products = float(values @ field[self._neighbours[chosen]].sum(axis=1)) / self._k
        field[chosen] = 0.0
        crossed = self._mean * (self._sum + float(values @ self._columns[chosen]))
        return (products - crossed + self._n * self._mean**2) / self._squares

    def dealt(self, generator: np.random.Generator) -> np.ndarray:
        """I (float64) of the values dealt to places at random, so often as time allows."""
        of_each = len(self._values) * self._k
        often = min(PERMUTATIONS, max(FEWEST_PERMUTATIONS, MOST_GATHERED // of_each))
        found = np.empty(often)
        for at in range(often):
            chosen = generator.choice(self._n, len(self._values), replace=False)
            found[at] = self.of(chosen)
        return found
