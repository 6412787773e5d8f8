"""Whether one feature seems absorbed by more special ones, or seems to absorb a general one.

The same suspicion as `absorption.suspected_absorption` finds over all pairs of a sample, asked of
one feature with documents of its own and of its candidates: candidates are the features closest
in direction, and of each feature some documents are read, drawn by a seed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saedesk.features.absorption import (
    FEWEST_DOCUMENTS,
    LEAST_COSINE,
    SHARE_NEAR,
    SHARE_SILENT,
    TIMES_AS_GENERAL,
    AbsorbedPair,
)
from saedesk.features.mapped_arrays import read_ahead
from saedesk.features.sparse_activations import SparseActivations

MOST_CANDIDATES = 8
"""Features looked at on each side, those closest in direction first."""
DOCUMENTS_READ = 100
"""Of each feature; each is a place of its own on a cold disk."""


@dataclass(frozen=True)
class SuspectedAbsorption:
    """Pairs of one feature with others; `documents` and `silent` count in documents read."""

    absorbed_by: tuple[AbsorbedPair, ...]
    """Pairs in which the feature is the general one, the most silent documents first."""
    absorbs: tuple[AbsorbedPair, ...]
    """Pairs in which it is the special one."""


def absorption_of_feature(
    vectors: np.ndarray,
    directions: np.ndarray,
    activations: SparseActivations,
    latent: int,
    *,
    seed: int = 0,
) -> SuspectedAbsorption:
    """Suspected pairs of one feature.

    vectors: (n_documents, d) rows as in `activations`; directions: (n_latents, d) unit rows.
    Features that fire in fewer than FEWEST_DOCUMENTS documents are not judged. Equal to the
    search over all pairs where no feature has more than DOCUMENTS_READ documents, but that here
    every special feature is told and not only one general feature for each.
    """
    look = _Look(vectors, directions, activations, seed)
    count = look.counts[latent]
    if count < FEWEST_DOCUMENTS:
        return SuspectedAbsorption((), ())
    cosines = np.asarray(directions @ directions[latent], np.float32)
    cosines[latent] = -np.inf
    is_close = (cosines >= LEAST_COSINE) & (look.counts >= FEWEST_DOCUMENTS)
    special = _closest(cosines, is_close & (look.counts * TIMES_AS_GENERAL <= count))
    general = _closest(cosines, is_close & (look.counts >= TIMES_AS_GENERAL * count))
    absorbed_by = [look.pair(latent, int(one), float(cosines[one])) for one in special]
    absorbs = [look.pair(int(one), latent, float(cosines[one])) for one in general]
    return SuspectedAbsorption(_ranked(absorbed_by), _ranked(absorbs))


class _Look:
    """Reads the documents of features, each only once."""

    def __init__(
        self,
        vectors: np.ndarray,
        directions: np.ndarray,
        activations: SparseActivations,
        seed: int,
    ) -> None:
        self._vectors, self._directions = vectors, directions
        self._activations, self._seed = activations, seed
        self.counts = np.diff(activations.latent_offsets)
        self._read: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def pair(self, general: int, special: int, cosine: float) -> AbsorbedPair | None:
        """The pair where it is suspected."""
        direction = self._directions[general]
        border = np.quantile(self._documents(general)[1] @ direction, 0.25)
        rows, vectors = self._documents(special)
        near = vectors @ direction >= border
        fires = np.isin(rows, self._activations.latent(general)[0])
        inside, silent = int(near.sum()), int((near & ~fires).sum())
        if inside < SHARE_NEAR * len(rows) or silent < SHARE_SILENT * inside:
            return None
        return AbsorbedPair(general, special, cosine, inside, silent)

    def _documents(self, latent: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows (r,), ascending, and vectors (r, d) float32 of some documents of a feature."""
        if latent not in self._read:
            rows = np.asarray(self._activations.latent(latent)[0])
            if len(rows) > DOCUMENTS_READ:
                generator = np.random.default_rng((self._seed, latent))
                rows = generator.choice(rows, DOCUMENTS_READ, replace=False)
            rows = np.sort(rows)
            read_ahead(self._vectors, rows)
            self._read[latent] = (rows, np.asarray(self._vectors[rows], np.float32))
        return self._read[latent]


def _closest(cosines: np.ndarray, is_candidate: np.ndarray) -> np.ndarray:
    candidates = np.flatnonzero(is_candidate)
    return candidates[np.argsort(-cosines[candidates], kind="stable")][:MOST_CANDIDATES]


def _ranked(pairs: list[AbsorbedPair | None]) -> tuple[AbsorbedPair, ...]:
    found = [pair for pair in pairs if pair is not None]
    return tuple(sorted(found, key=lambda pair: (-pair.silent, pair.general, pair.special)))
