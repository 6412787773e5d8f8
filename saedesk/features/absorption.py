"""Features that are silent where a more special one fires, though their documents are alike.

"A is for absorption" (Chanin et al. 2024, arXiv:2409.14507): a sparse dictionary spares an active
feature by letting the special one carry the direction of the general one too. Here, without known
concepts, a pair of features is suspected when

    cos(d_general, d_special) ≥ .25,
    the general feature fires in at least 1.5 times as many documents,
    of the documents of the special feature at least half lie as far along the general direction
    as the documents of the general feature do (x·d_general not below the lower quartile of those),
    and the general feature is silent in at least 80 % of these.

On 30,000 abstracts four pairs of 768 features are suspected at k = 8, such as “Plasma, magnetic
reconnection” in “Plasma, quantum”, none at k = 32, and 27 and 46 pairs of 3,072 features.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saedesk.features.sparse_activations import SparseActivations

LEAST_COSINE = 0.25
TIMES_AS_GENERAL = 1.5
SHARE_NEAR = 0.5
SHARE_SILENT = 0.8
FEWEST_DOCUMENTS = 10
"""Of a feature in the sample, to say anything about it."""
_MOST_DOCUMENTS = 8000
_MOST_PROJECTIONS = 10_000_000


@dataclass(frozen=True)
class AbsorbedPair:
    """A general feature that a special one seems to have absorbed."""

    general: int
    special: int
    cosine: float
    """Of the two directions."""
    documents: int
    """Documents of the special feature in the sample that the general one should fire in."""
    silent: int
    """In how many of these it does not."""


def suspected_absorption(
    vectors: np.ndarray, decoder: np.ndarray, activations: SparseActivations, *, seed: int = 0
) -> list[AbsorbedPair]:
    """Suspected pairs, those with the most silent documents first.

    `vectors` (n_documents, d) are the rows that `activations` belong to, `decoder` (n_latents, d)
    has unit rows. A sample of up to 8,000 documents is read.
    """
    room = max(1, _MOST_PROJECTIONS // max(1, len(decoder)))
    chosen = np.random.default_rng(seed).permutation(activations.n_documents)
    rows = np.sort(chosen[: min(_MOST_DOCUMENTS, room)])
    fires = _fires(activations, rows)
    known = np.flatnonzero(fires.sum(1) >= FEWEST_DOCUMENTS)
    if len(known) < 2:
        return []
    sample = np.asarray(vectors[rows], np.float32)
    directions = np.ascontiguousarray(decoder[known], np.float32)
    search = _Pairs(directions @ directions.T, fires[known], directions @ sample.T)
    found = [search.of(special) for special in range(len(known))]
    pairs = [
        AbsorbedPair(int(known[p.general]), int(known[p.special]), p.cosine, p.documents, p.silent)
        for p in found
        if p is not None
    ]
    return sorted(pairs, key=lambda pair: (-pair.silent, pair.general, pair.special))


def _fires(activations: SparseActivations, rows: np.ndarray) -> np.ndarray:
    """(n_latents, len(rows)) bool: which latents are active in which documents."""
    found = np.zeros((activations.n_latents, len(rows)), bool)
    for at, row in enumerate(rows):
        found[activations.document(int(row))[0], at] = True
    return found


class _Pairs:
    """Looks for the general feature of a special one; arrays are (latents, documents)."""

    def __init__(self, cosines: np.ndarray, fires: np.ndarray, along: np.ndarray) -> None:
        self._cosines, self._fires = cosines, fires
        self._counts = fires.sum(1)
        self._near = np.empty_like(fires)
        for latent, active in enumerate(fires):
            # As far along the direction as three of four of its own documents.
            self._near[latent] = along[latent] >= np.quantile(along[latent, active], 0.25)

    def of(self, special: int) -> AbsorbedPair | None:
        """The suspected pair with the most silent documents, or None."""
        cosines, count = self._cosines[special], self._counts[special]
        is_general = (cosines >= LEAST_COSINE) & (self._counts >= TIMES_AS_GENERAL * count)
        candidates = np.flatnonzero(is_general)
        if not len(candidates):
            return None
        documents = np.flatnonzero(self._fires[special])
        at = np.ix_(candidates, documents)
        near = self._near[at]
        silent = (near & ~self._fires[at]).sum(1)
        inside = near.sum(1)
        is_suspected = (inside >= SHARE_NEAR * count) & (silent >= SHARE_SILENT * inside)
        if not is_suspected.any():
            return None
        best = int(np.argmax(np.where(is_suspected, silent, -1)))
        general = int(candidates[best])
        cosine = float(cosines[general])
        return AbsorbedPair(general, special, cosine, int(inside[best]), int(silent[best]))
